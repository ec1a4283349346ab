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
class Volume:
    """Report volume on one place by week start, without items on the triggers themselves."""

    place: str
    weeks: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A pattern stated by a body with a mandate, or by two named analysts; entered by people, with its root."""

    place: str
    trigger: str
    rule: str
    stated_on: date
    citation: str


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
    """All of it. `set_aside` holds incidents that a named analyst took out of the count."""

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
    mitigated: frozenset[str] = frozenset()
