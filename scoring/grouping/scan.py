"""Text to tokens in compiled loops: words with their folded hash, names as consonants, figures, and what a word means.

One row of a token table a word. The folded sign, its kind and its sound come from letters.py, meanings from words.toml.
Chinese has no spaces: there the longest known word, a run of signs that write a foreign name, or a pair of signs is a
token. Arabic words lose the article and the one-letter words written in front of them.
"""

from typing import NamedTuple

import numpy as np

from scoring.compiled import compiled
from scoring.grouping.letters import ARABIC, CYRILLIC, DIGIT, HAN, LATIN, SILENT, STOP, Ints, K, S, Small
from scoring.grouping.slots import SEED, carry, find, salted

WORD, SKELETON, VARIANT, ENTRY, FLAGS, VALUE, SENTENCE, BEGIN, END, SCRIPT = range(10)
FIELDS = 10
MOST_TOKENS = 420
MOST_SIGNS = 4_000  # of one text; what follows adds cost and hardly any evidence
STEM = 7  # letters of a word that are compared
LONGEST_HAN = 5
CAPITAL, FIRST, DEFINITE, FIGURE, TITLE, FOREIGN = 1, 2, 4, 8, 16, 32
ALEF, LAM, WAW, FEH, BEH, KEF = (ord(sign) for sign in "الوفبك")
NUMERALS = "零一二三四五六七八九十百千两"
SOFT_C, SOFT_E, SOFT_H, SOFT_I, SOFT_Y, HARD_D, SOFT_Z, SOFT_J = (ord(sign) for sign in "cehiydzj")
LOWER_T, LOWER_X, LOWER_S = ord("t"), ord("x"), ord("s")
CYRILLIC_D, CYRILLIC_ZH, CYRILLIC_H = ord("д"), ord("ж"), ord("х")


class Tables(NamedTuple):
    """Everything a scan reads, as arrays that numba can take."""

    kind: Small
    fold: Ints
    upper: Small
    sound: Small
    syllable: Ints
    whole_keys: Ints
    whole: Ints
    stem_keys: Ints
    stems: Ints
    roles: Ints
    numeral: Ints


def numerals() -> Ints:
    """Value of each Chinese numeral by code point, -1 for other signs."""
    table = np.full(65_536, -1, np.int64)
    for sign, value in zip(NUMERALS, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 1000, 2), strict=True):
        table[ord(sign)] = value
    return table


@compiled
def scan(signs: Ints, begin: int, end: int, title_end: int, language: int, tables: Tables, tokens: Ints) -> int:
    """Fill `tokens` from signs[begin:end] and give their number; the title ends before `title_end`."""
    at, count, sentence, first = begin, 0, 0, True
    while at < end and count < MOST_TOKENS - 4:
        kind = tables.kind[signs[at]]
        if kind == DIGIT:
            at, count = _digits(signs, at, end, sentence, tables, tokens, count)
            first = False
        elif kind == HAN:
            at, count = _han(signs, at, end, sentence, tables, tokens, count)
            first = False
        elif kind == STOP:
            # A dot inside an abbreviation or a number ends nothing.
            if at + 1 >= end or tables.kind[signs[at + 1]] not in (LATIN, DIGIT):
                sentence += 0 if first else 1
                first = True
            at += 1
        elif kind in (0, SILENT):
            at += 1
        else:
            before = count
            at, count = _word(signs, at, end, sentence, language, tables, tokens, count)
            if count > before and first:
                tokens[before, FLAGS] |= FIRST
                first = False
    for one in range(count):
        if tokens[one, END] <= title_end:
            tokens[one, FLAGS] |= TITLE
    return count


@compiled
def _put(tokens: Ints, count: int, word: int, entry: int, sentence: int, begin: int, end: int, script: int) -> None:
    tokens[count, WORD] = word
    tokens[count, SKELETON] = 0
    tokens[count, VARIANT] = 0
    tokens[count, ENTRY] = entry
    tokens[count, FLAGS] = 0
    tokens[count, VALUE] = -1
    tokens[count, SENTENCE] = sentence
    tokens[count, BEGIN] = begin
    tokens[count, END] = end
    tokens[count, SCRIPT] = script


@compiled
def _digits(signs: Ints, at: int, end: int, sentence: int, tables: Tables, tokens: Ints, count: int) -> tuple[int, int]:
    """A figure in digits; 1,200 and 1 200 are one figure, 10.5 and 3 % are none."""
    begin, value, long = at, 0, 0
    while at < end and tables.kind[signs[at]] == DIGIT:
        value = value * 10 + tables.fold[signs[at]] - 48 if long < 9 else 10**9
        at += 1
        long += 1
        if at + 3 < end and long <= 3 and signs[at] in (44, 46, 160, 8239) and _thousands(signs, at, end, tables):
            at += 1
            long = 0 if value < 1000 else 9
    _put(tokens, count, salted(value, 99), -1, sentence, begin, at, DIGIT)
    fraction = at + 1 < end and signs[at] in (44, 46, 58) and tables.kind[signs[at + 1]] == DIGIT
    share = at < end and (signs[at] == 37 or (signs[at] in (32, 160) and at + 1 < end and signs[at + 1] == 37))
    tokens[count, VALUE] = -1 if fraction or share or _tail(signs, begin, tables) else value
    tokens[count, FLAGS] = FIGURE
    return at, count + 1


@compiled
def _thousands(signs: Ints, at: int, end: int, tables: Tables) -> bool:
    """Exactly three digits follow the mark."""
    for step in range(1, 4):
        if tables.kind[signs[at + step]] != DIGIT:
            return False
    return at + 4 >= end or tables.kind[signs[at + 4]] != DIGIT


@compiled
def _tail(signs: Ints, begin: int, tables: Tables) -> bool:
    """The digits after the point of a fraction or the colon of a clock."""
    return begin > 1 and signs[begin - 1] in (44, 46, 58) and tables.kind[signs[begin - 2]] == DIGIT


@compiled
def _word(
    signs: Ints, at: int, end: int, sentence: int, language: int, tables: Tables, tokens: Ints, count: int
) -> tuple[int, int]:
    """A word of an alphabet, with its longest known stem."""
    begin, script = at, tables.kind[signs[at]]
    at, long = _extent(signs, at, end, script, tables)
    from_, definite = _article(signs, begin, at, long, tables) if script == ARABIC else (begin, False)
    word, entry = _look(signs, from_, at, language, tables)
    if entry < 0 and script == ARABIC and long > 3 and from_ == begin and signs[begin] in (WAW, FEH, BEH, LAM, KEF):
        _, entry = _look(signs, begin + 1, at, language, tables)
    _put(tokens, count, word, entry, sentence, begin, at, script)
    tokens[count, FLAGS] = (CAPITAL if tables.upper[signs[begin]] else 0) | (DEFINITE if definite else 0)
    if script in (LATIN, CYRILLIC, ARABIC) and long >= 3:
        _sounds(signs, from_, at, script, tables, tokens, count)
    return at, count + (1 if long > 1 or entry >= 0 else 0)


@compiled
def _extent(signs: Ints, at: int, end: int, script: int, tables: Tables) -> tuple[int, int]:
    long = 0
    while at < end:
        kind = tables.kind[signs[at]]
        if kind == script:
            long += 1
        elif kind != SILENT:
            break
        at += 1
    return at, long


@compiled
def _article(signs: Ints, begin: int, end: int, long: int, tables: Tables) -> tuple[int, bool]:
    """Where an Arabic word begins without its article and what is written together with it."""
    at = begin
    if long > 5 and signs[at] in (WAW, FEH):
        at += 1
    if long > 4 and signs[at] in (BEH, KEF) and signs[at + 1] == ALEF and signs[at + 2] == LAM:
        at += 1
    if end - at > 4 and tables.fold[signs[at]] == ALEF and signs[at + 1] == LAM:
        return at + 2, True
    if end - at > 4 and signs[at] == LAM and signs[at + 1] == LAM:
        return at + 2, True
    return begin, False


@compiled
def _look(signs: Ints, begin: int, end: int, language: int, tables: Tables) -> tuple[int, int]:
    """Hash of the first letters, and the entry of the whole word or else of its longest known stem."""
    plain, kept, long, entry = SEED, SEED, 0, -1
    for at in range(begin, end):
        sign = signs[at]
        if tables.kind[sign] == SILENT:
            continue
        plain = carry(plain, tables.fold[sign])
        long += 1
        if long <= STEM:
            kept = plain
        if 2 <= long <= 13:
            found = find(tables.stem_keys, tables.stems, salted(plain, language))
            entry = found if found >= 0 else entry
    found = find(tables.whole_keys, tables.whole, salted(plain, language))
    return salted(kept, 50), found if found >= 0 else entry


@compiled
def _sounds(signs: Ints, begin: int, end: int, script: int, tables: Tables, tokens: Ints, count: int) -> None:
    """The consonants of a name, and a second reading where a letter is written in two ways."""
    packed, other, before, long = 0, 0, 0, 0
    stop = _ending(signs, begin, end, tables) if script == CYRILLIC else end
    for at in range(begin, stop):
        sign = tables.fold[signs[at]]
        following = tables.fold[signs[at + 1]] if at + 1 < stop else 0
        sound = int(tables.sound[sign])
        if script == LATIN:
            sound = _latin(sign, following, sound)
        elif sign == CYRILLIC_D and following == CYRILLIC_ZH:
            sound = 0
        if sound and sound != before and long < 12:
            packed = packed << 4 | sound
            unsure = sign == CYRILLIC_H or (script == ARABIC and at == begin and sign in (BEH, LAM, KEF))
            other = other if unsure else other << 4 | sound
            long += 1
        if script == LATIN and sign == LOWER_X:
            packed, other = packed << 4 | S, other << 4 | S
        before = sound
    tokens[count, SKELETON] = packed
    tokens[count, VARIANT] = other if other != packed else 0


@compiled
def _latin(sign: int, following: int, sound: int) -> int:
    """Latin letters whose sound depends on the next one."""
    if sign == SOFT_C:
        return S if following in (SOFT_E, SOFT_I, SOFT_Y, SOFT_H) else K
    if sign in (HARD_D, LOWER_T) and following in (SOFT_J, SOFT_Z, LOWER_S):
        return 0
    if sign == LOWER_T and following == SOFT_C:
        return 0
    if sign == ord("p") and following == SOFT_H:
        return 0
    return sound


@compiled
def _ending(signs: Ints, begin: int, end: int, tables: Tables) -> int:
    """Where a Russian word ends without the consonant of its case."""
    if end - begin < 5:
        return end
    last, before = tables.fold[signs[end - 1]], tables.fold[signs[end - 2]]
    if last in (ord("м"), ord("х")) and before in (ord("о"), ord("е"), ord("а"), ord("я"), ord("ы")):
        return end - 1
    if last == ord("и") and before == ord("м") and end - begin > 5:
        return end - 2
    return end


@compiled
def _han(signs: Ints, at: int, end: int, sentence: int, tables: Tables, tokens: Ints, count: int) -> tuple[int, int]:
    """One Chinese token: a known word, a numeral, a foreign name or a pair of signs."""
    long, entry = _longest(signs, at, end, tables)
    if long >= 2 or (long == 1 and not _foreign_run(signs, at, end, tables) > 2):
        plain = SEED
        for step in range(long):
            plain = carry(plain, signs[at + step])
        _put(tokens, count, salted(plain, 50), entry, sentence, at, at + long, HAN)
        return at + long, count + 1
    if tables.numeral[signs[at]] >= 0:
        return _numeral(signs, at, end, sentence, tables, tokens, count)
    run = _foreign_run(signs, at, end, tables)
    if run >= 2:
        return _foreign(signs, at, run, sentence, tables, tokens, count)
    if at + 1 < end and tables.kind[signs[at + 1]] == HAN:
        _put(tokens, count, salted(carry(carry(SEED, signs[at]), signs[at + 1]), 50), -1, sentence, at, at + 2, HAN)
        return at + 1, count + 1
    return at + 1, count


@compiled
def _longest(signs: Ints, at: int, end: int, tables: Tables) -> tuple[int, int]:
    plain, best, entry = SEED, 0, -1
    for step in range(min(LONGEST_HAN, end - at)):
        plain = carry(plain, signs[at + step])
        found = find(tables.whole_keys, tables.whole, salted(plain, 5))
        if found >= 0:
            best, entry = step + 1, found
    return best, entry


@compiled
def _numeral(
    signs: Ints, at: int, end: int, sentence: int, tables: Tables, tokens: Ints, count: int
) -> tuple[int, int]:
    begin, total, digit = at, 0, -1
    while at < end and tables.numeral[signs[at]] >= 0:
        value = tables.numeral[signs[at]]
        if value >= 10:
            total += value * (digit if digit > 0 else 1)
            digit = -1
        else:
            digit = value
        at += 1
    total += max(digit, 0)
    _put(tokens, count, salted(total, 99), -1, sentence, begin, at, DIGIT)
    tokens[count, VALUE] = total
    tokens[count, FLAGS] = FIGURE
    return at, count + 1


@compiled
def _foreign_run(signs: Ints, at: int, end: int, tables: Tables) -> int:
    """How many signs from here on write a foreign name: each is a syllable, and none begins a known word."""
    run = 0
    while at + run < end and run < 9 and tables.syllable[signs[at + run]] >= 0:
        if run >= 2 and _longest(signs, at + run, end, tables)[0] >= 2:
            break
        run += 1
    return run


@compiled
def _foreign(
    signs: Ints, at: int, run: int, sentence: int, tables: Tables, tokens: Ints, count: int
) -> tuple[int, int]:
    packed, shorter, plain, before = 0, 0, SEED, 0
    for step in range(run):
        plain = carry(plain, signs[at + step])
        shorter = packed
        packed = _join(packed, tables.syllable[signs[at + step]], before)
        before = tables.syllable[signs[at + step]] & 15
    _put(tokens, count, salted(plain, 50), -1, sentence, at, at + run, HAN)
    tokens[count, FLAGS] = FOREIGN
    tokens[count, SKELETON] = packed
    tokens[count, VARIANT] = shorter if run > 2 and shorter != packed else 0
    return at + run, count + 1


@compiled
def _join(packed: int, syllable: int, before: int) -> int:
    """Add a syllable's sounds; the same sound twice in a row is one, as in the other scripts' double letters."""
    if packed >= 1 << 44:
        return packed
    if syllable > 15:
        head, tail = syllable >> 4, syllable & 15
        return (packed if before == head else packed << 4 | head) << 4 | tail
    return packed if syllable in (0, before) else packed << 4 | syllable
