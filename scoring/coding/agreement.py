"""How far two people who code the same texts agree, beyond what chance would give them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of `n` texts that both coded: how many both marked, one alone marked, and neither.

    `kappa` (Cohen 1960) and `alpha` (Krippendorff, nominal, two coders) are None where a measure is not defined: a
    class that nobody marked, or everybody, says nothing about agreement, and is never taken for 1 or 0.
    """

    n: int
    both: int
    only_first: int
    only_second: int
    raw: float | None
    kappa: float | None
    alpha: float | None


def agree(*, first: Sequence[bool], second: Sequence[bool]) -> Agreement:
    """Agreement on one class; the two lists are of the same texts in the same order."""
    if len(first) != len(second):
        raise ValueError("both coders must have coded the same texts")
    n = len(first)
    both = sum(a and b for a, b in zip(first, second, strict=True))
    only_first = sum(first) - both
    only_second = sum(second) - both
    raw = (n - only_first - only_second) / n if n else None
    return Agreement(
        n=n,
        both=both,
        only_first=only_first,
        only_second=only_second,
        raw=raw,
        kappa=_kappa(n, sum(first), sum(second), raw),
        alpha=_alpha(n, sum(first) + sum(second), only_first + only_second),
    )


def _kappa(n: int, first: int, second: int, raw: float | None) -> float | None:
    if raw is None:
        return None
    chance = (first * second + (n - first) * (n - second)) / n**2
    return (raw - chance) / (1 - chance) if chance < 1 else None


def _alpha(n: int, marked: int, differing: int) -> float | None:
    values = 2 * n
    if marked in {0, values}:
        return None
    expected = 2 * marked * (values - marked) / (values * (values - 1))
    return 1 - (differing / n) / expected
