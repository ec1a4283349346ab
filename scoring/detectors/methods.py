"""Every detector behind one door: a name, a mode, a level of alarms, and series on one calendar."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scoring.detectors import combine, ears, farrington, first_event, harmonic, scan
from scoring.detectors.references import Days
from scoring.detectors.verdict import Counts, Flags, Mode, Verdict

Whole = NDArray[np.int64]


class Method(StrEnum):
    FARRINGTON_FLEXIBLE = "farrington-flexible"
    FARRINGTON = "farrington"
    EARS_C1 = "ears-c1"
    EARS_C2 = "ears-c2"
    EARS_C3 = "ears-c3"
    HARMONIC_NB = "harmonic-nb"
    EB_SCAN = "eb-scan"
    FIRST_EVENT = "first-event"
    COMBINED = "combined"


HAS_R_MODE = frozenset({Method.FARRINGTON_FLEXIBLE, Method.FARRINGTON, Method.EARS_C1, Method.EARS_C2, Method.EARS_C3})
VARIANTS = {
    Method.EARS_C1: ears.Variant.C1,
    Method.EARS_C2: ears.Variant.C2,
    Method.EARS_C3: ears.Variant.C3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Series (rows) on one calendar (columns), as anyone may hold them.

    NaN is a period without a count. `begins` is each series' first period; what lies before it is no history.
    `starts` holds calendar dates, or None where periods are only numbered; then a year is `frequency` of them.
    """

    counts: Counts
    begins: Whole
    frequency: int
    starts: Days | None = None
    exposure: Counts | None = None

    def age(self) -> Whole:
        """How many periods of its own each series has before each period."""
        age: Whole = np.arange(self.counts.shape[1])[None, :] - self.begins[:, None]
        return age


def detect(*, series: Series, method: Method, mode: Mode, alpha: float) -> Verdict:
    """One method over all series at once, with its usual parameters."""
    if method in VARIANTS:
        return ears.ears(counts=series.counts, variant=VARIANTS[method], alpha=alpha, mode=mode)
    if method in (Method.HARMONIC_NB, Method.EB_SCAN, Method.COMBINED):
        return _by_regression(series=series, method=method, alpha=alpha)
    if method is Method.FIRST_EVENT:
        return _by_first_event(series=series, alpha=alpha)
    usual = farrington.ORIGINAL if method is Method.FARRINGTON else farrington.Parameters()
    chosen = replace(usual, alpha=alpha)
    if mode is Mode.CORRECTED and series.frequency != farrington.WEEKS:
        # The same spans of time in months or days; R keeps the numbers whatever the period is.
        pace = series.frequency / farrington.WEEKS
        chosen = replace(
            chosen,
            half_width=max(round(usual.half_width * pace), 1),
            left_out=round(usual.left_out * pace),
        )
    return by_farrington(series=series, parameters=chosen, mode=mode)


def _by_regression(*, series: Series, method: Method, alpha: float) -> Verdict:
    """`upper` of the scan and of the combination is one period's own bound: their windows are longer than that."""
    counts = series.counts
    usual = harmonic.Parameters(frequency=float(series.frequency), shortest=series.frequency)
    if method is Method.HARMONIC_NB:
        baseline = harmonic.estimate(counts=counts, exposure=series.exposure, parameters=usual)
        return harmonic.judge(counts=counts, baseline=baseline, alpha=alpha)
    surge = combine.find(counts=counts, exposure=series.exposure, parameters=usual)
    p_value = surge.sustained if method is Method.EB_SCAN else surge.combined
    week = harmonic.judge(counts=counts, baseline=surge.law, alpha=alpha)
    with np.errstate(invalid="ignore"):
        alarm: Flags = p_value < alpha
    return Verdict(expected=week.expected, upper=week.upper, p_value=p_value, alarm=alarm)


def _by_first_event(*, series: Series, alpha: float) -> Verdict:
    """One period's count against the gamma posterior of its own history and its stratum's prior."""
    law = scan.posterior(counts=series.counts, exposure=series.exposure)
    ahead = np.ones(series.counts.shape) if series.exposure is None else series.exposure
    # A period of twice the exposure is twice as long: the posterior's pace is then half as many periods.
    p_value = first_event.tail_of(count=series.counts, shape=law.shape, pace=law.pace / ahead)
    upper = first_event.bound_of(shape=law.shape, pace=law.pace / ahead, alpha=alpha)
    said = ~np.isnan(p_value)
    with np.errstate(invalid="ignore"):
        alarm: Flags = series.counts > upper
    return Verdict(
        expected=np.where(said, law.shape / law.pace * ahead, np.nan),
        upper=np.where(said, upper, np.nan),
        p_value=p_value,
        alarm=said & alarm,
    )


def by_farrington(*, series: Series, parameters: farrington.Parameters, mode: Mode) -> Verdict:
    """Farrington's method, where each series has the years it asks for."""
    chosen = replace(parameters, frequency=series.frequency)
    found = farrington.flexible(
        counts=series.counts, parameters=chosen, mode=mode, starts=series.starts, exposure=series.exposure
    )
    return silence(found, where=series.age() < history(chosen))


def history(parameters: farrington.Parameters) -> int:
    """Periods of its own that a series needs before the first one that can be judged."""
    return parameters.frequency * parameters.years + parameters.half_width


def silence(verdict: Verdict, *, where: Flags) -> Verdict:
    """The same verdict, without a word where it must not speak."""
    return Verdict(
        expected=np.where(where, np.nan, verdict.expected),
        upper=np.where(where, np.nan, verdict.upper),
        p_value=np.where(where, np.nan, verdict.p_value),
        alarm=verdict.alarm & ~where,
    )
