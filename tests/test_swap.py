"""One formula for all States: when identities are swapped in what arrives, everything else stays where it was.

The whole week is run twice from the bundled payloads, the second time with the identities of States permuted in
their structured fields (and in the table of providers' units). Prose is not touched; there is none to read.
"""

import csv
import gzip
import io
import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from domain.classification import Lens
from domain.source import load_cards
from domain.state import Gazetteer, PlaceKind, RegionScheme, load_gazetteer
from horizon import stages
from horizon.settings import Settings, load_settings
from warehouse.connection import open_store
from warehouse.outcome import Run, read

WEEK = "2024-W04"
# Numbers of notes follow the order of print, as numbers of paragraphs do.
OWN_IDS = {"number", "href", "id", "anchor", "figure_id", "incidents", "situation_id", "notes", "closing_notes"}


@dataclass(frozen=True)
class Replayed:
    """One run of the week: its rows, and the canonical view of each region's page."""

    run: Run
    pages: Mapping[str, dict]


def pairs_within(gazetteer: Gazetteer) -> dict[str, str]:
    """Two States of each regional group, the ones with most and with least to say among them."""
    chosen = (("SDN", "TCD"), ("MMR", "JPN"), ("UKR", "POL"), ("HTI", "CHL"), ("FRA", "CAN"))
    for one, other in chosen:
        assert gazetteer.place(one).regional_group == gazetteer.place(other).regional_group
    return both_ways(chosen)


def pairs_across(gazetteer: Gazetteer) -> dict[str, str]:
    """States of different groups, one of them half of a provider's unit."""
    chosen = (("SDN", "UKR"), ("MMR", "HTI"), ("SYR", "FRA"), ("ISR", "BRA"), ("NGA", "BGD"))
    for one, other in chosen:
        assert gazetteer.place(one).regional_group != gazetteer.place(other).regional_group
    return both_ways(chosen)


def both_ways(chosen: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(chosen) | {other: one for one, other in chosen}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def before(tmp_path_factory, gazetteer) -> Replayed:
    return play(tmp_path_factory.mktemp("before"), gazetteer, {})


@pytest.fixture(scope="module")
def within(tmp_path_factory, gazetteer) -> Replayed:
    return play(tmp_path_factory.mktemp("within"), gazetteer, pairs_within(gazetteer))


@pytest.fixture(scope="module")
def across(tmp_path_factory, gazetteer) -> Replayed:
    return play(tmp_path_factory.mktemp("across"), gazetteer, pairs_across(gazetteer))


@pytest.mark.slow
def test_a_swap_within_groups_leaves_every_row_but_for_the_identities(before, within, gazetteer):
    assert rows(within.run, pairs_within(gazetteer)) == rows(before.run, {})


@pytest.mark.slow
def test_a_swap_across_groups_leaves_every_row_but_for_the_identities(before, across, gazetteer):
    assert rows(across.run, pairs_across(gazetteer)) == rows(before.run, {})


@pytest.mark.slow
def test_the_swap_reaches_what_is_printed(before, within, gazetteer):
    """The test can fail: without the inverse the two runs differ."""
    assert rows(within.run, {}) != rows(before.run, {})


@pytest.mark.slow
def test_a_swap_within_groups_gives_the_same_set_of_entries_on_every_page(before, within, gazetteer):
    swap = pairs_within(gazetteer)
    for region, page in before.pages.items():
        assert entries(within.pages[region], swap, gazetteer) == entries(page, {}, gazetteer), region


def test_no_state_is_named_in_a_rule(root, gazetteer):
    """No name or code of a State, and no group's, stands in the code or the numbers of the method."""
    names = {place.name for place in gazetteer.places}
    codes = {place.code for place in gazetteer.places}
    codes |= {region.code for region in gazetteer.regions}
    found = []
    for room in ("scoring", "warehouse", "review", "briefs", "horizon", "dags"):
        for path in sorted((root / room).rglob("*")):
            if path.suffix not in {".py", ".sql", ".toml", ".html"}:
                continue
            for literal in re.findall(r"[\"']([^\"'\n]+)[\"']", path.read_text("utf-8")):
                said = {name for name in names if re.search(rf"\b{re.escape(name)}\b", literal)}
                found += [(path.name, literal) for _ in said]
                found += [(path.name, literal)] * (literal.strip() in codes)
    assert found == []


def play(folder: Path, gazetteer: Gazetteer, swap: Mapping[str, str]) -> Replayed:
    """Run the week in `folder` from payloads whose structured names are swapped."""
    settings = prepared(folder, gazetteer, swap)
    for card in load_cards(settings.cards):
        stages.collect(card.id, settings)
    loaded = stages.load(settings=settings)
    stages.score(as_of=loaded.as_of, settings=settings)
    stages.draft(as_of=loaded.as_of, settings=settings)
    with open_store(settings.var, settings.lens) as store:
        run = read(store, loaded.issue)
    drafts = settings.drafts / WEEK / "r1"
    regions = gazetteer.region_codes(RegionScheme.REGIONAL_GROUPS)
    pages = {one.code: json.loads((drafts / f"{one.code}.json").read_text("utf-8")) for one in regions}
    return Replayed(run=run, pages=pages)


def prepared(folder: Path, gazetteer: Gazetteer, swap: Mapping[str, str]) -> Settings:
    settings = replace(
        load_settings({}),
        var=folder / "var",
        samples=folder / "samples",
        reference=folder / "reference",
        lens=Lens.RESTRICTED,
    )
    shutil.copytree(load_settings({}).reference, settings.reference)
    source = load_settings({}).samples / WEEK
    target = settings.samples / WEEK
    target.mkdir(parents=True)
    shutil.copy(source / "manifest.toml", target)
    for path in sorted(source.iterdir()):
        if path.name != "manifest.toml":
            (target / path.name).write_bytes(swapped(path, gazetteer, swap))
    units = settings.reference / "provider_units.toml"
    units.write_text(swapped_units(units, gazetteer, swap), "utf-8")
    return settings


def swapped(path: Path, gazetteer: Gazetteer, swap: Mapping[str, str]) -> bytes:
    """The payload with the identities of its structured fields permuted, in its own wire format."""
    body = path.read_bytes()
    if not swap:
        return body
    if path.name.startswith("insecurity_insight"):
        events = json.loads(gzip.decompress(body))
        for event in events:
            code = gazetteer.match(event["Country ISO"] or event["Country"])
            if code and code.places[0] in swap:
                other = gazetteer.place(swap[code.places[0]])
                event["Country"], event["Country ISO"] = other.name, other.code
        return gzip.compress(json.dumps(events).encode(), mtime=0)
    if path.name.startswith("ucdp_state_months"):
        table = list(csv.reader(io.StringIO(body.decode("utf-8"))))
        table[0] = [renamed(name, gazetteer, swap) for name in table[0]]
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(table)
        return out.getvalue().encode()
    if path.suffix == ".parquet":
        frame = pl.read_parquet(body)
        names = {name: renamed(name, gazetteer, swap) for name in frame["country"].drop_nulls().unique().to_list()}
        out_bytes = io.BytesIO()
        frame.with_columns(pl.col("country").replace(names)).write_parquet(out_bytes)
        return out_bytes.getvalue()
    return body


def renamed(name: str, gazetteer: Gazetteer, swap: Mapping[str, str]) -> str:
    match = gazetteer.match(name)
    return gazetteer.place(swap[match.places[0]]).name if match and match.places[0] in swap else name


def swapped_units(path: Path, gazetteer: Gazetteer, swap: Mapping[str, str]) -> str:
    units = tomllib.loads(path.read_text("utf-8"))["units"]
    lines = []
    for unit in units:
        lines += [
            "[[units]]",
            f'source_id = "{unit["source_id"]}"',
            f"name = {json.dumps(renamed(unit['name'], gazetteer, swap), ensure_ascii=False)}",
            f"places = {json.dumps([swap.get(code, code) for code in unit['places']])}",
            f"printed = {json.dumps(unit['printed'])}",
        ]
    return "\n".join(lines) + "\n"


def rows(run: Run, swap: Mapping[str, str]) -> dict[str, object]:
    """Every row of the run with the swap undone, keyed by what is not an identity of ours."""

    def home(code: str) -> str:
        return swap.get(code, code)

    # An id holds the place where the source gives its rows no number, so an incident is known by what it says.
    incidents = {
        one.incident_id: repr(replace(one, incident_id="", reports=(), place=home(one.place))) for one in run.incidents
    }
    series = {
        one.series_id: "/".join((home(one.place), one.trigger, one.source_id, one.indicator)) for one in run.series
    }

    def named(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(incidents[one] for one in ids))

    gates = {(home(place), gate.gate): replace(gate, incidents=named(gate.incidents)) for place, gate in run.gates}
    return {
        "states": {home(one.place): replace(one, place=home(one.place)) for one in run.states},
        "triggers": {
            (home(one.place), one.trigger): replace(
                one,
                place=home(one.place),
                incidents=named(one.incidents),
                series=tuple(sorted(series[name] for name in one.series)),
            )
            for one in run.triggers
        },
        "gates": gates,
        "coverage": {home(one.place): replace(one, place=home(one.place)) for one in run.coverage},
        "series": {
            series[one.series_id]: replace(
                one, series_id="", place=home(one.place), shared_with=tuple(sorted(map(home, one.shared_with)))
            )
            for one in run.series
        },
        "situations": {
            home(one.place): replace(
                one,
                situation_id="",
                place=home(one.place),
                incidents=named(one.incidents),
                pattern=gates[(home(one.place), "pattern")],
                gravity=gates[(home(one.place), "gravity")],
            )
            for one in run.situations
        },
        "incidents": sorted(incidents.values()),
        "sources": [replace(one, sha256=(), collected_at=None) for one in run.sources],
        "letters": {home(place): number for place, number in run.letters},
        "warnings": {repr(replace(one, situation_id="", place=home(one.place))) for one in run.warnings},
        "events": {repr(replace(one, place=home(one.place))) for one in run.events},
        "watched": {repr(replace(one, place=home(one.place))) for one in run.watched},
        "exposure": {repr(replace(one, place=home(one.place))) for one in run.exposure},
    }


def entries(page: dict, swap: Mapping[str, str], gazetteer: Gazetteer) -> set[str]:
    """The page as a set of State entries: without order, numbering, tile and hash, and with the swap undone."""
    # All names, so that the name of one State is never found inside that of another.
    names = {one.name: gazetteer.place(swap.get(one.code, one.code)).name for one in gazetteer.places}
    found = set()
    for block in (block for section in page["sections"] for block in section["blocks"]):
        if block["kind"] == "places":
            found |= {canonical(row, swap, names) for row in block["rows"]}
        if block["kind"] == "entry":
            found.add(canonical(block, swap, names))
    return found


def canonical(entry: dict, swap: Mapping[str, str], names: Mapping[str, str]) -> str:
    """One entry as text: identities swapped back as whole words, numbers and addresses within the page left out."""

    def clean(value: object) -> object:
        if isinstance(value, dict):
            kept = {key: clean(one) for key, one in value.items() if key not in OWN_IDS}
            return dict(sorted(kept.items()))
        if isinstance(value, list):
            return sorted((clean(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        if isinstance(value, str):
            # A line leads to its entry by the number of a paragraph, and numbers follow the alphabet.
            return re.sub(r"\bParagraph \d+", "Paragraph", undone(value, swap, names))
        return value

    return json.dumps(clean(entry), ensure_ascii=False, sort_keys=True)


def undone(text: str, swap: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Both directions at once, so that a swap is not undone twice."""
    marks = {}
    for at, (name, other) in enumerate(sorted({**names, **swap}.items(), key=lambda pair: -len(pair[0]))):
        mark = f"\x00{at}\x00"
        marks[mark] = other
        text = text.replace(name, mark)
    for mark, other in marks.items():
        text = text.replace(mark, other)
    return text


def test_undoing_a_swap_goes_both_ways_at_once():
    names = {"Niger": "Nigeria", "Nigeria": "Niger"}
    assert undone("Nigeria and Niger", {}, names) == "Niger and Nigeria"


def test_only_members_are_swapped(gazetteer):
    for code in {*pairs_within(gazetteer), *pairs_across(gazetteer)}:
        assert gazetteer.place(code).kind is PlaceKind.MEMBER
