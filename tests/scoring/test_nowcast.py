"""Late reports: the triangle, what is still to come, and the scores of an interval; expected numbers by hand."""

from datetime import date

import numpy as np
import pytest

from scoring import nowcast as nowcasting
from scoring.nowcast import (
    Changes,
    Nowcast,
    Vintage,
    covered,
    interval_score,
    leave_broken,
    nowcast,
    place_among,
    revise,
    share_above,
    triangle,
)


def whole(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def counts(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def vintage(day: str, last: str, *deaths: float) -> Vintage:
    months = np.datetime64(last, "M") - np.arange(len(deaths))[::-1]
    return Vintage(public_on=date.fromisoformat(day), states=("RUR",), months=months, deaths=counts(*deaths)[:, None])


def changes(
    early: list[float],
    settled: list[float],
    *,
    series: list[int] | None = None,
    level: list[float] | None = None,
    releases: int = 1,
) -> Changes:
    number = len(early)
    return Changes(
        early=counts(*early),
        settled=counts(*settled),
        age=np.zeros(number),
        series=whole(*(series or [0] * number)),
        level=counts(*(level or [np.nan] * number)),
        release=np.arange(number, dtype=np.int64) % releases,
    )


def test_the_triangle_holds_what_is_over_and_nothing_else():
    # Period 0: one report at once, one a period later; period 2 (the newest): one at once.
    found = triangle(series=whole(0, 0, 0), occurred=whole(0, 0, 2), reported=whole(0, 1, 2), shape=(1, 3), longest=1)
    np.testing.assert_array_equal(found, [[[1, 1], [0, 0], [1, np.nan]]])


def test_a_report_after_the_newest_period_is_not_known_yet():
    found = triangle(series=whole(0), occurred=whole(1), reported=whole(2), shape=(1, 2), longest=1)
    assert np.nansum(found) == 0


def test_a_report_before_its_event_is_refused():
    with pytest.raises(ValueError, match="before its event"):
        triangle(series=whole(0), occurred=whole(1), reported=whole(0), shape=(1, 2), longest=1)


def test_half_of_reports_come_late_so_the_newest_period_is_half_complete():
    held = np.full((1, 200, 2), 50.0)
    held[0, -1, 1] = np.nan
    found = nowcast(counts=held, draws=4_000, seed=1)
    assert found.complete[0, -1] == pytest.approx(0.5, abs=0.01)
    # 50 are here and as many are still to come; older periods are whole.
    assert found.draws[:, 0, -1].mean() == pytest.approx(100, rel=0.03)
    assert (found.draws[:, 0, :-1] == 100).all()


def test_the_intervals_of_made_reports_hold_what_they_promise():
    rng = np.random.default_rng(8)
    shares, rows, periods = np.array([0.4, 0.3, 0.2, 0.1]), 60, 40
    rate = rng.gamma(4.0, 5.0, (rows, 1))
    truth = rng.poisson(np.broadcast_to(rate, (rows, periods)))
    held = rng.multinomial(truth, shares).astype(np.float64)
    for age in range(3):
        held[:, periods - 1 - age, age + 1 :] = np.nan
    found = nowcast(counts=held, draws=2_000, seed=3)
    newest = found.draws[:, :, -3:].reshape(2_000, -1)
    settled = truth[:, -3:].reshape(-1).astype(np.float64)
    place = place_among(draws=newest, truth=settled, seed=2)
    # 180 values: a share of one half has a standard deviation of 3.7 points, one of nine tenths 2.2.
    assert np.mean(np.abs(place - 0.5) <= 0.25) == pytest.approx(0.5, abs=0.12)
    assert np.mean(np.abs(place - 0.5) <= 0.45) == pytest.approx(0.9, abs=0.07)


def test_a_short_series_leans_on_the_delays_of_all():
    held = np.zeros((2, 60, 2))
    held[0] = [20, 80]  # the long one: four of five come late
    held[1, 30] = [1, 0]  # the short one: its only report came at once
    held[:, -1, 1] = np.nan
    found = nowcast(counts=held, draws=200, seed=1)
    # Pool: (80·59 + .5) / (100·59 + 1 + 1) = .7998. Own: 20 reports' worth of it and one that came at once:
    # late 20·.7998 = 15.995 of 21, so 1 - .7617 = .238 is here.
    assert found.complete[1, -1] == pytest.approx(0.238, abs=0.002)


def test_a_table_that_ends_earlier_or_lost_a_third_is_left_out():
    good = vintage("2024-03-20", "2024-02", 90, 90)
    slip = vintage("2024-04-20", "2024-01", 90)
    lost = vintage("2024-04-21", "2024-03", 90, 20, 50)
    late = vintage("2024-04-22", "2024-03", 80, 90, 50)
    assert leave_broken([late, lost, good, slip]) == [good, late]


def cast(known: Changes, value: float, *, series: int = 0, level: float = np.nan, draws: int = 50) -> Nowcast:
    return revise(
        early=counts(value),
        age=counts(0),
        series=whole(series),
        level=counts(level),
        known=known,
        draws=draws,
        seed=1,
    )


def test_a_value_doubles_as_its_like_did_and_a_first_release_counts_half():
    once = cast(changes([9.5] * 10, [19.5] * 10), 9.5)  # (19.5 + .5) / (9.5 + .5) = 2
    # Of the common ln 2 one half is kept after one release: 10 · √2 - .5 = 13.6, to the nearest whole.
    assert set(once.draws[:, 0]) == {14.0}
    # After nine releases nine tenths: 10 · 2^.9 - .5 = 18.2.
    found = cast(changes([9.5] * 10, [19.5] * 10, releases=9), 9.5)
    assert set(found.draws[:, 0]) == {18.0}
    assert found.complete[0] == pytest.approx(9.5 / 18)


def test_the_own_series_weighs_more_than_others():
    known = changes([10.0] * 40, [10.0] * 20 + [40.0] * 20, series=[0] * 20 + [1] * 20)
    own, other = cast(known, 10, series=1, draws=4_000), cast(known, 10, series=0, draws=4_000)
    assert np.median(own.draws) > 1.5 * np.median(other.draws)


def test_a_value_far_below_its_level_is_pulled_as_its_series_was():
    # Values of one size: those at a quarter of their level doubled, those at their level stayed.
    early = [float(value) for value in range(41, 61)] * 2
    settled = [2 * value for value in early[:20]] + early[:20]
    level = [4 * value for value in early[:20]] + early[:20]
    known = changes(early, settled, level=level, releases=20)
    below, beside = cast(known, 50, level=200.0, draws=2_000), cast(known, 50, level=50.0, draws=2_000)
    assert np.median(below.draws) > 1.2 * np.median(beside.draws)
    # No level is no reason to pull.
    assert (cast(known, 50, draws=2_000).draws == beside.draws).all()


def test_one_release_leaves_more_doubt_than_many():
    rng = np.random.default_rng(1)
    early = rng.integers(40, 60, 200).astype(float)
    settled = np.round(early * rng.choice([0.8, 1.0, 1.25], 200))
    spreads = []
    for releases in (1, 20):
        known = changes(early.tolist(), settled.tolist(), series=list(range(200)), releases=releases)
        draws = cast(known, 50, series=999, draws=2_000).draws[:, 0]
        low, high = np.log(np.quantile(draws, [0.05, 0.95]))
        spreads.append(high - low)
    # √(1 + 1/1) over √(1 + 1/20) is 1.38; doubt about an unknown series' own move blurs it a little.
    assert spreads[0] / spreads[1] == pytest.approx(1.38, abs=0.08)


def test_a_change_that_five_tables_showed_is_one_change():
    once = changes([40.0, 40.0], [40.0, 80.0], series=[1, 2])
    five = changes([40.0] * 6, [40.0] + [80.0] * 5, series=[1] + [2] * 5)
    facts = [nowcasting._gather(known, known.early > 0).weight for known in (once, five)]
    assert facts[0].tolist() == [1, 1]
    assert facts[1].tolist() == pytest.approx([1, 0.2, 0.2, 0.2, 0.2, 0.2])


def test_a_zero_takes_what_zeros_became_and_no_known_change_leaves_the_value():
    known = changes([0.0, 0.0, 50.0], [0.0, 3.0, 90.0])
    assert set(cast(known, 0, draws=200).draws[:, 0]) == {0.0, 3.0}
    alone = cast(changes([], []), 7, draws=3)
    assert alone.draws[:, 0].tolist() == [7, 7, 7]
    assert np.isnan(alone.complete[0])
    # Zeros alone are known: nothing is known of a seven.
    zeros = cast(changes([0.0], [2.0]), 7, draws=3)
    assert zeros.draws[:, 0].tolist() == [7, 7, 7]


def test_a_detector_alarms_on_the_share_of_draws_above_its_bound():
    draws = np.array([[1.0, 5.0], [3.0, 5.0], [4.0, 5.0], [9.0, 5.0]])
    assert share_above(draws=draws, bound=counts(3, np.nan))[0] == 0.5
    assert np.isnan(share_above(draws=draws, bound=counts(3, np.nan))[1])


def test_the_interval_score_of_a_single_number_is_its_absolute_error():
    score = interval_score(draws=np.full((10, 2), 7.0), truth=counts(7, 12))
    assert score.tolist() == pytest.approx([0, 5])


def test_the_interval_score_of_known_quantiles():
    # Quantiles of 0 … 100: 5, 25, 50, 75, 95; truth 85.
    # Middle: 35 / 2 = 17.5. 50 %: .25 · (50 + 4 · 10) = 22.5. 90 %: .05 · 90 = 4.5. Sum 44.5 / 2.5 = 17.8.
    draws = np.arange(101, dtype=np.float64)[:, None]
    assert interval_score(draws=draws, truth=counts(85))[0] == pytest.approx(17.8)


def test_whole_numbers_hold_more_than_promised_and_the_place_shows_it():
    draws = np.zeros((100, 1_000))
    truth = np.zeros(1_000)
    assert covered(draws=draws, truth=truth, share=0.5).all()
    place = place_among(draws=draws, truth=truth, seed=4)
    assert np.mean(np.abs(place - 0.5) <= 0.25) == pytest.approx(0.5, abs=0.05)
