"""The roster: people outside of the repository, each record sealed under its own key, every look written down first.

What is in the file in the clear is no name: a pseudonym that only this roster's own secret makes from a number, dates,
and for statistics gender and regional group. Erasing a person destroys the key, takes the pseudonym off the deployment
log, and leaves the counts.
"""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from alerts.eligibility import Answer
from alerts.person import Facts, Person
from alerts.request import Composition, Kind, Request, Stage, check_composition
from alerts.sheets import NAMES, check_table, to_cells
from alerts.vault import Erased, Vault
from domain.errors import Refused, UsageError

SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, slot INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS people (
    person TEXT PRIMARY KEY, slot INTEGER NOT NULL, sealed BLOB NOT NULL, retain_until TEXT NOT NULL,
    written_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS erased (
    month TEXT NOT NULL, gender TEXT NOT NULL, regional_group TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS requests (
    request TEXT PRIMARY KEY, kind TEXT NOT NULL, stage TEXT NOT NULL, opened_at TEXT NOT NULL, alert TEXT NOT NULL,
    alert_at TEXT, size INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS stages (request TEXT NOT NULL, stage TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log (
    request TEXT NOT NULL, person TEXT NOT NULL, step TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
    gender TEXT NOT NULL, regional_group TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS access (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL, why TEXT NOT NULL, request TEXT NOT NULL,
    people TEXT NOT NULL, chain TEXT NOT NULL
);
"""
PSEUDONYM = "pseudonym"
TWO_YEARS = timedelta(days=730)
SMALL = 3


class Step(StrEnum):
    """What happened with one person and one request; `DEPLOYED` starts a mission and `BACK` ends it."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DEPLOYED = "deployed"
    BACK = "back"


# What a step may follow; nothing at all stands as the empty text.
AFTER: Mapping[Step, frozenset[str]] = {
    Step.ASKED: frozenset({""}),
    Step.ACCEPTED: frozenset({Step.ASKED}),
    Step.DECLINED: frozenset({Step.ASKED, Step.ACCEPTED}),
    Step.DEPLOYED: frozenset({Step.ACCEPTED}),
    Step.BACK: frozenset({Step.DEPLOYED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Who looks, and why. A search needs a request; keeping the roster needs words."""

    by: str
    why: str
    at: datetime
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One look: how many people were read, and the pseudonyms of single ones."""

    number: int
    at: datetime
    by: str
    why: str
    request: str
    people: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the deployment log. `person` is a pseudonym, empty after an erasure."""

    request: str
    person: str
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a request went: hours from the alert, or else from the request, to each step's first time."""

    request: str
    kind: Kind
    stage: Stage
    alert: str
    hours_to_accept: float | None
    hours_to_deploy: float | None
    asked: int
    accepted: int
    declined: int
    deployed: int
    back: int


class Roster:
    """The file, its slots and its key. `places` gives the regional group of each code."""

    def __init__(self, folder: Path, *, key_file: Path, places: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "roster.sqlite"
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._vault = Vault.create(slots=folder / "keys.slots", key_file=key_file)
        self._places = places
        self._db = sqlite3.connect(file, timeout=30, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.executescript(SCHEMA)
        self._secret = self._own_secret()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    # People

    def keep(self, people: Sequence[Person], purpose: Purpose) -> tuple[int, int]:
        """Take people in; one who is there is replaced and the old record's key destroyed. Gives new and replaced."""
        self._note(purpose, f"{len(people)} written")
        names = [self.pseudonym(one.facts.number) for one in people]
        bodies = [(name, _to_bytes(one)) for name, one in zip(names, people, strict=True)]
        slots, sealed = self._vault.seal_all(bodies)
        old = {row["person"]: row["slot"] for row in self._db.execute("SELECT person, slot FROM people")}
        with self._write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?)",
                (
                    (name, slot, body, one.facts.retain_until.isoformat(), purpose.at.isoformat())
                    for name, slot, body, one in zip(names, slots, sealed, people, strict=True)
                ),
            )
        replaced = [old[name] for name in names if name in old]
        for slot in replaced:
            self._vault.destroy(slot)
        return len(people) - len(replaced), len(replaced)

    def export(self, purpose: Purpose) -> tuple[Person, ...]:
        """Everybody, for the roster's own keeping; it needs words that say why."""
        _require_words(purpose)
        return self._read_all(purpose)

    def search(self, request: Request, purpose: Purpose) -> tuple[Facts, ...]:
        """What matching may see, for a whole request alone, and nothing for a good-offices mission."""
        if request.kind is Kind.GOOD_OFFICES:
            raise Refused(
                "The roster is not searched for a good-offices mission.",
                why="Its composition is the President's decision.",
                do="Record the decision with `horizon roster mission`.",
            )
        if purpose.request != request.id or not self._stage(request.id):
            raise Refused(
                "The roster is not searched without a request.",
                why="Purpose limitation: a look at people serves one registered request.",
                do="Register it with `horizon roster request`.",
            )
        return tuple(one.facts for one in self._read_all(purpose))

    def person(self, number: str, purpose: Purpose) -> Person:
        """One person's whole record."""
        _require_words(purpose)
        name = self.pseudonym(number)
        row = self._db.execute("SELECT * FROM people WHERE person = ?", (name,)).fetchone()
        if row is None:
            raise _nobody()
        self._note(purpose, name)
        return self._person(self._vault.open(name, row["slot"], row["sealed"]))

    def overdue(self, today: date) -> int:
        """How many records may not be kept any more."""
        row = self._db.execute("SELECT count(*) AS n FROM people WHERE retain_until < ?", (today.isoformat(),))
        return int(row.fetchone()["n"])

    def erase(self, number: str, purpose: Purpose) -> None:
        """Destroy one person's key and record. What stays are counts."""
        _require_words(purpose)
        self._erase([self.pseudonym(number)], purpose, "asked for")

    def erase_overdue(self, today: date, purpose: Purpose) -> int:
        """The same for every record whose time is over."""
        rows = self._db.execute("SELECT person FROM people WHERE retain_until < ?", (today.isoformat(),)).fetchall()
        if rows:
            self._erase([row["person"] for row in rows], purpose, "retention")
        return len(rows)

    def rotate(self, purpose: Purpose) -> None:
        """A new master key; no record changes."""
        self._note(purpose, "key changed")
        self._vault.rotate()

    def pseudonym(self, number: str) -> str:
        return hmac.new(self._secret, number.casefold().encode(), hashlib.sha256).hexdigest()[:20]

    # Requests and the deployment log

    def open_request(self, request: Request, purpose: Purpose, *, alert_at: datetime | None = None) -> None:
        """Register what an entity asked for; only a whole request can be made at all. Twice is once."""
        with self._write() as db:
            known = db.execute("SELECT 1 FROM requests WHERE request = ?", (request.id,)).fetchone()
            if known:
                return
            db.execute(
                "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?)",
                (request.id, request.kind.value, Stage.RECEIVED.value, purpose.at.isoformat(), request.alert,
                 alert_at.isoformat() if alert_at else None, request.size),
            )  # fmt: skip
            db.execute(
                "INSERT INTO stages VALUES (?, ?, ?, ?)",
                (request.id, Stage.RECEIVED.value, purpose.at.isoformat(), purpose.by),
            )

    def move(self, request: str, stage: Stage, purpose: Purpose) -> None:
        """Bring a request to a later stage; never back."""
        order = list(Stage)
        now = self._stage(request)
        if not now:
            raise _no_request()
        if order.index(stage) < order.index(Stage(now)):
            raise Refused(
                f"The request is at “{now}” already.", why="Stages go forward alone.", do="Open a new request."
            )
        if stage.value == now:
            return
        with self._write() as db:
            db.execute("UPDATE requests SET stage = ? WHERE request = ?", (stage.value, request))
            db.execute(
                "INSERT INTO stages VALUES (?, ?, ?, ?)", (request, stage.value, purpose.at.isoformat(), purpose.by)
            )

    def note(self, request: str, number: str, step: Step, purpose: Purpose) -> None:
        """Write one step of one person; a step that cannot follow the last one is refused."""
        if not self._stage(request):
            raise _no_request()
        facts = self.person(number, purpose).facts
        name = self.pseudonym(number)
        row = self._db.execute(
            "SELECT step FROM log WHERE request = ? AND person = ? ORDER BY at DESC, rowid DESC LIMIT 1",
            (request, name),
        ).fetchone()
        last = row["step"] if row else ""
        if last not in AFTER[step]:
            raise Refused(
                f"“{step.value}” cannot be noted.",
                why=f"The last step of this person is “{last or 'none'}”.",
                do=f"It follows {' or '.join(sorted(one or 'nothing' for one in AFTER[step]))}.",
            )
        with self._write() as db:
            db.execute(
                "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)",
                (request, name, step.value, purpose.at.isoformat(), purpose.by, facts.gender.value,
                 facts.regional_group),
            )  # fmt: skip

    def log(self, request: str = "") -> tuple[Entry, ...]:
        rows = self._db.execute("SELECT * FROM log WHERE ? IN ('', request) ORDER BY at, rowid", (request,))
        return tuple(
            Entry(
                request=row["request"], person=row["person"], step=Step(row["step"]),
                at=datetime.fromisoformat(row["at"]),
            )
            for row in rows
        )  # fmt: skip

    def answers(
        self, request: str, facts: Iterable[Facts], at: datetime, *, wait: timedelta | None = None
    ) -> Mapping[str, Answer]:
        """What people said to a request, by number. Silence counts after `wait`, and without it never."""
        last = {one.person: one for one in self.log(request) if one.person}
        found = {}
        for one in facts if last else ():
            entry = last.get(self.pseudonym(one.number))
            if entry is None:
                continue
            if entry.step in {Step.ACCEPTED, Step.DEPLOYED}:
                found[one.number] = Answer.ACCEPTED
            elif entry.step is Step.DECLINED:
                found[one.number] = Answer.DECLINED
            elif entry.step is Step.ASKED and wait is not None and entry.at + wait <= at:
                found[one.number] = Answer.SILENT
        return found

    def courses(self) -> tuple[Course, ...]:
        """Each request and its hours, newest first."""
        found = []
        for row in self._db.execute("SELECT * FROM requests ORDER BY opened_at DESC, request").fetchall():
            entries = self.log(row["request"])
            begun = datetime.fromisoformat(row["alert_at"] or row["opened_at"])
            counts = Counter(one.step for one in entries)
            found.append(
                Course(
                    request=row["request"],
                    kind=Kind(row["kind"]),
                    stage=Stage(row["stage"]),
                    alert=row["alert"],
                    hours_to_accept=_hours(begun, entries, Step.ACCEPTED),
                    hours_to_deploy=_hours(begun, entries, Step.DEPLOYED),
                    asked=counts[Step.ASKED],
                    accepted=counts[Step.ACCEPTED],
                    declined=counts[Step.DECLINED],
                    deployed=counts[Step.DEPLOYED],
                    back=counts[Step.BACK],
                )
            )
        return tuple(found)

    def missions(self, facts: Iterable[Facts], at: datetime) -> Mapping[str, int]:
        """How often each person went in the last two years: load is shared."""
        rows = self._db.execute(
            "SELECT person, count(*) AS n FROM log WHERE step = ? AND at >= ? AND person <> '' GROUP BY person",
            (Step.DEPLOYED.value, (at - TWO_YEARS).isoformat()),
        )
        went = {row["person"]: int(row["n"]) for row in rows}
        return {one.number: went[name] for one in facts if (name := self.pseudonym(one.number)) in went}

    def record_mission(self, one: Composition, purpose: Purpose) -> None:
        """Keep a good-offices mission as it was decided. It is sealed, and no count or order is made of it."""
        check_composition(one)
        body = {
            "request": one.request,
            "decided_by": one.decided_by,
            "decided_on": one.decided_on.isoformat(),
            "consulted_bureau_on": one.consulted_bureau_on.isoformat(),
            "consent_of_state": one.consent_of_state,
            "consent_on": one.consent_on.isoformat(),
            "members": [[category.value, name] for category, name in one.members],
            "recorded_at": one.recorded_at.isoformat(),
        }
        self._note(purpose, "a mission written")
        name = f"mission/{one.request}/{one.recorded_at.isoformat()}"
        slot, sealed = self._vault.seal(name, json.dumps(body, ensure_ascii=False).encode())
        with self._write() as db:
            db.execute("INSERT INTO secrets VALUES (?, ?, ?)", (name, slot, sealed))

    def missions_of(self, request: str, purpose: Purpose) -> tuple[Mapping[str, object], ...]:
        """What the President decided, oldest first."""
        _require_words(purpose)
        self._note(purpose, "missions read")
        rows = self._db.execute("SELECT * FROM secrets WHERE name LIKE ? ORDER BY name", (f"mission/{request}/%",))
        return tuple(json.loads(self._vault.open(row["name"], row["slot"], row["sealed"])) for row in rows)

    def statistics(self) -> tuple[tuple[str, str, str, str], ...]:
        """Steps by year, gender and group; a count below three is `fewer than 3`. It outlives every erasure."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in self._db.execute("SELECT at, step, gender, regional_group FROM log"):
            year = row["at"][:4]
            counts[year, row["step"], row["gender"]] += 1
            counts[year, row["step"], row["regional_group"]] += 1
        for row in self._db.execute("SELECT month FROM erased"):
            counts[row["month"][:4], "erased", ""] += 1
        return tuple(
            (*key, str(number) if number >= SMALL else f"fewer than {SMALL}") for key, number in sorted(counts.items())
        )

    # The access log

    def accesses(self) -> tuple[Access, ...]:
        """Every look, oldest first; a line that was changed or taken out is an error."""
        found = []
        before = ""
        for expected, row in enumerate(self._db.execute("SELECT * FROM access ORDER BY number").fetchall(), start=1):
            before = self._chain(before, row)
            if row["number"] != expected or row["chain"] != before:
                raise Refused(
                    f"The access log was changed at line {expected}.",
                    why="Each line holds a mark over all before it, and this one does not fit.",
                    do="Tell the protection officer, and restore var/roster from a backup.",
                )
            found.append(
                Access(
                    number=row["number"],
                    at=datetime.fromisoformat(row["at"]),
                    by=row["by"],
                    why=row["why"],
                    request=row["request"],
                    people=row["people"],
                )
            )
        return tuple(found)

    def _note(self, purpose: Purpose, people: str) -> None:
        """Written before anything is read: a look that is not in the log did not happen."""
        if not purpose.by.strip():
            raise Refused("The roster needs a name.", why="Every look is logged.", do="Give your own name with --by.")
        with self._write() as db:
            last = db.execute("SELECT number, chain FROM access ORDER BY number DESC LIMIT 1").fetchone()
            row = {
                "number": last["number"] + 1 if last else 1,
                "at": purpose.at.astimezone(UTC).isoformat(),
                "by": purpose.by.strip(),
                "why": purpose.why,
                "request": purpose.request,
                "people": people,
            }
            chain = self._chain(last["chain"] if last else "", row)
            db.execute("INSERT INTO access VALUES (?, ?, ?, ?, ?, ?, ?)", (*row.values(), chain))

    def _chain(self, before: str, row: Mapping[str, object] | sqlite3.Row) -> str:
        parts = [before, *(str(row[name]) for name in ("number", "at", "by", "why", "request", "people"))]
        return hmac.new(self._secret, json.dumps(parts).encode(), hashlib.sha256).hexdigest()

    def _read_all(self, purpose: Purpose) -> tuple[Person, ...]:
        rows = self._db.execute("SELECT * FROM people ORDER BY person").fetchall()
        self._note(purpose, f"{len(rows)} read")
        bodies = self._vault.open_all([(row["person"], row["slot"], row["sealed"]) for row in rows])
        # A key that is gone while its record stands: a kill came into an erasure, and it counts as done.
        found = self._people(body for body in bodies if body is not None)
        return tuple(sorted(found, key=lambda one: one.facts.number))

    def _people(self, bodies: Iterable[bytes]) -> tuple[Person, ...]:
        checked = check_table([list(NAMES), *(json.loads(body) for body in bodies)], places=self._places)
        if checked.faults and checked.faults[0].what != "there is nobody in the table":
            raise UsageError(
                "A record of the roster cannot be read.",
                why=f"Its {checked.faults[0].column} does not fit the reference tables of this version.",
                do="Export the roster with the version that wrote it, correct it, and import it again.",
            )
        return checked.people

    def _person(self, body: bytes) -> Person:
        return self._people([body])[0]

    def _erase(self, names: Sequence[str], purpose: Purpose, reason: str) -> None:
        rows = [self._db.execute("SELECT * FROM people WHERE person = ?", (name,)).fetchone() for name in names]
        if any(row is None for row in rows):
            raise _nobody()
        self._note(purpose, f"{len(rows)} erased")
        facts: list[Facts | None] = []
        for row in rows:
            try:
                facts.append(self._person(self._vault.open(row["person"], row["slot"], row["sealed"])).facts)
            except Erased:
                facts.append(None)  # a kill came between key and record: the record goes now
        for row, one in zip(rows, facts, strict=True):
            self._vault.destroy(row["slot"])
            with self._write() as db:
                db.execute("DELETE FROM people WHERE person = ?", (row["person"],))
                db.execute("UPDATE log SET person = '' WHERE person = ?", (row["person"],))
                if one is not None:
                    db.execute(
                        "INSERT INTO erased VALUES (?, ?, ?, ?)",
                        (f"{purpose.at:%Y-%m}", one.gender.value, one.regional_group, reason),
                    )

    def _stage(self, request: str) -> str:
        row = self._db.execute("SELECT stage FROM requests WHERE request = ?", (request,)).fetchone()
        return str(row["stage"]) if row else ""

    def _own_secret(self) -> bytes:
        row = self._db.execute("SELECT * FROM secrets WHERE name = ?", (PSEUDONYM,)).fetchone()
        if row is not None:
            return self._vault.open(PSEUDONYM, row["slot"], row["sealed"])
        secret = secrets.token_bytes(32)
        slot, sealed = self._vault.seal(PSEUDONYM, secret)
        with self._write() as db:
            db.execute("INSERT INTO secrets VALUES (?, ?, ?)", (PSEUDONYM, slot, sealed))
        return secret

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _hours(begun: datetime, entries: Iterable[Entry], step: Step) -> float | None:
    first = min((one.at for one in entries if one.step is step), default=None)
    return None if first is None else (first - begun).total_seconds() / 3600


def _to_bytes(person: Person) -> bytes:
    return json.dumps(to_cells(person), ensure_ascii=False).encode()


def _require_words(purpose: Purpose) -> None:
    if not purpose.why.strip():
        raise Refused(
            "Reading the roster needs a reason.", why="Every look is logged with its purpose.", do="Give --why."
        )


def _nobody() -> UsageError:
    return UsageError(
        "There is nobody with that number.", why="It was never imported, or it was erased.", do="Check the number."
    )


def _no_request() -> UsageError:
    return UsageError(
        "There is no such request.", why="It was never registered.", do="Register it with `horizon roster request`."
    )
