"""The regression inside Farrington's method: log-linear, quasi-Poisson, a level for each season and a trend.

Each season has its own level, so the normal equations are a diagonal with one border and a step costs one pass over
the reference periods. Two ways. *In steps* walks as a routine for generalised linear models does (start at y + 0.1,
stop at a relative change of the deviance below 1e-8, at most 25 steps) and keeps the weights of the last step, for
bounds that must agree to 1e-8 with bounds so computed. Otherwise the maximum itself is found: levels in closed form,
the slope by Newton's method.

Compiled loops take named tuples: numba knows no dataclasses.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.compiled import compiled

Counts = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEPS = 25
CLOSE = 1e-8
TINY = 2.220446049250313e-16
NEWTON_STEPS = 30
NEWTON_CLOSE = 1e-9
# No step of the slope may change a mean of the oldest reference period by more than e².
LARGEST_STEP = 2.0
# A season without any event is read as half an event: Jeffreys's prior for a rate.
HALF_AN_EVENT = 0.5


class Given(NamedTuple):
    """Series in rows, periods in columns: counts (NaN where missing) and what is needed of them again and again."""

    counts: Counts
    y_log_y: Counts
    log_start: Counts
    exposure: Counts
    log_exposure: Counts


class Past(NamedTuple):
    """Reference periods of each period: positions, seasonal levels, how many."""

    position: Whole
    level: Whole
    size: Whole
    levels: int


class Choice(NamedTuple):
    """How to fit. `critical` is the |t| that a trend must pass, by degrees of freedom.

    `own_spread` takes the trend's and the mean's error from the relative residuals, and `free_doubt` lets the
    dispersion of the trend's test fall below one: quirks of R's package.
    """

    weights_from: float
    trend: bool
    critical: Counts
    in_steps: bool
    own_spread: bool
    free_doubt: bool


class Found(NamedTuple):
    """What comes out, series by periods."""

    mean: Counts
    dispersion: Counts
    variance: Counts
    slope: Counts
    converged: Flags


class Desk(NamedTuple):
    """Room for one regression. By reference period: `y` to `working`; by seasonal level: `level` to `seen`."""

    y: Counts
    x: Counts
    back: Whole
    group: Whole
    weight: Counts
    y_log_y: Counts
    log_start: Counts
    exposure: Counts
    offset: Counts
    mu: Counts
    eta: Counts
    z: Counts
    working: Counts
    growth: Counts
    level: Counts
    mass: Counts
    centre: Counts
    seen: Counts


@compiled
def _lay(longest: int, levels: int) -> Desk:
    return Desk(
        np.empty(longest),
        np.empty(longest),
        np.empty(longest, dtype=np.int64),
        np.empty(longest, dtype=np.int64),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest),
        np.empty(longest + 1),
        np.empty(levels),
        np.empty(levels),
        np.empty(levels),
        np.empty(levels),
    )


@compiled
def _gather(given: Given, past: Past, desk: Desk, s: int, t: int) -> tuple[int, int, float]:
    """Put the reference periods that have a count on the desk: how many, in how many seasons, and the largest."""
    n = 0
    largest = 0.0
    desk.seen[:] = 0.0
    for i in range(past.size[t]):
        at = past.position[t, i]
        value = given.counts[s, at]
        if math.isnan(value):
            continue
        desk.y[n] = value
        desk.x[n] = at - t
        desk.back[n] = t - at
        desk.group[n] = past.level[t, i]
        desk.y_log_y[n] = given.y_log_y[s, at]
        desk.log_start[n] = given.log_start[s, at]
        desk.exposure[n] = given.exposure[s, at]
        desk.offset[n] = given.log_exposure[s, at]
        desk.seen[past.level[t, i]] = 1.0
        largest = max(largest, value)
        n += 1
    # Without its own season a period has no base line.
    seasons = int(desk.seen.sum()) if desk.seen[0] > 0 else n
    return n, seasons, largest


@compiled
def _step(desk: Desk, n: int, with_trend: bool) -> tuple[float, float]:
    """One weighted least-squares step: slope, and spread of time about the centres of the levels."""
    desk.level[:] = 0.0
    desk.mass[:] = 0.0
    desk.centre[:] = 0.0
    for i in range(n):
        j = desk.group[i]
        desk.working[i] = desk.weight[i] * desk.mu[i]
        desk.z[i] = desk.eta[i] - desk.offset[i] + (desk.y[i] - desk.mu[i]) / desk.mu[i]
        desk.mass[j] += desk.working[i]
        desk.centre[j] += desk.working[i] * desk.x[i]
        desk.level[j] += desk.working[i] * desk.z[i]
    for j in range(desk.level.size):
        if desk.mass[j] > 0:
            desk.centre[j] /= desk.mass[j]
            desk.level[j] /= desk.mass[j]
    if not with_trend:
        return 0.0, 0.0
    slope = 0.0
    spread = 0.0
    for i in range(n):
        j = desk.group[i]
        off = desk.x[i] - desk.centre[j]
        spread += desk.working[i] * off * off
        slope += desk.working[i] * off * (desk.z[i] - desk.level[j])
    slope = slope / spread if spread > 0 else 0.0
    for j in range(desk.level.size):
        desk.level[j] -= slope * desk.centre[j]
    return slope, spread


@compiled
def _walk(desk: Desk, n: int, with_trend: bool) -> tuple[bool, float, float]:
    """Converged, slope, spread of time; leaves the last means, and weights and centres as of the last step."""
    before = 0.0
    for i in range(n):
        desk.mu[i] = desk.y[i] + 0.1
        desk.eta[i] = desk.log_start[i]
        before += 2 * desk.weight[i] * (desk.y_log_y[i] - desk.y[i] * desk.eta[i] + 0.1)
    slope = 0.0
    spread = 0.0
    for _ in range(STEPS):
        slope, spread = _step(desk, n, with_trend)
        now = 0.0
        for i in range(n):
            desk.eta[i] = desk.level[desk.group[i]] + slope * desk.x[i] + desk.offset[i]
            desk.mu[i] = max(math.exp(desk.eta[i]), TINY)
            part = desk.y_log_y[i] - desk.y[i] * desk.eta[i] + desk.mu[i] - desk.y[i]
            now += 2 * desk.weight[i] * part
        if abs(now - before) / (abs(now) + 0.1) < CLOSE:
            return True, slope, spread
        before = now
    return False, slope, spread


@compiled
def _spread_out(desk: Desk, n: int, slope: float) -> tuple[float, float]:
    """Means at a slope, the levels at their best for it; spread of time and gradient of the slope."""
    furthest = desk.back[0]
    shrink = math.exp(-slope)
    desk.growth[0] = 1.0
    for k in range(1, furthest + 1):
        desk.growth[k] = desk.growth[k - 1] * shrink
    desk.seen[:] = 0.0
    desk.centre[:] = 0.0
    for i in range(n):
        j = desk.group[i]
        part = desk.weight[i] * desk.exposure[i] * desk.growth[desk.back[i]]
        desk.seen[j] += part
        desk.centre[j] -= part * desk.back[i]
    for j in range(desk.level.size):
        if desk.seen[j] > 0:
            desk.level[j] = desk.mass[j] / desk.seen[j]
            desk.centre[j] /= desk.seen[j]
        else:
            desk.level[j] = 0.0
    spread = 0.0
    gradient = 0.0
    for i in range(n):
        j = desk.group[i]
        desk.mu[i] = desk.level[j] * desk.exposure[i] * desk.growth[desk.back[i]]
        desk.working[i] = desk.weight[i] * desk.mu[i]
        off = -desk.back[i] - desk.centre[j]
        spread += desk.working[i] * off * off
        gradient += desk.weight[i] * off * (desk.y[i] - desk.mu[i])
    return spread, gradient


@compiled
def _climb(desk: Desk, n: int, slope: float, with_trend: bool) -> tuple[bool, float, float]:
    """Converged, slope, spread of time. `level` holds means, not logs; `mass` weighted events, `seen` their exposure.

    A season without any event has the level zero: it says nothing of the slope.
    """
    desk.mass[:] = 0.0
    for i in range(n):
        desk.mass[desk.group[i]] += desk.weight[i] * desk.y[i]
    # Reference periods stand oldest first.
    furthest = desk.back[0]
    limit = LARGEST_STEP / furthest
    spread, gradient = _spread_out(desk, n, slope)
    if not with_trend or spread <= 0:
        return True, 0.0, spread
    for _ in range(NEWTON_STEPS):
        step = min(max(gradient / spread, -limit), limit)
        slope += step
        spread, gradient = _spread_out(desk, n, slope)
        if spread <= 0:
            return True, 0.0, 0.0
        if abs(step) * furthest < NEWTON_CLOSE:
            return True, slope, spread
    return False, slope, spread


@compiled
def _lower_weights(desk: Desk, n: int, spread: float, dispersion: float, weights_from: float) -> bool:
    """Weight 1 / s² for Anscombe residuals s above the threshold, scaled to sum to n; false when none is."""
    total = 0.0
    lowered = False
    for i in range(n):
        desk.weight[i] = 1.0
        over = desk.y[i] - desk.mu[i]
        if over > 0 and desk.mu[i] > 0:
            j = desk.group[i]
            off = desk.x[i] - desk.centre[j]
            hat = desk.working[i] * (1 / desk.mass[j] + (off * off / spread if spread > 0 else 0.0))
            room = dispersion * (1 - hat)
            # Anscombe's residual is never above Pearson's, which needs no root.
            if room > 0 and over * over > weights_from * weights_from * room * desk.mu[i]:
                root = math.sqrt(desk.mu[i])
                s = 1.5 * (desk.y[i] ** (2 / 3) * desk.mu[i] ** (-1 / 6) - root) / math.sqrt(room)
                if s > weights_from:
                    desk.weight[i] = 1 / (s * s)
                    lowered = True
        total += desk.weight[i]
    for i in range(n):
        desk.weight[i] *= n / total
    return lowered


@compiled
def _fit(
    desk: Desk, n: int, freedom: int, with_trend: bool, choice: Choice
) -> tuple[bool, float, float, float, float, float]:
    """Fit, lower the weight of past outbreaks, fit again.

    Converged; slope and spread of time; dispersion, at least one; what the errors of mean and of slope rest on.
    """
    slope = 0.0
    spread = 0.0
    dispersion = 1.0
    error = 1.0
    doubt = 1.0
    desk.weight[:n] = 1.0
    for turn in range(2):
        if choice.in_steps:
            converged, slope, spread = _walk(desk, n, with_trend)
        else:
            converged, slope, spread = _climb(desk, n, slope, with_trend)
        if not converged:
            return False, slope, spread, dispersion, error, doubt
        pearson = 0.0
        relative = 0.0
        for i in range(n):
            if desk.mu[i] > 0:
                off = (desk.y[i] - desk.mu[i]) / desk.mu[i]
                pearson += desk.working[i] * off * off
                relative += desk.weight[i] * off * off
        dispersion = max(pearson / freedom, 1.0)
        error = relative / freedom if choice.own_spread else dispersion
        doubt = pearson / freedom if choice.free_doubt else error
        if turn == 0 and not _lower_weights(desk, n, spread, dispersion, choice.weights_from):
            break
    return True, slope, spread, dispersion, error, doubt


@compiled
def _expect(desk: Desk, choice: Choice, exposure: float) -> tuple[float, float]:
    """Mean of the period itself, and the weighted events that its season rests on."""
    if choice.in_steps:
        return max(math.exp(desk.level[0]) * exposure, TINY), desk.mass[0]
    events = max(desk.mass[0], HALF_AN_EVENT)
    return events / desk.seen[0] * exposure, events


@compiled
def regress(given: Given, past: Past, choice: Choice, found: Found) -> None:
    """Regression of every period of every series that has enough past; fills `found`.

    A trend is kept when it is significant and the mean it leads to does not pass the largest count it rests on.
    """
    series, periods = given.counts.shape
    desk = _lay(past.position.shape[1], past.levels)
    for t in range(periods):
        for s in range(series):
            if past.size[t] == 0 or not given.exposure[s, t] > 0:
                continue
            n, seasons, largest = _gather(given, past, desk, s, t)
            if n - seasons < 2:
                continue
            trend = choice.trend
            if trend:
                converged, slope, spread, dispersion, error, doubt = _fit(desk, n, n - seasons - 1, True, choice)
                mean, events = _expect(desk, choice, given.exposure[s, t])
                trend = (
                    converged
                    and spread > 0
                    and mean <= largest
                    and abs(slope) > choice.critical[n - seasons - 1] * math.sqrt(doubt / spread)
                )
            if not trend:
                converged, slope, spread, dispersion, error, doubt = _fit(desk, n, n - seasons, False, choice)
                mean, events = _expect(desk, choice, given.exposure[s, t])
            found.converged[s, t] = converged
            if converged:
                off = desk.centre[0] * desk.centre[0] / spread if trend else 0.0
                found.mean[s, t] = mean
                found.dispersion[s, t] = dispersion
                found.slope[s, t] = slope
                found.variance[s, t] = error * mean * mean * (1 / events + off)
