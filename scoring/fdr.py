"""One week asks many questions; this keeps the share of false alarms among alarms in hand.

Benjamini Y, Hochberg Y (1995), Controlling the false discovery rate, JRSS B 57(1): 289-300.
"""

import numpy as np
from numpy.typing import NDArray


def alarms(*, p_values: NDArray[np.float64], rate: float) -> tuple[NDArray[np.bool_], float]:
    """Which p-values are alarms at that false discovery rate, and the threshold that was at work.

    NaN is a question that could not be asked: no alarm, and not counted. With no alarm the threshold is the
    one that a single alarm would have needed; 0 when nothing was asked.
    """
    asked = np.sort(p_values[~np.isnan(p_values)])
    if asked.size == 0:
        return np.zeros(p_values.shape, dtype=np.bool_), 0.0
    steps = rate * np.arange(1, asked.size + 1) / asked.size
    below = np.flatnonzero(asked <= steps)
    threshold = float(steps[below[-1]]) if below.size else float(steps[0])
    with np.errstate(invalid="ignore"):
        found = (p_values <= threshold) & bool(below.size)
    return found, threshold
