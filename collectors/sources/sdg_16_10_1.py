"""SDG indicator 16.10.1: verified killings and enforced disappearances of journalists, trade unionists and defenders.

A module, because the indicator has two series at two addresses, and breaks each down in ways that make up its records.
"""

import json
from collections.abc import Iterator

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.decoding import decode_data
from collectors.records import read_rows, text
from domain.signal import Payload
from domain.source import SourceCard

KILLED, DISAPPEARED = "VC_VAW_MTUHRA", "VC_VOC_ENFDIS"


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    for series in (KILLED, DISAPPEARED):
        yield client.get(card.url.replace(KILLED, series))


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    answer: object = json.loads(decode_data(payload), parse_constant=str)
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(rows, list):
        raise ParseStopped("wrong_type", "no list of records under 'data'")
    if _is_cut(answer):
        # Years that are missing would read as years without a case.
        raise ParseStopped("page_full", f"{text(answer.get('totalElements'))} records; {len(rows)} came")
    yield from read_rows(card, payload, [_with_breakdown(row) for row in rows])


def _is_cut(answer: dict[str, object]) -> bool:
    pages = answer.get("totalPages")
    return isinstance(pages, int) and pages > 1


def _with_breakdown(row: object) -> object:
    """`dimensions` as one cell: together with State and year it names the record."""
    if not isinstance(row, dict):
        return row
    found = row.get("dimensions")
    parts = sorted(f"{name}={text(value)}" for name, value in found.items()) if isinstance(found, dict) else []
    kept = {name: value for name, value in row.items() if name not in {"dimensions", "attributes"}}
    return {**kept, "breakdown": ", ".join(parts)}
