"""How much was reported at all: what a rise is allowed for, and what silence is told from.

Volume leaves out items on the triggers themselves when a rise is allowed for: in a real crisis reporting grows with the
events, and a crisis must not explain itself away. Silence counts all items.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from domain.source import SourceClass
from domain.window import Week
from scoring.inputs import Inputs, SourceView, Volume
from scoring.method import Method

Counts = NDArray[np.float64]
HALF = 0.5
YEAR = 52
LISTENED = 4  # weeks
NEARLY_POISSON = 1.01
# Those who speak from within a society; a mandate or a data provider far away is no sign that it fell silent.
DOMESTIC = frozenset({SourceClass.CIVIL_SOCIETY, SourceClass.DEFENDERS, SourceClass.MEDIA, SourceClass.NHRI})


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Volume of four weeks on one place, what was expected, and the same sources' share of it elsewhere.

    None where there is no history to expect anything from. `failed` names sources that failed, or were not looked at.
    """

    observed: int
    expected: float | None
    p_value: float | None
    elsewhere: float | None
    failed: tuple[str, ...]


def allowance(inputs: Inputs, *, places: Sequence[str], starts: Sequence[date], method: Method) -> Counts:
    """Report volume by place and week over its own mean, without items on the triggers; NaN where nobody spoke.

    Half a report is added, so that a week with none is little and not nothing. A place with fewer reports than the
    method asks for has no volume that could explain anything: NaN throughout.
    """
    at = {start: column for column, start in enumerate(starts)}
    row_of = {place: row for row, place in enumerate(places)}
    spoken = np.zeros(len(starts), dtype=np.bool_)
    total = np.zeros((len(places), len(starts)))
    for view, volumes in _by_source(inputs):
        spoken |= np.array([_spoke(view, start, method) for start in starts], dtype=np.bool_)
        for one in volumes:
            row = row_of.get(one.place)
            if row is None:
                continue
            for week in one.weeks:
                if (column := at.get(week.start)) is not None:
                    total[row, column] += max(week.reports - week.own, 0)
    if not spoken.any():
        return np.full(total.shape, np.nan)
    total[:, ~spoken] = np.nan
    mean = np.nanmean(total, axis=1, keepdims=True)
    enough = mean >= method.offset_reports
    return np.where(enough, (total + HALF) / np.where(enough, mean + HALF, 1.0), np.nan)


def has_history(inputs: Inputs, *, method: Method) -> frozenset[str]:
    """Places on which those who speak from within carried something, over weeks enough to expect more."""
    first = Week.last_complete(inputs.as_of).back(method.silence_history + LISTENED - 1).first_day
    return frozenset(
        one.place
        for view, volumes in _by_source(inputs)
        if view.card.source_class in DOMESTIC and view.first_day is not None and view.first_day <= first
        for one in volumes
        if any(week.reports for week in one.weeks)
    )


def unread_shares(inputs: Inputs) -> dict[str, float]:
    """Share of a year's reports on each place in a language that nobody here reads; no entry without reports."""
    first = Week.last_complete(inputs.as_of).back(YEAR - 1).first_day
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in inputs.volumes:
        for week in one.weeks:
            if week.start >= first:
                found[one.place][0] += week.unread
                found[one.place][1] += week.reports
    return {place: unread / reports for place, (unread, reports) in found.items() if reports}


def listen(inputs: Inputs, *, method: Method) -> dict[str, Silence]:
    """Did those who speak from within fall silent on a place, while they went on elsewhere? By place heard of."""
    newest = Week.last_complete(inputs.as_of)
    recent = {newest.back(back).first_day for back in range(LISTENED)}
    before = [newest.back(back).first_day for back in range(LISTENED, LISTENED + YEAR)]
    at = {start: column for column, start in enumerate(before)}
    told: dict[str, list[_Told]] = defaultdict(list)
    for view, volumes in _by_source(inputs):
        if view.card.source_class not in DOMESTIC:
            continue
        spoken = np.array([_spoke(view, start, method) for start in before], dtype=np.bool_)
        here = []
        for one in volumes:
            usual = np.zeros(YEAR)
            now = 0
            for week in one.weeks:
                if (column := at.get(week.start)) is not None:
                    usual[column] += week.reports
                elif week.start in recent:
                    now += week.reports
            here.append((one.place, usual, now))
        total_usual, total_now = float(sum(usual.sum() for _, usual, _ in here)), sum(now for _, _, now in here)
        failed = view.state.failure or view.stale or view.weeks_looked < method.weeks_looked
        weeks = max(int(spoken.sum()), 1)
        for place, usual, now in here:
            if usual.any():
                told[place].append(
                    _Told(
                        source_id=view.card.id,
                        usual=usual,
                        now=now,
                        spoken=spoken,
                        failed=failed,
                        elsewhere_now=total_now - now,
                        elsewhere_usual=(total_usual - float(usual.sum())) / weeks * LISTENED,
                    )
                )
    return {place: _silence(sources, method=method) for place, sources in told.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What one source carried on one place, and elsewhere: in each of the 52 weeks before, and in the newest four."""

    source_id: str
    usual: Counts
    now: int
    spoken: NDArray[np.bool_]
    failed: bool
    elsewhere_now: int
    elsewhere_usual: float


def _silence(sources: Sequence[_Told], *, method: Method) -> Silence:
    observed = sum(one.now for one in sources)
    failed = tuple(sorted(one.source_id for one in sources if one.failed))
    spoken = np.any([one.spoken for one in sources], axis=0)
    if int(spoken.sum()) < method.silence_history:
        return Silence(observed=observed, expected=None, p_value=None, elsewhere=None, failed=failed)
    week = np.sum([one.usual for one in sources], axis=0)[spoken]
    expected = float(week.mean()) * LISTENED
    spread = max(float(week.var(ddof=1)) / float(week.mean()), 1.0) if week.mean() > 0 else 1.0
    elsewhere = sum(one.elsewhere_usual for one in sources)
    return Silence(
        observed=observed,
        expected=expected,
        p_value=_lower_tail(observed, expected, spread),
        elsewhere=sum(one.elsewhere_now for one in sources) / elsewhere if elsewhere else None,
        failed=failed,
    )


def _lower_tail(count: int, mean: float, spread: float) -> float:
    """Chance of so few or fewer, under a count law with that variance over mean."""
    if mean <= 0:
        return 1.0
    if spread <= NEARLY_POISSON:
        return float(poisson.cdf(count, mean))
    return float(nbinom.cdf(count, mean / (spread - 1), 1 / spread))


def _by_source(inputs: Inputs) -> Iterable[tuple[SourceView, list[Volume]]]:
    views = {view.card.id: view for view in inputs.sources}
    found: dict[str, list[Volume]] = {}
    for one in inputs.volumes:
        found.setdefault(one.source_id, []).append(one)
    return [(views[source_id], volumes) for source_id, volumes in found.items() if source_id in views]


def _spoke(view: SourceView, start: date, method: Method) -> bool:
    whole = view.first_day is not None and view.first_day <= start
    return whole and view.speaks_of(start, start + timedelta(days=6), prompt_days=method.prompt_days)
