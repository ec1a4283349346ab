"""`horizon diff` on a fictional store of two weeks, and drafts that are the same wherever and whenever made."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from fictional import AS_OF, LOOKS, World, row, wire
from typer.testing import CliRunner

from domain.errors import UsageError
from horizon import clock, stages
from horizon.commands.diff import diff
from horizon.settings import ROOT
from horizon.version import ROOMS

APP = typer.Typer()
APP.command()(diff)
EARLIER = datetime(2024, 1, 22, tzinfo=UTC)
CAUSES = {"new event", "late report", "correction", "method", "time passed"}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two issues: after the first, one event is new, one was late, one record was corrected."""
    world = World(tmp_path_factory.mktemp("two")).with_sources()
    late, fresh = row("late", "2024-01-12", "Orsinia", killed=1), row("fresh", "2024-01-25", "Genovia", killed=2)
    known = [row(f"n{at}", f"2024-01-{7 * at + 3:02d}", killed=1) for at in range(1, 3)]
    world.look("gazette_wire", wire(*known, row("n1", "2024-01-10", killed=3), late, fresh), LOOKS[3])
    settings = world.settings()
    for path in sorted(settings.cards.glob("*.toml")):
        stages.collect(path.stem, settings)
    stages.load(settings=settings)
    for moment in (EARLIER, AS_OF):
        stages.score(as_of=moment, settings=settings)
        stages.draft(as_of=moment, settings=settings)
    return world


@pytest.fixture
def two(once: World, monkeypatch) -> World:
    for name, value in once.environment().items():
        monkeypatch.setenv(name, value)
    return once


def call(*words: str):
    return CliRunner().invoke(APP, list(words), catch_exceptions=False)


def test_the_difference_of_two_weeks_is_told_by_cause_place_and_paragraph(two: World):
    done = call("2024-W03", "2024-W04")
    assert done.exit_code == 0
    for said in (
        "2024-W03 → 2024-W04",
        "New event",
        "Late report",
        "Places",
        "Paragraphs",
        "Genovia: alleged incident",
    ):
        assert said in done.stdout
    assert "\x1b[" not in done.stdout


def test_the_same_as_json(two: World):
    held = json.loads(call("2024-W03/r1", "2024-W04/r1", "--json").stdout)
    assert set(held["counts"]) == CAUSES
    rows = [(one["place"], one["cause"]) for one in held["rows"] if one["kind"] == "incident"]
    assert ("XGE", "new event") in rows
    assert ("XOR", "late report") in rows
    assert held["counts"]["method"] == 0
    assert held["same_version"] is True
    assert {one["page"] for one in held["paragraphs"]} >= {"AFR", "bureau"}


def test_an_issue_that_is_not_there_is_a_clear_error(two: World):
    for words, said in (
        (("2024-W02", "2024-W04"), "There is no issue 2024-W02."),
        (("2024-W03/r7", "2024-W04"), "There is no issue 2024-W03/r7."),
        (("soon", "2024-W04"), "'soon' is not an ISO week."),
        (("2024-W04", "2024-W03"), "2024-W04 was known later than 2024-W03."),
    ):
        with pytest.raises(UsageError) as told:
            call(*words)
        assert told.value.what == said
        assert told.value.do


def test_without_a_warehouse_no_issue_is_there(world: World, monkeypatch):
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match="There is no issue 2024-W03"):
        call("2024-W03", "2024-W04")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_issue_of_the_past_is_drafted_again_on_another_day_byte_for_byte(once: World, tmp_path, monkeypatch):
    settings = once.settings()
    before = tree(settings.drafts / "2024-W03" / "r1")
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 7, 4, 23, 59, 59, tzinfo=UTC))
    stages.score(as_of=EARLIER, settings=settings)
    stages.draft(as_of=EARLIER, settings=settings)
    assert tree(settings.drafts / "2024-W03" / "r1") == before
    assert len(before) > 10


def drafted_in(world: World, folder: Path, **environment: str) -> dict[str, bytes]:
    """The earlier week scored and drafted by processes of their own, on a copy of the store."""
    var = folder / "var"
    shutil.copytree(world.settings().var, var)
    (folder / "home").mkdir()
    given = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}  # noqa: TID251  (and nothing else of this one)
    given |= world.environment() | {"HORIZON_VAR": str(var)} | environment
    for stage in ("score", "draft"):
        words = [sys.executable, "-m", "horizon.cli", stage, "--as-of", EARLIER.isoformat()]
        done = subprocess.run(words, env=given, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 0, done.stderr
    return tree(var / "drafts" / "2024-W03" / "r1")


def source_of_pages() -> dict[str, bytes]:
    """Every file of the rooms that a page may be made from, templates and fonts included."""
    paths = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    kept = (path for path in paths if not {"__pycache__", "samples"} & set(path.parts))
    return {str(path): hashlib.sha256(path.read_bytes()).digest() for path in kept}


@pytest.mark.slow
def test_home_time_zone_and_locale_change_no_byte_of_a_draft(once: World, tmp_path):
    strange = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4711"}
    for attempt in range(3):
        source = source_of_pages()
        here, there = (tmp_path / f"{name}{attempt}" for name in ("here", "there"))
        here.mkdir()
        there.mkdir()
        first = drafted_in(once, here, TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
        second = drafted_in(once, there, **strange)
        # Whoever edits the source meanwhile has another version of it.
        if source_of_pages() == source:
            break
    assert second == first
    assert len(first) > 10
