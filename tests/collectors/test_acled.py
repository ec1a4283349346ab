"""Events of ACLED in the documented form. Every row is made up, of a fictional place; no row of theirs stands here."""

import json
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors.base import FetchFailed, collector_for, parse_all
from collectors.sources import acled_events
from domain.classification import Lens, Sharing
from domain.source import known, load_cards
from scoring.coding.structured import code, unknown_categories
from tests.collectors.conftest import ROOT, make_payload

CARD = known(load_cards(ROOT / "collectors" / "sources"), "acled_events")


def event(**changes):
    return {
        "event_id_cnty": "RUR7",
        "event_date": "2024-01-20",
        "time_precision": "1",
        "disorder_type": "Political violence",
        "event_type": "Violence against civilians",
        "sub_event_type": "Attack",
        "inter1": "State forces",
        "inter2": "Civilians",
        "civilian_targeting": "Civilian targeting",
        "iso": "999",
        "country": "Ruritania",
        "admin1": "Harbour",
        "geo_precision": "1",
        "fatalities": "3",
        "timestamp": "1705968000",
    } | changes


def answer(*rows):
    return json.dumps({"status": 200, "success": True, "count": len(rows), "data": list(rows)})


def read(*rows):
    return parse_all(CARD, make_payload(answer(*rows)))


class Publisher:
    """Answers each window from a table of its first day, and the list of deletions."""

    def __init__(self, weeks, deleted=()):
        self.weeks, self.deleted, self.asked = weeks, list(deleted), []

    def get(self, url):
        self.asked.append(url)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        rows = self.deleted if "/deleted/" in url else self.weeks.get(query.get("event_date", "")[:10], [])
        if "page" in query:
            limit, page = int(query["limit"]), int(query["page"])
            rows = rows[limit * (page - 1) : limit * page]
        return make_payload(answer(*rows), url=url)


def fetched(publisher):
    return list(collector_for(CARD).fetch(CARD, publisher))


def test_all_values_are_texts_and_become_an_event():
    (report,), _, defects = read(event())
    assert (report.source_ref, report.place, report.first_level, report.occurred_on) == (
        "RUR7",
        "Ruritania",
        "Harbour",
        date(2024, 1, 20),
    )
    assert defects == []
    assert unknown_categories(report, CARD) == ()


@pytest.mark.parametrize(
    ("changes", "triggers"),
    [
        ({}, ["T02"]),
        ({"inter1": "1"}, ["T02"]),
        ({"inter1": "Rebel group"}, ["T02"]),
        ({"inter1": "Civilians"}, []),
        ({"fatalities": "0"}, ["T06"]),
        ({"sub_event_type": "Sexual violence", "fatalities": "0"}, ["T03"]),
        ({"sub_event_type": "Sexual violence", "inter1": "Political militia"}, ["T06"]),
        ({"sub_event_type": "Abduction/forced disappearance", "fatalities": "0"}, ["T04"]),
        ({"sub_event_type": "Abduction/forced disappearance", "inter1": "Rebel group"}, ["T06"]),
        ({"event_type": "Protests", "sub_event_type": "Peaceful protest", "fatalities": "0"}, []),
        ({"event_type": "Protests", "sub_event_type": "Protest with intervention", "fatalities": "0"}, []),
        ({"event_type": "Protests", "sub_event_type": "Excessive force against protesters"}, ["T05"]),
        (
            {"event_type": "Protests", "sub_event_type": "Excessive force against protesters", "fatalities": "0"},
            ["T05"],
        ),
        ({"event_type": "Riots", "sub_event_type": "Mob violence", "inter1": "Rioters"}, []),
        ({"event_type": "Battles", "sub_event_type": "Armed clash", "civilian_targeting": ""}, ["T06"]),
        ({"event_type": "Battles", "sub_event_type": "Armed clash", "fatalities": "0"}, []),
        ({"event_type": "Explosions/Remote violence", "sub_event_type": "Air/drone strike"}, ["T06"]),
        (
            {"event_type": "Explosions/Remote violence", "sub_event_type": "Air/drone strike", "fatalities": "0"},
            ["T06"],
        ),
        ({"event_type": "Strategic developments", "sub_event_type": "Arrests", "fatalities": "0"}, ["T04"]),
        ({"event_type": "Strategic developments", "sub_event_type": "Agreement", "fatalities": "0"}, []),
    ],
)
def test_an_event_counts_by_what_was_done_to_whom_and_a_protest_alone_never(changes, triggers):
    (report,), _, _ = read(event(**changes))
    assert [one.trigger for one in code(report, CARD)] == triggers


def test_deaths_of_a_battle_are_not_called_deaths_of_civilians():
    (report,), _, _ = read(event(event_type="Battles", sub_event_type="Armed clash"))
    (coding,) = code(report, CARD)
    assert (coding.trigger, coding.persons, coding.victim) == ("T06", 3, "combatants and civilians not separated")


def test_an_author_in_no_list_is_told():
    (report,), _, _ = read(event(inter1="Sea serpents"))
    assert unknown_categories(report, CARD) == (("inter1", "Sea serpents"),)


def test_a_deleted_event_is_a_new_version_that_counts_nowhere():
    (before,), _, _ = read(event())
    (after,), _, defects = read({"event_id_cnty": "RUR7", "deleted_timestamp": "1706140800"})
    assert after.report_id == before.report_id
    assert after.version != before.version
    assert (after.day, after.place, code(after, CARD)) == (None, "RUR", ())
    assert {one.name: one.value for one in after.facts} == {"deleted": "yes", "deleted_on": "2024-01-25"}
    assert defects == []


def test_even_with_its_old_fields_a_deleted_event_codes_to_nothing():
    assert all("deleted=yes" in rule.unless for rule in CARD.codes)


def test_a_deletion_without_a_readable_day_is_a_deletion():
    (report,), _, (defect,) = read({"event_id_cnty": "RUR7", "deleted_timestamp": "soon"})
    assert {one.name: one.value for one in report.facts}["deleted"] == "yes"
    assert defect.check == "not_a_number"


def test_weeks_are_asked_one_by_one_and_deletions_last(monkeypatch):
    """Collected on Sunday, 28 January 2024: its week began on the 22nd, and the oldest of nine on 27 November."""
    monkeypatch.setattr(acled_events, "LIMIT", 2)
    rows = [event(event_id_cnty=f"RUR{n}", event_date="2023-11-29") for n in range(3)]
    deleted = {"event_id_cnty": "RUR9", "deleted_timestamp": "1706140800"}
    publisher = Publisher({"2023-11-27": rows, "2024-01-22": [event()]}, [deleted])
    payloads = fetched(publisher)
    assert [len(json.loads(one.body)["data"]) for one in payloads] == [2, 1, 1, 1]
    assert "/api/deleted/read?" in payloads[-1].url
    since = int(parse_qs(urlsplit(payloads[-1].url).query)["deleted_timestamp"][0])
    assert datetime.fromtimestamp(since, UTC) == datetime(2023, 11, 29, tzinfo=UTC)
    asked = parse_qs(urlsplit(publisher.asked[1]).query)
    assert asked["event_date"] == ["2023-11-27|2023-12-03"]
    assert not {"notes", "actor1", "latitude", "deleted"} & set(asked["fields"][0].split("|"))


def test_nine_weeks_without_an_event_are_a_failed_look():
    with pytest.raises(FetchFailed, match="no event in 9 weeks"):
        fetched(Publisher({}))


def test_pages_that_never_end_are_a_failed_look(monkeypatch):
    monkeypatch.setattr(acled_events, "LIMIT", 1)
    with pytest.raises(FetchFailed, match="more than 20 full pages"):
        fetched(Publisher({"2023-11-27": [event()] * 21}))


def test_a_refusal_is_landed_and_named():
    refused = json.dumps({"status": 403, "success": False, "error": "no"})
    _, _, (defect,) = parse_all(CARD, make_payload(refused))
    assert defect.check == "wrong_type"


def test_no_row_of_theirs_can_reach_the_public_lens_or_this_repository():
    assert (CARD.lens, CARD.source_sharing) == (Lens.RESTRICTED, Sharing.AMBER)
    assert not list((ROOT / "tests" / "recorded").glob("acled*"))
    assert not list((ROOT / "collectors" / "samples").rglob("*acled*"))
