"""Reports that people give us themselves: what is asked for, what is refused, and what is never kept.

A report says how it may travel: classification, the source's wish, what the person concerned agreed to and until when.
Nothing of the sender is kept but the class of source. A file is looked at before it is opened: an archive that would
grow beyond reason is refused by what its own list says.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from openpyxl import load_workbook  # type: ignore[import-untyped]  # it brings no types
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # the same

from domain.classification import Classification, Consent, Sharing
from domain.errors import Refused, UsageError
from domain.signal import short_hash
from domain.source import SourceClass
from domain.state import Gazetteer

MOST_ROWS = 2_000
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 100
LONGEST = 20_000  # signs of one text
LONGEST_CONSENT = timedelta(days=5 * 365)
SENDERS = (
    SourceClass.FIELD_PRESENCE,
    SourceClass.UN_COUNTRY_TEAM,
    SourceClass.NHRI,
    SourceClass.CIVIL_SOCIETY,
    SourceClass.DEFENDERS,
)
COLUMNS = (
    "title",
    "text",
    "place",
    "first_level",
    "occurred_on",
    "source_class",
    "classification",
    "sharing",
    "consent",
    "consent_until",
)
OPTIONAL = frozenset({"first_level", "occurred_on"})
# Columns that would say who sent it, or from where. They are named in the refusal and never read.
SENDER = frozenset({"email", "e-mail", "phone", "address", "sender", "name", "ip", "location", "latitude", "longitude"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One report as it was given. `consent_until` is the last day on which it may be used."""

    title: str
    text: str
    place: str
    first_level: str
    occurred_on: str
    source_class: SourceClass
    classification: Classification
    sharing: Sharing
    consent: Consent
    consent_until: date

    @property
    def report_id(self) -> str:
        return short_hash("intake", self.title, self.text, self.place, self.occurred_on)

    @property
    def content(self) -> str:
        said = asdict(self) | {"consent_until": self.consent_until.isoformat()}
        return json.dumps({name: str(value) for name, value in said.items()}, ensure_ascii=False, sort_keys=True)


def object_of(report_id: str) -> str:
    return f"report/{report_id}"


def check_report(row: Mapping[str, str], *, gazetteer: Gazetteer, today: date) -> Given:
    """The report, or a UsageError that names everything that is missing or not allowed."""
    values = {
        name: " ".join(row.get(name, "").split()) if name != "text" else row.get(name, "").strip() for name in COLUMNS
    }
    wrong = [f"“{name.replace('_', ' ')}” is missing" for name in COLUMNS if not values[name] and name not in OPTIONAL]
    if len(values["text"]) > LONGEST or len(values["title"]) > 300:
        wrong.append("the title or the text is too long")
    match = gazetteer.match(values["place"]) if values["place"] else None
    if values["place"] and (match is None or len(match.places) != 1):
        wrong.append(f"“{values['place']}” is no State or territory of the list")
    for name, kind in (
        ("source_class", SourceClass),
        ("classification", Classification),
        ("sharing", Sharing),
        ("consent", Consent),
    ):
        if values[name] and values[name] not in set(kind):
            wrong.append(f"“{values[name]}” is no {name.replace('_', ' ')}")
    if values["source_class"] in set(SourceClass) and SourceClass(values["source_class"]) not in SENDERS:
        wrong.append(f"reports of {values['source_class']} are collected, not given")
    if values["consent"] == Consent.NONE.value:
        wrong.append("without consent a report is not taken in: silence is not consent")
    until = _day(values["consent_until"])
    if values["consent_until"] and (until is None or not today <= until <= today + LONGEST_CONSENT):
        wrong.append("the consent's last day is no day between today and five years from now")
    happened = _day(values["occurred_on"])
    if values["occurred_on"] and (happened is None or happened > today):
        wrong.append("the day of the event is no day, or has not come yet")
    if values["sharing"] in {Sharing.RED.value, Sharing.AMBER_STRICT.value} and (
        values["classification"] == Classification.UNCLASSIFIED.value
    ):
        wrong.append("the source's wish is narrower than “unclassified”")
    if wrong or until is None or match is None:
        raise UsageError("The report is not taken in yet.", why="; ".join(wrong) + ".", do="Correct it and send again.")
    return Given(
        title=values["title"],
        text=values["text"],
        place=match.places[0],
        first_level=values["first_level"],
        occurred_on=values["occurred_on"],
        source_class=SourceClass(values["source_class"]),
        classification=Classification(values["classification"]),
        sharing=Sharing(values["sharing"]),
        consent=Consent(values["consent"]),
        consent_until=until,
    )


def read_file(name: str, body: bytes) -> list[dict[str, str]]:
    """The rows of a CSV or XLSX file; Refused in words for what is too large, packed, or of another kind."""
    if len(body) > MOST_BYTES:
        raise Refused("The file is too large.", why=f"Up to {MOST_BYTES // 1024**2} MB are taken.", do="Split it.")
    if name.casefold().endswith(".csv"):
        rows = _from_csv(body)
    elif name.casefold().endswith(".xlsx"):
        rows = _from_xlsx(body)
    else:
        raise Refused("This kind of file is not taken.", why="CSV and XLSX are.", do="Save it as one of the two.")
    found = list(rows)
    if not found:
        raise UsageError("The file holds no row.", why="Below its first line there is nothing.", do="Look at it.")
    if len(found) > MOST_ROWS:
        raise Refused("The file holds too many rows.", why=f"Up to {MOST_ROWS} are taken.", do="Split it.")
    columns = {column.casefold().strip() for column in found[0]}
    if columns & SENDER:
        raise Refused(
            f"The file says who sent it: {', '.join(sorted(columns & SENDER))}.",
            why="No name, address or location of a sender is kept here, and none is read.",
            do="Take these columns out and send it again.",
        )
    missing = [one for one in COLUMNS if one not in columns and one not in OPTIONAL]
    if missing:
        raise UsageError("Columns are missing.", why=f"Not there: {', '.join(missing)}.", do="Use the form's columns.")
    return found


def _from_csv(body: bytes) -> Iterator[dict[str, str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The file is not in UTF-8.", why="Its signs cannot be read.", do="Save it as UTF-8.") from None
    csv.field_size_limit(LONGEST * 8)
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text))):
            if number > MOST_ROWS:
                return
            yield {str(key): value or "" for key, value in row.items() if key and isinstance(value, str | None)}
    except csv.Error as error:
        raise UsageError("The file is no CSV.", why=f"{error}.", do="Save it again as CSV.") from None


def _from_xlsx(body: bytes) -> Iterator[dict[str, str]]:
    _check_archive(body)
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


def _check_archive(body: bytes) -> None:
    """What the archive says that it would unpack to, before anything of it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise UsageError(
            "The file is no XLSX.", why="It is not the archive it should be.", do="Save it again."
        ) from None
    unpacked = sum(one.file_size for one in members)
    if len(members) > 500 or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(body), 1):
        raise Refused(
            "The file would unpack to far more than it is.",
            why=f"{len(body) // 1024} kB say that they hold {unpacked // 1024**2} MB; such a file is not opened.",
            do="Save the sheet again, or send it as CSV.",
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    iso = getattr(value, "isoformat", None)
    return str(iso()).split("T")[0] if callable(iso) else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
