"""Cloudflare Radar's annotations of outages: one record for each place that an annotation names.

A module, because an annotation names its places in lists, by code in one field and by name in another.
"""

import json
from collections.abc import Iterator

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.decoding import decode_data
from collectors.records import read_rows
from domain.defect import Defect, DefectLevel
from domain.signal import Payload
from domain.source import SourceCard


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """Each annotation on each of its places; one of a data centre or a network alone names no place and is told."""
    answer: object = json.loads(decode_data(payload), parse_constant=str)
    result = answer.get("result") if isinstance(answer, dict) else None
    annotations = result.get("annotations") if isinstance(result, dict) else None
    if not isinstance(annotations, list):
        raise ParseStopped("wrong_type", "no list of annotations; the interface says so when it refuses")
    rows: list[object] = []
    for annotation in annotations:
        if not isinstance(annotation, dict):
            rows.append(annotation)  # named by the reader of rows
            continue
        names = _names(annotation)
        rows += [{**annotation, "location": name} for name in names]
        if not names:
            yield Defect(
                level=DefectLevel.INFO,
                check="without_place",
                source_id=card.id,
                record=str(annotation.get("id", "")),
                evidence="the annotation names no place",
            )
    yield from read_rows(card, payload, rows)


def _names(annotation: dict[str, object]) -> list[str]:
    details = annotation.get("locationsDetails")
    if not isinstance(details, list):
        return []
    return [str(one["name"]) for one in details if isinstance(one, dict) and one.get("name")]
