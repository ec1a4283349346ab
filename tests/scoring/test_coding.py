"""From structured fields to labels, names to places, reports to incidents: each with the rule that said so."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.incident import Actor
from domain.signal import Fact, Report
from domain.source import Cell, CodeRule, SourceClass
from domain.state import load_gazetteer
from scoring.coding.places import resolve
from scoring.coding.structured import category, code, label, unknown_categories
from scoring.dedup import CodedReport, group

KNOWN = datetime(2024, 1, 28, tzinfo=UTC)


@pytest.fixture
def card(new_source):
    rules = (
        CodeRule(
            rule="killed",
            trigger="T02",
            field="Killed",
            when=Cell.POSITIVE,
            persons="Killed",
            outcome="killed",
            unless=("Weapon=Shell|Bomb",),
        ),
        CodeRule(
            rule="shelled",
            trigger="T06",
            field="Killed",
            when=Cell.POSITIVE,
            only_if=("Weapon=Shell|Bomb",),
            persons="Killed",
            outcome="killed",
        ),
        CodeRule(rule="raid", trigger="T04", field="Kind", when=Cell.EQUALS, equals=("Raid",), outcome="detained"),
        CodeRule(rule="noted", trigger="T11", field="Note", when=Cell.PRESENT),
        CodeRule(rule="every", trigger="T13"),
    )
    view = new_source("log", SourceClass.DATA_PROVIDER, origin="Publisher")
    return replace(view.card, codes=rules)


def report(**facts: str) -> Report:
    return Report(
        source_id="log",
        source_ref="17",
        title="",
        url="",
        collected_at=KNOWN,
        occurred_on=date(2024, 1, 24),
        facts=tuple(Fact(name=name, value=value) for name, value in facts.items()),
    )


def test_each_label_names_the_card_and_rule_that_gave_it(card):
    labels = code(report(Killed="3", Weapon="Knife"), card)
    assert [(one.trigger, one.rule, one.persons, one.outcome) for one in labels] == [
        ("T02", "log:killed", 3, "killed"),
        ("T13", "log:every", None, ""),
    ]


def test_a_condition_switches_one_rule_off_and_another_on(card):
    assert [one.trigger for one in code(report(Killed="3", Weapon="bomb"), card)] == ["T06", "T13"]
    assert [one.trigger for one in code(report(Killed="3", Weapon="Knife, Shell"), card)] == ["T06", "T13"]


@pytest.mark.parametrize("number", ["0", "", "unknown", "-1"])
def test_a_number_that_is_none_zero_or_unreadable_gives_no_label(card, number):
    assert [one.trigger for one in code(report(Killed=number), card)] == ["T13"]


def test_a_field_that_equals_or_says_anything_gives_its_label(card):
    assert [one.trigger for one in code(report(Kind="RAID", Note="x"), card)] == ["T04", "T11", "T13"]
    assert [one.trigger for one in code(report(Kind="Raids", Note=" "), card)] == ["T13"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Host Government: Military", Actor.STATE_AGENTS),
        ("Police", Actor.STATE_AGENTS),
        ("NSA", Actor.ARMED_GROUP),
        ("Foreign Forces - Military", Actor.FOREIGN_STATE),
        ("Criminal", Actor.UNKNOWN),
        ("Police, NSA", Actor.UNKNOWN),
        ("", Actor.UNKNOWN),
    ],
)
def test_actors_are_categories_and_several_named_are_unknown(said, kind):
    assert category(said) is kind


def test_a_name_that_nobody_knows_is_a_defect_and_an_empty_one_says_nothing():
    found = resolve([("log", "Niger"), ("log", "Ruritania"), ("log", " ")], load_gazetteer())
    assert [(name, match.places) for (_, name), match in found.matches] == [("Niger", ("NER",))]
    assert [(one.check, one.evidence) for one in found.defects] == [("unknown_state", "Ruritania")]


def test_a_providers_unit_stands_on_each_line_that_it_covers():
    gazetteer = load_gazetteer()
    unit = gazetteer.units[0]
    found = resolve([(unit.source_id, unit.name), ("log", unit.name)], gazetteer)
    by_source = {source: match for (source, _), match in found.matches}
    assert by_source[unit.source_id].places == unit.places
    assert len(by_source["log"].places) == 1


def coded(card, **changes) -> CodedReport:
    parts = {
        "ref": "17",
        "day": date(2024, 1, 24),
        "place": "NER",
        "killed": "2",
        "source_id": "log",
        "known": KNOWN,
        "first_level": "North",
        "published": None,
    } | changes
    own = replace(card, id=parts["source_id"])
    one = replace(
        report(Killed=parts["killed"]),
        source_id=own.id,
        source_ref=parts["ref"],
        occurred_on=parts["day"],
        first_level=parts["first_level"],
        published_at=parts["published"],
    )
    return CodedReport(
        report=one,
        card=own,
        place=parts["place"],
        actor=Actor.STATE_AGENTS,
        labels=label(one, own),
        first_known_at=parts["known"],
    )


def test_two_data_sets_of_one_publisher_with_one_number_are_one_incident_of_one_origin(card):
    (found,) = group([coded(card, killed="2"), coded(card, source_id="other", killed="3")]).incidents
    assert found.origins == ("Publisher",)
    assert found.sources == ("log", "other")
    assert [(one.trigger, one.persons) for one in found.codings] == [("T02", 3), ("T13", None)]


def test_the_same_number_in_another_place_or_another_number_is_another_incident(card):
    assert len(group([coded(card), coded(card, place="NGA"), coded(card, ref="18")]).incidents) == 3


def test_an_incident_dated_by_its_publication_says_so(card):
    published = datetime(2024, 1, 25, 8, tzinfo=UTC)
    (found,) = group([coded(card, day=None, published=published)]).incidents
    assert (found.occurred_on, found.date_inferred, found.first_published_at) == (date(2024, 1, 25), True, published)


def test_a_report_that_nothing_dates_is_no_incident(card):
    assert group([coded(card, day=None)]).incidents == ()


def test_two_first_level_places_of_one_incident_are_none(card):
    (found,) = group([coded(card), coded(card, source_id="other", first_level="South")]).incidents
    assert found.first_level == ""


def test_the_order_of_reports_changes_nothing(card):
    one, two = coded(card), coded(card, source_id="other", known=datetime(2024, 1, 27, tzinfo=UTC))
    assert group([one, two]) == group([two, one])
    assert group([one, two]).incidents[0].first_known_at == two.first_known_at


def test_a_word_that_a_closed_field_does_not_list_is_named(card):
    closed = replace(card, fields=replace(card.fields, closed=("Actor=Police|NSA",)))
    assert unknown_categories(report(Actor="Police, NSA"), closed) == ()
    assert unknown_categories(report(Actor=""), closed) == ()
    assert unknown_categories(report(Actor="Police, Wizard"), closed) == (("Actor", "Police, Wizard"),)
