"""Landing: what arrived, unchanged, each record under the hash of its bytes. The warehouse can be rebuilt from it.

A record is written beside its place and renamed, with an fsync of file and folder: it is there whole or not
at all. The same bytes again change nothing; the look that saw them is a record of its own.

Where keys were made (`warehouse.sealed`), records of the restricted lens are sealed: their name is the hash of what
lies there, sealed, and beside it stand only its protection, its source, its clock and the slot of its key. Records
from before are read as they are.
"""

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.errors import HorizonError
from domain.review import Act, Authentication, Decision
from domain.signal import Basis, Look, Payload
from domain.source import SourceState
from warehouse.durable import write_whole
from warehouse.sealed import KeyErased, KeyLost, Vault, find_vault

SCHEMA = 1
SEALED_SCHEMA = 2
SEALED = "sealed"


class Damaged(HorizonError):
    """A landing record no longer matches its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedPayload:
    """A payload's sidecar; `payload()` reads and re-verifies the bytes.

    `sha256` is its name in landing: of the bytes as they lie there. `body_sha256` is of the bytes as received; the two
    differ where the record is sealed, and then `slot` is that of its key.
    """

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
    slot: int | None = None
    body_sha256: str = ""
    head: bytes = b""

    def payload(self) -> Payload:
        """The payload as it was received; a changed byte is an error, never a silent difference."""
        return Payload(
            source_id=self.source_id,
            url=self.url,
            status=self.status,
            headers=self.headers,
            body=self._body(),
            collected_at=self.collected_at,
            basis=self.basis,
        )

    @contextlib.contextmanager
    def laid_open(self) -> Iterator[Path]:
        """A file with the bytes as received, for a process of its own to read; of a sealed record in memory alone."""
        if self.slot is None:
            yield self.path.with_suffix(".bin")
            return
        file = os.memfd_create("payload")
        try:
            with os.fdopen(os.dup(file), "wb") as target:
                target.write(self._body())
            yield Path(f"/proc/{os.getpid()}/fd/{file}")
        finally:
            os.close(file)

    def _body(self) -> bytes:
        try:
            body = self.path.with_suffix(".bin").read_bytes()
        except FileNotFoundError:
            raise _damaged(self.path, "The bytes that it describes are gone.") from None
        if hashlib.sha256(body).hexdigest() != self.sha256:
            raise _damaged(self.path, "Its bytes no longer match the hash under which they were stored.")
        return body if self.slot is None else _vault(self.path).open(self.head, "body", self.slot, body)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedLook:
    sha256: str
    look: Look
    protection: Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedDecision:
    """`slot` is that of its key where it is sealed. Of an `erased` one only act, object, version and day are left."""

    sha256: str
    decision: Decision
    protection: Protection
    slot: int | None = None
    erased: bool = False


class Closed(StrEnum):
    """Why a sealed record cannot be read."""

    ERASED = "erased"
    LOST = "key lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedSealed:
    """A record that stays closed; `of` is its sort: payload, look or decision."""

    sha256: str
    path: Path
    of: str
    source_id: str
    clock: datetime
    why: Closed
    protection: Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a payload is in landing; not `new` when the same bytes were there already."""

    sha256: str
    new: bool


Landed = LandedPayload | LandedLook | LandedDecision | LandedSealed


def land_payload(folder: Path, payload: Payload, protection: Protection) -> bool:
    """Store one payload; False when the same bytes were there already."""
    return store_payload(folder, payload, protection).new


def store_payload(folder: Path, payload: Payload, protection: Protection) -> Stored:
    """The same, with the name under which it lies."""
    place = folder / payload.source_id / f"{payload.collected_at.year:04d}"
    stem = payload.sha256
    if any((folder / payload.source_id).glob(f"*/{stem}.json")):
        return Stored(sha256=stem, new=False)
    vault = _sealing(folder, protection)
    name = vault.known_again(payload.body) if vault is not None else ""
    for known in (folder / payload.source_id).glob(f"*/{name}.known") if name else ():
        return Stored(sha256=known.read_text("ascii"), new=False)
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
    body = payload.body
    if vault is not None:
        clock = payload.collected_at
        slot, head = _head(vault, protection, of="payload", clock=clock, more={"source_id": payload.source_id})
        parts = vault.seal(_canonical(head), {"body": body, "words": _canonical(sidecar)}, slot)
        body = parts["body"]
        stem = hashlib.sha256(body).hexdigest()
        sidecar = head | {"sha256": stem, SEALED: _as_text(parts["words"])}
    # The bytes go first: a sidecar without bytes cannot come about.
    write_whole(place / f"{stem}.bin", body)
    write_whole(place / f"{stem}.json", _canonical(sidecar))
    if name:
        write_whole(place / f"{name}.known", stem.encode("ascii"))
    return Stored(sha256=stem, new=True)


def land_look(folder: Path, look: Look, protection: Protection) -> str:
    """Store one look at a source, failed ones too; gives its hash."""
    place = folder / look.source_id / f"{look.looked_at.year:04d}"
    record = {
        "schema": SCHEMA,
        "record": "look",
        "source_id": look.source_id,
        "looked_at": look.looked_at.isoformat(),
        "state": look.state.value,
        "detail": look.detail,
        "payloads": list(look.payloads),
        **_protection(protection),
    }
    vault = _sealing(folder, protection)
    if vault is None:
        return _land_json(place, record)
    same = f"{vault.known_again(_canonical(record))}.known"
    if (place / same).is_file():
        return (place / same).read_text("ascii")
    more = {"source_id": look.source_id}
    stem = _land_json(place, _sealed(vault, protection, record, of="look", clock=look.looked_at, more=more))
    write_whole(place / same, stem.encode("ascii"))
    return stem


def write_decision(decision: Decision, protection: Protection, *, folder: Path | None = None) -> bytes:
    """The bytes under which a decision is stored; its name is their sha256.

    `folder` is where it will be stored: keys that were made for it seal a decision of the restricted lens.
    """
    record = _decision_record(decision, protection)
    vault = _sealing(folder, protection) if folder is not None else None
    if vault is None:
        return _canonical(record)
    more = {"act": decision.act.value, "object_id": decision.object_id, "version": decision.version}
    return _canonical(_sealed(vault, protection, record, of="decision", clock=decision.decided_at, more=more))


def read_decision(path: Path, sha256: str, *, lens: Lens = Lens.RESTRICTED) -> LandedDecision:
    """One decision, whatever its file is called; an error in words when its bytes are not those of that hash.

    In the public lens a sealed one stays closed: what stands beside it in the clear is told, as of an erased one.
    """
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise _damaged(path, "It no longer matches the hash under which it was stored.")
    record: dict[str, Any] = json.loads(body)
    if _is_sealed(record) and lens is Lens.PUBLIC:
        return _told(sha256, record, SEALED)
    try:
        landed = _open(sha256, path, record, find_vault(path)) if _is_sealed(record) else _read(sha256, path, record)
    except KeyErased:
        landed = _erased(sha256, record)
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


def read_records(*folders: Path, lens: Lens | None = None) -> Iterator[Landed]:
    """All records, oldest clock first, then by hash: the same order on every machine.

    With a lens, those of that lens alone, and no key is asked for on behalf of others. A sealed record that cannot be
    read is handed on as such, and is nobody's error yet.
    """
    found: list[tuple[datetime, str, str, Path, dict[str, Any]]] = []
    vaults = {folder: find_vault(folder) for folder in folders}
    within: dict[Path, Vault | None] = {}
    for folder in folders:
        for path in folder.rglob("*.json"):
            record = _verified(path)
            if lens is not None and record["lens"] != lens.value:
                continue
            clock = record.get("clock") or record.get("collected_at") or record.get("looked_at") or record["decided_at"]
            # Two sources may have given the same bytes at the same instant: the folder then tells them apart.
            place = path.parent.relative_to(folder).as_posix()
            found.append((datetime.fromisoformat(clock), path.stem, place, path, record))
            within[path] = vaults[folder]
    for _clock, stem, _place, path, record in sorted(found, key=lambda item: item[:3]):
        if not _is_sealed(record):
            yield _read(stem, path, record)
            continue
        try:
            yield _open(stem, path, record, within[path])
        except KeyErased:
            yield _closed(stem, path, record, Closed.ERASED)
        except KeyLost:
            yield _closed(stem, path, record, Closed.LOST)


def _verified(path: Path) -> dict[str, Any]:
    """One sidecar; a look or a decision is its own record, so its name must be the hash of what stands there."""
    body = path.read_bytes()
    try:
        record: dict[str, Any] = json.loads(body)
    except ValueError:
        raise _damaged(path, "It is not JSON, so it cannot be read.") from None
    apart = record.get("record") == "payload" or record.get("of") == "payload"
    if not apart and hashlib.sha256(body).hexdigest() != path.stem:
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


def _read_protection(record: dict[str, Any]) -> Protection:
    return Protection(
        lens=Lens(record["lens"]),
        classification=Classification(record["classification"]),
        source_sharing=Sharing(record["source_sharing"]),
        consent_scope=Consent(record["consent_scope"]),
        valid_from=datetime.fromisoformat(record["valid_from"]).date(),
    )


def _read(stem: str, path: Path, record: dict[str, Any]) -> Landed:
    protection = _read_protection(record)
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
                body_sha256=record["sha256"],
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


def _is_sealed(record: dict[str, Any]) -> bool:
    return record.get("record") == SEALED


def _sealing(folder: Path, protection: Protection) -> Vault | None:
    """The keys that seal a record of this protection in this folder; None where it is stored as it is."""
    return find_vault(folder) if protection.lens is Lens.RESTRICTED else None


def _vault(path: Path) -> Vault:
    vault = find_vault(path)
    if vault is None:
        raise KeyLost(
            f"The sealed record {path.name} cannot be read.",
            why="Nothing says where its keys lie: sealed.json is gone.",
            do="Restore sealed.json from a backup; see docs/keys.md.",
        )
    return vault


def _head(
    vault: Vault, protection: Protection, *, of: str, clock: datetime, more: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """What stands in the clear beside a sealed record, and is bound to it; with a new key's slot."""
    slot = vault.add_key()
    head = {
        "schema": SEALED_SCHEMA,
        "record": SEALED,
        "of": of,
        "clock": clock.isoformat(),
        "key": slot,
        **more,
        **_protection(protection),
    }
    return slot, head


def _sealed(
    vault: Vault, protection: Protection, record: dict[str, Any], *, of: str, clock: datetime, more: dict[str, Any]
) -> dict[str, Any]:
    """A look or a decision as it is stored, sealed."""
    slot, head = _head(vault, protection, of=of, clock=clock, more=more)
    return head | {SEALED: _as_text(vault.seal(_canonical(head), {"words": _canonical(record)}, slot)["words"])}


def _open(stem: str, path: Path, record: dict[str, Any], vault: Vault | None) -> Landed:
    """A sealed record, opened; its bytes, if it has any, stay closed until they are asked for."""
    vault = vault or _vault(path)
    head = _canonical({name: value for name, value in record.items() if name not in {SEALED, "sha256"}})
    words = vault.open(head, "words", record["key"], base64.b64decode(record[SEALED]))
    landed = _read(stem, path, json.loads(words))
    match landed:
        case LandedPayload():
            return replace(
                landed, sha256=record["sha256"], slot=record["key"], body_sha256=landed.sha256, head=head, path=path
            )
        case LandedDecision():
            return replace(landed, slot=record["key"])
        case _:
            return landed


def _closed(stem: str, path: Path, record: dict[str, Any], why: Closed) -> Landed:
    """What is left of a record that cannot be opened."""
    if record["of"] == "decision" and why is Closed.ERASED:
        return _erased(stem, record)
    return LandedSealed(
        sha256=stem,
        path=path,
        of=record["of"],
        source_id=record.get("source_id", ""),
        clock=datetime.fromisoformat(record["clock"]),
        why=why,
        protection=_read_protection(record),
    )


def _erased(stem: str, record: dict[str, Any]) -> LandedDecision:
    """A decision whose content was erased: that it was made, on what and when, is in the chain and stays."""
    return replace(_told(stem, record, Closed.ERASED.value), erased=True)


def _told(stem: str, record: dict[str, Any], why: str) -> LandedDecision:
    """What stands in the clear beside a sealed decision; `why` stands for its reason."""
    protection = _read_protection(record)
    decision = Decision(
        act=Act(record["act"]),
        object_id=record["object_id"],
        object_hash="",
        by="",
        role="",
        author="",
        reason=why,
        decided_at=datetime.fromisoformat(record["clock"]),
        lens=protection.lens,
        version=record["version"],
    )
    return LandedDecision(sha256=stem, decision=decision, protection=protection, slot=record["key"])


def _as_text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode("ascii")


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
        write_whole(place / f"{stem}.json", body)
    return stem
