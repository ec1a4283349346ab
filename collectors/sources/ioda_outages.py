"""IODA's outage events of States, as measurement and nothing more: a measured outage names no cause.

A module, because the interface wants a window in Unix seconds and gives its times in them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.decoding import decode_data
from collectors.records import read_rows, warn
from domain.signal import Payload
from domain.source import SourceCard

WINDOW = timedelta(days=28)
LIMIT = 2000  # events in one answer, as the card's address asks
STATE = "country/"
KEPT = frozenset({"bgp", "ping-slash24"})
# Search traffic and background noise rise and fall in peace as well (seen in notes of other clients).
LEFT_OUT = frozenset({"gtr", "gtr-norm", "gtr-sarima", "merit-nt"})


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """Ask the interface for anything small first: when that came, as the client's clock has it, ends the window."""
    until = client.get(urljoin(card.url, "/v2/datasources")).collected_at
    start = until - WINDOW
    yield client.get(f"{card.url}&from={int(start.timestamp())}&until={int(until.timestamp())}")


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    answer: object = json.loads(decode_data(payload), parse_constant=str)
    events = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(events, list):
        raise ParseStopped("wrong_type", "no list of events under 'data'")
    if len(events) >= LIMIT:
        yield warn(card, "page_full", f"{len(events)} events; more may be missing")
    rows: list[object] = []
    for event in events:
        if not isinstance(event, dict):
            rows.append(event)  # named by the reader of rows
            continue
        source = str(event.get("datasource"))
        if source not in KEPT | LEFT_OUT:
            yield warn(card, "unknown_category", f"datasource: {source}", str(event.get("location")))
        if source not in KEPT or not str(event.get("location")).startswith(STATE):
            continue
        try:
            rows.append({**event, **_times(event)})
        except (TypeError, ValueError, OverflowError, OSError):
            yield warn(
                card, "unreadable_date", f"{event.get('start')!r} for {event.get('duration')!r}", str(event["location"])
            )
    yield from read_rows(card, payload, rows)


def _times(event: dict[str, object]) -> dict[str, str]:
    """Start and end in UTC from Unix seconds."""
    start = datetime.fromtimestamp(_seconds(event["start"]), tz=UTC)
    end = start + timedelta(seconds=_seconds(event["duration"]))
    return {"started": start.isoformat(), "ended": end.isoformat()}


def _seconds(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no number of seconds")
    return value
