"""Sources without a real payload, each on a made-up one in the documented form, and the modules of sources."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow
import pyarrow.parquet
import pytest

from collectors.base import parse_all
from domain.defect import DefectLevel
from domain.source import Kind, known, load_cards
from tests.collectors.conftest import ROOT, checks, make_payload

CARDS = load_cards(ROOT / "collectors" / "sources")
FEEDS = [card for card in CARDS if card.kind is Kind.RSS]

# The Harbour Gazette of Ruritania in the six languages of the United Nations.
HEADLINES = {
    "en": "The council of Ruritania meets",
    "fr": "Le conseil de Ruritanie se réunit",
    "es": "Se reúne el consejo de Ruritania",
    "ru": "Заседание совета Руритании",
    "ar": "اجتماع مجلس روريتانيا",
    "zh": "鲁里塔尼亚理事会开会",
}


def gazette(headline, *, declared=""):
    """A feed in the form that the publishers document: RSS 2.0, description escaped twice, a flat 12:00."""
    language = f"<language>{declared}</language>" if declared else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Harbour Gazette</title>
    <link>https://gazette.example/</link><description>Fictional</description>{language}<item><title>{headline}</title>
    <link>https://gazette.example/story/2024/01/7</link><guid>https://gazette.example/story/2024/01/7</guid>
    <pubDate>Wed, 24 Jan 2024 12:00:00 +0000</pubDate><category>Harbour</category>
    <description>&amp;lt;p&amp;gt;{headline}&amp;lt;/p&amp;gt;</description></item></channel></rss>"""


# Feeds


def test_no_two_cards_ask_for_one_address():
    addresses = [card.url for card in CARDS]
    assert len(set(addresses)) == len(addresses)


def test_the_united_nations_newsroom_is_read_in_six_languages_and_is_one_origin():
    editions = [card for card in FEEDS if card.id.startswith("un_news_human_rights")]
    assert {card.languages for card in editions} == {(language,) for language in HEADLINES}
    assert {card.origin_id for card in editions} == {"United Nations"}


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_a_feed_is_read_in_its_language_and_codes_nothing(card):
    (language,) = card.languages
    headline = HEADLINES[language]
    (report,), observations, defects = parse_all(card, make_payload(gazette(headline)))
    assert (report.title, report.text, report.language) == (headline, headline, language)
    assert report.url == "https://gazette.example/story/2024/01/7"
    assert (report.place, observations, defects, card.codes) == ("", [], [], ())


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_a_wall_against_robots_is_no_feed_and_stops_the_source(card):
    body = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body></body></html>"
    reports, _, defects = parse_all(card, make_payload(body, media="text/html"))
    assert (reports, checks(defects)) == ([], [("error", "wrong_type")])


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_no_feed_claims_to_be_verified(card):
    assert not card.verified


# Tables and interfaces, on what was recorded where it is at hand

LATER = datetime(2026, 11, 1, tzinfo=UTC)
NO_TRIGGER = {
    "idmc_displacement_updates",
    "inform_risk",
    "iom_missing_migrants",
    "political_terror_scale",
    "vdem_regime_episodes",
}


def card_of(source_id):
    return known(CARDS, source_id)


def read(card, body):
    """What a card makes of a payload of our days; the shared helper collects in January 2024."""
    return parse_all(card, replace(make_payload(body), collected_at=LATER))


def facts(report):
    return {fact.name: fact.value for fact in report.facts}


def parquet(rows):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


@pytest.mark.parametrize("source_id", sorted(NO_TRIGGER))
def test_a_structural_source_feeds_no_trigger_and_dates_no_report(source_id):
    """A dated record with a place makes that place count as heard; a flood or an index score must not."""
    card = card_of(source_id)
    assert (card.codes, card.series, card.fields.occurred_on, card.fields.published_at) == ((), (), "", "")


@pytest.mark.recorded
def test_recorded_deaths_in_migration_are_read_without_a_violation_or_a_false_alarm(recorded):
    card = card_of("iom_missing_migrants")
    body = (recorded / "iom_missing_migrants" / "2025-json.json").read_bytes()
    reports, _, defects = read(card, body)
    assert {(one.level, one.check) for one in defects} == {(DefectLevel.INFO, "duplicate_item")}
    folded = sum(int(one.evidence.split()[0]) - 1 for one in defects)
    assert len(reports) + folded == len(json.loads(body)) == 975
    assert {one.occurred_on for one in reports} == {None}


@pytest.mark.recorded
def test_recorded_displacement_is_read_whole_and_only_as_context(recorded):
    card = card_of("idmc_displacement_updates")
    reports, _, defects = read(card, (recorded / "idmc" / "idmc_idu.json").read_bytes())
    assert defects == []
    assert Counter(facts(one)["displacement_type"] for one in reports) == {"Disaster": 107, "Conflict": 6}
    assert {one.place for one in reports} == {"IND"}


@pytest.mark.recorded
def test_recorded_risk_scores_are_read_under_the_names_of_the_interface(recorded):
    with (recorded / "inform" / "inform_risk_index_trends.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row | {"WorkflowId": 1} for row in csv.DictReader(lines)]
    reports, _, defects = read(card_of("inform_risk"), json.dumps(rows))
    assert defects == []
    assert len(reports) == 7640
    (score,) = [one for one in reports if one.source_ref == "AFG | INFORM | 2024 | 1"]
    assert (score.place, facts(score)["IndicatorScore"]) == ("AFG", "7.8")


@pytest.mark.recorded
def test_the_recorded_terror_scale_is_read_whole(recorded):
    with (recorded / "pts" / "PTS-2022.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    reports, _, defects = read(card_of("political_terror_scale"), parquet(rows))
    assert defects == []
    assert len(reports) == 9748
    assert facts(reports[0]) == {"Year": "1976", "PTS_A": "2", "PTS_H": "NA", "PTS_S": "2"}


@pytest.mark.recorded
def test_recorded_episodes_are_read_whole_and_missing_stays_missing(recorded):
    card = card_of("vdem_regime_episodes")
    reports, _, defects = read(card, (recorded / "vdem" / "ert.csv").read_bytes())
    assert defects == []
    assert len(reports) == 19678
    (last,) = [one for one in reports if one.source_ref == "ZZB | 2024"]
    assert facts(last)["v2x_polyarchy"] == "0.299"
    assert facts(last)["dem_ep_start_year"] == "NA"


def test_a_made_up_table_of_the_terror_scale_is_read_in_its_documented_columns():
    columns = ("Country_OLD", "COW_Code_A", "COW_Code_N", "WordBank_Code_A", "UN_Code_N", "Region")
    row = dict.fromkeys(columns, "NA") | {"Country": "Ruritania", "Year": "2022"}
    row |= {"PTS_A": "2", "PTS_H": "NA", "PTS_S": "3", "NA_Status_A": "0", "NA_Status_H": "88", "NA_Status_S": "0"}
    (report,), _, defects = read(card_of("political_terror_scale"), parquet([row]))
    assert (report.source_ref, report.place) == ("Ruritania | 2022", "Ruritania")
    assert checks(defects) == [("warn", "below_expected_min")]


def test_texts_by_way_of_reliefweb_share_the_origin_of_their_publisher():
    assert card_of("reliefweb_ohchr").origin_id == card_of("ohchr_news").origin_id
    assert card_of("reliefweb_hrw").origin_id == card_of("hrw_news").origin_id
    assert card_of("reliefweb_amnesty").origin_id == card_of("amnesty_news").origin_id


def test_a_text_on_the_world_without_a_state_is_left_out_by_name():
    item = {"id": "1", "score": 1, "href": "", "fields": {"id": 1, "title": "A day of the sea", "url": ""}}
    item["fields"]["date"] = {"created": "2024-01-24T10:00:00+00:00"}
    placed = json.loads(json.dumps(item)) | {"id": "2"}
    placed["fields"]["primary_country"] = {"iso3": "rur"}
    reports, _, defects = read(card_of("reliefweb_ohchr"), json.dumps({"data": [item, placed]}))
    assert [report.source_ref for report in reports] == ["2"]
    assert checks(defects) == [("warn", "missing_field")]


def test_a_refusal_of_reliefweb_is_no_empty_list():
    refused = {"status": 403, "error": {"type": "AccessDeniedHttpException", "message": "appname"}}
    _, _, defects = read(card_of("reliefweb_ohchr"), json.dumps(refused))
    assert checks(defects) == [("error", "wrong_type")]
