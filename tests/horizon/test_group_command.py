"""`horizon group`: every item gets a row, every bad line a name."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from domain.errors import UsageError
from horizon.commands.group import group

app = typer.Typer()
app.command()(group)

GOOD = {
    "id": "a",
    "title": "Arrests in Karvelo",
    "content": "Police arrested 14 students in Karvelo on Monday.",
    "link": "https://gazette.example/1",
    "lang": "en",
    "published_at": "2024-03-04T12:00:00Z",
}


def run(folder: Path, *lines: bytes | dict[str, object]) -> tuple[int, list[dict[str, object]], str]:
    """Exit code, rows and standard error for these lines."""
    items, out = folder / "items.jsonl", folder / "groups.jsonl"
    items.write_bytes(b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines))
    result = CliRunner().invoke(app, [str(items), "--out", str(out)])
    return result.exit_code, [json.loads(line) for line in out.read_text("utf-8").splitlines()], result.stderr


def test_good_items_give_a_row_each_and_exit_0(tmp_path):
    code, rows, said = run(tmp_path, GOOD, GOOD | {"id": "b"}, {"id": "c", "title": "Miners killed near Dorsk"})
    assert code == 0
    assert said == ""
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[0]["incident_id"] == rows[1]["incident_id"] != rows[2]["incident_id"]
    assert {"id", "incident_id", "origin_id", "reason"} <= set(rows[0])


@pytest.mark.parametrize(
    ("line", "check", "rows"),
    [
        (b"{not json", "not_json", 1),
        (b"[1, 2]", "not_an_object", 1),
        (b'{"title": "no id"}', "no_id", 1),
        (b'{"id": "\xff"}', "not_utf8", 1),
        (b"[" * 100_000, "nested_too_deep", 1),
        (GOOD | {"title": "again"}, "duplicate_id", 2),
        (GOOD | {"id": "b", "published_at": "yesterday"}, "unreadable_published_at", 2),
        (GOOD | {"id": "b", "published_at": 7}, "unreadable_published_at", 2),
        (GOOD | {"id": "b", "content": "word " * 210_000}, "text_too_long", 2),
        (GOOD | {"id": "b", "title": "a\u0000b"}, "hidden_signs", 2),
        (GOOD | {"id": "b", "title": "a\u202eb"}, "hidden_signs", 2),
        (GOOD | {"id": "b", "content": {"html": "x"}}, "unreadable_content", 2),
        ({"id": "b"}, "no_text", 2),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_lost(tmp_path, line, check, rows):
    code, found, said = run(tmp_path, GOOD, line)
    assert code == 1
    assert len(found) == rows
    assert f"line 2: {check}" in said


def test_a_lone_surrogate_still_gives_a_row(tmp_path):
    code, rows, _ = run(tmp_path, GOOD, b'{"id": "\\ud800", "title": "Miners killed near Dorsk \\ud800"}')
    assert code == 0
    assert len(rows) == 2


def test_an_empty_file_gives_no_rows(tmp_path):
    assert run(tmp_path)[:2] == (0, [])


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    result = CliRunner().invoke(app, [str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "out.jsonl")])
    assert isinstance(result.exception, UsageError)
