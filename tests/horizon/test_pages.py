"""The generated pages of docs/ say what the code says, and a hole in them is an error."""

from dataclasses import replace

import pytest

from domain.errors import UsageError
from domain.source import load_card
from horizon import pages

TABLES = pages.read_tables()
MEANINGS = pages.read_meanings(pages.DOCS / pages.MEANINGS)


def test_the_data_dictionary_is_current():
    """The table of sources is written anew at a release: a commit that adds a source touches its own files alone."""
    path = pages.DOCS / "data-dictionary.md"
    assert path.read_text("utf-8") == pages.generate()[path], "run .venv/bin/python -m horizon.pages"


def test_a_page_that_is_not_current_fails_the_check(monkeypatch, tmp_path, capsys):
    (tmp_path / "data-dictionary.md").write_text("old", "utf-8")
    monkeypatch.setattr(pages, "generate", lambda: {tmp_path / "data-dictionary.md": "new"})
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    assert pages.main(["--check"]) == 1
    assert (tmp_path / "data-dictionary.md").read_text("utf-8") == "old"
    assert pages.main([]) == 0
    assert (tmp_path / "data-dictionary.md").read_text("utf-8") == "new"
    assert pages.main(["--check"]) == 0


def test_a_column_without_a_meaning_is_an_error():
    more = {**TABLES, "out_states": (*TABLES["out_states"], pages.Column(name="mood", kind="text", missing=True))}
    with pytest.raises(UsageError, match=r"out_states\.mood"):
        pages.describe_tables(more, MEANINGS)


def test_a_table_without_a_meaning_is_an_error():
    with pytest.raises(UsageError, match="out_moods"):
        pages.describe_tables({**TABLES, "out_moods": ()}, MEANINGS)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (replace(MEANINGS, about={**MEANINGS.about, "out_moods": "gone"}), "out_moods"),
        (replace(MEANINGS, shared={**MEANINGS.shared, "mood": "gone"}), "mood"),
        (
            replace(
                MEANINGS, tables={**MEANINGS.tables, "out_issues": {**MEANINGS.tables["out_issues"], "mood": "gone"}}
            ),
            r"out_issues\.mood",
        ),
    ],
)
def test_a_meaning_without_a_column_is_an_error(wrong, named):
    with pytest.raises(UsageError, match=named):
        pages.describe_tables(TABLES, wrong)


def test_a_count_may_be_missing_and_a_place_may_not():
    columns = {one.name: one for one in TABLES["raw_observations"]}
    assert columns["value"].missing is True
    assert columns["place"].missing is False


def test_every_layer_of_the_warehouse_is_described():
    assert {name.split("_")[0] for name in TABLES} == {"raw", "core", "out", "schema"}


def test_a_card_shows_the_weeks_in_which_it_has_a_real_payload(tmp_path):
    card = load_card(pages.CARDS / "sp_communications.toml")
    page = pages.describe_sources([card], {"2024-W04": frozenset(), "2026-W13": frozenset({card.id})})
    row = next(line for line in page.splitlines() if "`sp_communications`" in line)
    assert row.endswith("| 2026-W13 |")
    assert "| none |" in pages.describe_sources([card], {"2024-W04": frozenset()})


def test_a_vertical_bar_in_a_licence_does_not_break_the_table():
    card = replace(load_card(pages.CARDS / "gaza_daily.toml"), licence="one | other")
    assert r"one \| other" in pages.describe_sources([card], {})
