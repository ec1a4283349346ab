"""The PDF read back: structure, language, words of pictures, heads of tables, and what it must not say."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import forms
import issues
import pikepdf
import pypdfium2
import pytest
import tagged
from forms import every_block, page_of

from briefs import charts, pdf
from briefs.build import build_bureau, build_scan
from briefs.fonts import drawable, require_drawable
from briefs.messages import find_messages
from briefs.pdf import render_pdf
from briefs.tongue import LANGUAGES, load_catalogue, speak
from briefs.view import Heading, Item, Paragraph, Remark, Section, View
from domain.classification import Lens
from domain.errors import Refused
from domain.issue import Issue
from domain.situation import Level
from domain.state import REFERENCE

HASH = "ab" * 32


def made(view: View) -> bytes:
    return render_pdf(view, content_hash=HASH, as_of=issues.AS_OF)


@pytest.fixture(scope="module")
def scan() -> bytes:
    return made(build_scan(issues.later_issue(), "AFR"))


def test_the_file_says_that_it_is_tagged_and_conforms(scan: bytes):
    with pikepdf.open(io.BytesIO(scan)) as found:
        assert found.Root.MarkInfo.Marked
        assert found.Root.Lang == "en"
        assert found.Root.ViewerPreferences.DisplayDocTitle
        about = found.open_metadata()
        assert about["pdfuaid:part"] == "1"
        assert about["dc:title"] == "HS/AFR/2024/W04 · Horizon scan · African States · weekly"


def test_the_file_is_sound(scan: bytes):
    with pikepdf.open(io.BytesIO(scan)) as found:
        assert found.check_pdf_syntax() == []


def test_headings_go_down_one_step_at_a_time(scan: bytes):
    levels = [int(one.role[1]) for one in tagged.read_tree(scan).every("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert {2, 3, 4} <= set(levels)
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_heading_that_skips_a_level_is_set_one_step_down():
    found = tagged.read_tree(made(page_of(Heading(level=4, text="Deep"), Heading(level=4, text="Deeper"))))
    assert [(one.role, one.text) for one in found.every("H3", "H4")] == [("H3", "Deep"), ("H4", "Deeper")]


def test_every_table_has_heads_of_columns_and_of_rows(scan: bytes):
    tables = list(tagged.read_tree(scan).every("Table"))
    assert len(tables) > 5
    for table in tables:
        head, *rows = table.every("TR")
        assert {cell.scope for cell in head.every("TH", "TD")} == {"/Column"}
        assert rows
        for row in rows:
            assert [cell.role for cell in row.parts] == ["TH", *["TD"] * (len(row.parts) - 1)]
            assert row.parts[0].scope == "/Row"
            assert not any(cell.heads for cell in row.parts)  # a list of heads would take the place of their scopes


def test_every_picture_has_its_words_and_no_other_part_has_any():
    view = build_scan(issues.later_issue(), "AFR")
    drawn = [one for section in view.sections for block in section.blocks for one in charts.draw_pictures(block)]
    parts = list(tagged.read_tree(made(view)).every())
    assert [one.alt for one in parts if one.role == "Figure"] == [one.words for one in drawn]
    assert len(drawn) == 6 + 1
    assert not [one for one in parts if one.role != "Figure" and one.alt]


def test_marks_of_a_key_are_decoration_for_their_words_are_beside_them(scan: bytes):
    assert len(list(tagged.read_tree(scan).every("Figure"))) == 7
    with pikepdf.open(io.BytesIO(scan)) as found:
        streams = b"".join(page.Contents.read_bytes() for page in found.pages)
    assert streams.count(b"/Artifact") > 7


def test_a_text_in_another_language_says_so():
    view = page_of(
        Paragraph(number="1", lead="", text="Les droits de l’homme", language="fr"),
        Paragraph(number="2", lead="", text="حقوق الإنسان", language="ar"),
    )
    french, arabic = [one for one in tagged.read_tree(made(view)).every() if one.language in {"fr", "ar"}]
    assert "droits" in french.text
    assert "قوقح" in arabic.text  # a line of a PDF holds its signs from the left; readers turn them


def test_arabic_is_set_from_the_right():
    """Its number stands at the right margin, the end of the line to the left of it."""
    view = replace(
        page_of(Paragraph(number="1", lead="", text="حقوق الإنسان"), text="حقوق"), language="ar", direction="rtl"
    )
    with pypdfium2.PdfDocument(made(view)) as found:
        page = found[0]
        text = page.get_textpage()
        search = text.search("1")
        at, _ = search.get_next()
        left, *_ = text.get_charbox(at)
        assert left > page.get_width() / 2


def test_every_page_has_reference_hash_and_number_in_its_footer(scan: bytes):
    with pypdfium2.PdfDocument(scan) as found:
        pages = len(found)
        assert pages > 2
        for number, page in enumerate(found, start=1):
            foot = page.get_textpage().get_text_bounded(top=57)
            assert "HS/AFR/2024/W04" in foot
            assert f"sha256 {HASH}" in foot
            assert f"{number} / {pages}" in foot


def test_every_page_says_that_nobody_reviewed_it(scan: bytes):
    with pypdfium2.PdfDocument(scan) as found:
        for page in found:
            assert "Machine proposal. Reviewed by nobody." in page.get_textpage().get_text_bounded()


def test_pages_are_a4_and_nothing_is_set_outside_the_margins(scan: bytes):
    with pypdfium2.PdfDocument(scan) as found:
        for page in found:
            assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.01)
            text = page.get_textpage()
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                assert left > 50
                assert right < 595 - 45
                assert bottom > 20
                assert top < 842 - 20


def test_the_bureau_page_is_one_page():
    for issue in (issues.issue(), issues.later_issue(), issues.world_issue(), issues.crowded_issue()):
        with pypdfium2.PdfDocument(made(build_bureau(issue))) as found:
            assert len(found) == 1


def test_an_annex_begins_one_new_page():
    view = page_of(Remark(text="Main"))
    annex = Section(anchor="annex", heading="Annexed", blocks=(Remark(text="Further"),), annex=True)
    last = replace(annex, anchor="last", heading="Last")
    with pypdfium2.PdfDocument(made(replace(view, sections=(*view.sections, annex, last)))) as found:
        first, second = [page.get_textpage().get_text_bounded() for page in found]
    assert "Main" in first
    assert "Annexed" not in first
    assert all(word in second for word in ("Annex\r\nAnnexed", "Further", "Last"))


LEVELS = (Level.URGENT, Level.EMERGING, Level.WATCH)
CROWDED: dict[str, Callable[[], Issue]] = {
    "world": issues.world_issue,
    "hostile": issues.hostile_issue,
    "one place": issues.dominated_issue,
    "fourteen, inside": lambda: replace(issues.packed_issue(*LEVELS[1:], share=4), lens=Lens.RESTRICTED),
    "every State": lambda: issues.packed_issue(*LEVELS),
    "long labels": lambda: issues.packed_issue(*LEVELS, share=5, label="Deaths, all kinds " * 20),
}


@pytest.mark.parametrize("name", CROWDED)
def test_two_pages_hold_in_every_crowd_and_in_the_longest_languages(name: str):
    issue = CROWDED[name]()
    pages = [("AFR", "en"), ("AFR", "ru"), ("AFR", "fr"), ("EES", "en"), ("WEO", "en")]
    for code, language in pages:
        view = build_scan(issue, code)
        annex = Section(anchor="annex", heading="Annexed", blocks=(Remark(text="Further"),), annex=True)
        main = tuple(section for section in view.sections if not section.annex)
        with pypdfium2.PdfDocument(made(speak(replace(view, sections=(*main, annex)), language))) as found:
            texts = [page.get_textpage().get_text_bounded() for page in found]
        assert next(at for at, text in enumerate(texts) if "Annexed" in text) <= 2, (code, language)


def test_links_lead_within_the_page_and_to_the_web():
    with pikepdf.open(io.BytesIO(made(page_of(*every_block("Words", href="https://example.org/a?b=c#d"))))) as found:
        links = [one for page in found.pages for one in page.get("/Annots", []) if one.Subtype == "/Link"]
        web = {str(one.A.URI) for one in links if "/A" in one and "/URI" in one.A}
        assert web == {"https://example.org/a?b=c#d"}
        assert len([one for one in links if "/Dest" in one or ("/A" in one and one.A.S == "/GoTo")]) > 3
        assert all(str(one.Contents) for one in links)


def test_words_of_others_in_a_script_without_a_font_are_a_note_and_stop_nothing():
    text = "It begins שלום, עולם and goes on สวัสดี; it ends with 😀"
    body = made(page_of(Paragraph(number="1", lead="", text=text)))
    assert forms.read_pdf(body).paragraphs["1"] == forms.squeeze(
        "It begins [text in Hebrew script; see HTML or JSON] and goes on [text in Thai script; see HTML or JSON]; "
        "it ends with [U+1F600]"
    )


def test_a_note_for_a_script_speaks_the_language_of_the_page():
    view = replace(page_of(Paragraph(number="1", lead="", text="שלום")), language="fr")
    assert "[texteenécriturehébreu;voirHTMLouJSON]" in forms.squeeze(forms.read_pdf(made(view)).words)


def test_a_fixed_word_without_a_font_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    words = pdf.furniture("en")
    monkeypatch.setattr(pdf, "furniture", lambda _: lambda text, **values: words(text, **values).replace("x", "😀"))
    with pytest.raises(Refused, match=r"U\+1F600 \(GRINNING FACE\)"):
        made(page_of(Paragraph(number="1", lead="", text="Plain words")))


def test_every_fixed_word_of_every_language_has_a_font():
    for language in LANGUAGES[1:]:
        require_drawable((form for forms_ in load_catalogue(language).words.values() for form in forms_), page=language)
    require_drawable(find_messages(), page="en")
    names = (REFERENCE / "states.csv").read_text("utf-8").splitlines()
    require_drawable(names, page="names of States")


def test_the_fonts_draw_the_six_languages_and_the_levels():
    require_drawable(["ÀéñÎœß§", "ПриветЁ", "العربية،؟", "简体中文“”", "○△◆■▲×→…–"], page="a page")
    assert "\u202e" not in drawable()


def test_only_our_fonts_are_in_the_file(scan: bytes):
    with pikepdf.open(io.BytesIO(scan)) as found:
        names = {
            str(one.BaseFont) for one in found.objects if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one
        }
    assert names
    assert all(re.fullmatch(r"/[A-Z]{6}\+(NotoSans|IBMPlexSansArabic).*", name) for name in names)


def test_the_compiler_is_asked_for_conformance(monkeypatch: pytest.MonkeyPatch):
    """A picture without words is what PDF/UA-1 forbids first."""
    monkeypatch.setattr(
        pdf.charts,
        "draw_pictures",
        lambda block, draw=pdf.charts.draw_pictures, **given: tuple(
            replace(one, words="") for one in draw(block, **given)
        ),
    )
    view = build_scan(issues.issue(), "AFR")
    tree = tagged.read_tree
    with pytest.raises(Refused, match="PDF/UA-1"):
        tree(made(view))


def test_nothing_of_this_machine_is_in_the_file(monkeypatch: pytest.MonkeyPatch, scan: bytes):
    monkeypatch.setenv("USER", "planted-user")
    monkeypatch.setenv("HOSTNAME", "planted-host")
    monkeypatch.setenv("SECRET_TOKEN", "planted-token")
    body = made(build_scan(issues.later_issue(), "AFR"))
    assert body == scan
    with pikepdf.open(io.BytesIO(body)) as found:
        whole = b"".join(
            one.read_bytes() for one in found.objects if isinstance(one, pikepdf.Stream) and "/Subtype" not in one
        )
        about = {str(key): str(value) for key, value in found.docinfo.items()}
        whole += found.Root.Metadata.read_bytes()
    assert b"planted" not in body + whole
    assert str(pdf._TEMPLATES).encode() not in body + whole
    assert set(about) == {"/Title", "/Keywords", "/Creator", "/CreationDate", "/ModDate"}
    assert about["/CreationDate"] == about["/ModDate"] == "D:20240129000000Z"
    assert about["/Creator"].startswith("Typst")


def test_as_of_alone_changes_the_dates_and_not_the_text(scan: bytes):
    view = build_scan(issues.later_issue(), "AFR")
    other = render_pdf(view, content_hash=HASH, as_of=issues.AS_OF.replace(year=2023))
    assert other != scan
    assert forms.read_pdf(other).words == forms.read_pdf(scan).words


def test_an_item_keeps_its_letter_and_language():
    item = Item(letter="(c)", lead="Alleged", lines=("Первая", "Вторая"), language="ru")
    entry = next(block for block in every_block("Words") if block.kind == "entry")
    tree = tagged.read_tree(made(page_of(replace(entry, items=(item,)))))
    (label,) = [one.text for one in tree.every("Lbl")]
    assert label == "(c)"
    assert any(one.language == "ru" and "Первая" in one.text for one in tree.every())
