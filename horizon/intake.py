"""Reports that people give us: from a form, an e-mail file, CSV or XLSX, stripped of the sender, and landed sealed.

What a report must say of itself, and what is refused, is settled once, in `review.intake`, for desk and command line
alike. A given report is a decision to receive it, so it lies in landing with its own key and its protection; the loader
reads it as a report of the class that gave it. A file is judged by its size before it is read, and by its own list
before it is unpacked; of an e-mail nothing is kept but the words that were written.
"""

import email
import email.policy
import html
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

import nh3

from domain.classification import Lens, Protection
from domain.errors import Refused, UsageError
from domain.review import Act, Decision
from domain.state import Gazetteer
from horizon.settings import Settings
from review.intake import COLUMNS, LONGEST, MOST_BYTES, Given, check_report, object_of, read_file
from warehouse.landing import LandedDecision, land_decision, read_records

LEFT = "…"
MACROS = frozenset(
    {".xlsm", ".xlsb", ".xltm", ".xlam", ".xls", ".xlt", ".docm", ".dotm", ".pptm", ".ods", ".slk", ".iqy"}
)
ACTIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|svg|img|link|meta|style|form|base|applet)\b|javascript:|vbscript:|"
    r"data:text/html|\bon[a-z]{3,12}\s*=\s*[\"']",
    re.IGNORECASE,
)
# What a sheet would run as a formula when somebody opens an export: `=`, `@`, and a sign before a letter or a figure.
FORMULA = re.compile(r"^\s*(=|@\S|[+-]\s*[A-Za-z0-9(=@]|\t|\r)")
HOLDS_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
ENTITIES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
# What tells of a sender in running text.
SENDERS = (
    re.compile(r"<?[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+>?"),
    re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"(?<![\w/])(?:\+|00)\d[\d\s().-]{6,}\d"),
    re.compile(r"\b(?:tel|phone|mobile|whatsapp|signal|fax)\b[.:]?\s*[\d+(][\d\s().-]{4,}\d", re.IGNORECASE),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    re.compile(r"\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b", re.IGNORECASE),
    re.compile(r"[-+]?\d{1,3}\.\d{3,}\s*°?\s*[NS]?\s*[,;/ ]\s*[-+]?\d{1,3}\.\d{3,}\s*°?\s*[EW]?", re.IGNORECASE),
    re.compile(r"\d{1,3}°\s*\d{1,2}['′][\d.\s\"″]*[NSEW]", re.IGNORECASE),
)
SIGNATURE = re.compile(r"(?m)^(-- ?|_{5,}|(Sent|Envoyé|Enviado|Gesendet) (from|depuis|de|desde|von) .*)$")
QUOTED = re.compile(
    r"(?m)^(>.*|On .{5,200} wrote:|-{3,} ?(Original|Forwarded) [Mm]essage ?-{3,}|(From|To|Cc|Sent|Date): .*)$"
)


class Sort(StrEnum):
    """How a report comes."""

    FORM = "form"
    EMAIL = "email"
    CSV = "csv"
    XLSX = "xlsx"


SUFFIXES = {Sort.FORM: ".txt", Sort.EMAIL: ".eml", Sort.CSV: ".csv", Sort.XLSX: ".xlsx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one intake: the ids of reports that are new, and how many were here already."""

    new: tuple[str, ...]
    known: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Rows of one upload, and what of it was left out, in words without a name of a file."""

    rows: tuple[Mapping[str, str], ...]
    left_out: tuple[str, ...] = ()


def read_upload(path: Path, sort: Sort, said: Mapping[str, str]) -> Read:
    """The rows of one file. `said` are the form's fields, for a form or an e-mail; a table brings its own."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UsageError("The file cannot be read.", why=error.strerror or "", do="Check the path.") from None
    if size > MOST_BYTES:
        raise Refused(
            "The file is too large.",
            why=f"It has {size // 1024**2} MB; up to {MOST_BYTES // 1024**2} MB are taken. It was not read.",
            do="Split it.",
        )
    if path.suffix.casefold() in MACROS:
        raise Refused(
            "This kind of file is not taken.",
            why="It can hold programs or formulas that run when it is opened.",
            do="Save the sheet as CSV or XLSX, without macros and formulas.",
        )
    return read_bytes(path.read_bytes(), sort, said)


def read_bytes(body: bytes, sort: Sort, said: Mapping[str, str]) -> Read:
    """The same for bytes that are here already, such as an upload at the desk."""
    if len(body) > MOST_BYTES:
        raise Refused("The file is too large.", why=f"Up to {MOST_BYTES // 1024**2} MB are taken.", do="Split it.")
    match sort:
        case Sort.FORM:
            return Read(rows=(_stripped({**said, "text": said.get("text") or _decoded(body)}),))
        case Sort.EMAIL:
            return _read_email(body, said)
        case Sort.XLSX:
            _check_book(body)
        case Sort.CSV:
            if body.startswith(b"PK") or b"\0" in body[:4096]:
                raise Refused("The file is no CSV.", why="It holds bytes that no text has.", do="Save it as CSV.")
    rows = read_file(f"report{SUFFIXES[sort]}", body)
    return Read(rows=tuple(_stripped({key.casefold().strip(): value for key, value in row.items()}) for row in rows))


def check_rows(rows: Sequence[Mapping[str, str]], *, gazetteer: Gazetteer, today: date) -> tuple[Given, ...]:
    """Every row as a report, or an error that names the row; all of them are taken in, or none."""
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(check_report(row, gazetteer=gazetteer, today=today))
        except UsageError as error:
            raise UsageError(f"Report {number}: {error.what}", why=error.why, do=error.do) from None
    return tuple({one.report_id: one for one in found}.values())


def take_in(given: Sequence[Given], *, by: str, role: str, user: str, at: datetime, settings: Settings) -> Taken:
    """Land each report that is not here yet, sealed where keys were made."""
    if not by.strip():
        raise UsageError("Who takes it in is missing.", why="Every act has a name.", do="Give --by.")
    known = {
        one.decision.object_id
        for one in read_records(settings.decisions, lens=Lens.RESTRICTED)
        if isinstance(one, LandedDecision) and one.decision.act is Act.RECEIVE
    }
    new = [one for one in given if object_of(one.report_id) not in known]
    for one in new:
        decision = Decision(
            act=Act.RECEIVE,
            object_id=object_of(one.report_id),
            object_hash="",
            by=by.strip(),
            role=role,
            author="",
            reason="given to us",
            decided_at=at,
            lens=Lens.RESTRICTED,
            operating_system_user=user,
            content=one.content,
        )
        protection = Protection(
            lens=Lens.RESTRICTED,
            classification=one.classification,
            source_sharing=one.sharing,
            consent_scope=one.consent,
            valid_from=at.date(),
        )
        land_decision(settings.decisions, decision, protection)
    return Taken(new=tuple(one.report_id for one in new), known=len(given) - len(new))


def strip_sender(text: str) -> str:
    """Running text without addresses, numbers to call, network addresses and coordinates."""
    for pattern in SENDERS:
        text = pattern.sub(LEFT, text)
    return text


def _stripped(row: Mapping[str, str]) -> dict[str, str]:
    """The fields that are asked for, and no other; refused where a field would run as a program somewhere."""
    found = {name: row.get(name, "") for name in COLUMNS}
    for name, value in found.items():
        if ACTIVE.search(value):
            raise Refused(
                f"“{name.replace('_', ' ')}” holds markup that can run.",
                why="Reports are plain text; nothing that runs is taken in.",
                do="Take the markup out and send it again.",
            )
        if FORMULA.match(value):
            raise Refused(
                f"“{name.replace('_', ' ')}” begins like a formula.",
                why="A sheet would run it when somebody opens an export.",
                do="Begin the text with a word.",
            )
    for name in ("title", "text", "first_level"):
        found[name] = strip_sender(found[name])
    return found


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
    return Read(rows=(_stripped(row),), left_out=left_out)


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
            if sum(one.file_size for one in members) > 5 * MOST_BYTES or len(members) > 500:
                raise Refused(
                    "The file would unpack to far more than it is.",
                    why="Its own list says so; such a file is not opened.",
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
