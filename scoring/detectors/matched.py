"""A window with the shape of an outbreak: how much likelier are the last weeks if one began in them?

The mean likelihood ratio over when an outbreak began and how large it is, against a base line (`harmonic`): a mixture
as in Robbins (1970, Annals of Mathematical Statistics 41: 1397-1409). Its mean without an outbreak is one, so one over
it bounds the p-value whatever the base line's law (Ville's inequality); `calibration` gives the p-value itself.
The shape is that of cases spread by a log-normal delay with a median of one week, as in Noufaily et al. (2013), doi
10.1002/sim.5595: half of them in the first week, two fifths in the second.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.compiled import compiled
from scoring.detectors.harmonic import Baseline

Counts = NDArray[np.float64]

# Share of an outbreak's cases by week: P(k <= LogNormal(0, 0.5) < k + 1).
SHAPE = np.array([0.5, 0.417171, 0.068826, 0.011222])
# Weight of an outbreak that began this week, last week …: the newest count most, or it would be found late.
BEGAN = np.array([1.0, 0.24, 0.07, 0.015])
# Sizes in standard deviations of the week, as the scenarios count them; half of the weight on the small ones.
SIZES = np.array([2.0, 2.3, 4.0, 7.5])
FEWEST_CASES = 2.0
# A dispersion this near one is Poisson's.
NEARLY_POISSON = 1.01
# Share of the mixture in which an outbreak's cases come one by one.
SINGLY = 0.9


class _Job(NamedTuple):
    counts: Counts
    mean: Counts
    dispersion: Counts
    shape: Counts
    began: Counts
    sizes: Counts


def log_ratio(*, counts: Counts, baseline: Baseline) -> Counts:
    """Log of the mean likelihood ratio; NaN for a period without a count or a base line.

    A missing period within the window says nothing for or against.
    """
    mean = baseline.mean
    score = np.full(counts.shape, np.nan)
    _log_ratio(_Job(np.ascontiguousarray(counts), mean, baseline.predictive, SHAPE, BEGAN / BEGAN.sum(), SIZES), score)
    return score


@compiled
def _log_law(y: float, mean: float, dispersion: float) -> float:
    """Log of the negative binomial, but for the factorial of the count."""
    if dispersion <= NEARLY_POISSON:
        return y * math.log(mean) - mean
    size = mean / (dispersion - 1)
    return math.lgamma(y + size) - math.lgamma(size) - size * math.log(dispersion) + y * math.log1p(-1 / dispersion)


@compiled
def _log_ratio(job: _Job, score: Counts) -> None:
    counts, mean, dispersion, shape, began, sizes = job
    series, periods = counts.shape
    quiet = np.zeros(periods)
    for s in range(series):
        for t in range(periods):
            if math.isnan(counts[s, t]) or not mean[s, t] > 0:
                continue
            quiet[t] = _log_law(counts[s, t], mean[s, t], dispersion[s, t])
            total = 0.0
            top = -math.inf
            for ago in range(began.size):
                start = t - ago
                if start < 0 or not mean[s, start] > 0:
                    continue
                for k in range(2 * sizes.size):
                    # An outbreak's cases come singly and thin the clumps; a share is kept for one that comes in clumps.
                    singly = k < sizes.size
                    cases = sizes[k % sizes.size] * math.sqrt(dispersion[s, start] * mean[s, start])
                    cases = max(cases, FEWEST_CASES)
                    one = math.log(began[ago] / sizes.size * (SINGLY if singly else 1 - SINGLY))
                    for at in range(start, t + 1):
                        if not math.isnan(counts[s, at]) and mean[s, at] > 0:
                            added = cases * shape[at - start]
                            raised = mean[s, at] + added
                            clumps = dispersion[s, at]
                            if singly:
                                clumps = (clumps * mean[s, at] + added) / raised
                            one += _log_law(counts[s, at], raised, clumps) - quiet[at]
                    # A sum of exponentials that cannot overflow.
                    if one > top:
                        total = total * math.exp(top - one) + 1.0
                        top = one
                    else:
                        total += math.exp(one - top)
            score[s, t] = top + math.log(total)
