"""A source is a card: who, where, licence, cadence, expected size, and what its fields mean."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_origin, get_type_hints

from domain.classification import Classification, Consent, Lens, Sharing
from domain.errors import UsageError

E = TypeVar("E", bound=StrEnum)
METHODS = ("GET", "POST")
MOST_MEGABYTES = 1024  # no card may ask for a larger answer


class SourceClass(StrEnum):
    """The six of A/HRC/43/37 paragraph 63, and the others a report may come from."""

    SPECIAL_PROCEDURES = "special_procedures"
    NHRI = "nhri"
    CIVIL_SOCIETY = "civil_society"
    DEFENDERS = "defenders"
    UN_COUNTRY_TEAM = "un_country_team"
    FIELD_PRESENCE = "field_presence"
    TREATY_BODY = "treaty_body"
    REGIONAL_MECHANISM = "regional_mechanism"
    UN_SYSTEM = "un_system"
    MEDIA = "media"
    DATA_PROVIDER = "data_provider"
    STATE = "state"


class Cadence(StrEnum):
    """How often we look, not how often they publish: a source covers a place only when looked at week by week."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Kind(StrEnum):
    """How a payload is read; `module` means that the source brings its own `fetch` and `parse`."""

    RSS = "rss"
    HTML_TABLE = "html_table"
    JSON_API = "json_api"
    CSV_FILE = "csv_file"
    TABLE_FILE = "table_file"
    UN_DOCUMENT = "un_document"
    MODULE = "module"


class SourceState(StrEnum):
    """What came of one look at a source. Only the first three mean that we looked and saw."""

    OK = "ok"
    EMPTY = "empty"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SHAPE_CHANGED = "shape changed"
    NO_CREDENTIAL = "disabled: no credential"
    STALE = "stale"
    NOT_IN_SPECIMEN = "not in the specimen"
    NOT_YET = "not looked at yet"

    @property
    def looked(self) -> bool:
        return self in {SourceState.OK, SourceState.EMPTY, SourceState.UNCHANGED}

    @property
    def failure(self) -> bool:
        return self in {SourceState.FAILED, SourceState.SHAPE_CHANGED}


class Cell(StrEnum):
    """When a coded field counts: its number is above zero, it equals a text, or it says anything at all."""

    POSITIVE = "positive"
    EQUALS = "equals"
    PRESENT = "present"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRule:
    """One line of structured coding: this field of this source, so read, is this trigger.

    `persons` names the field that holds the number of persons (lowest reading). `only_if` and `unless` are further
    conditions, `Field=one|other`: all of the former must hold, any of the latter switches the rule off. `@name`
    stands for a list of the card's `[words]`.
    """

    rule: str
    trigger: str
    field: str = ""
    when: Cell = Cell.ALWAYS
    equals: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    persons: str = ""
    outcome: str = ""
    victim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRule:
    """One indicator that the source publishes as a count per place and period."""

    indicator: str
    trigger: str
    unit: str
    period: str
    field: str = ""
    cumulative: bool = False
    label: str = ""
    skip_if: tuple[str, ...] = ()
    days_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """Where a ready kind finds things. A path into nested JSON uses dots.

    `closed` holds conditions such as `Actor=@known`: another value of that field is a defect, never a default.
    """

    items: str = ""
    ref: str = ""
    title: str = ""
    url: str = ""
    place: str = ""
    place_fixed: str = ""
    addressee: str = ""
    first_level: str = ""
    actor: str = ""
    victim: str = ""
    occurred_on: str = ""
    published_at: str = ""
    facts: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    layout: str = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """Everything the house knows about a source. Unit: `lag_days` in days.

    `credentials` are names in the environment. `auth` are the headers that carry them, `Name: text {CREDENTIAL}`;
    `query` are parameters, `name={CREDENTIAL}`, for interfaces that take them in the address alone. They are added
    when a request leaves, so that no address that is written down holds one. With `token_url`, the fields of
    `token_form` are sent there first, and the token that comes back goes along as a bearer.
    `body` is what a card of method POST sends, as JSON. `stream_megabytes` is the most that an answer read piece by
    piece may have; without it the source is never read so. `prose`: its titles and texts are read for what they
    allege, where its fields say nothing.
    """

    id: str
    title: str
    publisher: str
    kind: Kind
    url: str
    cadence: Cadence
    source_class: SourceClass
    licence: str
    citation: str
    languages: tuple[str, ...]
    coverage: str
    lag_days: int
    expected_min: int
    expected_max: int
    verified: bool
    notes: str = ""
    origin: str = ""
    method: str = "GET"
    prose: bool = False
    credentials: tuple[str, ...] = ()
    auth: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    token_url: str = ""
    token_form: tuple[str, ...] = ()
    body: str = ""
    stream_megabytes: int = 0
    places: tuple[str, ...] = ()
    lens: Lens = Lens.PUBLIC
    classification: Classification = Classification.UNCLASSIFIED
    source_sharing: Sharing = Sharing.CLEAR
    consent_scope: Consent = Consent.PUBLIC
    fields: FieldMap = field(default_factory=FieldMap)
    codes: tuple[CodeRule, ...] = ()
    series: tuple[SeriesRule, ...] = ()

    @property
    def origin_id(self) -> str:
        """Who first learned: two data sets of one publisher are one origin."""
        return self.origin or self.publisher


def load_card(path: Path) -> SourceCard:
    """Read one card; a missing, unknown or misspelt field stops with its name."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"it is not TOML: {error}") from error
    try:
        raw["kind"] = _enum(Kind, raw, "kind")
        raw["cadence"] = _enum(Cadence, raw, "cadence")
        raw["source_class"] = _enum(SourceClass, raw, "source_class")
        for name, closed in (
            ("lens", Lens),
            ("classification", Classification),
            ("source_sharing", Sharing),
            ("consent_scope", Consent),
        ):
            if name in raw:
                raw[name] = _enum(closed, raw, name)
        words = _table(raw, "words")
        raw["fields"] = FieldMap(**_spelt_out(_tupled(_table(raw, "fields")), words))
        codes = _tables(raw, "codes")
        for row in codes:
            if "when" in row:
                row["when"] = _enum(Cell, row, "when")
        raw["codes"] = tuple(CodeRule(**_spelt_out(_tupled(row), words)) for row in codes)
        raw["series"] = tuple(SeriesRule(**_tupled(row)) for row in _tables(raw, "series"))
        card = SourceCard(id=path.stem, **_tupled(raw))
    except TypeError as error:
        raise _bad(path, str(error).replace("SourceCard.__init__() ", "the card ")) from error
    _typed(path, card)
    return card


def _spelt_out(row: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """Conditions with each `@name` replaced by the values of that list of the card."""

    def spelt(condition: str) -> str:
        name, equals, values = condition.partition("=")
        found: list[str] = []
        for value in values.split("|"):
            if not value.startswith("@"):
                found.append(value)
            elif value[1:] in words:
                found += words[value[1:]]
            else:
                raise TypeError(f"'{value}' stands in a condition, and [words] has no list of that name")
        return f"{name}{equals}{'|'.join(found)}"

    conditions = {
        name: tuple(map(spelt, row[name]))
        for name in ("only_if", "unless", "closed")
        if isinstance(row.get(name), tuple)
    }
    return row | conditions


def load_cards(folder: Path) -> list[SourceCard]:
    """All cards of a folder, by id."""
    return [load_card(path) for path in sorted(folder.glob("*.toml"))]


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(
        f"The card {path.name} cannot be used.",
        why=why,
        do="Compare it with a neighbour in collectors/sources and with docs/add-a-source.md.",
    )


def _enum(closed: type[E], raw: dict[str, Any], name: str) -> E:
    if name not in raw:
        raise TypeError(f"the card has no field '{name}'")
    try:
        return closed(raw[name])
    except ValueError:
        allowed = ", ".join(member.value for member in closed)
        raise TypeError(f"'{name}' is '{raw[name]}'; it must be one of: {allowed}") from None


def _tupled(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}


def _typed(path: Path, card: SourceCard) -> None:
    """TOML gives wrong types silently; say which field, in the card or in a part of it."""
    _check(path, card, "")
    if not card.url.startswith(("https://", "http://")):
        raise _bad(path, f"'url' is {card.url!r}; it must be an http address")
    if card.method not in METHODS:
        raise _bad(path, f"'method' is {card.method!r}; it must be one of: {', '.join(METHODS)}")
    if bool(card.body) != (card.method == "POST"):
        raise _bad(path, "a 'body' goes with method POST, and with no other")
    if not 0 <= card.stream_megabytes <= MOST_MEGABYTES:
        raise _bad(path, f"'stream_megabytes' is {card.stream_megabytes}; it must lie between 0 and {MOST_MEGABYTES}")
    if bool(card.token_url) != bool(card.token_form):
        raise _bad(path, "'token_url' and 'token_form' go together")
    if card.expected_max < card.expected_min:
        raise _bad(path, "'expected_max' is below 'expected_min'")


def _check(path: Path, part: object, where: str) -> None:
    for name, hint in get_type_hints(type(part)).items():
        value = getattr(part, name)
        kind = get_origin(hint) or hint
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _bad(path, f"'{where}{name}' is {value!r}, not {kind.__name__}")
        parts = value if isinstance(value, tuple) else (value,)
        for one in parts:
            if is_dataclass(one):
                _check(path, one, f"{name}.")
            elif isinstance(value, tuple) and not isinstance(one, str):
                raise _bad(path, f"'{where}{name}' holds {one!r}, not str")


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.pop(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"'{name}' is {found!r}, not a table")
    return found


def _tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = raw.pop(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise TypeError(f"'{name}' is {found!r}, not a list of tables")
    return [dict(row) for row in found]


def known(cards: Sequence[SourceCard], source_id: str) -> SourceCard:
    """The card of that id, or an error that lists what there is."""
    for card in cards:
        if card.id == source_id:
            return card
    raise UsageError(
        f"There is no source '{source_id}'.",
        why="The known sources are: " + ", ".join(card.id for card in cards) + ".",
        do="Check the name with `horizon sources`.",
    )


CARD_FIELDS = tuple(f.name for f in fields(SourceCard))
