"""The DOCX as an office program reads it: its outline, its numbers, its tables and its pictures, and no repair."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import issues
import pikepdf
import pypdfium2
import pytest
from browser import own_fonts
from forms import every_block, page_of, read_docx, squeeze

from briefs.build import build_bureau, build_scan
from briefs.docx import render_docx
from briefs.view import View

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PATIENCE = 120
TAGGED = 'pdf:writer_pdf_Export:{"ExportBookmarks":{"type":"boolean","value":"true"},"UseTaggedPDF":{"type":"boolean","value":"true"}}'  # noqa: E501

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed here: nobody opened the DOCX")

Convert = Callable[[View, str], bytes]


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Turns a page's DOCX into another format; with a profile of its own, and no font but ours."""
    folder = tmp_path_factory.mktemp("office")
    fonts = own_fonts(folder)

    def converted(view: View, form: str) -> bytes:
        source = folder / "page.docx"
        source.write_bytes(render_docx(view, content_hash="ab" * 32, as_of=issues.AS_OF))
        made = folder / f"page.{form.partition(':')[0]}"
        made.unlink(missing_ok=True)
        subprocess.run(
            [str(OFFICE), "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", form,
             "--outdir", str(folder), str(source)],
            check=True, capture_output=True, timeout=PATIENCE, env={"PATH": "/usr/bin:/bin", "HOME": str(folder),
                                                                    "FONTCONFIG_FILE": str(fonts)},
        )  # fmt: skip
        return made.read_bytes()

    return converted


@pytest.fixture(scope="module")
def scan() -> View:
    return build_scan(issues.later_issue(), "AFR")


@pytest.fixture(scope="module")
def printed(convert: Convert, scan: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("printed") / "scan.pdf"
    path.write_bytes(convert(scan, TAGGED))
    return path


def test_the_outline_is_that_of_the_headings(printed: Path, scan: View):
    wanted = [text for _, text in read_docx(render_docx(scan, content_hash="ab" * 32, as_of=issues.AS_OF)).headings]
    with pikepdf.open(printed) as found, found.open_outline() as outline:
        titles = []

        def walk(items: list[pikepdf.OutlineItem]) -> None:
            for one in items:
                titles.append(squeeze(one.title))
                walk(one.children)

        walk(list(outline.root))
        depth = max(_depth(one) for one in outline.root)
    assert titles == wanted
    assert depth == 4


def _depth(item: pikepdf.OutlineItem) -> int:
    return 1 + max((_depth(one) for one in item.children), default=0)


def test_numbers_and_letters_are_shown_as_the_page_has_them(convert: Convert, scan: View):
    lines = [line.strip() for line in convert(scan, "txt:Text (encoded):UTF8").decode("utf-8-sig").splitlines()]
    read = read_docx(render_docx(scan, content_hash="ab" * 32, as_of=issues.AS_OF))
    assert len(read.paragraphs) > 5
    for number, text in read.paragraphs.items():
        assert any(squeeze(line).startswith(f"{number}.{text[:40]}") for line in lines), number
    for item in read.items:
        assert any(squeeze(line).startswith(item[:20]) for line in lines), item


def test_it_opens_as_tables_with_heads_and_pictures_with_words(printed: Path):
    with pikepdf.open(printed) as found:
        parts = [one for one in found.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one]
        roles = [str(one.S) for one in parts]
        words = [str(one.Alt) for one in parts if "/Alt" in one]
    assert roles.count("/Table") > 5
    assert roles.count("/TH") > roles.count("/Table")
    assert sum("African States" in one for one in words) == 1


def test_every_page_has_ink_and_none_is_empty(printed: Path):
    with pypdfium2.PdfDocument(printed) as found:
        assert len(found) >= 5
        for page in found:
            grey = page.render(scale=0.5).to_pil().convert("L")
            dark = sum(grey.histogram()[:128]) / (grey.width * grey.height)
            body = page.get_textpage().get_text_bounded(bottom=57, top=page.get_height() - 54)
            assert 0 < dark < 0.4
            assert len(squeeze(body)) > 40


def test_the_bureau_page_is_one_page(convert: Convert):
    for issue in (issues.issue(), issues.world_issue()):
        with pypdfium2.PdfDocument(convert(build_bureau(issue), "pdf")) as found:
            assert len(found) == 1


def test_a_page_in_arabic_opens_and_reads_from_the_right(convert: Convert):
    text = "حقوق الإنسان"
    view = replace(page_of(*every_block(text), text=text), language="ar", direction="rtl")
    with pypdfium2.PdfDocument(convert(view, "pdf")) as found:
        page = found[0]
        words = page.get_textpage()
        lefts = [words.get_charbox(at)[2] for at in range(words.count_chars()) if words.get_text_range(at, 1) == "ح"]
        assert max(lefts) > page.get_width() - 80
