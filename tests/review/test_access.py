"""The log of access: every line stays, in its order, whoever writes and whatever ends a process."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.classification import Classification
from review.access import AccessLog
from review.ledger import Anchor, Fault, verify_access
from review.rights import Person, Role

AT = datetime(2024, 1, 30, 12, tzinfo=UTC)
ANA = Person(account="ana", name="Ana Lyst", role=Role.ANALYST, regions=frozenset({"AFRICA"}))
HELD = Classification.CONFIDENTIAL


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AccessLog]:
    made = AccessLog(tmp_path / "access")
    yield made
    made.close()


def write(log: AccessLog, *objects: str) -> None:
    for one in objects:
        log.note(ANA, "GET incident", [(one, HELD)], at=AT)


def faults(path: Path, *anchors: Anchor) -> list[Fault]:
    return [one.fault for one in verify_access(path, anchors)[1]]


def test_what_was_read_is_found_by_object_and_by_person_newest_first(log: AccessLog):
    log.note(ANA, "GET triage", [("a", HELD), ("b", HELD)], at=AT)
    log.note(None, "sign-in failed", [("olga", Classification.UNCLASSIFIED)], at=AT)
    assert [one.object_id for one in log.newest()] == ["olga", "b", "a"]
    assert [(one.name, one.role, one.what) for one in log.newest("a")] == [("Ana Lyst", "analyst", "GET triage")]
    assert len(log.newest("ana")) == 2
    assert [one.object_id for one in log.newest(limit=1)] == ["olga"]
    assert verify_access(log.path) == (2, ())


def test_lines_of_many_threads_and_of_two_processes_stand_in_one_chain(log: AccessLog):
    other = AccessLog(log.path)
    threads = [threading.Thread(target=write, args=(one, *"abcde")) for one in (log, other) * 5]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    child = os.fork()
    if child == 0:
        write(AccessLog(log.path), "child")
        os._exit(0)
    os.waitpid(child, 0)
    write(log, "after")
    other.close()
    assert verify_access(log.path) == (52, ())


def test_a_changed_a_removed_and_a_moved_line_are_found(log: AccessLog):
    write(log, *"abcd")
    lines = log.path.read_bytes().splitlines(keepends=True)
    for changed, fault in (
        ([lines[0], lines[1].replace(b"Ana", b"Eva"), *lines[2:]], Fault.TAMPERED),
        ([lines[0], *lines[2:]], Fault.REMOVED),
        ([lines[0], lines[2], lines[1], lines[3]], Fault.REORDERED),
    ):
        log.path.write_bytes(b"".join(changed))
        assert fault in faults(log.path)


def test_a_cut_tail_is_found_back_to_the_last_anchor(log: AccessLog):
    write(log, *"abc")
    anchor = log.anchor()
    log.path.write_bytes(b"".join(log.path.read_bytes().splitlines(keepends=True)[:2]))
    assert faults(log.path) == []
    assert faults(log.path, anchor) == [Fault.CUT]
    write(log, "other")
    assert faults(log.path, anchor) == [Fault.REWRITTEN]


def test_half_a_line_of_a_killed_process_is_dropped_and_a_long_one_is_followed(log: AccessLog):
    log.note(ANA, "GET triage", [(f"{at:020x}", HELD) for at in range(5_000)], at=AT)
    with log.path.open("ab") as file:
        file.write(b'{"account":"ana","at"')
    again = AccessLog(log.path)
    write(again, "next")
    again.close()
    assert verify_access(log.path) == (2, ())


def test_killed_right_after_a_line_the_line_is_there(log: AccessLog):
    child = os.fork()
    if child == 0:
        write(AccessLog(log.path), "killed")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert [one.object_id for one in log.newest()] == ["killed"]


def test_a_line_is_synced_within_a_second_and_one_sync_serves_many(log: AccessLog, monkeypatch: pytest.MonkeyPatch):
    synced = threading.Event()
    count = []
    monkeypatch.setattr("review.access.WITHIN", 0.05)
    monkeypatch.setattr("review.access.os.fsync", lambda _: (count.append(1), synced.set()))
    write(log, *"abcdefgh")
    assert synced.wait(5)
    assert len(count) < 8
