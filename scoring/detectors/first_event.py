"""The first event, and any count, against a gamma-Poisson law whose prior pools every State of a trigger.

Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.6; the prior never pools a region.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

Counts = NDArray[np.float64]
JEFFREYS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Gamma law of the rate per period: shape, and rate in periods."""

    shape: float
    rate: float


def pool(*, totals: Counts, periods: Counts) -> Prior:
    """Prior by moments over all series of one trigger: totals of events, and periods in which they could be seen.

    The shape is at least Jeffreys's one half: a prior may not be surer of silence than ignorance is, or a single
    event would be an alarm. With no event anywhere one event is expected in twice the periods seen.
    """
    seen = periods > 0
    if not seen.any() or totals[seen].sum() == 0:
        longest = float(periods.max()) if periods.size else 1.0
        return Prior(shape=JEFFREYS, rate=max(longest, 1.0))
    rates = totals[seen] / periods[seen]
    mean = float(rates.mean())
    # What Poisson noise alone would spread is no difference between States.
    between = float(rates.var()) - float((mean / periods[seen]).mean())
    shape = mean**2 / between if between > mean**2 / 20 else 20.0
    shape = float(np.clip(shape, JEFFREYS, 20.0))
    return Prior(shape=shape, rate=shape / mean)


def first_event(*, none_in: float, window: float, prior: Prior) -> float:
    """Probability of at least one event in `window` periods after none in `none_in` periods."""
    return float(1 - (1 - window / (none_in + prior.rate + window)) ** prior.shape)


def tail(*, count: Counts, total: Counts, periods: Counts, prior: Prior) -> Counts:
    """Probability of at least `count` events in one period after `total` in `periods`; NaN stays NaN.

    For a count of one after none it is `first_event` with a window of one.
    """
    successes = prior.shape + total
    chance = (periods + prior.rate) / (periods + prior.rate + 1)
    upper = np.asarray(nbinom.sf(count - 1, successes, chance), dtype=np.float64)
    return np.where(np.isnan(count) | (periods <= 0), np.nan, upper)


def tail_of(*, count: Counts, shape: Counts, pace: Counts) -> Counts:
    """Probability of at least `count` events in one period under a gamma posterior of the rate; NaN stays NaN."""
    with np.errstate(invalid="ignore"):
        upper = np.asarray(nbinom.sf(count - 1, shape, pace / (pace + 1)), dtype=np.float64)
    return np.where(np.isnan(count) | ~(pace > 0), np.nan, np.maximum(upper, np.finfo(np.float64).tiny))


def bound_of(*, shape: Counts, pace: Counts, alpha: float) -> Counts:
    """Largest count of one period that is no alarm at `alpha`; NaN stays NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray(nbinom.isf(alpha, shape, pace / (pace + 1)), dtype=np.float64)
