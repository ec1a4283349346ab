"""The only reader of the clock. Everything that computes takes `as_of` instead."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place that may)


def cut_off() -> datetime:
    """This instant truncated to the second: the `as_of` of a live issue."""
    return now().replace(microsecond=0)
