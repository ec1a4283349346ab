"""What a run found, written as a whole for one issue and lens, and read back as it was."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from domain.defect import Defect, DefectLevel
from domain.evidence import CallRoot, Exposure, LabelRoot, ReportRoot
from domain.incident import Coding, Incident
from domain.issue import SourceLine
from domain.ledger import KnownEvent, WarningMade, WatchedSpan
from domain.situation import (
    CoverageResult,
    GateResult,
    SeriesResult,
    Situation,
    StateResult,
    TriggerResult,
)
from warehouse.connection import Store
from warehouse.rows import from_frame, to_frame

TABLES = (
    "out_issues",
    "out_states",
    "out_triggers",
    "out_series",
    "out_points",
    "out_coverage",
    "out_gates",
    "out_situations",
    "out_incidents",
    "out_codings",
    "out_sources",
    "out_letters",
    "out_defects",
    "out_reports",
    "out_labels",
    "out_exposure",
    "out_calls",
    "out_warnings",
    "out_events",
    "out_watched",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one lens: the issue it belongs to, and everything that it says."""

    issue: str
    as_of: datetime
    method_version: str
    code_version: str
    states: tuple[StateResult, ...]
    situations: tuple[Situation, ...]
    triggers: tuple[TriggerResult, ...]
    gates: tuple[tuple[str, GateResult], ...]
    series: tuple[SeriesResult, ...]
    coverage: tuple[CoverageResult, ...]
    incidents: tuple[Incident, ...]
    sources: tuple[SourceLine, ...]
    letters: tuple[tuple[str, int], ...]
    defects: tuple[Defect, ...]
    reports: tuple[ReportRoot, ...] = ()
    labels: tuple[LabelRoot, ...] = ()
    exposure: tuple[Exposure, ...] = ()
    calls: tuple[CallRoot, ...] = ()
    warnings: tuple[WarningMade, ...] = ()
    events: tuple[KnownEvent, ...] = ()
    watched: tuple[WatchedSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRows:
    """What the ledger of one lens is scored from: all warnings made by an instant, and every issue run by then."""

    issues: tuple[tuple[str, datetime], ...]
    warnings: tuple[WarningMade, ...]


def save(store: Store, run: Run) -> None:
    """Replace the issue as a whole: the same run twice leaves the same rows."""
    key = {"issue": run.issue, "lens": store.lens.value}
    with store.transaction():
        for table in TABLES:
            store.delete_issue(table, issue=run.issue)
        store.insert("out_issues", _issue_row(run, key))
        store.insert("out_states", to_frame(StateResult, run.states, add=key))
        store.insert("out_triggers", to_frame(TriggerResult, run.triggers, add=key))
        store.insert(
            "out_series", to_frame(SeriesResult, run.series, leave_out=frozenset({"history", "late"}), add=key)
        )
        store.insert("out_points", _point_rows(run, key))
        store.insert("out_coverage", to_frame(CoverageResult, run.coverage, add=key))
        store.insert("out_gates", _gate_rows(run, key))
        gates = frozenset({"pattern", "gravity"})
        store.insert("out_situations", to_frame(Situation, run.situations, leave_out=gates, add=key))
        store.insert("out_incidents", to_frame(Incident, run.incidents, leave_out=frozenset({"codings"}), add=key))
        store.insert("out_codings", _coding_rows(run, key))
        store.insert("out_sources", to_frame(SourceLine, run.sources, add=key))
        store.insert("out_letters", _letter_rows(run, key))
        store.insert("out_defects", _defect_rows(run, key))
        store.insert("out_reports", to_frame(ReportRoot, run.reports, add=key))
        store.insert("out_labels", to_frame(LabelRoot, run.labels, add=key))
        store.insert("out_exposure", to_frame(Exposure, run.exposure, add=key))
        store.insert("out_calls", to_frame(CallRoot, run.calls, add=key))
        store.insert("out_warnings", _warning_rows(run, key))
        store.insert("out_events", to_frame(KnownEvent, run.events, add=key))
        store.insert("out_watched", to_frame(WatchedSpan, run.watched, add=key))


def read(store: Store, issue: str) -> Run:
    """The run as it was saved; a missing issue is a KeyError of the caller's."""
    head = store.query_own("issue", issue=issue)
    if head.is_empty():
        raise KeyError(issue)
    gate_rows = store.query_own("issue_gates", issue=issue)
    gate_keys = zip(gate_rows["place"].to_list(), gate_rows["gate"].to_list(), strict=True)
    gates = dict(zip(gate_keys, from_frame(GateResult, gate_rows), strict=True))
    points: dict[str, list[tuple[date, float | None, float | None, float | None]]] = defaultdict(list)
    late: dict[str, list[tuple[date, float, float]]] = defaultdict(list)
    for series_id, start, observed, expected, upper, low, high in store.query_own(
        "issue_points", issue=issue
    ).iter_rows():
        points[series_id].append((start, observed, expected, upper))
        if low is not None and high is not None:
            late[series_id].append((start, low, high))
    codings: dict[str, list[Coding]] = defaultdict(list)
    found = store.query_own("issue_codings", issue=issue)
    for incident_id, coding in zip(found["incident_id"].to_list(), from_frame(Coding, found), strict=True):
        codings[incident_id].append(coding)
    situations = store.query_own("issue_situations", issue=issue)
    series = store.query_own("issue_series", issue=issue)
    incidents = store.query_own("issue_incidents", issue=issue)
    return Run(
        issue=issue,
        as_of=head["as_of"][0],
        method_version=head["method_version"][0],
        code_version=head["code_version"][0],
        states=from_frame(StateResult, store.query_own("issue_states", issue=issue)),
        situations=from_frame(
            Situation,
            situations,
            extra=[
                {"pattern": gates[(place, "pattern")], "gravity": gates[(place, "gravity")]}
                for place in situations["place"].to_list()
            ],
        ),
        triggers=from_frame(TriggerResult, store.query_own("issue_triggers", issue=issue)),
        gates=tuple((place, gate) for (place, _), gate in gates.items()),
        series=from_frame(
            SeriesResult,
            series,
            extra=[{"history": tuple(points[one]), "late": tuple(late[one])} for one in series["series_id"].to_list()],
        ),
        coverage=from_frame(CoverageResult, store.query_own("issue_coverage", issue=issue)),
        incidents=from_frame(
            Incident, incidents, extra=[{"codings": tuple(codings[one])} for one in incidents["incident_id"].to_list()]
        ),
        sources=from_frame(SourceLine, store.query_own("issue_sources", issue=issue)),
        letters=tuple(store.query_own("issue_letters", issue=issue).iter_rows()),
        defects=tuple(
            Defect(
                level=DefectLevel(row["level"]),
                check=row["check_name"],
                source_id=row["source_id"],
                evidence=row["evidence"],
                record=row["record"],
            )
            for row in store.query_own("issue_defects", issue=issue).iter_rows(named=True)
        ),
        reports=from_frame(ReportRoot, store.query_own("issue_reports", issue=issue)),
        labels=from_frame(LabelRoot, store.query_own("issue_labels", issue=issue)),
        exposure=from_frame(Exposure, store.query_own("issue_exposure", issue=issue)),
        calls=from_frame(CallRoot, store.query_own("issue_calls", issue=issue)),
        warnings=from_frame(WarningMade, store.query_own("issue_warnings", issue=issue)),
        events=from_frame(KnownEvent, store.query_own("ledger_events", issue=issue)),
        watched=from_frame(WatchedSpan, store.query_own("ledger_watched", issue=issue)),
    )


def read_ledger(store: Store, *, as_of: datetime) -> LedgerRows:
    """The warnings of this and all earlier issues of the lens, as they were written."""
    return LedgerRows(
        issues=tuple(store.query_own("ledger_issues", as_of=as_of).iter_rows()),
        warnings=from_frame(WarningMade, store.query_own("ledger_warnings", as_of=as_of)),
    )


def _issue_row(run: Run, key: dict[str, str]) -> pl.DataFrame:
    row = {
        **key,
        "as_of": run.as_of,
        "method_version": run.method_version,
        "code_version": run.code_version,
    }
    return pl.DataFrame([row])


def _point_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    rows = []
    for one in run.series:
        bands = {start: (low, high) for start, low, high in one.late}
        rows += [(*key.values(), one.series_id, *point, *bands.get(point[0], (None, None))) for point in one.history]
    schema = {
        "issue": pl.String,
        "lens": pl.String,
        "series_id": pl.String,
        "period_start": pl.Date,
        "observed": pl.Float64,
        "expected": pl.Float64,
        "upper": pl.Float64,
        "late_low": pl.Float64,
        "late_high": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _gate_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    rows = to_frame(GateResult, [gate for _, gate in run.gates], add=key)
    return rows.with_columns(pl.Series("place", [place for place, _ in run.gates], dtype=pl.String))


def _coding_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    pairs = [(one.incident_id, coding) for one in run.incidents for coding in one.codings]
    rows = to_frame(Coding, [coding for _, coding in pairs], add=key)
    return rows.with_columns(pl.Series("incident_id", [one for one, _ in pairs], dtype=pl.String))


def _letter_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    rows = [(*key.values(), place, sent) for place, sent in run.letters]
    schema = {"issue": pl.String, "lens": pl.String, "place": pl.String, "sent": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _warning_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    """A warning belongs to the run that makes it; one of another issue would be written twice."""
    if strange := {one.issue for one in run.warnings} - {run.issue}:
        raise ValueError(f"warnings of {', '.join(sorted(strange))} in the run of {run.issue}")
    return to_frame(WarningMade, run.warnings, leave_out=frozenset({"issue"}), add=key)


def _defect_rows(run: Run, key: dict[str, str]) -> pl.DataFrame:
    rows = [(*key.values(), one.source_id, one.level.value, one.check, one.record, one.evidence) for one in run.defects]
    schema = ["issue", "lens", "source_id", "level", "check_name", "record", "evidence"]
    return pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String), orient="row")
