"""`horizon code` and `horizon label`: nothing is lost, and a sheet is safe to open."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from domain.errors import UsageError
from domain.taxonomy import bundled_taxonomy
from horizon.commands.code import Item, code
from horizon.commands.label import draw, harmless, label, read_sheet
from scoring.coding.agreement import agree

ITEM = {
    "id": "g-1",
    "title": "Reporters held",
    "content": "Police arrested 12 journalists at the harbour, the Gazette said on Monday.",
    "link": "https://gazette.example/1",
    "lang": "en",
    "published_at": "2024-01-24T12:00:00Z",
}


def run(command: Any, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def items(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "items.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def coded(tmp_path: Path, *rows: object) -> tuple[list[dict[str, Any]], Result]:
    out = tmp_path / "coded.jsonl"
    result = run(code, items(tmp_path, *rows), "--out", out)
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()], result


def defects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


def test_an_item_is_coded_with_its_words_rules_and_numbers(tmp_path: Path):
    (row,), result = coded(tmp_path, ITEM)
    assert result.exit_code == 0
    assert (row["id"], row["lang"], row["lang_given"], row["read"]) == ("g-1", "en", "en", True)
    assert row["classes"] == ["DET", "JOUR"]
    (found,) = (one for one in row["labels"] if one["class"] == "DET")
    text = ITEM["title"] + "\n\n" + ITEM["content"]
    assert text[found["start"] : found["end"]] == found["words"] == "arrested"
    assert (found["persons"], found["victim"], found["actor"]) == (12, "journalists", "State agents")
    assert (found["context"], found["why"]) == ("incident", None)


def test_places_are_those_named_in_the_text_with_their_offsets(tmp_path: Path):
    (row,), _ = coded(tmp_path, ITEM | {"content": "The harbour ministers of Norway and Kenya met on Monday morning."})
    text = ITEM["title"] + "\n\nThe harbour ministers of Norway and Kenya met on Monday morning."
    assert [(one["code"], text[one["start"] : one["end"]]) for one in row["places"]] == [
        ("NOR", "Norway"),
        ("KEN", "Kenya"),
    ]


def test_an_unread_language_is_said_to_be_unread(tmp_path: Path):
    text = "Policja zatrzymała wczoraj dwunastu dziennikarzy, którzy protestowali przed ratuszem w mieście."
    (row,), result = coded(tmp_path, ITEM | {"title": "Gazeta", "content": text, "lang": "pl"})
    assert result.exit_code == 0
    assert row["read"] is False
    assert row["reason"]
    assert row["labels"] == row["classes"] == []
    assert "1 unread" in result.stderr


def test_every_bad_line_is_named_with_its_number_and_the_rest_is_coded(tmp_path: Path):
    rows, result = coded(
        tmp_path,
        ITEM,
        b"{not json",
        [1, 2],
        {"title": "no id"},
        ITEM | {"id": 7},
        ITEM | {"title": ["a"]},
        ITEM | {"content": False},
        b'{"id": "\xff"}',
        b'{"id": ' + b"[" * 100_000,
        b"",
        ITEM | {"id": "g-2", "title": None},
    )
    assert [row["id"] for row in rows] == ["g-1", "g-2"]
    assert result.exit_code == 1
    assert [(one["line"], one["defect"]) for one in defects(result)] == [
        (2, "not_json"),
        (3, "not_an_object"),
        (4, "no_id"),
        (5, "wrong_type:id"),
        (6, "wrong_type:title"),
        (7, "wrong_type:content"),
        (8, "not_utf8"),
        (9, "nested_too_deep"),
    ]
    assert "2 items" in result.stderr
    assert "8 bad lines" in result.stderr


def test_half_of_a_surrogate_pair_does_not_end_the_run(tmp_path: Path):
    rows, result = coded(tmp_path, b'{"id": "g-\\ud800", "title": "Guards tortured two prisoners at the harbour."}')
    assert result.exit_code == 0
    assert rows[0]["id"] == "g-\ud800"


def test_the_output_may_not_be_the_input(tmp_path: Path):
    path = items(tmp_path, ITEM)
    before = path.read_bytes()
    assert isinstance(run(code, path, "--out", path).exception, UsageError)
    assert path.read_bytes() == before


def test_a_missing_file_is_a_usage_error_and_leaves_no_output(tmp_path: Path):
    result = run(code, tmp_path / "none.jsonl", "--out", tmp_path / "coded.jsonl")
    assert isinstance(result.exception, UsageError)
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_is_blind_and_has_a_column_for_each_class(tmp_path: Path):
    out = tmp_path / "sheet.csv"
    assert run(label, items(tmp_path, ITEM), "--out", out).exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["text"] == ITEM["content"]
    assert all(row[code] == "" for code in (*bundled_taxonomy().class_codes, "done", "note"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "|cmd"])
def test_no_cell_of_a_sheet_is_a_formula(cell: str):
    assert harmless(cell).startswith("'")


def test_an_ordinary_cell_stays_as_it_is():
    assert harmless("Police arrested 12 – the Gazette said.\nMore.") == "Police arrested 12 – the Gazette said.\nMore."


def test_a_sample_is_the_same_for_a_seed_and_any_order_of_the_file():
    rows = [Item(id=str(at), title="", content="", link="", lang="", published_at="") for at in range(100)]
    first = {one.id for one in draw(rows, sample=10, seed=1)}
    assert len(first) == 10
    assert {one.id for one in draw(rows[::-1], sample=10, seed=1)} == first
    assert {one.id for one in draw(rows, sample=10, seed=2)} != first
    assert draw(rows, sample=0, seed=1) == rows


def filled(tmp_path: Path, name: str, marks: dict[str, str], done: str = "1234", separator: str = ",") -> Path:
    out = tmp_path / name
    run(label, items(tmp_path, *(ITEM | {"id": str(at)} for at in range(1, 5))), "--out", out)
    with out.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["done"] = "x" if row["id"] in done else ""
        for code_of_class, ids in marks.items():
            row[code_of_class] = "1" if row["id"] in ids else ""
    with out.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return out


def test_two_sheets_are_compared_class_by_class(tmp_path: Path):
    # Four items: both say TORT of 1, the first alone of 2, neither of 3 and 4. By hand: raw .75;
    # chance (2·1 + 2·3) / 16 = .5, kappa (.75 − .5) / .5 = .5;
    # alpha: 3 marks of 8, expected 2·3·5 / (8·7) = .536, 1 − .25 / .536 = .533.
    first, second = filled(tmp_path, "a.csv", {"TORT": "12"}), filled(tmp_path, "b.csv", {"TORT": "1"}, separator=";")
    result = run(label, "--compare", first, second)
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
    assert rows["TORT"] == ["4", "1", "1", "0", "0.75", "0.50", "0.53"]
    assert rows["KILL"] == ["4", "0", "0", "0", "1.00", "–", "–"]


def test_a_row_that_is_not_done_is_no_judgement(tmp_path: Path):
    first, second = filled(tmp_path, "a.csv", {"TORT": "12"}), filled(tmp_path, "b.csv", {"TORT": "1"}, done="13")
    result = run(label, "--compare", first, second)
    assert "2 items done by both; 2 done by one; not done: 0 and 2" in result.stdout


def test_a_mark_that_is_neither_yes_nor_no_is_named(tmp_path: Path):
    path = filled(tmp_path, "a.csv", {"TORT": "12"})
    path.write_text(path.read_text("utf-8-sig").replace(",1,", ",perhaps,", 1), "utf-8-sig")
    sheet = read_sheet(path)
    assert len(sheet.unreadable) == 1
    assert "perhaps" in sheet.unreadable[0]
    assert run(label, "--compare", path, filled(tmp_path, "b.csv", {})).exit_code == 1


def test_label_without_a_task_says_what_it_wants():
    error = run(label).exception
    assert isinstance(error, UsageError)
    assert "--compare" in error.do


def test_perfect_agreement_is_one_and_a_constant_says_nothing():
    same = agree(first=[True, False, True], second=[True, False, True])
    assert (same.raw, same.kappa, same.alpha) == (1.0, 1.0, 1.0)
    constant = agree(first=[False, False], second=[False, False])
    assert (constant.raw, constant.kappa, constant.alpha) == (1.0, None, None)
    empty = agree(first=[], second=[])
    assert (empty.n, empty.raw, empty.kappa, empty.alpha) == (0, None, None, None)
