"""Four forms of one page: the same paragraphs, numbers and hash, and nothing of a stranger's text at work in any."""

import hashlib
import io
import json
import re
from dataclasses import asdict
from functools import cache
from itertools import pairwise

import forms
import issues
import pikepdf
import pytest
import tagged
from forms import Read, every_block, page_of, read_docx, read_html, read_pdf, squeeze

from briefs.build import build_bureau, build_scan
from briefs.charts import draw_pictures
from briefs.fonts import texts_of
from briefs.render import content_hash, render_forms
from briefs.tongue import LANGUAGES
from briefs.view import Paragraph, View

ISSUES = {
    "first": issues.issue,
    "later": issues.later_issue,
    "silent": issues.silent_issue,
    "crowded": issues.crowded_issue,
    "dominated": issues.dominated_issue,
    "hostile": issues.hostile_issue,
}
# What a form may leave to itself: names of parts, addresses, and what a screen's navigation says.
UNPRINTED = {
    "kind",
    "anchor",
    "href",
    "hrefs",
    "code",
    "situation_id",
    "figure_id",
    "mark",
    "points",
    "nav",
    "incidents",
}


@cache
def made(view: View) -> dict[str, bytes]:
    return {name.rpartition(".")[2]: body for name, body in render_forms(view, name="page", as_of=issues.AS_OF).items()}


@cache
def read(view: View) -> dict[str, Read]:
    found = made(view)
    return {
        "html": read_html(found["html"]),
        "pdf": read_pdf(found["pdf"]),
        "docx": read_docx(found["docx"]),
    }


@pytest.fixture(params=[(name, page) for name in ISSUES for page in ("AFR", "bureau")], ids="-".join, scope="module")
def page(request: pytest.FixtureRequest) -> View:
    name, code = request.param
    made_issue = ISSUES[name]()
    return build_bureau(made_issue) if code == "bureau" else build_scan(made_issue, code)


def test_paragraphs_and_their_numbers_are_the_same_in_all_forms(page: View):
    found = read(page)
    wanted = found["html"].paragraphs
    assert len(wanted) >= 3
    assert list(wanted) == [str(at + 1) for at in range(len(wanted))]
    assert found["docx"].paragraphs == wanted
    spoken = {number: found["pdf"].paragraphs[number] for number in wanted}
    assert spoken == wanted


def test_lettered_items_and_headings_are_the_same_in_all_forms(page: View):
    found = read(page)
    for form in ("pdf", "docx"):
        assert found[form].items == found["html"].items, form
        headings = [(level, text) for level, text in found[form].headings if text != "Tablesbehindthepictures"]
        wanted = [
            (level, text) if level != 1 else (1, squeeze(page.masthead.title)) for level, text in found["html"].headings
        ]
        assert headings == wanted, form


def test_every_word_that_the_page_shows_stands_in_every_form(page: View):
    found = {form: squeeze(one.words) for form, one in read(page).items()}
    texts = {squeeze(text) for text in _printed(asdict(page)) if len(squeeze(text)) > 3}
    shown = {form: {text for text in texts if text in words} for form, words in found.items()}
    assert len(shown["html"]) > 20
    assert shown["html"] - shown["pdf"] == set()
    assert shown["html"] - shown["docx"] == set()


def test_the_structure_of_every_pdf_reads_back_with_its_languages_and_words_of_pictures(page: View):
    body = made(page)["pdf"]
    with pikepdf.open(io.BytesIO(body)) as found:
        assert found.Root.Lang == page.language
        assert found.check_pdf_syntax() == []
    parts = list(tagged.read_tree(body).every())
    levels = [int(one.role[1]) for one in parts if re.fullmatch("H[1-6]", one.role)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    drawn = [one for section in page.sections for block in section.blocks for one in draw_pictures(block)]
    assert [one.alt for one in parts if one.role == "Figure"] == [one.words for one in drawn]
    assert all(one.words for one in drawn)
    for table in (one for one in parts if one.role == "Table"):
        head, *rows = table.every("TR")
        assert {cell.scope for cell in head.every("TH", "TD")} == {"/Column"}
        assert all(row.parts[0].scope == "/Row" for row in rows)
    assert {one.language for one in parts} <= {"", *LANGUAGES, "und"}


def test_every_number_of_every_table_stands_in_every_form(page: View):
    found = read(page)
    wanted = sorted(text for text in found["html"].cells if text.replace(",", "").replace(".", "").isdecimal())
    for form in ("pdf", "docx"):
        numbers = sorted(text for text in found[form].cells if text.replace(",", "").replace(".", "").isdecimal())
        assert numbers == wanted, form


def test_numbers_of_notes_stand_in_every_place_where_the_screen_has_them():
    found = {form: squeeze(one.words).count("[1]") for form, one in read(page_of(*every_block("Words"))).items()}
    assert found["html"] > 10
    assert found["pdf"] == found["docx"] == found["html"]


def test_the_hash_printed_in_each_form_is_that_of_the_json(page: View):
    found = made(page)
    wanted = hashlib.sha256(found["json"]).hexdigest()
    assert wanted == content_hash(page)
    for form, one in read(page).items():
        assert f"Contenthash{wanted}" in squeeze(one.words), form
    footer = b"".join(body for name, body in forms.parts_of(found["docx"]) if "footer" in name)
    assert footer.count(wanted.encode()) == 2


def test_the_same_page_gives_the_same_bytes_in_every_form(page: View):
    again = render_forms(page, name="page", as_of=issues.AS_OF)
    assert {name.rpartition(".")[2]: body for name, body in again.items()} == made(page)


def test_what_json_says_is_what_the_view_says(page: View):
    assert json.loads(made(page)["json"]) == json.loads(json.dumps(asdict(page)))


ATTACKS = {
    "script": "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "typst": "#panic(\"x\") #read(\"/etc/passwd\") $x$ *bold* _it_ `raw` @ref <label> = Heading \\ ~ // - + / a",
    "typst code": "#set text(red); #let x = 1; ]] } ) #import \"@preview/a:1.0.0\": *",
    "formula": "=cmd|' /C calc'!A0 +1+1 @SUM(A1)",
    "xml": "]]> &amp; &lt;w:p/&gt; <!-- --> <?php ?> &#x41;",
    "word field": "HYPERLINK \"file:///etc/passwd\" { INCLUDETEXT }",
    "quotes": "\"'`´ “x” ‘y’ -- --- ...",
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_text_is_printed_as_it_is_in_every_form(name: str):
    text = ATTACKS[name]
    view = page_of(*every_block(text), text=text)
    for form, one in read(view).items():
        assert squeeze(one.words).count(squeeze(text)) > 30, form


def test_signs_that_turn_or_hide_are_shown_as_their_code_points():
    text = "abc\u202edef\u2066 \x00\x1b \u200b\ufeff \ud800 \U000e0041 \uffff"
    view = page_of(*every_block(text), text="Plain words")
    found = made_paper(view)
    for form, one in found.items():
        words = squeeze(one.words)
        assert "abc[U+202E]def[U+2066][U+0000][U+001B][U+200B][U+FEFF][U+D800][U+E0041][U+FFFF]" in words, form
        assert not set(words) & set("\u202e\u2066\x00\x1b\ufeff"), form


def made_paper(view: View) -> dict[str, Read]:
    """PDF and DOCX alone: the canonical JSON, and with it the hash, refuses a sign that is half of one."""
    from briefs.docx import render_docx  # noqa: PLC0415
    from briefs.pdf import render_pdf  # noqa: PLC0415

    about = {"content_hash": "0" * 64, "as_of": issues.AS_OF}
    return {"pdf": read_pdf(render_pdf(view, **about)), "docx": read_docx(render_docx(view, **about))}


def test_a_word_of_a_hundred_thousand_signs_stays_whole_and_on_the_page():
    word = "x" * 100_000
    for form, one in made_paper(page_of(Paragraph(number="1", lead="", text=word))).items():
        assert one.paragraphs == {"1": word}, form


def test_a_long_word_in_every_place_stays_whole_and_the_document_ends():
    word = "x" * 600
    for form, one in made_paper(page_of(*every_block(word), text=word)).items():
        assert squeeze(one.words).count(word) > 30, form


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "../../secret.html",
        "/etc/passwd",
        "\\\\host\\share",
        "#nowhere",
        "http://a b",
        "mailto:x@example.org",
    ],
)
def test_a_link_that_leads_out_of_bounds_is_text_on_paper(href: str):
    found = made(page_of(*every_block("Plain words", href=href)))
    rels = b"".join(body for name, body in forms.parts_of(found["docx"]) if name.endswith(".rels"))
    assert b"External" not in rels
    assert b"/URI" not in found["pdf"].replace(b"/URI 1", b"")
    assert href.encode() not in found["pdf"]


def test_scripts_of_the_six_languages_stand_in_every_form():
    text = "Права человека 人权 حقوق الإنسان droits de l’homme: œuvre, señal ○ △ ◆ ■"
    view = page_of(*every_block(text), text="Plain words")
    for form, one in read(view).items():
        words = squeeze(one.words)
        assert "Правачеловека人权" in words, form
        assert "droitsdel’homme:œuvre,señal○△◆■" in words, form
        assert set("حقوقالإنسان") <= set(words), form


def test_a_script_that_the_pdf_cannot_draw_stands_in_every_other_form_and_has_its_note_there():
    words = {"Hebrew": "שלום עולם", "Thai": "สวัสดี", "Ethiopic": "ሰላም"}
    text = " / ".join(words.values())
    found = read(page_of(*every_block(text)))
    assert squeeze(text) in squeeze(found["html"].words)
    assert squeeze(text) in squeeze(found["docx"].words)
    assert text in made(page_of(*every_block(text)))["json"].decode()
    spoken = squeeze(found["pdf"].words)
    notes = " / ".join(f"[text in {name} script; see HTML or JSON]" for name in words)
    assert spoken.count(squeeze(notes)) > 100
    assert not set(squeeze(text)) - {"/"} & set(spoken)


def _printed(held: object, name: str = "") -> list[str]:
    if isinstance(held, dict):
        return [text for key, value in held.items() if key not in UNPRINTED for text in _printed(value, key)]
    if isinstance(held, str):
        return [held]
    if isinstance(held, list | tuple):
        return [text for one in held for text in _printed(one, name)]
    return list(texts_of(held))
