"""What is taken in from people, what a file may not be, and files at the desk: read in the worker, stripped alike."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from desks import Desk, Visitor, words_of
from openpyxl import Workbook

from domain.classification import Consent
from domain.errors import HorizonError, Refused, UsageError
from domain.review import Act, Authentication
from domain.state import load_gazetteer
from horizon.intake import read_bytes
from review.intake import COLUMNS, MOST_ROWS, SUFFIXES, check_report

ROW = {
    "title": "A visit was refused",
    "text": "Monitors were turned away at the gate.",
    "place": "Ruritania",
    "first_level": "",
    "occurred_on": "2024-01-20",
    "source_class": "nhri",
    "classification": "confidential",
    "sharing": "amber",
    "consent": "internal_use",
    "consent_until": "2024-12-31",
}
TODAY = date(2024, 1, 30)


def as_csv(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    lines = [",".join(columns), *(",".join(f'"{row.get(name, "")}"' for name in columns) for row in rows)]
    return "\n".join(lines).encode()


def as_xlsx(*rows: dict[str, object]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row.get(name) for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_file(name: str, body: bytes) -> list[dict[str, str]]:
    return [dict(row) for row in read_bytes(body, SUFFIXES[Path(name).suffix], {}).rows]


def why(name: str, body: bytes) -> HorizonError:
    with pytest.raises(HorizonError) as told:
        read_file(name, body)
    return told.value


def test_a_csv_and_a_sheet_of_the_same_rows_are_read_alike():
    sheet = read_file("a.xlsx", as_xlsx(ROW | {"occurred_on": date(2024, 1, 20)}))
    assert read_file("a.csv", as_csv(ROW)) == sheet == [ROW]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"\0" * (60 * 1024 * 1024))
    return out.getvalue()


def test_a_sheet_that_would_unpack_to_far_more_than_it_is_is_not_opened():
    assert len(bomb()) < 1024 * 1024
    error = why("bomb.xlsx", bomb())
    assert isinstance(error, Refused)
    assert error.what == "The file would unpack to far more than it is."
    assert "240 MB" in error.why


def test_a_sheet_of_thousands_of_parts_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(600):
            archive.writestr(f"part{number}", b"x")
    assert isinstance(why("parts.xlsx", out.getvalue()), Refused)


def test_a_file_of_too_many_rows_is_refused_whole():
    assert why("long.csv", as_csv(*[ROW] * (MOST_ROWS + 1))).what == "The file holds too many rows."


@pytest.mark.parametrize("column", ["email", "Phone", "sender", "latitude"])
def test_a_column_that_says_who_sent_it_is_refused_unread(column: str):
    error = why("a.csv", as_csv({**ROW, column: "somebody@example.org"}, columns=(*COLUMNS, column)))
    assert error.what == f"The file says who sent it: {column.casefold()}."
    assert "somebody" not in str(error)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.csv", "Zürich".encode("latin-1"), "The file is not in UTF-8."),
        ("a.csv", "title".encode("utf-16"), "The file is no CSV."),
        ("a.csv", b"", "The file holds no row."),
        ("a.csv", b"title,text\nx,y\n", "Columns are missing."),
        ("a.xlsx", b"PK\x03\x04 no", "The file is no XLSX."),
        ("a.xlsx", b"", "The file is no XLSX."),
    ],
)
def test_what_cannot_be_read_is_said_in_words(name: str, body: bytes, words: str):
    assert why(name, body).what == words


def test_a_sheet_without_the_parts_of_a_sheet_is_said_in_words():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", b"x")
    assert isinstance(why("a.xlsx", out.getvalue()), UsageError)


def test_the_same_report_twice_has_one_id_and_silence_is_not_consent():
    gazetteer = load_gazetteer()
    row = ROW | {"place": gazetteer.places[0].name}
    one, other = (check_report(row, gazetteer=gazetteer, today=TODAY) for _ in range(2))
    assert one.report_id == other.report_id
    for consent in ("", Consent.NONE.value):
        with pytest.raises(UsageError) as told:
            check_report(row | {"consent": consent}, gazetteer=gazetteer, today=TODAY)
        assert "consent" in told.value.why


SENDER = "Zarquon9"  # planted wherever a sender may show
FIELDS = {name: value for name, value in ROW.items() if name not in {"title", "text"}}
LETTER = f"""From: {SENDER} <{SENDER}@mail.example>
Received: from {SENDER}.example ([203.0.113.7]) by mx.example; Sat, 27 Jan 2024 09:00:00 +0300
Subject: A visit was refused
Date: Sat, 27 Jan 2024 09:00:00 +0300
Content-Type: text/plain; charset=utf-8

Monitors were turned away at the gate. Write to {SENDER}@mail.example or +41 22 555 01 99.
--
{SENDER}, 12 Harbour Street
"""


def send(visitor: Visitor, name: str, body: bytes, fields: dict[str, str] | None = None) -> Visitor:
    return visitor.post("/intake", dict(fields or {}), page="/intake", files={"file": (name, body)})


def test_an_email_is_taken_in_by_its_words_alone(desk: Desk):
    visitor = send(desk.person("ana"), f"{SENDER}.eml", LETTER.encode(), FIELDS)
    assert visitor.status == 303, visitor.text
    (landed,) = desk.office.ledger.in_order()
    decision = landed.decision
    assert (decision.act, decision.by, decision.authentication) == (Act.RECEIVE, "Ana Lyst", Authentication.SIGNED_IN)
    assert "Monitors were turned away at the gate." in decision.content
    assert "A visit was refused" in decision.content
    kept = b"".join(path.read_bytes() for path in desk.settings.var.rglob("*") if path.is_file())
    for trace in (SENDER, "203.0.113.7", "555 01 99", "09:00:00 +0300"):
        assert trace.encode() not in kept
    page = visitor.get(f"/report/{decision.object_id.removeprefix('report/')}")
    assert "A visit was refused" in page.text


def test_a_typed_report_is_stripped_of_its_sender_too(desk: Desk):
    visitor = desk.person("ana").post("/intake", ROW | {"text": f"They came at dawn. Ask {SENDER}@mail.example."})
    assert visitor.status == 303
    assert SENDER not in desk.office.ledger.in_order()[0].decision.content


def test_every_row_of_a_table_is_taken_in_or_none(desk: Desk):
    visitor = desk.person("ana")
    rows = [ROW | {"title": f"Visit {at}"} for at in range(3)]
    assert send(visitor, "a.csv", as_csv(*rows, ROW | {"consent": ""})).status == 422
    assert "Report 4" in visitor.text
    assert desk.office.ledger.in_order() == ()
    assert send(visitor, "a.csv", as_csv(*rows)).status == 303
    assert len(desk.office.ledger.in_order()) == 3
    assert send(visitor, "a.csv", as_csv(*rows)).status == 303
    assert len(desk.office.ledger.in_order()) == 3


def formula() -> bytes:
    book, body = Workbook(), io.BytesIO()
    book.active.append(list(ROW))
    book.active.append([*list(ROW.values())[:1], "=1+1", *list(ROW.values())[2:]])
    book.save(body)
    return body.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.xlsx", formula, "The file holds formulas."),
        ("a.xlsx", bomb, "The file would unpack to far more than it is."),
        ("a.csv", lambda: as_csv(ROW | {"title": "=HYPERLINK(1)"}), "begins like a formula."),
        ("a.csv", lambda: "title,Zürich".encode("latin-1"), "The file is not in UTF-8."),
        ("a.csv", lambda: as_csv(ROW).decode().encode("utf-16"), "The file is no CSV."),
        ("a.xlsm", lambda: b"x", "This kind of file is not taken."),
        ("a.pdf", lambda: b"%PDF", "This kind of file is not taken."),
        ("a.eml", lambda: b"\0" * 64, "The file is no e-mail."),
    ],
)
def test_what_a_file_may_not_be_is_refused_in_words_and_nothing_is_kept(desk: Desk, name, body, words):
    visitor = send(desk.person("ana"), name, body(), FIELDS)
    assert visitor.status == 422
    assert words in words_of(visitor.text)
    assert desk.office.ledger.in_order() == ()
