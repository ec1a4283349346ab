"""Is the newest count of a series a surge? Two views of it, one p-value, and a law of what is usual.

Counts of incidents with history enough are judged by `detectors.combine`: *sudden* and *sustained*, recalibrated by
rate stratum and joined. Fewer periods are judged by EARS C2 and the gamma-Poisson law, and both must agree
(docs/adr/0005). Published totals of persons come in clumps of any size, which no recalibration on made series knows
of: there the harmonic regression must agree with those two (docs/adr/0012).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, poisson

from scoring.detectors import combine, ears, first_event, harmonic, scan
from scoring.detectors.verdict import Counts, Flags
from scoring.method import Method

A_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
LONG = "matched window and empirical-Bayes scan, combined"
SHORT = "EARS C2 and gamma-Poisson, both"
TOTALS = "harmonic regression, EARS C2 and gamma-Poisson, all"
HISTORY = 130  # periods that a draw of late reports is judged with
LAST = 12  # periods that a score of the newest one can look back on
MOST = 400
HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """p-values of series (rows) by periods (columns), NaN where nothing can be said, and the law of each period.

    `sudden` and `sustained` are NaN where they were not asked; `long` says where the history was long enough for the
    base lines of the long way, `seasonal` and `sparse`.
    """

    p_value: Counts
    sudden: Counts
    sustained: Counts
    law: harmonic.Baseline
    long: Flags
    seasonal: harmonic.Baseline
    sparse: harmonic.Baseline


def examine(*, counts: Counts, period: str, method: Method, exposure: Counts | None = None) -> Tested:
    """Every period of every series of incidents of one trigger; the prior pools the rows, whatever their region.

    `exposure` is report volume in any unit; a period without it has no view that allows for it.
    """
    usual = harmonic.Parameters(frequency=float(A_YEAR[period]), shortest=A_YEAR[period])
    seasonal = harmonic.estimate(counts=counts, exposure=exposure, parameters=usual)
    sparse = scan.scan(counts=counts, exposure=exposure).baseline
    found = combine.judge(counts=counts, baseline=seasonal, sparse=sparse)
    if exposure is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            counts = counts / np.where(exposure > 0, exposure, np.nan)
    p_short, law_short = _short(counts, method=method)
    long: Flags = ~np.isnan(found.combined)
    return Tested(
        p_value=np.where(long, found.combined, p_short),
        sudden=found.sudden,
        sustained=found.sustained,
        law=_where(long, found.law, law_short),
        long=long,
        seasonal=seasonal,
        sparse=sparse,
    )


def examine_totals(*, counts: Counts, period: str, method: Method) -> Tested:
    """Every period of a provider's totals of persons: every law that can speak must agree."""
    usual = harmonic.Parameters(frequency=float(A_YEAR[period]), shortest=A_YEAR[period])
    seasonal = harmonic.estimate(counts=counts, parameters=usual)
    p_value, law = _agreed(counts, seasonal, method=method)
    long: Flags = ~np.isnan(seasonal.mean) & ~np.isnan(p_value)
    nothing = np.full(counts.shape, np.nan)
    return Tested(
        p_value=p_value, sudden=nothing, sustained=nothing, law=law, long=long, seasonal=seasonal, sparse=seasonal
    )


def judge_draws(*, draws: Counts, counts: Counts, tested: Tested, method: Method) -> Counts:
    """p-values of the newest periods of totals when late reports are drawn: the middle one over the draws.

    `draws` (draws, rows, newest periods) take the place of the last columns of `counts`. A middle p-value at or below a
    threshold says that half of the draws or more stand above the bound. The harmonic base line leaves them out.
    """
    newest = draws.shape[2]
    tail = slice(max(counts.shape[1] - HISTORY, 0), None)
    seasonal = _columns(tested.seasonal, tail)
    recent = counts[:, tail].copy()
    missing = np.isnan(counts[:, -newest:])
    found = []
    for drawn in draws:
        recent[:, -newest:] = np.where(missing, np.nan, drawn)
        found.append(_agreed(recent, seasonal, method=method)[0][:, -newest:])
    return np.asarray(np.median(np.stack(found), axis=0), dtype=np.float64)


def smallest_alarm(*, counts: Counts, tested: Tested, threshold: float, method: Method) -> Counts:
    """Smallest count of the newest period that would have been an alarm, the periods before it as they were.

    NaN where the newest period could not be tested, or where no count up to 400 would do.
    """
    tail = slice(max(counts.shape[1] - LAST, 0), None)
    asked = ~np.isnan(tested.p_value[:, -1])
    low, high = np.zeros(len(counts)), np.full(len(counts), float(MOST))
    while (high - low > 1).any():
        middle = np.ceil((low + high) / 2)
        alarm = _p_of(middle, counts=counts, tail=tail, tested=tested, method=method) <= threshold
        high = np.where(alarm & (high - low > 1), middle, high)
        low = np.where(~alarm & (high - low > 1), middle, low)
    return np.where(asked & (high < MOST) & (threshold > 0), high, np.nan)


def usual_range(*, law: harmonic.Baseline, share: float) -> tuple[Counts, Counts]:
    """Range in which that share of usual counts lies: negative binomial, at least as wide as Poisson's."""
    tails = ((1 - share) / 2, (1 + share) / 2)
    mean, spread = law.mean, law.predictive
    found = []
    for one in tails:
        with np.errstate(divide="ignore", invalid="ignore"):
            wide = np.asarray(nbinom.ppf(one, mean / (spread - 1), 1 / spread), dtype=np.float64)
            narrow = np.asarray(poisson.ppf(one, mean), dtype=np.float64)
        value = np.where(spread > harmonic.NEARLY_POISSON, wide, narrow)
        found.append(np.where(np.isnan(mean), np.nan, np.where(mean > 0, np.maximum(value, 0.0), 0.0)))
    return found[0], found[1]


def _p_of(newest: Counts, *, counts: Counts, tail: slice, tested: Tested, method: Method) -> Counts:
    """The p-value that each series would have if its newest count were this."""
    tried = counts.copy()
    tried[:, -1] = newest
    found = combine.judge(
        counts=tried[:, tail], baseline=_columns(tested.seasonal, tail), sparse=_columns(tested.sparse, tail)
    ).combined[:, -1]
    long = tested.long[:, -1]
    return found if long.all() else np.where(long, found, _short(tried, method=method)[0][:, -1])


def _short(counts: Counts, *, method: Method) -> tuple[Counts, harmonic.Baseline]:
    """The larger of two p-values: C2 allows for spread, the gamma-Poisson law for small whole numbers.

    Where C2 says nothing because its base line does not vary, the gamma-Poisson law stands alone. The prior is pooled
    over the rows without the two newest periods.
    """
    against = ears.baseline(counts=counts, length=method.ears_baseline, lag=method.ears_lag)
    sudden = ears.p_values(counts=counts, against=against)
    present = ~np.isnan(counts)
    cut = max(counts.shape[1] - method.ears_lag - 1, 0)
    prior = first_event.pool(
        totals=np.nansum(counts[:, :cut], axis=1), periods=present[:, :cut].sum(axis=1).astype(np.float64)
    )
    total, periods = _before(counts, present, span=method.first_event_weeks, lag=method.ears_lag)
    rare = first_event.tail(count=counts, total=total, periods=periods, prior=prior)
    rare[np.isnan(against.mean)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = np.maximum(against.deviation**2 / against.mean, 1.0)
    law = harmonic.Baseline(
        mean=against.mean,
        dispersion=np.where(np.isnan(dispersion), 1.0, dispersion),
        variance=np.zeros(counts.shape),
    )
    return np.where(np.isnan(sudden), rare, np.fmax(sudden, rare)), law


def _before(counts: Counts, present: NDArray[np.bool_], *, span: int, lag: int) -> tuple[Counts, Counts]:
    """Events and periods seen in the `span` periods that end `lag + 1` periods before each."""
    rows, periods = counts.shape
    events = np.concatenate([np.zeros((rows, 1)), np.nancumsum(counts, axis=1)], axis=1)
    seen = np.concatenate([np.zeros((rows, 1)), np.cumsum(present, axis=1)], axis=1)
    end = np.maximum(np.arange(periods) - lag, 0)
    start = np.maximum(end - span, 0)
    return events[:, end] - events[:, start], seen[:, end] - seen[:, start]


def _agreed(counts: Counts, seasonal: harmonic.Baseline, *, method: Method) -> tuple[Counts, harmonic.Baseline]:
    """The largest p-value of the laws that can speak, and the seasonal law where there is one."""
    p_short, law_short = _short(counts, method=method)
    p_long = harmonic.judge(counts=counts, baseline=seasonal, alpha=HALF).p_value
    return np.fmax(p_long, p_short), _where(~np.isnan(seasonal.mean), seasonal, law_short)


def _where(first: Flags, one: harmonic.Baseline, other: harmonic.Baseline) -> harmonic.Baseline:
    return harmonic.Baseline(
        mean=np.where(first, one.mean, other.mean),
        dispersion=np.where(first, one.dispersion, other.dispersion),
        variance=np.where(first, one.variance, other.variance),
    )


def _columns(law: harmonic.Baseline, columns: slice) -> harmonic.Baseline:
    return harmonic.Baseline(
        mean=law.mean[:, columns], dispersion=law.dispersion[:, columns], variance=law.variance[:, columns]
    )
