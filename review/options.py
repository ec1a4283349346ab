"""Decisions on options, of the register in domain/options.

What was decided is entered by people: who decided what, when, why, when it is looked at again, and what came of it. The
record and the summary that others may read are two objects, so that the one can be given out without the other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.errors import UsageError
from domain.options import Option, Sureness
from domain.review import Act, Decision

LONGEST = 4_000  # signs
SURENESS = {
    Sureness.SOURCE: "stands in the documents",
    Sureness.READ: "read in a published page",
    Sureness.PRACTICE: "from practice: check before it is relied on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was decided, on an option by the name that it had then. `entered_by` typed it in; `decided_by` decided."""

    option: str
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


def check_entry(given: Mapping[str, str], *, options: Iterable[Option], today: date) -> str:
    """The content of an entry; UsageError names everything that is missing."""
    chosen = next((one for one in options if one.option_id == given.get("option", "").strip()), None)
    values = {name: given.get(name, "").strip() for name in ("option", "decided_by", "decision", "why", "outcome")}
    values["consent"] = given.get("consent", "").strip()
    wrong = [f"“{name.replace('_', ' ')}” is empty" for name in ("decided_by", "decision", "why") if not values[name]]
    if chosen is None:
        wrong.append("no option is chosen")
    elif chosen.needs_consent and not values["consent"]:
        wrong.append(f"“{chosen.name}” needs the State's consent on record: say where it stands")
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
        "name": chosen.name if chosen else "",
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
                    option=said["name"],
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
