"""A lexicon is read strictly, and its words are found as README.md of the lexicons says."""

import csv
from pathlib import Path

import pytest

from domain.errors import UsageError
from domain.state import REFERENCE
from scoring.coding.lexicon import Finder, load_lexicon, load_lexicons

TERM = """
[[term]]
id = "en.tort.1"
class = "TORT"
words = ["tortur*"]
"""
CONTEXT = """
[[context]]
kind = "negation"
words = ["no reports of"]
side = "before"
reach = 8
"""


def lexicon(tmp_path: Path, text: str, head: str = 'language = "en"\nreviewed_by = ""\n') -> Path:
    path = tmp_path / "en.toml"
    path.write_text(head + text, "utf-8")
    return path


def why(tmp_path: Path, text: str) -> str:
    with pytest.raises(UsageError) as error:
        load_lexicon(lexicon(tmp_path, text))
    return error.value.why


def finder(*entries: str) -> Finder:
    return Finder(entries, split=lambda entry: entry.lower().split(), forms=lambda token: (token,))


def found(words: str, *entries: str) -> list[tuple[int, int, str]]:
    return [(one.start, one.end, entries[one.entry]) for one in finder(*entries).find(words.split())]


def test_a_context_without_an_id_is_numbered_by_its_kind(tmp_path: Path):
    read = load_lexicon(lexicon(tmp_path, TERM + CONTEXT + CONTEXT))
    assert [one.id for one in read.contexts] == ["en.negation.1", "en.negation.2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TERM.replace("TORT", "TORTURE"), "TORTURE"),
        (TERM.replace("class", "klass"), "klass"),
        (TERM + "weight = 2", "weight"),
        (TERM.replace('["tortur*"]', '"tortur*"'), "not a list"),
        (TERM.replace('["tortur*"]', "[]"), "empty"),
        (TERM.replace("tortur*", "tor*ture"), "not at the end"),
        (TERM.replace("tortur*", "… torture"), "begins or ends"),
        (TERM.replace("en.tort", "fr.tort"), "does not begin"),
        (TERM + TERM, "stands twice"),
        (TERM + 'victim = "dragons"', "dragons"),
        (TERM + 'detail = "network"', "network"),
        (TERM.replace("TORT", "DEATHPEN") + "event = true", "theme"),
        (TERM + 'event = "no"', "event"),
        (CONTEXT.replace("negation", "maybe"), "maybe"),
        (CONTEXT.replace("before", "above"), "above"),
        (CONTEXT.replace("8", "-1"), "reach"),
        (CONTEXT.replace("8", "true"), "reach"),
        ('[[facet]]\nkind = "persons"\nvalue = "people"\nwords = ["men"]', "people"),
        ('[[number]]\nwords = ["ten"]\nvalue = 10\ntimes = 10', "either"),
        ('[[number]]\nwords = ["ten"]', "either"),
        ('[[number]]\nwords = ["ten"]\nvalue = 0', "above zero"),
        ("[[rule]]\nid = 1", "rule"),
    ],
)
def test_what_a_lexicon_does_not_say_plainly_is_refused_with_the_reason(tmp_path: Path, text: str, said: str):
    assert said in why(tmp_path, text)


def test_a_file_of_another_language_is_refused(tmp_path: Path):
    with pytest.raises(UsageError) as error:
        load_lexicon(lexicon(tmp_path, TERM.replace("en.", "fr."), 'language = "fr"\nreviewed_by = ""\n'))
    assert "'fr'" in error.value.why


def test_a_theme_is_never_an_event(tmp_path: Path):
    (term,) = load_lexicon(lexicon(tmp_path, TERM.replace("TORT", "DEATHPEN"))).terms
    assert not term.event


def test_every_lexicon_of_the_repository_loads_and_holds_every_class():
    lexicons = load_lexicons()
    assert "en" in lexicons
    for read in lexicons.values():
        assert read.terms


@pytest.mark.parametrize("language", sorted(load_lexicons()))
def test_no_state_is_named_in_a_lexicon(language: str):
    with (REFERENCE / "states.csv").open(encoding="utf-8", newline="") as lines:
        states = {row[f"name_{language}"].casefold() for row in csv.DictReader(lines)}
    read = load_lexicons()[language]
    rows = (*read.terms, *read.contexts, *read.facets)
    assert len(states) > 190
    assert not {words.casefold() for row in rows for words in row.words} & states


def test_a_star_stands_for_any_ending():
    assert found("he was tortured", "tortur*") == [(2, 3, "tortur*")]
    assert found("he was torn", "tortur*") == []


def test_a_gap_holds_up_to_three_tokens_and_no_more():
    entry = "arbitrar* … detain*"
    assert found("arbitrarily a b c detained", entry) == [(0, 5, entry)]
    assert found("arbitrarily a b c d detained", entry) == []


def test_alternatives_are_one_token():
    entry = "mass arrest|arrests"
    assert found("mass arrests", entry) == [(0, 2, entry)]
    assert found("mass arresting", entry) == []


def test_overlapping_entries_are_all_found():
    assert [one[2] for one in found("summary executions", "summary executions", "executions")] == [
        "summary executions",
        "executions",
    ]


def test_an_entry_does_not_reach_over_the_end_of_its_sentence():
    words = ["arbitrarily", "then", "detained"]
    assert finder("arbitrarily … detained").find(words)
    assert finder("arbitrarily … detained").find(words, 0, 2) == []


def test_an_alternative_of_two_tokens_is_refused():
    with pytest.raises(UsageError, match="cannot be used"):
        Finder(["ill-treatment|torture"], split=lambda one: one.replace("-", " ").split(), forms=lambda one: (one,))
