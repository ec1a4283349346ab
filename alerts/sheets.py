"""The roster as a table, CSV or XLSX: a template, a check that names row and column, and both ways through.

A fault never repeats what stands in the cell: it may be a person's name. What strangers send is opened with care: no
formula is read, and a workbook that would unpack to something huge is refused before it is opened.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]  # it has no types of its own
from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped]

from alerts.person import Facts, Gender, Grade, Paper, Person, Skill, Span, Tongue
from domain.errors import UsageError

MOST_ROWS = 50_000
MOST_BYTES = 64 * 1024 * 1024
MOST_RATIO = 200
LONGEST_CELL = 2000
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PLACE = re.compile(r"[A-Z]{3}")
_MAIL = re.compile(r"[^\s@<>,;]+@[A-Za-z0-9.-]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, whether it must stand, and how it is filled, with an example that is nobody's."""

    name: str
    required: bool
    meaning: str
    example: str


COLUMNS = (
    Column(name="number", required=True, meaning="The roster's own number, each once.", example="R-0001"),
    Column(name="name", required=True, meaning="Full name.", example="Person 0001"),
    Column(name="mail", required=True, meaning="One address.", example="person.0001@example.org"),
    Column(name="phone", required=False, meaning="With country code.", example=""),
    Column(name="gender", required=True, meaning=f"One of: {', '.join(Gender)}.", example="woman"),
    Column(name="nationalities", required=True, meaning="Three-letter codes; all that are held.", example="XRU"),
    Column(name="residence", required=True, meaning="Three-letter code.", example="XGE"),
    Column(name="skills", required=True, meaning=f"Among: {', '.join(Skill)}.", example="legal; gender"),
    Column(name="languages", required=True, meaning="code:level, A1 to C2.", example="en:C2; fr:B2"),
    Column(name="availability", required=True, meaning="first/last day.", example="2026-01-01/2026-06-30"),
    Column(name="notice_days", required=True, meaning="Days from a call to leaving.", example="7"),
    Column(name="clearances", required=False, meaning="name:last day.", example="field:2027-01-31"),
    Column(name="vaccinations", required=False, meaning="name:last day.", example="yellow fever:2030-12-31"),
    Column(name="visas", required=False, meaning="code of the State:last day.", example="XAV:2026-12-31"),
    Column(name="back_on", required=False, meaning="Last day of the last mission.", example="2025-10-31"),
    Column(name="prior_involvement", required=False, meaning="Codes of States, cases or positions.", example="XOR"),
    Column(name="independence_declared_on", required=False, meaning="Day of the declaration.", example="2026-01-15"),
    Column(name="consent_on", required=False, meaning="Day of the consent to be on the roster.", example="2026-01-15"),
    Column(name="retain_until", required=True, meaning="Last day that the record may be kept.", example="2028-01-31"),
)
NAMES = tuple(one.name for one in COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where a table is wrong. Row 1 holds the headings; the cell itself is never told."""

    row: int
    column: str
    what: str

    def line(self) -> str:
        return f"row {self.row}, column {self.column}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a table holds: people, or faults. One fault, and nobody is taken."""

    people: tuple[Person, ...]
    faults: tuple[Fault, ...]


class _Wrong(ValueError):
    """What is wrong with one cell, in words that do not repeat it."""


def read_table(path: Path) -> list[list[str]]:
    """The cells of a CSV file in UTF-8 or of the first sheet of a workbook, headings first."""
    try:
        return read_cells(path.name, path.read_bytes())
    except OSError as error:
        raise _unreadable(path.name, str(error.strerror)) from None


def read_cells(name: str, body: bytes) -> list[list[str]]:
    """The same of a file that was sent and lies nowhere."""
    if len(body) > MOST_BYTES:
        raise _unreadable(name, f"It is larger than {MOST_BYTES} bytes.")
    if name.casefold().endswith(".xlsx") or body[:4] == b"PK\x03\x04":
        rows = _read_workbook(name, body)
    else:
        try:
            rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            raise _unreadable(name, "It is not CSV in UTF-8.") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)] if rows and not any(rows[0]) else rows
    if len(rows) > MOST_ROWS:
        raise _unreadable(name, f"It holds more than {MOST_ROWS} rows.")
    return rows


def check_table(rows: Sequence[Sequence[str]], *, places: Mapping[str, str]) -> Checked:
    """Every fault of a table at once. `places` gives the regional group of each code that may stand."""
    if not rows:
        return Checked(people=(), faults=(Fault(row=1, column="number", what="the headings are missing"),))
    heads = [cell.strip().casefold() for cell in rows[0]]
    while heads and not heads[-1]:
        heads.pop()
    faults = [Fault(row=1, column=one.name, what="the column is missing") for one in COLUMNS if one.name not in heads]
    faults += [
        Fault(row=1, column=f"{at}", what="no such column is known, or it stands twice")
        for at, name in enumerate(heads, start=1)
        if name not in NAMES or name in heads[: at - 1]
    ]
    if faults:
        return Checked(people=(), faults=tuple(faults))
    people: list[Person] = []
    numbers: dict[str, int] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _Row({name: _plain(cell) for name, cell in zip(heads, cells, strict=False)})
        person = row.person(places)
        faults += [Fault(row=number, column=column, what=what) for column, what in row.faults]
        if len(cells) > len(heads) and any(cell.strip() for cell in cells[len(heads) :]):
            faults.append(Fault(row=number, column=f"{len(heads) + 1}", what="it stands beside the last column"))
        key = row.cells.get("number", "").casefold()
        if key and key in numbers:
            faults.append(Fault(row=number, column="number", what=f"the same as in row {numbers[key]}"))
        numbers.setdefault(key, number)
        if person is not None:
            people.append(person)
    if not people and not faults:
        faults = [Fault(row=2, column="number", what="there is nobody in the table")]
    return Checked(people=() if faults else tuple(people), faults=tuple(faults))


def write_csv(people: Iterable[Person]) -> bytes:
    """The same table again; what a spreadsheet would take for a formula gets an apostrophe, which reading takes off."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(NAMES)
    for one in people:
        writer.writerow([_guarded(cell) for cell in to_cells(one)])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(people: Iterable[Person]) -> bytes:
    """A workbook with a sheet of what each column means; gender can be picked from a list."""
    book = Workbook()
    sheet = book.active
    sheet.title = "roster"
    sheet.append(list(NAMES))
    for one in people:
        sheet.append([_guarded(cell) for cell in to_cells(one)])
    for column in sheet.columns:
        for cell in column:
            cell.number_format = "@"  # a day must not become a number
    sheet.freeze_panes = "C2"
    choice = DataValidation(type="list", formula1=f'"{",".join(Gender)}"', allow_blank=False)
    sheet.add_data_validation(choice)
    choice.add(f"E2:E{MOST_ROWS}")
    for at, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[sheet.cell(row=1, column=at).column_letter].width = max(12, len(column.example) + 4)
    help_ = book.create_sheet("columns")
    help_.append(["column", "must stand", "how it is filled", "example"])
    for column in COLUMNS:
        help_.append([column.name, "yes" if column.required else "no", column.meaning, column.example])
    help_.append(["", "", "Several values in one cell are separated by a semicolon.", ""])
    for letter, width in (("A", 26), ("B", 12), ("C", 90), ("D", 28)):
        help_.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_cells(person: Person) -> list[str]:
    """A record as the cells of its row, in the order of the columns."""
    facts = person.facts
    return [
        facts.number,
        person.name,
        person.mail,
        person.phone,
        facts.gender.value,
        _joined(sorted(facts.nationalities)),
        facts.residence,
        _joined(sorted(facts.skills)),
        _joined(f"{one.language}:{one.grade.value}" for one in facts.languages),
        _joined(f"{one.first}/{one.last}" for one in facts.availability),
        str(facts.notice_days),
        *(_joined(f"{one.name}:{one.expires_on}" for one in papers)
          for papers in (facts.clearances, facts.vaccinations, facts.visas)),
        _day(facts.back_on),
        _joined(sorted(facts.prior_involvement)),
        _day(facts.independence_declared_on),
        _day(facts.consent_on),
        facts.retain_until.isoformat(),
    ]  # fmt: skip


class _Row:
    """One row being read; faults are gathered, so that a person corrects them all at once."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.faults: list[tuple[str, str]] = []

    def person(self, places: Mapping[str, str]) -> Person | None:
        for column in COLUMNS:
            if column.required and not self.cells.get(column.name):
                self.faults.append((column.name, "it must not be empty"))
            elif len(self.cells.get(column.name, "")) > LONGEST_CELL:
                self.faults.append((column.name, f"it is longer than {LONGEST_CELL} signs"))
        told = {column for column, _ in self.faults}

        def place(text: str) -> str:
            if not _PLACE.fullmatch(text) or text not in places:
                raise _Wrong("a three-letter code of the reference table is needed")
            return text

        nationalities = self._each("nationalities", place)
        number = self._one("number", _number)
        facts: dict[str, Any] = {
            "gender": self._one("gender", _gender),
            "residence": self._one("residence", place),
            "skills": self._each("skills", _skill),
            "languages": self._each("languages", _tongue),
            "availability": self._each("availability", _span),
            "notice_days": self._one("notice_days", _days),
            "clearances": self._each("clearances", _paper),
            "vaccinations": self._each("vaccinations", _paper),
            "visas": self._each("visas", _paper),
            "back_on": self._maybe("back_on"),
            "prior_involvement": self._each("prior_involvement", place),
            "independence_declared_on": self._maybe("independence_declared_on"),
            "consent_on": self._maybe("consent_on"),
            "retain_until": self._one("retain_until", _date),
        }
        mail = self._one("mail", _mail)
        if self.faults:
            # One cell is told once: what must stand and does not cannot be read either.
            self.faults = [one for at, one in enumerate(self.faults) if at < len(told) or one[0] not in told]
            return None
        facts["prior_involvement"] = frozenset(facts["prior_involvement"])
        facts["skills"] = frozenset(facts["skills"])
        return Person(
            name=self.cells["name"],
            mail=mail,
            phone=self.cells.get("phone", ""),
            facts=Facts(
                number=number,
                nationalities=frozenset(nationalities),
                regional_group=_groups(nationalities, places),
                **facts,
            ),
        )

    def _one(self, column: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(self.cells.get(column, ""))
        except _Wrong as error:
            self.faults.append((column, str(error)))
            return None

    def _each(self, column: str, read: Callable[[str], Any]) -> tuple[Any, ...]:
        found: list[Any] = []
        for part in self.cells.get(column, "").split(";"):
            if part.strip():
                try:
                    found.append(read(part.strip()))
                except _Wrong as error:
                    self.faults.append((column, str(error)))
                    return ()
        return tuple(found)

    def _maybe(self, column: str) -> date | None:
        return self._one(column, _date) if self.cells.get(column) else None


def _groups(nationalities: Iterable[str], places: Mapping[str, str]) -> str:
    """The regional group; of several nationalities all of their groups, so that no order of codes decides."""
    return "+".join(sorted({places[one] for one in nationalities}))


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise _Wrong("letters, digits and . _ / - are allowed, 40 at most")
    return text


def _mail(text: str) -> str:
    if not _MAIL.fullmatch(text):
        raise _Wrong("one address is needed")
    return text


def _gender(text: str) -> Gender:
    try:
        return Gender(text.casefold())
    except ValueError:
        raise _Wrong(f"one of {', '.join(Gender)} is needed") from None


def _skill(text: str) -> Skill:
    try:
        return Skill(text.casefold())
    except ValueError:
        raise _Wrong("each must be a skill of the list; see the sheet 'columns' of the template") from None


def _tongue(text: str) -> Tongue:
    language, _, grade = (part.strip() for part in text.partition(":"))
    if not _LANGUAGE.fullmatch(language) or grade.upper() not in set(Grade):
        raise _Wrong("a language and a level are needed, such as fr:B2")
    return Tongue(language, Grade(grade.upper()))


def _span(text: str) -> Span:
    first, _, last = text.partition("/")
    span = Span(_date(first.strip()), _date(last.strip()))
    if span.last < span.first:
        raise _Wrong("the last day lies before the first")
    return span


def _paper(text: str) -> Paper:
    name, _, until = text.rpartition(":")
    if not name.strip():
        raise _Wrong("a name and its last day are needed, such as field:2027-01-31")
    return Paper(name.strip(), _date(until.strip()))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong("a day is needed, such as 2026-01-31") from None


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > 366:
        raise _Wrong("a whole number of days is needed, 0 to 366")
    return int(text)


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") else text


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _read_workbook(name: str, body: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > MOST_BYTES or size > MOST_RATIO * max(1, len(body)):
                raise _unreadable(name, "It would unpack to something huge.")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        rows = []
        for cells in book.worksheets[0].iter_rows(values_only=True, max_col=len(COLUMNS) + 5):
            rows.append([_cell(value) for value in cells])
            if len(rows) > MOST_ROWS + 1:
                break
    except UsageError:
        raise
    except Exception:  # a damaged workbook breaks its reader in many ways
        raise _unreadable(name, "It is not a whole workbook.") from None
    return rows


def _cell(value: object) -> str:
    """A cell as it would stand in CSV: days as days, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == time.min else value.isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def _unreadable(name: str, why: str) -> UsageError:
    return UsageError(
        f"{name} cannot be read.", why=why, do="Fill in the template of `horizon roster template` and give that."
    )
