"""Reports that people give: what must be said, what is refused in words, and what of the sender is never kept."""

import io
import os
import zipfile
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from fictional import World
from given_reports import GIVEN, TAKEN_AT, give, seal
from openpyxl import Workbook

from domain.classification import Consent, Lens, Sharing
from domain.errors import Refused, UsageError
from domain.given import may_be_used, row_id
from domain.signal import Fact, short_hash
from domain.source import SourceClass
from domain.state import load_gazetteer
from horizon.given import read_given
from horizon.intake import read_bytes
from horizon.parsing import read_upload
from horizon.worker import Limits
from review.intake import Read, Sort, check_rows, strip_sender, take_in
from review.ledger import Hand, Ledger, verify
from warehouse.landing import LandedDecision, read_records

TODAY = date(2024, 1, 27)
SENDER = "Zarquon9"  # planted wherever a sender may show


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(tmp_path)


def check(world: World, **said: str) -> object:
    gazetteer = load_gazetteer(world.settings().reference)
    return check_rows([GIVEN | said], gazetteer=gazetteer, today=TODAY)


def book(rows: list[list[object]]) -> bytes:
    made, body = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.properties.creator = f"{SENDER} author"
    made.properties.lastModifiedBy = f"{SENDER} editor"
    made.active.title = f"{SENDER} sheet"
    made.save(body)
    return body.getvalue()


def with_member(body: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def upload(path: Path, said: dict[str, str], sort: Sort | None = None) -> Read:
    """A file as desk and command line hand it over: to the worker."""
    with path.open("rb") as stream:
        return read_upload(path.name, stream, said, sort)


HEAD: list[object] = list(GIVEN)
ROW: list[object] = list(GIVEN.values())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("classification", "classification” is missing"),
        ("sharing", "sharing” is missing"),
        ("consent", "consent” is missing"),
        ("consent_until", "consent until” is missing"),
        ("source_class", "source class” is missing"),
        ("place", "place” is missing"),
        ("text", "text” is missing"),
    ],
)
def test_a_report_that_does_not_say_how_far_it_may_travel_is_refused_in_words(world: World, name, words):
    with pytest.raises(UsageError) as error:
        check(world, **{name: ""})
    assert words in error.value.why


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"consent": "none"}, "silence is not consent"),
        ({"consent": "everything"}, "“everything” is no consent"),
        ({"sharing": "white"}, "“white” is no sharing"),
        ({"consent_until": "2024-01-26"}, "no day between today and five years"),
        ({"consent_until": "2031-01-01"}, "no day between today and five years"),
        ({"sharing": "red", "classification": "unclassified"}, "narrower than"),
        ({"source_class": "media"}, "collected, not given"),
        ({"place": "Nowhere"}, "no State or territory"),
        ({"occurred_on": "2024-02-01"}, "has not come yet"),
    ],
)
def test_what_is_not_allowed_is_said(world: World, said, words):
    with pytest.raises(UsageError) as error:
        check(world, **said)
    assert words in error.value.why


def test_a_given_report_carries_its_protection_into_its_rows(world: World):
    (report_id,) = give(world).new
    (landed,) = read_records(world.settings().decisions)
    assert isinstance(landed, LandedDecision)
    (parsed,) = read_given(landed)
    (report,) = parsed.reports
    protection = parsed.landed.protection
    assert (protection.lens, protection.source_sharing) == (Lens.RESTRICTED, Sharing.AMBER_STRICT)
    assert protection.consent_scope is Consent.SHARE_UN
    assert report.source_id == "given_civil_society"
    assert report.report_id == row_id(SourceClass.CIVIL_SOCIETY, report_id) == short_hash(report.source_id, report_id)
    assert (report.place, report.occurred_on, report.url) == ("XFR", date(2024, 1, 23), "")


def test_the_same_report_twice_is_taken_in_once(world: World):
    assert len(give(world).new) == 1
    again = give(world)
    assert (again.new, again.known) == ((), 1)


def test_all_rows_are_taken_in_or_none(world: World):
    gazetteer = load_gazetteer(world.settings().reference)
    with pytest.raises(UsageError, match="Report 2"):
        check_rows([GIVEN, GIVEN | {"consent": ""}], gazetteer=gazetteer, today=TODAY)
    assert list(read_records(world.settings().decisions)) == []


def test_nobody_takes_in_without_a_name(world: World):
    found = check_rows([GIVEN], gazetteer=load_gazetteer(world.settings().reference), today=TODAY)
    ledger = Ledger(world.settings().decisions.parent)
    with pytest.raises(Refused, match="needs a name"):
        take_in(found, hand=Hand(by=" ", role="analyst"), at=TAKEN_AT, ledger=ledger)
    assert ledger.in_order() == ()


@pytest.mark.parametrize(
    ("consent", "until", "used"),
    [
        ("share_un", "2024-01-27", True),
        ("share_un", "2024-01-26", False),
        ("public", "2024-06-01", True),
        ("internal_use", "2024-06-01", False),
        ("none", "2024-06-01", False),
    ],
)
def test_consent_below_sharing_and_consent_that_ended_enter_no_run(consent, until, used):
    facts = (Fact(name="consent", value=consent), Fact(name="consent until", value=until))
    assert may_be_used(facts, TODAY) is used
    assert not may_be_used((), TODAY)


def letter() -> EmailMessage:
    """An e-mail that tells of its sender in every place where an e-mail can."""
    made = EmailMessage()
    made["From"] = f"{SENDER} <{SENDER}@mail.example>"
    made["Reply-To"] = f"{SENDER}@mail.example"
    made["To"] = "desk@office.example"
    made["Message-ID"] = f"<{SENDER}.1@host.{SENDER}.example>"
    made["Received"] = f"from {SENDER}.example ([203.0.113.7]) by mx.example; Sat, 27 Jan 2024 09:00:00 +0300"
    made["X-Originating-IP"] = "[203.0.113.7]"
    made["User-Agent"] = f"{SENDER} mail"
    made["Date"] = "Sat, 27 Jan 2024 09:00:00 +0300"
    made["Subject"] = "Three protesters shot in Freedonia"
    made.set_content(
        "Police shot dead three protesters in Freedonia on Tuesday.\n"
        f"Write to {SENDER}@mail.example or call +41 22 555 01 99; https://pads.example/{SENDER}\n"
        "I am at 46.2044, 6.1432.\n\n"
        f"> {SENDER} wrote this before\n"
        f"-- \n{SENDER}, 12 Harbour Street\n"
    )
    picture = b"\xff\xd8\xff\xe1\x00\x20Exif\x00\x00" + SENDER.encode() + b" 46.2 N"
    made.add_attachment(picture, maintype="image", subtype="jpeg", filename=f"{SENDER}.jpg")
    return made


def test_of_an_email_nothing_is_kept_but_the_words(world: World, tmp_path: Path):
    seal(world)
    path = tmp_path / f"{SENDER}.eml"
    path.write_bytes(letter().as_bytes())
    fields = {name: value for name, value in GIVEN.items() if name not in {"title", "text", "first_level"}}
    read = upload(path, fields)
    (row,) = read.rows
    assert row["title"] == "Three protesters shot in Freedonia"
    assert row["text"].startswith("Police shot dead three protesters in Freedonia on Tuesday.")
    told = " ".join(row.values()) + " ".join(read.left_out)
    for trace in (SENDER, "203.0.113.7", "555 01 99", "46.2044", "pads.example", "09:00", "+0300", ".jpg"):
        assert trace not in told
    assert "1 attachments" in read.left_out
    given = check_rows(read.rows, gazetteer=load_gazetteer(world.settings().reference), today=TODAY)
    settings = world.settings()
    hand = Hand(by="An Officer", role="analyst", operating_system_user="tester")
    take_in(given, hand=hand, at=TAKEN_AT, ledger=Ledger(settings.decisions.parent))
    everything = b"".join(one.read_bytes() for one in settings.var.rglob("*") if one.is_file())
    names = " ".join(str(one) for one in settings.var.rglob("*"))
    assert SENDER.encode() not in everything
    assert SENDER not in names
    (landed,) = [one for one in read_records(settings.decisions) if isinstance(one, LandedDecision)]
    assert SENDER not in repr(landed.decision)


def test_an_email_in_html_gives_its_words_alone(world: World):
    made = EmailMessage()
    made["From"] = f"{SENDER}@mail.example"
    made["Subject"] = "A report"
    made.set_content(
        f"<p>Three persons were <b>detained</b>.</p><img src='https://track.example/{SENDER}'>", subtype="html"
    )
    (row,) = read_bytes(made.as_bytes(), Sort.EMAIL, {}).rows
    assert row["text"] == "Three persons were detained."


def test_a_table_keeps_no_author_and_no_name_of_a_sheet():
    (row,) = read_bytes(book([HEAD, ROW]), Sort.XLSX, {}).rows
    assert row["place"] == "Freedonia"
    assert SENDER not in " ".join(row.values())


def test_a_csv_is_read_row_by_row():
    lines = [",".join(str(one) for one in HEAD), ",".join(f'"{one}"' for one in ROW)] * 1
    (row,) = read_bytes("\n".join(lines).encode(), Sort.CSV, {}).rows
    assert row["consent"] == "share_un"


@pytest.mark.parametrize("column", ["email", "Phone", "latitude"])
def test_a_column_that_would_tell_of_the_sender_is_refused(column):
    with pytest.raises(Refused, match="says who sent it"):
        read_bytes(book([[*HEAD, column], [*ROW, SENDER]]), Sort.XLSX, {})


def test_a_file_of_one_gigabyte_is_refused_by_its_size_and_not_read(tmp_path: Path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 1024**3)
    with pytest.raises(Refused, match="too large") as error:
        upload(path, {})
    assert "1024 MB" in error.value.why
    assert "It was not read" in error.value.why


def test_an_archive_that_would_grow_beyond_reason_is_refused():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (120 * 1024 * 1024))
    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(Refused, match="unpack to far more"):
        read_bytes(bomb.getvalue(), Sort.XLSX, {})


@pytest.mark.parametrize(
    ("member", "content", "words"),
    [
        ("xl/vbaProject.bin", b"x", "holds a program"),
        ("xl/activeX/activeX1.xml", b"<x/>", "holds a program"),
        ("xl/embeddings/oleObject1.docx", b"x", "other files or links"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "other files or links"),
        ("xl/worksheets/sheet9.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>', "own entities"),
        ("xl/worksheets/sheet9.xml", b"<worksheet><c><f>1+1</f></c></worksheet>", "holds formulas"),
    ],
)
def test_a_sheet_that_holds_more_than_cells_is_refused(member, content, words):
    with pytest.raises(Refused, match=words):
        read_bytes(with_member(book([HEAD, ROW]), member, content), Sort.XLSX, {})


@pytest.mark.parametrize("suffix", [".xlsm", ".xls", ".docm"])
def test_files_that_can_hold_macros_are_refused_by_name(tmp_path: Path, suffix):
    path = tmp_path / f"report{suffix}"
    path.write_bytes(b"x")
    for sort in (None, Sort.XLSX):
        with pytest.raises(Refused, match="not taken"):
            upload(path, {}, sort)


@pytest.mark.parametrize(
    "text",
    ["=HYPERLINK('x')", "@SUM(1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t=1", "  =1+1"],
)
def test_a_field_that_a_sheet_would_run_is_refused(text):
    with pytest.raises(Refused, match="like a formula"):
        read_bytes(b"words", Sort.FORM, GIVEN | {"title": text})


@pytest.mark.parametrize(
    "text",
    ["<script>x</script>", "< SCRIPT src=x>", "<img src=x onerror=y>", "see javascript:alert(1)", "<svg/onload=x>"],
)
def test_script_in_any_field_is_refused_in_words(text):
    with pytest.raises(Refused, match="can run"):
        read_bytes(b"words", Sort.FORM, GIVEN | {"text": text})


@pytest.mark.parametrize(
    ("body", "sort"),
    [(b"PK\x03\x04", Sort.XLSX), (b"\xff\xfe\x00", Sort.FORM), (b"PK\x03\x04\0\0", Sort.CSV), (b"\0" * 64, Sort.EMAIL)],
)
def test_what_is_no_file_of_its_kind_is_refused_in_words(body, sort):
    with pytest.raises((UsageError, Refused)):
        read_bytes(body, sort, {})


def test_the_worker_reads_each_kind_and_says_what_it_refuses(tmp_path: Path):
    (tmp_path / "a.xlsx").write_bytes(book([HEAD, ROW]))
    assert dict(upload(tmp_path / "a.xlsx", {}).rows[0])["consent"] == "share_un"
    (tmp_path / "a.txt").write_text("Three persons were detained.", "utf-8")
    (row,) = upload(tmp_path / "a.txt", GIVEN | {"text": ""}).rows
    assert (row["text"], row["place"]) == ("Three persons were detained.", "Freedonia")
    (tmp_path / "a.csv").write_bytes("Zürich".encode("latin-1"))
    with pytest.raises(UsageError, match="not in UTF-8") as told:
        upload(tmp_path / "a.csv", {})
    assert told.value.exit_code == 2
    (tmp_path / "f.xlsx").write_bytes(with_member(book([HEAD, ROW]), "xl/worksheets/sheet9.xml", b"<c><f>1</f></c>"))
    with pytest.raises(Refused, match="holds formulas") as refused:
        upload(tmp_path / "f.xlsx", {})
    assert refused.value.exit_code == 3


def test_a_file_that_breaks_its_reader_breaks_the_worker_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # A table that needs far more memory than a worker has.
    monkeypatch.setattr("horizon.parsing.UPLOADS", Limits(seconds=20, memory=100 * 1024 * 1024, written=1024))
    path = tmp_path / "wide.csv"
    path.write_bytes(b",".join(b"c%d" % at for at in range(300)) + b"\n" + (b"x" * 50 + b",") * 300_000)
    with pytest.raises((Refused, UsageError)):
        upload(path, {})


def test_two_who_give_the_same_report_at_once_give_it_once(world: World):
    found = check_rows([GIVEN], gazetteer=load_gazetteer(world.settings().reference), today=TODAY)
    folder = world.settings().decisions.parent
    one, other = Ledger(folder), Ledger(folder)
    assert other.in_order() == ()
    hand = Hand(by="An Officer", role="analyst")
    new = [take_in(found, hand=hand, at=TAKEN_AT, ledger=each).new for each in (one, other)]
    assert [len(ids) for ids in new] == [1, 0]
    assert verify(folder) == ()


def test_words_without_a_sender_stay_as_they_are():
    said = "On 12.01.2024, 14 000 persons fled; 3.5 % of 2,000. See A/HRC/43/37, paragraph 62. Ratio 1:2."
    assert strip_sender(said) == said


def test_stripping_takes_no_longer_than_its_text():
    begun = datetime.now(UTC)  # noqa: TID251  (how long it takes is what is asked)
    strip_sender("a" * 200_000 + " " + "1." * 50_000)
    assert (datetime.now(UTC) - begun).total_seconds() < 5  # noqa: TID251
