"""Pairs to incidents without chaining: two clusters become one only where their cores, on average, are one event.

Merges are tried from the best pair down. Every report of one core is asked about every report of the other, a pair
that contradicts counts against the merge, and where one in three contradicts strongly there is none. One report that
mentions two events therefore joins one of them and does not pull the other in. Digests take no part.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.grouping.evidence import WIDTH, score
from scoring.grouping.features import Features, Reals
from scoring.grouping.letters import Ints
from scoring.grouping.table import Table


def cluster(
    pairs: Ints, scores: Reals, found: Features, states: Ints, classes: Ints, barred: Ints, *, table: Table
) -> Ints:
    """The first row of each row's cluster. `barred` rows stay alone; rows are in order of time."""
    limits = table.limits
    chosen = np.flatnonzero((scores > limits.threshold) & (barred[pairs[:, 0]] == 0) & (barred[pairs[:, 1]] == 0))
    # Rounded, so that the last bits of a sum decide nothing; then by time.
    order = chosen[np.lexsort((pairs[chosen, 1], pairs[chosen, 0], -np.round(scores[chosen], 3)))]
    heads = np.arange(found.day.size, dtype=np.int64)
    following = np.full(found.day.size, -1, np.int64)
    bounds = np.array([limits.merge, limits.veto, limits.cap, limits.core], np.float32)
    lasts = np.arange(found.day.size, dtype=np.int64)
    _merge(pairs[order], found, states, classes, table.weights, bounds, heads, following, lasts)
    return heads


@compiled
def _merge(
    pairs: Ints,
    found: Features,
    states: Ints,
    classes: Ints,
    weights: Reals,
    bounds: Reals,
    heads: Ints,
    following: Ints,
    lasts: Ints,
) -> None:
    row = np.zeros(WIDTH, np.float32)
    core = int(bounds[3])
    one, other = np.zeros(core, np.int64), np.zeros(core, np.int64)
    for at in range(pairs.shape[0]):
        a, b = heads[pairs[at, 0]], heads[pairs[at, 1]]
        if a == b:
            continue
        a, b = min(a, b), max(a, b)
        left = _core(a, pairs[at, 0] if heads[pairs[at, 0]] == a else pairs[at, 1], following, one)
        right = _core(b, pairs[at, 1] if heads[pairs[at, 1]] == b else pairs[at, 0], following, other)
        total, against = 0.0, 0
        for x in range(left):
            for y in range(right):
                value = score(min(one[x], other[y]), max(one[x], other[y]), found, states, classes, weights, row)
                total += min(max(value, -bounds[2]), bounds[2])
                against += value < bounds[1]
        if total >= bounds[0] * left * right and against * 3 <= left * right:
            _join(a, b, heads, following, lasts)


@compiled
def _core(head: int, met: int, following: Ints, core: Ints) -> int:
    """The report that brought the two together, and the first ones of its cluster."""
    core[0] = met
    count, at = 1, head
    while at >= 0 and count < core.size:
        if at != met:
            core[count] = at
            count += 1
        at = following[at]
    return count


@compiled
def _join(a: int, b: int, heads: Ints, following: Ints, lasts: Ints) -> None:
    following[lasts[a]] = b
    lasts[a] = lasts[b]
    at = b
    while at >= 0:
        heads[at] = a
        at = following[at]
