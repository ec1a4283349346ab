"""A text and the facts that it rests on, by hand."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desks import TEXT

from domain.classification import Lens
from domain.errors import UsageError
from domain.options import load_options
from domain.review import Act, Decision
from review.options import check_entry, read_entries
from review.rights import Role
from review.situations import (
    MOVES,
    REQUIRED,
    URGENT_MOVE,
    Change,
    Life,
    Step,
    Text,
    check_text,
    compare_facts,
    freeze,
    is_cleared,
    mark_changes,
    read_life,
)

OPTIONS = load_options(Path(__file__).parents[2] / "domain" / "reference" / "options.toml")
AT = datetime(2024, 1, 30, 9, tzinfo=UTC)


def act(what: Act, by: str, role: Role, version: int, **said: object) -> Decision:
    return Decision(
        act=what,
        object_id="situation/s1",
        object_hash="",
        by=by,
        role=role.value,
        author="",
        reason="because",
        decided_at=AT + timedelta(minutes=version),
        lens=Lens.RESTRICTED,
        content=json.dumps(said),
        version=version,
    )


def test_every_step_names_who_may_take_it_and_only_sending_back_is_for_authors_too():
    assert {one.to for one in MOVES} == set(Step)
    assert [one.to for one in MOVES if one.author_too] == [Step.DRAFT]
    assert all(one.roles and one.before for one in (*MOVES, URGENT_MOVE))
    assert not any(Role.ANALYST in one.roles for one in MOVES if one.to in {Step.CLEARED, Step.FROZEN, Step.ISSUED})


@pytest.mark.parametrize("name", REQUIRED)
def test_each_required_field_is_named_when_it_is_empty(name: str):
    with pytest.raises(UsageError):
        check_text({**TEXT, name: "  "})
    assert check_text(TEXT) == Text(**TEXT)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"likelihood": "certain"}, "none of the seven"),
        ({"confidence": "very high"}, "none of the three"),
        ({"likelihood": "", "outlook": "More."}, "needs a likelihood"),
        ({"likelihood": "likely", "outlook": ""}, "needs what is expected"),
        ({"language": "Latin"}, "none of the six"),
        ({"alleged": "x" * 8001}, "longer than 8000"),
    ],
)
def test_what_is_not_allowed_is_named(change: dict[str, str], words: str):
    with pytest.raises(UsageError) as told:
        check_text({**TEXT, **change})
    assert words in told.value.why


def test_facts_that_changed_came_or_went_are_told_apart():
    then = {"coverage": "adequate", "incident a": "6 January", "incident b": "7 January"}
    now = {"coverage": "limited", "incident a": "6 January", "incident c": "8 January"}
    found = compare_facts(then, now)
    assert [one.words for one in found] == [
        "coverage: was “adequate”, is “limited”",
        "incident b: was “7 January”, is gone",
        "incident c: new (8 January)",
    ]
    assert compare_facts(now, now) == ()
    assert found[0] == Change(fact="coverage", was="adequate", now="limited")


def test_the_hash_of_a_frozen_text_covers_text_and_facts():
    text = Text(**TEXT)
    one = freeze(text, {"coverage": "adequate"})
    assert one == freeze(text, {"coverage": "adequate"})
    assert (
        len({one, freeze(replace(text, alleged="x"), {"coverage": "adequate"}), freeze(text, {"coverage": "none"})})
        == 3
    )


def test_a_text_against_the_one_before_word_by_word():
    assert mark_changes("three persons were killed", "two persons were killed there") == (
        ("gone", "three"),
        ("new", "two"),
        ("same", "persons were killed"),
        ("new", "there"),
    )


def test_two_urgent_signatures_of_the_same_two_roles_do_not_clear():
    write = act(Act.WRITE, "Ana", Role.ANALYST, 1, text=asdict(Text(**TEXT)))
    rex = act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 2, to="cleared", lane="urgent", facts={})
    hana = act(Act.MOVE, "Hana", Role.HIGH_COMMISSIONER, 3, to="cleared", lane="urgent", facts={})
    pia = act(Act.MOVE, "Pia", Role.PROTECTION_OFFICER, 3, to="cleared", lane="urgent", facts={"a": "b"})
    assert read_life([write, rex, hana]).step is Step.DRAFT
    assert (read_life([write, rex, pia]).step, read_life([write, rex, pia]).facts) == (Step.CLEARED, {"a": "b"})


def test_a_new_text_takes_the_first_urgent_signature_with_it():
    write = act(Act.WRITE, "Ana", Role.ANALYST, 1, text=asdict(Text(**TEXT)))
    rex = act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 2, to="cleared", lane="urgent", facts={})
    again = replace(write, version=3)
    pia = act(Act.MOVE, "Pia", Role.PROTECTION_OFFICER, 4, to="cleared", lane="urgent", facts={})
    assert read_life([write, rex, again, pia]).step is Step.DRAFT


def test_everybody_who_wrote_in_a_round_is_an_author_until_the_text_was_issued():
    text = asdict(Text(**TEXT))
    first = [
        act(Act.WRITE, "Ana", Role.ANALYST, 1, text=text),
        act(Act.WRITE, "Sam", Role.SECOND_ANALYST, 2, text=text),
    ]
    assert read_life(first).authors == {"Ana", "Sam"}
    issued = act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 3, to="issued")
    corrected = act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 4, to="corrected")
    again = act(Act.WRITE, "Ben", Role.ANALYST, 5, text=text)
    assert read_life([*first, issued, corrected, again]).authors == {"Ben"}


def test_options_have_the_conditions_of_the_rules_and_no_rank():
    first, *others = OPTIONS
    assert (first.option_id, first.always) == ("technical_cooperation", True)
    assert [one.name for one in others] == sorted(one.name for one in others)
    by_id = {one.option_id: one for one in OPTIONS}
    assert "16 of 47" in by_id["special_session"].condition
    assert "days" not in by_id["special_session"].condition
    assert "all members to agree" in by_id["presidents_statement"].condition
    assert (
        by_id["confidential_meeting_state"].condition
        == by_id["confidential_meeting_council"].condition
        == "None named."
    )
    assert [one.option_id for one in OPTIONS if one.needs_consent] == ["good_offices"]


def test_an_entry_is_read_back_as_it_was_made_and_good_offices_need_consent_on_record():
    given = {
        "option": "good_offices",
        "decided_by": "The President",
        "decided_on": "2024-01-29",
        "decision": "Offer good offices",
        "why": "The State asked",
        "consent": "note of 28 January",
        "follow_up_on": "2024-02-29",
    }
    content = json.loads(check_entry(given, options=OPTIONS, today=AT.date()))
    (entry,) = read_entries([act(Act.DECIDE_OPTION, "Rex", Role.REGIONAL_HEAD, 1, **content)])
    assert (entry.decided_by, entry.decision, entry.consent, entry.entered_by) == (
        "The President",
        "Offer good offices",
        "note of 28 January",
        "Rex",
    )
    for change in (
        {"consent": ""},
        {"decided_on": "2024-02-01"},
        {"option": "sanctions"},
        {"why": ""},
        {"follow_up_on": "soon"},
    ):
        with pytest.raises(UsageError):
            check_entry({**given, **change}, options=OPTIONS, today=AT.date())


def life(*more: Decision, facts: dict[str, str]) -> Life:
    """A text that was cleared on these facts, and what came after."""
    text = act(Act.WRITE, "Ana Lyst", Role.ANALYST, 1, text=TEXT)
    steps = [
        act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 2, to="cleared", facts=facts),
        *(replace(one, version=at) for at, one in enumerate(more, start=3)),
    ]
    return read_life([text, *steps])


def issued(week: str) -> Decision:
    return act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 4, to="issued", issue=f"{week}/r1/restricted")


FACTS = {"phase": "new"}


def test_a_text_is_read_where_its_clearance_holds_and_nowhere_else():
    draft = read_life([act(Act.WRITE, "Ana Lyst", Role.ANALYST, 1, text=TEXT)])
    assert not is_cleared(draft, {}, week="2024-W04")
    assert is_cleared(life(facts=FACTS), FACTS, week="2024-W04")
    assert not is_cleared(life(facts=FACTS), {"phase": "rising"}, week="2024-W04")


def test_a_text_stands_in_the_issue_that_it_left_with_and_in_a_later_one_only_on_the_same_facts():
    gone = life(issued("2024-W04"), facts=FACTS)
    assert is_cleared(gone, {"phase": "rising"}, week="2024-W04")
    assert is_cleared(gone, FACTS, week="2024-W05")
    assert not is_cleared(gone, {"phase": "rising"}, week="2024-W05")
    corrected = life(issued("2024-W04"), act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 5, to="corrected"), facts=FACTS)
    assert not is_cleared(corrected, FACTS, week="2024-W04")


def test_who_cleared_it_is_told_by_role_and_in_the_urgent_lane_both_are():
    assert [one.role for one in life(facts=FACTS).cleared_by] == ["regional head"]
    urgent = [
        act(Act.WRITE, "Ana Lyst", Role.ANALYST, 1, text=TEXT),
        act(Act.MOVE, "Pia", Role.PROTECTION_OFFICER, 2, to="cleared", lane="urgent", facts=FACTS),
        act(Act.MOVE, "Rex", Role.REGIONAL_HEAD, 3, to="cleared", lane="urgent", facts=FACTS),
    ]
    assert read_life(urgent[:2]).cleared_by == ()
    assert [one.role for one in read_life(urgent).cleared_by] == ["protection officer", "regional head"]
