"""A CSV file: `rows` holds one record a line, `wide` a date in the first column and one place in each other."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from collectors.base import Client, Parsed, ParseStopped, readable
from collectors.kinds.decoding import decode_data
from collectors.records import MAX_COLUMNS, BadRecord, Plan, day, number, period, read_rows, warn
from domain.signal import Observation, Payload
from domain.source import SourceCard

WIDE_COLUMNS = 2
MAX_LINES = 2_000_000  # the largest table asked for has some 400,000
# What Python's reader says, and what it is called here; it takes cells of up to 131,072 signs.
WRONG_FORM = (
    ("field larger than field limit", "oversized_cell"),
    ("unexpected end of data", "quote_never_closed"),
)


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    header, body = _read(decode_data(payload))
    if body and _is_hxl(body[0]):
        body = body[1:]
    match card.fields.layout:
        case "wide":
            yield from _parse_wide(card, payload, header, body)
        case "rows":
            yield from _parse_rows(card, payload, header, body)
        case other:
            raise ParseStopped("wrong_type", f"the card says layout {other!r}; a CSV file has 'rows' or 'wide'")


def _read(words: str) -> tuple[list[str], list[list[str]]]:
    """The names and the lines under them. A quote never closed swallows lines, so nothing of such a file is used."""
    if (ends := max(words.count("\n"), words.count("\r"))) > MAX_LINES:
        raise ParseStopped("oversized_table", f"{ends} lines")
    lines = csv.reader(io.StringIO(words, newline=""), strict=True)
    try:
        header = [readable(name).strip() for name in next(lines, [])]
        body = [line for line in lines if any(cell.strip() for cell in line)]
    except csv.Error as error:
        check = next((name for said, name in WRONG_FORM if said in str(error)), "broken_table")
        raise ParseStopped(check, f"line {lines.line_num}: {error}") from error
    if len(header) > MAX_COLUMNS:
        raise ParseStopped("oversized_table", f"{len(header)} columns")
    return header, body


def _parse_rows(card: SourceCard, payload: Payload, header: list[str], body: list[list[str]]) -> Iterator[Parsed]:
    if not header:
        return
    if not Plan.of(card).needed & set(header):
        # Seen: UCDP's candidate file 24.0.1 began with its first event.
        raise ParseStopped("no_header", "the first line is " + ", ".join(header)[:200])
    read = Plan.of(card).needed | Plan.of(card).welcome
    if twice := sorted(name for name, times in Counter(header).items() if times > 1 and name in read):
        raise ParseStopped("duplicate_column", ", ".join(twice)[:200])
    rows: list[dict[str, str]] = []
    for line_number, line in enumerate(body, start=2):
        if len(line) != len(header):
            yield warn(card, "wrong_width", f"{len(line)} cells under {len(header)} names", f"line {line_number}")
            continue
        rows.append(dict(zip(header, line, strict=True)))
    yield from read_rows(card, payload, rows)


def _parse_wide(card: SourceCard, payload: Payload, header: list[str], body: list[list[str]]) -> Iterator[Parsed]:
    """The card's one series stands for every column; an empty cell is an observation without a value."""
    if not header:
        return
    if len(card.series) != 1:
        raise ParseStopped("wrong_type", f"a wide table has one series, and the card names {len(card.series)}")
    if len(header) < WIDE_COLUMNS or _starts_with_a_date(header, payload):
        raise ParseStopped("no_header", "the first line is " + ", ".join(header)[:200])
    series = card.series[0]
    for line_number, line in enumerate(body, start=2):
        if len(line) != len(header):
            yield warn(card, "wrong_width", f"{len(line)} cells under {len(header)} names", f"line {line_number}")
            continue
        try:
            kind, start = period(card, series, day(line[0], "the first column", payload))
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, f"line {line_number}")
            continue
        for place, cell in zip(header[1:], line[1:], strict=True):
            if not place:
                continue
            try:
                value = number(cell.strip(), place)
            except BadRecord as bad:
                yield warn(card, bad.check, bad.evidence, f"{place} {start}")
                continue
            yield Observation(
                source_id=card.id,
                indicator=series.indicator,
                place=place,
                period_kind=kind,
                period_start=start,
                value=value,
                unit=series.unit,
                collected_at=payload.collected_at,
                basis=payload.basis,
            )


def _starts_with_a_date(header: list[str], payload: Payload) -> bool:
    try:
        day(header[0], "header", payload)
    except BadRecord as bad:
        return bad.check != "unreadable_date"
    return True


def _is_hxl(line: list[str]) -> bool:
    """The Humanitarian Exchange Language puts a row of #tags under the header."""
    said = [cell for cell in line if cell.strip()]
    return bool(said) and all(cell.startswith("#") for cell in said)
