"""A request for a team: it comes from an entity and never from the code, and names are not searched before it is whole.

Purpose limitation: the roster opens for a request whose required parts all stand, and for nothing less. A good-offices
mission is never matched or ranked: the register keeps the composition that the President decided and the
State's consent.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alerts.person import Grade, Skill, Span, Tongue
from domain.errors import Refused, UsageError


class Kind(StrEnum):
    DEPLOYMENT = "deployment"
    GOOD_OFFICES = "good offices"


class Stage(StrEnum):
    """From standby to debrief, in this order; a request may end at any of them."""

    STANDBY = "standby"
    RECEIVED = "request received"
    LONG_LIST = "long list"
    ASKED = "availability asked"
    SHORTLIST = "shortlist"
    SELECTED = "entity selects"
    CLEARED = "cleared"
    DEPLOYED = "deployed"
    BACK = "back"
    DEBRIEF = "debrief"


class Category(StrEnum):
    """Who a good-offices mission may be made of (A/HRC/43/37, paragraphs 64 and 72)."""

    COUNCIL = "President and members of the Council"
    MANDATE_HOLDERS = "special procedures mandate holders"
    OHCHR = "OHCHR"
    REGIONAL = "regional and subregional organisations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of seat: every skill and every language of it in one person, `count` times."""

    name: str
    count: int
    skills: frozenset[Skill] = frozenset()
    languages: tuple[Tongue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an entity asks for. Texts say who, why and on which terms; what matching reads stands below them.

    `places` are the State's codes that nobody of the team may be a national, resident or earlier party of.
    """

    id: str
    kind: Kind
    entity: str
    contact: str
    legal_basis: str
    purpose: str
    consent_of_state: str
    visas_and_entry: str
    security: str
    duty_of_care: str
    contract: str
    independence: str
    data_terms: str
    balance: str
    duty_station: str
    places: frozenset[str]
    profiles: tuple[Profile, ...]
    dates: Span
    latest_decision: date
    answer_due: date
    remote_share: int = 0
    wanted_skills: frozenset[Skill] = frozenset()
    wanted_languages: tuple[Tongue, ...] = ()
    clearances: frozenset[str] = frozenset()
    vaccinations: frozenset[str] = frozenset()
    visa_needed: bool = False
    rest_days: int = 14
    alert: str = ""

    @property
    def size(self) -> int:
        return sum(one.count for one in self.profiles)


REQUIRED = tuple(one.name for one in fields(Request) if one.default is MISSING)
WORDS = {
    "entity": "requesting entity",
    "contact": "its contact",
    "legal_basis": "mandate or legal basis",
    "purpose": "purpose and terms of reference",
    "consent_of_state": "the State's consent, or why it is not needed",
    "visas_and_entry": "visa and entry position",
    "security": "security level and clearance owner",
    "duty_of_care": "duty of care, insurance, medical and psychosocial support",
    "contract": "contract or loan, and who pays",
    "independence": "independence conditions",
    "data_terms": "data handling and confidentiality",
    "balance": "aim of gender and regional balance",
    "duty_station": "duty station",
    "places": "codes of the State concerned",
    "profiles": "number, profiles and level",
    "dates": "start and end",
    "latest_decision": "latest decision date",
    "answer_due": "answer due",
}


def load_request(path: Path) -> Request:
    """Read a request; Refused, with everything that is missing, while it is not whole."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read.", why=str(error.strerror), do="Give a file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(
            f"{path.name} cannot be read.",
            why="It is not TOML in UTF-8.",
            do="See `horizon roster template --request`.",
        ) from None
    return read_request(found, name=path.stem)


def read_request(found: Mapping[str, Any], *, name: str) -> Request:
    """A request from its fields. What must stand and does not is a refusal; what cannot be read is a usage error."""
    known = {one.name for one in fields(Request)} | {"start", "end"}
    unknown = sorted(set(found) - known)
    if unknown:
        raise UsageError(
            "The request has fields that nothing reads.",
            why=f"They are: {', '.join(unknown)}.",
            do="Correct the names.",
        )
    left = missing(found)
    if left:
        raise Refused(
            "The roster is not searched for this request yet.",
            why=f"Names are looked for only for a whole request. Missing: {'; '.join(left)}.",
            do="Ask the requesting entity, and add what it answers.",
        )
    try:
        return Request(
            **{
                **{key: value for key, value in found.items() if key not in {"start", "end"}},
                "id": str(found.get("id") or name),
                "kind": Kind(found.get("kind", Kind.DEPLOYMENT)),
                "places": frozenset(found["places"]),
                "profiles": tuple(map(_profile, found.get("profiles", ()))),
                "dates": Span(_date(found["start"]), _date(found["end"])),
                "latest_decision": _date(found["latest_decision"]),
                "answer_due": _date(found["answer_due"]),
                "wanted_skills": frozenset(map(Skill, found.get("wanted_skills", ()))),
                "wanted_languages": tuple(map(_tongue, found.get("wanted_languages", ()))),
                "clearances": frozenset(found.get("clearances", ())),
                "vaccinations": frozenset(found.get("vaccinations", ())),
            }
        )
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(
            "The request cannot be read.", why=f"{type(error).__name__}: {error}.", do="Compare it with the template."
        ) from None


def missing(found: Mapping[str, Any]) -> tuple[str, ...]:
    """What a request still needs before names are searched, in words; empty when it is whole."""
    left = []
    for name in REQUIRED:
        if name in {"id", "kind"} or (name == "profiles" and found.get("kind") == Kind.GOOD_OFFICES.value):
            continue
        if name == "dates":
            if not found.get("start") or not found.get("end"):
                left.append(WORDS[name])
        elif found.get(name) in (None, "", [], ()) or (isinstance(found[name], str) and not found[name].strip()):
            left.append(WORDS[name])
    return tuple(left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A good-offices mission as the President decided it. `members` are pairs of category and name or office."""

    request: str
    decided_by: str
    decided_on: date
    consulted_bureau_on: date
    consent_of_state: str
    consent_on: date
    members: tuple[tuple[Category, str], ...]
    recorded_at: datetime


def check_composition(one: Composition) -> Composition:
    """Refused without the State's consent, or before it. Nothing is suggested, scored or put in another order."""
    if not one.consent_of_state.strip():
        raise Refused(
            "This mission cannot be recorded.",
            why="A good-offices mission needs the State's consent on record.",
            do="Record how and when the State accepted it.",
        )
    if not one.members or not one.decided_by.strip():
        raise Refused(
            "This mission cannot be recorded.",
            why="It needs the President's decision and the members that it names.",
            do="Record what was decided.",
        )
    return one


def _profile(row: Mapping[str, Any]) -> Profile:
    left = set(row) - {"name", "count", "skills", "languages"}
    count = row.get("count", 1)
    if left or not isinstance(count, int) or count < 1 or count > 50:
        raise ValueError(f"profile: {', '.join(sorted(left)) or 'count'}")
    return Profile(
        name=str(row["name"]),
        count=count,
        skills=frozenset(map(Skill, row.get("skills", ()))),
        languages=tuple(map(_tongue, row.get("languages", ()))),
    )


def _tongue(text: str) -> Tongue:
    language, _, grade = text.partition(":")
    return Tongue(language.strip(), Grade(grade.strip().upper()))


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))
