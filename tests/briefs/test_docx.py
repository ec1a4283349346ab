"""The DOCX read back: styles, numbering, tables, pictures, languages, and what it must not say."""

import io
import itertools
import re
from dataclasses import replace

import docx
import forms
import issues
import pytest
from docx.oxml.ns import qn
from forms import every_block, page_of, parts_of
from lxml import etree

from briefs.build import build_scan
from briefs.docx import render_docx
from briefs.view import Incidents, Item, Note, NoteList, Paragraph, Table, TileGrid, View, blocks_of

HASH = "ab" * 32
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


def made(view: View) -> bytes:
    return render_docx(view, content_hash=HASH, as_of=issues.AS_OF)


def opened(view: View) -> docx.document.Document:
    return docx.Document(io.BytesIO(made(view)))


@pytest.fixture(scope="module")
def view() -> View:
    return build_scan(issues.later_issue(), "AFR")


@pytest.fixture(scope="module")
def document(view: View) -> docx.document.Document:
    return opened(view)


def test_headings_are_headings(document: docx.document.Document):
    levels = [int(one.style.name[-1]) for one in document.paragraphs if one.style.name.lower().startswith("heading ")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert {2, 3, 4} == set(levels) - {1}
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for level in range(1, 5):
        outline = document.styles[f"Heading {level}"].element.find(f".//{qn('w:outlineLvl')}")
        assert outline.get(qn("w:val")) == str(level - 1)


def test_every_style_that_is_used_is_there_and_none_is_decoration_by_hand(document: docx.document.Document):
    known = {one.get(qn("w:styleId")) for one in document.styles.element.iter(qn("w:style"))}
    body = document.element.body
    used = {one.get(qn("w:val")) for tag in ("pStyle", "rStyle", "tblStyle") for one in body.iter(qn(f"w:{tag}"))}
    assert {"NumberedParagraph", "LetteredItem", "Strong", "Hyperlink", "RuledTable"} <= used <= known
    assert not list(body.iter(qn("w:b"), qn("w:sz"), qn("w:color"), qn("w:rFonts")))


def test_paragraphs_are_numbered_by_word_itself():
    paragraphs = [Paragraph(number=str(at), lead="", text=f"Text {at}") for at in range(1, 13)]
    found = opened(page_of(*paragraphs))
    lists = {
        one._p.find(f".//{qn('w:numId')}").get(qn("w:val"))
        for one in found.paragraphs
        if one.style.name == "Numbered paragraph"
    }
    assert lists == {"1"}
    assert forms.read_docx(made(page_of(*paragraphs))).paragraphs == {str(at): f"Text{at}" for at in range(1, 13)}


@pytest.mark.parametrize(
    "numbers", [["4", "5", "9"], ["1", "2", "2a", "3"], ["1 bis"], ["07"], ["0"], ["10", "1"], ["3", "1", "2"]]
)
def test_a_number_that_word_would_not_count_to_is_kept(numbers: list[str]):
    page = page_of(*[Paragraph(number=number, lead="", text="§") for number in numbers], text="§")
    words = forms.read_docx(made(page)).words
    assert re.findall(r"(?<=§)(\w+)\.§", words) == [forms.squeeze(number) for number in numbers]


def test_letters_start_anew_below_every_paragraph_and_a_missing_one_is_kept():
    entry = next(block for block in every_block("Words") if block.kind == "entry")
    items = [Item(letter=f"({letter})", lead="Lead", lines=("Line",)) for letter in "abd"]
    again = replace(entry, anchor="again", why=replace(entry.why, number="3"))
    page = page_of(replace(entry, items=tuple(items)), again)
    assert [one[:3] for one in forms.read_docx(made(page)).items] == ["(a)", "(b)", "(d)", "(a)"]
    lettered = [one for one in opened(page).paragraphs if one.style.name == "Lettered item"]
    counted = [one._p.find(f".//{qn('w:numId')}").get(qn("w:val")) != "0" for one in lettered]
    assert counted == [True, True, False, True]


def test_incidents_of_two_blocks_are_counted_each_from_one():
    block = next(one for one in every_block("Words") if isinstance(one, Incidents))
    second = replace(block.incidents[0], anchor="other", number="2")
    words = forms.read_docx(made(page_of(replace(block, incidents=(*block.incidents, second)), block))).words
    assert re.findall(r"(\d)\.Words;?", words) == ["1", "2", "1"]


def test_notes_count_on_their_own():
    notes = tuple(
        Note(number=str(at), text="Press Council", address="", href="", collected="", hashes=()) for at in (1, 2, 3)
    )
    page = page_of(Paragraph(number="1", lead="", text="Text"), NoteList(notes=notes))
    assert re.findall(r"(\d)\.PressCouncil", forms.read_docx(made(page)).words) == ["1", "2", "3"]


def test_the_head_of_every_table_repeats_and_its_caption_names_it(document: docx.document.Document):
    assert len(document.tables) > 5
    for table in document.tables:
        first, *rest = table._tbl.findall(qn("w:tr"))
        assert first.find(f".//{qn('w:tblHeader')}") is not None
        assert all(row.find(f".//{qn('w:tblHeader')}") is None for row in rest)
        form = table._tbl.tblPr
        caption = form.find(qn("w:tblCaption")).get(qn("w:val"))
        before = table._tbl.getprevious()
        assert before.find(f".//{qn('w:pStyle')}").get(qn("w:val")) == "Caption"
        assert "".join(one.text for one in before.iter(qn("w:t"))) == caption
        assert form.find(qn("w:tblLook")).get(qn("w:firstColumn")) == "1"


def test_a_table_is_never_wider_than_the_text_and_no_column_narrower_than_its_words():
    table = Table(caption="Wide", head=("Confidence",) * 7, rows=((*["low"] * 6, "x " * 99),))
    grid = [int(one.get(qn("w:w"))) for one in opened(page_of(table)).element.body.iter(qn("w:gridCol"))]
    assert sum(grid) <= 9638
    assert min(grid) > 1000


def test_figures_stand_to_the_right(document: docx.document.Document):
    right = [one for one in document.element.body.iter(qn("w:pStyle")) if one.get(qn("w:val")) == "CellOfFigures"]
    assert len(right) > 20


def test_every_picture_has_its_words_and_decoration_says_that_it_is(view: View, document: docx.document.Document):
    about = list(document.element.body.iter(DRAWN))
    assert [one.get("id") for one in about] == [str(at + 1) for at in range(len(about))]
    told = [one.get("descr") for one in about if one.get("descr")]
    grid = next(blocks_of(view, TileGrid))
    assert len(told) == len(grid.blocks) + 1
    assert {f"{one.title}: {one.sentence}" for one in grid.blocks} <= set(told)
    silent = [one for one in about if not one.get("descr")]
    assert len(silent) == len(grid.key)
    assert all(b"decorative" in etree.tostring(one) for one in silent)


def test_no_line_is_lower_than_the_picture_that_stands_in_it(document: docx.document.Document):
    """Below a full line (240) a word processor cuts the top of a picture off."""
    styles = {one.style.name for one in document.paragraphs if one._p.findall(f".//{DRAWN}") and not one.text.strip()}
    assert styles == {"Picture"}
    spacing = document.styles["Picture"].element.find(f".//{qn('w:spacing')}")
    assert (spacing.get(qn("w:lineRule")), int(spacing.get(qn("w:line")))) == ("auto", 240)


def test_properties_name_nobody_and_carry_the_date_of_the_issue(document: docx.document.Document):
    about = document.core_properties
    assert about.title == "HS/AFR/2024/W04 · Horizon scan · African States · weekly"
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert (
        about.created.replace(tzinfo=None) == about.modified.replace(tzinfo=None) == issues.AS_OF.replace(tzinfo=None)
    )
    assert about.language == "en"


def test_nothing_of_this_machine_is_in_any_part(monkeypatch: pytest.MonkeyPatch, view: View):
    for name in ("USER", "LOGNAME", "HOSTNAME", "SECRET_TOKEN"):
        monkeypatch.setenv(name, "planted-word")
    parts = dict(parts_of(made(view)))
    assert not [name for name, body in parts.items() if b"planted" in body or b"python-docx" in body]
    assert not [name for name in parts if re.search("thumbnail|app.xml|customXml|stylesWithEffects", name)]
    assert not [name for name, body in parts.items() if b"rsid" in body]


def test_parts_are_well_formed_and_refer_only_to_parts_that_are_there(view: View):
    parts = dict(parts_of(made(view)))
    for name, body in parts.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(body)
    links = etree.fromstring(parts["word/_rels/document.xml.rels"])
    for one in links:
        assert one.get("TargetMode") == "External" or f"word/{one.get('Target')}" in parts
    asked = set(re.findall(rb'r:(?:id|embed)="(\w+)"', parts["word/document.xml"]))
    assert asked <= {one.get("Id").encode() for one in links}


def test_every_time_in_the_archive_is_fixed(view: View):
    import zipfile  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(made(view))) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_properties_of_a_paragraph_stand_in_the_order_of_the_format(view: View):
    order = ["pStyle", "pageBreakBefore", "numPr", "pBdr", "bidi"]
    arabic = replace(page_of(*every_block("حقوق")), language="ar", direction="rtl")
    for page in (view, arabic):
        for form in opened(page).element.body.iter(qn("w:pPr")):
            names = [etree.QName(one).localname for one in form]
            assert names == sorted(names, key=order.index)


def test_links_within_the_page_lead_to_a_bookmark_and_no_bookmark_stands_twice():
    body = opened(page_of(*every_block("Words"))).element.body
    marks = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    asked = {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))} - {None}
    assert asked
    assert asked <= set(marks)
    assert len(marks) == len(set(marks))
    assert all(re.fullmatch(r"[a-z]\w{1,39}", one) for one in marks)


def test_arabic_runs_from_the_right_and_other_texts_name_their_language():
    page = page_of(
        Paragraph(number="1", lead="", text="Office حقوق 12 Office"),
        Paragraph(number="2", lead="", text="حقوق", language="ar"),
        Paragraph(number="3", lead="", text="Права", language="ru"),
    )
    first, second, third = [one for one in opened(page).paragraphs if one.style.name == "Numbered paragraph"]
    turned = [(run.text, run._r.find(f".//{qn('w:rtl')}") is not None) for run in first.runs]
    assert turned == [("Office ", False), ("حقوق 12 ", True), ("Office", False)]
    assert second._p.find(f".//{qn('w:bidi')}") is not None
    assert first._p.find(f".//{qn('w:bidi')}") is None
    assert third.runs[0]._r.find(f".//{qn('w:lang')}").get(qn("w:val")) == "ru"


def test_a_page_in_arabic_runs_from_the_right_as_a_whole():
    found = opened(replace(page_of(*every_block("حقوق"), text="حقوق"), language="ar", direction="rtl"))
    assert all(one._p.find(f".//{qn('w:bidi')}") is not None for one in found.paragraphs)
    assert all(one._tbl.tblPr.find(qn("w:bidiVisual")) is not None for one in found.tables)


def test_the_annex_begins_one_new_page():
    page = page_of()
    main = page.sections[0]
    annex = tuple(replace(main, anchor=name, annex=True) for name in ("one", "two"))
    paragraphs = opened(replace(page, sections=(main, *annex))).paragraphs
    assert [one.text for one in paragraphs if one._p.find(f".//{qn('w:pageBreakBefore')}") is not None] == ["Annex"]


def test_every_page_carries_reference_hash_and_number(document: docx.document.Document):
    page = document.sections[0]
    assert page.different_first_page_header_footer
    for footer in (page.footer, page.first_page_footer):
        text = "".join(one.text or "" for one in footer._element.iter(qn("w:t")))
        assert text.startswith(f"HS/AFR/2024/W04  sha256 {HASH}")
        fields = [one.get(qn("w:instr")) for one in footer._element.iter(qn("w:fldSimple"))]
        assert fields == ["PAGE", "NUMPAGES"]
    assert "Machine proposal. Reviewed by nobody." in page.header.paragraphs[0].text
