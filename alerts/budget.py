"""A weekly budget of messages for each person, kept by urgent notices too: what has no place waits and is put together.

Half of the places are out of reach of ordinary notices, and nothing ordinary leaves to somebody for whom an urgent one
waits: so nothing urgent waits behind a flood of ordinary ones. Urgent notices leave alone and at once while two places
are free; the last free place takes all that come within minutes as one message. A part of the urgent half is kept for
later in the week, or a bad Monday would silence the rest of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.window import Week

WEDNESDAY, FRIDAY = 2, 4
NOON = timedelta(hours=12)
WEEK = timedelta(days=7)
LEAST = 2  # one place for urgent notices, one for a digest
GATHER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Messages that a person was sent in one ISO week, a digest being one, by the half that they count against."""

    urgent: int
    ordinary: int


def reserve(budget: int) -> int:
    """Places that ordinary notices never take."""
    return budget // 2


def kept(budget: int, at: datetime) -> int:
    """Places that urgent notices leave to later urgent ones: half of the reserve at the week's start, then fewer."""
    left = (_monday(at) + WEEK - at) / WEEK
    return int(reserve(budget) / 2 * left)


def digests_left(budget: int, at: datetime) -> int:
    """Digests of this week that are still to come; each has its place."""
    return sum(when > at for when in _digests(budget, _monday(at)))


def free(*, urgent: bool, budget: int, used: Used, at: datetime) -> int:
    """Places that a notice of this kind may take now. An urgent one may take what ordinary ones left, never the other
    way round.
    """
    later = kept(budget, at)
    ordinary = used.ordinary + digests_left(budget, at)
    if urgent:
        return budget - ordinary - used.urgent - later
    return budget - ordinary - max(reserve(budget), used.urgent + later)


def goes_alone(*, urgent: bool, budget: int, used: Used, at: datetime) -> bool:
    """Whether a notice leaves by itself and at once; an urgent one leaves the last free place to those after it."""
    return free(urgent=urgent, budget=budget, used=used, at=at) > (1 if urgent else 0)


def next_digest(at: datetime, budget: int) -> datetime:
    """The next Wednesday or Friday noon, UTC; with one digest a week it is Friday's."""
    monday = _monday(at)
    return next(when for start in (monday, monday + WEEK) for when in _digests(budget, start) if when >= at)


def _digests(budget: int, monday: datetime) -> tuple[datetime, ...]:
    days = (WEDNESDAY, FRIDAY) if budget >= 2 * LEAST else (FRIDAY,)
    return tuple(monday + timedelta(days=day) + NOON for day in days)


def _monday(at: datetime) -> datetime:
    return Week.of(at.astimezone(UTC).date()).end - WEEK
