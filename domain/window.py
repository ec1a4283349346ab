"""ISO weeks in UTC, half-open: from Monday 00:00 to the next Monday 00:00."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from domain.errors import UsageError

_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week; it prints as `2024-W04`."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        match = _WEEK.match(text)
        try:
            if match is None:
                raise ValueError(text)
            week = cls(int(match[1]), int(match[2]))
            date.fromisocalendar(week.year, week.number, 1)
        except ValueError:
            raise UsageError(
                f"'{text}' is not an ISO week.",
                why="A week is written like 2024-W04, and most years have 52 of them, some 53.",
                do="Give the week in that form.",
            ) from None
        return week

    @classmethod
    def of(cls, day: date) -> Self:
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @classmethod
    def last_complete(cls, as_of: datetime) -> Self:
        """W1: the newest week that had ended at `as_of`."""
        return cls.of(as_of.astimezone(UTC).date() - timedelta(days=7))

    @property
    def first_day(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=6)

    @property
    def end(self) -> datetime:
        """The instant at which the week is over."""
        day = self.first_day + timedelta(days=7)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    def back(self, weeks: int) -> Self:
        """The week so many weeks earlier; a year of 53 weeks is counted as such."""
        return type(self).of(self.first_day - timedelta(weeks=weeks))


def window(as_of: datetime, weeks: int) -> tuple[date, date]:
    """First and last day of the `weeks` complete weeks that end with W1, both included."""
    newest = Week.last_complete(as_of)
    return newest.back(weeks - 1).first_day, newest.last_day


def period_end(start: date, period: str) -> date:
    """Last day of a day, week, month or year that begins on `start`."""
    match period:
        case "day":
            return start
        case "week":
            return start + timedelta(days=6)
        case "month":
            return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        case "year":
            return date(start.year, 12, 31)
        case other:
            raise ValueError(f"no such period: {other}")
