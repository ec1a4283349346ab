"""Incidents as people corrected them. The reports and what was coded of them stay; a correction is a row beside them.

An incident keeps its id, so that the decisions on it stay with it. What a correction does not touch is as coded.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from domain.defect import Defect, DefectLevel
from domain.evidence import LabelRoot
from domain.incident import Coding, Incident
from scoring.dedup import Grouped
from scoring.inputs import Correction

RULE = "people.corrected"


def correct(
    grouped: Grouped, corrections: Sequence[Correction], *, places: Collection[str], triggers: Collection[str]
) -> tuple[Grouped, tuple[Defect, ...]]:
    """The same incidents with their corrected values; each corrected class has its own root.

    A value that is none, and a correction of an incident that this run does not hold, are defects and not used.
    """
    by_incident: dict[str, dict[str, str]] = defaultdict(dict)
    defects = []
    known = {one.incident_id for one in grouped.incidents}
    for one in corrections:
        if one.incident_id not in known:
            defects.append(_defect("correction_without_incident", one))
        elif not _fits(one, places=places, triggers=triggers):
            defects.append(_defect("decision_unreadable", one))
        else:
            by_incident[one.incident_id][one.field] = one.value
    incidents = tuple(_apply(one, by_incident.get(one.incident_id, {})) for one in grouped.incidents)
    labels = [_root(one, coding) for one in incidents for coding in one.codings if coding.rule == RULE]
    return replace(grouped, incidents=incidents, labels=(*grouped.labels, *labels)), tuple(defects)


def _fits(one: Correction, *, places: Collection[str], triggers: Collection[str]) -> bool:
    match one.field:
        case "state":
            return one.value in places
        case "class":
            return set(one.value.split()) <= set(triggers)
        case "date":
            return _day(one.value) is not None
        case _:
            return True


def _apply(incident: Incident, values: Mapping[str, str]) -> Incident:
    if not values:
        return incident
    state = values.get("state", incident.place)
    # A part of the State that was coded first is no part of another one.
    coded_part = incident.first_level if state == incident.place else ""
    day = _day(values["date"]) if "date" in values else None
    return replace(
        incident,
        place=state,
        first_level=values.get("place", coded_part),
        occurred_on=day or incident.occurred_on,
        date_inferred=incident.date_inferred and day is None,
        codings=_codings(incident.codings, values["class"].split()) if "class" in values else incident.codings,
    )


def _codings(coded: tuple[Coding, ...], classes: Sequence[str]) -> tuple[Coding, ...]:
    """Codings of a class that stays are kept; a class that is new takes over what was told under those that go."""
    kept = tuple(one for one in coded if one.trigger in classes)
    gone = [one for one in coded if one.trigger not in classes] or list(coded)
    new = sorted(set(classes) - {one.trigger for one in coded})
    found = {
        (trigger, one.outcome, one.victim): replace(one, trigger=trigger, rule=RULE) for trigger in new for one in gone
    }
    return (*kept, *found.values())


def _root(incident: Incident, coding: Coding) -> LabelRoot:
    return LabelRoot(
        incident_id=incident.incident_id,
        report_id=incident.reports[0],
        trigger=coding.trigger,
        rule=RULE,
        outcome=coding.outcome,
        victim=coding.victim,
        persons=coding.persons,
        field="correction",
        words=coding.trigger,
        start=None,
        end=None,
        why="a person corrected the class",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _defect(check: str, one: Correction) -> Defect:
    return Defect(
        level=DefectLevel.WARN,
        check=check,
        source_id="",
        evidence=f"{one.field}: {one.value}",
        record=one.incident_id,
    )
