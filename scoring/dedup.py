"""Reports to incidents: by the publisher's own number where fields were read, by what is said where prose was.

A report coded from fields has a number of its own publisher, which says more than any likeness of texts; the two kinds
are not merged with each other (docs/adr/0011-evidence.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.evidence import Label, LabelRoot, ReportRoot
from domain.incident import Actor, Coding, Incident
from domain.signal import Report, short_hash
from domain.source import SourceCard
from scoring.grouping.item import Flag, Item, Merge, Split


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A coded report in its incident, its origin (None where it only took the case up), and why it is here.

    `apart`: a person parted it from the others of its number.
    """

    coded: CodedReport
    origin: str | None
    joined: str
    apart: bool = False


def group(reports: Iterable[CodedReport], *, rulings: Sequence[Merge | Split] = ()) -> Grouped:
    """One incident for each event: numbered ones by publisher, number and place, told ones by what is said.

    A report that nothing dates (neither event nor publication) cannot be counted and gives no incident. `rulings` of
    named persons join or part them; without the row the former result comes back.
    """
    counted = [one for one in reports if one.labels and one.report.day is not None]
    numbered: dict[tuple[str, str, str], list[CodedReport]] = defaultdict(list)
    for one in counted:
        if not one.language:
            numbered[(one.card.origin_id, one.report.source_ref, one.place)].append(one)
    told = [one for one in counted if one.language]
    own = {one.report.report_id for one in told}
    among_told = [one for one in rulings if set(one.items) <= own]
    groups = [*(_numbered(members) for members in numbered.values()), *_told(told, among_told)]
    merged = [_merge(members) for members in _ruled(groups, [one for one in rulings if one not in among_told])]
    merged.sort(key=lambda found: found[0].incident_id)
    return Grouped(
        incidents=tuple(incident for incident, _ in merged),
        reports=tuple(root for incident, members in merged for root in _report_roots(incident, members)),
        labels=tuple(root for incident, members in merged for root in _label_roots(incident, members)),
    )


def _first(one: CodedReport) -> tuple[datetime, str]:
    return one.first_known_at, one.report.report_id


def _numbered(reports: list[CodedReport]) -> list[Member]:
    """Reports of one number, the first known in front; two data sets of one publisher are one origin."""
    return [
        Member(
            coded=one,
            origin=one.card.origin_id,
            joined="the same number of the same publisher" if at else "first report known",
        )
        for at, one in enumerate(sorted(reports, key=_first))
    ]


def _ruled(groups: list[list[Member]], rulings: Sequence[Merge | Split]) -> list[list[Member]]:
    """Incidents of which at least one has a number, joined and parted as named persons hold."""
    for ruling in rulings:
        items = set(ruling.items)
        touched = [members for members in groups if any(_id(one) in items for one in members)]
        rest = [members for members in groups if members not in touched]
        if isinstance(ruling, Split):
            groups = rest + [part for members in touched for part in _part(members, items)]
        else:
            groups = rest + [_join(members) for members in _alike(touched)]
    return groups


def _id(one: Member) -> str:
    return one.coded.report.report_id


def _alike(touched: list[list[Member]]) -> list[list[list[Member]]]:
    """What becomes one. A report that tells of two places is in two incidents: then each place has its own."""
    ids = [_id(one) for members in touched for one in members]
    if len(ids) == len(set(ids)):
        return [touched] if touched else []
    by_place: dict[str, list[list[Member]]] = defaultdict(list)
    for members in touched:
        by_place[members[0].coded.place].append(members)
    return list(by_place.values())


def _join(parts: list[list[Member]]) -> list[Member]:
    if len(parts) == 1:
        return parts[0]
    members = sorted((one for members in parts for one in members), key=lambda one: _first(one.coded))
    return [replace(one, joined=f"{one.joined}; {Flag.RULED.value}", apart=False) for one in members]


def _part(members: list[Member], items: set[str]) -> list[list[Member]]:
    """The two parts of one incident; the one with the first report keeps its name."""
    inside, outside = ([one for one in members if (_id(one) in items) is within] for within in (True, False))
    if not inside or not outside:
        return [members]
    first, second = sorted((inside, outside), key=lambda part: _first(part[0].coded))
    return [
        [replace(one, joined=f"{one.joined}; {Flag.RULED.value}", apart=part is second) for one in part]
        for part in (first, second)
    ]


def _told(reports: Sequence[CodedReport], rulings: Sequence[Merge | Split]) -> list[list[Member]]:
    """Reports in prose, by incident. The origin of copies is the publisher of the first of them that is known."""
    if not reports:
        return []
    # Imported here: its loops are compiled when they are first needed, and a week without prose needs none.
    from scoring.grouping.group import group as group_items  # noqa: PLC0415

    by_id = {one.report.report_id: one for one in reports}
    found = group_items(
        [_item(one) for one in by_id.values()],
        merges=[one for one in rulings if isinstance(one, Merge)],
        splits=[one for one in rulings if isinstance(one, Split)],
    )
    first_of: dict[str, CodedReport] = {}
    for row in found.items:
        one = by_id[row.id]
        if row.origin_id not in first_of or _first(one) < _first(first_of[row.origin_id]):
            first_of[row.origin_id] = one
    incidents: dict[str, list[Member]] = defaultdict(list)
    for row in sorted(found.items, key=lambda row: _first(by_id[row.id])):
        flags = "".join(f"; {flag.value}" for flag in row.flags)
        incidents[row.incident_id].append(
            Member(
                coded=by_id[row.id],
                origin=None if Flag.TAKEN_UP in row.flags else first_of[row.origin_id].card.origin_id,
                joined=f"{row.reason}{flags}",
            )
        )
    return list(incidents.values())


def _item(one: CodedReport) -> Item:
    return Item(
        id=one.report.report_id,
        title=one.report.title,
        content=one.report.text,
        link=one.report.url,
        language=one.language,
        published_at=one.report.published_at,
        state=one.place,
        kind=one.labels[0].coding.trigger,
        source_class=one.card.source_class,
        origin_hint=one.card.origin_id,
        first_known_at=one.first_known_at,
    )


def _merge(members: list[Member]) -> tuple[Incident, list[Member]]:
    """The incident and its members, the first known in front."""
    reports = [one.coded for one in members]
    first = reports[0]
    # Told reports have no number that two publishers share, and parted ones share theirs: the first names the incident.
    own = first.language or members[0].apart
    key = first.report.report_id if own else first.report.source_ref
    days = [day for one in reports if (day := one.report.occurred_on) is not None]
    inferred = [day for one in reports if (day := one.report.day) is not None]
    published = [one.report.published_at for one in reports if one.report.published_at is not None]
    named = [one for one in reports if one.actor is not Actor.UNKNOWN]
    places = sorted({one.report.first_level for one in reports if one.report.first_level})
    origins = {one.origin for one in members if one.origin is not None} or {first.card.origin_id}
    incident = Incident(
        incident_id=short_hash("incident", first.card.origin_id, key, first.place),
        place=first.place,
        first_level=places[0] if len(places) == 1 else "",
        occurred_on=min(days) if days else min(inferred),
        date_inferred=not days,
        first_published_at=min(published) if published else None,
        first_known_at=first.first_known_at,
        actor=named[0].actor if named else Actor.UNKNOWN,
        actor_name=named[0].report.actor if named else "",
        codings=_codings(reports),
        origins=tuple(sorted(origins)),
        classes=tuple(sorted({one.card.source_class for one in reports})),
        reports=tuple(sorted({one.report.report_id for one in reports})),
        sources=tuple(sorted({one.card.id for one in reports})),
    )
    return incident, members


def _codings(reports: Sequence[CodedReport]) -> tuple[Coding, ...]:
    """Each label once. Two data sets of one event count its persons once: the larger low figure is still low."""
    best: dict[tuple[str, str, str], Coding] = {}
    for one in reports:
        for label in one.labels:
            coding = label.coding
            key = (coding.trigger, coding.outcome, coding.victim)
            if key not in best or (coding.persons or 0) > (best[key].persons or 0):
                best[key] = coding
    return tuple(best[key] for key in sorted(best))


def _report_roots(incident: Incident, members: list[Member]) -> Iterable[ReportRoot]:
    for member in members:
        one = member.coded
        yield ReportRoot(
            incident_id=incident.incident_id,
            report_id=one.report.report_id,
            version=one.version,
            source_id=one.card.id,
            source_class=one.card.source_class,
            origin=member.origin or "taken up, no origin of its own",
            joined=member.joined,
            url=one.report.url,
            language=one.language,
            published_at=one.report.published_at,
            collected_at=one.report.collected_at,
            payload_sha=one.payload_sha,
        )


def _label_roots(incident: Incident, members: list[Member]) -> Iterable[LabelRoot]:
    for one in (member.coded for member in members):
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
