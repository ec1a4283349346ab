"""Numbers, dates and phrases, by hand."""

from datetime import UTC, date, datetime

import pytest

from briefs import wording
from domain.source import SourceClass


def test_numbers_below_ten_are_words_and_larger_ones_have_commas():
    assert [wording.cardinal(number) for number in (0, 1, 9, 10, 1234)] == ["no", "one", "nine", "10", "1,234"]
    assert wording.counted(1, "incident", "incidents") == "one incident"


def test_figures_round_to_one_decimal_below_ten_and_a_missing_one_is_no_zero():
    assert [wording.figure(value) for value in (0.0, 0.44, 2.0, 9.96, 10.4, 1234.5, None)] == [
        "0", "0.4", "2", "10", "10", "1,234", "no value",
    ]  # fmt: skip


def test_spans_say_once_what_both_ends_share():
    assert wording.span(date(2024, 1, 22), date(2024, 1, 28)) == "22–28 January 2024"
    assert wording.span(date(2024, 1, 29), date(2024, 2, 4)) == "29 January – 4 February 2024"
    assert wording.span(date(2024, 12, 30), date(2025, 1, 5)) == "30 December 2024 – 5 January 2025"
    assert wording.span(date(2024, 1, 1), date(2024, 1, 1)) == "1 January 2024"


def test_geneva_is_one_hour_ahead_in_winter_and_two_in_summer():
    assert wording.moment(datetime(2024, 1, 29, tzinfo=UTC)) == "29 January 2024, 00:00 UTC (01:00 Geneva)"
    assert wording.moment(datetime(2026, 3, 30, tzinfo=UTC)) == "30 March 2026, 00:00 UTC (02:00 Geneva)"
    assert wording.moment(datetime(2026, 3, 30, 23, tzinfo=UTC)) == (
        "30 March 2026, 23:00 UTC (31 March 2026, 01:00 Geneva)"
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [("day", "1 January 2024"), ("week", "the week of 1 January 2024"), ("month", "January 2024"), ("year", "2024")],
)
def test_periods_keep_their_own_kind(kind, said):
    assert wording.period(date(2024, 1, 1), kind) == said


def test_an_unknown_period_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        wording.period(date(2024, 1, 1), "fortnight")


def test_direction_signs_and_control_signs_are_taken_out_and_words_kept():
    assert wording.plain("a\u202eb\x00c\nd") == "ab c d"


def test_long_text_is_cut_with_an_ellipsis():
    assert wording.plain("x" * 100_000, longest=10) == "x" * 9 + "…"
    assert wording.plain("x" * 10, longest=10) == "x" * 10


def test_last_looks_are_days_and_an_empty_one_is_never():
    assert wording.looked("2024-01-29") == "29 January 2024"
    assert wording.looked("2024-01-29T10:00:00+00:00") == "29 January 2024"
    assert wording.looked("") == "never"


def test_every_class_of_source_has_its_words():
    assert set(wording.CLASS_WORDS) == set(SourceClass)


def test_lists_end_with_and():
    assert [wording.listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
