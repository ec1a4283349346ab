"""Who confirms which level, what may be overridden and what never, and what lapses when (triggers, section 5)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.classification import Lens
from domain.errors import Refused
from domain.review import Act, Authentication, Decision
from domain.situation import GateResult, GateState, Level, Phase, Situation, TriggerResult, TriggerValue
from review.levels import (
    Basis,
    Request,
    Standing,
    check_request,
    check_told,
    find_tasks,
    hold_content,
    missing,
    required,
    stand,
    weeks_between,
)
from review.rights import Person, Role

RUN = "2024-W04"
AT = datetime(2024, 1, 29, 12, tzinfo=UTC)
GATE = GateResult(gate="pattern", state=GateState.OPEN, rule="P1", why="")
SITUATION = Situation(
    situation_id="s1",
    place="XRU",
    level=Level.EMERGING,
    phase=Phase.NEW,
    since=RUN,
    held_since="",
    pattern=GATE,
    gravity=replace(GATE, gate="gravity", rule="G1"),
    triggers=("T02",),
    incidents=("i1", "i2"),
    origins=("one", "two"),
    classes=("media",),
    ceiling="",
    reasons=(),
    would_raise="",
    would_lower="",
)
ANALYST, SECOND, HEAD, OFFICE = Role.ANALYST, Role.SECOND_ANALYST, Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER


def request(
    to: Level = Level.EMERGING, *, proposed: Level = Level.EMERGING, start: Level = Level.WATCH, **other
) -> Request:
    return Request(situation_id="s1", run=RUN, from_level=start, proposed_level=proposed, to_level=to, **other)


def override(to: Level, *, proposed: Level = Level.EMERGING, start: Level = Level.EMERGING, **other) -> Request:
    given = {
        "rules_departed_from": ("P1",),
        "incidents_for": ("i1",),
        "contrary_considered": ("two reappeared",),
        "expires_on": date(2024, 2, 12),
    }
    return request(to, proposed=proposed, start=start, **(given | other))


def signed(what: Request, by: str, role: Role, *, days: float = 0, version: int = 1) -> Decision:
    return Decision(
        act=Act.OVERRIDE_LEVEL if what.override else Act.CONFIRM_LEVEL,
        object_id="level/s1",
        object_hash="",
        by=by,
        role=role.value,
        author="",
        reason="because",
        decided_at=AT + timedelta(days=days),
        lens=Lens.RESTRICTED,
        authentication=Authentication.SIGNED_IN,
        content=what.content,
        version=version,
    )


def told(content: str, *, version: int) -> Decision:
    return replace(signed(request(), "Hana", OFFICE, version=version), act=Act.TELL, content=content)


def standing(*decisions: Decision, situation: Situation = SITUATION, days: float = 1, run: str = RUN) -> Standing:
    return stand(situation, decisions, run=run, as_of=AT + timedelta(days=days), silenced=False)


def person(role: Role, **other: str) -> Person:
    return Person(
        account="x",
        name=other.get("name", "X"),
        role=role,
        regions=frozenset("*"),
        nationality=other.get("nationality", ""),
    )


def check(what: Request, role: Role, *, situation: Situation = SITUATION, silenced: bool = False, **other: str) -> None:
    value = TriggerValue.MET if silenced else TriggerValue.NOT_MET
    t10 = TriggerResult(place="XRU", trigger="T10", value=value, rule="", reason="", window_weeks=4)
    check_request(
        what,
        person(role, **other),
        situation=situation,
        triggers=[t10],
        reason=other.get("reason", "because"),
        as_of=AT,
    )


def why(what: Request, role: Role, **other) -> str:
    with pytest.raises(Refused) as refused:
        check(what, role, **other)
    return refused.value.what


# Who confirms what


@pytest.mark.parametrize(
    ("start", "to", "roles"),
    [
        (Level.NONE, Level.WATCH, ()),
        (Level.WATCH, Level.NONE, ()),
        (Level.WATCH, Level.EMERGING, ({ANALYST, SECOND}, {SECOND})),
        (Level.EMERGING, Level.WATCH, ({ANALYST, SECOND}, {SECOND})),
        (Level.URGENT, Level.EMERGING, ({ANALYST, SECOND}, {SECOND})),
        (Level.EMERGING, Level.URGENT, ({SECOND}, {HEAD})),
        (Level.URGENT, Level.URGENT, ({SECOND}, {HEAD})),
    ],
)
def test_each_step_has_its_people(start, to, roles):
    assert required(request(to, proposed=to, start=start), silenced=False) == tuple(frozenset(one) for one in roles)


def test_no_step_down_without_the_regional_head_while_messengers_are_silenced():
    down = request(Level.WATCH, proposed=Level.WATCH, start=Level.EMERGING)
    assert required(down, silenced=True) == (frozenset({SECOND}), frozenset({HEAD}))
    assert why(down, ANALYST, silenced=True) == "The role of analyst does not sign this."
    check(down, HEAD, silenced=True)


def test_one_signature_is_not_enough_and_the_page_says_whose_is_wanted():
    found = standing(signed(request(), "Ana", ANALYST))
    assert (found.level, found.basis) == (Level.EMERGING, Basis.PROPOSED)
    assert found.waiting[0].needs_words == "a second analyst"


def test_two_people_confirm():
    found = standing(signed(request(), "Ana", ANALYST), signed(request(), "Sam", SECOND, version=2))
    assert (found.basis, found.signed) == (Basis.CONFIRMED, (("Ana", "analyst"), ("Sam", "second analyst")))
    assert found.words == "Confirmed by Ana and Sam."
    assert found.waiting == ()


def test_one_person_cannot_sign_twice():
    found = standing(signed(request(), "Sam", SECOND), signed(request(), "Sam", SECOND, version=2))
    assert found.basis is Basis.PROPOSED


def test_two_analysts_without_a_second_analyst_are_not_enough():
    found = standing(signed(request(), "Ana", ANALYST), signed(request(), "Ben", ANALYST, version=2))
    assert found.basis is Basis.PROPOSED


def test_two_second_analysts_are_enough_since_each_is_an_analyst():
    found = standing(signed(request(), "Sam", SECOND), signed(request(), "Sue", SECOND, version=2))
    assert found.basis is Basis.CONFIRMED


def test_signatures_under_different_requests_do_not_add_up():
    one, other = override(Level.WATCH), override(Level.WATCH, contrary_considered=("none",))
    found = standing(signed(one, "Ana", ANALYST), signed(other, "Sam", SECOND, version=2))
    assert found.basis is Basis.PROPOSED
    assert len(found.waiting) == 2


def test_who_is_missing_does_not_depend_on_the_order_of_signing():
    needs = required(request(), silenced=False)
    ana, sam = signed(request(), "Ana", ANALYST), signed(request(), "Sam", SECOND)
    assert missing([sam, ana], needs) == missing([ana, sam], needs) == ()
    assert missing([sam], needs) != needs


def test_a_role_that_does_not_sign_is_refused():
    assert why(request(), HEAD) == "The role of regional head does not sign this."
    assert why(request(), Role.PROTECTION_OFFICER) == "The role of protection officer does not sign this."


def test_nobody_signs_on_the_state_whose_nationality_they_hold():
    assert why(request(), SECOND, nationality="XRU") == "You hold the nationality of this State."
    check(request(), SECOND, nationality="XFR")


def test_a_signature_without_a_reason_is_refused():
    assert why(request(), SECOND, reason=" ") == "A reason is missing."


def test_between_none_and_watch_nobody_is_asked():
    assert why(request(Level.WATCH, proposed=Level.WATCH, start=Level.NONE), SECOND) == "Nobody needs to confirm this."


# Overrides


def test_an_override_goes_one_step_and_no_further():
    check(override(Level.URGENT), HEAD)
    check(override(Level.WATCH), ANALYST)
    assert why(override(Level.NONE), ANALYST) == "An override goes one step."
    assert why(override(Level.URGENT, proposed=Level.WATCH), HEAD) == "An override goes one step."


def test_a_level_may_be_held_against_a_step_down():
    held = override(Level.EMERGING, proposed=Level.NONE, start=Level.EMERGING)
    check(held, ANALYST)


@pytest.mark.parametrize("name", ["rules_departed_from", "incidents_for", "contrary_considered"])
def test_the_record_of_an_override_is_whole(name):
    assert why(override(Level.WATCH, **{name: ()}), ANALYST) == "The record of the override is not complete."


def test_an_override_names_incidents_of_its_situation():
    assert why(override(Level.WATCH, incidents_for=("i9",)), ANALYST) == "An incident named is not of this situation."


@pytest.mark.parametrize(
    ("day", "fine"),
    [
        (date(2024, 1, 29), False),
        (date(2024, 1, 30), True),
        (date(2024, 2, 26), True),
        (date(2024, 2, 27), False),
        (None, False),
    ],
)
def test_an_override_ends_within_28_days(day, fine):
    what = override(Level.WATCH, expires_on=day)
    if fine:
        check(what, ANALYST)
    else:
        assert why(what, ANALYST) == "An override ends within 28 days."


def test_one_origin_stands_above_watch_only_as_a_field_presences_own_finding():
    single = replace(SITUATION, level=Level.WATCH, origins=("one",), classes=("field_presence",))
    up = override(Level.EMERGING, proposed=Level.WATCH, start=Level.WATCH)
    assert why(up, ANALYST, situation=single) == "One origin cannot stand above watch."
    first_hand = replace(up, first_hand=True)
    check(first_hand, HEAD, situation=single)
    check(first_hand, OFFICE, situation=single)
    assert why(first_hand, ANALYST, situation=single) == "The role of analyst does not sign this."
    assert (
        why(first_hand, HEAD, situation=replace(single, classes=("media",))) == "There is no first-hand finding here."
    )


def test_an_override_prints_what_the_rules_gave_and_why():
    what = override(Level.WATCH)
    found = standing(signed(what, "Ana", ANALYST), signed(what, "Sam", SECOND, version=2))
    assert (found.level, found.basis) == (Level.WATCH, Basis.OVERRIDDEN)
    assert found.words == "Level set by analysts; the rules gave emerging concern. Reason: because"


def test_an_override_that_ended_leaves_the_proposal():
    what = override(Level.WATCH)
    both = signed(what, "Ana", ANALYST), signed(what, "Sam", SECOND, version=2)
    assert standing(*both, days=14).basis is Basis.OVERRIDDEN
    assert (standing(*both, days=15).level, standing(*both, days=15).basis) == (Level.EMERGING, Basis.PROPOSED)


# What lapses, and when somebody is asked

URGENT = request(Level.URGENT, proposed=Level.URGENT, start=Level.EMERGING)
HIGH = replace(SITUATION, level=Level.URGENT)


def urgent(*more: Decision, days: float) -> Standing:
    pair = signed(URGENT, "Sam", SECOND), signed(URGENT, "Rex", HEAD, version=2)
    return standing(*pair, *more, situation=HIGH, days=days)


def test_urgent_lapses_to_emerging_concern_after_14_days():
    assert (urgent(days=14).level, urgent(days=14).until) == (Level.URGENT, date(2024, 2, 12))
    lapsed = urgent(days=14.001)
    assert (lapsed.level, lapsed.basis) == (Level.EMERGING, Basis.LAPSED)


def test_urgent_that_was_reconfirmed_holds_for_14_days_more():
    again = replace(URGENT, from_level=Level.URGENT, run="2024-W05")
    pair = signed(again, "Sam", SECOND, days=10, version=3), signed(again, "Rex", HEAD, days=10, version=4)
    assert urgent(*pair, days=20).level is Level.URGENT
    assert urgent(*pair, days=25).basis is Basis.LAPSED


def test_urgent_asks_that_the_office_is_told_until_somebody_says_so():
    words = [one.words for one in find_tasks(HIGH, urgent(days=1), [], run=RUN, as_of=AT)]
    assert "Tell the High Commissioner's office before issue" in words
    done = told(json.dumps({"told": "office"}), version=3)
    assert urgent(done, days=1).told_office
    assert not urgent(told(hold_content("renew", run=RUN), version=3), days=1).told_office


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2023-W49", []),
        ("2023-W48", ["Held for 8 weeks because we cannot see: look for another way to know"]),
        ("2023-W31", ["Held for 25 weeks because we cannot see: look for another way to know"]),
        ("2023-W30", ["Held for 26 weeks because we cannot see: renew it, or end it by a step down, with a reason"]),
    ],
)
def test_a_held_level_asks_at_8_and_at_26_weeks(since, words):
    held = replace(SITUATION, level=Level.WATCH, held_since=since)
    found = find_tasks(held, standing(situation=held), [], run=RUN, as_of=AT)
    assert [one.words for one in found] == words


def test_a_hold_that_was_renewed_asks_again_after_8_weeks():
    held = replace(SITUATION, level=Level.WATCH, held_since="2023-W30")
    recent = told(hold_content("renew", run="2023-W49"), version=1)
    old = told(hold_content("renew", run="2023-W48"), version=1)
    assert find_tasks(held, standing(situation=held), [recent], run=RUN, as_of=AT) == ()
    assert len(find_tasks(held, standing(situation=held), [old], run=RUN, as_of=AT)) == 1


def test_only_what_is_held_is_renewed_with_a_reason_and_not_by_nationals():
    held = replace(SITUATION, held_since="2023-W30")
    check_told("renew", person(ANALYST), situation=held, reason="we still cannot see")
    check_told("tell", person(SECOND), situation=SITUATION, reason="by telephone")
    for situation, other, reason, what in (
        (SITUATION, {}, "because", "This level is not held."),
        (held, {}, " ", "A reason is missing."),
        (held, {"nationality": "XRU"}, "because", "You hold the nationality of this State."),
    ):
        with pytest.raises(Refused) as refused:
            check_told("renew", person(HEAD, **other), situation=situation, reason=reason)
        assert refused.value.what == what


def test_weeks_are_counted_over_the_end_of_a_year_with_53_weeks():
    assert weeks_between("2020-W52", "2021-W02") == 3
    assert weeks_between(RUN, RUN) == 0


def test_a_request_of_an_earlier_run_waits_no_longer():
    assert standing(signed(request(), "Ana", ANALYST), run="2024-W05").waiting == ()
