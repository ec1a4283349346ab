"""Late reports: what the newest periods will hold once everything has arrived, as draws that a detector can use.

Two ways, for two kinds of record.

*Events with two dates* (occurred, reported) give a reporting triangle. The delay's law of each series is a Dirichlet
posterior around the law of all series together, and what is still to come, given what has, is negative binomial
(Lawless 1994, doi 10.2307/3315826; Höhle & an der Heiden 2014, doi 10.1111/biom.12194).

*Vintages of counts*, where a provider publishes the table again each month, have no report dates, and counts also fall.
There the change from an early to a settled value is drawn from the changes that are already known, those of like size
and like age first, and those of the same series before others (partial pooling by weight).

No draw is made where nothing was counted at all: missing is not zero. Intervals are the draws' own quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Whole = NDArray[np.int64]
Months = NDArray[np.datetime64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)  # the 90 % and the 50 % interval, and the middle
POOL_COUNTS_AS = 20.0  # reports; what the law of all series weighs beside a series' own
LOST = 1 / 3
SAME_SERIES = 6.0  # how much more a change of the same series weighs than another's
AGE_SPAN, SIZE_SPAN = 1.5, 0.7  # months of age, and logarithms of size, at which a change weighs 1/e
HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowcast:
    """Draws (first axis) of what each series and period will hold; `complete` is the share expected to be here."""

    draws: Counts
    complete: Counts

    def quantile(self, level: float) -> Counts:
        return np.asarray(np.quantile(self.draws, level, axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """A table of counts as it was public on a day: months in rows, States in columns."""

    public_on: date
    states: tuple[str, ...]
    months: Months
    deaths: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes that are known: the early value, the settled one, the age in months when it was early, the series.

    `release` numbers the provider's release that settled it: what one release shares is one fact, not hundreds.
    """

    early: Counts
    settled: Counts
    age: Counts
    series: Whole
    release: Whole


def triangle(*, series: Whole, occurred: Whole, reported: Whole, shape: tuple[int, int], longest: int) -> Counts:
    """Reports by series, period of the event and delay in periods; NaN where that delay is not over yet.

    `shape` is the number of series and of periods; the last period is over. Reports later than `longest` delays count
    in the last one, and so do none before the event: a report cannot come before what it reports.
    """
    if ((reported < occurred) | (occurred < 0)).any():
        raise ValueError("a report dated before its event, or an event before the first period")
    rows, periods = shape
    counts = np.zeros((rows, periods, longest + 1))
    known = reported < periods
    delay = np.minimum(reported - occurred, longest)
    np.add.at(counts, (series[known], occurred[known], delay[known]), 1)
    age = periods - 1 - np.arange(periods)
    counts[:, np.arange(longest + 1)[None, :] > age[:, None]] = np.nan
    return counts


def nowcast(*, counts: Counts, draws: int, seed: int, pool_counts_as: float = POOL_COUNTS_AS) -> Nowcast:
    """Draws of the whole count from a triangle (series, periods, delays).

    The chance to be reported at delay d, given not before, is learned where d is over: by all series together, and
    by each series with the pool as prior. Of a period with n reports and a share s of delays over, what is still to
    come is negative binomial with n + 1/2 successes and chance s: Jeffreys's prior on the rate. The share's own
    uncertainty is drawn too.
    """
    rng = np.random.default_rng(seed)
    rows, periods, delays = counts.shape
    seen = ~np.isnan(counts)
    held = np.where(seen, counts, 0.0)
    # Reports at d, and those at d or earlier, over the periods for which d is over: a hazard in reverse time.
    at = held.sum(axis=1)
    upto = np.where(seen, np.cumsum(held, axis=2), 0.0).sum(axis=1)
    pooled = (at.sum(axis=0) + HALF) / (upto.sum(axis=0) + 1.0)
    alpha = at + pool_counts_as * pooled
    beta = upto - at + pool_counts_as * (1 - pooled)
    hazard = rng.beta(np.maximum(alpha, 1e-6), np.maximum(beta, 1e-6), size=(draws, rows, delays))
    mean = alpha / (alpha + beta)
    age = np.minimum(periods - 1 - np.arange(periods), delays - 1)
    share, expected = _share_over(hazard)[:, :, age], _share_over(mean[None])[0][:, age]
    here = held.sum(axis=2)
    still = rng.negative_binomial(here[None] + HALF, np.clip(share, 1e-6, 1.0))
    whole = np.where(age[None, None, :] >= delays - 1, here[None], here[None] + still)
    return Nowcast(draws=whole.astype(np.float64), complete=expected)


def _share_over(hazard: Counts) -> Counts:
    """Share of all reports that has come by each delay: the product of (1 - hazard) over the later delays."""
    later = np.cumprod(1 - hazard[..., :0:-1], axis=-1)[..., ::-1]
    return np.concatenate([later, np.ones((*hazard.shape[:-1], 1))], axis=-1)


def leave_broken(vintages: Sequence[Vintage]) -> list[Vintage]:
    """Vintages without the provider's slips, judged by what was public before each.

    A slip ends before a table that was already public, or has lost a third of the counts of the months that it shares
    with the last good one. A table of the same newest month with nothing lost stays: it is a correction.
    """
    kept: list[Vintage] = []
    for one in sorted(vintages, key=lambda vintage: vintage.public_on):
        if kept:
            last = kept[-1]
            if one.months[-1] < last.months[-1]:
                continue
            shared = np.intersect1d(one.months, last.months)
            now = np.nansum(one.deaths[np.isin(one.months, shared)])
            if now < (1 - LOST) * np.nansum(last.deaths[np.isin(last.months, shared)]):
                continue
        kept.append(one)
    return kept


def revise(*, early: Counts, age: Counts, series: Whole, known: Changes, draws: int, seed: int) -> Nowcast:
    """Draws of the settled value of counts that are early: one row of draws for each value given.

    A change is taken over as a ratio with one half added to both sides; from an early zero as the settled value
    itself, since nothing can be multiplied. How far a release moved like values in common (the middle of their
    ratios) is known from as many facts as there were releases: with r of them r/(r + 1) of it is kept. With no known
    change the value stands as it is, and `complete` is NaN.
    """
    if not len(known.early):
        return Nowcast(draws=np.repeat(early[None], draws, axis=0), complete=np.full(len(early), np.nan))
    rng = np.random.default_rng(seed)
    whole = np.empty((draws, len(early)))
    complete = np.empty(len(early))
    change = np.log((known.settled + HALF) / (known.early + HALF))
    releases = len(np.unique(known.release))
    order = np.argsort(change, kind="stable")
    size_known = np.log(known.early + HALF)
    none = known.early == 0
    for at, value in enumerate(early):
        weight = np.exp(-np.abs(known.age - age[at]) / AGE_SPAN)
        weight = weight * np.where(known.series == series[at], SAME_SERIES, 1.0)
        if value == 0:
            weight = weight * none
        else:
            weight = weight * ~none * np.exp(-np.abs(size_known - np.log(value + HALF)) / SIZE_SPAN)
        total = weight.sum()
        if not total > 0:
            whole[:, at], complete[at] = value, np.nan
            continue
        drawn = rng.choice(len(weight), size=draws, p=weight / total)
        if value == 0:
            whole[:, at] = known.settled[drawn]
            complete[at] = 1.0 if not whole[:, at].any() else 0.0
        else:
            reached = np.searchsorted(np.cumsum(weight[order]), total / 2)
            common = change[order[min(int(reached), len(order) - 1)]]
            kept = change[drawn] - common / (releases + 1)
            whole[:, at] = np.maximum(np.round((value + HALF) * np.exp(kept) - HALF), 0.0)
            complete[at] = min(value / max(float(whole[:, at].mean()), 1e-9), 1.0)
    return Nowcast(draws=whole, complete=complete)


def share_above(*, draws: Counts, bound: Counts) -> Counts:
    """Share of draws above a detector's bound; NaN where there is no bound. An alarm is a share of one half or more."""
    share = (draws > bound[None]).mean(axis=0)
    return np.where(np.isnan(bound), np.nan, share)


def interval_score(*, draws: Counts, truth: Counts) -> Counts:
    """Weighted interval score of the draws' middle, 50 % and 90 % interval; smaller is better, in the counts' unit.

    Bracher et al. (2021), doi 10.1371/journal.pcbi.1008618. Of a single number it is the absolute error.
    """
    low90, low50, middle, high50, high90 = np.quantile(draws, LEVELS, axis=0)
    total = HALF * np.abs(truth - middle)
    for low, high, alpha in ((low50, high50, 0.5), (low90, high90, 0.1)):
        outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
        total = total + alpha / 2 * ((high - low) + 2 / alpha * outside)
    return np.asarray(total / (len(LEVELS) // 2 + HALF), dtype=np.float64)


def place_among(*, draws: Counts, truth: Counts, seed: int) -> Counts:
    """Where the truth stands among the draws, from 0 to 1; ties are broken at random.

    Even when the law is right. Counts are often exactly what they were: an interval of whole numbers then holds more
    than it promises, and only this place tells a law that is too wide from one that is merely made of whole numbers.
    """
    below = (draws < truth[None]).mean(axis=0)
    upto = (draws <= truth[None]).mean(axis=0)
    return np.asarray(below + np.random.default_rng(seed).random(len(truth)) * (upto - below), dtype=np.float64)


def covered(*, draws: Counts, truth: Counts, share: float) -> NDArray[np.bool_]:
    """Whether the central interval of that share holds the truth, its ends included."""
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2], axis=0, method="inverted_cdf")
    return np.asarray((truth >= low) & (truth <= high), dtype=np.bool_)
