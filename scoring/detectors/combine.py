"""Sudden and sustained: two views of one series, each with its own budget of false alarms, and the two as one.

Sudden is the matched window over the harmonic base line, sustained the empirical-Bayes scan. Their p-values are
recalibrated by stratum and joined by Cauchy's combination (Liu and Xie 2020, JASA 115: 393-402), which holds however
the two depend on each other. Benjamini and Hochberg's rule over the week's States and triggers is `scoring.fdr`.
"""

from dataclasses import dataclass

import numpy as np

from scoring.detectors import calibration, harmonic, matched, scan
from scoring.detectors.verdict import Counts, Flags

# Events a period from which a series can tell its own seasons; below, all series of its stratum tell its rate.
SEASONS_FROM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """p-values, series by periods, NaN where there is no base line. `law` is what one period is expected to be."""

    sudden: Counts
    sustained: Counts
    combined: Counts
    law: harmonic.Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class BothWays:
    """Every surge with and without the volume offset; `explained` marks alarms that vanish with it."""

    without: Surge
    allowing: Surge
    explained: Flags


def find(*, counts: Counts, exposure: Counts | None = None, parameters: harmonic.Parameters | None = None) -> Surge:
    """Both views of series (rows) by periods (columns); missing counts as in `harmonic` and `scan`."""
    baseline = harmonic.estimate(counts=counts, exposure=exposure, parameters=parameters)
    sparse = scan.scan(counts=counts, exposure=exposure).baseline
    return judge(counts=counts, baseline=baseline, sparse=sparse)


def judge(*, counts: Counts, baseline: harmonic.Baseline, sparse: harmonic.Baseline) -> Surge:
    """Both views of counts against base lines that are there: the harmonic one and the scan's own."""
    steady = choose(baseline, sparse)
    sudden = _p(matched.log_ratio(counts=counts, baseline=baseline), baseline, name="matched")
    sustained = _p(scan.log_ratio(counts=counts, baseline=steady), steady, name="scan")
    return Surge(
        sudden=sudden,
        sustained=sustained,
        combined=cauchy(sudden, sustained),
        law=_where(~np.isnan(baseline.mean), baseline, sparse),
    )


def choose(baseline: harmonic.Baseline, sparse: harmonic.Baseline) -> harmonic.Baseline:
    """What the scan rests on: seasons of its own where a series has events enough, else the rate of its stratum."""
    return _where(baseline.mean >= SEASONS_FROM, baseline, sparse)


def both_ways(*, counts: Counts, volume: Counts, alpha: float) -> BothWays:
    """With report volume as offset, and without. A period without volume has no view that allows for it."""
    without = find(counts=counts)
    allowing = find(counts=counts, exposure=volume)
    explained = (without.combined < alpha) & (allowing.combined >= alpha)
    return BothWays(without=without, allowing=allowing, explained=explained)


def cauchy(*p_values: Counts) -> Counts:
    """One p-value of several that may depend on each other; a missing one is left out, NaN where all are."""
    stacked = np.stack(p_values)
    there = ~np.isnan(stacked)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Below 1e-15 the tangent of (0.5 - p)π is 1 / (pπ) to every digit.
        tangent = np.where(stacked < 1e-15, 1 / (stacked * np.pi), np.tan((0.5 - stacked) * np.pi))
        mean = np.where(there, tangent, 0.0).sum(axis=0) / there.sum(axis=0)
        joined = np.where(mean > 1e14, 1 / (mean * np.pi), 0.5 - np.arctan(mean) / np.pi)
    return np.where(there.any(axis=0), joined, np.nan)


def _p(score: Counts, baseline: harmonic.Baseline, *, name: str) -> Counts:
    stratum = calibration.strata(mean=baseline.mean, dispersion=baseline.predictive)
    return calibration.p_values(score=score, stratum=stratum, calibration=calibration.shipped(name))


def _where(first: Flags, one: harmonic.Baseline, other: harmonic.Baseline) -> harmonic.Baseline:
    return harmonic.Baseline(
        mean=np.where(first, one.mean, other.mean),
        dispersion=np.where(first, one.dispersion, other.dispersion),
        variance=np.where(first, one.variance, other.variance),
    )
