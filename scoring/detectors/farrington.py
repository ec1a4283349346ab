"""Farrington's method, flexible and original: a quasi-Poisson regression on the same season of earlier years.

Farrington CP, Andrews NJ, Beale AD, Catchpole MA (1996), A statistical algorithm for the early detection of outbreaks
of infectious disease, JRSS A 159: 547-563. Noufaily A, Enki DG, Farrington P, Garthwaite P, Andrews N, Charlett A
(2013), An improved algorithm for outbreak detection in multiple surveillance systems, Statistics in Medicine 32:
1206-1222, doi 10.1002/sim.5595.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import nbinom, norm, poisson
from scipy.stats import t as student

from scoring.detectors import references
from scoring.detectors.farrington_fit import Choice, Found, Given, Past
from scoring.detectors.farrington_fit import regress as fit_all
from scoring.detectors.references import Days
from scoring.detectors.verdict import Counts, Flags, Mode, Verdict

WEEKS = 52
FEWEST_YEARS_OF_A_TREND = 3
LARGEST_MEAN = 1e9


class Bound(StrEnum):
    """How the upper bound follows from the fit: by a power transform, or as a quantile of the negative binomial."""

    DELTA = "delta"
    NB_PLUGIN = "nbPlugin"
    MUAN = "muan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Noufaily's choices, but for `fewest`.

    `weights_from`: Anscombe residual from which a past period loses weight; `trend_below`: p-value of a trend that
    is kept; `power` of the transform, 0 for none; `fewest`: no alarm with fewer events than the first in the last
    periods of the second. Off (0) by default: the usual five in four weeks hides rare events.
    """

    years: int = 5
    half_width: int = 3
    levels: int = 10
    left_out: int = 26
    frequency: int = WEEKS
    weights_from: float = 2.58
    trend: bool = True
    trend_below: float = 0.05
    alpha: float = 0.01
    bound: Bound = Bound.DELTA
    power: float = 2 / 3
    fewest: tuple[int, int] = (0, 4)
    two_sided: bool = False


ORIGINAL = Parameters(levels=1, left_out=0, weights_from=1.0, alpha=0.05, two_sided=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The regression at each period: mean, dispersion, squared standard error of the mean, slope (0 when dropped).

    `mean` is NaN where there is no fit; `converged` is false where one was tried in vain.
    """

    mean: Counts
    dispersion: Counts
    variance: Counts
    slope: Counts
    converged: Flags


def flexible(
    *,
    counts: Counts,
    parameters: Parameters | None = None,
    mode: Mode = Mode.CORRECTED,
    starts: Days | None = None,
    exposure: Counts | None = None,
    first: int = 0,
) -> Verdict:
    """Farrington flexible over series (rows) by periods (columns), for the periods from `first` on.

    `starts` gives the calendar date of each period; without it a year is `frequency` periods. `exposure` is a
    population or a volume: the mean is proportional to it. A missing count (NaN), or one without its exposure, is
    left out of base lines, is never zero, and has no verdict itself.
    """
    chosen = parameters or Parameters()
    fit = regress(counts=counts, parameters=chosen, mode=mode, starts=starts, exposure=exposure, first=first)
    return judge(counts=counts, fit=fit, parameters=chosen)


def original(
    *,
    counts: Counts,
    parameters: Parameters = ORIGINAL,
    mode: Mode = Mode.CORRECTED,
    starts: Days | None = None,
    exposure: Counts | None = None,
    first: int = 0,
) -> Verdict:
    """Farrington's method of 1996: windows of earlier years alone, no seasonal levels, `alpha` of both sides."""
    return flexible(counts=counts, parameters=parameters, mode=mode, starts=starts, exposure=exposure, first=first)


def regress(
    *,
    counts: Counts,
    parameters: Parameters,
    mode: Mode = Mode.CORRECTED,
    starts: Days | None = None,
    exposure: Counts | None = None,
    first: int = 0,
) -> Fit:
    """The regression alone; several levels of `alpha` or bounds may be read from one."""
    series, periods = counts.shape
    enough = parameters.frequency * parameters.years + parameters.half_width
    past = _references(parameters, periods=periods, starts=starts, first=max(first, enough))
    seen = np.where(np.isnan(counts), np.nan, 1.0) if exposure is None else np.asarray(exposure, dtype=np.float64)
    usable = np.where(seen > 0, counts, np.nan)
    longest = past.position.shape[1]
    freedom = np.arange(1, longest + 2, dtype=np.float64)
    in_steps = mode is Mode.R_1_20_3
    critical = np.concatenate([[np.inf], student.isf(parameters.trend_below / 2, freedom)])
    with np.errstate(divide="ignore", invalid="ignore"):
        y_log_y = np.where(usable > 0, usable * np.log(usable), 0.0)
        log_start = np.log(usable + 0.1)
        log_seen = np.log(seen)
    shape = (series, periods)
    found = Found(
        mean=np.full(shape, np.nan),
        dispersion=np.full(shape, np.nan),
        variance=np.full(shape, np.nan),
        slope=np.zeros(shape),
        converged=np.ones(shape, dtype=np.bool_),
    )
    choice = Choice(
        weights_from=parameters.weights_from,
        trend=parameters.trend and parameters.years >= FEWEST_YEARS_OF_A_TREND,
        critical=critical,
        in_steps=in_steps,
        own_spread=in_steps and not parameters.two_sided,
        free_doubt=in_steps and parameters.two_sided,
    )
    fit_all(Given(usable, y_log_y, log_start, seen, log_seen), past, choice, found)
    return Fit(
        mean=found.mean,
        dispersion=found.dispersion,
        variance=found.variance,
        slope=found.slope,
        converged=found.converged,
    )


def judge(*, counts: Counts, fit: Fit, parameters: Parameters) -> Verdict:
    """Bound, p-value and alarm from a fit."""
    alpha = parameters.alpha / 2 if parameters.two_sided else parameters.alpha
    known = ~np.isnan(fit.mean) & ~np.isnan(counts)
    y, mean = counts[known], fit.mean[known]
    dispersion, variance = fit.dispersion[known], fit.variance[known]
    if parameters.bound is Bound.DELTA:
        upper, tail = _power_bound(y, mean, dispersion, variance, alpha=alpha, power=parameters.power)
    else:
        if parameters.bound is Bound.MUAN:
            # After a season without events the error passes every bound; so then does the quantile.
            with np.errstate(over="ignore"):
                mean = mean * np.exp(norm.isf(alpha) * np.sqrt(variance) / mean)
        upper, tail = _quantile_bound(y, mean, dispersion, alpha=alpha)
    found = Verdict(
        expected=np.where(known, fit.mean, np.nan),
        upper=np.full(counts.shape, np.nan),
        p_value=np.full(counts.shape, np.nan),
        alarm=np.zeros(counts.shape, dtype=np.bool_),
    )
    found.upper[known] = upper
    found.p_value[known] = np.minimum(tail * 2, 1.0) if parameters.two_sided else tail
    found.alarm[known] = y > upper
    found.alarm[too_few(counts=counts, fewest=parameters.fewest)] = False
    return found


def too_few(*, counts: Counts, fewest: tuple[int, int]) -> Flags:
    """Where the newest periods hold fewer events than the rule asks; a missing one among them counts for none."""
    least, span = fewest
    if least <= 0:
        return np.zeros(counts.shape, dtype=np.bool_)
    running = np.cumsum(np.nan_to_num(counts), axis=1)
    running[:, span:] -= running[:, :-span].copy()
    few: Flags = running < least
    return few


def _references(parameters: Parameters, *, periods: int, starts: Days | None, first: int) -> Past:
    if starts is None:
        anchors = references.anchors_by_index(periods=periods, years=parameters.years, frequency=parameters.frequency)
    else:
        anchors = references.anchors_by_date(starts=starts, years=parameters.years)
    built = references.build(
        anchors=anchors,
        half_width=parameters.half_width,
        levels=parameters.levels,
        left_out=parameters.left_out,
        first=first,
    )
    return Past(built.position, built.level, built.size, built.levels)


def _power_bound(
    y: Counts, mean: Counts, dispersion: Counts, variance: Counts, *, alpha: float, power: float
) -> tuple[Counts, Counts]:
    """Counts to the power 2/3 are nearly normal (Farrington 1996, section 3.4); 0 stands for no transform."""
    spread = np.sqrt(dispersion * mean + variance) / mean
    exponent = power or 1.0
    upper = mean * (1 + exponent * norm.isf(alpha) * spread) ** (1 / exponent)
    score = ((y / mean) ** exponent - 1) / (exponent * spread)
    return upper, np.maximum(norm.sf(score), np.finfo(np.float64).tiny)


def _quantile_bound(y: Counts, mean: Counts, dispersion: Counts, *, alpha: float) -> tuple[Counts, Counts]:
    # Beyond any count the law is normal; searching for its quantile there would not end.
    with np.errstate(invalid="ignore"):
        upper = np.where(np.isinf(mean), np.inf, mean + norm.isf(alpha) * np.sqrt(dispersion * mean))
        tail = np.where(np.isinf(mean), 1.0, norm.sf((y - mean) / np.sqrt(dispersion * mean)))
    countable = mean < LARGEST_MEAN
    narrow, wide = countable & (dispersion <= 1), countable & (dispersion > 1)
    size, chance = mean[wide] / (dispersion[wide] - 1), 1 / dispersion[wide]
    upper[wide] = nbinom.ppf(1 - alpha, size, chance)
    tail[wide] = nbinom.sf(y[wide] - 1, size, chance)
    upper[narrow] = poisson.ppf(1 - alpha, mean[narrow])
    tail[narrow] = poisson.sf(y[narrow] - 1, mean[narrow])
    return upper, np.maximum(tail, np.finfo(np.float64).tiny)
