"""ACLED's events, week by week, and the list of those that it deleted: a deletion is the newest version of an event.

A module, because of pages and of deletions. The token is the client's affair.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urljoin

from collectors.base import Client, FetchFailed, Parsed, ParseStopped, audit
from collectors.kinds.decoding import decode_data
from collectors.records import BadRecord, number, one_language, read_rows, text, warn
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

WEEKS = 8
LIMIT = 5_000  # rows of a page
PAGES = 20  # a week has about two; more means that the interface does not turn them
DELETED_DAYS = 60
DELETED = "../deleted/read"
WHEN_DELETED = "deleted_timestamp"
LAST_SECOND = 4_102_444_800  # 2100
STANDING = ("deleted", "deleted_on")  # facts that only a deletion has
ISO3 = 3  # an event's number begins with the code of its State


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """Nine weeks, oldest first, then the deletions; a first small answer says which week it is."""
    today = client.get(f"{card.url}?{_query(_format='json', fields=card.fields.ref, limit=1)}").collected_at.date()
    monday = today - timedelta(days=today.weekday())
    landed = 0
    for back in range(WEEKS, -1, -1):
        start = monday - timedelta(weeks=back)
        window = f"{start}|{start + timedelta(days=6)}"
        asked = _query(_format="json", event_date=window, event_date_where="BETWEEN", fields="|".join(_columns(card)))
        for payload in _pages(client, f"{card.url}?{asked}"):
            landed += 1
            yield payload
    if not landed:
        raise FetchFailed(card.url, f"no event in {WEEKS + 1} weeks")
    since = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=DELETED_DAYS)
    asked = _query(_format="json", deleted_timestamp=int(since.timestamp()), deleted_timestamp_where=">=")
    yield from _pages(client, f"{urljoin(card.url, DELETED)}?{asked}")


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One report an event; one, undated and uncoded, a deletion."""
    rows = _rows(payload)
    if any(isinstance(row, dict) and WHEN_DELETED in row for row in rows):
        yield from _deletions(card, payload, rows)
        return
    # An event has no word on its deletion, and the reader of rows would miss the column.
    facts = tuple(name for name in card.fields.facts if name not in STANDING)
    codes = tuple(replace(rule, unless=()) for rule in card.codes)
    yield from read_rows(replace(card, fields=replace(card.fields, facts=facts), codes=codes), payload, rows)


def _pages(client: Client, address: str) -> Iterator[Payload]:
    """Pages until one is not full; an empty one says nothing and is not landed."""
    for page in range(1, PAGES + 1):
        payload = client.get(f"{address}&{_query(limit=LIMIT, page=page)}")
        try:
            count = len(_rows(payload))
        except (ValueError, RecursionError, ParseStopped):
            yield payload  # landed all the same: its parser names what is wrong
            return
        if count:
            yield payload
        if count < LIMIT:
            return
    raise FetchFailed(address, f"more than {PAGES} full pages")


def _rows(payload: Payload) -> list[object]:
    answer: object = json.loads(decode_data(payload), parse_constant=str)
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ParseStopped("wrong_type", "no list of rows under 'data'; the interface says so when it refuses")
    return rows


def _deletions(card: SourceCard, payload: Payload, rows: list[object]) -> Iterator[Parsed]:
    left_over: dict[str, object] = {}
    for at, row in enumerate(rows, start=1):
        ref = text(row.get(card.fields.ref)) if isinstance(row, dict) else ""
        if not isinstance(row, dict) or not ref:
            yield warn(card, "missing_field", card.fields.ref, f"row {at}")
            continue
        try:
            deleted_on = _day(row.get(WHEN_DELETED))
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, ref)
            deleted_on = ""  # it is deleted all the same
        left_over |= dict.fromkeys(row)
        yield Report(
            source_id=card.id,
            source_ref=ref,
            title="deleted by the publisher",
            url="",
            collected_at=payload.collected_at,
            place=ref[:ISO3] if ref[:ISO3].isalpha() else "",
            language=one_language(card),
            facts=(Fact(name="deleted", value="yes"), Fact(name="deleted_on", value=deleted_on)),
            basis=payload.basis,
        )
    yield from audit(card.id, left_over, ignore=(card.fields.ref, WHEN_DELETED))


def _day(value: object) -> str:
    seconds = number(value, WHEN_DELETED)
    if seconds is None or not 0 < seconds < LAST_SECOND:
        raise BadRecord("unreadable_date", f"{WHEN_DELETED} is {text(value)!r}")
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _columns(card: SourceCard) -> list[str]:
    """What is asked for: what the card reads, and no word more."""
    fields = card.fields
    wanted = (fields.ref, fields.occurred_on, fields.place, fields.first_level, *fields.facts)
    return [name for name in dict.fromkeys(wanted) if name not in STANDING]


def _query(**parameters: str | int) -> str:
    return urlencode(parameters)
