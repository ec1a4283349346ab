"""One loader: landed records and what the parsers read from them, in one transaction; twice changes nothing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from domain.classification import Protection
from domain.defect import Defect, DefectLevel
from domain.signal import Observation, Report
from warehouse.connection import Store
from warehouse.landing import LandedDecision, LandedLook, LandedPayload

STAMP = pl.Datetime("us", "UTC")
Schema = dict[str, pl.DataType | type[pl.DataType]]
PROTECTION: Schema = {
    "lens": pl.String,
    "classification": pl.String,
    "source_sharing": pl.String,
    "consent_scope": pl.String,
    "valid_from": pl.Date,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One landed payload and what its parser made of it."""

    landed: LandedPayload
    reports: tuple[Report, ...]
    observations: tuple[Observation, ...]
    defects: tuple[Defect, ...]


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
    payloads = reports = observations = defects = 0
    with store.transaction():
        for one in parsed:
            key = f"{one.landed.source_id}/{one.landed.sha256}"
            if key in known_payloads:
                continue
            known_payloads.add(key)
            payloads += store.insert("raw_payloads", _payload_row(one))
            reports += store.insert("raw_reports", _report_rows(one))
            observations += store.insert("raw_observations", _observation_rows(one))
            defects += store.insert("raw_defects", _defect_rows(one))
        new_looks = [look for look in looks if look.sha256 not in known_looks]
        new_decisions = [one for one in decisions if one.sha256 not in known_decisions]
        store.insert("raw_looks", _look_rows(new_looks))
        store.insert("raw_decisions", _decision_rows(new_decisions))
    return Loaded(
        payloads=payloads,
        looks=len(new_looks),
        decisions=len(new_decisions),
        reports=reports,
        observations=observations,
        defects=defects,
    )


def _protect(protection: Protection) -> dict[str, object]:
    return {
        "lens": protection.lens.value,
        "classification": protection.classification.value,
        "source_sharing": protection.source_sharing.value,
        "consent_scope": protection.consent_scope.value,
        "valid_from": protection.valid_from,
    }


def _payload_row(one: Parsed) -> pl.DataFrame:
    landed = one.landed
    media_type = dict(landed.headers).get("content-type", "")
    row = {
        "payload_sha": landed.sha256,
        "source_id": landed.source_id,
        "url": landed.url,
        "status": landed.status,
        "media_type": media_type,
        "collected_at": landed.collected_at,
        "basis": landed.basis.value,
        "size_bytes": landed.size,
        "reports": len(one.reports),
        "observations": len(one.observations),
        "errors": sum(defect.level is DefectLevel.ERROR for defect in one.defects),
        **_protect(landed.protection),
    }
    return pl.DataFrame([row], schema_overrides={"collected_at": STAMP})


def _report_rows(one: Parsed) -> pl.DataFrame:
    sha = one.landed.sha256
    protection = tuple(_protect(one.landed.protection).values())
    rows = {
        (report.report_id, report.version): (
            report.report_id,
            report.version,
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
        for report in one.reports
    }
    return pl.DataFrame(list(rows.values()), schema=REPORTS, orient="row")


def _observation_rows(one: Parsed) -> pl.DataFrame:
    sha = one.landed.sha256
    protection = tuple(_protect(one.landed.protection).values())
    rows = [
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
    ]
    return pl.DataFrame(rows, schema=OBSERVATIONS, orient="row")


def _defect_rows(one: Parsed) -> pl.DataFrame:
    rows = [
        {
            "payload_sha": one.landed.sha256,
            "source_id": defect.source_id,
            "level": defect.level.value,
            "check_name": defect.check,
            "record": defect.record,
            "evidence": defect.evidence,
            "seen_at": one.landed.collected_at,
            **_protect(one.landed.protection),
        }
        for defect in one.defects
    ]
    return pl.DataFrame(rows, schema_overrides={"seen_at": STAMP}) if rows else pl.DataFrame()


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
            **_protect(landed.protection),
        }
        for landed in decisions
    ]
    return pl.DataFrame(rows)
