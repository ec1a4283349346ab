"""What one card's parser makes of files, each within limits: `horizon parse`.

A worker process reads the files one after another and is used again while it stays healthy, so that thousands of files
take seconds. It has no environment and so no credential; what it says is JSON, and nothing is unpickled. A file on
which it dies, or that it does not end in time, is that file's named defect and not our trouble.
"""

import contextlib
import gc
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from collectors.base import collector_for, parse_all
from domain.defect import Defect, DefectLevel
from domain.errors import UsageError
from domain.signal import Observation, Payload, Report, short_hash
from domain.source import SourceCard, load_card
from horizon.settings import ROOT

SIZE_CHECKS = frozenset({"empty_feed", "below_expected_min", "above_expected_max"})
STARTING_SECONDS = 60.0
WORN = 64 * 1024 * 1024  # a worker that grew by this much is replaced
READ = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one file. The worker is stopped a little before the five seconds, so that its end is within them too."""

    seconds: float = 4.5
    memory: int = 512 * 1024 * 1024
    file: int = 256 * 1024 * 1024
    written: int = 512 * 1024 * 1024


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
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="horizon-parse-")))
        items = stack.enter_context((folder / "all.jsonl").open("w+b"))
        worker = stack.enter_context(Worker(card, folder, collected_at=collected_at, limits=limits or Limits()))
        for path in list_files(paths):
            yield worker.parse(path, items)
        if out is not None:
            items.seek(0)
            _write(out, items)


class Worker:
    """The process that reads, begun when it is needed and again when it is worn or dead."""

    def __init__(self, card: Path, folder: Path, *, collected_at: datetime, limits: Limits) -> None:
        self._order = {
            "card": str(card.resolve()),
            "collected_at": collected_at.isoformat(),
            "items": str(folder / "one.jsonl"),
            **{name: int(value) for name, value in asdict(limits).items()},
        }
        self._items = folder / "one.jsonl"
        self._told = folder / "told.txt"
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def parse(self, path: Path, items: IO[bytes]) -> ParsedFile:
        """Read one file and add its items to `items`; a file that is not read whole adds none."""
        if refusal := _refusal(path, self._limits):
            return ParsedFile(path=path, items=0, defect=refusal, failed=True, seconds=0.0)
        process = self._started()
        begun = time.monotonic()
        self._items.unlink(missing_ok=True)
        answer = self._ask(process, str(path.absolute()))
        if "died" in answer:
            self._stop()
            defect, failed, count = str(answer["died"]), True, 0
        else:
            defect, failed, count = str(answer["defect"]), bool(answer["failed"]), int(answer["items"])
            if count:
                with self._items.open("rb") as read:
                    shutil.copyfileobj(read, items)
            if answer["worn"]:
                self._stop()
        return ParsedFile(
            path=path, items=count, defect=defect, failed=failed, seconds=round(time.monotonic() - begun, 3)
        )

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            with self._told.open("wb") as told:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "horizon.parsing"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=told,
                    cwd=ROOT,
                    env={},
                    start_new_session=True,
                )
            self._send(self._process, self._order)
            ready = self._hear(self._process, STARTING_SECONDS)
            if "died" in ready:
                said = self._told.read_text("utf-8", "replace")
                self._stop()
                raise UsageError(
                    "The process that reads files did not start.",
                    why=said[-500:] or "It said nothing.",
                    do="Try again.",
                )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], path: str) -> dict[str, Any]:
        try:
            self._send(process, {"path": path})
        except BrokenPipeError:
            return {"died": "parser_died"}
        return self._hear(process, self._limits.seconds)

    def _send(self, process: subprocess.Popen[bytes], said: dict[str, Any]) -> None:
        if process.stdin is None:
            raise BrokenPipeError
        process.stdin.write(json.dumps(said).encode() + b"\n")
        process.stdin.flush()

    def _hear(self, process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
        """One line of JSON within `seconds`, or the reason why there is none."""
        if process.stdout is None:
            return {"died": "parser_died"}
        until = time.monotonic() + seconds
        heard = b""
        while not heard.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                return {"died": "out_of_time"}
            piece = os.read(process.stdout.fileno(), READ)
            if not piece:
                return {"died": self._cause(process.wait())}
            heard += piece
        answer: dict[str, Any] = json.loads(heard)
        return answer

    def _cause(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return "out_of_time"
        starved = b"memory" in self._told.read_bytes()[-2000:]  # what Rust and C++ say before they abort
        return "out_of_memory" if starved or code == -signal.SIGKILL else "parser_died"

    def _stop(self) -> None:
        """End the process and what it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _refusal(path: Path, limits: Limits) -> str:
    """The name of what is wrong with a file before it is opened; pipes and devices have no end."""
    try:
        if not path.is_file():
            return "unreadable_file"
        if path.stat().st_size > limits.file:
            return "oversized_payload"
    except (OSError, ValueError):
        return "unreadable_file"
    return ""


def _write(out: Path, items: IO[bytes]) -> None:
    """Written beside and renamed, so that nobody reads half of it."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with beside.open("wb") as lines:
            shutil.copyfileobj(items, lines)
        beside.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written.", why=str(error), do="Give --out another place.") from error


def _item(signal_: Report | Observation) -> dict[str, object]:
    """One line of ITEMS.jsonl; `sort` tells reports from observations. None is a date or count not given, not zero."""
    if isinstance(signal_, Report):
        return {
            "sort": "report",
            "id": signal_.report_id,
            "version": signal_.version,
            "source": signal_.source_id,
            "ref": signal_.source_ref,
            "title": signal_.title,
            "content": signal_.text,
            "link": signal_.url,
            "lang": signal_.language,
            "published_at": signal_.published_at.isoformat() if signal_.published_at else None,
            "occurred_on": signal_.occurred_on.isoformat() if signal_.occurred_on else None,
            "place": signal_.place,
            "first_level": signal_.first_level,
            "addressee": signal_.addressee,
            "actor": signal_.actor,
            "victim": signal_.victim,
            "facts": [{"name": fact.name, "value": fact.value} for fact in signal_.facts],
        }
    start = signal_.period_start.isoformat()
    return {
        "sort": "observation",
        "id": short_hash(signal_.source_id, signal_.indicator, signal_.place, signal_.period_kind.value, start),
        "source": signal_.source_id,
        "indicator": signal_.indicator,
        "place": signal_.place,
        "period_kind": signal_.period_kind.value,
        "period_start": start,
        "value": signal_.value,
        "unit": signal_.unit,
        "published_at": signal_.published_at.isoformat() if signal_.published_at else None,
    }


def _first_defect(defects: Sequence[Defect]) -> Defect | None:
    """An error before a warning, and what is wrong inside before how many came."""
    heard = [defect for defect in defects if defect.level is not DefectLevel.INFO]
    return min(
        heard,
        key=lambda defect: (defect.level is not DefectLevel.ERROR, defect.check in SIZE_CHECKS),
        default=None,
    )


def _read_one(card: SourceCard, path: Path, items: Path, collected_at: datetime) -> dict[str, object]:
    payload = Payload(
        source_id=card.id, url=card.url, status=200, headers=(), body=path.read_bytes(), collected_at=collected_at
    )
    reports, observations, defects = parse_all(card, payload)
    with items.open("wb") as lines:
        signals: list[Report | Observation] = [*reports, *observations]
        for signal_ in signals:
            line = json.dumps(_item(signal_), ensure_ascii=False, allow_nan=False)
            lines.write(line.encode("utf-8", "backslashreplace") + b"\n")
    first = _first_defect(defects)
    return {
        "items": len(reports) + len(observations),
        "defect": first.check if first else "",
        "failed": first is not None and first.level is DefectLevel.ERROR,
    }


def _guarded(card: SourceCard, path: Path, items: Path, collected_at: datetime) -> dict[str, object]:
    try:
        return _read_one(card, path, items, collected_at)
    except MemoryError:
        check = "out_of_memory"
    except OSError:
        check = "unreadable_file"
    except Exception:  # a traceback is of no use to who asked; the name is
        check = "unreadable_payload"
    return {"items": 0, "defect": check, "failed": True}


def _pages() -> tuple[int, int]:
    """Bytes of address space and of memory that this process holds."""
    space, held = Path("/proc/self/statm").read_text("ascii").split()[:2]
    return int(space) * resource.getpagesize(), int(held) * resource.getpagesize()


def _bound(limit: int, wanted: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _work() -> None:
    """The worker: orders on standard input, one answer a line. Libraries that print reach nobody."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    order = json.loads(sys.stdin.buffer.readline())
    card = load_card(Path(order["card"]))
    collected_at = datetime.fromisoformat(order["collected_at"])
    items = Path(order["items"])
    collector_for(card)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_FSIZE, order["written"])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past it is then an OSError
    _, fresh = _pages()
    room = max(order["memory"] - fresh - WORN, WORN)
    answers.write(b"{}\n")
    answers.flush()
    for line in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _bound(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + order["seconds"] + 2)
        _bound(resource.RLIMIT_AS, _pages()[0] + room)
        answer = _guarded(card, Path(json.loads(line)["path"]), items, collected_at)
        held = _pages()[1]
        if held - fresh > WORN:
            gc.collect()
            held = _pages()[1]
        answer["worn"] = held - fresh > WORN
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    _work()
