"""The register of options: each with the condition that the rules give it and no other. Never ranked, never advised.

What was decided is entered by people: who decided what, when, why, when it is looked at again, and what came of it. The
record and the summary that others may read are two objects, so that the one can be given out without the other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import UsageError
from domain.review import Act, Decision

LONGEST = 4_000  # signs


class Sureness(StrEnum):
    """How sure the condition is; printed beside it."""

    DOCUMENT = "stands in the documents"
    READ = "read in a published page"
    PRACTICE = "from practice: check before it is relied on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that the Council, its President or a committee can do, and what it takes."""

    id: str
    name: str
    condition: str
    basis: str
    sureness: Sureness


# In the order of the alphabet, which ranks nothing.
OPTIONS: tuple[Option, ...] = (
    Option(
        id="briefing_between_sessions",
        name="Briefing by the High Commissioner between sessions",
        condition="The High Commissioner identifies patterns of violations that point to a heightened risk of a human "
        "rights emergency.",
        basis="Human Rights Council resolution 45/31",
        sureness=Sureness.READ,
    ),
    Option(
        id="confidential_meeting_council",
        name="Confidential meeting of the Council",
        condition="None named. It is another thing than a meeting with the State concerned.",
        basis="A/HRC/43/37, paragraph 72",
        sureness=Sureness.DOCUMENT,
    ),
    Option(
        id="confidential_meeting_state",
        name="Confidential meeting with the State concerned",
        condition="None named.",
        basis="A/HRC/43/37, paragraph 64",
        sureness=Sureness.DOCUMENT,
    ),
    Option(
        id="committee_procedures",
        name="Early warning, urgent action or inquiry of a committee",
        condition="The committee's own decision. Inquiries only for a State that accepted the procedure; confidential.",
        basis="CERD early-warning procedure; CED articles 30 and 34; inquiry procedures",
        sureness=Sureness.PRACTICE,
    ),
    Option(
        id="good_offices",
        name="Good offices and quiet diplomacy",
        condition="The State's consent is on record.",
        basis="A/HRC/43/37, paragraphs 64 and 72",
        sureness=Sureness.DOCUMENT,
    ),
    Option(
        id="investigative_body",
        name="Investigative body",
        condition="A resolution of the Council, by vote if needed. The State's consent is not required.",
        basis="Practice of the Council",
        sureness=Sureness.PRACTICE,
    ),
    Option(
        id="presidents_statement",
        name="President's statement",
        condition="Adopted without a vote; it requires all members to agree.",
        basis="A/HRC/43/37, paragraph 65",
        sureness=Sureness.DOCUMENT,
    ),
    Option(
        id="report",
        name="Report, oral update or enhanced interactive dialogue",
        condition="A resolution of the Council, by vote if needed. The State's consent is not required.",
        basis="Practice of the Council",
        sureness=Sureness.PRACTICE,
    ),
    Option(
        id="special_session",
        name="Special session",
        condition="A member's request, supported by one third of the members: 16 of 47. Observers may co-sponsor and "
        "are not counted.",
        basis="General Assembly resolution 60/251, paragraph 10",
        sureness=Sureness.READ,
    ),
    Option(
        id="technical_cooperation",
        name="Technical cooperation and capacity-building (item 10)",
        condition="The State's request or consent.",
        basis="Practice of the Council",
        sureness=Sureness.PRACTICE,
    ),
    Option(
        id="urgent_debate",
        name="Urgent debate",
        condition="Inside a regular session, decided by the Council.",
        basis="Practice of the Council",
        sureness=Sureness.PRACTICE,
    ),
)
BY_ID = {one.id: one for one in OPTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was decided. `entered_by` typed it in; `decided_by` decided."""

    option: Option
    decided_by: str
    decided_on: date
    decision: str
    why: str
    follow_up_on: date | None
    outcome: str
    consent: str
    entered_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What may be said of it outside the Bureau."""

    words: str
    entered_by: str
    version: int


def object_of(situation_id: str) -> str:
    return f"option/{situation_id}"


def summary_object_of(situation_id: str) -> str:
    return f"option-summary/{situation_id}"


def check_entry(given: Mapping[str, str], *, today: date) -> str:
    """The content of an entry; UsageError names everything that is missing."""
    values = {name: given.get(name, "").strip() for name in ("option", "decided_by", "decision", "why", "outcome")}
    values["consent"] = given.get("consent", "").strip()
    wrong = [f"“{name.replace('_', ' ')}” is empty" for name in ("decided_by", "decision", "why") if not values[name]]
    if values["option"] not in BY_ID:
        wrong.append("no option is chosen")
    if values["option"] == "good_offices" and not values["consent"]:
        wrong.append("good offices need the State's consent on record: say where it stands")
    wrong += [f"“{name.replace('_', ' ')}” is too long" for name, value in values.items() if len(value) > LONGEST]
    decided = _day(given.get("decided_on", ""))
    follow = _day(given.get("follow_up_on", ""))
    if decided is None or decided > today:
        wrong.append("the day of the decision is missing, or has not come yet")
    if given.get("follow_up_on", "").strip() and follow is None:
        wrong.append("the day to look at it again is no day")
    if wrong:
        raise UsageError("The decision is not saved yet.", why="; ".join(wrong) + ".", do="Fill in what is missing.")
    record = {
        **values,
        "decided_on": decided.isoformat() if decided else "",
        "follow_up_on": follow.isoformat() if follow else "",
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def read_entries(history: Iterable[Decision]) -> tuple[Entry, ...]:
    """Everything that was entered, oldest first; a later line may give the outcome of an earlier one."""
    found = []
    for one in history:
        if one.act is Act.DECIDE_OPTION and one.content:
            said = json.loads(one.content)
            found.append(
                Entry(
                    option=BY_ID[said["option"]],
                    decided_by=said["decided_by"],
                    decided_on=date.fromisoformat(said["decided_on"]),
                    decision=said["decision"],
                    why=said["why"],
                    follow_up_on=_day(said["follow_up_on"]),
                    outcome=said["outcome"],
                    consent=said["consent"],
                    entered_by=one.by,
                    version=one.version,
                )
            )
    return tuple(found)


def read_summary(history: Iterable[Decision]) -> Summary | None:
    """The newest words for others."""
    last = None
    for one in history:
        if one.act is Act.DECIDE_OPTION and one.content:
            last = Summary(words=json.loads(one.content)["words"], entered_by=one.by, version=one.version)
    return last


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
