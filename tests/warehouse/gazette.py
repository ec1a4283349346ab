"""Landed records of a fictional publisher, the Ruritanian Gazette, for the tests of this room."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from domain.classification import Lens, Protection
from domain.defect import Defect
from domain.review import Act, Decision
from domain.signal import Fact, Look, Observation, Payload, PeriodKind, Report, Signal
from domain.source import SourceState
from warehouse.connection import Store
from warehouse.durable import write_whole
from warehouse.landing import LandedDecision, LandedLook, LandedPayload, write_decision
from warehouse.load import Loaded, Parsed, load

SOURCE = "ruritanian_gazette"
RAW_TABLES = ("raw_payloads", "raw_looks", "raw_reports", "raw_observations", "raw_defects", "raw_decisions")


def at(day: int, hour: int = 6, month: int = 1) -> datetime:
    """An instant of 2024."""
    return datetime(2024, month, day, hour, tzinfo=UTC)


def protection(lens: Lens = Lens.PUBLIC) -> Protection:
    made = Protection.public(date(2024, 1, 1))
    return Protection(
        lens=lens,
        classification=made.classification,
        source_sharing=made.source_sharing,
        consent_scope=made.consent_scope,
        valid_from=made.valid_from,
    )


def payload(body: bytes = b"<gazette/>", when: datetime | None = None, source: str = SOURCE) -> Payload:
    return Payload(
        source_id=source,
        url="https://gazette.example/feed",
        status=200,
        headers=(("content-type", "application/xml; charset=utf-8"),),
        body=body,
        collected_at=when or at(22),
    )


def landed(body: bytes, when: datetime, source: str = SOURCE, lens: Lens = Lens.PUBLIC) -> LandedPayload:
    """A landed payload as the reader gives it, without its file."""
    one = payload(body, when, source)
    return LandedPayload(
        sha256=one.sha256,
        path=Path("nowhere") / f"{one.sha256}.json",
        source_id=source,
        url=one.url,
        status=one.status,
        headers=one.headers,
        collected_at=when,
        basis=one.basis,
        size=len(body),
        protection=protection(lens),
    )


def report(ref: str, title: str, when: datetime, place: str = "Ruritania") -> Report:
    return Report(
        source_id=SOURCE,
        source_ref=ref,
        title=title,
        url=f"https://gazette.example/{ref}",
        collected_at=when,
        published_at=at(20),
        occurred_on=date(2024, 1, 19),
        place=place,
        facts=(Fact(name="Category", value="notice"),),
    )


def count(start: date, value: float | None, when: datetime, place: str = "Ruritania") -> Observation:
    return Observation(
        source_id=SOURCE,
        indicator="notices",
        place=place,
        period_kind=PeriodKind.MONTH,
        period_start=start,
        value=value,
        unit="notices",
        collected_at=when,
    )


def parsed(
    body: bytes,
    when: datetime,
    signals: Sequence[Signal] = (),
    defects: Sequence[Defect] = (),
    lens: Lens = Lens.PUBLIC,
) -> Parsed:
    return Parsed(
        landed=landed(body, when, lens=lens),
        reports=tuple(one for one in signals if isinstance(one, Report)),
        observations=tuple(one for one in signals if isinstance(one, Observation)),
        defects=tuple(defects),
    )


def look(when: datetime, *bodies: bytes, state: SourceState = SourceState.OK, source: str = SOURCE) -> LandedLook:
    seen = tuple(payload(body).sha256 for body in bodies)
    made = Look(source_id=source, looked_at=when, state=state, payloads=seen)
    return LandedLook(sha256=f"look-{when.isoformat()}-{source}", look=made, protection=protection())


def land_decision(folder: Path, decided: Decision, protection: Protection) -> str:
    """A decision as a record of its own, outside of any chain; gives its hash."""
    body = write_decision(decided, protection, folder=folder)
    stem = hashlib.sha256(body).hexdigest()
    write_whole(folder / f"{decided.decided_at.year:04d}" / f"{stem}.json", body)
    return stem


def decision(when: datetime, act: Act = Act.APPROVE) -> Decision:
    return Decision(
        act=act,
        object_id="2024-W04/r1/restricted",
        object_hash="0" * 64,
        by="A. Reviewer",
        role="analyst",
        author="machine",
        reason="read in full",
        decided_at=when,
        lens=Lens.RESTRICTED,
    )


def landed_decision(when: datetime) -> LandedDecision:
    return LandedDecision(sha256=f"decision-{when.isoformat()}", decision=decision(when), protection=protection())


def fill(
    store: Store,
    payloads: Sequence[Parsed] = (),
    looks: Sequence[LandedLook] = (),
    decisions: Sequence[LandedDecision] = (),
) -> Loaded:
    return load(store, parsed=payloads, looks=looks, decisions=decisions)


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every raw table, in one order."""
    return {table: store.dump(table).rows() for table in RAW_TABLES}
