"""Names in structured fields to places: exact after folding, never a guess."""

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.state import REFERENCE, Gazetteer, Match, PlaceKind, RegionScheme, fold, load_gazetteer

GAZETTEER = load_gazetteer()
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
with (REFERENCE / "states.csv").open(encoding="utf-8", newline="") as lines:
    STATES = list(csv.DictReader(lines))


def code(name: str) -> str | None:
    match = GAZETTEER.match(name)
    return match.places[0] if match else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_official_name_is_its_own_state(language):
    wrong = [(row["iso3"], row[f"name_{language}"]) for row in STATES if code(row[f"name_{language}"]) != row["iso3"]]
    assert len(STATES) == 195
    assert wrong == []


def test_every_formal_name_and_code_is_its_own_state():
    wrong = [row["iso3"] for row in STATES for name in ("iso3", "name_en_formal") if code(row[name]) != row["iso3"]]
    assert wrong == []


@pytest.mark.parametrize(
    "names",
    [
        {"Niger": "NER", "Nigeria": "NGA"},
        {"Guinea": "GIN", "Guinea-Bissau": "GNB", "Equatorial Guinea": "GNQ", "Papua New Guinea": "PNG"},
        {"Congo": "COG", "Democratic Republic of the Congo": "COD"},
        {"Republic of Korea": "KOR", "Democratic People's Republic of Korea": "PRK"},
        {"Sudan": "SDN", "South Sudan": "SSD"},
        {"Dominica": "DMA", "Dominican Republic": "DOM"},
    ],
    ids=lambda names: next(iter(names)),
)
def test_names_that_look_alike_are_told_apart(names):
    assert {name: code(name) for name in names} == names
    for language in LANGUAGES:
        official = {row["iso3"]: row[f"name_{language}"] for row in STATES if row["iso3"] in names.values()}
        assert len({fold(name) for name in official.values()}) == len(names)
        assert {iso3: code(name) for iso3, name in official.items()} == {iso3: iso3 for iso3 in official}


@pytest.mark.parametrize(
    "name", ["", " ", "Ruritania", "Korea", "Nige", "Nigerian", "the Congo region", "Guineas", "OTH", "Europe", "*"]
)
def test_an_unknown_name_is_none_and_never_a_guess(name):
    assert GAZETTEER.match(name) is None


@pytest.mark.parametrize("name", ["CÔTE D’IVOIRE", "cote d'ivoire", "  Côte   d‘Ivoire ", "Cote D'Ivoire"])
def test_case_accents_apostrophes_and_spaces_do_not_tell_names_apart(name):
    assert code(name) == "CIV"


@given(st.sampled_from([row[f"name_{language}"] for row in STATES for language in LANGUAGES]), st.booleans())
def test_folding_is_stable_and_forgives_form(name, upper):
    written = unicodedata.normalize("NFD", name.upper() if upper else name)
    assert fold(fold(name)) == fold(name)
    assert fold(f"  {written}\u00a0") == fold(name)


@given(st.text(max_size=30))
def test_any_text_gives_a_known_place_or_none(text):
    match = GAZETTEER.match(text)
    assert match is None or {place.code for place in GAZETTEER.places} >= set(match.places)


def test_the_rule_says_how_a_name_was_found():
    assert GAZETTEER.match("NGA") == Match(places=("NGA",), rule="iso3")
    assert GAZETTEER.match("尼日利亚") == Match(places=("NGA",), rule="official:zh")
    assert GAZETTEER.match("DR Congo (Zaire)") == Match(places=("COD",), rule="alias:former")
    assert GAZETTEER.match("TWN") == Match(places=("TWN",), rule="territory_code")


def test_a_providers_unit_covers_several_lines_at_that_source_alone():
    for source in ("ucdp_state_months", "ucdp_candidate_events"):
        match = GAZETTEER.match("Israel", source_id=source)
        assert match is not None
        assert match.places == ("ISR", "PSE")
        assert match.rule == f"provider_unit:{source}"
        assert match.printed_unit
    assert GAZETTEER.match("Israel", source_id="un_geneva_press") == Match(places=("ISR",), rule="official:en")


def test_a_providers_unit_names_known_places():
    known = {place.code for place in GAZETTEER.places}
    assert all(set(unit.places) <= known for unit in GAZETTEER.units)


def test_all_members_observers_and_territories_have_one_line():
    kinds = Counter(place.kind for place in GAZETTEER.places)
    assert kinds[PlaceKind.MEMBER] == 193
    assert kinds[PlaceKind.OBSERVER] == 2
    assert {"XKX", "TWN", "HKG", "MAC", "ESH"} <= {place.code for place in GAZETTEER.places}
    assert max(Counter(place.code for place in GAZETTEER.places).values()) == 1


def test_the_five_groups_hold_their_members():
    groups = Counter(place.regional_group for place in GAZETTEER.places if place.kind is PlaceKind.MEMBER)
    # United Nations Regional Groups of Member States; the United States sits with WEO as observer.
    assert groups == {"AFR": 54, "APS": 54, "EES": 23, "LAC": 33, "WEO": 29}


@pytest.mark.parametrize("scheme", RegionScheme)
def test_every_place_is_listed_under_a_region_of_each_scheme(scheme):
    codes = {region.code for region in GAZETTEER.region_codes(scheme)}
    assert len(codes) == 5
    assert {place.region(scheme) for place in GAZETTEER.places} == codes


def test_a_place_is_found_by_its_code():
    assert GAZETTEER.place("FJI").name == "Fiji"
    with pytest.raises(KeyError):
        GAZETTEER.place("XRU")


def _tables(folder: Path, alias: str) -> Gazetteer:
    for name in ("states.csv", "territories.csv", "regions.toml", "provider_units.toml"):
        (folder / name).write_bytes((REFERENCE / name).read_bytes())
    (folder / "aliases.csv").write_text(f"name,code,kind,source\n{alias}\n", "utf-8")
    return load_gazetteer(folder)


def test_an_alias_of_an_unknown_code_stops(tmp_path):
    with pytest.raises(ValueError, match="unknown code"):
        _tables(tmp_path, "Ruritania,XRU,short,nobody")


def test_one_spelling_for_two_places_stops(tmp_path):
    with pytest.raises(ValueError, match="names NER and NGA"):
        _tables(tmp_path, "Niger,NGA,short,a wrong table")


with (Path(__file__).parent / "hard_names.csv").open(encoding="utf-8", newline="") as lines:
    HARD = [(row["name"], row["code"] or None) for row in csv.DictReader(lines)]


def test_hard_names_are_right_and_what_names_nothing_stays_unknown():
    assert len(HARD) >= 180
    assert [(name, expected, code(name)) for name, expected in HARD if code(name) != expected] == []


@pytest.mark.parametrize(
    ("name", "expected", "rule"),
    [
        ("Korea, Rep.", "KOR", "alias:short"),
        ("Corea, República de", "KOR", "official:es/form"),
        ("Burma/Myanmar", "MMR", "alias:other"),
        ("Eswatini, formerly Swaziland", "SWZ", "official:en/pair"),
        ("Kosovo*", "XKX", "territory_name"),
        ("蘇丹", "SDN", "official:zh/form"),
        ("امارات", "ARE", "alias:short/form"),
    ],
)
def test_a_manner_of_writing_is_named_in_the_rule(name, expected, rule):
    assert GAZETTEER.match(name) == Match(places=(expected,), rule=rule)


@pytest.mark.parametrize(
    "name", ["Israel/Palestine", "Georgia, USA", "Mali (Ruritania)", "Ukraine (Crimea)", "Chad, Smith"]
)
def test_two_names_that_are_not_one_place_name_nothing(name):
    assert GAZETTEER.match(name) is None


def test_codes_and_abbreviations_count_in_capitals_alone():
    assert code("PER") == "PER"
    assert code("CAR") == "CAF"
    assert code("U.S.A.") == "USA"
    assert [name for name in ("per", "Can", "car", "us", "Us", "and") if code(name)] == []


def test_a_two_letter_code_is_no_name():
    found = [row["iso2"] for row in STATES if row["iso2"] not in {"US"} and code(row["iso2"])]
    assert found == []


def test_crimea_has_no_code_of_its_own_or_of_another():
    assert [code(name) for name in ("Crimea", "Autonomous Republic of Crimea", "Крым", "克里米亚")] == [None] * 4
