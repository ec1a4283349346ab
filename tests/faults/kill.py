"""Kill -9 at random moments of collecting and loading a fictional week, then start again and compare.

`python -m tests.faults.kill --times 200` says in one line of JSON what was found. Each child process writes an
acknowledgement only after the stage's own call returned; the parent kills it at a moment drawn from `--seed`.
The parent imports the stages once and forks, so that a turn costs no start of Python; it opens no warehouse itself.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from domain.classification import Lens
from domain.signal import Look, Payload
from horizon import stages
from horizon.settings import Settings
from tests.horizon.fictional import World
from warehouse.connection import open_store
from warehouse.landing import LandedLook, LandedPayload, read_records

TABLES = ("raw_payloads", "raw_reports", "raw_observations", "raw_defects")


@dataclass
class Found:
    """`killed` counts where the kill fell; `missing`, `doubled` and `broken` hold what must not be."""

    seed: int
    times: int = 0
    killed: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.missing or self.doubled or self.broken)


@dataclass(frozen=True)
class Kept:
    """What a store holds: payloads, looks and rows, each as often as it is there."""

    payloads: list[str]
    looks: list[str]
    rows: dict[str, list[str]]


def work(settings: Settings, tell: Callable[[str], None]) -> None:
    """Collect every source and load, and tell of each thing as soon as it is acknowledged."""
    store_payload, land_look = stages.store_payload, stages.land_look

    def told_payload(folder: Path, payload: Payload, protection: Any) -> Any:
        stored = store_payload(folder, payload, protection)
        tell(f"payload {payload.source_id}/{stored.sha256}")
        return stored

    def told_look(folder: Path, look: Look, protection: Any) -> str:
        name = land_look(folder, look, protection)
        tell(f"look {look.source_id}/{look.looked_at.isoformat()}")
        return name

    stages.store_payload, stages.land_look = told_payload, told_look
    tell("start")
    for card in sorted(settings.cards.glob("*.toml")):
        stages.collect(card.stem, settings)
    tell("collected")
    stages.load(settings=settings)
    tell("loaded")


def landed(settings: Settings) -> tuple[list[str], list[str]]:
    """Names of payloads and looks in landing; each payload's bytes are read and compared with their hash."""
    payloads, looks = [], []
    for one in read_records(settings.landing):
        if isinstance(one, LandedPayload):
            one.payload()
            payloads.append(f"{one.source_id}/{one.sha256}")
        elif isinstance(one, LandedLook):
            looks.append(f"{one.look.source_id}/{one.look.looked_at.isoformat()}")
    return sorted(payloads), sorted(looks)


def kept(settings: Settings) -> Kept:
    payloads, looks = landed(settings)
    rows: dict[str, list[str]] = {}
    with open_store(settings.var, Lens.PUBLIC) as store:
        for table in TABLES:
            rows[table] = [repr(row) for row in store.dump(table).rows()]
        told = store.dump("raw_looks").to_dicts()
        # Whether a look found something new depends on what landed before it, so its state is left out.
        rows["raw_looks"] = sorted(f"{row['source_id']} {row['looked_at']}" for row in told)
    return Kept(payloads=payloads, looks=looks, rows=rows)


def acknowledged_is_there(settings: Settings, acks: list[str], whole: Kept) -> list[str]:
    """What was acknowledged before the kill and is not there now, before anything is run again."""
    payloads, looks = landed(settings)
    there = {f"payload {name}" for name in payloads} | {f"look {name}" for name in looks}
    missing = [ack for ack in acks if ack.startswith(("payload ", "look ")) and ack not in there]
    if "loaded" in acks:
        rows = kept(settings).rows
        missing += [f"loaded row of {table}" for table in rows if Counter(whole.rows[table]) - Counter(rows[table])]
    return missing


def compare(again: Kept, whole: Kept) -> tuple[list[str], list[str]]:
    """What is missing and what is doubled after the restart, against an undisturbed run."""
    missing: list[str] = []
    doubled: list[str] = []
    pairs = [("payload", again.payloads, whole.payloads), ("look", again.looks, whole.looks)]
    pairs += [(table, again.rows[table], whole.rows[table]) for table in whole.rows]
    for name, now, then in pairs:
        missing += [f"{name}: {one[:200]}" for one in Counter(then) - Counter(now)]
        doubled += [f"{name}: {one[:200]}" for one in Counter(now) - Counter(then)]
    return missing, doubled


def in_child(job: Callable[[], Any]) -> Any:
    """The job's result, from a process of its own; what it raises comes back as words."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            result = {"result": job()}
        except BaseException:
            result = {"error": traceback.format_exc()[-1500:]}
        with os.fdopen(writer, "w") as out:
            json.dump(result, out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as back:
        text = back.read()
    os.waitpid(child, 0)
    told = json.loads(text or '{"error": "the process died"}')
    if "error" in told:
        raise RuntimeError(told["error"])
    return told["result"]


def acknowledge(writer: int, words: str) -> None:
    os.write(writer, f"{time.monotonic()} {words}\n".encode())


def killed_at(settings: Settings, moment: float | None) -> dict[str, float]:
    """Run the work in a child, kill it `moment` seconds after it began; gives what it acknowledged, and when."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        work(settings, lambda words: acknowledge(writer, words))
        os._exit(0)
    os.close(writer)
    if moment is not None:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader) as back:
        lines = [line.partition(" ") for line in back.read().splitlines()]
    os.waitpid(child, 0)
    began = float(lines[0][0]) if lines else 0.0
    return {words: float(at) - began for at, _, words in lines}


def turns(folder: Path, times: int, seed: int) -> Found:
    """Kill `times` times, each in a store of its own, every third time again after the first restart."""
    found = Found(seed=seed)
    chance = random.Random(seed)  # noqa: S311  (no secret; the seed lets a failure be seen again)
    world = World(folder).with_sources()
    undisturbed = killed_at(world.settings(var="whole"), None)
    if "loaded" not in undisturbed:
        found.broken.append(f"the undisturbed run ended after {list(undisturbed)[-1:]}")
        return found
    # Collecting is short and loading long: half of the kills are meant for each.
    phases = ((0.0, undisturbed["collected"]), (undisturbed["collected"], undisturbed["loaded"]))
    whole = Kept(**in_child(lambda: asdict(kept(world.settings(var="whole")))))
    for turn in range(times):
        settings = world.settings(var=f"var{turn}")
        settings.var.mkdir()
        acks: list[str] = []
        for _ in range(2 if turn % 3 == 0 else 1):
            acks += killed_at(settings, chance.uniform(*phases[turn % 2]))
        found.times += 1
        found.acknowledged += len(acks)
        where = "loaded" if "loaded" in acks else "loading" if "collected" in acks else "collecting"
        found.killed[where] = found.killed.get(where, 0) + 1
        try:
            found.missing += in_child(lambda: acknowledged_is_there(settings, acks, whole))  # noqa: B023  (used at once)
            again = killed_at(settings, None)
            if "loaded" not in again:
                found.broken.append(f"turn {turn}: the restart ended after {list(again)[-1:]}")
                continue
            missing, doubled = compare(Kept(**in_child(lambda: asdict(kept(settings)))), whole)  # noqa: B023  (used at once)
            found.missing += missing
            found.doubled += doubled
        except RuntimeError as error:
            found.broken.append(f"turn {turn}: {error}")
        shutil.rmtree(settings.var)
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = turns(Path(folder), given.times, given.seed)
    sys.stdout.write(json.dumps(asdict(found), sort_keys=True) + "\n")
    return 0 if found.sound else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
