"""The contract between a source and the rest of the house."""

import importlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar, cast

from domain.defect import Defect, DefectLevel
from domain.errors import HorizonError, UsageError
from domain.signal import Observation, Payload, Report
from domain.source import Kind, SourceCard

Parsed = Report | Observation | Defect
S = TypeVar("S", Report, Observation)
MAX_RECORD = 200
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Directions, zero widths and tags change what a reader sees, not what is said. The joiners U+200C and U+200D stay:
# Persian and emoji are written with them.
UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
HALVES = re.compile("[\ud800-\udfff]")


class Stream:
    """A large answer, read once and piece by piece; nobody holds the whole of it.

    It may break off at any piece, with FetchFailed. `part` makes a payload of something cut out of it, and only after
    the end: what was known of a half answer is not known.
    """

    def __init__(self, head: Payload, pieces: Iterator[bytes], clock: Callable[[], datetime]) -> None:
        self._head = head
        self._pieces = pieces
        self._clock = clock
        self._ended: datetime | None = None

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        self._ended = self._clock()

    def part(self, name: str, body: bytes) -> Payload:
        """One part under the address of the whole, told apart by `#name`; it came when the whole had come."""
        if self._ended is None:
            raise RuntimeError(f"{self._head.source_id}: a part of an answer that has not been read to its end")
        return replace(self._head, url=f"{self._head.url}#{name}", body=body, collected_at=self._ended)


class Client(Protocol):
    """The guarded HTTP client, or the one that replays recorded payloads."""

    def get(self, url: str) -> Payload: ...

    def post(self, url: str, body: str) -> Payload:
        """The answer to a small JSON text; it may be sent again, so it must only ask."""
        ...

    def stream(self, url: str) -> Stream: ...


class Collector(Protocol):
    """A kind or a source's own module. `parse` is pure: same card, same payload, same result."""

    def fetch(self, card: SourceCard, client: Client) -> Iterator[Payload]: ...

    def parse(self, card: SourceCard, payload: Payload) -> Iterator[Parsed]: ...


class FetchFailed(HorizonError):
    """One address gave no payload; `reason` is short enough for a defect row."""

    exit_code = 4

    def __init__(
        self, url: str, reason: str, *, do: str = "Try this source again; if it stays so, check its card."
    ) -> None:
        super().__init__(f"Nothing came from {url}.", why=reason, do=do)
        self.url = url
        self.reason = reason


class ParseStopped(Exception):
    """A payload that cannot be read at all; `check` becomes the name of an ERROR defect."""

    def __init__(self, check: str, evidence: str) -> None:
        super().__init__(f"{check}: {evidence}")
        self.check = check
        self.evidence = evidence


def audit(source_id: str, row: Mapping[str, object], *, ignore: Collection[str] = ()) -> list[Defect]:
    """Report fields that the source sent and nobody used; `ignore` records what we chose to leave."""
    unread = sorted(set(row) - set(ignore))
    if not unread:
        return []
    return [
        Defect(level=DefectLevel.WARN, check="unread_fields", source_id=source_id, evidence=", ".join(unread)),
    ]


def readable(words: str) -> str:
    """Words as a person sees them: landing keeps every sign, reading leaves out those that hide or turn text."""
    if words.isascii() and words.isprintable():
        return words
    return HALVES.sub("\ufffd", UNSEEN.sub("", CONTROLS.sub(" ", words)))


def collector_for(card: SourceCard) -> Collector:
    """The module that reads this card: its kind's, or its own when the kind is `module`."""
    own = card.kind is Kind.MODULE
    name = f"collectors.sources.{card.id}" if own else f"collectors.kinds.{card.kind.value}"
    try:
        return cast(Collector, importlib.import_module(name))
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UsageError(
            f"The source '{card.id}' has no module to read it.",
            why=f"Its card says kind '{card.kind.value}', and {name.replace('.', '/')}.py is not there.",
            do="Write that module with `fetch` and `parse`, or choose one of the ready kinds.",
        ) from error


def parse_all(card: SourceCard, payload: Payload) -> tuple[list[Report], list[Observation], list[Defect]]:
    """Read one payload, and never raise for what it holds: every failure is a named defect.

    An ERROR defect stops the source: nothing of this payload is handed on. A WARN defect has left out one record.
    """
    reports: list[Report] = []
    observations: list[Observation] = []
    defects: list[Defect] = []
    try:
        if not 200 <= payload.status < 300:
            raise ParseStopped("http_status", f"status {payload.status} from {payload.url}")
        for parsed in collector_for(card).parse(card, payload):
            match parsed:
                case Report():
                    reports.append(parsed)
                case Observation():
                    observations.append(parsed)
                case Defect():
                    defects.append(parsed)
    except UsageError:
        raise
    except ParseStopped as stop:
        defects.append(_error(card, stop.check, stop.evidence))
    except RecursionError as error:
        defects.append(_error(card, "nested_too_deep", f"{type(error).__name__}: {error}"))
    except MemoryError as error:
        defects.append(_error(card, "out_of_memory", f"{type(error).__name__} {error}"))
    except Exception as error:  # what strangers send may break any library; the run goes on
        defects.append(_error(card, "unreadable_payload", f"{type(error).__name__}: {error}"))
    reports = _once_each(card, reports, defects)
    observations = _once_each(card, observations, defects)
    stopped = any(defect.level is DefectLevel.ERROR for defect in defects)
    if stopped:
        reports, observations = [], []
    else:
        defects += _size(
            card,
            len(reports) + len(observations),
            explained=any(defect.level is DefectLevel.WARN for defect in defects),
        )
    return reports, observations, [_dated(defect, payload) for defect in defects]


def _dated(defect: Defect, payload: Payload) -> Defect:
    return replace(
        defect,
        evidence=readable(defect.evidence),
        record=readable(defect.record[:MAX_RECORD]),
        seen_at=defect.seen_at or payload.collected_at,
    )


def _error(card: SourceCard, check: str, evidence: str) -> Defect:
    return Defect(level=DefectLevel.ERROR, check=check, source_id=card.id, evidence=evidence)


def _size(card: SourceCard, count: int, *, explained: bool) -> list[Defect]:
    """An empty payload, and one far from the card's bounds: a violated bound is a signal to explain the run."""
    bounds = f"{count} records; the card expects {card.expected_min} to {card.expected_max}"
    if count == 0 and not explained:
        check = "empty_feed"
    elif count < card.expected_min:
        check = "below_expected_min"
    elif count > card.expected_max:
        check = "above_expected_max"
    else:
        return []
    return [Defect(level=DefectLevel.WARN, check=check, source_id=card.id, evidence=bounds)]


def _once_each(card: SourceCard, signals: list[S], defects: list[Defect]) -> list[S]:
    """One signal per name. Said twice alike: once is kept. Said twice differently: the last, and a WARN says so."""
    kept: dict[str, S] = {}
    alike: dict[str, int] = {}
    for signal in signals:
        name = _name(signal)
        before = kept.get(name)
        if before is None:
            kept[name] = signal
            continue
        if _content(before) == _content(signal):
            alike[name] = alike.get(name, 1) + 1
            continue
        kept[name] = signal
        defects.append(
            Defect(
                level=DefectLevel.WARN,
                check="same_ref_twice",
                source_id=card.id,
                record=name,
                evidence=f"{_content(before)} then {_content(signal)}; the last is kept",
            )
        )
    for name, times in alike.items():
        defects.append(
            Defect(
                level=DefectLevel.INFO,
                check="duplicate_item",
                source_id=card.id,
                record=name,
                evidence=f"{times} times, word for word",
            )
        )
    return list(kept.values())


def _name(signal: Report | Observation) -> str:
    if isinstance(signal, Report):
        return signal.source_ref
    return f"{signal.indicator} {signal.place} {signal.period_start}"


def _content(signal: Report | Observation) -> str:
    if isinstance(signal, Report):
        return f"version {signal.version}"
    return "no value" if signal.value is None else f"{signal.value:g} {signal.unit}"
