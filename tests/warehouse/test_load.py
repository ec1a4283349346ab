"""Loading is whole, repeatable, and tells what was known on any day."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import gazette
import pytest

from domain.classification import Lens
from domain.defect import Defect, DefectLevel
from domain.signal import Look
from domain.source import SourceState
from warehouse.connection import Store, check_names, memory_store, open_store, select
from warehouse.landing import LandedLook, LandedPayload, land_look, land_payload, read_records
from warehouse.load import Parsed, load, loaded_payloads

JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
DEFECT = Defect(level=DefectLevel.WARN, check="unread_fields", source_id=gazette.SOURCE, evidence="photo")


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        yield made


def rows(store: Store, model: str, when: datetime) -> list[dict[str, object]]:
    return store.query(model, as_of=when).to_dicts()


def two_weeks() -> list[Parsed]:
    first, second = gazette.at(15), gazette.at(22)
    return [
        gazette.parsed(b"1", first, [gazette.report("a", "Bridge closed", first), gazette.count(JANUARY, 2, first)]),
        gazette.parsed(b"2", second, [gazette.report("b", "Bridge open", second)], [DEFECT]),
    ]


def test_everything_that_was_parsed_is_loaded_and_counted(store):
    done = gazette.fill(
        store, two_weeks(), [gazette.look(gazette.at(22), b"1")], [gazette.landed_decision(gazette.at(23))]
    )
    assert (done.payloads, done.reports, done.observations, done.defects) == (2, 2, 1, 1)
    assert (done.looks, done.decisions) == (1, 1)
    assert [len(found) for found in gazette.dump(store).values()] == [2, 1, 2, 1, 1, 1]


def test_loading_twice_changes_nothing(store):
    looks = [gazette.look(gazette.at(15), b"1"), gazette.look(gazette.at(22), b"2")]
    decisions = [gazette.landed_decision(gazette.at(23))]
    gazette.fill(store, two_weeks(), looks, decisions)
    before = gazette.dump(store)
    again = gazette.fill(store, two_weeks(), looks, decisions)
    assert gazette.dump(store) == before
    assert (again.payloads, again.looks, again.decisions, again.reports, again.defects) == (0, 0, 0, 0, 0)


def test_the_same_payload_twice_in_one_load_is_one(store):
    one = two_weeks()[0]
    assert gazette.fill(store, [one, one]).payloads == 1


def in_parts() -> list[Parsed]:
    first = gazette.at(15)
    parts = [
        gazette.parsed(b"1", first, [gazette.report("a", "Bridge closed", first), gazette.count(JANUARY, 2, first)]),
        gazette.parsed(b"1", first, [gazette.report("b", "Bridge open", first)]),
        gazette.parsed(b"1", first, [gazette.report("a", "Bridge closed", first)], [DEFECT]),
    ]
    return [replace(part, more=part is not parts[-1]) for part in parts]


def test_a_payload_that_comes_in_parts_is_one_payload_and_counts_them_all(store):
    done = gazette.fill(store, in_parts())
    # "a" stands in two parts: three were found, and two versions are rows.
    assert (done.payloads, done.reports, done.observations, done.defects) == (1, 2, 1, 1)
    (payload,) = store.dump("raw_payloads").to_dicts()
    assert (payload["reports"], payload["observations"], payload["errors"]) == (3, 1, 0)
    before = gazette.dump(store)
    again = gazette.fill(store, [*in_parts(), *in_parts()])
    assert gazette.dump(store) == before
    assert (again.payloads, again.reports) == (0, 0)


def test_the_same_parts_twice_in_one_load_are_one_payload(store):
    done = gazette.fill(store, [*in_parts(), *in_parts()])
    assert (done.payloads, done.reports, done.defects) == (1, 2, 1)


def test_a_load_that_breaks_between_two_parts_leaves_nothing(store):
    def breaking() -> Iterator[Parsed]:
        yield in_parts()[0]
        raise RuntimeError("the rest never came")

    with pytest.raises(RuntimeError):
        load(store, parsed=breaking(), looks=[], decisions=[])
    assert not any(gazette.dump(store).values())


def test_an_empty_load_changes_nothing(store):
    gazette.fill(store)
    assert not any(gazette.dump(store).values())


def test_an_error_in_the_middle_leaves_nothing_half(store):
    gazette.fill(store, two_weeks()[:1])
    before = gazette.dump(store)

    def breaking() -> Iterator[Parsed]:
        yield two_weeks()[1]
        raise RuntimeError("the parser of a source broke")

    with pytest.raises(RuntimeError):
        load(store, parsed=breaking(), looks=[gazette.look(gazette.at(22))], decisions=[])
    assert gazette.dump(store) == before
    gazette.fill(store, two_weeks())
    assert len(gazette.dump(store)["raw_payloads"]) == 2


SLOW_LOAD = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    import gazette
    from domain.classification import Lens
    from warehouse.connection import open_store
    from warehouse.load import load

    def slow():
        first = gazette.at(22)
        for number in range(3000):
            body = b"payload %d" % number
            yield gazette.parsed(body, first, [gazette.report(f"r{number}", "A notice", first)])
            if number == 20:
                Path(sys.argv[2]).touch()
                time.sleep(60)

    with open_store(Path(sys.argv[1]), Lens.PUBLIC) as store:
        load(store, parsed=slow(), looks=[], decisions=[])
"""


def test_a_killed_load_leaves_the_file_as_it_was_and_a_later_one_completes(tmp_path):
    with open_store(tmp_path, Lens.PUBLIC) as store:
        gazette.fill(store, two_weeks()[:1])
        before = gazette.dump(store)
    middle = tmp_path / "in-the-middle"
    here = Path(__file__).parent
    root = here.parent.parent
    code = [sys.executable, "-c", textwrap.dedent(SLOW_LOAD), str(tmp_path), str(middle), str(here)]
    with subprocess.Popen(code, cwd=root) as child:
        waited = time.monotonic() + 30
        while not middle.exists():
            assert child.poll() is None, "the load ended before it was in the middle"
            assert time.monotonic() < waited
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    with open_store(tmp_path, Lens.PUBLIC) as store:
        assert gazette.dump(store) == before
        gazette.fill(store, two_weeks())
    with memory_store() as whole, open_store(tmp_path, Lens.PUBLIC) as store:
        gazette.fill(whole, two_weeks())
        assert gazette.dump(store) == gazette.dump(whole)


def _land_some_weeks(folder: Path) -> None:
    for day in (1, 8, 15, 22):
        body = f"issue of day {day}".encode()
        land_payload(folder, gazette.payload(body, gazette.at(day)), gazette.protection())
        seen = Look(
            source_id=gazette.SOURCE,
            looked_at=gazette.at(day, 7),
            state=SourceState.OK,
            payloads=(gazette.payload(body).sha256,),
        )
        land_look(folder, seen, gazette.protection())
    gazette.land_decision(folder, gazette.decision(gazette.at(23)), gazette.protection())


def _read_again(landed: LandedPayload) -> Parsed:
    """A pure parser of the fictional format: the day is the name of the one notice."""
    words = landed.payload().body.decode()
    return Parsed(
        landed=landed,
        reports=(gazette.report(words.split()[-1], words, landed.collected_at),),
        observations=(gazette.count(JANUARY, float(landed.collected_at.day), landed.collected_at),),
        defects=(DEFECT,),
    )


def _load_from(folder: Path, store: Store, payloads: list[LandedPayload] | None = None) -> None:
    records = list(read_records(folder))
    load(
        store,
        parsed=[
            _read_again(one)
            for one in (payloads if payloads is not None else records)
            if isinstance(one, LandedPayload)
        ],
        looks=[one for one in records if isinstance(one, LandedLook)],
        decisions=[one for one in records if not isinstance(one, LandedPayload | LandedLook)],
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_rebuilt_warehouse_equals_the_one_it_replaces_whatever_the_order_of_loads(tmp_path, seed):
    _land_some_weeks(tmp_path)
    with memory_store() as whole, memory_store() as piecemeal:
        _load_from(tmp_path, whole)
        shuffled = [one for one in read_records(tmp_path) if isinstance(one, LandedPayload)]
        random.Random(seed).shuffle(shuffled)  # noqa: S311  (an order, no secret)
        for one in shuffled:
            _load_from(tmp_path, piecemeal, [one])
        assert gazette.dump(piecemeal) == gazette.dump(whole)
        for model in ("core_reports", "core_observations", "core_looks", "core_defects", "core_decisions"):
            asked = gazette.at(30)
            assert rows(piecemeal, model, asked) == rows(whole, model, asked)
            assert rows(whole, model, asked)


def test_loaded_payloads_are_named_by_source_and_hash(store):
    gazette.fill(store, two_weeks()[:1])
    assert loaded_payloads(store) == {f"{gazette.SOURCE}/{gazette.payload(b'1').sha256}"}


def test_a_report_reads_as_it_did_on_the_day_asked_for(store):
    first, second = gazette.at(15), gazette.at(22)
    gazette.fill(
        store,
        [
            gazette.parsed(b"1", first, [gazette.report("a", "Two held", first)]),
            gazette.parsed(b"2", second, [gazette.report("a", "Three held", second)]),
        ],
    )
    assert rows(store, "core_reports", first - timedelta(seconds=1)) == []
    (before,) = rows(store, "core_reports", second - timedelta(seconds=1))
    (after,) = rows(store, "core_reports", second)
    assert (before["title"], after["title"]) == ("Two held", "Three held")
    assert before["first_known_at"] == after["first_known_at"] == first
    assert (before["collected_at"], after["collected_at"]) == (first, second)
    assert before["report_id"] == after["report_id"]


def test_a_payload_seen_again_after_another_is_current_again(store):
    first, second, third = gazette.at(8), gazette.at(15), gazette.at(22)
    gazette.fill(
        store,
        [
            gazette.parsed(b"1", first, [gazette.report("a", "Two held", first), gazette.count(JANUARY, 2, first)]),
            gazette.parsed(b"2", second, [gazette.report("a", "Three", second), gazette.count(JANUARY, 3, second)]),
        ],
        [
            gazette.look(first, b"1"),
            gazette.look(second, b"2"),
            gazette.look(third, b"1", state=SourceState.UNCHANGED),
        ],
    )
    said = [rows(store, "core_reports", when)[0]["title"] for when in (first, second, third)]
    assert said == ["Two held", "Three", "Two held"]
    counted = [rows(store, "core_observations", when)[0]["value"] for when in (first, second, third)]
    assert counted == [2, 3, 2]


def test_a_report_that_left_the_feed_is_still_known(store):
    first, second = gazette.at(15), gazette.at(22)
    gazette.fill(
        store,
        [
            gazette.parsed(b"1", first, [gazette.report("a", "Old", first)]),
            gazette.parsed(b"2", second, [gazette.report("b", "New", second)]),
        ],
    )
    assert {row["title"] for row in rows(store, "core_reports", second)} == {"Old", "New"}


def test_a_count_published_again_with_another_value_is_a_new_version(store):
    first, second = gazette.at(15), gazette.at(22)
    gazette.fill(
        store,
        [
            gazette.parsed(b"1", first, [gazette.count(JANUARY, 2, first)]),
            gazette.parsed(b"2", second, [gazette.count(JANUARY, 5, second)]),
        ],
    )
    assert [row["value"] for row in rows(store, "core_observations", first)] == [2]
    assert [row["value"] for row in rows(store, "core_observations", second)] == [5]


def test_a_count_without_a_value_is_missing_and_not_zero(store):
    gazette.fill(store, [gazette.parsed(b"1", gazette.at(15), [gazette.count(JANUARY, None, gazette.at(15))])])
    assert [row["value"] for row in rows(store, "core_observations", gazette.at(15))] == [None]


def _vintage(body: bytes, when: datetime, *months: tuple[date, float]) -> Parsed:
    return gazette.parsed(body, when, [gazette.count(start, value, when) for start, value in months])


def _values(store: Store, when: datetime) -> dict[object, object]:
    return {row["period_start"]: row["value"] for row in rows(store, "core_observations", when)}


def test_a_vintage_that_steps_backwards_is_a_defect_and_is_not_used(store):
    sound, broken, later = gazette.at(1, month=3), gazette.at(8, month=3), gazette.at(15, month=3)
    gazette.fill(
        store,
        [
            _vintage(b"1", sound, (JANUARY, 1), (FEBRUARY, 2)),
            _vintage(b"2", broken, (JANUARY, 99)),
            _vintage(b"3", later, (JANUARY, 1), (FEBRUARY, 3), (MARCH, 4)),
        ],
    )
    assert _values(store, broken) == {JANUARY: 1, FEBRUARY: 2}
    assert _values(store, later) == {JANUARY: 1, FEBRUARY: 3, MARCH: 4}
    assert rows(store, "vintage_steps_backwards", sound) == []
    (found,) = rows(store, "vintage_steps_backwards", later)
    assert found == {
        "source_id": gazette.SOURCE,
        "record": "2024-03-08",
        "evidence": "ends 2024-01-01, an older vintage ended 2024-02-01",
    }


def test_an_old_vintage_served_again_steps_backwards_too(store):
    sound, newer, again = gazette.at(1, month=3), gazette.at(8, month=3), gazette.at(15, month=3)
    gazette.fill(
        store,
        [
            _vintage(b"1", sound, (JANUARY, 1)),
            _vintage(b"2", newer, (JANUARY, 7), (FEBRUARY, 2)),
        ],
        [gazette.look(again, b"1", state=SourceState.UNCHANGED)],
    )
    assert _values(store, again) == {JANUARY: 7, FEBRUARY: 2}
    (found,) = rows(store, "vintage_steps_backwards", again)
    assert found["record"] == "2024-03-15"
    reached = [(row["newest_period"], row["reached_before"]) for row in rows(store, "core_vintages", again)]
    assert reached == [(JANUARY, None), (FEBRUARY, JANUARY), (JANUARY, FEBRUARY)]


def test_a_vintage_that_lost_all_its_values_erases_none(store):
    sound, empty = gazette.at(1, month=3), gazette.at(8, month=3)
    blank = gazette.parsed(b"2", empty, [gazette.count(JANUARY, None, empty)])
    gazette.fill(store, [_vintage(b"1", sound, (JANUARY, 1)), blank])
    assert _values(store, empty) == {JANUARY: 1}
    (found,) = rows(store, "vintage_steps_backwards", empty)
    assert found["evidence"] == "holds no value, an older vintage ended 2024-01-01"


def test_a_look_whose_payload_could_not_be_read_is_shape_changed(store):
    broken = Defect(level=DefectLevel.ERROR, check="column_gone", source_id=gazette.SOURCE, evidence="day")
    gazette.fill(
        store,
        [gazette.parsed(b"1", gazette.at(15), defects=[broken]), gazette.parsed(b"2", gazette.at(16))],
        [
            gazette.look(gazette.at(15, 7), b"1"),
            gazette.look(gazette.at(16, 7), b"2"),
            gazette.look(gazette.at(17, 7), b"1", state=SourceState.UNCHANGED),
            gazette.look(gazette.at(18, 7), state=SourceState.FAILED),
        ],
    )
    assert [row["state"] for row in rows(store, "core_looks", gazette.at(19))] == [
        "shape changed",
        "empty",
        "shape changed",
        "failed",
    ]
    assert len(rows(store, "core_looks", gazette.at(15))) == 0


def test_defects_are_known_from_the_day_of_their_payload(store):
    gazette.fill(store, two_weeks())
    assert rows(store, "core_defects", gazette.at(21)) == []
    (found,) = rows(store, "core_defects", gazette.at(22))
    assert (found["check_name"], found["evidence"]) == ("unread_fields", "photo")


def test_decisions_are_known_from_their_own_day(store):
    gazette.fill(store, decisions=[gazette.landed_decision(gazette.at(23))])
    assert rows(store, "core_decisions", gazette.at(22)) == []
    (found,) = rows(store, "core_decisions", gazette.at(23))
    assert (found["act"], found["decided_by"]) == ("approve", "A. Reviewer")


@pytest.mark.parametrize("name", check_names())
def test_every_check_states_its_level_and_its_reason(name):
    level, reason, *_ = select(name).splitlines()
    assert level.startswith("-- level: ")
    assert DefectLevel(level.removeprefix("-- level: "))
    assert reason.startswith("-- ")
    assert reason.endswith(".")


@pytest.mark.parametrize("name", check_names())
def test_every_check_of_a_sound_warehouse_returns_no_row(store, name):
    gazette.fill(store, two_weeks())
    assert rows(store, name, gazette.at(30)) == []
    assert store.query(name, as_of=gazette.at(30)).columns == ["source_id", "record", "evidence"]


def test_the_check_of_changed_reports_returns_them(store):
    first, second = gazette.at(15), gazette.at(22)
    gazette.fill(
        store,
        [
            gazette.parsed(b"1", first, [gazette.report("a", "Two held", first), gazette.report("b", "Same", first)]),
            gazette.parsed(b"2", second, [gazette.report("a", "Three", second), gazette.report("b", "Same", second)]),
        ],
    )
    assert rows(store, "report_changed_in_place", first) == []
    assert rows(store, "report_changed_in_place", second) == [
        {"source_id": gazette.SOURCE, "record": "a", "evidence": "2 versions"}
    ]


def test_the_check_of_roots_returns_reports_without_a_payload(store):
    gazette.fill(store, two_weeks())
    orphan = store.dump("raw_reports").head(1).to_dicts()[0]
    frame = store.dump("raw_reports").head(1)
    store.insert("raw_reports", frame.with_columns(payload_sha=frame["payload_sha"].str.slice(0, 8)))
    (found,) = rows(store, "report_without_payload", gazette.at(30))
    assert found["record"] == orphan["source_ref"]


def test_every_row_carries_its_protection(store):
    gazette.fill(store, two_weeks(), [gazette.look(gazette.at(22), b"1")], [gazette.landed_decision(gazette.at(23))])
    for table in gazette.RAW_TABLES:
        found = store.dump(table).select("lens", "classification", "source_sharing", "consent_scope", "valid_from")
        assert set(found.rows()) == {("public", "unclassified", "clear", "public", date(2024, 1, 1))}


def test_each_lens_writes_its_own_file_and_the_restricted_one_reads_both(tmp_path):
    with open_store(tmp_path, Lens.PUBLIC) as store:
        gazette.fill(store, two_weeks()[:1])
    with open_store(tmp_path, Lens.RESTRICTED) as store:
        gazette.fill(store, [gazette.parsed(b"2", gazette.at(22), lens=Lens.RESTRICTED)])
        assert len(store.dump("raw_payloads")) == 1
        assert len(rows(store, "core_payloads", gazette.at(30))) == 2
        assert len(store.query_own("core_payloads", as_of=gazette.at(30))) == 1
    with open_store(tmp_path, Lens.PUBLIC) as store:
        assert len(rows(store, "core_payloads", gazette.at(30))) == 1
