"""Late reports reach the detectors, and a month of which too much is still to come is not read."""

from dataclasses import replace
from datetime import date

import pytest

from domain.situation import TriggerValue
from domain.source import SeriesRule, SourceClass
from scoring.inputs import CountSeries
from scoring.late import Early, foresee
from scoring.method import load_method

MONTHS = [date(2018 + at // 12, at % 12 + 1, 1) for at in range(72)]  # to December 2023


def counts(place, newest):
    """Ten deaths a month, and other numbers in the newest months."""
    values = [10.0 + at % 3 for at in range(72)]
    values[-len(newest) :] = newest
    return CountSeries(
        source_id="totals",
        place=place,
        indicator="deaths",
        trigger="T06",
        unit="persons killed",
        period="month",
        label="",
        basis="as published",
        shared_with=(),
        values=tuple(zip(MONTHS, values, strict=True)),
    )


def halved(places, *, months):
    """In every earlier vintage the newest three months held half of what they came to, the three before them all."""
    return [
        Early(place=place, month=MONTHS[at], value=10.0 + at % 3 if age > 2 else round((10.0 + at % 3) / 2), age=age)
        for place in places
        for at in months
        for age in range(6)
    ]


@pytest.fixture
def totals(new_source):
    rule = SeriesRule(indicator="deaths", trigger="T06", unit="persons killed", period="month")
    return new_source("totals", SourceClass.DATA_PROVIDER, series=(rule,), lag_days=60)


@pytest.fixture
def known():
    return {("totals", "deaths"): halved(("RUR", "SYL"), months=range(24, 54))}


def test_draws_are_about_what_earlier_months_came_to(known):
    own = [counts("RUR", [20.0]), counts("SYL", [6.0])]
    found = {one.place: one for one in foresee(early=known, counts=own, method=load_method())}
    newest = found["RUR"].periods[-1]
    assert newest[0] == date(2023, 12, 1)
    assert 20 < sum(newest[2]) / len(newest[2]) < 50
    assert 0.4 <= newest[1] < 0.8
    assert newest[1] == found["SYL"].periods[-1][1]  # a property of the month, not of a State


def test_a_provider_that_never_changed_a_count_has_nothing_to_foresee():
    assert foresee(early={}, counts=[counts("RUR", [20.0])], method=load_method()) == ()


def test_draws_are_the_same_on_every_day(known):
    own = [counts("RUR", [20.0])]
    assert foresee(early=known, counts=own, method=load_method()) == foresee(
        early=known, counts=own, method=load_method()
    )


def test_a_month_half_of_which_is_still_to_come_is_not_read(world, totals, known):
    world.sources.append(totals)
    world.counts = [counts("RUR", [6.0]), counts("SYL", [5.0])]
    assert world.run().trigger("T06").value is TriggerValue.NOT_MET
    world.late = list(foresee(early=known, counts=world.counts, method=world.method))
    found = world.run()
    assert (found.trigger("T06").value, found.trigger("T06").rule) == (TriggerValue.CANNOT_TELL, "T06:late_reports")
    (series,) = [one for one in found.series("T06") if one.source_id]
    assert date(2023, 7, 1) < series.period_start < date(2023, 12, 1)
    assert series.share_here >= 0.8
    assert series.late


def test_an_alarm_rests_on_what_the_month_will_come_to(world, totals, known):
    """Fifteen is within the usual range of ten to twelve a month; the thirty that fifteen come to is not."""
    world.sources.append(totals)
    world.counts = [counts("RUR", [15.0]), counts("SYL", [5.0])]
    world.method = replace(world.method, complete_share=0.0)
    (before,) = [one for one in world.run().series("T06") if one.source_id and one.place == "RUR"]
    world.late = list(foresee(early=known, counts=world.counts, method=world.method))
    (after,) = [one for one in world.run().series("T06") if one.source_id and one.place == "RUR"]
    assert (before.alarm, after.alarm) == (False, True)
    assert after.p_value < before.p_value
    assert after.observed == 15.0
