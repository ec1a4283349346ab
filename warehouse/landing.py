"""Landing: what arrived, unchanged, each record under the hash of its bytes. The warehouse can be rebuilt from it.

A record is written beside its place and renamed, with an fsync of file and folder: it is there whole or not
at all. The same bytes again change nothing; the look that saw them is a record of its own.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.errors import HorizonError
from domain.review import Act, Authentication, Decision
from domain.signal import Basis, Look, Payload
from domain.source import SourceState

SCHEMA = 1


class Damaged(HorizonError):
    """A landing record no longer matches its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedPayload:
    """A payload's sidecar; `body()` reads and re-verifies the bytes."""

    sha256: str
    path: Path
    source_id: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    collected_at: datetime
    basis: Basis
    size: int
    protection: Protection

    def payload(self) -> Payload:
        """The payload as it was received; a changed byte is an error, never a silent difference."""
        try:
            body = self.path.with_suffix(".bin").read_bytes()
        except FileNotFoundError:
            raise _damaged(self.path, "The bytes that it describes are gone.") from None
        if hashlib.sha256(body).hexdigest() != self.sha256:
            raise _damaged(self.path, "Its bytes no longer match the hash under which they were stored.")
        return Payload(
            source_id=self.source_id,
            url=self.url,
            status=self.status,
            headers=self.headers,
            body=body,
            collected_at=self.collected_at,
            basis=self.basis,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedLook:
    sha256: str
    look: Look
    protection: Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedDecision:
    sha256: str
    decision: Decision
    protection: Protection


Landed = LandedPayload | LandedLook | LandedDecision


def land_payload(folder: Path, payload: Payload, protection: Protection) -> bool:
    """Store one payload; False when the same bytes were there already."""
    place = folder / payload.source_id / f"{payload.collected_at.year:04d}"
    stem = payload.sha256
    known = any((folder / payload.source_id).glob(f"*/{stem}.json"))
    if known:
        return False
    sidecar = {
        "schema": SCHEMA,
        "record": "payload",
        "source_id": payload.source_id,
        "sha256": stem,
        "url": payload.url,
        "status": payload.status,
        "headers": [list(pair) for pair in payload.headers],
        "collected_at": payload.collected_at.isoformat(),
        "basis": payload.basis.value,
        "size": len(payload.body),
        **_protection(protection),
    }
    # The bytes go first: a sidecar without bytes cannot come about.
    _write(place / f"{stem}.bin", payload.body)
    _write(place / f"{stem}.json", _canonical(sidecar))
    return True


def land_look(folder: Path, look: Look, protection: Protection) -> str:
    """Store one look at a source, failed ones too; gives its hash."""
    return _land_json(
        folder / look.source_id / f"{look.looked_at.year:04d}",
        {
            "schema": SCHEMA,
            "record": "look",
            "source_id": look.source_id,
            "looked_at": look.looked_at.isoformat(),
            "state": look.state.value,
            "detail": look.detail,
            "payloads": list(look.payloads),
            **_protection(protection),
        },
    )


def land_decision(folder: Path, decision: Decision, protection: Protection) -> str:
    """Store one decision of a named person; gives its hash."""
    return _land_json(folder / f"{decision.decided_at.year:04d}", _decision_record(decision, protection))


def write_decision(decision: Decision, protection: Protection) -> bytes:
    """The bytes under which a decision is stored; its name is their sha256."""
    return _canonical(_decision_record(decision, protection))


def read_decision(path: Path, sha256: str) -> LandedDecision:
    """One decision, whatever its file is called; an error in words when its bytes are not those of that hash."""
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise _damaged(path, "It no longer matches the hash under which it was stored.")
    landed = _read(sha256, path, json.loads(body))
    if not isinstance(landed, LandedDecision):
        raise _damaged(path, "It is no decision.")
    return landed


def _decision_record(decision: Decision, protection: Protection) -> dict[str, Any]:
    """Content and version stand there when they say something, so that older records keep their hash."""
    record = {
        "schema": SCHEMA,
        "record": "decision",
        "act": decision.act.value,
        "object_id": decision.object_id,
        "object_hash": decision.object_hash,
        "by": decision.by,
        "role": decision.role,
        "author": decision.author,
        "reason": decision.reason,
        "decided_at": decision.decided_at.isoformat(),
        "authentication": decision.authentication.value,
        "operating_system_user": decision.operating_system_user,
        "previous": decision.previous,
        **_protection(protection),
    }
    more = {"content": decision.content, "version": decision.version}
    return record | {name: value for name, value in more.items() if value}


def read_records(*folders: Path) -> Iterator[Landed]:
    """All records, oldest clock first, then by hash: the same order on every machine."""
    found: list[tuple[datetime, str, str, Path, dict[str, Any]]] = []
    for folder in folders:
        for path in folder.rglob("*.json"):
            record = _verified(path)
            clock = record.get("collected_at") or record.get("looked_at") or record["decided_at"]
            # Two sources may have given the same bytes at the same instant: the folder then tells them apart.
            place = path.parent.relative_to(folder).as_posix()
            found.append((datetime.fromisoformat(clock), path.stem, place, path, record))
    for _clock, stem, _place, path, record in sorted(found, key=lambda item: item[:3]):
        yield _read(stem, path, record)


def _verified(path: Path) -> dict[str, Any]:
    """One sidecar; a look or a decision is its own record, so its name must be the hash of what stands there."""
    body = path.read_bytes()
    try:
        record: dict[str, Any] = json.loads(body)
    except ValueError:
        raise _damaged(path, "It is not JSON, so it cannot be read.") from None
    if record.get("record") != "payload" and hashlib.sha256(body).hexdigest() != path.stem:
        raise _damaged(path, "It no longer matches the hash under which it was stored.")
    return record


def _damaged(path: Path, why: str) -> Damaged:
    return Damaged(
        f"The landing record {path.name} was changed.",
        why=why,
        do="Restore the file from a backup; see docs/backup-and-restore.md.",
    )


def newest_payload(folder: Path, url: str) -> LandedPayload | None:
    """The newest payload of one address in the folder of a source; None when nothing of it has landed."""
    own = [one for one in read_records(folder) if isinstance(one, LandedPayload) and one.url == url]
    return max(own, key=lambda one: one.collected_at, default=None)


def _read(stem: str, path: Path, record: dict[str, Any]) -> Landed:
    protection = Protection(
        lens=Lens(record["lens"]),
        classification=Classification(record["classification"]),
        source_sharing=Sharing(record["source_sharing"]),
        consent_scope=Consent(record["consent_scope"]),
        valid_from=datetime.fromisoformat(record["valid_from"]).date(),
    )
    match record["record"]:
        case "payload":
            return LandedPayload(
                sha256=record["sha256"],
                path=path,
                source_id=record["source_id"],
                url=record["url"],
                status=record["status"],
                headers=tuple((name, value) for name, value in record["headers"]),
                collected_at=datetime.fromisoformat(record["collected_at"]),
                basis=Basis(record["basis"]),
                size=record["size"],
                protection=protection,
            )
        case "look":
            look = Look(
                source_id=record["source_id"],
                looked_at=datetime.fromisoformat(record["looked_at"]),
                state=SourceState(record["state"]),
                detail=record["detail"],
                payloads=tuple(record["payloads"]),
            )
            return LandedLook(sha256=stem, look=look, protection=protection)
        case "decision":
            decision = Decision(
                act=Act(record["act"]),
                object_id=record["object_id"],
                object_hash=record["object_hash"],
                by=record["by"],
                role=record["role"],
                author=record["author"],
                reason=record["reason"],
                decided_at=datetime.fromisoformat(record["decided_at"]),
                lens=protection.lens,
                authentication=Authentication(record["authentication"]),
                operating_system_user=record["operating_system_user"],
                previous=record["previous"],
                content=record.get("content", ""),
                version=record.get("version", 0),
            )
            return LandedDecision(sha256=stem, decision=decision, protection=protection)
        case other:
            raise Damaged(
                f"The landing record {path.name} is of an unknown sort.",
                why=f"It says '{other}', which this version does not know.",
                do="Use the version that wrote it, or a newer one.",
            )


def _protection(protection: Protection) -> dict[str, str]:
    return {
        "lens": protection.lens.value,
        "classification": protection.classification.value,
        "source_sharing": protection.source_sharing.value,
        "consent_scope": protection.consent_scope.value,
        "valid_from": protection.valid_from.isoformat(),
    }


def _canonical(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _land_json(place: Path, record: dict[str, Any]) -> str:
    body = _canonical(record)
    stem = hashlib.sha256(body).hexdigest()
    if not (place / f"{stem}.json").exists():
        _write(place / f"{stem}.json", body)
    return stem


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
