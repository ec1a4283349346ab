"""The best team: exact against brute force, by the same rules for everyone, with its reasons."""

import random
import time
from dataclasses import replace
from datetime import date
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import CODES, MISSION, TODAY, facts, hard_request, large_request, ready, request, roster

from alerts import matching
from alerts.eligibility import Answer, Hard, examine, ready_on
from alerts.matching import Match, fair_share, load_weights, match_team
from alerts.person import Facts, Gender, Grade, Paper, Skill, Span, Tongue
from alerts.request import Kind, Profile, Request
from domain.errors import Refused, UsageError

WEIGHTS = load_weights()
LEGAL = Profile(name="legal", count=1, skills=frozenset({Skill.LEGAL}))


def best(found: list[Facts], asked: Request, **changes) -> Match:
    return match_team(found, asked, today=TODAY, weights=WEIGHTS, **changes)


def seated(team: tuple[Facts, ...], asked: Request) -> bool:
    """Whether some order of the team fills every seat."""
    seats = [one for profile in asked.profiles for one in [profile] * profile.count]
    return any(
        all(seat.skills <= one.skills and all(one.speaks(it) for it in seat.languages)
            for one, seat in zip(order, seats, strict=True))
        for order in permutations(team)
    )  # fmt: skip


def points(team: tuple[Facts, ...], asked: Request, missions: dict[str, int]) -> int:
    """What matching.toml says that a team loses, written out a second time."""
    size = len(team)
    lost = 0
    for one in team:
        lost += min(one.notice_days, 30) + 15 * missions.get(one.number, 0)
        if one.back_on is not None:
            lost += 2 * max(0, 12 - max(0, (asked.dates.first - one.back_on).days // 30))
    lost += 100 * sum(all(skill not in one.skills for one in team) for skill in asked.wanted_skills)
    lost += 80 * sum(not any(one.speaks(it) for one in team) for it in asked.wanted_languages)
    share = {1: 0, 2: 1, 3: 1, 4: 2}[size]
    for gender in (Gender.WOMAN, Gender.MAN):
        lost += 60 * max(0, share - sum(one.gender is gender for one in team))
    lost += 20 * (size - len({one.regional_group for one in team}))
    return lost + 10 * (size - len({one.nationalities for one in team}))


def by_hand(
    found: list[Facts], asked: Request, missions: dict[str, int], answers: dict[str, Answer] | None = None
) -> int | None:
    said = answers or {}
    able = [one for one in found if examine(one, asked, today=TODAY, answer=said.get(one.number)) is None]
    kept = {one.number for one in able if said.get(one.number) is Answer.ACCEPTED}
    teams = [
        team for team in combinations(able, asked.size) if seated(team, asked) and kept <= {one.number for one in team}
    ]
    return min((points(team, asked, missions) for team in teams), default=None)


@st.composite
def worlds(draw):
    """A small roster, a request for at most four seats, and missions that were."""
    chance = random.Random(draw(st.integers(0, 10_000_000)))  # noqa: S311
    skills = [Skill.LEGAL, Skill.GENDER, Skill.FORENSICS]
    tongues = ["en", "fr"]
    found = [
        facts(
            f"R-{at}",
            gender=chance.choice([Gender.WOMAN, Gender.MAN, Gender.NOT_STATED]),
            nationalities=frozenset({chance.choice(["XAA", "XAB", "XAC", "XJS"])}),
            residence="XAD",
            regional_group=chance.choice(["AFR", "APS"]),
            skills=frozenset(chance.sample(skills, chance.randrange(0, 4))),
            languages=tuple(Tongue(one, chance.choice(list(Grade))) for one in tongues if chance.random() < 0.6),
            notice_days=chance.choice([1, 2, 5]),
            back_on=chance.choice([None, date(2026, 1, 10), date(2025, 6, 1)]),
        )
        for at in range(chance.randrange(2, 9))
    ]
    profiles = [
        Profile(
            name=f"seat {at}",
            count=chance.choice([1, 1, 2]),
            skills=frozenset(chance.sample(skills, chance.randrange(0, 2))),
            languages=tuple(Tongue(one, Grade.B1) for one in chance.sample(tongues, chance.randrange(0, 2))),
        )
        for at in range(chance.choice([1, 2]))
    ]
    asked = request(
        *profiles,
        wanted_skills=frozenset(chance.sample(skills, chance.randrange(0, 3))),
        wanted_languages=tuple(Tongue(one, Grade.B2) for one in chance.sample(tongues, chance.randrange(0, 3))),
    )
    missions = {one.number: chance.randrange(1, 3) for one in found if chance.random() < 0.3}
    return found, asked, missions


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_the_best_team_is_the_best_of_all_teams(world):
    found, asked, missions = world
    match = best(found, asked, missions=missions)
    wanted = by_hand(found, asked, missions)
    assert (match.teams[0].lost if match.teams else None) == wanted
    if not match.teams:
        assert match.missing
        return
    by_number = {one.number: one for one in found}
    for team in match.teams:
        chosen = tuple(by_number[one.number] for one in team.members)
        assert team.proven
        assert seated(chosen, asked)
        assert team.lost == points(chosen, asked, missions)
        seats = {profile.name: profile for profile in asked.profiles}
        for member in team.members:
            assert seats[member.seat].skills <= by_number[member.number].skills
    assert [one.lost for one in match.teams] == sorted(one.lost for one in match.teams)
    assert len({one.numbers for one in match.teams}) == len(match.teams)


@settings(max_examples=100, deadline=None)
@given(world=worlds(), seed=st.integers(0, 10_000))
def test_a_team_found_again_is_the_best_with_all_who_accepted_and_without_who_did_not(world, seed):
    found, asked, missions = world
    chance = random.Random(seed)  # noqa: S311
    answers = {one.number: chance.choice(list(Answer)) for one in found if chance.random() < 0.4}
    match = best(found, asked, missions=missions, answers=answers)
    assert (match.teams[0].lost if match.teams else None) == by_hand(found, asked, missions, answers)
    assert match.teams or match.missing
    able = set(match.eligible)
    for team in match.teams:
        assert {name for name, said in answers.items() if said is Answer.ACCEPTED and name in able} <= team.numbers
        assert not {name for name, said in answers.items() if said is not Answer.ACCEPTED} & team.numbers


def test_who_declined_is_left_out_and_the_reasons_say_so():
    people = [facts("R-1"), facts("R-2", notice_days=9), facts("R-3", notice_days=4), facts("R-4", notice_days=5)]
    answers = {"R-1": Answer.DECLINED, "R-3": Answer.SILENT, "R-2": Answer.ACCEPTED}
    match = best(people, request(replace(LEGAL, count=2)), answers=answers)
    assert match.teams[0].numbers == {"R-2", "R-4"}
    assert {one.number: [rule.value for rule in one.rules] for one in match.excluded} == {
        "R-1": ["has declined this request"],
        "R-3": ["was asked for this request and has not answered in time"],
    }
    assert next(one for one in match.teams[0].members if one.number == "R-2").reasons[0] == "has accepted already"


def test_who_accepted_in_time_is_not_thrown_out_by_the_days_that_passed():
    late = facts("R-1", notice_days=13)
    assert examine(late, request(LEGAL), today=TODAY, answer=Answer.ACCEPTED) is None
    assert best([late, facts("R-2")], request(LEGAL), answers={"R-1": Answer.ACCEPTED}).teams[0].numbers == {"R-1"}


def test_what_is_missing_names_those_who_declined():
    match = best([facts("R-1")], request(LEGAL), answers={"R-1": Answer.DECLINED})
    assert match.missing == (
        "No person with legal: 1 more fits and cannot go on 1 April 2026 (1 has declined this request).",
    )
    held = best([facts("R-1"), facts("R-3")], request(LEGAL), answers=dict.fromkeys(("R-1", "R-3"), Answer.ACCEPTED))
    assert held.missing == (
        "No team holds everybody who has accepted (R-1, R-3): nobody who can go fits the seats that they leave.",
    )


@settings(max_examples=100, deadline=None)
@given(world=worlds(), few=st.integers(1, 6))
def test_the_way_by_a_small_problem_gives_the_same_best_team(world, few):
    found, asked, missions = world
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FEW", few)
        match = best(found, asked, missions=missions)
    assert (match.teams[0].lost if match.teams else None) == by_hand(found, asked, missions)
    assert all(team.proven for team in match.teams)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_way_by_a_small_problem_gives_the_same_points_on_a_large_roster(seed, monkeypatch):
    found = ready(roster(600, seed=seed))
    quick = [one.lost for one in best(found, hard_request()).teams]
    monkeypatch.setattr(matching, "FEW", 10**6)
    assert [one.lost for one in best(found, hard_request()).teams] == quick


@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_each_alternative_is_the_best_that_is_left(world):
    found, asked, missions = world
    match = best(found, asked, missions=missions)
    able = [one for one in found if examine(one, asked, today=TODAY) is None]
    apart = 2 if asked.size >= 4 else 1
    for at, team in enumerate(match.teams):
        left = [
            points(other, asked, missions)
            for other in combinations(able, asked.size)
            if seated(other, asked)
            and all(
                len({one.number for one in other} & seen.numbers) <= asked.size - apart for seen in match.teams[:at]
            )
        ]
        assert team.lost == min(left)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_swapping_two_nationalities_everywhere_changes_nothing_but_the_identities(seed):
    """Groups go with their States, as in the reference table; the duty State is one of the two in the last case."""
    found = roster(1200, seed=seed)
    asked = replace(large_request(), places=frozenset({CODES[seed]}))
    one, other = CODES[seed], CODES[seed + 41]
    swap = {one: other, other: one}

    def turned(codes: frozenset[str]) -> frozenset[str]:
        return frozenset(swap.get(code, code) for code in codes)

    # The rows of the reference table are swapped with the codes, so each person keeps a group.
    swapped = [
        replace(
            person,
            nationalities=turned(person.nationalities),
            residence=swap.get(person.residence, person.residence),
            prior_involvement=turned(person.prior_involvement),
        )
        for person in found
    ]
    first = best(found, asked)
    second = best(swapped, replace(asked, places=turned(asked.places)))
    assert first.teams
    assert first == second


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_depends_on_the_order_of_the_roster(seed):
    found = roster(1200, seed=seed)
    mixed = list(found)
    random.Random(seed).shuffle(mixed)  # noqa: S311
    first, second = best(found, large_request()), best(mixed, large_request())
    assert first.teams
    assert first.teams == second.teams


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_decide_only_between_people_who_are_equal(seed):
    """Everybody gets another's number: the teams are made of the same skills, languages, genders and groups."""
    found = roster(1200, seed=seed)
    numbers = [one.number for one in found]
    random.Random(seed).shuffle(numbers)  # noqa: S311
    renamed = [replace(one, number=number) for one, number in zip(found, numbers, strict=True)]

    def shape(match: Match, people: list[Facts]) -> list[object]:
        known = {one.number: one for one in people}
        return [
            (team.lost, sorted(str((sorted(known[n].skills), known[n].languages, known[n].gender, known[n].notice_days))
                               for n in team.numbers))
            for team in match.teams[:1]
        ]  # fmt: skip

    assert shape(best(found, large_request()), found) == shape(best(renamed, large_request()), renamed)


def test_equal_teams_are_said_to_be_equal():
    match = best([facts("R-1"), facts("R-2")], request(LEGAL))
    assert match.equal == 1
    assert {team.lost for team in match.teams} == {3}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"nationalities": frozenset({"XAA", "XJS"})}, Hard.NATIONALITY),
        ({"residence": "XJS"}, Hard.RESIDENCE),
        ({"prior_involvement": frozenset({"XJS"})}, Hard.INVOLVED),
        ({"independence_declared_on": None}, Hard.DECLARATION),
        ({"independence_declared_on": date(2025, 3, 19)}, Hard.DECLARATION),
        ({"consent_on": None}, Hard.CONSENT),
        ({"retain_until": date(2026, 4, 29)}, Hard.RETENTION),
        ({"availability": (Span(date(2026, 4, 1), date(2026, 4, 29)),)}, Hard.AVAILABILITY),
        ({"availability": ()}, Hard.AVAILABILITY),
        ({"notice_days": 13}, Hard.NOTICE),
        ({"back_on": date(2026, 3, 19)}, Hard.REST),
    ],
)
def test_each_hard_rule_excludes_and_says_so(changes, rule):
    found = examine(facts(**changes), request(LEGAL), today=TODAY)
    assert found is not None
    assert found.rules == (rule,)


def test_the_edges_of_the_hard_rules_let_people_go():
    edge = facts(
        independence_declared_on=date(2025, 3, 20),
        retain_until=date(2026, 4, 30),
        availability=(MISSION,),
        notice_days=12,
        back_on=date(2026, 3, 18),
    )
    assert examine(edge, request(LEGAL), today=TODAY) is None


@pytest.mark.parametrize(("kind", "needed", "rule"), [
    ("clearances", {"clearances": frozenset({"Field"})}, Hard.CLEARANCE),
    ("vaccinations", {"vaccinations": frozenset({"yellow fever"})}, Hard.VACCINATION),
    ("visas", {"visa_needed": True}, Hard.VISA),
])  # fmt: skip
def test_a_paper_must_hold_to_the_last_day_of_the_mission(kind, needed, rule):
    name = {"clearances": "field", "vaccinations": "Yellow Fever", "visas": "XJS"}[kind]
    asked = request(LEGAL, **needed)
    late = examine(facts(**{kind: (Paper(name, date(2026, 4, 29)),)}), asked, today=TODAY)
    assert late is not None
    assert late.rules == (rule,)
    assert examine(facts(**{kind: (Paper(name, date(2026, 4, 30)),)}), asked, today=TODAY) is None


def test_all_reasons_of_an_exclusion_are_told_at_once():
    found = examine(
        facts(nationalities=frozenset({"XJS"}), consent_on=None, notice_days=60), request(LEGAL), today=TODAY
    )
    assert found is not None
    assert found.rules == (Hard.NATIONALITY, Hard.CONSENT, Hard.NOTICE)
    assert found.ready_on is None


def test_what_is_missing_is_said_with_the_day_on_which_it_could_be_had():
    seat = Profile(name="forensics", count=1, skills=frozenset({Skill.FORENSICS}), languages=(Tongue("am", Grade.C1),))
    away = facts(
        "R-1",
        skills=frozenset({Skill.FORENSICS}),
        languages=(Tongue("am", Grade.C2),),
        availability=(Span(date(2026, 4, 3), date(2026, 12, 31)),),
    )
    match = best([away, facts("R-2")], request(seat))
    assert match.teams == ()
    assert match.missing == (
        "No Amharic (C1) speaker with forensic documentation before 3 April 2026: 1 more fits and cannot go on "
        "1 April 2026 (1 is not available on all the days).",
    )
    assert ready_on(away, request(seat), today=TODAY) == date(2026, 4, 3)


def test_a_seat_that_nobody_fits_and_two_seats_for_one_person_are_told_apart():
    nobody = best([facts()], request(Profile(name="f", count=1, skills=frozenset({Skill.FORENSICS}))))
    assert nobody.missing == ("No person with forensic documentation on the roster.",)
    both = facts(skills=frozenset({Skill.LEGAL, Skill.GENDER}))
    one_for_two = best(
        [both, facts("R-2", skills=frozenset())],
        request(LEGAL, Profile(name="gender", count=1, skills=frozenset({Skill.GENDER}))),
    )
    assert one_for_two.missing == (
        "Too few for person with legal or person with gender: 2 needed, 1 can go: nobody else on the roster fits.",
    )


def test_load_is_shared():
    match = best([facts("R-1"), facts("R-2")], request(LEGAL), missions={"R-1": 1})
    assert match.teams[0].numbers == {"R-2"}
    assert match.teams[1].lost - match.teams[0].lost == 15


def test_why_somebody_was_not_chosen_is_a_number_of_points():
    match = best([facts("R-1"), facts("R-2", notice_days=9)], request(LEGAL), include="R-2", alternatives=0)
    assert (match.teams[0].numbers, match.teams[0].lost) == ({"R-2"}, 9)


def test_reasons_name_what_only_one_member_brings():
    team = best(
        [facts("R-1", skills=frozenset({Skill.LEGAL, Skill.GENDER})), facts("R-2", gender=Gender.MAN)],
        request(replace(LEGAL, count=2), wanted_skills=frozenset({Skill.GENDER, Skill.CHILD})),
    ).teams[0]
    reasons = {one.number: one.reasons for one in team.members}
    assert "alone has the wanted skill gender" in reasons["R-1"]
    assert "is needed for the balance of women and men" in reasons["R-2"]
    assert team.short == ("nobody has the wanted skill child protection",)


def test_a_good_offices_mission_is_never_matched():
    with pytest.raises(Refused, match="not matched"):
        best([facts()], request(LEGAL, kind=Kind.GOOD_OFFICES))


def test_a_request_without_a_seat_is_refused():
    with pytest.raises(UsageError):
        best([facts()], replace(request(LEGAL), profiles=()))


@pytest.mark.parametrize(("size", "share"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (8, 3), (10, 4)])
def test_two_seats_in_five_to_the_nearest(size, share):
    assert fair_share(size) == share


def test_a_thousand_people_take_less_than_two_seconds():
    found = roster(1000)
    begun = time.perf_counter()
    match = best(found, large_request())
    assert time.perf_counter() - begun < 2.0
    assert len(match.teams) == 4
    assert all(team.proven for team in match.teams)
