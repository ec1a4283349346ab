"""Reports that people give us themselves: what is asked for, what is refused, what is never kept, and how they land.

One way for form, e-mail, CSV and XLSX, at the desk and on the command line: files are read by `horizon.intake` in a
process of its own, and all that follows is here. A report says how it may travel: classification, the source's wish,
what the person concerned agreed to and until when. Nothing of the sender is kept but the class of source. It lands as a
decision to receive it, in the chain, with its own protection and, where keys were made, its own key.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.classification import Classification, Consent, Sharing
from domain.errors import Refused, UsageError
from domain.review import Act
from domain.signal import short_hash
from domain.source import SourceClass
from domain.state import Gazetteer
from review.ledger import Conflict, Hand, Ledger, decide, protect, unchained

MOST_ROWS = 2_000
MOST_BYTES = 20 * 1024 * 1024
LONGEST = 20_000  # signs of one text
LONGEST_CONSENT = timedelta(days=5 * 365)
LEFT = "…"
SENDERS = (
    SourceClass.FIELD_PRESENCE,
    SourceClass.UN_COUNTRY_TEAM,
    SourceClass.NHRI,
    SourceClass.CIVIL_SOCIETY,
    SourceClass.DEFENDERS,
)
COLUMNS = (
    "title",
    "text",
    "place",
    "first_level",
    "occurred_on",
    "source_class",
    "classification",
    "sharing",
    "consent",
    "consent_until",
)
OPTIONAL = frozenset({"first_level", "occurred_on"})
ACTIVE = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|svg|img|link|meta|style|form|base|applet)\b|javascript:|vbscript:|"
    r"data:text/html|\bon[a-z]{3,12}\s*=\s*[\"']",
    re.IGNORECASE,
)
# What a sheet would run as a formula when somebody opens an export: `=`, `@`, and a sign before a letter or a figure.
FORMULA = re.compile(r"^\s*(=|@\S|[+-]\s*[A-Za-z0-9(=@]|\t|\r)")
# What tells of a sender in running text.
TRACES = (
    re.compile(r"<?[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+>?"),
    re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"(?<![\w/])(?:\+|00)\d[\d\s().-]{6,}\d"),
    re.compile(r"\b(?:tel|phone|mobile|whatsapp|signal|fax)\b[.:]?\s*[\d+(][\d\s().-]{4,}\d", re.IGNORECASE),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    re.compile(r"\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b", re.IGNORECASE),
    re.compile(r"[-+]?\d{1,3}\.\d{3,}\s*°?\s*[NS]?\s*[,;/ ]\s*[-+]?\d{1,3}\.\d{3,}\s*°?\s*[EW]?", re.IGNORECASE),
    re.compile(r"\d{1,3}°\s*\d{1,2}['′][\d.\s\"″]*[NSEW]", re.IGNORECASE),
)


class Sort(StrEnum):
    """How a report comes."""

    FORM = "form"
    EMAIL = "email"
    CSV = "csv"
    XLSX = "xlsx"


SUFFIXES = {".txt": Sort.FORM, ".eml": Sort.EMAIL, ".csv": Sort.CSV, ".xlsx": Sort.XLSX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Rows of one upload, and what of it was left out, in words without a name of a file."""

    rows: tuple[Mapping[str, str], ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one intake: the ids of reports that are new, and how many were here already."""

    new: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One report as it was given. `consent_until` is the last day on which it may be used."""

    title: str
    text: str
    place: str
    first_level: str
    occurred_on: str
    source_class: SourceClass
    classification: Classification
    sharing: Sharing
    consent: Consent
    consent_until: date

    @property
    def report_id(self) -> str:
        return short_hash("intake", self.title, self.text, self.place, self.occurred_on)

    @property
    def content(self) -> str:
        said = asdict(self) | {"consent_until": self.consent_until.isoformat()}
        return json.dumps({name: str(value) for name, value in said.items()}, ensure_ascii=False, sort_keys=True)


def object_of(report_id: str) -> str:
    return f"report/{report_id}"


def strip_sender(text: str) -> str:
    """Running text without addresses, numbers to call, network addresses and coordinates."""
    for pattern in TRACES:
        text = pattern.sub(LEFT, text)
    return text


def strip_row(row: Mapping[str, str]) -> dict[str, str]:
    """The fields that are asked for and no other, without the sender; refused where one would run somewhere."""
    found = {name: row.get(name, "") for name in COLUMNS}
    for name, value in found.items():
        if ACTIVE.search(value):
            raise Refused(
                f"“{name.replace('_', ' ')}” holds markup that can run.",
                why="Reports are plain text; nothing that runs is taken in.",
                do="Take the markup out and send it again.",
            )
        if FORMULA.match(value):
            raise Refused(
                f"“{name.replace('_', ' ')}” begins like a formula.",
                why="A sheet would run it when somebody opens an export.",
                do="Begin the text with a word.",
            )
    for name in ("title", "text", "first_level"):
        found[name] = strip_sender(found[name])
    return found


def check_report(row: Mapping[str, str], *, gazetteer: Gazetteer, today: date) -> Given:
    """The report, or a UsageError that names everything that is missing or not allowed."""
    values = {
        name: " ".join(row.get(name, "").split()) if name != "text" else row.get(name, "").strip() for name in COLUMNS
    }
    wrong = [f"“{name.replace('_', ' ')}” is missing" for name in COLUMNS if not values[name] and name not in OPTIONAL]
    if len(values["text"]) > LONGEST or len(values["title"]) > 300:
        wrong.append("the title or the text is too long")
    match = gazetteer.match(values["place"]) if values["place"] else None
    if values["place"] and (match is None or len(match.places) != 1):
        wrong.append(f"“{values['place']}” is no State or territory of the list")
    for name, kind in (
        ("source_class", SourceClass),
        ("classification", Classification),
        ("sharing", Sharing),
        ("consent", Consent),
    ):
        if values[name] and values[name] not in set(kind):
            wrong.append(f"“{values[name]}” is no {name.replace('_', ' ')}")
    if values["source_class"] in set(SourceClass) and SourceClass(values["source_class"]) not in SENDERS:
        wrong.append(f"reports of {values['source_class']} are collected, not given")
    if values["consent"] == Consent.NONE.value:
        wrong.append("without consent a report is not taken in: silence is not consent")
    until = _day(values["consent_until"])
    if values["consent_until"] and (until is None or not today <= until <= today + LONGEST_CONSENT):
        wrong.append("the consent's last day is no day between today and five years from now")
    happened = _day(values["occurred_on"])
    if values["occurred_on"] and (happened is None or happened > today):
        wrong.append("the day of the event is no day, or has not come yet")
    if values["sharing"] in {Sharing.RED.value, Sharing.AMBER_STRICT.value} and (
        values["classification"] == Classification.UNCLASSIFIED.value
    ):
        wrong.append("the source's wish is narrower than “unclassified”")
    if wrong or until is None or match is None:
        raise UsageError("The report is not taken in yet.", why="; ".join(wrong) + ".", do="Correct it and send again.")
    return Given(
        title=values["title"],
        text=values["text"],
        place=match.places[0],
        first_level=values["first_level"],
        occurred_on=values["occurred_on"],
        source_class=SourceClass(values["source_class"]),
        classification=Classification(values["classification"]),
        sharing=Sharing(values["sharing"]),
        consent=Consent(values["consent"]),
        consent_until=until,
    )


def check_rows(rows: Sequence[Mapping[str, str]], *, gazetteer: Gazetteer, today: date) -> tuple[Given, ...]:
    """Every row as a report, or an error that names the row; all of them are taken in, or none."""
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(check_report(row, gazetteer=gazetteer, today=today))
        except UsageError as error:
            if len(rows) == 1:
                raise
            raise UsageError(f"Report {number}: {error.what}", why=error.why, do=error.do) from None
    return tuple({one.report_id: one for one in found}.values())


def take_in(given: Sequence[Given], *, hand: Hand, at: datetime, ledger: Ledger) -> Taken:
    """Save each report that is not here yet; two people who give the same one at once give it once."""
    before = {one.decision.object_id for one in unchained(ledger.folder) if one.decision.act is Act.RECEIVE}
    new = []
    for one in given:
        object_id = object_of(one.report_id)
        if object_id in before or ledger.history(object_id):
            continue
        decision = decide(Act.RECEIVE, object_id, hand=hand, reason="given to us", at=at, content=one.content)
        protection = protect(decision, classification=one.classification, sharing=one.sharing, consent=one.consent)
        try:
            ledger.save(decision, protection, version=1)
        except Conflict:
            continue
        new.append(one.report_id)
    return Taken(new=tuple(new), known=len(given) - len(new))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
