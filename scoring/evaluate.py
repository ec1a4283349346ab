"""How good were warnings? The ledger's arithmetic, and figures for scores that come before onsets.

A warning is written with its horizon when it is made, and scored when the horizon is over: hit, false alarm, or cannot
be known. An event that nobody warned of is a miss and is named. Nothing here reads the clock or the warehouse. Two
naive base lines are scored the same way, because a figure alone says nothing: a list of States that are always in
trouble scores well on most published measures.

Fawcett (2006), doi 10.1016/j.patrec.2005.10.010 (AUROC as a rank statistic); Davis & Goadrich (2006), doi
10.1145/1143844.1143874 (precision and recall with few positives); Efron & Tibshirani (1993), percentile bootstrap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from domain.ledger import Outcome

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
Groups = NDArray[np.int64]

HORIZONS = (30, 90, 180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One line of the ledger: a State, the day on which the warning was made, and how far it looks, in days."""

    state: str
    made_on: date
    horizon_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What was warned of, when it began."""

    state: str
    began_on: date
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The days on which a State's events would have been seen, both included. A State with no line was not watched."""

    state: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One line, scored. `lead_days` is from the warning to the event; a miss has the event's own day as its day."""

    state: str
    day: date
    horizon_days: int
    outcome: Outcome
    name: str = ""
    lead_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums over one horizon. Precision is by warning and recall by event; None where there is nothing to divide by."""

    horizon_days: int
    hits: int
    false_alarms: int
    misses: int
    unknown: int
    events_found: int
    precision: float | None
    recall: float | None
    median_lead_days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and the bounds between which nine tenths of the resamples lie; None where it cannot be had."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Shares of an alert by period and State, from 0 to 1.

    Where a tie stands at the limit, those tied share the places that are left: no name, code or place in the file may
    decide who is warned of.
    """

    share: Scores
    recall: float | None
    precision: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one score reached over the scored periods. `positives` of `cells`: eligible periods of all States."""

    positives: int
    cells: int
    pooled: Interval
    within: Interval
    average_precision: Interval
    recall: Interval
    precision: Interval


def score_warnings(
    *, warnings: Sequence[Warned], events: Sequence[Event], watched: Sequence[Watched], as_of: date
) -> tuple[Verdict, ...]:
    """Each warning scored over its own horizon, and every event that no warning of that horizon covered.

    A warning looks at the days after it was made, up to and with the last of its horizon. It is a false alarm only
    when every one of those days is over and was watched; silence that nobody listened to proves nothing. A hit needs
    one event alone and so stands before the horizon is over. Events outside the watched days, or after `as_of`, are
    not scored; nor is an event a miss when the ledger did not yet exist a whole horizon before it.
    """
    spans = {span.state: span for span in watched}
    seen = [event for event in events if event.began_on <= as_of and _sees(spans.get(event.state), event.began_on)]
    verdicts = [_judge(one, seen, spans.get(one.state), as_of) for one in warnings]
    for horizon in sorted({one.horizon_days for one in warnings}):
        open_ones = [one for one in warnings if one.horizon_days == horizon]
        begun = min(one.made_on for one in open_ones)
        for event in seen:
            if event.began_on < begun + timedelta(days=horizon):
                continue
            if not any(_covers(one, event) for one in open_ones):
                verdicts.append(
                    Verdict(
                        state=event.state,
                        day=event.began_on,
                        horizon_days=horizon,
                        outcome=Outcome.MISS,
                        name=event.name,
                    )
                )
    return tuple(verdicts)


def tally(verdicts: Sequence[Verdict], *, horizon_days: int) -> Tally:
    """Count one horizon. Several warnings of one event are several hits, and one event found."""
    mine = [one for one in verdicts if one.horizon_days == horizon_days]
    count = {outcome: sum(one.outcome is outcome for one in mine) for outcome in Outcome}
    first_lead: dict[tuple[str, date], int] = {}
    for one in mine:
        if one.outcome is Outcome.HIT and one.lead_days is not None:
            key = (one.state, one.day + timedelta(days=one.lead_days))
            first_lead[key] = max(first_lead.get(key, 0), one.lead_days)
    judged = count[Outcome.HIT] + count[Outcome.FALSE_ALARM]
    happened = len(first_lead) + count[Outcome.MISS]
    return Tally(
        horizon_days=horizon_days,
        hits=count[Outcome.HIT],
        false_alarms=count[Outcome.FALSE_ALARM],
        misses=count[Outcome.MISS],
        unknown=count[Outcome.CANNOT_BE_KNOWN],
        events_found=len(first_lead),
        precision=count[Outcome.HIT] / judged if judged else None,
        recall=len(first_lead) / happened if happened else None,
        median_lead_days=float(np.median(list(first_lead.values()))) if first_lead else None,
    )


def warn_of_last(*, days: Sequence[date], events: Sequence[Event], horizon_days: int) -> tuple[Warned, ...]:
    """Naive base line one: what happened within the past horizon will happen again."""
    return tuple(
        Warned(state=state, made_on=day, horizon_days=horizon_days)
        for day in days
        for state in sorted({one.state for one in events if day - timedelta(days=horizon_days) < one.began_on <= day})
    )


def warn_of_most_frequent(
    *, days: Sequence[date], events: Sequence[Event], horizon_days: int, each_day: int
) -> tuple[Warned, ...]:
    """Naive base line two: the States with most events so far, as many as asked; a tie at the limit is named whole."""
    warnings: list[Warned] = []
    for day in days:
        past: dict[str, int] = {}
        for one in events:
            if one.began_on <= day:
                past[one.state] = past.get(one.state, 0) + 1
        ranked = sorted(past.values(), reverse=True)[:each_day]
        if ranked:
            chosen = sorted(state for state, number in past.items() if number >= ranked[-1])
            warnings += [Warned(state=state, made_on=day, horizon_days=horizon_days) for state in chosen]
    return tuple(warnings)


def auroc(*, score: Scores, truth: Flags) -> float | None:
    """Chance that a positive stands above a negative, ties by half; None without one of either."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    ranks = rankdata(score)
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def auroc_within(*, score: Scores, truth: Flags, group: Groups) -> float | None:
    """Mean over groups of each one's own AUROC: its positives against its own negatives, never another's.

    Knowing which State is violent earns nothing here. Groups without both kinds cannot speak; None when none can.
    """
    own = [auroc(score=score[group == one], truth=truth[group == one]) for one in np.unique(group)]
    spoken = [value for value in own if value is not None]
    return float(np.mean(spoken)) if spoken else None


def average_precision(*, score: Scores, truth: Flags) -> float | None:
    """Mean precision at each positive, in order of score; positives of one tie share the precision at its end."""
    if not truth.any():
        return None
    order = np.argsort(-score, kind="stable")
    ranked, values = truth[order], score[order]
    last = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    found = np.cumsum(ranked)[last]
    gained = np.diff(np.concatenate([[0], found]))
    return float((gained * found / (last + 1)).sum() / ranked.sum())


def alert(*, score: Scores, truth: Flags, eligible: Flags, each_period: int) -> Alerts:
    """The highest scores of each period (rows), as many as asked, among the eligible (columns); without one, last."""
    share = np.zeros(score.shape)
    score = np.where(np.isnan(score), -np.inf, score)
    for row in range(len(score)):
        columns = np.flatnonzero(eligible[row])
        if not len(columns):
            continue
        values = score[row, columns]
        if len(columns) <= each_period:
            share[row, columns] = 1.0
            continue
        limit = np.sort(values)[-each_period]
        above, tied = values > limit, values == limit
        share[row, columns[above]] = 1.0
        share[row, columns[tied]] = (each_period - above.sum()) / tied.sum()
    wanted = truth & eligible
    hits, made, there = float(share[wanted].sum()), float(share.sum()), int(wanted.sum())
    return Alerts(share=share, recall=hits / there if there else None, precision=hits / made if made else None)


def bootstrap(
    *, figure: Callable[[NDArray[np.int64]], float | None], units: int, resamples: int, seed: int
) -> Interval:
    """A figure of units drawn anew with replacement, 5th to 95th percentile.

    The unit is a State: months of one State are not independent. Resamples that have no figure are left out; with
    fewer than half left there are no bounds.
    """
    value = figure(np.arange(units))
    rng = np.random.default_rng(seed)
    drawn = [figure(rng.integers(0, units, units)) for _ in range(resamples)]
    known = [one for one in drawn if one is not None]
    if not resamples:
        return Interval(value=value, low=value, high=value)
    if value is None or 2 * len(known) < resamples:
        return Interval(value=value, low=None, high=None)
    low, high = np.quantile(known, [0.05, 0.95])
    return Interval(value=value, low=float(low), high=float(high))


def measure(
    *, score: Scores, truth: Flags, eligible: Flags, each_period: int, resamples: int = 0, seed: int = 0
) -> Figures:
    """All figures of one score, periods in rows and States in columns, with bounds from States drawn anew.

    Without resamples the bounds are the figure's own.
    """

    def bounds(figure: Callable[[Scores, Flags, Flags], float | None]) -> Interval:
        def of(columns: NDArray[np.int64]) -> float | None:
            return figure(score[:, columns], truth[:, columns], eligible[:, columns])

        return bootstrap(figure=of, units=score.shape[1], resamples=resamples, seed=seed)

    def within(values: Scores, onset: Flags, held: Flags) -> float | None:
        group = np.broadcast_to(np.arange(values.shape[1]), values.shape)[held]
        return auroc_within(score=values[held], truth=onset[held], group=group)

    return Figures(
        positives=int((truth & eligible).sum()),
        cells=int(eligible.sum()),
        pooled=bounds(lambda values, onset, held: auroc(score=values[held], truth=onset[held])),
        within=bounds(within),
        average_precision=bounds(lambda values, onset, held: average_precision(score=values[held], truth=onset[held])),
        recall=bounds(
            lambda values, onset, held: alert(score=values, truth=onset, eligible=held, each_period=each_period).recall
        ),
        precision=bounds(
            lambda values, onset, held: (
                alert(score=values, truth=onset, eligible=held, each_period=each_period).precision
            )
        ),
    )


def _judge(one: Warned, events: Sequence[Event], span: Watched | None, as_of: date) -> Verdict:
    met = min((event for event in events if _covers(one, event)), key=lambda event: event.began_on, default=None)
    if met is not None:
        return Verdict(
            state=one.state,
            day=one.made_on,
            horizon_days=one.horizon_days,
            outcome=Outcome.HIT,
            name=met.name,
            lead_days=(met.began_on - one.made_on).days,
        )
    end = one.made_on + timedelta(days=one.horizon_days)
    whole = end <= as_of and _sees(span, one.made_on + timedelta(days=1)) and _sees(span, end)
    outcome = Outcome.FALSE_ALARM if whole else Outcome.CANNOT_BE_KNOWN
    return Verdict(state=one.state, day=one.made_on, horizon_days=one.horizon_days, outcome=outcome)


def _covers(one: Warned, event: Event) -> bool:
    return one.state == event.state and 0 < (event.began_on - one.made_on).days <= one.horizon_days


def _sees(span: Watched | None, day: date) -> bool:
    return span is not None and span.first <= day <= span.last
