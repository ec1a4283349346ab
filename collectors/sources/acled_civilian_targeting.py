"""ACLED's monthly deaths in events that target civilians, by way of HDX HAPI: rows added up to States and months.

A module, because some States come as one row and others by district, and because the interface wants its months named.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from collectors.base import Client, Parsed, ParseStopped, audit
from collectors.kinds.decoding import decode_data
from collectors.records import BadRecord, day, number, text, warn
from domain.signal import Observation, Payload, PeriodKind
from domain.source import SourceCard

MONTHS = 6
LIMIT = 10_000  # rows in one answer; a month has about half of them
CIVILIANS = "civilian_targeting"
IGNORED = (
    "has_hrp",
    "in_gho",
    "provider_admin1_name",
    "provider_admin2_name",
    "admin1_code",
    "admin1_name",
    "admin1_ref",
    "admin2_code",
    "admin2_name",
    "admin2_ref",
    "location_ref",
    "location_name",
    "events",
    "reference_period_end",
    "dataset_hdx_id",
    "dataset_hdx_stub",
    "dataset_hdx_title",
    "resource_hdx_id",
    "warning",
)


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """The six newest whole months, one payload each; a first small answer says which month it is."""
    first = client.get(f"{card.url}&limit=1").collected_at.date().replace(day=1)
    for _ in range(MONTHS):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        yield client.get(f"{card.url}&start_date={first}&end_date={last}&limit={LIMIT}&offset=0")


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One count for each State and month. A part without a figure leaves that State missing."""
    answer: object = json.loads(decode_data(payload), parse_constant=str)
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ParseStopped("wrong_type", "no list of rows under 'data'")
    if len(rows) >= LIMIT:
        # A sum over part of the districts would be a false low figure.
        raise ParseStopped("page_full", f"{len(rows)} rows; the rest of the month is missing")
    levels: dict[tuple[str, date], dict[int, list[float | None]]] = defaultdict(lambda: defaultdict(list))
    spoilt: set[str] = set()
    left_over: dict[str, object] = {}
    for at, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise ParseStopped("wrong_type", f"a {type(row).__name__} where row {at} was expected")
        place = text(row.get("location_code"))
        if not place:
            # It belongs to some State, whose sum would be too low.
            raise ParseStopped("missing_field", f"location_code in row {at}")
        try:
            key, level, deaths = _read(row, payload)
        except KeyError as gone:
            raise ParseStopped("column_gone", str(gone.args[0])) from None
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, f"row {at}")
            spoilt.add(place)
            continue
        left_over |= dict.fromkeys(row)
        levels[key][level].append(deaths)
    for (place, start), by_level in sorted(levels.items()):
        # National row or districts, never both: the first level that is there has everything.
        parts = by_level[min(by_level)]
        known = [one for one in parts if one is not None]
        yield Observation(
            source_id=card.id,
            indicator=card.series[0].indicator,
            place=place,
            period_kind=PeriodKind.MONTH,
            period_start=start,
            value=sum(known) if len(known) == len(parts) and place not in spoilt else None,
            unit=card.series[0].unit,
            collected_at=payload.collected_at,
            basis=payload.basis,
        )
    yield from audit(card.id, left_over, ignore=IGNORED)


def _read(row: dict[str, object], payload: Payload) -> tuple[tuple[str, date], int, float | None]:
    """Place and month, administrative level, deaths; a row that the provider marks as wrong has none."""
    place = text(row.pop("location_code"))
    kind = text(row.pop("event_type"))
    start = day(row.pop("reference_period_start"), "reference_period_start", payload)
    level = number(row.pop("admin_level"), "admin_level")
    deaths = number(row.pop("fatalities"), "fatalities")
    wrong = text(row.pop("error", None))
    if level is None:
        raise BadRecord("missing_field", "admin_level")
    if kind != CIVILIANS:
        raise BadRecord("unknown_category", f"event_type: {kind}")
    if start.day != 1:
        raise BadRecord("date_out_of_range", f"a month that begins on {start}")
    return (place, start), int(level), None if wrong else deaths
