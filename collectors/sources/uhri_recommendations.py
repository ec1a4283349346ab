"""The Universal Human Rights Index: one array of 400 MB, cut into its records and landed by month of publication.

A module, because nobody should hold the array, and because most of it is the same every time: what lands are slices
that differ only when one of their records does (docs/adr/0010).
"""

import json
import re
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import IO

from collectors.base import Client, FetchFailed, Parsed, ParseStopped, audit
from collectors.kinds.decoding import decode_data
from collectors.kinds.rss import plain
from collectors.records import one_language, text, warn
from domain.defect import Defect, DefectLevel
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

FEWEST, MOST = 200_000, 540_000  # records of the whole; about 267,000 in August 2026
MAX_RECORD = 4 * 1024 * 1024
MAX_SLICE = 64 * 1024 * 1024  # the largest month has about 20 MB; all records in one slice would mean unreadable dates
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?!\d)")
YEAR = re.compile(r"(?<!\d)(19|20)\d{2}(?!\d)")
UNDATED = "undated"
# A whole string, or else one sign of structure; a quote that is alone begins a string whose end has not come yet.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]]', re.DOTALL)
GAP = re.compile(rb"[ \t\r\n]*")

NEEDED = ("AnnotationId", "Countries", "Text", "AnnotationType")
FACTS = (
    ("annotation_id", "AnnotationId"),
    ("document_id", "DocumentId"),
    ("symbol", "Symbol"),
    ("body", "Body"),
    ("annotation_type", "AnnotationType"),
    ("publication_date", "PublicationDate"),
    ("published_on_uhri", "PublicationDateOnUhri"),
    ("upr_cycle", "UprCycle"),
    ("upr_recommending", "UprRecommendingCountry"),
    ("regions", "Regions"),
    ("themes", "Themes"),
    ("sdgs", "Sdgs"),
    ("affected_persons", "AffectedPersons"),
)


class Place(Enum):
    """Where the reader of the array stands."""

    START = auto()
    FIRST = auto()
    INSIDE = auto()
    BEHIND = auto()
    BEFORE = auto()
    END = auto()


class BrokenArray(ValueError):
    """The bytes are not one array of objects; the message says where."""


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """One payload a month, `[` records `]`, in the order of their bytes. Nothing leaves before the array has ended."""
    stream = client.stream(card.url)
    slices: dict[str, array[int]] = defaultdict(lambda: array("Q"))  # offset and length, in turn
    with tempfile.TemporaryFile() as spool:
        count = 0
        try:
            for record in cut(stream):
                slices[_slice(record)].extend((spool.tell(), len(record)))
                spool.write(record)
                count += 1
        except BrokenArray as broken:
            raise FetchFailed(card.url, str(broken)) from None
        if not FEWEST <= count <= MOST:
            raise FetchFailed(card.url, f"{count} records; {FEWEST} to {MOST} are expected of the whole")
        for name, places in sorted(slices.items()):
            size = sum(places[1::2])
            if size > MAX_SLICE:
                raise FetchFailed(card.url, f"{size} bytes fall on {name!r} alone: the dates have another form")
            yield stream.part(name, _together(spool, places))


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One undated report for each State that a record names."""
    rows: object = json.loads(decode_data(payload), parse_constant=str)
    if not isinstance(rows, list):
        raise ParseStopped("wrong_type", f"a {type(rows).__name__} where a list was expected")
    if not rows:
        raise ParseStopped("wrong_type", "a month without a record; only months that have some are landed")
    left_over: dict[str, object] = {}
    placeless = 0
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            yield warn(card, "wrong_type", f"a {type(row).__name__} where a record was expected", f"row {number}")
            continue
        gone = [name for name in NEEDED if name not in row]
        if gone:
            raise ParseStopped("column_gone", ", ".join(gone))
        if not text(row["AnnotationId"]):
            yield warn(card, "missing_field", "AnnotationId", f"row {number}")
            continue
        reports = list(_reports(card, payload, row))
        placeless += not reports
        yield from reports
        left_over |= dict.fromkeys(row)
    if placeless:
        evidence = f"{placeless} records name no State"
        yield Defect(level=DefectLevel.INFO, check="without_place", source_id=card.id, evidence=evidence)
    yield from audit(card.id, left_over, ignore=("Text", "Countries", *(name for _, name in FACTS)))


def cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The objects of one JSON array, byte for byte; BrokenArray unless it is whole and nothing stands around it."""
    rest, begin, at, depth, count = b"", 0, 0, 0, 0
    where = Place.START
    for piece in pieces:
        rest = rest[begin:] + piece
        at, begin = at - begin, 0
        while True:
            if where is not Place.INSIDE:
                at = begin = _after_gap(rest, at)
                if at == len(rest):
                    break
                sign = rest[at : at + 1]
                where = _next_place(where, sign, count)
                at += where is not Place.INSIDE
                continue
            found = TOKEN.search(rest, at)
            if found is None or found[0] == b'"':
                at = len(rest) if found is None else found.start()
                break
            at = found.end()
            match found[0]:
                case b"{" | b"[":
                    depth += 1
                case b"}" | b"]":
                    depth -= 1
            if depth == 0:
                count += 1
                yield rest[begin:at]
                begin, where = at, Place.BEHIND
        if len(rest) - begin > MAX_RECORD:
            raise BrokenArray(f"record {count + 1} is larger than {MAX_RECORD} bytes")
    if where is not Place.END:
        raise BrokenArray(f"the array ends too early, after {count} records")


def _after_gap(rest: bytes, at: int) -> int:
    gap = GAP.match(rest, at)
    return gap.end() if gap else at


def _next_place(where: Place, sign: bytes, count: int) -> Place:
    """Where the reader stands after one sign outside of a record."""
    match where, sign:
        case Place.START, b"[":
            return Place.FIRST
        case ((Place.FIRST | Place.BEHIND), b"]"):
            return Place.END
        case Place.BEHIND, b",":
            return Place.BEFORE
        case ((Place.FIRST | Place.BEFORE), b"{"):
            return Place.INSIDE
    what = "before the array" if where is Place.START else f"after {count} records"
    raise BrokenArray(f"{sign!r} stands {what}, where none is expected")


def _slice(record: bytes) -> str:
    """The month of a record, its year where no month can be read, or neither."""
    try:
        row: object = json.loads(record)
    except (ValueError, RecursionError):
        raise BrokenArray(f"a record is no JSON; it begins with {record[:60]!r}") from None
    said = text(row.get("PublicationDate")) if isinstance(row, dict) else ""
    if month := MONTH.match(said):
        return month[0]
    year = YEAR.search(said)
    return year[0] if year else UNDATED


def _together(spool: IO[bytes], places: "array[int]") -> bytes:
    """The records of one slice. Sorted, for the export need not keep its own order."""
    records: list[bytes] = []
    for offset, length in zip(places[::2], places[1::2], strict=True):
        spool.seek(offset)
        records.append(spool.read(length))
    return b"[" + b",\n".join(sorted(records)) + b"]"


def _reports(card: SourceCard, payload: Payload, row: dict[str, object]) -> Iterator[Report]:
    facts = tuple(Fact(name=name, value=_said(row.get(key))) for name, key in FACTS)
    symbol, number = _said(row.get("Symbol")), _said(row["AnnotationId"])
    for place in dict.fromkeys(filter(None, map(_said, _listed(row["Countries"])))):
        yield Report(
            source_id=card.id,
            source_ref=" | ".join((symbol, number, place)),
            title=symbol,
            url="",
            collected_at=payload.collected_at,
            place=place,
            language=one_language(card),
            text=plain(text(row["Text"])),
            facts=facts,
            basis=payload.basis,
        )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _said(value: object) -> str:
    """Words without the dash that the export writes before each; a theme may hold a comma, so lists take another."""
    return "; ".join(said for one in _listed(value) if (said := text(one).removeprefix("-").strip()))
