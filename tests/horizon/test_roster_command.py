"""The roster from the command line: template, check, import, request, match, log, erasure; and nothing leaks."""

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fictional import World
from openpyxl import load_workbook
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "alerts"))

from people import person

from alerts.person import Gender, Skill
from alerts.sheets import write_csv
from domain.errors import Refused, Unavailable, UsageError
from horizon import clock
from horizon.cli import app
from horizon.commands.roster import erase_overdue

TOKEN = "Xyzzy7"  # noqa: S105  (planted, so that a leak can be found)
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
WHOLE = """
id = "REQ-1"
entity = "An entity"
contact = "its desk"
legal_basis = "a resolution"
purpose = "to document"
consent_of_state = "given"
visas_and_entry = "on arrival"
security = "level 3"
duty_of_care = "insured"
contract = "loan"
independence = "usual"
data_terms = "usual"
balance = "usual"
duty_station = "Harbour"
places = ["XLA"]
start = 2026-04-01
end = 2026-04-30
latest_decision = 2026-03-25
answer_due = 2026-03-24
wanted_skills = ["gender"]

[[profiles]]
name = "legal"
count = 2
skills = ["legal"]
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A roster of four invented people and a whole request, and the command as a person calls it."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = World(tmp_path / "world")
    home = {"nationalities": frozenset({"XRU"}), "residence": "XRU"}
    people = [
        person("R-1", **home, skills=frozenset({Skill.LEGAL, Skill.GENDER})),
        person("R-2", **home, gender=Gender.MAN),
        person("R-3", **home, notice_days=9),
        person("R-4", nationalities=frozenset({"XLA"}), residence="XRU"),
    ]
    planted = [one.__class__(name=f"{TOKEN} {one.facts.number}", mail=f"{TOKEN}@x.org", phone=TOKEN, facts=one.facts)
               for one in people]  # fmt: skip
    (tmp_path / "people.csv").write_bytes(write_csv(planted))
    (tmp_path / "REQ-1.toml").write_text(WHOLE, "utf-8")

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["roster", *words], env=world.environment(), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    call.folder = tmp_path  # type: ignore[attr-defined]
    call.environment = world.environment()  # type: ignore[attr-defined]
    call.var = world.settings().var  # type: ignore[attr-defined]
    return call


def filled(desk):
    desk("import", str(desk.folder / "people.csv"), "--by", "A manager")
    desk("request", str(desk.folder / "REQ-1.toml"), "--by", "A manager")
    return str(desk.folder / "REQ-1.toml")


def test_from_a_table_to_a_team_and_its_log(desk):
    asked = filled(desk)
    told = desk("match", asked, "--by", "A manager")
    assert told.startswith("Best team: 36 points lost")
    assert "R-1 · legal: fits the seat “legal”" in told
    assert "R-4: is a national of the State concerned" in told
    assert "The entity selects; nobody has been asked." in told
    assert TOKEN not in told
    for step in ("asked", "accepted", "deployed"):
        desk("log", "REQ-1", "--by", "A manager", "--number", "R-1", "--step", step)
    assert "asked 1, accepted 1, declined 0, deployed 1, back 0\t0.0 h to deployment" in desk("log")
    assert "long list" in desk("log")


def test_the_best_team_is_the_one_that_the_points_say(desk):
    """Two seats: R-1 has the wanted skill; R-2 gives the balance and a notice of 3 days against 9 of R-3."""
    found = json.loads(desk("match", filled(desk), "--by", "A manager", "--json"))
    first, second = found["teams"][:2]
    assert sorted(one["number"] for one in first["members"]) == ["R-1", "R-2"]
    # 3 + 3 days of notice, the same group 20, the same nationality 10.
    assert first["lost"] == 36
    # 3 + 9, no man 60, 20, 10: 3 + 9, nobody for gender issues 100, 20, 10.
    assert [one["lost"] for one in found["teams"]] == [36, 102, 142]
    assert sorted(one["number"] for one in second["members"]) == ["R-1", "R-3"]


def test_names_are_printed_only_when_asked_for_and_each_is_logged(desk):
    asked = filled(desk)
    assert f"{TOKEN} R-1" in desk("match", asked, "--by", "A manager", "--names")
    looks = desk("access")
    assert looks.count("names of proposed teams") == 3
    assert TOKEN not in looks


def test_why_somebody_was_not_chosen(desk):
    asked = filled(desk)
    assert "loses 102 points, 66 more" in desk("match", asked, "--by", "A manager", "--why-not", "R-3")
    assert "R-4 cannot go" in desk("match", asked, "--by", "A manager", "--why-not", "R-4")


def test_a_team_found_again_keeps_who_accepted_and_leaves_out_who_declined_or_keeps_silent(desk, monkeypatch):
    """R-1 declines, R-3 accepts, R-2 says nothing; nobody else of the four can go."""
    asked = filled(desk)
    for number, answer in (("R-1", "declined"), ("R-2", ""), ("R-3", "accepted")):
        for step in filter(None, ("asked", answer)):
            desk("log", "REQ-1", "--by", "A manager", "--number", number, "--step", step)
    told = desk("match", asked, "--by", "A manager")
    assert "R-3 · legal: has accepted already" in told
    assert "R-2 · legal: fits the seat" in told
    assert "R-1: has declined this request" in told
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=25))
    told = desk("match", asked, "--by", "A manager", "--silent", "24", code=1)
    assert "1 was asked for this request and has not answered in time" in told
    assert "Best team" in desk("match", asked, "--by", "A manager", "--silent", "26")


def test_a_request_that_is_not_whole_opens_nothing(desk):
    desk("import", str(desk.folder / "people.csv"), "--by", "A manager")
    looks = desk("access")
    (desk.folder / "REQ-2.toml").write_text(WHOLE.replace('legal_basis = "a resolution"', 'legal_basis = " "'), "utf-8")
    for words in ("request", "match"):
        with pytest.raises(Refused, match="not searched"):
            desk(words, str(desk.folder / "REQ-2.toml"), "--by", "A manager")
    with pytest.raises(Refused, match="not searched"):
        desk("match", str(desk.folder / "REQ-1.toml"), "--by", "A manager")
    assert desk("access") == looks


def test_a_good_offices_mission_is_recorded_and_not_matched(desk):
    (desk.folder / "G.toml").write_text(WHOLE.replace('id = "REQ-1"', 'id = "G"\nkind = "good offices"'), "utf-8")
    desk("request", str(desk.folder / "G.toml"), "--by", "A manager")
    with pytest.raises(Refused, match="good-offices"):
        desk("match", str(desk.folder / "G.toml"), "--by", "A manager")
    decided = """
request = "G"
decided_by = "The President"
decided_on = 2026-03-18
consulted_bureau_on = 2026-03-17
consent_of_state = "by note of 16 March"
consent_on = 2026-03-16
[[members]]
category = "OHCHR"
name = "An office"
"""
    (desk.folder / "mission.toml").write_text(decided, "utf-8")
    assert "1 members recorded as decided" in desk("mission", str(desk.folder / "mission.toml"), "--by", "A manager")
    (desk.folder / "mission.toml").write_text(decided.replace("by note of 16 March", ""), "utf-8")
    with pytest.raises(Refused) as error:
        desk("mission", str(desk.folder / "mission.toml"), "--by", "A manager")
    assert "needs the State's consent" in error.value.why


def test_a_faulty_table_is_told_by_row_and_column_and_not_taken(desk):
    table = desk.folder / "people.csv"
    table.write_bytes(table.read_bytes().replace(b"en:C1", f"{TOKEN}".encode(), 1))
    told = desk("check", str(table), code=1)
    assert "row 2, column languages: a language and a level are needed" in told
    assert TOKEN not in told
    with pytest.raises(UsageError, match="not imported"):
        desk("import", str(table), "--by", "A manager")


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx"])
def test_an_export_imports_again_and_is_readable_by_its_owner_alone(desk, name):
    filled(desk)
    out = desk.folder / name
    desk("export", "--out", str(out), "--by", "A manager", "--why", "yearly check")
    assert out.stat().st_mode & 0o077 == 0
    assert desk("import", str(out), "--by", "A manager").startswith("0 new, 4 replaced")


@pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
def test_a_template_is_checked_as_empty(desk, name):
    desk("template", "--out", str(desk.folder / name))
    assert "there is nobody in the table" in desk("check", str(desk.folder / name), code=1)


def test_erasing_leaves_counts_and_no_person(desk):
    filled(desk)
    desk("log", "REQ-1", "--by", "A manager", "--number", "R-1", "--step", "asked")
    desk("erase", "R-1", "--by", "A manager", "--why", "asked for it")
    assert "asked\twoman\tfewer than 3" in desk("statistics")
    with pytest.raises(UsageError, match="nobody with that number"):
        desk("log", "REQ-1", "--by", "A manager", "--number", "R-1", "--step", "accepted")


def test_a_lost_key_is_said_in_words(desk):
    filled(desk)
    (desk.var / "keys" / "roster.key").unlink()
    with pytest.raises(Unavailable, match=r"roster\.key cannot be used"):
        desk("access")


def test_changing_the_key_changes_no_answer(desk):
    asked = filled(desk)
    before = desk("match", asked, "--by", "A manager")
    desk("rotate", "--by", "A manager")
    assert desk("match", asked, "--by", "A manager") == before


def test_planted_names_are_in_no_file_log_or_output(desk):
    """Everything that the roster wrote while it was used, byte by byte; the table that was imported aside."""
    asked = filled(desk)
    told = [desk("match", asked, "--by", "A manager"), desk("access"), desk("statistics"), desk("log"), desk("check")]
    files = [path for path in desk.var.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert TOKEN.encode() not in path.read_bytes(), path.name
        assert TOKEN not in path.name
    assert TOKEN not in "".join(told)


def test_the_retention_timer_erases_what_is_past_its_day_by_itself(desk, monkeypatch):
    """The task of the DAG, as the scheduler calls it: no person is asked, and its name stands in the log."""
    from dags import roster as timer  # noqa: PLC0415  (Airflow is slow to import)

    pass_by = timer.erase_overdue.function
    filled(desk)
    for name, value in desk.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LIVE", "1")
    assert pass_by() == 0
    monkeypatch.setattr(clock, "now", lambda: datetime(2028, 2, 1, tzinfo=UTC))  # they may be kept to 31 January 2028
    assert "4 records are past the day" in desk("check", code=1)
    monkeypatch.setenv("LIVE", "0")
    assert pass_by() == 0
    monkeypatch.setenv("LIVE", "1")
    assert pass_by() == 4
    assert "retention timer\tpast the day that it may be kept" in desk("access")
    assert "erased\t\t4" in desk("statistics")
    assert "0 records are past the day" in desk("check")


def test_a_machine_without_a_roster_gets_none_by_the_timer(tmp_path):
    settings = World(tmp_path).settings()
    assert erase_overdue(settings) == 0
    assert not (settings.var / "roster").exists()


@pytest.mark.parametrize(("words", "said"), [
    (["log"], "No request is registered."), (["access"], "Nobody has looked"), (["check"], "0 records are past"),
    (["statistics"], "Nothing is counted yet"),
])  # fmt: skip
def test_on_an_empty_machine_each_command_says_so_in_words(desk, words, said):
    assert said in desk(*words)


def test_every_bad_row_is_named_by_row_and_column_in_both_kinds_of_table(desk):
    for name in ("bad.csv", "bad.xlsx"):
        desk("template", "--out", str(desk.folder / name))
    rows = [["R-1", "Person"], ["R-2", "Person", "no mail", "", "woman", "QQQ"]]
    with (desk.folder / "bad.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    book = load_workbook(desk.folder / "bad.xlsx")
    for row in rows:
        book["roster"].append(row)
    book.save(desk.folder / "bad.xlsx")
    told = [desk("check", str(desk.folder / name), code=1) for name in ("bad.csv", "bad.xlsx")]
    assert told[0] == told[1]
    assert "row 2, column mail: " in told[0]
    assert "row 3, column mail: " in told[0]
    assert "row 3, column nationalities: " in told[0]
    assert "no mail" not in told[0]
