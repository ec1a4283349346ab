"""How many items a second go from one week of all cards to landing and into the warehouse, and in how much memory.

Every card with one week of its volume (`volumes.py`), answered by the replay client: the guarded client refuses
addresses of the machine itself, so a local server would measure another client. Two processes collect, as the
scheduler would, and one loads with its two workers; the start of Python is not counted. Then the feeds alone, into a
warehouse of their own. `--busy 1` keeps one core busy meanwhile. Figures only; nothing is asserted. `make bench`.
"""

import argparse
import multiprocessing
import multiprocessing.pool
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.errors import HorizonError
from domain.source import Kind, SourceState, load_cards
from horizon.settings import ROOT, Settings, load_settings
from tests.bench.volumes import EXPLAINED, WEEK, Made, make_week

TARGET_ITEMS = 2_000
TARGET_MEMORY = 500
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Times in seconds, memory in MB."""

    items: int
    collecting: float
    loading: float
    defects: dict[tuple[str, str], int]
    collect_memory: "Memory"
    load_memory: "Memory"

    @property
    def rate(self) -> float:
        return self.items / (self.collecting + self.loading)


@dataclass(frozen=True, slots=True)
class Memory:
    each: tuple[int, ...]
    together: int


class Watch:
    """Memory of this process's children and theirs while something runs; what they share is counted in each."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._peaks: dict[int, int] = {}
        self._most = 0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def memory(self) -> Memory:
        return Memory(tuple(sorted(self._peaks.values(), reverse=True)[:6]), self._most)

    def _look(self) -> None:
        while not self._done.wait(0.05):
            held = {}
            for process in _descendants(os.getpid()):
                try:
                    told = Path(f"/proc/{process}/status").read_text("utf-8")
                    command = Path(f"/proc/{process}/cmdline").read_bytes()
                except OSError:
                    continue
                sizes = dict(line.split(":", 1) for line in told.splitlines() if line.startswith(("VmRSS", "VmHWM")))
                if "VmRSS" not in sizes or b"resource_tracker" in command or b"--spinning" in command:
                    continue
                held[process] = int(sizes["VmRSS"].split()[0]) // 1024
                self._peaks[process] = int(sizes["VmHWM"].split()[0]) // 1024
            self._most = max(self._most, sum(held.values()))


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                found += [int(child), *_descendants(int(child))]
    except OSError:
        pass
    return found


def warm(_: int) -> int:
    """The start of Python and the import of all stages, before anything is timed."""
    from horizon import stages  # noqa: PLC0415  (in the processes alone, so that this one stays small)

    time.sleep(0.2)
    return len(stages.__name__)


def collect(job: tuple[str, Settings]) -> str:
    """The state of the look; a failed one is part of the week, and the scheduler would go on as well."""
    from collectors.sources import uhri_recommendations  # noqa: PLC0415
    from horizon import stages  # noqa: PLC0415

    uhri_recommendations.FEWEST = 1  # the bench has some of its months
    source, settings = job
    try:
        return stages.collect(source, settings)
    except HorizonError as error:
        return f"{source}: {error}"


def load(settings: Settings) -> int:
    from horizon import stages  # noqa: PLC0415

    done = stages.load(settings=settings)
    return done.reports + done.observations


def count_defects(var: Path) -> dict[tuple[str, str], int]:
    """By source and check, after the load."""
    from domain.classification import Lens  # noqa: PLC0415
    from warehouse.connection import open_store  # noqa: PLC0415

    counts = Counter[tuple[str, str]]()
    for lens in Lens:
        with open_store(var, lens) as store:
            rows = store.dump("raw_defects")
        counts.update(zip(rows["source_id"].to_list(), rows["check_name"].to_list(), strict=True))
    return counts


def run(made: list[Made], var: Path, samples: Path) -> Run:
    settings = replace(load_settings({}), var=var, week=WEEK)
    # The cards with most bytes first, so that no process waits long for the other; the scheduler has no such order.
    jobs = [(one.card.id, replace(settings, samples=samples / one.card.id)) for one in made if one.requests]
    with SPAWN.Pool(2) as pool, Watch() as watch:
        pool.map(warm, range(2), chunksize=1)
        begun = time.perf_counter()
        states = pool.map(collect, jobs, chunksize=1)
        collecting = time.perf_counter() - begun
        collect_memory = watch.memory()
    sys.stderr.write("".join(f"{state}\n" for state in states if state not in set(SourceState)))
    with SPAWN.Pool(1) as pool, Watch() as watch:
        pool.map(warm, range(1))
        begun = time.perf_counter()
        items = pool.apply(load, (settings,))
        loading = time.perf_counter() - begun
        load_memory = watch.memory()
    with SPAWN.Pool(1) as pool:
        defects = pool.apply(count_defects, (var,))
    return Run(
        items=items,
        collecting=collecting,
        loading=loading,
        defects=defects,
        collect_memory=collect_memory,
        load_memory=load_memory,
    )


def show(name: str, made: list[Made], done: Run) -> None:
    memory = max(*done.collect_memory.each, *done.load_memory.each)
    origins = Counter(one.origin for one in made)
    unexplained = sum(count for name, count in done.defects.items() if name not in EXPLAINED)
    lines = [
        ("cards", f"{len(made)}  ({', '.join(f'{count} {origin}' for origin, count in sorted(origins.items()))})"),
        ("requests, MB", f"{sum(one.requests for one in made):,}, {sum(one.size for one in made) / 1e6:.1f}"),
        ("items loaded", f"{done.items:,}"),
        ("defects", f"{sum(done.defects.values())}  ({unexplained} unexplained)"),
        ("collecting, two processes", f"{done.collecting:.2f} s"),
        ("loading, one and two workers", f"{done.loading:.2f} s"),
        ("items a second, in all", f"{done.rate:,.0f}  (target {TARGET_ITEMS:,})"),
        ("memory, largest process", f"{memory} MB  (target {TARGET_MEMORY})"),
        ("collecting: each, together", f"{_each(done.collect_memory)}"),
        ("loading: each, together", f"{_each(done.load_memory)}"),
    ]
    sys.stdout.write(f"{name}\n" + "".join(f"  {label:<30} {value}\n" for label, value in lines))
    for (source, check), count in sorted(done.defects.items()):
        sys.stdout.write(f"    {count:>5} {check} of {source}: {EXPLAINED.get((source, check), 'unexplained')}\n")


def _each(memory: Memory) -> str:
    return f"{' + '.join(map(str, memory.each))} MB; at most {memory.together} MB at once"


def spin(_: str) -> None:
    while True:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, default=0, help="other processes that use a core meanwhile")
    busy = parser.parse_args().busy
    spinners = [SPAWN.Process(target=spin, args=("--spinning",), daemon=True) for _ in range(busy)]
    settings = load_settings({})
    with tempfile.TemporaryDirectory(prefix="horizon-bench-") as name:
        folder = Path(name)
        recorded = ROOT.parent / "shared" / "recorded"
        made = [
            make_week(card, folder / "samples" / card.id, recorded, settings.samples)
            for card in load_cards(settings.cards)
        ]
        made.sort(key=lambda one: -one.size)
        feeds = [one for one in made if one.card.kind is Kind.RSS]
        for spinner in spinners:
            spinner.start()
        try:
            show("One week of all cards", made, run(made, folder / "all", folder / "samples"))
            show("One week of the feeds alone", feeds, run(feeds, folder / "feeds", folder / "samples"))
        finally:
            for spinner in spinners:
                spinner.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
