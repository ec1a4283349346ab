"""`horizon audit`: the chain in words, and the history of one object."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.classification import Classification, Lens, Protection
from domain.review import Act, Authentication, Decision
from horizon.cli import app
from review.access import AccessLog
from review.ledger import Ledger, write_anchor
from warehouse.landing import write_decision

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
    assert lines == [
        "3 decisions in the chain, 0 older ones of the command line outside it, 0 lines in the log of access, "
        "1 anchors compared: nothing is wrong"
    ]


def test_an_old_decision_of_the_command_line_outside_the_chain_is_named_and_counts(var):
    old = Decision(
        act=Act.APPROVE,
        object_id="2024-W04/r1/restricted",
        object_hash="0" * 64,
        by="B. Reviewer",
        role="analyst",
        author="machine",
        reason="read in full",
        decided_at=NOON,
        lens=Lens.RESTRICTED,
    )
    body = write_decision(old, replace(Protection.public(NOON.date()), lens=Lens.RESTRICTED))
    (var / "review" / "decisions" / "2024" / f"{hashlib.sha256(body).hexdigest()}.json").write_bytes(body)
    code, lines = call()
    assert code == 0
    assert lines[0].startswith(
        "outside the chain\t2024-01-30 12:00:00\t2024-W04/r1/restricted\t–\tapprove\tB. Reviewer"
    )
    assert "1 older ones of the command line outside it" in lines[1]
    assert call("2024-W04/r1")[0] == 0


def test_a_changed_and_a_cut_log_of_access_are_named(var):
    log = AccessLog(var / "review" / "access")
    for at in range(3):
        log.note(None, "GET incident", [(f"incident-{at}", Classification.CONFIDENTIAL)], at=NOON)
    folder = var / "published" / "2024-W04" / "r1"
    folder.mkdir(parents=True)
    write_anchor(folder, Ledger(var / "review").anchor(), access=log.anchor())
    log.close()
    assert call()[0] == 0
    path = var / "review" / "access"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"incident-1", b"incident-9"))
    code, lines = call()
    assert (code, lines[0].split("\t")[:2]) == (1, ["tampered", "line 3 of the log of access"])
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    code, lines = call()
    assert code == 1
    assert "knows 3 lines of the log of access, and 2 are here" in lines[0]
    path.unlink()
    assert call()[0] == 1


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
