"""ISO weeks in UTC, half-open; years of 53 weeks and weeks with a clock change are weeks like others."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.window import Week, period_end, window

DAYS = st.dates(date(1970, 1, 5), date(2199, 12, 20))
GENEVA = ZoneInfo("Europe/Zurich")


def test_a_week_runs_from_monday_to_sunday_and_ends_on_the_next_monday():
    week = Week.parse("2024-W04")
    assert (week.first_day, week.last_day) == (date(2024, 1, 22), date(2024, 1, 28))
    assert week.end == datetime(2024, 1, 29, tzinfo=UTC)
    assert str(week) == "2024-W04"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2020, 12, 31), "2020-W53"),
        (date(2021, 1, 3), "2020-W53"),
        (date(2021, 1, 4), "2021-W01"),
        (date(2024, 12, 29), "2024-W52"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
    ],
)
def test_days_around_the_year_end_belong_to_their_iso_week(day, week):
    assert str(Week.of(day)) == week


def test_a_year_of_53_weeks_is_counted_as_such():
    assert str(Week.parse("2021-W01").back(1)) == "2020-W53"
    assert str(Week.parse("2021-W02").back(3)) == "2020-W52"
    assert str(Week.parse("2025-W01").back(1)) == "2024-W52"
    assert Week.parse("2020-W53").last_day == date(2021, 1, 3)


@pytest.mark.parametrize("text", ["2021-W53", "2024-W00", "2024-W54", "2024-4", "2024W04", "24-W04", "", "0000-W01"])
def test_what_is_no_week_is_told_in_words(text):
    with pytest.raises(UsageError, match="is not an ISO week") as told:
        Week.parse(text)
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    ("as_of", "week"),
    [
        (datetime(2024, 1, 29, tzinfo=UTC), "2024-W04"),
        (datetime(2024, 1, 28, 23, 59, 59, tzinfo=UTC), "2024-W03"),
        # Geneva moves its clocks on 31 March and 27 October 2024; Monday 00:00 UTC stays where it is.
        (datetime(2024, 4, 1, 1, 59, tzinfo=GENEVA), "2024-W12"),
        (datetime(2024, 4, 1, 2, 0, tzinfo=GENEVA), "2024-W13"),
        (datetime(2024, 10, 28, 0, 59, tzinfo=GENEVA), "2024-W42"),
        (datetime(2024, 10, 28, 1, 0, tzinfo=GENEVA), "2024-W43"),
        (datetime(2021, 1, 4, tzinfo=UTC), "2020-W53"),
    ],
)
def test_the_last_complete_week_is_read_in_utc(as_of, week):
    assert str(Week.last_complete(as_of)) == week


@pytest.mark.parametrize("week", ["2024-W13", "2024-W43", "2020-W53"])
def test_every_week_lasts_168_hours(week):
    one = Week.parse(week)
    assert one.end - one.back(1).end == timedelta(hours=168)


@given(DAYS)
def test_a_week_holds_the_day_it_is_the_week_of(day):
    week = Week.of(day)
    assert week.first_day <= day <= week.last_day
    assert Week.parse(str(week)) == week
    assert week.first_day.weekday() == 0
    assert Week.last_complete(week.end) == week
    assert Week.last_complete(week.end - timedelta(microseconds=1)) == week.back(1)


@given(DAYS, st.integers(0, 300))
def test_going_back_is_going_back_in_days(day, weeks):
    week = Week.of(day)
    assert week.back(weeks).first_day == week.first_day - timedelta(days=7 * weeks)
    assert (week.back(weeks) <= week) is True
    assert str(week.back(weeks)) <= str(week)


@given(DAYS, st.integers(1, 120))
def test_a_window_holds_so_many_whole_weeks(day, weeks):
    as_of = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
    first, last = window(as_of, weeks)
    assert (last - first).days + 1 == 7 * weeks
    assert (first.weekday(), last.weekday()) == (0, 6)
    assert last < day
    assert (day - last).days <= 7


def test_the_window_of_the_specimen():
    as_of = datetime(2024, 1, 29, tzinfo=UTC)
    assert window(as_of, 1) == (date(2024, 1, 22), date(2024, 1, 28))
    assert window(as_of, 4) == (date(2024, 1, 1), date(2024, 1, 28))
    assert window(as_of, 12) == (date(2023, 11, 6), date(2024, 1, 28))


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2024, 1, 22), "day", date(2024, 1, 22)),
        (date(2024, 1, 22), "week", date(2024, 1, 28)),
        (date(2024, 2, 1), "month", date(2024, 2, 29)),
        (date(2023, 2, 1), "month", date(2023, 2, 28)),
        (date(2023, 12, 1), "month", date(2023, 12, 31)),
        (date(2023, 1, 1), "year", date(2023, 12, 31)),
    ],
)
def test_a_period_ends_on_its_last_day(start, period, end):
    assert period_end(start, period) == end


def test_a_period_of_an_unknown_kind_is_an_error():
    with pytest.raises(ValueError, match="fortnight"):
        period_end(date(2024, 1, 1), "fortnight")
