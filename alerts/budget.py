"""A weekly budget of notices for each person, and what must wait. Urgent notices never wait and never stand behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.window import Week

WEDNESDAY, FRIDAY = 2, 4
NOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Notices that a person was sent in one ISO week, digests counted as one each."""

    total: int
    digests: int


def reserved(budget: int) -> int:
    """Places kept for digests: two of a budget of three or more, one of a smaller one, none of nothing."""
    return 0 if budget == 0 else 1 if budget < 3 else 2


def spare(budget: int) -> int:
    """Places that ordinary notices leave to urgent ones which may still come in the week."""
    return budget // 4


def goes_now(*, urgent: bool, budget: int, used: Used) -> bool:
    """Whether a notice is sent by itself; otherwise it waits for a digest."""
    if urgent:
        return True
    single = used.total - used.digests
    return single < budget - reserved(budget) - spare(budget)


def may_digest(*, budget: int, used: Used) -> bool:
    """Whether a digest still fits: urgent notices may have used up the week."""
    return used.total < budget and used.digests < reserved(budget)


def next_digest(at: datetime, budget: int) -> datetime:
    """The next Wednesday or Friday noon, UTC; with one digest a week it is Friday's."""
    monday = datetime.combine(Week.of(at.date()).first_day, datetime.min.time(), tzinfo=at.tzinfo)
    days = (WEDNESDAY, FRIDAY) if reserved(budget) == 2 else (FRIDAY,)
    for week in (0, 1):
        for weekday in days:
            when = monday + timedelta(days=7 * week + weekday) + NOON
            if when >= at:
                return when
    raise AssertionError("a Friday lies within eight days")
