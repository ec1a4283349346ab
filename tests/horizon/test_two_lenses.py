"""Two stores that differ only in confidential rows and decisions give the public reader the same bytes."""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fictional import AS_OF, COUNTS, FEED, LOOKS, WIRE, World, counts, feed, row, wire

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.review import Act, Decision
from domain.signal import Look, short_hash
from domain.source import SourceState
from horizon import stages
from review.ledger import Ledger
from warehouse.connection import FILES, open_store
from warehouse.landing import land_look
from warehouse.outcome import TABLES

TOKEN = "Xyzzy7"  # noqa: S105  (planted, so that a leak can be found)
RAW = ("raw_payloads", "raw_looks", "raw_reports", "raw_observations", "raw_defects", "raw_decisions")
HELD = Protection(
    lens=Lens.RESTRICTED,
    classification=Classification.CONFIDENTIAL,
    source_sharing=Sharing.RED,
    consent_scope=Consent.INTERNAL_USE,
    valid_from=datetime(2024, 1, 1, tzinfo=UTC).date(),
)
CONFIDENTIAL = """
lens = "restricted"
classification = "confidential"
source_sharing = "red"
consent_scope = "internal_use"
origin = "{token} origin"
notes = "{token} notes"
"""


def plant(world: World) -> None:
    """Confidential cards of every kind, rows that would change every gate, defects, looks and decisions."""
    secret = CONFIDENTIAL.format(token=TOKEN)
    names = {"title": f"{TOKEN} title", "publisher": f"{TOKEN} publisher"}
    named = 'first_level = "province"\nactor = "who"\nvictim = "whom"\naddressee = "to"'
    code = WIRE.replace('first_level = "province"', named).replace('["Killed"]', '["Killed", "note"]')
    code = code.replace('outcome = "killed"', 'outcome = "killed"\nvictim = "whom"')
    losses = COUNTS.replace("deaths", "losses").replace('indicator = "losses"', f'indicator = "{TOKEN}_losses"')
    losses = losses.replace('unit = "losses"', f'unit = "{TOKEN} losses"\nlabel = "{TOKEN} label"')
    loud = [
        row(f"{TOKEN}-{number}", f"2024-01-{3 + number % 5:02d}", place, killed=60, headline=f"{TOKEN} headline")
        | {"province": f"{TOKEN} province", "who": f"{TOKEN} actor", "whom": f"{TOKEN} victim"}
        | {"to": f"{TOKEN} addressee", "note": f"{TOKEN} note", f"{TOKEN} field": "nobody reads it"}
        for number, place in enumerate(["Ruritania", "Orsinia", "Freedonia", "Laurania", f"{TOKEN} land"] * 3)
    ]
    world.card(f"{TOKEN.lower()}_wire", code, more=secret, **names)
    world.card(f"{TOKEN.lower()}_counts", losses, more=secret, **names)
    world.card(f"{TOKEN.lower()}_feed", FEED, more=secret, **names)
    world.card(f"{TOKEN.lower()}_broken", code, more=secret, **names)
    for path in (world.folder / "cards").glob(f"{TOKEN.lower()}_*.toml"):
        card = path.read_text("utf-8").replace('"CC0"', f'"{TOKEN} licence"')
        path.write_text(card.replace('coverage = "fictional"', f'coverage = "{TOKEN} coverage"'), "utf-8")
    months = [f"{place},2023-{month:02d}-15,{month}" for place in ("Ruritania", "Averna") for month in range(1, 13)]
    for when in LOOKS:
        world.look(f"{TOKEN.lower()}_wire", wire(*loud, row(f"{TOKEN}-bad", f"{TOKEN} day")), when)
        told = counts(*months, "Ruritania,2024-01-01,900", f"{TOKEN} land,2024-01-01,9").replace(b"deaths", b"losses")
        world.look(f"{TOKEN.lower()}_counts", told, when, kind="csv_file")
        entry = (TOKEN, f"{TOKEN} news", "Wed, 03 Jan 2024 10:00:00 GMT")
        world.look(f"{TOKEN.lower()}_feed", feed(entry), when, kind="rss")
    world.look(f"{TOKEN.lower()}_broken", TOKEN.encode())
    failed = Look(
        source_id=f"{TOKEN.lower()}_wire", looked_at=LOOKS[1], state=SourceState.FAILED, detail=f"{TOKEN} detail"
    )
    land_look(world.settings().landing, failed, HELD)


def decide(world: World) -> None:
    """A restricted analyst sets aside and corrects an incident of a public source, writes, and stops the draft."""
    public = short_hash("gazette_wire", "n1")
    incident = short_hash("incident", "Publisher of gazette_wire", "n1", "XRU")
    situation = short_hash("situation", "XRU", "2024-W04")
    made = (
        (Act.SET_ASIDE, public, {}),
        (Act.STOP, "2024-W04/r1/public", {}),
        (Act.CONFIRM_LEVEL, TOKEN, {}),
        (Act.PARK, incident, {}),
        (Act.CORRECT, incident, {"field": "state", "coded": "XRU", "value": "XAV"}),
        (Act.FINDING, f"XRU T02 P4 2024-01-02 {TOKEN}", {}),
        (Act.WRITE, f"situation/{situation}", {"text": {"why_now": f"{TOKEN} why", "account": f"{TOKEN} account"}}),
        (Act.TELL, f"account/{situation}", {"comment": "sought", "on": "2024-01-20", "text_version": 1}),
    )
    for act, on, said in made:
        decision = Decision(
            act=act,
            object_id=on,
            object_hash=TOKEN,
            by=f"{TOKEN} person",
            role=f"{TOKEN} role",
            author=f"{TOKEN} author",
            reason=f"{TOKEN} reason",
            decided_at=LOOKS[2],
            lens=Lens.RESTRICTED,
            operating_system_user=f"{TOKEN} user",
            content=json.dumps(said) if said else "",
        )
        Ledger(world.settings().decisions.parent).save(decision, HELD, version=None)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def tables(folder: Path, lens: Lens = Lens.PUBLIC) -> dict[str, list[tuple[object, ...]]]:
    with open_store(folder, lens, read_only=True) as store:
        return {table: store.dump(table).rows() for table in (*RAW, *TABLES)}


@dataclass(frozen=True)
class Pair:
    plain: World
    planted: World


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both worlds run restricted first, as an analyst's machine would, and then public."""
    plain = World(tmp_path_factory.mktemp("one") / "store").with_sources()
    planted = World(tmp_path_factory.mktemp("two") / "store").with_sources()
    plant(planted)
    decide(planted)
    for world in (plain, planted):
        world.run(Lens.RESTRICTED)
        world.run(Lens.PUBLIC)
    return Pair(plain, planted)


def test_the_planted_rows_change_the_restricted_run(pair: Pair):
    before, after = (world.rows("out_states") for world in (pair.plain, pair.planted))
    assert before != after
    restricted = tree(pair.planted.settings(Lens.RESTRICTED).drafts / "2024-W04")
    assert TOKEN.encode() in b"".join(restricted.values())
    confidential = {
        table: found for table, found in tables(pair.planted.settings().var, Lens.RESTRICTED).items() if found
    }
    assert set(RAW) <= set(confidential)


def test_the_public_drafts_are_the_same_tree_of_names_and_bytes(pair: Pair):
    plain, planted = (tree(world.settings(Lens.PUBLIC).drafts) for world in (pair.plain, pair.planted))
    assert len(plain) > 10
    assert sorted(planted) == sorted(plain)
    assert planted == plain


@pytest.mark.parametrize("folder", ["", "snapshots"])
def test_the_public_warehouse_and_its_snapshot_hold_the_same_rows(pair: Pair, folder):
    plain, planted = (tables(world.settings().var / folder) for world in (pair.plain, pair.planted))
    assert plain["raw_reports"]
    assert plain["out_states"]
    assert planted == plain


def test_no_planted_token_is_in_any_public_byte(pair: Pair):
    settings = pair.planted.settings(Lens.PUBLIC)
    public = tree(settings.drafts)
    public["warehouse"] = (settings.var / FILES[Lens.PUBLIC]).read_bytes()
    public["snapshot"] = (settings.var / "snapshots" / FILES[Lens.PUBLIC]).read_bytes()
    leaks = [
        name for name, body in public.items() if TOKEN.lower().encode() in body.lower() or TOKEN.lower() in name.lower()
    ]
    assert leaks == []


def test_the_public_lens_says_the_same_to_the_person_who_ran_it(pair: Pair):
    told = [stages.draft(as_of=AS_OF, settings=world.settings(Lens.PUBLIC)) for world in (pair.plain, pair.planted)]
    assert told[0].summary == told[1].summary
    assert (told[0].real_cards, told[0].cards) == (told[1].real_cards, told[1].cards)


def test_every_confidential_row_carries_its_protection(pair: Pair):
    held = tuple(str(getattr(HELD, field.name)) for field in fields(HELD) if field.name != "valid_from")
    with open_store(pair.planted.settings().var, Lens.RESTRICTED, read_only=True) as store:
        for table in RAW:
            found = store.dump(table).select("lens", "classification", "source_sharing", "consent_scope")
            assert set(found.rows()) == {held}, table
