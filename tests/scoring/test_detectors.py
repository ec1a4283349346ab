"""Detectors against numbers computed by hand, and C2 against the bounds that R's package gives on real series."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from scoring.detectors import ears, first_event
from scoring.fdr import alarms


def test_c2_compares_with_seven_periods_and_leaves_two_out():
    counts = np.array([[1.0, 2, 3, 4, 5, 6, 7, 99, 99, 10]])
    found = ears.baseline(counts=counts, length=7, lag=2)
    assert found.mean[0, 9] == 4.0
    assert found.deviation[0, 9] == pytest.approx(2.160246899469287)  # sqrt(28 / 6)
    assert np.isnan(found.mean[0, :9]).all()
    # z = (10 - 4) / 2.1602 = 2.7775; its upper tail is 0.00274
    assert ears.p_values(counts=counts, against=found)[0, 9] == pytest.approx(0.002739, abs=1e-6)


def test_a_missing_period_in_the_base_line_is_not_zero():
    counts = np.array([[1.0, 2, np.nan, 4, 5, 6, 7, 1, 1, 10]])
    assert np.isnan(ears.baseline(counts=counts, length=7, lag=2).mean[0, 9])


def test_c2_says_nothing_of_a_base_line_that_does_not_vary():
    counts = np.array([[0.0] * 9 + [1.0]])
    against = ears.baseline(counts=counts, length=7, lag=2)
    assert np.isnan(ears.p_values(counts=counts, against=against)[0, 9])


def test_a_series_shorter_than_its_base_line_is_not_tested():
    assert np.isnan(ears.baseline(counts=np.ones((2, 9)), length=7, lag=2).mean).all()


def test_first_event_follows_its_formula():
    # 1 - (1 - 8 / (104 + 8 + 8)) ** 0.5 = 1 - sqrt(112 / 120)
    prior = first_event.Prior(shape=0.5, rate=8.0)
    assert first_event.first_event(none_in=104, window=8, prior=prior) == pytest.approx(0.0339082)


def test_one_event_after_none_is_the_first_event_of_a_window_of_one():
    prior = first_event.Prior(shape=0.7, rate=3.0)
    one = first_event.tail(count=np.array([1.0]), total=np.array([0.0]), periods=np.array([50.0]), prior=prior)
    assert one[0] == pytest.approx(first_event.first_event(none_in=50, window=1, prior=prior))


def test_the_tail_of_two_events_is_that_of_the_negative_binomial():
    # shape 1 + 0 events, chance (9 + 1) / (9 + 1 + 1): P(X >= 2) = (1 / 11) ** 2
    prior = first_event.Prior(shape=1.0, rate=1.0)
    two = first_event.tail(count=np.array([2.0]), total=np.array([0.0]), periods=np.array([9.0]), prior=prior)
    assert two[0] == pytest.approx(1 / 121)


def test_a_missing_count_has_no_tail():
    prior = first_event.Prior(shape=1.0, rate=1.0)
    found = first_event.tail(
        count=np.array([np.nan, 3.0]), total=np.array([0.0, 0.0]), periods=np.array([9.0, 0.0]), prior=prior
    )
    assert np.isnan(found).all()


def test_the_prior_is_never_surer_of_silence_than_ignorance_is():
    totals = np.zeros(200)
    totals[0] = 500.0
    prior = first_event.pool(totals=totals, periods=np.full(200, 100.0))
    assert prior.shape == 0.5
    assert prior.shape / prior.rate == pytest.approx(500 / 200 / 100)


def test_states_with_one_and_the_same_rate_pool_to_a_sure_prior():
    prior = first_event.pool(totals=np.full(50, 100.0), periods=np.full(50, 100.0))
    assert prior.shape == 20.0
    assert prior.rate == 20.0


def test_a_trigger_without_any_event_expects_one_in_twice_the_time_seen():
    prior = first_event.pool(totals=np.zeros(5), periods=np.full(5, 60.0))
    assert prior.shape / prior.rate == pytest.approx(1 / 120)


def test_benjamini_and_hochberg_reject_up_to_the_last_step_that_holds():
    # steps at q = 0.1 of five: .02 .04 .06 .08 .10; the fourth holds, so the third one does too
    p = np.array([0.065, 0.01, 0.9, 0.039, 0.075])
    found, threshold = alarms(p_values=p, rate=0.1)
    assert found.tolist() == [True, True, False, True, True]
    assert threshold == pytest.approx(0.08)


def test_a_question_that_could_not_be_asked_is_no_alarm_and_is_not_counted():
    found, threshold = alarms(p_values=np.array([np.nan, 0.04, np.nan]), rate=0.1)
    assert found.tolist() == [False, True, False]
    assert threshold == pytest.approx(0.1)


def test_without_an_alarm_the_threshold_is_the_one_a_single_alarm_needed():
    found, threshold = alarms(p_values=np.array([0.5, 0.5, 0.5, 0.5]), rate=0.1)
    assert not found.any()
    assert threshold == pytest.approx(0.025)
    assert alarms(p_values=np.array([np.nan]), rate=0.1)[1] == 0.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=12, max_size=40))
def test_no_count_however_large_gives_a_p_value_outside_zero_and_one(numbers):
    counts = np.array([numbers], dtype=float)
    against = ears.baseline(counts=counts, length=7, lag=2)
    for found in (
        ears.p_values(counts=counts, against=against),
        first_event.tail(
            count=counts,
            total=counts,
            periods=np.full(counts.shape, 50.0),
            prior=first_event.Prior(shape=0.5, rate=1.0),
        ),
    ):
        known = found[~np.isnan(found)]
        assert ((known >= 0) & (known <= 1)).all()


@pytest.fixture(scope="module")
def surveillance(root: Path) -> Path:
    folder = root.parent / "shared" / "reference" / "surveillance"
    if not folder.is_dir():
        pytest.skip("../shared/reference is not here: R's outputs are not part of the repository")
    return folder


@pytest.mark.recorded
@pytest.mark.parametrize("config", ["earsC2_bl7_a0.001_ms0", "earsC2_bl7_a0.01_ms0", "earsC2_bl28_a0.01_ms0"])
def test_c2_has_the_bounds_of_r_on_every_reference_series(surveillance, config):
    parameters = json.loads((surveillance / "configs.json").read_text("utf-8"))["configs"][config]
    with gzip.open(surveillance / "series.csv.gz", "rt", encoding="utf-8") as lines:
        series: dict[str, dict[int, float]] = {}
        for row in csv.DictReader(lines):
            series.setdefault(row["series"], {})[int(row["t"])] = float(row["observed"] or "nan")
    z = norm.isf(parameters["alpha"])
    compared = 0
    with gzip.open(surveillance / "ears.csv.gz", "rt", encoding="utf-8") as lines:
        wanted: dict[str, list[tuple[int, float]]] = {}
        for row in csv.DictReader(lines):
            if row["config"] == config and row["upperbound"] not in {"", "NA"}:
                wanted.setdefault(row["series"], []).append((int(row["t"]), float(row["upperbound"])))
    for name, bounds in wanted.items():
        known = series[name]
        counts = np.array([[known.get(t, np.nan) for t in range(1, max(known) + 1)]])
        found = ears.baseline(counts=counts, length=parameters["baseline"], lag=2)
        upper = (found.mean + z * found.deviation)[0]
        for t, bound in bounds:
            assert upper[t - 1] == pytest.approx(max(bound, 0), rel=1e-8, abs=1e-8), (name, t)
            compared += 1
    assert compared > 10_000
