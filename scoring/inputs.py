"""What one assessment is given: everything known at `as_of`, and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.incident import Incident
from domain.situation import Coverage, GateState, Level
from domain.source import SourceCard, SourceState
from domain.state import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSeries:
    """Counts that a provider publishes itself. `values` by period start; None where the provider has none."""

    source_id: str
    place: str
    indicator: str
    trigger: str
    unit: str
    period: str
    label: str
    basis: str
    shared_with: tuple[str, ...]
    values: tuple[tuple[date, float | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One source at `as_of`: its card, its last look, the weeks of the last four in which it was looked at.

    `first_day` and `last_day` bound the days that its signals speak of; None when it has none.
    `stale`: its newest signal is older than its own lag allows.
    """

    card: SourceCard
    state: SourceState
    last_look: datetime | None
    weeks_looked: int
    first_day: date | None
    last_day: date | None
    stale: bool
    basis: str

    def speaks_of(self, first: date, last: date, *, prompt_days: int) -> bool:
        """Does the source speak of any of these days? A prompt one that is silent does; a slow one not yet."""
        if self.first_day is None or self.last_day is None or last < self.first_day:
            return False
        prompt = self.card.lag_days <= prompt_days and not self.stale
        return prompt or self.last_day >= first


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Signals of one source about one place: in the last four weeks, twelve weeks, and the year."""

    source_id: str
    place: str
    items_4w: int
    items_12w: int
    items_52w: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeWeek:
    """Reports of one week: all of them, those about the triggers themselves, and those in a language nobody reads."""

    start: date
    reports: int
    own: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Report volume of one source on one place. A week that stands nowhere here had none, if the source spoke then."""

    source_id: str
    place: str
    weeks: tuple[VolumeWeek, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A pattern stated by a body with a mandate (P4), or by two named analysts (P5); entered by people, with its root.

    `incidents` are those that the analysts of a P5 list; a finding of a body lists none.
    """

    place: str
    trigger: str
    rule: str
    stated_on: date
    citation: str
    incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call for action, confirmed by two people: kind (a) on the State, kind (b) for international action."""

    place: str
    kind: str
    office: str
    said_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEvent:
    """A dated event ahead that two analysts linked to a place and trigger (u5); it opens nothing by itself."""

    place: str
    trigger: str
    on: date
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person holds of one field of an incident: `state`, `class`, `date` or `place`. What was coded stays."""

    incident_id: str
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """A step that helps: announced, begun or done; `words` are printed beside the concern, never subtracted from it."""

    place: str
    trigger: str
    value: str
    on: date
    origins: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A report under a treaty that had not been submitted when the list was collected."""

    place: str
    treaty: str
    due_on: date
    listed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What the newest periods of a provider's series may yet become.

    `periods` holds, for each, its start, the share of all reports of that period, over all places, that is expected to
    be here, and draws of what this place's count will come to.
    """

    source_id: str
    indicator: str
    place: str
    periods: tuple[tuple[date, float, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """What an earlier run of this lens said of one place."""

    place: str
    week: str
    level: Level
    pattern: GateState
    gravity: GateState
    coverage: Coverage
    since: str
    held_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Letters of special procedures to one State, sent in the window of the method; None: replies unknown."""

    place: str
    sent: int
    answered: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All of it. `set_aside` holds incidents that a named analyst set aside or parked: they are not counted.

    `imminent` holds places for which two people confirmed imminent irreparable harm that a mandated body named (G4).
    `overdue_listed` says when the list of overdue reports was last collected; None when it never was.
    """

    as_of: datetime
    places: tuple[Place, ...]
    sources: tuple[SourceView, ...]
    incidents: tuple[Incident, ...]
    counts: tuple[CountSeries, ...]
    heard: tuple[Heard, ...]
    volumes: tuple[Volume, ...] = ()
    findings: tuple[Finding, ...] = ()
    history: tuple[PastRun, ...] = ()
    letters: tuple[Letters, ...] = ()
    set_aside: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    events: tuple[LinkedEvent, ...] = ()
    imminent: frozenset[str] = frozenset()
    overdue: tuple[Overdue, ...] = ()
    overdue_listed: date | None = None
    late: tuple[Late, ...] = ()

    @property
    def mitigated(self) -> frozenset[str]:
        """Places with a step that is done, dated, and told by two origins, of which the State may be one."""
        return frozenset(
            one.place
            for one in self.mitigations
            if one.value == "done" and len(one.origins) >= 2 and one.on <= self.as_of.date()
        )
