"""Empirical-Bayes gamma-Poisson scan: have the last 1, 2, 4 or 8 periods more events than they should?

The rate of a series has a gamma prior whose mean and spread are those of all series in its rate stratum (Robbins 1956;
Clayton and Kaldor 1987, Biometrics 43: 671-681), whatever their region; the count in a window then follows a negative
binomial, as in Kulldorff's prospective scan (2001, JRSS A 164: 61-72) and its Bayesian form (Neill, Moore and Cooper
2006). Events come in clumps, so the variance over the mean is pooled in the stratum too. A clumped count may follow the
negative binomial, or be barred in most periods and Poisson's in the others (zero-inflated: Lambert 1992, Technometrics
34: 1-14), with the same mean and variance; which of the two a series follows is weighed by how well each foretold its
past, with the stratum's share as prior. Periods are weighed one by one and not as a sum: eight weeks with one event
each say more than one week with eight. The score is the mean likelihood ratio of a two-, three-, five- and tenfold
rate over the last 1 to 8 periods; its mean without a rise is one.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.compiled import compiled
from scoring.detectors.harmonic import Baseline
from scoring.detectors.verdict import Counts, Flags

Whole = NDArray[np.int64]

# Weight in the mixture of a rise that began this period, the period before, up to eight periods.
WINDOWS = np.array([0.05, 0.05, 0.1, 0.16, 0.16, 0.16, 0.16, 0.16])
FACTORS = np.array([2.0, 3.0, 5.0, 10.0])
# What a rise may do to the clumps: events come evenly; what is added comes singly and thins them; it comes in clumps
# as before; barred periods stay barred and the others become heavier.
LAWS = 4
SHARES = np.array([0.6, 0.2, 0.1, 0.1])
# The barred law is never surer than this: its tail is thin, and a single heavy period must not count for everything.
LARGEST_BARRED = 0.95
# Share of barred series in a stratum of which nothing is known, and how many series that prior weighs.
BARRED, BARRED_COUNTS_AS = 0.1, 2.0
ROUNDS = 2
# Logarithms beyond which one period says no more: eight of them must not overflow.
MOST_A_PERIOD = 60.0
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


def log_ratio(*, counts: Counts, baseline: Baseline, gap: int = 8) -> Counts:
    """Log of the mean likelihood ratio of a rise over any base line; NaN without a count or a base line.

    Whether a series has barred periods is read from what lies more than `gap` periods before; a period without a count
    says nothing for or against.
    """
    job = _Job(
        np.ascontiguousarray(counts), np.ascontiguousarray(baseline.mean), np.ascontiguousarray(baseline.predictive)
    )
    single, barred = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    _quiet(job, single, barred)
    weight = _barred_share(evidence=barred - single, stratum=np.digitize(baseline.mean, STRATA), gap=gap)
    with np.errstate(divide="ignore", invalid="ignore"):
        quiet = np.logaddexp(np.log(weight) + barred, np.log1p(-weight) + single)
    score = np.full(counts.shape, np.nan)
    _log_ratio(job, quiet, score)
    return score


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


def _barred_share(*, evidence: Counts, stratum: Whole, gap: int) -> Counts:
    """Chance that each series, at each period, is one of barred and free periods rather than of clumps by chance.

    Its own past forecasts against the share of such series in its stratum, which all its series tell together.
    """
    known = ~np.isnan(evidence)
    each = np.where(known, np.clip(evidence, -MOST_A_PERIOD, MOST_A_PERIOD), 0.0)
    own = np.clip(_before(each, gap), -MOST_A_PERIOD, MOST_A_PERIOD)
    prior = np.full(evidence.shape, BARRED)
    for _ in range(ROUNDS):
        chance = 1 / (1 + (1 - prior) / prior * np.exp(-own))
        for number in range(len(STRATA) + 1):
            member = known & (stratum == number)
            total = np.where(member, chance, 0.0).sum(axis=0) + BARRED * BARRED_COUNTS_AS
            prior = np.where(member, total / (member.sum(axis=0) + BARRED_COUNTS_AS), prior)
    found: Counts = np.minimum(1 / (1 + (1 - prior) / prior * np.exp(-own)), LARGEST_BARRED)
    return found


class _Job(NamedTuple):
    counts: Counts
    mean: Counts
    dispersion: Counts


@compiled
def _log_law(y: float, mean: float, dispersion: float) -> float:
    """Log of the negative binomial, but for the factorial of the count."""
    if dispersion <= NEARLY_POISSON:
        return y * math.log(mean) - mean
    size = mean / (dispersion - 1)
    return math.lgamma(y + size) - math.lgamma(size) - size * math.log(dispersion) + y * math.log1p(-1 / dispersion)


@compiled
def _log_barred(y: float, mean: float, free: float) -> float:
    """Log of the law of a period that is barred, or else Poisson's with mean `free`; but for the factorial."""
    share = min(mean / free, 1.0)
    if y > 0:
        return math.log(share) + y * math.log(free) - free
    return math.log(1 - share + share * math.exp(-free))


@compiled
def _quiet(job: _Job, single: Counts, barred: Counts) -> None:
    """How likely each count was without a rise, under the two laws of the same mean and variance."""
    series, periods = job.counts.shape
    for s in range(series):
        for t in range(periods):
            y, mean, dispersion = job.counts[s, t], job.mean[s, t], job.dispersion[s, t]
            if not math.isnan(y) and mean > 0:
                single[s, t] = _log_law(y, mean, dispersion)
                # The variance over the mean of a barred law is one and what its free mean has beyond the mean.
                barred[s, t] = _log_barred(y, mean, mean + max(dispersion - 1, 0.0))


@compiled
def _log_ratio(job: _Job, quiet: Counts, score: Counts) -> None:
    series, periods = job.counts.shape
    laws = FACTORS.size * LAWS
    longest = WINDOWS.size
    # Ratios of the last periods under each raised law, in a ring.
    ratio = np.ones((longest, laws))
    for s in range(series):
        ratio[:] = 1.0
        for t in range(periods):
            here = t % longest
            ratio[here, :] = 1.0
            if math.isnan(quiet[s, t]):
                continue
            y, mean, clumps = job.counts[s, t], job.mean[s, t], job.dispersion[s, t]
            total = 0.0
            for f in range(FACTORS.size):
                factor = FACTORS[f]
                raised = factor * mean
                free = factor * (mean + max(clumps - 1, 0.0))
                for law in range(LAWS):
                    if law == 0:
                        one = _log_law(y, raised, 1.0)
                    elif law == 1:
                        one = _log_law(y, raised, (clumps + factor - 1) / factor)
                    elif law == 2:
                        one = _log_law(y, raised, clumps)
                    else:
                        one = _log_barred(y, raised, free)
                    one = min(max(one - quiet[s, t], -MOST_A_PERIOD), MOST_A_PERIOD)
                    ratio[here, f * LAWS + law] = math.exp(one)
                    # A rise of n periods has the product of n ratios: nested, each is multiplied once.
                    nested = 0.0
                    for ago in range(longest - 1, -1, -1):
                        if ago <= t:
                            nested = (nested + WINDOWS[ago]) * ratio[(t - ago) % longest, f * LAWS + law]
                    total += nested * SHARES[law] / FACTORS.size
            score[s, t] = math.log(total)
