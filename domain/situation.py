"""The words of the method: trigger values, coverage, gates, levels (docs/method.md)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TriggerValue(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    CANNOT_TELL = "cannot tell"
    NOT_APPLICABLE = "not applicable"


class Gravity(StrEnum):
    """A irreparable, B serious, – supporting: never opens a gate."""

    A = "A"
    B = "B"
    SUPPORTING = "–"


class Coverage(StrEnum):
    ADEQUATE = "adequate"
    LIMITED = "limited"
    NONE = "none"
    FAILED = "failed"


class Printed(StrEnum):
    """Exactly one of these for each State in each issue. None of them means low risk."""

    SIGNALS = "signals"
    QUIET = "quiet"
    LIMITED = "limited coverage"
    NOT_MONITORED = "not monitored"
    SOURCE_FAILURE = "source failure"


class GateState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    CANNOT_TELL = "cannot tell"


class Level(StrEnum):
    NONE = "none"
    WATCH = "watch"
    EMERGING = "emerging concern"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    @property
    def shape(self) -> str:
        return "○△◆■"[self.rank]


class Phase(StrEnum):
    """Order of print within a level."""

    NEW = "new"
    RISING = "rising"
    SUSTAINED = "sustained"
    EASING = "easing"

    @property
    def rank(self) -> int:
        return list(Phase).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerCard:
    """One of the fifteen triggers, as specified; `fed` names the inputs that this version has for it."""

    id: str
    name: str
    meaning: str
    unit: str
    clock: str
    met_when: str
    gravity: Gravity
    missing: str
    paragraph: str
    fed: bool
    count_trigger: bool
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesResult:
    """One series scored in its own period. Newest complete period: `period_start`.

    `expected`, `lower`, `upper` in the series' unit; `p_value` in (0, 1]; None where history is too short
    or the newest complete period has no value. `alarm` rests on the combined p-value; `sudden` and `sustained` are
    flags with a budget of false alarms each. `offset` says what allowing for report volume does, `p_offset` and the
    `offset_` figures what it gives. `share_here`: share of the newest period's reports that is here, None where late
    reports are not known. `history` holds (period start, count or None, expected or None, upper or None), oldest
    first; `late` the 90 % range of what a late period will come to.
    """

    series_id: str
    place: str
    trigger: str
    source_id: str
    indicator: str
    unit: str
    period: str
    period_start: date | None
    observed: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    p_value: float | None
    method: str
    alarm: bool
    stale: bool
    offset: str
    smallest_rise: int | None
    label: str
    basis: str
    shared_with: tuple[str, ...]
    history: tuple[tuple[date, float | None, float | None, float | None], ...]
    sudden: bool = False
    sustained: bool = False
    p_sudden: float | None = None
    p_sustained: float | None = None
    p_offset: float | None = None
    offset_expected: float | None = None
    offset_lower: float | None = None
    offset_upper: float | None = None
    share_here: float | None = None
    late: tuple[tuple[date, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerResult:
    """What one trigger says of one place. Counts are over the window that the trigger's rule names."""

    place: str
    trigger: str
    value: TriggerValue
    rule: str
    reason: str
    window_weeks: int
    incidents: tuple[str, ...] = ()
    count: int = 0
    persons: int | None = None
    origins: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    alarm: bool = False
    series: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """`rule` is P1…P5 or G1…G4 when open; `why` names what held or what was missing."""

    gate: str
    state: GateState
    rule: str
    why: str
    incidents: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageResult:
    """How well a place was heard. `smallest_rise` is in incidents over four weeks, None when unknown."""

    place: str
    coverage: Coverage
    covering: tuple[str, ...]
    classes: tuple[str, ...]
    items_4w: int
    failed: tuple[str, ...]
    reason: str
    smallest_rise: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A place's met triggers over time; `since` is the issue week in which the level was first proposed."""

    situation_id: str
    place: str
    level: Level
    phase: Phase
    since: str
    held_since: str
    pattern: GateResult
    gravity: GateResult
    triggers: tuple[str, ...]
    incidents: tuple[str, ...]
    origins: tuple[str, ...]
    classes: tuple[str, ...]
    ceiling: str
    reasons: tuple[str, ...]
    would_raise: str
    would_lower: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Situations of several places that two named persons found to be one, with one id: that of the first entered.

    `situations` are the ids of all of them, `joined_id` the first. Each place keeps its own level and its own line.
    """

    joined_id: str
    situations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateResult:
    """One line of every scan: a place, what is printed of it, and the level proposed."""

    place: str
    printed: Printed
    level: Level
    phase: Phase | None
    triggers_met: tuple[str, ...]
    coverage: Coverage
    smallest_rise: int | None
    last_look: str
