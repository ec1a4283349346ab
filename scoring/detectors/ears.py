"""EARS C2: this period against the mean and spread of seven recent ones, two periods left out.

Hutwagner L, Thompson W, Seeman GM, Treadwell T (2003), The bioterrorism preparedness and response Early
Aberration Reporting System (EARS), Journal of Urban Health 80(2 Suppl 1): i89-i96.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Mean and standard deviation of the base line; NaN where it is not complete. Same shape as the counts."""

    mean: Counts
    deviation: Counts


def baseline(*, counts: Counts, length: int, lag: int) -> Baseline:
    """Base line of every period: `length` periods that end `lag + 1` periods before it.

    A missing period (NaN) anywhere in it makes it NaN: it is never read as zero.
    """
    rows, periods = counts.shape
    mean = np.full((rows, periods), np.nan)
    deviation = np.full((rows, periods), np.nan)
    first = length + lag
    if periods > first:
        windows = np.lib.stride_tricks.sliding_window_view(counts, length, axis=1)[:, : periods - first]
        mean[:, first:] = windows.mean(axis=2)
        deviation[:, first:] = windows.std(axis=2, ddof=1)
    return Baseline(mean=mean, deviation=deviation)


def p_values(*, counts: Counts, against: Baseline) -> Counts:
    """Upper tail of the normal law; NaN without a base line, or where it does not vary and C2 says nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (counts - against.mean) / against.deviation
    tail: Counts = norm.sf(z)
    tail[~(against.deviation > 0)] = np.nan
    return tail
