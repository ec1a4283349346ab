"""The ledger's arithmetic and the figures for scores; every expected number is worked out by hand."""

from datetime import date

import numpy as np
import pytest

from scoring.evaluate import (
    Event,
    Outcome,
    Warned,
    Watched,
    alert,
    auroc,
    auroc_within,
    average_precision,
    bootstrap,
    score_warnings,
    tally,
    warn_of_last,
    warn_of_most_frequent,
)

WATCHED = [Watched(state=state, first=date(2020, 1, 1), last=date(2020, 12, 31)) for state in ("RUR", "SYL")]


def warned(day: date, *, state: str = "RUR", days: int = 30) -> Warned:
    return Warned(state=state, made_on=day, horizon_days=days)


def judged(*warnings: Warned, events: list[Event], as_of: date = date(2020, 12, 31)) -> list[Outcome]:
    return [one.outcome for one in score_warnings(warnings=warnings, events=events, watched=WATCHED, as_of=as_of)]


def test_an_event_on_the_last_day_of_the_horizon_is_a_hit_and_one_day_later_is_not():
    made = warned(date(2020, 3, 1))
    assert judged(made, events=[Event(state="RUR", began_on=date(2020, 3, 31))]) == [Outcome.HIT]
    # 1 April is day 31: the warning was wrong, and the event was not warned of.
    assert judged(made, events=[Event(state="RUR", began_on=date(2020, 4, 1))]) == [Outcome.FALSE_ALARM, Outcome.MISS]


def test_a_warning_made_on_the_day_of_the_event_is_no_warning():
    assert judged(warned(date(2020, 3, 1)), events=[Event(state="RUR", began_on=date(2020, 3, 1))]) == [
        Outcome.FALSE_ALARM
    ]


def test_a_horizon_that_is_not_over_cannot_be_known():
    assert judged(warned(date(2020, 3, 1)), events=[], as_of=date(2020, 3, 30)) == [Outcome.CANNOT_BE_KNOWN]
    assert judged(warned(date(2020, 3, 1)), events=[], as_of=date(2020, 3, 31)) == [Outcome.FALSE_ALARM]


def test_silence_where_nobody_listened_is_no_false_alarm():
    assert judged(warned(date(2020, 3, 1), state="ELB"), events=[]) == [Outcome.CANNOT_BE_KNOWN]
    assert judged(warned(date(2020, 12, 15)), events=[], as_of=date(2021, 6, 1)) == [Outcome.CANNOT_BE_KNOWN]


def test_a_hit_stands_before_its_horizon_is_over():
    made = warned(date(2020, 3, 1), days=180)
    assert judged(made, events=[Event(state="RUR", began_on=date(2020, 3, 8))], as_of=date(2020, 4, 1)) == [Outcome.HIT]


def test_an_event_after_the_day_of_scoring_is_not_known_yet():
    made = warned(date(2020, 3, 1))
    later = Event(state="RUR", began_on=date(2020, 3, 20))
    assert judged(made, events=[later], as_of=date(2020, 3, 10)) == [Outcome.CANNOT_BE_KNOWN]


def test_an_event_before_a_whole_horizon_of_ledger_is_no_miss():
    made = warned(date(2020, 3, 1))
    early, late = Event(state="SYL", began_on=date(2020, 3, 15)), Event(state="SYL", began_on=date(2020, 4, 15))
    assert judged(made, events=[early, late]) == [Outcome.FALSE_ALARM, Outcome.MISS]


def test_two_warnings_of_one_event_are_two_hits_and_one_event_with_the_longer_lead():
    events = [
        Event(state="RUR", began_on=date(2020, 3, 31), name="clashes"),
        Event(state="SYL", began_on=date(2020, 5, 1), name="riot"),
    ]
    verdicts = score_warnings(
        warnings=[warned(date(2020, 3, 1)), warned(date(2020, 3, 21)), warned(date(2020, 7, 1))],
        events=events,
        watched=WATCHED,
        as_of=date(2020, 12, 31),
    )
    found = tally(verdicts, horizon_days=30)
    assert (found.hits, found.false_alarms, found.misses, found.events_found) == (2, 1, 1, 1)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.median_lead_days == 30
    assert [one.name for one in verdicts if one.outcome is Outcome.MISS] == ["riot"]


def test_nothing_to_divide_by_is_none_and_not_zero():
    empty = tally((), horizon_days=30)
    assert (empty.precision, empty.recall, empty.median_lead_days) == (None, None, None)


def test_the_naive_base_line_repeats_what_the_past_horizon_held():
    events = [Event(state="RUR", began_on=date(2020, 1, 2)), Event(state="SYL", began_on=date(2019, 11, 1))]
    assert warn_of_last(days=[date(2020, 1, 31)], events=events, horizon_days=30) == (warned(date(2020, 1, 31)),)
    assert warn_of_last(days=[date(2020, 2, 1)], events=events, horizon_days=30) == ()


def test_a_tie_among_the_most_frequent_is_named_whole():
    events = [Event(state=state, began_on=date(2020, 1, 2)) for state in ("RUR", "RUR", "SYL", "ELB")]
    chosen = warn_of_most_frequent(days=[date(2020, 2, 1)], events=events, horizon_days=30, each_day=2)
    assert [one.state for one in chosen] == ["ELB", "RUR", "SYL"]


def test_auroc_counts_pairs_and_ties_by_half():
    # Pairs: (3 against 1) won, (3 against 2) won, (2 against 1) won, (2 against 2) tied: 3.5 of 4.
    assert auroc(score=np.array([3.0, 2, 1, 2]), truth=np.array([True, True, False, False])) == 3.5 / 4
    assert auroc(score=np.array([1.0, 2]), truth=np.array([True, True])) is None


def test_knowing_the_violent_state_earns_nothing_within_states():
    score = np.array([9.0, 9, 9, 9, 1, 1, 1, 1])
    truth = np.array([True, True, True, False, True, False, False, False])
    state = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    # Pooled: 3 of 4 positives are in the violent State: 9 wins, 3 + 3 ties and 1 loss of 16.
    assert auroc(score=score, truth=truth) == (9 + 6 / 2) / 16
    assert auroc_within(score=score, truth=truth, group=state) == 0.5
    assert auroc_within(score=score, truth=np.zeros(8, dtype=bool), group=state) is None


def test_average_precision_takes_the_end_of_a_tie():
    # First positive at rank 1 (1/1); the other tied over ranks 2 and 3 (2/3).
    score, truth = np.array([3.0, 2, 2, 1]), np.array([True, True, False, False])
    assert average_precision(score=score, truth=truth) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(score=score, truth=np.zeros(4, dtype=bool)) is None


def test_those_tied_at_the_limit_share_the_places_left():
    found = alert(
        score=np.array([[5.0, 1, 1, 9]]),
        truth=np.array([[False, True, False, True]]),
        eligible=np.array([[True, True, True, False]]),
        each_period=2,
    )
    assert found.share.tolist() == [[1.0, 0.5, 0.5, 0.0]]
    assert (found.recall, found.precision) == (0.5, 0.25)  # the fourth is not eligible and is no miss


def test_a_state_without_a_score_is_warned_of_last():
    found = alert(
        score=np.array([[np.nan, -3.0, np.nan]]),
        truth=np.array([[False, True, False]]),
        eligible=np.ones((1, 3), dtype=bool),
        each_period=2,
    )
    assert found.share.tolist() == [[0.5, 1.0, 0.5]]


def test_the_bootstrap_draws_whole_units_and_repeats_itself():
    values = np.array([0.0, 10.0])

    def mean(units: np.ndarray) -> float:
        return float(values[units].mean())

    found = bootstrap(figure=mean, units=2, resamples=200, seed=3)
    # Means can only be 0, 5 or 10, each end with chance 1/4: the 5th and 95th percentile are the ends.
    assert (found.value, found.low, found.high) == (5.0, 0.0, 10.0)
    assert found == bootstrap(figure=mean, units=2, resamples=200, seed=3)


def test_a_figure_that_cannot_be_had_has_no_bounds():
    found = bootstrap(figure=lambda _: None, units=3, resamples=10, seed=1)
    assert (found.value, found.low, found.high) == (None, None, None)
