"""A person of the roster, and the words that may stand in its fields. Nothing here knows a name of a State."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Skill(StrEnum):
    INVESTIGATION = "investigation"
    DISAPPEARANCES = "investigation of disappearances"
    KILLINGS = "investigation of killings"
    ATTACKS = "investigation of attacks"
    FORENSICS = "forensic documentation"
    MEDICAL = "medical documentation"
    GENDER = "gender"
    CHILD = "child protection"
    MILITARY = "military analysis"
    DIGITAL = "digital verification"
    OPEN_SOURCE = "open-source investigation"
    LEGAL = "legal"
    DETENTION = "detention monitoring"
    ASSEMBLIES = "assembly monitoring"
    DEFENDERS = "protection of defenders"
    JOURNALISTS = "protection of journalists"
    PROTECTION = "protection"
    HUMANITARIAN = "humanitarian access"
    INTERPRETATION = "interpretation"
    SECURITY = "security"
    LEADERSHIP = "team leadership"


class Gender(StrEnum):
    """As the person says; nobody is guessed."""

    WOMAN = "woman"
    MAN = "man"
    ANOTHER = "another"
    NOT_STATED = "not stated"


class Grade(StrEnum):
    """The levels of the Common European Framework, lowest first."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Tongue:
    """A language by its code, such as `fr`, and how well."""

    language: str
    grade: Grade

    def serves(self, wanted: "Tongue") -> bool:
        return self.language == wanted.language and self.grade.rank >= wanted.grade.rank


@dataclass(frozen=True, slots=True, order=True)
class Paper:
    """A clearance, vaccination or visa; it holds on its last day."""

    name: str
    expires_on: date


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days, both included."""

    first: date
    last: date

    def covers(self, other: "Span") -> bool:
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What matching may see of a person: no name and no address. `number` is the roster's own.

    `regional_group` comes from the reference table. `prior_involvement` holds codes of places; missing dates are None
    and never today: no declaration of independence is not a declaration.
    """

    number: str
    gender: Gender
    nationalities: frozenset[str]
    residence: str
    regional_group: str
    skills: frozenset[Skill]
    languages: tuple[Tongue, ...]
    availability: tuple[Span, ...]
    notice_days: int
    clearances: tuple[Paper, ...]
    vaccinations: tuple[Paper, ...]
    visas: tuple[Paper, ...]
    back_on: date | None
    prior_involvement: frozenset[str]
    independence_declared_on: date | None
    consent_on: date | None
    retain_until: date

    def speaks(self, wanted: Tongue) -> bool:
        return any(one.serves(wanted) for one in self.languages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The whole record. Its own fields are shown only to whom a request entitles, and each look is logged."""

    name: str
    mail: str
    phone: str
    facts: Facts

    def __repr__(self) -> str:
        return "Person(…)"
