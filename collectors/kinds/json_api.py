"""A JSON list of objects, flat or nested; `fields.items` is the dotted path to it when it stands inside another."""

import json
from collections.abc import Iterator
from typing import NoReturn

from collectors.base import Client, Parsed, ParseStopped
from collectors.records import read_rows
from domain.signal import Payload
from domain.source import SourceCard


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    items: object = json.loads(payload.body.decode("utf-8-sig"), parse_constant=_refuse)
    for step in card.fields.items.split(".") if card.fields.items else ():
        items = items.get(step) if isinstance(items, dict) else None
    if not isinstance(items, list):
        where = f"at '{card.fields.items}'" if card.fields.items else "at the top"
        raise ParseStopped("wrong_type", f"a {type(items).__name__} {where} where a list was expected")
    yield from read_rows(card, payload, items)


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity although JSON has neither."""
    raise ValueError(f"{constant} is not JSON")
