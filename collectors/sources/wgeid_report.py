"""The totals in the summary of the Working Group's yearly report: cases since 1980, and those still open.

A module, because the report gives its figures in sentences and its period in other months than the reader of documents
expects. Most transmitted cases are decades old: these totals are history and no sign of a rise.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.pdf_text import read_lines
from collectors.records import one_language, warn
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

SENTENCES = {
    "transmitted": r"has transmitted a total of (?P<cases>[\d,]+) cases to (?P<states>\d+) (?:States|Governments)",
    "active": r"under active consideration stands at (?P<cases>[\d,]+) in a total of (?P<states>\d+) States",
    "clarified": r"During the reporting period, (?P<cases>[\d,]+) cases were clarified",
}
PERIOD = re.compile(r"(\d{1,2} [A-Z][a-z]+ \d{4}) to (\d{1,2} [A-Z][a-z]+ \d{4})")
NEEDED = ("transmitted", "active")


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One report without a date and without a place; a figure that stands nowhere is named and left out."""
    if not payload.body.startswith(b"%PDF"):
        raise ParseStopped("wrong_type", f"not a PDF; it begins with {payload.body[:20]!r}")
    words = " ".join(read_lines(payload.body))
    facts: list[Fact] = []
    for name, sentence in SENTENCES.items():
        found = re.search(sentence, words)
        if found is not None:
            figures = found.groupdict().items()
            facts += [Fact(name=f"{name} {unit}", value=figure.replace(",", "")) for unit, figure in figures]
        elif name in NEEDED:
            raise ParseStopped("missing_field", f"the sentence on cases {name} stands nowhere")
        else:
            # Some years give another span, such as the past five years: that is another figure.
            yield warn(card, "missing_field", f"the sentence on cases {name} stands nowhere")
    period = PERIOD.search(words)
    if period is None:
        raise ParseStopped("missing_field", "the reporting period stands nowhere")
    symbol = parse_qs(urlsplit(card.url).query).get("s", [card.id])[0]
    yield Report(
        source_id=card.id,
        source_ref=symbol,
        title=f"{symbol}: totals of the Working Group on Enforced or Involuntary Disappearances",
        url=card.url,
        collected_at=payload.collected_at,
        language=one_language(card),
        facts=(Fact(name="from", value=period[1]), Fact(name="to", value=period[2]), *facts),
        basis=payload.basis,
    )
