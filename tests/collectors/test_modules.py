"""Sources without a real payload, each on a made-up one in the documented form, and the modules of sources."""

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow
import pyarrow.parquet
import pytest
from reportlab.pdfgen.canvas import Canvas

from collectors.base import FetchFailed, collector_for, parse_all
from collectors.records import Plan
from domain.defect import DefectLevel
from domain.signal import PeriodKind
from domain.source import Kind, known, load_cards
from domain.state import load_gazetteer
from scoring.coding.structured import code
from tests.collectors.conftest import COLLECTED, ROOT, FixedClient, checks, make_payload

SOURCES = ROOT / "collectors" / "sources"
# Cards of modules wait in a folder of their own until the list of kinds in use takes them in.
CARDS = load_cards(SOURCES)
MODULES = [card for card in CARDS if card.kind is Kind.MODULE]
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


def test_no_two_cards_ask_one_question():
    questions = [(card.url, card.body) for card in CARDS]
    assert len(set(questions)) == len(questions)


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
    "ioda_outages",
    "political_terror_scale",
    "sdg_16_10_1",
    "treaty_ratification_status",
    "upr_recommendations",
    "vdem_regime_episodes",
    "wgeid_report",
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


# Modules


def fetched(card, pages):
    client = FixedClient(pages)
    return list(collector_for(card).fetch(card, client)), client.asked


@pytest.mark.parametrize("card", MODULES, ids=lambda card: card.id)
def test_a_module_has_a_whole_card_and_reads_what_its_rules_ask(card):
    assert all((card.title, card.publisher, card.licence, card.citation, card.coverage, card.notes, card.languages))
    assert {rule.field for rule in card.codes} <= set(card.fields.facts)
    plan = Plan.of(card)
    assert not set(card.fields.ignore) & (plan.needed | plan.welcome)
    assert not card.verified


@pytest.mark.parametrize("card", MODULES, ids=lambda card: card.id)
@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "null", '{"data": 7}', "<html></html>", "PK\x03\x04", "\0", "[" * 5000]
)
def test_no_module_takes_a_wrong_payload_for_an_empty_one(card, body):
    reports, observations, defects = parse_all(card, make_payload(body))
    assert (reports, observations) == ([], [])
    assert [one.level for one in defects] == [DefectLevel.ERROR]


def test_only_four_modules_feed_a_trigger():
    feeding = {card.id for card in MODULES if card.codes or card.series}
    assert feeding == {"acled_civilian_targeting", "acled_events", "cloudflare_radar_outages", "cpj_data"}


# Cloudflare Radar


def annotation(cause, *places, number="1"):
    return {
        "id": number,
        "dataSource": "ALL",
        "description": "made up",
        "scope": None,
        "startDate": "2024-01-20T11:45:00Z",
        "endDate": None,
        "locations": [place[:2].upper() for place in places],
        "locationsDetails": [{"code": place[:2].upper(), "name": place} for place in places],
        "asns": [],
        "asnsDetails": [],
        "origins": [],
        "originsDetails": [],
        "eventType": "OUTAGE",
        "linkedUrl": "https://gazette.example/7",
        "outage": {"outageCause": cause, "outageType": "NATIONWIDE"},
    }


def radar(*annotations):
    answer = {"success": True, "errors": [], "result": {"annotations": list(annotations)}}
    return parse_all(card_of("cloudflare_radar_outages"), make_payload(json.dumps(answer)))


def test_an_annotation_is_one_report_for_each_of_its_places():
    reports, _, defects = radar(annotation("CABLE_CUT", "Ruritania", "Graustark"))
    assert [(one.source_ref, one.place) for one in reports] == [
        ("1 | Ruritania", "Ruritania"),
        ("1 | Graustark", "Graustark"),
    ]
    assert {one.occurred_on for one in reports} == {date(2024, 1, 20)}
    assert defects == []


@pytest.mark.parametrize(
    ("cause", "triggers"),
    [("GOVERNMENT_DIRECTED", ["T13"]), ("CABLE_CUT", []), ("POWER_OUTAGE", []), ("WEATHER", []), ("", [])],
)
def test_only_an_outage_that_a_government_directed_is_a_shutdown(cause, triggers):
    (report,), _, _ = radar(annotation(cause, "Ruritania"))
    assert [one.trigger for one in code(report, card_of("cloudflare_radar_outages"))] == triggers


def test_an_annotation_without_a_place_is_named_and_left_out():
    reports, _, defects = radar(annotation("CABLE_CUT", number="7"), annotation("CABLE_CUT", "Ruritania"))
    assert len(reports) == 1
    assert [(one.level, one.check, one.record) for one in defects] == [(DefectLevel.INFO, "without_place", "7")]


@pytest.mark.recorded
def test_the_recorded_annotation_is_a_directed_outage_of_one_state(recorded):
    card = card_of("cloudflare_radar_outages")
    path = recorded / "cloudflare_radar" / "outages_annotation_2026-04-22_SD.json"
    (report,), _, defects = read(card, path.read_bytes())
    assert defects == []
    assert (report.source_ref, report.place, report.occurred_on) == ("1585 | Sudan", "Sudan", date(2026, 4, 22))
    assert [one.trigger for one in code(report, card)] == ["T13"]
    assert load_gazetteer().match(report.place).places == ("SDN",)


# IODA


def outage(**changes):
    known_fields = {
        "location": "country/RU",
        "location_name": "Ruritania",
        "start": 1705744800,  # 20 January 2024, 10:00 UTC
        "duration": 1800,
        "datasource": "bgp",
        "score": 700.5,
        "method": "median",
        "status": 0,
        "uncertainty": None,
        "fraction": None,
        "overlaps_window": False,
    }
    return known_fields | changes


def ioda(*events):
    return parse_all(card_of("ioda_outages"), make_payload(json.dumps({"type": "outages.events", "data": events})))


def test_a_measured_outage_has_its_times_in_utc_and_dates_no_event():
    (report,), _, defects = ioda(outage())
    assert facts(report)["started"] == "2024-01-20T10:00:00+00:00"
    assert facts(report)["ended"] == "2024-01-20T10:30:00+00:00"
    assert (report.source_ref, report.place) == ("country/RU | bgp | 1705744800", "Ruritania")
    assert (report.occurred_on, report.published_at, defects) == (None, None, [])


def test_search_traffic_and_parts_of_a_state_are_left_out_and_a_new_kind_of_measurement_is_named():
    reports, _, defects = ioda(
        outage(), outage(datasource="gtr"), outage(location="region/7"), outage(datasource="tea-leaves")
    )
    assert len(reports) == 1
    assert checks(defects) == [("warn", "unknown_category")]


@pytest.mark.parametrize("start", ["soon", None, True, 10**30])
def test_an_outage_with_an_impossible_time_is_left_out_by_name(start):
    reports, _, defects = ioda(outage(), outage(start=start))
    assert (len(reports), checks(defects)) == (1, [("warn", "unreadable_date")])


def test_the_window_ends_when_the_client_says_it_is_and_is_four_weeks_long():
    card = card_of("ioda_outages")
    _, asked = fetched(card, {})
    until = int(COLLECTED.timestamp())
    assert asked == [
        "https://api.ioda.inetintel.cc.gatech.edu/v2/datasources",
        f"{card.url}&from={until - 28 * 86_400}&until={until}",
    ]


@pytest.mark.recorded
def test_the_recorded_outage_is_read(recorded):
    event = json.loads((recorded / "ioda" / "outage_event_codf_sample.json").read_text("utf-8"))
    (report,), _, defects = read(card_of("ioda_outages"), json.dumps({"data": [event]}))
    assert defects == []
    assert facts(report)["started"] == "2025-08-10T07:30:00+00:00"


# ACLED by way of HDX HAPI


def part(deaths, *, place="RUR", level=2, start="2023-12-01T00:00:00", **changes):
    return {
        "location_code": place,
        "has_hrp": True,
        "in_gho": True,
        "provider_admin1_name": "",
        "provider_admin2_name": "",
        "admin1_code": None,
        "admin1_name": None,
        "admin2_code": None,
        "admin2_name": None,
        "admin_level": level,
        "event_type": "civilian_targeting",
        "events": 1,
        "fatalities": deaths,
        "reference_period_start": start,
        "reference_period_end": "2023-12-31T23:59:59",
        "dataset_hdx_id": "",
        "resource_hdx_id": "",
        "warning": None,
        "error": None,
    } | changes


def acled(*rows):
    return parse_all(card_of("acled_civilian_targeting"), make_payload(json.dumps({"data": rows})))


def values(observations):
    return {(one.place, one.period_start): one.value for one in observations}


def test_districts_are_added_up_to_their_state_and_a_national_row_stands_for_itself():
    _, observations, _ = acled(
        part(2), part(3), part(7, place="GRA", level=0), part(4, place="GRA"), part(0, place="SYL", level=0)
    )
    december = date(2023, 12, 1)
    assert values(observations) == {("RUR", december): 5.0, ("GRA", december): 7.0, ("SYL", december): 0.0}
    assert {one.period_kind for one in observations} == {PeriodKind.MONTH}


@pytest.mark.parametrize("spoilt", [part(None), part("many"), part(9, error="wrong"), part(9, event_type="other")])
def test_a_district_without_a_figure_leaves_its_state_missing_and_no_other(spoilt):
    _, observations, _ = acled(part(2), spoilt, part(1, place="GRA"))
    assert values(observations) == {("RUR", date(2023, 12, 1)): None, ("GRA", date(2023, 12, 1)): 1.0}


def test_a_full_answer_is_not_added_up(monkeypatch):
    monkeypatch.setattr(collector_for(card_of("acled_civilian_targeting")), "LIMIT", 2)
    _, observations, defects = acled(part(2), part(3))
    assert (observations, checks(defects)) == ([], [("error", "page_full")])


def test_a_new_column_of_the_interface_makes_noise():
    _, _, defects = acled(part(2, severity="high"))
    assert ("warn", "unread_fields") in checks(defects)


def test_six_whole_months_are_asked_the_newest_first_over_the_turn_of_a_year():
    card = card_of("acled_civilian_targeting")
    payloads, asked = fetched(card, {})
    assert len(payloads) == 6
    assert asked[0] == f"{card.url}&limit=1"
    assert asked[1] == f"{card.url}&start_date=2023-12-01&end_date=2023-12-31&limit=10000&offset=0"
    assert asked[6] == f"{card.url}&start_date=2023-07-01&end_date=2023-07-31&limit=10000&offset=0"


def test_a_row_without_a_place_stops_the_source_because_some_sum_would_be_low():
    _, observations, defects = acled(part(2), part(3, place=""))
    assert (observations, checks(defects)) == ([], [("error", "missing_field")])


# GDELT

DAY = datetime(2024, 1, 26, tzinfo=UTC)
MIRROR = "https://storage.googleapis.com/data.gdeltproject.org/gdeltv2/"


def event(root="14", place="Old Quay, Northern Province, Ruritania", happened="20240126", first="1", added="20240126"):
    cells = [""] * 61
    cells[0], cells[1], cells[25], cells[28], cells[52], cells[59] = "1", happened, first, root, place, f"{added}001500"
    return "\t".join(cells)


def zipped(name, text, how=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        archive.writestr(name, text)
    return file.getvalue()


def slice_names():
    return [f"{DAY + timedelta(minutes=15 * at):%Y%m%d%H%M%S}.export.CSV.zip" for at in range(96)]


def slices(*first_lines):
    """The 96 addresses of a day; the first file has the lines, the others are empty."""
    bodies = ["\n".join(first_lines) + "\n"] + [""] * 95
    return {MIRROR + name: zipped(name[:-4], body) for name, body in zip(slice_names(), bodies, strict=True)} | {
        f"{MIRROR}lastupdate.txt": "151 abc http://data.gdeltproject.org/gdeltv2/20240127013000.export.CSV.zip\n"
        "342 def http://data.gdeltproject.org/gdeltv2/20240127013000.mentions.CSV.zip\n"
    }


def gdelt(*lines, pages=None):
    card = card_of("gdelt_events")
    (payload,), _ = fetched(card, slices(*lines) if pages is None else pages)
    return parse_all(card, payload)


def test_events_of_the_kinds_are_counted_by_state_and_day_and_feed_no_trigger():
    _, observations, defects = gdelt(
        event(), event(place="Ruritania"), event("19"), event("20", "Graustark"), event("04"), event("15")
    )
    assert {(one.indicator, one.place): one.value for one in observations} == {
        ("gdelt_cameo_14", "Ruritania"): 2.0,
        ("gdelt_cameo_19", "Ruritania"): 1.0,
        ("gdelt_cameo_20", "Graustark"): 1.0,
    }
    assert {(one.period_kind, one.period_start) for one in observations} == {(PeriodKind.DAY, DAY.date())}
    assert checks(defects) == [("warn", "below_expected_min")]
    assert (card_of("gdelt_events").series, card_of("gdelt_events").codes) == ((), ())


@pytest.mark.parametrize(
    "line",
    [
        event(first="0"),
        event(happened="20240118"),
        event(happened="20230126"),
        event(added="20240125"),
        event(happened="x"),
    ],
)
def test_a_repeated_an_old_and_a_foreign_days_event_are_not_counted(line):
    _, observations, _ = gdelt(event(), line)
    assert [one.value for one in observations] == [1.0]


def test_an_event_without_a_place_and_a_line_of_another_width_are_named():
    _, observations, defects = gdelt(event(), event(place=""), "1\t20240126")
    assert len(observations) == 1
    assert checks(defects)[:2] == [("warn", "wrong_width"), ("info", "without_place")]


class GapClient(FixedClient):
    """Has no answer for an address that is in no page."""

    def get(self, url):
        if url not in self.pages:
            self.asked.append(url)
            raise FetchFailed(url, "status 404")
        return super().get(url)


def test_a_day_with_a_missing_file_has_no_counts_because_they_would_be_low():
    card = card_of("gdelt_events")
    pages = slices(event())
    del pages[MIRROR + slice_names()[7]]
    (payload,) = collector_for(card).fetch(card, GapClient(pages))
    _, observations, (defect,) = parse_all(card, payload)
    assert observations == []
    assert (defect.check, defect.evidence) == ("incomplete_day", "95 of 96 files of 2024-01-26")


def test_a_host_that_is_down_is_not_asked_a_hundred_times():
    card = card_of("gdelt_events")
    update = f"{MIRROR}lastupdate.txt"
    client = GapClient({update: slices()[update]})
    with pytest.raises(FetchFailed):
        list(collector_for(card).fetch(card, client))
    assert len(client.asked) == 1 + 4


def test_the_same_day_has_the_same_bytes():
    (first,), _ = fetched(card_of("gdelt_events"), (pages := slices(event())))
    (second,), _ = fetched(card_of("gdelt_events"), pages)
    assert first.sha256 == second.sha256


def test_a_bomb_among_the_files_is_not_unpacked():
    bomb = slices(event()) | {MIRROR + slice_names()[3]: zipped("a.CSV", "0" * 50_000_000)}
    assert checks(gdelt(pages=bomb)[2]) == [("error", "oversized_archive")]


# Ratification, the Universal Periodic Review, SDG 16.10.1

STATUS = "iso2,member,state party,year ratification or accession,signatory,no action,status,note\n"


def test_the_instrument_is_read_from_the_address():
    card = card_of("treaty_ratification_status")
    payload = make_payload(
        STATUS + "RU,Ruritania,1,1987,0,0,state party,\n", url="https://x.example/hr_status_op_crc_ac.csv"
    )
    (report,), _, defects = parse_all(card, payload)
    assert (report.source_ref, report.title, report.place) == ("OP CRC AC RU", "OP CRC AC", "Ruritania")
    assert facts(report)["year ratification or accession"] == "1987"
    assert checks(defects) == [("warn", "below_expected_min")]


def test_eighteen_instruments_are_asked_and_another_table_is_none_of_them():
    card = card_of("treaty_ratification_status")
    _, asked = fetched(card, {})
    assert len(set(asked)) == 18
    assert card.url in asked
    assert checks(parse_all(card, make_payload(STATUS))[2]) == [("error", "wrong_type")]


@pytest.mark.recorded
def test_every_recorded_table_of_ratification_is_read_whole(recorded):
    card = card_of("treaty_ratification_status")
    paths = sorted((recorded / "ratification").glob("hr_status_*.csv"))
    assert len(paths) == 18
    for path in paths:
        payload = replace(make_payload(path.read_bytes(), url=f"https://x.example/{path.name}"), collected_at=LATER)
        reports, _, defects = parse_all(card, payload)
        assert (len(reports), defects) == (193, []), path.name


UPR = "To,To-Rgrp,To-Org,Text,From,From-Rgrp,From-Org,Response,Action,Issue,Session"


def upr_line(response, action, session="14", text='"Keep the harbour open, ""always"""'):
    return f"Ruritania,EEG,,{text},Graustark,EEG,,{response},{action},General,{session}"


def test_recommendations_are_counted_and_not_one_word_of_them_is_kept():
    lines = [UPR, upr_line("Accepted", 5), upr_line("Noted", 2), upr_line("Accepted", 2), upr_line("Noted", 5, "15")]
    reports, _, defects = parse_all(card_of("upr_recommendations"), make_payload("\r".join(lines)))
    first, second = reports
    assert (first.source_ref, second.source_ref) == ("Ruritania | 14", "Ruritania | 15")
    assert facts(first) == {
        "session": "14",
        "recommendations": "3",
        "response: Accepted": "2",
        "response: Noted": "1",
        "action: 2": "2",
        "action: 5": "1",
    }
    assert "harbour" not in repr(reports)
    assert checks(defects) == [("warn", "below_expected_min")]


def test_an_old_encoding_is_read_and_a_cut_line_is_left_out():
    body = "\r".join([UPR, upr_line("Accepted", 5, text="Fête"), "Ruritania,EEG"]).encode("mac-roman")
    reports, _, defects = parse_all(card_of("upr_recommendations"), make_payload(body))
    assert facts(reports[0])["recommendations"] == "1"
    assert ("warn", "wrong_width") in checks(defects)


@pytest.mark.recorded
def test_recorded_recommendations_are_counted_whole(recorded):
    """The recorded table has other names over the same columns; they are given those of the source."""
    with gzip.open(recorded / "labelled" / "upr_info_recommendations_s1-13.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(UPR.split(","))
    for row in rows:
        said = (row["state_under_review"], "", "", row["text"], "", "", "", row["response"])
        table.writerow([*said, row["action_category_1to5"], "", row["upr_session"]])
    reports, _, _ = read(card_of("upr_recommendations"), file.getvalue())
    assert sum(int(facts(one)["recommendations"]) for one in reports) == len(rows) == 23_482


def sdg(*rows, **more):
    return parse_all(card_of("sdg_16_10_1"), make_payload(json.dumps({"data": rows} | more)))


def sdg_row(value, **dimensions):
    return {
        "goal": ["16"],
        "target": ["16.10"],
        "indicator": ["16.10.1"],
        "series": "VC_VAW_MTUHRA",
        "seriesDescription": "Made-up description",
        "seriesCount": "2",
        "geoAreaCode": "999",
        "geoAreaName": "Ruritania",
        "timePeriodStart": 2022.0,
        "value": value,
        "valueType": "Float",
        "time_detail": None,
        "timeCoverage": None,
        "upperBound": None,
        "lowerBound": None,
        "basePeriod": None,
        "source": "",
        "geoInfoUrl": None,
        "footnotes": [""],
        "attributes": {"Nature": "N", "Units": "NUMBER"},
        "dimensions": dimensions,
    }


def test_each_breakdown_of_a_year_is_a_record_of_its_own():
    reports, _, defects = sdg(
        sdg_row("3", Sex="FEMALE"), sdg_row("5", Sex="MALE"), *[sdg_row("0", Sex=f"{n}") for n in range(8)]
    )
    assert [one.source_ref for one in reports[:2]] == [
        "VC_VAW_MTUHRA | 999 | 2022 | Sex=FEMALE",
        "VC_VAW_MTUHRA | 999 | 2022 | Sex=MALE",
    ]
    assert facts(reports[0]) == {"timePeriodStart": "2022", "value": "3", "breakdown": "Sex=FEMALE"}
    assert defects == []


def test_an_answer_of_several_pages_is_not_taken_for_the_whole():
    assert checks(sdg(sdg_row("3"), totalPages=2, totalElements=11_000)[2]) == [("error", "page_full")]


def test_both_series_of_the_indicator_are_asked():
    _, asked = fetched(card_of("sdg_16_10_1"), {})
    assert [address.partition("seriesCode=")[2].partition("&")[0] for address in asked] == [
        "VC_VAW_MTUHRA",
        "VC_VOC_ENFDIS",
    ]


# The Working Group on Enforced or Involuntary Disappearances

SUMMARY = (
    "Since its inception in 1980, the Working Group has transmitted a total of 1,234",
    "cases to 56 States. The number of cases under active consideration stands at 1,001 in a",
    "total of 43 States. During the reporting period, 12 cases were clarified.",
    "It covers cases examined from 18 May 2021 to 2 May 2022.",
)


def pdf(lines):
    file = io.BytesIO()
    page = Canvas(file)
    for at, line in enumerate(lines):
        page.drawString(50, 780 - 20 * at, line)
    page.save()
    return file.getvalue()


def test_the_totals_of_a_summary_are_read_over_the_ends_of_lines_and_date_nothing():
    (report,), observations, defects = read(card_of("wgeid_report"), pdf(SUMMARY))
    assert facts(report) == {
        "from": "18 May 2021",
        "to": "2 May 2022",
        "transmitted cases": "1234",
        "transmitted states": "56",
        "active cases": "1001",
        "active states": "43",
        "clarified cases": "12",
    }
    assert (report.source_ref, report.place, report.occurred_on) == ("A/HRC/39/46", "", None)
    assert (observations, defects) == ([], [])


def test_a_total_for_another_span_is_not_taken_for_that_of_the_period():
    other = [line.replace("During the reporting period, 12", "Over the past five years, 254") for line in SUMMARY]
    (report,), _, defects = read(card_of("wgeid_report"), pdf(other))
    assert "clarified cases" not in facts(report)
    assert checks(defects) == [("warn", "missing_field")]


@pytest.mark.parametrize("gone", ["has transmitted a total of", "under active consideration", "18 May 2021 to"])
def test_a_report_without_its_sentences_is_another_document(gone):
    lines = [line.replace(gone, "") for line in SUMMARY]
    reports, _, defects = read(card_of("wgeid_report"), pdf(lines))
    assert (reports, checks(defects)) == ([], [("error", "missing_field")])
