"""What only people can say: one enters, another confirms or refuses; a text before the State concerned."""

import json
from dataclasses import replace
from datetime import date

import pytest
from desks import CHECKS, NOW, TEXT, Desk, Visitor, words_of
from weeks import ISSUE, OTHER, SITUATION, publish_snapshot

from domain.classification import Lens
from domain.evidence import CallRoot
from domain.signal import short_hash
from domain.situation import GateState
from review.comment import object_of as account_of
from scoring.rulings import Entered, Rulings, find_joined, rule
from warehouse.connection import open_store
from warehouse.rows import to_frame

PAGE = f"/situation/{SITUATION}/rulings"
ACCOUNT = f"/situation/{SITUATION}/account"
INCIDENTS = [short_hash("incident", "XRU", str(number)) for number in range(6)]
NEW = "quay seven harbour lamp"
WHY = {"reason": "read in the document"}
FORMS = {
    "p4": {"trigger": "T02", "on": "2024-01-10", "citation": "A/HRC/00/00, paragraph 1"},
    "p5": {"trigger": "T02", "incident": INCIDENTS[:5]},
    "u5": {"trigger": "T02", "on": "2024-02-20", "event": "a trial at the harbour"},
    "harm": {"on": "2024-01-20", "body": "the committee, its note 7"},
    "step": {
        "trigger": "T02",
        "value": "done",
        "on": "2024-01-20",
        "origins": "relief; the State",
        "step": "41 of 63 released",
    },
    "call": {"kind": "b", "on": "2024-01-20", "office": "OHCHR", "sentence": "The Council should meet."},
}
READ = {"p4": "findings", "p5": "findings", "u5": "events", "harm": "imminent", "step": "mitigations", "call": "calls"}
LINES = {
    "p4": "XRU T02 P4 2024-01-10 A/HRC/00/00, paragraph 1",
    "p5": f"XRU T02 P5 2024-01-30 {' '.join(sorted(INCIDENTS[:5]))}",
    "u5": "XRU T02 U5 2024-02-20 a trial at the harbour",
    "harm": "XRU 2024-01-20 the committee, its note 7",
    "step": "XRU T02 done 2024-01-20 relief; the State: 41 of 63 released",
    "call": "XRU b 2024-01-20 OHCHR",
}


def enter(visitor: Visitor, kind: str, /, **other: object) -> Visitor:
    return visitor.post(PAGE, {"what": "enter", "kind_of": kind, **FORMS.get(kind, {}), **WHY, **other})


def answer(visitor: Visitor, line: str, *, what: str = "confirm", version: int = 1) -> Visitor:
    return visitor.post(PAGE, {"what": what, "line": line, "version": str(version), "reason": "looked at it too"})


def newcomer(desk: Desk, name: str, *, like: str, **other: object) -> Visitor:
    """Somebody of the role of another account, signed in."""
    account = name.split(maxsplit=1)[0].lower()
    person = replace(desk.accounts.find(like), account=account, name=name, **other)
    desk.accounts.add(person, password=NEW, at=NOW)
    visitor = desk.stranger()
    visitor.sign_in(account, NEW)
    return visitor


def entered(desk: Desk) -> list[Entered]:
    return [
        Entered(act=one.act, object_id=one.object_id, by=one.by, content=one.content, version=one.version)
        for one in (landed.decision for landed in desk.office.ledger.in_order())
    ]


def heard(desk: Desk) -> Rulings:
    """What the engine makes of it a month later."""
    return rule(entered(desk), today=date(2024, 2, 1))


@pytest.mark.parametrize("kind", FORMS)
def test_what_one_person_enters_counts_when_another_confirms_it(desk: Desk, kind: str):
    ana, sam = desk.person("ana"), desk.person("sam")
    assert enter(ana, kind).status == 303
    assert not getattr(heard(desk), READ[kind])
    assert "Waits for a second person." in words_of(ana.get(PAGE).text)
    assert answer(sam, LINES[kind]).status == 303
    assert len(getattr(heard(desk), READ[kind])) == 1
    assert heard(desk).defects == ()
    assert "Holds." in words_of(sam.get(PAGE).text)


def test_who_entered_it_cannot_confirm_it(desk: Desk):
    ana = desk.person("ana")
    enter(ana, "p4")
    assert 'value="confirm"' not in ana.get(PAGE).text
    assert answer(ana, LINES["p4"]).status == 403
    assert "You have entered it." in ana.text
    assert heard(desk).findings == ()


def test_one_of_the_two_is_a_second_analyst(desk: Desk):
    enter(desk.person("ana"), "p4")
    ben = answer(newcomer(desk, "Ben Beta", like="ana"), LINES["p4"])
    assert "A second analyst has to be one of the two." in ben.text
    assert heard(desk).findings == ()


def test_a_refusal_ends_it_and_says_by_whom_and_why(desk: Desk):
    ana, sam = desk.person("ana"), desk.person("sam")
    enter(ana, "p4")
    assert answer(sam, LINES["p4"], what="end").status == 303
    assert heard(desk).findings == ()
    page = words_of(ana.get(PAGE).text)
    assert "Refused." in page
    assert "Sam Second: looked at it too." in page
    # It may be entered anew, and then needs two again.
    assert enter(ana, "p4").status == 303
    assert answer(sam, LINES["p4"], version=3).status == 303
    assert len(heard(desk).findings) == 1


def test_its_decisions_are_for_those_whose_desk_holds_the_state(desk: Desk):
    enter(desk.person("ana"), "p4")
    path = f"/history?object={LINES['p4']}"
    assert "read in the document" in desk.person("sam").get(path).text
    assert desk.person("olga").get(path).what == "This belongs to another region."


def test_what_holds_can_be_taken_back(desk: Desk):
    ana, sam = desk.person("ana"), desk.person("sam")
    enter(ana, "harm")
    answer(sam, LINES["harm"])
    assert heard(desk).imminent == {"XRU"}
    assert answer(ana, LINES["harm"], what="end", version=2).status == 303
    assert heard(desk).imminent == frozenset()
    assert "Taken back." in words_of(ana.get(PAGE).text)


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("p4", {"citation": " "}, "“Symbol and paragraph” is empty"),
        ("p4", {"on": "2024-02-20"}, "has not come yet"),
        ("p5", {"incident": INCIDENTS[:4]}, "fewer than 5 incidents"),
        ("u5", {"on": "2024-03-01"}, "is not within 30 days"),
        ("u5", {"on": "2024-01-29"}, "is not within 30 days"),
        ("harm", {"on": ""}, "the day is missing"),
        ("step", {"origins": "relief: the State"}, "holds a colon"),
        ("step", {"value": "perhaps"}, "neither announced"),
        ("call", {"kind": "c"}, "for international action"),
        ("call", {"sentence": ""}, "“The sentence, quoted” is empty"),
        ("p4", {"reason": " "}, "Each entry says why"),
        ("join", {}, "no other situation is ticked"),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_stays(desk: Desk, kind: str, change: dict, words: str):
    visitor = enter(desk.person("ana"), kind, **change)
    assert visitor.status == 422
    assert words in visitor.text
    assert desk.office.ledger.in_order() == ()
    typed = {**FORMS.get(kind, {}), **change}
    if typed.get("event"):
        assert f'value="{typed["event"]}"' in visitor.text


def test_nobody_enters_or_confirms_on_the_state_whose_nationality_they_hold(desk: Desk):
    own = newcomer(desk, "Nat Own", like="ana", nationality="XRU")
    second = newcomer(desk, "Sec Own", like="sam", nationality="XRU")
    assert "You hold the nationality" in enter(own, "p4").text
    enter(desk.person("ana"), "p4")
    assert "You hold the nationality" in answer(second, LINES["p4"]).text
    assert len(desk.office.ledger.in_order()) == 1


def test_a_situation_over_several_states_is_made_by_two_persons_who_see_both(desk: Desk):
    una = newcomer(desk, "Una Wide", like="ana", regions=frozenset("*"))
    tom = newcomer(desk, "Tom Wide", like="sam", regions=frozenset("*"))
    # An analyst of one region neither sees nor names the other region's situation.
    assert enter(desk.person("ana"), "join", other=[OTHER]).status == 422
    assert enter(una, "join", other=[OTHER]).status == 303
    assert find_joined(entered(desk)) == ()
    assert answer(tom, f"join/{SITUATION}").status == 303
    (joined,) = find_joined(entered(desk))
    assert joined.situations == (SITUATION, OTHER)
    assert "One situation with others: Genovia" in words_of(una.get(PAGE).text)
    # It stands on the page of the other situation, too.
    assert "One situation with others: Ruritania" in words_of(una.get(f"/situation/{OTHER}/rulings").text)


SENTENCE = "The High Commissioner called on the authorities to release <b>all</b> detainees."
ROOT = CallRoot(
    place="XRU",
    report_id="r-1",
    source_id="gazette_wire",
    kind="a",
    office="OHCHR",
    said_on=date(2024, 1, 20),
    sentence=SENTENCE,
    url="https://example.org/statement",
)


@pytest.fixture(name="called")
def _called(desk: Desk) -> Desk:
    with open_store(desk.settings.var, Lens.RESTRICTED) as store:
        store.insert("out_calls", to_frame(CallRoot, [ROOT], add={"issue": ISSUE, "lens": "restricted"}))
    publish_snapshot(desk.settings.var)
    return desk


def test_a_proposed_call_is_listed_with_its_marked_sentence_and_entered_from_there(called: Desk):
    ana, sam = called.person("ana"), called.person("sam")
    page = ana.get(PAGE).text
    assert "<mark>The High Commissioner called on the authorities to release &lt;b&gt;all" in page
    fields = {"kind": "a", "on": "2024-01-20", "office": "OHCHR", "sentence": SENTENCE, "report_id": "r-1"}
    assert enter(ana, "call", **fields).status == 303
    said = json.loads(called.office.ledger.in_order()[-1].decision.content)
    assert said == {"report_id": "r-1", "sentence": SENTENCE}
    assert answer(sam, "XRU a 2024-01-20 OHCHR").status == 303
    (call,) = heard(called).calls
    assert (call.place, call.kind, call.office, call.said_on) == ("XRU", "a", "OHCHR", date(2024, 1, 20))
    assert "It is in the list above." in words_of(ana.get(PAGE).text)


def test_a_text_that_is_no_call_is_set_aside_and_can_be_brought_back(called: Desk):
    ana = called.person("ana")
    line = {"line": "call/r-1/XRU", **WHY}
    assert ana.post(PAGE, {"what": "aside", **line}).status == 303
    assert "Set aside by Ana Lyst: read in the document" in words_of(ana.get(PAGE).text)
    assert "Enter it as a call" not in ana.text
    assert ana.post(PAGE, {"what": "back", **line}).status == 303
    assert "Enter it as a call" in ana.get(PAGE).text
    assert heard(called).calls == ()


def test_what_waits_for_a_second_person_waits_on_that_persons_first_page(desk: Desk):
    ana, sam = desk.person("ana"), desk.person("sam")
    enter(ana, "p4")
    assert "waits for a second person" in sam.get("/").text
    assert "waits for a second person" not in ana.get("/").text


def test_grave_incidents_without_a_pattern_ask_the_analysts_for_one(desk: Desk):
    situations = desk.office.shelf.newest().situations
    asked = "is there one that two analysts find (P5)?"
    assert asked not in desk.person("ana").get("/").text
    shut = replace(situations[SITUATION].pattern, state=GateState.CLOSED, rule="")
    situations[SITUATION] = replace(situations[SITUATION], pattern=shut)
    assert asked in desk.person("ana").get("/").text
    assert asked not in desk.person("pia").get("/").text
    enter(desk.person("ana"), "p5")
    assert asked not in desk.person("ana").get("/").text


# The State's account


def protected(desk: Desk) -> None:
    move = f"/situation/{SITUATION}/move"
    desk.person("ana").post(f"/situation/{SITUATION}/write", {**TEXT, "version": "0"})
    desk.person("sam").post(move, {"to": "challenged", "version": "1", "reason": "looked at it"})
    desk.person("pia").post(move, {"to": "protected", "version": "2", "reason": "looked", "check": CHECKS})


def note(visitor: Visitor, what: str, version: int = 0, **other: str) -> Visitor:
    return visitor.post(ACCOUNT, {"what": what, "version": str(version), "reason": "by note verbale", **other})


def test_a_text_is_shown_to_the_state_only_after_the_protection_check(desk: Desk):
    rex = desk.person("rex")
    assert note(rex, "sought", on="2024-01-30").what == "This text has not passed the protection check."
    protected(desk)
    assert note(rex, "sought", on="2024-01-30").status == 303
    noted = desk.office.comment(SITUATION)
    assert (noted.sought_on, noted.text_version) == (date(2024, 1, 30), 1)
    # A new text has to pass anew.
    desk.person("ana").post(f"/situation/{SITUATION}/write", {**TEXT, "version": "3", "alleged": "Another text."})
    assert note(rex, "sought", 1, on="2024-01-30").what == "This text has not passed the protection check."


def test_the_answer_is_noted_with_its_day_and_language(desk: Desk):
    protected(desk)
    rex = desk.person("rex")
    assert note(rex, "received", on="2024-01-30", words="x", language="French").what == "No comment was sought yet."
    note(rex, "sought", on="2024-01-29")
    assert (
        note(rex, "received", 1, on="2024-01-28", words="x", language="French").what == "It came before it was sought."
    )
    assert note(rex, "received", 1, on="2024-01-30", words="Une enquête est ouverte.", language="French").status == 303
    noted = desk.office.comment(SITUATION)
    assert (noted.received_on, noted.words, noted.language) == (date(2024, 1, 30), "Une enquête est ouverte.", "French")


def test_two_people_record_why_a_text_is_not_shown_and_one_is_the_protection_officer(desk: Desk):
    protected(desk)
    pia, rex, hana = desk.person("pia"), desk.person("rex"), desk.person("hana")
    assert note(rex, "withheld").status == 303
    assert not desk.office.comment(SITUATION).withheld_holds
    assert note(rex, "withheld", 1).what == "You have recorded it."
    assert note(hana, "withheld", 1).status == 303
    assert not desk.office.comment(SITUATION).withheld_holds
    assert note(pia, "withheld", 2).status == 303
    assert desk.office.comment(SITUATION).withheld_holds
    assert note(rex, "sought", 3, on="2024-01-30").what == "Somebody recorded why this text is not shown."
    assert note(pia, "back", 3).status == 303
    assert desk.office.comment(SITUATION).withheld == ()
    assert note(rex, "sought", 4, on="2024-01-30").status == 303


def test_the_protection_officer_writes_to_no_state_and_analysts_note_nothing_here(desk: Desk):
    protected(desk)
    assert "does not write to a State" in note(desk.person("pia"), "sought", on="2024-01-30").text
    assert note(desk.person("ana"), "sought", on="2024-01-30").what == "This page is not for your role."
    assert desk.office.ledger.history(account_of(SITUATION)) == ()
