"""One alleged event after merging, and what it counts for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.source import SourceClass


class Actor(StrEnum):
    """Who is alleged to have acted; never a finding."""

    STATE_AGENTS = "State agents"
    DE_FACTO_AUTHORITY = "de facto authority"
    ARMED_GROUP = "non-State armed group"
    FOREIGN_STATE = "foreign State's agents"
    BUSINESS = "business"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """One label on one incident: the trigger it feeds, and the rule of which card said so.

    `persons` is the lowest reading; None means that the source gives no number.
    `outcome` is one of: killed, injured, detained, abducted, disappeared, tortured, displaced, or empty.
    """

    trigger: str
    rule: str
    persons: int | None = None
    outcome: str = ""
    victim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`date_inferred`: the source gave no date of the event, and the earliest publication stands for it.

    `first_published_at` is None where no source dates its publication.
    """

    incident_id: str
    place: str
    first_level: str
    occurred_on: date
    date_inferred: bool
    first_published_at: datetime | None
    first_known_at: datetime
    actor: Actor
    actor_name: str
    codings: tuple[Coding, ...]
    origins: tuple[str, ...]
    classes: tuple[SourceClass, ...]
    reports: tuple[str, ...]
    sources: tuple[str, ...]
