"""EARS C1, C2 and C3: this period against the mean and spread of a few recent ones.

Hutwagner L, Thompson W, Seeman GM, Treadwell T (2003), The bioterrorism preparedness and response Early
Aberration Reporting System (EARS), Journal of Urban Health 80(2 Suppl 1): i89-i96.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from scoring.detectors.verdict import Counts, Flags, Mode, Verdict

# A block of series stays in the processor's own memory while it is passed over several times.
BLOCK = 1 << 16
C2_LAG = 2
C3_MEMORY = 2


class Variant(StrEnum):
    """C1 compares with the periods just before, C2 leaves two out, C3 adds what C2 said of the last three."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"


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
    width = periods - first
    if width > 0:
        step = max(BLOCK // periods, 1)
        for start in range(0, rows, step):
            block = counts[start : start + step]
            total = block[:, :width].copy()
            for shift in range(1, length):
                total += block[:, shift : shift + width]
            total /= length
            mean[start : start + step, first:] = total
            spread = np.zeros_like(total)
            off = np.empty_like(total)
            for shift in range(length):
                np.subtract(block[:, shift : shift + width], total, out=off)
                np.multiply(off, off, out=off)
                spread += off
            spread /= length - 1
            deviation[start : start + step, first:] = np.sqrt(spread, out=spread)
    return Baseline(mean=mean, deviation=deviation)


def p_values(*, counts: Counts, against: Baseline) -> Counts:
    """Upper tail of the normal law; NaN without a base line, or where it does not vary and C2 says nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (counts - against.mean) / against.deviation
    tail = _tail(z)
    tail[~(against.deviation > 0)] = np.nan
    return tail


def ears(
    *,
    counts: Counts,
    variant: Variant,
    alpha: float,
    length: int = 7,
    least_deviation: float = 0.0,
    mode: Mode = Mode.CORRECTED,
) -> Verdict:
    """C1, C2 or C3 over series (rows) by periods (columns).

    `least_deviation` replaces a smaller standard deviation of the base line. A base line that does not vary says
    nothing, but in R's mode is taken as it is. R's C3 exports a bound that moves with the count itself, so that the
    current period never decides; the published C3, our default, adds the current period to the two before it, and
    its p-value is nominal.
    """
    against = baseline(counts=counts, length=length, lag=0 if variant is Variant.C1 else C2_LAG)
    deviation = np.maximum(against.deviation, least_deviation) if least_deviation > 0 else against.deviation
    z = float(norm.isf(alpha))
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (counts - against.mean) / deviation
        if variant is Variant.C3:
            return _c3(counts, against.mean, deviation, score, z=z, mode=mode)
        upper = np.maximum(against.mean + z * deviation, 0.0)
        if mode is Mode.CORRECTED:
            upper[~(deviation > 0)] = np.nan
        tail = _tail(score)
        alarm: Flags = counts > upper
    tail[np.isnan(upper)] = np.nan
    return Verdict(expected=against.mean, upper=upper, p_value=tail, alarm=alarm)


def _c3(counts: Counts, mean: Counts, deviation: Counts, score: Counts, *, z: float, mode: Mode) -> Verdict:
    """A period without a base line among the two before it leaves C3 without a verdict."""
    above = np.maximum(score - 1, 0.0)
    before = np.full(counts.shape, np.nan)
    before[:, C3_MEMORY:] = above[:, 1:-1] + above[:, :-2]
    if mode is Mode.R_1_20_3:
        upper = np.maximum(counts + deviation * (z - before), 0.0)
        said = ~np.isnan(upper)
        alarm = said & (counts > upper)
        tail = np.where(said, _tail(before), np.nan)
        return Verdict(expected=mean, upper=upper, p_value=tail, alarm=alarm)
    said = (deviation > 0) & np.isfinite(before) & ~np.isnan(counts)
    total = np.where(said, before + above, np.nan)
    upper = np.where(said, np.maximum(mean + deviation * (1 + z - before), 0.0), np.nan)
    return Verdict(expected=mean, upper=upper, p_value=_tail(total), alarm=said & (total > z))


def _tail(score: Counts) -> Counts:
    """Upper tail of the normal law; never zero, for no finite count proves anything."""
    tail: Counts = np.maximum(ndtr(-score), np.finfo(np.float64).tiny)
    return tail
