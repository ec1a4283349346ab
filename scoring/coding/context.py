"""Why words that name a violation may not report one: a treaty, a denial, a commemoration, a fear, a release."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.coding.lexicon import ContextKind, ContextRule, Side


class Context(StrEnum):
    """What the sentence does with the words. Only `INCIDENT` is ever counted."""

    INCIDENT = "incident"
    NEGATED = "negated"
    DENIED = "denied"
    NORM = "norm"
    ANNIVERSARY = "anniversary"
    HISTORIC = "historic"
    IMMINENT = "imminent"
    POSITIVE = "positive"


_SETS = {
    ContextKind.NEGATION: Context.NEGATED,
    ContextKind.DENIAL: Context.DENIED,
    ContextKind.NORM: Context.NORM,
    ContextKind.ANNIVERSARY: Context.ANNIVERSARY,
    ContextKind.HISTORIC: Context.HISTORIC,
    ContextKind.IMMINENT: Context.IMMINENT,
    ContextKind.POSITIVE: Context.POSITIVE,
}
_OVERLAPPING = frozenset({ContextKind.NORM, ContextKind.ANNIVERSARY, ContextKind.HISTORIC})
_ORDER = {kind: at for at, kind in enumerate(ContextKind)}


@dataclass(frozen=True, slots=True)
class Seen:
    """Words of a context rule at tokens `start` up to and without `end`."""

    rule: ContextRule
    start: int
    end: int


def judge(start: int, end: int, seen: Sequence[Seen]) -> tuple[Context, Seen | None]:
    """The context of a term at these tokens, and the words that set it: the first kind in order, then the nearest.

    Words of a norm that overlap the term reach it ("convention against torture" holds the term); a negation inside the
    term is part of what it says ("held without charge").
    """
    reaching = [
        (_ORDER[one.rule.kind], distance, one.start, one)
        for one in seen
        if (distance := _distance(start, end, one)) is not None
    ]
    if not reaching:
        return Context.INCIDENT, None
    one = min(reaching, key=lambda each: each[:3])[3]
    return _SETS[one.rule.kind], one


def _distance(start: int, end: int, seen: Seen) -> int | None:
    """Tokens between, when the rule reaches that far on that side; None when it does not."""
    if seen.end <= start:
        between, right = start - seen.end, seen.rule.side is not Side.AFTER
    elif seen.start >= end:
        between, right = seen.start - end, seen.rule.side is not Side.BEFORE
    else:
        return 0 if seen.rule.kind in _OVERLAPPING else None
    return between if right and (seen.rule.reach == 0 or between <= seen.rule.reach) else None
