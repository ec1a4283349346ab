"""Made series on which detectors are judged: the 42 scenarios, and sparse series, each with and without a rise.

The scenarios are those of Noufaily et al. (2013), doi 10.1002/sim.5595, as detection of outbreaks is usually judged:
624 weeks, negative binomial about a trend and a season, past outbreaks in weeks 313-575, one in weeks 576-624. The
sparse series stand for grave events by State and week: nine weeks in ten are empty.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Whole = NDArray[np.int64]

WEEKS = 624
BASE_FROM = 312
SCORED_FROM = 575
PAST_OUTBREAKS = 4
PAST_SIZES = (0, 2, 3, 5, 10)
SIZES = tuple(range(1, 11))
SPREAD = 0.5
SPARSE_WEEKS = (416, 104)
SPARSE_FACTORS = (3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """Series in rows. `outbreaks[size, row]` are the cases that the current outbreak adds in the scored weeks.

    `mean` and `dispersion` are the truth that no method may see.
    """

    scenario: Whole
    counts: Counts
    mean: Counts
    dispersion: Counts
    outbreaks: Counts
    start: Whole


def simulate(*, parameters: list[dict[str, float]], seed: int, repetitions: int) -> Scenarios:
    """`repetitions` series of each scenario, in the order of the scenarios."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(len(parameters)), repetitions)
    values = {name: np.array([row[name] for row in parameters])[which][:, None] for name in parameters[0]}
    week = np.arange(1, WEEKS + 1)[None, :]
    log_mean = values["theta"] + values["beta"] * week
    for harmonic in (1, 2):
        angle = 2 * np.pi * harmonic * week / 52
        wave = values["gamma1"] * np.cos(angle) + values["gamma2"] * np.sin(angle)
        log_mean = log_mean + np.where(values["m"] >= harmonic, wave, 0.0)
    mean = np.exp(log_mean)
    dispersion = values["phi"][:, 0]
    counts = negative_binomial(rng, mean=mean, dispersion=dispersion[:, None])
    for _ in range(PAST_OUTBREAKS):
        start = rng.integers(BASE_FROM, SCORED_FROM, size=len(which))
        size = rng.choice(PAST_SIZES, size=len(which))
        counts += outbreak(rng, mean=mean, dispersion=dispersion, start=start, size=size, last=SCORED_FROM)
    start = rng.integers(SCORED_FROM, WEEKS, size=len(which))
    added = np.stack(
        [
            outbreak(rng, mean=mean, dispersion=dispersion, start=start, size=np.full(len(which), size), last=WEEKS)
            for size in SIZES
        ]
    )
    return Scenarios(
        scenario=which,
        counts=counts,
        mean=mean,
        dispersion=dispersion,
        outbreaks=added[:, :, SCORED_FROM:],
        start=start,
    )


def negative_binomial(rng: np.random.Generator, *, mean: Counts, dispersion: Counts) -> Counts:
    """Counts with variance `dispersion` times the mean; Poisson where that is one."""
    wide = np.broadcast_to(dispersion > 1, mean.shape)
    scale = np.broadcast_to(np.maximum(dispersion - 1, 1e-9), mean.shape)
    rate = mean.copy()
    rate[wide] = rng.gamma(mean[wide] / scale[wide]) * scale[wide]
    return rng.poisson(rate).astype(np.float64)


def outbreak(
    rng: np.random.Generator, *, mean: Counts, dispersion: Counts, start: Whole, size: Whole, last: int
) -> Counts:
    """Cases that one outbreak adds to each row: at least two, `size` standard deviations of its first week expected.

    Each case falls floor(LogNormal(0, 0.5)) weeks after the start; what falls after `last` is not seen.
    """
    rows = np.arange(len(start))
    expected = size * np.sqrt(dispersion * mean[rows, start])
    cases = rng.poisson(expected)
    while (again := (cases < 2) & (size > 0)).any():
        cases[again] = rng.poisson(expected[again])
    row = np.repeat(rows, cases)
    week = np.repeat(start, cases) + np.floor(rng.lognormal(0, SPREAD, size=cases.sum())).astype(np.int64)
    added = np.zeros((len(start), WEEKS))
    kept = week < last
    np.add.at(added, (row[kept], week[kept]), 1.0)
    return added


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparse:
    """Sparse series without and with one rise each; `rise` marks its weeks, `factor` its size, `rate` the true rate."""

    rate: Counts
    quiet: Counts
    risen: Counts
    rise: NDArray[np.bool_]
    factor: Whole


def sparse(*, seed: int, series: int, rates: tuple[float, ...], empty: float, clumped: bool = False) -> Sparse:
    """416 weeks of zero-inflated counts; `empty` is the share of weeks in which nothing can happen.

    In one of the last 104 weeks a rise begins and lasts 4-8: the mean is 3, 5 or 10 times as high, and no week is
    barred. `clumped` keeps the barred weeks and makes the others heavier instead, which is harder to tell from chance.
    """
    rng = np.random.default_rng(seed)
    weeks, scored = SPARSE_WEEKS
    rate = np.array(rates)[rng.integers(0, len(rates), series)]
    busy = (rate / (1 - empty))[:, None] * np.ones(weeks)
    quiet = (rng.random((series, weeks)) < 1 - empty) * rng.poisson(busy)
    start = rng.integers(weeks - scored, weeks - 8, series)
    length = rng.integers(4, 9, series)
    week = np.arange(weeks)
    rise = (week >= start[:, None]) & (week < (start + length)[:, None])
    factor = np.array(SPARSE_FACTORS)[rng.integers(0, 3, series)]
    if clumped:
        raised = (rng.random((series, weeks)) < 1 - empty) * rng.poisson(busy * factor[:, None])
    else:
        raised = rng.poisson(np.broadcast_to((rate * factor)[:, None], quiet.shape))
    return Sparse(
        rate=rate,
        quiet=quiet.astype(np.float64),
        risen=np.where(rise, raised, quiet).astype(np.float64),
        rise=rise,
        factor=factor,
    )


def calm(*, seed: int, series: int, weeks: int) -> Counts:
    """Outbreak-free series of many rates, clumps, seasons and trends, on which p-values are calibrated."""
    rng = np.random.default_rng(seed)
    week = np.arange(weeks)[None, :]
    one = (series, 1)
    level = rng.uniform(np.log(0.02), np.log(150), one)
    season = rng.choice([0.0, 0.0, 0.3, 0.7], one) * np.cos(2 * np.pi * (week / 52 - rng.random(one)))
    trend = rng.choice([0.0, 0.0, -0.1, 0.1], one) * (week - weeks / 2) / 52
    dispersion = rng.choice([1.0, 1.1, 1.3, 1.6, 2.0, 3.0, 5.0], one)
    mean = np.exp(level + season + trend)
    counts = negative_binomial(rng, mean=mean, dispersion=dispersion)
    # A third of the sparse ones are zero-inflated rather than clumped by chance.
    empty = rng.uniform(0.3, 0.85, one)
    barred = (rng.random((series, weeks)) < 1 - empty) * rng.poisson(mean / (1 - empty))
    inflated = (mean[:, :1] < 1) & (rng.random(one) < 1 / 3)
    return np.where(inflated, barred, counts).astype(np.float64)
