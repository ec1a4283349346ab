"""Reads a finished page as its reader will, and says where its words break a rule. The rules stand in lint.toml.

It reads the machine's edition (the JSON of a page) with a walk that knows keys and no types, so that every page, and
every text that a person wrote, goes through the same rules. A rule that reads words is written for English; on a page
in another language it does not run, and the result names it: not looked at is never the same as in order.
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.errors import Refused, UsageError
from domain.state import REFERENCE, fold, load_gazetteer

RULES = Path(__file__).with_name("lint.toml")
RESULT = "lint.json"
ENGLISH = "en"
SHOWN = 90
LONGEST_ABBREVIATION = 6
SHORTEST_WORD = 4
GONE = frozenset({"withdrawn", "revised"})  # stand in the place of what was said, in a replay
STEPS = ("reported", "credible allegation", "corroborated")
ONE_ORIGIN = "One independent origin in all"
UNSEEN = "What we cannot see"
CHANGED = "What changed"
FAILURE = "source failure"
NO_PLACE = "phrase"
TEXT = "text"
NOBODY = frozenset({"", "nobody"})

# Keys of a page whose values are no words: addresses, marks, codes, numbers of paragraphs.
SIGNS = frozenset(
    {
        "href",
        "hrefs",
        "hashes",
        "payload",
        "code",
        "mark",
        "shape",
        "anchor",
        "figure_id",
        "situation_id",
        "incidents",
        "acts",
        "closer",
        "language",
        "direction",
        "number",
        "letter",
        "kind",
        "layout",
        "tone",
        "rule",
        "home",
        "region_code",
        "collected",
        "period",
        "notes",
        "closing_notes",
        "numeric",
        "last_look",
        "field",
        "nav",
    }
)
# Words of others: titles, publishers, quoted labels. They are names, and no rule of ours holds for them.
OTHERS = frozenset({"address", "source", "origin", "words", "publisher", "citation"})
OTHERS_COLUMNS = frozenset({"Source", "Publisher", "Licence", "First example", "Code", "Threshold", "Event"})
# What stands on a page and is not counted as its words.
NOT_COUNTED = frozenset({"disclaimer"})

_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’(?!\w)|«[^»]*»|\"[^\"]*\"|„[^“]*“")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[\"“«(]?[A-Z0-9■◆△○]|\([a-z]\)\s)")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBERED = re.compile(r"\s*(\d+)\.\s")
_DAY = re.compile(r"\b(\d{1,2}) ([A-Z][a-z]+) (\d{4})\b")
_SYMBOL = re.compile(r"\b[AES]/[A-Z0-9][\w./()-]+")
_CITED = re.compile(r"\bparas?(?:graphs?|\.)? ?\d|¶")
# A shape of a level with a word neither before it nor behind it.
_BARE_SHAPE = re.compile(r"(?<!\w)(?<!\w\s)[○△◆■](?!\s?\w)")
# The reference of a letter of special procedures: its codes are no abbreviations and no names.
_LETTER = re.compile(r"\b(?:(?:AL|UA|JAL|JUA|OL|OTH) )?[A-Z]{3} \d+/\d{4}\b")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?: [A-Z]{2,}){2,}\b")
_ROMAN = re.compile(r"[IVXL]+")
_TRIGGER = re.compile(r"T\d\d[ab]?")


class LintLevel(StrEnum):
    """An error stops publication, advice does not."""

    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as lint.toml holds it. Without a check its `pattern` is looked for in every sentence."""

    id: str
    level: LintLevel
    what: str
    why: str
    do: str
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    check: str
    any_language: bool
    pages: frozenset[str]
    quoted: bool
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    rules: tuple[Rule, ...]
    known_abbreviations: frozenset[str]

    def one(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`paragraph` is the number of the paragraph, or the name of the part where there is none."""

    rule: str
    level: LintLevel
    page: str
    paragraph: str
    words: str
    what: str
    why: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """`not_run` holds page, language and the rules that read no such language."""

    pages: tuple[str, ...]
    findings: tuple[Finding, ...]
    not_run: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.level is LintLevel.ERROR)


@dataclass(frozen=True, slots=True)
class Text:
    """One string of a page. `paragraph` is where it stands, `own` is False for words of others."""

    paragraph: str
    key: str
    words: str
    language: str
    own: bool

    @property
    def numbered(self) -> bool:
        return self.paragraph[:1].isdigit()


@dataclass(slots=True)
class Page:
    """A page taken apart: its texts in order, and its parts with the paragraph in which they stand."""

    name: str
    kind: str
    language: str
    confidential: bool
    texts: list[Text] = field(default_factory=list)
    parts: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    spoken: list[Text] | None = None
    written: bool = False

    def groups(self) -> dict[str, list[Text]]:
        """Texts of one paragraph together; those of a page without numbers one by one."""
        found: dict[str, list[Text]] = {}
        for one in self.texts:
            found.setdefault(one.paragraph, []).append(one)
        return found


Check = Callable[[Rule, Page, "Reader"], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Names:
    """Written names of places by their first word, the longest first; the official ones have no better name."""

    by_word: Mapping[str, tuple[tuple[str, str], ...]]
    groups: frozenset[str] = frozenset()  # codes of the regional groups, which references of pages hold

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """Names in a text and, where one is not official, the official one; a name inside another is not found."""
        end = 0
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            for name, better in self.by_word.get(word.group(), ()):
                stop = word.start() + len(name)
                if text.startswith(name, word.start()) and not text[stop : stop + 1].isalnum():
                    end = stop
                    if better != NO_PLACE:
                        yield name, better
                    break


@dataclass(frozen=True, slots=True)
class Reader:
    """What the checks need besides the page."""

    rules: Rules
    places: Names


@cache
def load_rules(path: Path = RULES) -> Rules:
    """Read lint.toml; an unknown field, check or level is an error of ours and stops everything."""
    held = tomllib.loads(path.read_text("utf-8"))
    return Rules(
        rules=tuple(_rule(row) for row in held["rule"]),
        known_abbreviations=frozenset(held["abbreviations"]["known"]),
    )


def _rule(row: dict[str, Any]) -> Rule:
    made = Rule(
        id=row.pop("id"),
        level=LintLevel(row.pop("level")),
        what=row.pop("what"),
        why=row.pop("why"),
        do=row.pop("do"),
        pattern=re.compile(row.pop("pattern"), re.IGNORECASE if "check" not in row else 0)
        if "pattern" in row
        else None,
        unless=re.compile(row.pop("unless"), re.IGNORECASE) if "unless" in row else None,
        check=row.pop("check", ""),
        any_language=row.pop("languages", "en") == "any",
        pages=frozenset(row.pop("pages", ())),
        quoted=row.pop("quoted", False),
        limit=row.pop("limit", 0),
    )
    if row or (made.check and made.check not in CHECKS) or not (made.check or made.pattern):
        raise ValueError(f"lint.toml: the rule {made.id} has {', '.join(row) or 'no check of ours'}")
    return made


@cache
def load_names(reference: Path = REFERENCE) -> Names:
    """Names of places from the reference tables. A phrase that holds a name and means no State is passed by."""
    gazetteer = load_gazetteer(reference)
    right: dict[str, str] = {unit.printed: "" for unit in gazetteer.units}
    right |= {name.text.removeprefix("the "): "" for name in gazetteer.names if name.rule == "official:en_formal"}
    right |= {place.name: "" for place in gazetteer.places}
    if (phrases := reference / "phrases.csv").is_file():
        with phrases.open(encoding="utf-8", newline="") as lines:
            right |= {
                row["text"]: NO_PLACE for row in csv.DictReader(lines) if row["act"] == "phrase" and not row["code"]
            }
    # Wordings of the United Nations that are no short name stand in the notes and units of the tables.
    said = " ".join([*(place.note for place in gazetteer.places), *(unit.printed for unit in gazetteer.units)])
    right |= {name.text: "" for name in gazetteer.names if " " in name.text and name.text in said}
    wrong = {
        name.text: gazetteer.place(name.code).name
        for name in gazetteer.names
        if name.rule.startswith("alias:") and name.rule != "alias:first_level" and name.text not in right
        # A name that differs from the official one in case alone is a heading, not another name.
        and name.text[:1].isupper() and fold(name.text) != fold(gazetteer.place(name.code).name)
    }  # fmt: skip
    by_word: dict[str, list[tuple[str, str]]] = {}
    for name, better in {**wrong, **right}.items():
        if first := _WORD.match(name):
            by_word.setdefault(first.group(), []).append((name, better))
    return Names(
        {word: tuple(sorted(found, key=lambda row: -len(row[0]))) for word, found in by_word.items()},
        groups=frozenset(region.code for region in gazetteer.regions),
    )


# Reading


def read_page(name: str, view: Mapping[str, Any]) -> Page:
    """A page from its canonical JSON."""
    masthead = view.get("masthead")
    distribution = masthead.get("distribution", "") if isinstance(masthead, Mapping) else ""
    page = Page(
        name=name,
        kind=_kind(view),
        language=str(view.get("language") or ENGLISH),
        confidential="CONFIDENTIAL" in str(distribution),
    )
    _walk(page, view, where="page", language=page.language, own=True)
    names = {one.words.strip() for one in page.texts if not one.own and len(one.words.strip()) > len("ab")}
    page.names = tuple(sorted(names, key=lambda one: (-len(one), one)))
    return page


def read_text(name: str, text: str, *, kind: str = TEXT, confidential: bool = False, language: str = ENGLISH) -> Page:
    """A text that a person wrote: paragraphs stand between empty lines, with their number in front or without."""
    page = Page(name=name, kind=kind, language=language, confidential=confidential, written=True)
    for block in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        number = _NUMBERED.match(block[0])
        line = text.count("\n", 0, block.start()) + 1
        words = " ".join(block[0][number.end() if number else 0 :].split())
        if words:
            page.texts.append(Text(number[1] if number else f"line {line}", "text", words, language, own=True))
    return page


def read_pages(paths: Iterable[Path], *, kind: str = TEXT, confidential: bool = False) -> tuple[Page, ...]:
    """Pages from JSON, which say what they are, and texts from .txt and .md files, which do not."""
    return tuple(_read(path, kind=kind, confidential=confidential) for path in paths)


def page_files(folder: Path) -> tuple[Path, ...]:
    """The pages of one issue: every JSON file that has a masthead."""
    return tuple(path for path in sorted(folder.glob("*.json")) if "masthead" in _object(path))


def _read(path: Path, *, kind: str, confidential: bool) -> Page:
    if path.suffix == ".json":
        view = _object(path)
        if not {"masthead", "headline"} & set(view):
            raise UsageError(
                f"{path.name} is no page.",
                why="It has neither a masthead, as pages have, nor a headline, as notices have.",
                do="Give AFR.json or another page of an issue.",
            )
        try:
            return read_page(path.name, view)
        except RecursionError as error:
            raise UsageError(
                f"{path.name} cannot be read.",
                why="Its parts stand too deep in each other.",
                do="Give a page as drafted.",
            ) from error
    if path.suffix not in {".txt", ".md"}:
        raise UsageError(
            f"{path.name} is not read.",
            why="Pages are read in their JSON form, and texts as .txt or .md.",
            do="Give the JSON file that stands beside the page.",
        )
    try:
        return read_text(path.name, path.read_text("utf-8"), kind=kind, confidential=confidential)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} cannot be read.", why=str(error), do="Give a text file in UTF-8.") from error


def _object(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} cannot be read.", why=str(error), do="Give the JSON of a page.") from error
    return held if isinstance(held, dict) else {}


def _kind(view: Mapping[str, Any]) -> str:
    if isinstance(said := view.get("kind"), str) and said:
        return said
    return "bureau" if "also" in view and "entries" in view else "scan" if "changed" in view else "page"


def _walk(page: Page, node: Any, *, where: str, language: str, own: bool, key: str = "") -> None:
    if isinstance(node, str):
        if node and key not in SIGNS:
            page.texts.append(Text(where, key, node, language, own and key not in OTHERS))
    elif isinstance(node, Mapping):
        here = _where(node, where)
        page.parts.append((here, node))
        note = "hashes" in node or "address" in node
        spoken = str(node.get("language") or language)
        columns = _columns(node)
        for name, value in node.items():
            if name == "nav":
                continue
            if name == "rows" and columns:
                for row in _rows(node):
                    for cell, others in zip(row, columns, strict=False):
                        _walk(page, cell, where=here, language=spoken, own=own and not others, key="cell")
            else:
                place = "masthead" if name == "masthead" else here
                _walk(page, value, where=place, language=spoken, own=own and not (note and name == "text"), key=name)
    elif isinstance(node, list | tuple):
        for value in node:
            _walk(page, value, where=where, language=language, own=own, key=key)


def _where(node: Mapping[str, Any], where: str) -> str:
    """The paragraph in which a part stands: its own number, that of its entry, or the name of a table or section."""
    why = node.get("why")
    if isinstance(why, Mapping) and why.get("number"):
        return str(why["number"])
    if node.get("number") and "text" in node:
        return f"note {node['number']}" if "address" in node or "hashes" in node else str(node["number"])
    if node.get("letter"):
        return f"{where} {node['letter']}"
    for name in ("caption", "heading"):
        if node.get(name) and not where[:1].isdigit():
            return f"“{node[name]}”"
    return where


def _columns(node: Mapping[str, Any]) -> tuple[bool, ...]:
    """For each column of a table, whether its cells are words of others; empty for what is no plain table."""
    rows, head = node.get("rows"), node.get("head")
    if not isinstance(head, list | tuple) or not rows or not isinstance(rows[0], list | tuple):
        return ()
    return tuple(str(name) in OTHERS_COLUMNS for name in head)


def _rows(node: Mapping[str, Any]) -> list[Sequence[Any]]:
    return [row if isinstance(row, list | tuple) else (row,) for row in node["rows"]]


# Running


def lint(pages: Iterable[Page], *, rules: Rules | None = None, places: Names | None = None) -> Linted:
    """All findings on these pages, in order of page, rule and place."""
    rules = rules or load_rules()
    reader = Reader(rules, places or load_names())
    found: list[Finding] = []
    left: list[tuple[str, str, tuple[str, ...]]] = []
    names = []
    for page in pages:
        names.append(page.name)
        for rule in rules.rules:
            if rule.pages and page.kind not in rule.pages:
                continue
            if page.language != ENGLISH and not rule.any_language:
                continue
            found += [_finding(rule, page, *seen) for seen in dict.fromkeys(_seen(rule, page, reader))]
        spoken = sorted({page.language, *(one.language for one in page.texts)} - {ENGLISH})
        left += [(page.name, one, tuple(rule.id for rule in rules.rules if not rule.any_language)) for one in spoken]
    return Linted(pages=tuple(names), findings=tuple(found), not_run=tuple(left))


def lint_folder(folder: Path, *, reference: Path = REFERENCE) -> Linted:
    """Every page of one issue."""
    return lint(read_pages(page_files(folder)), places=load_names(reference))


def result_json(linted: Linted) -> bytes:
    """What stands beside a draft: what was read, what was found where and why, and what was not read."""
    held = {
        "pages": linted.pages,
        "errors": len(linted.errors),
        "findings": [asdict(one) for one in linted.findings],
        "not_run": [{"page": page, "language": language, "rules": left} for page, language, left in linted.not_run],
    }
    return json.dumps(held, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def refuse_errors(linted: Linted, name: str) -> None:
    """Nothing with an error of wording or a hole is issued."""
    if not linted.errors:
        return
    first = linted.errors[0]
    count = "one error" if len(linted.errors) == 1 else f"{len(linted.errors)} errors"
    raise Refused(
        f"{name} cannot be published.",
        why=f"The wording check finds {count}; the first in {first.page}, paragraph {first.paragraph}: "
        f"{first.what} “{first.words}”",
        do=f"Run `horizon lint {name}`, mend the text, and have the new draft approved.",
    )


def _seen(rule: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    if rule.check:
        yield from CHECKS[rule.check](rule, page, reader)
    else:
        yield from _pattern(rule, page, reader)


def _finding(rule: Rule, page: Page, paragraph: str, words: str) -> Finding:
    line = " ".join(words.split())
    return Finding(
        rule=rule.id,
        level=rule.level,
        page=page.name,
        paragraph=paragraph,
        words=line if len(line) <= SHOWN else line[: SHOWN - 1] + "…",
        what=rule.what,
        why=rule.why,
        do=rule.do,
    )


def sentences(text: str) -> tuple[str, ...]:
    """A text cut after its full stops; abbreviations with a small letter behind them do not end a sentence."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part.strip())


def _own(page: Page) -> list[Text]:
    """Our own words in English, with what stands in quotation marks and the names of sources taken out."""
    if page.spoken is None:
        page.spoken = list(_spoken(page))
    return page.spoken


def _spoken(page: Page) -> Iterator[Text]:
    for one in page.texts:
        if one.own and one.language == ENGLISH and one.paragraph != "masthead":
            words = _LETTER.sub("…", _QUOTED.sub("…", one.words))
            for name in page.names:
                if name in words:
                    words = words.replace(name, "…")
            yield Text(one.paragraph, one.key, words, one.language, own=True)


def _around(sentence: str, start: int, end: int) -> str:
    """The words found, with a little of what stands around them."""
    left, right = max(0, start - 30), min(len(sentence), end + 30)
    return ("…" if left else "") + sentence[left:right].strip() + ("…" if right < len(sentence) else "")


def _hits(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """Each match with its sentence: (sentence, words around the match)."""
    for sentence in sentences(text):
        for hit in pattern.finditer(sentence):
            yield sentence, _around(sentence, *hit.span())


def _required(rule: Rule) -> re.Pattern[str]:
    if rule.pattern is None:
        raise ValueError(f"lint.toml: the rule {rule.id} needs a pattern")
    return rule.pattern


def _pattern(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    for one in page.texts if rule.quoted else _own(page):
        for sentence, around in _hits(_required(rule), one.words):
            if rule.unless is None or not rule.unless.search(sentence):
                yield one.paragraph, around


# Checks of words


def _likelihood(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    """Allowed in the confidential edition, in a sentence that says whose judgement it is."""
    pattern = re.compile(_required(rule).pattern, re.IGNORECASE)
    for one in _own(page):
        for sentence, around in _hits(pattern, one.words):
            if not (page.confidential and rule.unless is not None and rule.unless.search(sentence)):
                yield one.paragraph, around


def _likelihood_with_confidence(rule: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    likely = re.compile(_required(reader.rules.one("likelihood")).pattern, re.IGNORECASE)
    sure = re.compile(_required(rule).pattern, re.IGNORECASE)
    for one in _own(page):
        for sentence in sentences(one.words):
            if likely.search(sentence) and sure.search(sentence):
                yield one.paragraph, sentence


def _reasonable_grounds(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    """Only inside quotation marks, with a symbol and a paragraph in the same sentence."""
    pattern = re.compile(_required(rule).pattern, re.IGNORECASE)
    for one in page.texts:
        if one.own and one.language == ENGLISH:
            for sentence in sentences(one.words):
                quoted = any(pattern.search(part) for part in _QUOTED.findall(sentence))
                cited = _SYMBOL.search(sentence) and _CITED.search(sentence)
                if (hit := pattern.search(sentence)) and not (quoted and cited):
                    yield one.paragraph, _around(sentence, *hit.span())


def _ladder_step(_: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    # An entry over several places has a line for each, with its name in front.
    names = tuple(str(part["place"]) for _, part in page.parts if "place" in part and "situation_id" in part)

    def split(line: str) -> tuple[str, str]:
        name = next((one for one in names if line.startswith(f"{one}: ")), "")
        return name, line.removeprefix(f"{name}: ").casefold()

    alone = {(one.paragraph.split(" ")[0], split(one.words)[0]) for one in page.texts if ONE_ORIGIN in one.words}
    for where, part in page.parts:
        if not str(part.get("lead", "")).startswith("Step") or not isinstance(lines := part.get("lines"), list | tuple):
            continue
        for line in map(str, lines):
            name, said = split(line)
            if said in GONE:
                continue
            if not said.startswith(STEPS) or (said.startswith(STEPS[-1]) and (where.split(" ")[0], name) in alone):
                yield where, line


def _alleged(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    pattern = _required(rule)
    groups: dict[str, list[str]] = {}
    for one in _own(page):
        if one.numbered or page.written:
            # An entry that says once that all of it is alleged need not say so in every line.
            groups.setdefault(one.paragraph.split(" ")[0] if one.numbered else one.paragraph, []).append(one.words)
    for where, said in groups.items():
        whole = " ".join(said)
        if (hit := pattern.search(whole)) and not (rule.unless is not None and rule.unless.search(whole)):
            yield where, _around(whole, *hit.span())


def _official_names(_: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    for one in _own(page):
        for name, better in reader.places.find(one.words):
            if better:
                yield one.paragraph, f"{name} → {better}"


def _option_beside_a_name(rule: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    pattern = re.compile(_required(rule).pattern, re.IGNORECASE)
    for where, texts in page.groups().items():
        whole = " ".join(one.words for one in texts)
        if (hit := pattern.search(whole)) and (named := next(reader.places.find(whole), None)):
            yield where, f"{named[0]}; {_around(whole, *hit.span())}"


def _protected_class(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    """Not at all on public pages and the Bureau page; on an analysts' page not as the one of its class."""
    said = _required(rule).pattern
    one_alone = re.compile(rf"\bthe {said}|{said} \(1\)")
    pattern = one_alone if page.confidential and page.kind != "bureau" else _required(rule)
    for one in _own(page):
        if one.numbered or page.written:
            for _sentence, around in _hits(pattern, one.words):
                yield one.paragraph, around


def _bureau_situations(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    told = [one for one in page.texts if _required(rule).search(one.words)]
    if len(told) > rule.limit:
        yield told[rule.limit].paragraph, f"{len(told)} situations in full"


def _long_sentence(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    for one in _own(page):
        if one.numbered or page.written:
            for sentence in sentences(one.words):
                if (count := len(sentence.split())) > rule.limit:
                    yield one.paragraph, f"{count} words: {sentence}"


def _abbreviation(rule: Rule, page: Page, reader: Reader) -> Iterator[tuple[str, str]]:
    """Known to the readers, explained on the page in brackets, or a name that a note or the list of sources holds."""
    pattern = _required(rule)
    all_words = " ".join(one.words for one in page.texts)
    explained = set(re.findall(r"\(([A-Z][A-Za-z0-9-]+)\)", all_words)) | set(
        re.findall(r"\b([A-Z0-9]{2,}) \(", all_words)
    )
    named = {hit for one in page.texts if not one.own for hit in pattern.findall(one.words)}
    seen: set[str] = set()
    for one in _own(page):
        for token in pattern.findall(one.words):
            bare = token.removesuffix("s")
            if bare in reader.rules.known_abbreviations | reader.places.groups or {token, bare} & (
                explained | named | seen
            ):
                continue
            if _ROMAN.fullmatch(bare) or _TRIGGER.fullmatch(bare) or bare.isdigit():
                continue
            seen.add(bare)
            if not _in_capitals(bare, one.words, all_words):
                yield one.paragraph, bare


def _in_capitals(word: str, text: str, page: str) -> bool:
    """A word of a heading in capitals: long, beside a long one, one of three, or in small letters elsewhere."""
    if any(word in run[0].split() for run in _CAPITALS.finditer(text)):
        return True
    long, here = rf"[A-Z]{{{SHORTEST_WORD},}}", re.escape(word)
    if len(word) > LONGEST_ABBREVIATION or re.search(rf"\b{long}[ ’'-]+{here}\b|\b{here}[ ’'-]+{long}\b", text):
        return True
    return len(word) >= SHORTEST_WORD and bool(re.search(rf"\b(?:{word.lower()}|{word.capitalize()})\b", page))


def _undeclared_failure(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    failed = 0
    for _where, part in page.parts:
        if _columns(part) and "caption" in part:
            failed += sum(any(str(cell).startswith(FAILURE) for cell in row) for row in _rows(part))
    told = [
        " ".join(one.words for one in texts)
        for texts in page.groups().values()
        if any(one.words.startswith(UNSEEN) for one in texts)
    ]
    if failed and not any(_required(rule).search(text) for text in told):
        yield f"“{UNSEEN}”", f"{failed} in the list of sources, none in the text"


def _stale_clearance(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for _where, part in page.parts:
        if "facts" not in part or "as_of" not in part:
            continue
        pairs = part["facts"] if isinstance(part["facts"], list | tuple) else ()
        facts = {str(row[0]): str(row[1]) for row in pairs if isinstance(row, list | tuple) and len(row) > 1}
        cleared = facts.get("Cleared by", "")
        if cleared.casefold() not in NOBODY and "by nobody" in str(part.get("review", "")):
            yield "masthead", f"cleared by {cleared}; {part['review']}"
        known, when = _first_day(str(part["as_of"])), _first_day(f"{facts.get('Cleared on', '')} {cleared}")
        if known and when and when < known:
            yield "masthead", f"cleared {facts.get('Cleared on') or cleared}; {part['as_of']}"


def _first_day(text: str) -> datetime | None:
    for hit in _DAY.finditer(text):
        try:
            return datetime.strptime(" ".join(hit.groups()), "%d %B %Y")  # noqa: DTZ007  (a day, compared with a day)
        except ValueError:
            continue
    return None


# Checks of the page's parts, in any language


def _alphabet(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for where, part in page.parts:
        for key in ("places", "others", "tiles", "rows"):
            rows = part.get(key)
            if not isinstance(rows, list | tuple) or not all(
                isinstance(row, Mapping) and "name" in row for row in rows
            ):
                continue
            for before, after in pairwise(str(row["name"]) for row in rows):
                if fold(before) > fold(after):
                    yield where, f"{before}, then {after}"


def _bureau_length(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    count = sum(len(one.words.split()) for one in page.texts if one.key not in NOT_COUNTED)
    if count > rule.limit:
        yield "page", f"{count} words"


def _points(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    for _where, part in page.parts:
        blocks = part.get("changed")
        if part.get("heading") == CHANGED or part.get("anchor") == "changed":
            blocks = part.get("blocks")
        if isinstance(blocks, list | tuple):
            count = sum(isinstance(one, Mapping) and bool(one.get("number")) for one in blocks)
            if count > rule.limit:
                yield f"“{CHANGED}”", f"{count} points"


def _headline(rule: Rule, page: Page, _: Reader) -> Iterator[tuple[str, str]]:
    for one in page.texts:
        if one.key == "headline" and len(one.words) > rule.limit:
            yield one.paragraph, f"{len(one.words)} characters: {one.words}"


def _missing_note(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    there = {str(part["number"]) for _, part in page.parts if "hashes" in part and "number" in part}
    anchors = {"main", "tiles"} | {f"note-{number}" for number in there}
    links: list[tuple[str, str]] = []
    for where, part in page.parts:
        anchors |= {str(part[key]) for key in ("anchor", "figure_id") if part.get(key)}
        anchors |= {f"{start}{part[key]}" for start, key in (("p", "number"), ("place-", "code")) if part.get(key)}
        # A list of an anchor and a line: the first form of evidence pages.
        anchors |= {str(row[0]) for row in part.get("triggers") or () if isinstance(row, list | tuple) and row}
        if str(part.get("href", "")).startswith("#"):
            links.append((where, str(part["href"])))
        for key in ("notes", "closing_notes"):
            refs = part.get(key)
            if isinstance(refs, list | tuple):
                yield from ((where, f"note {ref}") for ref in refs if isinstance(ref, str) and ref not in there)
    yield from ((where, link) for where, link in links if link[1:] not in anchors)


def _note_without_source(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for where, part in page.parts:
        if "hashes" in part and not _WORD.search(str(part.get("text", ""))):
            yield where, str(part.get("address") or "nothing")


def _empty_chart(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for where, part in page.parts:
        if "points" in part:
            values = [one.get("value") for one in part["points"] if isinstance(one, Mapping)]
            if not any(value is not None for value in values):
                yield where, str(part.get("title", "a picture"))
        if "figure_id" in part and not any(str(part.get(key, "")).strip() for key in ("sentence", "caption")):
            yield where, str(part["figure_id"])


def _empty_section(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for where, part in page.parts:
        title = next((str(part[key]) for key in ("caption", "heading", "title", "lead") if part.get(key)), where)
        for key, beside in _FILLED:
            if beside in part and part.get(key) in ([], ()):
                yield where, title
        if "number" in part and "lead" in part and not (part["lead"] or part.get("text")):
            yield where, "a paragraph without words"
        if (head := part.get("head")) and _columns(part):
            short = [row for row in _rows(part) if len(row) != len(head) or not str(row[0]).strip()]
            yield from ((where, f"{title}: {' · '.join(map(str, row)) or 'an empty row'}") for row in short)


# A list that must hold something where the other key stands beside it.
_FILLED = (
    ("blocks", "heading"),
    ("rows", "head"),
    ("entries", "explanation"),
    ("tiles", "sentence"),
    ("lines", "letter"),
)


def _colour_alone(_: Rule, page: Page, __: Reader) -> Iterator[tuple[str, str]]:
    for where, part in page.parts:
        said = next((str(part[key]) for key in ("name", "place", "title") if part.get(key)), "a mark")
        if part.get("mark") and not str(part.get("word", "")).strip():
            yield where, said
        if part.get("shape") and not str(part.get("level", "")).strip():
            yield where, f"{part['shape']} {said}"
    if page.language == ENGLISH:
        for one in page.texts:
            if _BARE_SHAPE.search(one.words):
                yield one.paragraph, one.words


CHECKS: Mapping[str, Check] = {
    "abbreviation": _abbreviation,
    "alleged": _alleged,
    "alphabet": _alphabet,
    "bureau_length": _bureau_length,
    "bureau_situations": _bureau_situations,
    "colour_alone": _colour_alone,
    "empty_chart": _empty_chart,
    "empty_section": _empty_section,
    "headline": _headline,
    "ladder_step": _ladder_step,
    "likelihood": _likelihood,
    "likelihood_with_confidence": _likelihood_with_confidence,
    "long_sentence": _long_sentence,
    "missing_note": _missing_note,
    "note_without_source": _note_without_source,
    "official_names": _official_names,
    "option_beside_a_name": _option_beside_a_name,
    "points": _points,
    "protected_class": _protected_class,
    "reasonable_grounds": _reasonable_grounds,
    "stale_clearance": _stale_clearance,
    "undeclared_failure": _undeclared_failure,
}


# The page of docs/


def describe_rules(rules: Rules) -> str:
    """docs/wording.md: every rule in words, from lint.toml."""
    lines = [
        "# Wording: what the linter finds",
        "",
        "Generated by `horizon lint --rules` from `briefs/lint.toml`; a test compares the two. Do not edit this page.",
        "",
        "`horizon lint` reads the pages of an issue, or texts that people wrote, and prints what breaks a rule: the",
        "rule, the paragraph, the words, why it matters, and what to do. An **error** stops publication (exit code 3);",
        "**advice** stops nothing. Words in quotation marks are somebody else's, and names of sources are names: both",
        "are passed by.",
        "",
        "Rules marked *any* read no words and run in every language. The others read English. On a page in another",
        "language they do not run, and the linter says so: what nobody looked at is not thereby in order.",
        "",
        "| rule | level | language | pages | what it finds | why | do |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in rules.rules:
        cells = (
            f"`{one.id}`",
            one.level.value,
            "any" if one.any_language else "English",
            ", ".join(sorted(one.pages)) or "all",
            one.what + (f" Limit: {one.limit}." if one.limit else ""),
            one.why,
            one.do,
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += [
        "",
        "Abbreviations that need no explanation: " + ", ".join(sorted(rules.known_abbreviations)) + ".",
        "",
        "What the linter cannot know: whether a quoted sentence stands in the document named, whether a class of",
        "source has two members in a State, whether a text that shows no forbidden word is fair. People read for that.",
    ]
    return "\n".join(lines) + "\n"
