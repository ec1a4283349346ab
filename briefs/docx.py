"""From a view to DOCX, with headings, numbering and tables that are what they look like.

Numbers of paragraphs are Word's own numbering, so that they can be edited and read aloud as such; where a view counts
in another way than Word would, the list starts anew at the view's number, and a number that is none is written out.
The same view, hash and `as_of` give the same bytes. The file names no person and no machine, and asks for nothing.
"""

import gc
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import cast

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docx.shared import Mm
from docx.text.paragraph import Paragraph as Placed
from lxml import etree

from briefs import charts
from briefs.fonts import runs
from briefs.lookup import hole
from briefs.paper import Paper, depths, lay_out, led_to, note_anchor, paragraph_anchor, place_anchor, to_png
from briefs.tongue import CODE, ENGLISH, UNKNOWN, furniture, pieces_of
from briefs.view import (
    Block,
    Entry,
    Heading,
    Incidents,
    Item,
    Layout,
    Line,
    Lines,
    Link,
    Note,
    NoteList,
    Paragraph,
    PlaceTable,
    Remark,
    SeriesFigure,
    StripFigure,
    Table,
    TileGrid,
    Tone,
    View,
    place_cells,
)

_TEMPLATES = Path(__file__).parent / "templates"
_WORD = qn("w:p")[:-1]  # the name space of what Word reads
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_DECORATIVE = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)
# What a new document of the library brings along and no brief needs.
_UNWANTED = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml")
_TEXT_WIDTH = 9638  # twentieths of a point: A4 with 20 mm at each side
_SIGN = 84.0  # width of a sign in a cell, on average, in the same unit
_FORMS = ("pStyle", "pageBreakBefore", "numPr", "pBdr", "bidi")
_LONGEST_PROPERTY = 255  # signs: Word's own limit
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

Words = Callable[["_Paragraph"], object]


def render_docx(view: View, *, content_hash: str, as_of: datetime) -> bytes:
    """One page as DOCX; `as_of` stands for the date of the file."""
    paper = lay_out(view)
    document = _empty(paper, as_of)
    _Writer(document, paper, content_hash).write()
    made = io.BytesIO()
    document.save(made)
    # Its parts hold one another in circles, about 10 MB a page, until somebody looks for them.
    del document
    gc.collect()
    return _undated(made.getvalue())


def _undated(made: bytes) -> bytes:
    """The same archive without the time at which each part was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            fixed = zipfile.ZipInfo(part.filename, date_time=_ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            new.writestr(fixed, old.read(part))
    return out.getvalue()


def _empty(paper: Paper, as_of: datetime) -> Document:
    """A document with our styles and numbering, A4, and nothing else in it."""
    document = docx.Document()
    for holder in (document.part.package, document.part):
        for key, link in list(holder.rels.items()):
            if any(word in link.reltype for word in _UNWANTED):
                del holder.rels[key]
    _fill(document.styles.element, "styles.xml")
    _speak(document.styles.element, paper.view.language)
    _fill(document.part.numbering_part.element, "numbering.xml")
    settings = document.settings.element
    for child in list(settings):
        if etree.QName(child).localname in {"rsids", "themeFontLang", "proofState", "savePreviewPicture", "docId"}:
            settings.remove(child)
    page = document.sections[0]
    for name in [one for one in page._sectPr.attrib if "rsid" in str(one)]:
        del page._sectPr.attrib[name]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(20)
    page.top_margin, page.bottom_margin = Mm(19), Mm(20)
    page.header_distance = page.footer_distance = Mm(10)
    page.different_first_page_header_footer = True
    mast, about = paper.view.masthead, document.core_properties
    about.title, about.subject, about.identifier = (
        one[:_LONGEST_PROPERTY] for one in (paper.title, mast.title, mast.reference)
    )
    about.language = paper.view.language
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.created = about.modified = as_of.replace(tzinfo=None)
    return document


def _speak(styles: etree._Element, language: str) -> None:
    """The language of all text that names none."""
    if language == ENGLISH:
        return
    for held in styles.iter(qn("w:lang")):
        kind = {"zh": "eastAsia", "ar": "bidi"}.get(language, "val")
        held.set(qn(f"w:{kind}"), "zh-CN" if language == "zh" else language)


def _fill(element: etree._Element, name: str) -> None:
    for child in list(element):
        element.remove(child)
    element.extend(list(parse_xml((_TEMPLATES / name).read_bytes())))


def _add(parent: etree._Element, tag: str, **values: str) -> etree._Element:
    made = etree.SubElement(parent, _WORD + tag)
    for key, value in values.items():
        made.set(_WORD + key, value)
    return made


class _Paragraph:
    """One paragraph while it is written. Its texts carry their language and the direction of their script."""

    def __init__(self, writer: "_Writer", element: etree._Element, language: str = "") -> None:
        self._writer, self.element, self._language = writer, element, language
        self._form = _add(element, "pPr")

    def form(self, tag: str, **values: str) -> etree._Element:
        """One property of the paragraph; the format fixes their order, whoever is set first."""
        made = _add(self._form, tag, **values)
        self._form[:] = sorted(self._form, key=lambda one: _FORMS.index(etree.QName(one).localname))
        return made

    def say(self, text: str, *, style: str = "", inside: etree._Element | None = None) -> None:
        """Text as runs; a line end is a new line, Arabic reads from right to left, and each language is named."""
        parent = self.element if inside is None else inside
        for part in pieces_of(text):
            self._runs(part.text, parent, style=style, language=part.language or self._language)

    def _runs(self, text: str, parent: etree._Element, *, style: str, language: str) -> None:
        known = "" if language in {UNKNOWN, CODE} else language
        for piece, turned in runs(text):
            run = _add(parent, "r")
            form = _add(run, "rPr")
            if style:
                _add(form, "rStyle", val=style)
            if turned:
                _add(form, "rtl")
            if turned:
                _add(form, "lang", bidi=known or "ar")
            elif known:
                _add(form, "lang", val=known, eastAsia=known)
            if len(form) == 0:
                run.remove(form)
            held = _add(run, "t")
            held.text = piece
            held.set(_SPACE, "preserve")

    def strong(self, text: str) -> None:
        self.say(text, style="Strong")

    def step(self, tag: str) -> None:
        """A tab or a line end."""
        _add(_add(self.element, "r"), tag)

    def link(self, text: str, href: str, *, style: str = "Hyperlink") -> None:
        """A link where it leads somewhere, and its text where it does not."""
        where = led_to(href, self._writer.paper.anchors)
        if not where:
            self.say(text, style="" if style == "Hyperlink" else style)
            return
        if where.startswith("#"):
            made = _add(self.element, "hyperlink", anchor=self._writer.bookmark(where[1:]), history="1")
        else:
            made = _add(self.element, "hyperlink", history="1")
            target = self._writer.document.part.relate_to(where, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            made.set(qn("r:id"), target)
        self.say(text, style=style, inside=made)

    def links(self, links: tuple[Link, ...], *, before: str = "") -> None:
        if links:
            self.say(f" {before}")
        for one in links:
            self.link(one.text, one.href)
            self.say(self._writer.word(".") if one is links[-1] else self._writer.word(", "))

    def refs(self, notes: tuple[str, ...]) -> None:
        if not notes:
            return
        self.say(" [", style="NoteNumber")
        for at, number in enumerate(notes):
            self.link(number, f"#{note_anchor(number)}", style="NoteNumber")
            self.say("]" if at + 1 == len(notes) else ", ", style="NoteNumber")


class _Writer:
    """Places the blocks of one view, one after the other, into one document."""

    def __init__(self, document: Document, paper: Paper, content_hash: str) -> None:
        self.document, self.paper, self._hash = document, paper, content_hash
        self._view = paper.view
        self.word = furniture(paper.view.language)
        self._body = document.element.body
        self._end = self._body[-1]  # page size and margins stay last
        self._bookmarks: dict[str, str] = {}
        self._marked: set[str] = set()
        self._pictures = 0
        self._counted = {"NumberedParagraph": 0, "LetteredItem": 0, "NoteText": 0, "Incident": 0}
        self._lists = {"NumberedParagraph": "1", "NoteText": "2", "Incident": "3"}

    def write(self) -> None:
        self._head()
        for before, section in zip((None, *self._view.sections), self._view.sections, strict=False):
            if section.annex and before is not None and not before.annex:
                with self._paragraph("Subtitle") as made:
                    made.form("pageBreakBefore")
                    made.say(self.word("Annex"))
            with self._paragraph("Heading2") as made:
                self._mark(made, section.anchor)
                made.say(section.heading)
            for block, depth in zip(section.blocks, depths(section.blocks), strict=True):
                self._place(block, depth)
        if self._view.foot:
            self._text("Small", self._view.foot)
        self._colophon()
        if self.paper.behind:
            with self._paragraph("Heading2") as made:
                made.form("pageBreakBefore")
                made.say(self.word("Tables behind the pictures"))
            for table in self.paper.behind:
                self._table(table)
        self._edges()

    def bookmark(self, anchor: str) -> str:
        """Word takes short names of letters and digits; these count on in the order of first use."""
        return self._bookmarks.setdefault(anchor, f"at{len(self._bookmarks) + 1}")

    # Paragraphs

    @contextmanager
    def _paragraph(
        self, style: str, *, language: str = "", parent: etree._Element | None = None
    ) -> Iterator[_Paragraph]:
        element = etree.SubElement(self._body if parent is None else parent, qn("w:p"))
        if parent is None:
            self._end.addprevious(element)
        made = _Paragraph(self, element, language)
        made.form("pStyle", val=style)
        if language == "ar" or (not language and self._view.direction == "rtl"):
            made.form("bidi")
        yield made

    def _text(self, style: str, text: str) -> None:
        with self._paragraph(style) as made:
            made.say(text)

    def _mark(self, made: _Paragraph, anchor: str) -> None:
        """A place that links of this page may lead to; the first part of a name keeps it."""
        if not anchor or anchor in self._marked:
            return
        self._marked.add(anchor)
        name = self.bookmark(anchor)
        number = str(len(self._marked))
        _add(made.element, "bookmarkStart", id=number, name=name)
        _add(made.element, "bookmarkEnd", id=number)

    def _number(self, made: _Paragraph, style: str, number: str) -> None:
        """Let Word count where it would say the same; else start anew there, or write the number out."""
        expected = self._counted[style] + 1
        if not number.isdecimal() or str(int(number)) != number or int(number) < 1:
            numbering = made.form("numPr")
            _add(numbering, "numId", val="0")
            made.say(f"{number}.")
            made.step("tab")
            return
        if int(number) != expected:
            self._lists[style] = self._list_from(self._lists[style], int(number))
        numbering = made.form("numPr")
        _add(numbering, "ilvl", val="0")
        _add(numbering, "numId", val=self._lists[style])
        self._counted[style] = int(number)
        if style == "NumberedParagraph":
            self._counted["LetteredItem"] = 0

    def _list_from(self, old: str, start: int) -> str:
        """A list of the same look that starts at another number."""
        numbering = self.document.part.numbering_part.element
        lists = numbering.findall(qn("w:num"))
        of = next(one for one in lists if one.get(qn("w:numId")) == old).find(qn("w:abstractNumId"))
        made = _add(numbering, "num", numId=str(len(lists) + 1))
        _add(made, "abstractNumId", val=of.get(qn("w:val")))
        _add(_add(made, "lvlOverride", ilvl="0"), "startOverride", val=str(start))
        return str(len(lists) + 1)

    # Parts of a page

    def _head(self) -> None:
        mast = self._view.masthead
        with self._paragraph("Marks") as made:
            made.say(mast.distribution)
            made.step("tab")
            made.say(mast.reference)
        self._text("Heading1", mast.title)
        self._text("Subtitle", mast.subtitle)
        self._text("Normal", f"{mast.week} · {mast.as_of}")
        self._text("Review", mast.review)
        content = "content" if self._view.language == ENGLISH else "content of the English page"
        self._text("Small", f"{mast.imprint} · {self.word(content)} {self._hash[:16]}")
        if self._view.lead:
            self._text("Normal", self._view.lead)

    def _colophon(self) -> None:
        mast = self._view.masthead
        facts = mast.facts
        if self._view.language == ENGLISH:  # a translated page holds it among its facts
            facts = (*facts, (self.word("Content hash"), self._hash))
        for at, (name, value) in enumerate(facts):
            with self._paragraph("KeyLine") as made:
                if at == 0:
                    edge = made.form("pBdr")
                    _add(edge, "top", val="single", sz="12", space="6", color="009EDB")
                made.strong(name)
                made.step("tab")
                made.say(value)
        symbol = self.word(
            "{reference} is a working reference, not a document symbol of the United Nations.", reference=mast.reference
        )
        self._text("Small", f"{symbol} {mast.disclaimer}")
        with self._paragraph("Small") as made:
            made.strong(mast.review)

    def _edges(self) -> None:
        """On every page: the reference, the hash, the page; from the second on also who reviewed it."""
        mast, page = self._view.masthead, self.document.sections[0]
        for holder, style in (
            (page.header, "Header"),
            (page.footer, "Footer"),
            (page.first_page_header, "Header"),
            (page.first_page_footer, "Footer"),
        ):
            holder.is_linked_to_previous = False
            element = holder._element
            for child in list(element):
                element.remove(child)
            with self._paragraph(style, parent=element) as made:
                if style == "Footer":
                    made.say(f"{mast.reference}  sha256 {self._hash}")
                    made.step("tab")
                    self._field(made, "PAGE")
                    made.say(" / ")
                    self._field(made, "NUMPAGES")
                elif holder is page.header:
                    made.say(mast.distribution)
                    made.step("tab")
                    made.say(mast.review)

    def _field(self, made: _Paragraph, name: str) -> None:
        field = _add(made.element, "fldSimple", instr=name)
        made.say("1", inside=field)

    def _place(self, block: Block, depth: int) -> None:
        match block:
            case Paragraph():
                self._numbered(block)
            case Entry():
                self._entry(block, depth)
            case Heading():
                self._heading(block, depth)
            case Remark():
                self._remark(block)
            case Lines():
                self._lines(block)
            case Table() | PlaceTable():
                self._tabled(block)
            case TileGrid() | SeriesFigure() | StripFigure():
                self._pictured(block)
            case Incidents():
                self._incidents(block)
            case NoteList():
                for note in block.notes:
                    self._note(note)
            case _:
                raise hole(f"The document has no place for a block of the kind {block.kind}")

    def _heading(self, block: Heading, depth: int) -> None:
        with self._paragraph(f"Heading{depth}") as made:
            self._mark(made, block.anchor)
            made.say(block.text)

    def _remark(self, block: Remark) -> None:
        with self._paragraph("Small" if block.tone is Tone.SMALL else "Normal") as made:
            made.say(block.text)
            made.links(block.links)

    def _numbered(self, block: Paragraph, *, strong: bool = False) -> None:
        with self._paragraph("NumberedParagraph", language=block.language) as made:
            self._number(made, "NumberedParagraph", block.number)
            self._mark(made, paragraph_anchor(block.number))
            if block.lead:
                made.strong(block.lead)
                made.strong(" ")
            made.say(block.text, style="Strong" if strong else "")
            made.links(block.links)
            made.refs(block.notes)
        self._rows(block.rows)

    def _rows(self, rows: tuple[Line, ...]) -> None:
        for row in rows:
            with self._paragraph("RowBelow") as made:
                self._mark(made, row.anchor)
                made.say(row.lead)
                if row.lead:
                    made.say(self.word(": ") if row.text or row.links else self.word("."))
                made.say(row.text)
                made.links(row.links)
                made.refs(row.notes)

    def _entry(self, entry: Entry, depth: int) -> None:
        state = f"{entry.level} ({entry.phase})"
        if entry.full:
            with self._paragraph(f"Heading{depth}") as made:
                self._mark(made, entry.anchor)
                made.say(f"{entry.place}  {entry.shape} {state}")
            self._behind(entry)
            self._numbered(entry.why, strong=True)
        else:
            with self._paragraph("NumberedParagraph", language=entry.why.language) as made:
                self._number(made, "NumberedParagraph", entry.why.number)
                self._mark(made, entry.anchor)
                self._mark(made, paragraph_anchor(entry.why.number))
                named = self.word(
                    "{place}, {level} ({phase}).", place=entry.place, level=entry.level, phase=entry.phase
                )
                made.strong(f"{entry.shape} {named}")
                made.say(" ")
                made.say(entry.line)
                made.links(entry.more)
                made.refs(entry.why.notes)
            if not entry.items:
                return
            self._behind(entry)
        for item in entry.items:
            self._item(item)
        if entry.closing:
            with self._paragraph("Below") as made:
                made.say(entry.closing)
                made.refs(entry.closing_notes)
        for figure in entry.figures:
            self._series(figure)

    def _behind(self, entry: Entry) -> None:
        if entry.status:
            self._text("Status", entry.status)
        if entry.departed:
            self._text("Below", entry.departed)

    def _item(self, item: Item) -> None:
        with self._paragraph("LetteredItem", language=item.language) as made:
            at = self._counted["LetteredItem"]
            numbering = made.form("numPr")
            if item.letter == f"({chr(ord('a') + at)})":
                self._counted["LetteredItem"] = at + 1
                _add(numbering, "ilvl", val="1")
                _add(numbering, "numId", val=self._lists["NumberedParagraph"])
            else:
                _add(numbering, "numId", val="0")
                made.say(item.letter)
                made.step("tab")
            made.strong(f"{item.lead}{self.word('.')}")
            made.say(" ")
            for line in item.lines:
                if line is not item.lines[0]:
                    made.step("br")
                made.say(line)
            made.links(item.links, before=f"{self.word('Opens:')} ")
            made.refs(item.notes)

    def _lines(self, block: Lines) -> None:
        if block.title:
            with self._paragraph("Below") as made:
                made.strong(block.title)
        if block.layout is Layout.LIST:
            self._rows(block.lines)
            return
        style = {Layout.BOX: "Boxed", Layout.KEY: "KeyLine", Layout.PAGES: "Below"}[block.layout]
        for at, row in enumerate(block.lines):
            with self._paragraph(style) as made:
                self._mark(made, row.anchor)
                if block.layout is Layout.PAGES:
                    for link in row.links:
                        made.link(link.text, link.href)
                    made.step("br")
                    made.say(row.text)
                    continue
                if row.lead:
                    made.strong(row.lead)
                    made.step("tab") if block.layout is Layout.KEY else made.say(" ")
                made.say(row.text, style="Strong" if block.layout is Layout.BOX and at == 0 else "")
                made.links(row.links)
                made.refs(row.notes)

    def _note(self, note: Note) -> None:
        with self._paragraph("NoteText") as made:
            self._number(made, "NoteText", note.number)
            self._mark(made, note_anchor(note.number))
            made.say(note.text)
            made.say(" ")
            made.link(note.address, note.href)
            made.say(".")
            if note.collected:
                made.say(" ")
                made.say(self.word("Collected {moment}.", moment=note.collected))
            if note.hashes:
                made.say(f" sha256 {', '.join(note.hashes)}")

    def _incidents(self, block: Incidents) -> None:
        self._counted["Incident"] = 0
        self._lists["Incident"] = self._list_from(self._lists["Incident"], 1)
        for incident in block.incidents:
            with self._paragraph("Incident") as made:
                self._number(made, "Incident", incident.number)
                self._mark(made, incident.anchor)
                made.say(incident.text)
            for report in incident.reports:
                with self._paragraph("RowBelow") as made:
                    made.link(report.source, report.href)
                    made.say(f"; {report.published}; {report.joined}.")
                    if report.origin:
                        made.say(" ")
                        made.say(self.word("Origin: {origin}.", origin=report.origin))
                    if report.payload:
                        made.say(f" {self.word('Payload')} {report.payload[:12]}")
                    for mark in report.labels:
                        made.step("br")
                        made.say(f"{mark.coded}: “{mark.words}” ")
                        made.say(self.word("in {field}", field=mark.field))
                        made.say(" ")
                        made.say(mark.rule)

    # Tables

    def _tabled(self, block: Table | PlaceTable) -> None:
        if isinstance(block, PlaceTable):
            self._places(block)
        elif block.printed:
            self._table(block)

    def _table(self, block: Table) -> None:
        hrefs = block.hrefs or ("",) * len(block.rows)

        def words(cell: str, href: str) -> Words:
            return lambda made: made.link(cell, href)

        rows = [
            [words(cell, href if at + 1 == len(row) else "") for at, cell in enumerate(row)]
            for row, href in zip(block.rows, hrefs, strict=True)
        ]
        self._grid(block.caption, block.head, rows, _widths(block.head, block.rows), numeric=block.numeric)

    def _places(self, block: PlaceTable) -> None:
        cells = [place_cells(row, homes=block.homes) for row in block.rows]

        def words(at: int, place: int) -> Words:
            row = block.rows[at]

            def say(made: _Paragraph) -> None:
                if place == 0:
                    self._mark(made, place_anchor(row.code))
                    made.link(cells[at][0], row.href)
                else:
                    made.say(cells[at][place])
                if place == 2:
                    made.refs(row.notes)

            return say

        rows = [[words(at, place) for place in range(len(row))] for at, row in enumerate(cells)]
        self._grid(block.caption, block.head, rows, _widths(block.head, tuple(cells)))

    def _grid(
        self,
        caption: str,
        head: tuple[str, ...],
        rows: list[list[Words]],
        widths: list[int],
        *,
        numeric: tuple[int, ...] = (),
    ) -> None:
        """A table whose head repeats on every page, with its caption above it and as its title for screen readers."""
        self._text("Caption", caption)
        table = etree.SubElement(self._body, qn("w:tbl"))
        self._end.addprevious(table)
        form = _add(table, "tblPr")
        _add(form, "tblStyle", val="RuledTable")
        if self._view.direction == "rtl":
            _add(form, "bidiVisual")
        _add(form, "tblW", w=str(sum(widths)), type="dxa")
        _add(form, "tblLayout", type="fixed")
        _add(form, "tblLook", val="00A0", firstRow="1", lastRow="0", firstColumn="1", lastColumn="0", noHBand="1")
        _add(form, "tblCaption", val=caption)
        grid = _add(table, "tblGrid")
        for width in widths:
            _add(grid, "gridCol", w=str(width))
        heads = [_strong(cell) for cell in head]
        for at, row in enumerate([heads, *rows]):
            line = _add(table, "tr")
            state = _add(line, "trPr")
            _add(state, "cantSplit")
            if at == 0:
                _add(state, "tblHeader")
            for place, (say, width) in enumerate(zip(row, widths, strict=True)):
                cell = _add(line, "tc")
                _add(_add(cell, "tcPr"), "tcW", w=str(width), type="dxa")
                with self._paragraph("CellOfFigures" if place in numeric else "Cell", parent=cell) as made:
                    say(made)
        with self._paragraph("Cell"):  # two tables without a paragraph between them become one
            pass

    # Pictures

    def _pictured(self, block: TileGrid | SeriesFigure | StripFigure) -> None:
        match block:
            case TileGrid():
                self._tiles(block)
            case SeriesFigure():
                self._series(block)
            case StripFigure():
                self._strip(block)

    def _tiles(self, block: TileGrid) -> None:
        drawn = charts.draw_pictures(block)
        for at, (one, picture) in enumerate(zip(block.blocks, drawn, strict=True)):
            with self._paragraph("PictureTitle") as made:
                if at == 0:
                    self._mark(made, block.figure_id)
                made.say(one.title, style="Strong" if one.here else "")
            self._picture(picture, width=Mm(90 if one.here else 66))
        self._key(block.key)
        self._text("Small", block.caption)

    def _series(self, figure: SeriesFigure) -> None:
        with self._paragraph("PictureTitle") as made:
            self._mark(made, figure.figure_id)
            made.strong(figure.title)
            made.say(f" ({figure.unit})")
        for picture in charts.draw_pictures(figure, language=self._view.language):
            self._picture(picture, width=Mm(108))
        with self._paragraph("Small") as made:
            made.say(figure.shown)
            made.say(" ")
            made.say(figure.key)

    def _strip(self, figure: StripFigure) -> None:
        with self._paragraph("PictureTitle") as made:
            self._mark(made, figure.figure_id)
            made.strong(figure.title)
        for picture in charts.draw_pictures(figure, language=self._view.language):
            self._picture(picture, width=Mm(150))
        self._key(figure.key)
        self._text("Small", figure.sentence)

    def _picture(self, picture: charts.Picture, *, width: Mm) -> None:
        with self._paragraph("Picture") as made:
            self._draw(made, picture.svg, width=width, words=picture.words)

    def _key(self, key: tuple[tuple[str, str], ...]) -> None:
        with self._paragraph("Small") as made:
            for mark, word in key:
                self._draw(made, charts.draw_mark_picture(mark), width=Mm(2.4), words="")
                made.say(f" {word}   ")

    def _draw(self, made: _Paragraph, svg: str, *, width: Mm, words: str) -> None:
        """A picture with its words; one without words is decoration, and says so."""
        run = Placed(cast(CT_P, made.element), self.document).add_run()
        inline = run.add_picture(io.BytesIO(to_png(svg)), width=width)._inline
        for side in "TBLR":
            inline.set(f"dist{side}", "0")
        about = inline.docPr
        self._pictures += 1
        about.set("id", str(self._pictures))
        about.set("name", f"Picture {self._pictures}")
        about.set("descr", words)
        if not words:
            about.append(parse_xml(_DECORATIVE))


def _strong(text: str) -> Words:
    return lambda made: made.strong(text)


def _widths(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[int]:
    """Columns as wide as what stands in them, within limits, never narrower than a word, and together as the text."""
    columns = list(zip(head, *rows, strict=True))
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    floors = [min(longest, 24) + 3 for longest in words]
    wanted = [
        max(floor, min(max(len(cell) for cell in column), 40)) for column, floor in zip(columns, floors, strict=True)
    ]
    room = _TEXT_WIDTH / _SIGN
    if sum(wanted) > room > sum(floors):
        spare = (room - sum(floors)) / (sum(wanted) - sum(floors))
        wanted = [floor + round((want - floor) * spare) for floor, want in zip(floors, wanted, strict=True)]
    unit = min(_TEXT_WIDTH / sum(wanted), _SIGN)
    edges = [round(unit * sum(wanted[:at])) for at in range(len(wanted) + 1)]
    return [after - before for before, after in pairwise(edges)]
