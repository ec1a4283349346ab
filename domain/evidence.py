"""Why a number stands: a label and its words, the reports of an incident and their origins, and how much was heard."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.incident import Coding
from domain.source import SourceClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A coding and the source's own words that led to it.

    `field` is the name of the source's field, or `text`; then `start` and `end` are offsets into the title, an empty
    line and the text, and `why` names the rule that says the words tell of an incident.
    """

    coding: Coding
    field: str
    words: str
    start: int | None = None
    end: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRoot:
    """One report that an incident rests on, as it read at `as_of`, and the payload that holds it."""

    incident_id: str
    report_id: str
    version: str
    source_id: str
    source_class: SourceClass
    origin: str
    joined: str
    url: str
    language: str
    published_at: datetime | None
    collected_at: datetime
    payload_sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoot:
    """What a text may be for one State: a call on it (`a`), a call for international action (`b`), or a mention.

    A proposal of the machine; it counts when two people confirmed it with its sentence (T14).
    """

    place: str
    report_id: str
    source_id: str
    kind: str
    office: str
    said_on: date
    sentence: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRoot:
    """One label of one report of an incident, flat."""

    incident_id: str
    report_id: str
    trigger: str
    rule: str
    outcome: str
    victim: str
    persons: int | None
    field: str
    words: str
    start: int | None
    end: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How many reports one class of source carried on one place in one week, in one language.

    `week` is its Monday, of the day that the report speaks of. `own` of them tell of a trigger themselves, which the
    volume offset leaves out; `unread` are in a language that nothing here reads. An empty `language`: fields, no prose.
    """

    place: str
    week: date
    source_class: SourceClass
    language: str
    reports: int
    own: int
    unread: int
