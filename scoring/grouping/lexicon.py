"""The words of words.toml as tables that compiled loops can read."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from scoring.grouping.letters import Ints, load_letters
from scoring.grouping.slots import find, hash_signs, insert

FILE = Path(__file__).with_name("words.toml")
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
SLOTS = 1 << 15
DAYS = 1_000_000  # a weekday stands above the number in one value: Arabic has one word for Monday and two
# What a word may be; one word may be several things ("mars", "marche").
CONCEPT, NUMBER, MONTH, WEEKDAY, TODAY, YESTERDAY, NEAR, TOWN, AGE, JOIN, SOURCE, DIGEST, UPDATE, COMMON = (
    1 << at for at in range(14)
)
_ROLES = {
    "today": TODAY,
    "yesterday": YESTERDAY,
    "near": NEAR,
    "town": TOWN,
    "age": AGE,
    "join": JOIN,
    "source": SOURCE,
    "digest": DIGEST,
    "update": UPDATE,
    "stop": COMMON,
}
OUTCOMES = ("kill", "injure", "detain", "abduct", "disappear", "torture", "displace")
VICTIMS = ("journalist", "lawyer", "student", "teacher", "health", "aid", "union", "farmer", "clergy", "migrant")
ACTORS = ("police", "soldier", "gunman", "agent", "guard")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Hash of a folded word (salted with its language) → entry; `roles`, `concepts`, `values` are by entry."""

    whole_keys: Ints
    whole: Ints
    stem_keys: Ints
    stems: Ints
    roles: Ints
    concepts: Ints
    values: Ints
    names: tuple[str, ...]
    outcome_bits: int
    victim_bits: int
    actor_bits: int


@cache
def load_lexicon() -> Lexicon:
    """Read words.toml once; an unknown line of it is an error, so that a typing slip cannot hide."""
    raw = tomllib.loads(FILE.read_text("utf-8"))
    names = tuple(name for name in raw["en"] if name not in {*_ROLES, "reviewed_by", "months", "weekdays", "numbers"})
    entries: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0, 0])
    for salt, language in enumerate(LANGUAGES):
        for line, words in raw[language].items():
            for word, role, bits, value in _lines(line, words, names):
                text, stem = word.removesuffix("*"), word.endswith("*")
                entry = entries[f"{salt}{_fold(text)}", stem]
                entry[0] |= role
                entry[1] |= bits
                entry[2] += value if role in (MONTH, NUMBER) and not entry[2] % DAYS else 0
                entry[2] += value * DAYS if role == WEEKDAY and entry[2] < DAYS else 0
    whole_keys, whole = np.zeros(SLOTS, np.int64), np.full(SLOTS, -1, np.int64)
    stem_keys, stems = np.zeros(SLOTS, np.int64), np.full(SLOTS, -1, np.int64)
    for at, (text, stem) in enumerate(entries):
        key = int(hash_signs(np.array([ord(sign) for sign in text[1:]], np.int64), int(text[0])))
        if stem:
            insert(stem_keys, stems, key, at)
        else:
            insert(whole_keys, whole, key, at)
    table = np.array(list(entries.values()), np.int64)
    return Lexicon(
        whole_keys=whole_keys,
        whole=whole,
        stem_keys=stem_keys,
        stems=stems,
        roles=table[:, 0].copy(),
        concepts=table[:, 1].copy(),
        values=table[:, 2].copy(),
        names=names,
        outcome_bits=_bits(names, OUTCOMES),
        victim_bits=_bits(names, VICTIMS),
        actor_bits=_bits(names, ACTORS),
    )


def _bits(names: tuple[str, ...], chosen: tuple[str, ...]) -> int:
    return sum(1 << names.index(one) for one in chosen)


def entry_of(lexicon: Lexicon, word: str, language: str) -> int:
    """The entry of one whole word, or -1: for tests and for those who review the words."""
    signs = np.array([ord(sign) for sign in _fold(word)], np.int64)
    return int(find(lexicon.whole_keys, lexicon.whole, int(hash_signs(signs, LANGUAGES.index(language)))))


def _lines(line: str, words: str, names: tuple[str, ...]) -> Iterator[tuple[str, int, int, int]]:
    """Word, role, concepts and value of each word of one line."""
    if line == "reviewed_by":
        return
    for at, group in enumerate(words.split()):
        if line == "numbers":
            value, _, word = group.partition(":")
            yield word.removesuffix("_"), NUMBER, 0, int(value)
        elif line in {"months", "weekdays"}:
            for word in group.split("|"):
                yield word, MONTH if line == "months" else WEEKDAY, 0, at + 1
        elif line in _ROLES:
            yield group.removesuffix("_"), _ROLES[line], 0, 0
        elif line in names:
            yield group.removesuffix("_"), CONCEPT, 1 << names.index(line), 0
        else:
            raise ValueError(f"words.toml has a line '{line}' that no one reads")


def _fold(text: str) -> str:
    letters = load_letters()
    return "".join(chr(letters.fold[ord(sign)]) for sign in text)
