"""What grouping is given and what it gives back."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.signal import short_hash
from domain.source import SourceClass

_HOST = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@\s]*@)?([^/:?#\s]+)")


class Flag(StrEnum):
    """What a reader should know of an item beside its incident."""

    DIGEST = "round-up of several events"
    UPDATE = "update of an earlier text"
    COORDINATED = "coordinated volume: not scored"
    LINKED = "linked: one case in two communications procedures, counted once"
    TAKEN_UP = "taken up by a mechanism: no origin of its own"
    CONFLICT = "figures differ within the incident"
    UNDATED = "no date of publication"
    RULED = "merged or split by a named person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One report. Everything but `id` may be missing: missing counts neither for nor against.

    `kind` is the class given with it; `origin_hint` the publisher or data provider who first learned, where known;
    `procedure_ref` the reference of a communications procedure; `first_known_at` when we first held it.
    """

    id: str
    title: str = ""
    content: str = ""
    link: str = ""
    language: str = ""
    published_at: datetime | None = None
    state: str = ""
    kind: str = ""
    source_class: SourceClass | None = None
    origin_hint: str = ""
    procedure_ref: str = ""
    first_known_at: datetime | None = None

    @property
    def known_at(self) -> datetime | None:
        return self.first_known_at or self.published_at

    @property
    def hash(self) -> str:
        # A lone surrogate in an id must not stop a run.
        return short_hash(self.id.encode("utf-8", "backslashreplace").decode())

    @property
    def outlet(self) -> str:
        """The publisher given, or the host of the link."""
        if self.origin_hint:
            return self.origin_hint.casefold()
        host = _HOST.match(self.link)
        return host[1].casefold().removeprefix("www.") if host else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A named person holds that these items are one incident. Without the row, the former result comes back."""

    items: tuple[str, ...]
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A named person holds that these items are an incident of their own, apart from all others."""

    items: tuple[str, ...]
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Where one item went, and why. `score` is the evidence for its merge in logarithms of odds, None when first."""

    id: str
    incident_id: str
    origin_id: str
    reason: str
    score: float | None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """One row an item, in the order they were given."""

    items: tuple[Grouped, ...]

    @property
    def incidents(self) -> int:
        return len({one.incident_id for one in self.items})
