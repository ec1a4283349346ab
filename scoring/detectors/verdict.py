"""What a detector says of each period of each series."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Mode(StrEnum):
    """Corrected, or as R's package `surveillance` of that version computes, its quirks included."""

    CORRECTED = "corrected"
    R_1_20_3 = "r-1.20.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Series in rows, periods in columns, as in the counts.

    NaN where the detector says nothing: a period without a count, or without the history that it needs. There
    `alarm` is false, and `said` tells the two silences from a quiet week. `expected` and `upper` are in the series'
    unit, `p_value` in (0, 1].
    """

    expected: Counts
    upper: Counts
    p_value: Counts
    alarm: Flags

    @property
    def said(self) -> Flags:
        """Where there is something to say at all."""
        return ~np.isnan(self.p_value)
