"""Who first learned of an event: within one incident, the reports that stand on one origin.

Repeating, syndicating, translating, quoting or taking up adds no origin. One origin are: copies and edited versions;
reports that name the same agency in brackets or cite the same source; reports of one publisher; translations (two
languages, and every name and figure in common); data providers, all together; and a mechanism that acts on an event
already known, which stands with the first report.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.source import SourceClass
from scoring.grouping.evidence import copied
from scoring.grouping.features import Features
from scoring.grouping.item import Item
from scoring.grouping.table import Limits

ACTING = frozenset({SourceClass.SPECIAL_PROCEDURES, SourceClass.TREATY_BODY})
_AGENCY = re.compile(r"^.{0,60}?[(（]([^()（）]{2,30})[)）]\s*[-–—:：]?")
_NOT_AGENCY = re.compile(r"\d|updat|correct|actuali|mise à jour|обновл|исправл|更新|更正|تحديث", re.IGNORECASE)
ASKED = 12  # earlier reports with which one is compared
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Origins:
    """By place in the incident: the first report of its origin; and which places are flagged."""

    first: tuple[int, ...]
    coordinated: frozenset[int]
    taken_up: frozenset[int]


def find_origins(items: Sequence[Item], rows: Sequence[int], found: Features, limits: Limits) -> Origins:
    """Origins of one incident's items, which come in order of time."""
    parents = list(range(len(items)))

    def top(at: int) -> int:
        while parents[at] != at:
            at = parents[at]
        return at

    def join(one: int, other: int) -> None:
        one, other = sorted((top(one), top(other)))
        parents[other] = one

    marks: dict[str, int] = {}
    taken_up: set[int] = set()
    copies: dict[int, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        for mark in _marks(item, rows[at], found):
            if mark in marks:
                join(marks[mark], at)
            marks.setdefault(mark, at)
        if at and item.source_class in ACTING and not all(one.source_class in ACTING for one in items[:at]):
            taken_up.add(at)
            join(0, at)
        model = _copied_from(at, rows, found, limits)
        if model >= 0:
            join(model, at)
            copies[top(at)].append(at)
    first = tuple(top(at) for at in range(len(items)))
    return Origins(first, _coordinated(items, copies, limits), frozenset(taken_up))


def _marks(item: Item, row: int, found: Features) -> list[str]:
    """Signs of one origin: the row (an exact copy), the publisher, an agency, a data provider, the source cited."""
    marks = [f"row {row}"]
    if outlet := item.outlet:
        marks.append(f"outlet {outlet}")
    if item.source_class is SourceClass.DATA_PROVIDER:
        marks.append("data providers")
    head = item.content[:120]
    agency = _AGENCY.match(head) if "(" in head or "（" in head else None
    if agency and not _NOT_AGENCY.search(agency[1]):
        marks.append(f"agency {agency[1].casefold().strip()}")
    # Only a source named with its consonants; the name itself goes nowhere.
    if found.sources[row].any():
        marks += [f"cited {sounds}" for sounds in found.sounds[row][found.sources[row] > 0].tolist() if sounds > 255]
    return marks


def _copied_from(at: int, rows: Sequence[int], found: Features, limits: Limits) -> int:
    for earlier in range(max(0, at - ASKED), at):
        if rows[earlier] == rows[at]:
            continue
        low, high = sorted((rows[earlier], rows[at]))
        if found.language[low] == found.language[high]:
            if copied(low, high, found) >= limits.copy_share:
                return earlier
        elif _translated(low, high, found):
            return earlier
    return -1


def _translated(low: int, high: int, found: Features) -> bool:
    """All names and figures in common, and enough of them: a translation, or two reports from one source."""
    one = {sounds for sounds in found.sounds[low].tolist() if sounds}
    other = {sounds for sounds in found.sounds[high].tolist() if sounds}
    least = min(len(one), len(other))
    if least < 4 or len(one & other) < least:
        return False
    figures = {figure & 0xFFFFFF for figure in found.figures[low].tolist() if figure >= 0}
    others = {figure & 0xFFFFFF for figure in found.figures[high].tolist() if figure >= 0}
    return len(figures) >= 2 and figures == others


def _coordinated(items: Sequence[Item], copies: dict[int, list[int]], limits: Limits) -> frozenset[int]:
    """Many outlets print one text within days: a campaign, which counts once and is shown."""
    flagged: set[int] = set()
    for head, ats in copies.items():
        every = sorted({head, *ats})
        dated = [(_instant(items[at]), at) for at in every if items[at].published_at is not None]
        outlets = {items[at].outlet for at in every}
        if len(every) < limits.coordinated_texts or len(outlets) < limits.coordinated_outlets or not dated:
            continue
        moments = sorted(moment for moment, _ in dated)
        size = limits.coordinated_texts
        if any(
            (moments[at + size - 1] - moments[at]).total_seconds() <= limits.coordinated_days * DAY
            for at in range(len(moments) - size + 1)
        ):
            flagged.update(every)
    return frozenset(flagged)


def _instant(item: Item) -> datetime:
    return item.published_at.astimezone(UTC) if item.published_at is not None else datetime.max.replace(tzinfo=UTC)
