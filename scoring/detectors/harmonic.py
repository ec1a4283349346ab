"""Harmonic negative-binomial regression on all history: a trend, two waves a year, and a ridge.

A log-linear mean with sine and cosine terms is Serfling's (1963, Public Health Reports 78: 494-506) in the form for
counts that Held, Höhle and Hofmann (2005, Statistical Modelling 5: 187-199) use; the ridge is Hoerl and Kennard's
(1970, Technometrics 12: 55-67), and its strength follows, for each wave and the trend, from what they show beyond
their error (James and Stein 1961, positive part). The variance is a multiple of the mean, so the estimating equation
is Poisson's and the multiple follows from Pearson's residuals. Past outbreaks lose weight as in Noufaily et al.
(2013), doi 10.1002/sim.5595. The log of a report volume may enter as an offset: the view of a surge when reporting
itself grows.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from scoring.compiled import compiled
from scoring.detectors.verdict import Counts, Verdict

Flags = NDArray[np.bool_]

TERMS = 6
# Prior standard deviations: of the trend in logs a year, and of each wave in logs. The level has none.
TREND_A_YEAR = 0.3
WAVE = 1.0
# What shows nothing beyond its error keeps this little spread.
LEAST_SPREAD = 1e-4
# Jeffreys's prior for a rate: a series without any event is read as if it had half of one.
HALF_AN_EVENT = 0.5
ITERATIONS = 12
CLOSE = 1e-3
LARGEST_STEP = 1.0
# A dispersion this near one is Poisson's.
NEARLY_POISSON = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """`shortest` history in periods; `gap` newest periods left out; a new fit every `every` periods."""

    frequency: float = 52.0
    shortest: int = 52
    gap: int = 6
    every: int = 4
    weights_from: float = 2.58


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Mean, dispersion (variance over mean, at least one), and variance of the log mean; NaN where there is none."""

    mean: Counts
    dispersion: Counts
    variance: Counts

    @property
    def predictive(self) -> Counts:
        """Dispersion of a new count: the mean itself is not known exactly."""
        return self.dispersion + self.mean * self.variance


class _Job(NamedTuple):
    counts: Counts
    exposure: Counts
    design: Counts
    ridge: Counts
    shortest: int
    gap: int
    every: int
    weights_from: float
    first: int


class _Desk(NamedTuple):
    """Room for one regression: by period, and by term."""

    mu: Counts
    weight: Counts
    beta: Counts
    gradient: Counts
    matrix: Counts
    step: Counts
    ridge: Counts


def estimate(
    *, counts: Counts, parameters: Parameters | None = None, exposure: Counts | None = None, first: int = 0
) -> Baseline:
    """Base line of every period from `first` on, out of the periods that lie more than `gap` before it.

    A missing count (NaN), or one without its exposure, is left out and is never zero.
    """
    chosen = parameters or Parameters()
    series, periods = counts.shape
    week = np.arange(periods)
    angle = 2 * np.pi * week / chosen.frequency
    # The trend stands last, so that a single fit can be moved along it.
    design = np.stack(
        [np.ones(periods), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle), week / chosen.frequency],
        axis=1,
    )
    ridge = np.array([0.0, *[1 / WAVE**2] * 4, 1 / TREND_A_YEAR**2])
    seen = np.where(np.isnan(counts), np.nan, 1.0) if exposure is None else np.asarray(exposure, dtype=np.float64)
    ahead = np.ones(counts.shape) if exposure is None else np.asarray(exposure, dtype=np.float64)
    usable = np.where(seen > 0, counts, np.nan)
    shape = (series, periods)
    mean, dispersion, variance = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    _estimate(
        _Job(
            np.ascontiguousarray(usable),
            np.ascontiguousarray(ahead),
            design,
            ridge,
            chosen.shortest,
            chosen.gap,
            chosen.every,
            chosen.weights_from,
            first,
        ),
        mean,
        dispersion,
        variance,
    )
    return Baseline(mean=mean, dispersion=dispersion, variance=variance)


def judge(*, counts: Counts, baseline: Baseline, alpha: float) -> Verdict:
    """One period against its base line: tail and quantile of the negative binomial."""
    known = ~np.isnan(baseline.mean) & ~np.isnan(counts)
    y, mean, dispersion = counts[known], baseline.mean[known], baseline.predictive[known]
    upper, tail = np.empty_like(mean), np.empty_like(mean)
    wide = dispersion > NEARLY_POISSON
    size, chance = mean[wide] / (dispersion[wide] - 1), 1 / dispersion[wide]
    upper[wide] = nbinom.isf(alpha, size, chance)
    tail[wide] = nbinom.sf(y[wide] - 1, size, chance)
    upper[~wide] = poisson.isf(alpha, mean[~wide])
    tail[~wide] = poisson.sf(y[~wide] - 1, mean[~wide])
    found = Verdict(
        expected=np.where(known, baseline.mean, np.nan),
        upper=np.full(counts.shape, np.nan),
        p_value=np.full(counts.shape, np.nan),
        alarm=np.zeros(counts.shape, dtype=np.bool_),
    )
    found.upper[known] = upper
    found.p_value[known] = np.maximum(tail, np.finfo(np.float64).tiny)
    found.alarm[known] = y > upper
    return found


@compiled
def _solve(matrix: Counts, right: Counts) -> bool:
    """Cholesky in place; `right` becomes the solution. False when the matrix is not positive definite."""
    n = right.size
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if not total > 0:
                    return False
                matrix[i, i] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(n):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]
    return True


@compiled
def _gather(job: _Job, desk: _Desk, s: int, last: int) -> None:
    """Gradient and information at the present coefficients, and the means."""
    desk.gradient[:] = 0.0
    desk.matrix[:] = 0.0
    for at in range(last):
        y = job.counts[s, at]
        if math.isnan(y):
            continue
        eta = 0.0
        for a in range(TERMS):
            eta += job.design[at, a] * desk.beta[a]
        mu = job.exposure[s, at] * math.exp(min(eta, 30.0))
        desk.mu[at] = mu
        off = desk.weight[at] * (y - mu)
        mass = desk.weight[at] * mu
        for a in range(TERMS):
            desk.gradient[a] += off * job.design[at, a]
            part = mass * job.design[at, a]
            for b in range(a + 1):
                desk.matrix[a, b] += part * job.design[at, b]
    desk.gradient[0] += HALF_AN_EVENT


@compiled
def _fit(job: _Job, desk: _Desk, s: int, last: int, dispersion: float) -> bool:
    """Newton's method on the penalised likelihood; leaves the Cholesky factor of the information in `matrix`."""
    for _ in range(ITERATIONS):
        _gather(job, desk, s, last)
        for a in range(TERMS):
            desk.matrix[a, a] += desk.ridge[a] * dispersion
            desk.step[a] = desk.gradient[a] - desk.ridge[a] * dispersion * desk.beta[a]
        # A level without any mass yet must not stop the fit.
        desk.matrix[0, 0] += 1e-9
        if not _solve(desk.matrix, desk.step):
            return False
        largest = 0.0
        for a in range(TERMS):
            largest = max(largest, abs(desk.step[a]))
        scale = LARGEST_STEP / largest if largest > LARGEST_STEP else 1.0
        for a in range(TERMS):
            desk.beta[a] += scale * desk.step[a]
        if largest < CLOSE:
            return True
    return True


@compiled
def _lower_weights(job: _Job, desk: _Desk, s: int, last: int, dispersion: float) -> None:
    for at in range(last):
        desk.weight[at] = 1.0
        y = job.counts[s, at]
        if math.isnan(y):
            continue
        mu = max(desk.mu[at], 1e-12)
        over = y - mu
        limit = job.weights_from
        if over > 0 and over * over > limit * limit * dispersion * mu:
            anscombe = 1.5 * (y ** (2 / 3) * mu ** (-1 / 6) - math.sqrt(mu)) / math.sqrt(dispersion)
            if anscombe > limit:
                desk.weight[at] = (limit / anscombe) ** 2


@compiled
def _dispersion(job: _Job, desk: _Desk, s: int, last: int) -> float:
    total = 0.0
    n = 0.0
    for at in range(last):
        y = job.counts[s, at]
        if not math.isnan(y):
            mu = max(desk.mu[at], 1e-12)
            total += desk.weight[at] * (y - mu) ** 2 / mu
            n += desk.weight[at]
    return max(total / max(n - TERMS, 1.0), 1.0)


@compiled
def _shrink(job: _Job, desk: _Desk, dispersion: float) -> None:
    """Give each wave, and the trend, the prior spread that its own coefficients show beyond their error.

    The positive part of James and Stein's rule: what is not there is left out, or it would add its noise to the mean.
    """
    variance = np.zeros(TERMS)
    for a in range(TERMS):
        desk.step[:] = 0.0
        # Row a of the inverse of L, by forward substitution from the unit vector: its squares add up column by column.
        desk.step[a] = 1 / desk.matrix[a, a]
        variance[a] += desk.step[a] ** 2
        for i in range(a + 1, TERMS):
            total = 0.0
            for k in range(a, i):
                total += desk.matrix[i, k] * desk.step[k]
            desk.step[i] = -total / desk.matrix[i, i]
            variance[a] += desk.step[i] ** 2
    for first, last in ((1, 3), (3, 5), (5, 6)):
        spread = 0.0
        for a in range(first, last):
            spread += desk.beta[a] ** 2 - dispersion * variance[a]
        spread = max(spread / (last - first), LEAST_SPREAD)
        for a in range(first, last):
            desk.ridge[a] = job.ridge[a] + 1 / spread


@compiled
def _log_variance(job: _Job, desk: _Desk, at: int) -> float:
    """Variance of the log mean over the dispersion: the squared length of L⁻¹ x."""
    total = 0.0
    for i in range(TERMS):
        value = job.design[at, i]
        for k in range(i):
            value -= desk.matrix[i, k] * desk.step[k]
        desk.step[i] = value / desk.matrix[i, i]
        total += desk.step[i] ** 2
    return total


@compiled
def _estimate(job: _Job, mean: Counts, dispersion: Counts, variance: Counts) -> None:
    series, periods = job.counts.shape
    desk = _Desk(
        np.zeros(periods),
        np.ones(periods),
        np.zeros(TERMS),
        np.zeros(TERMS),
        np.zeros((TERMS, TERMS)),
        np.zeros(TERMS),
        job.ridge.copy(),
    )
    for s in range(series):
        desk.beta[:] = 0.0
        desk.ridge[:] = job.ridge
        phi = 1.0
        fitted = False
        started = False
        due = 0
        for t in range(max(job.first, job.shortest + job.gap), periods):
            if t >= due:
                last = t - job.gap
                present = 0
                total = 0.0
                seen = 0.0
                for at in range(last):
                    if not math.isnan(job.counts[s, at]):
                        present += 1
                        total += job.counts[s, at]
                        seen += job.exposure[s, at]
                if present < job.shortest:
                    continue
                if not started:
                    desk.beta[0] = math.log((total + HALF_AN_EVENT) / seen)
                    desk.weight[:] = 1.0
                    started = _fit(job, desk, s, last, phi)
                    phi = _dispersion(job, desk, s, last)
                _gather(job, desk, s, last)
                _lower_weights(job, desk, s, last, phi)
                desk.ridge[:] = job.ridge
                fitted = _fit(job, desk, s, last, phi)
                if fitted:
                    _shrink(job, desk, phi)
                    fitted = _fit(job, desk, s, last, phi)
                phi = _dispersion(job, desk, s, last)
                due = t + job.every
            if not fitted or not job.exposure[s, t] > 0:
                continue
            eta = 0.0
            for a in range(TERMS):
                eta += job.design[t, a] * desk.beta[a]
            mean[s, t] = job.exposure[s, t] * math.exp(min(eta, 30.0))
            dispersion[s, t] = phi
            variance[s, t] = phi * _log_variance(job, desk, t)
