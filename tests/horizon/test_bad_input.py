"""Bad input through the whole run: a named defect, printed; the run goes on; nothing is lost."""

from datetime import UTC, datetime

import pytest
from fictional import COUNTS, FEED, LOOKS, WIRE, World, counts, feed, row, wire

from domain.classification import Lens
from horizon import stages

LATE = datetime(2024, 1, 28, 18, tzinfo=UTC)
GOOD = row("good", "2024-01-24", killed=1)


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in GOOD.items() if key != name}


CASES = {
    "an unreadable payload": (WIRE, b'[{"id": "w9', "unreadable_payload", "JSONDecodeError"),
    "bytes of no encoding": (WIRE, b"\xff\xfe\x00\xd8", "unreadable_payload", "codec"),
    "a wrong type at the top": (WIRE, b'{"error": "try later"}', "wrong_type", "a list was expected"),
    "a wrong type in a row": (WIRE, wire(GOOD, "a word"), "wrong_type", "row 2"),
    "a page instead of a feed": (FEED, b"<html><body>Sorry</body></html>", "wrong_type", "no feed"),
    "an empty list": (WIRE, wire(), "empty_feed", "0 records"),
    "an empty feed": (FEED, feed(), "empty_feed", "0 records"),
    "an empty file": (COUNTS, b"", "empty_feed", "0 records"),
    "a needed column gone": (WIRE, wire(without("day")), "column_gone", "day"),
    "another column gone": (WIRE, wire(without("headline")), "column_gone", "headline"),
    "a State nobody knows": (WIRE, wire(GOOD, row("w8", "2024-01-24", "Zenda")), "unknown_state", "Zenda"),
    "a date in 1970": (WIRE, wire(GOOD, row("w8", "1970-01-01")), "date_1970", "day is 1970-01-01"),
    "a date next year": (WIRE, wire(GOOD, row("w8", "2025-01-24")), "date_out_of_range", "2025-01-24"),
    "no date that can be read": (WIRE, wire(GOOD, row("w8", "soon")), "unreadable_date", "soon"),
    "a number that is none": (
        WIRE,
        wire(GOOD, row("w8", "2024-01-24", killed="many")),
        "not_a_number",
        "many",
    ),
    "the same item twice": (WIRE, wire(GOOD, GOOD), "duplicate_item", "2 times"),
    "one name for two items": (WIRE, wire(GOOD, GOOD | {"headline": "Another"}), "same_ref_twice", "version"),
    "a field nobody expected": (WIRE, wire(GOOD | {"photo": "x"}), "unread_fields", "photo"),
    "far too many items": (
        WIRE,
        wire(*(row(f"m{number}", "2024-01-24") for number in range(21))),
        "above_expected_max",
        "21 records",
    ),
    "a line that is too short": (COUNTS, counts("Ruritania,2024-01-15"), "wrong_width", "2 cells"),
}


NUMBERS = {case: f"source_{number:02d}" for number, case in enumerate(CASES)}
KINDS = {WIRE: "json_api", COUNTS: "csv_file", FEED: "rss"}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One run in which every case is a source of its own, beside three that are well."""
    world = World(tmp_path_factory.mktemp("broken")).with_sources()
    for case, (kind, body, _, _) in CASES.items():
        world.card(NUMBERS[case], kind).look(NUMBERS[case], body, LATE, kind=KINDS[kind])
    world.card("changed", WIRE)
    world.look("changed", wire(row("c1", "2024-01-03")), LOOKS[0])
    world.look("changed", wire(row("c1", "2024-01-03", headline="Corrected")), LATE)
    world.card("backwards", COUNTS.replace('"deaths"\ntrigger', '"other_deaths"\ntrigger'))
    world.look("backwards", counts("Orsinia,2023-06-15,1"), LOOKS[0], kind="csv_file")
    world.look("backwards", counts("Orsinia,2023-05-15,99"), LATE, kind="csv_file")
    world.card("refused", WIRE).look("refused", b"gone", LATE, status=404)
    world.card("early", WIRE).look("early", wire(GOOD, "a word"), LOOKS[0]).look("early", wire(GOOD), LATE)
    world.card("orphan", WIRE).look("orphan", wire(GOOD), LATE)
    stages.collect("orphan", world.settings())
    (world.folder / "cards" / "orphan.toml").unlink()
    world.run()
    return world


def states(world: World) -> dict[object, object]:
    return {one["source_id"]: one["state"] for one in world.rows("out_sources")}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_a_named_defect_that_the_page_prints(broken: World, case):
    _, body, check, evidence = CASES[case]
    source = NUMBERS[case]
    assert (source, check) in broken.defects(), sorted(broken.defects())
    seen = [one for one in broken.rows("out_defects") if (one["source_id"], one["check_name"]) == (source, check)]
    assert evidence in " ".join(f"{one['evidence']} {one['record']}" for one in seen)
    page = broken.page()
    assert "Defects: what could not be used" in page
    printed = page[page.index("Defects: what could not be used") :]
    assert check.replace("_", " ") in printed
    assert source in printed
    assert body in broken.landed_bytes(source)


def test_the_sources_that_were_well_are_used_all_the_same(broken: World):
    found = {one["source_id"]: (one["state"], one["items"]) for one in broken.rows("out_sources")}
    assert found["gazette_wire"] == ("ok", 5)
    assert found["gazette_feed"] == ("unchanged", 1)
    assert not [source for source, _ in broken.defects() if source.startswith("gazette")]


@pytest.mark.parametrize("case", ["an unreadable payload", "a needed column gone", "a wrong type at the top"])
def test_a_payload_that_cannot_be_read_is_a_source_failure_and_never_silence(broken: World, case):
    assert states(broken)[NUMBERS[case]] == "shape changed"
    assert "source failure: shape changed" in broken.page()


def test_an_empty_feed_was_looked_at(broken: World):
    assert states(broken)[NUMBERS["an empty feed"]] == "empty"


def test_one_bad_record_does_not_take_the_good_one_with_it(broken: World):
    source = NUMBERS["a date in 1970"]
    refs = [one["source_ref"] for one in broken.rows("raw_reports", Lens.PUBLIC) if one["source_id"] == source]
    assert refs == ["good"]


def test_an_item_that_changed_in_place_is_said_and_both_versions_stay(broken: World):
    assert broken.defects()[("changed", "report_changed_in_place")] == ["2 versions"]
    assert "report changed in place" in broken.page()
    found = [one["title"] for one in broken.rows("raw_reports", Lens.PUBLIC) if one["source_id"] == "changed"]
    assert sorted(map(str, found)) == ["A notice", "Corrected"]


def test_a_vintage_that_steps_backwards_is_said(broken: World):
    (evidence,) = broken.defects()[("backwards", "vintage_steps_backwards")]
    assert evidence == "ends 2023-05-01, an older vintage ended 2023-06-01"
    assert "vintage steps backwards" in broken.page()


def test_a_source_whose_card_is_gone_stays_in_landing_and_is_said(broken: World):
    assert broken.landed_bytes("orphan") == {wire(GOOD)}
    assert ("orphan", "source_without_card") in broken.defects()
    assert "source without card" in broken.page()


def test_a_status_that_is_no_success_is_said(broken: World):
    assert broken.defects()[("refused", "http_status")] == ["status 404 from https://refused.example/data"]
    assert broken.landed_bytes("refused") == {b"gone"}


def test_a_defect_of_an_earlier_look_is_still_printed(broken: World):
    assert ("early", "wrong_type") in broken.defects()
    assert states(broken)["early"] == "ok"
