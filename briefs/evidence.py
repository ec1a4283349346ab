"""What the numbers of a scan rest on: incidents, their reports and origins, and the words behind each label.

A page for who must defend a line. It lists single events, so it prints the week and the State and nothing closer; an
incident coded as a reprisal is counted and never listed (triggers, T09 and section 7). What stands in an open report
may be said, for it stands there. What rests on a protected report is said as far as `briefs.protection` lets it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from briefs import wording
from briefs.lookup import STATE_LEVEL_ONLY, Lookup, anchor
from briefs.protection import Trait, merge_rare
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
    said: dict[str, Trait] = field(default_factory=dict)
    labels: dict[tuple[str, str], list[LabelRoot]] = field(default_factory=lambda: defaultdict(list))


def roots(lookup: Lookup) -> Roots:
    found = Roots()
    for report in lookup.issue.reports:
        found.reports[report.incident_id].append(report)
    for label in lookup.issue.labels:
        found.labels[(label.incident_id, label.report_id)].append(label)
    for code in lookup.situations:
        found.said |= _say_of(lookup, code, found)
    return found


def _say_of(lookup: Lookup, code: str, rooted: Roots) -> dict[str, Trait]:
    """What may be said of each guarded incident that the situations of one place list."""
    listed_ = dict.fromkeys(one for situation in lookup.situations[code] for one in _wanted(lookup, situation))
    guarded = [one for one in map(lookup.incident, listed_) if not _restricted(one) and _guarded(lookup, one, rooted)]
    guarded.sort(key=lambda one: (one.occurred_on, one.incident_id))
    said = merge_rare([_trait(code, one) for one in guarded], before=lookup.issue.printed_before)
    return {incident.incident_id: trait for incident, trait in zip(guarded, said, strict=True)}


def _wanted(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    """Every incident behind the counts of a situation."""
    counted = (one for trigger in _triggers(lookup, situation) for one in incidents_of(lookup, situation, trigger))
    return tuple(dict.fromkeys((*situation.incidents, *counted)))


def _guarded(lookup: Lookup, incident: Incident, rooted: Roots) -> bool:
    """Whether something that an incident is coded as stands in protected reports alone."""
    reports = rooted.reports.get(incident.incident_id, [])
    held = set(incident.reports) & lookup.issue.protected
    classes = {lookup.source(one).source_class for one in incident.sources}
    if not held and not classes & wording.IDENTIFYING:
        return False
    told = {
        (one.trigger, one.outcome, one.victim, one.persons)
        for report in reports
        if not _protected(lookup, report)
        for one in rooted.labels.get((incident.incident_id, report.report_id), [])
    }
    return any((one.trigger, one.outcome, one.victim, one.persons) not in told for one in incident.codings)


def _protected(lookup: Lookup, report: ReportRoot) -> bool:
    """By record how far a report may travel, and by class whom it may name."""
    return report.report_id in lookup.issue.protected or report.source_class in wording.IDENTIFYING


def _trait(code: str, incident: Incident) -> Trait:
    codings = incident.codings
    return Trait(
        code=code,
        week=str(Week.of(incident.occurred_on)),
        acts=tuple(sorted({f"{one.trigger} {one.outcome}".strip() for one in codings})),
        closer="; ".join(
            (
                *sorted({f"{one.trigger} {one.outcome} {one.victim} {one.persons}" for one in codings}),
                incident.actor.value,
            )
        ),
    )


def build_section(lookup: Lookup, situation: Situation, rooted: Roots) -> Section | None:
    """The incidents of one situation, oldest first; None where its numbers are published totals alone."""
    triggers = _triggers(lookup, situation)
    held = {trigger: incidents_of(lookup, situation, trigger) for trigger in triggers}
    rows = sorted(map(lookup.incident, _wanted(lookup, situation)), key=lambda one: _order(one, rooted))
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
        Incidents(
            code=situation.place,
            incidents=tuple(_incident(lookup, one, numbers[one.incident_id], here, rooted) for one in printed),
        )
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


def _order(incident: Incident, rooted: Roots) -> tuple[bool, str, str]:
    """By week and no closer; what has no week stands last, or its place in the row would tell it."""
    said = rooted.said.get(incident.incident_id)
    week = str(Week.of(incident.occurred_on)) if said is None else said.week
    return (not week, week, incident.incident_id)


def _incident(lookup: Lookup, incident: Incident, number: str, here: str, rooted: Roots) -> IncidentLine:
    said = rooted.said.get(incident.incident_id)
    close = said is None or bool(said.closer)
    when = say("Week {week}.", week=str(Week.of(incident.occurred_on)))
    if said is not None and not said.week:
        when = say("In these twelve weeks; fewer than three share more than is said here.")
    elif incident.date_inferred:
        when = say("Week {week}, date inferred from the publication.", week=str(Week.of(incident.occurred_on)))
    independent = lookup.independent(incident)
    found = rooted.reports.get(incident.incident_id, [])
    acts = [
        _coded(one.trigger, one.outcome, one.victim if close else "", one.persons if close else None)
        for one in incident.codings
    ]
    origins = capital(wording.counted(independent, "independent origin", "independent origins"))
    return IncidentLine(
        anchor=f"{here}-{number}",
        number=number,
        text=join(
            when,
            say("{clause}.", clause=listed(tuple(dict.fromkeys(acts)))),
            say("Alleged actor: {actor}.", actor=term(incident.actor.value)) if close else "",
            say("{clause}.", clause=join(origins, "" if found else say(NO_ROOT), between="; ")),
        ),
        reports=tuple(_report(lookup, one, rooted, close=close) for one in found),
        guarded=said is not None,
        week=said.week if said is not None else "",
        acts=said.acts if said is not None else (),
        closer=said.closer if said is not None else "",
    )


def _report(lookup: Lookup, report: ReportRoot, rooted: Roots, *, close: bool) -> ReportLine:
    protected = _protected(lookup, report)
    source = lookup.source(report.source_id)
    # A feed names its entries; a table has one address for all its rows.
    address = "" if protected else wording.plain(report.url or source.url, longest=300)
    name = (
        say(wording.MERGED_CLASS)
        if protected
        else quote(f"{wording.plain(source.publisher)}, {wording.plain(source.title)}")
    )
    labels = rooted.labels.get((report.incident_id, report.report_id), [])
    return ReportLine(
        source=capital(name),
        href=address if address.startswith(("https://", "http://")) else "",
        published=term(NOT_SHOWN) if protected else _published(report),
        origin="" if protected else _origin(report.origin, report.source_class),
        joined=_joined(report, held=protected),
        # The hash of a public text leads to it as surely as its address.
        payload="" if protected else report.payload_sha,
        labels=tuple(dict.fromkeys(_label(one, held=protected, close=close) for one in labels)),
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


def _label(label: LabelRoot, *, held: bool, close: bool) -> LabelLine:
    """What was coded; of a report that may not travel neither its words nor where in it they stand."""
    if held:
        coded = _coded(label.trigger, label.outcome, "", label.persons if close else None)
        return LabelLine(coded=coded, field=say("the report"), words=term(NOT_SHOWN), rule=term(NOT_SHOWN))
    where = (
        say("the text")
        if label.field == "text"
        else say("the field {name}", name=quote(wording.plain(label.field), ""))
    )
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
