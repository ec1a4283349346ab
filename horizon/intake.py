"""Files of reports that people give us, read row by row: e-mail, CSV, XLSX, plain text.

It runs in the limited worker of `horizon.worker` alone: whatever a crafted file does to its reader, it does there. A
file is judged by its size before it is read, and by its own list before it is unpacked; of an e-mail nothing is kept
but the words that were written. What is asked for and refused of a row is settled in `review.intake`.
"""

import csv
import email
import email.policy
import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from email.message import EmailMessage

import nh3
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it brings no types
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # the same

from domain.errors import Refused, UsageError
from review.intake import (
    ACTIVE,
    COLUMNS,
    LONGEST,
    MOST_ROWS,
    OPTIONAL,
    Read,
    Sort,
    strip_row,
)

MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 100
# Columns that would say who sent it, or from where. They are named in the refusal and never read.
SENDER = frozenset({"email", "e-mail", "phone", "address", "sender", "name", "ip", "location", "latitude", "longitude"})
HOLDS_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
ENTITIES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
SIGNATURE = re.compile(r"(?m)^(-- ?|_{5,}|(Sent|Envoyé|Enviado|Gesendet) (from|depuis|de|desde|von) .*)$")
QUOTED = re.compile(
    r"(?m)^(>.*|On .{5,200} wrote:|-{3,} ?(Original|Forwarded) [Mm]essage ?-{3,}|(From|To|Cc|Sent|Date): .*)$"
)


def read_bytes(body: bytes, sort: Sort, said: Mapping[str, str]) -> Read:
    """The rows of one file. `said` are the form's fields, for a text or an e-mail; a table brings its own."""
    match sort:
        case Sort.FORM:
            return Read(rows=(strip_row({**said, "text": said.get("text") or _decoded(body)}),))
        case Sort.EMAIL:
            return _read_email(body, said)
        case Sort.CSV:
            return _read_table(_from_csv(body))
        case Sort.XLSX:
            _check_book(body)
            return _read_table(_from_xlsx(body))


def _read_table(rows: Iterator[dict[str, str]]) -> Read:
    found = [{name.casefold().strip(): value for name, value in row.items()} for row in rows]
    if not found:
        raise UsageError("The file holds no row.", why="Below its first line there is nothing.", do="Look at it.")
    if len(found) > MOST_ROWS:
        raise Refused("The file holds too many rows.", why=f"Up to {MOST_ROWS} are taken.", do="Split it.")
    columns = set(found[0])
    if columns & SENDER:
        raise Refused(
            f"The file says who sent it: {', '.join(sorted(columns & SENDER))}.",
            why="No name, address or location of a sender is kept here, and none is read.",
            do="Take these columns out and send it again.",
        )
    missing = [one for one in COLUMNS if one not in columns and one not in OPTIONAL]
    if missing:
        raise UsageError("Columns are missing.", why=f"Not there: {', '.join(missing)}.", do="Use the form's columns.")
    return Read(rows=tuple(strip_row(row) for row in found))


def _from_csv(body: bytes) -> Iterator[dict[str, str]]:
    if body.startswith(b"PK") or b"\0" in body[:4096]:
        raise Refused("The file is no CSV.", why="It holds bytes that no text has.", do="Save it as CSV in UTF-8.")
    text = _decoded(body)
    csv.field_size_limit(LONGEST * 8)
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text))):
            if number > MOST_ROWS:
                return
            yield {str(key): value or "" for key, value in row.items() if key and isinstance(value, str | None)}
    except csv.Error as error:
        raise UsageError("The file is no CSV.", why=f"{error}.", do="Save it again as CSV.") from None


def _from_xlsx(body: bytes) -> Iterator[dict[str, str]]:
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=40, values_only=True)
        head = [str(cell or "").strip() for cell in next(lines, ())]
        for line in lines:
            values = [_cell(cell) for cell in line]
            if any(values):
                yield {name: value for name, value in zip(head, values, strict=False) if name}
    except (InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        raise UsageError("The file cannot be read.", why=f"{type(error).__name__}.", do="Save it again.") from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    iso = getattr(value, "isoformat", None)
    return str(iso()).split("T")[0] if callable(iso) else str(value)


def _read_email(body: bytes, said: Mapping[str, str]) -> Read:
    """The words of an e-mail. Its headers, its structure, its attachments and what it quotes are not kept."""
    try:
        message = email.message_from_bytes(body, policy=email.policy.default)
        if not isinstance(message, EmailMessage) or not (message["from"] or message["subject"] or message["date"]):
            raise ValueError("no e-mail")
        part = message.get_body(preferencelist=("plain", "html"))
        words = str(part.get_content()) if part is not None else ""
        if part is not None and part.get_content_type() == "text/html":
            if ACTIVE.search(re.sub(r"<\s*/?\s*(img|style|meta|link)\b[^>]*>", "", words, flags=re.IGNORECASE)):
                raise Refused(
                    "The e-mail holds markup that can run.",
                    why="Reports are plain text; nothing that runs is taken in.",
                    do="Save it as plain text and send it again.",
                )
            words = html.unescape(nh3.clean(words, tags=set(), clean_content_tags={"style", "script"}))
        left = sum(1 for _ in message.iter_attachments())
        subject = str(message["subject"] or "")
    except Refused:
        raise
    except Exception:  # what strangers send may break any reader, and its words may hold what is not to be kept
        raise UsageError(
            "The file is no e-mail.", why="It cannot be read as one.", do="Save it as .eml again."
        ) from None
    words = QUOTED.sub("", SIGNATURE.split(words, maxsplit=1)[0]).strip()
    row = {**said, "title": said.get("title") or subject, "text": words[: LONGEST + 1]}
    left_out = ("its sender, its way and its times",) + ((f"{left} attachments",) if left else ())
    return Read(rows=(strip_row(row),), left_out=left_out)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The file is not in UTF-8.", why="Its signs cannot be read.", do="Save it as UTF-8.") from None


def _check_book(body: bytes) -> None:
    """What an XLSX holds besides cells: programs, links, things inside and formulas are refused; sizes come first."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            unpacked = sum(one.file_size for one in members)
            if len(members) > 500 or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(body), 1):
                raise Refused(
                    "The file would unpack to far more than it is.",
                    why=f"{len(body) // 1024} kB say that they hold {unpacked // 1024**2} MB; it is not opened.",
                    do="Save the sheet again, or send it as CSV.",
                )
            names = [one.filename.casefold() for one in members]
            if any("vbaproject" in one or "activex" in one or one.endswith(".bin") for one in names):
                raise Refused("The file holds a program.", why="Macros are not taken in.", do="Save it without macros.")
            if any("/embeddings/" in one or "/externallinks/" in one or "/connections" in one for one in names):
                raise Refused(
                    "The file holds other files or links to them.",
                    why="Only cells are read, and what is linked says where it lies.",
                    do="Save the cells alone, as CSV or XLSX.",
                )
            for one in members:
                if not one.filename.casefold().endswith((".xml", ".rels")):
                    continue
                part = archive.read(one)
                if ENTITIES.search(part[:4096]):
                    raise Refused("The file defines its own entities.", why="No sheet needs them.", do="Save it again.")
                if one.filename.casefold().startswith("xl/worksheets/") and HOLDS_FORMULA.search(part):
                    raise Refused(
                        "The file holds formulas.",
                        why="What a formula says depends on who opens it.",
                        do="Save the values alone, as CSV or XLSX.",
                    )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise UsageError("The file is no XLSX.", why="It cannot be unpacked.", do="Save it again.") from None
