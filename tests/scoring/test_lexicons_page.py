"""The page of languages says what the files hold."""

from domain.taxonomy import bundled_taxonomy
from horizon.commands.languages import write_page
from scoring.coding.lexicon import load_lexicons


def test_the_page_of_languages_says_what_the_files_hold(root):
    page = write_page(load_lexicons(), bundled_taxonomy())
    assert (root / "docs" / "languages.md").read_text("utf-8") == page, "run horizon languages --out docs/languages.md"


def test_the_page_counts_entries_and_names_no_reader_who_has_not_read():
    page = write_page(load_lexicons(), bundled_taxonomy())
    hatred = sum(len(term.words) for term in load_lexicons()["fr"].terms if term.code == "HATE")
    assert "| HATE | " in page
    assert f" {hatred} |" in next(line for line in page.splitlines() if line.startswith("| HATE |"))
    assert page.count("nobody yet") == sum(not one.reviewed_by for one in load_lexicons().values())
