"""Farrington's method, the regressions and the scan against numbers computed by hand; what missing does."""

import math

import numpy as np
import pytest
from scipy.stats import nbinom, norm, poisson

from scoring import compiled
from scoring.detectors import (
    calibration,
    combine,
    ears,
    farrington,
    harmonic,
    matched,
    references,
    scan,
)
from scoring.detectors.methods import Method, Series, detect
from scoring.detectors.verdict import Mode

YEARS = 52 * 5 + 3


def flat(level: float, periods: int = YEARS + 5) -> np.ndarray:
    return np.full((1, periods), level)


def test_farrington_of_an_even_series_follows_its_formula():
    found = farrington.flexible(counts=flat(4.0))
    # 35 reference weeks of the season with 140 events: se² = 4² / 140; the dispersion is one.
    upper = 4 * (1 + 2 / 3 * norm.isf(0.01) * math.sqrt(4 + 16 / 140) / 4) ** 1.5
    assert found.expected[0, -1] == pytest.approx(4.0)
    assert found.upper[0, -1] == pytest.approx(upper)
    assert not found.alarm.any()


def test_farrington_speaks_from_the_first_period_with_all_its_years():
    found = farrington.flexible(counts=flat(4.0))
    assert np.flatnonzero(found.said[0]).tolist() == list(range(YEARS, YEARS + 5))


def test_an_alarm_is_a_count_above_the_bound_and_its_p_value_lies_below_alpha():
    counts = flat(4.0)
    counts[0, -2:] = [10, 11]  # the bound is 9.6, and neither of the two is yet any past
    found = farrington.flexible(counts=counts)
    assert found.alarm[0, -3:].tolist() == [False, True, True]
    assert (found.p_value[0, -2:] < 0.01).all()


@pytest.mark.parametrize("mode", list(Mode))
def test_a_missing_week_is_not_zero_in_farringtons_base_line(mode):
    counts = flat(4.0)
    counts[0, 0:200:3] = np.nan
    found = farrington.flexible(counts=counts, mode=mode)
    assert found.expected[0, -1] == pytest.approx(4.0)


def test_a_missing_count_has_no_verdict_and_no_alarm():
    counts = flat(4.0)
    counts[0, -1] = np.nan
    found = farrington.flexible(counts=counts)
    assert np.isnan([found.upper[0, -1], found.p_value[0, -1]]).all()
    assert not found.alarm[0, -1]


def test_a_past_outbreak_loses_its_weight():
    counts = np.tile([3.0, 5.0], 140)[None, :]
    counts[0, YEARS + 4 - 104] = 400
    found = farrington.flexible(counts=counts)
    assert found.expected[0, YEARS + 4] < 5


def test_a_season_without_any_event_is_read_as_half_an_event():
    found = farrington.flexible(counts=flat(0.0))
    assert found.expected[0, -1] == pytest.approx(0.5 / 35)
    # Without that the bound would be zero, and every alarm sure: se² is the squared mean over half an event.
    mean = 0.5 / 35
    upper = mean * (1 + 2 / 3 * norm.isf(0.01) * math.sqrt(mean + mean**2 / 0.5) / mean) ** 1.5
    assert found.upper[0, -1] == pytest.approx(upper)


def test_a_growing_series_keeps_its_trend_but_not_beyond_what_was_seen():
    week = np.arange(YEARS + 5)
    falling = np.round(100 * np.exp(-0.004 * week))[None, :]
    growing = falling[:, ::-1].copy()
    fit = farrington.regress(counts=np.vstack([falling, growing]), parameters=farrington.Parameters())
    assert fit.slope[0, -1] == pytest.approx(-0.004, abs=2e-4)
    assert fit.slope[1, -1] == 0  # half a year on, the mean would pass the largest reference count


def test_twice_the_exposure_is_twice_the_mean():
    exposure = np.ones((1, YEARS + 5))
    exposure[0, -1] = 2
    found = farrington.flexible(counts=flat(4.0), exposure=exposure)
    assert found.expected[0, -2:] == pytest.approx([4.0, 8.0])


def test_fewer_than_five_in_four_weeks_silences_only_where_it_is_asked_for():
    counts = flat(0.0)
    counts[0, -1] = 4
    assert farrington.flexible(counts=counts).alarm[0, -1]
    strict = farrington.Parameters(fewest=(5, 4))
    assert not farrington.flexible(counts=counts, parameters=strict).alarm[0, -1]
    counts[0, -2] = 1
    assert farrington.flexible(counts=counts, parameters=strict).alarm[0, -1]


@pytest.mark.parametrize("bound", [farrington.Bound.NB_PLUGIN, farrington.Bound.MUAN])
def test_quantile_bounds_are_those_of_the_law(bound):
    found = farrington.flexible(counts=flat(4.0), parameters=farrington.Parameters(bound=bound))
    mean = 4.0 if bound is farrington.Bound.NB_PLUGIN else 4 * math.exp(norm.isf(0.01) / math.sqrt(140))
    assert found.upper[0, -1] == poisson.ppf(0.99, mean)


def test_the_same_day_of_earlier_years_moves_to_the_nearest_week():
    starts = np.datetime64("2015-01-05") + 7 * np.arange(320)
    anchors = references.anchors_by_date(starts=starts, years=2)
    # 2020-12-28 is a Monday; 2019-12-28 a Saturday, nearest Monday the 30th; 2018-12-28 a Friday, nearest the 31st.
    at = int(np.flatnonzero(starts == np.datetime64("2020-12-28"))[0])
    assert [str(starts[here]) for here in anchors[at]] == ["2020-12-28", "2019-12-30", "2018-12-31"]


def test_the_base_line_of_a_week_is_cut_as_in_the_paper():
    anchors = references.anchors_by_index(periods=300, years=5, frequency=52)
    past = references.build(anchors=anchors, half_width=3, levels=10, left_out=26, first=263)
    position, level = past.position[280, : past.size[280]], past.level[280, : past.size[280]]
    assert position[0] == 280 - 260 - 3
    assert position[-1] == 280 - 27
    assert (level == 0).sum() == 35
    assert np.bincount(level[:52]).tolist() == [7, *[5] * 9]


def test_published_c3_adds_this_week_to_the_two_before():
    base = [1.0, 2, 3, 4, 5, 6, 7]  # mean 4, deviation 2.1602
    counts = np.array([[*base, 4, 4, 4 + 2 * 2.1602469]])
    assert np.isnan(ears.ears(counts=counts, variant=ears.Variant.C3, alpha=0.025).p_value[0, -1])
    steady = np.array([[*base, 4.0, 4, 4, 4, 30]])
    found = ears.ears(counts=steady, variant=ears.Variant.C3, alpha=0.025)
    assert found.alarm[0].tolist() == [False] * 11 + [True]
    quirk = ears.ears(counts=steady, variant=ears.Variant.C3, alpha=0.025, mode=Mode.R_1_20_3)
    assert not quirk.alarm.any()  # its bound moves with the count, so this week never decides


def test_ears_says_nothing_of_a_base_line_that_does_not_vary():
    counts = np.array([[0.0] * 9 + [3.0]])
    assert not ears.ears(counts=counts, variant=ears.Variant.C1, alpha=0.01).said.any()
    assert ears.ears(counts=counts, variant=ears.Variant.C1, alpha=0.01, mode=Mode.R_1_20_3).alarm[0, -1]


def test_the_harmonic_base_line_of_an_even_series_is_its_mean():
    counts = flat(4.0, 200)
    counts[0, 10:60:2] = np.nan
    found = harmonic.estimate(counts=counts)
    assert found.mean[0, -1] == pytest.approx(4.0, rel=0.02)
    assert found.dispersion[0, -1] == 1.0
    judged = harmonic.judge(counts=counts, baseline=found, alpha=0.01)
    assert judged.p_value[0, -1] == pytest.approx(poisson.sf(3, found.mean[0, -1]), rel=0.05)


def test_a_surge_that_reports_explain_disappears_with_their_volume():
    rng = np.random.default_rng(3)
    volume = np.full((1, 300), 100.0)
    volume[0, -2:] = 400
    counts = rng.poisson(0.05 * volume).astype(float)
    counts[0, -2:] = [21, 20]
    both = combine.both_ways(counts=counts, volume=volume, alpha=0.01)
    assert both.without.combined[0, -1] < 0.001
    assert both.allowing.combined[0, -1] > 0.05
    assert both.explained[0, -1]


def test_eight_weeks_with_one_event_say_more_than_one_week_with_five():
    quiet = np.zeros((40, 200))
    quiet[:, ::20] = 1
    spread, heap = quiet.copy(), quiet.copy()
    spread[0, -8:] = 1
    heap[0, -4] = 5
    scores = [scan.scan(counts=counts).log_ratio[0, -1] for counts in (spread, heap, quiet)]
    assert scores[0] > scores[1] > scores[2]


def test_one_heavy_week_is_seen_by_the_scan_when_it_happens():
    quiet = np.zeros((40, 200))
    quiet[:, ::20] = 1
    quiet[0, -1] = 12
    assert combine.find(counts=quiet).sustained[0, -1] < 0.001


def test_a_single_event_says_more_where_weeks_are_barred_than_where_they_clump():
    rng = np.random.default_rng(6)
    # Both have .24 events a week and about the same variance: nine weeks in ten barred, or clumps by chance.
    barred = ((rng.random((100, 400)) < 0.15) * rng.poisson(1.6, (100, 400))).astype(float)
    clumped = rng.negative_binomial(0.24 / 1.36, 1 / 2.36, (100, 400)).astype(float)
    scores = []
    for counts in (barred, clumped):
        counts[:, -8:] = 0
        counts[:, -6:] = 1
        scores.append(np.median(scan.scan(counts=counts).log_ratio[:, -1]))
    assert scores[0] > scores[1] + 1


def test_what_a_series_tells_of_its_barred_weeks_comes_from_its_past_alone():
    counts = np.zeros((40, 300))
    counts[:, ::20] = 2
    later = counts.copy()
    later[:, -3:] = 5
    scores = [scan.scan(counts=rows).log_ratio for rows in (counts, later)]
    np.testing.assert_allclose(scores[0][:, :-3], scores[1][:, :-3], equal_nan=True)


def test_the_scan_of_one_period_is_the_mean_likelihood_ratio():
    law = harmonic.Baseline(mean=np.full((1, 1), 2.0), dispersion=np.full((1, 1), 3.0), variance=np.zeros((1, 1)))
    found = scan.log_ratio(counts=np.array([[7.0]]), baseline=law)[0, 0]
    # A barred week has the share 2 / 4 of weeks that are free, with four events: mean 2, variance 2 · (1 + 2) = 6.
    quiet = scan.BARRED * 0.5 * poisson.pmf(7, 4) + (1 - scan.BARRED) * nbinom.pmf(7, 1, 1 / 3)
    total = 0.0
    for factor in scan.FACTORS:
        thin = (3 + factor - 1) / factor
        laws = (
            poisson.pmf(7, 2 * factor),
            nbinom.pmf(7, 2 * factor / (thin - 1), 1 / thin),
            nbinom.pmf(7, factor, 1 / 3),
            0.5 * poisson.pmf(7, 4 * factor),
        )
        total += sum(share * raised for share, raised in zip(scan.SHARES, laws, strict=True)) / len(scan.FACTORS)
    # Only a rise that began this period can be told in the first period of a series.
    assert found == pytest.approx(math.log(scan.WINDOWS[0] * total / quiet))


def test_the_scan_reads_a_missing_week_as_nothing_seen():
    counts = np.zeros((5, 200))
    counts[:, ::10] = 1
    gaps = np.insert(counts, np.arange(5, 185, 3), np.nan, axis=1)
    assert scan.posterior(counts=gaps).events[0, -9] <= scan.posterior(counts=counts).events[0, -1]
    assert scan.scan(counts=gaps).baseline.mean[0, -1] == pytest.approx(0.1, abs=0.02)
    gaps[0, -1] = np.nan
    assert np.isnan(scan.scan(counts=gaps).log_ratio[0, -1])


def test_the_matched_window_is_the_mean_likelihood_ratio():
    baseline = harmonic.Baseline(mean=np.full((1, 1), 2.0), dispersion=np.full((1, 1), 3.0), variance=np.zeros((1, 1)))
    found = matched.log_ratio(counts=np.array([[7.0]]), baseline=baseline)[0, 0]
    ratios = []
    for size in matched.SIZES:
        added = max(size * math.sqrt(6), 2) * 0.5
        for clumps, share in (((3 * 2 + added) / (2 + added), matched.SINGLY), (3.0, 1 - matched.SINGLY)):
            raised = nbinom.pmf(7, (2 + added) / (clumps - 1), 1 / clumps)
            ratios.append(share * raised / nbinom.pmf(7, 1.0, 1 / 3))
    # Only an outbreak that began this week can be told in the first week of a series.
    began = matched.BEGAN[0] / matched.BEGAN.sum()
    assert found == pytest.approx(math.log(began * sum(ratios) / len(matched.SIZES)))


def test_without_an_outbreak_the_mean_ratio_is_one():
    counts = np.random.default_rng(1).poisson(3, (4000, 8)).astype(float)
    law = harmonic.Baseline(
        mean=np.full(counts.shape, 3.0), dispersion=np.ones(counts.shape), variance=np.zeros(counts.shape)
    )
    for score in (matched.log_ratio(counts=counts, baseline=law), scan.log_ratio(counts=counts, baseline=law)):
        assert np.exp(score[:, -1]).mean() < 1.15


def test_a_calibrated_p_value_is_the_share_of_quiet_scores_as_high():
    rng = np.random.default_rng(2)
    quiet = rng.exponential(1.0, 200_000)
    stratum = np.zeros(200_000, dtype=np.int64)
    learnt = calibration.learn(score=quiet, stratum=stratum)
    found = calibration.p_values(
        score=np.array([math.log(100), math.log(10_000), np.nan]), stratum=np.zeros(3, dtype=int), calibration=learnt
    )
    assert found[:2] == pytest.approx([0.01, 0.0001], rel=0.15)
    assert np.isnan(found[2])


def test_a_stratum_that_was_never_learnt_has_villes_bound():
    found = calibration.p_values(score=np.array([math.log(50)]), stratum=np.array([99]), calibration={})
    assert found[0] == pytest.approx(0.02)


def test_cauchys_combination_of_one_p_value_is_that_p_value():
    p = np.array([0.001, 1e-17, np.nan])
    nothing = np.full(3, np.nan)
    assert combine.cauchy(p, nothing)[:2] == pytest.approx(p[:2])
    assert combine.cauchy(p, p)[:2] == pytest.approx(p[:2])
    assert np.isnan(combine.cauchy(p, nothing)[2])


@pytest.mark.parametrize("method", list(Method))
def test_no_method_speaks_of_one_point_or_of_nothing_counted(method):
    for counts in (np.array([[5.0]]), np.full((2, 300), np.nan)):
        series = Series(counts=counts, begins=np.zeros(len(counts), dtype=np.int64), frequency=52)
        found = detect(series=series, method=method, mode=Mode.CORRECTED, alpha=0.01)
        assert not found.said.any()
        assert not found.alarm.any()


@pytest.mark.parametrize("method", list(Method))
def test_a_million_in_one_week_is_an_alarm_and_no_fault(method):
    counts = np.random.default_rng(4).poisson(2, (3, 330)).astype(float)
    counts[0, -1] = 10**6
    series = Series(counts=counts, begins=np.zeros(3, dtype=np.int64), frequency=52)
    found = detect(series=series, method=method, mode=Mode.CORRECTED, alpha=0.01)
    assert found.alarm[0, -1]
    known = found.p_value[found.said]
    assert ((known > 0) & (known <= 1)).all()


@pytest.mark.parametrize("method", list(Method))
def test_series_do_not_change_when_their_order_does(method):
    counts = np.random.default_rng(5).poisson(1, (4, 320)).astype(float)

    def of(rows: np.ndarray) -> np.ndarray:
        series = Series(counts=rows, begins=np.zeros(4, dtype=np.int64), frequency=52)
        return detect(series=series, method=method, mode=Mode.CORRECTED, alpha=0.01).p_value

    assert np.allclose(of(counts)[::-1], of(counts[::-1].copy()), equal_nan=True, rtol=1e-12)


def test_an_installation_that_cannot_keep_machine_code_still_computes(monkeypatch):
    real = compiled.njit

    def without_a_folder(**options: object):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    def double(value):
        return 2 * value

    monkeypatch.setattr(compiled, "njit", without_a_folder)
    assert compiled.compiled(double)(21) == 42
