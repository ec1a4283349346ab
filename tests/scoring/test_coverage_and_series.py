"""Coverage by what was heard, and series that never take missing for none."""

from dataclasses import replace
from datetime import date

import pytest

from domain.situation import Coverage, Printed, TriggerValue
from domain.source import SeriesRule, SourceClass, SourceState
from scoring.inputs import CountSeries, Heard

CIVIL, MEDIA = SourceClass.CIVIL_SOCIETY, SourceClass.MEDIA


def test_three_sources_of_two_classes_with_an_item_in_four_weeks_are_adequate(world):
    assert world.run().state().coverage is Coverage.ADEQUATE


def test_two_sources_are_limited(world):
    world.sources = world.sources[:2]
    found = world.run().state()
    assert (found.coverage, found.printed) == (Coverage.LIMITED, Printed.LIMITED)


def test_three_sources_of_one_class_are_limited(world, new_source):
    world.sources = [new_source(one, CIVIL) for one in ("a", "b", "c")]
    assert world.run().state().coverage is Coverage.LIMITED


def test_no_item_in_four_weeks_is_limited_and_not_quiet(world):
    world.heard = [
        Heard(source_id=view.card.id, place="RUR", items_4w=0, items_12w=4, items_52w=9) for view in world.sources
    ]
    assert world.run().state().printed is Printed.LIMITED


def test_two_weeks_of_looking_are_not_enough(world):
    world.sources = [replace(view, weeks_looked=2) for view in world.sources]
    assert world.run().state().coverage is Coverage.NONE


def test_a_failed_source_that_carried_half_of_the_volume_is_not_yet_a_failure(world, new_source):
    world.sources.append(new_source("fourth", MEDIA, state=SourceState.FAILED))
    heard = [Heard(source_id=v.card.id, place="RUR", items_4w=2, items_12w=6, items_52w=20) for v in world.sources]
    world.heard = [*heard[:3], replace(heard[3], items_52w=60)]
    assert world.run().state().coverage is Coverage.ADEQUATE
    world.heard = [*heard[:3], replace(heard[3], items_52w=61)]
    assert world.run().state().coverage is Coverage.FAILED


def series_of(values, *, period="month", start=date(2022, 1, 1), place="RUR", source_id="totals"):
    days = [
        date(start.year + (start.month - 1 + at) // 12, (start.month - 1 + at) % 12 + 1, 1) for at in range(len(values))
    ]
    return CountSeries(
        source_id=source_id,
        place=place,
        indicator="deaths",
        trigger="T06",
        unit="persons killed",
        period=period,
        label="",
        basis="as published",
        shared_with=(),
        values=tuple(zip(days, values, strict=True)),
    )


@pytest.fixture
def totals(new_source):
    rule = SeriesRule(indicator="deaths", trigger="T06", unit="persons killed", period="month")
    return new_source("totals", SourceClass.DATA_PROVIDER, series=(rule,), lag_days=60)


def test_a_monthly_series_is_scored_in_its_newest_complete_month(world, totals):
    world.sources.append(totals)
    world.counts = [series_of([float(4 + at % 2) for at in range(23)] + [60.0, 7.0])]  # to January, not yet over
    (found,) = [one for one in world.run().series("T06") if one.source_id]
    assert (found.period, found.period_start, found.observed) == ("month", date(2023, 12, 1), 60.0)
    assert found.alarm


def test_a_newest_month_without_a_figure_is_not_read_as_none(world, totals):
    world.sources.append(totals)
    world.counts = [series_of([float(40 + at % 5) for at in range(23)] + [None])]
    (found,) = [one for one in world.run().series("T06") if one.source_id]
    assert (found.observed, found.p_value, found.alarm) == (None, None, False)


def test_a_stale_series_is_not_scored(world, totals):
    world.sources.append(replace(totals, stale=True))
    world.counts = [series_of([5.0] * 23 + [500.0])]
    (found,) = [one for one in world.run().series("T06") if one.source_id]
    assert (found.stale, found.alarm, found.period_start) == (True, False, None)


def test_weeks_before_a_source_began_are_missing_and_shown_as_gaps(world, make, new_source):
    world.sources = [replace(view, first_day=date(2023, 12, 4)) for view in world.sources]
    world.incidents = [make("T02", date(2024, 1, 24), outcome="killed")]
    (found,) = world.run().series("T02")
    values = {start: value for start, value, _, _ in found.history}
    assert values[date(2023, 11, 27)] is None
    assert values[date(2023, 12, 4)] == 0.0


def test_a_fall_is_never_an_alarm(world, totals):
    world.sources.append(totals)
    world.counts = [series_of([float(90 + at % 7) for at in range(23)] + [0.0])]
    (found,) = [one for one in world.run().series("T06") if one.source_id]
    assert not found.alarm


def test_an_apparent_rise_needs_report_volume_and_says_not_applicable_without(world, make, wednesdays):
    world.incidents = [make("T02", day, outcome="killed") for day in wednesdays(0, 0, 0, 0)]
    assert {one.offset for one in world.run().series("T02")} == {"not applicable"}


def test_expected_range_holds_the_expected_value(world, totals):
    world.sources.append(totals)
    world.counts = [series_of([float(at % 9) for at in range(24)])]
    (found,) = [one for one in world.run().series("T06") if one.source_id]
    assert found.lower <= found.expected <= found.upper


def test_a_met_series_of_totals_names_its_provider_as_origin(world, totals):
    world.sources.append(totals)
    world.counts = [series_of([float(4 + at % 2) for at in range(23)] + [60.0])]
    found = world.run()
    assert found.trigger("T06").value is TriggerValue.MET
    assert found.trigger("T06").origins == ("totals",)
    assert found.situation().origins == ("totals",)


def test_two_sources_may_name_an_indicator_alike_and_reach_back_differently(world, totals, new_source):
    rule = SeriesRule(indicator="deaths", trigger="T06", unit="persons killed", period="month")
    world.sources += [totals, new_source("other", SourceClass.DATA_PROVIDER, series=(rule,), lag_days=60)]
    world.counts = [series_of([5.0] * 24), series_of([5.0] * 12, start=date(2023, 1, 1), source_id="other")]
    assert {one.source_id for one in world.run().series("T06")} == {"totals", "other"}


def test_a_month_is_asked_once_and_gives_the_same_answer_in_each_week(world, make, totals, wednesdays):
    """What happens elsewhere in a week does not change whether a month was an alarm."""
    world.sources.append(totals)
    world.counts = [series_of([float(4 + at % 2) for at in range(23)] + [19.0])]
    world.incidents = [make("T02", day, place="SYL") for day in wednesdays(*[2] * 40)]
    before = [("RUR", "T06", "totals") in week for week in world.alarms()[:4]]
    world.incidents = []
    assert [("RUR", "T06", "totals") in week for week in world.alarms()[:4]] == before
    assert len(set(before)) == 1
