"""What the numbers of a scan rest on: incidents, their reports and origins, and the words behind each label.

A page for who must defend a line. It lists single events, so it prints the week and the State and nothing closer; an
incident coded as a reprisal is counted and never listed (triggers, T09 and section 7).
"""

from collections import defaultdict
from dataclasses import dataclass, field

from briefs import wording
from briefs.lookup import STATE_LEVEL_ONLY, Lookup, anchor
from briefs.said import capital, count, join, listed, numeral, quote, say, term
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

NOT_SHOWN = "not shown"
WITHDRAWN = "withdrawn"  # stands in the place of what was said, in a replay
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
        Link(text=say("{what} ({number})", what=trigger, number=len(held)), href=opens(lookup, situation, trigger))
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
    printed = [one for one in rows if not _restricted(one)]
    here = anchor(lookup, situation)
    numbers = {one.incident_id: str(at) for at, one in enumerate(printed, start=1)}
    first = lookup.told_with(situation)
    scan = f"{lookup.home(lookup.place(first.place))}.html#{anchor(lookup, first)}"
    lines = tuple(_line(lookup, trigger, ids, numbers, here) for trigger, ids in held.items() if ids)
    blocks: list[Block] = [
        Remark(text="", tone=Tone.SMALL, links=(Link(text=say("The entry in the scan"), href=scan),)),
        Lines(layout=Layout.LIST, lines=lines),
    ]
    if withheld := len(rows) - len(printed):
        withheld_text = count(
            "{n} incident coded as a reprisal for cooperation with the United Nations: counted, and not listed.",
            "{n} incidents coded as a reprisal for cooperation with the United Nations: counted, and not listed.",
            withheld,
        )
        blocks.append(Remark(text=capital(withheld_text)))
    blocks.append(
        Incidents(incidents=tuple(_incident(lookup, one, numbers[one.incident_id], here, rooted) for one in printed))
    )
    return Section(
        anchor=here,
        heading=count(
            "{place}: {n} alleged incident",
            "{place}: {n} alleged incidents",
            len(rows),
            place=lookup.name(situation.place),
        ),
        blocks=tuple(blocks),
    )


def nothing() -> Section:
    """In the place of the incidents of a region that has none."""
    text = say("No situation of this region rests on an incident, so none is listed. That says what was heard.")
    return Section(anchor="none", heading=say("Incidents"), blocks=(Remark(text=text),))


def _triggers(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    coded = {coding.trigger for one in lookup.situation_incidents(situation) for coding in one.codings}
    return tuple(sorted(coded | set(situation.triggers)))


def _restricted(incident: Incident) -> bool:
    return bool(STATE_LEVEL_ONLY & {coding.trigger for coding in incident.codings})


def _line(lookup: Lookup, trigger: str, ids: tuple[str, ...], numbers: dict[str, str], here: str) -> Line:
    shown = sorted(int(numbers[one]) for one in ids if one in numbers)
    return Line(
        lead=join(lookup.trigger_name(trigger), wording.counted(len(ids), "incident", "incidents"), between=", "),
        links=tuple(Link(text=str(number), href=f"#{here}-{number}") for number in shown),
        anchor=f"{here}-{trigger}",
    )


def _incident(lookup: Lookup, incident: Incident, number: str, here: str, rooted: Roots) -> IncidentLine:
    week = Week.of(incident.occurred_on)
    when = say("Week {week}.", week=str(week))
    if incident.date_inferred:
        when = say("Week {week}, date inferred from the publication.", week=str(week))
    independent = lookup.independent(incident)
    found = rooted.reports.get(incident.incident_id, [])
    said = listed([_coded(one.trigger, one.outcome, one.victim, one.persons) for one in incident.codings])
    origins = capital(wording.counted(independent, "independent origin", "independent origins"))
    return IncidentLine(
        anchor=f"{here}-{number}",
        number=number,
        text=join(
            when,
            say("{clause}.", clause=said),
            say("Alleged actor: {actor}.", actor=term(incident.actor.value)),
            say("{clause}.", clause=join(origins, "" if found else say(NO_ROOT), between="; ")),
        ),
        reports=tuple(_report(lookup, one, rooted) for one in found),
    )


def _report(lookup: Lookup, report: ReportRoot, rooted: Roots) -> ReportLine:
    # By record: how far this report may travel, and not only who gave it.
    held = report.report_id in lookup.issue.protected
    protected = held or report.source_class in wording.IDENTIFYING
    source = lookup.source(report.source_id)
    # A feed names its entries; a table has one address for all its rows.
    address = "" if protected else wording.plain(report.url or source.url, longest=300)
    name = (
        say(wording.MERGED_CLASS)
        if protected
        else quote(f"{wording.plain(source.publisher)}, {wording.plain(source.title)}")
    )
    return ReportLine(
        source=capital(name),
        href=address if address.startswith(("https://", "http://")) else "",
        published=term(NOT_SHOWN) if held else _published(report),
        origin="" if protected else _origin(report.origin, report.source_class),
        joined=_joined(report, held=held),
        payload=report.payload_sha,
        labels=tuple(_label(one, held=held) for one in rooted.labels.get((report.incident_id, report.report_id), [])),
    )


def _published(report: ReportRoot) -> str:
    return wording.utc(report.published_at) if report.published_at else say("no date of publication")


def _joined(report: ReportRoot, *, held: bool) -> str:
    """Why the report was put to its incident; a rule's words, unless nothing may be said."""
    if report.joined == WITHDRAWN:
        return term(WITHDRAWN)
    return term(NOT_SHOWN) if held else quote(wording.plain(report.joined))


def _origin(origin: str, source_class: SourceClass) -> str:
    return join(quote(wording.plain(origin)), term(wording.CLASS_WORDS[source_class]), between=", ")


def _label(label: LabelRoot, *, held: bool) -> LabelLine:
    """What was coded; of a report that may not travel neither its words nor where in it they stand."""
    if held:
        coded = _coded(label.trigger, label.outcome, "", label.persons)
        return LabelLine(coded=coded, field=say("the report"), words=term(NOT_SHOWN), rule=term(NOT_SHOWN))
    where = say("the text") if label.field == "text" else say("the field {name}", name=wording.plain(label.field))
    if label.start is not None and label.end is not None:
        signs = say("signs {first} to {last}", first=numeral(label.start), last=numeral(label.end))
        where = join(where, signs, between=", ")
    rule = label.rule if not label.why else f"{label.rule}; {label.why}"
    return LabelLine(
        coded=_coded(label.trigger, label.outcome, label.victim, label.persons),
        field=where,
        words=quote(wording.plain(label.words, longest=160), ""),
        rule=quote(wording.plain(rule)),
    )


def _coded(trigger: str, outcome: str, victim: str, persons: int | None) -> str:
    """`T07, two persons detained (aid workers)`; no number where the source gives none."""
    said: list[str] = [] if persons is None else [wording.counted(persons, "person", "persons")]
    if outcome:
        said.append(term(wording.ACTS.get(outcome, wording.plain(outcome))))
    text = join(trigger, join(*said), between=", ")
    return say("{what} ({aside})", what=text, aside=term(wording.plain(victim))) if victim else text
