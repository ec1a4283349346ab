"""The roster's table and its store: faults by row and column, sealed records, a log of every look, erasure."""

import io
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from people import PLACES, TODAY, people, person, request, roster

from alerts.person import Grade, Paper, Skill, Span, Tongue
from alerts.request import WORDS, Category, Composition, Kind, Stage, load_request, missing, read_request
from alerts.roster import Purpose, Roster, Step
from alerts.sheets import COLUMNS, NAMES, check_table, read_table, to_cells, write_csv, write_xlsx
from alerts.vault import Erased, Vault
from domain.errors import Refused, Unavailable, UsageError
from horizon.commands.roster import REQUEST

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
SECRET = "Xyzzy7"  # noqa: S105  (planted, so that a leak can be found)


def purpose(why: str = "keeping", request_: str = "", at: datetime = NOW) -> Purpose:
    return Purpose(by="A manager", why=why, at=at, request=request_)


@pytest.fixture
def held(tmp_path: Path):
    with Roster(tmp_path / "roster", key_file=tmp_path / "keys" / "roster.key", places=PLACES) as found:
        yield found


def full():
    return person(
        "R-0007",
        nationalities=frozenset({"XAB", "XAA"}),
        regional_group="AFR+APS",
        skills=frozenset({Skill.LEGAL, Skill.CHILD}),
        languages=(Tongue("en", Grade.C2), Tongue("fr", Grade.B1)),
        availability=(Span(date(2026, 1, 1), date(2026, 2, 1)), Span(date(2026, 5, 1), date(2026, 6, 1))),
        vaccinations=(Paper("yellow fever", date(2030, 1, 1)),),
        visas=(Paper("XJS", date(2026, 12, 31)),),
        back_on=date(2025, 10, 31),
        prior_involvement=frozenset({"XCC"}),
    )


def table(**changes: str) -> list[list[str]]:
    cells = dict(zip(NAMES, to_cells(full()), strict=True)) | changes
    return [list(NAMES), list(cells.values())]


@pytest.mark.parametrize(("name", "write"), [("r.csv", write_csv), ("r.xlsx", write_xlsx)])
def test_a_table_reads_back_as_it_was_written(tmp_path, name, write):
    found = [full(), *people(roster(40)), replace(person("R-9999"), name="=Person 9999", phone="+00 1")]
    (tmp_path / name).write_bytes(write(found))
    checked = check_table(read_table(tmp_path / name), places=PLACES)
    assert checked.faults == ()
    assert list(checked.people) == found


def test_no_cell_of_an_export_is_a_formula(tmp_path):
    found = [replace(person(), name="=HYPERLINK(1)", phone="@x")]
    assert b"'=HYPERLINK(1)" in write_csv(found)
    sheet = load_workbook(io.BytesIO(write_xlsx(found)))["roster"]
    assert all(cell.data_type != "f" for row in sheet.rows for cell in row)


def test_the_template_says_what_each_column_means():
    book = load_workbook(io.BytesIO(write_xlsx(())))
    assert [cell.value for cell in book["roster"][1]] == list(NAMES)
    assert book["columns"].max_row == len(COLUMNS) + 2


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("number", "R 7!"),
        ("mail", "Xyzzy7 at home"),
        ("gender", "Xyzzy7"),
        ("nationalities", "Xyzzy7"),
        ("nationalities", "QQQ"),
        ("residence", "Xyzzy7"),
        ("skills", "legal; Xyzzy7"),
        ("languages", "Xyzzy7"),
        ("languages", "en:C3"),
        ("availability", "2026-05-01/2026-04-01"),
        ("availability", "Xyzzy7"),
        ("notice_days", "-1"),
        ("notice_days", "400"),
        ("clearances", "2026-01-01"),
        ("visas", "XJS:Xyzzy7"),
        ("back_on", "31.12.2025"),
        ("prior_involvement", "Xyzzy7"),
        ("consent_on", "Xyzzy7"),
        ("retain_until", ""),
        ("name", ""),
        ("name", "Xyzzy7" * 400),
    ],
)
def test_a_fault_names_row_and_column_and_not_what_stands_there(column, cell):
    checked = check_table(table(**{column: cell}), places=PLACES)
    (fault,) = checked.faults
    assert (fault.row, fault.column) == (2, column)
    assert checked.people == ()
    assert SECRET not in fault.line()


def test_every_fault_is_told_at_once_and_nobody_is_taken():
    rows = [*table(), table(gender="?", languages="en")[1], table()[1]]
    checked = check_table(rows, places=PLACES)
    assert [(one.row, one.column) for one in checked.faults] == [
        (3, "gender"), (3, "languages"), (3, "number"), (4, "number"),
    ]  # fmt: skip
    assert checked.people == ()


def test_missing_and_unknown_columns_are_named():
    rows = table()
    rows[0][0] = "no"
    checked = check_table(rows, places=PLACES)
    assert [(one.row, one.column) for one in checked.faults] == [(1, "number"), (1, "1")]


def test_a_workbook_that_would_unpack_to_something_huge_is_not_opened(tmp_path):
    bomb = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 80_000_000)
    with pytest.raises(UsageError, match="cannot be read"):
        read_table(bomb)


@pytest.mark.parametrize("body", [b"PK\x03\x04 torn", b"\xff\xfe\x00", b'"open'])
def test_what_is_no_table_is_an_error_in_words(tmp_path, body):
    (tmp_path / "r.csv").write_bytes(body)
    with pytest.raises(UsageError):
        read_table(tmp_path / "r.csv")


# The store


def test_what_was_kept_comes_back_and_a_second_time_replaces(held):
    assert held.keep([full(), person("R-2")], purpose()) == (2, 0)
    changed = replace(full(), phone="123")
    assert held.keep([changed], purpose()) == (0, 1)
    assert held.export(purpose("a list")) == (changed, person("R-2"))


def test_nothing_of_a_person_stands_in_the_clear_on_the_disk(held, tmp_path):
    held.keep([replace(full(), name=f"{SECRET} person", mail=f"{SECRET}@x.org", phone=SECRET)], purpose())
    held.open_request(request(), purpose())
    held.note("REQ-1", "R-0007", Step.ASKED, purpose("log"))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert SECRET.encode() not in body, path.name
            assert b"R-0007" not in body, path.name
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_lost_key_is_a_clear_error_and_not_a_new_roster(held, tmp_path):
    held.keep([full()], purpose())
    key = tmp_path / "keys" / "roster.key"
    kept = key.read_bytes()

    def opened():
        return Roster(tmp_path / "roster", key_file=key, places=PLACES)

    key.unlink()
    with pytest.raises(Unavailable, match="cannot be used") as error:
        opened()
    assert "sealed copy" in str(error.value)
    assert not key.exists()
    key.write_bytes(os.urandom(32))
    with pytest.raises(Unavailable, match="not the key"):
        opened()
    key.write_bytes(kept)
    with opened() as again:
        assert again.export(purpose("a list")) == (full(),)


def test_a_changed_record_does_not_open(tmp_path):
    vault = Vault.create(slots=tmp_path / "s", key_file=tmp_path / "k")
    slot, sealed = vault.seal("one", b"body")
    assert vault.open("one", slot, sealed) == b"body"
    for name, body in (("two", sealed), ("one", sealed[:-1] + bytes([sealed[-1] ^ 1]))):
        with pytest.raises(Unavailable):
            vault.open(name, slot, body)


def test_a_new_key_opens_the_same_records_and_the_old_one_nothing(tmp_path):
    vault = Vault.create(slots=tmp_path / "s", key_file=tmp_path / "k")
    slot, sealed = vault.seal("one", b"body")
    gone, lost = vault.seal("two", b"other")
    vault.destroy(gone)
    before = (tmp_path / "k").read_bytes()
    vault.rotate()
    after = Vault(slots=tmp_path / "s", key_file=tmp_path / "k")
    assert after.open("one", slot, sealed) == b"body"
    with pytest.raises(Erased):
        after.open("two", gone, lost)
    (tmp_path / "k").write_bytes(before)
    with pytest.raises(Unavailable):
        Vault(slots=tmp_path / "s", key_file=tmp_path / "k")


def test_two_who_write_at_once_never_take_the_same_slot_even_through_a_key_change(tmp_path):
    one = Vault.create(slots=tmp_path / "s", key_file=tmp_path / "k")
    other = Vault(slots=tmp_path / "s", key_file=tmp_path / "k")
    first = one.seal("a", b"1")
    one.rotate()
    second = other.seal("b", b"2")
    with ThreadPoolExecutor(4) as pool:
        many = list(pool.map(lambda at: (one, other)[at % 2].seal(f"n{at}", b"x"), range(40)))
    slots = [first[0], second[0], *(slot for slot, _ in many)]
    assert len(set(slots)) == 42
    fresh = Vault(slots=tmp_path / "s", key_file=tmp_path / "k")
    assert (fresh.open("a", *first), fresh.open("b", *second)) == (b"1", b"2")
    assert {fresh.open(f"n{at}", *held) for at, held in enumerate(many)} == {b"x"}


def test_a_key_change_killed_between_its_steps_still_opens(tmp_path, monkeypatch):
    vault = Vault.create(slots=tmp_path / "s", key_file=tmp_path / "k")
    slot, sealed = vault.seal("one", b"body")
    from alerts import vault as module  # noqa: PLC0415

    real = module.write_whole
    for allowed in (1, 2):
        left = allowed

        def write(path, body, *, mode):
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            real(path, body, mode=mode)

        monkeypatch.setattr(module, "write_whole", write)
        with pytest.raises(KeyboardInterrupt):
            Vault(slots=tmp_path / "s", key_file=tmp_path / "k").rotate()
        monkeypatch.setattr(module, "write_whole", real)
        assert Vault(slots=tmp_path / "s", key_file=tmp_path / "k").open("one", slot, sealed) == b"body"


def test_erasure_destroys_the_key_in_every_copy_and_leaves_the_counts(held, tmp_path):
    held.keep([full(), person("R-2")], purpose())
    held.open_request(request(), purpose())
    held.note("REQ-1", "R-0007", Step.ASKED, purpose("log"))
    backup = (tmp_path / "roster" / "roster.sqlite").read_bytes()
    before = held.statistics()
    held.erase("R-0007", purpose("they asked"))
    assert held.export(purpose("a list")) == (person("R-2"),)
    assert [one.person for one in held.log()] == [""]
    assert set(before) < set(held.statistics())
    # An old copy of the file does not bring the person back: its key is gone.
    (tmp_path / "roster" / "roster.sqlite").write_bytes(backup)
    with Roster(tmp_path / "roster", key_file=tmp_path / "keys" / "roster.key", places=PLACES) as old:
        assert old.export(purpose("a list")) == (person("R-2"),)


def test_records_past_their_day_are_found_and_erased(held):
    held.keep([person("R-1", retain_until=date(2026, 3, 19)), person("R-2", retain_until=TODAY)], purpose())
    assert held.overdue(TODAY) == 1
    assert held.erase_overdue(TODAY, purpose("retention")) == 1
    assert [one.facts.number for one in held.export(purpose("a list"))] == ["R-2"]


def test_every_look_is_written_down_first_and_a_changed_log_is_found(held, tmp_path):
    held.keep([full()], purpose())
    held.export(purpose("a list"))
    held.person("R-0007", purpose("a call"))
    assert [(one.by, one.why) for one in held.accesses()] == [
        ("A manager", "keeping"), ("A manager", "a list"), ("A manager", "a call"),
    ]  # fmt: skip
    held._db.execute("UPDATE access SET why = 'nothing' WHERE number = 2")
    with pytest.raises(Refused, match="line 2"):
        held.accesses()


def test_a_line_taken_out_of_the_access_log_is_found(held):
    for why in ("one", "two", "three"):
        held.export(purpose(why))
    held._db.execute("DELETE FROM access WHERE number = 2")
    with pytest.raises(Refused, match="line 2"):
        held.accesses()


def test_nobody_looks_without_a_name_or_a_reason(held):
    with pytest.raises(Refused):
        held.export(replace(purpose(), by=" "))
    with pytest.raises(Refused):
        held.export(purpose(" "))
    with pytest.raises(Refused):
        held.person("R-1", purpose(""))


# Requests


def test_names_are_not_searched_before_every_required_field_is_there():
    assert set(missing({})) > {"requesting entity", "start and end", "answer due", "number, profiles and level"}
    with pytest.raises(Refused, match="not searched") as error:
        read_request({"entity": "An entity"}, name="REQ-2")
    assert "its contact" in str(error.value)
    assert "Missing: its contact;" in str(error.value)


def test_the_empty_template_is_refused_with_everything_that_is_missing(tmp_path):
    (tmp_path / "REQ-3.toml").write_text(REQUEST, "utf-8")
    with pytest.raises(Refused) as error:
        load_request(tmp_path / "REQ-3.toml")
    assert all(words in str(error.value) for name, words in WORDS.items() if name != "profiles")


def test_a_search_needs_its_registered_request(held):
    held.keep([full()], purpose())
    with pytest.raises(Refused):
        held.search(request(), purpose("matching", "REQ-1"))
    held.open_request(request(), purpose())
    with pytest.raises(Refused):
        held.search(request(), purpose("matching", "REQ-2"))
    assert held.search(request(), purpose("matching", "REQ-1")) == (full().facts,)


def test_a_good_offices_mission_is_recorded_with_consent_and_never_searched(held):
    asked = request(kind=Kind.GOOD_OFFICES, profiles=())
    held.open_request(asked, purpose())
    with pytest.raises(Refused, match="good-offices"):
        held.search(asked, purpose("matching", "REQ-1"))
    decided = Composition(
        request="REQ-1",
        decided_by="The President",
        decided_on=date(2026, 3, 18),
        consulted_bureau_on=date(2026, 3, 17),
        consent_of_state="by note of 16 March",
        consent_on=date(2026, 3, 16),
        members=((Category.REGIONAL, "Envoy Z"), (Category.COUNCIL, "Envoy A")),
        recorded_at=NOW,
    )
    held.record_mission(decided, purpose("good offices"))
    (found,) = held.missions_of("REQ-1", purpose("good offices"))
    assert [name for _, name in found["members"]] == ["Envoy Z", "Envoy A"]
    with pytest.raises(Refused, match="cannot be recorded"):
        held.record_mission(replace(decided, consent_of_state=" "), purpose("good offices"))


def test_the_log_gives_hours_from_alert_to_deployment_and_shares_load(held):
    held.keep([full(), person("R-2")], purpose())
    held.open_request(request(), purpose(), alert_at=NOW - timedelta(hours=6))
    for step, hours in ((Step.ASKED, 1), (Step.ACCEPTED, 2), (Step.DEPLOYED, 42)):
        held.note("REQ-1", "R-0007", step, purpose("log", at=NOW + timedelta(hours=hours)))
    (course,) = held.courses()
    assert (course.hours_to_accept, course.hours_to_deploy) == (8.0, 48.0)
    found = [full().facts, person("R-2").facts]
    assert held.missions(found, NOW + timedelta(days=9)) == {"R-0007": 1}
    assert held.missions(found, NOW + timedelta(days=800)) == {}


def test_a_step_that_cannot_follow_is_refused(held):
    held.keep([full()], purpose())
    held.open_request(request(), purpose())
    with pytest.raises(Refused, match="accepted"):
        held.note("REQ-1", "R-0007", Step.ACCEPTED, purpose("log"))
    with pytest.raises(UsageError):
        held.note("REQ-9", "R-0007", Step.ASKED, purpose("log"))


def test_stages_go_forward_alone(held):
    held.open_request(request(), purpose())
    held.move("REQ-1", Stage.SHORTLIST, purpose())
    with pytest.raises(Refused, match="already"):
        held.move("REQ-1", Stage.LONG_LIST, purpose())
    assert held.courses()[0].stage is Stage.SHORTLIST


def test_small_counts_of_the_statistics_are_not_told(held):
    held.keep([person(f"R-{at}") for at in range(4)], purpose())
    held.open_request(request(), purpose())
    for at in range(4):
        held.note("REQ-1", f"R-{at}", Step.ASKED, purpose("log"))
    held.note("REQ-1", "R-0", Step.DECLINED, purpose("log", at=NOW + timedelta(hours=1)))
    rows = {row[:3]: row[3] for row in held.statistics()}
    assert rows["2026", "asked", "woman"] == "4"
    assert rows["2026", "declined", "woman"] == "fewer than 3"


def test_no_error_or_log_line_repeats_a_cell(tmp_path):
    rows = table(name=f"{SECRET} person", languages=SECRET, mail=SECRET)
    lines = [one.line() for one in check_table(rows, places=PLACES).faults]
    assert lines
    assert SECRET not in json.dumps(lines)
    assert SECRET not in repr(replace(full(), name=SECRET))
