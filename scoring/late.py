"""What the newest months of a provider's counts may yet become, learnt from how its earlier vintages changed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.inputs import CountSeries, Late
from scoring.method import Method
from scoring.nowcast import Changes, revise

SETTLED_MONTHS = 18  # a yearly release in the middle of the next year settles every month of the year before
LATE_MONTHS = 6  # newest months that are drawn; the base lines of the detectors lie before them
SEED = 62  # the paragraph of A/HRC/43/37; draws are the same on every day and every machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """One value of one vintage: the place, its month, the value then, and its age in months in that vintage."""

    place: str
    month: date
    value: float
    age: int


def foresee(
    *, early: Mapping[tuple[str, str], Sequence[Early]], counts: Sequence[CountSeries], method: Method
) -> tuple[Late, ...]:
    """Draws for the newest months of each monthly series whose provider has changed its counts before.

    `early` holds, by source and indicator, the values of all vintages. A change is known when its month is old enough
    to be settled in the counts as they read now. A provider without known changes gives nothing: its counts stand.
    """
    found: list[Late] = []
    for key in sorted({(one.source_id, one.indicator) for one in counts if one.period == "month"}):
        own = [one for one in counts if (one.source_id, one.indicator) == key and one.period == "month"]
        found += _of_provider(key, own, early.get(key, ()), method=method)
    return tuple(found)


def _of_provider(
    key: tuple[str, str], own: Sequence[CountSeries], early: Sequence[Early], *, method: Method
) -> list[Late]:
    now = {(one.place, month): value for one in own for month, value in one.values if value is not None}
    if not now:
        return []
    newest = max(month for _, month in now)
    number = {place: at for at, place in enumerate(sorted({place for place, _ in now}))}
    changes = [
        (
            one.value,
            now[(one.place, one.month)],
            one.age,
            number[one.place],
            one.month.year,
            _level(now, one.place, one.month),
        )
        for one in early
        if (one.place, one.month) in now and _months(one.month, newest) >= SETTLED_MONTHS
    ]
    # Sums of floats hang on their order, and no order may hang on a place's name or code.
    changes.sort(key=lambda change: (change[0], change[1], change[2], change[4], np.nan_to_num(change[5], nan=-1.0)))
    cells = sorted(
        (place, month, value) for (place, month), value in now.items() if _months(month, newest) < LATE_MONTHS
    )
    if not changes or not cells:
        return []
    table = np.array(changes, dtype=np.float64)
    known = Changes(
        early=table[:, 0],
        settled=table[:, 1],
        age=table[:, 2],
        series=table[:, 3].astype(np.int64),
        release=table[:, 4].astype(np.int64),
        level=table[:, 5],
    )
    cast = revise(
        early=np.array([value for _, _, value in cells]),
        age=np.array([float(_months(month, newest)) for _, month, _ in cells]),
        series=np.array([number[place] for place, _, _ in cells]),
        level=np.array([_level(now, place, month) for place, month, _ in cells]),
        known=known,
        draws=method.draws,
        seed=SEED,
    )
    share: dict[date, float] = {}
    for month in {month for _, month, _ in cells}:
        at = [row for row, cell in enumerate(cells) if cell[1] == month]
        come = math.fsum(cast.draws[:, at].mean(axis=0))
        share[month] = min(sum(cells[row][2] for row in at) / come, 1.0) if come > 0 else 1.0
    return [
        Late(
            source_id=key[0],
            indicator=key[1],
            place=place,
            periods=tuple(
                (month, share[month], tuple(float(one) for one in cast.draws[:, row]))
                for row, (where, month, _) in enumerate(cells)
                if where == place
            ),
        )
        for place in sorted({where for where, _, _ in cells})
    ]


def _level(now: Mapping[tuple[str, date], float], place: str, month: date) -> float:
    """Mean of the twelve months before, as they read now; NaN where none is known."""
    before = [date(month.year - (back >= month.month), (month.month - back - 1) % 12 + 1, 1) for back in range(1, 13)]
    known = [now[(place, one)] for one in before if (place, one) in now]
    return sum(known) / len(known) if known else float("nan")


def _months(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
