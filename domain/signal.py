"""What arrives: payloads as received, and the reports and observations read from them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.source import SourceState


class Basis(StrEnum):
    """How far the dates of a payload are those of its first publication."""

    AS_PUBLISHED = "as published"
    FINAL_VALUES = "final values, not as published"
    ESTIMATED = "publication date estimated"


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Raw bytes as received, and where they came from. `headers` holds response headers, lower case."""

    source_id: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    collected_at: datetime
    basis: Basis = Basis.AS_PUBLISHED

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def media_type(self) -> str:
        return dict(self.headers).get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a source: what came of it, when, and which payloads it gave."""

    source_id: str
    looked_at: datetime
    state: SourceState
    detail: str = ""
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One named field of a source, unread: `Aid Workers Killed` = `2`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One text or entry of a source. The same `source_ref` with other content is a new version of it.

    `place`, `addressee` and `actor` are the source's own words, three fields and never one.
    `occurred_on` is None when the source does not date the event; `published_at` may then date it.
    """

    source_id: str
    source_ref: str
    title: str
    url: str
    collected_at: datetime
    published_at: datetime | None = None
    occurred_on: date | None = None
    place: str = ""
    addressee: str = ""
    first_level: str = ""
    actor: str = ""
    victim: str = ""
    language: str = ""
    text: str = ""
    facts: tuple[Fact, ...] = ()
    basis: Basis = Basis.AS_PUBLISHED

    @property
    def report_id(self) -> str:
        """Stays the same over all versions."""
        return short_hash(self.source_id, self.source_ref)

    @property
    def day(self) -> date | None:
        """The day of the event, or else of the publication; None when nothing dates it."""
        return self.occurred_on or (self.published_at.date() if self.published_at is not None else None)

    @property
    def version(self) -> str:
        """Changes when anything the source said changes; the clock of collection does not count."""
        facts = json.dumps([(fact.name, fact.value) for fact in self.facts], ensure_ascii=False)
        return short_hash(
            self.title,
            self.url,
            self.published_at.isoformat() if self.published_at else "",
            self.occurred_on.isoformat() if self.occurred_on else "",
            self.place,
            self.addressee,
            self.first_level,
            self.actor,
            self.victim,
            self.language,
            self.text,
            facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A count that a source published. `value` is None where the source says that it has none: never zero."""

    source_id: str
    indicator: str
    place: str
    period_kind: PeriodKind
    period_start: date
    value: float | None
    unit: str
    collected_at: datetime
    published_at: datetime | None = None
    basis: Basis = Basis.AS_PUBLISHED


Signal = Report | Observation


def short_hash(*parts: str) -> str:
    """Twenty hexadecimal signs of a sha256 over parts; no two lists of parts share their joined form."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:20]
