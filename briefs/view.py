"""What a page holds once everything is decided: final strings, and the numbers that pictures are drawn from.

Templates only place these. The canonical JSON of a view is the machine's edition of the page, and its sha256 is the
content hash; so nothing here depends on the time of rendering or on the form.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of (a), (b), (c) below a numbered paragraph. `notes` are the numbers of notes; `links` open the counts."""

    letter: str
    lead: str
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list below a paragraph: what, and the entries that it holds for."""

    lead: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """`number` is consecutive over the page; cite it, not the page. `rows` stand below its text."""

    number: str
    lead: str
    text: str
    links: tuple[Link, ...] = ()
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


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
class TileGrid:
    caption: str
    blocks: tuple[TileBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period. None is a gap in the picture and `no value` in the table, never zero."""

    period: str
    value: float | None
    expected: float | None
    upper: float | None
    above: bool
    alarm: bool
    value_text: str
    expected_text: str
    upper_text: str
    mark_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFigure:
    """`sentence` is the picture in words, for who cannot see it; `shown` leaves out what the title says already."""

    figure_id: str
    title: str
    sentence: str
    shown: str
    unit: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One situation: `why` is the numbered paragraph. A short entry shows its one line first, the items on demand."""

    anchor: str
    situation_id: str
    code: str
    place: str
    shape: str
    level: str
    phase: str
    status: str
    why: Paragraph
    line: str
    items: tuple[Item, ...]
    figures: tuple[SeriesFigure, ...]
    incidents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelBlock:
    """All situations of one level: every one in full, or every one in one line."""

    heading: str
    explanation: str
    full: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A plain table: the first column heads its row; `numeric` names the columns of figures, from 0."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    number: str
    text: str
    address: str
    href: str
    collected: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    """Sections that the data cannot fill are empty, and the template leaves them out."""

    language: str
    region_code: str
    masthead: Masthead
    nav: tuple[Link, ...]
    changed: tuple[Paragraph, ...]
    counts: str
    since: str
    dates: str
    grid: TileGrid
    places_title: str
    places_intro: Paragraph
    places: tuple[PlaceRow, ...]
    others_title: str
    others: tuple[PlaceRow, ...]
    trigger_key: tuple[tuple[str, str], ...]
    situations_intro: Paragraph
    situations: tuple[LevelBlock, ...]
    access: tuple[Paragraph, ...]
    access_tables: tuple[Table, ...]
    calendar: tuple[Table, ...]
    method: Method
    notes: tuple[Note, ...]
    levels_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauView:
    """One A4 page of at most 350 words; no source, no option, nothing that the State concerned should not read."""

    language: str
    masthead: Masthead
    nav: tuple[Link, ...]
    intro: str
    heading: str
    entries: tuple[Paragraph, ...]
    also: tuple[Paragraph, ...]
    levels_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexView:
    language: str
    masthead: Masthead
    summary: str
    pages: tuple[tuple[Link, str], ...]
    levels_key: str


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
    """One alleged event: the week and never the day, the State and never the place below it."""

    anchor: str
    number: str
    text: str
    reports: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBlock:
    """All incidents behind one situation; `triggers` says which of them each count holds."""

    anchor: str
    title: str
    back: Link
    triggers: tuple[tuple[str, Row], ...]
    withheld: str
    incidents: tuple[IncidentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """What the numbers of one scan rest on, for the analyst who must defend a line."""

    language: str
    region_code: str
    masthead: Masthead
    nav: tuple[Link, ...]
    intro: str
    blocks: tuple[EvidenceBlock, ...]
    levels_key: str


View = ScanView | BureauView | IndexView | EvidenceView
