"""The ledger of warnings: what counts as the event, what was watched, and every outcome, worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from domain.incident import Actor, Coding, Incident
from domain.ledger import (
    EventKind,
    Judged,
    KnownEvent,
    Ledger,
    Outcome,
    Override,
    Score,
    Unknown,
    WarningMade,
    WatchedSpan,
    Who,
)
from domain.situation import GateResult, GateState, Level, Phase, Situation, TriggerResult, TriggerValue
from domain.source import SourceClass
from scoring.inputs import CountSeries, Inputs
from scoring.ledger import MonthlyCount, detect, find_events, score_ledger, write_warnings
from scoring.method import load_method, load_triggers

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
YEAR_ON = datetime(2025, 3, 31, tzinfo=UTC)
ALWAYS = (date(2023, 1, 1), date(2025, 12, 31))


def warning(
    made_at: datetime = MONDAY,
    *,
    place: str = "RUR",
    days: int = 30,
    level: Level = Level.EMERGING,
    confirmed: Level | None = None,
) -> WarningMade:
    return WarningMade(
        issue=f"{made_at:%G-W%V}",
        situation_id=f"s-{place}",
        place=place,
        level=level,
        confirmed=confirmed,
        made_at=made_at,
        horizon_days=days,
        ends_on=made_at.date() + timedelta(days=days),
        rules=(),
        triggers=("T02",),
    )


def event(began_on: date, *, place: str = "RUR", kind: EventKind = EventKind.DEATHS) -> KnownEvent:
    return KnownEvent(place=place, kind=kind, began_on=began_on, source_id="totals", value=80.0, usual=1.0)


def watched(*spans: tuple[date, date], place: str = "RUR", kind: EventKind = EventKind.DEATHS) -> list[WatchedSpan]:
    return [WatchedSpan(place=place, kind=kind, first=first, last=last) for first, last in spans]


def settle(
    *warnings: WarningMade,
    events: list[KnownEvent] | None = None,
    spans: list[WatchedSpan] | None = None,
    as_of: datetime = YEAR_ON,
    issues: list[datetime] | None = None,
) -> Ledger:
    days = issues if issues is not None else sorted({one.made_at for one in warnings})
    return score_ledger(
        warnings=warnings,
        issues=[(f"{day:%G-W%V}", day) for day in days],
        events=events or [],
        watched=watched(ALWAYS) if spans is None else spans,
        as_of=as_of,
    )


def fate(ledger: Ledger, *, kind: EventKind = EventKind.DEATHS) -> tuple[Outcome, Unknown | None]:
    """The outcome of the only warning at the only horizon given."""
    (one,) = [row for row in ledger.judged if row.kind is kind]
    return one.outcome, one.why


def score(
    ledger: Ledger,
    *,
    who: Who = Who.PROPOSED,
    least: Level = Level.WATCH,
    days: int = 30,
    kind: EventKind = EventKind.DEATHS,
) -> Score:
    (one,) = [
        row for row in ledger.scores if (row.who, row.least, row.horizon_days, row.kind) == (who, least, days, kind)
    ]
    return one


# What is written


def situation(place: str, level: Level, *, triggers: tuple[str, ...], pattern: GateState) -> Situation:
    return Situation(
        situation_id=f"s-{place}",
        place=place,
        level=level,
        phase=Phase.NEW,
        since="2024-W09",
        held_since="",
        pattern=GateResult(gate="pattern", state=pattern, rule="P1" if pattern is GateState.OPEN else "", why=""),
        gravity=GateResult(gate="gravity", state=GateState.CLOSED, rule="", why=""),
        triggers=triggers,
        incidents=(),
        origins=(),
        classes=(),
        ceiling="",
        reasons=(),
        would_raise="",
        would_lower="",
    )


def test_a_warning_is_written_with_each_horizon_and_what_it_rests_on():
    def result(trigger: str, value: TriggerValue, rule: str) -> TriggerResult:
        return TriggerResult(place="RUR", trigger=trigger, value=value, rule=rule, reason="", window_weeks=4)

    made = write_warnings(
        issue="2024-W09",
        as_of=MONDAY,
        situations=[
            situation("RUR", Level.EMERGING, triggers=("T02", "T07"), pattern=GateState.OPEN),
            situation("SYL", Level.WATCH, triggers=(), pattern=GateState.CLOSED),
            situation("ZUB", Level.NONE, triggers=(), pattern=GateState.CLOSED),
        ],
        triggers=[
            result("T02", TriggerValue.MET, "T02:alarm"),
            result("T07", TriggerValue.NOT_MET, "T07:no_alarm"),
        ],
    )
    assert [(one.place, one.horizon_days) for one in made] == [
        (place, days) for place in ("RUR", "SYL") for days in (30, 90, 180)
    ]
    first = made[0]
    # T07 was met in an earlier week: the warning rests on the trigger, and today no rule of it holds.
    assert (first.rules, first.triggers) == (("P1", "T02:alarm"), ("T02", "T07"))
    assert (first.confirmed, first.ends_on) == (None, date(2024, 4, 3))
    assert made[3].rules == ("grave incidents",)


def test_a_level_that_is_held_says_so_and_a_held_warning_is_one():
    held = replace(situation("RUR", Level.WATCH, triggers=(), pattern=GateState.CLOSED), held_since="2024-W05")
    (first, *_) = write_warnings(issue="2024-W09", as_of=MONDAY, situations=[held], triggers=[])
    assert first.rules == ("held",)


# What became of it


@pytest.mark.parametrize(
    ("began_on", "outcome"),
    [
        (date(2024, 3, 4), Outcome.FALSE_ALARM),  # the day it was made is not ahead of it
        (date(2024, 3, 5), Outcome.HIT),
        (date(2024, 4, 3), Outcome.HIT),  # day 30
        (date(2024, 4, 4), Outcome.FALSE_ALARM),
    ],
)
def test_the_horizon_begins_after_the_day_of_the_warning_and_holds_its_last_day(began_on, outcome):
    assert fate(settle(warning(), events=[event(began_on)]))[0] is outcome


def test_a_hit_stands_before_the_horizon_is_over():
    ledger = settle(warning(days=180), events=[event(date(2024, 4, 1))], as_of=datetime(2024, 5, 6, tzinfo=UTC))
    (one,) = [row for row in ledger.judged if row.kind is EventKind.DEATHS]
    assert one == Judged(
        issue="2024-W10",
        place="RUR",
        level=Level.EMERGING,
        made_on=date(2024, 3, 4),
        horizon_days=180,
        kind=EventKind.DEATHS,
        outcome=Outcome.HIT,
        event_on=date(2024, 4, 1),
        lead_days=28,
    )


def test_a_false_alarm_needs_the_last_day_to_be_over():
    assert fate(settle(warning(), as_of=datetime(2024, 4, 2, tzinfo=UTC))) == (Outcome.CANNOT_BE_KNOWN, Unknown.OPEN)
    assert fate(settle(warning(), as_of=datetime(2024, 4, 3, tzinfo=UTC))) == (Outcome.FALSE_ALARM, None)


def test_an_event_of_another_place_or_kind_is_no_hit():
    elsewhere = event(date(2024, 3, 20), place="SYL")
    other = event(date(2024, 3, 20), kind=EventKind.GRAVE)
    ledger = settle(warning(), events=[elsewhere, other])
    assert fate(ledger) == (Outcome.FALSE_ALARM, None)
    assert fate(ledger, kind=EventKind.GRAVE)[0] is Outcome.HIT


def test_a_gap_in_watching_proves_nothing():
    gap = watched((date(2023, 1, 1), date(2024, 3, 15)), (date(2024, 3, 17), date(2025, 12, 31)))
    assert fate(settle(warning(), spans=gap)) == (Outcome.CANNOT_BE_KNOWN, Unknown.UNWATCHED)
    joined = watched((date(2023, 1, 1), date(2024, 3, 15)), (date(2024, 3, 16), date(2025, 12, 31)))
    assert fate(settle(warning(), spans=joined)) == (Outcome.FALSE_ALARM, None)


def test_a_gap_outside_the_horizon_does_not_matter():
    around = watched((date(2024, 3, 5), date(2024, 4, 3)))
    assert fate(settle(warning(), spans=around)) == (Outcome.FALSE_ALARM, None)
    short = watched((date(2024, 3, 6), date(2024, 4, 3)))
    assert fate(settle(warning(), spans=short)) == (Outcome.CANNOT_BE_KNOWN, Unknown.UNWATCHED)


def test_an_event_after_a_gap_is_a_hit_all_the_same():
    gap = watched((date(2023, 1, 1), date(2024, 3, 15)), (date(2024, 3, 20), date(2025, 12, 31)))
    assert fate(settle(warning(), events=[event(date(2024, 4, 1))], spans=gap)) == (Outcome.HIT, None)


def test_a_place_that_no_count_watches_cannot_be_known():
    ledger = settle(warning(place="SYL"))
    assert fate(ledger) == (Outcome.CANNOT_BE_KNOWN, Unknown.UNWATCHED)
    assert (score(ledger).unknown, score(ledger).precision) == (1, None)


def test_counts_that_are_not_out_are_late_and_a_count_that_ended_is_not():
    spans = watched((date(2023, 1, 1), date(2024, 3, 31)))
    assert fate(settle(warning(), spans=spans)) == (Outcome.CANNOT_BE_KNOWN, Unknown.LATE)
    further = [*spans, *watched(ALWAYS, place="SYL")]
    assert fate(settle(warning(), spans=further)) == (Outcome.CANNOT_BE_KNOWN, Unknown.UNWATCHED)


def test_a_later_issue_may_know_what_an_earlier_one_could_not():
    early = settle(warning(), spans=watched((date(2023, 1, 1), date(2024, 2, 29))))
    late = settle(warning(), events=[event(date(2024, 4, 1))])
    assert (fate(early)[0], fate(late)[0]) == (Outcome.CANNOT_BE_KNOWN, Outcome.HIT)


# What nobody warned of


def test_an_event_that_no_warning_covered_is_a_miss_once_the_ledger_is_a_horizon_old():
    weeks = [MONDAY + timedelta(weeks=week) for week in range(10)]
    early, late = event(date(2024, 4, 1), place="SYL"), event(date(2024, 5, 1), place="SYL")
    ledger = settle(warning(), events=[early, late], issues=weeks)
    # 4 March and 30 days is 3 April: the event of 1 April fell before the ledger was a horizon old.
    assert {one.event for one in ledger.missed if one.horizon_days == 30} == {late}
    assert (score(ledger).misses, score(ledger).recall) == (1, 0.0)


def test_an_event_in_a_time_without_issues_is_no_miss():
    ledger = settle(warning(), events=[event(date(2024, 9, 1), place="SYL")])
    # 181 days after the only issue: nobody ran the system within any horizon before it.
    assert ledger.missed == ()


def test_an_issue_that_warned_of_nothing_could_have_warned():
    weeks = [MONDAY + timedelta(weeks=week) for week in range(8)]
    ledger = settle(events=[event(date(2024, 4, 10))], issues=weeks)
    assert [(one.least, one.horizon_days) for one in ledger.missed] == [(Level.EMERGING, 30), (Level.WATCH, 30)]


def test_a_watch_covers_an_event_for_watch_and_not_for_emerging_concern():
    weeks = [MONDAY + timedelta(weeks=week) for week in range(8)]
    made = warning(weeks[-1], level=Level.WATCH)  # 22 April
    ledger = settle(made, events=[event(date(2024, 5, 1))], issues=weeks)
    assert [one.least for one in ledger.missed if one.horizon_days == 30] == [Level.EMERGING]
    assert (score(ledger).hits, score(ledger, least=Level.EMERGING).hits) == (1, 0)


# Sums and base lines


def test_sums_count_warnings_and_events_apart():
    weeks = [MONDAY + timedelta(weeks=week) for week in range(12)]
    made = [
        warning(weeks[0]),  # to 3 April: hit by 1 April, 28 days ahead
        warning(weeks[1]),  # to 10 April: the same event
        warning(weeks[4], place="SYL"),  # 1 April to 1 May, nothing: false alarm
        warning(weeks[4], place="ZUB"),  # not watched
    ]
    ledger = settle(
        *made,
        events=[event(date(2024, 4, 1)), event(date(2024, 5, 1))],
        spans=[*watched(ALWAYS), *watched(ALWAYS, place="SYL")],
        issues=weeks,
    )
    sums = score(ledger)
    assert (sums.hits, sums.false_alarms, sums.unknown, sums.misses, sums.events_found) == (2, 1, 1, 1, 1)
    assert sums.precision == pytest.approx(2 / 3)
    assert sums.recall == pytest.approx(1 / 2)
    assert (sums.median_lead_days, sums.warnings) == (28, 4)


def test_the_base_line_of_repetition_warns_where_the_past_horizon_held_an_event():
    events = [event(date(2024, 2, 15), place="SYL"), event(date(2024, 4, 1), place="SYL")]
    ledger = settle(warning(), events=events, spans=[*watched(ALWAYS), *watched(ALWAYS, place="SYL")])
    last = score(ledger, who=Who.LAST)
    # On 4 March it names SYL for 15 February, and is right on 1 April; the warning of RUR is not.
    assert (last.hits, last.false_alarms) == (1, 0)
    assert (score(ledger).hits, score(ledger).false_alarms) == (0, 1)


def test_the_base_line_of_frequency_warns_as_often_as_the_level_did_and_names_a_tie_whole():
    past = [event(date(2023, month, 1), place=place) for place, month in (("SYL", 2), ("SYL", 8), ("ZUB", 5))]
    one = settle(warning(), events=past)
    assert score(one, who=Who.FREQUENT).warnings == 1
    tied = settle(warning(), events=[*past, event(date(2023, 11, 1), place="ZUB")])
    assert score(tied, who=Who.FREQUENT).warnings == 2
    nobody = settle(warning(level=Level.WATCH), events=past)
    assert score(nobody, who=Who.FREQUENT, least=Level.EMERGING).warnings == 0


def test_the_base_lines_know_no_event_that_had_not_begun():
    ledger = settle(warning(), events=[event(date(2024, 3, 20), place="SYL")])
    assert (score(ledger, who=Who.LAST).warnings, score(ledger, who=Who.FREQUENT).warnings) == (0, 0)


def test_levels_confirmed_are_scored_apart_and_overrides_counted_once():
    up = warning(level=Level.WATCH, confirmed=Level.EMERGING)
    longer = warning(level=Level.WATCH, confirmed=Level.EMERGING, days=90)
    down = warning(place="SYL", level=Level.EMERGING, confirmed=Level.WATCH)
    same = warning(place="ZUB", level=Level.WATCH, confirmed=Level.WATCH)
    ledger = settle(up, longer, down, same, events=[event(date(2024, 4, 1))])
    assert ledger.overrides == (
        Override(issue="2024-W10", place="RUR", up=True),
        Override(issue="2024-W10", place="SYL", up=False),
    )
    assert score(ledger, who=Who.PROPOSED, least=Level.EMERGING).hits == 0
    assert score(ledger, who=Who.CONFIRMED, least=Level.EMERGING).hits == 1


def test_without_a_confirmed_level_there_is_no_score_of_one():
    ledger = settle(warning())
    assert {one.who for one in ledger.scores} == {Who.PROPOSED, Who.LAST, Who.FREQUENT}
    assert ledger.overrides == ()


def test_an_empty_ledger_has_no_share_of_anything():
    ledger = settle()
    assert (ledger.judged, ledger.missed) == ((), ())
    assert {(one.precision, one.recall) for one in ledger.scores} == {(None, None)}


# What counts as the event, and as watching


def monthly(*values: float | None, kind: EventKind = EventKind.DEATHS, source_id: str = "totals") -> MonthlyCount:
    """From January 2022 on."""
    column = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return MonthlyCount(place="RUR", kind=kind, source_id=source_id, first=date(2022, 1, 1), values=column)


def test_an_onset_of_deaths_is_dated_to_the_month_in_which_it_broke_out():
    # A year without, then 0, 80, 0, 0: the mean of 0, 80, 0 is 26.7, and so is that of 80, 0, 0.
    found = detect([monthly(*[0.0] * 12, 0, 80, 0, 0)])
    assert found.events == (
        KnownEvent(
            place="RUR",
            kind=EventKind.DEATHS,
            began_on=date(2023, 2, 1),
            source_id="totals",
            value=80.0,
            usual=0.0,
        ),
    )
    # January and February 2023 are decided: each and the two months after it are out.
    assert found.watched == tuple(watched((date(2023, 1, 1), date(2023, 2, 28))))


@pytest.mark.parametrize(
    ("year", "ahead"),
    [
        (0.0, (74, 0, 0)),  # mean 24.7: not large in itself
        (6.0, (80, 5, 0)),  # mean 28.3, not five times six
    ],
)
def test_what_is_small_or_usual_is_no_onset(year, ahead):
    found = detect([monthly(*[year] * 12, *ahead)])
    assert found.events == ()
    assert found.watched == tuple(watched((date(2023, 1, 1), date(2023, 1, 31))))


def test_where_deaths_are_many_already_no_onset_can_begin_and_nothing_is_watched():
    assert detect([monthly(*[30.0] * 12, 900, 900, 900)]).watched == ()


def test_a_month_without_a_value_is_not_watched_and_neither_is_the_year_after_it():
    found = detect([monthly(*[0.0] * 13, None, *[0.0] * 15)])
    # February 2023 is missing: of the months around it only those of a full year and three full months count.
    assert found.watched == tuple(watched((date(2024, 3, 1), date(2024, 3, 31))))


def test_a_rise_in_grave_incidents_needs_three_in_a_month_and_five_times_the_year_before():
    grave = EventKind.GRAVE
    assert detect([monthly(*[0.0] * 12, 2, kind=grave)]).events == ()
    (three,) = detect([monthly(*[0.0] * 12, 3, kind=grave)]).events
    assert (three.began_on, three.value, three.usual) == (date(2023, 1, 1), 3.0, 0.0)
    assert detect([monthly(*[1.0] * 12, 4, kind=grave)]).events == ()
    assert len(detect([monthly(*[1.0] * 12, 5, kind=grave)]).events) == 1


def test_two_sources_that_tell_of_one_rise_make_one_event():
    one = monthly(*[0.0] * 12, 3, 0, 0, kind=EventKind.GRAVE, source_id="relief")
    next_month = monthly(*[0.0] * 12, 0, 3, 0, kind=EventKind.GRAVE, source_id="gazette")
    apart = monthly(*[0.0] * 12, 0, 0, 3, kind=EventKind.GRAVE, source_id="gazette")
    assert [found.source_id for found in detect([one, next_month]).events] == ["relief"]
    assert [found.source_id for found in detect([one, apart]).events] == ["relief", "gazette"]


def test_a_source_that_begins_makes_no_event():
    assert detect([monthly(9, 9, 9, kind=EventKind.GRAVE)]) == detect([])


def incident(
    day: date, number: int, *, source_id: str = "relief", outcome: str = "killed", place: str = "RUR"
) -> Incident:
    return Incident(
        incident_id=f"{source_id}-{place}-{day}-{number}",
        place=place,
        first_level="",
        occurred_on=day,
        date_inferred=False,
        first_published_at=None,
        first_known_at=MONDAY,
        actor=Actor.UNKNOWN,
        actor_name="",
        codings=(Coding(trigger="T07", rule="test", outcome=outcome),),
        origins=(source_id,),
        classes=(SourceClass.CIVIL_SOCIETY,),
        reports=(),
        sources=(source_id,),
    )


def inputs(*incidents: Incident, counts: tuple[CountSeries, ...] = (), set_aside: frozenset[str] = frozenset()):
    return Inputs(
        as_of=MONDAY, places=(), sources=(), incidents=incidents, counts=counts, heard=(), set_aside=set_aside
    )


def events_of(given: Inputs):
    return find_events(given, method=load_method(), triggers=load_triggers())


def a_year(source_id: str = "relief") -> list[Incident]:
    """One detention elsewhere in every month from December 2022 to February 2024: the source speaks."""
    months = [date(2022, 12, 10), *(date(2023, month, 10) for month in range(1, 13)), date(2024, 1, 10)]
    return [
        incident(day, 0, source_id=source_id, outcome="detained", place="SYL") for day in (*months, date(2024, 2, 10))
    ]


def test_grave_incidents_are_counted_by_month_and_source_and_the_unfinished_month_is_left_out():
    killed = [incident(date(2024, 1, 20), number) for number in range(3)]
    found = events_of(inputs(*a_year(), *killed))
    (one,) = found.events
    assert (one.place, one.kind, one.began_on, one.source_id) == ("RUR", EventKind.GRAVE, date(2024, 1, 1), "relief")
    # January 2023 is the first whole month; a year later the first month can be compared, February is not over.
    assert {(span.place, span.first, span.last) for span in found.watched} == {
        ("RUR", date(2024, 1, 1), date(2024, 1, 31)),
        ("SYL", date(2024, 1, 1), date(2024, 1, 31)),
    }


def test_incidents_that_are_not_grave_or_were_set_aside_do_not_count():
    killed = [incident(date(2024, 1, 20), number) for number in range(3)]
    beaten = [incident(date(2024, 1, 21), number, outcome="injured") for number in range(9)]
    assert events_of(inputs(*a_year(), *killed[:2], *beaten)).events == ()
    aside = frozenset({killed[0].incident_id})
    assert events_of(inputs(*a_year(), *killed, set_aside=aside)).events == ()


def test_a_month_in_which_the_source_told_of_nothing_anywhere_is_not_zero():
    silent = [one for one in a_year() if one.occurred_on.month != 6]
    killed = [incident(date(2024, 1, 20), number) for number in range(3)]
    found = events_of(inputs(*silent, *killed))
    assert (found.events, found.watched) == ((), ())


def test_deaths_come_from_monthly_counts_of_persons_killed_alone():
    months = [*(date(2022, month, 1) for month in range(1, 13)), *(date(2023, month, 1) for month in range(1, 4))]
    values = tuple((month, 0.0 if month.year == 2022 else 90.0) for month in months)

    def series(unit: str, period: str) -> CountSeries:
        return CountSeries(
            source_id="totals",
            place="RUR",
            indicator="deaths_total",
            trigger="T06",
            unit=unit,
            period=period,
            label="",
            basis="as published",
            shared_with=(),
            values=values,
        )

    (one,) = events_of(inputs(counts=(series("persons killed", "month"),))).events
    assert (one.kind, one.began_on, one.value) == (EventKind.DEATHS, date(2023, 1, 1), 90.0)
    assert events_of(inputs(counts=(series("events", "month"), series("persons killed", "day")))).events == ()


def test_places_under_other_names_have_the_same_ledger():
    """One formula: a permutation of places permutes the outcome and changes nothing else."""
    killed = [incident(date(2024, 1, 20), number) for number in range(3)]
    swapped = {"RUR": "SYL", "SYL": "RUR"}

    def renamed(one: Incident) -> Incident:
        number = int(one.incident_id.rsplit("-", 1)[1])
        return incident(one.occurred_on, number, outcome=one.codings[0].outcome, place=swapped[one.place])

    before = events_of(inputs(*a_year(), *killed))
    after = events_of(inputs(*(renamed(one) for one in (*a_year(), *killed))))
    assert [(swapped[one.place], one.began_on) for one in after.events] == [
        (one.place, one.began_on) for one in before.events
    ]
