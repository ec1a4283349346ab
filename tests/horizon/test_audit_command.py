"""`horizon audit`: the chain in words, and the history of one object."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.classification import Lens, Protection
from domain.review import Act, Authentication, Decision
from horizon.cli import app
from review.ledger import Ledger, write_anchor

NOON = datetime(2024, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three decisions of a desk, and the first line of standard output of a command over them."""
    monkeypatch.setenv("HORIZON_VAR", str(tmp_path))
    ledger = Ledger(tmp_path / "review")
    for at in range(1, 4):
        one = Decision(
            act=Act.WRITE,
            object_id="situation/ruritania",
            object_hash="",
            by="A. Writer",
            role="analyst",
            author="A. Writer",
            reason=f"draft {at}",
            decided_at=NOON + timedelta(minutes=at),
            lens=Lens.RESTRICTED,
            authentication=Authentication.SIGNED_IN,
        )
        ledger.save(one, replace(Protection.public(NOON.date()), lens=Lens.RESTRICTED), version=at)
    return tmp_path


def call(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["audit", *arguments])
    return done.exit_code, done.stdout.splitlines()


def test_a_whole_chain_is_said_to_be_whole(var):
    write_folder = var / "published" / "2024-W04" / "r1"
    write_folder.mkdir(parents=True)
    write_anchor(write_folder, Ledger(var / "review").anchor())
    code, lines = call()
    assert code == 0
    assert lines == ["3 decisions in the chain, 0 of the command line outside it, 1 anchors compared: nothing is wrong"]


def test_a_removed_decision_is_named_and_the_exit_code_says_so(var):
    Ledger(var / "review").place("situation/ruritania", 2).unlink()
    code, lines = call()
    assert code == 1
    assert lines[0] == "removed\tsituation/ruritania v2\tits file is gone"


def test_a_cut_tail_is_found_with_the_anchor_of_an_issue_on_paper(var):
    anchor = Ledger(var / "review").anchor()
    lines = (var / "review" / "chain").read_bytes().splitlines(keepends=True)
    (var / "review" / "chain").write_bytes(b"".join(lines[:2]))
    code, told = call("--json", "--anchor", f"{anchor.length}:{anchor.head}")
    assert code == 1
    assert "cut tail" in [json.loads(line)["fault"] for line in told]


def test_the_history_of_an_object_says_who_what_when_and_why(var):
    code, lines = call("ruritania")
    assert code == 0
    assert len(lines) == 3
    assert lines[1].split("\t")[:5] == [
        "2024-01-30 12:02:00",
        "situation/ruritania",
        "v2",
        "write",
        "A. Writer (analyst, signed in)",
    ]


def test_an_object_of_which_nobody_decided_is_a_usage_error(var):
    done = CliRunner().invoke(app, ["audit", "freedonia"])
    assert done.exception.exit_code == 2


@pytest.mark.parametrize("text", ["5", "x:y", "5:abc", ""])
def test_an_anchor_that_is_none_is_a_usage_error(var, text):
    done = CliRunner().invoke(app, ["audit", "--anchor", text])
    assert done.exception.exit_code == 2


def test_an_empty_store_has_nothing_wrong(tmp_path, monkeypatch):
    monkeypatch.setenv("HORIZON_VAR", str(tmp_path))
    assert call()[0] == 0
