"""Kill -9 at random moments of saving decisions, then look for each one that was acknowledged.

`python -m tests.faults.kill_desk --times 200` says in one line of JSON what was found. A child saves decision after
decision on a few objects and tells of each only after `save` returned; the parent kills it at a moment drawn from
`--seed`, in the middle of a save or between two, and reads the ledger again. The folder stays the same over all
turns, so that each start recovers.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.classification import Lens, Protection
from domain.review import Act, Authentication, Decision
from review.ledger import Ledger, verify

NOON = datetime(2024, 1, 30, 12, tzinfo=UTC)
OBJECTS = ("incident-a", "situation-b", "2024-W04/r1/restricted")
MOST = 6  # acknowledgements before the kill
LONGEST = 0.012  # seconds after the last of them: about one save


@dataclass
class Found:
    """`left` counts kills that fell between link and chain; `missing` and `broken` hold what must not be."""

    seed: int
    times: int = 0
    acknowledged: int = 0
    left: int = 0
    missing: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.missing or self.broken)


def decision(object_id: str, number: int, turn: int) -> Decision:
    return Decision(
        act=Act.WRITE,
        object_id=object_id,
        object_hash="",
        by="A. Writer",
        role="analyst",
        author="A. Writer",
        reason=f"turn {turn}",
        decided_at=NOON + timedelta(microseconds=turn * 100_000 + number),
        lens=Lens.RESTRICTED,
        authentication=Authentication.SIGNED_IN,
        content=json.dumps({"text": "Harbour " * 200}),
    )


def work(folder: Path, turn: int, writer: int) -> None:
    """Save without end; each acknowledgement names object, version and hash."""
    ledger = Ledger(folder)
    protection = Protection.public(NOON.date())
    os.write(writer, b"start\n")
    number = 0
    while True:
        number += 1
        object_id = OBJECTS[number % len(OBJECTS)]
        version = len(ledger.history(object_id)) + 1
        saved = ledger.save(decision(object_id, number, turn), protection, version=version)
        os.write(writer, f"{object_id} {version} {saved.sha256}\n".encode())


def killed_at(folder: Path, turn: int, *, after: int, moment: float) -> list[str]:
    """What a child acknowledged before it was killed, `moment` seconds after so many acknowledgements."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        work(folder, turn, writer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as back:
        back.readline()
        told = [back.readline().rstrip("\n") for _ in range(after)]
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        told += back.read().splitlines()
    os.waitpid(child, 0)
    return told


def turns(folder: Path, times: int, seed: int) -> Found:
    found = Found(seed=seed)
    chance = random.Random(seed)  # noqa: S311  (no secret; the seed lets a failure be seen again)
    told: list[str] = []
    for turn in range(times):
        told += killed_at(folder, turn, after=chance.randint(0, MOST), moment=chance.uniform(0, LONGEST))
        found.left += sum(1 for _ in (folder / "pending").glob("*"))
        found.times += 1
        findings = verify(folder)
        found.broken += [
            f"turn {turn}: {one.fault.value} {one.object_id} v{one.version}: {one.words}" for one in findings
        ]
        kept = {
            f"{key} {at} {one.sha256}" for key, all_ in Ledger(folder).all().items() for at, one in enumerate(all_, 1)
        }
        found.missing += [f"turn {turn}: {ack}" for ack in told if ack not in kept]
    found.acknowledged = len(told)
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = turns(Path(folder) / "review", given.times, given.seed)
    sys.stdout.write(json.dumps(asdict(found), sort_keys=True) + "\n")
    return 0 if found.sound else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
