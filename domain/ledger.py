"""The ledger of warnings: what was warned of and when, what happened then, and how the one fits the other."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.situation import Level


class Outcome(StrEnum):
    """What became of a warning, or of an event that had none."""

    HIT = "hit"
    MISS = "miss"
    FALSE_ALARM = "false alarm"
    CANNOT_BE_KNOWN = "cannot be known"


class Unknown(StrEnum):
    """Why an outcome cannot be known, the first that holds."""

    OPEN = "the horizon is not over"
    LATE = "the counts of those days are not out"
    UNWATCHED = "no count could have shown it"


class EventKind(StrEnum):
    """What may be warned of. Both are found by the same formula, the same for every State."""

    DEATHS = "onset of deaths"
    GRAVE = "rise in grave incidents"


class Who(StrEnum):
    """Whose warnings are scored: ours, twice, and two naive ones that look at past events alone."""

    PROPOSED = "levels proposed by the machine"
    CONFIRMED = "levels confirmed by people"
    LAST = "what was, will be"
    FREQUENT = "most frequent so far"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningMade:
    """One line for each horizon of each warning, written by the run that made it and never edited.

    `level` is the proposed one, never none; `confirmed` is None until people confirm one. `rules` and `triggers` are
    the ids it rested on. The horizon's last day, `ends_on`, belongs to it.
    """

    issue: str
    situation_id: str
    place: str
    level: Level
    confirmed: Level | None
    made_at: datetime
    horizon_days: int
    ends_on: date
    rules: tuple[str, ...]
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """What was warned of, as known at `as_of`, dated to the first day of the month in which it broke out.

    `value` is the count of that month and `usual` the mean of the twelve months before it, by one source.
    """

    place: str
    kind: EventKind
    began_on: date
    source_id: str
    value: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSpan:
    """Days, both included, on which an event of this kind would have been seen. There may be gaps between spans."""

    place: str
    kind: EventKind
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One warning over one horizon against one kind of event. `why` only where it cannot be known."""

    issue: str
    place: str
    level: Level
    made_on: date
    horizon_days: int
    kind: EventKind
    outcome: Outcome
    why: Unknown | None = None
    event_on: date | None = None
    lead_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """An event that no warning at `least` or above covered, at one horizon."""

    event: KnownEvent
    least: Level
    horizon_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Sums over one horizon. Precision is by warning and recall by event; None where there is nothing to divide by.

    `least` is the weakest level that counts as a warning; a base line warns as often as the proposals at that level.
    """

    who: Who
    least: Level
    kind: EventKind
    horizon_days: int
    hits: int
    false_alarms: int
    misses: int
    unknown: int
    events_found: int
    precision: float | None
    recall: float | None
    median_lead_days: float | None

    @property
    def warnings(self) -> int:
        return self.hits + self.false_alarms + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A confirmed level that differs from the proposed one; `up` says in which direction."""

    issue: str
    place: str
    up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All warnings of one lens up to an issue, scored on what was known at its `as_of`.

    `issues` holds (week, `as_of`) of every issue that could have warned, also of one that warned of nothing.
    """

    issues: tuple[tuple[str, datetime], ...] = ()
    warnings: tuple[WarningMade, ...] = ()
    judged: tuple[Judged, ...] = ()
    missed: tuple[Missed, ...] = ()
    scores: tuple[Score, ...] = ()
    overrides: tuple[Override, ...] = ()
    horizons: tuple[int, ...] = ()


NO_LEDGER = Ledger()
