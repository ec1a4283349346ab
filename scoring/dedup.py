"""Reports to incidents. This version merges what one publisher itself gives one number; texts are not compared yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.incident import Actor, Coding, Incident
from domain.signal import Report, short_hash
from domain.source import SourceCard


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedReport:
    """A report with its place resolved and its labels; `first_known_at` is that of its oldest version."""

    report: Report
    card: SourceCard
    place: str
    actor: Actor
    codings: tuple[Coding, ...]
    first_known_at: datetime


def group(reports: Iterable[CodedReport]) -> tuple[Incident, ...]:
    """One incident for each event number of a publisher and place; two data sets of one publisher are one origin.

    A report that nothing dates (neither event nor publication) cannot be counted and gives no incident.
    """
    groups: dict[tuple[str, str, str], list[CodedReport]] = defaultdict(list)
    for one in reports:
        if one.codings and one.report.day is not None:
            groups[(one.card.origin_id, one.report.source_ref, one.place)].append(one)
    return tuple(sorted((_merge(members) for members in groups.values()), key=lambda incident: incident.incident_id))


def _merge(members: list[CodedReport]) -> Incident:
    members = sorted(members, key=lambda one: (one.first_known_at, one.report.report_id))
    first = members[0]
    days = [day for one in members if (day := one.report.occurred_on) is not None]
    inferred = [day for one in members if (day := one.report.day) is not None]
    published = [one.report.published_at for one in members if one.report.published_at is not None]
    named = [one for one in members if one.actor is not Actor.UNKNOWN]
    best: dict[tuple[str, str, str], Coding] = {}
    for one in members:
        for label in one.codings:
            key = (label.trigger, label.outcome, label.victim)
            # Two data sets of one event count its persons once: the larger of two low figures is still low.
            if key not in best or (label.persons or 0) > (best[key].persons or 0):
                best[key] = label
    places = sorted({one.report.first_level for one in members if one.report.first_level})
    return Incident(
        incident_id=short_hash("incident", first.card.origin_id, first.report.source_ref, first.place),
        place=first.place,
        first_level=places[0] if len(places) == 1 else "",
        occurred_on=min(days) if days else min(inferred),
        date_inferred=not days,
        first_published_at=min(published) if published else None,
        first_known_at=first.first_known_at,
        actor=named[0].actor if named else Actor.UNKNOWN,
        actor_name=named[0].report.actor if named else "",
        codings=tuple(best[key] for key in sorted(best)),
        origins=tuple(sorted({one.card.origin_id for one in members})),
        classes=tuple(sorted({one.card.source_class for one in members})),
        reports=tuple(sorted({one.report.report_id for one in members})),
        sources=tuple(sorted({one.card.id for one in members})),
    )
