"""Decisions once saved are there, in their order, or the ledger says which is not."""

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.classification import Lens, Protection
from domain.errors import HorizonError, Refused, Unavailable
from domain.review import Act, Authentication, Decision
from review.ledger import (
    Anchor,
    Conflict,
    Fault,
    Hand,
    Ledger,
    decide,
    read_anchors,
    read_every,
    unchained,
    verify,
    write_anchor,
)
from warehouse.landing import read_records, write_decision
from warehouse.sealed import make_vault

NOON = datetime(2024, 1, 30, 12, tzinfo=UTC)
PROTECTION = replace(Protection.public(NOON.date()), lens=Lens.RESTRICTED)


def decision(object_id: str = "situation/one", text: str = "A quay was closed.", *, minutes: int = 0) -> Decision:
    return Decision(
        act=Act.WRITE,
        object_id=object_id,
        object_hash="",
        by="A. Writer",
        role="analyst",
        author="A. Writer",
        reason="a draft",
        decided_at=NOON + timedelta(minutes=minutes),
        lens=Lens.RESTRICTED,
        authentication=Authentication.SIGNED_IN,
        content=text,
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Five decisions on two objects."""
    found = Ledger(tmp_path)
    for at, (name, version) in enumerate((("one", 1), ("two", 1), ("one", 2), ("one", 3), ("two", 2))):
        found.save(decision(f"situation/{name}", f"text {at}", minutes=at), PROTECTION, version=version)
    return found


def put_beside(folder: Path, told: Decision) -> None:
    """A record as command lines wrote it before the chain held their decisions too, or as another hand would."""
    body = write_decision(told, PROTECTION)
    path = folder / "decisions" / "2024" / f"{hashlib.sha256(body).hexdigest()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def faults(folder: Path, *anchors: Anchor) -> list[tuple[Fault, str, int]]:
    return [(one.fault, one.object_id, one.version) for one in verify(folder, anchors)]


def test_a_save_is_seen_at_once_by_its_author_and_by_every_other_process(tmp_path):
    mine, other = Ledger(tmp_path), Ledger(tmp_path)
    assert other.history("situation/one") == ()
    saved = mine.save(decision(), PROTECTION, version=1)
    assert mine.history("situation/one") == other.history("situation/one") == (saved,)
    assert saved.decision == replace(decision(), version=1)


def test_each_version_names_the_one_before_it(ledger):
    one, two, three = ledger.history("situation/one")
    assert (one.decision.previous, two.decision.previous, three.decision.previous) == ("", one.sha256, two.sha256)


def test_a_saved_decision_is_a_landing_record_that_the_loader_reads(ledger, tmp_path):
    landed = list(read_records(tmp_path / "decisions"))
    assert [one.sha256 for one in landed] == [one.sha256 for one in ledger.in_order()]


def test_the_second_of_two_editors_sees_both_texts_and_overwrites_nothing(ledger):
    with pytest.raises(Conflict) as told:
        ledger.save(decision(text="my own words"), PROTECTION, version=3)
    assert (told.value.mine.content, told.value.theirs.content) == ("my own words", "text 3")
    assert [one.decision.content for one in ledger.history("situation/one")] == ["text 0", "text 2", "text 3"]


def test_of_twenty_writers_at_once_one_saves_a_version(tmp_path):
    results: list[str] = []

    def save(number: int) -> None:
        try:
            Ledger(tmp_path).save(decision(text=f"words {number}"), PROTECTION, version=1)
            results.append("saved")
        except Conflict:
            results.append("conflict")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == ["conflict"] * 19 + ["saved"]
    assert verify(tmp_path) == ()


def test_a_version_without_the_one_before_it_is_refused(tmp_path):
    with pytest.raises(Refused, match="no version 1"):
        Ledger(tmp_path).save(decision(), PROTECTION, version=2)


def test_an_object_may_have_any_name_and_no_name_leaves_the_folder(tmp_path):
    ledger = Ledger(tmp_path / "review")
    names = ["../../outside", "a b\x00c", "x" * 4000, "جزيرة/港", " ".join(f"{at:020x}" for at in range(30))]
    for name in names:
        ledger.save(decision(name), PROTECTION, version=1)
    assert sorted(ledger.all()) == sorted(names)
    assert [path.name for path in tmp_path.iterdir()] == ["review"]
    assert verify(tmp_path / "review") == ()


def test_a_whole_ledger_has_no_finding(ledger, tmp_path):
    assert verify(tmp_path, [ledger.anchor()]) == ()


def test_an_empty_folder_has_no_finding(tmp_path):
    assert verify(tmp_path) == ()


def test_a_decision_that_was_changed_is_named(ledger, tmp_path):
    path = ledger.place("situation/one", 2)
    path.write_bytes(path.read_bytes().replace(b"text 2", b"text X"))
    assert set(faults(tmp_path)) == {(Fault.TAMPERED, "situation/one", 2)}
    with pytest.raises(HorizonError, match="was changed"):
        Ledger(tmp_path).history("situation/one")


def test_a_decision_that_was_removed_is_named(ledger, tmp_path):
    sha = ledger.history("situation/one")[1].sha256
    ledger.place("situation/one", 2).unlink()
    (tmp_path / "decisions" / "2024" / f"{sha}.json").unlink()
    assert faults(tmp_path) == [(Fault.REMOVED, "situation/one", 2)]
    with pytest.raises(HorizonError, match="is gone"):
        Ledger(tmp_path).all()


def test_a_decision_that_was_removed_with_its_line_is_named_by_what_follows(ledger, tmp_path):
    lines = (tmp_path / "chain").read_bytes().splitlines(keepends=True)
    (tmp_path / "chain").write_bytes(b"".join(lines[:2] + lines[3:]))
    found = verify(tmp_path)
    assert (Fault.REMOVED, "situation/one", 3) in {(one.fault, one.object_id, one.version) for one in found}
    assert (Fault.ADDED, "situation/one", 2) in {(one.fault, one.object_id, one.version) for one in found}
    assert any("number 3" in one.words for one in found)


def test_decisions_that_changed_places_are_named(ledger, tmp_path):
    lines = (tmp_path / "chain").read_bytes().splitlines(keepends=True)
    (tmp_path / "chain").write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert (Fault.REORDERED, "situation/one", 2) in faults(tmp_path)


def test_two_files_that_changed_places_are_named(ledger, tmp_path):
    one, other = ledger.place("situation/one", 1), ledger.place("situation/one", 2)
    first, second = one.read_bytes(), other.read_bytes()
    one.unlink(), other.unlink()
    one.write_bytes(second), other.write_bytes(first)
    assert set(faults(tmp_path)) == {(Fault.TAMPERED, "situation/one", 1), (Fault.TAMPERED, "situation/one", 2)}


def test_a_changed_line_is_named(ledger, tmp_path):
    body = (tmp_path / "chain").read_bytes()
    sha = ledger.in_order()[2].sha256.encode()
    (tmp_path / "chain").write_bytes(body.replace(sha, b"0" * 64))
    assert (Fault.TAMPERED, "situation/one", 2) in faults(tmp_path)


def test_a_decision_put_in_by_another_hand_is_named(ledger, tmp_path):
    put_beside(tmp_path, decision("situation/three"))
    assert faults(tmp_path) == [(Fault.ADDED, "situation/three", 0)]


def test_old_decisions_of_command_lines_stand_outside_count_and_are_told_apart(ledger, tmp_path):
    claimed = replace(decision("2024-W04/r1/restricted"), authentication=Authentication.UNAUTHENTICATED)
    put_beside(tmp_path, claimed)
    assert verify(tmp_path) == ()
    assert [one.decision for one in unchained(tmp_path)] == [claimed]
    assert len(read_every(tmp_path)) == 6


def test_what_another_hand_put_in_is_never_read_as_a_decision(ledger, tmp_path):
    put_beside(tmp_path, decision("situation/three"))
    put_beside(tmp_path, replace(decision("situation/four"), version=1))
    assert len(read_every(tmp_path)) == 5
    assert unchained(tmp_path) == ()


def test_from_the_first_command_line_in_the_chain_on_none_stands_outside(ledger, tmp_path):
    mine = replace(decision("report/one", minutes=10), authentication=Authentication.UNAUTHENTICATED)
    ledger.save(mine, PROTECTION, version=None)
    put_beside(tmp_path, replace(mine, object_id="report/two", decided_at=NOON + timedelta(minutes=11)))
    assert faults(tmp_path) == [(Fault.ADDED, "report/two", 0)]
    put_beside(tmp_path, replace(mine, object_id="report/three", decided_at=NOON + timedelta(minutes=9)))
    assert faults(tmp_path) == [(Fault.ADDED, "report/two", 0)]


def test_a_decision_without_a_name_is_not_made():
    with pytest.raises(Refused, match="needs a name"):
        decide(Act.APPROVE, "2024-W04/r1/restricted", hand=Hand(by="  ", role="analyst"), reason="read", at=NOON)


def test_the_public_lens_reads_a_sealed_chain_without_any_key(tmp_path):
    keys = make_vault(tmp_path, tmp_path / "keys").keys
    ledger = Ledger(tmp_path / "review")
    ledger.save(replace(decision("2024-W04/r1/public"), act=Act.STOP), PROTECTION, version=1)
    shutil.rmtree(keys)
    (stop,) = Ledger(tmp_path / "review", Lens.PUBLIC).history("2024-W04/r1/public")
    assert (stop.decision.act, stop.decision.by, stop.decision.content) == (Act.STOP, "", "")
    public = replace(decision("2024-W04/r1/public", minutes=1), lens=Lens.PUBLIC)
    Ledger(tmp_path / "review", Lens.PUBLIC).save(public, Protection.public(NOON.date()), version=2)
    assert verify(tmp_path / "review") == ()
    with pytest.raises(Unavailable, match="cannot be used"):
        Ledger(tmp_path / "review").history("2024-W04/r1/public")


def cut(folder: Path, keep: int) -> None:
    """Cut the chain and take away every file of the decisions cut off: all that can be done without another folder."""
    gone = Ledger(folder).in_order()[keep:]
    lines = (folder / "chain").read_bytes().splitlines(keepends=True)
    (folder / "chain").write_bytes(b"".join(lines[:keep]))
    for one in gone:
        Ledger(folder).place(one.decision.object_id, one.decision.version).unlink()
        (folder / "decisions" / "2024" / f"{one.sha256}.json").unlink()


def test_a_cut_tail_is_found_back_to_the_last_anchor_and_no_further(ledger, tmp_path):
    anchor = ledger.anchor()
    cut(tmp_path, 3)
    assert verify(tmp_path) == ()
    (found,) = verify(tmp_path, [anchor])
    assert found.fault is Fault.CUT
    assert "knows 5 decisions, and 3 are here" in found.words


def test_a_chain_written_anew_is_found_by_an_anchor(ledger, tmp_path):
    anchor = ledger.anchor()
    cut(tmp_path, 3)
    again = Ledger(tmp_path)
    again.save(decision("situation/one", "other words", minutes=3), PROTECTION, version=3)
    again.save(decision("situation/two", "text 4", minutes=4), PROTECTION, version=2)
    assert verify(tmp_path) == ()
    assert faults(tmp_path, anchor) == [(Fault.REWRITTEN, "situation/two", 2)]


def test_an_anchor_in_an_issue_is_read_back(ledger, tmp_path):
    (tmp_path / "published" / "r1").mkdir(parents=True)
    write_anchor(tmp_path / "published" / "r1", ledger.anchor())
    assert read_anchors(tmp_path / "published") == (replace(ledger.anchor(), where="published/r1"),)
    assert read_anchors(tmp_path / "published", access=True) == ()


def test_a_line_torn_by_a_kill_is_finished_by_the_next_save(ledger, tmp_path):
    with (tmp_path / "chain").open("ab") as file:
        file.write(b'{"sequence":6,"rec')
    (tmp_path / "pending" / ("0" * 64)).write_bytes(b"half")
    ledger.save(decision("situation/two", "text 5", minutes=5), PROTECTION, version=3)
    assert verify(tmp_path, [ledger.anchor()]) == ()
    assert len(Ledger(tmp_path).in_order()) == 6


def test_a_record_without_content_keeps_the_hash_that_it_always_had(tmp_path):
    plain = replace(decision(), content="")
    put_beside(tmp_path, plain)
    (record,) = tmp_path.rglob("*.json")
    assert not {"content", "version"} & json.loads(record.read_bytes()).keys()


@pytest.mark.slow
def test_after_a_kill_every_acknowledged_decision_is_there_and_the_chain_verifies(root):
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_desk", "--times", "20"],
        check=False,
        cwd=root,
        capture_output=True,
        text=True,
    )
    found = json.loads(run.stdout)
    assert (found["missing"], found["broken"], found["times"]) == ([], [], 20)
    assert found["acknowledged"] > 20
    assert run.returncode == 0
