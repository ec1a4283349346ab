"""The two gates on the same facts, the four levels, and how a level goes down or is held."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.incident import Actor
from domain.situation import Coverage, GateState, Level, Phase, Printed, TriggerValue
from domain.source import SourceClass
from scoring.gates import linked
from scoring.inputs import Call, LinkedEvent

MEDIA, CIVIL, DEFENDERS = SourceClass.MEDIA, SourceClass.CIVIL_SOCIETY, SourceClass.DEFENDERS
EMERGING = {"level": Level.EMERGING, "pattern": GateState.OPEN, "gravity": GateState.OPEN, "since": "2024-W01"}
CLOSED = {"level": Level.EMERGING, "pattern": GateState.CLOSED, "gravity": GateState.OPEN, "since": "2024-W01"}


def test_incidents_are_linked_by_place_actor_or_victims_and_never_across_places(make):
    one = make("T02", first_level="North", actor=Actor.UNKNOWN)
    assert linked(one, make("T02", first_level="North", actor=Actor.ARMED_GROUP))
    assert not linked(one, make("T02", first_level="South", actor=Actor.UNKNOWN))
    assert not linked(one, make("T02", first_level="North", place="SYL"))
    assert linked(make("T02", first_level="", victim="students"), make("T06", first_level="", victim="students"))
    assert linked(make("T02", first_level=""), make("T06", first_level="South"))  # both by agents of the State


def accumulated(make, wednesdays, *, weeks=(1, 3, 5, 7, 9), origins=("relief", "gazette", "defence")):
    return [
        make(
            "T02",
            day,
            origins=[origins[at % len(origins)]],
            classes=[(CIVIL, MEDIA, DEFENDERS)[at % 3]],
            outcome="killed",
        )
        for at, day in enumerate(wednesdays(*weeks))
    ]


def test_five_linked_incidents_in_three_weeks_from_three_origins_are_an_accumulation(world, make, wednesdays):
    world.incidents = accumulated(make, wednesdays)
    found = world.run()
    assert (found.gate("pattern").rule, found.gate("gravity").rule) == ("P2", "G1")
    assert found.state().level is Level.EMERGING


@pytest.mark.parametrize(
    "change",
    [
        {"weeks": (1, 3, 5, 7)},
        {"weeks": (9, 9, 9, 11, 11)},
        {"origins": ("relief", "gazette")},
    ],
    ids=["four incidents", "two weeks", "two origins"],
)
def test_less_is_no_accumulation(world, make, wednesdays, change):
    world.incidents = accumulated(make, wednesdays, **change)
    assert world.run().gate("pattern").state is GateState.CLOSED


def test_an_accumulation_that_is_usual_for_the_state_itself_opens_nothing(world, make, wednesdays):
    world.incidents = accumulated(make, wednesdays, weeks=tuple(range(1, 110, 2)))
    assert world.run().gate("pattern").state is GateState.CLOSED


def test_unlinked_incidents_are_no_accumulation(world, make, wednesdays):
    apart = [
        (Actor.STATE_AGENTS, "North"),
        (Actor.ARMED_GROUP, "South"),
        (Actor.FOREIGN_STATE, "East"),
        (Actor.BUSINESS, "West"),
        (Actor.UNKNOWN, "Centre"),
    ]
    world.incidents = [
        make("T02", day, actor=actor, first_level=place, origins=["relief", "gazette", "defence"], outcome="killed")
        for day, (actor, place) in zip(wednesdays(1, 3, 5, 7, 9), apart, strict=True)
    ]
    assert world.run().gate("pattern").state is GateState.CLOSED


def test_a_pattern_open_in_eight_runs_persists_while_incidents_go_on(world, make, wednesdays, past):
    world.history = past(*[EMERGING] * 8)
    world.incidents = [
        make("T02", day, outcome="killed", origins=[o], classes=[CIVIL])
        for day, o in zip(wednesdays(0, 2), ("relief", "gazette"), strict=True)
    ]
    found = world.run()
    assert found.gate("pattern").rule == "P3"
    assert found.state().level is Level.EMERGING
    assert found.situation().since == "2024-W01"


def test_seven_open_runs_are_not_yet_persistence(world, make, wednesdays, past):
    world.history = past(*[EMERGING] * 7)
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(0, 2)]
    assert world.run().gate("pattern").state is GateState.CLOSED


def test_without_adequate_coverage_a_gate_that_is_not_open_cannot_be_told(world):
    world.sources = world.sources[:2]
    found = world.run()
    assert found.gate("pattern").state is GateState.CANNOT_TELL
    assert found.gate("gravity").state is GateState.CANNOT_TELL


def test_ten_injured_in_four_weeks_open_gravity_and_nine_do_not(world, make, wednesdays):
    for persons, state in ((5, GateState.OPEN), (4, GateState.CLOSED)):
        world.incidents = [
            make("T06", day, outcome="injured", persons=one)
            for day, one in zip(wednesdays(0, 3), (5, persons), strict=True)
        ]
        assert world.run().gate("gravity").state is state


def test_three_messengers_one_of_them_detained_open_gravity(world, make, wednesdays):
    world.incidents = [make("T08", day, outcome="") for day in wednesdays(0, 4, 8)]
    assert world.run().gate("gravity").state is GateState.CLOSED
    world.incidents.append(make("T08", wednesdays(2)[0], outcome="detained"))
    assert world.run().gate("gravity").rule == "G3"


def test_one_grave_incident_of_one_origin_is_a_watch(world, make, wednesdays):
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(11)]
    found = world.run()
    assert (found.state().level, found.situation().ceiling) == (Level.WATCH, "one origin")


def surge(make, wednesdays, number=6):
    origins, kinds = ("relief", "gazette", "defence", "fourth"), (CIVIL, MEDIA, DEFENDERS, CIVIL)
    days = [*wednesdays(3, 2, 1), *wednesdays(0) * (number - 3)]
    return [
        make("T02", day, origins=[origins[at % 4]], classes=[kinds[at % 4]], outcome="killed")
        for at, day in enumerate(days)
    ]


def test_urgent_needs_an_emerging_concern_before_and_two_further_conditions(world, make, wednesdays, past):
    world.incidents = surge(make, wednesdays, 12)
    assert world.run().state().level is Level.EMERGING
    world.history = past(EMERGING)
    found = world.run()  # u1: sudden; u2: incidents in a first-level place that had none before
    assert found.state().level is Level.URGENT
    assert found.situation().phase is Phase.NEW


@pytest.fixture(name="one_condition")
def _one_condition(world, make, wednesdays, past):
    """An emerging concern before, enough origins, and u1 alone: the place had incidents before, so nothing spread."""
    world.incidents = [*surge(make, wednesdays, 12), make("T02", *wednesdays(6), outcome="killed")]
    world.history = past(EMERGING)
    assert world.run().state().level is Level.EMERGING
    return world


@pytest.mark.parametrize(
    ("days", "place", "level"),
    [(0, "RUR", Level.URGENT), (30, "RUR", Level.URGENT), (31, "RUR", Level.EMERGING), (-1, "RUR", Level.EMERGING),
     (9, "SYL", Level.EMERGING)],
)  # fmt: skip
def test_a_dated_event_of_the_place_within_30_days_that_people_linked_is_a_condition_of_urgent(
    one_condition, days, place, level
):
    on = date(2024, 1, 29) + timedelta(days=days)
    one_condition.events = [LinkedEvent(place=place, trigger="T02", on=on, words="a trial")]
    assert one_condition.run().state().level is level


def test_a_call_for_international_action_is_a_condition_of_urgent_and_calls_on_the_state_are_none(one_condition):
    def called(kind, office, on=date(2024, 1, 20)):
        return Call(place="RUR", kind=kind, office=office, said_on=on)

    one_condition.calls = [called("a", "OHCHR"), called("a", "the committee")]
    found = one_condition.run()
    assert (found.trigger("T14").value, found.state().level) == (TriggerValue.MET, Level.EMERGING)
    one_condition.calls = [called("b", "OHCHR", date(2023, 11, 5))]  # a day before the twelve weeks
    assert one_condition.run().state().level is Level.EMERGING
    one_condition.calls = [called("b", "OHCHR", date(2023, 11, 6))]
    assert one_condition.run().state().level is Level.URGENT


def test_an_event_that_people_linked_opens_nothing_by_itself(world, make, wednesdays):
    world.incidents = [make("T02", *wednesdays(2), outcome="killed")]
    before = world.run().state()
    world.events = [LinkedEvent(place="RUR", trigger="T02", on=date(2024, 2, 1), words="a trial")]
    assert world.run().state() == before


def test_urgent_without_enough_origins_stays_an_emerging_concern(world, make, wednesdays, past):
    world.history = past(EMERGING)
    world.incidents = [
        make(
            "T02",
            one.occurred_on,
            origins=[("relief", "gazette")[at % 2]],
            classes=[(CIVIL, MEDIA)[at % 2]],
            outcome="killed",
        )
        for at, one in enumerate(surge(make, wednesdays, 12))
    ]
    assert world.run().state().level is Level.EMERGING


def test_twenty_five_killed_in_one_week_need_no_run_before(world, make, wednesdays):
    world.incidents = surge(make, wednesdays, 12)
    newest = max(one.occurred_on for one in world.incidents)
    world.incidents = [
        replace(one, codings=(replace(one.codings[0], persons=3 if one.occurred_on == newest else 1),))
        for one in world.incidents
    ]
    assert world.run().state().level is Level.URGENT


def test_an_emerging_concern_steps_down_after_four_closed_runs(world, make, wednesdays, past):
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(5)]
    world.history = past(EMERGING, CLOSED, CLOSED)
    assert world.run().state().level is Level.EMERGING
    world.history = past(EMERGING, CLOSED, CLOSED, CLOSED)
    assert world.run().state().level is Level.WATCH


def test_a_run_without_adequate_coverage_does_not_count_towards_a_step_down(world, make, wednesdays, past):
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(5)]
    world.history = past(EMERGING, CLOSED, CLOSED | {"coverage": Coverage.LIMITED}, CLOSED)
    assert world.run().state().level is Level.EMERGING


def test_a_level_is_held_while_we_cannot_see_and_the_first_day_of_it_is_kept(world, past):
    world.sources = world.sources[:1]
    world.history = past(EMERGING | {"held_since": "2023-W50"})
    found = world.run()
    assert found.state().level is Level.EMERGING
    assert found.situation().held_since == "2023-W50"
    assert "cannot see" in found.situation().reasons[-1]


def test_a_watch_is_held_too_while_we_cannot_see(world, past):
    world.sources = []
    world.heard = []
    world.history = past({"level": Level.WATCH, "since": "2023-W50"})
    assert world.run().state().printed is Printed.SIGNALS


def test_silence_never_raises_a_level_by_itself(world, past):
    world.sources = []
    world.heard = []
    world.history = past({"level": Level.NONE})
    assert world.run().state().level is Level.NONE


def test_a_situation_rises_while_more_happens_and_an_alarm_stands(world, make, wednesdays, past):
    world.history = past(EMERGING)
    world.incidents = [
        make("T02", day, outcome="killed", origins=[("relief", "gazette")[at % 2]], classes=[(CIVIL, MEDIA)[at % 2]])
        for at, day in enumerate([*wednesdays(6), *wednesdays(3, 2, 1), *wednesdays(0) * 4])
    ]
    found = world.run()
    assert found.state().level is Level.EMERGING
    assert found.situation().phase is Phase.RISING


def test_every_place_is_printed_with_exactly_one_word(world, make, wednesdays):
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(0)]
    found = world.run()
    assert sorted(one.place for one in found.outcome.states) == sorted(world.places)
    assert {one.printed for one in found.outcome.states} == {Printed.SIGNALS, Printed.QUIET}


def test_quiet_says_the_smallest_rise_that_would_have_shown(world):
    rise = world.run().state().smallest_rise
    assert rise is not None
    assert rise >= 3


def test_a_rise_of_that_size_does_show(world, make):
    """The printed number is true: so many incidents evenly over four weeks are met in one of them."""
    rise = world.run().state().smallest_rise
    first = date(2024, 1, 1)
    world.incidents = [make("T02", first + timedelta(weeks=at % 4, days=2)) for at in range(rise)]
    assert "T02" in world.run().state().triggers_met


def test_ids_do_not_depend_on_the_order_of_places_or_incidents(world, make, wednesdays):
    world.incidents = surge(make, wednesdays) + [make("T06", day, place="SYL") for day in wednesdays(0, 5)]
    before = world.run().outcome
    world.incidents.reverse()
    world.places.reverse()
    after = world.run().outcome
    assert sorted(before.situations, key=lambda one: one.place) == sorted(after.situations, key=lambda one: one.place)
    assert sorted(before.states, key=lambda one: one.place) == sorted(after.states, key=lambda one: one.place)
