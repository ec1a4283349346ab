"""The outbox: every message to every person, from the decision to the answer, in one file that a kill cannot break.

A message is written before the decision lands, and leaves only while that decision holds: the decision is the commit.
Before the step of a delivery that cannot be taken back, the try is written; after it, the answer. A try that has no
answer, because the process was killed or the line broke, is *unknown* and is shown as such for ever.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from alerts.budget import Used
from alerts.notice import Notice, Released, from_json, to_json
from alerts.recipients import Channel
from alerts.rules import Chain
from domain.errors import Unavailable
from domain.window import Week

SCHEMA = """
CREATE TABLE IF NOT EXISTS notices (
    object_id TEXT PRIMARY KEY, alert_id TEXT NOT NULL, number INTEGER NOT NULL, situation_id TEXT NOT NULL,
    technical INTEGER NOT NULL, object_hash TEXT NOT NULL, body TEXT NOT NULL, released_at TEXT, roles TEXT
);
CREATE TABLE IF NOT EXISTS messages (
    key TEXT PRIMARY KEY, object_id TEXT NOT NULL, alert_id TEXT NOT NULL, recipient TEXT NOT NULL,
    channel TEXT NOT NULL, endpoint TEXT NOT NULL, urgent INTEGER NOT NULL, step INTEGER NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, unknowns INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL, queued_at TEXT NOT NULL, told TEXT NOT NULL DEFAULT '', payload TEXT NOT NULL,
    digest TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS due ON messages (state, urgent DESC, due_at, key);
CREATE INDEX IF NOT EXISTS of_notice ON messages (object_id);
CREATE INDEX IF NOT EXISTS of_recipient ON messages (recipient, queued_at);
CREATE TABLE IF NOT EXISTS attempts (
    key TEXT NOT NULL, number INTEGER NOT NULL, begun_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, told TEXT,
    PRIMARY KEY (key, number)
);
CREATE TABLE IF NOT EXISTS acknowledgements (
    key TEXT NOT NULL, at TEXT NOT NULL, how TEXT NOT NULL, PRIMARY KEY (key, how)
);
"""
DIGEST = "digest/"
URGENT_DIGEST = f"{DIGEST}now/"  # it takes an urgent notice's place of the week's budget


class State(StrEnum):
    """Where a message stands. The last five are final."""

    WAITING = "waits for a digest"
    QUEUED = "queued"
    SENDING = "being sent"
    ACCEPTED = "accepted"
    COMBINED = "in a digest"
    UNKNOWN = "unknown: it may have arrived"
    DEAD = "dead letter"
    STOPPED = "stopped: its approval was taken back"


class Result(StrEnum):
    """What came of one try. `LATER` and `REFUSED` are sure not to have arrived."""

    ACCEPTED = "accepted"
    LATER = "try again"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient in one channel. `key` is carried by the channel; `step` counts escalations.

    `payload` is what the channel sends, fixed when it was queued: each try sends the same.
    """

    key: str
    object_id: str
    alert_id: str
    recipient: str
    channel: Channel
    endpoint: str
    urgent: bool
    due_at: datetime
    queued_at: datetime
    payload: str
    step: int = 0
    state: State = State.QUEUED
    attempts: int = 0
    unknowns: int = 0
    told: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One line of `horizon alerts`: a message, and when it was acknowledged."""

    message: Message
    acknowledged_at: datetime | None


class Outbox:
    """The file. Times are stored in UTC with one spelling, so that they sort as texts do."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path = path
        self._guard = threading.RLock()
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
            self._db.execute("CREATE TEMP TABLE live (object_id TEXT PRIMARY KEY)")
        except sqlite3.DatabaseError as error:
            raise Unavailable(
                "The outbox cannot be read.",
                why=f"{path.name} is locked or damaged ({error}).",
                do="Wait for the other process; if it stays, restore the file from a backup.",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # What was drafted and told

    def draft(self, notices: Iterable[Notice]) -> None:
        """Keep the drafts of a run; an older draft of the same situation that nobody released gives way."""
        with self._write() as db:
            for one in notices:
                db.execute(
                    f"DELETE FROM notices AS n WHERE situation_id = ? AND object_id <> ? AND {_DRAFT}",  # noqa: S608
                    (one.situation_id, one.object_id),
                )
                db.execute(
                    "INSERT INTO notices (object_id, alert_id, number, situation_id, technical, object_hash, body) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (object_id) DO UPDATE SET object_hash = "
                    "excluded.object_hash, body = excluded.body WHERE released_at IS NULL",
                    (one.object_id, one.alert_id, one.number, one.situation_id, one.technical, one.object_hash,
                     to_json(one)),
                )  # fmt: skip

    def drafts(self) -> tuple[Notice, ...]:
        """What waits for an approver, urgent first."""
        rows = self._db.execute(f"SELECT body FROM notices AS n WHERE {_DRAFT} ORDER BY object_id")  # noqa: S608
        found = [from_json(row["body"]) for row in rows]
        return tuple(sorted(found, key=lambda one: not one.urgent))

    def notice(self, object_id: str) -> Notice | None:
        row = self._db.execute("SELECT body FROM notices WHERE object_id = ?", (object_id,)).fetchone()
        return from_json(row["body"]) if row else None

    def released(self) -> tuple[Released, ...]:
        """Every notice that was released and is live, or of which something left before it was stopped."""
        rows = self._db.execute(
            "SELECT body, released_at, roles FROM notices AS n WHERE released_at IS NOT NULL AND (technical OR EXISTS "
            "(SELECT 1 FROM live WHERE live.object_id = n.object_id) OR EXISTS (SELECT 1 FROM messages AS m WHERE "
            "m.object_id = n.object_id AND (m.attempts > 0 OR m.digest <> ''))) ORDER BY alert_id, number"
        )
        return tuple(
            Released(
                notice=from_json(row["body"]),
                sent=_read_time(row["released_at"]),
                roles=tuple(filter(None, (row["roles"] or "").split("\n"))),
            )
            for row in rows
        )

    def chains(self) -> Mapping[str, Chain]:
        """What was told, by situation: the newest alert of each."""
        told: dict[str, dict[str, list[Released]]] = {}
        for one in self.released():
            if not one.notice.technical:
                told.setdefault(one.notice.situation_id, {}).setdefault(one.notice.alert_id, []).append(one)
        found = {}
        for situation, alerts in told.items():
            newest = max(alerts.values(), key=lambda chain: chain[0].sent)
            found[situation] = Chain(told=tuple(newest))
        return found

    def asked(self) -> Iterator[tuple[str, str]]:
        """Object and hash of every notice that was queued: whose decisions the caller must look up."""
        rows = self._db.execute("SELECT object_id, object_hash FROM notices WHERE released_at IS NOT NULL").fetchall()
        yield from ((row["object_id"], row["object_hash"]) for row in rows)

    def admit(self, object_ids: Iterable[str]) -> None:
        """Say which notices stand approved now; of the others nothing leaves. Technical ones need nobody."""
        with self._guard:
            self._db.execute("DELETE FROM live")
            self._db.executemany("INSERT OR IGNORE INTO live VALUES (?)", ((one,) for one in object_ids))

    def release(self, released: Released, messages: Iterable[Message]) -> None:
        """Write a notice's messages in one step, before its decision lands. Doing it again changes nothing that left.

        Rows of a release whose decision never landed are replaced.
        """
        notice = released.notice
        with self._write() as db:
            begun = db.execute(
                "SELECT 1 FROM messages WHERE object_id = ? AND (attempts > 0 OR digest <> '')", (notice.object_id,)
            ).fetchone()
            if begun:
                return
            db.execute("DELETE FROM messages WHERE object_id = ?", (notice.object_id,))
            db.execute(
                "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (notice.object_id, notice.alert_id, notice.number, notice.situation_id, notice.technical,
                 notice.object_hash, to_json(notice), _time(released.sent), "\n".join(released.roles)),
            )  # fmt: skip
            _insert(db, messages)

    def add(self, messages: Iterable[Message]) -> None:
        """Further messages of a notice that was released: escalations. One that is there stays as it is."""
        with self._write() as db:
            _insert(db, messages)

    def used(self, recipient: str, at: datetime) -> Used:
        """What a person was sent in the ISO week of `at`, and on whose places; channels count once."""
        end = Week.of(at.astimezone(UTC).date()).end
        rows = self._db.execute(
            "SELECT DISTINCT object_id, step, urgent FROM messages WHERE recipient = ? AND queued_at >= ? AND "
            "queued_at < ? AND state NOT IN (?, ?, ?) AND channel IN (?, ?)",
            (recipient, _time(end - timedelta(days=7)), _time(end), State.WAITING.value, State.COMBINED.value,
             State.STOPPED.value, Channel.MAIL.value, Channel.CHAT.value),
        ).fetchall()  # fmt: skip
        urgent = sum(
            row["object_id"].startswith(URGENT_DIGEST) if row["object_id"].startswith(DIGEST) else row["urgent"]
            for row in rows
        )
        return Used(urgent=urgent, ordinary=len(rows) - urgent)

    def waits(self, due: datetime | None = None) -> Mapping[str, frozenset[bool]]:
        """For whom something waits to be put together: True for urgent notices, False for others; `due` limits it."""
        rows = self._db.execute(
            f"SELECT DISTINCT recipient, urgent FROM messages AS m WHERE state = ? AND due_at <= ? AND {_LIVE}",  # noqa: S608
            (State.WAITING.value, _time(due) if due else "9"),
        )
        found: dict[str, set[bool]] = {}
        for row in rows:
            found.setdefault(row["recipient"], set()).add(bool(row["urgent"]))
        return {name: frozenset(kinds) for name, kinds in found.items()}

    def waiting(self, recipient: str) -> tuple[Message, ...]:
        """What waits for one person and may leave, oldest first."""
        rows = self._db.execute(
            f"SELECT * FROM messages AS m WHERE recipient = ? AND state = ? AND {_LIVE} ORDER BY queued_at, key",  # noqa: S608
            (recipient, State.WAITING.value),
        )
        return tuple(map(_message, rows))

    def let_go(self, keys: Iterable[str], *, at: datetime, due_at: datetime) -> None:
        """What waited alone leaves as it is, and counts from now."""
        with self._write() as db:
            db.executemany(
                "UPDATE messages SET state = ?, queued_at = ?, due_at = ? WHERE key = ? AND state = ?",
                ((State.QUEUED.value, _time(at), _time(due_at), key, State.WAITING.value) for key in keys),
            )

    def combine(self, digest: Message, parts: Iterable[Message]) -> None:
        """One digest in place of its parts, in one step."""
        with self._write() as db:
            _insert(db, [digest])
            for one in parts:
                db.execute(
                    "UPDATE messages SET state = ?, digest = ? WHERE key = ? AND state = ?",
                    (State.COMBINED.value, digest.key, one.key, State.WAITING.value),
                )

    # Sending

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Only one process sends at a time; the lock of a killed one is gone with it."""
        lock = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable(
                    "Another process is sending.",
                    why="Only one may, or a message could leave twice.",
                    do="Wait for it.",
                ) from None
            yield
        finally:
            os.close(lock)

    def recover(self, *, at: datetime, most_unknown: int) -> int:
        """Tries that a killed process left without an answer become unknown; gives their number."""
        rows = self._db.execute("SELECT * FROM messages WHERE state = ?", (State.SENDING.value,)).fetchall()
        for message in map(_message, rows):
            self.finish(
                message, Result.UNKNOWN, "the process ended before the answer came", at=at, again_at=at,
                most_unknown=most_unknown, most=None,
            )  # fmt: skip
        return len(rows)

    def pick(self, at: datetime, *, urgent_only: bool, busy: Iterable[str], resting: Iterable[str]) -> Message | None:
        """The next message that may leave now: urgent first, then the longest due. Not one in hand, not to a server
        that rests."""
        held, closed = list(busy), list(resting)
        sql = (
            f"SELECT * FROM messages AS m WHERE state = ? AND due_at <= ? AND {_LIVE} "  # noqa: S608
            f"AND key NOT IN ({_marks(held)}) AND endpoint NOT IN ({_marks(closed)}) "
            f"{'AND urgent = 1 ' if urgent_only else ''}ORDER BY urgent DESC, due_at, key LIMIT 1"
        )
        with self._guard:
            row = self._db.execute(sql, (State.QUEUED.value, _time(at), *held, *closed)).fetchone()
        return _message(row) if row else None

    def due(self, at: datetime) -> tuple[Message, ...]:
        """Everything that would leave now."""
        rows = self._db.execute(
            f"SELECT * FROM messages AS m WHERE state = ? AND due_at <= ? AND {_LIVE} "  # noqa: S608
            "ORDER BY urgent DESC, due_at, key",
            (State.QUEUED.value, _time(at)),
        )
        return tuple(map(_message, rows))

    def begin(self, message: Message, *, at: datetime) -> None:
        """Write that the step which cannot be taken back comes now."""
        with self._write() as db:
            db.execute("UPDATE messages SET state = ? WHERE key = ?", (State.SENDING.value, message.key))
            db.execute(
                "INSERT INTO attempts (key, number, begun_at) VALUES (?, ?, ?)",
                (message.key, message.attempts + 1, _time(at)),
            )
            db.execute("UPDATE messages SET attempts = attempts + 1 WHERE key = ?", (message.key,))

    def finish(
        self,
        message: Message,
        result: Result,
        told: str,
        *,
        at: datetime,
        again_at: datetime,
        most_unknown: int,
        most: int | None,
    ) -> State:
        """Write what came of a try. `most` tries end in a dead letter, `most_unknown` unknown ones stay unknown."""
        with self._write() as db:
            row = db.execute("SELECT * FROM messages WHERE key = ?", (message.key,)).fetchone()
            now = _message(row)
            number = now.attempts if now.state is State.SENDING else now.attempts + 1
            unknowns = now.unknowns + (result is Result.UNKNOWN)
            last = most is not None and number >= most
            match result:
                case Result.ACCEPTED:
                    state = State.ACCEPTED
                case Result.REFUSED:
                    state = State.DEAD
                case Result.UNKNOWN:
                    lost = not now.channel.can_tell and unknowns >= most_unknown
                    state = State.UNKNOWN if lost or last else State.QUEUED
                case Result.LATER:
                    state = State.QUEUED if not last else State.UNKNOWN if unknowns else State.DEAD
            db.execute(
                "INSERT INTO attempts (key, number, begun_at, ended_at, outcome, told) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (key, number) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, "
                "told = excluded.told",
                (now.key, number, _time(at), _time(at), result.value, told),
            )
            db.execute(
                "UPDATE messages SET state = ?, attempts = ?, unknowns = ?, told = ?, due_at = ? WHERE key = ?",
                (state.value, number, unknowns, told, _time(again_at), now.key),
            )
        return state

    def stop(self, object_ids: Iterable[str]) -> int:
        """Stop what did not leave yet of notices whose approval was taken back; gives the number of messages.

        Only what a decision took back: a notice whose approval is just being written has no decision at all yet. A
        digest that holds one and has not left is taken apart, and its other notices wait for the next.
        """
        stopped = 0
        with self._write() as db:
            for one in object_ids:
                digests = db.execute(
                    "SELECT DISTINCT digest FROM messages WHERE object_id = ? AND state = ? AND digest IN "
                    "(SELECT key FROM messages WHERE state = ? AND attempts = 0)",
                    (one, State.COMBINED.value, State.QUEUED.value),
                ).fetchall()
                for row in digests:
                    db.execute(
                        "UPDATE messages SET state = ?, digest = '' WHERE digest = ?",
                        (State.WAITING.value, row["digest"]),
                    )
                    db.execute("UPDATE messages SET state = ? WHERE key = ?", (State.STOPPED.value, row["digest"]))
                stopped += db.execute(
                    "UPDATE messages SET state = ? WHERE object_id = ? AND state IN (?, ?)",
                    (State.STOPPED.value, one, State.QUEUED.value, State.WAITING.value),
                ).rowcount
        return stopped

    def forget(self, before: datetime) -> int:
        """Blank texts and addresses of what was settled before; that it was sent, when and to which id stays."""
        settled = (State.ACCEPTED, State.COMBINED, State.DEAD, State.UNKNOWN, State.STOPPED)
        with self._write() as db:
            return db.execute(
                f"UPDATE messages SET payload = '' WHERE payload <> '' AND queued_at < ? "  # noqa: S608
                f"AND state IN ({_marks(settled)})",
                (_time(before), *(one.value for one in settled)),
            ).rowcount

    def revive(self, key: str, *, at: datetime) -> bool:
        """A person sends a dead or unknown letter once more; its tries go on counting."""
        with self._write() as db:
            return bool(
                db.execute(
                    "UPDATE messages SET state = ?, due_at = ?, told = '' WHERE key = ? AND payload <> '' "
                    "AND state IN (?, ?)",
                    (State.QUEUED.value, _time(at), key, State.DEAD.value, State.UNKNOWN.value),
                ).rowcount
            )

    # What a person sees

    def messages(self) -> tuple[Seen, ...]:
        """Every message and its acknowledgement, newest notice first."""
        rows = self._db.execute(
            "SELECT m.*, (SELECT min(at) FROM acknowledgements AS a WHERE a.key IN (m.key, m.digest)) AS acknowledged "
            "FROM messages AS m ORDER BY queued_at DESC, object_id, recipient, channel, step"
        )
        return tuple(
            Seen(
                message=_message(row),
                acknowledged_at=_read_time(row["acknowledged"]) if row["acknowledged"] else None,
            )
            for row in rows
        )

    def attempts(self, key: str) -> tuple[tuple[int, str, str], ...]:
        """Number, outcome and words of each try; an empty outcome is one that was never answered."""
        rows = self._db.execute("SELECT number, outcome, told FROM attempts WHERE key = ? ORDER BY number", (key,))
        return tuple((row["number"], row["outcome"] or "", row["told"] or "") for row in rows)

    def acknowledge(self, key: str, *, at: datetime, how: str) -> bool:
        """Note that a message was read; False when there is no such message. Twice is once."""
        with self._write() as db:
            if not db.execute("SELECT 1 FROM messages WHERE key = ?", (key,)).fetchone():
                return False
            db.execute("INSERT OR IGNORE INTO acknowledgements VALUES (?, ?, ?)", (key, _time(at), how))
        return True

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


# Not released, or by an approval that a kill kept from landing: nothing of it ever moved.
_DRAFT = (
    "(n.released_at IS NULL OR (NOT n.technical AND NOT EXISTS (SELECT 1 FROM live WHERE live.object_id = n.object_id) "
    "AND NOT EXISTS (SELECT 1 FROM messages AS m WHERE m.object_id = n.object_id AND (m.attempts > 0 OR m.digest <> '' "
    "OR m.state LIKE 'stopped%'))))"
)
_LIVE = (
    "(m.object_id LIKE 'digest/%' OR EXISTS (SELECT 1 FROM live WHERE live.object_id = m.object_id) OR EXISTS "
    "(SELECT 1 FROM notices AS n WHERE n.object_id = m.object_id AND n.technical))"
)


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _insert(db: sqlite3.Connection, messages: Iterable[Message]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO messages (key, object_id, alert_id, recipient, channel, endpoint, urgent, step, state, "
        "due_at, queued_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (one.key, one.object_id, one.alert_id, one.recipient, one.channel.value, one.endpoint, one.urgent,
             one.step, one.state.value, _time(one.due_at), _time(one.queued_at), one.payload)
            for one in messages
        ),
    )  # fmt: skip


def _message(row: sqlite3.Row) -> Message:
    return Message(
        key=row["key"],
        object_id=row["object_id"],
        alert_id=row["alert_id"],
        recipient=row["recipient"],
        channel=Channel(row["channel"]),
        endpoint=row["endpoint"],
        urgent=bool(row["urgent"]),
        due_at=_read_time(row["due_at"]),
        queued_at=_read_time(row["queued_at"]),
        payload=row["payload"],
        step=row["step"],
        state=State(row["state"]),
        attempts=row["attempts"],
        unknowns=row["unknowns"],
        told=row["told"],
        digest=row["digest"],
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
