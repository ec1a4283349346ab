"""Every card against real payloads: the samples always, the recorded ones where they are at hand."""

import json
import shutil
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collectors.base import collector_for, parse_all
from collectors.records import Plan
from collectors.replay import ReplayClient, list_looks
from collectors.samples.make_specimen import SAMPLES, WEEKS, make
from domain.defect import DefectLevel
from domain.signal import Basis, Fact, Payload, Report
from domain.source import Kind, known, load_cards
from scoring.coding.structured import code, unknown_categories
from tests.collectors.conftest import ROOT

CARDS = load_cards(ROOT / "collectors" / "sources")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
INSECURITY_INSIGHT = [card for card in CARDS if card.publisher == "Insecurity Insight"]
FILES = {
    "insecurity_insight_aid": "insecurity_insight/aidWorkerKIKA.json",
    "insecurity_insight_education": "insecurity_insight/education.json",
    "insecurity_insight_protection": "insecurity_insight/protection.json",
    "insecurity_insight_sexual_violence": "insecurity_insight/sv.json",
    "gaza_daily": "gaza_daily/casualties_daily.min.json",
    "west_bank_daily": "gaza_daily/west_bank_daily.min.json",
    "shutdowns_keepiton": "shutdowns/access_now_snapshot_2026-05-20.parquet",
    "ucdp_state_months": "ucdp_country_month/Conf.csv",
}


def card_of(source_id):
    return known(CARDS, source_id)


def played(week):
    """Source, card, payload and what was read, for each recorded payload of a week."""
    for look in list_looks(SAMPLES / week):
        if look.payloads:
            card = card_of(look.source_id)
            for payload in collector_for(card).fetch(card, ReplayClient(look)):
                yield card, payload, parse_all(card, payload)


def recorded_payload(card, path, when=NOW):
    return Payload(source_id=card.id, url=card.url, status=200, headers=(), body=path.read_bytes(), collected_at=when)


def test_there_are_twelve_cards_at_least_over_six_kinds():
    assert len(CARDS) >= 12
    assert {card.kind for card in CARDS} == set(Kind)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_a_card_says_who_where_and_under_what_licence(card):
    assert all((card.title, card.publisher, card.licence, card.citation, card.coverage, card.notes, card.languages))
    assert card.lag_days > 0
    assert card.expected_max > 0


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_every_field_that_a_rule_reads_is_handed_on_as_a_fact(card):
    read = {rule.field for rule in card.codes} | {rule.persons for rule in card.codes}
    read |= {pair.partition("=")[0] for rule in card.codes for pair in (*rule.only_if, *rule.unless)}
    assert read - {""} <= set(card.fields.facts)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_no_field_is_both_read_and_ignored(card):
    plan = Plan.of(card)
    assert not set(card.fields.ignore) & (plan.needed | plan.welcome)
    assert len({rule.rule for rule in card.codes}) == len(card.codes)


def test_four_sets_of_one_publisher_are_one_origin():
    assert {card.origin_id for card in INSECURITY_INSIGHT} == {"Insecurity Insight"}
    assert {card_of(name).origin_id for name in ("ucdp_state_months", "ucdp_candidate_events")} == {"UCDP"}


@pytest.mark.parametrize("week", [week.name for week in WEEKS])
def test_a_specimen_week_is_read_without_a_false_note(week):
    seen = Counter()
    for card, payload, (reports, observations, defects) in played(week):
        seen[card.id] += len(reports) + len(observations)
        unexpected = {(d.level, d.check) for d in defects} - {
            (DefectLevel.INFO, "duplicate_item"),
            (DefectLevel.WARN, "same_ref_twice"),
        }
        assert unexpected == set(), card.id
        last = max([r.occurred_on or r.published_at.date() for r in reports] + [o.period_start for o in observations])
        assert last <= payload.collected_at.date()
    assert all(seen.values())
    assert seen["ucdp_state_months"] > 50_000


def test_letters_stand_in_the_later_week_alone_and_only_those_that_were_public():
    assert "sp_communications" not in {card.id for card, _, _ in played("2024-W04")}
    pages = [(payload, read) for card, payload, read in played("2026-W13") if card.id == "sp_communications"]
    assert [len(reports) for _, (reports, _, _) in pages] == [10, 10, 10]
    for payload, (reports, _, _) in pages:
        assert payload.basis is Basis.ESTIMATED
        for report in reports:
            sent_on = date.fromisoformat(next(fact.value for fact in report.facts if fact.name == "sent_on"))
            assert report.published_at.date() == sent_on + timedelta(days=60)
            assert report.published_at < payload.collected_at
            assert report.place == ""


def test_vintages_are_as_published_and_everything_else_says_that_it_is_not():
    for week in WEEKS:
        for look in list_looks(SAMPLES / week.name):
            vintage = look.source_id == "ucdp_state_months"
            assert (look.basis is Basis.AS_PUBLISHED) == vintage
            # Vintages are looks that happened; between them the same source could be seen, and nothing new was there.
            assert look.reconstructed != bool(vintage and look.payloads)
            assert look.looked_at < week.as_of


def test_each_reconstructed_source_was_looked_at_in_each_of_four_weeks():
    for week in WEEKS:
        looks = [look for look in list_looks(SAMPLES / week.name) if look.reconstructed]
        per_source = Counter(look.source_id for look in looks)
        assert per_source.pop("ucdp_state_months") == 3
        assert set(per_source.values()) == {4}
        assert all(not look.payloads for look in looks if look.looked_at != week.final_look)
        assert {look.looked_at.weekday() for look in looks if not look.payloads} == {0}


def test_the_second_vintage_of_the_later_week_steps_backwards():
    newest = [
        max(observation.period_start for observation in observations)
        for card, _, (_, observations, _) in played("2026-W13")
        if card.id == "ucdp_state_months"
    ]
    assert newest == [date(2024, 11, 1), date(2023, 12, 1), date(2025, 8, 1), date(2026, 2, 1)]


def test_samples_hold_no_free_text_no_coordinates_and_no_names():
    for week in WEEKS:
        for card, payload, _ in played(week.name):
            if card in INSECURITY_INSIGHT:
                for row in json.loads(payload.body):
                    assert not any((row["Event Description"], row["Latitude"], row["Longitude"]))


def test_a_figure_for_two_days_stands_on_neither():
    card = card_of("gaza_daily")
    (body, reads) = next((p.body, read) for c, p, read in played("2026-W13") if c == card)
    rows = {row["report_date"]: row for row in json.loads(body)}
    for observation in reads[1]:
        row = rows[observation.period_start.isoformat()]
        whole_day = row["report_source"] != "missing" and row["report_period"] == 24
        assert observation.value == (row.get("killed") if whole_day else None)


def test_the_first_days_of_the_west_bank_series_are_those_of_the_payload():
    reads = next(read for card, _, read in played("2024-W04") if card.id == "west_bank_daily")
    assert [observation.value for observation in reads[1][:3]] == [6.0, 8.0, 4.0]


def test_a_wide_file_of_fifty_thousand_cells_is_read_in_time():
    card = card_of("ucdp_state_months")
    payload = next(p for c, p, _ in played("2024-W04") if c == card)
    start = time.perf_counter()
    _, observations, _ = parse_all(card, payload)
    assert len(observations) == 420 * 128
    assert time.perf_counter() - start < 1.5


@pytest.mark.recorded
@pytest.mark.parametrize("source_id", FILES)
def test_a_recorded_payload_is_read_whole(recorded, source_id):
    card = card_of(source_id)
    reports, observations, defects = parse_all(card, recorded_payload(card, recorded / FILES[source_id]))
    assert {defect.check for defect in defects} <= {"duplicate_item", "same_ref_twice"}
    counts = {
        "insecurity_insight_aid": 1299,
        "insecurity_insight_education": 2428,
        "insecurity_insight_protection": 1414,
        "insecurity_insight_sexual_violence": 1829,
        "gaza_daily": 1051,
        "west_bank_daily": 1051,
        "ucdp_state_months": len(observations),
        "shutdowns_keepiton": 1886,
    }
    assert len(reports) + len(observations) == counts[source_id]


@pytest.mark.recorded
def test_every_vintage_of_the_monthly_totals_is_read(recorded):
    card = card_of("ucdp_state_months")
    for path in sorted((recorded / "ucdp_country_month" / "vintages").glob("Conf_asof_*.csv")):
        when = datetime.fromisoformat(path.stem[-10:]).replace(hour=12, tzinfo=UTC)
        _, observations, defects = parse_all(card, recorded_payload(card, path, when))
        assert defects == [], path.name
        assert len(observations) >= card.expected_min


@pytest.mark.recorded
def test_a_recorded_event_file_with_a_row_of_tags_is_read(recorded):
    card = card_of("ucdp_candidate_events")
    payload = recorded_payload(card, recorded / "ucdp" / "conflict_data_BGD.csv")
    reports, _, (defect,) = parse_all(card, payload)
    assert len(reports) == 601
    assert (defect.check, defect.evidence) == ("unread_fields", "iso3")


@pytest.mark.recorded
def test_an_event_file_without_its_header_is_named(recorded):
    card = card_of("ucdp_candidate_events")
    whole = recorded_payload(card, recorded / "ucdp" / "conflict_data_BGD.csv")
    _, _, (defect,) = parse_all(card, replace(whole, body=whole.body.split(b"\n", 2)[2]))
    assert (defect.level, defect.check) == (DefectLevel.ERROR, "no_header")


@pytest.mark.recorded
def test_the_markup_of_letters_is_that_of_the_card(recorded):
    card = card_of("sp_communications")
    path = recorded / "sp_communications" / "CommunicationSent_structure_HANDMADE.html"
    reports, _, defects = parse_all(card, recorded_payload(card, path))
    assert [report.source_ref for report in reports] == ["NGA 1/2026", "CHE 1/2026", "BLR 1/2026", "USA 2/2026"]
    assert [defect.check for defect in defects] == ["same_ref_twice"]


@pytest.mark.recorded
def test_the_specimen_is_made_again_byte_for_byte(recorded, tmp_path):
    make(recorded, tmp_path)
    for week in WEEKS:
        made = {path.name: path.read_bytes() for path in (tmp_path / week.name).iterdir()}
        kept = {path.name: path.read_bytes() for path in (SAMPLES / week.name).iterdir()}
        assert made == kept
    shutil.rmtree(tmp_path)


def test_a_card_without_a_real_payload_is_not_in_the_specimen():
    there = {look.source_id for week in WEEKS for look in list_looks(SAMPLES / week.name)}
    absent = {card.id for card in CARDS} - there
    assert absent >= {
        "un_news_human_rights",
        "un_geneva_press",
        "front_line_defenders",
        "ucdp_candidate_events",
        "sg_reprisals_report",
    }


SET_BESIDE = [(card, path) for card in CARDS for path in sorted((ROOT / "tests" / "recorded").glob(f"{card.id}.*"))]


@pytest.mark.parametrize(("card", "path"), SET_BESIDE, ids=lambda one: getattr(one, "id", getattr(one, "name", "")))
def test_a_payload_set_beside_its_card_is_read_without_a_defect(card, path):
    """A new source is its card and one payload, `tests/recorded/<id>.<ending>`; this test finds both by themselves."""
    reports, observations, defects = parse_all(card, recorded_payload(card, path))
    assert [one for one in defects if one.level is not DefectLevel.INFO] == []
    assert card.expected_min <= len(reports) + len(observations) <= card.expected_max
    assert all(one.place for one in (*reports, *observations))


def coded(source_id, **facts):
    """Triggers that a card gives to one event of made-up fields."""
    known_facts = tuple(Fact(name=name.replace("_", " "), value=value) for name, value in facts.items())
    event = Report(source_id=source_id, source_ref="1", title="", url="", collected_at=NOW, facts=known_facts)
    return sorted({one.trigger for one in code(event, card_of(source_id))})


@pytest.mark.parametrize(
    ("author", "weapon", "triggers"),
    [
        ("Police", "Firearms", ["T02"]),
        ("NSA", "Knife", ["T02"]),
        ("NSA, Police", "Firearms", ["T02"]),
        ("Host Government: Military", "Aerial Bomb: Plane", ["T06"]),
        ("Other", "Artillery, Firearms", ["T06"]),
        ("No Information", "Firearms", ["T06"]),
        ("No Information", "Arson", []),
        ("Civilian", "Firearms", []),
        ("Criminal", "Firearms", []),
    ],
)
def test_a_killing_counts_by_its_alleged_author_and_weapon_and_a_private_crime_or_a_fire_does_not(
    author, weapon, triggers
):
    """A blaze whose cause nobody names, or a rampage of a student, is no alleged violation by anybody."""
    said = {"Reported Perpetrator": author, "Weapon Carried/Used": weapon, "Students Killed": "3"}
    assert coded("insecurity_insight_education", **said) == triggers


def test_sexual_violence_is_torture_by_agents_or_in_custody_and_an_attack_in_conflict():
    place, author = "Location Where Sexual Violence Was Committed", "Reported Perpetrator"
    said = {"SV Context": "CRSV", "Number of Reported Victims": "1"}
    assert coded("insecurity_insight_sexual_violence", **said, **{author: "Police", place: "Street"}) == ["T03"]
    assert coded("insecurity_insight_sexual_violence", **said, **{author: "NSA", place: "Police Station"}) == ["T03"]
    assert coded("insecurity_insight_sexual_violence", **said, **{author: "NSA", place: "Street"}) == ["T06"]
    assert coded("insecurity_insight_sexual_violence", **said, **{author: "Employee", place: "Street"}) == []


def test_sexual_violence_is_never_placed_below_the_level_of_a_state():
    reports = [
        one for card, _, (found, _, _) in played("2024-W04") if card.id.endswith("sexual_violence") for one in found
    ]
    assert reports
    assert {report.first_level for report in reports} == {""}


@pytest.mark.parametrize("card", INSECURITY_INSIGHT, ids=lambda card: card.id)
def test_every_author_that_the_real_payloads_name_is_in_a_list_of_the_card(card):
    """A new word would match no rule; it becomes a defect of the issue, and this test says so first."""
    for week in WEEKS:
        for own, _, (reports, _, _) in played(week.name):
            if own.id == card.id:
                assert [unknown_categories(report, own) for report in reports if unknown_categories(report, own)] == []


@pytest.mark.recorded
def test_every_recorded_vintage_is_read_and_the_broken_ones_end_early(recorded):
    """All 57: two upstream slips fell back to December 2023, and nothing in them alone says so."""
    card = card_of("ucdp_state_months")
    ends = {}
    for path in sorted((recorded / "ucdp_country_month" / "vintages").glob("*.csv")):
        _, observations, defects = parse_all(card, recorded_payload(card, path))
        assert [one for one in defects if one.level is DefectLevel.ERROR] == [], path.name
        ends[path.stem] = max(one.period_start for one in observations if one.value is not None)
    assert len(ends) == 57
    assert ends["Conf_asof_2025-01-21"] == ends["Hist_asof_2026-03-27"] == date(2023, 12, 1)
    assert ends["Conf_asof_2024-12-21"] > ends["Conf_asof_2025-01-21"]
