"""Which past periods a base line rests on: the same season in earlier years, by index or by calendar date.

Farrington et al. (1996), JRSS A 159: 547-563, takes windows around the same week of earlier years; Noufaily et al.
(2013), doi 10.1002/sim.5595, keeps all past weeks and gives those between the windows seasonal levels of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.compiled import compiled

Whole = NDArray[np.int64]
Days = NDArray[np.datetime64]

DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """For each period (row): the positions of its reference periods, the seasonal level of each, and how many.

    Level 0 is the season of the period itself. A period whose history is too short has none.
    """

    position: Whole
    level: Whole
    size: Whole
    levels: int


def anchors_by_index(*, periods: int, years: int, frequency: int) -> Whole:
    """Position of the same season 0, 1 … `years` years before each period; negative when before the start."""
    return np.arange(periods)[:, None] - frequency * np.arange(years + 1)[None, :]


def anchors_by_date(*, starts: Days, years: int) -> Whole:
    """Position of the same calendar day of earlier years, moved to the nearest period start.

    For daily, weekly and monthly calendars without gaps. A 29 February becomes 1 March in a year that has none.
    """
    days = starts.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    ordinal = (days - months.astype("datetime64[D]")).astype(np.int64)
    earlier = months[:, None] - np.timedelta64(12, "M") * np.arange(years + 1)[None, :]
    wanted = earlier.astype("datetime64[D]") + ordinal[:, None].astype("timedelta64[D]")
    first = days[0]
    step = int((days[1] - first).astype(np.int64)) if len(days) > 1 else DAYS_OF_A_WEEK
    if step <= DAYS_OF_A_WEEK:
        nearest: Whole = np.floor_divide((wanted - first).astype(np.int64) + step // 2, step)
        return nearest
    monthly: Whole = (wanted.astype("datetime64[M]") - months[0]).astype(np.int64)
    return monthly


def build(*, anchors: Whole, half_width: int, levels: int, left_out: int, first: int) -> References:
    """Reference periods of each period from its anchors, for the periods from `first` on.

    `half_width` periods on both sides of each anchor are its own season; with more than one level the periods
    between two windows are cut into `levels - 1` blocks, earlier ones one longer when they do not divide, and the
    newest `left_out` periods are not used, for an outbreak may have begun in them. A window that reaches before the
    start of the series is cut there: by calendar date the oldest may do so by one week.
    """
    position, level, size = _build(anchors.astype(np.int64), half_width, levels, left_out, first)
    return References(position=position, level=level, size=size, levels=levels)


@compiled
def _build(anchors: Whole, half_width: int, levels: int, left_out: int, first: int) -> tuple[Whole, Whole, Whole]:
    periods, columns = anchors.shape
    longest = 0
    for t in range(periods):
        longest = max(longest, anchors[t, 0] - anchors[t, columns - 1] + half_width + 1)
    position = np.zeros((periods, longest), dtype=np.int64)
    level = np.zeros((periods, longest), dtype=np.int64)
    size = np.zeros(periods, dtype=np.int64)
    for t in range(first, periods):
        n = 0
        for year in range(columns - 1, 0, -1):
            here = anchors[t, year]
            after = anchors[t, year - 1]
            for at in range(here - half_width, here + half_width + 1):
                if 0 <= at < t - left_out:
                    position[t, n] = at
                    level[t, n] = 0
                    n += 1
            if levels < 2:
                continue
            start = here + half_width + 1
            gap = after - half_width - start
            short, longer = gap // (levels - 1), gap % (levels - 1)
            at = start
            for block in range(levels - 1):
                for _ in range(short + (1 if block < longer else 0)):
                    if 0 <= at < t - left_out:
                        position[t, n] = at
                        level[t, n] = block + 1
                        n += 1
                    at += 1
        size[t] = n
    return position, level, size
