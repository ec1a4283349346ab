"""Sealed records as the loader sees them: reports that people gave us, and what cannot be read for want of its key."""

import json
from datetime import date, datetime
from pathlib import Path

from domain.classification import Protection
from domain.defect import Defect, DefectLevel
from domain.given import CONSENT, UNTIL, source_of
from domain.review import Act
from domain.signal import Basis, Fact, Report
from domain.source import SourceClass
from warehouse.connection import REPORT
from warehouse.landing import Closed, LandedDecision, LandedPayload, LandedSealed
from warehouse.load import Parsed


def read_given(landed: LandedDecision) -> tuple[Parsed, ...]:
    """A report that was taken in, as the rows that it stands for; nothing of any other decision."""
    decision = landed.decision
    if decision.act is not Act.RECEIVE or landed.erased:
        return ()
    said: dict[str, str] = json.loads(decision.content)
    happened = said["occurred_on"]
    report = Report(
        source_id=source_of(SourceClass(said["source_class"])),
        source_ref=decision.object_id.removeprefix(REPORT),
        title=said["title"],
        url="",
        collected_at=decision.decided_at,
        published_at=decision.decided_at,
        occurred_on=date.fromisoformat(happened) if happened else None,
        place=said["place"],
        first_level=said["first_level"],
        text=said["text"],
        facts=(Fact(name=CONSENT, value=said["consent"]), Fact(name=UNTIL, value=said["consent_until"])),
    )
    return (_alone(landed.sha256, report.source_id, decision.decided_at, landed.protection, report=report),)


def read_closed(landed: LandedSealed) -> tuple[Parsed, ...]:
    """A record whose key is lost is a defect of its own; one that was erased was erased on purpose and is none."""
    if landed.why is Closed.ERASED:
        return ()
    defect = closed_defect(landed)
    return (_alone(landed.sha256, defect.source_id, landed.clock, landed.protection, defect=defect),)


def closed_defect(landed: LandedSealed) -> Defect:
    """That a sealed record cannot be read, and which one."""
    return Defect(
        level=DefectLevel.ERROR,
        check="key_lost",
        source_id=landed.source_id or landed.of,
        evidence=f"the {landed.of} {landed.sha256[:12]} of {landed.clock:%Y-%m-%d} cannot be read: {landed.why.value}",
        record=landed.sha256[:12],
        seen_at=landed.clock,
    )


def _alone(
    sha256: str,
    source_id: str,
    clock: datetime,
    protection: Protection,
    *,
    report: Report | None = None,
    defect: Defect | None = None,
) -> Parsed:
    landed = LandedPayload(
        sha256=sha256,
        path=Path(),
        source_id=source_id,
        url="",
        status=200,
        headers=(),
        collected_at=clock,
        basis=Basis.AS_PUBLISHED,
        size=0,
        protection=protection,
    )
    return Parsed(
        landed=landed,
        reports=(report,) if report is not None else (),
        observations=(),
        defects=(defect,) if defect is not None else (),
    )
