"""Before deaths rise: what an onset is, what a State's own past says of one, and a model that anyone can read.

An onset is a month from which the mean of the next months is large in itself and large against the State's own past
year. What is described is each State against itself: levels over several windows, how long it has been quiet, how the
newest months stand against the years before, and how surprising they are under a gamma-Poisson law. A State's name,
code or region is no feature, and no State has an effect of its own: two States with the same past have the same score.

The model is a logistic regression with a ridge, fitted by Newton's steps (le Cessie & van Houwelingen 1992, doi
10.2307/2347628), and every score is a sum of named parts. A series that began late is seen in few of the months that
the model learns from; its weight is held back by the square of that share, so that a short history cannot speak
loudly. Missing is not zero: an unseen value takes the average's part, which is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scoring.detectors import first_event
from scoring.evaluate import auroc, auroc_within

Counts = NDArray[np.float64]
Flags = NDArray[np.bool_]
Months = NDArray[np.datetime64]

YEAR = 12
LONGEST = 240  # months; a longer quiet is as quiet
SETTLED = 24  # months of history before a month is learned from
PENALTIES = (10.0, 30.0, 100.0, 300.0)
STEPS = 60
SURPRISE_CAP = 8.0  # -log10 of a p-value; beyond it the law, not the State, is what speaks


class Kind(StrEnum):
    """A count adds up over months; a standing holds until the next one is published."""

    COUNT = "count"
    STANDING = "standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The mean of the next `months` at least `least` deaths a month and `factor` times the past year's mean."""

    months: int = 3
    least: float = 25.0
    factor: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One more series beside deaths: months in rows, States in columns, NaN where nobody looked."""

    name: str
    kind: Kind
    values: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Deaths by month (rows, consecutive) and State (columns), and whatever else is known on the same grid."""

    states: tuple[str, ...]
    months: Months
    deaths: Counts
    others: tuple[Series, ...] = ()

    def until(self, row: int) -> "Panel":
        """What stood before the end of that month."""
        cut = slice(0, row + 1)
        others = tuple(Series(name=one.name, kind=one.kind, values=one.values[cut]) for one in self.others)
        return Panel(states=self.states, months=self.months[cut], deaths=self.deaths[cut], others=others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """`onset` only where `eligible`; neither where the next months are not over or were not seen."""

    onset: Flags
    eligible: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Values by month, State and feature; NaN where there is nothing to say."""

    names: tuple[str, ...]
    values: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A score is the intercept and, for each feature, its weight times its distance from the mean in deviations."""

    names: tuple[str, ...]
    mean: Counts
    deviation: Counts
    weight: Counts
    intercept: float
    penalty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Onset months of one State that follow each other: rows of the first and last, and of the month it broke out.

    `broke_out` is the first month of what was warned of; the lead is counted towards it.
    """

    column: int
    first: int
    last: int
    broke_out: int


def find_onsets(*, deaths: Counts, definition: Definition) -> Truth:
    """Onset months by the definition. A month counts when the past year's mean lies below its least size."""
    rows = len(deaths)
    past = _complete_mean(deaths, YEAR)
    ahead = np.full(deaths.shape, np.nan)
    ahead[: rows - definition.months] = _complete_mean(deaths, definition.months)[definition.months :]
    with np.errstate(invalid="ignore"):
        eligible = (past < definition.least) & ~np.isnan(ahead)
        onset = eligible & (ahead >= definition.least) & (ahead >= definition.factor * past)
    return Truth(onset=onset, eligible=eligible)


def foresee(*, begun: Flags, watched: Flags, definition: Definition) -> Truth:
    """Onsets that a person dated: a month is one when an event begins within the next months.

    Not eligible are months of which the next ones are not all watched, and the year that follows an event.
    """
    onset = np.zeros(begun.shape, dtype=bool)
    eligible = np.ones(begun.shape, dtype=bool)
    for step in range(1, definition.months + 1):
        onset[:-step] |= begun[step:]
        eligible[:-step] &= watched[step:]
        eligible[-step:] = False
    for back in range(YEAR):
        eligible[back:] &= ~begun[: len(begun) - back]
    return Truth(onset=onset & eligible, eligible=eligible)


def find_episodes(*, truth: Truth, begun: Flags, definition: Definition) -> tuple[Episode, ...]:
    """Runs of onset months; months apart by no more than the horizon are one run.

    `begun` marks the months that are what was warned of: those large in themselves, or those of a dated event.
    """
    episodes: list[Episode] = []
    for column in range(truth.onset.shape[1]):
        rows = np.flatnonzero(truth.onset[:, column])
        if not len(rows):
            continue
        for run in np.split(rows, np.flatnonzero(np.diff(rows) > definition.months) + 1):
            first, last = int(run[0]), int(run[-1])
            ahead = np.flatnonzero(begun[first + 1 : last + definition.months + 1, column])
            at = int(ahead[0]) if len(ahead) else 0
            episodes.append(Episode(column=column, first=first, last=last, broke_out=first + 1 + at))
    return tuple(episodes)


def describe(panel: Panel) -> Features:
    """What each State's own past says, month by month, and nothing that came later.

    Logarithms are of one plus the value, in deaths a month; quiet is in months.
    """
    found = _of_deaths(panel.deaths)
    for one in panel.others:
        found |= _of_count(one) if one.kind is Kind.COUNT else _of_standing(one)
    return Features(names=tuple(found), values=np.stack(list(found.values()), axis=-1))


def describe_simply(deaths: Counts) -> Features:
    """Five trivial numbers, as a base line: the last month, means of 3, 12 and 24 months, and 3 against 12."""
    year = _mean(deaths, YEAR)
    found = {
        "last month": np.log1p(deaths),
        "mean of 3": np.log1p(_mean(deaths, 3)),
        "mean of 12": np.log1p(year),
        "mean of 24": np.log1p(_mean(deaths, 24)),
        "3 against 12": np.log((_mean(deaths, 3) + 1) / (year + 1)),
    }
    return Features(names=tuple(found), values=np.stack(list(found.values()), axis=-1))


def fit(*, features: Features, truth: Truth, rows: Sequence[int] | NDArray[np.int64], penalty: float) -> Model:
    """Learn from the eligible months of these rows."""
    learned = np.zeros(truth.eligible.shape, dtype=bool)
    learned[np.asarray(rows, dtype=np.int64)] = True
    learned &= truth.eligible
    cells = features.values[learned]
    onset = truth.onset[learned].astype(np.float64)
    seen = ~np.isnan(cells)
    share = seen.mean(axis=0)
    number = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, cells, 0.0).sum(axis=0) / number
    deviation = np.sqrt((np.where(seen, cells - mean, 0.0) ** 2).sum(axis=0) / number)
    deviation = np.where(deviation > 1e-9, deviation, np.inf)  # what never varies has no part
    standard = np.where(seen, (cells - mean) / deviation, 0.0)
    ridge = penalty / np.maximum(share, 1e-3) ** 2
    intercept, weight = _logit(standard, onset, ridge)
    return Model(
        names=features.names, mean=mean, deviation=deviation, weight=weight, intercept=intercept, penalty=penalty
    )


def parts(model: Model, values: Counts) -> Counts:
    """What each feature adds to the score; an unseen one adds nothing."""
    return np.asarray(np.nan_to_num((values - model.mean) / model.deviation) * model.weight, dtype=np.float64)


def apply(model: Model, values: Counts) -> Counts:
    """Log odds of an onset; values with features last."""
    return np.asarray(model.intercept + parts(model, values).sum(axis=-1), dtype=np.float64)


def choose_penalty(
    *, features: Features, truth: Truth, before: int, months: int, years: int = 10, among: Sequence[float] = PENALTIES
) -> float:
    """The penalty with the best scores in the years before the scored ones: mean of both AUROC, ties to the larger.

    `before` is the first scored row; nothing at or after it, nor any outcome that reaches into it, is read.
    """
    first = max(before - years * YEAR, SETTLED + 5 * YEAR)
    tried = range(first, before - months)
    if len(tried) < YEAR:
        return float(np.median(among))
    best = (-np.inf, float(np.median(among)))
    held = truth.eligible[first : before - months]
    group = np.broadcast_to(np.arange(held.shape[1]), held.shape)[held]
    onset = truth.onset[first : before - months][held]
    for penalty in sorted(among, reverse=True):
        model = fit(features=features, truth=truth, rows=range(SETTLED, first - months), penalty=penalty)
        score = apply(model, features.values[first : before - months])[held]
        both = (auroc(score=score, truth=onset), auroc_within(score=score, truth=onset, group=group))
        known = [one for one in both if one is not None]
        if known and float(np.mean(known)) > best[0]:
            best = (float(np.mean(known)), penalty)
    return best[1]


def roll(
    *,
    features: Features,
    truth: Truth,
    first: int,
    months: int,
    penalty: float,
    as_published: Mapping[int, Counts] | None = None,
    refit_every: int | None = YEAR,
) -> Counts:
    """Scores from row `first` on, each from a model whose outcomes were over before the rows it scores.

    `as_published` holds, by row, the features as they stood when that month was the newest one. Without `refit_every`
    the model of the first row is kept.
    """
    scores = np.full(truth.onset.shape, np.nan)
    rows = len(scores)
    step = refit_every or rows
    for start in range(first, rows, step):
        model = fit(features=features, truth=truth, rows=range(SETTLED, start - months), penalty=penalty)
        for row in range(start, min(start + step, rows)):
            values = features.values[row]
            if as_published is not None and row in as_published:
                values = as_published[row]
            scores[row] = apply(model, values)
    return scores


def _of_deaths(deaths: Counts) -> dict[str, Counts]:
    log = np.log1p(deaths)
    means = {window: _mean(deaths, window) for window in (3, 6, 12, 24, 60, 120)}
    found = {"deaths, last month": log}
    found |= {f"deaths, mean of {window}": np.log1p(mean) for window, mean in means.items()}
    found["deaths, mean so far"] = np.log1p(_mean(deaths, len(deaths)))
    found["deaths, largest of 12"] = np.log1p(_largest(deaths, 12))
    found["deaths, largest of 60"] = np.log1p(_largest(deaths, 60))
    found["deaths, largest so far"] = np.log1p(_largest(deaths, len(deaths)))
    some = np.where(np.isnan(deaths), np.nan, (deaths > 0).astype(np.float64))
    found |= {f"months with deaths, of {window}": _mean(some, window) for window in (6, 12, 36, 120)}
    for size in (1, 10, 25, 100):
        found[f"months since {size}"] = np.log1p(_since(deaths >= size))
    year = means[12]
    found["1 against 12"] = np.log((deaths + 1) / (year + 1))
    found["3 against 12"] = np.log((means[3] + 1) / (year + 1))
    found["6 against 24"] = np.log((means[6] + 1) / (means[24] + 1))
    found["12 against 60"] = np.log((year + 1) / (means[60] + 1))
    for window in (36, 120):
        level = _mean(log, window)
        spread = np.sqrt(np.maximum(_mean(log**2, window) - level**2, 0.0))
        found[f"spread of {window}"] = spread
        found[f"last month in spreads of {window}"] = (log - level) / (spread + 0.3)
    before = np.full(deaths.shape, np.nan)
    before[3:] = year[:-3]
    with np.errstate(invalid="ignore"):
        jumped = (means[3] >= 25) & (means[3] >= 5 * before)
    found["past jumps"] = _mean(jumped.astype(np.float64), 180)
    found["months since a jump"] = np.log1p(_since(jumped))
    found["still to go to an onset"] = np.log(np.maximum(25.0, 5 * year)) - np.log1p(means[3])
    for window in (12, 60):
        found[f"surprise against {window}"] = _surprise(deaths, window)
    found["mean of 12, squared"] = np.log1p(year) ** 2
    found["mean of 120, squared"] = np.log1p(means[120]) ** 2
    found["mean of 12 × of 120"] = np.log1p(year) * np.log1p(means[120])
    return found


def _of_count(one: Series) -> dict[str, Counts]:
    short, long = _mean(one.values, 3), _mean(one.values, 24)
    return {
        f"{one.name}, 3 months": np.log1p(3 * short),
        f"{one.name}, 12 months": np.log1p(12 * _mean(one.values, 12)),
        f"{one.name}, 3 against 24": np.log((short + 0.1) / (long + 0.1)),
        f"{one.name}, surprise": _surprise(one.values, 24),
    }


def _of_standing(one: Series) -> dict[str, Counts]:
    before = np.full(one.values.shape, np.nan)
    before[36:] = one.values[:-36]
    return {one.name: one.values, f"{one.name}, change in 3 years": one.values - before}


def _surprise(counts: Counts, window: int) -> Counts:
    """-log10 of the chance of so many in the newest month after the `window` before it, under the pooled prior.

    The prior of a month pools every State's months before it, never a later one.
    """
    found = np.full(counts.shape, np.nan)
    seen = ~np.isnan(counts)
    totals = np.cumsum(np.where(seen, counts, 0.0), axis=0)
    periods = np.cumsum(seen, axis=0).astype(np.float64)
    for row in range(1, len(counts)):
        if not seen[row].any() or not periods[row - 1].any():
            continue
        start = row - 1 - window
        total = totals[row - 1] - (totals[start] if start >= 0 else 0.0)
        number = periods[row - 1] - (periods[start] if start >= 0 else 0.0)
        prior = first_event.pool(totals=totals[row - 1], periods=periods[row - 1])
        chance = first_event.tail(count=counts[row], total=total, periods=number, prior=prior)
        found[row] = np.minimum(-np.log10(np.maximum(chance, 1e-300)), SURPRISE_CAP)
    return found


def _mean(values: Counts, window: int) -> Counts:
    """Mean of the seen months of the window that ends here; NaN when none was seen."""
    seen = ~np.isnan(values)
    sums = np.vstack([np.zeros(values.shape[1]), np.cumsum(np.where(seen, values, 0.0), axis=0)])
    number = np.vstack([np.zeros(values.shape[1]), np.cumsum(seen, axis=0)])
    end = np.arange(1, len(values) + 1)
    start = np.maximum(end - window, 0)
    total, periods = sums[end] - sums[start], number[end] - number[start]
    # What cumulated sums leave over of nothing is not a death.
    return np.where(periods > 0, np.maximum(total, 0.0) / np.maximum(periods, 1), np.nan)


def _complete_mean(values: Counts, window: int) -> Counts:
    """Mean of a window of which every month was seen; NaN otherwise."""
    seen = np.vstack([np.zeros(values.shape[1]), np.cumsum(~np.isnan(values), axis=0)])
    whole = np.zeros(values.shape, dtype=bool)
    whole[window - 1 :] = seen[window:] - seen[:-window] == window
    return np.where(whole, _mean(values, window), np.nan)


def _largest(values: Counts, window: int) -> Counts:
    if window >= len(values):
        return np.asarray(np.fmax.accumulate(values, axis=0), dtype=np.float64)
    return np.stack([np.fmax.reduce(values[max(0, row - window + 1) : row + 1]) for row in range(len(values))])


def _since(happened: Flags) -> Counts:
    found = np.zeros(happened.shape)
    quiet = np.full(happened.shape[1], float(LONGEST))
    for row in range(len(happened)):
        quiet = np.where(happened[row], 0.0, np.minimum(quiet + 1, LONGEST))
        found[row] = quiet
    return found


def _logit(cells: Counts, onset: Counts, ridge: Counts) -> tuple[float, Counts]:
    """Newton's steps, halved while the penalised likelihood would fall."""
    rate = np.clip(onset.mean() if len(onset) else 0.5, 1e-6, 1 - 1e-6)
    design = np.hstack([np.ones((len(cells), 1)), cells])
    held = np.concatenate([[1e-6], ridge])
    at = np.zeros(design.shape[1])
    at[0] = np.log(rate / (1 - rate))

    def cost(point: Counts) -> float:
        line = design @ point
        return float((np.logaddexp(0, line) - onset * line).sum() + 0.5 * (held * point**2).sum())

    now = cost(at)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ at, -30, 30)))
        pull = design.T @ (onset - chance) - held * at
        curve = (design * np.maximum(chance * (1 - chance), 1e-9)[:, None]).T @ design + np.diag(held)
        step, size = np.linalg.solve(curve, pull), 1.0
        while cost(at + size * step) > now and size > 1e-4:
            size /= 2
        new = cost(at + size * step)
        if now - new < 1e-6:
            break
        at, now = at + size * step, new
    return float(at[0]), np.asarray(at[1:], dtype=np.float64)
