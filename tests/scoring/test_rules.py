"""When each trigger is met, and when nobody can tell."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.incident import Actor
from domain.situation import Level, TriggerValue
from domain.source import SourceClass, SourceState
from scoring.inputs import Finding, Letters, Overdue

MEDIA, CIVIL = SourceClass.MEDIA, SourceClass.CIVIL_SOCIETY
MET, NOT_MET, CANNOT_TELL = TriggerValue.MET, TriggerValue.NOT_MET, TriggerValue.CANNOT_TELL


def test_two_events_in_eight_weeks_after_none_in_104_are_a_first_event(world, make, wednesdays):
    world.incidents = [make("T01", day) for day in wednesdays(1, 5)]
    found = world.run().trigger("T01")
    assert (found.value, found.rule) == (MET, "T01:first_event")


def test_one_event_is_no_first_event(world, make, wednesdays):
    world.incidents = [make("T01", day) for day in wednesdays(1)]
    assert world.run().trigger("T01").value is NOT_MET


def test_an_event_within_104_weeks_before_is_no_first_event(world, make, wednesdays):
    world.incidents = [make("T01", day) for day in wednesdays(1, 5, 111)]
    assert world.run().trigger("T01").value is NOT_MET


def test_an_event_113_weeks_ago_no_longer_stands_against_a_first_event(world, make, wednesdays):
    world.incidents = [make("T01", day) for day in wednesdays(1, 5, 112)]
    assert world.run().trigger("T01").value is MET


def test_a_first_event_needs_adequate_coverage(world, make, wednesdays):
    world.sources = world.sources[:2]
    world.incidents = [make("T01", day) for day in wednesdays(1, 5)]
    assert world.run().trigger("T01").value is NOT_MET


def test_an_alarm_with_two_incidents_in_four_weeks_is_not_enough(world, make, wednesdays):
    world.incidents = [make("T01", day) for day in [*wednesdays(0, 0), *wednesdays(40)]]
    assert world.run().trigger("T01").value is NOT_MET


@pytest.mark.parametrize(("number", "value"), [(19, NOT_MET), (20, MET)])
def test_twenty_persons_detained_from_two_origins_are_met(world, make, wednesdays, number, value):
    earlier = [make("T04", day, persons=1, outcome="detained") for day in wednesdays(20, 60)]
    recent = [
        make("T04", day, persons=one, outcome="detained", origins=[origin])
        for day, one, origin in zip(wednesdays(1, 3), (10, number - 10), ("relief", "gazette"), strict=True)
    ]
    world.incidents = [*earlier, *recent]
    assert world.run().trigger("T04").value is value


def test_persons_without_a_number_are_missing_and_not_zero(world, make, wednesdays):
    world.incidents = [make("T04", day, persons=None, outcome="detained") for day in wednesdays(1, 3)]
    assert world.run().trigger("T04").persons is None


def test_three_attacks_on_journalists_in_eight_weeks_from_two_origins_are_met(world, make, wednesdays):
    days = wednesdays(0, 3, 7)
    world.incidents = [
        make("T08", day, origins=[o]) for day, o in zip(days, ("relief", "gazette", "relief"), strict=True)
    ]
    assert world.run().trigger("T08").rule == "T08:number"
    world.incidents = [make("T08", day, origins=["relief"]) for day in days]
    assert world.run().trigger("T08").value is NOT_MET


def test_one_killing_of_a_defender_is_met(world, make, wednesdays):
    world.incidents = [make("T07", day, outcome="killed") for day in wednesdays(7)]
    assert world.run().trigger("T07").rule == "T07:grave_act"


def test_one_attack_on_aid_needs_a_second_origin(world, make, wednesdays):
    world.incidents = [make("T11", day) for day in wednesdays(3)]
    assert world.run().trigger("T11").value is NOT_MET
    world.incidents = [make("T11", day, origins=["relief", "gazette"]) for day in wednesdays(3)]
    assert world.run().trigger("T11").value is MET


def test_a_shutdown_with_one_report_of_cause_cannot_be_told(world, make, wednesdays):
    world.incidents = [make("T13", day) for day in wednesdays(2)]
    assert world.run().trigger("T13").rule == "T13:one_report_of_cause"
    world.incidents += [make("T13", day, origins=["gazette"]) for day in wednesdays(2)]
    assert world.run().trigger("T13").rule == "T13:two_reports_of_cause"


@pytest.mark.parametrize(
    ("sent", "answered", "rule"),
    [(2, 0, "few_letters"), (3, None, "replies_unknown"), (4, 1, "unanswered"), (4, 2, "answered")],
)
def test_letters_tell_only_from_three_on_and_when_replies_are_known(world, sent, answered, rule):
    world.letters = [Letters(place="RUR", sent=sent, answered=answered)]
    assert world.run().trigger("T15b").rule == f"T15b:{rule}"


def test_a_trigger_that_nothing_feeds_cannot_be_told(world):
    assert world.unfed("T12").trigger("T12").reason == "no source of this version feeds it"


def test_a_death_and_ten_injured_at_assemblies_need_two_origins(world, make, wednesdays):
    (day,) = wednesdays(2)
    world.incidents = [
        make("T05", day, outcome="killed", persons=1),
        make("T05", day, outcome="injured", persons=10, origins=["gazette"]),
    ]
    assert world.run().trigger("T05").rule == "T05:scale"
    world.incidents = [replace(one, origins=("relief",)) for one in world.incidents]
    assert world.run().trigger("T05").value is NOT_MET


@pytest.mark.parametrize("trigger", ["T09", "T12"])
def test_one_reprisal_or_closed_office_is_met_for_twelve_weeks(world, make, wednesdays, trigger):
    world.incidents = [make(trigger, day) for day in wednesdays(11)]
    assert world.run().trigger(trigger).rule == f"{trigger}:one"
    world.incidents = [make(trigger, day) for day in wednesdays(12)]
    assert world.run().trigger(trigger).value is not MET


def overdue(day):
    return Overdue(place="RUR", treaty="Treaty of the Sea", due_on=day, listed_on=date(2024, 1, 1))


def test_a_report_is_overdue_from_the_fifth_year_on_and_only_by_a_fresh_list(world):
    assert world.run().trigger("T15a").rule == "T15a:no_list"
    world.overdue_listed = date(2024, 1, 1)
    world.overdue = [overdue(date(2019, 1, 29))]
    assert world.run().trigger("T15a").rule == "T15a:not_overdue"
    world.overdue = [overdue(date(2019, 1, 28))]
    found = world.run().trigger("T15a")
    assert found.rule == "T15a:overdue"
    assert found.reason == "report overdue since 2019 (Treaty of the Sea), 5 years or more on 2024-01-28"
    assert "10 years" in reason_of(world, overdue(date(2014, 1, 28)))
    world.overdue_listed = date(2023, 10, 29)
    assert world.run().trigger("T15a").rule == "T15a:old_list"


def reason_of(world, one):
    world.overdue = [one]
    return world.run().trigger("T15a").reason


def test_harm_that_two_people_confirmed_opens_the_gravity_gate(world):
    assert world.run().gate("gravity").rule == ""
    world.imminent = {"RUR"}
    assert world.run().gate("gravity").rule == "G4"


def test_a_pattern_found_by_analysts_lists_five_incidents_or_opens_nothing(world, make, wednesdays):
    world.incidents = [make("T03", day, outcome="tortured") for day in wednesdays(5, 6, 7, 8, 9)]
    ids = tuple(one.incident_id for one in world.incidents)
    five = Finding(
        place="RUR", trigger="T03", rule="P5", stated_on=date(2024, 1, 20), citation="A. and B.", incidents=ids
    )
    world.findings = [replace(five, incidents=ids[:4])]
    assert world.run().gate("pattern").rule != "P5"
    world.findings = [five]
    found = world.run().gate("pattern")
    assert (found.rule, set(found.incidents)) == ("P5", set(ids))


def test_silence_of_a_source_that_never_named_the_place_tells_nothing(world):
    world.heard = []
    assert world.run().trigger("T02").value is CANNOT_TELL


@pytest.mark.parametrize("state", [SourceState.FAILED, SourceState.SHAPE_CHANGED, SourceState.STALE])
def test_a_failed_or_stale_source_does_not_say_that_nothing_happened(world, new_source, state):
    kinds = [("relief", CIVIL), ("gazette", MEDIA), ("defence", SourceClass.DEFENDERS)]
    world.sources = [new_source(one, kind, state=state, stale=state is SourceState.STALE) for one, kind in kinds]
    assert world.run().trigger("T02").value is CANNOT_TELL


def test_a_slow_source_says_nothing_of_the_newest_weeks(world, new_source):
    slow = [
        replace(new_source(one, kind, lag_days=60), last_day=date(2023, 12, 31))
        for one, kind in [("relief", CIVIL), ("gazette", MEDIA), ("defence", SourceClass.DEFENDERS)]
    ]
    world.sources = slow
    assert world.run().trigger("T02").value is CANNOT_TELL
    world.sources = [replace(one, last_day=date(2024, 1, 1)) for one in slow]
    assert world.run().trigger("T02").value is NOT_MET


def test_an_incident_set_aside_by_a_person_is_not_counted(world, make, wednesdays):
    world.incidents = [make("T07", day, outcome="killed") for day in wednesdays(1)]
    world.set_aside = {world.incidents[0].incident_id}
    found = world.run()
    assert found.trigger("T07").value is NOT_MET
    assert found.state().level is Level.NONE


def test_a_trigger_met_eleven_weeks_ago_keeps_the_place_on_watch_and_twelve_does_not(world, make, wednesdays):
    pairs = [("relief",), ("gazette",)]
    world.incidents = [make("T11", day, origins=o) for day, o in zip(wednesdays(14, 14), pairs, strict=True)]
    assert world.run().state().triggers_met == ("T11",)
    world.incidents = [make("T11", day, origins=o) for day, o in zip(wednesdays(15, 15), pairs, strict=True)]
    assert world.run().state().level is Level.NONE


def test_the_oldest_incident_of_a_window_of_four_weeks_is_a_monday(world, make):
    monday = date(2024, 1, 1)
    world.incidents = [make("T11", monday, origins=["relief", "gazette"], actor=Actor.UNKNOWN)]
    assert world.run().trigger("T11").value is MET
    world.incidents = [make("T11", monday - timedelta(days=1), origins=["relief", "gazette"])]
    assert world.run().trigger("T11").value is NOT_MET
