"""The ledger of warnings: written by each run, scored by every later one. Pure; no clock, no file, no State's name.

An event is an onset: a month from which counts are large in themselves and large against the year before. The same
formula finds both kinds, on one source's own counts at a time, so that a source that begins to publish, or is added,
makes no event. Days on which no event could have shown are not watched, and prove no warning wrong:

- *onset of deaths*: persons killed by month, as a provider publishes them; the mean of three months is at least 25 and
  five times the past year's mean, which lies below 25;
- *rise in grave incidents*: this store's own counted incidents of class A by month, source by source; a month holds
  at least three and five times the past year's mean, which lies below three.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from domain.ledger import (
    EventKind,
    Judged,
    KnownEvent,
    Ledger,
    Missed,
    Outcome,
    Override,
    Score,
    Unknown,
    WarningMade,
    WatchedSpan,
    Who,
)
from domain.situation import GateState, Level, Situation, TriggerCard, TriggerResult, TriggerValue
from domain.window import period_end
from scoring.evaluate import HORIZONS, Event, Verdict, Warned, tally, warn_of_last, warn_of_most_frequent
from scoring.inputs import Inputs
from scoring.method import Method
from scoring.onsets import YEAR, Definition, find_episodes, find_onsets
from scoring.rules import irreparable
from scoring.series import counted

DEFINITIONS = {
    EventKind.DEATHS: Definition(months=3, least=25.0, factor=5.0),
    EventKind.GRAVE: Definition(months=1, least=3.0, factor=5.0),
}
LEASTS = (Level.EMERGING, Level.WATCH)
DEATHS_UNIT = "persons killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyCount:
    """One source's count of one place, month by month from `first` on; NaN where nobody can tell, never zero."""

    place: str
    kind: EventKind
    source_id: str
    first: date
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Events and watched days, sorted by place, kind and day."""

    events: tuple[KnownEvent, ...]
    watched: tuple[WatchedSpan, ...]


def write_warnings(
    *, issue: str, as_of: datetime, situations: Sequence[Situation], triggers: Sequence[TriggerResult]
) -> tuple[WarningMade, ...]:
    """Every situation at watch or above, with the rules and triggers it rests on, once for each horizon."""
    met = {(one.place, one.trigger): one.rule for one in triggers if one.value is TriggerValue.MET}
    return tuple(
        WarningMade(
            issue=issue,
            situation_id=one.situation_id,
            place=one.place,
            level=one.level,
            confirmed=None,
            made_at=as_of,
            horizon_days=horizon,
            ends_on=as_of.date() + timedelta(days=horizon),
            rules=_rules(one, met),
            triggers=one.triggers,
        )
        for one in situations
        if one.level is not Level.NONE
        for horizon in HORIZONS
    )


def find_events(inputs: Inputs, *, method: Method, triggers: Sequence[TriggerCard]) -> Findings:
    """What happened, and where it could have been seen, as known at the `as_of` of these inputs."""
    return detect((*_deaths(inputs), *_grave(inputs, method=method, triggers=triggers)))


def detect(counts: Iterable[MonthlyCount]) -> Findings:
    """Onsets in each count. Events of one place and kind that two sources give within the months of one are one."""
    events: list[KnownEvent] = []
    months: dict[tuple[str, EventKind], set[date]] = defaultdict(set)
    for one in counts:
        definition = DEFINITIONS[one.kind]
        if len(one.values) < YEAR + definition.months:
            continue
        column = one.values[:, None]
        truth = find_onsets(deaths=column, definition=definition)
        # An onset can begin in the month after an eligible one; what that month and the next hold is then known.
        months[one.place, one.kind] |= {_month(one.first, int(row) + 1) for row in np.flatnonzero(truth.eligible[:, 0])}
        for episode in find_episodes(truth=truth, begun=column >= definition.least, definition=definition):
            at = episode.broke_out
            if truth.eligible[at - 1, 0]:
                events.append(
                    KnownEvent(
                        place=one.place,
                        kind=one.kind,
                        began_on=_month(one.first, at),
                        source_id=one.source_id,
                        value=float(one.values[at]),
                        usual=float(one.values[at - YEAR : at].mean()),
                    )
                )
    return Findings(
        events=_distinct(events),
        watched=tuple(
            WatchedSpan(place=place, kind=kind, first=first, last=last)
            for (place, kind), held in sorted(months.items())
            for first, last in _spans(held)
        ),
    )


def score_ledger(
    *,
    warnings: Sequence[WarningMade],
    issues: Sequence[tuple[str, datetime]],
    events: Sequence[KnownEvent],
    watched: Sequence[WatchedSpan],
    as_of: datetime,
) -> Ledger:
    """Each warning against each kind of event over its own horizon, the events it missed, and two naive base lines.

    A hit needs one event and stands before the horizon is over. A false alarm needs every day of the horizon to be
    over and watched. An event is a miss when some issue was run within the horizon before it and none warned; not
    when the ledger did not yet exist a whole horizon before it. `warnings` and `issues` up to `as_of`.
    """
    board = _Board(events=events, watched=watched, as_of=as_of.date())
    days = [at.date() for _, at in issues]
    judged = tuple(
        _judged(one, kind, board.judge(one.place, one.made_at.date(), one.horizon_days, kind))
        for one in warnings
        for kind in EventKind
    )
    scores: list[Score] = []
    missed: list[Missed] = []
    for least in LEASTS:
        for kind in EventKind:
            for horizon in HORIZONS:
                proposed = [one for one in warnings if one.horizon_days == horizon and one.level.rank >= least.rank]
                confirmed = [
                    one
                    for one in warnings
                    if one.horizon_days == horizon and one.confirmed is not None and one.confirmed.rank >= least.rank
                ]
                missed += [
                    Missed(event=event, least=least, horizon_days=horizon)
                    for event in board.missed([_warned(one) for one in proposed], days, horizon, kind)
                ]
                known = [Event(state=one.place, began_on=one.began_on) for one in events if one.kind is kind]
                named = {Who.PROPOSED: [_warned(one) for one in proposed]}
                if any(one.confirmed is not None for one in warnings):
                    named[Who.CONFIRMED] = [_warned(one) for one in confirmed]
                named[Who.LAST] = list(warn_of_last(days=days, events=known, horizon_days=horizon))
                named[Who.FREQUENT] = _as_many(proposed, days, known, horizon)
                scores += [
                    board.score(made, days, who=who, least=least, kind=kind, horizon=horizon)
                    for who, made in named.items()
                ]
    return Ledger(
        issues=tuple(issues),
        warnings=tuple(warnings),
        judged=judged,
        missed=tuple(missed),
        scores=tuple(scores),
        overrides=_overrides(warnings),
        horizons=HORIZONS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """What became of one warning."""

    outcome: Outcome
    why: Unknown | None = None
    event_on: date | None = None


class _Board:
    """Events and watched days by place and kind, ready to be asked."""

    def __init__(self, *, events: Sequence[KnownEvent], watched: Sequence[WatchedSpan], as_of: date) -> None:
        self._as_of = as_of
        self._events: dict[tuple[str, EventKind], list[KnownEvent]] = defaultdict(list)
        self._spans: dict[tuple[str, EventKind], list[WatchedSpan]] = defaultdict(list)
        self._newest: dict[EventKind, date] = {}
        for event in sorted(events, key=lambda one: one.began_on):
            if event.began_on <= as_of:
                self._events[event.place, event.kind].append(event)
        for span in sorted(watched, key=lambda one: one.first):
            self._spans[span.place, span.kind].append(span)
            self._newest[span.kind] = max(span.last, self._newest.get(span.kind, span.last))

    def judge(self, place: str, made_on: date, horizon: int, kind: EventKind) -> _Fate:
        for event in self._events.get((place, kind), []):
            if _covers(made_on, horizon, event.began_on):
                return _Fate(outcome=Outcome.HIT, event_on=event.began_on)
        end = made_on + timedelta(days=horizon)
        if end > self._as_of:
            return _Fate(outcome=Outcome.CANNOT_BE_KNOWN, why=Unknown.OPEN)
        unseen = self._first_unseen(place, made_on + timedelta(days=1), kind)
        if unseen > end:
            return _Fate(outcome=Outcome.FALSE_ALARM)
        return _Fate(outcome=Outcome.CANNOT_BE_KNOWN, why=self._why(place, unseen, kind))

    def missed(self, made: Sequence[Warned], days: Sequence[date], horizon: int, kind: EventKind) -> list[KnownEvent]:
        """Events that some issue could have warned of, and none did; in the order of their days, then of places."""
        if not days:
            return []
        begun = min(days) + timedelta(days=horizon)
        warned: dict[str, list[date]] = defaultdict(list)
        for one in made:
            warned[one.state].append(one.made_on)
        return sorted(
            (
                event
                for (place, which), held in self._events.items()
                if which is kind
                for event in held
                if event.began_on >= begun
                and any(_covers(day, horizon, event.began_on) for day in days)
                and not any(_covers(day, horizon, event.began_on) for day in warned[place])
            ),
            key=lambda event: (event.began_on, event.place),
        )

    def score(
        self, made: Sequence[Warned], days: Sequence[date], *, who: Who, least: Level, kind: EventKind, horizon: int
    ) -> Score:
        verdicts = []
        for one in made:
            fate = self.judge(one.state, one.made_on, horizon, kind)
            lead = (fate.event_on - one.made_on).days if fate.event_on is not None else None
            verdicts.append(
                Verdict(state=one.state, day=one.made_on, horizon_days=horizon, outcome=fate.outcome, lead_days=lead)
            )
        verdicts += [
            Verdict(state=event.place, day=event.began_on, horizon_days=horizon, outcome=Outcome.MISS)
            for event in self.missed(made, days, horizon, kind)
        ]
        sums = tally(verdicts, horizon_days=horizon)
        return Score(
            who=who,
            least=least,
            kind=kind,
            horizon_days=horizon,
            hits=sums.hits,
            false_alarms=sums.false_alarms,
            misses=sums.misses,
            unknown=sums.unknown,
            events_found=sums.events_found,
            precision=sums.precision,
            recall=sums.recall,
            median_lead_days=sums.median_lead_days,
        )

    def _first_unseen(self, place: str, day: date, kind: EventKind) -> date:
        for span in self._spans.get((place, kind), []):
            if span.first <= day <= span.last:
                day = span.last + timedelta(days=1)
        return day

    def _why(self, place: str, unseen: date, kind: EventKind) -> Unknown:
        """Late only where the place was watched for as long as anyone can be: the next counts will tell."""
        newest = self._newest.get(kind)
        spans = self._spans.get((place, kind), [])
        late = newest is not None and unseen > newest and spans and spans[-1].last == newest
        return Unknown.LATE if late else Unknown.UNWATCHED


def _rules(one: Situation, met: Mapping[tuple[str, str], str]) -> tuple[str, ...]:
    """Gates that were open and triggers that are met; without either, what else keeps a situation at watch."""
    gates = [gate.rule for gate in (one.pattern, one.gravity) if gate.state is GateState.OPEN]
    held = ["held"] if one.held_since else []
    triggers = [met[one.place, trigger] for trigger in one.triggers if (one.place, trigger) in met]
    alone = ["grave incidents"] if not (gates or held or one.triggers) else []
    return (*gates, *held, *triggers, *alone)


def _covers(made_on: date, horizon: int, began_on: date) -> bool:
    return 0 < (began_on - made_on).days <= horizon


def _warned(one: WarningMade) -> Warned:
    return Warned(state=one.place, made_on=one.made_at.date(), horizon_days=one.horizon_days)


def _judged(one: WarningMade, kind: EventKind, fate: _Fate) -> Judged:
    made_on = one.made_at.date()
    return Judged(
        issue=one.issue,
        place=one.place,
        level=one.level,
        made_on=made_on,
        horizon_days=one.horizon_days,
        kind=kind,
        outcome=fate.outcome,
        why=fate.why,
        event_on=fate.event_on,
        lead_days=(fate.event_on - made_on).days if fate.event_on is not None else None,
    )


def _as_many(
    proposed: Sequence[WarningMade], days: Sequence[date], known: Sequence[Event], horizon: int
) -> list[Warned]:
    """On each day, the places with most events so far: as many as were warned of that day."""
    number: dict[date, set[str]] = defaultdict(set)
    for one in proposed:
        number[one.made_at.date()].add(one.place)
    return [
        warned
        for day in days
        if number[day]
        for warned in warn_of_most_frequent(days=[day], events=known, horizon_days=horizon, each_day=len(number[day]))
    ]


def _overrides(warnings: Sequence[WarningMade]) -> tuple[Override, ...]:
    """Once for each warning, not for each of its horizons."""
    return tuple(
        Override(issue=one.issue, place=one.place, up=one.confirmed.rank > one.level.rank)
        for one in warnings
        if one.horizon_days == HORIZONS[0] and one.confirmed is not None and one.confirmed is not one.level
    )


def _deaths(inputs: Inputs) -> list[MonthlyCount]:
    """Providers' own series of persons killed by month."""
    found = []
    for series in inputs.counts:
        values = {day.replace(day=1): value for day, value in series.values if value is not None}
        if series.period == "month" and series.unit == DEATHS_UNIT and values:
            first, last = min(values), max(values)
            found.append(
                MonthlyCount(
                    place=series.place,
                    kind=EventKind.DEATHS,
                    source_id=series.source_id,
                    first=first,
                    values=_column(values, first, last),
                )
            )
    return found


def _grave(inputs: Inputs, *, method: Method, triggers: Sequence[TriggerCard]) -> list[MonthlyCount]:
    """Counted incidents of class A by source, on every place that the source ever named in an incident.

    A month counts as whole only when the source speaks of a later one; a month in which it tells of no incident
    anywhere is a month in which nobody knows whether it spoke.
    """
    cards = {card.id: card for card in triggers}
    spoken: dict[str, set[date]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    numbers: dict[tuple[str, str], dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for incident in inputs.incidents:
        month = incident.occurred_on.replace(day=1)
        grave = counted(incident, inputs, method) and irreparable(incident, cards)
        for source_id in incident.sources:
            spoken[source_id].add(month)
            named[source_id].add(incident.place)
            numbers[source_id, incident.place][month] += grave
    found = []
    for source_id, months in spoken.items():
        first, last = _month(min(months), 1), _month(max(months), -1)
        if first > last:
            continue
        for place in sorted(named[source_id]):
            own = numbers[source_id, place]
            values = {month: own.get(month, 0.0) for month in months}
            found.append(
                MonthlyCount(
                    place=place,
                    kind=EventKind.GRAVE,
                    source_id=source_id,
                    first=first,
                    values=_column(values, first, last),
                )
            )
    return found


def _column(values: Mapping[date, float], first: date, last: date) -> NDArray[np.float64]:
    months = (last.year - first.year) * YEAR + last.month - first.month + 1
    return np.array([values.get(_month(first, step), np.nan) for step in range(months)], dtype=np.float64)


def _distinct(events: Sequence[KnownEvent]) -> tuple[KnownEvent, ...]:
    kept: list[KnownEvent] = []
    before: KnownEvent | None = None
    for event in sorted(events, key=lambda one: (one.place, one.kind, one.began_on, one.source_id)):
        same = before is not None and (before.place, before.kind) == (event.place, event.kind)
        if not same or before is None or event.began_on > _month(before.began_on, DEFINITIONS[event.kind].months):
            kept.append(event)
        before = event
    return tuple(kept)


def _spans(months: Iterable[date]) -> list[tuple[date, date]]:
    """Months that follow each other, as spans of days."""
    spans: list[tuple[date, date]] = []
    for month in sorted(months):
        end = period_end(month, "month")
        if spans and spans[-1][1] + timedelta(days=1) == month:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((month, end))
    return spans


def _month(month: date, step: int) -> date:
    """The first day of the month so many later."""
    index = month.year * YEAR + month.month - 1 + step
    return date(index // YEAR, index % YEAR + 1, 1)
