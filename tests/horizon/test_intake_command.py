"""`horizon intake` and `horizon withdraw`, as a person calls them."""

import csv
from pathlib import Path

import pytest
from fictional import World
from given_reports import GIVEN, TOKEN
from typer.testing import CliRunner, Result

from domain.errors import HorizonError
from horizon import stages
from horizon.cli import app

FAR = "2028-01-01"


@pytest.fixture(name="world")
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path / "store").with_sources()
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    return world


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit | HorizonError):
        raise done.exception
    return done


def refused(done: Result) -> HorizonError:
    assert isinstance(done.exception, HorizonError)
    return done.exception


def options(**other: str) -> list[str]:
    said = GIVEN | {"consent_until": FAR} | other
    return [
        part
        for name, value in said.items()
        if name != "text" and value
        for part in (f"--{name.replace('_', '-')}", value)
    ]


def test_a_form_is_taken_in_loaded_and_withdrawn(world: World, tmp_path: Path):
    text = tmp_path / "report.txt"
    text.write_text(GIVEN["text"], "utf-8")
    done = call("intake", str(text), "--kind", "form", "--by", "An Officer", *options())
    assert done.exit_code == 0
    word, report = done.stdout.split()[-2:]
    assert (word, len(report)) == ("in", 20)
    assert "encryption at rest: off" in done.stderr
    stages.load(settings=world.settings())
    (row,) = [one for one in world.rows("raw_reports") if one["source_id"] == "given_civil_society"]
    assert TOKEN in str(row["text"])
    assert "here already: 1" in call("intake", str(text), "--kind", "form", "--by", "An Officer", *options()).stderr
    assert call("withdraw", report, "--list").exit_code == 0
    assert refused(call("withdraw", report)).exit_code == 2
    done = call("withdraw", report, "--by", "An Officer", "--reason", "asked for it")
    assert done.exit_code == 0
    assert f"withdrawn\t{report}\tused 0 times" in done.stdout


def test_a_table_brings_its_own_fields(world: World, tmp_path: Path):
    path = tmp_path / "reports.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(GIVEN))
        writer.writeheader()
        for at in range(3):
            writer.writerow(GIVEN | {"title": f"Report {at}", "consent_until": FAR})
    done = call("intake", str(path), "--kind", "csv", "--by", "An Officer")
    assert done.exit_code == 0
    assert done.stdout.count("taken in\t") == 3


def test_what_is_missing_or_refused_sets_the_exit_code_and_lands_nothing(world: World, tmp_path: Path):
    text = tmp_path / "report.txt"
    text.write_text("<script>x</script>", "utf-8")
    base = ["intake", str(text), "--kind", "form", "--by", "An Officer"]
    assert refused(call(*base, *options())).exit_code == 3
    text.write_text("Three persons were detained.", "utf-8")
    error = refused(call(*base, *options(consent="", sharing="")))
    assert error.exit_code == 2
    assert "“consent” is missing" in error.why
    assert "“sharing” is missing" in error.why
    assert refused(call("intake", str(text), "--kind", "fax", "--by", "An Officer")).exit_code == 2
    assert refused(call("intake", str(tmp_path / "none.txt"), "--kind", "form", "--by", "A")).exit_code == 2
    assert not world.settings().decisions.exists()
