"""`horizon withdraw` on a report that a source published: its uses in words, and the same refusals."""

from pathlib import Path

import pytest
from fictional import World
from typer.testing import CliRunner

from domain.errors import HorizonError
from domain.signal import short_hash
from horizon import stages
from horizon.cli import app
from horizon.withdrawal import REVISED

REPORT = short_hash("gazette_wire", "n1")


@pytest.fixture(name="scored")
def _scored(ran: World, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in ran.environment().items():
        monkeypatch.setenv(name, value)
    return ran


def test_a_published_report_is_withdrawn_with_all_that_used_it(scored: World, tmp_path: Path):
    published = scored.settings().published / "2024-W04" / "r1"
    published.mkdir(parents=True)
    listed = CliRunner().invoke(app, ["withdraw", REPORT, "--list"])
    assert listed.exit_code == 0
    lines = listed.stdout.splitlines()
    kinds = {line.split()[1] for line in lines}
    assert {"incident", "label", "situation", "draft", "published"} <= kinds
    done = CliRunner().invoke(app, ["withdraw", REPORT, "--by", "An Officer", "--reason", "in error"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:-1] == lines
    assert REVISED in done.stderr
    assert "withdr" not in REVISED
    before = {str(one["incident_id"]) for one in scored.rows("out_incidents")}
    week = scored.settings()
    stages.load(settings=week)
    stages.score(as_of=week.as_of or pytest.fail("a replay has an instant"), settings=week)
    # Known at the issue's own instant it was not withdrawn yet: the replay of the rows is the same.
    assert {str(one["incident_id"]) for one in scored.rows("out_incidents")} == before


def test_a_report_that_is_not_there_is_said_in_words(scored: World):
    done = CliRunner().invoke(app, ["withdraw", "f" * 20, "--by", "An Officer", "--reason", "in error"])
    assert isinstance(done.exception, HorizonError)
    assert done.exception.exit_code == 2
