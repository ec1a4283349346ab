"""What the numbers of a scan rest on: incidents, their reports and origins, and the words behind each label.

A page for who must defend a line. It lists single events, so it prints the week and the State and nothing closer; an
incident coded as a reprisal is counted and never listed (triggers, T09 and section 7).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from briefs import wording
from briefs.lookup import STATE_LEVEL_ONLY, Lookup, anchor
from briefs.view import (
    Block,
    IncidentLine,
    Incidents,
    LabelLine,
    Layout,
    Line,
    Lines,
    Link,
    Remark,
    ReportLine,
    Section,
    Tone,
)
from domain.evidence import LabelRoot, ReportRoot
from domain.incident import Incident
from domain.situation import Situation
from domain.source import SourceClass
from domain.window import Week

NO_ROOT = "no report of it is kept in this run"


def page_name(region_code: str) -> str:
    return f"{region_code}-evidence.html"


def opens(lookup: Lookup, situation: Situation, trigger: str = "") -> str:
    """The address at which a situation's count opens, whole or for one trigger."""
    region = lookup.home(lookup.place(situation.place))
    return f"{page_name(region)}#{anchor(lookup, situation)}{'-' + trigger if trigger else ''}"


def incidents_of(lookup: Lookup, situation: Situation, trigger: str) -> tuple[str, ...]:
    """The incidents that a trigger's count holds now, and those of the situation that carry its label."""
    labelled = [
        one.incident_id
        for one in lookup.situation_incidents(situation)
        if any(coding.trigger == trigger for coding in one.codings)
    ]
    now = lookup.triggers.get((situation.place, trigger))
    return tuple(dict.fromkeys((*(now.incidents if now is not None else ()), *labelled)))


def count_links(lookup: Lookup, situation: Situation) -> tuple[Link, ...]:
    """One link a trigger with incidents: `T07 (5)`."""
    return tuple(
        Link(text=f"{trigger} ({len(held):,})", href=opens(lookup, situation, trigger))
        for trigger in _triggers(lookup, situation)
        if (held := incidents_of(lookup, situation, trigger))
    )


@dataclass(slots=True)
class Roots:
    """Reports and labels of one issue, by incident and by report."""

    reports: dict[str, list[ReportRoot]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[tuple[str, str], list[LabelRoot]] = field(default_factory=lambda: defaultdict(list))


def roots(lookup: Lookup) -> Roots:
    found = Roots()
    for report in lookup.issue.reports:
        found.reports[report.incident_id].append(report)
    for label in lookup.issue.labels:
        found.labels[(label.incident_id, label.report_id)].append(label)
    return found


def build_section(lookup: Lookup, situation: Situation, rooted: Roots) -> Section | None:
    """The incidents of one situation, oldest first; None where its numbers are published totals alone."""
    triggers = _triggers(lookup, situation)
    held = {trigger: incidents_of(lookup, situation, trigger) for trigger in triggers}
    wanted = dict.fromkeys((*situation.incidents, *(one for ids in held.values() for one in ids)))
    rows = sorted((lookup.incident(one) for one in wanted), key=lambda one: (one.occurred_on, one.incident_id))
    if not rows:
        return None
    listed = [one for one in rows if not _restricted(one)]
    here = anchor(lookup, situation)
    numbers = {one.incident_id: str(at) for at, one in enumerate(listed, start=1)}
    scan = f"{lookup.home(lookup.place(situation.place))}.html#{here}"
    lines = tuple(_line(lookup, trigger, ids, numbers, here) for trigger, ids in held.items() if ids)
    blocks: list[Block] = [
        Remark(text="", tone=Tone.SMALL, links=(Link(text="The entry in the scan", href=scan),)),
        Lines(layout=Layout.LIST, lines=lines),
    ]
    if withheld := len(rows) - len(listed):
        counted = wording.counted(withheld, "incident", "incidents").capitalize()
        blocks.append(
            Remark(
                text=f"{counted} coded as a reprisal for cooperation with the United Nations: counted, and not listed."
            )
        )
    blocks.append(
        Incidents(incidents=tuple(_incident(lookup, one, numbers[one.incident_id], here, rooted) for one in listed))
    )
    name = wording.plain(lookup.place(situation.place).name)
    return Section(
        anchor=here,
        heading=f"{name}: {wording.counted(len(rows), 'alleged incident', 'alleged incidents')}",
        blocks=tuple(blocks),
    )


def _triggers(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    coded = {coding.trigger for one in lookup.situation_incidents(situation) for coding in one.codings}
    return tuple(sorted(coded | set(situation.triggers)))


def _restricted(incident: Incident) -> bool:
    return bool(STATE_LEVEL_ONLY & {coding.trigger for coding in incident.codings})


def _line(lookup: Lookup, trigger: str, ids: tuple[str, ...], numbers: dict[str, str], here: str) -> Line:
    counted = wording.counted(len(ids), "incident", "incidents")
    shown = sorted(int(numbers[one]) for one in ids if one in numbers)
    return Line(
        lead=f"{trigger} {wording.plain(lookup.card(trigger).name)}, {counted}",
        links=tuple(Link(text=str(number), href=f"#{here}-{number}") for number in shown),
        anchor=f"{here}-{trigger}",
    )


def _incident(lookup: Lookup, incident: Incident, number: str, here: str, rooted: Roots) -> IncidentLine:
    week = Week.of(incident.occurred_on)
    when = f"Week {week}" + (", date inferred from the publication" if incident.date_inferred else "")
    independent = lookup.independent(incident)
    found = rooted.reports.get(incident.incident_id, [])
    said = wording.listed([_coded(one.trigger, one.outcome, one.victim, one.persons) for one in incident.codings])
    return IncidentLine(
        anchor=f"{here}-{number}",
        number=number,
        text=f"{when}. {said}. Alleged actor: {incident.actor.value}. "
        f"{wording.counted(independent, 'independent origin', 'independent origins').capitalize()}"
        f"{'' if found else '; ' + NO_ROOT}.",
        reports=tuple(_report(lookup, one, rooted) for one in found),
    )


def _report(lookup: Lookup, report: ReportRoot, rooted: Roots) -> ReportLine:
    protected = report.source_class in wording.IDENTIFYING
    source = lookup.source(report.source_id)
    # A feed names its entries; a table has one address for all its rows.
    address = "" if protected else wording.plain(report.url or source.url, longest=300)
    name = wording.MERGED_CLASS if protected else f"{wording.plain(source.publisher)}, {wording.plain(source.title)}"
    return ReportLine(
        source=name[0].upper() + name[1:],
        href=address if address.startswith(("https://", "http://")) else "",
        published=wording.utc(report.published_at) if report.published_at else "no date of publication",
        origin="" if protected else _origin(report.origin, report.source_class),
        joined=wording.plain(report.joined),
        payload=report.payload_sha,
        labels=tuple(_label(one) for one in rooted.labels.get((report.incident_id, report.report_id), [])),
    )


def _origin(origin: str, source_class: SourceClass) -> str:
    return f"{wording.plain(origin)}, {wording.CLASS_WORDS[source_class]}"


def _label(label: LabelRoot) -> LabelLine:
    where = "the text" if label.field == "text" else f"the field {wording.plain(label.field)}"
    if label.start is not None and label.end is not None:
        where += f", signs {label.start:,} to {label.end:,}"
    rule = label.rule if not label.why else f"{label.rule}; {label.why}"
    return LabelLine(
        coded=_coded(label.trigger, label.outcome, label.victim, label.persons),
        field=where,
        words=wording.plain(label.words, longest=160),
        rule=wording.plain(rule),
    )


def _coded(trigger: str, outcome: str, victim: str, persons: int | None) -> str:
    """`T07, two persons detained (aid workers)`; no number where the source gives none."""
    said = [] if persons is None else [wording.counted(persons, "person", "persons")]
    if outcome:
        said.append(wording.ACTS.get(outcome, wording.plain(outcome)))
    text = " ".join(said)
    group = f" ({wording.plain(victim)})" if victim else ""
    return f"{trigger}{', ' + text if text else ''}{group}"
