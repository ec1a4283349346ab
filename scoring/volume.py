"""How much was reported at all: what a rise is allowed for, and what silence is told from.

Volume leaves out items on the triggers themselves when a rise is allowed for: in a real crisis reporting grows with the
events, and a crisis must not explain itself away. Silence counts all items.
"""

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


def unread_share(inputs: Inputs, place: str) -> float | None:
    """Share of a year's reports on a place in a language that nobody here reads; None without reports."""
    first = Week.last_complete(inputs.as_of).back(YEAR - 1).first_day
    weeks = [week for one in inputs.volumes if one.place == place for week in one.weeks if week.start >= first]
    reports = sum(week.reports for week in weeks)
    return sum(week.unread for week in weeks) / reports if reports else None


def listen(inputs: Inputs, *, place: str, method: Method) -> Silence:
    """Did those who speak from within fall silent on this place, while they went on elsewhere?"""
    newest = Week.last_complete(inputs.as_of)
    recent = {newest.back(back).first_day for back in range(LISTENED)}
    before = [newest.back(back).first_day for back in range(LISTENED, LISTENED + YEAR)]
    here = np.zeros(YEAR)
    now = 0
    elsewhere_now, elsewhere_usual = 0.0, 0.0
    spoken = np.zeros(YEAR, dtype=np.bool_)
    failed: list[str] = []
    for view, volumes in _by_source(inputs):
        if view.card.source_class not in DOMESTIC:
            continue
        own = [week for one in volumes if one.place == place for week in one.weeks]
        if not any(week.reports and week.start in before for week in own):
            continue
        weeks_spoken = np.array([_spoke(view, start, method) for start in before], dtype=np.bool_)
        spoken |= weeks_spoken
        if view.state.failure or view.stale or view.weeks_looked < method.weeks_looked:
            failed.append(view.card.id)
        counts = {week.start: week.reports for week in own}
        here += np.array([counts.get(start, 0) for start in before], dtype=np.float64)
        now += sum(counts.get(start, 0) for start in recent)
        others = [week for one in volumes if one.place != place for week in one.weeks]
        elsewhere_now += sum(week.reports for week in others if week.start in recent)
        usual = sum(week.reports for week in others if week.start in before)
        elsewhere_usual += usual / max(int(weeks_spoken.sum()), 1) * LISTENED
    if int(spoken.sum()) < method.silence_history:
        return Silence(observed=now, expected=None, p_value=None, elsewhere=None, failed=tuple(failed))
    week = here[spoken]
    expected = float(week.mean()) * LISTENED
    spread = max(float(week.var(ddof=1)) / float(week.mean()), 1.0) if week.mean() > 0 else 1.0
    return Silence(
        observed=now,
        expected=expected,
        p_value=_lower_tail(now, expected, spread),
        elsewhere=elsewhere_now / elsewhere_usual if elsewhere_usual else None,
        failed=tuple(failed),
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
