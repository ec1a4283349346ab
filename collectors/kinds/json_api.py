"""A JSON list of objects, flat or nested; `fields.items` is the dotted path to it when it stands inside another.

Python reads more than JSON is (NaN, keys said twice, half a sign); what two readers could read in two ways has a name
here and is not handed on.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.decoding import decode_data
from collectors.records import read_rows, warn
from domain.signal import Payload
from domain.source import SourceCard

HALF_SIGN = re.compile(r"\\u[dD][89a-fA-F]")
HALF = re.compile("[\ud800-\udfff]")
LONG_NUMBER = re.compile(r"[0-9]{300}|[0-9][eE]\+?[0-9]{3}")
MAX_DIGITS = 300
MAX_RECORDS = 1_000_000  # of one answer


class _SaidTwice(dict[str, object]):
    """An object in which a key stands twice."""

    key = ""


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.post(card.url, card.body) if card.method == "POST" else client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    words = decode_data(payload)
    twice: list[str] = []
    huge: list[str] = []
    items = _read(words, twice, huge)
    if huge:
        yield warn(card, "number_out_of_range", f"{len(huge)} of them; the first begins {huge[0][:40]}")
    for step in card.fields.items.split(".") if card.fields.items else ():
        _refuse_twice(items)
        items = items.get(step) if isinstance(items, dict) else None
    if not isinstance(items, list):
        where = f"at '{card.fields.items}'" if card.fields.items else "at the top"
        raise ParseStopped("wrong_type", f"a {type(items).__name__} {where} where a list was expected")
    if len(items) > MAX_RECORDS:
        raise ParseStopped("oversized_table", f"{len(items)} records")
    if not twice and not HALF_SIGN.search(words):
        yield from read_rows(card, payload, items)
        return
    clear: list[object] = []
    for number, row in enumerate(items, start=1):
        if (found := _first_twice(row)) is not None:
            yield warn(card, "duplicate_key", f"{found.key!r} stands twice in one object", f"row {number}")
            continue
        if _has_half_sign(row):
            yield warn(card, "lone_surrogate", "half a sign; it is shown as �", f"row {number}")
        clear.append(row)
    yield from read_rows(card, payload, clear)


def _read(words: str, twice: list[str], huge: list[str]) -> object:
    def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        read = dict(pairs)
        if len(read) == len(pairs):
            return read
        marked = _SaidTwice(read)
        marked.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        twice.append(marked.key)
        return marked

    def _whole(digits: str) -> int | str:
        if len(digits) <= MAX_DIGITS:
            return int(digits)
        huge.append(digits)
        return digits[:MAX_DIGITS] + "…"

    def _decimal(digits: str) -> float | str:
        value = float(digits)
        if math.isfinite(value):
            return value
        huge.append(digits)
        return digits[:MAX_DIGITS]

    long = LONG_NUMBER.search(words) is not None
    reader = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_constant=_refuse,
        parse_int=_whole if long else None,
        parse_float=_decimal if long else None,
    )
    try:
        items: object = reader.decode(words)
    except json.JSONDecodeError as error:
        check = "trailing_garbage" if error.msg == "Extra data" else "unreadable_payload"
        raise ParseStopped(check, f"{type(error).__name__}: {error}") from error
    return items


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity although JSON has neither."""
    raise ParseStopped("not_a_number", f"{constant} is not JSON")


def _refuse_twice(part: object) -> None:
    if isinstance(part, _SaidTwice):
        raise ParseStopped("duplicate_key", f"{part.key!r} stands twice around the records")


def _first_twice(part: object) -> _SaidTwice | None:
    if isinstance(part, _SaidTwice):
        return part
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return next((found for one in inner if (found := _first_twice(one)) is not None), None)


def _has_half_sign(part: object) -> bool:
    if isinstance(part, str):
        return HALF.search(part) is not None
    if isinstance(part, dict):
        return any(_has_half_sign(one) for pair in part.items() for one in pair)
    return isinstance(part, list) and any(map(_has_half_sign, part))
