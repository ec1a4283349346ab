"""Empirical-Bayes gamma-Poisson scan: have the last 1, 2, 4 or 8 periods more events than they should?

The rate of a series has a gamma prior whose mean and spread are those of all series in its rate stratum (Robbins 1956;
Clayton and Kaldor 1987, Biometrics 43: 671-681), whatever their region; the count in a window then follows a negative
binomial, as in Kulldorff's prospective scan (2001, JRSS A 164: 61-72) and its Bayesian form (Neill, Moore and Cooper
2006). Events come in clumps, so the variance over the mean is pooled in the stratum too. Periods are weighed one by one
and not as a sum: eight weeks with one event each say more than one week with eight. The score is the mean likelihood
ratio of a two-, three-, five- and tenfold rate over the windows; its mean without a rise is one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from scoring.detectors.harmonic import Baseline
from scoring.detectors.verdict import Counts, Flags

Whole = NDArray[np.int64]

# Periods, and the weight of each in the mixture.
WINDOWS = ((1, 0.05), (2, 0.1), (4, 0.35), (8, 0.5))
FACTORS = (2.0, 3.0, 5.0, 10.0)
SINGLY = 0.7
# Events a period that part the strata of rate.
STRATA = (0.05, 0.15, 0.5, 1.5, 5.0)
LEAST_SHAPE, LARGEST_SHAPE = 0.5, 20.0
NEARLY_POISSON = 1.01
HALF_AN_EVENT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Gamma law of the rate of each series as each period finds it; NaN where the history is too short.

    `stratum` is the rate stratum that the prior was pooled over.
    """

    shape: Counts
    pace: Counts
    stratum: Whole
    events: Counts
    time: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Log of the mean likelihood ratio, and the law of one period; NaN where there is no count or no history."""

    log_ratio: Counts
    baseline: Baseline


def posterior(*, counts: Counts, exposure: Counts | None = None, shortest: int = 26, gap: int = 8) -> Posterior:
    """What the periods more than `gap` before each say of its rate, with the prior of its stratum.

    A missing count (NaN) adds neither events nor time; at least `shortest` counts must be there.
    """
    events, time, here = _seen(counts, exposure)
    past_events, past_time, past_count = (_before(values, gap) for values in (events, time, here.astype(np.float64)))
    enough = past_count >= shortest
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(enough, (past_events + HALF_AN_EVENT) / past_time, np.nan)
    stratum = np.digitize(rate, STRATA)
    shape, pace = _priors(rate=rate, stratum=stratum, time=past_time, enough=enough)
    return Posterior(
        shape=shape + past_events, pace=pace + past_time, stratum=stratum, events=past_events, time=past_time
    )


def scan(*, counts: Counts, exposure: Counts | None = None, shortest: int = 26, gap: int = 8) -> Scan:
    """Scan series (rows) by periods (columns); missing and history as for `posterior`."""
    law = posterior(counts=counts, exposure=exposure, shortest=shortest, gap=gap)
    events, time, here = _seen(counts, exposure)
    enough = ~np.isnan(law.shape)
    spoken = enough & here
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_rate = law.shape / law.pace
        # The posterior's own doubt about the rate widens a count.
        doubt = 1 / law.pace
    clump = _clumping(events, time, mean_rate, stratum=law.stratum, gap=gap, enough=enough)
    mean = mean_rate * time
    dispersion = clump + doubt * time
    baseline = Baseline(
        mean=np.where(spoken, mean, np.nan),
        dispersion=np.where(spoken, dispersion, np.nan),
        variance=np.zeros(counts.shape),
    )
    return Scan(log_ratio=log_ratio(counts=counts, baseline=baseline), baseline=baseline)


def log_ratio(*, counts: Counts, baseline: Baseline) -> Counts:
    """Log of the mean likelihood ratio of a rise over any base line; NaN without a count or a base line."""
    spoken = ~np.isnan(counts) & ~np.isnan(baseline.mean)
    events, mean, clumps = counts[spoken], baseline.mean[spoken], baseline.predictive[spoken]
    total = np.full(counts.shape, -np.inf)
    quiet = _log_law(events, mean, clumps)
    for factor in FACTORS:
        # What a rise adds may come singly, and thins the clumps, or in clumps as before.
        for law, share in (((clumps + factor - 1) / factor, SINGLY), (clumps, 1 - SINGLY)):
            raised = np.zeros(counts.shape)
            raised[spoken] = _log_law(events, factor * mean, law) - quiet
            for window, weight in WINDOWS:
                total = np.logaddexp(total, _last(raised, window) + np.log(share * weight / len(FACTORS)))
    return np.where(spoken, total, np.nan)


def _seen(counts: Counts, exposure: Counts | None) -> tuple[Counts, Counts, Flags]:
    """Events and time of each period, none of either where there is no count, and where there is one."""
    time = np.ones(counts.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
    here = ~np.isnan(counts) & (time > 0)
    return np.where(here, counts, 0.0), np.where(here, time, 0.0), here


def _before(values: Counts, gap: int) -> Counts:
    """Sum of everything more than `gap` periods before."""
    running = np.zeros_like(values)
    if values.shape[1] > gap + 1:
        running[:, gap + 1 :] = np.cumsum(values, axis=1)[:, : -gap - 1]
    return running


def _last(values: Counts, window: int) -> Counts:
    running = np.cumsum(values, axis=1)
    found = running.copy()
    found[:, window:] -= running[:, :-window]
    return found


def _priors(*, rate: Counts, stratum: Whole, time: Counts, enough: Flags) -> tuple[Counts, Counts]:
    """Shape and pace of the gamma prior of each series and period, by moments over its stratum."""
    shape, pace = np.full(rate.shape, np.nan), np.full(rate.shape, np.nan)
    for number in range(len(STRATA) + 1):
        member = enough & (stratum == number)
        size = np.maximum(member.sum(axis=0), 1)
        values = np.where(member, rate, 0.0)
        mean = values.sum(axis=0) / size
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(member, (rate - mean) ** 2, 0.0).sum(axis=0) / size
            # What Poisson noise alone would spread is no difference between series.
            noise = np.where(member, mean / time, 0.0).sum(axis=0) / size
            wide = mean**2 / np.maximum(spread - noise, mean**2 / LARGEST_SHAPE)
        fitted = np.clip(wide, LEAST_SHAPE, LARGEST_SHAPE)
        with np.errstate(divide="ignore", invalid="ignore"):
            shape = np.where(member, fitted, shape)
            pace = np.where(member, fitted / mean, pace)
    return shape, pace


def _clumping(inside: Counts, length: Counts, rate: Counts, *, stratum: Whole, gap: int, enough: Flags) -> Counts:
    """Variance over mean of past periods, pooled in the stratum; at least one."""
    squares = _before(inside**2, gap)
    lengths = _before(length, gap)
    length_squares = _before(length**2, gap)
    # Sum of (count - rate * length)², opened up so that running sums serve every period.
    crossed = _before(inside * length, gap)
    with np.errstate(invalid="ignore"):
        deviation = squares - 2 * rate * crossed + rate**2 * length_squares
        expected = rate * lengths
    found = np.ones(inside.shape)
    for number in range(len(STRATA) + 1):
        member = enough & (stratum == number)
        above = np.where(member, deviation, 0.0).sum(axis=0)
        below = np.where(member, expected, 0.0).sum(axis=0)
        ratio = np.maximum(above / np.maximum(below, 1e-12), 1.0)
        found = np.where(member, ratio, found)
    return found


def _log_law(count: Counts, mean: Counts, dispersion: Counts) -> Counts:
    """Log of the negative binomial, but for the factorial of the count."""
    found = count * np.log(mean) - mean
    wide = dispersion > NEARLY_POISSON
    size, spread = mean[wide] / (dispersion[wide] - 1), dispersion[wide]
    found[wide] = (
        gammaln(count[wide] + size) - gammaln(size) - size * np.log(spread) + count[wide] * np.log1p(-1 / spread)
    )
    return found
