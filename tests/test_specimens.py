"""The two bundled weeks, run as they are: what the pages say of them is what the payloads hold."""

import csv
import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from domain.classification import Lens
from domain.situation import Level, Printed, TriggerValue
from domain.source import SourceState, load_cards
from domain.state import PlaceKind, load_gazetteer
from horizon import stages
from horizon.settings import Settings, load_settings
from warehouse.connection import open_store
from warehouse.outcome import Run, read


def play(folder: Path, week: str) -> tuple[Run, Settings, stages.Drafted]:
    settings = replace(load_settings({"WEEK": week}), var=folder)
    for card in load_cards(settings.cards):
        stages.collect(card.id, settings)
    loaded = stages.load(settings=settings)
    stages.score(as_of=loaded.as_of, settings=settings)
    drafted = stages.draft(as_of=loaded.as_of, settings=settings)
    with open_store(folder, Lens.RESTRICTED) as store:
        return read(store, week), settings, drafted


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return play(tmp_path_factory.mktemp("w04"), "2024-W04")


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return play(tmp_path_factory.mktemp("w13"), "2026-W13")


@pytest.mark.slow
@pytest.mark.parametrize("week", ["first", "second"])
def test_all_193_members_the_observers_and_the_territories_are_in_every_issue(week, request):
    run, _, _ = request.getfixturevalue(week)
    places = load_gazetteer().places
    assert Counter(place.kind for place in places)[PlaceKind.MEMBER] == 193
    assert sorted(state.place for state in run.states) == sorted(place.code for place in places)


@pytest.mark.slow
@pytest.mark.parametrize("week", ["first", "second"])
def test_no_level_stands_above_what_one_origin_allows(week, request):
    run, _, _ = request.getfixturevalue(week)
    for situation in run.situations:
        if len(situation.origins) < 2:
            assert situation.level is Level.WATCH


@pytest.mark.slow
@pytest.mark.parametrize("week", ["first", "second"])
def test_quiet_always_comes_with_the_rise_that_would_have_shown(week, request):
    run, _, _ = request.getfixturevalue(week)
    assert all(state.smallest_rise is not None for state in run.states if state.printed is Printed.QUIET)


@pytest.mark.slow
def test_monthly_totals_are_those_of_the_vintage_and_are_never_spread_over_weeks(first):
    run, settings, _ = first
    file = settings.specimen / "ucdp_state_months.2024-01-26.csv"
    table = list(csv.reader(file.read_text("utf-8").splitlines()))
    december = dict(zip(table[0], table[-1], strict=True))
    (found,) = [one for one in run.series if one.place == "PHL" and one.source_id == "ucdp_state_months"]
    assert (found.period, str(found.period_start), found.observed) == (
        "month",
        "2023-12-01",
        float(december["Philippines"]),
    )


@pytest.mark.slow
def test_a_providers_unit_is_shown_on_both_lines_with_its_name(first):
    run, _, _ = first
    shared = [one for one in run.series if one.shared_with]
    assert {(one.place, one.shared_with) for one in shared} == {("ISR", ("PSE",)), ("PSE", ("ISR",))}
    assert all("provider's unit" in one.label for one in shared)


@pytest.mark.slow
def test_weekly_counts_are_those_of_the_payloads(first):
    """Aid workers detained in the specimen, counted here from the raw rows by hand."""
    run, settings, _ = first
    rows = json.loads(gzip.decompress((settings.specimen / "insecurity_insight_aid.json.gz").read_bytes()))
    arrested = {
        str(row["SiND Event ID"])
        for row in rows
        if row["Country ISO"] == "YEM" and int(row["Aid Workers Arrested"]) and row["Date"][:4] == "2023"
    }
    found = [
        one
        for one in run.incidents
        if one.place == "YEM"
        and one.occurred_on.year == 2023
        and any(label.rule == "insecurity_insight_aid:aid.arrested" for label in one.codings)
    ]
    assert len(found) == len(arrested)


@pytest.mark.slow
def test_a_vintage_that_stepped_backwards_is_named_and_not_used(second):
    run, _, _ = second
    (found,) = [one for one in run.defects if one.check == "vintage_steps_backwards"]
    assert (found.source_id, found.record) == ("ucdp_state_months", "2025-01-21")
    newest = {one.period_start.isoformat() for one in run.series if one.source_id == "ucdp_state_months"}
    assert newest == {"2026-02-01"}


@pytest.mark.slow
def test_series_past_their_lag_are_stale_and_nothing_is_called_quiet_by_them(second):
    run, _, _ = second
    state = {source.source_id: source.state for source in run.sources}
    assert state["insecurity_insight_aid"] is SourceState.STALE
    assert state["west_bank_daily"] is SourceState.STALE
    assert {one.printed for one in run.states} <= {Printed.SIGNALS, Printed.LIMITED, Printed.NOT_MONITORED}
    for trigger in ("T02", "T03", "T04", "T11"):
        assert {one.value for one in run.triggers if one.trigger == trigger} == {TriggerValue.CANNOT_TELL}


@pytest.mark.slow
def test_letters_are_counted_by_the_state_addressed_and_a_company_is_no_state(second):
    run, _, _ = second
    letters = dict(run.letters)
    assert letters["GBR"] == 4
    assert sum(letters.values()) < 30  # those to companies and organisations are to no State
    assert [one for one in run.defects if one.source_id == "sp_communications"] == []


@pytest.mark.slow
def test_letters_without_known_replies_say_nothing_of_cooperation(second):
    run, _, _ = second
    found = {one.rule for one in run.triggers if one.trigger == "T15b"}
    assert found == {"T15b:few_letters", "T15b:replies_unknown"}


@pytest.mark.slow
def test_cards_without_a_real_payload_are_named_and_nothing_stands_in_their_place(first):
    run, settings, drafted = first
    absent = {source.source_id for source in run.sources if source.state is SourceState.NOT_IN_SPECIMEN}
    assert drafted.real_cards == len(run.sources) - len(absent) == 8
    for source in absent:
        assert not (settings.landing / source).exists()


@pytest.mark.slow
def test_every_page_says_that_nobody_reviewed_it(first):
    _, _, drafted = first
    for path in drafted.paths:
        if path.suffix == ".html":
            assert "Machine proposal. Reviewed by nobody." in path.read_text("utf-8"), path.name
