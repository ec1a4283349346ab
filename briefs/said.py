"""A text of ours with what it was made from: an English str everywhere, and a message with values for other languages.

A composed page is English. What is composed here remembers its message, its numbers and its dates, so that
`briefs.tongue` can say the same in another language without reading English sentences back. Equality, hash and JSON
are those of the English text. A value that is a plain str is a code, a figure or a name: it stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
CARDINALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`text` with named places; with `many`, the form is chosen by `number`, which stands at `{n}`."""

    text: str
    many: str = ""
    number: int = 0
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    value: float
    decimals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or the days from `first` to `last`; `month` says that only the month is meant."""

    first: date
    last: date
    month: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Parts with a sign between them, such as a space between two sentences."""

    parts: tuple[str, ...]
    between: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`a, b and c`."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capital:
    """The same with a capital first."""

    part: "Said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbroken:
    """The same on one line."""

    part: "Said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place by its code."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words that nobody translates here, in the language they were written in.

    With `ours` a rule of the method gave them, and not a person: those that a catalogue knows are said by it.
    """

    language: str
    ours: bool = False


Telling = Message | Number | Day | Joined | Listed | Capital | Unbroken | Named | Quoted


class Said(str):
    """Compares, prints and copies as its English text; a copy of a page is plain."""

    __slots__ = ("telling",)
    telling: Telling

    def __new__(cls, english: str, telling: Telling) -> "Said":
        made = super().__new__(cls, english)
        made.telling = telling
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> str:
        return str(self)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str(self),))


def say(message: str, **values: str | int) -> Said:
    """One message; whole numbers among its values are printed as figures."""
    held = {name: numeral(value) if isinstance(value, int) else value for name, value in values.items()}
    return Said(message.format(**held), Message(text=message, values=tuple(held.items())))


def term(word: str) -> Said:
    """A word of a closed set, such as a level: its own message, without values."""
    return Said(word, Message(text=word))


def count(one: str, many: str, number: int, **values: str | int) -> Said:
    """A message with its number at `{n}`: words below ten in English, figures in other languages."""
    held = {name: numeral(value) if isinstance(value, int) else value for name, value in values.items()}
    english = (one if number == 1 else many).format(n=cardinal(number), **held)
    return Said(english, Message(text=one, many=many, number=number, values=tuple(held.items())))


def cardinal(number: int) -> Said:
    """Below ten in words, as in texts of the United Nations; 1,234 beyond."""
    english = CARDINALS[number] if 0 <= number < len(CARDINALS) else f"{number:,}"
    return Said(english, Number(value=number))


def numeral(value: float, *, decimals: int = 0) -> Said:
    return Said(f"{value:,.{decimals}f}", Number(value=value, decimals=decimals))


def join(*parts: str, between: str = " ") -> Said:
    """What is not empty, one after the other."""
    held = tuple(part for part in parts if part)
    return Said(between.join(held), Joined(parts=held, between=between))


def listed(parts: Sequence[str]) -> Said:
    """`a, b and c`."""
    held = tuple(parts)
    english = "".join(held) if len(held) < 2 else ", ".join(held[:-1]) + " and " + held[-1]
    return Said(english, Listed(parts=held))


def capital(part: str) -> str:
    """The same with a capital first; the rest stays as it is."""
    english = part[:1].upper() + part[1:]
    return Said(english, Capital(part=part)) if isinstance(part, Said) else english


def quote(words: str, language: str | None = None) -> Said:
    """Words of others in their language, or without one words of a rule: they keep their language and say so."""
    return Said(words, Quoted(language="en" if language is None else language, ours=language is None))


def named(code: str, english: str) -> Said:
    return Said(english, Named(code=code))


def day(value: date) -> Said:
    return Said(f"{value.day} {MONTHS[value.month - 1]} {value.year}", Day(first=value, last=value))


def month(value: date) -> Said:
    return Said(f"{MONTHS[value.month - 1]} {value.year}", Day(first=value, last=value, month=True))


def span(first: date, last: date) -> Said:
    """`22–28 January 2024`; what both ends share is said once."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        english = f"{first.day}–{day(last)}"
    elif first.year == last.year:
        english = f"{first.day} {MONTHS[first.month - 1]} – {day(last)}"
    else:
        english = f"{day(first)} – {day(last)}"
    return Said(english, Day(first=first, last=last))
