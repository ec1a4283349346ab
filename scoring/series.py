"""Series, each in its own period: weekly counts of incidents, and the counts that providers publish."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from domain.incident import Incident
from domain.signal import short_hash
from domain.situation import SeriesResult, TriggerCard
from domain.window import Week, period_end
from scoring.detectors import ears, first_event
from scoring.fdr import alarms
from scoring.inputs import Inputs, SourceView
from scoring.method import Method

Counts = NDArray[np.float64]
SHOWN = 60  # periods of history that a page can draw
METHOD = "EARS C2 and gamma-Poisson, both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """All series of one assessment, and the alarms of each of the last weeks.

    `alarms[k]` holds place, trigger and source of each series with an alarm in the newest period complete k weeks
    before W1; the source is empty for counts of incidents.
    `apparent` holds pairs whose alarm disappears when report volume is allowed for.
    `above_expected` holds pairs whose twelve-week count stands above the State's own expected count, `no_expected`
    those that have none yet. `rises` gives the smallest rise that would have shown, by pair.
    """

    results: tuple[SeriesResult, ...]
    alarms: tuple[frozenset[tuple[str, str, str]], ...]
    apparent: frozenset[tuple[str, str]]
    above_expected: frozenset[tuple[str, str]]
    no_expected: frozenset[tuple[str, str]]
    rises: tuple[tuple[tuple[str, str], int], ...]


@dataclass(slots=True)
class _Row:
    place: str
    trigger: str
    source_id: str
    indicator: str
    unit: str
    period: str
    label: str
    basis: str
    shared_with: tuple[str, ...]
    values: Counts
    starts: list[date]
    stale: bool


def score_series(inputs: Inputs, *, method: Method, triggers: Sequence[TriggerCard]) -> Scored:
    """Score every series in its own period; alarms by false discovery rate over the States and triggers of a period."""
    weekly = _incident_rows(inputs, method=method, triggers=triggers)
    provided = _provided_rows(inputs)
    groups: dict[tuple[str, str, str, str], list[_Row]] = defaultdict(list)
    for row in [*weekly, *provided]:
        groups[(row.source_id, row.period, row.indicator, row.trigger)].append(row)
    tests: list[tuple[_Row, Counts, ears.Baseline, first_event.Prior]] = []
    for rows in groups.values():
        counts = np.vstack([row.values for row in rows])
        tested, against, prior = _test(counts, method=method)
        tests += [
            (row, tested[at], ears.Baseline(mean=against.mean[at], deviation=against.deviation[at]), prior)
            for at, row in enumerate(rows)
        ]
    newest = Week.last_complete(inputs.as_of)
    periods = np.array([row.period for row, *_ in tests])
    by_week: list[frozenset[tuple[str, str, str]]] = []
    threshold = 0.0
    for back in range(method.memory_weeks):
        last = newest.back(back).last_day
        at = [_newest_complete(row, last) for row, *_ in tests]
        p = np.array(
            [values[index] if index is not None else np.nan for (_, values, *_), index in zip(tests, at, strict=True)]
        )
        found, working = _families(p, periods, rate=method.false_discovery_rate)
        if back == 0:
            threshold, first_found, first_at = working.get("week", 0.0), found, at
        by_week.append(
            frozenset(
                (row.place, row.trigger, row.source_id) for (row, *_), alarm in zip(tests, found, strict=True) if alarm
            )
        )
    alarmed = frozenset((place, trigger) for place, trigger, source_id in by_week[0] if not source_id)
    apparent = _apparent(inputs, weekly, alarmed, threshold=threshold, method=method)
    results: list[SeriesResult] = []
    above: set[tuple[str, str]] = set()
    without: set[tuple[str, str]] = set()
    rises: list[tuple[tuple[str, str], int]] = []
    for number, (row, p_row, against, prior) in enumerate(tests):
        index = first_at[number]
        pair = (row.place, row.trigger)
        smallest: int | None = None
        if row.indicator == "incidents":
            _accumulate(row, pair, above=above, without=without, method=method)
            smallest = _smallest_rise(row, threshold=threshold, prior=prior, method=method)
            if smallest is not None:
                rises.append((pair, smallest))
        if not np.nansum(row.values):
            continue
        results.append(
            _result(
                row,
                index,
                p_row,
                against,
                alarm=bool(first_found[number]),
                smallest=smallest,
                method=method,
                offset=_offset_word(pair, row, inputs, alarmed, apparent),
            )
        )
    return Scored(
        results=tuple(sorted(results, key=lambda one: one.series_id)),
        alarms=tuple(by_week),
        apparent=apparent,
        above_expected=frozenset(above),
        no_expected=frozenset(without),
        rises=tuple(rises),
    )


def _families(
    p_values: Counts, periods: NDArray[np.str_], *, rate: float
) -> tuple[NDArray[np.bool_], dict[str, float]]:
    """Alarms, the rate controlled among questions of one period: a month is asked once, not anew each week."""
    found = np.zeros(p_values.shape, dtype=np.bool_)
    working: dict[str, float] = {}
    for period in sorted(set(periods.tolist())):
        own = periods == period
        found[own], working[period] = alarms(p_values=p_values[own], rate=rate)
    return found, working


def counted(incident: Incident, inputs: Inputs, method: Method) -> bool:
    """Not set aside by a named analyst, and not historic when it was first published."""
    if incident.incident_id in inputs.set_aside:
        return False
    if incident.first_published_at is None:
        return True
    return (incident.first_published_at.date() - incident.occurred_on).days <= method.historic_after_days


def _incident_rows(inputs: Inputs, *, method: Method, triggers: Sequence[TriggerCard]) -> list[_Row]:
    """Weekly counts of incidents for every place and every count trigger that some source feeds."""
    newest = Week.last_complete(inputs.as_of)
    starts = [newest.back(back).first_day for back in range(method.history_weeks - 1, -1, -1)]
    position = {start: at for at, start in enumerate(starts)}
    totals: dict[tuple[str, str], Counts] = {}
    for incident in inputs.incidents:
        at = position.get(Week.of(incident.occurred_on).first_day)
        if at is None or not counted(incident, inputs, method):
            continue
        for trigger in {label.trigger for label in incident.codings}:
            row = totals.setdefault((incident.place, trigger), np.zeros(len(starts)))
            row[at] += 1
    rows: list[_Row] = []
    for card in triggers:
        if not card.count_trigger:
            continue
        feeding = [view for view in inputs.sources if any(rule.trigger == card.id for rule in view.card.codes)]
        seen = _seen(feeding, starts, prompt_days=method.prompt_days)
        if not seen.any():
            continue
        basis = "; ".join(sorted({view.basis for view in feeding if view.basis}))
        for place in inputs.places:
            values = totals.get((place.code, card.id), np.zeros(len(starts))).copy()
            values[~seen] = np.nan
            rows.append(
                _Row(
                    place=place.code,
                    trigger=card.id,
                    source_id="",
                    indicator="incidents",
                    unit="incidents",
                    period="week",
                    label="",
                    basis=basis,
                    shared_with=(),
                    values=values,
                    starts=starts,
                    stale=not seen[-1],
                )
            )
    return rows


def _seen(feeding: Sequence[SourceView], starts: Sequence[date], *, prompt_days: int) -> NDArray[np.bool_]:
    """Weeks of which at least one feeding source speaks; the others are missing, never zero."""
    seen = np.zeros(len(starts), dtype=np.bool_)
    for view in feeding:
        for at, start in enumerate(starts):
            whole = view.first_day is not None and view.first_day <= start
            seen[at] |= whole and view.speaks_of(start, start + timedelta(days=6), prompt_days=prompt_days)
    return seen


def _provided_rows(inputs: Inputs) -> list[_Row]:
    """Series as providers publish them, on one calendar per period and source."""
    stale = {view.card.id: view.stale for view in inputs.sources}
    calendars: dict[tuple[str, str], list[date]] = {}
    for series in inputs.counts:
        key = (series.source_id, series.indicator)
        days = {start for start, _ in series.values}
        calendars[key] = sorted(days | set(calendars.get(key, ())))
    rows: list[_Row] = []
    for series in inputs.counts:
        starts = calendars[(series.source_id, series.indicator)]
        found = dict(series.values)
        values = np.array([np.nan if (value := found.get(start)) is None else value for start in starts])
        rows.append(
            _Row(
                place=series.place,
                trigger=series.trigger,
                source_id=series.source_id,
                indicator=series.indicator,
                unit=series.unit,
                period=series.period,
                label=series.label,
                basis=series.basis,
                shared_with=series.shared_with,
                values=values,
                starts=starts,
                stale=stale.get(series.source_id, False),
            )
        )
    return rows


def _test(counts: Counts, *, method: Method) -> tuple[Counts, ears.Baseline, first_event.Prior]:
    """The larger of two p-values: C2 allows for spread, the gamma-Poisson law for small whole numbers.

    Where C2 says nothing because its base line does not vary, the gamma-Poisson law stands alone. The prior is
    pooled over the rows, the States of one trigger, without the two newest periods.
    """
    against = ears.baseline(counts=counts, length=method.ears_baseline, lag=method.ears_lag)
    sudden = ears.p_values(counts=counts, against=against)
    present = ~np.isnan(counts)
    cut = max(counts.shape[1] - method.ears_lag - 1, 0)
    prior = first_event.pool(
        totals=np.nansum(counts[:, :cut], axis=1), periods=present[:, :cut].sum(axis=1).astype(np.float64)
    )
    total, periods = _before(counts, present, span=method.first_event_weeks, lag=method.ears_lag)
    rare = first_event.tail(count=counts, total=total, periods=periods, prior=prior)
    rare[np.isnan(against.mean)] = np.nan
    return np.where(np.isnan(sudden), rare, np.fmax(sudden, rare)), against, prior


def _before(counts: Counts, present: NDArray[np.bool_], *, span: int, lag: int) -> tuple[Counts, Counts]:
    """Events and periods seen in the `span` periods that end `lag + 1` periods before each."""
    rows, periods = counts.shape
    events = np.concatenate([np.zeros((rows, 1)), np.nancumsum(counts, axis=1)], axis=1)
    seen = np.concatenate([np.zeros((rows, 1)), np.cumsum(present, axis=1)], axis=1)
    end = np.maximum(np.arange(periods) - lag, 0)
    start = np.maximum(end - span, 0)
    return events[:, end] - events[:, start], seen[:, end] - seen[:, start]


def _newest_complete(row: _Row, last: date) -> int | None:
    """Position of the newest period that had ended by `last`; None when the series is stale or has none."""
    if row.stale:
        return None
    for at in range(len(row.starts) - 1, -1, -1):
        if period_end(row.starts[at], row.period) <= last:
            return at
    return None


def _accumulate(
    row: _Row, pair: tuple[str, str], *, above: set[tuple[str, str]], without: set[tuple[str, str]], method: Method
) -> None:
    """Is the twelve-week count above the State's own expected count (p at most 0.2), or is none expected yet?"""
    recent, earlier = row.values[-method.memory_weeks :], row.values[: -method.memory_weeks]
    seen = int((~np.isnan(earlier)).sum())
    if seen < method.memory_weeks or not np.nansum(earlier):
        without.add(pair)
        return
    expected = float(np.nansum(earlier)) / seen * float((~np.isnan(recent)).sum())
    if poisson.sf(float(np.nansum(recent)) - 1, expected) <= method.accumulation_p:
        above.add(pair)


def _smallest_rise(row: _Row, *, threshold: float, prior: first_event.Prior, method: Method) -> int | None:
    """Smallest number of incidents in four weeks, evenly spread, whose first week would alarm with the power set.

    The next two weeks meet the same clean base line, so the true power is higher; the fourth meets one that
    already holds the rise. None when the series could not be tested in this week.
    """
    base = row.values[-(method.ears_baseline + method.ears_lag + 1) : -(method.ears_lag + 1)]
    if row.stale or threshold <= 0 or base.size < method.ears_baseline or np.isnan(base).any():
        return None
    past = row.values[: -(method.ears_lag + 1)][-method.first_event_weeks :]
    counts = np.arange(1.0, 201.0)
    size = np.ones_like(counts)
    rare = first_event.tail(
        count=counts, total=size * float(np.nansum(past)), periods=size * float((~np.isnan(past)).sum()), prior=prior
    )
    against = ears.Baseline(mean=size * base.mean(), deviation=size * base.std(ddof=1))
    sudden = ears.p_values(counts=counts, against=against)
    tested = np.where(np.isnan(sudden), rare, np.fmax(sudden, rare))
    enough = np.flatnonzero(tested <= threshold)
    if not enough.size:
        return None
    needed = counts[enough[0]]
    rise = np.arange(method.minimum_incidents, 2001)
    strong = np.flatnonzero(poisson.sf(needed - 1, rise / 4) >= method.power)
    return int(rise[strong[0]]) if strong.size else None


def _usual(mean: float, deviation: float, share: float) -> tuple[float, float]:
    """Range in which that share of usual periods lies: a count law with at least Poisson's spread."""
    if mean <= 0:
        return 0.0, 0.0
    tails = ((1 - share) / 2, (1 + share) / 2)
    spread = deviation**2
    if spread <= mean:
        low, high = np.asarray(poisson.ppf(tails, mean))
    else:
        size = mean**2 / (spread - mean)
        low, high = np.asarray(nbinom.ppf(tails, size, size / (size + mean)))
    return float(low), float(high)


def _result(
    row: _Row,
    index: int | None,
    p_row: Counts,
    against: ears.Baseline,
    *,
    alarm: bool,
    smallest: int | None,
    method: Method,
    offset: str,
) -> SeriesResult:
    def number(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    history: list[tuple[date, float | None, float | None, float | None]] = []
    last = len(row.starts) if index is None else index + 1
    for at in range(max(0, last - SHOWN), last):
        mean = number(against.mean[at])
        upper = _usual(mean, float(against.deviation[at]), method.ears_range)[1] if mean is not None else None
        history.append((row.starts[at], number(row.values[at]), mean, upper))
    observed = expected = lower = top = p_value = None
    if index is not None:
        observed, expected, p_value = number(row.values[index]), number(against.mean[index]), number(p_row[index])
        if expected is not None:
            lower, top = _usual(expected, float(against.deviation[index]), method.ears_range)
    return SeriesResult(
        series_id=short_hash("series", row.place, row.trigger, row.source_id, row.indicator, row.period),
        place=row.place,
        trigger=row.trigger,
        source_id=row.source_id,
        indicator=row.indicator,
        unit=row.unit,
        period=row.period,
        period_start=None if index is None else row.starts[index],
        observed=observed,
        expected=expected,
        lower=lower,
        upper=top,
        p_value=p_value,
        method=METHOD,
        alarm=alarm,
        stale=row.stale,
        offset=offset,
        smallest_rise=smallest,
        label=row.label,
        basis=row.basis,
        shared_with=row.shared_with,
        history=tuple(history),
    )


def _apparent(
    inputs: Inputs, weekly: Sequence[_Row], found: frozenset[tuple[str, str]], *, threshold: float, method: Method
) -> frozenset[tuple[str, str]]:
    """Alarms that go away when each week's count is set against that week's report volume."""
    volumes = {one.place: dict(one.weeks) for one in inputs.volumes}
    gone: set[tuple[str, str]] = set()
    for row in weekly:
        if (row.place, row.trigger) not in found or row.place not in volumes:
            continue
        volume = np.array([volumes[row.place].get(start, np.nan) for start in row.starts])
        span = method.ears_baseline + method.ears_lag + 1
        usual = np.nanmean(volume[-span : -(method.ears_lag + 1)])
        allowed = row.values * usual / np.where(volume > 0, volume, np.nan)
        tested, _, _ = _test(allowed[np.newaxis, :], method=method)
        if not tested[0, -1] <= threshold:
            gone.add((row.place, row.trigger))
    return frozenset(gone)


def _offset_word(
    pair: tuple[str, str],
    row: _Row,
    inputs: Inputs,
    found: frozenset[tuple[str, str]],
    apparent: frozenset[tuple[str, str]],
) -> str:
    """What allowing for report volume does; a provider's series has no report volume."""
    if row.indicator != "incidents" or not any(one.place == row.place for one in inputs.volumes):
        return "not applicable"
    if pair not in found:
        return "no alarm to allow for"
    return "the alarm goes away" if pair in apparent else "the alarm stays"
