"""Two issues compared, by hand: each row that differs has one cause; a paragraph is told by what it speaks of."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import issues
import pytest

from briefs.build import build_scan
from briefs.diff import Cause, IssueDiff, compare
from briefs.render import view_json
from domain.evidence import ReportRoot
from domain.incident import Coding, Incident
from domain.issue import Issue
from domain.situation import Level
from domain.source import SourceClass
from warehouse.outcome import Run

FIRST, SECOND = datetime(2024, 1, 22, tzinfo=UTC), datetime(2024, 1, 29, tzinfo=UTC)
MAIN = next(place.code for place in issues.places() if place.name == "Ruritania")


def run(incidents: tuple[Incident, ...] = (), *, second: bool = False, **other: Any) -> Run:
    made = issues.silent_issue()
    given: dict[str, Any] = {
        "issue": "2024-W04" if second else "2024-W03",
        "as_of": SECOND if second else FIRST,
        "method_version": "m1",
        "code_version": "c1",
        "states": made.states,
        "situations": (),
        "triggers": (),
        "gates": (),
        "series": (),
        "coverage": (),
        "incidents": incidents,
        "sources": (),
        "letters": (),
        "defects": (),
        "reports": tuple(report(one) for incident in incidents for one in incident.reports),
    }
    return Run(**(given | other))


def report(report_id: str, version: str = "v1") -> ReportRoot:
    return ReportRoot(
        incident_id="",
        report_id=report_id,
        version=version,
        source_id="log",
        source_class=SourceClass.CIVIL_SOCIETY,
        origin="Press Council log",
        joined="",
        url="",
        language="en",
        published_at=None,
        collected_at=FIRST,
        payload_sha="0",
    )


def incident(name: str = "i1", *, known: datetime = FIRST, day: int = 10, **other: Any) -> Incident:
    return issues.incident(name, MAIN, first_known_at=known, occurred_on=date(2024, 1, day), **other)


def compared(before: Run, after: Run, **pages: Any) -> IssueDiff:
    given = {"pages_before": {}, "pages_after": {}} | pages
    return compare(before, after, names={MAIN: "Ruritania"}, **given)


def causes(before: Run, after: Run) -> list[Cause]:
    return [one.cause for one in compared(before, after).rows]


def test_the_same_rows_differ_in_nothing():
    found = compared(run((incident(),)), run((incident(),), second=True))
    assert (found.rows, found.places, found.paragraphs) == ((), (), ())


def test_what_happened_after_the_first_issue_is_a_new_event():
    assert causes(run(), run((incident(known=SECOND, day=24),), second=True)) == [Cause.NEW]


def test_what_happened_before_it_and_became_known_after_it_is_a_late_report():
    assert causes(run(), run((incident(known=SECOND, day=10),), second=True)) == [Cause.LATE]


def test_the_week_of_the_first_issue_is_the_border_whenever_it_was_run():
    tuesday = run(as_of=datetime(2024, 1, 23, 15, tzinfo=UTC))
    assert causes(tuesday, run((incident(known=SECOND, day=22),), second=True)) == [Cause.NEW]
    assert causes(run(), run((incident(known=SECOND, day=22),), second=True)) == [Cause.NEW]
    assert causes(run(), run((incident(known=SECOND, day=21),), second=True)) == [Cause.LATE]


def test_a_further_report_of_a_known_event_is_a_late_report():
    after = run((incident(reports=("report-i1", "report-i2")),), second=True)
    assert causes(run((incident(),)), after) == [Cause.LATE]


def test_a_report_that_reads_otherwise_is_a_correction():
    after = run((incident(),), second=True, reports=(report("report-i1", "v2"),))
    assert causes(run((incident(),)), after) == [Cause.CORRECTION]


def test_other_labels_on_the_same_words_are_method_when_the_version_differs():
    other = incident(codings=(Coding(trigger="T08", rule="r"),))
    before = run((incident(),))
    assert causes(before, run((other,), second=True, method_version="m2")) == [Cause.METHOD]
    assert causes(before, run((other,), second=True, code_version="c2")) == [Cause.METHOD]
    assert causes(before, run((other,), second=True)) == [Cause.CORRECTION]


def test_an_event_known_before_and_counted_only_now_is_method_or_a_correction():
    assert causes(run(), run((incident(),), second=True, method_version="m2")) == [Cause.METHOD]
    assert causes(run(), run((incident(),), second=True)) == [Cause.CORRECTION]


def test_an_event_that_left_the_window_is_no_correction():
    old, kept = incident("i0", day=1), incident()
    assert causes(run((old, kept)), run((kept,), second=True)) == [Cause.TIME]


def test_an_event_that_is_gone_within_the_window_is_a_correction():
    kept, gone = incident("i0", day=1), incident()
    assert causes(run((kept, gone)), run((kept,), second=True)) == [Cause.CORRECTION]


def test_two_events_that_became_one_are_a_correction_and_a_late_report():
    first, second = incident("i1"), incident("i2")
    merged = incident("i1", reports=("report-i1", "report-i2"))
    found = compared(run((first, second)), run((merged,), second=True))
    assert sorted(one.text.partition(": ")[2] for one in found.rows) == [
        "now part of another incident",
        "one further report",
    ]


def test_figures_are_new_late_or_revised_by_their_period():
    base = issues.series(
        "s", MAIN, history=((date(2023, 11, 1), 5.0, None, None), (date(2023, 12, 1), None, None, None))
    )
    then = replace(base, history=base.history)
    now = replace(
        base,
        history=(
            (date(2023, 11, 1), 6.0, None, None),
            (date(2023, 12, 1), 4.0, None, None),
            (date(2024, 1, 1), 9.0, None, None),
        ),
    )
    found = compared(run(series=(then,)), run(series=(now,), second=True))
    assert [(one.cause, one.text.rpartition(" ")[2]) for one in found.rows] == [
        (Cause.NEW, "2024-01-01"),
        (Cause.LATE, "2023-12-01"),
        (Cause.CORRECTION, "2023-11-01"),
    ]


def test_a_series_of_merged_incidents_is_told_by_its_incidents_alone():
    then = issues.series("s", MAIN, source_id="")
    now = replace(then, history=tuple((start, 99.0, None, None) for start, *_ in then.history))
    assert causes(run(series=(then,)), run(series=(now,), second=True)) == []


def test_an_incident_coded_as_a_reprisal_is_counted_and_not_listed():
    held = incident("secret", known=SECOND, codings=(Coding(trigger="T09", rule="r"),))
    (row,) = compared(run(), run((held,), second=True)).rows
    assert (row.ref, row.text) == ("", "an incident that is counted and not listed")


def test_a_row_says_the_week_and_the_trigger_and_no_day_or_place_below_the_state():
    (row,) = compared(run(), run((incident(known=SECOND, day=24),), second=True)).rows
    assert row.text == "alleged incident of 2024-W04, T07"


def level(run_: Run, level_: Level) -> Run:
    states = tuple(replace(one, level=level_) if one.place == MAIN else one for one in run_.states)
    return replace(run_, states=states)


def test_a_level_that_changed_is_told_with_the_rows_behind_it():
    after = level(run((incident(known=SECOND, day=24), incident("i2", known=SECOND)), second=True), Level.WATCH)
    (place,) = compared(run(), after).places
    assert (place.name, place.before, place.after) == ("Ruritania", "limited coverage", "watch")
    assert place.causes == ((Cause.NEW, 1), (Cause.LATE, 1))


@pytest.mark.parametrize(("version", "cause"), [("m1", Cause.TIME), ("m2", Cause.METHOD)])
def test_a_level_that_no_row_explains_is_time_or_method(version, cause):
    after = level(run(second=True, method_version=version), Level.WATCH)
    (place,) = compared(run(), after).places
    assert place.causes == ((cause, 1),)


def test_all_causes_are_counted_also_those_with_none():
    counts = dict(compared(run(), run((incident(known=SECOND, day=24),), second=True)).counts)
    assert counts == {Cause.NEW: 1, Cause.LATE: 0, Cause.CORRECTION: 0, Cause.METHOD: 0, Cause.TIME: 0}


def pages(issue: Issue) -> dict[str, Any]:
    return {"AFR": json.loads(view_json(build_scan(issue, "AFR")))}


def test_paragraphs_are_told_with_their_numbers_and_the_sentences_that_went_and_came():
    before, after = pages(issues.issue()), pages(issues.silent_issue())
    found = compared(run(), run((incident(known=SECOND, day=24),), second=True), pages_before=before, pages_after=after)
    assert found.paragraphs
    (gone,) = [one for one in found.paragraphs if one.about == "Ruritania, why now"]
    assert gone.before.isdecimal()
    assert (gone.after, gone.added, gone.causes) == ("", (), (Cause.NEW,))
    assert gone.removed
    for one in found.paragraphs:
        assert one.removed or one.added
        assert one.page == "AFR"
    assert compared(run(), run(second=True), pages_before=before, pages_after=before).paragraphs == ()


def test_a_paragraph_that_moved_and_says_the_same_did_not_change():
    view = pages(issues.issue())
    text = json.dumps(view["AFR"]).replace('"number": "', '"number": "1')
    found = compared(run(), run(second=True), pages_before=view, pages_after={"AFR": json.loads(text)})
    assert found.paragraphs == ()


def test_an_entry_is_told_by_its_place_and_item_and_takes_the_causes_of_its_place():
    view = pages(issues.issue())
    changed = json.loads(json.dumps(view["AFR"]).replace("Alleged actors,", "Alleged actors now,"))
    after = run((incident(known=SECOND, day=10),), second=True)
    found = compared(run(), after, pages_before=view, pages_after={"AFR": changed})
    (one,) = [one for one in found.paragraphs if one.about == "Ruritania, Alleged"]
    assert one.causes == (Cause.LATE,)
    assert one.before == one.after
    assert one.before.endswith("(a)")
    assert [said.startswith("Alleged actors") for said in (*one.removed, *one.added)] == [True, True]


def test_a_page_that_is_new_is_told_as_come():
    found = compared(run(), run(second=True), pages_after=pages(issues.issue()))
    assert found.paragraphs
    assert all(one.before == "" and not one.removed for one in found.paragraphs)
