"""What speaks for and against two reports being of one event, as one row of numbers, and its weighted sum.

The form is Fellegi and Sunter's (1969): agreements add, disagreements subtract, and what one of the two does not say
counts neither way. The order of the rows is that of table.EVIDENCE.
"""

import numpy as np

from scoring.compiled import compiled
from scoring.grouping.features import ORDINARY, Features, Marks, Reals
from scoring.grouping.figures import AGE_ROLE, NO_ROLE, ROLE
from scoring.grouping.letters import Ints
from scoring.grouping.lexicon import LANGUAGES, load_lexicon
from scoring.grouping.table import EVIDENCE

WIDTH = len(EVIDENCE)
(
    PRIOR,
    NAMES,
    PLACES,
    PLACE_OTHER,
    PLACE_OTHER_ACROSS,
    PLACE_MIXED,
    NAMES_OTHER,
    WORDS,
    WORDS_MORE,
    WORDS_NONE,
    ACROSS,
    KIND,
    KIND_OTHER,
    VICTIM_OTHER,
    ACTOR_OTHER,
    FIGURE,
    FIGURE_OTHER,
    FIGURE_NEAR,
    FIGURE_LOOSE,
    AGE,
    AGE_OTHER,
    DATE,
    DATE_NEXT,
    DATE_OTHER,
    DATE_FAR,
    GAP,
    EARLY,
    COPY,
    COPY_MORE,
    TEMPLATE,
    CLASS,
    CLASS_OTHER,
    STATE,
    STATE_OTHER,
) = range(WIDTH)
ENDLESS = 2**62
NO_CAPITALS = LANGUAGES.index("ar")
ENOUGH = 3.0  # weight of rare words below which a text says too little to compare
VICTIMS, ACTORS = load_lexicon().victim_bits, load_lexicon().actor_bits
CLOSE = 0.35  # a number that an update changed differs by no more than this share


@compiled
def score(i: int, j: int, found: Features, states: Ints, classes: Ints, weights: Reals, row: Reals) -> float:
    """Fill `row` with the evidence on texts i and j and give its weighted sum."""
    row[:] = 0
    row[PRIOR] = 1
    across = found.language[i] != found.language[j]
    row[ACROSS] = across
    _given(states[i], states[j], row, STATE, STATE_OTHER)
    _given(classes[i], classes[j], row, CLASS, CLASS_OTHER)
    _dates(i, j, found, row)
    _kinds(i, j, found, row)
    total = _sum(row, weights)
    if row[STATE_OTHER] > 0:
        return total
    _names(i, j, found, row)
    _figures(i, j, found, row)
    total = _sum(row, weights)
    if across or total + weights[WORDS] + weights[WORDS_MORE] + weights[COPY] + weights[COPY_MORE] < 0:
        return total  # no likeness of words could make up for this
    _words(i, j, found, row)
    share = copied(i, j, found)
    row[COPY] = min(share, 0.5) * 2
    row[COPY_MORE] = max(share - 0.5, 0.0) * 2
    apart = row[PLACE_OTHER] > 0 or (row[NAMES_OTHER] > 0 and row[FIGURE_OTHER] + row[DATE_OTHER] + row[DATE_FAR] > 0)
    row[TEMPLATE] = 1 if apart and (share > 0.3 or row[WORDS_MORE] > 0.35) else 0
    return _sum(row, weights)


@compiled
def _sum(row: Reals, weights: Reals) -> float:
    total = 0.0
    for at in range(row.size):
        total += row[at] * weights[at]
    return total


@compiled
def _given(one: int, other: int, row: Reals, same: int, different: int) -> None:
    """A field given with both items; 0 is not given."""
    if one and other:
        row[same if one == other else different] = 1


# The loops over names hand on numbers and single arrays: a call that is handed all features costs more than the rest.


@compiled
def _same_name(
    letters: bool, one: int, other: int, variant: int, other_variant: int, spelt: float, heard: float, across: bool
) -> float:
    """Rarity of a name that both have, by letters (`spelt`) or by consonants (`heard`); 0 where it is not the same."""
    if letters:
        return spelt
    same = other in (one, variant)
    if one == 0 or other == 0 or not (same or other_variant == one):
        return 0.0
    # Within one language another spelling of the same consonants is mostly another name.
    return heard if across else heard * 0.5 - 1.0


@compiled
def _names(i: int, j: int, found: Features, row: Reals) -> None:
    """Names and places in common, and those that only one of the two has."""
    known, letters, sounds, variants = found.name_weights, found.names, found.sounds, found.variants
    rarity, placed = found.sound_weights, found.places
    across, size = found.language[i] != found.language[j], letters.shape[1]
    # Any unknown Arabic word may look like a name: there it counts by how rare it is in Arabic.
    no_capitals = found.language[i] == NO_CAPITALS
    names, places, best_place, shared_names, used, matched = 0.0, 0.0, 0.0, 0, 0, 0
    for a in range(size):
        if known[i, a] == 0:
            break
        spelt = min(known[i, a], rarity[i, a]) if no_capitals else known[i, a]
        for b in range(size):
            if known[j, b] == 0:
                break
            if (used >> b) & 1:
                continue
            same = _same_name(
                letters[i, a] == letters[j, b],
                sounds[i, a],
                sounds[j, b],
                variants[i, a],
                variants[j, b],
                spelt,
                min(rarity[i, a], rarity[j, b]),
                across,
            )
            if same > 0:
                used |= 1 << b
                matched |= 1 << a
                if placed[i, a]:
                    places += same
                    best_place = max(best_place, same)
                else:
                    names += max(same - ORDINARY, 0.0)
                    shared_names += same > ORDINARY
                break
    row[NAMES] = min(names, 10.0)
    row[PLACES] = min(places, 9.0)
    one_place, left_place, left_name = _left(i, matched, known, rarity, placed)
    other_place, other_left, other_name = _left(j, used, known, rarity, placed)
    if one_place and other_place and left_place > 0 and other_left > 0:
        if best_place == 0:
            row[PLACE_OTHER_ACROSS if across else PLACE_OTHER] = 1
        elif min(left_place, other_left) > best_place + 0.3:
            row[PLACE_MIXED] = 1
    if left_name and other_name and shared_names == 0 and not across:
        row[NAMES_OTHER] = 1


@compiled
def _left(at: int, used: int, known: Reals, rarity: Reals, placed: Marks) -> tuple[bool, float, bool]:
    """Of one text: any place; the rarest place that the other has not; a rare name that the other has not."""
    place, left_place, left_name = False, 0.0, False
    for a in range(known.shape[1]):
        if known[at, a] == 0:
            break
        weight = max(known[at, a], rarity[at, a])
        alone = not (used >> a) & 1
        if placed[at, a]:
            place = True
            if alone:
                left_place = max(left_place, weight)
        elif weight > 3 and alone:
            left_name = True
    return place, left_place, left_name


@compiled
def _words(i: int, j: int, found: Features, row: Reals) -> None:
    if found.language[i] != found.language[j]:
        return
    a, b, shared, left, right = 0, 0, 0.0, 0.0, 0.0
    for at in range(found.words.shape[1]):
        left += found.weights[i, at]
        right += found.weights[j, at]
    while a < found.words.shape[1] and b < found.words.shape[1]:
        one, other = found.words[i, a], found.words[j, b]
        if one == other:
            shared += min(found.weights[i, a], found.weights[j, b])
        a += one <= other
        b += other <= one
    least = min(left, right)
    if least < ENOUGH:
        return
    share = shared / least
    row[WORDS] = min(share, 0.1) * 10
    row[WORDS_MORE] = max(share - 0.1, 0.0) / 0.9
    row[WORDS_NONE] = 1 if share < 0.03 else 0


@compiled
def _kinds(i: int, j: int, found: Features, row: Reals) -> None:
    both = found.concepts[i] & found.concepts[j]
    one = found.concepts[i] & ~both
    other = found.concepts[j] & ~both
    row[KIND] = min(_rarity(both, found.concept_weights), 9.0)
    row[KIND_OTHER] = min(_rarity(one, found.concept_weights), _rarity(other, found.concept_weights), 7.0)
    row[VICTIM_OTHER] = _disjoint(found.concepts[i] & VICTIMS, found.concepts[j] & VICTIMS)
    row[ACTOR_OTHER] = _disjoint(found.concepts[i] & ACTORS, found.concepts[j] & ACTORS)


@compiled
def _rarity(mask: int, weights: Reals) -> float:
    total, bit = 0.0, 0
    while mask:
        if mask & 255 == 0:
            mask >>= 8
            bit += 8
            continue
        if mask & 1:
            total += weights[bit]
        mask >>= 1
        bit += 1
    return total


@compiled
def _disjoint(one: int, other: int) -> int:
    return 1 if one and other and not one & other else 0


@compiled
def _figures(i: int, j: int, found: Features, row: Reals) -> None:
    """Numbers by what they count. Of one outcome any equal number is agreement: a text may give parts and a sum."""
    for a in range(found.figures.shape[1]):
        figure = found.figures[i, a]
        if figure < 0:
            break
        role, value = figure // ROLE, figure % ROLE
        same, near, other, loose = False, False, False, False
        for b in range(found.figures.shape[1]):
            second = found.figures[j, b]
            if second < 0:
                break
            if second == figure:
                same = True
            elif second // ROLE == role and role != NO_ROLE:
                other = True
                near = near or abs(second % ROLE - value) <= CLOSE * max(second % ROLE, value)
            elif second % ROLE == value and second // ROLE != AGE_ROLE and role != AGE_ROLE:
                loose = True
        if role == AGE_ROLE:
            row[AGE] += same
            row[AGE_OTHER] += other and not same
        elif same:
            row[FIGURE] += 1.0 if value > 9 else 0.6
        elif loose:
            row[FIGURE_LOOSE] += 1.0 if value > 9 else 0.5
        elif other:
            row[FIGURE_NEAR if near else FIGURE_OTHER] += 1
    for at in (FIGURE, FIGURE_OTHER, FIGURE_NEAR, FIGURE_LOOSE, AGE, AGE_OTHER):
        row[at] = min(row[at], 2.0)


@compiled
def _dates(i: int, j: int, found: Features, row: Reals) -> None:
    least = ENDLESS
    for a in range(found.dates.shape[1]):
        for b in range(found.dates.shape[1]):
            if found.dates[i, a] >= 0 and found.dates[j, b] >= 0:
                least = min(least, abs(found.dates[i, a] - found.dates[j, b]))
    if least < ENDLESS:
        row[DATE if least == 0 else DATE_NEXT if least == 1 else DATE_OTHER if least < 4 else DATE_FAR] = 1
        return
    one, other = found.day[i], found.day[j]
    if one < 0 or other < 0:
        return
    first, second = found.dates[i, 0], found.dates[j, 0]
    if (first >= 0 and first > other) or (second >= 0 and second > one):
        row[EARLY] = 1
    one = first if first >= 0 else one
    other = second if second >= 0 else other
    row[GAP] = np.log(1.0 + max(abs(one - other) - 1, 0))


@compiled
def copied(i: int, j: int, found: Features) -> float:
    """Share of the shorter text's three-word runs that the other has too, on the runs of lowest hash."""
    a, b, both = 0, 0, 0
    size = found.shingles.shape[1]
    one_size, other_size = found.runs[i], found.runs[j]
    while a < one_size and b < other_size:
        one, other = found.shingles[i, a], found.shingles[j, b]
        both += one == other
        a += one <= other
        b += other <= one
    # A full sketch is a sample: only the part below the other's highest run was compared.
    compared = min(a if one_size == size else one_size, b if other_size == size else other_size)
    return both / compared if compared >= 5 else 0.0


@compiled
def score_pairs(pairs: Ints, found: Features, states: Ints, classes: Ints, weights: Reals, scores: Reals) -> None:
    """Score many pairs, one after another."""
    row = np.zeros(WIDTH, np.float32)
    for at in range(pairs.shape[0]):
        scores[at] = score(pairs[at, 0], pairs[at, 1], found, states, classes, weights, row)
