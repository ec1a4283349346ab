"""What changed between two issues, and why: new events, late reports, corrections, method, or only time that passed.

The causes are read off the rows that the runs left, never off the words. An incident that nobody knew at the first
`as_of` is new when it happened after that issue's week, and late when it happened before. A report or a figure that
reads otherwise now is a correction. What no row explains while another code or method computed is method; a window that
moved on explains the rest. Paragraphs are compared by what they speak of, for their numbers move from week to week.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.evidence import ReportRoot
from domain.incident import Incident
from domain.situation import SeriesResult
from domain.window import Week
from warehouse.outcome import Run

# Counted, and never listed (triggers, T09): whoever reads a line might know whom it concerns.
WITHHELD = frozenset({"T09"})
_LEAD = re.compile(r"^[^,:○△◆■.]+")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


class Cause(StrEnum):
    NEW = "new event"
    LATE = "late report"
    CORRECTION = "correction"
    METHOD = "method"
    TIME = "time passed"


EXPLAINED = {
    Cause.NEW: "happened, or was counted, after the week of the first issue",
    Cause.LATE: "happened by the end of that week and became known after the issue",
    Cause.CORRECTION: "a report, a figure or a grouping that reads otherwise now",
    Cause.METHOD: "another version of method or code",
    Cause.TIME: "windows moved on; nothing new was said",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One of the two issues; `revision` is empty where no page of it is there."""

    issue: str
    revision: str
    as_of: datetime
    method_version: str
    code_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One incident or one figure that differs. `text` holds the week and the State, and nothing closer."""

    cause: Cause
    place: str
    kind: str
    ref: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange:
    """A place whose level, printed word or triggers differ, with how many rows of each cause stand behind it."""

    place: str
    name: str
    before: str
    after: str
    causes: tuple[tuple[Cause, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """`before` and `after` are the numbers of the paragraph, empty where it is not there; sentences gone and come."""

    page: str
    about: str
    before: str
    after: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDiff:
    before: Head
    after: Head
    rows: tuple[RowChange, ...]
    places: tuple[PlaceChange, ...]
    paragraphs: tuple[ParagraphChange, ...]

    @property
    def same_version(self) -> bool:
        return (self.before.method_version, self.before.code_version) == (
            self.after.method_version,
            self.after.code_version,
        )

    @property
    def counts(self) -> tuple[tuple[Cause, int], ...]:
        found = Counter(one.cause for one in self.rows)
        return tuple((cause, found[cause]) for cause in Cause)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A numbered text of a page and what it speaks of; `places` are the codes of those that it names by itself."""

    about: str
    number: str
    places: tuple[str, ...]
    text: str


def compare(
    before: Run,
    after: Run,
    *,
    names: Mapping[str, str],
    pages_before: Mapping[str, Mapping[str, Any]],
    pages_after: Mapping[str, Mapping[str, Any]],
    revisions: tuple[str, str] = ("", ""),
) -> IssueDiff:
    """All differences from one issue to a later one of the same lens; `names` are printed names by code."""
    rows = (*_incident_changes(before, after), *_series_changes(before, after))
    by_place: dict[str, list[Cause]] = {}
    for one in rows:
        by_place.setdefault(one.place, []).append(one.cause)
    rest = _rest(before, after)
    return IssueDiff(
        before=_head(before, revisions[0]),
        after=_head(after, revisions[1]),
        rows=tuple(sorted(rows, key=lambda one: (list(Cause).index(one.cause), one.place, one.kind, one.ref))),
        places=tuple(_place_changes(before, after, names, by_place, rest)),
        paragraphs=tuple(
            change
            for page in sorted({*pages_before, *pages_after})
            for change in _paragraph_changes(
                page, pages_before.get(page), pages_after.get(page), names=names, by_place=by_place, rest=rest
            )
        ),
    )


def _head(run: Run, revision: str) -> Head:
    return Head(
        issue=run.issue,
        revision=revision,
        as_of=run.as_of,
        method_version=run.method_version,
        code_version=run.code_version,
    )


def _rest(before: Run, after: Run) -> Cause:
    """What explains a difference that no row explains."""
    same = (before.method_version, before.code_version) == (after.method_version, after.code_version)
    return Cause.TIME if same else Cause.METHOD


# Rows


def _incident_changes(before: Run, after: Run) -> Iterator[RowChange]:
    old = {one.incident_id: one for one in before.incidents}
    new = {one.incident_id: one for one in after.incidents}
    old_versions, new_versions = _versions(before.reports), _versions(after.reports)
    rest = _rest(before, after)
    corrected = {report for report, version in new_versions.items() if old_versions.get(report, version) != version}
    # What is older than anything that the later run keeps was not taken out: its time is over.
    first_kept = min((one.occurred_on for one in after.incidents), default=date.max)
    for incident in after.incidents:
        if (known := old.get(incident.incident_id)) is None:
            yield _row(_cause_of_new(incident, before, corrected, rest), incident)
        elif touched := corrected & set(incident.reports):
            yield _row(Cause.CORRECTION, incident, _counted(len(touched), "report reads otherwise"))
        elif more := set(incident.reports) - set(known.reports):
            yield _row(Cause.LATE, incident, _counted(len(more), "further report"))
        elif _meaning(known) != _meaning(incident):
            yield _row(rest if rest is Cause.METHOD else Cause.CORRECTION, incident, "coded or placed otherwise")
    elsewhere = {report: one.incident_id for one in after.incidents for report in one.reports}
    for incident in before.incidents:
        if incident.incident_id in new:
            continue
        if any(report in elsewhere for report in incident.reports):
            yield _row(rest if rest is Cause.METHOD else Cause.CORRECTION, incident, "now part of another incident")
        elif incident.occurred_on < first_kept:
            yield _row(Cause.TIME, incident, "left the window")
        else:
            yield _row(rest if rest is Cause.METHOD else Cause.CORRECTION, incident, "no longer counted")


def _cause_of_new(incident: Incident, before: Run, corrected: set[str], rest: Cause) -> Cause:
    if incident.first_known_at > before.as_of:
        # As the pages do: the week of the first issue is the border, whenever in the next one it was run.
        return Cause.NEW if incident.occurred_on > Week.parse(before.issue).last_day else Cause.LATE
    if corrected & set(incident.reports):
        return Cause.CORRECTION
    # Known then, with the same words, and an incident only now.
    return Cause.METHOD if rest is Cause.METHOD else Cause.CORRECTION


def _versions(reports: Iterable[ReportRoot]) -> dict[str, str]:
    return {one.report_id: one.version for one in reports}


def _meaning(incident: Incident) -> tuple[object, ...]:
    return (
        incident.place,
        incident.first_level,
        incident.occurred_on,
        incident.actor,
        frozenset((one.trigger, one.persons, one.outcome, one.victim) for one in incident.codings),
    )


def _row(cause: Cause, incident: Incident, more: str = "") -> RowChange:
    triggers = sorted({one.trigger for one in incident.codings})
    withheld = bool(WITHHELD & set(triggers))
    week = f"alleged incident of {Week.of(incident.occurred_on)}, {', '.join(triggers) or 'not coded'}"
    text = "an incident that is counted and not listed" if withheld else week
    return RowChange(
        cause=cause,
        place=incident.place,
        kind="incident",
        ref="" if withheld else incident.incident_id,
        text=f"{text}: {more}" if more else text,
    )


def _series_changes(before: Run, after: Run) -> Iterator[RowChange]:
    old = {one.series_id: one for one in before.series}
    # A series of merged incidents changes with its incidents, which have their own lines.
    for series in after.series:
        known = old.get(series.series_id)
        if known is None or not series.source_id:
            continue
        then = {start: value for start, value, _, _ in known.history}
        now = {start: value for start, value, _, _ in series.history}
        came = sorted(start for start in now if then and start > max(then) and now[start] is not None)
        differ = sorted(start for start in now if start in then and now[start] != then[start])
        filled = [start for start in differ if then[start] is None]
        revised = [start for start in differ if then[start] is not None]
        for cause, starts, words in (
            (Cause.NEW, came, "new figure"),
            (Cause.LATE, filled, "figure that was missing"),
            (Cause.CORRECTION, revised, "figure revised"),
        ):
            if starts:
                yield _figures(cause, series, starts, words)


def _figures(cause: Cause, series: SeriesResult, starts: Sequence[date], words: str) -> RowChange:
    span = starts[0].isoformat() if len(starts) == 1 else f"{starts[0].isoformat()} to {starts[-1].isoformat()}"
    return RowChange(
        cause=cause,
        place=series.place,
        kind="series",
        ref=series.series_id,
        text=f"{series.trigger} {series.indicator}: {_counted(len(starts), words)}, {series.period} {span}",
    )


def _counted(number: int, words: str) -> str:
    first, _, rest = words.partition(" ")
    noun = f"{first} {rest}".strip()
    if number == 1:
        return f"one {noun}"
    plural = (
        noun.replace("report", "reports").replace("figure", "figures").replace("reads", "read").replace("was", "were")
    )
    return f"{number} {plural}"


# Places


def _place_changes(
    before: Run, after: Run, names: Mapping[str, str], by_place: Mapping[str, list[Cause]], rest: Cause
) -> Iterator[PlaceChange]:
    old = {one.place: one for one in before.states}
    changed = []
    for state in after.states:
        known = old.get(state.place)
        was = _standing(known.level.value, known.printed.value, known.triggers_met) if known else "not in the issue"
        now = _standing(state.level.value, state.printed.value, state.triggers_met)
        if was != now:
            found = Counter(by_place.get(state.place, [rest]))
            changed.append(
                PlaceChange(
                    place=state.place,
                    name=names.get(state.place, state.place),
                    before=was,
                    after=now,
                    causes=tuple((cause, found[cause]) for cause in Cause if found[cause]),
                )
            )
    yield from sorted(changed, key=lambda one: (one.name.casefold(), one.place))


def _standing(level: str, printed: str, triggers: Sequence[str]) -> str:
    head = printed if level == "none" else level
    return f"{head} ({', '.join(triggers)})" if triggers else head


# Paragraphs


def _paragraph_changes(
    page: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    names: Mapping[str, str],
    by_place: Mapping[str, list[Cause]],
    rest: Cause,
) -> Iterator[ParagraphChange]:
    """Pieces of both pages by what they speak of, in the order of the later page; what is gone comes last.

    A piece takes the causes of its place; what speaks of no single place those of all places of its page.
    """
    old, new = _pieces(before), _pieces(after)
    codes = {name: code for code, name in names.items()}
    here = {place for piece in (*old.values(), *new.values()) for place in piece.places}
    everything = [cause for place, causes in by_place.items() if place in here or not here for cause in causes]
    for about in (*new, *(one for one in old if one not in new)):
        was, now = old.get(about), new.get(about)
        removed, added = _sentences(was, now), _sentences(now, was)
        if not removed and not added:
            continue
        places = next((one.places for one in (now, was) if one is not None), ())
        if not places and (named := codes.get(about.rpartition(" · ")[2])):
            places = (named,)
        causes = {cause for place in places for cause in by_place.get(place, ())} if places else set(everything)
        yield ParagraphChange(
            page=page,
            about=about,
            before=was.number if was else "",
            after=now.number if now else "",
            removed=removed,
            added=added,
            causes=tuple(cause for cause in Cause if cause in (causes or {rest})),
        )


def _sentences(one: _Piece | None, other: _Piece | None) -> tuple[str, ...]:
    """Sentences of one piece that the other does not hold."""
    if one is None:
        return ()
    held = set(_SENTENCE.split(other.text)) if other is not None else set()
    return tuple(said for said in _SENTENCE.split(one.text) if said and said not in held)


def _pieces(view: Mapping[str, Any] | None) -> dict[str, _Piece]:
    found: dict[str, _Piece] = {}
    for piece in _walk(view or {}, section="", places=(), name="", number=""):
        about, at = piece.about, 2
        while about in found:
            about, at = f"{piece.about} ({at})", at + 1
        found[about] = piece
    return found


def _walk(node: Any, *, section: str, places: tuple[str, ...], name: str, number: str) -> Iterator[_Piece]:
    if isinstance(node, list | tuple):
        for one in node:
            yield from _walk(one, section=section, places=places, name=name, number=number)
        return
    if not isinstance(node, Mapping) or "hashes" in node:
        return
    section = str(node.get("heading") or section)
    if "why" in node and "situation_id" in node:
        # One situation over several places has a part for each; its words may change because of any of them.
        places = tuple(str(one["code"]) for one in node.get("parts") or (node,))
        name = str(node["place"])
        number = str(node["why"]["number"])
        yield _Piece(f"{name}, level", number, places, f"{node['level']} ({node['phase']})")
    if node.get("number") and "text" in node and "lead" in node:
        number = str(node["number"])
        lead = str(node["lead"])
        short = _LEAD.match(lead)
        about = (
            f"{name}, why now"
            if name
            else " · ".join(part for part in (section, short[0].strip() if short else "") if part)
        )
        yield _Piece(about, number, places, f"{lead} {node['text']}".strip())
    elif node.get("letter") and "lines" in node:
        yield _Piece(f"{name}, {node['lead']}", f"{number} {node['letter']}", places, " ".join(map(str, node["lines"])))
    elif "printed" in node and "coverage" in node and "name" in node:
        said = [
            f"{key}: {node[key]}." for key in ("level", "printed", "detail", "triggers", "coverage") if node.get(key)
        ]
        yield _Piece(f"{node['name']}, line of the table", "", (str(node["code"]),), " ".join(said))
    for key, value in node.items():
        if key not in {"nav", "grid", "figures", "masthead"}:
            yield from _walk(value, section=section, places=places, name=name, number=number)
