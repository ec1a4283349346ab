"""What people alone can say, read from their decisions: findings, imminent harm, steps that help, calls, set-asides.

A decision has one line of words, its object; each act has its own form, given below. What tells the engine something
needs two named persons who entered the same object; a decision that either of them took back holds no longer. A line
that does not fit its form is a defect and is not used. Which situations are one (`join`) stands in the content of a
decision and not in its object; scoring does not use it, and `find_joined` reads it for the pages.

    finding         RUR T02 P4 2023-09-01 A/HRC/00/00, paragraph 1
    finding         RUR T02 P5 2024-01-20 <five incident ids or more>
    imminent_harm   RUR 2024-01-20 the body that named it, and its document
    mitigation      RUR T04 done 2024-01-10 relief; the State: 41 of 63 released
    call            RUR a 2024-01-20 the office
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.defect import Defect, DefectLevel
from domain.review import Act
from domain.situation import Joined
from scoring.grouping.item import Merge, Split
from scoring.inputs import Call, Finding, Mitigation

PERSONS = 2
HARM_DAYS = 28  # a confirmed imminent harm is imminent for so long, and no longer without a new one
FINDING = re.compile(r"(?P<place>\S+) (?P<trigger>T\d\d[ab]?) (?P<rule>P4|P5) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
HARM = re.compile(r"(?P<place>\S+) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
STEP = re.compile(
    r"(?P<place>\S+) (?P<trigger>T\d\d[ab]?) (?P<value>announced|begun|done) (?P<on>\d{4}-\d\d-\d\d) "
    r"(?P<origins>[^:]+): (?P<words>.+)"
)
CALL = re.compile(r"(?P<place>\S+) (?P<kind>[ab]) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
JOINED = "join/"
FORMS = {Act.FINDING: FINDING, Act.IMMINENT_HARM: HARM, Act.MITIGATION: STEP, Act.CALL: CALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """One stored decision, as far as the engine needs it: what was done to what, by whom, and why."""

    act: Act
    object_id: str
    by: str
    reason: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """Everything that people told the engine, as it holds now."""

    set_aside: frozenset[str] = frozenset()
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    findings: tuple[Finding, ...] = ()
    imminent: frozenset[str] = frozenset()
    mitigations: tuple[Mitigation, ...] = ()
    calls: tuple[Call, ...] = ()
    defects: tuple[Defect, ...] = ()


def rule(entered: Sequence[Entered], *, today: date) -> Rulings:
    """Decisions in the order in which they were made, to what holds on a day."""
    standing = _standing(entered)
    found = Rulings(
        set_aside=frozenset(object_id for act, object_id in standing if act is Act.SET_ASIDE),
        merges=tuple(
            Merge(items=tuple(object_id.split()), by=_last(by).by, reason=_last(by).reason)
            for (act, object_id), by in standing.items()
            if act is Act.MERGE
        ),
        splits=tuple(
            Split(items=tuple(object_id.split()), by=_last(by).by, reason=_last(by).reason)
            for (act, object_id), by in standing.items()
            if act is Act.SPLIT
        ),
    )
    for (act, object_id), by in standing.items():
        if act in FORMS:
            found = _add(found, act, object_id, len(by) >= PERSONS, today=today)
    return found


def find_joined(entered: Sequence[Entered]) -> tuple[Joined, ...]:
    """Situations that are one, by what two named persons said alike: the same situations with the same first.

    Content that does not fit is not used, and neither is a later join that shares a situation with an earlier one: it
    would have two ids.
    """
    found: list[Joined] = []
    taken: set[str] = set()
    for (act, object_id), by in _standing(entered).items():
        if act is not Act.JOIN:
            continue
        said: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for one in by.values():
            said[_situations(one)].add(one.by)
        held = [ids for ids, people in said.items() if ids and len(people) >= PERSONS]
        for ids in held[-1:]:
            if object_id == f"{JOINED}{ids[0]}" and not taken & set(ids):
                found.append(Joined(joined_id=ids[0], situations=ids))
                taken |= set(ids)
    return tuple(found)


def _standing(entered: Sequence[Entered]) -> dict[tuple[Act, str], dict[str, Entered]]:
    """What each person said last of each object; what one of them took back stands no longer."""
    standing: dict[tuple[Act, str], dict[str, Entered]] = defaultdict(dict)
    for one in entered:
        if one.act is Act.WITHDRAW:
            for key in [key for key in standing if key[1] == one.object_id]:
                del standing[key]
        else:
            standing[(one.act, one.object_id)][one.by] = one
    return standing


def _situations(one: Entered) -> tuple[str, ...]:
    """The first situation and then the others, whatever their order; none where the content says something else."""
    try:
        ids = json.loads(one.content)["situations"]
    except (ValueError, KeyError, TypeError):
        return ()
    if not isinstance(ids, list) or len(set(map(str, ids))) < 2 or not all(isinstance(each, str) for each in ids):
        return ()
    return (ids[0], *sorted(set(ids[1:]) - {ids[0]}))


def _last(by: Mapping[str, Entered]) -> Entered:
    return list(by.values())[-1]


def _add(found: Rulings, act: Act, object_id: str, confirmed: bool, *, today: date) -> Rulings:
    match = FORMS[act].fullmatch(object_id)
    on = _day(match["on"]) if match else None
    if match is None or on is None:
        defect = Defect(
            level=DefectLevel.WARN, check="decision_unreadable", source_id="", evidence=object_id, record=act.value
        )
        return replace(found, defects=(*found.defects, defect))
    place, words = match["place"], match["words"]
    if not confirmed or on > today:
        return found
    match act:
        case Act.FINDING:
            analysts = match["rule"] == "P5"
            one = Finding(
                place=place,
                trigger=match["trigger"],
                rule=match["rule"],
                stated_on=on,
                citation="a pattern that two analysts found" if analysts else words,
                incidents=tuple(words.split()) if analysts else (),
            )
            return replace(found, findings=(*found.findings, one))
        case Act.IMMINENT_HARM:
            held = today - on <= timedelta(days=HARM_DAYS)
            return replace(found, imminent=found.imminent | {place}) if held else found
        case Act.MITIGATION:
            step = Mitigation(
                place=place,
                trigger=match["trigger"],
                value=match["value"],
                on=on,
                origins=tuple(sorted({one.strip() for one in match["origins"].split(";")})),
                words=words,
            )
            return replace(found, mitigations=(*found.mitigations, step))
        case _:
            call = Call(place=place, kind=match["kind"], office=words, said_on=on)
            return replace(found, calls=(*found.calls, call))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
