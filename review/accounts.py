"""Accounts, sign-ins and forms that were sent: one SQLite file beside the decisions and the log of access.

No account comes with the software, and none has a password that somebody else chose. What is kept of a session is the
hash of its token.
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from domain.classification import Classification
from domain.errors import Refused, UsageError
from review.access import Access, AccessLog
from review.rights import Person, Role

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
TRIES = 5
TRIES_OF_AN_ADDRESS = 20
SHORTEST_PASSWORD = 12
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    account TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL, regions TEXT NOT NULL,
    nationality TEXT NOT NULL, password TEXT NOT NULL, open INTEGER NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, csrf TEXT NOT NULL, begun_at REAL NOT NULL, seen_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS sent (form TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS failures (key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS failures_by_key ON failures (key, at);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the administrator's page."""

    person: Person
    open: bool
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in. `csrf` stands in every form of it."""

    person: Person
    csrf: str


class Accounts:
    """The file `desk.sqlite`; safe for many threads."""

    def __init__(self, path: Path, *, hasher: PasswordHasher | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._hasher = hasher or PasswordHasher()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        path.chmod(0o600)
        self._lock = threading.RLock()
        self.log = AccessLog(path.with_name("access"))
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.executescript(_SCHEMA)
        # Verified against for unknown names, so that time does not tell which names there are.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def close(self) -> None:
        self.log.close()
        self._file.close()

    def add(self, person: Person, *, password: str, at: datetime) -> None:
        """Open an account. An empty password means that only an office's own sign-in lets this person in."""
        if not _NAME.fullmatch(person.account):
            raise UsageError(
                f"'{person.account}' cannot be a sign-in name.",
                why="It has 2 to 64 small letters, digits, points, hyphens, underlines or @.",
                do="Choose another one.",
            )
        if not person.name.strip():
            raise UsageError("The name is empty.", why="Every decision carries a name.", do="Give the person's name.")
        if password:
            check_password(password, person)
        row = (
            person.account,
            person.name.strip(),
            person.role.value,
            " ".join(sorted(person.regions)),
            person.nationality,
            self._hasher.hash(password) if password else "",
            1,
            at.isoformat(),
        )
        try:
            with self._writing():
                self._file.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise UsageError(
                f"There is an account '{person.account}' or a person '{person.name}' already.",
                why="Two people of one name could not be told apart in a decision.",
                do="Choose another sign-in name, and write the person's name so that it is unlike the others.",
            ) from None

    def set_open(self, account: str, *, open_: bool) -> None:
        """Close or open an account; closing ends its sign-ins at once."""
        with self._writing():
            done = self._file.execute("UPDATE accounts SET open = ? WHERE account = ?", (int(open_), account))
            if done.rowcount == 0:
                raise UsageError(f"There is no account '{account}'.", why="Nobody added it.", do="See the list.")
            if not open_:
                self._file.execute("DELETE FROM sessions WHERE account = ?", (account,))

    def all(self) -> tuple[Account, ...]:
        rows = self._read("SELECT account, name, role, regions, nationality, open, created_at FROM accounts ORDER BY 1")
        return tuple(Account(person=_person(row), open=bool(row[5]), created_at=str(row[6])) for row in rows)

    def find(self, account: str) -> Person | None:
        """An open account, for the sign-in of an office."""
        rows = self._read(
            "SELECT account, name, role, regions, nationality FROM accounts WHERE account = ? AND open = 1", (account,)
        )
        return _person(rows[0]) if rows else None

    def sign_in(self, account: str, password: str, *, address: str, at: datetime) -> tuple[str, Session]:
        """A new token and its session; Refused for a wrong pair, and after too many tries for a while for any pair."""
        account = account.strip().casefold()
        self._check_tries(account, address, at)
        rows = self._read(
            "SELECT account, name, role, regions, nationality, password, open FROM accounts WHERE account = ?",
            (account,),
        )
        stored = str(rows[0][5]) if rows and rows[0][6] else ""
        right = self._verify(stored or self._nobody, password) and bool(stored)
        if not right:
            with self._writing():
                keys = ((f"account {account}", at.timestamp()), (f"address {address}", at.timestamp()))
                self._file.executemany("INSERT INTO failures VALUES (?, ?)", keys)
            self.note(None, "sign-in failed", [(account[:64], Classification.UNCLASSIFIED)], at=at)
            raise Refused(
                "This name and password do not belong together.",
                why="One of the two is wrong, or the account is closed.",
                do="Try again. After five wrong tries an account waits a quarter of an hour.",
            )
        with self._writing():
            self._file.execute("DELETE FROM failures WHERE key = ?", (f"account {account}",))
        return self.begin(_person(rows[0]), at=at)

    def begin(self, person: Person, *, at: datetime) -> tuple[str, Session]:
        """A session for somebody who has shown who they are."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        now = at.timestamp()
        with self._writing():
            old = (now - LONGEST.total_seconds(),)
            self._file.execute("DELETE FROM sessions WHERE begun_at < ?", old)
            self._file.execute("DELETE FROM sent WHERE at < ?", old)
            self._file.execute("DELETE FROM failures WHERE at < ?", old)
            row = (_hash(token), person.account, csrf, now, now)
            self._file.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        self.note(person, "signed in", [("", Classification.UNCLASSIFIED)], at=at)
        return token, Session(person=person, csrf=csrf)

    def session(self, token: str, *, at: datetime) -> Session | None:
        """The sign-in of this token, if it has neither ended nor waited too long."""
        if not token:
            return None
        key = _hash(token)
        rows = self._read(
            "SELECT a.account, a.name, a.role, a.regions, a.nationality, s.csrf, s.begun_at, s.seen_at "
            "FROM sessions AS s JOIN accounts AS a USING (account) WHERE s.token = ? AND a.open = 1",
            (key,),
        )
        if not rows:
            return None
        row = rows[0]
        now, begun, seen = at.timestamp(), float(str(row[6])), float(str(row[7]))
        if now - seen > IDLE.total_seconds() or now - begun > LONGEST.total_seconds():
            self.end(token)
            return None
        if now - seen > 60:
            with self._writing():
                self._file.execute("UPDATE sessions SET seen_at = ? WHERE token = ?", (now, key))
        return Session(person=_person(row), csrf=str(row[5]))

    def end(self, token: str) -> None:
        with self._writing():
            self._file.execute("DELETE FROM sessions WHERE token = ?", (_hash(token),))

    def check_form(self, session: Session, *, csrf: str, form: str, at: datetime) -> None:
        """Refused for a form that this sign-in did not make, and for one that was sent before."""
        if not hmac.compare_digest(csrf.encode(), session.csrf.encode()) or not form:
            raise Refused(
                "This form does not come from your own page.",
                why="It lacks the sign that the desk puts into each form of your sign-in.",
                do="Open the page at the desk itself and send the form from there.",
            )
        try:
            with self._writing():
                self._file.execute("INSERT INTO sent VALUES (?, ?)", (_hash(form), at.timestamp()))
        except sqlite3.IntegrityError:
            raise Refused(
                "This form was sent already.",
                why="A form counts once; what it said the first time is saved.",
                do="Open the page again and look; nothing was done twice.",
            ) from None

    def note(
        self, person: Person | None, what: str, rows: Sequence[tuple[str, Classification]], *, at: datetime
    ) -> None:
        """Write into the log who did what with which rows."""
        self.log.note(person, what, rows, at=at)

    def accesses(self, of: str = "", *, limit: int = 500) -> tuple[Access, ...]:
        """The log, newest first; `of` is an object or an account. Rows from before it was a chain come last."""
        found = self.log.newest(of, limit=limit)
        if not self._read("SELECT 1 FROM sqlite_master WHERE name = 'access'"):
            return found
        names = ("at", "account", "name", "role", "what", "object_id", "classification")
        rows = self._read(
            f"SELECT {', '.join(names)} FROM access "  # noqa: S608  (names of columns, all ours)
            "WHERE ? IN ('', object_id, account) ORDER BY rowid DESC LIMIT ?",
            (of, limit - len(found)),
        )
        old = (Access(**{name: str(value) for name, value in zip(names, row, strict=True)}) for row in rows)
        return (*found, *old)

    def _check_tries(self, account: str, address: str, at: datetime) -> None:
        since = (at - WINDOW).timestamp()
        for key, most in ((f"account {account}", TRIES), (f"address {address}", TRIES_OF_AN_ADDRESS)):
            ((tries,),) = self._read("SELECT count(*) FROM failures WHERE key = ? AND at > ?", (key, since))
            if int(str(tries)) >= most:
                raise Refused(
                    "Too many tries.",
                    why="After wrong passwords in a row, sign-in waits a quarter of an hour.",
                    do="Wait, then try again; if it was not you who tried, tell the administrator.",
                )

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _read(self, sql: str, values: Iterable[object] = ()) -> list[tuple[object, ...]]:
        with self._lock:
            return self._file.execute(sql, tuple(values)).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")


def check_password(password: str, person: Person) -> None:
    """Long, and not made of the person's own name: length is what counts."""
    plain = password.casefold()
    if len(password) < SHORTEST_PASSWORD or plain in {person.account, person.name.casefold()} or len(set(plain)) < 5:
        raise UsageError(
            "This password is too easy to guess.",
            why=f"It must have {SHORTEST_PASSWORD} signs or more, not all alike, and not be the person's name.",
            do="Take four or more words that do not belong together.",
        )


def make_form() -> str:
    """The sign of one form, good for sending it once."""
    return secrets.token_urlsafe(18)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _person(row: Sequence[object]) -> Person:
    return Person(
        account=str(row[0]),
        name=str(row[1]),
        role=Role(str(row[2])),
        regions=frozenset(str(row[3]).split()),
        nationality=str(row[4]),
    )
