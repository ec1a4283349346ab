"""What stands on the two pages of a scan, and what moves into its annex.

Two pages hold the masthead, what changed, every State in one line of names, and each situation at least by its name.
What is told in more words is added one step after the other, as long as the whole still fits; what does not fit stands
in the annex in full, so that nothing is lost. One rule for all regions: the steps below are the same everywhere, a
level is taken as a whole, and never told in more words than the level above it.

Room is counted, not tried: millimetres of the PDF page, from the number of signs, the size of type and the width of a
line, with a reserve for languages that need more words than English. So the same issue gives the same division on every
machine, in all forms and languages.
"""

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from briefs.view import (
    Block,
    Entry,
    Heading,
    Layout,
    Lines,
    Link,
    Paragraph,
    Remark,
    Section,
    SeriesFigure,
    Table,
    Tone,
)
from domain.situation import Level

LEVELS = (Level.URGENT, Level.EMERGING, Level.WATCH)
PAGE = 262.0  # what A4 leaves between the margins of briefs/templates/page.typ
# The masthead, and the lines that a translated page has above the first section.
HEAD, NOTICE = 46.0, 16.0
# Ends of pages: a heading stays with what follows it, and a box is not broken.
BREAKS = 18.0
ROOM = 2 * PAGE - NOTICE - BREAKS - HEAD
POINT = 0.3528  # millimetres
# Width of a sign and height of a line, in sizes of type. An English sign is about half as wide as its type is high; the
# rest is for Russian, French and Spanish, which need up to a fifth more signs. GAP parts two paragraphs.
SIGN, LEAD, GAP = 0.58, 1.26, 0.6
TEXT, SMALL, ITEM = 9.0, 7.5, 8.0  # points
MEASURE, COLUMN, WIDTH = 136.0, 66.0, 168.0
FIGURE = 46.0  # a picture of a series with its title and words


class Form(IntEnum):
    """How the situations of one level stand on the two pages, in more and more words.

    COUNTED: how many they are. NAMED: their names, one after the other. BRIEF: one line each. LINED: one paragraph
    each, with why now. TOLD: in full.
    """

    COUNTED = 0
    NAMED = 1
    BRIEF = 2
    LINED = 3
    TOLD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`forms` in the order of `LEVELS`. `apart`: what changed may have a point for each situation, not one a level.

    `named`: such a point names its situations. `dated` and `tabled`: the tables of the calendar and of access are here.
    """

    forms: tuple[Form, Form, Form] = (Form.COUNTED, Form.COUNTED, Form.COUNTED)
    apart: bool = False
    named: bool = False
    dated: bool = False
    tabled: bool = False

    def form(self, level: Level) -> Form:
        return self.forms[LEVELS.index(level)]

    def raised(self, level: Level, form: Form) -> "Plan":
        """The same with more words for one level; the plan as it is where the level above has fewer."""
        at = LEVELS.index(level)
        if any(above < form for above in self.forms[:at]):
            return self
        return replace(self, forms=(*self.forms[:at], form, *self.forms[at + 1 :]))  # type: ignore[arg-type]


def _steps() -> Iterator[Callable[[Plan], Plan]]:
    """The order in which words are added; the annex keeps what does not fit."""
    for form in (Form.NAMED, Form.BRIEF):
        for level in LEVELS:
            yield lambda plan, level=level, form=form: plan.raised(level, form)  # type: ignore[misc]
    yield lambda plan: replace(plan, apart=True)
    # Above watch in full, if all of a level finds room, before the reasons at watch; these have their entries behind.
    for form in (Form.LINED, Form.TOLD):
        for level in LEVELS[:-1]:
            yield lambda plan, level=level, form=form: plan.raised(level, form)  # type: ignore[misc]
    yield lambda plan: plan.raised(Level.WATCH, Form.LINED)
    yield lambda plan: replace(plan, dated=True)
    yield lambda plan: replace(plan, tabled=True)
    yield lambda plan: replace(plan, named=True)


def settle(build: Callable[[Plan], Sequence[Section]]) -> Plan:
    """The plan with the most words that the two pages hold; `build` gives their sections by a plan."""
    plan = Plan()
    for step in _steps():
        wanted = step(plan)
        if wanted != plan and height(build(wanted)) <= ROOM:
            plan = wanted
    return plan


def height(sections: Sequence[Section]) -> float:
    """Millimetres that these sections take on the page, in English."""
    return sum(12 + sum(map(_height, section.blocks)) for section in sections)


def _height(block: Block) -> float:
    match block:
        case Heading():
            return 8.5
        case Remark(tone=Tone.SMALL):
            return GAP + _lines(block.text + _said(block.links), SMALL, MEASURE + 11)
        case Remark():
            return GAP + _lines(block.text + _said(block.links), TEXT, MEASURE + 11)
        case Paragraph():
            return _paragraph(block)
        case Lines():
            return _listed(block)
        case Table():
            return _table(block)
        case Entry():
            return _entry(block)
        case _:
            # Pictures, lists of notes and of places stand in the annex alone.
            raise TypeError(f"{block.kind} has no place on the two pages")


def _paragraph(block: Paragraph) -> float:
    text = f"{block.lead} {block.text}{_said(block.links)}{_refs(block.notes)}"
    rows = sum(GAP + _lines(f"{row.lead}: {row.text}{_said(row.links)}", TEXT, MEASURE - 3) for row in block.rows)
    return GAP + _lines(text, TEXT) + rows + (1 if rows else 0)


def _listed(block: Lines) -> float:
    if block.layout is Layout.KEY:
        return sum(GAP + _lines(row.text, SMALL, COLUMN) for row in block.lines) / 2 + 3
    inner = MEASURE - 9 if block.layout is Layout.BOX else MEASURE - 3
    rows = sum(GAP + _lines(f"{row.lead} {row.text}{_said(row.links)}", TEXT, inner) for row in block.lines)
    return rows + 5 + (6 if block.title else 0)


def _entry(block: Entry) -> float:
    if not block.full:
        named = f"{block.shape} {block.place}, {block.level} ({block.phase}). {block.line}"
        return GAP + _lines(named + _said(block.more) + _refs(block.why.notes), TEXT)
    behind = sum(GAP + _lines(text, SMALL) for text in (block.status, block.departed) if text)
    # Two columns, of which the longer one counts.
    items = [
        GAP
        + sum(_lines(line, ITEM, COLUMN - 5) for line in (f"{item.lead}. {item.lines[0]}", *item.lines[1:]))
        + _lines(_said(item.links) + _refs(item.notes), ITEM, COLUMN - 5)
        for item in block.items
        if item.lines
    ]
    closing = GAP + _lines(block.closing, TEXT) if block.closing else 0
    return 9 + behind + _paragraph(block.why) + sum(items) * 0.56 + closing + _figures(block.figures)


def _figures(figures: Sequence[SeriesFigure]) -> float:
    """One stands wide; several stand two in a row."""
    return 0 if not figures else 62 if len(figures) == 1 else math.ceil(len(figures) / 2) * (FIGURE + 7)


def _table(block: Table) -> float:
    rows = sum(1.7 + _lines("   ".join(row), SMALL, WIDTH * 0.85) for row in (block.head, *block.rows))
    return 6 + _lines(block.caption, SMALL, WIDTH) + rows


def _said(links: Sequence[Link]) -> str:
    return "".join(f" {link.text}," for link in links)


def _refs(notes: Sequence[str]) -> str:
    return f" [{', '.join(notes)}]" if notes else ""


def _lines(text: str, size: float, width: float = MEASURE) -> float:
    """Height of a text in a column; what is as wide as it is high counts for two signs."""
    signs = len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text if sign > "\u1100")
    return math.ceil(signs * SIGN * size * POINT / width) * LEAD * size * POINT
