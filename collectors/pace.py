"""How often a host is asked, how long after it said no, and when it is left alone: kept for all tasks together.

Each host has one small file under a lock, so the pace holds across processes. The file says nothing that could not
be lost: one that cannot be read counts as a host that was never asked.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from collectors.wire import Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds and counts of waiting.

    `interval_seconds` lies between two requests to a host. After a failure the wait is `first_wait_seconds`, doubled
    each time up to `longest_wait_seconds`. A host that asks for a longer rest is left alone, at most
    `longest_rest_seconds`. After `failures` in a row, over all tasks, it rests for `rest_seconds`; then one request
    tries it.
    """

    tries: int = 3
    interval_seconds: float = 1.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    longest_rest_seconds: float = 6 * 3600.0
    failures: int = 6
    rest_seconds: float = 900.0

    def backoff(self, failed: int, jitter: float) -> float:
        """Seconds after the `failed`-th failure, between half and all of the step; `jitter` lies in 0 to 1."""
        step: float = min(self.longest_wait_seconds, self.first_wait_seconds * 2 ** (failed - 1))
        return step * (1 + jitter) / 2


@dataclass(slots=True, kw_only=True)
class Host:
    """What is known of one host; instants are seconds since 1970 of the injected clock."""

    free_at: float = 0.0
    failures: int = 0
    shut_until: float = 0.0


class Pace:
    """Turns and rests of hosts. Without a `folder` it holds within this process alone."""

    def __init__(self, *, clock: Callable[[], datetime], patience: Patience, folder: Path | None = None) -> None:
        self._clock = clock
        self._patience = patience
        self._folder = folder
        self._own: dict[str, Host] = {}

    def take_turn(self, host: str, *, longest: float, interval: float = 0.0) -> float:
        """Seconds to wait for the turn that was taken; Stopped when it is more than `longest`, or the host rests."""
        now = self._clock().timestamp()
        with self._host(host) as known:
            if known.failures >= self._patience.failures:
                rest = known.shut_until - now
                if 0 < rest <= self._patience.rest_seconds:
                    raise Stopped(f"left alone after {known.failures} failures in a row, for {rest:.0f} more seconds")
                known.shut_until = now + min(60.0, self._patience.rest_seconds)  # this request alone tries it
            turn = max(now, known.free_at)
            if turn - now > self._patience.longest_rest_seconds:
                turn = now  # no rest is that long: the clock was set back
            if turn - now > longest:
                raise Stopped(f"not to be asked for another {turn - now:.0f} seconds")
            known.free_at = turn + max(interval, self._patience.interval_seconds)
            return turn - now

    def rest(self, host: str, seconds: float) -> None:
        """The host asked for this much time; all tasks give it."""
        with self._host(host) as known:
            until = self._clock().timestamp() + min(seconds, self._patience.longest_rest_seconds)
            known.free_at = max(known.free_at, until)

    def succeeded(self, host: str) -> None:
        with self._host(host) as known:
            known.failures, known.shut_until = 0, 0.0

    def failed(self, host: str) -> None:
        with self._host(host) as known:
            known.failures += 1
            if known.failures >= self._patience.failures:
                known.shut_until = self._clock().timestamp() + self._patience.rest_seconds

    @contextmanager
    def _host(self, name: str) -> Iterator[Host]:
        if self._folder is None:
            yield self._own.setdefault(name, Host())
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{name}.json").open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the system gives it back when the process dies
            file.seek(0)
            known = _read(file.read())
            yield known
            file.seek(0)
            file.truncate()
            file.write(json.dumps(asdict(known)).encode())
            file.flush()
            os.fdatasync(file.fileno())


def read_retry_after(value: str, now: datetime) -> float | None:
    """Seconds from now, of the two forms in RFC 9110 section 10.2.3; None when it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _read(body: bytes) -> Host:
    try:
        host = Host(**json.loads(body))
    except (ValueError, TypeError):
        return Host()
    return host if all(isinstance(value, int | float) for value in asdict(host).values()) else Host()
