"""One issue as the briefs receive it: rows of the warehouse, typed, nothing worded and nothing rounded."""

from dataclasses import dataclass
from datetime import datetime

from domain.classification import Lens
from domain.evidence import LabelRoot, ReportRoot
from domain.incident import Incident
from domain.ledger import NO_LEDGER, Ledger
from domain.signal import Basis
from domain.situation import (
    CoverageResult,
    SeriesResult,
    Situation,
    StateResult,
    TriggerCard,
    TriggerResult,
)
from domain.source import SourceClass, SourceState
from domain.state import Place, Region, RegionScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One card in this issue. `sha256` of the payloads that fed it; `items` are signals known at `as_of`."""

    source_id: str
    title: str
    publisher: str
    kind: str
    source_class: SourceClass
    state: SourceState
    detail: str
    basis: Basis | None
    last_look: datetime | None
    last_item: str
    items: int
    url: str
    licence: str
    citation: str
    languages: tuple[str, ...]
    sha256: tuple[str, ...]
    collected_at: datetime | None
    real_payload: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectLine:
    """Defects of one check at one source, counted; `example` is the first evidence."""

    source_id: str
    check: str
    level: str
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A dated event of the reference table; `place` is empty for events of the Council itself."""

    on: str
    title: str
    place: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A place whose level or printed state differs from the issue before."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Everything that the pages of one issue may say.

    `previous` is the week of the issue before, empty when this is the first one of the store.
    `protected` are the reports of which no page shows publisher, words, day or a place below the State.
    `specimen` marks the bundled week: replayed payloads, reviewed by nobody.
    """

    week: str
    revision: str
    as_of: datetime
    lens: Lens
    method_version: str
    code_version: str
    specimen: bool
    scheme: RegionScheme
    places: tuple[Place, ...]
    regions: tuple[Region, ...]
    states: tuple[StateResult, ...]
    situations: tuple[Situation, ...]
    triggers: tuple[TriggerResult, ...]
    series: tuple[SeriesResult, ...]
    coverage: tuple[CoverageResult, ...]
    incidents: tuple[Incident, ...]
    trigger_cards: tuple[TriggerCard, ...]
    sources: tuple[SourceLine, ...]
    defects: tuple[DefectLine, ...]
    calendar: tuple[CalendarEntry, ...]
    changes: tuple[Change, ...]
    previous: str
    thresholds: tuple[tuple[str, str], ...]
    communications: tuple[tuple[str, int], ...]
    reports: tuple[ReportRoot, ...] = ()
    labels: tuple[LabelRoot, ...] = ()
    ledger: Ledger = NO_LEDGER
    protected: frozenset[str] = frozenset()
