"""From what was written to what happened: fictional outlets on a fictional State, through the real stages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fictional import AS_OF, LOOKS, World

from domain.classification import Lens, Protection
from domain.review import Act, Decision
from horizon import stages
from review.ledger import Ledger

OUTLET = """
kind = "rss"
source_class = "{source_class}"
prose = true
expected_min = 0
expected_max = 50
"""
POLICE = (
    "a1",
    "Police shoot dead two journalists in Ruritania",
    "Police shot dead two journalists in Ruritania on Tuesday while they filmed the harbour strike, "
    "the editors of the Harbour Gazette said.",
    "Wed, 24 Jan 2024 09:00:00 GMT",
)
COPY = ("b7", POLICE[1], POLICE[2], "Wed, 24 Jan 2024 15:00:00 GMT")
NORM = (
    "a2",
    "Ruritania ratifies the convention against torture",
    "Parliament of Ruritania voted to ratify the Convention against Torture and its protocol.",
    "Thu, 25 Jan 2024 09:00:00 GMT",
)
TWO = (
    "a3",
    "Police kill two protesters in Ruritania and Genovia",
    "Police shot dead two protesters in Ruritania and in Genovia.",
    "Thu, 25 Jan 2024 11:00:00 GMT",
)
OTHER = (
    "c1",
    "Policja w Rurytanii zatrzymała pięciu dziennikarzy",
    "Policja zatrzymała w portowym mieście pięciu dziennikarzy, którzy filmowali strajk w porcie, podała gazeta.",
    "Wed, 24 Jan 2024 12:00:00 GMT",
)


def outlet(*items: tuple[str, str, str, str]) -> bytes:
    entries = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><description>{text}</description>"
        f"<link>https://outlet.example/{guid}</link><pubDate>{when}</pubDate></item>"
        for guid, title, text, when in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>O</title>{entries}</channel></rss>'.encode()


@pytest.fixture(name="told")
def _told(world: World) -> World:
    world.card("outlet_a", OUTLET.format(source_class="media"))
    world.card("outlet_b", OUTLET.format(source_class="civil_society"))
    world.look("outlet_a", outlet(POLICE, NORM, TWO), LOOKS[-1], kind="rss")
    world.look("outlet_b", outlet(COPY, OTHER), LOOKS[-1], kind="rss")
    return world


def told_incidents(world: World) -> list[dict[str, object]]:
    return [one for one in world.rows("out_incidents") if set(one["sources"]) & {"outlet_a", "outlet_b"}]


def test_a_text_and_its_copy_are_one_incident_of_one_origin_and_the_treaty_is_none(told: World):
    told.run()
    (found,) = told_incidents(told)
    assert found["place"] == "XRU"
    assert found["occurred_on"] == date(2024, 1, 24)
    assert found["date_inferred"]
    assert found["sources"] == ["outlet_a", "outlet_b"]
    assert found["origins"] == ["Publisher of outlet_a"]
    triggers = {one["trigger"] for one in told.rows("out_codings") if one["incident_id"] == found["incident_id"]}
    assert {"T02", "T08"} <= triggers


def test_each_label_opens_to_its_words(told: World):
    told.run()
    (found,) = told_incidents(told)
    labels = [one for one in told.rows("out_labels") if one["incident_id"] == found["incident_id"]]
    text = POLICE[1] + "\n\n" + POLICE[2]
    assert labels
    for one in labels:
        assert one["field"] == "text"
        assert text[one["start"] : one["end"]] == one["words"]
        assert one["rule"].startswith("text:en.")
    page = told.page("AFR-evidence.html")
    assert labels[0]["words"] in page
    assert "AFR-evidence.html#situation-xru-1" in told.page()


def test_a_text_on_two_places_is_heard_on_both_and_counted_on_none(told: World):
    told.run()
    heard = {one["place"]: one["reports"] for one in told.rows("out_exposure") if one["source_class"] == "media"}
    assert heard["XGE"] >= 1
    assert not [one for one in told_incidents(told) if one["place"] == "XGE"]


def test_every_report_of_an_incident_says_why_it_is_there(told: World):
    told.run()
    (found,) = told_incidents(told)
    joined = [one["joined"] for one in told.rows("out_reports") if one["incident_id"] == found["incident_id"]]
    assert len(joined) == 2
    assert any("first report" in one for one in joined)
    assert any("copy" in one for one in joined)


def test_a_named_person_parts_what_was_merged_and_takes_it_back(told: World):
    settings = told.settings()
    told.run()
    (before,) = told_incidents(told)
    for act, count in ((Act.SPLIT, 2), (Act.WITHDRAW, 1)):
        moment = AS_OF - timedelta(hours=2 if act is Act.SPLIT else 1)
        ruling = Decision(
            act=act,
            object_id=max(before["reports"]),
            object_hash="",
            by="A. Analyst",
            role="analyst",
            author="machine",
            reason="two events",
            decided_at=moment,
            lens=Lens.RESTRICTED,
        )
        protection = replace(Protection.public(moment.date()), lens=Lens.RESTRICTED)
        Ledger(settings.decisions.parent).save(ruling, protection, version=None)
        stages.load(settings=settings)
        stages.score(as_of=AS_OF, settings=settings)
        assert len(told_incidents(told)) == count, act


def test_what_only_prose_tells_of_is_told_where_prose_was_read(told: World):
    told.run()
    rules = {(one["place"], one["trigger"]): (one["value"], one["rule"]) for one in told.rows("out_triggers")}
    assert rules[("XRU", "T08")][0] == "met"
    assert rules[("XFR", "T08")][0] == "cannot tell"
    assert rules[("XFR", "T08")][1] != "T08:not_fed"
    assert rules[("XRU", "T14")][1] == "T14:no_call"


def test_prose_is_not_read_where_the_card_does_not_ask_for_it(world: World):
    world.card("outlet_a", OUTLET.format(source_class="media").replace("prose = true", "prose = false"))
    world.look("outlet_a", outlet(POLICE), datetime(2024, 1, 28, 6, tzinfo=UTC), kind="rss")
    world.run()
    assert told_incidents(world) == []


TAKEN = (
    (
        "n0",
        "Fisherman Adam Brook forcibly disappeared in Ruritania",
        "Soldiers abducted the fisherman Adam Brook from the eastern pier of Ruritania on 20 January and he was "
        "forcibly disappeared, the Harbour Committee said.",
        "Sat, 20 Jan 2024 09:00:00 GMT",
    ),
    (
        "n1",
        "Two sisters abducted at the salt works of Ruritania",
        "Police abducted Clara and Dora Fielding, who keep the books of the salt works in northern Ruritania, before "
        "dawn on 12 January; both were forcibly disappeared, their mother told the union.",
        "Fri, 12 Jan 2024 18:00:00 GMT",
    ),
    (
        "n2",
        "Raid on the mountain school of Ruritania: teacher forcibly disappeared",
        "Police abducted the teacher Emil Hill in a raid on the mountain school of Ruritania on 3 January; he was "
        "forcibly disappeared, neighbours wrote in a letter.",
        "Wed, 03 Jan 2024 07:00:00 GMT",
    ),
)
APPEAL = (
    "sp1",
    "Ruritania: experts appeal over the disappearance of fisherman Adam Brook",
    "The Special Rapporteur on torture, the Working Group on disappearances and the Special Rapporteur on assembly "
    "said that soldiers abducted the fisherman Adam Brook from the eastern pier of Ruritania on 20 January. They "
    "called on the authorities of Ruritania to reveal where he is.",
    "Sat, 27 Jan 2024 09:00:00 GMT",
)


@pytest.fixture(name="appealed")
def _appealed(world: World) -> World:
    world.card("outlet_a", OUTLET.format(source_class="civil_society"))
    world.card("mandates", OUTLET.format(source_class="special_procedures"))
    world.look("outlet_a", outlet(*TAKEN), LOOKS[-1], kind="rss")
    world.look("mandates", outlet(APPEAL), LOOKS[-1], kind="rss")
    return world


def test_case_2_an_appeal_on_reported_cases_takes_them_up_and_is_no_second_origin(appealed: World):
    appealed.run()
    found = [one for one in told_incidents(appealed) if set(one["sources"]) & {"outlet_a", "mandates"}]
    assert len(found) == len(TAKEN)
    assert {origin for one in found for origin in one["origins"]} == {"Publisher of outlet_a"}
    (taken_up,) = [one for one in found if "mandates" in one["sources"]]
    reports = [one for one in appealed.rows("out_reports") if one["incident_id"] == taken_up["incident_id"]]
    assert "taken up, no origin of its own" in {one["origin"] for one in reports}
    (state,) = [one for one in appealed.rows("out_states") if one["place"] == "XRU"]
    assert state["level"] == "watch"


def test_a_call_is_proposed_with_its_sentence_and_counts_when_two_people_confirmed_it(appealed: World):
    appealed.run()
    (call,) = appealed.rows("out_calls")
    assert (call["place"], call["kind"], call["office"]) == ("XRU", "a", "special procedures")
    assert call["sentence"].startswith("They called on the authorities of Ruritania")
    rules = {one["trigger"]: one["rule"] for one in appealed.rows("out_triggers") if one["place"] == "XRU"}
    assert rules["T14"] == "T14:no_call"
    settings = appealed.settings()
    for hours, person in ((3, "A. Analyst"), (2, "B. Analyst")):
        moment = AS_OF - timedelta(hours=hours)
        confirmed = Decision(
            act=Act.CALL,
            object_id="XRU b 2024-01-27 the Office",
            object_hash="",
            by=person,
            role="analyst",
            author="machine",
            reason="read",
            decided_at=moment,
            lens=Lens.RESTRICTED,
        )
        Ledger(settings.decisions.parent).save(
            confirmed, replace(Protection.public(moment.date()), lens=Lens.RESTRICTED), version=None
        )
    stages.load(settings=settings)
    stages.score(as_of=AS_OF, settings=settings)
    rules = {one["trigger"]: one["rule"] for one in appealed.rows("out_triggers") if one["place"] == "XRU"}
    assert rules["T14"] == "T14:international"
