"""The `horizon` command: every command is run here, with its exit code and its two streams."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from fictional import WIRE, World
from typer.main import get_command

from domain.classification import Lens
from horizon import cli
from review.approval import write_manifest
from warehouse.connection import FILES

# A command that is not in this table, or not in `--help`, is a failing test: add it, and a test that runs it.
COMMANDS = (
    "alerts",
    "approve",
    "audit",
    "backtest",
    "code",
    "collect",
    "desk",
    "detect",
    "diff",
    "doctor",
    "draft",
    "group",
    "intake",
    "keys",
    "label",
    "languages",
    "lint",
    "load",
    "parse",
    "publish",
    "roster",
    "run",
    "score",
    "site",
    "sources",
    "states",
    "withdraw",
)
NAME = "2024-W04/r1"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Horizon = Callable[..., Said]


@pytest.fixture
def horizon(world: World, monkeypatch, capsys) -> Horizon:
    """The command as a person calls it, on the fictional world."""
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)

    def call(*words: str, **environment: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["horizon", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        heard = capsys.readouterr()
        return Said(int(ended.value.code or 0), heard.out, heard.err)

    return call


def test_every_command_is_documented_and_in_the_table(horizon):
    registered = get_command(cli.app).commands
    assert sorted(registered) == sorted(COMMANDS)
    said = horizon("--help")
    assert said.code == 0
    for name, command in registered.items():
        assert name in said.out
        assert command.help
        assert command.help.strip().splitlines()[0].endswith(".")


def test_every_command_of_the_table_is_called_by_a_test():
    """Here, or in a file of its own."""
    here = Path(__file__)
    text = here.read_text("utf-8")
    own = {path.stem.removeprefix("test_").removesuffix("_command") for path in here.parent.glob("test_*_command.py")}
    assert [name for name in COMMANDS if f'horizon("{name}"' not in text and name not in own] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is(name):
    for param in get_command(cli.app).commands[name].params:
        assert getattr(param, "help", None), f"{name} {param.name}"


def test_parse_prints_one_line_a_file_and_writes_the_items(horizon, tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    row = {"id": "w1", "headline": "A", "country": "Ruritania", "province": "", "day": "2024-01-20", "printed": ""}
    (folder / "a.json").write_text(json.dumps([row | {"Killed": 0}]), "utf-8")
    (folder / "b.json").write_text("[" * 100_000, "utf-8")
    out = tmp_path / "items.jsonl"
    said = horizon("parse", "gazette_wire", str(folder), "--out", str(out))
    first, second = said.out.splitlines()
    assert first.startswith(f"{folder / 'a.json'}  items=1  defect=")
    assert second.startswith(f"{folder / 'b.json'}  items=0  defect=nested_too_deep  0.")
    assert said.code == 1
    (item,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert (item["sort"], item["source"], item["ref"], item["place"]) == ("report", "gazette_wire", "w1", "Ruritania")
    assert horizon("parse", "gazette_wire", str(tmp_path / "nowhere")).code == 2


ITEM = {"id": "a", "title": "Police shot dead two journalists", "content": "At the harbour, on Friday.", "lang": "en"}


def test_code_group_and_label_read_the_same_items(horizon, tmp_path):
    items = tmp_path / "items.jsonl"
    items.write_text(json.dumps(ITEM) + "\n" + json.dumps(ITEM | {"id": "b"}) + "\n", "utf-8")
    coded, groups, sheet = (tmp_path / name for name in ("coded.jsonl", "groups.jsonl", "sheet.csv"))
    assert horizon("code", str(items), "--out", str(coded)).code == 0
    assert [json.loads(line)["classes"] for line in coded.read_text("utf-8").splitlines()] == [["JOUR", "KILL"]] * 2
    assert horizon("group", str(items), "--out", str(groups)).code == 0
    first, second = (json.loads(line) for line in groups.read_text("utf-8").splitlines())
    assert (first["incident_id"], first["origin_id"]) == (second["incident_id"], second["origin_id"])
    assert horizon("label", str(items), "--out", str(sheet)).code == 0
    assert horizon("label", "--compare", str(sheet), str(sheet)).code in {0, 1}
    assert horizon("code", str(tmp_path / "none.jsonl"), "--out", str(coded)).code == 2


def test_detect_writes_a_verdict_a_week(horizon, tmp_path):
    counts, out = tmp_path / "counts.csv", tmp_path / "out.csv"
    counts.write_text("series,t,count\n" + "".join(f"a,{t},{t % 3}\n" for t in range(1, 21)), "utf-8")
    assert horizon("detect", str(counts), "--method", "ears-c1", "--out", str(out)).code == 0
    assert len(out.read_text("utf-8").splitlines()) == 21
    assert horizon("detect", str(tmp_path / "none.csv"), "--out", str(out)).code == 2


def test_languages_and_backtest_answer(horizon, tmp_path):
    page = tmp_path / "languages.md"
    assert horizon("languages", "--out", str(page)).code == 0
    assert page.read_text("utf-8").startswith("# ")
    assert horizon("backtest", "--events", str(tmp_path / "none.csv")).code == 2


def test_the_installed_command_is_this_one(root):
    command = Path(sys.executable).with_name("horizon")
    done = subprocess.run([str(command), "nothing"], capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 2
    assert "No such command 'nothing'" in done.stderr


def test_collect_prints_what_came_of_each_look(horizon):
    said = horizon("collect")
    assert said.code == 0
    assert said.out == "gazette_counts\tunchanged\ngazette_feed\tunchanged\ngazette_wire\tok\n"
    assert horizon("collect", "gazette_wire").out == "gazette_wire\tok\n"


def test_collect_goes_on_after_a_failure_and_ends_with_one(horizon, world):
    card = world.folder / "cards" / "gazette_feed.toml"
    card.write_text(card.read_text("utf-8").replace("example/data", "example/moved"), "utf-8")
    said = horizon("collect")
    assert said.code == 1
    assert said.out == "gazette_counts\tunchanged\ngazette_feed\tfailed\ngazette_wire\tok\n"
    assert "gazette_feed: Nothing came from https://gazette_feed.example/moved" in said.err
    assert "Why:" in said.err
    assert "Do:" in said.err


def test_collect_of_an_unknown_source_is_a_usage_error(horizon):
    said = horizon("collect", "nobody")
    assert said.code == 2
    assert said.out == ""
    assert "There is no source 'nobody'" in said.err


def test_a_bad_card_is_a_usage_error_that_names_the_field(horizon, world):
    world.card("gazette_bad", WIRE.replace("expected_min", "expectd_min"))
    for command in ("collect", "run"):
        said = horizon(command)
        assert said.code == 2
        assert "gazette_bad.toml" in said.err
        assert "expectd_min" in said.err


@pytest.mark.parametrize("command", ["collect", "run"])
def test_a_card_whose_module_is_not_there_stops_as_a_usage_error(horizon, world, command):
    world.card("gazette_own", WIRE.replace('"json_api"', '"module"')).look("gazette_own", b"[]")
    said = horizon(command)
    assert said.code == 2
    assert "collectors/sources/gazette_own.py is not there" in said.err


def test_the_stages_one_by_one(horizon, world):
    assert horizon("collect").code == 0
    loaded = horizon("load")
    assert (loaded.code, loaded.out.split("\t")[:2]) == (0, ["2024-W04", "2024-01-29T00:00:00+00:00"])
    scored = horizon("score", "--as-of", "2024-01-29T00:00Z")
    assert scored.code == 0
    assert scored.out.startswith("2024-W04\tlimited coverage 2, not monitored 5, signals 1\t")
    drafted = horizon("draft")
    assert drafted.code == 0
    lines = drafted.out.splitlines()
    assert Path(lines[0]).is_file()
    assert lines[-1] == "3 of 3 cards ran on real payloads"
    assert any(line.startswith("AFR  African States") for line in lines)
    rebuilt = horizon("load", "--rebuild")
    assert (rebuilt.code, rebuilt.out) == (0, loaded.out)


def test_an_instant_without_a_zone_is_utc(horizon):
    horizon("collect")
    assert "2024-01-22T00:00:00+00:00" in horizon("load", "--as-of", "2024-01-22").out
    assert "2024-01-21T23:00:00+00:00" in horizon("load", "--as-of", "2024-01-22T00:00+01:00").out


def test_an_instant_that_is_none_is_a_usage_error(horizon):
    said = horizon("load", "--as-of", "monday")
    assert said.code == 2
    assert "'monday' is not an instant" in said.err


def test_run_is_the_whole_week(horizon):
    said = horizon("run")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "3 of 3 cards ran on real payloads"
    for step in ("collect", "load", "score", "draft"):
        assert f"✓ {step}" in said.err


def test_run_drafts_although_a_source_failed(horizon, world):
    card = world.folder / "cards" / "gazette_feed.toml"
    card.write_text(card.read_text("utf-8").replace("example/data", "example/moved"), "utf-8")
    said = horizon("run")
    assert said.code == 1
    assert "AFR.html" in said.out
    assert "gazette_feed: Nothing came from" in said.err


def test_score_and_draft_without_a_warehouse_are_unavailable(horizon):
    for command in ("score", "draft"):
        said = horizon(command)
        assert said.code == 4
        assert "There is no warehouse yet" in said.err


def test_a_held_warehouse_is_unavailable(horizon, world):
    horizon("load")
    code = (
        "import sys, pathlib, domain.classification as c, warehouse.connection as w\n"
        "with w.open_store(pathlib.Path(sys.argv[1]), c.Lens.PUBLIC): print('held', flush=True); sys.stdin.read()"
    )
    var = str(world.settings().var)
    with subprocess.Popen([sys.executable, "-c", code, var], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        said = horizon("score")
        assert holder.stdin is not None
        holder.stdin.close()
    assert said.code == 4
    assert "The warehouse warehouse.duckdb cannot be opened." in said.err
    assert horizon("score").code == 0


def _finished_draft(world: World, lens: Lens = Lens.RESTRICTED) -> Path:
    folder = world.settings(lens).drafts / NAME
    folder.mkdir(parents=True)
    (folder / "AFR.html").write_text("<p>a page</p>", "utf-8")
    write_manifest(folder, issue="2024-W04", revision="r1", lens=lens)
    return folder


def test_publish_without_an_approver_is_refused(horizon, world):
    _finished_draft(world)
    said = horizon("publish", NAME)
    assert (said.code, said.out) == (3, "")
    assert "2024-W04/r1/restricted cannot be published." in said.err


def test_an_approved_draft_is_published(horizon, world):
    _finished_draft(world)
    said = horizon("approve", NAME, "--by", "A. Reviewer", "--reason", "read in full")
    assert said.code == 0
    assert said.out == "2024-W04/r1/restricted\tapproved by A. Reviewer (unauthenticated)\n"
    done = horizon("publish", NAME)
    assert done.code == 0
    assert (Path(done.out.strip()) / "AFR.html").read_text("utf-8") == "<p>a page</p>"
    assert horizon("publish", NAME).code in {2, 3}


def test_approve_without_a_name_is_a_usage_error_and_with_an_empty_one_refused(horizon, world):
    _finished_draft(world)
    assert horizon("approve", NAME, "--reason", "read").code == 2
    assert horizon("approve", NAME, "--by", " ", "--reason", "read").code == 3
    assert horizon("approve", NAME, "--by", "machine", "--reason", "read").code == 3


def test_a_public_edition_is_refused_while_nobody_signs_in(horizon, world):
    _finished_draft(world, Lens.PUBLIC)
    horizon("approve", NAME, "--by", "A. Reviewer", "--reason", "read", LENS="public")
    said = horizon("publish", NAME)
    assert said.code == 3
    assert "not authenticated" in said.err


def test_the_public_lens_leaves_the_confidential_file_alone(horizon, world):
    world.settings().var.mkdir(parents=True)
    confidential = world.settings().var / FILES[Lens.RESTRICTED]
    confidential.write_bytes(b"no database")
    assert horizon("run", LENS="public").code == 0
    for command in ("sources", "doctor", "score", "draft"):
        assert horizon(command).code in {0, 1}
    assert horizon("load", "--rebuild").code == 0
    assert confidential.read_bytes() == b"no database"


def test_sources_are_listed_as_lines_and_as_json(horizon):
    horizon("collect", "gazette_wire")
    lines = horizon("sources").out.splitlines()
    assert len(lines) == 3
    assert lines[2].split()[:4] == ["gazette_wire", "json_api", "media", "ok"]
    rows = [json.loads(line) for line in horizon("sources", "--json").out.splitlines()]
    assert [row["id"] for row in rows] == ["gazette_counts", "gazette_feed", "gazette_wire"]
    assert rows[2]["last_look"] == "2024-01-28 06:00 UTC"
    assert rows[2]["verified"] is False


def test_states_are_matched_with_the_rule_that_said_so(horizon, tmp_path):
    names, out = tmp_path / "names.csv", tmp_path / "out.csv"
    names.write_text("\ufeffname\nRuritania\nold ruritania\nXGE\nZenda\n", "utf-8")
    said = horizon("states", str(names), "--out", str(out))
    assert (said.code, said.out) == (0, f"{out}\n")
    with out.open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["name", "iso3", "rule"],
            ["Ruritania", "XRU", "official:en"],
            ["old ruritania", "XRU", "alias:former"],
            ["XGE", "XGE", "iso3"],
            ["Zenda", "", "unknown"],
        ]


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"country\nRuritania\n", "has no column 'name'"), (b"", "has no column 'name'"), (b"\xff\xfe", "cannot be read")],
)
def test_names_that_cannot_be_read_are_a_usage_error(horizon, tmp_path, body, said):
    names = tmp_path / "names.csv"
    names.write_bytes(body)
    answer = horizon("states", str(names), "--out", str(tmp_path / "out.csv"))
    assert answer.code == 2
    assert said in answer.err


def test_the_doctor_ends_with_one_while_something_is_missing(horizon, world):
    said = horizon("doctor")
    assert said.code == 1
    assert "MISSING  a warehouse in the var folder" in said.out
    assert "`make brief` builds it." in said.out


def test_a_wrong_setting_is_a_usage_error(horizon):
    for name, value in (("WEEK", "soon"), ("LENS", "secret")):
        said = horizon("sources", **{name: value})
        assert said.code == 2
        assert "Do:" in said.err


def test_the_log_is_lines_of_json(horizon, world):
    horizon("collect")
    horizon("load")
    lines = (world.settings().var / "log" / "horizon.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert {"at", "level", "where", "message", "fields"} <= set(records[-1])
    assert records[-1]["fields"] == {"issue": "2024-W04", "payloads": 6}
