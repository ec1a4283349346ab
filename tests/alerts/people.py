"""Invented people and requests for the tests of the roster: `Person 0001` and fictional States."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from alerts.person import Facts, Gender, Grade, Paper, Person, Skill, Span, Tongue
from alerts.request import Kind, Profile, Request

TODAY = date(2026, 3, 20)
MISSION = Span(date(2026, 4, 1), date(2026, 4, 30))
GROUPS = ("AFR", "APS", "EES", "LAC", "WEO")
CODES = tuple(f"X{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRS")
PLACES = {code: GROUPS[at % 5] for at, code in enumerate(CODES)}
TONGUES = ("en", "fr", "es", "ar", "ru", "zh", "am", "sw", "pt", "tr")


def facts(number: str = "R-0001", **changes: object) -> Facts:
    """Somebody who can go, with nothing to hold against them."""
    made = Facts(
        number=number,
        gender=Gender.WOMAN,
        nationalities=frozenset({"XAA"}),
        residence="XAA",
        regional_group="AFR",
        skills=frozenset({Skill.LEGAL}),
        languages=(Tongue("en", Grade.C1),),
        availability=(Span(date(2026, 1, 1), date(2026, 12, 31)),),
        notice_days=3,
        clearances=(Paper("field", date(2027, 1, 1)),),
        vaccinations=(),
        visas=(),
        back_on=None,
        prior_involvement=frozenset(),
        independence_declared_on=date(2026, 1, 15),
        consent_on=date(2026, 1, 15),
        retain_until=date(2028, 1, 31),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def person(number: str = "R-0001", **changes: object) -> Person:
    digits = number.partition("-")[2]
    return Person(
        name=f"Person {digits}",
        mail=f"person.{digits}@example.org",
        phone="",
        facts=facts(number, **changes),
    )


def request(*profiles: Profile, **changes: object) -> Request:
    """A whole request of an invented entity for one State."""
    made = Request(
        id="REQ-1",
        kind=Kind.DEPLOYMENT,
        entity="An entity",
        contact="its desk",
        legal_basis="a resolution",
        purpose="to document",
        consent_of_state="given on 1 March 2026",
        visas_and_entry="on arrival",
        security="level 3, cleared by the duty officer",
        duty_of_care="insured",
        contract="loan",
        independence="usual",
        data_terms="usual",
        balance="usual",
        duty_station="Harbour",
        places=frozenset({"XJS"}),
        profiles=profiles or (Profile(name="legal", count=1, skills=frozenset({Skill.LEGAL})),),
        dates=MISSION,
        latest_decision=date(2026, 3, 25),
        answer_due=date(2026, 3, 24),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def roster(number: int, *, seed: int = 1) -> list[Facts]:
    """A roster of any size, by a seed: skills, languages, groups, papers and gaps as they may come."""
    chance = random.Random(seed)  # noqa: S311
    return [_one(f"R-{at:05d}", chance) for at in range(1, number + 1)]


def people(found: Sequence[Facts]) -> list[Person]:
    return [replace(person(one.number), facts=one) for one in found]


def _one(number: str, chance: random.Random) -> Facts:
    nationality = chance.choice(CODES)
    start = date(2026, 1, 1) + timedelta(days=chance.randrange(0, 120))
    return facts(
        number,
        gender=chance.choices(list(Gender), [45, 48, 3, 4])[0],
        nationalities=frozenset({nationality}),
        residence=chance.choice((nationality, nationality, chance.choice(CODES))),
        regional_group=PLACES[nationality],
        skills=frozenset(chance.sample(list(Skill), chance.randrange(1, 5))),
        languages=tuple(
            Tongue(one, chance.choice(list(Grade))) for one in chance.sample(TONGUES, chance.randrange(1, 4))
        ),
        availability=(Span(start, start + timedelta(days=chance.randrange(20, 300))),),
        notice_days=chance.choice((1, 3, 5, 7, 10, 14, 21)),
        back_on=chance.choice((None, None, date(2026, 3, 1) - timedelta(days=chance.randrange(0, 700)))),
        prior_involvement=frozenset(chance.sample(CODES, chance.choice((0, 0, 0, 1)))),
        independence_declared_on=chance.choice((date(2026, 1, 15), date(2026, 2, 1), None, date(2024, 1, 1))),
    )


def large_request() -> Request:
    """Eight seats of four kinds, wanted skills and languages: what a real request may ask for."""
    return request(
        Profile(name="lead", count=1, skills=frozenset({Skill.LEADERSHIP}), languages=(Tongue("en", Grade.B2),)),
        Profile(name="investigation", count=3, skills=frozenset({Skill.INVESTIGATION})),
        Profile(name="forensics", count=2, skills=frozenset({Skill.FORENSICS})),
        Profile(name="interpretation", count=2, skills=frozenset({Skill.INTERPRETATION}),
                languages=(Tongue("fr", Grade.B1),)),
        wanted_skills=frozenset({Skill.GENDER, Skill.CHILD, Skill.DIGITAL, Skill.MEDICAL, Skill.MILITARY}),
        wanted_languages=(Tongue("ar", Grade.B2), Tongue("am", Grade.B2), Tongue("sw", Grade.C1)),
    )  # fmt: skip


def hard_request() -> Request:
    """Twelve seats of six kinds, eight wanted skills and five languages: many teams are nearly as good as the best."""
    return request(
        *(Profile(name=skill.value, count=2, skills=frozenset({skill})) for skill in list(Skill)[:6]),
        wanted_skills=frozenset(list(Skill)[8:16]),
        wanted_languages=tuple(Tongue(one, Grade.C1) for one in ("ar", "am", "sw", "ru", "tr")),
    )


def ready(found: Sequence[Facts]) -> list[Facts]:
    """The same people without what holds them back: nearly everybody can go, which is the largest problem."""
    return [
        replace(
            one,
            availability=(Span(date(2026, 1, 1), date(2026, 12, 31)),),
            notice_days=one.notice_days % 10,
            independence_declared_on=date(2026, 1, 15),
            back_on=None if at % 2 else date(2025, 3, 1) + timedelta(days=at % 300),
        )
        for at, one in enumerate(found)
    ]
