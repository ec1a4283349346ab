"""Alerts and roster at the desk: who may, what is refused, and that people's own words reach nobody else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from desks import Desk, Visitor, words_of
from standbys import DRAFT, MARCH, SECRET, TOLD, asked, everybody, fields, fill_standby
from weeks import World

from alerts.sheets import write_csv
from horizon import alerting, clock
from horizon.commands.roster import open_roster, register
from review.rights import Person, Role

ALERT = f"/alerts/{TOLD.alert_id}"
NOTICE = f"/notice/{DRAFT.notice_id}"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def desk(week: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """In March 2026, with an alert that left, a draft, seven invented people and two requests."""
    held: list[Desk] = []
    monkeypatch.setattr(clock, "now", lambda: held[0].clock.at if held else MARCH)
    made = Desk(week.settings())
    made.clock.at = MARCH
    held.append(made)
    fill_standby(made.settings)
    yield made
    made.accounts.close()


def link_of(desk: Desk, recipient: str = "rosa") -> str:
    """The link in the text of the mail, without the desk's address."""
    with alerting.open_outbox(desk.settings) as outbox:
        mail = next(one.message for one in outbox.messages() if one.message.recipient == recipient)
    found = re.search(r"https://desk\.example(/acknowledge\?\S+)", json.loads(mail.payload)["text"])
    assert found is not None
    return found[1]


def click(visitor: Visitor, link: str) -> Visitor:
    data = dict(part.split("=", 1) for part in link.partition("?")[2].split("&"))
    answer = visitor.client.post("/acknowledge", data=data)
    visitor.text, visitor.status = answer.text, answer.status_code
    return visitor


def acknowledged(desk: Desk) -> dict[str, bool]:
    with alerting.open_outbox(desk.settings) as outbox:
        return {one.message.recipient: one.acknowledged_at is not None for one in outbox.messages()}


# The link of a mail


def test_opening_the_link_acknowledges_nothing_and_the_click_does(desk: Desk):
    stranger = desk.stranger().get(link_of(desk))
    assert stranger.status == 200
    assert "alleged enforced disappearances" in stranger.text
    assert acknowledged(desk) == {"rosa": False, "deputy": False}
    assert click(stranger, link_of(desk)).what == "Acknowledged"
    assert acknowledged(desk) == {"rosa": True, "deputy": False}
    assert f'href="{ALERT}"' in stranger.text
    assert stranger.get(ALERT).status == 303


def test_the_page_of_a_link_speaks_the_browsers_language_where_it_is_one_of_the_six(desk: Desk):
    stranger = desk.stranger()
    for wanted, direction in (("fr-CH, en;q=0.5", 'lang="fr" dir="ltr"'), ("ar", 'lang="ar" dir="rtl"'),
                              ("xx", 'lang="en" dir="ltr"')):  # fmt: skip
        stranger.client.headers["accept-language"] = wanted
        assert direction in stranger.get(link_of(desk)).text


@pytest.mark.parametrize("change", ["signature", "message", "later", "nothing"])
def test_a_changed_link_is_refused_with_words(desk: Desk, change: str):
    link = link_of(desk)
    match change:
        case "signature":
            link = link[:-1] + ("A" if link[-1] != "A" else "B")
        case "message":
            other = re.search(r"m=([0-9a-f]+)", link_of(desk, "deputy"))
            assert other is not None
            link = re.sub(r"m=[0-9a-f]+", f"m={other[1]}", link)
        case "later":
            link = re.sub(r"u=(\d+)", lambda found: f"u={int(found[1]) + 1}", link)
        case "nothing":
            link = "/acknowledge"
    stranger = desk.stranger().get(link)
    assert (stranger.status, stranger.what) == (403, "This message or link is not accepted.")
    assert "It is not one of our links, or it was changed on the way." in words_of(stranger.text)
    answer = stranger.client.post("/acknowledge", data={"m": "x", "u": "1", "s": "y"})
    assert answer.status_code == 403
    assert acknowledged(desk) == {"rosa": False, "deputy": False}


def test_an_old_link_is_refused_with_words(desk: Desk):
    link = link_of(desk)
    desk.clock.at += timedelta(days=15)
    stranger = desk.stranger().get(link)
    assert (stranger.status, "The link is too old." in stranger.text) == (403, True)
    assert click(stranger, link).status == 403


def test_a_click_from_another_site_counts_for_nothing(desk: Desk):
    data = dict(part.split("=", 1) for part in link_of(desk).partition("?")[2].split("&"))
    answer = desk.stranger().client.post("/acknowledge", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert acknowledged(desk)["rosa"] is False


def test_a_deputy_acknowledges_at_the_desk_for_whom_they_stand_in(desk: Desk):
    rosa = desk.person("rosa").get(ALERT)
    key = re.findall(r'name="message" value="([0-9a-f]+)"', rosa.text)
    assert len(key) == 2
    assert rosa.post(ALERT, {"message": key[1]}, page=ALERT).status == 303
    assert acknowledged(desk) == {"rosa": False, "deputy": True}
    assert rosa.post("/alerts/HS-ALERT-OTHER", {"message": key[0]}, page=ALERT).what == "There is no such message."


# Approving


def test_two_people_approve_and_only_then_messages_are_queued(desk: Desk):
    for account, queued in (("rex", 0), ("hana", 2)):
        person = desk.person(account)
        person.post(f"{NOTICE}/approve", {"reason": "read", "seen": DRAFT.object_hash}, page=NOTICE)
        assert person.status == 303, person.what
        with alerting.open_outbox(desk.settings) as outbox:
            assert sum(one.message.object_id == DRAFT.object_id for one in outbox.messages()) == queued
    held = alerting.clearance_of(DRAFT.notice_id, settings=desk.settings)
    assert [(one.by, one.role, one.authentication.value) for one in held.approvals] == [
        ("Rex Region", "regional head", "signed in"),
        ("Hana Office", "High Commissioner's office", "signed in"),
    ]
    pia = desk.person("pia")
    assert pia.post(f"{NOTICE}/withdraw", {"reason": "not yet"}, page=NOTICE).status == 303
    assert "taken back" in pia.get(NOTICE).text


def test_one_person_does_not_approve_twice_and_nobody_without_a_reason_or_another_text(desk: Desk):
    rex = desk.person("rex")
    for data, what in (
        ({"reason": "read", "seen": "0" * 64}, "This notice has changed since you read it."),
        ({"reason": " ", "seen": DRAFT.object_hash}, "A reason is missing."),
    ):
        assert rex.post(f"{NOTICE}/approve", data, page=NOTICE).what == what
    good = {"reason": "read", "seen": DRAFT.object_hash}
    assert rex.post(f"{NOTICE}/approve", good, page=NOTICE).status == 303
    assert "has approved" in rex.post(f"{NOTICE}/approve", good, page=ALERT).what


def test_nobody_approves_what_is_told_of_their_own_state_or_of_another_region(desk: Desk):
    for account, own, regions in (("gina", "XGE", {"*"}), ("otto", "", {"AFRICA"})):
        person = Person(
            account=account,
            name=f"{account} Head",
            role=Role.REGIONAL_HEAD,
            regions=frozenset(regions),
            nationality=own,
        )
        desk.accounts.add(person, password="harbour lantern seven quays", at=MARCH)  # noqa: S106
        visitor = desk.person(account)
        visitor.post(f"{NOTICE}/approve", {"reason": "read", "seen": DRAFT.object_hash}, page=ALERT)
        wanted = "You do not decide on your own State." if own else "This belongs to another region."
        assert (visitor.status, visitor.what) == (403, wanted)


def test_a_notice_that_waits_is_not_shown_to_roster_managers(desk: Desk):
    rosa = desk.person("rosa")
    assert "Genovia" not in rosa.get("/alerts").text
    assert rosa.get(NOTICE).status == 403
    assert rosa.get(f"/alerts/{DRAFT.alert_id}").what == "There is no such alert."
    assert "Genovia" in desk.person("rex").get("/alerts").text


# The first page


def waits(visitor: Visitor) -> list[str]:
    """What the first page asks for, without the day."""
    found = re.findall(r'<li><a href="([^"]+)"><strong>([^<]+)</strong>([^<]+)</a>', visitor.get("/").text)
    return [f"{place}:{words} {path}" for path, place, words in found]


def test_a_roster_managers_first_page_lists_alerts_and_the_next_step_of_each_request(desk: Desk):
    rosa = desk.person("rosa")
    one = "REQ-1: {} /roster/request/REQ-1"
    assert waits(rosa) == [
        f"Ruritania: Watch, nobody has acknowledged it: read it and acknowledge {ALERT}",
        one.format("Find a team"),
        "REQ-OTHER: Find a team /roster/request/REQ-OTHER",
    ]
    assert "by 24 March 2026" in rosa.text
    key = re.findall(r'name="message" value="([0-9a-f]+)"', rosa.get(ALERT).text)
    rosa.post(ALERT, {"message": key[0]}, page=ALERT)
    assert waits(rosa)[0] == f"Ruritania: Watch, acknowledged: standby goes on {ALERT}"
    here = "/roster/request/REQ-1"
    rosa.post(f"{here}/team", {}, page=here)
    numbers = re.findall(r'name="number" value="([^"]+)"', rosa.text)[:3]
    assert waits(rosa)[1] == one.format("Nobody has been asked: find a team")
    rosa.post(f"{here}/ask", {"number": numbers}, page=here)
    assert waits(rosa)[1] == one.format("3 asked and not answered: note what they say")
    for number, step in zip(numbers, ("declined", "accepted", "accepted"), strict=True):
        rosa.post(f"{here}/step", {"number": number, "step": step}, page=here)
    assert waits(rosa)[1] == one.format("1 of 3 seats are open: find another team")
    assert "1 of 3 seats are open: find another team" in rosa.get("/roster").text
    assert SECRET not in rosa.text


def test_a_first_page_shows_nothing_of_another_region_and_approvers_see_what_waits_for_them(desk: Desk):
    person = Person(account="remy", name="Remy R", role=Role.ROSTER_MANAGER, regions=frozenset({"ASPAC"}))
    desk.accounts.add(person, password="harbour lantern seven quays", at=MARCH)  # noqa: S106
    assert waits(desk.person("remy")) == ["REQ-OTHER: Find a team /roster/request/REQ-OTHER"]
    wanted = f"Genovia: An alert waits for you: 0 of 2 approvals {NOTICE}"
    rex = desk.person("rex")
    assert wanted in waits(rex)
    rex.post(f"{NOTICE}/approve", {"reason": "read", "seen": DRAFT.object_hash}, page=NOTICE)
    assert not any("Genovia" in one for one in waits(rex))
    assert not any("alert" in one for one in waits(desk.person("ana")))


# The roster


def test_a_request_with_gaps_looks_for_nobody_and_loses_nothing_typed(desk: Desk):
    rosa = desk.person("rosa")
    with open_roster(desk.settings) as held:
        before = len(held.accesses())
    rosa.post("/roster/request", fields(duty_of_care="", purpose=" ", entity='An "entity"'), page="/roster/request")
    told = words_of(rosa.text)
    assert rosa.status == 422
    assert "Nobody is looked for yet" in told
    assert "duty of care, insurance, medical and psychosocial support purpose" not in told
    assert 'value="An &#34;entity&#34;"' in rosa.text
    with open_roster(desk.settings) as held:
        assert len(held.accesses()) == before
        assert {one.request for one in held.courses()} == {"REQ-1", "REQ-OTHER"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"places": "XQQ"}, "There is no State with the code XQQ."),
        ({"end": "2026-03-01"}, "The end lies before the start."),
        ({"rest_days": "many"}, "A number is needed."),
        ({"seat_0_count": "999"}, "The request cannot be read."),
        ({"seat_0_languages": "French"}, "The request cannot be read."),
    ],
)
def test_what_cannot_be_read_is_told_on_the_form(desk: Desk, change: dict[str, str], words: str):
    rosa = desk.person("rosa").post("/roster/request", fields(**change), page="/roster/request")
    assert (rosa.status, words in rosa.text) == (422, True)


def test_from_a_request_to_an_accepted_team(desk: Desk):
    rosa = desk.person("rosa")
    page = f"/roster/request?alert={TOLD.alert_id}"
    assert 'value="XRU"' in rosa.get(page).text
    rosa.post("/roster/request", fields(alert=TOLD.alert_id), page=page)
    here = "/roster/request/REQ-2026-0001"
    assert rosa.get(here).status == 200
    rosa.post(f"{here}/team", {}, page=here)
    assert rosa.what == "Proposed teams"
    assert "is a national of the State concerned" in rosa.text
    assert len(re.findall("Alternative [123]:", rosa.text)) == 3
    numbers = re.findall(r'name="number" value="([^"]+)"', rosa.text)[:3]
    assert rosa.post(f"{here}/ask", {"number": numbers}, page=here).status == 303
    assert rosa.post(f"{here}/ask", {"number": numbers}, page=here).what == "All of this team were asked before."
    desk.clock.at += timedelta(minutes=15)
    for number in numbers:
        rosa.post(f"{here}/step", {"number": number, "step": "accepted"}, page=here)
    assert "3 of 3 seats accepted: the team stands" in rosa.get(here).text
    assert "0.3 hours from alert to the first acceptance" in rosa.text
    for step in ("deployed", "back"):
        for number in numbers:
            assert rosa.post(f"{here}/step", {"number": number, "step": step}, page=here).status == 303
    with open_roster(desk.settings) as held:
        course = next(one for one in held.courses() if one.request == "REQ-2026-0001")
    assert (course.stage.value, course.accepted, course.deployed, course.back) == ("back", 3, 3, 3)


def test_a_team_found_again_keeps_who_accepted_and_leaves_out_who_declined(desk: Desk):
    rosa = desk.person("rosa")
    here = "/roster/request/REQ-1"
    rosa.post(f"{here}/team", {}, page=here)
    first, second, third = re.findall(r'name="number" value="([^"]+)"', rosa.text)[:3]
    rosa.post(f"{here}/ask", {"number": [first, second, third]}, page=here)
    for number, step in ((first, "accepted"), (second, "declined")):
        rosa.post(f"{here}/step", {"number": number, "step": step}, page=here)
    desk.clock.at += timedelta(hours=25)
    rosa = desk.person("rosa")
    rosa.post(f"{here}/team", {}, page=here)
    told = words_of(rosa.text)
    assert f"{second} has declined this request" in told
    assert "has accepted already" in told
    teams = rosa.text.partition("Who cannot go")[0]
    assert (first in teams, second in teams, third in teams) == (True, False, True)
    assert "Leave out who was asked over 24 hours ago" in rosa.get(here).text
    rosa.post(f"{here}/team", {"silent": "yes"}, page=here)
    assert f"{third} was asked for this request and has not answered in time" in words_of(rosa.text)
    assert third not in rosa.text.partition("Who cannot go")[0]


def test_a_step_that_cannot_follow_is_refused(desk: Desk):
    rosa = desk.person("rosa")
    rosa.post("/roster/request/REQ-1/step", {"number": "R-0001", "step": "deployed"}, page="/roster")
    assert (rosa.status, rosa.what) == (403, "“deployed” cannot be noted.")


def test_a_team_that_does_not_exist_is_told_by_what_is_missing(desk: Desk):
    rosa = desk.person("rosa")
    rosa.post("/roster/request", fields(seat_1_languages="am:C1"), page="/roster/request")
    here = "/roster/request/REQ-2026-0001"
    rosa.post(f"{here}/team", {}, page=here)
    assert rosa.what == "No team"
    assert "No Amharic (C1) speaker with forensic documentation" in rosa.text


def test_a_good_offices_mission_is_recorded_with_consent_and_never_matched(desk: Desk):
    rosa = desk.person("rosa")
    rosa.post("/roster/request", fields(kind="good offices"), page="/roster/request")
    here = "/roster/request/REQ-2026-0001"
    assert "Find a team" not in rosa.get(here).text
    assert rosa.post(f"{here}/team", {}, page=here).what == "The roster is not searched for a good-offices mission."
    decided = {
        "decided_by": "The President",
        "decided_on": "2026-03-18",
        "consulted_bureau_on": "2026-03-17",
        "consent_of_state": " ",
        "consent_on": "2026-03-16",
        "category": ["OHCHR", "special procedures mandate holders"],
        "name": ["An office", "A mandate holder"],
    }
    rosa.post(f"{here}/mission", decided, page=here)
    assert (rosa.status, "consent on record" in rosa.text) == (422, True)
    assert rosa.post(f"{here}/mission", {**decided, "consent_of_state": "by note"}, page=here).status == 303
    told = words_of(rosa.get(here).text)
    assert told.index("An office") < told.index("A mandate holder")
    assert rosa.post("/roster/request/REQ-1/mission", decided, page="/roster").what.startswith(
        "This is no good-offices"
    )


def test_a_table_is_told_by_row_and_column_and_taken_whole_or_not_at_all(desk: Desk):
    rosa = desk.person("rosa")
    good = write_csv(everybody())
    bad = good.replace(b"en:C1", SECRET.encode(), 1)
    for body, do, words in (
        (bad, "take", "Row 2, column languages: a language and a level are needed"),
        (good, "check", "7 people, no fault. Nothing was taken in."),
        (good, "take", "0 new, 7 replaced."),
        (b"PK\x03\x04nothing", "check", "It is not a whole workbook."),
    ):
        rosa.post("/roster/intake", {"do": do}, page="/roster/intake", files={"file": ("people.csv", body)})
        assert words in rosa.text
        assert SECRET not in rosa.text


def test_a_record_opens_for_a_reason_alone_and_the_look_is_logged_first(desk: Desk):
    rosa = desk.person("rosa")
    assert rosa.post("/roster/person", {"number": "R-0001"}, page="/roster").status == 400
    rosa.post("/roster/person", {"number": "R-0001", "why": "papers that expire"}, page="/roster")
    assert f"Person 0001 {SECRET}" in rosa.text
    assert "until 10 May 2026, soon" in rosa.text
    with open_roster(desk.settings) as held:
        look, mark = held.accesses()[-1], held.pseudonym("R-0001")
    assert (look.by, look.why, look.people) == ("Rosa Roster", "papers that expire", mark)
    assert desk.accounts.accesses(f"roster/{mark}")[0].name == "Rosa Roster"
    alma = desk.person("alma")
    assert "papers that expire" in alma.get("/roster/access").text
    assert "R-0001" not in alma.text


def test_a_record_is_erased_when_its_number_is_typed_again(desk: Desk):
    rosa = desk.person("rosa")
    form = {"number": "R-0001", "why": "asked for"}
    assert rosa.post("/roster/person/erase", {**form, "again": "R-0002"}, page="/roster").what == "Nothing was erased."
    assert rosa.post("/roster/person/erase", {**form, "again": "r-0001"}, page="/roster").status == 303
    assert "R-0001" not in rosa.get("/roster/people").text


def test_a_roster_manager_of_one_region_sees_no_request_or_alert_of_another(desk: Desk):
    person = Person(account="remy", name="Remy R", role=Role.ROSTER_MANAGER, regions=frozenset({"AFRICA"}))
    desk.accounts.add(person, password="harbour lantern seven quays", at=MARCH)  # noqa: S106
    remy = desk.person("remy")
    assert "REQ-OTHER" not in remy.get("/roster").text
    assert "REQ-1" in remy.text
    for path in ("", "/team", "/ask", "/step", "/stage", "/mission"):
        if path:
            remy.post(f"/roster/request/REQ-OTHER{path}", {"number": "R-0001", "step": "asked"}, page="/roster")
        else:
            remy.get("/roster/request/REQ-OTHER")
        assert (remy.status, remy.what) == (403, "This belongs to another region."), path
    rosa = desk.person("rosa").post("/roster/request", fields(places="XGE"), page="/roster/request")
    assert rosa.status == 303
    assert remy.post("/roster/request", fields(places="XGE"), page="/roster/request").status == 403


@pytest.mark.parametrize("path", [ALERT, "/roster/request", "/roster/person", "/roster/request/REQ-1/step"])
def test_a_form_without_the_sign_of_its_own_page_is_refused(desk: Desk, path: str):
    rosa = desk.person("rosa")
    answer = rosa.client.post(path, data={"number": "R-0001", "why": "x", "step": "asked"})
    assert answer.status_code == 403
    assert "does not come from your own page" in answer.text


def test_script_in_fields_stays_text(desk: Desk):
    rosa = desk.person("rosa")
    told = dict.fromkeys(("entity", "contact", "purpose", "duty_station"), SCRIPT)
    rosa.post("/roster/request", fields(**told, end=""), page="/roster/request")
    assert (rosa.status, SCRIPT in rosa.text) == (422, False)
    rosa.post("/roster/request", fields(**told), page="/roster/request")
    here = "/roster/request/REQ-2026-0001"
    assert SCRIPT not in rosa.get(here).text
    assert "&lt;script&gt;" in rosa.text
    rosa.post("/roster/person", {"number": SCRIPT, "why": SCRIPT, "request": SCRIPT}, page="/roster")
    assert (rosa.status, SCRIPT in rosa.text) == (400, False)
    rosa.post("/roster/person", {"number": "R-0002", "why": SCRIPT, "request": SCRIPT}, page="/roster")
    assert (rosa.status, SCRIPT in rosa.text) == (200, False)
    assert SCRIPT not in rosa.get("/roster/access").text


def test_planted_words_of_people_reach_no_page_but_their_record_and_no_address_or_log(desk: Desk):
    """Every page of every role but the one record; and what the desk wrote down meanwhile."""
    pages = ["/", "/alerts", ALERT, NOTICE, "/roster", "/roster/people", "/roster/access", "/roster/request/REQ-1",
             "/roster/intake", "/access", "/audit", "/history"]  # fmt: skip
    rosa = desk.person("rosa")
    rosa.post("/roster/person", {"number": "R-0001", "why": "papers that expire"}, page="/roster")
    assert SECRET in rosa.text
    rosa.post("/roster/request/REQ-1/team", {}, page="/roster")
    assert SECRET not in rosa.text
    for account in ("rosa", "ana", "sam", "pia", "rex", "hana", "paul", "alma", "adam"):
        visitor = desk.person(account)
        for path in pages:
            assert SECRET not in visitor.get(path).text, (account, path)
            if account not in {"rosa"}:
                assert "R-0001" not in visitor.text, (account, path)
    for path in desk.settings.var.rglob("*"):
        if path.is_file() and path.suffix not in {".duckdb"}:
            assert SECRET.encode() not in path.read_bytes(), path


def test_a_kept_request_is_readable_by_its_owner_alone_and_reads_back_the_same(desk: Desk):
    wanted = asked(id="REQ-9", clearances=frozenset({"field"}), visa_needed=True)
    with open_roster(desk.settings) as held:
        register(held, wanted, by="A manager", settings=desk.settings)
    assert desk.office.standby is not None
    assert desk.office.standby.load("REQ-9") == wanted
    for path in (desk.settings.var / "roster" / "requests").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_the_public_lens_has_neither_alerts_nor_roster(desk: Desk):
    desk.office.standby = None
    rosa = desk.person("rosa").get("/roster")
    assert (rosa.status, rosa.what) == (503, "This desk has neither alerts nor roster.")
    assert desk.stranger().get("/acknowledge?m=a&u=1&s=b").status == 503


def test_an_alert_approved_at_the_desk_leaves_the_chain_whole(desk: Desk):
    rex = desk.person("rex")
    rex.post(f"{NOTICE}/approve", {"reason": "read", "seen": DRAFT.object_hash}, page=NOTICE)
    assert "each with its file, in unbroken order" in words_of(desk.person("alma").get("/audit").text)
