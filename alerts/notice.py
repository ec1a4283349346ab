"""A notice: one message of an alert's chain, before anybody worded, approved or sent it."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.situation import Coverage, Level
from domain.source import SourceClass

MACHINE = "machine"


class Rule(StrEnum):
    """Why a notice is written; each has a card of this name in `rules/`."""

    LEVEL_CHANGED = "level_changed"
    TRIGGER_MET = "trigger_met"
    HELD = "held"
    UNCHANGED = "unchanged"
    NOT_RENDERED = "not_rendered"


class Move(StrEnum):
    """CAP's `msgType`: a situation has one Alert, then Updates, then at most one Cancel."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Confidence(StrEnum):
    """A machine never says high: nobody has read the sources."""

    LOW = "low"
    MODERATE = "moderate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A situation as one run sees it. `regions` holds its group and its field region; `since` is an ISO week.

    `held_since` is empty unless the level is held because it cannot be seen. `confirmed`: people signed the level.
    """

    situation_id: str
    place: str
    regions: tuple[str, ...]
    level: Level
    since: str
    held_since: str
    triggers: tuple[str, ...]
    classes: tuple[SourceClass, ...]
    origins: int
    coverage: Coverage
    skills: tuple[str, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An issue that could not be rendered. Only the sort of error is told: its text may hold what a page may not."""

    issue: str
    step: str
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An earlier notice of the chain, as CAP refers to it."""

    notice_id: str
    sent: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told, in values and not in words. Times are spans: an approval may come hours after the draft.

    `classes` are all that any notice of the chain named: a class that fell silent is not seen to disappear.
    `references` are every earlier notice of the chain, oldest first. `people` is how many must approve.
    """

    alert_id: str
    number: int
    move: Move
    rules: tuple[Rule, ...]
    situation_id: str
    place: str
    regions: tuple[str, ...]
    level: Level
    level_before: Level
    since: str
    held_since: str
    triggers: tuple[str, ...]
    new_triggers: tuple[str, ...]
    classes: tuple[SourceClass, ...]
    confidence: Confidence
    skills: tuple[str, ...]
    as_of: datetime
    acknowledge_hours: int
    expire_days: int
    references: tuple[Reference, ...]
    people: int
    confirmed: bool = False
    technical: bool = False
    issue: str = ""
    step: str = ""
    sort: str = ""
    author: str = MACHINE

    @property
    def notice_id(self) -> str:
        """No space, comma or sign of XML in it: CAP forbids them."""
        return f"{self.alert_id}.{self.number}"

    @property
    def object_id(self) -> str:
        """The name under which a decision approves it."""
        return f"alert/{self.notice_id}"

    @property
    def object_hash(self) -> str:
        """What an approver saw: sha256 over every value."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()

    @property
    def unsigned(self) -> bool:
        """A level that people must confirm before anybody is told of it, and did not."""
        return self.level.rank >= Level.EMERGING.rank and not self.confirmed

    @property
    def urgent(self) -> bool:
        """Goes first, and through quiet hours and budgets. A Cancel never does."""
        return self.move is not Move.CANCEL and (self.technical or self.level is Level.URGENT)

    def acknowledge_by(self, sent: datetime) -> datetime:
        """The next full hour after the time allowed."""
        due = sent + timedelta(hours=self.acknowledge_hours)
        full = due.replace(minute=0, second=0, microsecond=0)
        return full if full == due else full + timedelta(hours=1)

    def expires(self, sent: datetime) -> datetime:
        return sent.replace(microsecond=0) + timedelta(days=self.expire_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A notice that people approved, and when it left: its `sent` in every channel."""

    notice: Notice
    sent: datetime
    roles: tuple[str, ...] = ()


def to_json(notice: Notice) -> str:
    """One spelling of a notice: sorted, no spaces."""
    values = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(notice).items()
    }
    values["references"] = [[one.notice_id, one.sent.isoformat()] for one in notice.references]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Notice:
    """The notice as it was written; an unknown value is a ValueError, an unknown field a TypeError."""
    values: dict[str, Any] = json.loads(text)
    for field in fields(Notice):
        if isinstance(values.get(field.name), list):
            values[field.name] = tuple(values[field.name])
    values["move"] = Move(values["move"])
    values["rules"] = tuple(Rule(one) for one in values["rules"])
    values["level"] = Level(values["level"])
    values["level_before"] = Level(values["level_before"])
    values["classes"] = tuple(SourceClass(one) for one in values["classes"])
    values["confidence"] = Confidence(values["confidence"])
    values["as_of"] = datetime.fromisoformat(values["as_of"])
    values["references"] = tuple(
        Reference(notice_id=one, sent=datetime.fromisoformat(sent)) for one, sent in values["references"]
    )
    return Notice(**values)
