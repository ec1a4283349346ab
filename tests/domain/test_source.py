"""A card with a missing, unknown or mistyped field stops at load with the field's name."""

import tomllib
from pathlib import Path

import pytest

from domain.classification import Lens
from domain.errors import UsageError
from domain.source import CARD_FIELDS, Cadence, Cell, Kind, SourceClass, SourceState, known, load_card, load_cards

CARD = """
title = "Gazette"
publisher = "Gazette of Ruritania"
kind = "json_api"
url = "https://gazette.example/data"
cadence = "weekly"
source_class = "media"
licence = "CC0"
citation = "Gazette"
languages = ["en", "fr"]
coverage = "Ruritania"
lag_days = 7
expected_min = 0
expected_max = 40
verified = false
[fields]
ref = "id"
facts = ["Killed"]
[[codes]]
rule = "killed"
trigger = "T02"
field = "Killed"
when = "positive"
[[series]]
indicator = "killed"
trigger = "T06"
unit = "persons"
period = "week"
"""
REQUIRED = (
    "title",
    "publisher",
    "kind",
    "url",
    "cadence",
    "source_class",
    "licence",
    "citation",
    "languages",
    "coverage",
    "lag_days",
    "expected_min",
    "expected_max",
    "verified",
)


def write(folder: Path, text: str, name: str = "gazette") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def why(folder: Path, text: str) -> str:
    with pytest.raises(UsageError, match=r"The card gazette\.toml cannot be used") as told:
        load_card(write(folder, text))
    assert told.value.exit_code == 2
    return told.value.why


def test_a_card_is_read_with_its_types(tmp_path):
    card = load_card(write(tmp_path, CARD))
    assert (card.id, card.kind, card.cadence, card.source_class) == (
        "gazette",
        Kind.JSON_API,
        Cadence.WEEKLY,
        SourceClass.MEDIA,
    )
    assert card.languages == ("en", "fr")
    assert card.fields.facts == ("Killed",)
    assert card.codes[0].when is Cell.POSITIVE
    assert card.series[0].period == "week"
    assert card.lens is Lens.PUBLIC
    assert set(CARD_FIELDS) >= set(tomllib.loads(CARD)) | {"id"}


def test_two_data_sets_of_one_publisher_are_one_origin(tmp_path):
    assert load_card(write(tmp_path, CARD)).origin_id == "Gazette of Ruritania"
    assert load_card(write(tmp_path, 'origin = "The press"\n' + CARD)).origin_id == "The press"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_field_is_named(tmp_path, name):
    lines = [line for line in CARD.splitlines() if not line.startswith(f"{name} = ")]
    assert f"'{name}'" in why(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("title", "tittle", "tittle"),
        ("lag_days", "lag", "lag"),
        ("ref =", "reference =", "reference"),
        ("rule =", "rules =", "rules"),
        ("indicator =", "indicators =", "indicators"),
    ],
)
def test_an_unknown_field_is_named(tmp_path, before, after, named):
    assert f"'{named}'" in why(tmp_path, CARD.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("lag_days = 7", 'lag_days = "7"', "lag_days"),
        ("lag_days = 7", "lag_days = true", "lag_days"),
        ("expected_min = 0", "expected_min = 0.5", "expected_min"),
        ("expected_max = 40", 'expected_max = "many"', "expected_max"),
        ("verified = false", 'verified = "no"', "verified"),
        ("verified = false", "verified = 0", "verified"),
        ('title = "Gazette"', "title = 7", "title"),
        ('languages = ["en", "fr"]', 'languages = "en"', "languages"),
        ('licence = "CC0"', "licence = 0", "licence"),
        ('publisher = "Gazette of Ruritania"', "publisher = []", "publisher"),
        ('languages = ["en", "fr"]', 'languages = ["en", 7]', "languages"),
        ('ref = "id"', "ref = 1", "fields.ref"),
        ('facts = ["Killed"]', 'facts = "Killed"', "fields.facts"),
        ('field = "Killed"', 'field = "Killed"\nonly_if = "Weapon=Mine"', "codes.only_if"),
        ('unit = "persons"', 'unit = "persons"\ncumulative = "yes"', "series.cumulative"),
        ("[fields]", "[[fields]]", "fields"),
        ("[[codes]]", "[codes]", "codes"),
        ("[[series]]", "[series]", "series"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(tmp_path, before, after, named):
    assert f"'{named}'" in why(tmp_path, CARD.replace(before, after))


@pytest.mark.parametrize("name", ["kind", "cadence", "source_class"])
def test_a_word_outside_its_closed_set_is_named_with_the_words_that_are_allowed(tmp_path, name):
    line = next(line for line in CARD.splitlines() if line.startswith(f"{name} = "))
    told = why(tmp_path, CARD.replace(line, f'{name} = "often"'))
    assert f"'{name}' is 'often'; it must be one of:" in told


@pytest.mark.parametrize("name", ["lens", "classification", "source_sharing", "consent_scope"])
def test_protection_is_a_closed_set_too(tmp_path, name):
    assert f"'{name}' is 'secret'" in why(tmp_path, f'{name} = "secret"\n' + CARD)


def test_a_condition_outside_its_closed_set_is_named(tmp_path):
    assert "'when' is 'sometimes'" in why(tmp_path, CARD.replace("positive", "sometimes"))


@pytest.mark.parametrize("url", ["ftp://gazette.example", "file:///etc/hostname", "gazette.example", ""])
def test_an_address_is_an_http_address(tmp_path, url):
    assert "'url'" in why(tmp_path, CARD.replace("https://gazette.example/data", url))


def test_bounds_that_cross_are_told(tmp_path):
    assert "'expected_max' is below 'expected_min'" in why(
        tmp_path, CARD.replace("expected_min = 0", "expected_min = 41")
    )


def test_what_is_no_toml_is_told(tmp_path):
    assert "it is not TOML" in why(tmp_path, "title = ")


def test_cards_come_by_their_ids_and_a_wrong_id_lists_them(tmp_path):
    for name in ("b_source", "a_source"):
        write(tmp_path, CARD, name)
    cards = load_cards(tmp_path)
    assert [card.id for card in cards] == ["a_source", "b_source"]
    assert known(cards, "b_source") is cards[1]
    with pytest.raises(UsageError, match="There is no source 'c'") as told:
        known(cards, "c")
    assert told.value.why == "The known sources are: a_source, b_source."


def test_every_state_of_a_source_is_looked_a_failure_or_named_as_such():
    looked = {state for state in SourceState if state.looked}
    failed = {state for state in SourceState if state.failure}
    assert looked == {SourceState.OK, SourceState.EMPTY, SourceState.UNCHANGED}
    assert failed == {SourceState.FAILED, SourceState.SHAPE_CHANGED}
    assert set(SourceState) - looked - failed == {
        SourceState.NO_CREDENTIAL,
        SourceState.STALE,
        SourceState.NOT_IN_SPECIMEN,
        SourceState.NOT_YET,
    }


@pytest.mark.parametrize(
    ("more", "why_not"),
    [
        ('method = "PUT"', "it must be one of: GET, POST"),
        ('method = "POST"', "a 'body' goes with method POST"),
        ('body = "{}"', "a 'body' goes with method POST"),
        ("stream_megabytes = 1025", "it must lie between 0 and 1024"),
        ("stream_megabytes = -1", "it must lie between 0 and 1024"),
        ('token_url = "https://gazette.example/token"', "'token_url' and 'token_form' go together"),
    ],
)
def test_a_card_that_asks_for_what_the_client_cannot_do_is_refused(more, why_not, tmp_path):
    path = tmp_path / "press_council.toml"
    path.write_text(f"{more}\n{CARD}", "utf-8")
    with pytest.raises(UsageError) as refused:
        load_card(path)
    assert why_not in refused.value.why
