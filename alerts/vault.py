"""Envelope encryption: each record under a key of its own, and those keys under one key file outside of the repository.

The records' keys lie in slots of a fixed size in one file, and are destroyed by overwriting their slot in place: what
they opened can then be read by nobody, wherever copies of it are. A new master key re-wraps the slots and changes no
record. AES-256-GCM throughout; the slot's number and the record's name are bound to what they protect.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Unavailable
from warehouse.durable import write_whole

KEY = 32
NONCE = 12
TAG = 16
SLOT = NONCE + KEY + TAG
MARK = 8  # bytes at the head of the slots that say which master key wraps them


class Erased(LookupError):
    """The record's key was destroyed."""


class Vault:
    """Seals and opens records. `slots` and `key_file` are made by `create`; a lost key is an error, never a new key."""

    def __init__(self, *, slots: Path, key_file: Path) -> None:
        self._slots = slots
        self._key_file = key_file
        self._held = self._read_master()
        self._master = AESGCM(self._held)

    @classmethod
    def create(cls, *, slots: Path, key_file: Path) -> "Vault":
        """The vault, made when neither of its files is there."""
        if not slots.exists():
            key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            slots.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not key_file.exists():
                write_whole(key_file, secrets.token_bytes(KEY), mode=0o600)
            write_whole(slots, _mark(key_file.read_bytes()[:KEY]), mode=0o600)
        return cls(slots=slots, key_file=key_file)

    def seal(self, name: str, body: bytes) -> tuple[int, bytes]:
        """A new slot and the sealed record; the slot is on the disk before this returns."""
        (slot,), (sealed,) = self.seal_all([(name, body)])
        return slot, sealed

    def seal_all(self, records: list[tuple[str, bytes]]) -> tuple[list[int], list[bytes]]:
        """The same for many at once, with one wait for the disk."""
        slots, sealed, wrapped = [], [], []
        with self._alone(), self._slots.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            # A slot that a kill left half written is passed over.
            first = -(-(file.tell() - MARK) // SLOT)
            for at, (name, body) in enumerate(records, start=first):
                key = AESGCM.generate_key(256)
                wrapped.append(self._wrap(at, key))
                nonce = secrets.token_bytes(NONCE)
                sealed.append(nonce + AESGCM(key).encrypt(nonce, body, name.encode()))
                slots.append(at)
            file.seek(MARK + first * SLOT)
            file.write(b"".join(wrapped))
            file.flush()
            os.fsync(file.fileno())
        return slots, sealed

    def open(self, name: str, slot: int, sealed: bytes) -> bytes:
        """The record; Erased where its key is gone, Unavailable where it was changed."""
        with self._slots.open("rb") as file:
            file.seek(MARK + slot * SLOT)
            return self._open(name, slot, file.read(SLOT), sealed)

    def open_all(self, records: list[tuple[str, int, bytes]]) -> list[bytes | None]:
        """Many at once; None where the key is gone."""
        held = self._slots.read_bytes()[MARK:]
        slots = [held[at * SLOT : (at + 1) * SLOT] for _, at, _ in records]
        return [
            None if wrapped == bytes(SLOT) else self._open(name, at, wrapped, sealed)
            for wrapped, (name, at, sealed) in zip(slots, records, strict=True)
        ]

    def destroy(self, slot: int) -> None:
        """Overwrite one key where it stands. Doing it twice is doing it once."""
        with self._alone(), self._slots.open("r+b") as file:
            file.seek(MARK + slot * SLOT)
            file.write(bytes(SLOT))
            file.flush()
            os.fsync(file.fileno())

    def rotate(self) -> None:
        """A new master key. Killed at any moment, the key file holds the key that the slots are under."""
        with self._alone():
            new = secrets.token_bytes(KEY)
            write_whole(self._key_file, new + self._held, mode=0o600)
            held = self._slots.read_bytes()[MARK:]
            old, self._master = self._master, AESGCM(new)
            slots = []
            for at in range(len(held) // SLOT):
                one = held[at * SLOT : (at + 1) * SLOT]
                slots.append(one if one == bytes(SLOT) else self._wrap(at, _unwrap(old, at, one)))
            write_whole(self._slots, _mark(new) + b"".join(slots), mode=0o600)
            write_whole(self._key_file, new, mode=0o600)
            self._held = new

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, under the key of this moment: another process may have changed it."""
        lock = os.open(self._slots.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._held = self._read_master()
            self._master = AESGCM(self._held)
            yield
        finally:
            os.close(lock)

    def _wrap(self, slot: int, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._master.encrypt(nonce, key, str(slot).encode())

    def _open(self, name: str, slot: int, wrapped: bytes, sealed: bytes) -> bytes:
        if wrapped == bytes(SLOT):
            raise Erased
        try:
            key = AESGCM(_unwrap(self._master, slot, wrapped))
            return key.decrypt(sealed[:NONCE], sealed[NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise Unavailable(
                "A record of the roster was changed.",
                why="It does not open with its own key.",
                do="Restore var/roster from a backup.",
            ) from None

    def _read_master(self) -> bytes:
        """The one of the file's keys that the slots are under; there are two while it is being changed."""
        try:
            held = self._key_file.read_bytes()
        except FileNotFoundError:
            raise _lost(self._key_file, "The file is gone.") from None
        if not held or len(held) % KEY:
            raise _lost(self._key_file, "It is not whole.")
        with self._slots.open("rb") as file:
            mark = file.read(MARK)
        for at in range(0, len(held), KEY):
            if _mark(held[at : at + KEY]) == mark:
                return held[at : at + KEY]
        raise _lost(self._key_file, "It is not the key that this roster was written with.")


def _unwrap(master: AESGCM, slot: int, wrapped: bytes) -> bytes:
    return master.decrypt(wrapped[:NONCE], wrapped[NONCE:], str(slot).encode())


def _mark(master: bytes) -> bytes:
    return hashlib.sha256(b"horizon roster key" + master).digest()[:MARK]


def _lost(path: Path, why: str) -> Unavailable:
    return Unavailable(
        f"The roster's key {path.name} cannot be used.",
        why=f"{why} Without it nobody can read the roster, and no other key can be made for what is there.",
        do="Restore var/keys from the sealed copy. If there is none, move var/roster away and import the roster again.",
    )
