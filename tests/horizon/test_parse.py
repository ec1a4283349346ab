"""`horizon parse`: each file within its own limits, and nothing that a file does reaches the next one."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import UsageError
from horizon import parsing
from horizon.parsing import Limits, list_files, parse_files

COLLECTED = datetime(2024, 1, 28, 22, tzinfo=UTC)
FEED = """<rss version="2.0"><channel><title>Harbour Gazette</title>
<item><title>The quay</title><guid>g-1</guid><pubDate>Wed, 24 Jan 2024 12:00:00 GMT</pubDate></item>
</channel></rss>"""
CARD = """title = "Harbour Gazette"
publisher = "Harbour Gazette"
kind = "{kind}"
url = "https://gazette.example/feed"
cadence = "daily"
source_class = "media"
licence = "fictional"
citation = "Harbour Gazette"
languages = ["en"]
coverage = "Ruritania"
lag_days = 1
expected_min = 0
expected_max = 1000
verified = false
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "gazette_feed.toml"
    path.write_text(CARD.format(kind="rss"), "utf-8")
    return path


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    return folder


def read(card, *paths, out=None, **limits):
    done = list(parse_files(card, list(paths), out=out, collected_at=COLLECTED, limits=Limits(**limits)))
    return {one.path.name: one for one in done}


def test_items_of_all_files_stand_in_one_file_each_with_its_sort(card, given, tmp_path):
    (given / "a.xml").write_text(FEED, "utf-8")
    (given / "deeper").mkdir()
    (given / "deeper" / "b.xml").write_text(FEED.replace("g-1", "g-2"), "utf-8")
    done = read(card, given, out=tmp_path / "items.jsonl")
    assert [(one.items, one.defect, one.failed) for one in done.values()] == [(1, "", False), (1, "", False)]
    items = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines()]
    assert [(item["sort"], item["ref"], item["title"]) for item in items] == [
        ("report", "g-1", "The quay"),
        ("report", "g-2", "The quay"),
    ]
    assert items[0]["published_at"] == "2024-01-24T12:00:00+00:00"
    assert items[0]["occurred_on"] is None


def test_counts_are_items_of_another_sort(card, given, tmp_path):
    series = '[fields]\nlayout = "wide"\n[[series]]\nindicator = "deaths"\ntrigger = "T06"\nunit = "persons"\n'
    card.write_text(CARD.format(kind="csv_file") + series + 'period = "month"\n', "utf-8")
    (given / "a.csv").write_text(",Ruritania,Graustark\n2023-12-31,4,\n", "utf-8")
    read(card, given, out=tmp_path / "items.jsonl")
    items = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines()]
    assert [(item["sort"], item["place"], item["value"]) for item in items] == [
        ("observation", "Ruritania", 4.0),
        ("observation", "Graustark", None),
    ]


def test_a_file_out_of_time_is_named_and_the_next_one_is_read(card, given):
    (given / "a.xml").write_text('<rss version="2.0"><channel>' + "<a>" * 1_000_000, "utf-8")
    (given / "b.xml").write_text(FEED, "utf-8")
    done = read(card, given, seconds=0.5)
    assert (done["a.xml"].defect, done["a.xml"].items, done["a.xml"].failed) == ("out_of_time", 0, True)
    assert 0.5 <= done["a.xml"].seconds < 2
    assert (done["b.xml"].defect, done["b.xml"].items) == ("", 1)


def test_a_file_out_of_memory_is_named_and_the_next_one_is_read(card, given):
    (given / "a.xml").write_bytes(b"\0" * 200_000_000)
    (given / "b.xml").write_text(FEED, "utf-8")
    done = read(card, given, memory=160 * 2**20)
    assert (done["a.xml"].defect, done["a.xml"].items) == ("out_of_memory", 0)
    assert (done["b.xml"].defect, done["b.xml"].items) == ("", 1)


def test_a_file_that_ends_the_process_is_named_and_the_next_one_is_read(card, given, tmp_path, monkeypatch):
    (given / "a.xml").write_text(FEED, "utf-8")
    (given / "b.xml").write_text(FEED, "utf-8")
    runs = parse_files(card, [given], out=None, collected_at=COLLECTED)
    hear = parsing.Worker._hear
    asked: list[str] = []

    def struck(self, process, seconds):
        asked.append("file")
        if len(asked) == 2:  # the first answer says that it started
            process.kill()
            process.wait()
            return {"died": self._cause(-11)}
        return hear(self, process, seconds)

    monkeypatch.setattr(parsing.Worker, "_hear", struck)
    assert [(one.path.name, one.defect) for one in runs] == [("a.xml", "parser_died"), ("b.xml", "")]


def test_what_is_no_file_is_not_opened(card, given):
    os.mkfifo(given / "pipe")
    (given / "endless").symlink_to("/dev/zero")
    (given / "gone").symlink_to(given / "nowhere")
    (given / "ring").symlink_to(given)
    done = read(card, given)
    assert {name: one.defect for name, one in done.items()} == dict.fromkeys(
        ("endless", "gone", "pipe"), "unreadable_file"
    )
    assert list(list_files([given])) == sorted(given / name for name in ("endless", "gone", "pipe"))


def test_a_file_beyond_all_measure_is_not_opened(card, given):
    with (given / "sparse").open("wb") as file:
        file.truncate(2 * 2**30)
    assert read(card, given)["sparse"].defect == "oversized_payload"


def test_a_name_cannot_forge_a_line(card, given):
    path = given / "a\n\u202eb  items=9"
    path.write_text(FEED, "utf-8")
    line = read(card, given)[path.name].line()
    assert "a\\n\\u202eb  items=9  items=1  defect=none  0." in line
    assert len(line.splitlines()) == 1


def test_a_thousand_files_are_read_by_one_worker_in_seconds(card, given):
    for number in range(1000):
        (given / f"{number}.xml").write_text(FEED if number % 2 else "<", "utf-8")
    done = read(card, given)
    assert sum(one.items for one in done.values()) == 500
    assert sum(one.seconds for one in done.values()) < 20


def test_a_path_that_is_not_there_and_a_place_that_cannot_be_written_are_usage_errors(card, given, tmp_path):
    with pytest.raises(UsageError, match="There is no"):
        read(card, given / "nowhere")
    with pytest.raises(UsageError, match="cannot be written"):
        read(card, given, out=tmp_path / "no" / "items.jsonl")


def test_the_worker_has_no_environment(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HARBOUR", "x")
    with parsing.Worker(Limits()) as worker:
        seen = Path(f"/proc/{worker._process.pid}/environ").read_bytes()
    assert b"SECRET_OF_THE_HARBOUR" not in seen
