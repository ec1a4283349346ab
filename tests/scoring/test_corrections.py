"""What people corrected, merged and parted in triage, as the engine counts it; all of it can be taken back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.evidence import Label
from domain.incident import Actor, Coding, Incident
from domain.review import Act
from domain.signal import Report
from domain.source import Cadence, Kind, SourceCard, SourceClass
from scoring.corrections import RULE, correct
from scoring.dedup import CodedReport, Grouped, group
from scoring.grouping.item import Merge, Split
from scoring.inputs import Correction
from scoring.rulings import Entered, rule

TODAY = date(2024, 1, 29)
PLACES = {"RUR", "FRE"}
CLASSES = {"T02", "T04", "T06", "T07"}


def entered(act: Act, version: int, *, by: str = "A", on: str = "i1", **said: object) -> Entered:
    return Entered(act=act, object_id=on, by=by, content=json.dumps(said) if said else "", version=version)


def back(taken: int, *, at: int) -> Entered:
    return Entered(act=Act.WITHDRAW, object_id="i1", by="A", content=json.dumps({"version": taken}), version=at)


def aside(*rows: Entered) -> bool:
    return "i1" in rule(rows, today=TODAY).set_aside


# Verdicts


def test_the_newest_verdict_on_an_incident_holds():
    out, back = entered(Act.SET_ASIDE, 1), entered(Act.RELEVANT, 2, by="B")
    assert aside(out)
    assert not aside(out, back)
    assert aside(out, back, entered(Act.PARK, 3))


def test_what_is_parked_is_not_counted_until_somebody_says_otherwise():
    assert aside(entered(Act.PARK, 1))
    assert not aside(entered(Act.PARK, 1), entered(Act.RELEVANT, 2))


def test_taking_one_decision_back_leaves_the_others():
    rows = [entered(Act.SET_ASIDE, 1), entered(Act.CORRECT, 2, field="class", coded="T04", value="T07")]
    found = rule([*rows, back(2, at=3)], today=TODAY)
    assert (found.set_aside, found.corrections) == ({"i1"}, ())
    found = rule([*rows, back(1, at=3)], today=TODAY)
    assert found.set_aside == frozenset()
    assert [one.value for one in found.corrections] == ["T07"]


def test_the_former_verdict_of_a_person_comes_back_when_the_newer_one_is_taken_back():
    rows = (entered(Act.SET_ASIDE, 1), entered(Act.RELEVANT, 2))
    assert not aside(*rows)
    assert aside(*rows, back(2, at=3))


def test_a_duplicate_is_merged_and_not_left_out_of_the_count():
    assert not aside(entered(Act.DUPLICATE, 1, of="i2"))


def test_the_newest_correction_of_a_field_holds_and_an_unreadable_one_is_a_defect():
    rows = [
        entered(Act.CORRECT, 1, field="date", coded="2024-01-10", value="2024-01-11"),
        entered(Act.CORRECT, 2, field="date", coded="2024-01-10", value="2024-01-12"),
        entered(Act.CORRECT, 3, field="actor", coded="unknown", value="x"),
    ]
    found = rule(rows, today=TODAY)
    assert found.corrections == (Correction(incident_id="i1", field="date", value="2024-01-12"),)
    assert [one.check for one in found.defects] == ["decision_unreadable"]


# Corrected values

CODED = Incident(
    incident_id="i1",
    place="RUR",
    first_level="North",
    occurred_on=date(2024, 1, 10),
    date_inferred=True,
    first_published_at=None,
    first_known_at=datetime(2024, 1, 11, tzinfo=UTC),
    actor=Actor.STATE_AGENTS,
    actor_name="",
    codings=(Coding(trigger="T04", rule="log:held", persons=4, outcome="detained"),),
    origins=("relief",),
    classes=(SourceClass.CIVIL_SOCIETY,),
    reports=("r1",),
    sources=("relief",),
)


def corrected(*corrections: tuple[str, str], on: str = "i1"):
    rows = [Correction(incident_id=on, field=name, value=value) for name, value in corrections]
    grouped = Grouped(incidents=(CODED,), reports=(), labels=())
    return correct(grouped, rows, places=PLACES, triggers=CLASSES)


def test_each_field_takes_the_corrected_value_and_the_incident_keeps_its_id():
    (found, defects) = corrected(("state", "FRE"), ("date", "2024-01-12"), ("place", "Harbour"), ("class", "T07"))
    (one,) = found.incidents
    assert (one.incident_id, one.place, one.first_level) == ("i1", "FRE", "Harbour")
    assert (one.occurred_on, one.date_inferred) == (date(2024, 1, 12), False)
    assert one.codings == (Coding(trigger="T07", rule=RULE, persons=4, outcome="detained"),)
    assert [(root.trigger, root.rule, root.report_id) for root in found.labels] == [("T07", RULE, CODED.reports[0])]
    assert defects == ()


def test_a_part_of_the_state_coded_first_is_no_part_of_another_one():
    (one,) = corrected(("state", "FRE"))[0].incidents
    assert (one.place, one.first_level) == ("FRE", "")


def test_a_class_that_stays_keeps_its_coding_and_a_new_one_takes_the_rest():
    (one,) = corrected(("class", "T04 T07"))[0].incidents
    assert [coding.trigger for coding in one.codings] == ["T04", "T07"]
    assert one.codings[0] == CODED.codings[0]
    assert one.codings[1].persons == 4


@pytest.mark.parametrize(("name", "value"), [("state", "XXX"), ("class", "T99"), ("date", "2024-02-30")])
def test_a_value_that_is_none_is_a_defect_and_nothing_changes(name: str, value: str):
    found, defects = corrected((name, value))
    assert found.incidents == (CODED,)
    assert [(one.check, one.record) for one in defects] == [("decision_unreadable", "i1")]


def test_a_correction_of_an_incident_that_is_not_there_is_said():
    found, defects = corrected(("date", "2024-01-12"), on="gone")
    assert found.incidents == (CODED,)
    assert [one.check for one in defects] == ["correction_without_incident"]


# Merged and parted reports that have numbers of their publishers


def card(name: str, publisher: str) -> SourceCard:
    return SourceCard(
        id=name,
        title=name,
        publisher=publisher,
        kind=Kind.RSS,
        url="https://example.org",
        cadence=Cadence.WEEKLY,
        source_class=SourceClass.CIVIL_SOCIETY,
        licence="none",
        citation="none",
        languages=("en",),
        coverage="fictional",
        lag_days=7,
        expected_min=0,
        expected_max=9,
        verified=False,
    )


def report(source: str, ref: str, day: int, *, publisher: str = "", place: str = "RUR") -> CodedReport:
    known = datetime(2024, 1, day, tzinfo=UTC)
    return CodedReport(
        report=Report(
            source_id=source,
            source_ref=ref,
            title="A notice",
            url="https://example.org",
            place=place,
            collected_at=known,
            occurred_on=date(2024, 1, day),
        ),
        card=card(source, publisher or source),
        place=place,
        actor=Actor.UNKNOWN,
        labels=(Label(coding=Coding(trigger="T02", rule="r", persons=1), field="f", words="w"),),
        first_known_at=known,
    )


FIRST, SECOND = report("relief", "n1", 10), report("gazette", "n7", 12)
ONE_NUMBER = (report("relief", "n1", 10, publisher="Union"), report("papers", "n1", 12, publisher="Union"))


def ids(*reports: CodedReport) -> tuple[str, ...]:
    return tuple(one.report.report_id for one in reports)


def test_a_merge_joins_numbered_incidents_under_the_id_of_the_first_and_ends_with_its_row():
    apart = group((FIRST, SECOND)).incidents
    assert len(apart) == 2
    merge = Merge(items=ids(FIRST, SECOND), by="A", reason="one event")
    (found,) = group((FIRST, SECOND), rulings=[merge]).incidents
    assert found.incident_id == next(one.incident_id for one in apart if one.origins == ("relief",))
    assert (found.origins, found.occurred_on) == (("gazette", "relief"), date(2024, 1, 10))
    assert group((SECOND, FIRST), rulings=[merge]).incidents == (found,)


def test_a_split_parts_one_number_and_both_parts_have_names_of_their_own():
    (whole,) = group(ONE_NUMBER).incidents
    split = Split(items=ids(ONE_NUMBER[1]), by="A", reason="two events")
    parts = {one.reports: one.incident_id for one in group(ONE_NUMBER, rulings=[split]).incidents}
    assert len(set(parts.values())) == 2
    assert parts[ids(ONE_NUMBER[0])] == whole.incident_id


def test_a_report_on_two_places_is_merged_on_each_of_them():
    rows = [report("relief", "n1", 10), report("gazette", "n7", 12)]
    rows += [replace(one, place="FRE") for one in rows]
    merge = Merge(items=ids(*rows[:2]), by="A", reason="one event")
    found = group(rows, rulings=[merge]).incidents
    assert sorted(one.place for one in found) == ["FRE", "RUR"]
    assert all(len(one.reports) == 2 for one in found)
