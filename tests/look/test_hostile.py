"""Texts that try to be markup, script, formula, template or another order of reading stand as text in every form.

They come as titles, publishers, links, places and actors of sources, through the real stages.
"""

import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import icalendar
import pytest
import worlds
from fictional import World
from opened import pdf_text, read_every

from domain.classification import Lens

PLAIN = ("script", "markup", "formula", "jinja", "typst")
# What would come out if somebody's words were worked out: 7 * 191, a version, a field.
WORKED_OUT = ("1337", "sys.version (", "Masthead(")
UNSEEN = frozenset("\u00ad\u200b\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
OWN_FIELDS = {"PAGE", "NUMPAGES"}


@pytest.fixture(scope="module")
def world(ran: Callable[[str], World]) -> World:
    return ran("six-scripts")


@pytest.fixture(scope="module", params=list(Lens), ids=[lens.value for lens in Lens])
def pages(request: pytest.FixtureRequest, world: World) -> Path:
    return worlds.pages_of(world, request.param)


class Read(HTMLParser):
    """Words, tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def squeeze(text: str) -> str:
    return "".join(text.split())


def html_files(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.rglob("*.html")) if one.stem != "interactive"]


def test_no_text_becomes_a_tag_an_attribute_or_an_address(pages: Path, world: World):
    for page in (*html_files(pages), *html_files(worlds.site_of(world))):
        read = Read(page.read_text("utf-8"))
        for tag, attributes in read.tags:
            assert tag not in {"img", "iframe", "b", "object", "embed"}, page.name
            assert tag != "script" or attributes.get("src") == "search.js", page.name
            assert not [name for name in attributes if name.startswith("on")], page.name
            assert not str(attributes.get("href", "")).lower().startswith(("javascript:", "data:")), page.name


def test_hostile_words_stand_as_words_in_all_four_forms(pages: Path):
    html = squeeze("".join(Read((pages / "AFR.html").read_text("utf-8")).words))
    texts = {
        "html": html,
        "json": squeeze(json.dumps(json.loads((pages / "AFR.json").read_text("utf-8")), ensure_ascii=False)),
        "pdf": squeeze(pdf_text((pages / "AFR.pdf").read_bytes())),
        "docx": squeeze("".join(docx_root(pages / "AFR.docx").itertext())),
    }
    for form, text in texts.items():
        for name in PLAIN:
            words = squeeze(worlds.HOSTILE[name])
            wanted = json.dumps(words)[1:-1] if form == "json" else words
            assert wanted in text, (form, name)


def test_nothing_is_worked_out_and_nothing_hides_in_any_file(pages: Path, world: World):
    for folder in (pages, worlds.site_of(world)):
        for name, text in read_every(folder):
            if "interactive" in name or " stream " in name or " object " in name or name.endswith(".png"):
                continue  # a library's own code, and packed drawings; their words are read above
            assert [one for one in WORKED_OUT if one in text.replace(",", "")] == [] or "hash" in name, name
            if not name.endswith(("media", ".ttf")):
                # The page's own setting lets a long word break at a sign without width.
                hidden = UNSEEN - ({"\u200b"} if name.endswith(".pdf words") else set())
                assert hidden.isdisjoint(text), (name, sorted(hidden & set(text)))
                controls = {sign for sign in text if unicodedata.category(sign) == "Cc" and sign not in "\n\r\t"}
                assert controls == set(), name


def docx_root(path: Path, part: str = "word/document.xml") -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        return ET.fromstring(packed.read(part))  # noqa: S314 - our own file


def test_a_document_holds_no_field_or_link_of_a_source_s_making(pages: Path):
    for path in sorted(pages.glob("*.docx")):
        with zipfile.ZipFile(path) as packed:
            for part in packed.namelist():
                if not part.endswith((".xml", ".rels")):
                    continue
                text = packed.read(part).decode("utf-8")
                fields = re.findall(r"<w:instrText[^>]*>\s*(\w+)", text)
                assert set(fields) <= OWN_FIELDS, (path.name, part, set(fields) - OWN_FIELDS)
                targets = re.findall(r'Target="([^"]*)"[^>]*TargetMode="External"', text)
                assert not [one for one in targets if one.lower().startswith(("javascript", "file", "data"))]


def test_a_word_of_a_hundred_thousand_signs_is_cut_and_says_so(pages: Path):
    for path in (*html_files(pages), *pages.glob("*.json")):
        longest = max((len(one) for one in re.findall(r"w+", path.read_text("utf-8"))), default=0)
        assert longest < 1000, path.name
    assert "w…" in (pages / "AFR.html").read_text("utf-8")


def test_the_data_of_the_interactive_page_cannot_end_its_script(pages: Path):
    text = (pages / "interactive.html").read_text("utf-8")
    held = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    assert held is not None
    assert "<" not in held.group(1)
    assert json.loads(held.group(1))
    assert "<script>alert(1)" not in text


def test_the_feeds_are_whole_and_hold_the_same_words(world: World):
    site = worlds.site_of(world)
    assert ET.fromstring((site / "issues.atom").read_bytes()).tag.endswith("feed")  # noqa: S314 - our own file
    assert len(json.loads((site / "issues.json").read_text("utf-8"))["items"]) == 1
    calendar = icalendar.Calendar.from_ical((site / "calendar.ics").read_bytes())
    assert [str(one["summary"]) for one in calendar.walk("VEVENT")] == ["A session opens"]


def test_names_in_six_scripts_stand_in_every_form(pages: Path):
    homes = dict(zip(worlds.SCRIPTS, ("AFR", "APS", "EES", "LAC", "WEO", "AFR"), strict=True))
    for script, region in homes.items():
        name = squeeze(worlds.SCRIPTS[script])
        assert name in squeeze("".join(Read((pages / f"{region}.html").read_text("utf-8")).words)), script
        assert name in squeeze("".join(docx_root(pages / f"{region}.docx").itertext())), script
        assert name in squeeze((pages / f"{region}.json").read_text("utf-8")), script
        # Drawn from the right, the signs of a line of Arabic come out in another order: they are all there.
        drawn = squeeze(pdf_text((pages / f"{region}.pdf").read_bytes()))
        assert name in drawn or name[::-1] in drawn or set(name) <= set(drawn), script
