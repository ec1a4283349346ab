"""`horizon lint` on the command line, and publication, which waits for it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from fictional import World
from typer.testing import CliRunner

from briefs import lint as linter
from briefs.site import NOT_COPIED
from domain.classification import Lens
from domain.errors import Refused, UsageError
from domain.source import load_cards
from horizon import stages
from horizon.commands.lint import lint
from horizon.settings import load_settings
from review.approval import write_manifest

APP = typer.Typer()
APP.command()(lint)
NAME = "2024-W04/r1"


def call(*words: str):
    return CliRunner().invoke(APP, list(words), catch_exceptions=False)


@pytest.fixture
def spoilt(ran: World, monkeypatch) -> World:
    """The week of the fictional world, drafted, with one word of blame put into one page."""
    for name, value in ran.environment().items():
        monkeypatch.setenv(name, value)
    folder = ran.settings().drafts / NAME
    page = folder / "AFR.json"
    text = page.read_text("utf-8").replace("What was not heard", "It is brutal. What was not heard")
    assert text != page.read_text("utf-8")
    page.write_text(text, "utf-8")
    write_manifest(folder, issue="2024-W04", revision="r1", lens=ran.settings().lens)
    return ran


@pytest.fixture
def clean(ran: World, monkeypatch) -> World:
    for name, value in ran.environment().items():
        monkeypatch.setenv(name, value)
    return ran


def test_a_drafted_week_has_no_error_under_any_of_its_names(clean: World):
    for words in ((), ("2024-W04",), (NAME,), (str(clean.settings().drafts / NAME / "AFR.json"),)):
        done = call(*words)
        assert (done.exit_code, done.stdout) == (0, ""), done.stdout
        assert " 0 errors," in done.stderr


def test_the_result_of_the_check_stands_beside_every_draft_and_on_no_site(clean: World):
    folder = clean.settings().drafts / NAME
    result = json.loads((folder / "lint.json").read_text("utf-8"))
    assert set(result["pages"]) == {path.name for path in folder.glob("*.json")} - {"lint.json", "manifest.json"}
    assert result["errors"] == 0
    assert (folder / "lint.json").read_bytes() == linter.result_json(linter.lint_folder(folder))
    assert "lint.json" in NOT_COPIED


def test_a_result_names_each_finding_with_its_page_and_paragraph(spoilt: World):
    result = json.loads(linter.result_json(linter.lint_folder(spoilt.settings().drafts / NAME)))
    assert result["errors"] == 1
    (one,) = [row for row in result["findings"] if row["level"] == "error"]
    assert (one["page"], one["rule"]) == ("AFR.json", "blame")
    assert one["paragraph"].isdigit()


def test_an_error_is_told_with_page_paragraph_rule_and_what_to_do_and_ends_with_one(spoilt: World):
    done = call(NAME)
    assert done.exit_code == 1
    first = done.stdout.splitlines()[0].split("\t")
    assert (first[0], first[2], first[3]) == ("AFR.json", "blame", "error")
    assert first[1].isdigit()
    assert "brutal" in first[4]
    assert "Do:" in done.stdout


def test_findings_are_objects_with_json_and_advice_is_shown_when_asked_for(spoilt: World):
    plain = [json.loads(line) for line in call(NAME, "--json").stdout.splitlines()]
    assert {one["level"] for one in plain} == {"error"}
    all_ = [json.loads(line) for line in call(NAME, "--json", "--advice").stdout.splitlines()]
    assert {one["level"] for one in all_} == {"error", "advice"}
    assert set(plain[0]) == {"rule", "level", "page", "paragraph", "words", "what", "why", "do"}


def test_a_draft_with_an_error_is_not_published_although_it_was_approved(spoilt: World):
    settings = spoilt.settings()
    stages.approve(NAME, by="A. Reviewer", role="analyst", reason="read in full", settings=settings)
    with pytest.raises(Refused, match="2024-W04/r1 cannot be published") as told:
        stages.publish(NAME, settings)
    assert told.value.exit_code == 3
    assert "brutal" in told.value.why
    assert not settings.published.exists()


def test_a_draft_without_an_error_is_published_and_can_be_read_there(clean: World):
    settings = clean.settings()
    stages.approve(NAME, by="A. Reviewer", role="analyst", reason="read in full", settings=settings)
    assert stages.publish(NAME, settings).is_dir()


def test_a_text_of_a_person_is_read_as_public_unless_told(clean: World, tmp_path: Path):
    text = tmp_path / "note.md"
    text.write_text("1. Further cases are likely, in the analysts' view.\n", "utf-8")
    assert call(str(text)).exit_code == 1
    assert call(str(text), "--confidential").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(("week", "lens"), [("2024-W04", Lens.PUBLIC), ("2026-W13", Lens.RESTRICTED)])
def test_no_page_of_a_bundled_week_has_an_error(week: str, lens: Lens, tmp_path: Path):
    settings = replace(load_settings({}), var=tmp_path, week=week, lens=lens)
    for card in load_cards(settings.cards):
        stages.collect(card.id, settings)
    as_of = stages.load(settings=settings).as_of
    stages.score(as_of=as_of, settings=settings)
    folder = stages.draft(as_of=as_of, settings=settings).paths[0].parent
    done = linter.lint_folder(folder)
    assert len(done.pages) > 10
    assert [(one.page, one.paragraph, one.rule, one.words) for one in done.errors] == []
    assert done.not_run == ()


def test_what_is_not_there_is_a_usage_error(clean: World):
    for name in ("2024-W05", "2024-W04/r9", "none.json", "soon"):
        with pytest.raises(UsageError):
            call(name)


def test_the_rules_are_printed_as_the_page_of_the_documents(root: Path):
    assert call("--rules").stdout == (root / "docs" / "wording.md").read_text("utf-8")
