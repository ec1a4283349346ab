"""Recommendations of the Universal Periodic Review, counted by State under review and session.

A module, because only counts leave it: 23,000 texts are not ours to keep, and nobody can name one of them by a number.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin

from collectors.base import Client, Parsed, ParseStopped, audit, readable
from collectors.records import one_language, warn
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

BLOCKS = ("1-5", "6-9", "10-13", "17-20")
NEEDED = ("To", "Response", "Action", "Session")
IGNORED = ("To-Rgrp", "To-Org", "Text", "From", "From-Rgrp", "From-Org", "Issue")


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    for block in BLOCKS:
        yield client.get(urljoin(card.url, f"{block}.csv"))


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One undated report for each State and session: how many, with which response, and asking for what kind of act."""
    lines = csv.reader(io.StringIO(_decoded(payload.body), newline=""), strict=True)
    header = [name.strip() for name in next(lines, [])]
    gone = sorted(set(NEEDED) - set(header))
    if gone:
        raise ParseStopped("column_gone" if set(NEEDED) & set(header) else "no_header", ", ".join(gone))
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(header):
            yield warn(card, "wrong_width", f"{len(line)} cells under {len(header)} names", f"line {number}")
            continue
        row = {name: readable(cell).strip() for name, cell in zip(header, line, strict=True)}
        if not row["To"] or not row["Session"]:
            yield warn(card, "missing_field", "To, Session", f"line {number}")
            continue
        counts = counted[row["To"], row["Session"]]
        counts["recommendations"] += 1
        counts[f"response: {row['Response'] or 'not said'}"] += 1
        counts[f"action: {row['Action'] or 'not said'}"] += 1
    for (place, session), counts in sorted(counted.items()):
        yield Report(
            source_id=card.id,
            source_ref=f"{place} | {session}",
            title=f"Universal Periodic Review, session {session}",
            url="",
            collected_at=payload.collected_at,
            place=place,
            language=one_language(card),
            facts=(
                Fact(name="session", value=session),
                *(Fact(name=n, value=str(c)) for n, c in sorted(counts.items())),
            ),
            basis=payload.basis,
        )
    yield from audit(card.id, dict.fromkeys(header), ignore=(*NEEDED, *IGNORED))


def _decoded(body: bytes) -> str:
    """The files end their lines as old Macintosh programmes did; where they are no UTF-8, they are written so too."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("mac-roman")
