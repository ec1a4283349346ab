"""Bad input of every sort: a named defect, and the run goes on."""

import codecs
import json
from dataclasses import replace
from datetime import date

import pytest

from collectors.base import ParseStopped, audit, collector_for, parse_all, readable
from collectors.records import text
from domain.defect import Defect, DefectLevel
from domain.errors import UsageError
from domain.signal import Fact
from domain.source import Cell, CodeRule, FieldMap, Kind, SeriesRule, load_card
from tests.collectors.conftest import COLLECTED, ROOT, TESTS, checks, make_card, make_payload

FIELDS = FieldMap(
    items="data.incidents",
    ref="id",
    place="where",
    first_level="area",
    actor="by",
    occurred_on="day",
    facts=("hurt", "more.confirmed", "more.steps"),
    ignore=("note",),
)
CODES = (CodeRule(rule="gazette.hurt", trigger="T06", field="hurt", when=Cell.POSITIVE, persons="hurt"),)
CARD = make_card(fields=FIELDS, codes=CODES)
RECORDED = json.loads((TESTS / "recorded" / "gazette.incidents.json").read_text("utf-8"))
ROW = RECORDED["data"]["incidents"][0]


def parse_rows(*rows, card=CARD):
    return parse_all(card, make_payload(json.dumps({"data": {"incidents": rows}})))


def test_a_nested_record_is_read_as_the_card_says():
    reports, observations, defects = parse_rows(*RECORDED["data"]["incidents"])
    first, second = reports
    assert (first.source_ref, first.place, first.actor, first.occurred_on) == (
        "7",
        "Ruritania",
        "Harbour Police",
        date(2024, 1, 20),
    )
    assert first.facts == (
        Fact(name="hurt", value="2"),
        Fact(name="more.confirmed", value="true"),
        Fact(name="more.steps", value="seen, written"),
    )
    assert second.occurred_on == date(2024, 1, 21)
    assert second.facts[0].value == ""
    assert observations == []
    assert defects == []


def test_a_word_for_not_knowing_names_neither_area_nor_actor():
    first, second = parse_rows(*RECORDED["data"]["incidents"])[0]
    assert first.first_level == ""
    assert second.first_level == "North Quay"
    assert second.actor == ""


def test_a_new_field_makes_noise():
    _, _, (defect,) = parse_rows(ROW | {"severity": "high", "note": "x"})
    assert defect == Defect(
        level=DefectLevel.WARN,
        check="unread_fields",
        source_id="harbour_gazette",
        evidence="severity",
        seen_at=COLLECTED,
    )


def test_audit_is_silent_when_all_was_used_or_set_aside():
    assert audit("s", {"a": 1}, ignore=("a",)) == []


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"day": "1970-01-01"}, "date_1970"),
        ({"day": "2025-01-20"}, "date_out_of_range"),
        ({"day": "2024-01-30"}, "date_out_of_range"),
        ({"day": "1899-12-31"}, "date_out_of_range"),
        ({"day": "yesterday"}, "unreadable_date"),
        ({"day": None}, "missing_field"),
        ({"where": ""}, "missing_field"),
        ({"id": None}, "missing_field"),
        ({"hurt": "several"}, "not_a_number"),
        ({"hurt": "inf"}, "not_a_number"),
        ({"hurt": True}, "not_a_number"),
    ],
)
def test_a_bad_record_is_left_out_by_name_and_the_next_is_kept(change, check):
    reports, _, (defect,) = parse_rows(ROW | change, ROW | {"id": 99})
    assert [report.source_ref for report in reports] == ["99"]
    assert (defect.level, defect.check) == (DefectLevel.WARN, check)
    assert defect.record == ("row 1" if "id" in change else "7")


def test_tomorrow_is_accepted_because_it_is_tomorrow_somewhere():
    reports, _, defects = parse_rows(ROW | {"day": "2024-01-29"})
    assert len(reports) == 1
    assert defects == []


def test_json_in_another_encoding_of_unicode_says_the_same():
    plain, _, _ = parse_rows(ROW)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        body = json.dumps({"data": {"incidents": [ROW]}}, ensure_ascii=False).encode(encoding)
        assert parse_all(CARD, make_payload(body)) == (plain, [], []), encoding


def test_a_record_with_a_key_said_twice_is_left_out_alone():
    twice = json.dumps(ROW | {"id": "8"})[:-1] + ', "where": "Graustark"}'
    body = '{"data": {"incidents": [' + json.dumps(ROW) + "," + twice + "]}}"
    reports, _, (defect,) = parse_all(CARD, make_payload(body))
    assert [report.source_ref for report in reports] == ["7"]
    assert (defect.check, defect.record, defect.evidence) == (
        "duplicate_key",
        "row 2",
        "'where' stands twice in one object",
    )


def test_half_a_sign_is_shown_as_such_and_named():
    (report,), _, (defect,) = parse_rows(ROW | {"by": "Harbour \ud83d Police"})
    assert report.actor == "Harbour \ufffd Police"
    assert (defect.check, defect.record) == ("lone_surrogate", "row 1")


@pytest.mark.parametrize("digits", ["9" * 5000, "1e999", "-1E+4000"])
def test_a_number_that_no_machine_holds_is_named_and_not_counted(digits):
    body = json.dumps({"data": {"incidents": [ROW | {"hurt": "HERE"}]}}).replace('"HERE"', digits)
    reports, _, defects = parse_all(CARD, make_payload(body))
    assert reports == []
    assert checks(defects) == [("warn", "number_out_of_range"), ("warn", "not_a_number")]


def test_a_record_of_forty_objects_in_one_another_is_left_out_alone():
    deep: object = "x"
    for _ in range(60):
        deep = {"a": deep}
    reports, _, defects = parse_rows(ROW, ROW | {"id": "8", "note": deep})
    assert [report.source_ref for report in reports] == ["7"]
    assert checks(defects) == [("warn", "nested_too_deep")]


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://gazette.example/1?a=b#c", "https://gazette.example/1?a=b#c"),
        ("/2", "https://gazette.example/2"),
        ('https://gazette.example/"><script>', "https://gazette.example/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://[::1", ""),
        ("http:///3", ""),
    ],
)
def test_only_an_address_of_the_web_is_a_link(link, kept):
    card = replace(CARD, fields=replace(FIELDS, url="link"))
    ((report,), _, _) = parse_rows(ROW | {"link": link}, card=card)
    assert report.url == kept


def test_signs_that_turn_or_hide_words_are_not_read():
    (report,), _, _ = parse_rows(ROW | {"by": "Harbour\u202e ecilo\u200bP\x00 \u200d"})
    assert report.actor == "Harbour eciloP  \u200d"
    assert readable("\U000e0041\ufeffa\u2066b") == "ab"


def test_a_record_of_the_wrong_type_is_left_out_alone():
    reports, _, defects = parse_rows("a word", ROW)
    assert len(reports) == 1
    assert checks(defects) == [("warn", "wrong_type")]


def test_a_needed_column_that_is_gone_stops_the_source():
    row = {name: value for name, value in ROW.items() if name != "hurt"}
    reports, _, (defect,) = parse_rows(row)
    assert reports == []
    assert (defect.level, defect.check, defect.evidence) == (DefectLevel.ERROR, "column_gone", "hurt")


def test_another_column_that_is_gone_is_said_and_the_rest_is_kept():
    row = {name: value for name, value in ROW.items() if name != "by"}
    reports, _, (defect,) = parse_rows(row)
    assert len(reports) == 1
    assert (defect.level, defect.check, defect.evidence) == (DefectLevel.WARN, "column_gone", "by")


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (b"\xff\xfe\x00not text", "unreadable_payload"),
        ('{"data": ', "unreadable_payload"),
        ("[" * 100_000, "nested_too_deep"),
        ('{"data": {"incidents": NaN}}', "not_a_number"),
        ('{"data": {"incidents": []}} and more', "trailing_garbage"),
        ('{"data": {"incidents": [], "incidents": []}}', "duplicate_key"),
        (codecs.BOM_UTF16_LE + b"{\x00", "unreadable_payload"),
        ("<html>Please verify that you are human</html>", "unreadable_payload"),
        ("", "unreadable_payload"),
        ('"a word"', "wrong_type"),
        ('{"data": {"incidents": {"id": 1}}}', "wrong_type"),
        ('{"data": []}', "wrong_type"),
    ],
)
def test_a_payload_that_cannot_be_read_is_an_error_of_its_source_and_raises_nothing(body, check):
    reports, observations, (defect,) = parse_all(CARD, make_payload(body))
    assert (reports, observations) == ([], [])
    assert (defect.level, defect.check, defect.seen_at) == (DefectLevel.ERROR, check, COLLECTED)


def test_a_list_is_expected_at_the_top_when_the_card_names_no_path():
    card = replace(CARD, fields=replace(FIELDS, items=""))
    _, _, (defect,) = parse_all(card, make_payload("{}"))
    assert defect.evidence == "a dict at the top where a list was expected"


def test_an_error_page_is_not_a_payload():
    _, _, (defect,) = parse_all(CARD, make_payload('{"data": {"incidents": []}}', status=503))
    assert (defect.level, defect.check) == (DefectLevel.ERROR, "http_status")


def test_an_empty_feed_is_named():
    assert checks(parse_rows()[2]) == [("warn", "empty_feed")]


def test_a_feed_outside_its_bounds_is_named():
    few, many = replace(CARD, expected_min=2), replace(CARD, expected_max=0)
    assert checks(parse_rows(ROW, card=few)[2]) == [("warn", "below_expected_min")]
    assert checks(parse_rows(ROW, card=many)[2]) == [("warn", "above_expected_max")]


def test_the_same_item_twice_is_one_report():
    reports, _, (defect,) = parse_rows(ROW, ROW, ROW)
    assert len(reports) == 1
    assert (defect.level, defect.check, defect.record, defect.evidence) == (
        DefectLevel.INFO,
        "duplicate_item",
        "7",
        "3 times, word for word",
    )


def test_the_same_reference_with_other_content_keeps_the_last_and_says_so():
    (report,), _, (defect,) = parse_rows(ROW, ROW | {"hurt": "5"})
    assert report.facts[0].value == "5"
    assert (defect.level, defect.check, defect.record) == (DefectLevel.WARN, "same_ref_twice", "7")


def test_an_item_changed_in_place_is_a_new_version_of_the_same_report():
    (before,), _, _ = parse_rows(ROW)
    (after,), _, _ = parse_rows(ROW | {"hurt": "3"})
    assert before.report_id == after.report_id
    assert before.version != after.version


def test_several_columns_name_a_record_that_has_no_number():
    card = replace(
        CARD, fields=replace(FIELDS, ref="where + day", facts=("hurt", "more.confirmed", "more.steps", "id"))
    )
    (report,), _, _ = parse_rows(ROW, card=card)
    assert report.source_ref == "Ruritania | 2024-01-20"


SERIES = SeriesRule(
    indicator="hurt",
    trigger="T06",
    unit="persons hurt",
    period="day",
    field="hurt",
    skip_if=("by=nobody",),
    days_field="hours",
)


def count(row, **changes):
    fields = FieldMap(place="where", occurred_on="day", published_at="told", ignore=("id", "area", "note", "by"))
    fields = replace(fields, ignore=(*fields.ignore, "more.confirmed", "more.steps"))
    card = make_card(fields=fields, series=(replace(SERIES, **changes),))
    body = json.dumps([{"hours": 24, "told": "2024-01-21T10:00:00+02:00"} | ROW | row])
    return parse_all(card, make_payload(body))


def test_a_count_becomes_an_observation_of_its_day():
    _, (observation,), defects = count({})
    assert (observation.value, observation.unit, observation.period_start) == (2.0, "persons hurt", date(2024, 1, 20))
    assert observation.published_at is not None
    assert observation.published_at.isoformat() == "2024-01-21T08:00:00+00:00"
    assert defects == []


@pytest.mark.parametrize("row", [{"hurt": None}, {"hurt": ""}, {"by": "nobody"}, {"hours": 48}, {"hours": 0}])
def test_a_missing_count_is_not_zero(row):
    _, (observation,), _ = count(row)
    assert observation.value is None


def test_zero_is_zero():
    _, (observation,), _ = count({"hurt": 0})
    assert observation.value == 0.0


@pytest.mark.parametrize(
    ("period", "start"),
    [("week", date(2024, 1, 15)), ("month", date(2024, 1, 1)), ("year", date(2024, 1, 1))],
)
def test_a_period_is_named_by_its_first_day(period, start):
    _, (observation,), _ = count({}, period=period)
    assert observation.period_start == start


def test_a_period_that_nobody_knows_stops_the_source():
    assert checks(count({}, period="fortnight")[2]) == [("error", "wrong_type")]


def test_an_instant_that_cannot_be_read_is_a_bad_record():
    assert checks(count({"told": "noon"})[2]) == [("warn", "unreadable_date")]


def test_two_counts_of_one_day_keep_the_last():
    card = make_card(fields=FieldMap(place="p", occurred_on="d"), series=(replace(SERIES, skip_if=(), days_field=""),))
    rows = [{"p": "Ruritania", "d": "2024-01-20", "hurt": value} for value in (1, None)]
    _, (observation,), (defect,) = parse_all(card, make_payload(json.dumps(rows)))
    assert observation.value is None
    assert defect.evidence == "1 persons hurt then no value; the last is kept"


def test_a_series_without_a_date_in_the_card_is_a_bad_record():
    card = make_card(fields=FieldMap(place="p"), series=(replace(SERIES, skip_if=(), days_field=""),))
    _, observations, defects = parse_all(card, make_payload('[{"p": "Ruritania", "hurt": 1}]'))
    assert observations == []
    assert checks(defects) == [("warn", "missing_field")]


def test_an_addressee_is_never_a_place():
    card = make_card(fields=FieldMap(ref="id", addressee="to"))
    (report,), _, defects = parse_all(card, make_payload('[{"id": "1", "to": "Ruritania"}, {"id": "2", "to": ""}]'))
    assert (report.place, report.addressee) == ("", "Ruritania")
    assert checks(defects) == [("warn", "missing_field")]


def test_cells_are_written_as_the_wire_writes_them():
    assert [text(value) for value in (3.0, 2.5, date(2024, 1, 2), COLLECTED)] == [
        "3",
        "2.5",
        "2024-01-02",
        "2024-01-28T22:00:00+00:00",
    ]


def test_a_card_of_kind_module_without_a_module_says_what_to_write():
    with pytest.raises(UsageError, match="harbour_gazette"):
        parse_all(make_card(Kind.MODULE), make_payload("[]"))


def test_a_stop_names_its_check():
    assert str(ParseStopped("no_header", "x")) == "no_header: x"


def test_every_kind_has_its_module():
    for kind in set(Kind) - {Kind.MODULE}:
        assert callable(collector_for(make_card(kind)).parse)


def test_a_missing_field_stops_a_card_at_load_with_its_name(tmp_path):
    card = (ROOT / "collectors" / "sources" / "gaza_daily.toml").read_text("utf-8")
    path = tmp_path / "copy.toml"
    path.write_text("\n".join(line for line in card.splitlines() if not line.startswith("licence")), "utf-8")
    with pytest.raises(UsageError, match="licence"):
        load_card(path)


def test_an_unknown_field_stops_a_card_at_load_with_its_name(tmp_path):
    path = tmp_path / "copy.toml"
    card = (ROOT / "collectors" / "sources" / "gaza_daily.toml").read_text("utf-8")
    path.write_text('frequency = "daily"\n' + card, "utf-8")
    with pytest.raises(UsageError, match="frequency"):
        load_card(path)
