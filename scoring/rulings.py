"""What people alone can say, read from their decisions: findings, imminent harm, steps that help, calls, and triage.

Of triage the newest standing verdict on an incident holds: one that is set aside or parked is not counted until
somebody says otherwise. A corrected value is told by its decision's content; the coded one stays in its reports.

What people tell the engine has one form for each act, given below: a decision has one line of words, its object, and
it needs two named persons who entered the same object; one that either of them took back holds no longer. A line that
does not fit its form is a defect and is not used. Which situations are one (`join`) stands in the content of a decision
and not in its object; scoring does not use it, and `find_joined` reads it for the pages.

    finding         RUR T02 P4 2023-09-01 A/HRC/00/00, paragraph 1
    finding         RUR T02 P5 2024-01-20 <five incident ids or more>
    finding         RUR T05 U5 2024-02-10 an event of that day that bears on the situation
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
from scoring.inputs import Call, Correction, Finding, LinkedEvent, Mitigation

PERSONS = 2
HARM_DAYS = 28  # a confirmed imminent harm is imminent for so long, and no longer without a new one
FINDING = re.compile(r"(?P<place>\S+) (?P<trigger>T\d\d[ab]?) (?P<rule>P4|P5|U5) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
HARM = re.compile(r"(?P<place>\S+) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
STEP = re.compile(
    r"(?P<place>\S+) (?P<trigger>T\d\d[ab]?) (?P<value>announced|begun|done) (?P<on>\d{4}-\d\d-\d\d) "
    r"(?P<origins>[^:]+): (?P<words>.+)"
)
CALL = re.compile(r"(?P<place>\S+) (?P<kind>[ab]) (?P<on>\d{4}-\d\d-\d\d) (?P<words>.+)")
JOINED = "join/"
VERDICTS = frozenset({Act.RELEVANT, Act.DUPLICATE, Act.PARK, Act.SET_ASIDE})
NOT_COUNTED = frozenset({Act.PARK, Act.SET_ASIDE})
CORRECTED = frozenset({"state", "class", "date", "place"})
FORMS = {Act.FINDING: FINDING, Act.IMMINENT_HARM: HARM, Act.MITIGATION: STEP, Act.CALL: CALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """One stored decision, as far as the engine needs it: what was done to what, by whom, and why."""

    act: Act
    object_id: str
    by: str
    reason: str = ""
    content: str = ""
    version: int = 0


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
    events: tuple[LinkedEvent, ...] = ()
    corrections: tuple[Correction, ...] = ()
    defects: tuple[Defect, ...] = ()


def rule(entered: Sequence[Entered], *, today: date) -> Rulings:
    """Decisions in the order in which they were made, to what holds on a day."""
    kept = _kept(entered)
    standing = _standing(kept)
    verdicts = {one.object_id: one.act for one in kept if one.act in VERDICTS}
    found = Rulings(
        set_aside=frozenset(object_id for object_id, act in verdicts.items() if act in NOT_COUNTED),
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
    return _correct(found, kept)


def find_joined(entered: Sequence[Entered]) -> tuple[Joined, ...]:
    """Situations that are one, by what two named persons said alike: the same situations with the same first.

    Content that does not fit is not used, and neither is a later join that shares a situation with an earlier one: it
    would have two ids.
    """
    found: list[Joined] = []
    taken: set[str] = set()
    for (act, object_id), by in _standing(_kept(entered)).items():
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


def _kept(entered: Sequence[Entered]) -> list[Entered]:
    """What was not taken back, in its order; who takes back names the version, or else means all on that object."""
    kept: dict[str, list[tuple[int, Entered]]] = defaultdict(list)
    for at, one in enumerate(entered):
        if one.act is Act.WITHDRAW:
            version = _said(one).get("version")
            kept[one.object_id] = [row for row in kept[one.object_id] if version not in {None, row[1].version}]
        else:
            kept[one.object_id].append((at, one))
    return [one for _, one in sorted((row for rows in kept.values() for row in rows), key=lambda row: row[0])]


def _standing(kept: Sequence[Entered]) -> dict[tuple[Act, str], dict[str, Entered]]:
    """What each person said last of each object."""
    standing: dict[tuple[Act, str], dict[str, Entered]] = defaultdict(dict)
    for one in kept:
        standing[(one.act, one.object_id)][one.by] = one
    return standing


def _correct(found: Rulings, kept: Sequence[Entered]) -> Rulings:
    """The newest value of each corrected field."""
    newest: dict[tuple[str, str], Correction] = {}
    defects = list(found.defects)
    for one in kept:
        if one.act is Act.CORRECT:
            said = _said(one)
            name, value = said.get("field"), said.get("value")
            if name in CORRECTED and isinstance(name, str) and isinstance(value, str) and value:
                newest[(one.object_id, name)] = Correction(incident_id=one.object_id, field=name, value=value)
            else:
                defects.append(_unreadable(one.act, one.object_id))
    return replace(found, corrections=tuple(newest.values()), defects=tuple(defects))


def _said(one: Entered) -> Mapping[str, object]:
    try:
        said = json.loads(one.content) if one.content else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _unreadable(act: Act, object_id: str) -> Defect:
    return Defect(
        level=DefectLevel.WARN, check="decision_unreadable", source_id="", evidence=object_id, record=act.value
    )


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
        return replace(found, defects=(*found.defects, _unreadable(act, object_id)))
    place, words = match["place"], match["words"]
    if not confirmed:
        return found
    if act is Act.FINDING and match["rule"] == "U5":
        event = LinkedEvent(place=place, trigger=match["trigger"], on=on, words=words)
        return replace(found, events=(*found.events, event))
    if on > today:
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
