"""The text of each form, and pages made by hand that hold one block of every kind."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import docx
import tagged
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import html

from briefs.view import (
    Entry,
    Heading,
    IncidentLine,
    Incidents,
    Item,
    LabelLine,
    Layout,
    Line,
    Lines,
    Link,
    Masthead,
    Note,
    NoteList,
    PageKind,
    Paragraph,
    PlaceRow,
    PlaceTable,
    Point,
    Remark,
    ReportLine,
    Section,
    SeriesFigure,
    StripCell,
    StripFigure,
    StripRow,
    Table,
    Tile,
    TileBlock,
    TileGrid,
    Tone,
    View,
)


@dataclass
class Read:
    """What a reader finds in one form: all of its words, and those of each numbered paragraph and lettered item."""

    words: str
    paragraphs: dict[str, str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)


def squeeze(text: str) -> str:
    """Without white space, which each form sets in its own way."""
    return re.sub(r"[\s\u200b]+", "", text)


def read_html(body: bytes) -> Read:
    page = html.fromstring(body.decode())
    for hidden in page.xpath("//style | //script | //nav | //a[@class='skip'] | //*[@class='sr'] | //svg"):
        hidden.drop_tree()
    read = Read(words=page.xpath("//body")[0].text_content())
    for part in page.xpath("//div[@class='para']"):
        number = part.xpath("./p[@class='num']")[0].text_content().strip(". ")
        assert number not in read.paragraphs
        read.paragraphs[number] = squeeze(part.xpath("./p[@class='body']")[0].text_content())
    read.items = [squeeze(one.text_content()) for one in page.xpath("//ul[@class='items']/li")]
    read.cells = [squeeze(one.text_content()) for one in page.xpath("//td | //th")]
    read.headings = [(int(one.tag[1]), squeeze(one.text_content())) for one in page.xpath("//h1 | //h2 | //h3 | //h4")]
    return read


def read_pdf(body: bytes) -> Read:
    tree = tagged.read_tree(body)
    read = Read(words=tree.text)
    for part in tree.every("P"):
        number, dot, rest = squeeze(part.text).partition(".")
        if dot and number.isdecimal() and number not in read.paragraphs:
            read.paragraphs[number] = rest
    read.items = [squeeze(one.text) for one in tree.every("LI")]
    read.cells = [squeeze(one.text) for one in tree.every("TH", "TD")]
    read.headings = [(int(one.role[1]), squeeze(one.text)) for one in tree.every("H1", "H2", "H3", "H4")]
    return read


def read_docx(body: bytes) -> Read:
    document = docx.Document(io.BytesIO(body))
    read = Read(words="")
    counts: dict[tuple[str, int], int] = {}
    for part in document.iter_inner_content():
        if isinstance(part, WordTable):
            cells = [cell.text for row in part.rows for cell in row.cells]
            read.cells += [squeeze(cell) for cell in cells]
            read.words += "".join(cells)
            continue
        text = squeeze(_words(part))
        label = _label(document, part, counts)
        read.words += label + text
        style = str(part.style.name)
        if style == "Numbered paragraph":
            assert label.strip(".") not in read.paragraphs
            read.paragraphs[label.strip(".")] = text
        elif style == "Lettered item":
            read.items.append(label + text)
        elif heading := re.fullmatch(r"[Hh]eading (\d)", style):
            read.headings.append((int(heading[1]), text))
    return read


def _words(paragraph: WordParagraph) -> str:
    """All runs, those inside links too."""
    return "".join(one.text or "" for one in paragraph._p.iter(qn("w:t")))


def _label(document: docx.document.Document, paragraph: WordParagraph, counts: dict[tuple[str, int], int]) -> str:
    """The number that Word shows before a paragraph: its list, its level, and how far that has counted."""
    form = paragraph._p.find(f".//{qn('w:numPr')}")
    if form is None:
        form = paragraph.style.element.find(f".//{qn('w:numPr')}")
    if form is None:
        return ""
    number = form.find(qn("w:numId")).get(qn("w:val"))
    if number == "0":
        return ""
    level = form.find(qn("w:ilvl"))
    depth = 0 if level is None else int(level.get(qn("w:val")))
    numbering = document.part.numbering_part.element
    (held,) = [one for one in numbering.findall(qn("w:num")) if one.get(qn("w:numId")) == number]
    abstract = held.find(qn("w:abstractNumId")).get(qn("w:val"))
    start = held.find(f".//{qn('w:startOverride')}")
    key = (abstract, depth)
    if depth == 0 and start is not None and (number, -1) not in counts:
        counts[number, -1] = 1
        counts[key] = int(start.get(qn("w:val"))) - 1
    counts[key] = counts.get(key, 0) + 1
    if depth == 0:
        counts[abstract, 1] = 0
        return f"{counts[key]}."
    return f"({chr(ord('a') + counts[key] - 1)})"


def parts_of(body: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def table(text: str, **other: object) -> Table:
    given = {"caption": text, "head": ("Period", text), "rows": (("2024", text),), "numeric": (1,)}
    return Table(**(given | other))  # type: ignore[arg-type]


def every_block(text: str, *, href: str = "https://example.org/a") -> tuple:
    """One block of every kind, each with `text` wherever it has words."""
    link = Link(text=text, href=href)
    line = Line(lead=text, text=text, links=(link,), notes=("1",), anchor="line")
    point = {"lower": None, "late_low": None, "late_high": None, "above": False, "alarm": False}
    figure = SeriesFigure(
        figure_id="figure", title=text, sentence=text, shown=text, unit=text, key=text,
        points=(
            Point(period="2024-01", value=3.0, expected=2.0, upper=4.0, **point),
            Point(period="2024-02", value=None, expected=None, upper=None, **point),
        ),
        table=table(text, printed=False),
    )  # fmt: skip
    paragraph = Paragraph(number="1", lead=text, text=text, links=(link,), rows=(line,), notes=("1",))
    entry = {
        "situation_id": "s", "code": "RUR", "place": text, "shape": "◆", "level": text, "phase": text, "proposed": "",
        "departed": text, "status": text, "printed": True, "line": text, "more": (link,),
        "items": (Item(letter="(a)", lead=text, lines=(text, text), notes=("1",), links=(link,)),),
        "closing": text, "closing_notes": ("1",), "incidents": (),
    }  # fmt: skip
    place = PlaceRow(
        code="RUR", name=text, note=text, shape="○", level=text, printed=text, detail=text, triggers=text,
        coverage=text, access=text, cooperation=text, confidence=text, last_look=text, home=text, href="#entry",
        notes=("1",),
    )  # fmt: skip
    head = ("Place", "Level", "Heard", "Triggers", "Access", "Cooperation", "Coverage", "Confidence", "Look", "Home")
    return (
        Heading(level=3, text=text, anchor="heading"),
        Remark(text=text, tone=Tone.SMALL, links=(link,)),
        paragraph,
        *(Lines(layout=layout, lines=(line, line), title=text) for layout in Layout),
        table(text, hrefs=(href,)),
        PlaceTable(caption=text, caption_shown=False, head=head, homes=True, rows=(place,)),
        TileGrid(
            figure_id="tiles", caption=text, key=(("urgent", text),), table=table(text, printed=False),
            blocks=(
                TileBlock(title=text, sentence=text, here=True,
                          tiles=(Tile(code="RUR", name=text, mark="watch", word=text),)),
            ),
        ),
        figure,
        StripFigure(
            figure_id="strip", title=text, sentence=text, key=(("met", text),), columns=("T09",),
            rows=(StripRow(name=text, cells=(StripCell(mark="met", word=text),)),), table=table(text, printed=False),
        ),
        Entry(anchor="entry", full=True, why=Paragraph(number="2", lead=text, text=text), figures=(figure,), **entry),
        Entry(anchor="short", full=False, why=Paragraph(number="3", lead=text, text=text), figures=(), **entry),
        Incidents(
            incidents=(
                IncidentLine(
                    anchor="incident", number="1", text=text,
                    reports=(
                        ReportLine(source=text, href=href, published=text, origin=text, joined=text, payload="ab" * 32,
                                   labels=(LabelLine(coded=text, field=text, words=text, rule=text),)),
                    ),
                ),
            ),
        ),
        NoteList(notes=(Note(number="1", text=text, address=text, href=href, collected=text, hashes=("cd" * 32,)),)),
    )  # fmt: skip


def page_of(*blocks: object, text: str = "Plain words", language: str = "en", direction: str = "ltr") -> View:
    """A page whose masthead says `text` too."""
    masthead = Masthead(
        title=text, subtitle=text, reference="HS/TEST/2024/W04", distribution=text, review=text, week=text, as_of=text,
        imprint=text, facts=(("Version", text),), disclaimer=text,
    )  # fmt: skip
    return View(
        kind=PageKind.SCAN,
        language=language,
        direction=direction,
        masthead=masthead,
        nav=(),
        lead=text,
        sections=(Section(anchor="first", heading=text, blocks=blocks),),
        foot=text,
    )
