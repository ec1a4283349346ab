"""A text to labels: what was done, to whom, by whom, in which context, with the words and the rules that said so.

Fields of a source are read first (`structured.py`), text second. A text in a language without a lexicon is *unread*,
which is never the same as silent. Labels are allegations; nothing here judges whether they are true.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from scoring.coding.context import Context, Seen, judge
from scoring.coding.language import identify
from scoring.coding.lexicon import ContextRule, Facet, FacetKind, Finder, Found, Lexicon, NumberWord, Term
from scoring.coding.words import fold, sentences, tokens

JOIN = "\n\n"  # between title and content; offsets of labels count in the text so joined
PERSONS_WITHIN = 12  # tokens between a label and the figure of its persons
NOUN_WITHIN = 3  # tokens between a figure and the noun it counts
YEARS = range(1900, 2100)
MANY_TREATIES = 7  # in one sentence: a list, in which no treaty is what the sentence is about
BESIDE = 12  # entries looked at on each side of a label
TENS = range(20, 100, 10)
LONGEST_JOINER = 3  # letters of "to", "or", "à", "до" between two figures of a range

NOT_READ = "the language is not one of those that are read"
NO_LEXICON = "there is no lexicon of the language"
WORD = 4  # letters of what counts as a word beside a heading
HEADING = "heading"  # rule of a label that stands alone in its sentence

_CLITICS = re.compile(r"[وف]?(?:[بكل]?ال|لل|[بكلس])?")  # Arabic: "and", "so", "in", "as", "for", "the", "will"
_STEM = 3  # letters that must be left of an Arabic word without its clitics
_CLAUSE = re.compile(r"[,;:—–،؛，；：、]")
_STOP = re.compile(r"[.,;:)،؛。，；]")
_E = TypeVar("_E")
_DASH = re.compile(r"\s*[-–—~]\s*")
_USUAL_OUTCOME = {
    "KILL": "killed",
    "DISAP": "disappeared",
    "TORT": "tortured",
    "DET": "detained",
    "KIDN": "abducted",
    "DISPL": "displaced",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The rule that took a label out of the incidents, and its words: offsets in the joined text."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One mention of a class or theme. `start` and `end` are offsets in title + "\\n\\n" + content as given.

    `persons` is the lowest reading, None when the sentence gives no number; `round` marks a round figure. `actor` is
    the alleged one. A label whose context is not `incident` is never counted.
    """

    code: str
    start: int
    end: int
    words: str
    rule: str
    context: Context
    why: Why | None
    victim: str
    actor: str
    phase: str
    outcome: str
    detail: str
    persons: int | None
    round: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCoding:
    """What was read. `read` is false for a language that is not read, and `reason` says why.

    Then there are no labels, and that says nothing about the text: unread is not silent.
    """

    language: str
    read: bool
    reason: str = ""
    labels: tuple[Label, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Codes with at least one label that counts, sorted."""
        return tuple(sorted({label.code for label in self.labels if label.context is Context.INCIDENT}))


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: int
    round: bool


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number with what stands beside it: a noun of persons, a stop, an act before or after it."""

    number: _Number
    noun: bool
    year: bool
    before_stop: bool
    beside_act: bool
    acts_after: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    term: Term


@dataclass(frozen=True, slots=True)
class _Words:
    """A text and its folded tokens, with the offsets in the text where each begins and ends."""

    text: str
    tokens: list[str]
    begins: list[int]
    ends: list[int]


_Around = str | ContextRule | Facet | NumberWord  # a condition's words, or an entry


class Coder:
    """Lexicons made ready; one object codes any number of texts and the same text always the same way."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._readers = {language: _Reader(lexicon) for language, lexicon in lexicons.items()}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._readers))

    def code(self, *, title: str, content: str, declared: str = "") -> TextCoding:
        """Labels of one item. Its language is found in the text; what the source declares helps in doubt alone."""
        text = title + JOIN + content
        found = identify(text, declared=declared)
        if not found.read:
            return TextCoding(language=found.language, read=False, reason=NOT_READ)
        return self.code_in(text, found.language)

    def code_in(self, text: str, language: str) -> TextCoding:
        """Labels of a text whose language is known."""
        reader = self._readers.get(language)
        if reader is None:
            return TextCoding(language=language, read=False, reason=NO_LEXICON)
        return TextCoding(language=language, read=True, labels=reader.read(text))


class _Reader:
    """One lexicon with its finders."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._language = lexicon.language
        self.signs = lexicon.signs
        self._terms = [(term, words) for term in lexicon.terms for words in term.words]
        conditions = {one for term in lexicon.terms for one in (*term.with_, *term.without)}
        conditions |= {one for rule in lexicon.contexts for one in rule.without}
        around: list[tuple[_Around, str]] = [(one, one) for one in sorted(conditions)]
        around += [(rule, words) for rule in lexicon.contexts for words in rule.words]
        around += [(facet, words) for facet in lexicon.facets for words in facet.words]
        around += [(number, words) for number in lexicon.numbers for words in number.words]
        self._around = [entry for entry, _ in around]
        self._term_finder = self._finder([words for _, words in self._terms], lexicon.signs)
        self._around_finder = self._finder([words for _, words in around], lexicon.signs)

    def _finder(self, entries: Sequence[str], signs: bool) -> Finder:
        return Finder(entries, split=self._split, forms=_arabic if self._language == "ar" else _as_is, signs=signs)

    def _split(self, entry: str) -> list[str]:
        """An entry's tokens, folded as a text is; Arabic entries without their article, as their texts are tried."""
        folded = fold(entry, self._language).text
        found = [folded[start:end] for start, end in tokens(folded, self._language)]
        if self._language == "ar":
            return [one.removeprefix("ال") if len(one) > _STEM + 1 else one for one in found]
        return found

    def term(self, entry: int) -> Term:
        return self._terms[entry][0]

    def around(self, words: Sequence[str], first: int, last: int) -> Iterator[tuple[_Around, Found]]:
        """Everything but terms among these tokens."""
        for one in self._around_finder.find(words, first, last):
            yield self._around[one.entry], one

    def read(self, text: str) -> tuple[Label, ...]:
        folded = fold(text, self._language)
        spans = tokens(folded.text, self._language)
        words = [folded.text[start:end] for start, end in spans]
        found = self._term_finder.find(words)
        if not found:
            return ()
        origin = folded.origin
        if isinstance(origin, range):  # nothing was added or taken away
            begins, ends = [start for start, _ in spans], [end for _, end in spans]
        else:
            begins = [origin[start] for start, _ in spans]
            ends = [folded.span(start, end)[1] for start, end in spans]
        placed = _Words(text, words, begins, ends)
        bounds = sentences(text, self._language)
        starts = [start for start, _ in bounds]
        # The sentence of each token; those of found entries only are asked for.
        by_sentence: dict[int, list[Found]] = {}
        for one in found:
            number = bisect_right(starts, begins[one.start])
            if number == bisect_right(starts, begins[one.end - 1]):
                by_sentence.setdefault(number, []).append(one)
        labels: list[Label] = []
        for number, hits in by_sentence.items():
            first, last = _tokens_of(begins, starts, number)
            labels += _Sentence(self, placed, first, last).labels(hits)
        return tuple(sorted(labels, key=lambda label: (label.start, label.end, label.code, label.rule)))


class _Sentence:
    """What stands around the hits of one sentence, each kind found once."""

    def __init__(self, reader: "_Reader", words: _Words, first: int, last: int) -> None:
        self._reader = reader
        self._text = words.text
        self._tokens = words.tokens
        self._begins = words.begins
        self._ends = words.ends
        self._conditions: set[str] = set()
        self._facets: dict[FacetKind, list[tuple[int, int, str]]] = {kind: [] for kind in FacetKind}
        contexts: list[Seen] = []
        figures: list[tuple[int, int, NumberWord]] = []
        for entry, one in reader.around(self._tokens, first, last):
            if isinstance(entry, str):
                self._conditions.add(entry)
            elif isinstance(entry, ContextRule):
                contexts.append(Seen(entry, one.start, one.end))
            elif isinstance(entry, Facet):
                self._facets[entry.kind].append((one.start, one.end, entry.value))
            else:
                figures.append((one.start, one.end, entry))
        self._contexts = [one for one in contexts if not self._conditions.intersection(one.rule.without)]
        self._first, self._last = first, last
        self._number_words = figures
        self._numbers: list[_Figure] | None = None

    def labels(self, found: Sequence[Found]) -> list[Label]:
        labels = [self._label(hit) for hit in _longest(self._holding(found))]
        if len(self._facets[FacetKind.TREATY]) >= MANY_TREATIES:
            return [label for label in labels if label.context is not Context.NORM]
        return labels

    def _holding(self, found: Sequence[Found]) -> list[_Hit]:
        """Those whose conditions hold; a term that fails its own condition hides no other."""
        hits = []
        for one in found:
            term = self._reader.term(one.entry)
            if term.with_ and not self._conditions.intersection(term.with_):
                continue
            if term.without and self._conditions.intersection(term.without):
                continue
            hits.append(_Hit(one.start, one.end, term))
        return hits

    def _label(self, hit: _Hit) -> Label:
        term = hit.term
        start, end = self._begins[hit.start], self._ends[hit.end - 1]
        context, seen = judge(hit.start, hit.end, self._contexts)
        why = None
        if seen is not None:
            why = Why(rule=seen.rule.id, start=self._begins[seen.start], end=self._ends[seen.end - 1])
        if not term.event and context is Context.INCIDENT:
            context, why = Context.NORM, Why(rule=term.id, start=start, end=end)
        if context is Context.INCIDENT and self._heading(hit):
            context, why = Context.NORM, Why(rule=HEADING, start=start, end=end)
        persons = self._persons(hit) if term.event else None
        return Label(
            code=term.code,
            start=start,
            end=end,
            words=self._text[start:end],
            rule=term.id,
            context=context,
            why=why,
            victim=term.victim or self._nearest(FacetKind.VICTIM, hit),
            actor=term.actor or self._nearest(FacetKind.ACTOR, hit) or "unknown",
            phase=self._nearest(FacetKind.PHASE, hit) or ("imminent" if context is Context.IMMINENT else "alleged"),
            outcome=term.outcome or _USUAL_OUTCOME.get(term.code, "") or self._nearest(FacetKind.OUTCOME, hit),
            detail=term.detail,
            persons=persons.value if persons else None,
            round=persons.round if persons else False,
        )

    def _heading(self, hit: _Hit) -> bool:
        """The sentence is the words and nothing but numbers or short signs: a title of a chapter, which tells nothing.

        A headline has a verb, a place or a person, and so at least one more word.
        """
        others = (*self._tokens[self._first : hit.start], *self._tokens[hit.end : self._last])
        return not self._reader.signs and not any(len(one) >= WORD and one.isalpha() for one in others)

    def _nearest(self, kind: FacetKind, hit: _Hit) -> str:
        """The value of the nearest words of that kind; of two as near, the longer words, then the first."""
        ranked = [
            (_apart(hit, start, end), start - end, start, value)
            for start, end, value in _next_to(self._facets[kind], hit, key=itemgetter(0))
        ]
        return min(ranked)[3] if ranked else ""

    def _persons(self, hit: _Hit) -> _Number | None:
        """The nearest figure that counts persons, one of the same clause first; of two as near, the lower."""
        if self._numbers is None:
            self._numbers = self._figures()
        near = [
            (self._clauses_between(hit, number), distance, number.value, number)
            for figure in _next_to(self._numbers, hit, key=_place)
            if (distance := _apart(hit, (number := figure.number).start, number.end)) <= PERSONS_WITHIN
            and self._counts(figure, hit)
        ]
        return min(near, key=lambda one: one[:3])[3] if near else None

    def _clauses_between(self, hit: _Hit, number: _Number) -> bool:
        left, right = sorted(((hit.start, hit.end), (number.start, number.end)))
        if right[0] <= left[1] - 1:
            return False
        return bool(_CLAUSE.search(self._text[self._ends[left[1] - 1] : self._begins[right[0]]]))

    def _counts(self, figure: _Figure, hit: _Hit) -> bool:
        """Whether the figure counts the persons of this act: a noun follows, or it stands at the act ("12 killed").

        "Beat inmates, and two died": the figure is of the other act.
        """
        usual = hit.term.outcome or _USUAL_OUTCOME.get(hit.term.code, "")
        if usual and figure.acts_after and usual not in figure.acts_after:
            return False
        if figure.noun:
            return True
        if figure.year:
            return False
        at = figure.number
        return figure.beside_act or 0 <= hit.start - at.end <= 1 or (figure.before_stop and at.start == hit.end)

    def _figures(self) -> list[_Figure]:
        """The figures of the sentence that can count persons, with what stands beside them.

        What may be a year needs its noun at once; a part of a figure already given is no figure of its own.
        """
        nouns = {start for kind in (FacetKind.PERSONS, FacetKind.VICTIM) for start, _, _ in self._facets[kind]}
        parts = {end for _, end, _ in self._facets[FacetKind.PART]}
        acts_end = {end for _, end, _ in self._facets[FacetKind.OUTCOME]}
        acts: dict[int, set[str]] = {}
        for start, _, value in self._facets[FacetKind.OUTCOME]:
            acts.setdefault(start, set()).add(value)
        figures = []
        for number in self._read_numbers():
            if number.start in parts or number.start - 1 in parts:
                continue
            after = self._text[self._ends[number.end - 1] :][:1]
            before_stop = not after or bool(_STOP.match(after))
            year = number.value in YEARS and not number.round
            near = range(number.end, number.end + (1 if year else NOUN_WITHIN))
            following = [acts.get(at, set()) for at in range(number.end, number.end + NOUN_WITHIN)]
            figures.append(
                _Figure(
                    number=number,
                    noun=any(at in nouns for at in near) and not (year and _CLAUSE.match(after)),
                    year=year,
                    before_stop=before_stop,
                    beside_act=any(following[:2]) or (before_stop and number.start in acts_end),
                    acts_after=frozenset().union(*following),
                )
            )
        return figures

    def _read_numbers(self) -> list[_Number]:
        words = _disjoint(self._number_words)
        numbers: list[_Number] = []
        at = self._first
        while at < self._last:
            if at in words:
                end, entry = words[at]
                if entry.times and numbers and numbers[-1].end == at:
                    before = numbers.pop()
                    numbers.append(_Number(before.start, end, before.value * entry.times, before.round or entry.round))
                elif entry.times:
                    numbers.append(_Number(at, end, entry.times, True))
                elif numbers and numbers[-1].end == at and numbers[-1].value in TENS and entry.value < TENS.step:
                    before = numbers.pop()
                    numbers.append(_Number(before.start, end, before.value + entry.value, False))
                else:
                    numbers.append(_Number(at, end, entry.value, entry.round))
                at = end
                continue
            token = self._tokens[at]
            if token[0].isdecimal():
                following = words.get(at + 1)
                times = following[1].times if following is not None else 0
                value = _value(token, times)
                after = self._text[self._ends[at] :][:2].strip()[:1]
                if value is not None and after not in {"%", "٪", "％"}:
                    end = following[0] if times and following is not None else at + 1
                    numbers.append(_Number(at, end, value, bool(times)))
                    at = end
                    continue
            at += 1
        return self._ranges(numbers)

    def _ranges(self, numbers: list[_Number]) -> list[_Number]:
        """ "12–15" and "12 to 15" are one figure, read at its lowest."""
        read: list[_Number] = []
        for number in numbers:
            if read and self._joined(read[-1], number):
                low = read.pop()
                read.append(_Number(low.start, number.end, min(low.value, number.value), low.round or number.round))
            else:
                read.append(number)
        return read

    def _joined(self, left: _Number, right: _Number) -> bool:
        between = self._text[self._ends[left.end - 1] : self._begins[right.start]]
        if left.end == right.start:
            return bool(_DASH.fullmatch(between))
        return right.start == left.end + 1 and between.strip().isalpha() and len(between.strip()) <= LONGEST_JOINER


def _as_is(token: str) -> tuple[str, ...]:
    return (token,)


def _arabic(token: str) -> tuple[str, ...]:
    """The word, and what is left of it without each reading of the clitics before it."""
    longest = _CLITICS.match(token)
    cut = longest.end() if longest is not None else 0
    return (token, *(token[at:] for at in range(1, cut + 1) if len(token) - at >= _STEM))


def _tokens_of(begins: list[int], starts: list[int], number: int) -> tuple[int, int]:
    """The first token of sentence `number` (counted from 1) and the one after its last."""
    first = bisect_right(begins, starts[number - 1] - 1) if number else 0
    last = bisect_right(begins, starts[number] - 1) if number < len(starts) else len(begins)
    return first, last


def _longest(hits: Sequence[_Hit]) -> list[_Hit]:
    """Within one code the longest match wins, an act before a topic; other codes may share the words."""
    kept: dict[str, list[_Hit]] = {}
    for hit in sorted(hits, key=lambda one: (one.start - one.end, not one.term.event, one.start, one.term.id)):
        same = kept.setdefault(hit.term.code, [])
        if all(hit.end <= other.start or hit.start >= other.end for other in same):
            same.append(hit)
    return [hit for same in kept.values() for hit in same]


def _next_to(entries: Sequence[_E], hit: _Hit, *, key: Callable[[_E], int]) -> Sequence[_E]:
    """Those that begin next to the hit; entries are in order of their first token, and none is far longer than others.

    Without it a sentence full of acts and figures would cost the square of its length.
    """
    at = bisect_right(entries, hit.start, key=key)
    return entries[max(at - BESIDE, 0) : at + BESIDE]


def _place(figure: _Figure) -> int:
    return figure.number.start


def _apart(hit: _Hit, start: int, end: int) -> int:
    """Tokens between two spans; 0 when they touch or overlap."""
    return max(hit.start - end, start - hit.end, 0)


def _disjoint(words: Sequence[tuple[int, int, NumberWord]]) -> dict[int, tuple[int, NumberWord]]:
    """Number words by their first token; "tens of thousands" hides its "thousands"."""
    kept: dict[int, tuple[int, NumberWord]] = {}
    taken: set[int] = set()
    for start, end, entry in sorted(words, key=lambda one: (one[0] - one[1], one[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept[start] = (end, entry)
    return kept


def _value(token: str, times: int) -> int | None:
    """A figure as written, in any digits; a decimal counts persons only before "thousand" or "million"."""
    parts = re.split(r"[^\d]", token)
    if len(parts) > 1 and len(parts[-1]) != 3:
        return round(float(".".join(parts)) * times) if times else None
    return int("".join(parts)) * (times or 1)
