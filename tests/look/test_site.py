"""The public site in a real browser, from its files: with and without JavaScript, wide, narrow, dark and on paper."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import issues
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from briefs.build import build_bureau, build_scan
from briefs.render import view_json
from briefs.site import SiteInput, Standing, build_site, read_issues
from domain.classification import Lens
from domain.issue import CalendarEntry
from review.approval import write_manifest

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 900), (390, 844)
PAGES = ("index.html", "search.html", "states/AR0.html", "states/AA7.html", "triggers/T07.html")
A4_POINTS = (595, 842)
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of two invented weeks, in a folder."""
    archive, folder = tmp_path_factory.mktemp("published"), tmp_path_factory.mktemp("site")
    earlier = replace(issues.silent_issue(), week="2024-W03", as_of=datetime(2024, 1, 22, tzinfo=UTC))
    for issue in (earlier, issues.issue()):
        into = archive / issue.week / issue.revision
        into.mkdir(parents=True)
        for code, _ in issues.REGIONS:
            (into / f"{code}.json").write_bytes(view_json(build_scan(issue, code)))
            anchors = "".join(f'<p id="place-{place.code}">' for place in issue.places)
            (into / f"{code}.html").write_text(f"<!doctype html><title>{code}</title>{anchors}", "utf-8")
        (into / "bureau.json").write_bytes(view_json(build_bureau(issue)))
        (into / "index.html").write_text("<!doctype html><title>All pages</title>", "utf-8")
        write_manifest(into, issue=issue.week, revision=issue.revision, lens=Lens.PUBLIC)
    made = issues.issue()
    files = build_site(
        SiteInput(
            issues=read_issues(archive, Standing.PUBLISHED),
            places=made.places,
            regions=made.regions,
            triggers=tuple(issues.TRIGGERS.items()),
            calendar=(CalendarEntry(on="2024-02-26", title="A session", place="", source="a table"),),
        )
    )
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


@pytest.fixture(name="show")
def _show(browser: Browser, site: Path) -> Iterator[Opener]:
    contexts = []

    def show(name: str, size: tuple[int, int] = DESKTOP, **other: Any) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **other)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto((site / name).as_uri())
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_light_and_dark(show: Opener, name: str, scheme: str):
    found = Axe().run(show(name, color_scheme=scheme)).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_at_phone_width(show: Opener, name: str):
    found = Axe().run(show(name, PHONE)).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []


def test_dark_is_dark_and_light_is_light(show: Opener):
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    assert show("index.html", color_scheme="dark").evaluate(colour) == "rgb(17, 26, 33)"
    assert show("index.html", color_scheme="light").evaluate(colour) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE, (320, 640)])
def test_a_page_never_scrolls_sideways_and_complains_of_nothing(show: Opener, name: str, size: tuple[int, int]):
    page = show(name, size)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_in_order_and_landmarks_are_there(show: Opener, name: str):
    page = show(name)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => Number(one.tagName[1]))")
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [page.locator(f"body > {tag}").count() for tag in ("header", "main", "footer")] == [1, 1, 1]


def test_the_first_key_leads_to_the_text(show: Opener):
    page = show("search.html")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("class") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_words_narrow_the_list_from_a_file_and_none_bring_it_back(show: Opener):
    page = show("search.html")
    lines = page.locator("li[data-words]:visible")
    all_ = lines.count()
    page.fill("#words", "iles afr")
    assert lines.all_inner_texts()[0].startswith("Îles Bleues AFR")
    assert (lines.count(), page.locator("#found").inner_text()) == (1, "1 line")
    page.fill("#words", "no such place")
    assert (lines.count(), page.locator("#found").inner_text()) == (0, "0 lines")
    page.fill("#words", "")
    assert lines.count() == all_
    assert page.complaints == []


def test_without_javascript_the_whole_index_stands_and_the_field_does_not(show: Opener):
    page = show("search.html", java_script_enabled=False)
    assert page.locator("#find").is_hidden()
    assert page.locator("#states ~ ul li").count() == 40
    assert page.locator("li[data-words]").count() == page.locator("li[data-words]:visible").count()


def test_a_reader_comes_from_the_archive_to_an_entry_by_links_alone(show: Opener):
    page = show("index.html", java_script_enabled=False)
    page.click("text=Find a State or a trigger")
    page.click("a:text-is('Ruritania')")
    assert page.locator("h1").inner_text() == "Ruritania"
    page.click("table a >> nth=0")
    assert "/issues/2024-W04/r1/AFR.html#situation-" in page.url


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_a4_with_its_mark(show: Opener, name: str):
    printed = PdfReader(BytesIO(show(name).pdf(prefer_css_page_size=True)))
    assert {(round(float(one.mediabox.width)), round(float(one.mediabox.height))) for one in printed.pages} == {
        A4_POINTS
    }
    text = " ".join("\n".join(sheet.extract_text() for sheet in printed.pages).split())
    assert "From public information only; not an assessment by OHCHR." in text
