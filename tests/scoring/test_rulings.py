"""What people alone can say reaches the engine when two of them said it, and is gone when it was taken back."""

import json
from datetime import date

import pytest

from domain.review import Act
from domain.situation import Joined
from scoring.rulings import Entered, find_joined, rule

TODAY = date(2024, 1, 29)
FINDING = "RUR T02 P4 2023-09-01 A/HRC/00/00, paragraph 1"
FORMS = [
    (Act.FINDING, FINDING, "findings"),
    (Act.IMMINENT_HARM, "RUR 2024-01-20 the committee, its note 7", "imminent"),
    (Act.MITIGATION, "RUR T04 done 2024-01-10 relief; the State: 41 of 63 released", "mitigations"),
    (Act.CALL, "RUR a 2024-01-20 OHCHR", "calls"),
]


def said(act, object_id, *people):
    return [Entered(act=act, object_id=object_id, by=one) for one in people]


@pytest.mark.parametrize(("act", "words", "kind"), FORMS)
def test_one_person_is_not_enough_and_twice_the_same_neither(act, words, kind):
    assert not getattr(rule(said(act, words, "A", "A"), today=TODAY), kind)
    assert len(getattr(rule(said(act, words, "A", "B"), today=TODAY), kind)) == 1


@pytest.mark.parametrize(("act", "words", "kind"), FORMS)
def test_what_is_taken_back_holds_no_longer(act, words, kind):
    entered = [*said(act, words, "A", "B"), *said(Act.WITHDRAW, words, "A")]
    assert not getattr(rule(entered, today=TODAY), kind)
    assert len(getattr(rule([*entered, *said(act, words, "A", "B")], today=TODAY), kind)) == 1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (Act.FINDING, "RUR T02 P1 2023-09-01 A/HRC/00/00"),
        (Act.FINDING, "RUR T02 P4 2023-02-30 A/HRC/00/00"),
        (Act.MITIGATION, "RUR T04 perhaps 2024-01-10 relief: 41 of 63 released"),
        (Act.CALL, "RUR c 2024-01-20 OHCHR"),
    ],
)
def test_a_line_that_does_not_fit_is_a_defect_and_not_used(act, words):
    found = rule(said(act, words, "A", "B"), today=TODAY)
    assert [(one.check, one.evidence) for one in found.defects] == [("decision_unreadable", words)]
    assert (found.findings, found.mitigations, found.calls) == ((), (), ())


def test_two_origins_of_a_step_are_told_apart_and_its_words_kept():
    (found,) = rule(said(FORMS[2][0], FORMS[2][1], "A", "B"), today=TODAY).mitigations
    assert found.origins == ("relief", "the State")
    assert (found.value, found.on, found.words) == ("done", date(2024, 1, 10), "41 of 63 released")


def test_imminent_harm_is_imminent_for_four_weeks():
    for on, held in (("2024-01-01", True), ("2023-12-31", False), ("2024-01-30", False)):
        found = rule(said(Act.IMMINENT_HARM, f"RUR {on} the committee", "A", "B"), today=TODAY)
        assert (found.imminent == {"RUR"}) is held, on


def test_an_incident_set_aside_by_one_person_comes_back_when_that_is_withdrawn():
    entered = said(Act.SET_ASIDE, "i1", "A")
    assert rule(entered, today=TODAY).set_aside == {"i1"}
    assert rule([*entered, *said(Act.WITHDRAW, "i1", "B")], today=TODAY).set_aside == frozenset()


def joins(first, *others, people=("A", "B")):
    content = json.dumps({"situations": [first, *others]})
    return [Entered(act=Act.JOIN, object_id=f"join/{first}", by=one, content=content) for one in people]


def test_situations_are_one_when_two_persons_said_so_of_the_same_ones():
    assert find_joined(joins("s1", "s3", "s2")) == (Joined(joined_id="s1", situations=("s1", "s2", "s3")),)
    assert find_joined(joins("s1", "s2", people=("A", "A"))) == ()
    assert find_joined([*joins("s1", "s2", people="A"), *joins("s1", "s3", people="B")]) == ()


def test_a_join_that_is_taken_back_is_none():
    assert find_joined([*joins("s1", "s2"), *said(Act.WITHDRAW, "join/s1", "B")]) == ()


def test_a_situation_has_one_id_so_the_earlier_join_holds():
    assert find_joined([*joins("s1", "s2"), *joins("s3", "s2")]) == (Joined(joined_id="s1", situations=("s1", "s2")),)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"situations": "s1"}', '{"situations": ["s1"]}', '{"situations": ["s2", "s1"]}']
)
def test_a_join_whose_content_does_not_fit_is_not_used(content):
    entered = [Entered(act=Act.JOIN, object_id="join/s1", by=one, content=content) for one in "AB"]
    assert find_joined(entered) == ()
    assert rule(entered, today=TODAY).defects == ()
