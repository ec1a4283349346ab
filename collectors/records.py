"""Rows of named cells to reports and observations, as the card's fields and series say.

The kinds decode; the reading is here, once. A row that cannot be used is left out with a defect of its name;
a column that the card needs and no row has stops the source. Missing is never zero.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urljoin, urlsplit

from collectors.base import Parsed, ParseStopped, audit, readable
from domain.defect import Defect, DefectLevel
from domain.signal import Fact, Observation, Payload, PeriodKind, Report
from domain.source import Cell, FieldMap, SeriesRule, SourceCard

EARLIEST = date(1900, 1, 1)
UNIX_ZERO = date(1970, 1, 1)  # what a broken clock or an empty number turns into
DAY_FORMATS = ("%d %b %Y", "%d %B %Y")
HOURS_OF_A_DAY = 24.0
NOTHING_SAID = frozenset({"", "no information", "noinformation", "none", "unknown", "not applicable", "n/a"})
REF_JOINT = " | "
NOT_IN_ADDRESSES = re.compile(r"""[\s<>"`\\]""")
MAX_COLUMNS = 20_000
MAX_DEPTH = 40  # the deepest real record seen has 4

Row = Mapping[str, object]


class BadRecord(Exception):
    """One record cannot be used; `check` is the name of the WARN defect."""

    def __init__(self, check: str, evidence: str) -> None:
        super().__init__(f"{check}: {evidence}")
        self.check = check
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns a card reads. Without a `needed` one the records would be false, without another only poorer."""

    needed: frozenset[str]
    welcome: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, card: SourceCard) -> "Plan":
        fields = card.fields
        needed = {*ref_parts(fields), fields.place, fields.addressee, fields.occurred_on}
        numbers: set[str] = set()
        for rule in card.codes:
            needed |= {rule.field, rule.persons, *map(_condition_field, (*rule.only_if, *rule.unless))}
            numbers |= {rule.persons} | ({rule.field} if rule.when is Cell.POSITIVE else set())
        for series in card.series:
            needed |= {series.field, series.days_field, *map(_condition_field, series.skip_if)}
        welcome = {fields.title, fields.url, fields.first_level, fields.actor, fields.victim, fields.published_at}
        welcome |= set(fields.facts)
        needed.discard("")
        return cls(frozenset(needed), frozenset(welcome - needed - {""}), frozenset(numbers - {""}))


def read_rows(card: SourceCard, payload: Payload, rows: Iterable[object]) -> Iterator[Parsed]:
    """All that the rows say, and all that is wrong with them."""
    plan = Plan.of(card)
    flat: list[Row] = []
    for number, row in enumerate(rows):
        if isinstance(row, Mapping):
            try:
                flat.append(flatten(row))
            except BadRecord as bad:
                yield warn(card, bad.check, bad.evidence, f"row {number + 1}")
        else:
            yield warn(card, "wrong_type", f"a {type(row).__name__} where a record was expected", f"row {number + 1}")
    if not flat:
        return
    columns = {name for row in flat for name in row}
    if len(columns) > MAX_COLUMNS:
        raise ParseStopped("oversized_table", f"{len(columns)} columns")
    yield from check_columns(card, plan, columns)
    for number, row in enumerate(flat):
        record = _ref(card.fields, row) or f"row {number + 1}"
        try:
            signals = list(_read_row(card, payload, plan, row))
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, record)
        else:
            yield from signals
    unused = dict.fromkeys(columns - plan.needed - plan.welcome)
    yield from audit(card.id, unused, ignore=card.fields.ignore)


def check_columns(card: SourceCard, plan: Plan, columns: set[str]) -> Iterator[Defect]:
    """Stop when a needed column is gone; say so when another is."""
    gone = sorted(plan.needed - columns)
    if gone:
        raise ParseStopped("column_gone", ", ".join(gone))
    for name in sorted(plan.welcome - columns):
        yield warn(card, "column_gone", name)


def flatten(row: Mapping[object, object], path: str = "") -> dict[str, object]:
    """Nested objects become dotted names: `{"a": {"b": 1}}` is `a.b`. A list stays one cell."""
    if path.count(".") > MAX_DEPTH:
        raise BadRecord("nested_too_deep", f"more than {MAX_DEPTH} objects in one another at {path[:80]}")
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{path}{name}.")
        else:
            flat[f"{path}{name}"] = value
    return flat


def warn(card: SourceCard, check: str, evidence: str, record: str = "") -> Defect:
    """A WARN defect of this source."""
    return Defect(level=DefectLevel.WARN, check=check, source_id=card.id, evidence=evidence, record=record)


def text(value: object) -> str:
    """A cell as words: nothing for null, true and false as JSON writes them, lists joined with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day, tzinfo=value.tzinfo):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(text(part) for part in value)
    return readable(str(value)).strip()


def address(card: SourceCard, value: object) -> str:
    """An http address, completed from the card's; nothing where it is of another sort or cannot be read."""
    link = text(value)
    try:
        if not link or urlsplit(link).scheme not in {"", "http", "https"}:
            return ""
        whole = link if urlsplit(link).scheme else urljoin(card.url, link)
        return NOT_IN_ADDRESSES.sub(lambda sign: quote(sign[0]), whole) if urlsplit(whole).hostname else ""
    except ValueError:
        return ""


def number(value: object, name: str) -> float | None:
    """A count, or None where the source gives none. Words, infinities and truth values are not counts."""
    if isinstance(value, bool):
        raise BadRecord("not_a_number", f"{name} is {text(value)}")
    if value is None or value == "":
        return None
    try:
        count = float(value) if isinstance(value, int | float) else float(str(value))
    except (ValueError, OverflowError):
        raise BadRecord("not_a_number", f"{name} is {text(value)!r}") from None
    if not math.isfinite(count):
        raise BadRecord("not_a_number", f"{name} is {text(value)!r}")
    return count


def day(value: object, name: str, payload: Payload) -> date:
    """The date that a cell names, refused when nobody can have meant it."""
    words = text(value)
    found = _moment(words)
    if found is None:
        raise BadRecord("unreadable_date", f"{name} is {words!r}")
    return _plausible(found.date(), name, payload)


def moment(value: object, name: str, payload: Payload) -> datetime:
    """The instant that a cell names, in UTC; without a zone it is taken as UTC."""
    words = text(value)
    found = _moment(words)
    if found is None:
        raise BadRecord("unreadable_date", f"{name} is {words!r}")
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    _plausible(found.date(), name, payload)
    return found


def period(card: SourceCard, series: SeriesRule, seen: date) -> tuple[PeriodKind, date]:
    """The period that a date stands in, by its first day; a source may name the last (UCDP does)."""
    try:
        kind = PeriodKind(series.period)
    except ValueError:
        raise ParseStopped("wrong_type", f"the card says period {series.period!r}") from None
    match kind:
        case PeriodKind.DAY:
            return kind, seen
        case PeriodKind.WEEK:
            return kind, seen - timedelta(days=seen.weekday())
        case PeriodKind.MONTH:
            return kind, seen.replace(day=1)
        case PeriodKind.YEAR:
            return kind, seen.replace(month=1, day=1)


def one_language(card: SourceCard) -> str:
    """The language of a source that has one; of several none is guessed."""
    return card.languages[0] if len(card.languages) == 1 else ""


def ref_parts(fields: FieldMap) -> tuple[str, ...]:
    """`a+b` in a card: the source numbers nothing, and these columns together name a record."""
    return tuple(part.strip() for part in fields.ref.split("+") if part.strip())


def _moment(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        pass
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(words, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _plausible(seen: date, name: str, payload: Payload) -> date:
    if seen == UNIX_ZERO:
        raise BadRecord("date_1970", f"{name} is {seen.isoformat()}")
    if seen < EARLIEST or seen > payload.collected_at.astimezone(UTC).date() + timedelta(days=1):
        raise BadRecord(
            "date_out_of_range",
            f"{name} is {seen.isoformat()}, collected on {payload.collected_at.date().isoformat()}",
        )
    return seen


def _read_row(card: SourceCard, payload: Payload, plan: Plan, row: Row) -> Iterator[Report | Observation]:
    fields = card.fields
    place = fields.place_fixed or text(row.get(fields.place))
    if (fields.place and not place) or (fields.addressee and not text(row.get(fields.addressee))):
        raise BadRecord("missing_field", fields.place or fields.addressee)
    occurred_on: date | None = None
    if fields.occurred_on:
        if not text(row.get(fields.occurred_on)):
            raise BadRecord("missing_field", fields.occurred_on)
        occurred_on = day(row[fields.occurred_on], fields.occurred_on, payload)
    published = text(row.get(fields.published_at)) if fields.published_at else ""
    published_at = moment(published, fields.published_at, payload) if published else None
    for name in plan.numbers:
        number(row.get(name), name)
    if fields.ref:
        yield _report(card, payload, row, place=place, occurred_on=occurred_on, published_at=published_at)
    for series in card.series:
        if occurred_on is None:
            raise BadRecord("missing_field", "occurred_on")
        kind, start = period(card, series, occurred_on)
        yield Observation(
            source_id=card.id,
            indicator=series.indicator,
            place=place,
            period_kind=kind,
            period_start=start,
            value=_value(series, row),
            unit=series.unit,
            collected_at=payload.collected_at,
            published_at=published_at,
            basis=payload.basis,
        )


def _report(
    card: SourceCard,
    payload: Payload,
    row: Row,
    *,
    place: str,
    occurred_on: date | None,
    published_at: datetime | None,
) -> Report:
    fields = card.fields
    ref = _ref(fields, row)
    if not ref:
        raise BadRecord("missing_field", fields.ref)
    return Report(
        source_id=card.id,
        source_ref=ref,
        title=text(row.get(fields.title)),
        url=address(card, row.get(fields.url)),
        collected_at=payload.collected_at,
        published_at=published_at,
        occurred_on=occurred_on,
        place=place,
        addressee=text(row.get(fields.addressee)),
        first_level=_said(row.get(fields.first_level)),
        actor=_said(row.get(fields.actor)),
        victim=_said(row.get(fields.victim)),
        language=one_language(card),
        facts=tuple(Fact(name=name, value=text(row.get(name))) for name in fields.facts),
        basis=payload.basis,
    )


def _value(series: SeriesRule, row: Row) -> float | None:
    if any(text(row.get(_condition_field(pair))) == pair.partition("=")[2] for pair in series.skip_if):
        return None
    # A figure for two days is not spread over them, and one for no day is none.
    if series.days_field and number(row.get(series.days_field), series.days_field) != HOURS_OF_A_DAY:
        return None
    return number(row.get(series.field), series.field)


def _ref(fields: FieldMap, row: Row) -> str:
    parts = [text(row.get(part)) for part in ref_parts(fields)]
    return REF_JOINT.join(parts) if any(parts) else ""


def _said(value: object) -> str:
    """A source's word for 'we do not know' names no place and no actor: two of them have nothing in common."""
    words = text(value)
    return "" if words.casefold() in NOTHING_SAID else words


def _condition_field(pair: str) -> str:
    return pair.partition("=")[0]
