"""A table in one file, Parquet or XLSX, told apart by its first bytes. `fields.items` begins the sheet's name."""

import codecs
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow
import pyarrow.parquet
from lxml import etree

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.xml_guard import refuse_entities
from collectors.records import Plan, read_rows
from domain.signal import Payload
from domain.source import SourceCard

MAX_UNPACKED = 256 * 1024 * 1024
MAX_MEMBER_RATIO = 120  # bytes out for a byte in; sheets of repeated words reach about 40
MAX_MEMBERS = 2_000
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BUILT_IN_DATES = frozenset({*range(14, 23), 45, 46, 47})
ENCRYPTED = 0x1
NESTED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar")
MAX_META = 16 * 1024 * 1024
MAX_SHEET_COLUMNS = 16_384  # what the format allows
ADDRESS = re.compile(r"^\$?([A-Za-z]{1,3})\$?\d*$")


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    if payload.body.startswith(b"PAR1"):
        yield from read_rows(card, payload, _parquet(payload.body))
    elif payload.body.startswith(b"PK\x03\x04"):
        yield from read_rows(card, payload, _xlsx(card, payload.body))
    else:
        raise ParseStopped("wrong_type", f"neither Parquet nor XLSX; it begins with {payload.body[:20]!r}")


def _parquet(body: bytes) -> list[dict[str, object]]:
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(body), thrift_string_size_limit=MAX_META)
    except pyarrow.ArrowException as error:
        raise ParseStopped("unreadable_payload", f"{type(error).__name__}: {error}") from error
    meta = file.metadata
    unpacked = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
    if unpacked > MAX_UNPACKED:
        raise ParseStopped("oversized_archive", f"{unpacked} bytes unpacked")
    rows: list[dict[str, object]] = file.read(use_threads=False).to_pylist()
    return rows


def _xlsx(card: SourceCard, body: bytes) -> list[dict[str, object]]:
    """The rows of the sheet that the card names, or of the first one that has the columns the card needs."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ParseStopped("unreadable_payload", f"{type(error).__name__}: {error}") from error
    with archive:
        _check_members(archive)
        book = _Workbook(archive)
        needed = Plan.of(card).needed
        for name, path in book.sheets:
            if card.fields.items and not name.startswith(card.fields.items):
                continue
            rows = book.rows(path)
            if card.fields.items or (rows and needed <= set(rows[0])):
                return rows
    names = ", ".join(name for name, _ in book.sheets)
    raise ParseStopped("no_header", f"no sheet has the columns that the card needs; the sheets are: {names}")


def _check_members(archive: zipfile.ZipFile) -> None:
    """Before anything is unpacked: 196 KB of XLSX can hold 200 MB, and a name can point out of its folder."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise ParseStopped("oversized_archive", f"{len(members)} members")
    if len({member.filename for member in members}) < len(members):
        raise ParseStopped("unsafe_archive", "one name stands for two members")
    for member in members:
        name = member.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            raise ParseStopped("unsafe_archive", f"{name} points out of the archive")
        if name.lower().endswith(NESTED):
            raise ParseStopped("unsafe_archive", f"{name} is an archive in the archive")
        if member.flag_bits & ENCRYPTED:
            raise ParseStopped("unreadable_payload", f"{name} is encrypted")
        if member.file_size > MAX_MEMBER_RATIO * max(member.compress_size, 1):
            raise ParseStopped("oversized_archive", f"{name}: {member.compress_size} to {member.file_size}")


class _Workbook:
    """As much of a workbook as a table needs: shared strings, date styles, sheets by name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        book = self._xml("xl/workbook.xml")
        targets = {str(link.get("Id")): str(link.get("Target")) for link in self._xml("xl/_rels/workbook.xml.rels")}
        self.sheets = [
            (str(sheet.get("name")), posixpath.normpath(posixpath.join("/xl", targets[str(sheet.get(RELATION))]))[1:])
            for sheet in book.iter(f"{MAIN}sheet")
        ]
        settings = book.find(f"{MAIN}workbookPr")
        old_mac = settings is not None and settings.get("date1904") in {"1", "true"}
        self._day_zero = datetime(1904, 1, 1, tzinfo=UTC) if old_mac else datetime(1899, 12, 30, tzinfo=UTC)
        self._strings = [_inner(item) for item in self._optional("xl/sharedStrings.xml", "si")]
        self._date_styles = self._find_date_styles()

    def rows(self, path: str) -> list[dict[str, object]]:
        """One dict a line under the first line; empty lines are left out, an absent cell is None."""
        lines: list[list[object]] = []
        for line in self._lines(path):
            cells: list[object] = []
            for cell in line.iter(f"{MAIN}c"):
                column = _column(str(cell.get("r", "")), len(cells))
                if lines and column >= len(lines[0]):
                    continue  # under no name; one far to the right would else cost thousands of empty ones
                cells += [None] * (column - len(cells))
                cells.append(self._value(cell))
            if any(value is not None for value in cells):
                lines.append(cells)
        if not lines:
            return []
        names = ["" if name is None else str(name).strip() for name in lines[0]]
        return [
            {name: (line[at] if at < len(line) else None) for at, name in enumerate(names) if name}
            for line in lines[1:]
        ]

    def _value(self, cell: etree._Element) -> object:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _inner(cell)
        raw = cell.findtext(f"{MAIN}v")
        if raw is None or kind == "e":
            return None
        if kind == "s":
            return self._strings[int(raw)]
        if kind == "b":
            return raw == "1"
        if kind != "n":
            return raw
        if int(cell.get("s", "0")) in self._date_styles:
            return self._day_zero + timedelta(days=float(raw))
        return float(raw)

    def _find_date_styles(self) -> frozenset[int]:
        own = {
            int(form.get("numFmtId", "0"))
            for form in self._optional("xl/styles.xml", "numFmt")
            if set("ymd") & set((form.get("formatCode") or "").lower().partition(";")[0])
        }
        dates: set[int] = set()
        for block in self._optional("xl/styles.xml", "cellXfs"):
            for index, style in enumerate(block):
                if int(style.get("numFmtId", "0")) in own | BUILT_IN_DATES:
                    dates.add(index)
        return frozenset(dates)

    def _optional(self, path: str, tag: str) -> list[etree._Element]:
        return list(self._xml(path).iter(f"{MAIN}{tag}")) if path in self._archive.namelist() else []

    def _lines(self, path: str) -> Iterator[etree._Element]:
        """Row after row, each forgotten when the next is asked for: a tree of a long sheet takes ten times its size."""
        events = etree.iterparse(
            io.BytesIO(self._member(path)),
            tag=f"{MAIN}row",
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )
        for _, line in events:
            yield line
            line.clear()
            while line.getprevious() is not None:
                del line.getparent()[0]

    def _xml(self, path: str) -> etree._Element:
        parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(self._member(path), parser)

    def _member(self, path: str) -> bytes:
        """A part in UTF-8 and without entities; the format allows UTF-16 too, and nothing else."""
        body = self._archive.read(path)
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            body = body.decode("utf-16").encode()
        refuse_entities(body)
        return body


def _inner(element: etree._Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{MAIN}t"))


def _column(address: str, following: int) -> int:
    """`C7` is the third column; a cell without an address follows the one before."""
    if not address:
        return following
    found = ADDRESS.match(address)
    if found is None:
        raise ParseStopped("unreadable_payload", f"{address[:40]!r} is no address of a cell")
    place = 0
    for sign in found[1].upper():
        place = place * 26 + ord(sign) - ord("A") + 1
    if place > MAX_SHEET_COLUMNS:
        raise ParseStopped("oversized_table", f"a cell at {address}")
    return place - 1
