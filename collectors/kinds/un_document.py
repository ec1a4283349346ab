"""A United Nations document by its symbol: PDF to text, and of the text counts, States, numbers and dates alone.

The paragraphs and titles name people, and their words are not handed on, not even in a defect.

The card's layout says what to read and for which span, `reading: span`:

- `headings: 1 May to 30 April` counts numbered paragraphs under headings of States, in a year that begins that day;
- `table: as at` takes the last figure of each line that begins with a State, up to the line of the total;
- `opinion: session` reads one decision with its number, the States addressed and the day of adoption. The address is
  that of the year's first; those that follow are asked by their numbers.

A span of two days and months repeats each year; `any` is whatever span the document names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Self
from urllib.parse import parse_qs, urlsplit

from collectors.base import Client, FetchFailed, Parsed, ParseStopped
from collectors.kinds.pdf_text import read_lines
from collectors.records import one_language, warn
from domain.errors import HorizonError
from domain.signal import Fact, Observation, Payload, PeriodKind, Report
from domain.source import SourceCard
from domain.state import Gazetteer, fold, load_gazetteer

PARAGRAPH = re.compile(r"^\d{1,4}\.\s+\S")
ANNEX = re.compile(r"^Annex\s+(I{1,3}|\d)\b")
LONG_DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}"
DAY_AND_MONTH = re.compile(r"^(\d{1,2}) ([A-Z][a-z]+)$")
TO = r"\s*(?:to|and|until|–|-)\s*"
ANY_SPAN = re.compile(rf"({LONG_DAY}){TO}({LONG_DAY})")
AS_AT = re.compile(rf"\b[Aa]s (?:at|of) ({LONG_DAY})")
ROW = re.compile(r"^(\D+?)\s+((?:\d|[-–—…](?=\s|$)).*)$")
FIGURE = re.compile(r"^(\d[\d,]*)[a-z]?$")
NO_FIGURE = re.compile(r"^([a-z]|[-–—…])$")  # the letter of a note, or a dash for none
TOTAL = re.compile(r"^(?:Grand )?Total\b")
OPINION = re.compile(r"\bOpinion No\.? ?(\d{1,3})/(\d{4})\b")
IN_BRACKETS = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)")
SESSION = re.compile(rf"session,? \(?((?:\d{{1,2}}(?: [A-Z][a-z]+)?\s*(?:to|–|-)\s*)?{LONG_DAY})")
ADOPTED = re.compile(rf"\[?Adopted on ({LONG_DAY})\]?")
NUMBER_AT_END = re.compile(r"/(\d{1,3})(?=&|$)")
AND = re.compile(r",\s*|\s+and\s+")
BODY = "body"
MAX_HEADING = 80
MAX_TITLE = 3000  # some opinions concern dozens of people
LONGEST = 366  # days of a span that repeats each year
MAX_DECISIONS = 150  # in a year; the busiest had about 90
MAX_GAP = 3  # numbers that are not there one after another: the rest is not out yet
WRAPPED = 2  # lines that a long name takes at most


class Reading(StrEnum):
    """What a document is read for."""

    HEADINGS = "headings"
    TABLE = "table"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class Layout:
    """A card's layout, read: what for, and in which span."""

    reading: Reading
    span: str

    @classmethod
    def of(cls, card: SourceCard) -> Self:
        reading, _, span = card.fields.layout.partition(": ")
        fixed = [DAY_AND_MONTH.match(part) for part in span.split(" to ")]
        known = {
            Reading.HEADINGS: span == "any" or (len(fixed) == 2 and all(fixed)),
            Reading.TABLE: span == "as at",
            Reading.OPINION: span == "session",
        }
        if not any(reading == one and right for one, right in known.items()):
            raise ParseStopped("wrong_type", f"the card's layout is {card.fields.layout!r}; see kinds/un_document.py")
        return cls(Reading(reading), span)


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """The one document, or the decisions of a year one after another until several numbers in a row are not there."""
    numbered = NUMBER_AT_END.search(card.url)
    if not card.fields.layout.startswith(Reading.OPINION) or numbered is None:
        yield client.get(card.url)
        return
    begin, gap, fresh = int(numbered[1]), 0, False
    unchanged: HorizonError | None = None
    for number in range(begin, begin + MAX_DECISIONS):
        there = False
        try:
            payload = client.get(NUMBER_AT_END.sub(f"/{number}", card.url, count=1))
        except FetchFailed:
            if number == begin:
                raise
        except HorizonError as told:
            if told.exit_code:
                raise
            unchanged, there = told, True  # this one landed before; those after it may not have
        else:
            there = _is_pdf(payload)
            if there or number == begin:
                fresh = True
                yield payload
        gap = 0 if there else gap + 1
        if gap >= MAX_GAP or (number == begin and not there):
            break
    if unchanged is not None and not fresh:
        raise unchanged


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    layout = Layout.of(card)
    if not _is_pdf(payload):
        raise ParseStopped("wrong_type", f"not a PDF; it begins with {payload.body[:20]!r}")
    lines = read_lines(payload.body)
    if not any(lines):
        raise ParseStopped("unreadable_payload", "pages without text")
    match layout.reading:
        case Reading.HEADINGS:
            yield from _parse_headings(card, payload, lines, _period_start(lines, layout.span))
        case Reading.TABLE:
            yield from _parse_table(card, payload, lines)
        case Reading.OPINION:
            yield from _parse_opinion(card, payload, lines)


def _parse_headings(card: SourceCard, payload: Payload, lines: list[str], start: date) -> Iterator[Parsed]:
    """One count and one report without a date for each heading.

    Where Annex I has headings, it alone is counted: the body only points to it, and Annex II follows up older cases.
    """
    cases = _count(card, lines)
    part = "Annex I" if cases.get("Annex I") else BODY
    symbol = _symbol(card.url) or card.id
    for heading, count in cases.get(part, {}).items():
        yield _report(card, payload, symbol, heading, {"paragraphs": str(count), "part": part})
        yield from _observe(card, payload, heading, start, count)


def _parse_table(card: SourceCard, payload: Payload, lines: list[str]) -> Iterator[Parsed]:
    """One report without a date for each State; a table whose lines do not add up to its own total is not believed."""
    as_at = AS_AT.search(" ".join(lines))
    if as_at is None:
        raise ParseStopped("missing_field", "the day of the table stands nowhere")
    totals: dict[str, int] = {}
    for number, line in enumerate(lines):
        name, figures = _row(line)
        if totals and TOTAL.match(line):
            if not "".join(figures).endswith(str(sum(totals.values()))):
                raise ParseStopped("totals_differ", f"{sum(totals.values())} by State; the line of the total differs")
            break
        if figures and (place := _wrapped_name(card, lines[max(number - WRAPPED, 0) : number], name)):
            totals[place] = int(figures[-1])
    else:
        raise ParseStopped("missing_field", "no lines of States with a total under them")
    symbol = _symbol(card.url) or card.id
    start = _day(as_at[1]).replace(month=1, day=1)
    for name, count in totals.items():
        yield _report(card, payload, symbol, name, {"total": str(count), "as_at": _day(as_at[1]).isoformat()})
        yield from _observe(card, payload, name, start, count)


def _parse_opinion(card: SourceCard, payload: Payload, lines: list[str]) -> Iterator[Parsed]:
    """One report without a date for each State addressed. Names of people stand beside the State's, and stay there."""
    words = " ".join(lines)
    found = OPINION.search(words)
    if found is None:
        raise ParseStopped("missing_field", "the number of the opinion stands nowhere")
    title, begun, _ = words[found.end() :].partition(" 1. ")
    states: list[str] = []
    for bracket in IN_BRACKETS.findall(title) if begun and len(title) <= MAX_TITLE else ():
        parts = [bracket] if _is_place(card, bracket) else [part.strip() for part in AND.split(bracket)]
        if parts and all(_is_place(card, part) for part in parts):
            states = parts  # the last such bracket: a name before it may have one of its own
    number = f"{int(found[1])}/{found[2]}"
    if not states:
        yield warn(card, "missing_field", "no known State stands in the title", number)
        return
    session, adopted = SESSION.search(words), ADOPTED.search(words)
    facts = {"number": number, "session": session[1] if session else ""}
    facts["adopted_on"] = _day(adopted[1]).isoformat() if adopted else ""
    symbol = _symbol(payload.url) or f"{card.id} {number}"
    for state in dict.fromkeys(states):
        yield _report(card, payload, symbol, state, facts)


def _report(card: SourceCard, payload: Payload, symbol: str, place: str, facts: Mapping[str, str]) -> Report:
    return Report(
        source_id=card.id,
        source_ref=f"{symbol} {place}",
        title=f"{symbol}: {place}",
        url=payload.url if Layout.of(card).reading is Reading.OPINION else card.url,
        collected_at=payload.collected_at,
        place=place,
        language=one_language(card),
        facts=tuple(Fact(name=name, value=value) for name, value in facts.items()),
        basis=payload.basis,
    )


def _observe(card: SourceCard, payload: Payload, place: str, start: date, count: int) -> Iterator[Observation]:
    for series in card.series:
        yield Observation(
            source_id=card.id,
            indicator=series.indicator,
            place=place,
            period_kind=PeriodKind.YEAR,
            period_start=start,
            value=float(count),
            unit=series.unit,
            collected_at=payload.collected_at,
            basis=payload.basis,
        )


def _period_start(lines: list[str], span: str) -> date:
    """The first day of the span; one that repeats each year is no longer than a year, or it is another document."""
    words = " ".join(lines)
    if span == "any":
        if (found := ANY_SPAN.search(words)) is not None and _day(found[1]) < _day(found[2]):
            return _day(found[1])
    else:
        begin, _, end = span.partition(" to ")
        found = re.search(rf"\b{begin}(?: (\d{{4}}))?{TO}{end} (\d{{4}})", words)
        if found is not None:
            first, last = _day(f"{begin} {found[1] or found[2]}"), _day(f"{end} {found[2]}")
            if 0 < (last - first).days <= LONGEST:
                return first
    raise ParseStopped("missing_field", f"the reporting period, {span}, stands nowhere")


def _day(words: str) -> date:
    try:
        return datetime.strptime(words, "%d %B %Y").date()  # noqa: DTZ007  (a day of a document has no zone)
    except ValueError:
        raise ParseStopped("unreadable_date", "a day of the document is none of the calendar") from None


def _count(card: SourceCard, lines: list[str]) -> dict[str, dict[str, int]]:
    """Numbered paragraphs by part and heading; a heading without any is not a heading but a word in a line."""
    part, heading = BODY, ""
    cases: dict[str, dict[str, int]] = {}
    for line in lines:
        if annex := ANNEX.match(line):
            part, heading = f"Annex {annex[1]}", ""
        elif len(line) <= MAX_HEADING and line[:1].isupper() and _is_place(card, line):
            heading = line
        elif heading and PARAGRAPH.match(line):
            counts = cases.setdefault(part, {})
            counts[heading] = counts.get(heading, 0) + 1
    return cases


def _row(line: str) -> tuple[str, list[str]]:
    """The words that a line begins with, and the figures that are all the rest of it; else nothing."""
    found = ROW.match(line)
    pieces = found[2].split() if found else []
    figures = [number[1].replace(",", "") for piece in pieces if (number := FIGURE.match(piece))]
    if found is None or len(figures) + sum(1 for piece in pieces if NO_FIGURE.match(piece)) < len(pieces):
        return "", []
    return found[1].strip(), figures


def _wrapped_name(card: SourceCard, before: list[str], name: str) -> str:
    """The State that a line begins with, together with the lines above where its name did not fit; else nothing."""
    for at in range(len(before) + 1):
        whole = " ".join([*before[len(before) - at :], name])
        if _is_place(card, whole):
            return whole
    return ""


def _is_place(card: SourceCard, words: str) -> bool:
    return bool(words) and (fold(words) in _listed(card.places) or _gazetteer().match(words) is not None)


@cache
def _listed(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(place) for place in places)


@cache
def _gazetteer() -> Gazetteer:
    return load_gazetteer()


def _is_pdf(payload: Payload) -> bool:
    return payload.body.startswith(b"%PDF")


def _symbol(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("s", [""])[0]
