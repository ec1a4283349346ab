"""What a page holds once everything is decided: a masthead and sections of blocks, the same for every form.

HTML, PDF, DOCX and JSON are made from these and add nothing: final strings, numbers of paragraphs and notes, the words
and the table behind each picture, and the figures that pictures are drawn from. The canonical JSON of a view is the
machine's edition of the page, and its sha256 is the content hash; so nothing here depends on the time of rendering or
on the form. `kind` tells the blocks apart where their type is lost, as in JSON and in templates.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeVar


class PageKind(StrEnum):
    SCAN = "scan"
    BUREAU = "bureau"
    EVIDENCE = "evidence"
    INDEX = "index"
    FLAGS = "flags"
    SESSIONAL = "sessional"
    LEDGER = "ledger"


class Tone(StrEnum):
    """How a text without a number stands: as running text, as the lead of a page, or small."""

    PLAIN = "plain"
    INTRO = "intro"
    SMALL = "small"


class Layout(StrEnum):
    """How lines stand together. BOX: set apart, the first one strong. KEY: a term and its words. LIST: one below the
    other. PAGES: links to pages with what each holds."""

    BOX = "box"
    KEY = "key"
    LIST = "list"
    PAGES = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`href` is an address, a file beside this page, or `#` and an anchor of it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: `lead` is its term, `links` follow `text`. `anchor` is where others point to it."""

    lead: str
    text: str = ""
    links: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of (a), (b), (c) below a numbered paragraph. `notes` are the numbers of notes; `links` open the counts.

    `language` is set where a person wrote the text in another language than the page's.
    """

    letter: str
    lead: str
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One numbered note. A protected source has neither address nor hash."""

    number: str
    text: str
    address: str
    href: str
    collected: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """The one line of a place. `code` is a matcher's code, no statement on status; `home` is where its entries are."""

    code: str
    name: str
    note: str
    shape: str
    level: str
    printed: str
    detail: str
    triggers: str
    coverage: str
    access: str
    cooperation: str
    confidence: str
    last_look: str
    home: str
    href: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """`mark` is one of: none, quiet, limited, unmonitored, failed, watch, emerging, urgent."""

    code: str
    name: str
    mark: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TileBlock:
    title: str
    sentence: str
    here: bool
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period, as numbers to draw. None is a gap in the picture and `no value` in the table, never zero.

    `late_low` and `late_high` say to what late reports may still bring the count; None where nothing is known of it.
    """

    period: str
    value: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    late_low: float | None
    late_high: float | None
    above: bool
    alarm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StripCell:
    """`mark` is one of: met, clear, blind, absent; `word` says the same."""

    mark: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRow:
    name: str
    cells: tuple[StripCell, ...]


# Blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading inside a section: level 3 or 4; the section's own is 2 and the page's title 1."""

    kind: Literal["heading"] = field(default="heading", init=False)
    level: int
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A text without a number."""

    kind: Literal["remark"] = field(default="remark", init=False)
    text: str
    tone: Tone = Tone.PLAIN
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """`number` is consecutive over the page; cite it, not the page. `rows` stand below its text.

    `language` is set where a person wrote the text in another language than the page's.
    """

    kind: Literal["paragraph"] = field(default="paragraph", init=False)
    number: str
    lead: str
    text: str
    links: tuple[Link, ...] = ()
    rows: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines that belong together; an empty title is left out."""

    kind: Literal["lines"] = field(default="lines", init=False)
    layout: Layout
    lines: tuple[Line, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A plain table: the first column heads its row; `numeric` names the columns of figures, from 0.

    `hrefs` has one address a row for its last cell, or is empty. A `folded` table may stand behind its caption on a
    screen; on paper it is printed only where `printed`.
    """

    kind: Literal["table"] = field(default="table", init=False)
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    hrefs: tuple[str, ...] = ()
    folded: bool = False
    printed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTable:
    """All places of a list. `head` names the columns of `place_cells`; `homes` says that the last one is there."""

    kind: Literal["places"] = field(default="places", init=False)
    caption: str
    caption_shown: bool
    head: tuple[str, ...]
    homes: bool
    rows: tuple[PlaceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TileGrid:
    """One equal tile a place. `key` explains the marks; `table` is what the tiles say, in words."""

    kind: Literal["tiles"] = field(default="tiles", init=False)
    figure_id: str
    caption: str
    key: tuple[tuple[str, str], ...]
    blocks: tuple[TileBlock, ...]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFigure:
    """`sentence` is the picture in words, for who cannot see it; `shown` leaves out what the title says already.

    `key` explains the marks, and `table` holds the figures that are drawn, as words.
    """

    kind: Literal["series"] = field(default="series", init=False)
    figure_id: str
    title: str
    sentence: str
    shown: str
    unit: str
    key: str
    points: tuple[Point, ...]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class StripFigure:
    """One row a place, one cell a column: access and cooperation at a glance. `table` says the same in words."""

    kind: Literal["strip"] = field(default="strip", init=False)
    figure_id: str
    title: str
    sentence: str
    key: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[StripRow, ...]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCount:
    """How many incidents of an entry it places at one first-level place; never fewer than three."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """What a situation over several places is in one of them; `situation_id` is the part's own."""

    situation_id: str
    code: str
    place: str
    shape: str
    level: str
    phase: str
    incidents: tuple[str, ...]
    placed: tuple[PlaceCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One situation: `why` is the numbered paragraph, `items` are (a) to (k), `closing` stands below them.

    A short entry (`full` is False) prints `line` after the place and its level, and `more` leads to the full one.
    `proposed` is the level that the rules gave, `departed` says why people set another one; it is empty where nobody
    did. `printed` is False where the entry is kept for the screen, because nothing in it changed. `placed` repeats for
    machines what (a) says of places below the State.

    A situation over several places has one entry, under the first of them: `place` names all, `parts` says what it is
    in each, `code` and `level` are those of the first. Every other place has a short entry with the same `situation_id`
    and no incidents, which leads there.
    """

    kind: Literal["entry"] = field(default="entry", init=False)
    anchor: str
    situation_id: str
    code: str
    place: str
    shape: str
    level: str
    phase: str
    proposed: str
    departed: str
    status: str
    full: bool
    printed: bool
    why: Paragraph
    line: str
    more: tuple[Link, ...]
    items: tuple[Item, ...]
    closing: str
    closing_notes: tuple[str, ...]
    figures: tuple[SeriesFigure, ...]
    incidents: tuple[str, ...]
    placed: tuple[PlaceCount, ...] = ()
    parts: tuple[EntryPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLine:
    """One label and its words: what it was coded as, the field, what stands there, and the rules that said so."""

    coded: str
    field: str
    words: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One report of an incident. `href` is empty where the source is protected or has no address."""

    source: str
    href: str
    published: str
    origin: str
    joined: str
    payload: str
    labels: tuple[LabelLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One alleged event: the week and never the day, the State and never the place below it.

    Of one that rests on a protected report (`guarded`) `week`, `acts` and `closer` repeat for machines what `text`
    gives away: nothing, or the week, or the victims and their number too.
    """

    anchor: str
    number: str
    text: str
    reports: tuple[ReportLine, ...]
    guarded: bool = False
    week: str = ""
    acts: tuple[str, ...] = ()
    closer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """The incidents behind one situation of one place, with their reports and labels."""

    kind: Literal["incidents"] = field(default="incidents", init=False)
    code: str = ""
    incidents: tuple[IncidentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteList:
    kind: Literal["notes"] = field(default="notes", init=False)
    notes: tuple[Note, ...]


Block = (
    Heading
    | Remark
    | Paragraph
    | Lines
    | Table
    | PlaceTable
    | TileGrid
    | SeriesFigure
    | StripFigure
    | Entry
    | Incidents
    | NoteList
)
B = TypeVar("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of level 2 with its blocks. The annex begins a new sheet of paper and stands after the main part."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]
    annex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """`reference` looks like a document symbol of the Office and is none; the page says so."""

    title: str
    subtitle: str
    reference: str
    distribution: str
    review: str
    week: str
    as_of: str
    imprint: str
    facts: tuple[tuple[str, str], ...]
    disclaimer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `lead` stands before its first section, `foot` after the last one; both may be empty."""

    kind: PageKind
    language: str
    direction: str = "ltr"
    region_code: str = ""
    masthead: Masthead
    nav: tuple[Link, ...]
    lead: str = ""
    sections: tuple[Section, ...]
    foot: str = ""

    def section(self, anchor: str) -> Section:
        for one in self.sections:
            if one.anchor == anchor:
                return one
        raise KeyError(anchor)


def blocks_of(view: View, kind: type[B], *, section: str = "") -> Iterator[B]:
    """Every block of one type, in order of print; of one section where its anchor is given."""
    for one in view.sections:
        if not section or one.anchor == section:
            yield from (block for block in one.blocks if isinstance(block, kind))


def place_cells(row: PlaceRow, *, homes: bool) -> tuple[str, ...]:
    """A row of a PlaceTable as plain cells, for forms without a cell in a cell."""
    name = f"{row.name} ({row.note})" if row.note else row.name
    heard = f"{row.printed}; {row.detail}" if row.detail else row.printed
    cells = (
        name,
        f"{row.shape} {row.level}",
        heard,
        row.triggers,
        row.access,
        row.cooperation,
        row.coverage,
        row.confidence,
        row.last_look,
    )
    return (*cells, row.home) if homes else cells
