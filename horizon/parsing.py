"""Reading in limited workers: files of `horizon parse`, landed payloads of a load, and files that people give us."""

import contextlib
import itertools
import json
import os
import shutil
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import IO, Self

from collectors.base import collector_for
from domain.defect import Defect, DefectLevel
from domain.errors import Refused, Unavailable, UsageError
from domain.signal import Observation, Report
from domain.source import SourceCard, load_card
from horizon.output import written
from horizon.worker import Answer, Limits, Order, Shape, Worker, read_found, unnamed_file
from review.intake import MOST_BYTES, SUFFIXES, Read, Sort
from warehouse.landing import LandedPayload
from warehouse.load import Parsed

# A PDF has sixty seconds in a process of its own. A slow machine must not turn a sound payload into a defect.
LOADING = Limits(seconds=65.0, written=128 * 1024 * 1024)
UPLOADS = Limits(seconds=30.0, file=MOST_BYTES, written=64 * 1024 * 1024)
MACROS = frozenset(
    {".xlsm", ".xlsb", ".xltm", ".xlam", ".xls", ".xlt", ".docm", ".dotm", ".pptm", ".ods", ".slk", ".iqy"}
)
PART = 2_000  # things found in a payload that are held together
AHEAD = 16  # payloads read before the first of them is asked for; their lines wait in files without names
OURS = frozenset({"unreadable_file", "bytes_changed"})  # what befell the landing record, not what the source sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """What came of one file. `defect` is the first error, else the first warning, else empty."""

    path: Path
    items: int
    defect: str
    failed: bool
    seconds: float

    def line(self) -> str:
        name = os.fsencode(self.path).decode("utf-8", "backslashreplace")
        shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)
        return f"{shown}  items={self.items}  defect={self.defect or 'none'}  {self.seconds:.3f}"


def list_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files given, and those in the folders given, by name; links to folders are not followed."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (Path(folder) / name for name in sorted(names))


def parse_files(
    card: Path, paths: Sequence[Path], *, out: Path | None, collected_at: datetime, limits: Limits | None = None
) -> Iterator[ParsedFile]:
    """Read files with one card; items go to `out` as JSON lines, which stands when the last file is read."""
    source = load_card(card)
    collector_for(source)
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"There is no {path}.", why="No file or folder has that name.", do="Check the path.")
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise UsageError(
            f"{out} cannot be written.", why="It is no file in a folder that is there.", do="Give another."
        )
    with unnamed_file() as items, unnamed_file() as one, Worker(limits or Limits()) as worker:
        for path in list_files(paths):
            begun = time.monotonic()
            answer = worker.read(
                Order(card=card, path=path, shape=Shape.ITEMS, collected_at=collected_at, url=source.url), one
            )
            if answer.items:
                one.seek(0)
                shutil.copyfileobj(one, items)
            yield ParsedFile(
                path=path,
                items=answer.items,
                defect=answer.check,
                failed=answer.failed,
                seconds=round(time.monotonic() - begun, 3),
            )
        if out is not None:
            items.seek(0)
            with written(out) as target:
                shutil.copyfileobj(items, target)


def read_upload(name: str, stream: IO[bytes], said: Mapping[str, str], sort: Sort | None = None) -> Read:
    """The rows of one file that people give; `said` are the form's fields, for a text or an e-mail.

    Its size is known before a byte of it is read, and its bytes lie in memory alone.
    """
    suffix = Path(name).suffix.casefold()
    sort = sort or SUFFIXES.get(suffix)
    if sort is None or suffix in MACROS:
        raise Refused(
            "This kind of file is not taken.",
            why="A file that can hold programs is never opened; CSV, XLSX, .eml and plain text (.txt) are read.",
            do="Save it as one of these, without macros and formulas.",
        )
    size = stream.seek(0, os.SEEK_END)
    if size > MOST_BYTES:
        raise Refused(
            "The file is too large.",
            why=f"It has {size // 1024**2} MB; up to {MOST_BYTES // 1024**2} MB are taken. It was not read.",
            do="Split it.",
        )
    stream.seek(0)
    held = os.memfd_create("upload")
    try:
        with os.fdopen(os.dup(held), "wb") as target:
            shutil.copyfileobj(stream, target)
        with unnamed_file() as out, Worker(UPLOADS) as worker:
            answer = worker.take_in(Path(f"/proc/{os.getpid()}/fd/{held}"), sort, said, out)
            out.seek(0)
            found = json.loads(out.read()) if answer.read else {}
    finally:
        os.close(held)
    if answer.usage:
        what, why, do = answer.usage
        raise Refused(what, why=why, do=do) if answer.refused else UsageError(what, why=why, do=do)
    if not answer.read:
        raise Refused(
            "The file could not be read.",
            why=f"Reading it was stopped ({answer.check.replace('_', ' ')}): a file has {UPLOADS.seconds:g} s and "
            f"{UPLOADS.memory // 2**20} MB of memory.",
            do="Save the cells or the text alone, and send that.",
        )
    return Read(rows=tuple(found["rows"]), left_out=tuple(found["left_out"]))


class Readers:
    """Workers that read landed payloads for a load, two at once where there are two cores; begun when needed.

    What they found comes in the order in which it was asked for, whoever was the faster.
    """

    def __init__(self, cards: Path, limits: Limits = LOADING) -> None:
        self._cards = cards
        self._limits = limits
        self._workers = [Worker(limits) for _ in range(min(2, len(os.sched_getaffinity(0))))]
        self._idle: LifoQueue[Worker] = LifoQueue()  # the one that is warm goes first
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(len(self._workers))
        self._files = contextlib.ExitStack()
        self._free: LifoQueue[IO[bytes]] = LifoQueue()
        for _ in range(AHEAD + 1):
            self._free.put(self._files.enter_context(unnamed_file()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()
        self._files.close()

    def read(self, landed: Iterable[LandedPayload], cards: Mapping[str, SourceCard]) -> Iterator[Parsed]:
        """What the cards' parsers make of payloads, a large one in parts, so that nobody holds the whole of it.

        A landing record without a card stays, with a defect.
        """
        asked: deque[tuple[LandedPayload, Future[tuple[Answer, IO[bytes]]] | None]] = deque()
        for one in landed:
            asked.append((one, self._threads.submit(self._ask, one) if one.source_id in cards else None))
            if len(asked) > AHEAD:
                yield from self._parsed(*asked.popleft())
        while asked:
            yield from self._parsed(*asked.popleft())

    def _ask(self, landed: LandedPayload) -> tuple[Answer, IO[bytes]]:
        worker, out = self._idle.get(), self._free.get()
        try:
            with landed.laid_open() as path:
                order = Order(
                    card=self._cards / f"{landed.source_id}.toml",
                    path=path,
                    shape=Shape.FOUND,
                    collected_at=landed.collected_at,
                    url=landed.url,
                    status=landed.status,
                    headers=landed.headers,
                    basis=landed.basis,
                    sha256=landed.body_sha256 or landed.sha256,
                )
                return worker.read(order, out), out
        finally:
            self._idle.put(worker)

    def _parsed(self, landed: LandedPayload, asked: Future[tuple[Answer, IO[bytes]]] | None) -> Iterator[Parsed]:
        if asked is None:
            yield _without(landed, "source_without_card", "the payload stays in landing and is not read")
            return
        answer, out = asked.result()
        if answer.usage:
            what, why, do = answer.usage
            raise UsageError(what, why=why, do=do)
        if answer.check in OURS and not answer.read:
            landed.payload()  # says what is wrong with the record
            raise Unavailable(
                f"The payload {landed.sha256[:12]} of {landed.source_id} could not be read.",
                why="Its file or the temporary folder could not be used.",
                do="Look for room on the disk, then load again.",
            )
        try:
            if not answer.read:
                limits = f"{self._limits.seconds:g} s and {self._limits.memory // 2**20} MB"
                yield _without(landed, answer.check, f"reading it was stopped; a payload has {limits}")
                return
            found = read_found(out)
            part = list(itertools.islice(found, PART))
            while True:
                following = list(itertools.islice(found, PART))
                yield _part(landed, part, more=bool(following))
                if not following:
                    return
                part = following
        finally:
            self._free.put(out)


def _part(landed: LandedPayload, found: Sequence[Report | Observation | Defect], *, more: bool) -> Parsed:
    reports: list[Report] = []
    observations: list[Observation] = []
    defects: list[Defect] = []
    for one in found:
        match one:
            case Report():
                reports.append(one)
            case Observation():
                observations.append(one)
            case Defect():
                defects.append(one)
    return Parsed(
        landed=landed,
        reports=tuple(reports),
        observations=tuple(observations),
        defects=tuple(defects),
        more=more,
    )


def _without(landed: LandedPayload, check: str, evidence: str) -> Parsed:
    """A payload of which nothing is used, and why."""
    defect = Defect(
        level=DefectLevel.ERROR,
        check=check,
        source_id=landed.source_id,
        evidence=evidence,
        seen_at=landed.collected_at if check != "source_without_card" else None,
    )
    return Parsed(landed=landed, reports=(), observations=(), defects=(defect,))
