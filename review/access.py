"""The log of who read and exported what: one line a request, each with the hash of the line before it.

A line is written before its page goes out, by one write under one lock, so that a killed process loses none. It is on
the disk within `WITHIN` seconds: one sync serves every line until then, so that reading pages wait for none. A machine
that loses its power can lose the lines of that time, and the chain of the rest stays whole.
"""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.classification import Classification
from domain.errors import Unavailable
from review.ledger import START, Anchor, digest_of
from review.rights import Person

WITHIN = 1.0
TAIL = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One thing that one person did with one object."""

    at: str
    account: str
    name: str
    role: str
    what: str
    object_id: str
    classification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where the file ends, how many lines it has, and the hash of the last of them."""

    size: int
    length: int
    head: str


class AccessLog:
    """One file that is only ever appended to, by any thread of any process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = -1
        self._end = _End(size=0, length=0, head=START)
        self._timer: threading.Timer | None = None

    def note(
        self, person: Person | None, what: str, rows: Sequence[tuple[str, Classification]], *, at: datetime
    ) -> None:
        """Write who did what with which rows; when this returns, no end of the process can take it away."""
        account, name, role = (person.account, person.name, person.role.value) if person is not None else ("", "", "")
        with self._locked():
            told = {
                "sequence": self._end.length + 1,
                "previous": self._end.head,
                "at": at.isoformat(),
                "account": account,
                "name": name,
                "role": role,
                "what": what,
                "rows": [[object_id, level.value] for object_id, level in rows],
            }
            line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
            left = memoryview(line + b"\n")
            while left:
                left = left[os.write(self._file, left) :]
            size = self._end.size + len(line) + 1
            self._end = _End(size=size, length=self._end.length + 1, head=digest_of(line))
            if self._timer is None:
                self._timer = threading.Timer(WITHIN, self._sync)
                self._timer.daemon = True
                self._timer.start()

    def newest(self, of: str = "", *, limit: int = 500) -> tuple[Access, ...]:
        """The newest first; `of` is an object or an account."""
        found: list[Access] = []
        looked_for = json.dumps(of, ensure_ascii=False).encode() if of else b""
        for line in reversed(self.path.read_bytes().splitlines() if self.path.is_file() else []):
            if looked_for in line:
                found += [one for one in _read(line) if of in {"", one.object_id, one.account}]
            if len(found) >= limit:
                break
        return tuple(found[:limit])

    def anchor(self) -> Anchor:
        """Length and head now, for an issue to carry."""
        with self._locked():
            return Anchor(length=self._end.length, head=self._end.head)

    def close(self) -> None:
        """Bring the last lines to the disk."""
        with self._lock:
            timer, self._timer = self._timer, None
            file, self._file = self._file, -1
        if timer is not None:
            timer.cancel()
        if file >= 0:
            os.fsync(file)
            os.close(file)

    def _sync(self) -> None:
        with self._lock:
            self._timer = None
            file = os.dup(self._file) if self._file >= 0 else -1
        if file >= 0:
            os.fsync(file)
            os.close(file)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """The file, open at its end as it is now, for one thread of one process."""
        with self._lock:
            try:
                self._open()
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except OSError as error:
                raise Unavailable(
                    "Reading cannot be logged, so nothing confidential is shown.",
                    why=str(error),
                    do="Make var/review writable, with space on the disk.",
                ) from error
            try:
                if os.fstat(self._file).st_size != self._end.size:
                    self._end = self._find_end()
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _open(self) -> None:
        """Open it, again where another file stands in its place."""
        with contextlib.suppress(FileNotFoundError):
            if self._file >= 0 and os.fstat(self._file).st_ino == self.path.stat().st_ino:
                return
        if self._file >= 0:
            os.close(self._file)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = _End(size=0, length=0, head=START)

    def _find_end(self) -> _End:
        """The last whole line; half a line is of a killed process, whose page was never shown."""
        size = os.fstat(self._file).st_size
        taken = TAIL
        while True:
            begin = max(0, size - taken)
            tail = os.pread(self._file, size - begin, begin)
            whole = tail[: tail.rfind(b"\n") + 1]
            if begin == 0 or whole.count(b"\n") > 1:
                break
            taken *= 4
        if len(whole) < len(tail):
            size = begin + len(whole)
            os.ftruncate(self._file, size)
        lines = whole.splitlines()
        if not lines:
            return _End(size=size, length=0, head=START)
        try:
            length = int(json.loads(lines[-1])["sequence"])
        except (ValueError, KeyError, TypeError):
            # Somebody wrote into it: the next line says so by its number, and `horizon audit` by its name.
            length = os.pread(self._file, size, 0).count(b"\n")
        return _End(size=size, length=length, head=digest_of(lines[-1]))


def _read(line: bytes) -> list[Access]:
    """What one line says, the last of its rows first; nothing of a line that is not whole."""
    try:
        told = json.loads(line)
        who = {name: str(told[name]) for name in ("at", "account", "name", "role", "what")}
        rows = [(str(object_id), str(level)) for object_id, level in told["rows"]]
    except (ValueError, KeyError, TypeError):
        return []
    return [Access(object_id=object_id, classification=level, **who) for object_id, level in reversed(rows)]
