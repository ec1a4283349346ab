"""One loader: landed records and what the parsers read from them, in one transaction; twice changes nothing."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from domain.classification import Protection
from domain.defect import Defect, DefectLevel
from domain.review import Act
from domain.signal import Observation, Report
from warehouse.connection import Store
from warehouse.landing import LandedDecision, LandedLook, LandedPayload

STAMP = pl.Datetime("us", "UTC")
Row = tuple[object, ...]
Schema = dict[str, pl.DataType | type[pl.DataType]]
PROTECTION: Schema = {
    "lens": pl.String,
    "classification": pl.String,
    "source_sharing": pl.String,
    "consent_scope": pl.String,
    "valid_from": pl.Date,
}
PAYLOADS: Schema = {
    "payload_sha": pl.String,
    "source_id": pl.String,
    "url": pl.String,
    "status": pl.Int64,
    "media_type": pl.String,
    "collected_at": STAMP,
    "basis": pl.String,
    "size_bytes": pl.Int64,
    "reports": pl.Int64,
    "observations": pl.Int64,
    "errors": pl.Int64,
    **PROTECTION,
}
REPORTS: Schema = {
    "report_id": pl.String,
    "version": pl.String,
    "payload_sha": pl.String,
    "source_id": pl.String,
    "source_ref": pl.String,
    "title": pl.String,
    "url": pl.String,
    "collected_at": STAMP,
    "published_at": STAMP,
    "occurred_on": pl.Date,
    "place": pl.String,
    "addressee": pl.String,
    "first_level": pl.String,
    "actor": pl.String,
    "victim": pl.String,
    "language": pl.String,
    "text": pl.String,
    "facts": pl.String,
    "basis": pl.String,
    **PROTECTION,
}
OBSERVATIONS: Schema = {
    "payload_sha": pl.String,
    "source_id": pl.String,
    "indicator": pl.String,
    "place": pl.String,
    "period_kind": pl.String,
    "period_start": pl.Date,
    "value": pl.Float64,
    "unit": pl.String,
    "collected_at": STAMP,
    "published_at": STAMP,
    "basis": pl.String,
    **PROTECTION,
}

DEFECTS: Schema = {
    "payload_sha": pl.String,
    "source_id": pl.String,
    "level": pl.String,
    "check_name": pl.String,
    "record": pl.String,
    "evidence": pl.String,
    "seen_at": STAMP,
    **PROTECTION,
}
TABLES = {
    "raw_payloads": PAYLOADS,
    "raw_reports": REPORTS,
    "raw_observations": OBSERVATIONS,
    "raw_defects": DEFECTS,
}
TOGETHER = 20_000  # rows
# Acts of which scoring reads more than the name. The texts that people write stay in their own records.
READ_CONTENT = frozenset({Act.CORRECT, Act.WITHDRAW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One landed payload and what its parser made of it; or a part of that, when `more` of the same follows at once."""

    landed: LandedPayload
    reports: tuple[Report, ...]
    observations: tuple[Observation, ...]
    defects: tuple[Defect, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Rows that are new in this load."""

    payloads: int
    looks: int
    decisions: int
    reports: int
    observations: int
    defects: int


def loaded_payloads(store: Store) -> frozenset[str]:
    """The payloads that need no second parsing, as `source_id/sha256`."""
    rows = store.query_own("loaded_payloads")
    return frozenset(rows["key"].to_list())


def load(
    store: Store,
    *,
    parsed: Iterable[Parsed],
    looks: Iterable[LandedLook],
    decisions: Iterable[LandedDecision],
) -> Loaded:
    """Write what is new for this lens's file; a kill in the middle leaves the file as it was."""
    known_looks = store.known("raw_looks", "look_sha")
    known_decisions = store.known("raw_decisions", "decision_sha")
    known_payloads = set(loaded_payloads(store))
    with store.transaction():
        rows = _Rows(store)
        begun = ""
        for one in parsed:
            key = f"{one.landed.source_id}/{one.landed.sha256}"
            if key in known_payloads and key != begun:
                continue
            known_payloads.add(key)
            rows.add(one)
            begun = key if one.more else ""
        rows.write()
        new_looks = [look for look in looks if look.sha256 not in known_looks]
        new_decisions = [one for one in decisions if one.sha256 not in known_decisions]
        store.insert("raw_looks", _look_rows(new_looks))
        store.insert("raw_decisions", _decision_rows(new_decisions))
    return Loaded(
        payloads=rows.written["raw_payloads"],
        looks=len(new_looks),
        decisions=len(new_decisions),
        reports=rows.written["raw_reports"],
        observations=rows.written["raw_observations"],
        defects=rows.written["raw_defects"],
    )


class _Rows:
    """Rows of many payloads, written together: one INSERT costs as much as a thousand rows of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._counts = Counter[str]()
        self._named: set[tuple[str, str]] = set()
        self.written = Counter[str]()

    def add(self, one: Parsed) -> None:
        """Take up a payload or a part of it; its own row, which counts the others, comes with the last part."""
        self._counts["reports"] += len(one.reports)
        self._counts["observations"] += len(one.observations)
        self._counts["errors"] += sum(defect.level is DefectLevel.ERROR for defect in one.defects)
        self._waiting["raw_reports"] += _report_rows(one, self._named)
        self._waiting["raw_observations"] += _observation_rows(one)
        self._waiting["raw_defects"] += _defect_rows(one)
        if not one.more:
            self._waiting["raw_payloads"].append(_payload_row(one.landed, self._counts))
            self._counts.clear()
            self._named.clear()
        if sum(map(len, self._waiting.values())) >= TOGETHER:
            self.write()

    def write(self) -> None:
        for table, rows in self._waiting.items():
            if rows:
                columns = zip(TABLES[table].items(), zip(*rows, strict=True), strict=True)
                frame = pl.DataFrame([pl.Series(name, cells, dtype=kind) for (name, kind), cells in columns])
                self.written[table] += self._store.insert(table, frame)
                rows.clear()


def _protect(protection: Protection) -> dict[str, object]:
    return {
        "lens": protection.lens.value,
        "classification": protection.classification.value,
        "source_sharing": protection.source_sharing.value,
        "consent_scope": protection.consent_scope.value,
        "valid_from": protection.valid_from,
    }


def _payload_row(landed: LandedPayload, counts: Counter[str]) -> Row:
    return (
        landed.sha256,
        landed.source_id,
        landed.url,
        landed.status,
        dict(landed.headers).get("content-type", ""),
        landed.collected_at,
        landed.basis.value,
        landed.size,
        counts["reports"],
        counts["observations"],
        counts["errors"],
        *_protect(landed.protection).values(),
    )


def _report_rows(one: Parsed, named: set[tuple[str, str]]) -> Iterator[Row]:
    """One row for each version; `named` are those that the payload's earlier parts had."""
    sha = one.landed.sha256
    protection = tuple(_protect(one.landed.protection).values())
    for report in one.reports:
        name = report.report_id, report.version
        if name in named:
            continue
        named.add(name)
        yield (
            *name,
            sha,
            report.source_id,
            report.source_ref,
            report.title,
            report.url,
            report.collected_at,
            report.published_at,
            report.occurred_on,
            report.place,
            report.addressee,
            report.first_level,
            report.actor,
            report.victim,
            report.language,
            report.text,
            json.dumps({fact.name: fact.value for fact in report.facts}, ensure_ascii=False, sort_keys=True),
            report.basis.value,
            *protection,
        )


def _observation_rows(one: Parsed) -> Iterable[Row]:
    sha = one.landed.sha256
    protection = tuple(_protect(one.landed.protection).values())
    return (
        (
            sha,
            observation.source_id,
            observation.indicator,
            observation.place,
            observation.period_kind.value,
            observation.period_start,
            observation.value,
            observation.unit,
            observation.collected_at,
            observation.published_at,
            observation.basis.value,
            *protection,
        )
        for observation in one.observations
    )


def _defect_rows(one: Parsed) -> Iterable[Row]:
    protection = tuple(_protect(one.landed.protection).values())
    return (
        (
            one.landed.sha256,
            defect.source_id,
            defect.level.value,
            defect.check,
            defect.record,
            defect.evidence,
            one.landed.collected_at,
            *protection,
        )
        for defect in one.defects
    )


def _look_rows(looks: list[LandedLook]) -> pl.DataFrame:
    rows = [
        {
            "look_sha": landed.sha256,
            "source_id": landed.look.source_id,
            "looked_at": landed.look.looked_at,
            "state": landed.look.state.value,
            "detail": landed.look.detail,
            "payloads": list(landed.look.payloads),
            **_protect(landed.protection),
        }
        for landed in looks
    ]
    return pl.DataFrame(rows, schema_overrides={"payloads": pl.List(pl.String)}) if rows else pl.DataFrame()


def _decision_rows(decisions: list[LandedDecision]) -> pl.DataFrame:
    rows = [
        {
            "decision_sha": landed.sha256,
            "act": landed.decision.act.value,
            "object_id": landed.decision.object_id,
            "object_hash": landed.decision.object_hash,
            "decided_by": landed.decision.by,
            "role": landed.decision.role,
            "author": landed.decision.author,
            "reason": landed.decision.reason,
            "decided_at": landed.decision.decided_at,
            "authentication": landed.decision.authentication.value,
            "operating_system_user": landed.decision.operating_system_user,
            "previous": landed.decision.previous,
            "content": landed.decision.content if landed.decision.act in READ_CONTENT else "",
            "version": landed.decision.version,
            **_protect(landed.protection),
        }
        for landed in decisions
    ]
    return pl.DataFrame(rows)
