"""Series, each in its own period: weekly counts of incidents, and the counts that providers publish."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from domain.incident import Incident
from domain.signal import short_hash
from domain.situation import SeriesResult, TriggerCard
from domain.window import Week, period_end
from scoring import surges
from scoring.fdr import alarms
from scoring.inputs import Inputs, Late, SourceView
from scoring.method import Method
from scoring.surges import Tested
from scoring.volume import allowance

Counts = NDArray[np.float64]
SHOWN = 60  # periods of history that a page can draw
NOT_APPLICABLE, NO_ALARM = "not applicable", "no alarm to allow for"
STAYS, GOES_AWAY = "the alarm stays", "the alarm goes away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """All series of one assessment, and the alarms of each of the last weeks.

    `alarms[k]` holds place, trigger and source of each series with an alarm in the newest period complete k weeks
    before W1; the source is empty for counts of incidents.
    `apparent` holds pairs whose alarm disappears when report volume is allowed for.
    `above_expected` holds pairs whose twelve-week count stands above the State's own expected count, `no_expected`
    those that have none yet. `rises` gives the smallest rise that would have shown, by pair.
    `incomplete` holds place and trigger of series with a newer period, of which too much is still to come.
    """

    results: tuple[SeriesResult, ...]
    alarms: tuple[frozenset[tuple[str, str, str]], ...]
    apparent: frozenset[tuple[str, str]]
    above_expected: frozenset[tuple[str, str]]
    no_expected: frozenset[tuple[str, str]]
    rises: tuple[tuple[tuple[str, str], int], ...]
    incomplete: frozenset[tuple[str, str]] = frozenset()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """p-value, mean and usual range of one series, by period."""

    p_value: Counts
    expected: Counts
    lower: Counts
    upper: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One row and what was found of it. `allowing` is the view with report volume as offset; None without volume."""

    row: _Row
    view: _View
    sudden: Counts
    sustained: Counts
    long: NDArray[np.bool_]
    allowing: _View | None
    late: Late | None


def score_series(inputs: Inputs, *, method: Method, triggers: Sequence[TriggerCard]) -> Scored:
    """Score every series in its own period; alarms by false discovery rate over the States and triggers of a period."""
    groups: dict[tuple[str, str, str, str], list[_Row]] = defaultdict(list)
    for row in [*_incident_rows(inputs, method=method, triggers=triggers), *_provided_rows(inputs)]:
        groups[(row.source_id, row.period, row.indicator, row.trigger)].append(row)
    tests = [_test(rows, inputs, method=method) for rows in groups.values()]
    found = [one for _, series in tests for one in series]
    newest = Week.last_complete(inputs.as_of)
    weeks = [newest.back(back).last_day for back in range(method.silence_weeks)]
    at = [[_newest_complete(one, last, method=method) for one in found] for last in weeks]
    asked = [_families(found, index, "alarm", rate=method.false_discovery_rate) for index in at]
    threshold = asked[0][1]
    sudden, _ = _families(found, at[0], "sudden", rate=method.sudden_rate)
    sustained, _ = _families(found, at[0], "sustained", rate=method.sustained_rate)
    needed = [value for tested, series in tests for value in _needed(tested, series, threshold, method=method)]
    results: list[SeriesResult] = []
    apparent: set[tuple[str, str]] = set()
    above: set[tuple[str, str]] = set()
    without: set[tuple[str, str]] = set()
    incomplete: set[tuple[str, str]] = set()
    rises: list[tuple[tuple[str, str], int]] = []
    for number, one in enumerate(found):
        row, index, alarm = one.row, at[0][number], bool(asked[0][0][number])
        pair = (row.place, row.trigger)
        offset = _offset_word(one, index, alarm=alarm, threshold=threshold.get(row.period, 0.0))
        smallest: int | None = None
        if row.indicator == "incidents":
            if offset == GOES_AWAY:
                apparent.add(pair)
            _accumulate(row, pair, above=above, without=without, method=method)
            smallest = _smallest_rise(needed[number], method=method)
            if smallest is not None:
                rises.append((pair, smallest))
        if index is not None and index != _newest_ended(row, weeks[0]):
            incomplete.add(pair)
        if not np.nansum(row.values):
            continue
        flags = bool(sudden[number]), bool(sustained[number])
        results.append(_result(one, index, alarm=alarm, flags=flags, smallest=smallest, offset=offset))
    return Scored(
        results=tuple(sorted(results, key=lambda one: one.series_id)),
        alarms=tuple(
            frozenset(
                (one.row.place, one.row.trigger, one.row.source_id)
                for one, alarm in zip(found, alarmed, strict=True)
                if alarm
            )
            for alarmed, _ in asked
        ),
        apparent=frozenset(apparent),
        above_expected=frozenset(above),
        no_expected=frozenset(without),
        rises=tuple(rises),
        incomplete=frozenset(incomplete),
    )


def _test(rows: Sequence[_Row], inputs: Inputs, *, method: Method) -> tuple[Tested, list[_Found]]:
    """All series of one trigger, indicator and source at once; their prior pools States, never a region.

    Sums of floats hang on their order, so rows stand in the order of their counts, never of names or codes.
    """
    rows = sorted(rows, key=lambda row: _order(row.values))
    counts = np.vstack([row.values for row in rows])
    incidents = rows[0].indicator == "incidents"
    examine = surges.examine if incidents else surges.examine_totals
    tested = examine(counts=counts, period=rows[0].period, method=method)
    lower, upper = surges.usual_range(law=tested.law, share=method.ears_range)
    late = {
        one.place: one
        for one in inputs.late
        if (one.source_id, one.indicator) == (rows[0].source_id, rows[0].indicator)
    }
    p_value = _with_late(rows, counts, tested, late, method=method) if late else tested.p_value
    allowing = _allow(rows, counts, inputs, method=method) if incidents else {}
    found = [
        _Found(
            row=row,
            view=_View(p_value=p_value[at], expected=tested.law.mean[at], lower=lower[at], upper=upper[at]),
            sudden=tested.sudden[at],
            sustained=tested.sustained[at],
            long=tested.long[at],
            allowing=allowing.get(row.place),
            late=late.get(row.place),
        )
        for at, row in enumerate(rows)
    ]
    return tested, found


def _with_late(
    rows: Sequence[_Row], counts: Counts, tested: Tested, late: Mapping[str, Late], *, method: Method
) -> Counts:
    """p-values with late reports drawn: the middle one over the draws, in the periods that reports still come for."""
    column = {start: at for at, start in enumerate(rows[0].starts)}
    newest = min((column[start] for one in late.values() for start, _, _ in one.periods if start in column), default=0)
    width = counts.shape[1] - newest
    if not newest:
        return tested.p_value
    draws = np.repeat(counts[np.newaxis, :, newest:], method.draws, axis=0)
    for at, row in enumerate(rows):
        for start, _, drawn in late[row.place].periods if row.place in late else ():
            if start in column and drawn:
                draws[:, at, column[start] - newest] = np.resize(np.array(drawn), method.draws)
    drawn_p = surges.judge_draws(draws=draws, counts=counts, tested=tested, method=method)
    p_value = tested.p_value.copy()
    p_value[:, -width:] = np.where(np.isnan(drawn_p), p_value[:, -width:], drawn_p)
    return p_value


def _allow(rows: Sequence[_Row], counts: Counts, inputs: Inputs, *, method: Method) -> dict[str, _View]:
    """The view that allows for report volume, of every place that has any."""
    if not inputs.volumes:
        return {}
    volume = allowance(inputs, places=[row.place for row in rows], starts=rows[0].starts, method=method)
    has = np.flatnonzero(~np.isnan(volume).all(axis=1)).tolist()
    if not has:
        return {}
    has.sort(key=lambda row: (_order(counts[row]), _order(volume[row])))
    tested = surges.examine(counts=counts[has], period=rows[0].period, method=method, exposure=volume[has])
    lower, upper = surges.usual_range(law=tested.law, share=method.ears_range)
    return {
        rows[row].place: _View(
            p_value=tested.p_value[at], expected=tested.law.mean[at], lower=lower[at], upper=upper[at]
        )
        for at, row in enumerate(has)
    }


def _families(
    found: Sequence[_Found], index: Sequence[int | None], kind: str, *, rate: float
) -> tuple[NDArray[np.bool_], dict[str, float]]:
    """Alarms of one kind, the rate controlled among questions of one period: a month is asked once, not each week."""
    p_values = np.full(len(found), np.nan)
    for number, (one, at) in enumerate(zip(found, index, strict=True)):
        if at is not None:
            p_values[number] = {"alarm": one.view.p_value, "sudden": one.sudden, "sustained": one.sustained}[kind][at]
    periods = np.array([one.row.period for one in found])
    flags = np.zeros(p_values.shape, dtype=np.bool_)
    working: dict[str, float] = {}
    for period in sorted(set(periods.tolist())):
        own = periods == period
        flags[own], working[period] = alarms(p_values=p_values[own], rate=rate)
    return flags, working


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


def _newest_ended(row: _Row, last: date) -> int | None:
    """Position of the newest period that had ended by `last`; None when the series is stale or has none."""
    if row.stale:
        return None
    for at in range(len(row.starts) - 1, -1, -1):
        if period_end(row.starts[at], row.period) <= last:
            return at
    return None


def _newest_complete(one: _Found, last: date, *, method: Method) -> int | None:
    """The same, but for periods of which more is still to come than the method allows."""
    at = _newest_ended(one.row, last)
    shares = {} if one.late is None else {start: share for start, share, _ in one.late.periods}
    while at is not None and shares.get(one.row.starts[at], 1.0) < method.complete_share:
        at = at - 1 if at else None
    return at


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


def _needed(tested: Tested, series: Sequence[_Found], threshold: Mapping[str, float], *, method: Method) -> list[float]:
    """For each series of incidents: the smallest count of the newest week that would have been an alarm; else NaN."""
    row = series[0].row
    if row.indicator != "incidents" or row.stale:
        return [float("nan")] * len(series)
    counts = np.vstack([one.row.values for one in series])
    needed = surges.smallest_alarm(
        counts=counts, tested=tested, threshold=threshold.get(row.period, 0.0), method=method
    )
    return [float(one) for one in needed]


def _smallest_rise(needed: float, *, method: Method) -> int | None:
    """Smallest number of incidents in four weeks, evenly spread, whose first week would alarm with the power set.

    Three more weeks could alarm too, so that the true power is higher. None when the series could not be tested.
    """
    if np.isnan(needed):
        return None
    rise = np.arange(method.minimum_incidents, 2001)
    strong = np.flatnonzero(poisson.sf(needed - 1, rise / 4) >= method.power)
    return int(rise[strong[0]]) if strong.size else None


def _share_here(one: _Found, index: int | None) -> float | None:
    """Share of the newest period's reports that is here; None where nothing is known of late reports."""
    if one.late is None or index is None:
        return None
    here = {start: share for start, share, _ in one.late.periods}.get(one.row.starts[index])
    return None if here is None or np.isnan(here) else here


def _offset_word(one: _Found, index: int | None, *, alarm: bool, threshold: float) -> str:
    """What allowing for report volume does; a provider's series has no report volume."""
    if one.allowing is None or index is None or np.isnan(one.allowing.p_value[index]):
        return NOT_APPLICABLE
    if not alarm:
        return NO_ALARM
    return STAYS if one.allowing.p_value[index] <= threshold else GOES_AWAY


def _result(
    one: _Found,
    index: int | None,
    *,
    alarm: bool,
    flags: tuple[bool, bool],
    smallest: int | None,
    offset: str,
) -> SeriesResult:
    def number(values: Counts | None) -> float | None:
        return None if values is None or index is None or np.isnan(values[index]) else float(values[index])

    row, view, allowing = one.row, one.view, one.allowing
    last = len(row.starts) if index is None else index + 1
    return SeriesResult(
        series_id=short_hash("series", row.place, row.trigger, row.source_id, row.indicator, row.period),
        place=row.place,
        trigger=row.trigger,
        source_id=row.source_id,
        indicator=row.indicator,
        unit=row.unit,
        period=row.period,
        period_start=None if index is None else row.starts[index],
        observed=number(row.values),
        expected=number(view.expected),
        lower=number(view.lower),
        upper=number(view.upper),
        p_value=number(view.p_value),
        method=_method(one, index),
        alarm=alarm,
        stale=row.stale,
        offset=offset,
        smallest_rise=smallest,
        label=row.label,
        basis=row.basis,
        shared_with=row.shared_with,
        history=tuple(
            (row.starts[at], _value(row.values[at]), _value(view.expected[at]), _value(view.upper[at]))
            for at in range(max(0, last - SHOWN), last)
        ),
        sudden=flags[0],
        sustained=flags[1],
        p_sudden=number(one.sudden),
        p_sustained=number(one.sustained),
        p_offset=number(allowing.p_value) if allowing else None,
        offset_expected=number(allowing.expected) if allowing else None,
        offset_lower=number(allowing.lower) if allowing else None,
        offset_upper=number(allowing.upper) if allowing else None,
        share_here=_share_here(one, index),
        late=_late_band(one.late, row.starts[:last]),
    )


def _method(one: _Found, index: int | None) -> str:
    if index is None or not one.long[index]:
        return surges.SHORT
    return surges.LONG if one.row.indicator == "incidents" else surges.TOTALS


def _late_band(late: Late | None, starts: Sequence[date]) -> tuple[tuple[date, float, float], ...]:
    """The range that holds nine draws of ten of what each late period will come to."""
    if late is None:
        return ()
    shown = set(starts)
    return tuple(
        (start, float(np.quantile(drawn, 0.05)), float(np.quantile(drawn, 0.95)))
        for start, _, drawn in late.periods
        if drawn and start in shown
    )


def _order(values: Counts) -> tuple[float, ...]:
    return tuple(np.nan_to_num(values, nan=-1.0).tolist())


def _value(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
