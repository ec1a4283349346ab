"""A process of its own that reads strangers' bytes within limits: for `horizon parse`, loading and intake alike.

It reads one payload after another, of any card, and is used again while it stays healthy, so that thousands of small
payloads take seconds. It has no environment and so no credential; what it says is JSON, and nothing is unpickled. A
payload on which it dies, or that it does not end in time, is that payload's named defect and not our trouble.
"""

import contextlib
import errno
import gc
import hashlib
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from collectors.base import Parsed, collector_for, parse_all
from domain.defect import Defect, DefectLevel
from domain.errors import Refused, UsageError
from domain.signal import Basis, Fact, Observation, Payload, PeriodKind, Report, Signal, short_hash
from domain.source import SourceCard, load_card
from review.intake import Sort

ROOT = Path(__file__).resolve().parent.parent
SIZE_CHECKS = frozenset({"empty_feed", "below_expected_min", "above_expected_max"})
STARTING_SECONDS = 60.0
WORN = 64 * 1024 * 1024  # a worker that grew by this much is replaced
READ = 65_536
ALINE = 500  # things found that share a line: read back much faster than one by one
BASES = {one.value: one for one in Basis}  # a look-up is faster than the enum's call, and it is done for every item
PERIODS = {one.value: one for one in PeriodKind}
ENCODE = json.JSONEncoder(separators=(",", ":")).encode


class Shape(StrEnum):
    """What the worker writes a line: an item as readers of `horizon parse` get it, or all that was found, typed."""

    ITEMS = "items"
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one payload. The worker is stopped a little before the five seconds, so that its end is within them too."""

    seconds: float = 4.5
    memory: int = 512 * 1024 * 1024
    file: int = 256 * 1024 * 1024
    written: int = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One payload to read: its bytes stand in `path`. With a `sha256`, other bytes than those are not read."""

    card: Path
    path: Path
    shape: Shape
    collected_at: datetime
    url: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    basis: Basis = Basis.AS_PUBLISHED
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one payload. `check` is the first error, else the first warning, else empty.

    `read` is False when the payload broke the worker or a limit: then nothing was written. `usage` are the words of
    an error that is ours and not the payload's, or of what a rule refuses (`refused`).
    """

    items: int = 0
    check: str = ""
    failed: bool = False
    read: bool = True
    worn: bool = False
    usage: tuple[str, ...] = field(default=())
    refused: bool = False


class Worker:
    """The process that reads, begun when it is needed and again when it is worn or dead."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._files = contextlib.ExitStack()
        self._told = self._files.enter_context(unnamed_file())

    def __enter__(self) -> Self:
        self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, order: Order, out: IO[bytes]) -> Answer:
        """Read one payload; its lines are written to `out`, a file without a name, from its beginning."""
        told = {
            "card": str(order.card.absolute()),
            "shape": order.shape.value,
            "collected_at": order.collected_at.isoformat(),
            "url": order.url,
            "status": order.status,
            "headers": order.headers,
            "basis": order.basis.value,
            "sha256": order.sha256,
        }
        return self._answer(order.path, told, out)

    def take_in(self, path: Path, sort: Sort, said: Mapping[str, str], out: IO[bytes]) -> Answer:
        """Read one file of reports that people give; its rows are written to `out` as one line of JSON."""
        return self._answer(path, {"sort": sort.value, "said": dict(said)}, out)

    def _answer(self, path: Path, order: dict[str, Any], out: IO[bytes]) -> Answer:
        if refusal := _refusal(path, self._limits):
            return Answer(check=refusal, failed=True, read=False)
        told = order | {"path": str(path.absolute()), "out": f"/proc/{os.getpid()}/fd/{out.fileno()}"}
        answer = self._ask(self._started(), told)
        if "died" in answer:
            self.stop()
            return Answer(check=str(answer["died"]), failed=True, read=False)
        found = Answer(**{**answer, "usage": tuple(answer.get("usage", ()))})
        if found.worn:
            self.stop()
        return found

    def kill(self) -> None:
        """End the process; who waits for its answer hears that it died."""
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End the process and what it started."""
        self.kill()
        process, self._process = self._process, None
        if process is None:
            return
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def close(self) -> None:
        """Stop, for good."""
        self.stop()
        self._files.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._told.seek(0)
            self._told.truncate()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "horizon.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._told,
                cwd=ROOT,
                env={},
                start_new_session=True,
            )
            with contextlib.suppress(BrokenPipeError):  # it may be dead already; the next line hears it
                self._send(self._process, {name: int(value) for name, value in asdict(self._limits).items()})
            ready = self._hear(self._process, STARTING_SECONDS)
            if "died" in ready:
                said = self._said().decode("utf-8", "replace")
                self.stop()
                raise UsageError(
                    "The process that reads payloads did not start.",
                    why=said[-500:] or "It said nothing.",
                    do="Try again.",
                )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], told: dict[str, Any]) -> dict[str, Any]:
        try:
            self._send(process, told)
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
        starved = b"memory" in self._said()[-2000:]  # what Rust and C++ say before they abort
        return "out_of_memory" if starved or code == -signal.SIGKILL else "parser_died"

    def _said(self) -> bytes:
        self._told.seek(0)
        return self._told.read()


@contextlib.contextmanager
def unnamed_file() -> Iterator[IO[bytes]]:
    """A file that is gone with the last process that holds it, killed or not."""
    with tempfile.TemporaryFile() as file:
        yield file


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


def read_found(out: IO[bytes]) -> Iterator[Parsed]:
    """What a worker wrote in the shape `found`, typed again."""
    out.seek(0)
    for line in out:
        yield from map(_typed, json.loads(line.decode("ascii")))


def _found(one: Parsed) -> list[object]:
    """One entry of a line of the shape `found`; no field is left out."""
    match one:
        case Report():
            return [
                "report",
                one.source_id,
                one.source_ref,
                one.title,
                one.url,
                one.collected_at.isoformat(),
                one.published_at.isoformat() if one.published_at else None,
                one.occurred_on.isoformat() if one.occurred_on else None,
                one.place,
                one.addressee,
                one.first_level,
                one.actor,
                one.victim,
                one.language,
                one.text,
                [(fact.name, fact.value) for fact in one.facts],
                one.basis.value,
            ]
        case Observation():
            return [
                "observation",
                one.source_id,
                one.indicator,
                one.place,
                one.period_kind.value,
                one.period_start.isoformat(),
                one.value,
                one.unit,
                one.collected_at.isoformat(),
                one.published_at.isoformat() if one.published_at else None,
                one.basis.value,
            ]
        case Defect():
            seen_at = one.seen_at.isoformat() if one.seen_at else None
            return ["defect", one.level.value, one.check, one.source_id, one.evidence, one.record, seen_at]


def _typed(line: list[Any]) -> Parsed:
    sort, *cells = line
    if sort == "report":
        source, ref, title, url, collected, published, occurred, place, addressee, first_level, *more = cells
        actor, victim, language, text, facts, basis = more
        return Report(
            source_id=source,
            source_ref=ref,
            title=title,
            url=url,
            collected_at=datetime.fromisoformat(collected),
            published_at=datetime.fromisoformat(published) if published else None,
            occurred_on=date.fromisoformat(occurred) if occurred else None,
            place=place,
            addressee=addressee,
            first_level=first_level,
            actor=actor,
            victim=victim,
            language=language,
            text=text,
            facts=tuple(Fact(name=name, value=value) for name, value in facts),
            basis=BASES[basis],
        )
    if sort == "observation":
        source, indicator, place, kind, start, value, unit, collected, published, basis = cells
        return Observation(
            source_id=source,
            indicator=indicator,
            place=place,
            period_kind=PERIODS[kind],
            period_start=date.fromisoformat(start),
            value=value,
            unit=unit,
            collected_at=datetime.fromisoformat(collected),
            published_at=datetime.fromisoformat(published) if published else None,
            basis=BASES[basis],
        )
    if sort == "defect":
        level, check, source, evidence, record, seen = cells
        return Defect(
            level=DefectLevel(level),
            check=check,
            source_id=source,
            evidence=evidence,
            record=record,
            seen_at=datetime.fromisoformat(seen) if seen else None,
        )
    raise ValueError(f"a worker wrote {line!r:.100}")


def _item(signal_: Signal) -> dict[str, object]:
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


@cache
def _card(path: str) -> SourceCard:
    return load_card(Path(path))


def _read(order: dict[str, Any]) -> dict[str, object]:
    card = _card(order["card"])
    body = Path(order["path"]).read_bytes()
    if order["sha256"] and hashlib.sha256(body).hexdigest() != order["sha256"]:
        return {"check": "bytes_changed", "failed": True, "read": False}
    payload = Payload(
        source_id=card.id,
        url=order["url"],
        status=order["status"],
        headers=tuple((name, value) for name, value in order["headers"]),
        body=body,
        collected_at=datetime.fromisoformat(order["collected_at"]),
        basis=Basis(order["basis"]),
    )
    reports, observations, defects = parse_all(card, payload)
    signals: list[Signal] = [*reports, *observations]
    found: list[Parsed] = [*signals, *defects]
    with Path(order["out"]).open("wb") as lines:
        if order["shape"] == Shape.ITEMS:
            for signal_ in signals:
                line = json.dumps(_item(signal_), ensure_ascii=False, allow_nan=False)
                lines.write(line.encode("utf-8", "backslashreplace") + b"\n")
        else:
            # Only ASCII, so that half a sign stays what it is and no sign but the last ends a line.
            for at in range(0, len(found), ALINE):
                lines.write(ENCODE([_found(one) for one in found[at : at + ALINE]]).encode("ascii") + b"\n")
    first = _first_defect(defects)
    return {
        "items": len(signals),
        "check": first.check if first else "",
        "failed": first is not None and first.level is DefectLevel.ERROR,
    }


def _take_in(order: dict[str, Any]) -> dict[str, object]:
    from horizon.intake import read_bytes  # noqa: PLC0415  (who reads payloads does without)

    found = read_bytes(Path(order["path"]).read_bytes(), Sort(order["sort"]), order["said"])
    said = {"rows": [dict(row) for row in found.rows], "left_out": found.left_out}
    Path(order["out"]).write_bytes(ENCODE(said).encode("ascii"))
    return {"items": len(found.rows)}


def _guarded(order: dict[str, Any]) -> dict[str, object]:
    try:
        return _take_in(order) if "sort" in order else _read(order)
    except (UsageError, Refused) as error:
        words = [error.what, error.why, error.do]
        refused = isinstance(error, Refused)
        return {"check": "usage", "failed": True, "read": False, "usage": words, "refused": refused}
    except MemoryError:
        check = "out_of_memory"
    except OSError as error:
        check = "oversized_payload" if error.errno == errno.EFBIG else "unreadable_file"
    except Exception:  # a traceback is of no use to who asked; the name is
        check = "unreadable_payload"
    return {"check": check, "failed": True, "read": False}


def _pages() -> tuple[int, int]:
    """Bytes of address space and of memory that this process holds."""
    space, held = Path("/proc/self/statm").read_text("ascii").split()[:2]
    return int(space) * resource.getpagesize(), int(held) * resource.getpagesize()


def _bound(limit: int, wanted: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _unbound(limit: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (hard, hard))


def _work() -> None:
    """The worker: orders on standard input, one answer a line. Libraries that print reach nobody."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limits = json.loads(sys.stdin.buffer.readline())
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_FSIZE, limits["written"])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past it is then an OSError
    answers.write(b"{}\n")
    answers.flush()
    fresh = _pages()[1]
    known: set[str] = set()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        card = order.get("card", "")
        if card not in known:
            known.add(card)
            before = _pages()[1]
            _prepare(card)
            fresh += _pages()[1] - before  # our own modules do not count as growth
        used = resource.getrusage(resource.RUSAGE_SELF)
        _bound(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits["seconds"] + 2)
        _bound(resource.RLIMIT_AS, _pages()[0] + max(limits["memory"] - fresh - WORN, WORN))
        answer = _guarded(order)
        _unbound(resource.RLIMIT_AS)
        if _pages()[1] - fresh > WORN:
            gc.collect()
        answer["worn"] = _pages()[1] - fresh > WORN
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _prepare(card: str) -> None:
    """Import what reads this card before its limits hold; what is wrong with it is told when it is read."""
    if not card:
        importlib.import_module("horizon.intake")
        return
    with contextlib.suppress(UsageError):
        collector_for(_card(card))


if __name__ == "__main__":
    _work()
