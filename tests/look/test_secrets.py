"""Planted tokens in every confidential field reach no public form, file name, metadata, log, feed or site."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import get_type_hints

import polars as pl
import pytest
import test_two_lenses as lenses
from fictional import LOOKS, World
from opened import read_every

from domain.classification import Lens
from domain.review import Act, Authentication, Decision
from domain.signal import short_hash
from domain.source import SourceCard, load_cards
from horizon.commands.site import write_site
from review import comment, levels, situations
from review import ledger as chain
from review.intake import COLUMNS
from review.ledger import Ledger
from warehouse.connection import open_store

TOKEN = lenses.TOKEN
GIVEN = {
    "source_class": "defenders",
    "title": f"{TOKEN} three persons killed in Ruritania",
    "text": f"{TOKEN} text: three persons were killed.",
    "place": "Ruritania",
    "first_level": f"{TOKEN} province",
    "occurred_on": "2024-01-20",
    "consent": "share_un",
    "consent_until": "2030-01-01",
}

# What people write: a field that is added to a form and holds no token here fails the test of the fields below.
CLOSED_GIVEN = {"source_class", "place", "occurred_on", "classification", "sharing", "consent", "consent_until"}
TEXTS = [one.name for one in fields(situations.Text)]
ACCOUNT = {"comment": "received", "on": "2024-01-25", "words": f"{TOKEN} account", "language": "English"}
LEVEL = {
    "run": "2024-W04", "from_level": "none", "proposed_level": "watch", "to_level": "urgent", "first_hand": False,
    "rules_departed_from": [f"{TOKEN} rule"], "incidents_for": [], "contrary_considered": [f"{TOKEN} contrary"],
    "expires_on": "2024-02-10",
}  # fmt: skip
# Columns and fields that hold no words of anybody: hashes, codes of our own, closed sets, names of languages.
PROTECTION = {"lens", "classification", "source_sharing", "consent_scope"}
NO_WORDS = {
    "raw_payloads": {"payload_sha", "media_type", "basis"},
    "raw_looks": {"look_sha", "state", "payloads"},
    "raw_reports": {"report_id", "version", "payload_sha", "language", "basis"},
    "raw_observations": {"payload_sha", "period_kind", "basis"},
    "raw_defects": {"payload_sha", "level", "check_name"},
    "raw_decisions": {"decision_sha", "act", "authentication", "previous"},
}
CARD_NO_WORDS = {"kind", "cadence", "source_class", "languages", "method", *PROTECTION}
# How a source is asked: they go to the client alone, and a replay asks nobody.
CARD_ASKS = {"credentials", "auth", "query", "token_url", "token_form", "body", "places"}


def decide_everything(world: World) -> None:
    """Restricted decisions of every kind on what is public, with a token in each field that people fill in.

    A report that was given to us is one of them, with consent to share it within the United Nations.
    """
    public = short_hash("gazette_wire", "n1")
    situation = short_hash("situation", "XRU", "2024-W04")
    for number, act in enumerate(Act):
        for on in (public, situation, f"situation:{situation}", "2024-W04/r1/public", f"XRU {TOKEN}"):
            if act is Act.APPROVE and on == "2024-W04/r1/public":
                # The approval of a public edition is what releases it, and the next draft is another one.
                continue
            decision = Decision(
                act=act,
                object_id=on,
                object_hash=TOKEN,
                by=f"{TOKEN} person {number}",
                role=f"{TOKEN} role",
                author=f"{TOKEN} author",
                reason=f"{TOKEN} reason",
                decided_at=LOOKS[number % 4],
                lens=Lens.RESTRICTED,
                authentication=Authentication.SIGNED_IN,
                operating_system_user=f"{TOKEN} user",
                previous=TOKEN,
                content=json.dumps(GIVEN if act is Act.RECEIVE else {"text": f"{TOKEN} content"}),
            )
            Ledger(world.settings().decisions.parent).save(decision, lenses.HELD, version=None)
    for act, on, content in (
        (Act.WRITE, situations.object_of(situation), {"text": dict.fromkeys(TEXTS, f"{TOKEN} text"), "facts": {}}),
        (Act.TELL, comment.object_of(situation), {"comment": "sought", "on": "2024-01-20", "text_version": 1}),
        (Act.TELL, comment.object_of(situation), ACCOUNT),
        (Act.JOIN, f"join/{situation}", {"situations": [situation, f"{TOKEN} other"]}),
        (Act.CONFIRM_LEVEL, levels.object_of(situation), LEVEL | {"situation_id": situation}),
    ):
        decision = replace(
            decision, act=act, object_id=on, content=json.dumps(content), decided_at=LOOKS[3], reason=f"{TOKEN} reason"
        )
        Ledger(world.settings().decisions.parent).save(decision, lenses.HELD, version=None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("secret") / "store").with_sources()
    lenses.plant(made)
    lenses.decide(made)
    decide_everything(made)
    made.run(Lens.RESTRICTED)
    made.run(Lens.PUBLIC)
    write_site(made.settings(), drafts=True)
    return made


def found(folder: Path, token: str = TOKEN) -> list[str]:
    return [name for name, text in read_every(folder) if token.lower() in text.lower()]


def test_the_reader_of_files_finds_the_tokens_where_they_may_stand(world: World):
    hits = found(world.settings(Lens.RESTRICTED).drafts / "2024-W04")
    for end in (".html", ".json", ".pdf words", ".docx word/document.xml"):
        assert [one for one in hits if one.endswith(end)], end


@pytest.mark.parametrize("place", ["public", "site", "log"])
def test_no_planted_token_is_in_any_public_form_name_metadata_feed_or_log(world: World, place: str):
    folder = {
        "public": world.settings(Lens.PUBLIC).drafts,
        "site": world.settings().var / "site",
        "log": world.settings().var / "log",
    }[place]
    assert any(folder.rglob("*.*"))
    assert found(folder) == []


def test_every_column_of_the_confidential_file_that_holds_words_holds_a_token(world: World):
    with open_store(world.settings().var, Lens.RESTRICTED, read_only=True) as store:
        for table in lenses.RAW:
            rows = store.dump(table)
            words = {name for name in rows.columns if rows[name].dtype in {pl.String, pl.List(pl.String)}}
            held = {name for name in words if TOKEN.lower() in str(rows[name].to_list()).lower()}
            assert words - held == NO_WORDS[table] | PROTECTION, table


def test_every_field_that_a_card_or_a_person_fills_holds_a_token(world: World):
    cards = [one for one in load_cards(world.settings().cards) if TOKEN.lower() in one.id]
    filled = {
        one.name
        for one in fields(SourceCard)
        for card in cards
        if TOKEN.lower() in str(getattr(card, one.name)).lower()
    }
    texts = {one.name for one in fields(SourceCard) if "str" in str(get_type_hints(SourceCard)[one.name])}
    assert texts - filled == (CARD_NO_WORDS | CARD_ASKS) & texts
    decided = [one.decision for one in chain.read_every(world.settings().decisions.parent)]
    texts = {one.name for one in fields(Decision) if get_type_hints(Decision)[one.name] is str}
    assert {name for name in texts if any(TOKEN in getattr(one, name) for one in decided)} == texts - {"previous"}
    assert set(COLUMNS) - {name for name, text in GIVEN.items() if TOKEN in text} == CLOSED_GIVEN


def test_what_people_entered_confidentially_does_reach_the_restricted_pages(world: World):
    text = "".join(text for _, text in read_every(world.settings(Lens.RESTRICTED).drafts / "2024-W04"))
    assert f"{TOKEN} account" in text


def test_the_public_pages_and_the_site_are_the_same_without_anything_confidential(world: World, tmp_path: Path):
    plain = World(tmp_path / "store").with_sources()
    plain.run(Lens.PUBLIC)
    write_site(plain.settings(), drafts=True)
    for folder in (lambda one: one.settings(Lens.PUBLIC).drafts, lambda one: one.settings().var / "site"):
        without, with_ = lenses.tree(folder(plain)), lenses.tree(folder(world))
        assert len(without) > 10
        assert sorted(with_) == sorted(without)
        assert with_ == without


def test_the_public_folder_holds_every_form_and_the_site_its_feeds(world: World):
    public = {one.suffix for one in world.settings(Lens.PUBLIC).drafts.rglob("*.*")}
    assert {".html", ".pdf", ".docx", ".json"} <= public
    assert {".atom", ".json", ".ics", ".html"} <= {one.suffix for one in (world.settings().var / "site").rglob("*.*")}


def test_a_planted_public_token_would_be_found_in_all_of_them(tmp_path: Path):
    """The same world with the token in a public card: the search is not blind."""
    made = World(tmp_path / "store").with_sources()
    made.card("gazette_wire", lenses.WIRE, title=f"{TOKEN} title")
    made.run(Lens.PUBLIC)
    hits = found(made.settings(Lens.PUBLIC).drafts)
    for end in (".html", ".json", ".pdf words", ".docx word/document.xml"):
        assert [one for one in hits if one.endswith(end)], end
