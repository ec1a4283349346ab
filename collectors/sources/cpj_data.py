"""Journalists and media workers killed, from CPJ's data manager, without one name.

A module, because the interface has pages and a record for each person: nothing that tells one person from another is
landed, so that no later slip can print it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

from collectors.base import Client, FetchFailed, Parsed, ParseStopped
from collectors.kinds.decoding import decode_data
from collectors.records import BadRecord, day, one_language, text, warn
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

KEPT = ("country", "startDisplay", "type", "status", "typeOfDeath", "motiveConfirmed")
PAGE_SIZE = 20
MAX_PAGES = 60
WHOLE_DAYS = ("%B %d, %Y", "%b %d, %Y", "%Y-%m-%d")


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """All pages as one payload of the kept fields alone, in a fixed order, so that the same news has the same bytes."""
    kept: list[dict[str, str]] = []
    for page in range(1, MAX_PAGES + 1):
        payload = client.get(f"{card.url}&pageNum={page}&pageSize={PAGE_SIZE}")
        rows = _rows(payload)
        if rows is None:
            # What cannot be read cannot be cleared of names, and so is not landed.
            raise FetchFailed(payload.url, "another form of answer")
        kept += [{name: text(row.get(name)) for name in KEPT} for row in rows]
        if not rows:
            break
    else:
        raise FetchFailed(card.url, f"more than {MAX_PAGES} pages")
    kept.sort(key=lambda row: tuple(row.values()))
    yield Payload(
        source_id=card.id,
        url=card.url,
        status=payload.status,
        headers=(("content-type", "application/json"),),
        body=json.dumps({"data": kept}, ensure_ascii=False).encode(),
        collected_at=payload.collected_at,
        basis=payload.basis,
    )


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One report for all people whom the kept fields do not tell apart, with their number."""
    rows = _rows(payload)
    if rows is None:
        raise ParseStopped("wrong_type", "no list of records under 'data'")
    if rows and not any(set(KEPT) <= set(row) for row in rows):
        raise ParseStopped("column_gone", ", ".join(sorted(set(KEPT) - set().union(*rows))))
    people = Counter(tuple(text(row.get(name)) for name in KEPT) for row in rows)
    for said, persons in people.items():
        row = dict(zip(KEPT, said, strict=True))
        ref = " | ".join(said)
        try:
            if not row["country"]:
                raise BadRecord("missing_field", "country")
            occurred_on = _whole_day(row["startDisplay"], payload)
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, ref)
            continue
        facts = {name: value for name, value in row.items() if name != "country"} | {"persons": str(persons)}
        yield Report(
            source_id=card.id,
            source_ref=ref,
            title=f"{row['type']}, {row['status']}".strip(" ,"),
            url="",
            collected_at=payload.collected_at,
            occurred_on=occurred_on,
            place=row["country"],
            language=one_language(card),
            facts=tuple(Fact(name=name, value=value) for name, value in facts.items()),
            basis=payload.basis,
        )


def _rows(payload: Payload) -> list[dict[str, object]] | None:
    try:
        answer: object = json.loads(decode_data(payload), parse_constant=str)
    except (ParseStopped, ValueError, RecursionError):
        return None
    found = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        return None
    return found


def _whole_day(words: str, payload: Payload) -> date | None:
    """The day, or None for a month, a year or a guess at either."""
    for form in WHOLE_DAYS:
        try:
            found = datetime.strptime(words.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return day(found.date().isoformat(), "startDisplay", payload)
    return None
