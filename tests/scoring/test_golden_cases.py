"""The golden cases of the method, each on the whole engine; the numbers are those of the specification.

Case 2, which begins with texts, is in tests/horizon/test_prose.py; case 18 there too, and here without texts.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.incident import Actor
from domain.situation import Coverage, GateState, Level, Phase, Printed, TriggerValue
from domain.source import SeriesRule, SourceClass, SourceState
from domain.window import Week
from scoring.inputs import Call, CountSeries, Finding, Heard, Letters, Mitigation, Volume, VolumeWeek
from scoring.levels import lapse
from scoring.method import load_method

SUNDAY = date(2024, 1, 28)
MEDIA, CIVIL, DEFENDERS = SourceClass.MEDIA, SourceClass.CIVIL_SOCIETY, SourceClass.DEFENDERS


def surge(make, trigger, number, *, origins, classes, **more):
    """That many linked incidents: one in each of three weeks, the rest in W1."""
    days = [date(2024, 1, 3), date(2024, 1, 10), date(2024, 1, 17)]
    days += [date(2024, 1, 24)] * (number - 3)
    return [
        make(trigger, day, origins=[origins[at % len(origins)]], classes=[classes[at % len(classes)]], **more)
        for at, day in enumerate(days)
    ]


def test_case_1_ten_outlets_with_one_dispatch_are_one_incident_and_stay_on_watch(world, make):
    world.incidents = [make("T01", origins=["agency"], classes=[MEDIA], outcome="disappeared", persons=12)]
    found = world.run()
    assert found.state().level is Level.WATCH
    assert found.situation().ceiling == "one origin"


def test_case_3_six_linked_disappearances_of_two_origins_are_an_emerging_concern(world, make):
    world.incidents = surge(
        make, "T01", 6, origins=["gazette", "relief"], classes=[MEDIA, CIVIL], outcome="disappeared"
    )
    found = world.run()
    assert (found.gate("pattern").rule, found.gate("gravity").rule) == ("P1", "G1")
    assert found.state().level is Level.EMERGING
    assert found.state().printed is Printed.SIGNALS
    assert set(found.gate("gravity").incidents) == {one.incident_id for one in world.incidents}


def test_case_4_two_hundred_letters_in_one_week_change_no_trigger(world):
    quiet = world.run()
    world.letters = [Letters(place="RUR", sent=200, answered=None)]
    found = world.run()
    assert found.trigger("T15b").value is TriggerValue.CANNOT_TELL
    assert [one.value for one in found.outcome.triggers] == [one.value for one in quiet.outcome.triggers]


def test_case_5_old_cases_transmitted_now_are_historic(world, make):
    world.incidents = [
        make("T01", date(2024, 1, 24), outcome="disappeared", published=date(2024, 1, 24) + timedelta(days=91))
        for _ in range(300)
    ]
    found = world.run()
    assert found.state().level is Level.NONE
    assert found.trigger("T01").count == 0


def test_case_5_an_event_first_published_ninety_days_later_still_counts(world, make):
    world.incidents = [make("T01", date(2024, 1, 24), published=date(2024, 1, 24) + timedelta(days=90))]
    assert world.run().state().level is Level.WATCH


def steady(make, number):
    """The same number of killings in every one of 104 weeks, from two origins of two classes."""
    first = date(2022, 2, 2)
    return [
        make(
            "T02",
            first + timedelta(weeks=week),
            outcome="killed",
            origins=[("relief", "gazette")[at % 2]],
            classes=[(CIVIL, MEDIA)[at % 2]],
        )
        for week in range(104)
        for at in range(number)
    ]


def test_case_6_a_steady_crisis_with_a_finding_is_an_emerging_concern(world, make):
    world.incidents = steady(make, 30)
    world.findings = [
        Finding(place="RUR", trigger="T02", rule="P4", stated_on=date(2023, 9, 1), citation="A/HRC/00/00, paragraph 1")
    ]
    found = world.run()
    assert (found.gate("pattern").rule, found.gate("gravity").rule) == ("P4", "G1")
    assert found.state().level is Level.EMERGING


def test_case_6_a_finding_older_than_a_year_no_longer_opens_the_gate(world, make):
    world.incidents = steady(make, 30)
    world.findings = [
        Finding(place="RUR", trigger="T02", rule="P4", stated_on=date(2023, 1, 28), citation="A/HRC/00/00, paragraph 1")
    ]
    assert world.run().gate("pattern").state is GateState.CLOSED


def test_case_7_the_same_without_a_finding_stays_on_watch(world, make):
    world.incidents = steady(make, 30)
    found = world.run()
    assert found.gate("pattern").state is GateState.CLOSED
    assert found.gate("gravity").state is GateState.OPEN
    assert found.state().level is Level.WATCH


def told(source, place, usual, lately):
    """So many reports a week for two years, and another number in each of the newest four weeks."""
    newest = Week(2024, 4)
    numbers = [lately if back < 4 else usual for back in range(104)]
    return Volume(
        source_id=source,
        place=place,
        weeks=tuple(
            VolumeWeek(start=newest.back(back).first_day, reports=number) for back, number in enumerate(numbers)
        ),
    )


def arrests(make, *weeks):
    """Journalists arrested: three, told by two sources of two classes."""
    return [
        make(
            "T08",
            SUNDAY - timedelta(days=4 + 7 * week),
            outcome="detained",
            victim="journalists",
            origins=[("relief", "gazette")[at % 2]],
            classes=[(CIVIL, MEDIA)[at % 2]],
        )
        for at, week in enumerate(weeks)
    ]


def test_case_8_silence_after_arrests_of_journalists_freezes_the_level(world, make, past):
    everywhere = [told(one, place, 10, 10) for one in ("gazette", "relief") for place in ("SYL", "GRA")]
    world.incidents = arrests(make, 0, 1, 2)
    world.volumes = [*everywhere, *(told(one, "RUR", 10, 10) for one in ("gazette", "relief"))]
    found = world.run()
    assert found.trigger("T08").alarm
    assert (found.gate("pattern").rule, found.gate("gravity").rule) == ("P1", "G3")
    assert found.state().level is Level.EMERGING
    assert found.trigger("T10").rule == "T10:as_before"
    # Thirteen weeks later nothing more is told of the place, by those who go on telling of others.
    world.incidents = arrests(make, 13, 14, 15)
    world.volumes = [*everywhere, *(told(one, "RUR", 10, 3) for one in ("gazette", "relief"))]
    emerging = {"level": Level.EMERGING, "pattern": GateState.OPEN, "gravity": GateState.OPEN, "since": "2023-W43"}
    closed = emerging | {"pattern": GateState.CLOSED}
    world.history = past(emerging, closed, closed, closed, closed)
    found = world.run()
    assert found.trigger("T10").value is TriggerValue.MET
    # Numbers alone: no page may say which class or outlet fell silent (triggers, section 7).
    assert found.trigger("T10").reason == "24 reports in four weeks, 80 expected; 100% of the usual number elsewhere"
    assert found.state().level is Level.EMERGING
    assert found.situation().held_since == "2024-W04"
    # Had they gone on telling, the same closed runs would lower it.
    world.volumes = [*everywhere, *(told(one, "RUR", 10, 10) for one in ("gazette", "relief"))]
    assert world.run().state().level is not Level.EMERGING


def test_case_8_fewer_reports_everywhere_are_a_holiday_and_no_silence(world, make):
    world.incidents = arrests(make, 13, 14, 15)
    world.volumes = [told("gazette", place, 20, 6) for place in ("RUR", "SYL", "GRA")]
    found = world.run().trigger("T10")
    assert (found.value, found.rule) == (TriggerValue.CANNOT_TELL, "T10:everywhere")


def test_case_8_without_a_target_a_fall_is_no_silence_after_targeting(world):
    world.volumes = [told("gazette", "RUR", 20, 6), told("gazette", "SYL", 20, 20)]
    assert world.run().trigger("T10").rule == "T10:not_targeted"


def test_case_9_failed_feeds_are_a_source_failure_and_freeze_the_level(world, make, new_source, past):
    world.sources = [
        new_source("relief", CIVIL),
        new_source("gazette", MEDIA, state=SourceState.FAILED),
        new_source("defence", DEFENDERS, state=SourceState.FAILED),
    ]
    world.incidents = arrests(make, 20, 21, 22)
    world.volumes = [
        told("relief", "RUR", 3, 3),
        *(told(one, "RUR", 10, 0) for one in ("gazette", "defence")),
        *(told("relief", place, 10, 10) for place in ("SYL", "GRA")),
    ]
    found = world.run()
    assert (found.trigger("T10").value, found.trigger("T10").rule) == (TriggerValue.CANNOT_TELL, "T10:failure")
    assert found.state().printed is Printed.SOURCE_FAILURE
    emerging = {"level": Level.EMERGING, "pattern": GateState.OPEN, "gravity": GateState.OPEN, "since": "2024-W02"}
    world.history = past(emerging, emerging)
    frozen = world.run()
    assert frozen.state().level is Level.EMERGING
    assert frozen.situation().held_since == "2024-W04"
    assert frozen.situation().since == "2024-W02"


def test_case_12_after_mitigation_two_closed_runs_step_down_to_watch(world, make, past):
    world.incidents = [make("T04", date(2023, 12, 20), outcome="detained", victim="")]
    world.incidents += [make("T02", date(2024, 1, 3), outcome="killed")]
    emerging = {"level": Level.EMERGING, "pattern": GateState.OPEN, "gravity": GateState.OPEN}
    closed = {"level": Level.EMERGING, "pattern": GateState.CLOSED, "gravity": GateState.OPEN}
    world.history = past(emerging, closed)
    assert world.run().state().level is Level.EMERGING
    released = Mitigation(
        place="RUR",
        trigger="T04",
        value="done",
        on=date(2024, 1, 10),
        origins=("relief", "the State"),
        words="41 of 63",
    )
    world.mitigations = [replace(released, value="begun")]
    assert world.run().state().level is Level.EMERGING
    world.mitigations = [replace(released, origins=("the State",))]
    assert world.run().state().level is Level.EMERGING
    world.mitigations = [released]
    found = world.run()
    assert found.state().level is Level.WATCH
    assert found.situation().phase is Phase.EASING


def weekly(times, *, weeks=1):
    """A hundred reports a week for two years, and so many times that in the newest weeks."""
    start = date(2021, 12, 6)
    usual = [VolumeWeek(start=start + timedelta(weeks=week), reports=100) for week in range(112)]
    newest = [replace(week, reports=100 * times) for week in usual[-weeks:]]
    return Volume(source_id="gazette", place="RUR", weeks=(*usual[:-weeks], *newest))


def usually(make, trigger, *, each_week=1):
    """So many incidents in each week of two years before the last four, told by one source."""
    first = date(2022, 1, 5)
    return [
        make(trigger, first + timedelta(weeks=week), outcome="killed", origins=["relief"], first_level="South")
        for week in range(104)
        for _ in range(each_week)
    ]


def test_case_10_ten_times_the_reports_of_the_same_incidents_change_nothing(world, make):
    world.incidents = [make("T02", date(2024, 1, 24), outcome="killed")]
    world.volumes = [weekly(1)]
    before = world.run().state()
    world.volumes = [weekly(10)]
    assert world.run().state() == before


def test_case_10b_a_real_crisis_is_not_explained_away_by_its_own_reporting(world, make):
    origins = ["gazette", "relief", "defence", "fourth", "fifth"]
    world.incidents = usually(make, "T02")
    world.incidents += [
        make(
            "T02",
            date(2024, 1, 24),
            outcome="killed",
            origins=[origins[at % 5]],
            classes=[(MEDIA, CIVIL, DEFENDERS)[at % 3]],
        )
        for at in range(8)
    ]
    world.volumes = [weekly(10)]
    found = world.run()
    (alarmed,) = [one for one in found.series("T02") if one.alarm]
    assert alarmed.offset == "the alarm goes away"
    assert alarmed.p_offset > alarmed.p_value
    assert alarmed.offset_expected > 5 * alarmed.expected
    assert (found.gate("pattern").rule, found.gate("gravity").rule) == ("P1", "G1")
    assert found.state().level is Level.EMERGING


def test_case_10c_new_reporting_of_old_practice_is_an_apparent_rise(world, make):
    world.incidents = usually(make, "T02", each_week=2)
    world.incidents += [
        make("T02", day, outcome="killed", origins=[("relief", "defence", "third")[at % 3]], classes=[CIVIL])
        for day in (date(2024, 1, d) for d in (3, 10, 17, 24))
        for at in range(6)
    ]
    world.volumes = [weekly(3, weeks=4)]
    found = world.run()
    (alarmed,) = [one for one in found.series("T02") if one.alarm]
    assert alarmed.offset == "the alarm goes away"
    assert found.gate("pattern").state is GateState.CLOSED
    assert found.state().level is Level.WATCH
    assert found.situation().ceiling == "apparent rise, explained by more reporting"


def test_case_11_gates_open_on_different_facts_are_a_watch(world, make):
    world.incidents = surge(
        make,
        "T08",
        6,
        origins=["gazette", "relief"],
        classes=[MEDIA, CIVIL],
        outcome="",
        first_level="North",
        actor=Actor.ARMED_GROUP,
    )
    world.incidents += [
        make(
            "T03",
            date(2024, 1, 23),
            origins=[origin],
            outcome="tortured",
            first_level="South",
            actor=Actor.STATE_AGENTS,
        )
        for origin in ("relief", "gazette")
    ]
    found = world.run()
    assert found.gate("pattern").rule == "P1"
    assert found.gate("gravity").state is GateState.CLOSED
    assert found.state().level is Level.WATCH


def test_case_13_a_state_that_no_source_ever_named_is_not_monitored(world):
    world.heard = [
        Heard(source_id=view.card.id, place="SYL", items_4w=1, items_12w=1, items_52w=1) for view in world.sources
    ]
    found = world.run()
    assert found.state("RUR").printed is Printed.NOT_MONITORED
    assert found.state("RUR").coverage is Coverage.NONE
    assert found.state("SYL").printed is Printed.QUIET


def totals(newest):
    """Monthly totals of one provider: ten a month for eight years, then the newest month."""
    months = [date(2016 + at // 12, at % 12 + 1, 1) for at in range(96)]
    values = [(month, 10.0 + at % 3) for at, month in enumerate(months[:-1])] + [(months[-1], newest)]
    return CountSeries(
        source_id="totals",
        place="RUR",
        indicator="deaths_total",
        trigger="T06",
        unit="persons killed",
        period="month",
        label="combatants and civilians not separated",
        basis="as published",
        shared_with=(),
        values=tuple(values),
    )


@pytest.fixture
def provider(new_source):
    rule = SeriesRule(indicator="deaths_total", trigger="T06", unit="persons killed", period="month")
    return new_source("totals", SourceClass.DATA_PROVIDER, origin="Provider", series=(rule,), lag_days=60)


def test_case_14_mixed_deaths_of_one_provider_stay_on_watch(world, provider):
    world.sources.append(provider)
    world.counts = [totals(450.0)]
    found = world.run()
    assert found.trigger("T06").value is TriggerValue.MET
    assert found.gate("pattern").state is GateState.CLOSED
    assert found.state().level is Level.WATCH


def test_case_15_a_second_origin_in_the_same_month_makes_it_an_emerging_concern(world, make, provider):
    world.sources.append(provider)
    world.counts = [totals(450.0)]
    world.incidents = [make("T06", date(2023, 12, 20), origins=["relief"], classes=[CIVIL], persons=None)]
    found = world.run()
    assert found.gate("pattern").rule == "P1"
    assert found.gate("gravity").rule == "G2"
    assert "combatants and civilians not separated" in found.gate("gravity").why
    assert found.state().level is Level.EMERGING


def test_case_15_a_second_data_provider_is_no_second_origin(world, make, provider, new_source):
    world.sources += [provider, new_source("other", SourceClass.DATA_PROVIDER, origin="Other")]
    world.counts = [totals(450.0)]
    world.incidents = [
        make("T06", date(2023, 12, 20), origins=["Other"], classes=[SourceClass.DATA_PROVIDER], persons=None)
    ]
    found = world.run()
    assert found.trigger("T06").origins == ("Provider",)
    assert found.situation().origins == ("Other and Provider (data providers, one origin)",)
    assert found.state().level is Level.WATCH


def test_case_16_letters_without_replies_alone_are_never_more_than_a_watch(world):
    world.letters = [Letters(place="RUR", sent=11, answered=0)]
    found = world.run()
    assert found.trigger("T15b").value is TriggerValue.MET
    assert found.state().level is Level.WATCH
    assert found.situation().ceiling == "supporting triggers only"


def test_case_17_an_urgent_level_that_nobody_reconfirmed_lapses():
    method = load_method()
    confirmed = datetime(2024, 1, 14, tzinfo=UTC)
    after = {days: confirmed + timedelta(days=days) for days in (14, 15)}
    assert lapse(confirmed=Level.URGENT, confirmed_at=confirmed, as_of=after[14], method=method) is Level.URGENT
    assert lapse(confirmed=Level.URGENT, confirmed_at=confirmed, as_of=after[15], method=method) is Level.EMERGING
    assert lapse(confirmed=Level.WATCH, confirmed_at=confirmed, as_of=after[15], method=method) is Level.WATCH


def test_case_18_forty_mentions_are_no_call_and_a_confirmed_one_is(world):
    assert world.run().trigger("T14").rule == "T14:no_call"
    call = Call(place="RUR", kind="a", office="OHCHR", said_on=date(2024, 1, 20))
    world.calls = [call, replace(call, said_on=date(2024, 1, 22))]
    assert world.run().trigger("T14").value is TriggerValue.NOT_MET  # twice the same office
    world.calls = [call, replace(call, office="Secretary-General")]
    found = world.run()
    assert found.trigger("T14").rule == "T14:on_state"
    assert found.state().level is Level.WATCH
    assert found.gate("pattern").state is GateState.CLOSED
