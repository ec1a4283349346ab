"""What one text says that can be compared: rare words, names, places, figures, dates and what kind of event it is.

Two passes. The first counts how common each word, name and sentence is in the batch; the second keeps, of every text,
its rarest words and names with their weights. A weight is the natural logarithm of how many texts there are to one that
has the word, as if `UNRELATED` further texts without it had been read, so that a small batch is not over-confident.
Names are kept as numbers that live for one run: no name is stored, printed or given as a reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.compiled import compiled
from scoring.grouping.figures import MOST_DATES, MOST_FIGURES, read_dates, read_figures
from scoring.grouping.letters import ARABIC, CYRILLIC, LATIN, SIZE, Ints, load_letters
from scoring.grouping.lexicon import CONCEPT, DIGEST, JOIN, NEAR, SOURCE, TOWN, UPDATE, Lexicon, load_lexicon
from scoring.grouping.scan import (
    BEGIN,
    CAPITAL,
    END,
    ENTRY,
    FIELDS,
    FIGURE,
    FIRST,
    FLAGS,
    FOREIGN,
    MOST_SIGNS,
    MOST_TOKENS,
    SCRIPT,
    SENTENCE,
    SKELETON,
    TITLE,
    VARIANT,
    WORD,
    Tables,
    numerals,
    scan,
)
from scoring.grouping.slots import SEED, carry, stir

Reals = npt.NDArray[np.float32]
Marks = npt.NDArray[np.uint8]
Narrow = npt.NDArray[np.int32]
OFTEN, STAMP, LOWER, UPPER, PLACED, COLUMNS = 0, 1, 2, 3, 4, 8  # of Counts.words; eight, so that no row is cut
MOST_WORDS, MOST_NAMES, MOST_SHINGLES = 24, 14, 64
UNRELATED = 200.0
ORDINARY = 2.5  # a word of one text in twelve, or a more common one, is evidence of nothing
CHUNK = 2_000
DIGEST_FLAG, UPDATE_FLAG = 1, 2
_TAG = re.compile(r"<[^>]{0,400}>")
_URL = re.compile(r"https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True)
class Text:
    """One distinct text; `outlet` numbers its publisher (0: not known), `day` counts from 1970 (-1: not known)."""

    title: str
    content: str
    language: int
    outlet: int
    day: int


class Counts(NamedTuple):
    """How often each word and name occurs, by hash slot; stamps keep a text from counting twice.

    `words` has one row a slot, with all that is counted of a word side by side: the slots are met in no order, and a
    row is one walk to memory where five arrays were five.
    """

    texts: Ints
    words: Narrow
    sounds: Ints
    sound_stamp: Ints
    sentence: Ints
    sentence_first: Ints
    sentence_last: Ints


class Features(NamedTuple):
    """One row a text; unused places are 0 (words, names), -1 (figures, dates) or the highest number (shingles).

    words, weights: rarest words, by slot. names, sounds, variants: of each name its slot and consonants, with
    `name_weights` and `sound_weights`; `places` marks the names of places, `sources` those that a text cites.
    """

    words: Ints
    weights: Reals
    names: Ints
    sounds: Ints
    variants: Ints
    name_weights: Reals
    sound_weights: Reals
    places: Marks
    sources: Marks
    figures: Ints
    dates: Ints
    concepts: Ints
    concept_weights: Reals
    shingles: Ints
    runs: Ints
    tokens: Ints
    marks: Ints
    language: Ints
    day: Ints


def read_features(texts: Sequence[Text]) -> Features:
    """Features of all texts; linear in their length."""
    letters, lexicon = load_letters(), load_lexicon()
    tables = Tables(
        letters.kind,
        letters.fold,
        letters.upper,
        letters.sound,
        letters.syllable,
        lexicon.whole_keys,
        lexicon.whole,
        lexicon.stem_keys,
        lexicon.stems,
        lexicon.roles,
        numerals(),
    )
    counts = _counts(len(texts))
    found = _empty(len(texts))
    tokens = np.zeros((MOST_TOKENS, FIELDS), np.int64)
    concepts = np.zeros(64, np.int64)
    for begin in range(0, len(texts), CHUNK):
        chunk = _chunk(texts[begin : begin + CHUNK])
        _count(chunk, begin, tables, lexicon.concepts, counts, concepts, tokens)
    found.concept_weights[:] = np.log((len(texts) + UNRELATED) / (concepts + 1.0 + UNRELATED / 20))
    for begin in range(0, len(texts), CHUNK):
        chunk = _chunk(texts[begin : begin + CHUNK])
        _fill(chunk, begin, tables, _meanings(lexicon), counts, found, tokens)
    return found


class Meanings(NamedTuple):
    concepts: Ints
    values: Ints
    outcomes: int


class Chunk(NamedTuple):
    """Some texts joined: code points, where each begins, ends, and where its title ends."""

    signs: Ints
    begins: Ints
    titles: Ints
    ends: Ints
    languages: Ints
    outlets: Ints
    days: Ints


def _meanings(lexicon: Lexicon) -> Meanings:
    return Meanings(lexicon.concepts, lexicon.values, lexicon.outcome_bits)


def clean(text: str) -> str:
    """Without tags and addresses; at most as many signs as are read."""
    text = text[: MOST_SIGNS * 2]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "http" in text or "www." in text:
        text = _URL.sub(" ", text)
    return text[:MOST_SIGNS]


def _chunk(texts: Sequence[Text]) -> Chunk:
    parts: list[str] = []
    titles, ends = [], []
    at = 0
    for text in texts:
        title, content = clean(text.title), clean(text.content)
        parts += (title, "\n", content, "\n")
        titles.append(at + len(title))
        at += len(title) + len(content) + 2
        ends.append(at)
    signs = np.frombuffer("".join(parts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    signs[signs >= SIZE] = 32
    return Chunk(
        signs,
        np.array([0, *ends[:-1]], np.int64),
        np.array(titles, np.int64),
        np.array(ends, np.int64),
        np.array([text.language for text in texts], np.int64),
        np.array([text.outlet for text in texts], np.int64),
        np.array([text.day for text in texts], np.int64),
    )


def _size(texts: int) -> int:
    """Slots for words: a power of two, about forty a text, from 2^20 to 2^23."""
    return 1 << min(23, max(20, (texts * 40).bit_length()))


def _counts(texts: int) -> Counts:
    size, small = _size(texts), 1 << 20

    def zeros(number: int) -> Ints:
        return np.zeros(number, np.int64)

    words = np.zeros((size, COLUMNS), np.int32)
    words[:, STAMP] = -1
    return Counts(
        zeros(8),
        words,
        zeros(small * 2),
        np.full(small * 2, -1, np.int64),
        zeros(size),
        np.full(size, 10**6, np.int64),
        np.full(size, -1, np.int64),
    )


def _empty(texts: int) -> Features:
    def ints(*shape: int, fill: int = 0) -> Ints:
        return np.full(shape, fill, np.int64)

    return Features(
        words=ints(texts, MOST_WORDS),
        weights=np.zeros((texts, MOST_WORDS), np.float32),
        names=ints(texts, MOST_NAMES),
        sounds=ints(texts, MOST_NAMES),
        variants=ints(texts, MOST_NAMES),
        name_weights=np.zeros((texts, MOST_NAMES), np.float32),
        sound_weights=np.zeros((texts, MOST_NAMES), np.float32),
        places=np.zeros((texts, MOST_NAMES), np.uint8),
        sources=np.zeros((texts, MOST_NAMES), np.uint8),
        figures=ints(texts, MOST_FIGURES, fill=-1),
        dates=ints(texts, MOST_DATES, fill=-1),
        concepts=ints(texts),
        concept_weights=np.zeros(64, np.float32),
        shingles=ints(texts, MOST_SHINGLES, fill=2**62),
        runs=ints(texts),
        tokens=ints(texts),
        marks=ints(texts),
        language=ints(texts),
        day=ints(texts, fill=-1),
    )


@compiled
def _count(chunk: Chunk, offset: int, tables: Tables, concepts: Ints, counts: Counts, seen: Ints, tokens: Ints) -> None:
    # Single arrays for what is called for each word: handing on all counts would cost more than counting.
    words, sounds, sound_stamp, roles = counts.words, counts.sounds, counts.sound_stamp, tables.roles
    for at in range(chunk.begins.size):
        number = scan(
            chunk.signs, chunk.begins[at], chunk.ends[at], chunk.titles[at], chunk.languages[at], tables, tokens
        )
        language = chunk.languages[at]
        counts.texts[language] += 1
        mask = 0
        for one in range(number):
            slot = tokens[one, WORD] & (words.shape[0] - 1)
            if words[slot, STAMP] != at + offset:
                words[slot, STAMP] = at + offset
                words[slot, OFTEN] += 1
                words[slot, PLACED] += _located(tokens, one, roles)
            _case(tokens, one, slot, words)
            if tokens[one, ENTRY] >= 0:
                mask |= concepts[tokens[one, ENTRY]]
            elif tokens[one, SKELETON] > 15:
                _sound(tokens[one, SKELETON], language, at + offset, sounds, sound_stamp)
        _spread(mask, seen)
        _sentences(tokens, number, chunk.outlets[at], chunk.days[at], counts)


@compiled
def _spread(mask: int, seen: Ints) -> None:
    for bit in range(63):
        seen[bit] += (mask >> bit) & 1


@compiled
def _case(tokens: Ints, one: int, slot: int, words: Narrow) -> None:
    """A word that opens a sentence or stands in a title says nothing by its capital."""
    flags = tokens[one, FLAGS]
    if tokens[one, SCRIPT] in (LATIN, CYRILLIC):
        if not flags & CAPITAL:
            words[slot, LOWER] += 1
        elif not flags & (FIRST | TITLE):
            words[slot, UPPER] += 1


@compiled
def _sound(skeleton: int, language: int, text: int, sounds: Ints, sound_stamp: Ints) -> None:
    slot = sound_slot(skeleton, language, sounds)
    if sound_stamp[slot] != text:
        sound_stamp[slot] = text
        sounds[slot] += 1


@compiled
def sound_slot(sounds: int, language: int, counted: Ints) -> int:
    """Names are counted by language: Arabic has no capitals, so all its unknown words look like names."""
    return int(stir(sounds * 8 + language) & (counted.size - 1))


@compiled
def _located(tokens: Ints, one: int, roles: Ints) -> int:
    """Whether the word follows "in", "near", "the city of", or comes before 市."""
    for back in range(1, 4):
        if one - back < 0 or tokens[one - back, SENTENCE] != tokens[one, SENTENCE]:
            return 0
        entry = tokens[one - back, ENTRY]
        if entry < 0:
            if not tokens[one - back, FLAGS] & (CAPITAL | FOREIGN):
                return _followed(tokens, one, roles)
            continue
        if roles[entry] & (NEAR | TOWN):
            return 1
        if not roles[entry] & JOIN:
            return _followed(tokens, one, roles)
    return 0


@compiled
def _followed(tokens: Ints, one: int, roles: Ints) -> int:
    if not tokens[one, FLAGS] & FOREIGN or tokens[one + 1, BEGIN] != tokens[one, END]:
        return 0
    entry = tokens[one + 1, ENTRY]
    return 1 if entry >= 0 and roles[entry] & TOWN else 0


@compiled
def _sentence_end(tokens: Ints, begin: int, number: int) -> int:
    end = begin
    while end < number and tokens[end, SENTENCE] == tokens[begin, SENTENCE]:
        end += 1
    return end


@compiled
def _sentence_slot(tokens: Ints, begin: int, end: int, outlet: int, counts: Counts) -> int:
    plain = carry(SEED, outlet)
    for one in range(begin, end):
        plain = carry(plain, tokens[one, WORD])
    return int(stir(plain) & (counts.sentence.size - 1))


@compiled
def _sentences(tokens: Ints, number: int, outlet: int, day: int, counts: Counts) -> None:
    begin = 0
    while begin < number:
        end = _sentence_end(tokens, begin, number)
        if not tokens[begin, FLAGS] & TITLE:
            slot = _sentence_slot(tokens, begin, end, outlet, counts)
            counts.sentence[slot] += 1
            if day >= 0:
                counts.sentence_first[slot] = min(counts.sentence_first[slot], day)
                counts.sentence_last[slot] = max(counts.sentence_last[slot], day)
        begin = end


@compiled
def _boilerplate(tokens: Ints, begin: int, end: int, outlet: int, counts: Counts) -> bool:
    """A sentence that one outlet prints under many texts of many days says nothing about any event."""
    if tokens[begin, FLAGS] & TITLE:
        return False
    slot = _sentence_slot(tokens, begin, end, outlet, counts)
    span = counts.sentence_last[slot] - counts.sentence_first[slot]
    if outlet == 0:
        return bool(counts.sentence[slot] >= 8 and span >= 5)
    return bool(counts.sentence[slot] >= 4 and span >= 3)


@compiled
def _fill(
    chunk: Chunk, offset: int, tables: Tables, meanings: Meanings, counts: Counts, found: Features, tokens: Ints
) -> None:
    shingles = np.zeros(MOST_TOKENS, np.int64)
    kept = np.zeros((MOST_TOKENS, FIELDS), np.int64)
    for at in range(chunk.begins.size):
        row = at + offset
        number = scan(
            chunk.signs, chunk.begins[at], chunk.ends[at], chunk.titles[at], chunk.languages[at], tables, tokens
        )
        number = _without_boilerplate(tokens, number, chunk.outlets[at], counts, kept)
        found.tokens[row] = number
        found.language[row] = chunk.languages[at]
        found.day[row] = chunk.days[at]
        _marks(kept, number, tables.roles, meanings, found, row)
        _words(kept, number, counts, tables.roles, meanings.concepts, found, row)
        _names(kept, number, counts, tables.roles, found, row)
        read_dates(kept, number, chunk.signs, chunk.days[at], tables.roles, meanings.values, found.dates[row])
        read_figures(kept, number, chunk.signs, tables.roles, meanings, found.figures[row])
        found.runs[row] = _shingles(kept, number, tables.roles, shingles, found.shingles[row])


@compiled
def _without_boilerplate(tokens: Ints, number: int, outlet: int, counts: Counts, kept: Ints) -> int:
    begin, left = 0, 0
    while begin < number:
        end = _sentence_end(tokens, begin, number)
        if not _boilerplate(tokens, begin, end, outlet, counts):
            for one in range(begin, end):
                kept[left] = tokens[one]
                left += 1
        begin = end
    kept[left, SENTENCE] = -1
    kept[left, ENTRY] = -1
    kept[left, FLAGS] = 0
    kept[left, BEGIN] = -1
    return left


@compiled
def _marks(tokens: Ints, number: int, roles: Ints, meanings: Meanings, found: Features, row: int) -> None:
    """What the text is about, and whether its title calls it a digest or an update."""
    mask, marks = 0, 0
    for one in range(number):
        entry = tokens[one, ENTRY]
        if entry >= 0:
            mask |= meanings.concepts[entry]
            if tokens[one, SENTENCE] == 0 and roles[entry] & DIGEST:
                marks |= DIGEST_FLAG
            if tokens[one, SENTENCE] == 0 and roles[entry] & UPDATE:
                marks |= UPDATE_FLAG
    found.concepts[row] = mask
    found.marks[row] = marks


@compiled
def is_name(tokens: Ints, one: int, counts: Counts) -> bool:
    """A capital letter where none is needed; in Arabic any unknown word; in Chinese a run of transcription signs."""
    if tokens[one, ENTRY] >= 0 or tokens[one, SKELETON] <= 0:
        return False
    if tokens[one, SCRIPT] == ARABIC:
        return bool(tokens[one, SKELETON] > 15)
    if tokens[one, FLAGS] & FOREIGN:
        return True
    slot = tokens[one, WORD] & (counts.words.shape[0] - 1)
    return bool(tokens[one, FLAGS] & CAPITAL and counts.words[slot, UPPER] >= counts.words[slot, LOWER])


@compiled
def _words(tokens: Ints, number: int, counts: Counts, roles: Ints, concepts: Ints, found: Features, row: int) -> None:
    """The rarest words that are neither names nor figures, sorted by slot."""
    total = counts.texts.sum() + UNRELATED
    words, weights = found.words[row], found.weights[row]
    for one in range(number):
        entry = tokens[one, ENTRY]
        if tokens[one, FLAGS] & FIGURE or (entry >= 0 and not concepts[entry]):
            continue
        if tokens[one, SCRIPT] != ARABIC and is_name(tokens, one, counts):
            continue
        slot = tokens[one, WORD] & (counts.words.shape[0] - 1)
        weight = np.float32(np.log(total / (counts.words[slot, OFTEN] + 1.0)) - ORDINARY)
        if weight > 0:
            _keep(words, weights, slot, float(weight))
    order = np.argsort(words, kind="mergesort")
    found.words[row] = words[order]
    found.weights[row] = weights[order]


@compiled
def _keep(keys: Ints, weights: Reals, key: int, weight: float) -> int:
    """Hold the heaviest keys, each once; of equal weights the lower slot, so that order of reading does not matter."""
    least = 0
    for at in range(keys.size):
        if keys[at] == key and weights[at] > 0:
            return -1
        if weights[at] < weights[least] or (weights[at] == weights[least] and keys[at] > keys[least]):
            least = at
    if weight > weights[least] or (weight == weights[least] and key < keys[least]):
        keys[least] = key
        weights[least] = weight
        return least
    return -1


@compiled
def _names(tokens: Ints, number: int, counts: Counts, roles: Ints, found: Features, row: int) -> None:
    """The rarest names, in the order of their slots."""
    total = counts.texts.sum() + UNRELATED
    held = np.zeros(MOST_NAMES, np.float32)
    for one in range(number):
        if not is_name(tokens, one, counts):
            continue
        slot = tokens[one, WORD] & (counts.words.shape[0] - 1)
        sounds = tokens[one, SKELETON]
        heard = np.float32(0.0) if sounds <= 15 else _heard(sounds, counts)
        weight = np.float32(np.log(total / (counts.words[slot, OFTEN] + 1.0)))
        placed = _placed(tokens, one, slot, counts, roles)
        # Of many names the places matter most, then the rare ones.
        at = _keep(found.names[row], held, slot, float(heard if tokens[one, SCRIPT] == ARABIC else weight) + 3 * placed)
        if at >= 0:
            found.sounds[row, at] = sounds if sounds > 15 else 0
            found.variants[row, at] = tokens[one, VARIANT] if tokens[one, VARIANT] > 15 else 0
            found.name_weights[row, at] = weight
            found.sound_weights[row, at] = heard
            found.places[row, at] = placed
            found.sources[row, at] = _cited(tokens, one, roles)


@compiled
def _placed(tokens: Ints, one: int, slot: int, counts: Counts, roles: Ints) -> int:
    """A name is a place where the batch mostly writes it as one; an Arabic word must itself follow "in" or "town"."""
    here = _located(tokens, one, roles)
    often = counts.words[slot, PLACED] * 10 >= counts.words[slot, OFTEN] * (1 if here else 4)
    if tokens[one, SCRIPT] == ARABIC:
        return 1 if here and counts.words[slot, PLACED] * 10 >= counts.words[slot, OFTEN] * 4 else 0
    return 1 if often else 0


@compiled
def _cited(tokens: Ints, one: int, roles: Ints) -> int:
    """Whether "according to" stands just before the name."""
    for back in range(1, 4):
        if one - back < 0 or tokens[one - back, SENTENCE] != tokens[one, SENTENCE]:
            return 0
        entry = tokens[one - back, ENTRY]
        if entry >= 0 and roles[entry] & SOURCE:
            return 1
    return 0


@compiled
def _heard(sounds: int, counts: Counts) -> float:
    """How rare the consonants are in that language where they are most common."""
    most = 0.0
    for language in range(6):
        texts = counts.texts[language]
        if texts:
            share = (counts.sounds[sound_slot(sounds, language, counts.sounds)] + 1.0) / (texts + UNRELATED)
            most = max(most, share)
    return float(-np.log(most))


@compiled
def _shingles(tokens: Ints, number: int, roles: Ints, room: Ints, found: Ints) -> int:
    """The lowest hashes of three words in a row, without the words that call a text an update; how many."""
    count, first, second = 0, 0, 0
    for one in range(number):
        entry = tokens[one, ENTRY]
        if entry >= 0 and roles[entry] & UPDATE and not roles[entry] & CONCEPT:
            continue
        word = tokens[one, WORD]
        if first:
            room[count] = stir(carry(carry(carry(SEED, first), second), word)) & 0x3FFFFFFFFFFFFFFF
            count += 1
        first, second = second, word
    ordered = np.unique(room[:count])
    size = min(ordered.size, MOST_SHINGLES)
    for at in range(size):
        found[at] = ordered[at]
    return size
