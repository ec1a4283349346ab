"""Words of one language that say what was done, to whom, by whom and how: read strictly, then made fast to find.

The files and how words are written in them: `scoring/coding/lexicon/README.md`. Finding goes token by token: for each
distinct token it is remembered which entries can begin with it, so that the cost of a text does not grow with the
number of entries.
"""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from domain.errors import UsageError
from domain.taxonomy import Taxonomy, bundled_taxonomy

FOLDER = Path(__file__).parent / "lexicon"
GAP = 3  # tokens that "…" may stand for
GAP_OF_SIGNS = 6  # and signs, where words are not separated
REMEMBERED = 200_000  # distinct tokens, then the memory is emptied
REMEMBERED_HERE = 2_000  # and at one place of an entry
DETAILS = {"ACCESS": ("humanitarian", "observers", "network"), "FORCE": ("live fire",)}

E = TypeVar("E", bound=StrEnum)


class ContextKind(StrEnum):
    """Why a label is not an incident, in the order in which the first that holds is taken."""

    NEGATION = "negation"
    DENIAL = "denial"
    NORM = "norm"
    ANNIVERSARY = "anniversary"
    HISTORIC = "historic"
    IMMINENT = "imminent"
    POSITIVE = "positive"


class Side(StrEnum):
    """Where the context stands, seen from the term."""

    BEFORE = "before"
    AFTER = "after"
    EITHER = "either"


class FacetKind(StrEnum):
    VICTIM = "victim"
    ACTOR = "actor"
    PHASE = "phase"
    OUTCOME = "outcome"
    PERSONS = "persons"
    PART = "part"
    TREATY = "treaty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words for one class. `event` is false where they name a topic and no act: such a label is never an incident."""

    id: str
    code: str
    words: tuple[str, ...]
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    victim: str = ""
    actor: str = ""
    outcome: str = ""
    detail: str = ""
    event: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRule:
    """Words that take a term within `reach` tokens out of the incidents; `reach` 0 is the whole sentence."""

    id: str
    kind: ContextKind
    words: tuple[str, ...]
    side: Side
    reach: int
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    kind: FacetKind
    value: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWord:
    """Either the lowest reading of a word, or by how much it multiplies the figure before it (`times`)."""

    words: tuple[str, ...]
    value: int = 0
    times: int = 0
    round: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """One language. `reviewed_by` is empty until a native reader has read the file."""

    language: str
    reviewed_by: str
    terms: tuple[Term, ...]
    contexts: tuple[ContextRule, ...]
    facets: tuple[Facet, ...]
    numbers: tuple[NumberWord, ...]

    @property
    def signs(self) -> bool:
        """Words are not separated by spaces: every sign is a token."""
        return self.language == "zh"


def load_lexicons(folder: Path = FOLDER) -> dict[str, Lexicon]:
    """All languages of a folder, by code."""
    return {path.stem: load_lexicon(path) for path in sorted(folder.glob("*.toml"))}


def load_lexicon(path: Path, taxonomy: Taxonomy | None = None) -> Lexicon:
    """Read one file; whatever it does not say plainly is refused, with the entry's id and the reason."""
    known = taxonomy or bundled_taxonomy()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, f"it is not TOML: {error}") from error
    if unread := sorted(set(raw) - {"language", "reviewed_by", "term", "context", "facet", "number"}):
        raise _bad(path, f"nobody reads '{unread[0]}'")
    try:
        language = _text(raw, "language", "the file")
        lexicon = Lexicon(
            language=language,
            reviewed_by=_text(raw, "reviewed_by", "the file", empty=True),
            terms=tuple(_term(row, known) for row in _rows(raw, "term")),
            contexts=tuple(_contexts(_rows(raw, "context"), language)),
            facets=tuple(_facet(row, known) for row in _rows(raw, "facet")),
            numbers=tuple(_number(row) for row in _rows(raw, "number")),
        )
    except ValueError as error:
        raise _bad(path, str(error)) from error
    if lexicon.language != path.stem:
        raise _bad(path, f"it says that its language is '{lexicon.language}'")
    ids = [one.id for one in lexicon.terms] + [one.id for one in lexicon.contexts]
    for one in ids:
        if not one.startswith(f"{language}."):
            raise _bad(path, f"the id '{one}' does not begin with '{language}.'")
    if doubled := sorted({one for one in ids if ids.count(one) > 1}):
        raise _bad(path, f"the id '{doubled[0]}' stands twice")
    return lexicon


def _term(row: dict[str, Any], known: Taxonomy) -> Term:
    name = _text(row, "id", "a term")
    fields = {"id", "class", "words", "with", "without", "victim", "actor", "outcome", "detail", "event"}
    _only(row, fields, name)
    code = _one_of(_text(row, "class", name), known.codes, f"{name}: class")
    theme = code not in known.class_codes
    event = row.get("event", not theme)
    if not isinstance(event, bool) or (event and theme):
        raise ValueError(f"{name}: 'event' is {event!r}" + (", and a theme is no event" if theme else ""))
    facets = {
        kind: _one_of(_text(row, kind, name), known.facet(kind), f"{name}: {kind}")
        for kind in ("victim", "actor", "outcome")
        if kind in row
    }
    detail = ""
    if "detail" in row:
        detail = _one_of(_text(row, "detail", name), DETAILS.get(code, ()), f"{name}: detail")
    return Term(
        id=name,
        code=code,
        words=_words(row, "words", name),
        with_=_words(row, "with", name, empty=True),
        without=_words(row, "without", name, empty=True),
        detail=detail,
        event=event,
        **facets,
    )


def _contexts(rows: list[dict[str, Any]], language: str) -> Iterable[ContextRule]:
    counted: dict[str, int] = {}
    for row in rows:
        kind = _enum(ContextKind, row, "kind", "a context")
        counted[kind] = counted.get(kind, 0) + 1
        name = _text(row, "id", "a context") if "id" in row else f"{language}.{kind.value}.{counted[kind]}"
        _only(row, {"id", "kind", "words", "side", "reach", "without"}, name)
        reach = row.get("reach")
        if not isinstance(reach, int) or isinstance(reach, bool) or reach < 0:
            raise ValueError(f"{name}: 'reach' is {reach!r}, not a number of tokens")
        yield ContextRule(
            id=name,
            kind=kind,
            words=_words(row, "words", name),
            side=_enum(Side, row, "side", name),
            reach=reach,
            without=_words(row, "without", name, empty=True),
        )


def _facet(row: dict[str, Any], known: Taxonomy) -> Facet:
    kind = _enum(FacetKind, row, "kind", "a facet")
    value = _text(row, "value", f"a facet {kind.value}")
    where = f"the facet {kind.value} '{value}'"
    _only(row, {"kind", "value", "words"}, where)
    own = kind in {FacetKind.PERSONS, FacetKind.PART, FacetKind.TREATY}
    allowed = (kind.value,) if own else known.facet(kind.value)
    _one_of(value, allowed, where)
    return Facet(kind=kind, value=value, words=_words(row, "words", where))


def _number(row: dict[str, Any]) -> NumberWord:
    words = _words(row, "words", "a number")
    where = f"the number '{words[0]}'"
    _only(row, {"words", "value", "times", "round"}, where)
    if ("value" in row) == ("times" in row):
        raise ValueError(f"{where} needs either 'value' or 'times'")
    for name in ("value", "times"):
        said = row.get(name, 1)
        if not isinstance(said, int) or isinstance(said, bool) or said < 1:
            raise ValueError(f"{where}: '{name}' is {said!r}, not a number above zero")
    is_round = row.get("round", False)
    if not isinstance(is_round, bool):
        raise ValueError(f"{where}: 'round' is {is_round!r}, not true or false")
    return NumberWord(words=words, value=row.get("value", 0), times=row.get("times", 0), round=is_round)


def _rows(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"'{name}' is not a list of tables")
    return found


def _only(row: dict[str, Any], fields: set[str], where: str) -> None:
    if unread := sorted(set(row) - fields):
        raise ValueError(f"{where}: nobody reads '{unread[0]}'")


def _text(row: dict[str, Any], name: str, where: str, *, empty: bool = False) -> str:
    said = row.get(name)
    if not isinstance(said, str) or not (said.strip() or empty):
        raise ValueError(f"{where} has no '{name}'")
    return said


def _one_of(said: str, allowed: Iterable[str], where: str) -> str:
    if said not in set(allowed):
        raise ValueError(f"{where} is '{said}'; known are: {', '.join(sorted(allowed))}")
    return said


def _enum(closed: type[E], row: dict[str, Any], name: str, where: str) -> E:
    return closed(_one_of(_text(row, name, where), [member.value for member in closed], f"{where}: {name}"))


def _words(row: dict[str, Any], name: str, where: str, *, empty: bool = False) -> tuple[str, ...]:
    found = row.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one.strip(" …*|") for one in found):
        raise ValueError(f"{where}: '{name}' is not a list of words")
    if not found and not empty:
        raise ValueError(f"{where}: '{name}' is empty")
    for one in found:
        if any("*" in part.rstrip("*") or part.endswith("**") for token in one.split() for part in token.split("|")):
            raise ValueError(f"{where}: '{one}' has a * that is not at the end of a token")
        if one.strip().startswith("…") or one.strip().endswith("…"):
            raise ValueError(f"{where}: '{one}' begins or ends with …")
    return tuple(found)


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(
        f"The lexicon {path.name} cannot be used.",
        why=why,
        do="See scoring/coding/lexicon/README.md.",
    )


class _Token:
    """One place of an entry: words that fit as they are, and beginnings that fit with any ending."""

    __slots__ = ("_known", "beginnings", "gap", "whole")

    def __init__(self, whole: frozenset[str], beginnings: tuple[str, ...], gap: int) -> None:
        self.whole = whole
        self.beginnings = beginnings
        self.gap = gap  # tokens that may stand before it
        self._known: dict[str, bool] = {}

    def fits(self, token: str, forms_of: Callable[[str], tuple[str, ...]]) -> bool:
        known = self._known.get(token)
        if known is None:
            if len(self._known) >= REMEMBERED_HERE:
                self._known.clear()
            known = any(form in self.whole or form.startswith(self.beginnings) for form in forms_of(token))
            self._known[token] = known
        return known


@dataclass(frozen=True, slots=True)
class Found:
    """One entry found: tokens from `start` up to and without `end`, and what the entry stands for (its number)."""

    start: int
    end: int
    entry: int


class Finder:
    """Finds entries in lists of folded tokens.

    `split` makes tokens of an entry as it does of a text; `forms` gives the spellings under which a token of a text
    is looked up (the token itself, and in Arabic without its clitics).
    """

    def __init__(
        self,
        entries: Sequence[str],
        *,
        split: Callable[[str], Sequence[str]],
        forms: Callable[[str], tuple[str, ...]],
        signs: bool = False,
    ) -> None:
        self._forms_of = forms
        self._patterns = [_pattern(entry, split, GAP_OF_SIGNS if signs else GAP) for entry in entries]
        self._whole: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._patterns):
            for word in pattern[0].whole:
                self._whole.setdefault(word, []).append(number)
            for word in pattern[0].beginnings:
                self._beginnings.setdefault(word, []).append(number)
        self._lengths = sorted({len(word) for word in self._beginnings})
        self._starts: dict[str, tuple[int, ...]] = {}

    def find(self, tokens: Sequence[str], begin: int = 0, end: int | None = None) -> list[Found]:
        """Every entry within these tokens, also those that overlap; the shortest reading of each gap."""
        stop = len(tokens) if end is None else end
        starts = self._starts
        found: list[Found] = []
        for at in range(begin, stop):
            token = tokens[at]
            numbers = starts.get(token)
            if numbers is None:
                numbers = self._first(token)
            for number in numbers:
                pattern = self._patterns[number]
                last = at + 1 if len(pattern) == 1 else self._rest(pattern, 1, tokens, at + 1, stop)
                if last:
                    found.append(Found(at, last, number))
        return found

    def _first(self, token: str) -> tuple[int, ...]:
        if len(self._starts) >= REMEMBERED:
            self._starts.clear()
        numbers: set[int] = set()
        for form in self._forms_of(token):
            numbers.update(self._whole.get(form, ()))
            for length in self._lengths:
                if length > len(form):
                    break
                numbers.update(self._beginnings.get(form[:length], ()))
        self._starts[token] = tuple(sorted(numbers))
        return self._starts[token]

    def _rest(self, pattern: tuple[_Token, ...], place: int, tokens: Sequence[str], at: int, stop: int) -> int:
        """Where the rest of the pattern ends when it begins at `at`, or 0."""
        wanted = pattern[place]
        forms_of = self._forms_of
        last_place = place + 1 == len(pattern)
        for here in range(at, min(at + wanted.gap + 1, stop)) if wanted.gap else (at,) if at < stop else ():
            if wanted.fits(tokens[here], forms_of):
                if last_place:
                    return here + 1
                if last := self._rest(pattern, place + 1, tokens, here + 1, stop):
                    return last
        return 0


def _pattern(entry: str, split: Callable[[str], Sequence[str]], gap: int) -> tuple[_Token, ...]:
    """The places of an entry. An alternative that is itself split into tokens cannot stand beside others."""
    places: list[_Token] = []
    pending = 0
    for part in entry.replace("…", " … ").split():
        if part == "…":
            pending = gap
            continue
        whole: set[str] = set()
        beginnings: list[str] = []
        options = part.split("|")
        for option in options:
            tokens = split(option.rstrip("*"))
            if len(options) > 1 and len(tokens) != 1:
                raise UsageError(
                    f"The lexicon's words '{entry}' cannot be used.",
                    why=f"'{option}' is more than one token, and stands beside an alternative.",
                    do="Write two entries.",
                )
            for token in tokens[:-1]:
                places.append(_Token(frozenset({token}), (), pending))
                pending = 0
            if not tokens:
                continue
            if option.endswith("*"):
                beginnings.append(tokens[-1])
            else:
                whole.add(tokens[-1])
        if whole or beginnings:
            places.append(_Token(frozenset(whole), tuple(beginnings), pending))
            pending = 0
    if not places:
        raise UsageError(f"The lexicon's words '{entry}' cannot be used.", why="They hold no token.", do="Write words.")
    return tuple(places)
