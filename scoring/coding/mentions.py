"""States and territories named in running text: exact names, the longest first, with the rule that said so.

Nothing is guessed. A name counts when it stands in a table of `domain/reference`, in one of its written forms: without
accents or in capitals, after an elided article, in a Russian case, behind Arabic clitics. What else a name can be (a
given name, a river, a newspaper, part of another State) stands in `phrases.csv`; docs/places.md explains its columns.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from domain.state import REFERENCE, SIMPLIFIED, Gazetteer, PlaceName, fold

# Texts beyond this length are read to here; a press release has 800 to 8,000 signs.
BOUND = 200_000


class Role(StrEnum):
    """What the words around a name make certain; empty says nothing, and never that it is no place."""

    NONE = ""
    PLACE = "place"
    ADDRESSEE = "addressee"
    RECOMMENDER = "recommender"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place named: its code, where in the original text, which rule, and what part it plays where that is certain."""

    code: str
    start: int
    end: int
    rule: str
    role: Role = Role.NONE


@dataclass(slots=True)
class _Node:
    """Words of names as a tree: what may follow, and what a name that ends here is."""

    next: "dict[str, _Node]" = field(default_factory=dict)
    name: "_Entry | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A name that ends here. A code of "" blocks; `as_written` holds letters whose case counts; `small` needs none."""

    code: str
    rule: str
    key: str
    as_written: str = ""
    small: bool = False
    han: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    entry: _Entry
    start: int
    end: int


def _letters(small: bool) -> str:
    kind = "Ll" if small else "Lu"
    ranges = ((0x41, 0x7B), (0xC0, 0x250), (0x386, 0x3CF), (0x400, 0x530), (0x1E00, 0x1F00), (0xFF21, 0xFF5B))
    return "".join(
        chr(sign) for low, high in ranges for sign in range(low, high) if unicodedata.category(chr(sign)) == kind
    )


_UPPER, _LOWER = re.escape(_letters(False)), re.escape(_letters(True))
_MARKS = "\u0300-\u036f"
_WORD = f"[^\\W\\d_](?:[^\\W\\d_]|[{_MARKS}])*"
# A word with a capital: the rest small, or all capitals; text glued to its end ("SyriaDecides") does not hide it.
# Its left side is looked at only where it starts a name, which is what makes the search fast.
_CAPITAL = re.compile(rf"[{_UPPER}](?:[{_LOWER}{_MARKS}]+|[{_UPPER}{_MARKS}]*)")
_ANY = re.compile(_WORD)
_GAP = r"[\s\u00a0‐‑‒–—\-'’‘ʼʻ.,()&]{1,4}"
_NEXT = re.compile(rf"({_GAP})({_WORD})")
_POINTS = re.compile(r"[.,(]")
_ARABIC = re.compile(r"(?<![^\W_])[\u0620-\u065f\u0670-\u06d3ـ]+")
_ARABIC_NEXT = re.compile(r"([\s\u00a0\-–—(.]{1,4})([\u0620-\u065f\u0670-\u06d3ـ]+)")
_HAS_ARABIC = re.compile(r"[\u0620-\u06d3]")
_HAS_HAN = re.compile(r"[\u3400-\u9fff]")
_ARABIC_FORM = str.maketrans({"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": "", "ٱ": "ا"})
_CLITICS = ("", "و", "ف", "ب", "ك", "ل", "وب", "ول", "وك", "فب", "فل")
_AFTER = re.compile(rf"[\s\u00a0]({_WORD})")
REACH = 60
_IDLE = frozenset({"the", "la", "le", "el", "los", "las", "les", "l", "al"})
_MEMO = 200_000


class _Forms(dict[str, str]):
    """A written word → its folded form, remembered; emptied when strangers' words have filled it."""

    def __missing__(self, word: str) -> str:
        if len(self) > _MEMO:
            self.clear()
        folded = self[word] = fold(word).translate(_ARABIC_FORM)
        return folded


class _Readings(dict[str, tuple[_Node, ...]]):
    """An Arabic word → where names begin that it may start, with and without what is written onto its front."""

    def __init__(self, root: _Node, forms: _Forms) -> None:
        super().__init__()
        self._root = root
        self._forms = forms

    def __missing__(self, word: str) -> tuple[_Node, ...]:
        if len(self) > _MEMO:
            self.clear()
        folded, found = self._forms[word], list[_Node]()
        for clitic in _CLITICS:
            if not folded.startswith(clitic):
                continue
            rest = folded[len(clitic) :]
            # After "for" the article loses its first letter.
            for form in (rest, f"ا{rest}") if clitic.endswith("ل") and rest.startswith("ل") else (rest,):
                if node := self._root.next.get(form):
                    found.append(node)
        nodes = self[word] = tuple(found)
        return nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """`phrases.csv`, by what each row does."""

    names: tuple[tuple[str, str], ...]
    skipped: frozenset[str]
    persons: frozenset[str]
    not_first: frozenset[str]
    needs: dict[str, tuple[str, ...]]
    beside: dict[str, tuple[str, ...]]
    unless: dict[str, tuple[str, ...]]
    before: dict[str, tuple[tuple[str, ...], str]]
    short_of: dict[str, str]
    unclear: frozenset[str]
    lower: tuple[tuple[re.Pattern[str], str, str], ...]
    titles: frozenset[str]
    prefixes: frozenset[str]
    allowed: frozenset[str]
    suffixes: frozenset[str]
    common: frozenset[str]


def load_mentions(
    gazetteer: Gazetteer, folder: Path = REFERENCE, *, adjectives: bool = False, capitals: bool = False
) -> "Mentions":
    """A matcher on the names of `gazetteer`; adjectives and capitals are rules of their own, off unless asked for."""
    phrases = _phrases(folder / "phrases.csv")
    more = list(_capitals(folder / "capitals.csv", named=capitals))
    if adjectives:
        more += _adjectives(folder / "adjectives.csv")
    return Mentions(gazetteer, phrases, more)


class Mentions:
    """Finds the places that a text names. Built once; holds no text."""

    def __init__(self, gazetteer: Gazetteer, phrases: _Phrases, more: Iterable[PlaceName]) -> None:
        self._phrases = phrases
        self._root = _Node()
        self._arabic = _Node()
        self._han: dict[str, list[tuple[str, _Entry]]] = {}
        self._forms = _Forms()
        self._readings = _Readings(self._arabic, self._forms)
        added = list(more)
        self._small = any(name.rule.startswith("adjective") for name in added)
        codes = {place.code for place in gazetteer.places}
        for text, code in phrases.names:
            if code and code not in codes:
                raise ValueError(f"phrases.csv names an unknown code: {text}, {code}")
            self._add(PlaceName(text=text, code=code, rule="phrase"))
        for name in (*gazetteer.names, *added):
            if name.rule in {"iso3", "territory_code"} or self._key(name.text) in phrases.skipped:
                continue
            self._add(name)
        self._first = re.compile("[" + re.escape("".join(sorted({two[0] for two in self._han}))) + "]")
        for named in self._han.values():
            named.sort(key=lambda one: -len(one[0]))

    def find(self, text: str, *, language: str = "") -> tuple[Mention, ...]:
        """Mentions in order of place, none inside another; offsets are those of `text` as it was given.

        `language` is a hint: without it the script of the text decides, which costs one look at it.
        """
        text = text[:BOUND]
        found = list(self._spelled(text))
        if not text.isascii():
            if language in {"", "ar"} and _HAS_ARABIC.search(text):
                found += self._in_arabic(text)
            if language in {"", "zh"} and _HAS_HAN.search(text):
                found += self._in_han(text)
        found += self._written_small(text)
        if not found:
            return ()
        found.sort(key=lambda one: (one.start, -one.end))
        return tuple(self._judge(text, found))

    def _key(self, text: str) -> str:
        return " ".join(_ANY_WORD.findall(fold(text).translate(_ARABIC_FORM)))

    def _add(self, name: PlaceName) -> None:
        """Enter a name in the tree of its script, in every form that its language gives it."""
        small = name.rule.startswith("adjective") and name.rule != "adjective:en"
        entry = _Entry(code=name.code, rule=name.rule, key=self._key(name.text), small=small)
        if _HAS_HAN.search(name.text):
            entry = replace(entry, han=True)
            signs = "".join(sign for sign in name.text.translate(SIMPLIFIED) if not sign.isspace())
            # Brackets stand in either width; the two-sign start is what the text is searched for.
            for form in {signs, signs.translate(_NARROW), signs.translate(_WIDE)}:
                known = self._han.setdefault(form[:2], [])
                if all(form != other for other, _ in known):
                    known.append((form, entry))
            return
        if name.as_written:
            entry = _Entry(code=name.code, rule=name.rule, key=entry.key, as_written=_plain(name.text))
        root = self._arabic if _HAS_ARABIC.search(name.text) else self._root
        text = name.text.removeprefix("the ").removeprefix("The ")
        if " and " in text:
            self._add(replace(name, text=text.replace(" and ", " & ")))
        parts = [part for part in re.split(r"([\s\W]+)", fold(text).translate(_ARABIC_FORM)) if part]
        words: list[tuple[str, tuple[str, ...]]] = []
        point = ""
        for part in parts:
            if _ANY_WORD.fullmatch(part):
                forms = _cases(part) if _CYRILLIC.search(part) and not (name.as_written or small) else (part,)
                words.append((point, forms))
                point = ""
            elif words:
                points = _POINTS.findall(part)
                point = points[0] if points else ""
        nodes = [root]
        for point, forms in words:
            nodes = [node.next.setdefault(point + form, _Node()) for node in nodes for form in forms]
        for node in nodes if words else ():
            if node.name is None:
                node.name = entry

    def _spelled(self, text: str) -> Iterator[_Found]:
        """Names in Latin and Cyrillic letters: they start with a capital, so only such words are looked at."""
        root, forms = self._root.next, self._forms
        done = 0
        for word in (_ANY if self._small else _CAPITAL).finditer(text):
            node = root.get(forms[word.group()])
            start = word.start()
            if node is None or start < done or (start and text[start - 1].isalnum()):
                continue
            found = self._longest(text, node, start, word.end(), _NEXT)
            if found is not None and (found.entry.small or text[start].isupper()):
                yield found
                done = found.end

    def _longest(self, text: str, node: _Node, start: int, end: int, following: re.Pattern[str]) -> _Found | None:
        best = None
        while True:
            entry = node.name
            if entry is not None and (not entry.as_written or entry.as_written == _plain(text[start:end])):
                best = _Found(entry=entry, start=start, end=end)
            if not node.next:
                return best
            more = following.match(text, end)
            if more is None:
                return best
            point = _POINTS.search(more.group(1))
            step = node.next.get((point.group() if point else "") + self._forms[more.group(2)])
            if step is None:
                return best
            node, end = step, more.end()

    def _in_arabic(self, text: str) -> Iterator[_Found]:
        """Names behind and, so, by, as, for and the article; the longest name that a reading gives."""
        readings, done = self._readings, 0
        for word in _ARABIC.finditer(text):
            nodes = readings[word.group()]
            if not nodes or word.start() < done:
                continue
            best: _Found | None = None
            for node in nodes:
                found = self._longest(text, node, word.start(), word.end(), _ARABIC_NEXT)
                if found and (best is None or found.end > best.end):
                    best = found
            if best is not None:
                yield best
                done = best.end

    def _in_han(self, text: str) -> Iterator[_Found]:
        """Names in Chinese signs: no word boundaries, so the longest name at a sign wins and hides what it holds."""
        plain, done = text.translate(SIMPLIFIED), 0
        for sign in self._first.finditer(plain):
            start = sign.start()
            if start < done:
                continue
            for name, entry in self._han.get(plain[start : start + 2], ()):
                if plain.startswith(name, start):
                    yield _Found(entry=entry, start=start, end=start + len(name))
                    done = start + len(name)
                    break

    def _written_small(self, text: str) -> Iterator[_Found]:
        """The few names that running text writes without a capital."""
        for pattern, stem, code in self._phrases.lower:
            if stem in text:
                for found in pattern.finditer(text):
                    entry = _Entry(code=code, rule="phrase", key=stem)
                    yield _Found(entry=entry, start=found.start(), end=found.end())

    def _judge(self, text: str, found: list[_Found]) -> Iterator[Mention]:
        """Drop what is no place, settle what two places share, and say the part where it is certain."""
        phrases, said, barred = self._phrases, set[str](), dict[str, bool]()
        kept = _apart(found)
        for at, one in enumerate(kept):
            key, rule, code = one.entry.key, one.entry.rule, one.entry.code
            if not code or (key in phrases.beside and _near(text, one, phrases.beside[key])):
                continue
            # A name in a list of States is one of them, whatever else it may mean elsewhere.
            listed = key in phrases.unclear and self._listed(text, kept, at)
            if key in phrases.unless and not listed:
                if key not in barred:
                    barred[key] = any(word in text for word in phrases.unless[key])
                if barred[key]:
                    continue
            beside = [] if one.entry.han else _beside(text, one.start)
            before = _words_before(beside, self._forms)
            if not self._stands(text, one, beside, before, listed=listed):
                continue
            if key in phrases.before and before and before[-1] in phrases.before[key][0]:
                rule, code = "phrase", phrases.before[key][1]
            elif not listed and phrases.short_of.get(key) in said:
                rule, code = "short_of_named", phrases.short_of[key]
            said.add(code)
            last = _closed(text, one.start, one.end)
            yield Mention(code=code, start=one.start, end=last, rule=rule, role=_role(text, one.start, last, before))

    def _listed(self, text: str, kept: list[_Found], at: int) -> bool:
        """Whether a plain name stands right before or behind, with nothing but "and" or a comma between."""
        one, phrases = kept[at], self._phrases
        sides = [(other, other.end, one.start) for other in kept[max(0, at - 1) : at]]
        sides += [(other, one.end, other.start) for other in kept[at + 1 : at + 2]]
        for other, start, end in sides:
            if other.entry.code and other.entry.key not in phrases.needs and _SIDE_BY_SIDE.fullmatch(text, start, end):
                said = text[other.start : other.end]
                return not any(word in said for word in phrases.unless.get(one.entry.key, ()))
        return False

    def _stands(self, text: str, one: _Found, beside: list[str], before: tuple[str, ...], *, listed: bool) -> bool:
        """Whether the words on either side leave the name a name of a place."""
        phrases, key = self._phrases, one.entry.key
        if key in phrases.needs:
            joined = " " + " ".join(self._forms[word] for word in reversed(beside))
            return listed or joined.endswith(phrases.needs[key])
        if key in phrases.not_first and not listed and _begins(text, one.start) and not _headed(text, one.end):
            return False
        if one.entry.han:
            # A point in the middle joins the parts of a foreign person's name.
            return text[one.start - 1 : one.start] not in _MIDDLE and text[one.end : one.end + 1] not in _MIDDLE
        if one.entry.rule.startswith("adjective"):
            return True
        if before:
            last = [" ".join(before[-count:]) for count in (1, 2, 3)]
            last.append(last[0].removeprefix("و"))
            if any(words in phrases.prefixes for words in last) and not any(
                " ".join(before[-count:]) in phrases.allowed for count in (2, 3)
            ):
                return False
        after = _AFTER.match(text, one.end)
        following = self._forms[after.group(1)] if after else ""
        if after and after.group(1)[0].isupper() and following in phrases.suffixes:
            return False
        if " " in key:
            return True
        # A title has a capital or is a long word; "m" or "don" in small letters may be anything.
        if (
            beside
            and self._forms[beside[0]] in phrases.titles
            and (beside[0][0].isupper() or len(beside[0]) > LETTERS_OF_A_WORD)
        ):
            return False
        if one.entry.as_written:
            return len(one.entry.as_written) > LETTERS_OF_A_WORD or not _shouted(text, beside, one.end)
        if key not in phrases.persons:
            return True
        return not self._person(beside[0] if beside else "", after.group(1) if after else "")

    def _person(self, before: str, after: str) -> bool:
        """A capitalised word beside the name that is no usual word and no place makes it part of a person's name."""
        if before and self._of_a_person(before):
            return True
        governed = before.islower() and self._forms[before] in self._phrases.common and before not in _JOINING
        return bool(after) and not governed and self._of_a_person(after)

    def _of_a_person(self, word: str) -> bool:
        folded = self._forms[word]
        return (
            word[0].isupper()
            and not word.isupper()
            and len(word) > 1
            and folded not in self._phrases.common
            and folded not in self._root.next
        )


LETTERS_OF_A_WORD = 3
_SIDE_BY_SIDE = re.compile(
    r"[\s,;،؛、/–—)(（）-]*(?:and|et|y|и|و|和|及|与|with)?\s*(?:the|le|la|el|du|del)?\s*", re.IGNORECASE
)
_JOINING = frozenset({"and", "or", "y", "e", "et", "ou", "o"})
_ANY_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile(r"[а-я]")
_NARROW, _WIDE = str.maketrans("（）", "()"), str.maketrans("()", "（）")


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


def _apart(found: list[_Found]) -> list[_Found]:
    """Names in order, the first and longest where two overlap."""
    kept: list[_Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _near(text: str, one: _Found, words: tuple[str, ...]) -> bool:
    around = text[max(0, one.start - REACH) : one.end + REACH]
    return any(word in around for word in words)


def _beside(text: str, start: int) -> list[str]:
    """Up to four words before a place as written, the nearest first, none from beyond a stop."""
    said: list[str] = []
    for piece in reversed(_APART.sub(r"\1 ", text[max(0, start - REACH) : start]).split()):
        if (
            len(said) == WORDS_BESIDE
            or piece[-1] in _STOPS
            or piece[-1] in "-/"
            or (piece[-1] == "." and len(piece) > LONGEST_TITLE)
        ):
            break
        word = piece.strip("\"“”«»'’‘.")
        if not word.replace("-", "").isalpha():
            break
        said.append(word)
        if piece[0] in '("“«':
            break
    return said


WORDS_BESIDE, LONGEST_TITLE = 4, 5
_APART = re.compile(r"\b([dlDL]['’])")
_STOPS = frozenset(",;:!?)]—–،؛。，；")


def _words_before(beside: list[str], forms: _Forms) -> tuple[str, ...]:
    """The nearest three of them folded, in the order of reading; articles are left out."""
    words = [forms[word] for word in reversed(beside)]
    return tuple(word for word in words if word not in _IDLE)[-3:]


_MIDDLE = ("·", "•", "・")


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins here."""
    before = text[max(0, start - REACH) : start].rstrip(' \t\u00a0"«“(-–—')
    return not before or before[-1] in ".!?…:;\n"


def _headed(text: str, end: int) -> bool:
    """Whether the name is a heading: a colon follows, or nothing."""
    return text[end : end + REACH].lstrip()[:1] in ("", ":")


def _closed(text: str, start: int, end: int) -> int:
    """The end of a name with the bracket or the point that belongs to it."""
    said, sign = text[start:end], text[end : end + 1]
    if (sign == ")" and said.count("(") > said.count(")")) or (sign == "." and _DOTTED.fullmatch(said)):
        return end + 1
    return end


_DOTTED = re.compile(r"(?:\w\.\s?)+\w")


def _shouted(text: str, beside: list[str], end: int) -> bool:
    """Whether short capitals stand in a line of capitals, where they may be a word."""
    after = _AFTER.match(text, end)
    around = [*beside[:1], *([after.group(1)] if after else [])]
    return bool(around) and all(word.isupper() and len(word) > 1 for word in around)


_IN = frozenset({"in", "en", "dans", "au", "aux", "в", "во", "في", "inside", "within", "across", "throughout"})
_MISSION = (
    "permanent mission of",
    "permanent representative of",
    "ambassador of",
    "embassy of",
    "mission permanente de",
    "representant permanent de",
    "representante permanente de",
    "mision permanente de",
    "embajador de",
    "ambassadeur de",
    "постоянное представительство",
    "постоянныи представитель",
    "постоянныи представитель при",
    "посол",
)
_OF_THE = (" del", " du", " des")
_RECOMMENDED = re.compile(r"recommend|recommand|recomend|рекоменд|التوصي|建议", re.IGNORECASE)
_BRACKET = re.compile(r"[()（）]")
_SEPARATORS = (",", ";", "،", "؛", "、")
_SEPARATOR = re.compile(r"[,;،؛、]")
LIST_REACH = 900


def _role(text: str, start: int, end: int, before: tuple[str, ...]) -> Role:
    joined = " ".join(before)
    if joined.endswith(_OF_THE):
        joined = f"{joined.rpartition(' ')[0]} de"
    if joined.endswith(_MISSION):
        return Role.ADDRESSEE
    if before and before[-1] in _IN:
        return Role.PLACE
    if text[start - 1 : start] == "在":
        return Role.PLACE
    opened = _opened(text, start)
    if opened is not None and (text[end : end + 1] in _SEPARATORS or _SEPARATOR.search(text, opened, start)):
        return Role.RECOMMENDER if _RECOMMENDED.search(text, max(0, opened - LIST_REACH), opened) else Role.NONE
    return Role.NONE


def _opened(text: str, start: int) -> int | None:
    """Where the bracket opens that a place stands in; names may hold brackets of their own."""
    inner = 0
    for bracket in reversed(list(_BRACKET.finditer(text, max(0, start - LIST_REACH), start))):
        if bracket.group() in ")）":
            inner += 1
        elif inner:
            inner -= 1
        else:
            return bracket.start()
    return None


# Endings by the last letters of a Russian word as written in the tables; и also stands for й, which folding takes away.
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ство", ("ство", "ства", "ству", "ством", "стве")),
    ("острова", ("острова", "островов", "островам", "островами", "островах")),
    ("ая", ("ая", "ои", "ую", "ою")),
    ("ое", ("ое", "ого", "ому", "ым", "им", "ом")),
    ("ыи", ("ыи", "ого", "ому", "ым", "ом")),
    ("ии", ("ии", "ия", "ию", "ием", "ого", "ому", "им", "ом")),
    ("ые", ("ые", "ых", "ым", "ыми")),
    ("ие", ("ие", "их", "им", "ими")),
    ("овы", ("овы", "овых", "овым", "овыми")),
    ("ты", ("ты", "тов", "там", "тами", "тах")),
    ("ы", ("ы", "", "ов", "ам", "ами", "ах")),
    ("ия", ("ия", "ии", "ию", "иеи")),
    ("я", ("я", "и", "ю", "еи", "е")),
    ("а", ("а", "ы", "и", "у", "ои", "еи", "е")),
    ("ль", ("ль", "ля", "лю", "лем", "ле", "ли", "лью")),
    ("ь", ("ь", "я", "ю", "ем", "е", "и", "ью")),
    ("аи", ("аи", "ая", "аю", "аем", "ае")),
    ("еи", ("еи", "ея", "ею", "еем", "ее")),
    ("ои", ("ои", "ого", "ому", "ым", "ом")),
)
_VOWELS = frozenset("аеиоуыэюя")
SHORTEST = 3


def _cases(word: str) -> tuple[str, ...]:
    """The forms of a Russian word by its ending; words on other vowels do not change. Too many forms do no harm."""
    if len(word) < SHORTEST or not _CYRILLIC.match(word):
        return (word,)
    for ending, forms in _ENDINGS:
        if word.endswith(ending):
            stem = word[: len(word) - len(ending)]
            return tuple(dict.fromkeys((word, *(stem + form for form in forms))))
    if word[-1] in _VOWELS:
        return (word,)
    return (word, *(word + ending for ending in ("а", "у", "ом", "ем", "е")))


_FEMININE = {"n": ("nne", "nnes", "ne", "nes"), "c": ("que", "ques")}
_RUSSIAN = ("ии", "ая", "ое", "ие", "ого", "ому", "им", "ом", "их", "ими", "ои", "ую")


def _inflected(word: str, language: str) -> Iterator[str]:
    """The forms of an adjective; in Russian the table holds its stem, in Arabic the form without article."""
    if language == "ru":
        yield from (word + ending for ending in _RUSSIAN)
        return
    if language == "ar":
        parts = word.split()
        for ending in ("", "ة", "ين", "ون"):
            yield " ".join([parts[0] + ending, *(part + ending.replace("ين", "") for part in parts[1:])])
            yield " ".join("ال" + part + ending for part in parts)
        return
    plain = fold(word)
    yield from (plain, f"{plain}s")
    if language == "fr":
        yield from (f"{plain}e", f"{plain}es")
        yield from (plain[: -len(plain[-1])] + form for form in _FEMININE.get(plain[-1], ()))
    if language == "es":
        stem = plain[:-1] if plain.endswith("o") else plain
        yield from (f"{stem}a", f"{stem}as", f"{plain}es")


def _adjectives(path: Path) -> Iterator[PlaceName]:
    """Words such as "X-ian" of adjectives.csv in all their forms; English last, as it alone wants a capital."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for language in ("fr", "es", "ru", "ar", "en"):
        for row in rows:
            for word in filter(None, row[language].split("|")):
                for form in dict.fromkeys(_inflected(word, language)):
                    yield PlaceName(text=form, code=row["code"], rule=f"adjective:{language}")


def _capitals(path: Path, *, named: bool) -> Iterator[PlaceName]:
    """Cities of capitals.csv. Where they are not asked for they still hide the name of a State inside them."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield PlaceName(text=row["name"], code=row["code"] if named else "", rule="capital")


def _phrases(path: Path) -> _Phrases:
    """Read phrases.csv; an unknown act is an error of the table."""
    rows: dict[str, list[dict[str, str]]] = {act: [] for act in _ACTS}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["act"] not in rows:
                raise ValueError(f"phrases.csv holds an unknown act: {row}")
            rows[row["act"]].append(row)

    def keys(act: str) -> frozenset[str]:
        return frozenset(_folded(row["text"]) for row in rows[act])

    def words(act: str) -> dict[str, tuple[str, ...]]:
        return {_folded(row["text"]): tuple(row["words"].split("|")) for row in rows[act]}

    return _Phrases(
        names=tuple((row["text"], row["code"]) for row in rows["phrase"]),
        skipped=keys("skip"),
        persons=keys("person"),
        not_first=keys("not_first"),
        # In Arabic "and" is written onto the word that follows it.
        needs={
            key: tuple(f" {joined}{_folded(one)}" for one in said for joined in ("", "و"))
            for key, said in words("needs").items()
        },
        beside=words("beside"),
        unless=words("unless"),
        before={_folded(row["text"]): (tuple(row["words"].split("|")), row["code"]) for row in rows["before"]},
        short_of={_folded(row["text"]): row["code"] for row in rows["short_of"]},
        unclear=keys("needs") | keys("unless") | keys("short_of") | keys("not_first"),
        lower=tuple(
            (
                re.compile(r"\b" + r"\s+".join(re.escape(part).replace("\\~", r"\w*") for part in row["text"].split())),
                row["text"].split()[0].rstrip("~"),
                row["code"],
            )
            for row in rows["lower"]
        ),
        titles=keys("title"),
        prefixes=keys("prefix"),
        allowed=keys("allowed"),
        suffixes=keys("suffix"),
        common=keys("common"),
    )


_ACTS = (
    "phrase", "skip", "person", "not_first", "needs", "beside", "unless", "before", "short_of", "lower",
    "title", "prefix", "allowed", "suffix", "common",
)  # fmt: skip


def _folded(text: str) -> str:
    return " ".join(_ANY_WORD.findall(fold(text).translate(_ARABIC_FORM)))
