"""Sealed records: each under a data key of its own, and those keys under one master key outside of the data.

`sealed.json` in the var folder says that keys were made and where they lie; without that file nothing was ever sealed.
The keys' folder holds `master` (the key that opens the others), `slots` (data keys, wrapped, of a fixed size) and `log`
(who did what to the keys). A data key is destroyed by overwriting its slot: what it sealed can be read by nobody, in
whatever copy. A new master key wraps the slots anew and changes no sealed byte. AES-256-GCM throughout; a slot's number
and a record's head are bound to what they protect.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import HorizonError, Refused, Unavailable, UsageError
from warehouse.durable import write_whole

MARKER = "sealed.json"
SCHEMA = 1
KEY = 32
NONCE = 12
SLOT = NONCE + KEY + 16
MARK = 8  # bytes at the head of the slots that name the master key which wraps them
DEPTH = 10  # folders above a record in which its marker is looked for
INDEX = 0  # the slot of the key under which sealed bytes are known again
GONE = bytes(SLOT)


class KeyLost(Unavailable):
    """Something sealed is needed, and the key for it is not there."""


class KeyErased(HorizonError):
    """The record's own key was destroyed, on purpose: its content is gone for good."""

    exit_code = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the keys' folder holds: data keys in use, and those that were destroyed."""

    keys: Path
    in_use: int
    erased: int
    rotated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log: who did what to the keys, when, and in what words."""

    at: str
    by: str
    act: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    """What the marker says: the keys' folder, and the slots of the keys that warehouse files are under."""

    keys: str
    warehouse: tuple[int, ...] = ()


class Vault:
    """The keys of one var folder. Nothing is read before it is needed, so that a lost key stops only what needs it."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker
        self.keys = (marker.parent / _read_marker(marker).keys).resolve()
        self._masters: list[bytes] = []

    @property
    def var(self) -> Path:
        return self._marker.parent

    def seal(self, head: bytes, parts: Mapping[str, bytes], slot: int) -> dict[str, bytes]:
        """The parts of one record, each bound to its name and to the record's head, under the key in `slot`."""
        cipher = AESGCM(self.key(slot))
        sealed = {}
        for name, body in parts.items():
            nonce = secrets.token_bytes(NONCE)
            sealed[name] = nonce + cipher.encrypt(nonce, body, _bound(name, head))
        return sealed

    def open(self, head: bytes, name: str, slot: int, sealed: bytes) -> bytes:
        """One part; KeyErased where its key was destroyed, KeyLost where no key is there, Refused where it changed."""
        key = self.key(slot)
        try:
            return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(name, head))
        except (InvalidTag, ValueError):
            raise Refused(
                "A sealed record does not open with its own key.",
                why="A byte of it, or of the words that stand beside it, was changed.",
                do="Restore the record from a backup; see docs/backup-and-restore.md.",
            ) from None

    def add_key(self) -> int:
        """A new data key; its slot is on the disk before this returns."""
        with self._locked():
            with self._open_slots(write=True) as file:
                file.seek(0, os.SEEK_END)
                # A slot that a kill left half written is passed over.
                at = -(-(file.tell() - MARK) // SLOT)
                file.seek(MARK + at * SLOT)
                file.write(_wrap(self._master_of_slots(), at, secrets.token_bytes(KEY)))
                file.flush()
                os.fsync(file.fileno())
            return at

    def key(self, slot: int) -> bytes:
        """A data key."""
        for fresh in (False, True):  # another process may have changed the master key since it was read
            if fresh:
                self._masters = []
            masters = self._read_masters()
            with self._open_slots() as file:
                file.seek(MARK + slot * SLOT)
                wrapped = file.read(SLOT)
            if wrapped == GONE:
                raise KeyErased(
                    "This record was erased.", why="Its key was destroyed on purpose.", do="Nothing: it is gone."
                )
            for master in masters:
                with contextlib.suppress(InvalidTag, ValueError):
                    return _unwrap(master, slot, wrapped)
        raise _lost(self.keys, "The key of this record is not among the keys, or another master key is there.")

    def known_again(self, body: bytes) -> str:
        """The same name for the same bytes, which tells nobody without the keys what the bytes are."""
        return hmac.new(self.key(INDEX), body, hashlib.sha256).hexdigest()

    def erase(self, slot: int) -> None:
        """Destroy one data key where it stands. Doing it twice is doing it once."""
        with self._locked(), self._open_slots(write=True) as file:
            file.seek(MARK + slot * SLOT)
            file.write(GONE)
            file.flush()
            os.fsync(file.fileno())

    def rotate(self) -> None:
        """A new master key. Killed at any moment, `master` holds the key that the slots are under."""
        with self._locked():
            new, old = secrets.token_bytes(KEY), self._master_of_slots()
            write_whole(self.keys / "master", new + old, mode=0o600)
            with self._open_slots() as file:
                held = file.read()[MARK:]
            slots = []
            for at in range(len(held) // SLOT):
                one = held[at * SLOT : (at + 1) * SLOT]
                slots.append(one if one == GONE else _wrap(new, at, _unwrap(old, at, one)))
            write_whole(self.keys / "slots", _mark(new) + b"".join(slots), mode=0o600)
            write_whole(self.keys / "master", new, mode=0o600)
            self._masters = [new]

    def check(self) -> Kept:
        """Read the keys, or say in words what is missing."""
        self._masters = []
        self._master_of_slots()
        with self._open_slots() as file:
            held = file.read()[MARK:]
        slots = [held[at * SLOT : (at + 1) * SLOT] for at in range(len(held) // SLOT)]
        erased = sum(one == GONE for one in slots)
        return Kept(
            keys=self.keys,
            in_use=len(slots) - erased,
            erased=erased,
            rotated=any(one.act == "rotate" for one in self.read_log()),
        )

    def note(self, *, act: str, by: str, words: str, at: datetime) -> None:
        """Write into the log what was done to the keys, and by whom."""
        line = json.dumps({"at": at.isoformat(), "by": by, "act": act, "words": words}, ensure_ascii=False)
        with self._locked():
            file = os.open(self.keys / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            try:
                os.write(file, line.encode() + b"\n")
                os.fsync(file)
            finally:
                os.close(file)

    def read_log(self) -> tuple[Entry, ...]:
        """What was done to the keys, oldest first."""
        path = self.keys / "log"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        return tuple(Entry(**json.loads(line)) for line in lines)

    def warehouse_slots(self) -> tuple[int, ...]:
        """The slots of the keys that a warehouse file may be under, the newest first."""
        return _read_marker(self._marker).warehouse

    def add_warehouse_key(self) -> int:
        """A key for the next warehouse file that is made."""
        slot = self.add_key()
        told = _read_marker(self._marker)
        _write_marker(self._marker, replace(told, warehouse=(slot, *told.warehouse)))
        return slot

    def drop_old_warehouse_keys(self) -> None:
        """Destroy all but the newest: copies of older files can then be read by nobody."""
        newest, *older = self.warehouse_slots()
        for slot in older:
            self.erase(slot)
        _write_marker(self._marker, replace(_read_marker(self._marker), warehouse=(newest,)))

    def _master_of_slots(self) -> bytes:
        with self._open_slots() as file:
            mark = file.read(MARK)
        found = [one for one in self._read_masters() if _mark(one) == mark]
        if not found:
            raise _lost(self.keys, "The master key is not the one under which the data keys are.")
        return found[0]

    def _read_masters(self) -> list[bytes]:
        if not self._masters:
            try:
                held = (self.keys / "master").read_bytes()
            except OSError as error:
                raise _lost(self.keys, f"The master key cannot be read ({error.strerror}).") from None
            if not held or len(held) % KEY:
                raise _lost(self.keys, "The master key is not whole.")
            self._masters = [held[at : at + KEY] for at in range(0, len(held), KEY)]
        return self._masters

    def _open_slots(self, *, write: bool = False) -> BinaryIO:
        try:
            return (self.keys / "slots").open("r+b" if write else "rb")
        except OSError as error:
            raise _lost(self.keys, f"The data keys cannot be read ({error.strerror}).") from None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One change of the keys at a time, over threads and processes."""
        try:
            file = os.open(self.keys / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _lost(self.keys, f"The keys' folder cannot be used ({error.strerror}).") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def make_vault(var: Path, keys: Path) -> Vault:
    """Make keys for a var folder that has none; what lands from then on in the restricted lens is sealed."""
    marker = var / MARKER
    if marker.exists():
        raise UsageError("There are keys already.", why=f"{MARKER} names them.", do="See `horizon keys status`.")
    if (keys / "master").exists() or (keys / "slots").exists():
        raise Refused(
            "The keys' folder is not empty.",
            why="Keys that are there may be the only ones that open something.",
            do="Give another folder with KEYS, or move what is there away.",
        )
    var.mkdir(parents=True, exist_ok=True)
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.chmod(0o700)
    master = secrets.token_bytes(KEY)
    write_whole(keys / "master", master, mode=0o600)
    slots = _mark(master) + _wrap(master, INDEX, secrets.token_bytes(KEY))
    write_whole(keys / "slots", slots, mode=0o600)
    inside = keys.resolve().is_relative_to(var.resolve())
    told = str(keys.resolve().relative_to(var.resolve())) if inside else str(keys.resolve())
    _write_marker(marker, _Marked(keys=told))
    vault = Vault(marker)
    vault.add_warehouse_key()
    return vault


def move_vault(var: Path, keys: Path) -> Vault:
    """The keys of this var folder lie elsewhere now."""
    marker = var / MARKER
    _write_marker(marker, replace(_read_marker(marker), keys=str(keys.resolve())))
    return Vault(marker)


def find_vault(place: Path) -> Vault | None:
    """The keys under which a file or folder of a var folder is kept; None where no key was ever made."""
    for folder in (place, *place.parents[:DEPTH]):
        marker = folder / MARKER
        if marker.is_file():
            return Vault(marker)
    return None


def _read_marker(marker: Path) -> _Marked:
    try:
        told = json.loads(marker.read_bytes())
        if told["schema"] != SCHEMA:
            raise ValueError(told["schema"])
        return _Marked(keys=str(told["keys"]), warehouse=tuple(int(slot) for slot in told["warehouse"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyLost(
            f"{MARKER} cannot be read.",
            why="It says where the keys lie, and it is gone or was changed.",
            do="Restore it from a backup; see docs/keys.md.",
        ) from None


def _write_marker(marker: Path, told: _Marked) -> None:
    said = {"schema": SCHEMA, "keys": told.keys, "warehouse": told.warehouse}
    write_whole(marker, json.dumps(said, sort_keys=True).encode() + b"\n", mode=0o644)


def _bound(name: str, head: bytes) -> bytes:
    return name.encode() + b"\0" + head


def _wrap(master: bytes, slot: int, key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, str(slot).encode())


def _unwrap(master: bytes, slot: int, wrapped: bytes) -> bytes:
    return AESGCM(master).decrypt(wrapped[:NONCE], wrapped[NONCE:], str(slot).encode())


def _mark(master: bytes) -> bytes:
    return hashlib.sha256(b"horizon master key" + master).digest()[:MARK]


def _lost(keys: Path, why: str) -> KeyLost:
    return KeyLost(
        "The keys of the confidential records cannot be used.",
        why=f"{why} Without them nobody can read what was sealed, and no other key can be made for it.",
        do=f"Restore {keys.name}/master and {keys.name}/slots from the sealed copies; see docs/keys.md. "
        "The public lens does without: LENS=public.",
    )
