"""Report volume: what a rise is allowed for, and when nothing can be said of it."""

from dataclasses import replace
from datetime import date

import numpy as np

from domain.situation import Coverage
from domain.source import SourceClass, SourceState
from domain.window import Week
from scoring.inputs import Volume, VolumeWeek
from scoring.volume import allowance, listen

NEWEST = Week(2024, 4)


def volume(numbers, *, place="RUR", source="gazette", own=0, unread=0):
    """Reports by week, the newest first."""
    weeks = tuple(
        VolumeWeek(start=NEWEST.back(back).first_day, reports=number, own=min(own, number), unread=min(unread, number))
        for back, number in enumerate(numbers)
        if number
    )
    return Volume(source_id=source, place=place, weeks=weeks)


def ratio(world, **more):
    starts = [NEWEST.back(back).first_day for back in range(9, -1, -1)]
    return allowance(world.inputs(), places=["RUR", "SYL"], starts=starts, method=replace(world.method, **more))


def test_volume_is_over_its_own_mean_with_half_a_report_added(world):
    world.volumes = [volume([20, *[5] * 9])]
    found = ratio(world)[0]
    np.testing.assert_allclose(found, [5.5 / 7.0] * 9 + [20.5 / 7.0])


def test_items_on_the_triggers_themselves_are_left_out(world):
    world.volumes = [volume([50, *[5] * 9], own=3)]
    np.testing.assert_allclose(ratio(world)[0], [2.5 / 7.0] * 9 + [47.5 / 7.0])


def test_too_few_reports_explain_nothing(world):
    world.volumes = [volume([9, *[0] * 9])]
    assert np.isnan(ratio(world)).all()
    assert not np.isnan(ratio(world, offset_reports=0.5)[0]).any()


def test_a_week_in_which_no_source_spoke_is_missing_and_not_none(world):
    world.sources = [replace(view, first_day=date(2024, 1, 1)) for view in world.sources]
    world.volumes = [volume([5] * 4)]
    found = ratio(world)[0]
    assert np.isnan(found[:6]).all()
    assert not np.isnan(found[6:]).any()


def test_silence_needs_weeks_of_volume_to_expect_any(world):
    world.sources = [replace(view, first_day=Week(2023, 30).first_day) for view in world.sources]
    world.volumes = [volume([1] * 30)]
    assert listen(world.inputs(), method=world.method)["RUR"].expected is None
    world.sources = [replace(view, first_day=Week(2023, 20).first_day) for view in world.sources]
    world.volumes = [volume([1] * 40)]
    assert listen(world.inputs(), method=world.method)["RUR"].expected == 4.0


def test_a_mandate_far_away_is_no_sign_that_a_place_fell_silent(world, new_source):
    world.sources = [*world.sources, new_source("mandate", SourceClass.SPECIAL_PROCEDURES)]
    world.volumes = [volume([0] * 4 + [9] * 60, source="mandate"), volume([2] * 64)]
    found = listen(world.inputs(), method=world.method)["RUR"]
    assert (found.observed, found.expected) == (8, 8.0)


def test_without_a_history_of_volume_a_place_is_not_quiet(world):
    world.volumes = []
    found = world.run()
    assert found.state().coverage is Coverage.LIMITED
    assert "silence could not be noticed" in found.outcome.coverage[0].reason


def test_a_place_whose_main_language_nobody_reads_is_not_quiet(world):
    usual = world.usual_volumes()
    world.volumes = [*usual, volume([9] * 40, unread=9)]
    assert world.run().state().coverage is Coverage.LIMITED
    assert world.run().state("SYL").coverage is Coverage.ADEQUATE
    world.volumes = [*usual, volume([9] * 40, unread=4)]
    assert world.run().state().coverage is Coverage.ADEQUATE


def test_a_failed_source_is_named_where_silence_is_asked_about(world):
    world.sources = [
        replace(view, state=SourceState.FAILED) if view.card.id == "gazette" else view for view in world.sources
    ]
    world.volumes = [volume([1] * 104)]
    assert listen(world.inputs(), method=world.method)["RUR"].failed == ("gazette",)
