"""Late reports: what the newest periods will hold once everything has arrived, as draws that a detector can use.

Two ways, for two kinds of record.

*Events with two dates* (occurred, reported) give a reporting triangle. The delay's law of each series is a Dirichlet
posterior around the law of all series together, and what is still to come, given what has, is negative binomial
(Lawless 1994, doi 10.2307/3315826; Höhle & an der Heiden 2014, doi 10.1111/biom.12194).

*Vintages of counts*, where a provider publishes the table again each month, have no report dates, and counts also fall.
There the change from an early to a settled value is drawn from the changes that are already known, by two laws whose
quantiles are averaged (Ratcliff 1979, doi 10.1037/0033-2909.86.3.446): changes of like size, like age and the same
series; and each series' own habit, a regression on how far its value lies below its level of the past year, partly
pooled.

No draw is made where nothing was counted at all: missing is not zero. Intervals are the draws' own quantiles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Counts = NDArray[np.float64]
Whole = NDArray[np.int64]
Months = NDArray[np.datetime64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)  # the 90 % and the 50 % interval, and the middle
POOL_COUNTS_AS = 20.0  # reports; what the law of all series weighs beside a series' own
LOST = 1 / 3
SAME_SERIES = 20.0  # how much more a change of the same series weighs than another's
AGE_SPAN, SIZE_SPAN = 1.5, 1.2  # months of age, and logarithms of size, at which a change weighs 1/e
HALF = 0.5
# Of the law of habits: prior spread of a series' own move, and of its pull towards its level; spans as above.
HABIT, PULL = 0.04, 0.8
FARTHEST_BELOW = 2.0  # logarithms
HABIT_AGE_SPAN, HABIT_SIZE_SPAN, SPREAD_SPAN = 3.0, 0.7, 0.5
LEAST_SPREAD, LARGEST_OFF, OUTLIER = 0.05, 3.0, 1.5
ROUNDS = 3
MIDDLE = np.array([HALF])
SIZES = np.linspace(0, 12, 49)  # logarithms of counts on which a middle and a spread are kept


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

    `level` is the mean of the twelve months before, as the same table showed them; NaN where it shows none.
    `release` numbers the provider's release that settled it: what one release shares is one fact, not hundreds.
    """

    early: Counts
    settled: Counts
    age: Counts
    series: Whole
    level: Counts
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


def revise(
    *, early: Counts, age: Counts, series: Whole, level: Counts, known: Changes, draws: int, seed: int
) -> Nowcast:
    """Draws of the settled value of counts that are early: one row of draws for each value given.

    A change is a ratio with one half added to both sides; an early zero takes what zeros became, since nothing can be
    multiplied. What a release moved in common is known from as many facts as there were releases: with r of them
    r/(r + 1) of it is kept, and spreads are those of a new one, √(1 + 1/r) as wide. With no known change the value
    stands as it is, and `complete` is NaN.
    """
    if not len(known.early):
        return Nowcast(draws=np.repeat(early[None], draws, axis=0), complete=np.full(len(early), np.nan))
    rng = np.random.default_rng(seed)
    whole = np.repeat(early[None], draws, axis=0)
    complete = np.full(len(early), np.nan)
    releases = len(np.unique(known.release))
    keep, widen = releases / (releases + 1), float(np.sqrt(1 + 1 / releases))
    none = known.early == 0
    facts = _gather(known, ~none)
    habits = _learn_habits(facts) if len(facts.change) else None
    even = (np.arange(draws) + HALF) / draws
    # One order of the draws for every value: what is drawn for one does not hang on where it stands among the others.
    place = rng.permutation(even)
    for at, value in enumerate(early):
        if value == 0:
            weight = none * np.exp(-np.abs(known.age - age[at]) / AGE_SPAN)
            weight = weight * np.where(known.series == series[at], SAME_SERIES, 1.0)
            if weight.sum() > 0:
                whole[:, at] = _quantile(known.settled, weight, place)
                complete[at] = 1.0 if not whole[:, at].any() else 0.0
            continue
        if habits is None:
            continue
        one = _Early(
            size=float(np.log(value + HALF)),
            age=float(age[at]),
            series=int(series[at]),
            below=float(_below(early[at : at + 1], level[at : at + 1])[0]),
        )
        alike = _draw_alike(facts, one, place, keep=keep, widen=widen)
        moved = (alike + _draw_habit(facts, habits, one, place, keep=keep, widen=widen)) / 2
        whole[:, at] = np.maximum(np.round(np.exp(one.size + moved) - HALF), 0.0)
        complete[at] = min(value / max(float(whole[:, at].mean()), 1e-9), 1.0)
    return Nowcast(draws=whole, complete=complete)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Early:
    """One early value: logarithm of its size, age, series, and how far below its level it lies."""

    size: float
    age: float
    series: int
    below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """Changes of values above zero, in logarithms. One change that several tables showed shares one `weight`."""

    change: Counts
    size: Counts
    below: Counts
    age: Counts
    series: Whole
    weight: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habits:
    """Middle and spread of a change by size (on `SIZES`), each series' own law, and what is left, over the spread.

    A series' law is the mean and the covariance of its own move and of its pull towards its level.
    """

    middle: Counts
    spread: Counts
    own: Mapping[int, tuple[Counts, Counts]]
    left: Counts


def _gather(known: Changes, held: NDArray[np.bool_]) -> _Facts:
    early, settled, series = known.early[held], known.settled[held], known.series[held]
    same = np.stack([early, settled, series.astype(np.float64), known.release[held].astype(np.float64)], axis=1)
    _, which, number = np.unique(same, axis=0, return_inverse=True, return_counts=True)
    return _Facts(
        change=np.log((settled + HALF) / (early + HALF)),
        size=np.log(early + HALF),
        below=_below(early, known.level[held]),
        age=known.age[held],
        series=series,
        weight=1 / number[which.reshape(-1)],
    )


def _below(early: Counts, level: Counts) -> Counts:
    """Logarithms that a value lies below its level; what lies above it, or has none, lies nothing below."""
    with np.errstate(invalid="ignore"):
        found = np.clip(np.log((level + HALF) / (early + HALF)), 0.0, FARTHEST_BELOW)
    return np.asarray(np.nan_to_num(found, nan=0.0), dtype=np.float64)


def _quantile(values: Counts, weight: Counts, place: Counts) -> Counts:
    """Weighted quantiles at places from 0 to 1, without anything between two values."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    at = np.searchsorted(reached, place * reached[-1])
    return np.asarray(values[order][np.minimum(at, len(values) - 1)], dtype=np.float64)


def _draw_alike(facts: _Facts, one: _Early, place: Counts, *, keep: float, widen: float) -> Counts:
    """Changes of like size and age, the own series' before others."""
    near = np.exp(-np.abs(facts.age - one.age) / AGE_SPAN - np.abs(facts.size - one.size) / SIZE_SPAN)
    weight = near * np.where(facts.series == one.series, SAME_SERIES, 1.0)
    middle = _quantile(facts.change, weight, MIDDLE)[0]
    common = _quantile(facts.change, near, MIDDLE)[0]
    found: Counts = middle - (1 - keep) * common + widen * (_quantile(facts.change, weight, place) - middle)
    return found


def _learn_habits(facts: _Facts) -> _Habits:
    """Each series' own move and pull beyond what its sizes do in common, by ridge; far-off changes weigh less."""
    near = np.exp(-np.abs(facts.size[None, :] - SIZES[:, None]) / HABIT_SIZE_SPAN) * facts.weight
    middle = np.array([_quantile(facts.change, weight, MIDDLE)[0] for weight in near])
    beyond = facts.change - np.interp(facts.size, SIZES, middle)
    near = np.exp(-np.abs(facts.size[None, :] - SIZES[:, None]) / SPREAD_SPAN) * facts.weight
    terms = np.stack([np.ones(len(beyond)), facts.below], axis=1)
    prior = np.diag([1 / HABIT**2, 1 / PULL**2])
    own: dict[int, tuple[Counts, Counts]] = {}
    left = beyond
    for _ in range(ROUNDS):
        spread = np.maximum(near @ np.minimum(np.abs(left), LARGEST_OFF) / near.sum(axis=1), LEAST_SPREAD)
        scale = np.interp(facts.size, SIZES, spread)
        # Huber's weight.
        weight = facts.weight / scale**2 * np.minimum(1.0, OUTLIER * scale / np.maximum(np.abs(left), 1e-9))
        before, left = left, beyond.copy()
        for number in np.unique(facts.series):
            held = facts.series == number
            weighed = terms[held] * weight[held, None]
            covariance = np.linalg.inv(weighed.T @ terms[held] + prior)
            mean = covariance @ (weighed.T @ beyond[held])
            own[int(number)] = (mean, covariance)
            left[held] -= terms[held] @ mean
        if np.allclose(before, left):
            break
    return _Habits(middle=middle, spread=spread, own=own, left=left / scale)


def _draw_habit(facts: _Facts, habits: _Habits, one: _Early, place: Counts, *, keep: float, widen: float) -> Counts:
    """What like sizes do in common, and the series' own habit, with its doubt."""
    near = np.exp(-np.abs(facts.size - one.size) / HABIT_SIZE_SPAN - np.abs(facts.age - one.age) / HABIT_AGE_SPAN)
    near = near * facts.weight
    terms = np.array([1.0, one.below])
    unknown = np.zeros(2), np.diag([HABIT**2, PULL**2])
    mean, covariance = habits.own.get(one.series, unknown)
    spread = float(np.interp(one.size, SIZES, habits.spread))
    middle = _quantile(habits.left, near, MIDDLE)[0]
    off = _quantile(habits.left, near, place) - middle
    doubt = float(terms @ covariance @ terms) * norm.ppf(place) ** 2
    # Where what is left does not vary at all, nothing was ever moved, and there is nothing to doubt.
    wide = np.sign(off) * np.sqrt((widen * spread * off) ** 2 + np.where(off != 0, doubt, 0.0))
    centre = keep * float(np.interp(one.size, SIZES, habits.middle)) + float(terms @ mean)
    return np.asarray(centre + spread * middle + wide, dtype=np.float64)


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
