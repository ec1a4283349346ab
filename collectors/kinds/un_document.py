"""A United Nations document by its symbol: PDF to text, numbered paragraphs counted under headings of States.

Only counts leave this module: the paragraphs name people, and their words are not handed on.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from urllib.parse import parse_qs, urlsplit

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.pdf_text import read_lines
from collectors.records import one_language
from domain.signal import Fact, Observation, Payload, PeriodKind, Report
from domain.source import SourceCard
from domain.state import Gazetteer, fold, load_gazetteer

PARAGRAPH = re.compile(r"^\d{1,4}\.\s+\S")
ANNEX = re.compile(r"^Annex\s+(I{1,3}|\d)\b")
PERIOD = re.compile(r"1 May (\d{4})\s*(?:to|and|until|–|-)\s*30 April (\d{4})")
BODY = "body"
MAX_HEADING = 80


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One count and one report without a date for each heading.

    Where Annex I has headings, it alone is counted: the body only points to it, and Annex II follows up older cases.
    """
    if not payload.body.startswith(b"%PDF"):
        raise ParseStopped("wrong_type", f"not a PDF; it begins with {payload.body[:20]!r}")
    lines = read_lines(payload.body)
    if not any(lines):
        raise ParseStopped("unreadable_payload", "pages without text")
    start = _period_start(lines)
    cases = _count(lines, frozenset(fold(place) for place in card.places))
    part = "Annex I" if cases.get("Annex I") else BODY
    symbol = _symbol(card)
    for heading, count in cases.get(part, {}).items():
        yield Report(
            source_id=card.id,
            source_ref=f"{symbol} {heading}",
            title=f"{symbol}: {heading}",
            url=card.url,
            collected_at=payload.collected_at,
            place=heading,
            language=one_language(card),
            facts=(Fact(name="paragraphs", value=str(count)), Fact(name="part", value=part)),
            basis=payload.basis,
        )
        for series in card.series:
            yield Observation(
                source_id=card.id,
                indicator=series.indicator,
                place=heading,
                period_kind=PeriodKind.YEAR,
                period_start=start,
                value=float(count),
                unit=series.unit,
                collected_at=payload.collected_at,
                basis=payload.basis,
            )


def _period_start(lines: list[str]) -> date:
    found = PERIOD.search(" ".join(lines))
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise ParseStopped("missing_field", "the reporting period, 1 May to 30 April, stands nowhere")
    return date(int(found[1]), 5, 1)


def _count(lines: list[str], extra: frozenset[str]) -> dict[str, dict[str, int]]:
    """Numbered paragraphs by part and heading; a heading without any is not a heading but a word in a line."""
    part, heading = BODY, ""
    cases: dict[str, dict[str, int]] = {}
    for line in lines:
        if annex := ANNEX.match(line):
            part, heading = f"Annex {annex[1]}", ""
        elif len(line) <= MAX_HEADING and _names_a_place(line, extra):
            heading = line
        elif heading and PARAGRAPH.match(line):
            counts = cases.setdefault(part, {})
            counts[heading] = counts.get(heading, 0) + 1
    return cases


def _names_a_place(line: str, extra: frozenset[str]) -> bool:
    return bool(line) and line[0].isupper() and (fold(line) in extra or _gazetteer().match(line) is not None)


@cache
def _gazetteer() -> Gazetteer:
    return load_gazetteer()


def _symbol(card: SourceCard) -> str:
    return parse_qs(urlsplit(card.url).query).get("s", [card.id])[0]
