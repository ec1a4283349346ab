"""The same page in another language: fixed words from a catalogue, numbers and dates as that language writes them.

A view is composed in English, and its numbers, anchors and hash are those of the English page. Words of people, names
of sources and reasons that the rules give keep their language and carry it, so that a screen reader reads them rightly;
a message without a translation is English and marked so. The catalogues: briefs/locales, docs/languages-of-pages.md.
"""

import csv
import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import escape

from briefs.said import (
    Capital,
    Day,
    Joined,
    Listed,
    Message,
    Named,
    Number,
    Quoted,
    Said,
    Unbroken,
    join,
    say,
)
from briefs.view import PageKind, View
from domain.errors import UsageError
from domain.state import REFERENCE

T = TypeVar("T")
ENGLISH = "en"
UNKNOWN = "und"
CODE = "zxx"  # no language at all: a week, a reference, a rule
LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh")
OWN_NAMES = {"en": "English", "ar": "العربية", "es": "español", "fr": "français", "ru": "русский", "zh": "中文"}
RIGHT_TO_LEFT = frozenset({"ar"})
LOCALES = Path(__file__).parent / "locales"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOTICE = (
    "Translated by machine from the English page, which alone counts; no native reader has checked it. What is marked "
    "as English has no translation: names of sources, their words, and reasons that the rules give."
)
# What is no text of the page: numbers, anchors, addresses, codes and marks are the same in every language.
_KEPT = frozenset(
    {
        "number", "letter", "code", "mark", "kind", "anchor", "figure_id", "situation_id", "notes", "closing_notes",
        "hashes", "payload", "period", "home", "shape", "reference", "direction", "region_code", "address", "columns",
        "incidents",
    }
)  # fmt: skip
# Parts for machines alone.
_UNTOUCHED = frozenset({"placed"})
_HREFS = frozenset({"href", "hrefs"})
# Reasons as the rules of the method word them, with codes and figures at their places. Another one stays English.
RULES = (
    "a gate closed in {n} of {m} runs needed for a step down",
    "a gate closed in {n} runs in a row at adequate coverage", "a killing, disappearance or torture",
    "a second grave incident linked to these, from another origin",
    "a second independent origin, of another class of source, on the same or linked incidents",
    "a source failed or was not looked at", "accumulation of {codes} over twelve weeks",
    "adequate coverage first, then weeks without a met trigger", "an organisation affected",
    "apparent rise, explained by more reporting", "{codes} met", "{codes} met one week ago",
    "{codes} met {n} weeks ago", "coverage is not adequate", "coverage is not adequate, nothing heard on {codes}",
    "fewer grave incidents, or fewer origins, than the gate needs", "first report known",
    "grave incidents linked to those that form the pattern", "gravity gate open ({codes})",
    "held since {codes}: cannot see", "imminent irreparable harm named by a mandated body, confirmed by a person",
    "matched window and empirical-Bayes scan, combined", "met one week ago", "met {n} weeks ago",
    "more than chance would give", "no alarm at the method's rate of false alarms", "no alarm to allow for",
    "no call that two people confirmed", "no history of report volume from within",
    "no list of overdue reports is known", "no measurement to set beside it", "no report five years overdue",
    "no source of this version feeds it", "no source that feeds it covers this place now",
    "no surge, accumulation, persistence or finding", "nobody targeted in {n} weeks", "nothing stands above urgent",
    "{n} grave incidents in twelve weeks", "{n} in eight weeks", "{n} in twelve weeks",
    "{n} incidents against those who report", "{n} irreparable incidents, {m} origins",
    "{n} killed and {m} injured, low figures", "{n} letters known, {m} needed", "{n} persons",
    "{n} persons killed or injured in four weeks, low figure", "{n} reports in four weeks, {m} expected",
    "{n} substantive replies to {m} letters",
    "{n} weeks at adequate coverage without a met trigger or grave incident", "one grave incident in twelve weeks",
    "one incident", "one origin", "one report of cause",
    "pattern ({codes}) and gravity ({others}) open on the same or linked incidents", "pattern gate open ({codes})",
    "reconstructed: worked out from later data", "replies are not in the source", "silence alone lowers nothing",
    "supporting triggers only", "surge of {codes}", "taken up, no origin of its own", "the alarm goes away",
    "the alarm stays", "the list is of {codes}",
    "the same in the next run, with a further first-level place or an attack on those who report",
    "the same number of the same publisher", "the same sources report less elsewhere too", "two reports of cause",
    "urgent: sustained or many killed, enough origins, and two further conditions",
)  # fmt: skip
_PLACES = {"n": r"\d[\d,]*", "m": r"\d[\d,]*", "codes": r"[A-Z0-9][\w-]*(?:, [A-Z]\w+)*", "others": r"[A-Z]\w*"}
_WORDS = re.compile(r"[^\W\d_]{3,}")
_LATIN = re.compile(r"[A-Za-z]")
_NOT_LATIN = re.compile(r"[\u0370-\U0010ffff]{3,}")
# Months as documents of the United Nations in Arabic write them, in both namings.
_ARABIC_MONTHS = (
    "كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيه",
    "تموز/يوليه", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر",
)  # fmt: skip
_SIGNS: Mapping[str, Mapping[str, str]] = {
    "ar": {", ": "، ", "; ": "؛ "},
    "zh": {", ": "，", "; ": "；"},
    "fr": {"; ": f"{NO_BREAK}; "},
}
_CHINESE_STOPS = ("。", "；", "，", "：", "？", "！", "、", "（")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of one language; an empty one is the page's own."""

    text: str
    language: str = ""


class Spoken(str):
    """A text in the language of its page, with what in it is of another one. A copy is plain."""

    __slots__ = ("pieces",)
    pieces: tuple[Piece, ...]

    def __new__(cls, pieces: tuple[Piece, ...]) -> "Spoken":
        made = super().__new__(cls, "".join(piece.text for piece in pieces))
        made.pieces = pieces
        return made

    def __html__(self) -> str:
        return "".join(_isolated(one) if one.language else str(escape(one.text)) for one in self.pieces)

    def __deepcopy__(self, memo: dict[int, Any]) -> str:
        return str(self)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str(self),))


def _isolated(piece: Piece) -> str:
    """A run that reads in its own direction, whatever stands beside it."""
    if piece.language == CODE:
        return f'<bdi dir="ltr">{escape(piece.text)}</bdi>'
    return f'<bdi lang="{escape(piece.language)}">{escape(piece.text)}</bdi>'


def require_language(language: str) -> str:
    if language not in LANGUAGES:
        raise UsageError(
            f"'{language}' is not a language of the pages.",
            why="There are catalogues for the six languages of the United Nations.",
            do=f"Give one of: {', '.join(LANGUAGES)}.",
        )
    return language


def in_every_language(message: str) -> frozenset[str]:
    """A fixed word in each of the six, for who must know it again."""
    spoken = (load_catalogue(one).words.get(message, (message,))[0] for one in LANGUAGES if one != ENGLISH)
    return frozenset((message, *spoken))


def direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def speak(view: View, language: str, *, content_hash: str = "", pages: frozenset[str] = frozenset()) -> View:
    """The view in another language. `content_hash` is the English page's; `pages` are files that have this language."""
    if require_language(language) == ENGLISH:
        return view
    tongue = _Tongue(language, pages)
    spoken = tongue.each(view)
    mast = replace(
        spoken.masthead,
        facts=(
            *spoken.masthead.facts,
            (tongue.text(say("Language")), OWN_NAMES[language]),
            *(((tongue.text(say("Content hash of the English page")), content_hash),) if content_hash else ()),
        ),
    )
    notice = say(NOTICE)
    bureau = view.kind is PageKind.BUREAU
    return replace(
        spoken,
        language=language,
        direction=direction(language),
        masthead=mast,
        lead=tongue.text(view.lead if bureau else join(notice, view.lead)) if view.lead or not bureau else "",
        foot=tongue.text(join(view.foot, notice)) if bureau else spoken.foot,
    )


def furniture(language: str) -> Callable[..., str]:
    """The words of a form: `words("Annex")`, `words("of {place}", place=…)`.

    Values are texts of a page that speaks the language already: they stay, with what they carry.
    """
    tongue = None if language == ENGLISH else _Tongue(language, frozenset())

    def words(message: str, **values: str | int) -> str:
        said = say(message, **values)
        return str(said) if tongue is None else tongue.text(said)

    return words


def place_name(code: str, english: str, language: str) -> str:
    """The official short name of a State; empty where the table has none, or means another place by the code."""
    known, names = _names().get(code, ("", {}))
    return names.get(language, "") if known == english else ""


def numeral_in(language: str, value: float) -> str:
    """A whole number as the language groups it, for a drawing."""
    return str(format_decimal(value, format="#,##0", locale=language))


def bare(text: str) -> str:
    """The same without what it carries, for titles and drawings."""
    return str(text)


def pieces_of(text: str) -> tuple[Piece, ...]:
    return text.pieces if isinstance(text, Spoken) else (Piece(text=text),)


def each_text(held: T, change: Callable[[str], str]) -> T:
    """The same dataclasses with every text changed; words of closed sets stay."""
    if isinstance(held, str):
        return held if isinstance(held, Enum) else change(held)  # type: ignore[return-value] # a text stays a text
    if isinstance(held, tuple):
        return tuple(each_text(one, change) for one in held)  # type: ignore[return-value] # a tuple stays a tuple
    if is_dataclass(held) and not isinstance(held, type):
        changed = {one.name: each_text(getattr(held, one.name), change) for one in fields(held) if one.init}
        return replace(held, **changed)
    return held


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """Translations by message; `form` gives the index of a plural form for a number."""

    words: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


@cache
def load_catalogue(language: str) -> _Catalogue:
    with (LOCALES / language / "LC_MESSAGES" / "briefs.po").open("rb") as file:
        read = read_po(file, locale=language)
    words: dict[str, tuple[str, ...]] = {}
    for message in read:
        if not message.id or message.fuzzy:
            continue
        one = message.id[0] if isinstance(message.id, tuple | list) else message.id
        given = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if all(given):
            words[one] = tuple(_typeset(text, language) for text in given if text)
    return _Catalogue(words, gettext.c2py(read.plural_expr))


@cache
def _names() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    with (REFERENCE / "states.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["iso3"]: (row["name_en"], {one: row[f"name_{one}"] for one in LANGUAGES})
            for row in csv.DictReader(lines)
        }


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each reason with places, and what finds it."""
    return tuple(
        (rule, re.compile("".join(_found(literal, place) for literal, place, _, _ in Formatter().parse(rule))))
        for rule in RULES
        if "{" in rule
    )


def _found(literal: str, place: str | None) -> str:
    return re.escape(literal) + (f"(?P<{place}>{_PLACES[place]})" if place else "")


def _typeset(text: str, language: str) -> str:
    """French sets a space that does not break before its double signs and inside its quotation marks."""
    if language != "fr":
        return text
    return re.sub(r" ([:;!?»%])", NO_BREAK + r"\1", text).replace("« ", f"«{NO_BREAK}")


class _Tongue:
    """One language, ready to be spoken."""

    def __init__(self, language: str, pages: frozenset[str]) -> None:
        self.language = language
        self.pages = pages
        self.catalogue = load_catalogue(language)
        self.signs = _SIGNS.get(language, {})

    def each(self, held: T, name: str = "") -> T:
        """The same part of a view in this language."""
        if isinstance(held, str):
            return self._field(held, name)  # type: ignore[return-value] # a text stays a text
        if isinstance(held, tuple) and name == "key" and isinstance(held[0], str):
            return (held[0], *(self.each(one) for one in held[1:]))  # type: ignore[return-value] # a mark and its word
        if isinstance(held, tuple):
            return tuple(self.each(one, name) for one in held)  # type: ignore[return-value] # a tuple stays a tuple
        if is_dataclass(held) and not isinstance(held, type):
            changed = {
                one.name: self.each(getattr(held, one.name), one.name)
                for one in fields(held)
                if one.init and one.name not in _UNTOUCHED
            }
            return replace(held, **changed)
        return held

    def text(self, text: str) -> Spoken:
        return Spoken(tuple(_merged(self._pieces(text, top=True))))

    def _field(self, text: str, name: str) -> str:
        if name in _HREFS:
            return self._href(text)
        if isinstance(text, Enum) or name in _KEPT or not text:
            return text
        # What a person wrote is marked piece by piece, so that its heading can be in the language of the page.
        return "" if name == "language" else self.text(text)

    def _href(self, href: str) -> str:
        page, hash_, anchor = href.partition("#")
        stem, dot, form = page.rpartition(".")
        # A page is listed as HTML; its other forms go by the same name.
        here = f"{stem}.html" in self.pages and form in {"html", "pdf", "docx", "json"}
        return f"{stem}.{self.language}{dot}{form}{hash_}{anchor}" if here else href

    def _pieces(self, text: str, *, top: bool = False) -> Iterator[Piece]:
        if isinstance(text, Spoken):
            yield from text.pieces
        elif not isinstance(text, Said):
            yield from self._plain(text) if top else (self._code(text),)
        else:
            yield from self._telling(text)

    def _telling(self, text: Said) -> Iterator[Piece]:
        match text.telling:
            case Message() as message:
                yield from self._message(text, message)
            case Number() as number:
                yield Piece(text=self._number(number))
            case Day() as day:
                yield Piece(text=self._days(day))
            case Joined() as joined:
                yield from self._joined(joined)
            case Listed() as listed:
                yield from self._listed(listed)
            case Capital(part=part):
                yield from self._capital(part)
            case Unbroken(part=part):
                yield from (replace(one, text=one.text.replace(" ", NO_BREAK)) for one in self._pieces(part))
            case Named(code=code):
                name = place_name(code, text, self.language) or self.catalogue.words.get(text, ("",))[0]
                yield Piece(text=name) if name else Piece(text=str(text), language=ENGLISH)
            case Quoted(language=language, ours=ours):
                if ours and (known := self._of_rules(text)):
                    yield from known
                elif language:
                    yield Piece(text=str(text), language=language)
                else:
                    yield from self._plain(str(text))

    def _plain(self, text: str) -> Iterator[Piece]:
        """A text without a message: a word of the catalogue, a code or a figure, or words of others."""
        known = self.catalogue.words.get(text)
        if known is not None and "{" not in text:
            yield Piece(text=known[0])
        elif not _WORDS.search(text) or text == text.upper():
            yield self._code(text)
        else:
            yield Piece(text=text, language=UNKNOWN if _NOT_LATIN.search(text) else ENGLISH)

    def _of_rules(self, text: str) -> tuple[Piece, ...]:
        """What a rule gives as its reason, whole, or part by part between semicolons; empty where one is not known."""
        pieces: list[Piece] = []
        for at, part in enumerate(text.removesuffix(".").split("; ")):
            spoken = self._of_rule(part) or self._of_rule(part[:1].lower() + part[1:])
            if not spoken:
                return ()
            pieces += (Piece(text=self.signs.get("; ", "; ")), *spoken) if at else spoken
        if text[:1].isupper():
            pieces[0] = replace(pieces[0], text=pieces[0].text[:1].upper() + pieces[0].text[1:])
        if text.endswith("."):
            pieces.append(Piece(text=self.catalogue.words.get(".", (".",))[0]))
        return tuple(pieces)

    def _of_rule(self, part: str) -> tuple[Piece, ...]:
        """One reason, with the codes and figures that stand in it."""
        if "{" in part:
            return ()
        if known := self.catalogue.words.get(part):
            return (Piece(text=known[0]),)
        for rule, pattern in _patterns():
            found, known = pattern.fullmatch(part), self.catalogue.words.get(rule)
            if found and known:
                return tuple(
                    piece
                    for literal, place, _, _ in Formatter().parse(known[0])
                    for piece in (Piece(text=literal), *((self._code(found[place]),) if place else ()))
                )
        return ()

    def _code(self, text: str) -> Piece:
        """A code keeps its order from left to right where the page reads the other way."""
        turned = self.language in RIGHT_TO_LEFT and _LATIN.search(text)
        return Piece(text=text, language=CODE if turned else "")

    def _message(self, text: Said, message: Message) -> Iterator[Piece]:
        forms = self.catalogue.words.get(message.text)
        if forms is None:
            yield Piece(text=str(text), language=ENGLISH) if _WORDS.search(text) else Piece(text=str(text))
            return
        form = forms[self.catalogue.form(message.number) if message.many else 0]
        values = dict(message.values)
        if message.many:
            values["n"] = Said("", Number(value=message.number))
        if "{" not in message.text and not values:
            yield Piece(text=form)
            return
        for literal, place, _, _ in Formatter().parse(form):
            if literal:
                yield Piece(text=literal)
            if place is not None:
                yield from self._pieces(values[place])

    def _joined(self, joined: Joined) -> Iterator[Piece]:
        between = self.signs.get(joined.between, joined.between)
        before = ""
        for at, part in enumerate(joined.parts):
            pieces = list(self._pieces(part))
            if at:
                tight = self.language == "zh" and between == " " and before.endswith(_CHINESE_STOPS)
                yield Piece(text="" if tight else between)
            yield from pieces
            before = "".join(one.text for one in pieces)

    def _listed(self, listed: Listed) -> Iterator[Piece]:
        if not listed.parts:
            return
        pattern = format_list([f"{{{at}}}" for at in range(len(listed.parts))], locale=self.language)
        for literal, place, _, _ in Formatter().parse(pattern):
            if literal:
                yield Piece(text=literal)
            if place is not None:
                yield from self._pieces(listed.parts[int(place)])

    def _capital(self, part: Said) -> Iterator[Piece]:
        first = True
        for one in self._pieces(part):
            yield replace(one, text=one.text[:1].upper() + one.text[1:]) if first else one
            first = first and not one.text

    def _number(self, number: Number) -> str:
        if not number.decimals:
            return numeral_in(self.language, number.value)
        pattern = "#,##0." + "0" * number.decimals
        return str(format_decimal(number.value, format=pattern, locale=self.language))

    def _days(self, day: Day) -> str:
        if day.month:
            return self._month(day.first)
        if day.first == day.last:
            return self._day(day.first)
        same_year = day.first.year == day.last.year
        if not same_year:
            between = "至" if self.language == "zh" else " – "
            return f"{self._day(day.first)}{between}{self._day(day.last)}"
        same_month = day.first.month == day.last.month
        if self.language == "zh":
            last = f"{day.last.day}日" if same_month else f"{day.last.month}月{day.last.day}日"
            return f"{self._day(day.first)}至{last}"
        if same_month:
            return f"{self._ordinal(day.first)}–{self._day(day.last)}"
        return f"{self._day(day.first, year=False)} – {self._day(day.last)}"

    def _ordinal(self, value: date) -> str:
        return "1er" if self.language == "fr" and value.day == 1 else str(value.day)

    def _day(self, value: date, *, year: bool = True) -> str:
        """A day as documents of the United Nations write it in this language."""
        month = _ARABIC_MONTHS[value.month - 1]
        match self.language:
            case "zh":
                return f"{value.year}年{value.month}月{value.day}日"
            case "es":
                name = format_date(value, "MMMM", locale="es")
                return f"{value.day} de {name}" + (f" de {value.year}" if year else "")
            case "ru":
                name = format_date(value, "d MMMM", locale="ru")
                return f"{name} {value.year} года" if year else name
            case "fr":
                month = format_date(value, "MMMM", locale="fr")
            case _:
                pass
        return f"{self._ordinal(value)} {month}" + (f" {value.year}" if year else "")

    def _month(self, value: date) -> str:
        match self.language:
            case "zh":
                return f"{value.year}年{value.month}月"
            case "ar":
                return f"{_ARABIC_MONTHS[value.month - 1]} {value.year}"
            case "es":
                return f"{format_date(value, 'LLLL', locale='es')} de {value.year}"
            case "ru":
                return f"{format_date(value, 'LLLL', locale='ru')} {value.year} года"
            case _:
                return f"{format_date(value, 'LLLL', locale=self.language)} {value.year}"


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one language as one."""
    held: Piece | None = None
    for one in pieces:
        if not one.text:
            continue
        if held is not None and held.language == one.language:
            held = replace(held, text=held.text + one.text)
        else:
            if held is not None:
                yield held
            held = one
    if held is not None:
        yield held


def switcher(language: str, others: tuple[str, ...], name: str) -> tuple[tuple[str, str, str], ...]:
    """Links to the same page in other languages: language, its own name, file."""
    return tuple(
        (one, OWN_NAMES[one], f"{name}.html" if one == ENGLISH else f"{name}.{one}.html")
        for one in others
        if one != language
    )
