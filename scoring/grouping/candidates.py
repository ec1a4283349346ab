"""Which pairs of texts are worth comparing: those that share a block, each with its nearest neighbours in time.

A block is a rare word, a rare name, two names, a place in a week, a figure in a week, a kind of event on a day, or a
run of three words. Blocks are sorted by time, and a text is compared with the next few of its block only: the number
of pairs grows with the number of texts, and the sorting makes it n log n.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.grouping.features import Features
from scoring.grouping.figures import ROLE
from scoring.grouping.letters import Ints
from scoring.grouping.slots import stir

KEYS = 44  # blocks that one text may be in
LARGE = 400  # in a block of more texts only the nearest two are compared
RUNS, RARE_WORDS, RARE_NAMES = 3, 4, 5
MASK = 0x3FFFFFFFFFFFFFFF


def find_pairs(found: Features, *, window: int) -> Ints:
    """Pairs of row numbers, the lower first, each once and in order. Rows must be in order of time."""
    texts = found.day.size
    keys = np.zeros(texts * KEYS, np.int64)
    rows = np.zeros(texts * KEYS, np.int64)
    number = _keys(found, keys, rows)
    order = np.argsort(keys[:number], kind="stable")
    keys, rows = keys[:number][order], rows[:number][order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    lengths = np.diff(np.r_[starts, number])
    many = lengths > 1
    starts, lengths = starts[many], lengths[many]
    reach = np.where(lengths > LARGE, 2, window)
    room = int((lengths * reach).sum())
    packed = np.zeros(room, np.int64)
    count = _neighbours(rows, starts, lengths, reach, texts, packed)
    packed = np.sort(packed[:count])
    packed = packed[np.r_[True, packed[1:] != packed[:-1]]] if count else packed[:0]
    return np.stack((packed // texts, packed % texts), axis=1)


@compiled
def _neighbours(rows: Ints, starts: Ints, lengths: Ints, reach: Ints, texts: int, packed: Ints) -> int:
    count = 0
    for block in range(starts.size):
        end = starts[block] + lengths[block]
        for at in range(starts[block], end):
            for other in range(at + 1, min(at + 1 + reach[block], end)):
                if rows[at] != rows[other]:
                    packed[count] = rows[at] * texts + rows[other]
                    count += 1
    return count


@compiled
def _block(kind: int, one: int, other: int) -> int:
    return stir(stir(one * 31 + kind) + other) & MASK


@compiled
def _keys(found: Features, keys: Ints, rows: Ints) -> int:
    count = 0
    for row in range(found.day.size):
        begin = count
        count = _word_keys(found, row, keys, count)
        count = _name_keys(found, row, keys, count)
        count = _event_keys(found, row, keys, count)
        rows[begin:count] = row
    return count


@compiled
def _word_keys(found: Features, row: int, keys: Ints, count: int) -> int:
    for at in range(RUNS):
        if found.shingles[row, at] < 2**62:
            keys[count] = _block(1, found.shingles[row, at], 0)
            count += 1
    order = np.argsort(-found.weights[row], kind="mergesort")
    for at in range(RARE_WORDS):
        if found.weights[row, order[at]] > 0:
            keys[count] = _block(2, found.words[row, order[at]], 0)
            count += 1
    return count


@compiled
def _name_keys(found: Features, row: int, keys: Ints, count: int) -> int:
    order = np.argsort(-found.sound_weights[row], kind="mergesort")
    week = found.day[row] // 7
    for first in range(RARE_NAMES):
        a = order[first]
        if found.sound_weights[row, a] <= 0:
            break
        keys[count] = _block(3, found.sounds[row, a], 0)
        count += 1
        if found.variants[row, a]:
            keys[count] = _block(3, found.variants[row, a], 0)
            count += 1
        if first < 3:
            for second in range(first):
                b = order[second]
                low, high = found.sounds[row, a], found.sounds[row, b]
                keys[count] = _block(4, min(low, high), max(low, high))
                count += 1
    placed = 0
    for at in range(found.places.shape[1]):
        if found.places[row, at] and placed < 2 and found.sounds[row, at]:
            keys[count] = _block(5, found.sounds[row, at], week)
            keys[count + 1] = _block(6, found.sounds[row, at], (found.day[row] + 3) // 7)
            count += 2
            placed += 1
    return count


@compiled
def _event_keys(found: Features, row: int, keys: Ints, count: int) -> int:
    week = found.day[row] // 7
    for at in range(3):
        figure = found.figures[row, at]
        if figure >= 0:
            keys[count] = _block(7, figure, week)
            keys[count + 1] = _block(8, figure % ROLE, (found.day[row] + 3) // 7)
            count += 2
    for at in range(2):
        if found.dates[row, at] >= 0:
            keys[count] = _block(9, found.dates[row, at], found.concepts[row])
            count += 1
            if found.figures[row, 0] >= 0:
                keys[count] = _block(10, found.dates[row, at], found.figures[row, 0] % ROLE)
                count += 1
    return count
