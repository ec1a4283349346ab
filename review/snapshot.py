"""What the last run found, from the published copy of the warehouse: held in memory, read anew when it is replaced.

Large tables stay columns; only the rows of a page become objects. Nobody who reads here waits for a stage that writes.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from domain.classification import Classification, Lens
from domain.errors import Unavailable
from domain.evidence import CallRoot, LabelRoot, ReportRoot
from domain.incident import Coding, Incident
from domain.situation import CoverageResult, GateResult, Level, Situation, StateResult, TriggerResult
from domain.source import SourceCard
from domain.state import Gazetteer
from domain.window import Week
from review.rights import strictest
from warehouse.connection import FILES, Store, open_store
from warehouse.rows import from_frame

WAITS = Classification.CONFIDENTIAL  # of a source whose card is gone: no less than that


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the issue before said of one place."""

    level: str
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The words of one report, in the language that its source gives."""

    title: str
    text: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One run of one lens. `previous` is the week before, empty when it was not run."""

    issue: str
    as_of: datetime
    lens: Lens
    gazetteer: Gazetteer
    cards: Mapping[str, SourceCard]
    states: Mapping[str, StateResult]
    situations: Mapping[str, Situation]
    triggers: Mapping[str, tuple[TriggerResult, ...]]
    coverage: Mapping[str, CoverageResult]
    previous: str
    past: Mapping[str, Past]
    incidents_before: frozenset[str]
    incidents: pl.DataFrame
    codings: pl.DataFrame
    labels: pl.DataFrame
    reports: pl.DataFrame
    texts: pl.DataFrame
    calls: Mapping[str, tuple[CallRoot, ...]] = field(default_factory=dict)
    given: Mapping[str, Classification] = field(default_factory=dict)
    _fresh: dict[str, pl.DataFrame] = field(default_factory=dict)
    _typed_fresh: dict[str, tuple[Incident, ...]] = field(default_factory=dict)
    _spans: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    _weights: dict[str, Classification] = field(default_factory=dict)
    _report_rows: dict[str, int] = field(default_factory=dict)

    def incident(self, incident_id: str) -> Incident | None:
        found = self.chosen((incident_id,))
        return found[0] if found else None

    def chosen(self, ids: tuple[str, ...]) -> tuple[Incident, ...]:
        """These incidents, oldest first."""
        spans = self._spans["incidents"]
        rows = [spans[one][0] for one in ids if one in spans]
        found = self._typed(_rows(self.incidents, rows)) if rows else ()
        return tuple(sorted(found, key=lambda one: (one.occurred_on, one.incident_id)))

    def new_of(self, place: str) -> tuple[Incident, ...]:
        """Incidents of the place that became known in the issue's week, the newest event first."""
        rows = self._fresh.get(place)
        if rows is None:
            return ()
        if place not in self._typed_fresh:
            self._typed_fresh[place] = self._typed(rows)
        return self._typed_fresh[place]

    def new_counts(self) -> dict[str, int]:
        """New incidents by place; a place without one is not there."""
        return {place: rows.height for place, rows in self._fresh.items()}

    def fresh_ids(self, place: str) -> list[str]:
        rows = self._fresh.get(place)
        return [] if rows is None else rows["incident_id"].to_list()

    def labels_of(self, incident_id: str) -> tuple[LabelRoot, ...]:
        return from_frame(LabelRoot, self._slice("labels", self.labels, incident_id))

    def reports_of(self, incident_id: str) -> tuple[ReportRoot, ...]:
        return from_frame(ReportRoot, self._slice("reports", self.reports, incident_id))

    def incident_of_report(self, report_id: str) -> str:
        """The incident that a report rests in; empty when it is in none."""
        row = self._report_rows.get(report_id)
        return "" if row is None else str(self.reports["incident_id"][row])

    def told(self, report_id: str) -> Told | None:
        rows = self._slice("texts", self.texts, report_id)
        return (
            Told(title=rows["title"][0], text=rows["text"][0], language=rows["language"][0] or "")
            if rows.height
            else None
        )

    def weight(self, situation: Situation) -> Classification:
        """A text in the making is confidential, and more than that when one of its incidents is."""
        if situation.situation_id not in self._weights:
            parts = (self.classification(one) for one in self.chosen(situation.incidents))
            self._weights[situation.situation_id] = strictest(Classification.CONFIDENTIAL, *parts)
        return self._weights[situation.situation_id]

    def classification(self, incident: Incident) -> Classification:
        """The strictest of the sources that an incident rests on, and of the reports that people gave of it."""
        sources = (self.cards[one].classification if one in self.cards else WAITS for one in incident.sources)
        return strictest(*sources, *(self.given[one] for one in incident.reports if one in self.given))

    def situation_of(self, place: str) -> Situation | None:
        return next((one for one in self.situations.values() if one.place == place), None)

    def index(self) -> None:
        """Sort out what became known in the issue's week, once."""
        week = Week.parse(self.issue)
        rows = self.incidents.filter(pl.col("first_known_at").is_between(week.back(1).end, week.end, closed="left"))
        ordered = rows.sort("occurred_on", "incident_id", descending=[True, False])
        for (place,), part in ordered.partition_by("place", as_dict=True).items():
            self._fresh[str(place)] = part
        for name, frame, key in (
            ("incidents", self.incidents, "incident_id"),
            ("codings", self.codings, "incident_id"),
            ("labels", self.labels, "incident_id"),
            ("reports", self.reports, "incident_id"),
            ("texts", self.texts, "report_id"),
        ):
            self._spans[name] = _spans(frame, key)
        self._report_rows.update(zip(self.reports["report_id"].to_list(), range(self.reports.height), strict=True))

    def _slice(self, name: str, frame: pl.DataFrame, key: str) -> pl.DataFrame:
        return frame.slice(*self._spans[name].get(key, (0, 0)))

    def _typed(self, rows: pl.DataFrame) -> tuple[Incident, ...]:
        ids = rows["incident_id"].to_list()
        spans = self._spans["codings"]
        at = [row for one in ids if one in spans for row in range(spans[one][0], sum(spans[one]))]
        found = _rows(self.codings, at)
        codings: dict[str, list[Coding]] = {one: [] for one in ids}
        for incident_id, coding in zip(found["incident_id"].to_list(), from_frame(Coding, found), strict=True):
            codings[incident_id].append(coding)
        return from_frame(Incident, rows, extra=[{"codings": tuple(codings[one])} for one in ids])


class Shelf:
    """The newest snapshot of one folder. Who finds a newer one reads it; meanwhile the others go on with the old."""

    def __init__(self, folder: Path, lens: Lens, *, gazetteer: Gazetteer, cards: Mapping[str, SourceCard]) -> None:
        self._folder = folder
        self._lens = lens
        self._gazetteer = gazetteer
        self._cards = cards
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._held: Snapshot | None = None

    def newest(self) -> Snapshot:
        stamp = self._look()
        if stamp is None:
            raise Unavailable(
                "There is nothing to work on yet.",
                why="No run has been published for readers into var/snapshots.",
                do="Run `make brief`, or `horizon run`, and open this page again.",
            )
        if self._held is None or stamp != self._stamp:
            with self._lock:
                if self._held is None or stamp != self._stamp:
                    self._held = read_snapshot(self._folder, self._lens, gazetteer=self._gazetteer, cards=self._cards)
                    self._stamp = stamp
        return self._held

    def _look(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / FILES[self._lens]).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino


def read_snapshot(folder: Path, lens: Lens, *, gazetteer: Gazetteer, cards: Mapping[str, SourceCard]) -> Snapshot:
    """The newest issue of that lens."""
    with open_store(folder, lens, read_only=True) as store:
        if store.behind:
            raise Unavailable(
                "The last run is older than this software.",
                why="What it published for readers lacks tables that the desk reads; nothing of it is lost.",
                do="Run `make brief`, or `horizon run`, and open this page again.",
            )
        issues = store.query_own("past_issues")
        if issues.is_empty():
            raise Unavailable(
                "There is nothing to work on yet.",
                why="The warehouse holds no run of this lens.",
                do="Run `horizon score`, and open this page again.",
            )
        issue, as_of = issues["issue"][-1], issues["as_of"][-1]
        previous = str(Week.parse(issue).back(1))
        past_rows = store.query_own("past_runs", issue=issue, oldest=previous)
        past = {
            row["place"]: Past(level=row["level"], printed=row["printed"]) for row in past_rows.iter_rows(named=True)
        }
        before = store.query_own("issue_incidents", issue=previous)["incident_id"].to_list() if past else []
        reports = store.query_own("issue_reports", issue=issue)
        found = Snapshot(
            issue=issue,
            as_of=as_of,
            lens=lens,
            gazetteer=gazetteer,
            cards=cards,
            states={one.place: one for one in from_frame(StateResult, store.query_own("issue_states", issue=issue))},
            situations={one.situation_id: one for one in _situations(store, issue)},
            triggers=_triggers(store, issue),
            coverage={
                one.place: one for one in from_frame(CoverageResult, store.query_own("issue_coverage", issue=issue))
            },
            previous=previous if past else "",
            past=past,
            incidents_before=frozenset(before),
            incidents=store.query_own("issue_incidents", issue=issue),
            codings=store.query_own("issue_codings", issue=issue),
            labels=store.query_own("issue_labels", issue=issue),
            reports=reports,
            texts=_texts(store, as_of, reports),
            given=_given(store),
            calls=_calls(store, issue),
        )
    found.index()
    return found


def _situations(store: Store, issue: str) -> tuple[Situation, ...]:
    rows = store.query_own("issue_situations", issue=issue)
    gates = store.query_own("issue_gates", issue=issue)
    keys = zip(gates["place"].to_list(), gates["gate"].to_list(), strict=True)
    by_key = dict(zip(keys, from_frame(GateResult, gates), strict=True))
    extra = [{"pattern": by_key[(place, "pattern")], "gravity": by_key[(place, "gravity")]} for place in rows["place"]]
    return from_frame(Situation, rows, extra=extra)


def _triggers(store: Store, issue: str) -> dict[str, tuple[TriggerResult, ...]]:
    found: dict[str, list[TriggerResult]] = {}
    for one in from_frame(TriggerResult, store.query_own("issue_triggers", issue=issue)):
        found.setdefault(one.place, []).append(one)
    return {place: tuple(all_) for place, all_ in found.items()}


def _calls(store: Store, issue: str) -> dict[str, tuple[CallRoot, ...]]:
    """What texts may be for each State, as proposed."""
    found: dict[str, list[CallRoot]] = {}
    for one in from_frame(CallRoot, store.query_own("issue_calls", issue=issue)):
        found.setdefault(one.place, []).append(one)
    return {place: tuple(all_) for place, all_ in found.items()}


def _given(store: Store) -> dict[str, Classification]:
    """The classification that each given report brought; the strictest where one came twice."""
    found: dict[str, Classification] = {}
    for report_id, weight in store.query("given_weights").iter_rows():
        found[report_id] = strictest(Classification(weight), found.get(report_id, Classification.UNCLASSIFIED))
    return found


def _texts(store: Store, as_of: datetime, reports: pl.DataFrame) -> pl.DataFrame:
    """Title and text of the reports that incidents rest on."""
    known = store.query("core_reports", as_of=as_of).select("report_id", "title", "text", "language")
    return known.join(reports.select("report_id").unique(), on="report_id", how="semi").sort("report_id")


def _spans(frame: pl.DataFrame, key: str) -> dict[str, tuple[int, int]]:
    """Where the rows of each key begin and how many they are; equal keys stand side by side."""
    runs = frame.select(pl.col(key).rle().alias("run")).unnest("run")
    starts = runs["len"].cum_sum() - runs["len"]
    return dict(zip(runs["value"].to_list(), zip(starts.to_list(), runs["len"].to_list(), strict=True), strict=True))


def _rows(frame: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
    """These rows. A run of them is a view of the frame; picking asks for threads that all readers share."""
    if rows and rows[-1] - rows[0] == len(rows) - 1 and rows == sorted(rows):
        return frame.slice(rows[0], len(rows))
    return frame[rows]


def level_words(level: Level) -> str:
    """Shape and word: never a colour alone."""
    return f"{level.shape} {level.value}"
