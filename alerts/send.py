"""Sending what is due: urgent first, each try written before and after, a broken server left in peace for a while.

Everything that opens a line is handed in: a `Poster` for signed webhooks, a `Mailer`, a `Chatter`. Each must call
`begin` right before the step that cannot be taken back, and must not call it when nothing can have arrived.
"""

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from alerts.outbox import Message, Outbox, Result
from alerts.recipients import Channel
from alerts.signing import sign_hook

Begin = Callable[[], None]
CAP_MEDIA = "application/cap+xml"
JSON_MEDIA = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one try came to. `told` is for people: it holds no address, no secret and nothing of the message.

    `server`: it was the server that failed and not this message, so that its other messages need not be tried now.
    """

    result: Result
    told: str
    server: bool = False


class Poster(Protocol):
    """Sends one signed request over one new connection, once. Built by `horizon` on the guarded client."""

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str], begin: Begin) -> Outcome: ...


class Mailer(Protocol):
    def deliver(self, payload: Mapping[str, str], *, begin: Begin) -> Outcome: ...


class Chatter(Protocol):
    def say(self, credential: str, text: str, *, begin: Begin) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Every way out. `secret` gives the value of a named credential, empty when it is not set."""

    poster: Poster
    mailer: Mailer
    chatter: Chatter
    secret: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often. `most_unknown` is for channels that cannot tell whether they have a message already."""

    base_seconds: float = 60.0
    longest_seconds: float = 6 * 3600.0
    most: int = 12
    most_unknown: int = 3
    rest_seconds: float = 60.0
    workers: int = 4

    def again(self, message: Message) -> timedelta:
        """Twice as long each time, spread by up to a half, the same for the same try on every machine."""
        tries = message.attempts + 1
        wait = min(self.base_seconds * 2.0 ** min(tries - 1, 20), self.longest_seconds)
        spread = int(hashlib.sha256(f"{message.key}/{tries}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
        return timedelta(seconds=wait * (1 + spread / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one pass did: tries by result, and tries of an earlier process that were found without an answer."""

    tries: Mapping[Result, int]
    recovered: int

    def line(self) -> str:
        done = ", ".join(f"{number} {result.value}" for result, number in sorted(self.tries.items()) if number)
        found = f"; {self.recovered} found unknown after a stop" if self.recovered else ""
        return (done or "nothing was due") + found


def send_due(
    outbox: Outbox,
    channels: Channels,
    *,
    clock: Callable[[], datetime],
    patience: Patience = Patience(),
) -> Report:
    """Send until nothing is due that a server in working order would take.

    One worker takes urgent messages alone, so that a slow server elsewhere never holds one up.
    """
    with outbox.sending():
        recovered = outbox.recover(at=clock(), most_unknown=patience.most_unknown)
        shift = _Shift(outbox, channels, clock, patience)
        workers = [
            threading.Thread(target=shift.work, kwargs={"urgent_only": number == 0}, daemon=True)
            for number in range(max(2, patience.workers))
        ]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        if shift.broken is not None:
            raise shift.broken
    return Report(tries=shift.tries, recovered=recovered)


class _Shift:
    """One pass: what is in hand, and which servers rest."""

    def __init__(self, outbox: Outbox, channels: Channels, clock: Callable[[], datetime], patience: Patience) -> None:
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._patience = patience
        self._guard = threading.Lock()
        self._busy: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._rests: dict[str, datetime] = {}
        self.tries: Counter[Result] = Counter()
        self.broken: BaseException | None = None

    def work(self, *, urgent_only: bool) -> None:
        try:
            while self.broken is None:
                message = self._take(urgent_only)
                if message is not None:
                    self._try(message)
                elif self._idle():
                    return
                else:
                    time.sleep(0.02)  # others are at work, and an urgent message may come in
        except BaseException as error:  # a thread's error would vanish; the caller raises it
            self.broken = error

    def _take(self, urgent_only: bool) -> Message | None:
        with self._guard:
            now = self._clock()
            resting = [one for one, until in self._rests.items() if until > now]
            message = self._outbox.pick(now, urgent_only=urgent_only, busy=self._busy, resting=resting)
            if message is not None:
                self._busy.add(message.key)
            return message

    def _idle(self) -> bool:
        with self._guard:
            return not self._busy

    def _try(self, message: Message) -> None:
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            self._outbox.begin(message, at=self._clock())

        try:
            outcome = deliver(message, self._channels, at=self._clock(), begin=begin)
        except Exception as error:  # a library may break in any way; what it says may hold an address
            outcome = Outcome(
                result=Result.UNKNOWN if begun else Result.LATER, told=f"our own error: {type(error).__name__}"
            )
        now = self._clock()
        self._outbox.finish(
            message,
            outcome.result,
            outcome.told,
            at=now,
            again_at=now + self._patience.again(message),
            most_unknown=self._patience.most_unknown,
            most=self._patience.most,
        )
        with self._guard:
            self._busy.discard(message.key)
            self.tries[outcome.result] += 1
            if outcome.server:
                self._failures[message.endpoint] += 1
                rest = self._patience.rest_seconds * 2.0 ** min(self._failures[message.endpoint] - 1, 6)
                self._rests[message.endpoint] = now + timedelta(seconds=rest)
            elif outcome.result is Result.ACCEPTED:
                self._failures[message.endpoint] = 0


def deliver(message: Message, channels: Channels, *, at: datetime, begin: Begin) -> Outcome:
    """One try of one message. A webhook is signed anew each time: an old time would be refused as a replay."""
    payload: dict[str, str] = json.loads(message.payload)
    match message.channel:
        case Channel.MAIL:
            return channels.mailer.deliver(payload, begin=begin)
        case Channel.CHAT:
            return channels.chatter.say(payload["credential"], payload["text"], begin=begin)
        case Channel.HOOK | Channel.CAP:
            secret = channels.secret(payload["secret"])
            if not secret:
                return Outcome(result=Result.LATER, told="the credential that signs it is not set")
            body = payload["body"].encode()
            media = JSON_MEDIA if message.channel is Channel.HOOK else CAP_MEDIA
            headers = {**sign_hook(secret, key=message.key, at=at, body=body), "Content-Type": media}
            return channels.poster.post(payload["url"], body=body, headers=headers, begin=begin)
