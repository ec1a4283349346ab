"""Reports to incidents. This version merges what one publisher itself gives one number; texts are not compared yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.evidence import Label, LabelRoot, ReportRoot
from domain.incident import Actor, Coding, Incident
from domain.signal import Report, short_hash
from domain.source import SourceCard


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedReport:
    """A report with its place resolved and its labels; `first_known_at` is that of its oldest version.

    `version` and `payload_sha` are those it had at `as_of`. `language` is that found in its prose, empty without
    prose; `unread` says that nothing here reads that language.
    """

    report: Report
    card: SourceCard
    place: str
    actor: Actor
    labels: tuple[Label, ...]
    first_known_at: datetime
    version: str = ""
    payload_sha: str = ""
    language: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The incidents, and for each the reports and the labels that it rests on."""

    incidents: tuple[Incident, ...]
    reports: tuple[ReportRoot, ...]
    labels: tuple[LabelRoot, ...]


def group(reports: Iterable[CodedReport]) -> Grouped:
    """One incident for each event number of a publisher and place; two data sets of one publisher are one origin.

    A report that nothing dates (neither event nor publication) cannot be counted and gives no incident.
    """
    groups: dict[tuple[str, str, str], list[CodedReport]] = defaultdict(list)
    for one in reports:
        if one.labels and one.report.day is not None:
            groups[(one.card.origin_id, one.report.source_ref, one.place)].append(one)
    merged = [_merge(members) for members in groups.values()]
    merged.sort(key=lambda found: found[0].incident_id)
    return Grouped(
        incidents=tuple(incident for incident, _ in merged),
        reports=tuple(root for incident, members in merged for root in _report_roots(incident, members)),
        labels=tuple(root for incident, members in merged for root in _label_roots(incident, members)),
    )


def _merge(members: list[CodedReport]) -> tuple[Incident, list[CodedReport]]:
    """The incident and its members, the first known in front."""
    members = sorted(members, key=lambda one: (one.first_known_at, one.report.report_id))
    first = members[0]
    days = [day for one in members if (day := one.report.occurred_on) is not None]
    inferred = [day for one in members if (day := one.report.day) is not None]
    published = [one.report.published_at for one in members if one.report.published_at is not None]
    named = [one for one in members if one.actor is not Actor.UNKNOWN]
    best: dict[tuple[str, str, str], Coding] = {}
    for one in members:
        for label in one.labels:
            coding = label.coding
            key = (coding.trigger, coding.outcome, coding.victim)
            # Two data sets of one event count its persons once: the larger of two low figures is still low.
            if key not in best or (coding.persons or 0) > (best[key].persons or 0):
                best[key] = coding
    places = sorted({one.report.first_level for one in members if one.report.first_level})
    incident = Incident(
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
    return incident, members


def _report_roots(incident: Incident, members: list[CodedReport]) -> Iterable[ReportRoot]:
    for at, one in enumerate(members):
        yield ReportRoot(
            incident_id=incident.incident_id,
            report_id=one.report.report_id,
            version=one.version,
            source_id=one.card.id,
            source_class=one.card.source_class,
            origin=one.card.origin_id,
            joined="the same number of the same publisher" if at else "first report known",
            url=one.report.url,
            language=one.language,
            published_at=one.report.published_at,
            collected_at=one.report.collected_at,
            payload_sha=one.payload_sha,
        )


def _label_roots(incident: Incident, members: list[CodedReport]) -> Iterable[LabelRoot]:
    for one in members:
        for label in one.labels:
            yield LabelRoot(
                incident_id=incident.incident_id,
                report_id=one.report.report_id,
                trigger=label.coding.trigger,
                rule=label.coding.rule,
                outcome=label.coding.outcome,
                victim=label.coding.victim,
                persons=label.coding.persons,
                field=label.field,
                words=label.words,
                start=label.start,
                end=label.end,
                why=label.why,
            )
