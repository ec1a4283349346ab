"""What an onset is and what is said of a State's own past; every expected number is worked out by hand."""

import numpy as np
import pytest

from scoring.onsets import (
    Definition,
    Features,
    Kind,
    Panel,
    Series,
    Truth,
    apply,
    choose_penalty,
    describe,
    describe_simply,
    find_episodes,
    find_onsets,
    fit,
    foresee,
    parts,
    roll,
)

NAN = float("nan")


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, None]


def panel_of(deaths: np.ndarray, *others: Series) -> Panel:
    return Panel(
        states=tuple(f"S{at}" for at in range(deaths.shape[1])),
        months=np.datetime64("2000-01", "M") + np.arange(len(deaths)),
        deaths=deaths,
        others=others,
    )


def made(rows: int = 150, states: int = 8, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    deaths = rng.poisson(1.0, (rows, states)).astype(np.float64)
    deaths[40, 0] = deaths[70, 1] = deaths[100, 2] = deaths[130, 3] = 400.0
    return deaths


def test_an_onset_needs_size_and_a_rise_against_the_past_year():
    # Past mean 6 a month, next mean 25 (25, 30, 20): large enough, but 25 < 5 × 6.
    steady = find_onsets(deaths=column(*[6.0] * 12, 25, 30, 20), definition=Definition())
    assert steady.eligible[11, 0]
    assert not steady.onset[11, 0]
    # Past mean 5: 25 ≥ 5 × 5 is an onset.
    assert find_onsets(deaths=column(*[5.0] * 12, 25, 30, 20), definition=Definition()).onset[11, 0]


def test_a_state_in_the_midst_of_violence_cannot_begin_it():
    found = find_onsets(deaths=column(*[25.0] * 12, 900, 900, 900), definition=Definition())
    assert not found.eligible[11, 0]
    assert not found.onset[11, 0]


def test_months_that_are_not_over_and_months_unseen_are_neither():
    found = find_onsets(deaths=column(*[0.0] * 12, 100, NAN, 100, 100, 100), definition=Definition(months=2))
    assert found.eligible[:, 0].tolist() == [False] * 17  # each window ahead, or the past year, holds the unseen month
    whole = find_onsets(deaths=column(*[0.0] * 12, 100, 100), definition=Definition(months=2))
    assert whole.onset[:, 0].tolist() == [False] * 11 + [True, False, False]


def test_the_year_after_a_dated_event_is_not_eligible():
    begun = np.zeros((30, 1), dtype=bool)
    begun[10] = True
    found = foresee(begun=begun, watched=np.ones((30, 1), dtype=bool), definition=Definition(months=2))
    assert np.flatnonzero(found.onset[:, 0]).tolist() == [8, 9]
    assert np.flatnonzero(~found.eligible[:, 0]).tolist() == [*range(10, 22), 28, 29]


def test_onset_months_within_the_horizon_are_one_episode_and_its_outbreak_is_named():
    onset = np.zeros((20, 1), dtype=bool)
    onset[[3, 4, 12]] = True
    begun = np.zeros((20, 1), dtype=bool)
    begun[[6, 13]] = True
    episodes = find_episodes(truth=Truth(onset=onset, eligible=onset), begun=begun, definition=Definition(months=3))
    assert [(one.first, one.last, one.broke_out) for one in episodes] == [(3, 4, 6), (12, 12, 13)]


def test_nothing_later_than_a_month_moves_its_features():
    deaths, changed = made(), made()
    changed[101:] = 7_000.0
    shutdowns = Series(name="shutdowns", kind=Kind.COUNT, values=made(seed=9))
    later = Series(name="shutdowns", kind=Kind.COUNT, values=np.vstack([made(seed=9)[:101], changed[101:]]))
    one, two = describe(panel_of(deaths, shutdowns)), describe(panel_of(changed, later))
    np.testing.assert_array_equal(one.values[:101], two.values[:101])
    cut = describe(panel_of(deaths, shutdowns).until(100))
    np.testing.assert_array_equal(one.values[100], cut.values[100])


def test_a_state_is_described_by_its_own_past_alone():
    deaths = made()
    order = np.random.default_rng(1).permutation(deaths.shape[1])
    one, two = describe(panel_of(deaths)), describe(panel_of(deaths[:, order]))
    # Surprises share a prior: sums of eight States in another order differ by rounding, and by nothing else.
    np.testing.assert_allclose(one.values[:, order], two.values, rtol=1e-9, atol=1e-9)


def test_the_simple_numbers_are_means_of_the_newest_months():
    found = describe_simply(column(0, 0, 0, 0, 3, 6))
    last = dict(zip(found.names, found.values[-1, 0], strict=True))
    assert last["last month"] == pytest.approx(np.log(7))
    assert last["mean of 3"] == pytest.approx(np.log(4))  # (0 + 3 + 6) / 3 = 3
    assert last["mean of 12"] == pytest.approx(np.log(2.5))  # 9 / 6 months so far = 1.5
    assert last["3 against 12"] == pytest.approx(np.log(4 / 2.5))


def test_unseen_months_are_left_out_of_means_and_a_silent_series_says_nothing():
    found = describe_simply(column(NAN, 4, NAN, 2))
    assert found.values[-1, 0, 1] == pytest.approx(np.log(4))  # (4 + 2) / 2
    assert np.isnan(found.values[0, 0, 1])
    unseen = Series(name="unheard", kind=Kind.COUNT, values=np.full((150, 8), NAN))
    described = describe(panel_of(made(), unseen))
    where = [at for at, name in enumerate(described.names) if name.startswith("unheard")]
    assert np.isnan(described.values[:, :, where]).all()


def test_a_standing_is_its_value_and_its_change_in_three_years():
    rising = np.arange(40, dtype=np.float64)[:, None] / 10
    found = describe(panel_of(np.zeros((40, 1)), Series(name="terror", kind=Kind.STANDING, values=rising)))
    last = dict(zip(found.names, found.values[-1, 0], strict=True))
    assert last["terror"] == pytest.approx(3.9)
    assert last["terror, change in 3 years"] == pytest.approx(3.6)


def known(values: list[float], onset: list[bool]) -> tuple[Features, Truth]:
    truth = np.array(onset)[:, None]
    return (
        Features(names=("x",), values=np.array(values)[:, None, None]),
        Truth(onset=truth, eligible=np.ones_like(truth)),
    )


def test_without_a_penalty_the_logit_reaches_the_odds_of_two_groups():
    # At 0 one of four is an onset (odds 1/3), at 1 three of four (odds 3): the difference of log odds is ln 9.
    features, truth = known([0, 0, 0, 0, 1, 1, 1, 1], [True, False, False, False, True, True, True, False])
    model = fit(features=features, truth=truth, rows=range(8), penalty=1e-9)
    score = apply(model, features.values[:, 0])
    assert score[0] == pytest.approx(np.log(1 / 3), abs=1e-3)
    assert score[-1] == pytest.approx(np.log(3), abs=1e-3)


def test_a_score_is_the_sum_of_its_parts_and_the_unseen_adds_none():
    features, truth = known([0, 0, 0, 0, 1, 1, 1, 1], [True, False, False, False, True, True, True, False])
    model = fit(features=features, truth=truth, rows=range(8), penalty=1.0)
    assert apply(model, np.array([1.0])) == pytest.approx(model.intercept + parts(model, np.array([1.0]))[0])
    assert apply(model, np.array([NAN])) == pytest.approx(model.intercept)


def test_a_series_seen_in_few_months_is_held_back():
    values = [0.0, 0, 1, 1] * 25
    onset = [False, False, True, False] * 25
    whole, truth = known(values, onset)
    short, _ = known([NAN] * 80 + values[80:], onset)
    rows = range(100)
    reach = [
        float(np.ptp(apply(fit(features=one, truth=truth, rows=rows, penalty=5.0), np.array([[0.0], [1.0]]))))
        for one in (whole, short)
    ]
    assert reach[1] < reach[0] / 5


def test_what_never_varies_has_no_part():
    features, truth = known([3.0] * 8, [True, False] * 4)
    model = fit(features=features, truth=truth, rows=range(8), penalty=1.0)
    assert parts(model, np.array([99.0])).tolist() == [0.0]


def test_neither_scores_nor_the_penalty_look_past_the_month_they_stand_at():
    deaths, changed = made(), made()
    changed[121:] = 0.0
    said = []
    for one in (deaths, changed):
        features, truth = describe(panel_of(one)), find_onsets(deaths=one, definition=Definition(months=1))
        penalty = choose_penalty(features=features, truth=truth, before=110, months=1, years=2)
        said.append((penalty, roll(features=features, truth=truth, first=110, months=1, penalty=penalty)[110:121]))
    assert said[0][0] == said[1][0]
    np.testing.assert_allclose(said[0][1], said[1][1], rtol=1e-9)


def test_a_month_that_was_published_otherwise_is_scored_as_it_was_published():
    deaths = made()
    features, truth = describe(panel_of(deaths)), find_onsets(deaths=deaths, definition=Definition(months=1))
    otherwise = features.values[120] + 1.0
    final = roll(features=features, truth=truth, first=110, months=1, penalty=30.0)
    stood = roll(features=features, truth=truth, first=110, months=1, penalty=30.0, as_published={120: otherwise})
    assert (final[120] != stood[120]).all()
    np.testing.assert_array_equal(np.delete(final, 120, axis=0), np.delete(stood, 120, axis=0))
