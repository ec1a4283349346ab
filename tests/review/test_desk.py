"""The desk from outside: sign-in, forms, headers, and what is refused with words."""

import html
import json
import re
import shutil
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from desks import CHECKS, NOW, PASSWORD, TEXT, Desk, TestClient, Visitor, words_of
from weeks import ISSUE, SITUATION

from domain.classification import Classification, Lens, Protection
from domain.errors import UsageError
from domain.review import Act, Authentication, Decision
from domain.signal import short_hash
from review.accounts import Accounts, check_password
from review.desk import FORM_BYTES, HEADERS, build
from review.ledger import Ledger, read_anchors, verify
from review.rights import Person, Role
from review.situations import read_life
from warehouse.sealed import make_vault

WRITE = f"/situation/{SITUATION}/write"
MOVE = f"/situation/{SITUATION}/move"
FIRST = short_hash("incident", "XRU", "0")


def write(visitor: Visitor, version: int = 0, **other: str) -> Visitor:
    return visitor.post(WRITE, {**TEXT, "version": str(version), **other})


def step(visitor: Visitor, to: str, version: int, **other: object) -> Visitor:
    return visitor.post(MOVE, {"to": to, "version": str(version), "reason": "looked at it", **other})


# Sign-in


def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(desk: Desk):
    known = desk.stranger().sign_in("ana", "wrong")
    unknown = desk.stranger().sign_in("nobody", "wrong")
    assert known.status == unknown.status == 403
    assert words_of(known.text) == words_of(unknown.text)
    assert "do not belong together" in known.text


def test_after_five_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour(desk: Desk):
    for _ in range(5):
        desk.stranger().sign_in("ana", "wrong")
    assert "Too many tries" in desk.stranger().sign_in("ana").text
    desk.clock.at += timedelta(minutes=16)
    assert desk.stranger().sign_in("ana").status == 303


def test_one_address_cannot_try_many_names(desk: Desk):
    for number in range(20):
        desk.stranger().sign_in(f"name{number}", "wrong")
    assert "Too many tries" in desk.stranger().sign_in("ana").text


def test_a_store_begins_without_any_account(tmp_path):
    accounts = Accounts(tmp_path / "desk.sqlite")
    assert accounts.all() == ()
    assert (tmp_path / "desk.sqlite").stat().st_mode & 0o077 == 0
    accounts.close()


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "Ana Lyst Anon", "ana"])
def test_an_easy_password_is_refused(password):
    person = Person(account="ana", name="Ana Lyst Anon", role=Role.ANALYST, regions=frozenset())
    with pytest.raises(UsageError, match="too easy"):
        check_password(password, person)


def test_two_people_cannot_have_one_name(desk: Desk):
    twin = Person(account="ana2", name="ANA LYST", role=Role.ANALYST, regions=frozenset())
    with pytest.raises(UsageError, match="already"):
        desk.accounts.add(twin, password=PASSWORD, at=NOW)


def test_neither_password_nor_token_lies_in_the_file(desk: Desk):
    visitor = desk.person("ana")
    token = visitor.client.cookies["desk"]
    body = b"".join(path.read_bytes() for path in (desk.settings.var / "review").glob("desk.sqlite*"))
    assert PASSWORD.encode() not in body
    assert token.encode() not in body
    assert b"$argon2id$" in body


def test_the_cookie_is_for_the_desk_alone(desk: Desk):
    answer = desk.stranger().client.post("/sign-in", data={"account": "ana", "password": PASSWORD})
    told = answer.headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=strict" in told
    assert "Secure" not in told
    stranger = desk.stranger()
    stranger.client.base_url = "https://testserver"
    assert (
        "Secure"
        in stranger.client.post("/sign-in", data={"account": "ana", "password": PASSWORD}).headers["set-cookie"]
    )


def test_signing_out_ends_the_sign_in_for_good(desk: Desk):
    visitor = desk.person("ana")
    token = visitor.client.cookies["desk"]
    assert visitor.post("/sign-out", {}).status == 303
    visitor.client.cookies.set("desk", token)
    answer = visitor.client.get("/triage?place=XRU")
    assert answer.headers["location"] == "/sign-in?going=%2Ftriage%3Fplace%3DXRU"


def test_closing_an_account_ends_its_sign_ins_at_once(desk: Desk):
    analyst = desk.person("ana")
    desk.person("adam").post("/accounts/ana", {"open": "no"}, page="/accounts")
    assert analyst.get("/").status == 303
    assert analyst.sign_in("ana").status == 403


def test_nobody_closes_their_own_account(desk: Desk):
    assert desk.person("adam").post("/accounts/adam", {"open": "no"}).what == "This is your own account."


@pytest.mark.parametrize(
    "going", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_after_signing_in_nobody_is_sent_elsewhere(desk: Desk, going: str):
    answer = desk.stranger().client.post("/sign-in", data={"account": "ana", "password": PASSWORD, "going": going})
    assert answer.headers["location"] == "/"


# What guards every request


def test_every_answer_carries_the_headers_and_no_page_has_a_script_or_style_of_its_own(desk: Desk):
    visitor = desk.person("sam")
    paths = [
        "/",
        "/triage",
        f"/incident/{FIRST}",
        f"/situation/{SITUATION}",
        WRITE,
        "/nowhere",
        "/static/desk.css",
        "/x",
    ]
    for path in paths:
        answer = visitor.client.get(path)
        for name, value in HEADERS.items():
            if name != "cache-control":
                assert answer.headers[name] == value, (path, name)
        assert not re.search(
            r"<script(?! src=\"/static/desk.js\" defer></script>)|<style| style=| on[a-z]+=", answer.text
        ), path
    assert "unsafe" not in HEADERS["content-security-policy"]
    assert visitor.client.get("/").headers["cache-control"] == "no-store"


def test_a_form_without_its_sign_is_refused(desk: Desk):
    visitor = desk.person("ana")
    for fields in ({}, {"csrf": "forged", "form": "x"}, {"csrf": visitor.get("/").sign("csrf")}):
        answer = visitor.client.post(WRITE, data={**TEXT, "version": "0", **fields})
        assert answer.status_code == 403
        assert "does not come from your own page" in answer.text
    assert desk.office.ledger.in_order() == ()


def test_the_sign_of_another_persons_form_is_refused(desk: Desk):
    other = desk.person("sam").get("/").sign("csrf")
    answer = desk.person("ana").client.post(WRITE, data={**TEXT, "version": "0", "csrf": other, "form": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_form_from_another_site_is_refused_and_not_carried(desk: Desk, headers):
    visitor = desk.person("ana")
    visitor.get(WRITE)
    fields = {**TEXT, "version": "0", "csrf": visitor.sign("csrf"), "form": visitor.sign("form")}
    for one in (visitor, desk.stranger()):
        answer = one.client.post(WRITE, data=fields, headers=headers)
        assert answer.status_code == 403
        assert "comes from another site" in answer.text
        assert TEXT["alleged"] not in answer.text


def test_a_request_that_is_sent_again_counts_once(desk: Desk):
    visitor = desk.person("ana")
    visitor.get(f"/incident/{FIRST}")
    fields = {"verdict": "relevant", "reason": "place and date", "version": "0"}
    fields |= {"csrf": visitor.sign("csrf"), "form": visitor.sign("form")}
    assert visitor.client.post(f"/incident/{FIRST}", data=fields).status_code == 303
    again = visitor.client.post(f"/incident/{FIRST}", data=fields)
    assert again.status_code == 403
    assert "was sent already" in again.text
    assert len(desk.office.ledger.history(FIRST)) == 1


def test_a_form_that_is_too_large_is_refused_with_words(desk: Desk):
    visitor = desk.person("ana")
    answer = visitor.client.post(WRITE, data={"alleged": "x" * (FORM_BYTES + 1)})
    assert answer.status_code == 413
    assert "This is too large" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_body_that_hides_its_length_is_cut_off(desk: Desk):
    visitor = desk.person("ana")
    sent = 0

    def parts():
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b"alleged=" + b"x" * 65536

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.client.post(WRITE, content=parts(), headers=headers).status_code == 413


def test_an_upload_of_a_gigabyte_is_refused_before_it_is_read(desk: Desk):
    visitor = desk.person("ana")
    headers = {"content-length": str(1024**3), "content-type": "multipart/form-data; boundary=x"}
    answer = visitor.client.post("/intake", content=b"", headers=headers)
    assert answer.status_code == 413
    assert "20 480 kB" in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_another_host_name_is_refused(desk: Desk, host: str):
    assert desk.stranger().client.get("/sign-in", headers={"host": host}).status_code == 400


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\u202e"


def test_script_in_any_field_is_text_wherever_it_is_shown(desk: Desk):
    visitor = desk.person("ana")
    fields = {name: value if name in {"likelihood", "confidence"} else HOSTILE for name, value in TEXT.items()}
    assert visitor.post(WRITE, {**fields, "version": "0"}).status == 303
    visitor.post(f"/incident/{FIRST}", {"verdict": "relevant", "reason": HOSTILE, "version": "0"})
    visitor.post(
        f"/incident/{FIRST}/correct", {"field": "place", "value": HOSTILE[:190], "reason": HOSTILE, "version": "1"}
    )
    for path in (
        f"/situation/{SITUATION}",
        f"/situation/{SITUATION}/preview",
        WRITE,
        f"/incident/{FIRST}",
        "/triage?place=XRU",
        f"/history?object=situation/{SITUATION}",
        f"/history?object={HOSTILE}",
    ):
        visitor.get(path)
        assert visitor.status == 200, path
        assert "<script>alert" not in visitor.text
        assert "<img" not in visitor.text
        assert "49" not in words_of(visitor.text).split()
        assert "\u202e" not in visitor.text
    desk.person("alma").get("/audit")


@pytest.mark.parametrize(
    "path", ["/issue/2024-W04/../../etc/AFR.html", "/issue/2024-W04/r1/..%2f..%2fdesk.sqlite", "/static/..%2fdesk.py"]
)
def test_a_path_leads_nowhere_else(desk: Desk, path: str):
    answer = desk.person("rex").client.get(path)
    assert answer.status_code in {400, 404}
    assert "sqlite" not in answer.text.casefold() or answer.status_code == 404


def test_an_address_that_is_none_is_said_so_in_words(desk: Desk):
    visitor = desk.person("ana").get("/nothing/here")
    assert (visitor.status, visitor.what) == (404, "There is no such page.")


# Nothing typed is lost


def test_an_expired_sign_in_in_the_middle_of_a_long_text_loses_nothing(desk: Desk):
    visitor = desk.person("ana")
    visitor.get(WRITE)
    long_text = "An alleged event, according to the gazette.\n" * 150
    fields = {**TEXT, "alleged": long_text, "version": "0", "csrf": visitor.sign("csrf"), "form": visitor.sign("form")}
    desk.clock.at += timedelta(hours=2)
    answer = visitor.client.post(WRITE, data=fields)
    assert answer.status_code == 401
    carried = re.search(r'name="carried" value="([^"]*)"', answer.text)[1]
    fields = {"account": "ana", "password": PASSWORD, "carried": html.unescape(carried)}
    wrong = visitor.client.post("/sign-in", data={**fields, "password": "no"})
    assert 'name="carried"' in wrong.text
    answer = visitor.client.post("/sign-in", data=fields)
    assert "Your text is here" in answer.text
    again = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', answer.text))
    assert desk.office.ledger.in_order() == ()
    saved = visitor.client.post(WRITE, data={name: html.unescape(value) for name, value in again.items()})
    assert saved.status_code == 303, words_of(saved.text)
    life = desk.office.life(SITUATION)
    assert life.text is not None
    assert life.text.alleged == long_text.strip()
    assert life.text.contrary == TEXT["contrary"]


def test_a_form_of_an_earlier_sign_in_is_shown_again_and_not_saved_by_itself(desk: Desk):
    visitor = desk.person("ana")
    visitor.get(WRITE)
    old = {"csrf": visitor.sign("csrf"), "form": visitor.sign("form")}
    visitor.sign_in("ana")
    answer = visitor.client.post(WRITE, data={**TEXT, "version": "0", **old}, headers={"origin": "http://testserver"})
    assert "Your text is here" in answer.text
    assert TEXT["alleged"] in answer.text
    assert desk.office.ledger.in_order() == ()


def test_a_text_that_lacks_what_is_required_is_shown_again_as_typed(desk: Desk):
    visitor = write(desk.person("ana"), account="", contrary=" ", alleged="Words that took an hour.")
    assert visitor.status == 422
    assert "“The State's account” is empty" in words_of(visitor.text.replace("&#39;", "'"))
    assert "“Strongest contrary evidence” is empty" in visitor.text
    assert "Words that took an hour." in visitor.text
    assert desk.office.ledger.in_order() == ()


def test_the_second_of_two_editors_sees_the_conflict_and_both_texts(desk: Desk):
    ana, sam = desk.person("ana"), desk.person("sam")
    assert write(ana, alleged="The first text.").status == 303
    write(sam, alleged="The second text.")
    assert sam.status == 409
    assert "Ana Lyst saved version 1" in sam.text
    assert "The first text." in sam.text
    assert "The second text." in sam.text
    assert re.search(r'name="version" value="1"', sam.text)
    assert write(sam, version=1, alleged="Both taken together.").status == 303
    assert desk.office.life(SITUATION).text.alleged == "Both taken together."


def test_a_save_is_seen_by_its_author_at_once(desk: Desk):
    visitor = desk.person("ana")
    write(visitor, alleged="Seen at once.")
    assert "Seen at once." in visitor.get(f"/situation/{SITUATION}").text


# A text on its way


def cleared(desk: Desk) -> None:
    """The text written, challenged, protected, worded and cleared, by five people."""
    assert write(desk.person("ana")).status == 303
    assert step(desk.person("sam"), "challenged", 1).status == 303
    assert step(desk.person("pia"), "protected", 2, check=CHECKS).status == 303
    assert step(desk.person("sam"), "worded", 3).status == 303
    assert step(desk.person("rex"), "cleared", 4).status == 303


def confirmed(desk: Desk) -> None:
    path = f"/situation/{SITUATION}/level"
    assert desk.person("ana").post(path, {"what": "confirm", "version": "0", "reason": "six cases"}).status == 303
    assert desk.person("sam").post(path, {"what": "countersign 0", "version": "1", "reason": "agreed"}).status == 303


def test_a_text_goes_from_draft_to_frozen_by_five_people(desk: Desk):
    confirmed(desk)
    cleared(desk)
    assert step(desk.person("rex"), "frozen", 5).status == 303
    life = desk.office.life(SITUATION)
    assert [(one.step.value, one.by) for one in life.signatures] == [
        ("challenged", "Sam Second"),
        ("protected", "Pia Protect"),
        ("worded", "Sam Second"),
        ("cleared", "Rex Region"),
        ("frozen", "Rex Region"),
    ]
    assert len(life.frozen_hash) == 64


def test_no_step_is_left_out_and_no_role_takes_anothers(desk: Desk):
    write(desk.person("ana"))
    assert step(desk.person("rex"), "cleared", 1).what == "The text is draft, not worded."
    assert "does not take this step" in step(desk.person("rex"), "challenged", 1).what
    assert step(desk.person("rex"), "issued", 1).what == "There is no such step."
    assert desk.office.life(SITUATION).step.value == "draft"


def test_the_author_takes_no_step_of_the_clearance(desk: Desk):
    write(desk.person("sam"))
    assert step(desk.person("sam"), "challenged", 1).what == "You wrote this text."


def test_the_protection_check_asks_for_each_of_its_points(desk: Desk):
    write(desk.person("ana"))
    step(desk.person("sam"), "challenged", 1)
    visitor = step(desk.person("pia"), "protected", 2, check=["consent", "mosaic"])
    assert visitor.what == "The protection check is not complete."
    assert "No count below three" in visitor.text


def test_a_step_taken_on_an_older_page_is_refused(desk: Desk):
    write(desk.person("ana"))
    assert step(desk.person("sam"), "challenged", 0).status == 409


def test_a_new_text_starts_at_draft_again(desk: Desk):
    cleared(desk)
    write(desk.person("ana"), version=5, alleged="Other words.")
    assert desk.office.life(SITUATION).step.value == "draft"


def test_a_stale_clearance_names_the_fact_that_changed_and_stops_the_freeze(desk: Desk):
    cleared(desk)
    desk.person("ana").post(f"/incident/{FIRST}", {"verdict": "park", "reason": "no date", "version": "0"})
    visitor = step(desk.person("rex"), "frozen", 5)
    assert visitor.what == "The clearance is stale."
    assert f"incident {FIRST[:8]}: was" in visitor.text
    assert "parked" in visitor.text
    assert f"incident {FIRST[:8]}" in desk.person("rex").get(f"/situation/{SITUATION}").text


def test_the_urgent_lane_needs_two_people_of_whom_one_protects(desk: Desk):
    write(desk.person("ana"))
    urgent = {"lane": "urgent", "reason": "execution announced for tomorrow", "check": CHECKS}
    assert desk.person("rex").post(MOVE, {**urgent, "version": "1"}).status == 303
    assert desk.office.life(SITUATION).step.value == "draft"
    assert desk.person("rex").post(MOVE, {**urgent, "version": "2"}).what == "You have signed already."
    assert (
        desk.person("hana").post(MOVE, {**urgent, "version": "2"}).what == "The second signature is another role&#39;s."
    )
    assert desk.person("sam").post(MOVE, {**urgent, "version": "2"}).status == 403
    assert desk.person("pia").post(MOVE, {**urgent, "version": "2"}).status == 303
    assert desk.office.life(SITUATION).step.value == "cleared"


def test_an_issue_waits_for_every_text_and_level_and_says_which(desk: Desk):
    rex = desk.person("rex")
    rex.post(f"/issue/{ISSUE}/r1/clear", {"reason": "read", "version": "0"})
    assert rex.what == "Something holds this issue back."
    assert "Ruritania: nobody has written its text, nobody has confirmed emerging concern" in words_of(rex.text)
    assert "Freedonia" in rex.text


def free(desk: Desk) -> None:
    """Freedonia, the other situation that holds the issue back, confirmed as urgent and frozen by the urgent lane."""
    other = short_hash("situation", "XFR", "2024-W04")
    path = f"/situation/{other}"
    # Its sealed incident is above the analysts at this desk, so their part comes from another hand.
    content = json.dumps({"text": TEXT}, ensure_ascii=False)
    save(desk, Act.WRITE, f"situation/{other}", content, by="Ana Lyst", role="analyst")
    for signer, role in (("Sam Second", "second analyst"), ("Rex Region", "regional head")):
        request = {
            "situation_id": other,
            "run": ISSUE,
            "from_level": "urgent",
            "proposed_level": "urgent",
            "to_level": "urgent",
            "first_hand": False,
        }
        said = json.dumps(request, sort_keys=True, separators=(",", ":"))
        save(desk, Act.CONFIRM_LEVEL, f"level/{other}", said, by=signer, role=role)
    rex, pia = desk.person("rex"), desk.person("pia")
    assert rex.post(f"{path}/level", {"what": "tell", "reason": "by telephone", "version": "2"}).status == 303
    urgent = {"lane": "urgent", "reason": "cannot wait", "check": CHECKS}
    assert rex.post(f"{path}/move", {**urgent, "version": "1"}).status == 303
    assert pia.post(f"{path}/move", {**urgent, "version": "2"}).status == 303
    assert rex.post(f"{path}/move", {"to": "frozen", "reason": "fixed", "version": "3"}).status == 303


def save(desk: Desk, act: Act, object_id: str, content: str, *, by: str, role: str) -> None:
    decision = Decision(
        act=act,
        object_id=object_id,
        object_hash="",
        by=by,
        role=role,
        author=by,
        reason="made for the test",
        decided_at=desk.clock(),
        lens=Lens.RESTRICTED,
        authentication=Authentication.SIGNED_IN,
        content=content,
    )
    protection = replace(
        Protection.public(NOW.date()), lens=Lens.RESTRICTED, classification=Classification.STRICTLY_CONFIDENTIAL
    )
    version = len(desk.office.ledger.history(object_id)) + 1
    desk.office.ledger.save(decision, protection, version=version)


def issued(desk: Desk) -> None:
    confirmed(desk)
    cleared(desk)
    assert step(desk.person("rex"), "frozen", 5).status == 303
    free(desk)
    rex = desk.person("rex")
    assert rex.post(f"/issue/{ISSUE}/r1/clear", {"reason": "read in full", "version": "0"}).status == 303, rex.text
    hana = desk.person("hana")
    assert hana.post(f"/issue/{ISSUE}/r1/issue", {"reason": "to the President", "version": "1"}).status == 303, (
        hana.text
    )


def test_an_issue_that_was_cleared_is_issued_and_its_texts_with_it(desk: Desk):
    issued(desk)
    assert desk.published == [f"{ISSUE}/r1"]
    assert desk.office.life(SITUATION).step.value == "issued"
    reader = desk.person("paul")
    assert "AFR.html" in reader.get("/released").text
    answer = reader.client.get(f"/released/{ISSUE}/r1/AFR.html")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert reader.post(f"/released/{ISSUE}/r1", {"version": "2"}, page="/released").status == 303
    assert "Acknowledged: Paul President" in reader.get("/released").text
    assert any(one.what == "export released_page" for one in desk.accounts.accesses("paul"))


def test_an_issue_carries_the_anchor_that_finds_a_cut_chain(desk: Desk):
    issued(desk)
    chain = desk.settings.var / "review" / "chain"
    anchors = read_anchors(desk.settings.published)
    assert [one.length for one in anchors] == [len(chain.read_bytes().splitlines())]
    assert "anchor" not in words_of(desk.person("paul").get("/released").text)
    chain.write_bytes(b"".join(chain.read_bytes().splitlines(keepends=True)[:-2]))
    assert "cut tail" in {one.fault.value for one in verify(desk.settings.var / "review", anchors)}


def test_the_roster_manager_gets_public_issues_alone(desk: Desk):
    issued(desk)
    visitor = desk.person("rosa")
    assert "AFR.html" not in visitor.get("/released").text
    assert visitor.get(f"/released/{ISSUE}/r1/AFR.html").what == "This is confidential."


def test_a_withdrawn_issue_is_given_to_nobody_and_says_revised(desk: Desk):
    issued(desk)
    pia = desk.person("pia")
    assert pia.post(f"/issue/{ISSUE}/r1/stop", {"reason": "a source is in danger", "version": "2"}).status == 303
    reader = desk.person("paul")
    page = reader.get("/released").text
    assert "Revised." in page
    assert "danger" not in page
    assert reader.get(f"/released/{ISSUE}/r1/AFR.html").what == "This issue was withdrawn."


def test_an_issued_text_is_corrected_by_a_new_one_that_goes_the_whole_way(desk: Desk):
    issued(desk)
    assert desk.person("ana").get(WRITE).what == "The text is issued."
    assert step(desk.person("rex"), "corrected", 7).status == 303
    assert write(desk.person("ana"), version=8, alleged="Two persons, not three.").status == 303
    life = desk.office.life(SITUATION)
    assert life.step.value == "draft"
    assert life.issued_text.alleged == TEXT["alleged"]
    page = desk.person("sam").get(f"/situation/{SITUATION}").text
    assert "<del>" in page
    assert "<ins>Two persons, not three.</ins>" in page


def test_who_wrote_a_text_in_it_does_not_clear_the_issue(desk: Desk):
    confirmed(desk)
    cleared(desk)
    step(desk.person("rex"), "frozen", 5)
    free(desk)
    with desk.accounts._writing():
        desk.accounts._file.execute("UPDATE accounts SET role = 'regional head', regions = '*' WHERE account = 'ana'")
    visitor = desk.person("ana").post(f"/issue/{ISSUE}/r1/clear", {"reason": "read", "version": "0"})
    assert visitor.what.startswith("You wrote the text on")


# Triage


def test_a_verdict_leads_to_the_next_incident_that_nobody_looked_at(desk: Desk):
    visitor = desk.person("ana")
    ids = desk.office.shelf.newest().fresh_ids("XRU")
    answer = visitor.post(f"/incident/{ids[0]}", {"verdict": "relevant", "reason": "place and date", "version": "0"})
    assert answer.status == 303
    visitor.post(f"/incident/{ids[1]}", {"verdict": "park", "reason": "place not clear", "version": "0"})
    assert "Ruritania all 2 done" in words_of(visitor.get("/triage?place=XRU").text)


def test_a_verdict_without_a_reason_is_refused(desk: Desk):
    visitor = desk.person("ana").post(f"/incident/{FIRST}", {"verdict": "relevant", "reason": " ", "version": "0"})
    assert (visitor.status, visitor.what) == (400, "A reason is missing.")


def test_from_a_refused_form_a_link_leads_back_and_never_to_another_site(desk: Desk):
    visitor = desk.person("ana")
    for told, back in (("http://testserver/triage?place=XRU", "/triage?place=XRU"), ("https://evil.example/x", "")):
        page = visitor.post(f"/incident/{FIRST}", {"verdict": "", "version": "0"}, headers={"referer": told}).text
        assert re.findall(r'class="button" href="([^"]*)"', page) == ([back] if back else [])


def test_two_coders_who_differ_are_shown_and_their_agreement_is_counted(desk: Desk):
    ids = desk.office.shelf.newest().fresh_ids("XRU")
    for account, verdicts in (("ana", ("relevant", "park")), ("sam", ("relevant", "relevant"))):
        visitor = desk.person(account)
        for one, verdict in zip(ids, verdicts, strict=True):
            version = len(desk.office.ledger.history(one))
            visitor.post(f"/incident/{one}", {"verdict": verdict, "reason": "r", "version": str(version)})
    page = words_of(desk.person("ana").get("/triage?place=XRU").text)
    assert "coders differ" in page
    # One of two agreed; chance: (1/2 × 1) = 1/2, so kappa is 0.
    assert "Ana Lyst and Sam Second 2 50 % 0.00" in page


def test_a_duplicate_is_a_merge_of_both_incidents_reports_and_can_be_taken_back(desk: Desk):
    ids = desk.office.shelf.newest().fresh_ids("XRU")
    visitor = desk.person("ana")
    fields = {"verdict": "duplicate", "of": ids[1], "reason": "same event", "version": "0"}
    assert visitor.post(f"/incident/{ids[0]}", fields).status == 303
    merge, verdict = (one.decision for one in desk.office.ledger.in_order())
    snapshot = desk.office.shelf.newest()
    reports = sorted({*snapshot.incident(ids[0]).reports, *snapshot.incident(ids[1]).reports})
    assert (merge.act, merge.object_id) == (Act.MERGE, " ".join(reports))
    assert (verdict.act, verdict.object_id) == (Act.DUPLICATE, ids[0])
    assert "merge" in visitor.get(f"/incident/{ids[1]}").text
    visitor.post(f"/incident/{ids[0]}/take-back", {"taken": "1", "reason": "two events after all", "version": "1"})
    assert [one.decision.act for one in desk.office.ledger.history(merge.object_id)] == [Act.MERGE, Act.WITHDRAW]
    assert "Nobody has looked at it" in visitor.get(f"/incident/{ids[0]}").text


def test_a_split_names_reports_and_can_be_taken_back(desk: Desk):
    visitor = desk.person("ana")
    reports = desk.office.shelf.newest().incident(FIRST).reports
    path = f"/incident/{FIRST}"
    assert visitor.post(f"{path}/split", {"report": list(reports), "reason": "x", "version": "0"}).status == 400
    assert (
        visitor.post(f"{path}/split", {"report": [reports[1]], "reason": "another day", "version": "0"}).status == 303
    )
    assert (
        visitor.post(f"{path}/take-back", {"joining": reports[1], "reason": "same day", "version": "0"}).status == 303
    )
    assert [one.decision.act for one in desk.office.ledger.history(reports[1])] == [Act.SPLIT, Act.WITHDRAW]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("state", "Freedonia", "XFR"),
        ("class", "T06", "T06"),
        ("date", "2024-01-20", "20 January 2024"),
        ("place", "Market", "Market"),
    ],
)
def test_a_correction_stands_beside_the_coded_value(desk: Desk, name: str, value: str, shown: str):
    visitor = desk.person("ana")
    visitor.post(f"/incident/{FIRST}/correct", {"field": name, "value": value, "reason": "misread", "version": "0"})
    assert visitor.status == 303
    page = words_of(visitor.get(f"/incident/{FIRST}").text)
    assert shown in page
    assert "27 January 2024" in page
    assert desk.office.shelf.newest().incident(FIRST).place == "XRU"


@pytest.mark.parametrize(
    ("name", "value"),
    [("state", "Nowhere"), ("class", "T99"), ("date", "2030-01-01"), ("date", "soon"), ("place", ""), ("by", "x")],
)
def test_a_correction_to_something_that_is_none_is_refused(desk: Desk, name: str, value: str):
    fields = {"field": name, "value": value, "reason": "misread", "version": "0"}
    assert desk.person("ana").post(f"/incident/{FIRST}/correct", fields).status == 400
    assert desk.office.ledger.in_order() == ()


def test_the_words_that_led_to_a_label_are_marked(desk: Desk):
    page = desk.person("ana").get(f"/incident/{FIRST}").text
    assert re.search(r"<mark[^>]*>killed<span", page)


def test_a_draft_is_made_of_relevant_incidents_alone_and_says_that_it_is_one(desk: Desk):
    visitor = desk.person("ana")
    assert "no draft to begin with" in visitor.get(WRITE).text
    visitor.post(f"/incident/{FIRST}", {"verdict": "relevant", "reason": "r", "version": "0"})
    page = visitor.get(WRITE).text
    assert "Draft from triaged facts. Nobody has read it." in page
    assert "One alleged incident on 2024-01-27" in page


def test_the_linter_speaks_in_the_margin(desk: Desk):
    visitor = desk.person("ana")
    write(visitor, alleged="A brutal act is alleged.")
    assert "An adjective of blame." in visitor.get(WRITE).text
    assert "An adjective of blame." in visitor.get(f"/situation/{SITUATION}").text


def test_the_first_page_tells_each_person_what_waits_for_them_and_nobody_else(desk: Desk):
    path = f"/situation/{SITUATION}/level"
    desk.person("ana").post(path, {"what": "confirm", "version": "0", "reason": "six cases"})
    write(desk.person("ana"))
    assert "emerging concern waits for a signature of a second analyst" in desk.person("sam").get("/").text
    assert "Text is draft: challenge it" in desk.person("sam").get("/").text
    assert "challenge it" not in desk.person("ana").get("/").text
    assert "Ruritania" not in desk.person("olga").get("/").text
    assert "Ruritania" not in desk.person("paul").get("/").text


# Options, intake


def test_options_stand_in_the_order_of_the_alphabet_and_none_is_advised(desk: Desk):
    page = desk.person("rex").get(f"/situation/{SITUATION}/options").text
    names = re.findall(r'<tr><th scope="row">(.*?)</th>', page)
    assert names[0] == "Technical cooperation and capacity-building"  # it can stand beside every other one
    assert names[1:] == sorted(names[1:])
    assert len(names) == 11
    assert "16 of 47" in page
    assert not re.search(r"recommended|suggested|best option", page)


def test_a_decision_is_entered_with_who_what_when_and_why(desk: Desk):
    rex, path = desk.person("rex"), f"/situation/{SITUATION}/options"
    entry = {
        "option": "good_offices",
        "decided_by": "The President",
        "decided_on": "2024-01-29",
        "decision": "Offer",
        "why": "w",
    }
    assert "needs the State&#39;s consent on record" in rex.post(path, {**entry, "version": "0"}).text
    assert rex.post(path, {**entry, "consent": "note of 28 January", "version": "0"}).status == 303
    assert rex.post(path, {"what": "summary", "words": "Contact was made.", "version": "0"}).status == 303
    kinds = {one.decision.object_id.partition("/")[0] for one in desk.office.ledger.in_order()}
    assert kinds == {"option", "option-summary"}
    assert desk.person("pia").post(path, {**entry, "version": "1"}).status == 403


REPORT = {
    "title": "A visit was refused",
    "text": "Monitors were turned away at the gate.",
    "place": "Ruritania",
    "source_class": "field_presence",
    "classification": "confidential",
    "sharing": "amber_strict",
    "consent": "internal_use",
    "consent_until": "2024-12-31",
}


def test_a_report_is_taken_in_with_its_classification_wish_and_consent(desk: Desk):
    visitor = desk.person("ana").post("/intake", dict(REPORT))
    assert visitor.status == 303
    (landed,) = desk.office.ledger.in_order()
    assert landed.protection.classification.value == "confidential"
    assert landed.protection.source_sharing.value == "amber_strict"
    assert landed.protection.consent_scope.value == "internal_use"
    assert "ana" not in landed.decision.content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consent": "none"}, "silence is not consent"),
        ({"consent": ""}, "“consent” is missing"),
        ({"consent_until": "2024-01-01"}, "between today and five years"),
        ({"consent_until": "2040-01-01"}, "between today and five years"),
        ({"classification": "unclassified"}, "narrower"),
        ({"place": "Nowhere"}, "is no State or territory"),
        ({"source_class": "media"}, "are collected, not given"),
        ({"occurred_on": "2030-01-01"}, "has not come yet"),
        ({"sharing": "loud"}, "is no sharing"),
    ],
)
def test_a_report_that_may_not_travel_so_is_refused_with_words_and_as_typed(desk: Desk, change, words):
    visitor = desk.person("ana").post("/intake", {**REPORT, **change})
    assert visitor.status == 422
    assert words in visitor.text
    assert REPORT["text"] in visitor.text
    assert desk.office.ledger.in_order() == ()


def test_a_report_of_another_region_is_refused(desk: Desk):
    visitor = desk.person("ana").post("/intake", {**REPORT, "place": "Genovia"})
    assert "belongs to another region" in visitor.text
    assert desk.office.ledger.in_order() == ()


def test_withdrawing_a_report_lists_everything_that_used_it(desk: Desk):
    visitor = desk.person("ana")
    write(visitor)
    report = desk.office.shelf.newest().incident(FIRST).reports[0]
    page = words_of(visitor.get(f"/report/{report}").text)
    assert f"incident: {FIRST[:8]}" in page
    assert "situation: Ruritania" in page
    assert "text (draft): Ruritania" in page
    assert visitor.post(f"/report/{report}", {"reason": "asked by the source", "version": "0"}).status == 303
    (landed,) = desk.office.ledger.history(f"report/{report}")
    assert landed.decision.act is Act.WITHDRAW
    assert "text (draft) Ruritania" in landed.decision.content


# Many at once


def test_twenty_people_deciding_on_one_incident_at_once_lose_nothing_silently(desk: Desk):
    visitors = [desk.person("ana" if at % 2 else "sam") for at in range(20)]
    answers: list[int] = []

    def decide(visitor: Visitor) -> None:
        visitor.post(f"/incident/{FIRST}", {"verdict": "relevant", "reason": "r", "version": "0"})
        answers.append(visitor.status)

    threads = [threading.Thread(target=decide, args=(one,)) for one in visitors]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [303] + [409] * 19
    assert len(desk.office.ledger.history(FIRST)) == 1


def test_the_auditor_sees_a_chain_that_was_changed(desk: Desk):
    write(desk.person("ana"))
    auditor = desk.person("alma")
    assert "each with its file, in unbroken order" in auditor.get("/audit").text
    path = desk.office.ledger.place(f"situation/{SITUATION}", 1)
    path.write_bytes(path.read_bytes().replace(b"harbour", b"HARBOUR"))
    assert "Something is wrong." in auditor.get("/audit").text


# Inside another application


def hosted(desk: Desk) -> Visitor:
    """A desk that leaves signing in to the application around it; a header stands for that application's word."""
    desk.office.identify = lambda request: request.headers.get("x-signed-in", "")
    return Visitor(desk, TestClient(build(desk.office), follow_redirects=False))


def test_who_is_signed_in_around_the_desk_has_the_role_of_their_account(desk: Desk):
    visitor = hosted(desk)
    visitor.client.headers["x-signed-in"] = "ana"
    assert visitor.get("/situations").status == 303
    assert "Ana Lyst, analyst" in visitor.get("/situations").text
    assert visitor.get("/accounts").status == 403


def test_somebody_without_an_account_of_the_desk_is_told_so(desk: Desk):
    visitor = hosted(desk)
    assert visitor.get("/").what == "You are not signed in."
    visitor.client.headers["x-signed-in"] = "admin"
    assert visitor.get("/").what == "You have no account at the desk."


def test_another_person_at_the_same_browser_is_not_the_one_before(desk: Desk):
    visitor = hosted(desk)
    visitor.client.headers["x-signed-in"] = "ana"
    visitor.get("/")
    visitor.client.headers["x-signed-in"] = "rex"
    assert visitor.get("/").status == 303
    assert "Rex Region" in visitor.get("/").text


def test_inside_another_application_nobody_signs_in_by_password(desk: Desk):
    assert hosted(desk).sign_in("ana").status == 403


def test_a_text_survives_the_end_of_the_sign_in_around_the_desk(desk: Desk):
    visitor = hosted(desk)
    page = visitor.client.post(WRITE, data={**TEXT, "version": "0"})
    assert page.status_code == 401
    assert TEXT["alleged"] in page.text
    visitor.client.headers["x-signed-in"] = "ana"
    page = visitor.client.post(WRITE, data={**TEXT, "version": "0"})
    assert "Your text is here" in page.text
    fields = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.text)
    saved = visitor.client.post(WRITE, data={name: html.unescape(value) for name, value in fields})
    assert saved.status_code == 303


def test_a_run_from_before_an_upgrade_is_named_and_what_to_do(desk: Desk, monkeypatch, tmp_path):
    monkeypatch.setattr("warehouse.migrate.find_new.__defaults__", (tmp_path,))
    (tmp_path / "9999_later.sql").touch()
    visitor = desk.person("ana").get("/triage")
    assert (visitor.status, visitor.what) == (503, "The last run is older than this software.")
    assert "make brief" in visitor.text


def test_an_error_of_our_own_code_shows_nothing_of_itself(desk: Desk, monkeypatch, caplog):
    def broken(_self: object) -> None:
        raise RuntimeError("names of people")

    visitor = desk.person("ana")
    monkeypatch.setattr(type(desk.office), "overlay", broken)
    visitor.get("/triage")
    assert (visitor.status, visitor.what) == (500, "The desk failed here.")
    assert "names of people" not in visitor.text
    assert "names of people" in caplog.text


# Sealed


def test_where_keys_were_made_a_decision_lies_sealed_and_is_read_as_before(desk: Desk, tmp_path_factory):
    desk.office.shelf.newest()  # the run before there were keys
    make_vault(desk.settings.var, tmp_path_factory.mktemp("keys") / "keys")
    write(desk.person("ana"), alleged="Words that nobody reads on the disk.")
    body = b"".join(
        path.read_bytes() for path in (desk.settings.var / "review" / "decisions").rglob("*") if path.is_file()
    )
    assert b"Words that nobody reads" not in body
    assert "Words that nobody reads on the disk." in desk.person("sam").get(f"/situation/{SITUATION}").text
    assert verify(desk.settings.var / "review") == ()


def test_an_erased_text_leaves_its_line_in_the_chain_and_the_page_works(desk: Desk, tmp_path_factory):
    desk.office.shelf.newest()
    vault = make_vault(desk.settings.var, tmp_path_factory.mktemp("keys") / "keys")
    write(desk.person("ana"), alleged="Words to be erased.")
    write(desk.person("ana"), version=1, alleged="Words that stay.")
    vault.erase(desk.office.ledger.history(f"situation/{SITUATION}")[0].slot)
    ledger = Ledger(desk.settings.var / "review")
    assert [one.erased for one in ledger.history(f"situation/{SITUATION}")] == [True, False]
    life = read_life(one.decision for one in ledger.history(f"situation/{SITUATION}"))
    assert life.text is not None
    assert life.text.alleged == "Words that stay."
    assert verify(desk.settings.var / "review") == ()


def test_a_lost_key_is_said_in_words(desk: Desk, tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys"
    desk.office.shelf.newest()  # the run before there were keys
    make_vault(desk.settings.var, keys)
    write(desk.person("ana"))
    desk.office.ledger = Ledger(desk.settings.var / "review")
    shutil.rmtree(keys) if keys.is_dir() else keys.unlink()
    visitor = desk.person("ana").get(f"/situation/{SITUATION}")
    assert visitor.status == 503
    assert "key" in visitor.text
