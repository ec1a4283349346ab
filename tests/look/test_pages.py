"""Every page of the bundled week in a real browser: it stays by itself, fits, can be read, used by keys and printed."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route
from pypdf import PdfReader
from specimen import PAGES, REGIONS

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 900), (390, 844)
# A window of 1280 px zoomed to 200 % leaves 640 px of the page's own.
VIEWS = {"desktop": DESKTOP, "phone": PHONE, "small phone": (320, 640), "zoom 200 %": (640, 450)}
A4_POINTS = (595, 842)
LARGEST = 500_000
MAIN_SHEETS = 2
# Pages that may have nothing to point at below the masthead.
NO_LINKS = {"bureau", "flags"}
# One page of each kind. By night and on a phone the colours and the sizes of what can be touched are asked for alone.
KINDS = ("AFR", "WEO-evidence", "bureau", "flags", "ledger", "index", "interactive")
NARROW = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]}
WHOLE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# Plotly's own drawing is not ours to label: the scans hold the same as text and tables, and the page says so.
FOREIGN = ".js-plotly-plot"


@dataclass
class Opened:
    """One page in one view, with everything that it asked for or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


Opener = Callable[..., Opened]


@pytest.fixture(scope="module", name="show")
def _show(browser: Browser, week: Path) -> Iterator[Opener]:
    """Opens a page once; who asks again gets the same one in the view that is asked for, or a `fresh` one."""
    kept: dict[str, Opened] = {}
    contexts = []

    def opened(name: str, *, bypass_csp: bool) -> Opened:
        context = browser.new_context(bypass_csp=bypass_csp)
        contexts.append(context)
        seen = Opened(page=context.new_page())

        def guard(route: Route) -> None:
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                seen.asked.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        seen.page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto((week / f"{name}.html").as_uri())
        if name == "interactive":
            seen.page.wait_for_selector(f"{FOREIGN} .main-svg")
        return seen

    def show(
        name: str,
        view: tuple[int, int] = DESKTOP,
        *,
        scheme: Literal["light", "dark"] = "light",
        fresh: bool = False,
        bypass_csp: bool = False,
    ) -> Opened:
        seen = opened(name, bypass_csp=bypass_csp) if fresh or name not in kept else kept[name]
        if not fresh:
            kept[name] = seen
        seen.page.set_viewport_size({"width": view[0], "height": view[1]})
        seen.page.emulate_media(color_scheme=scheme, media="null")
        return seen

    yield show
    for context in contexts:
        context.close()


@pytest.fixture(params=PAGES, name="name")
def _name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_page_asks_for_nothing_and_complains_of_nothing(show: Opener, name: str):
    seen = show(name)
    for line in seen.page.query_selector_all("summary"):
        line.click()
    assert seen.asked == []
    assert seen.complaints == []


def test_the_guard_sees_a_request_that_leaves_the_page(show: Opener):
    seen = show("index", fresh=True, bypass_csp=True)
    seen.page.evaluate("fetch('https://example.org/').catch(() => 0)")
    assert seen.asked == ["https://example.org/"]


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
def test_a_page_never_scrolls_sideways(show: Opener, name: str, view: tuple[int, int]):
    seen = show(name, view)
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = seen.page.evaluate(
        """() => { const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        return [...document.body.querySelectorAll('*')].filter(one => !one.closest('.scroll')
          && one.getBoundingClientRect().right > width + 1).map(one => one.outerHTML.slice(0, 80)) }"""
    )
    assert wide == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_headings_are_in_order_below_one_title_and_landmarks_are_there(show: Opener, name: str):
    page = show(name).page
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [page.locator(f"body > {tag}").count() for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.locator("html").get_attribute("lang") == "en"


def test_every_table_has_its_caption_and_the_scope_of_its_heads(show: Opener, name: str):
    page = show(name).page
    bare = page.evaluate(
        """[...document.querySelectorAll('table')].filter(one => !one.caption || !one.caption.textContent.trim()
        || [...one.querySelectorAll('th')].some(head => !['col', 'row'].includes(head.scope))).length"""
    )
    assert bare == 0
    if name in REGIONS:
        assert page.locator("table").count() > 0


def test_every_picture_has_words_or_is_hidden_beside_words(show: Opener, name: str):
    page = show(name).page
    mute = page.evaluate(
        f"""[...document.querySelectorAll('svg')].filter(one => !one.closest('{FOREIGN}, #js-plotly-tester')
        && one.getAttribute('aria-hidden') !== 'true'
        && !(one.getAttribute('role') === 'img' && one.getAttribute('aria-label'))).length"""
    )
    assert mute == 0
    assert (page.locator("svg[role=img]").count() >= 6) == (name in REGIONS)


def test_every_plot_stands_below_a_sentence_and_in_a_labelled_place(show: Opener):
    page = show("interactive").page
    assert page.locator(FOREIGN).count() == 3
    assert page.locator(f"section:has(h2):has(p) [role=region][aria-label] {FOREIGN}").count() == 3


def test_the_first_key_leads_to_the_text_and_what_has_the_focus_is_seen(show: Opener, name: str):
    page = show(name, fresh=True).page
    page.keyboard.press("Tab")
    focus = page.locator(":focus")
    assert focus.get_attribute("class") == "skip"
    box = focus.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    if page.locator(":focus").count():
        assert page.evaluate("document.querySelector('#main').contains(document.activeElement)") or name in NO_LINKS
        outline = page.locator(":focus").evaluate("one => getComputedStyle(one).outlineStyle")
        assert outline != "none"


def found_by_axe(page: Page, name: str, options: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    context = {"exclude": [[FOREIGN]]} if name == "interactive" else None
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [(one["id"], one["help"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing(show: Opener, name: str):
    assert found_by_axe(show(name).page, name, WHOLE) == []


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_by_night_and_on_a_phone(show: Opener, name: str):
    assert found_by_axe(show(name, scheme="dark").page, name, NARROW) == []
    assert found_by_axe(show(name, PHONE).page, name, NARROW) == []


@pytest.mark.parametrize("name", ["AFR", "bureau", "index"])
def test_a_page_is_dark_by_night_and_its_pictures_with_it(show: Opener, name: str):
    page = show(name, scheme="dark").page
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(17, 26, 33)"
    white = page.evaluate(
        """[...document.querySelectorAll('svg [fill="#ffffff"], svg [fill="#16242f"]')]
        .filter(one => ['rgb(255, 255, 255)', 'rgb(22, 36, 47)'].includes(getComputedStyle(one).fill)).length"""
    )
    assert white == 0


def test_axe_can_find_something(show: Opener):
    page = show("index", fresh=True).page
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == ["html-has-lang"]


# The longer evidence page is of the same kind, and takes as long to print as all the others.
@pytest.mark.parametrize("name", [name for name in PAGES if name != "APS-evidence"])
def test_a_page_prints_on_a4_with_its_words_and_the_bureau_page_on_one_sheet(show: Opener, name: str):
    page = show(name, fresh=True).page
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    first = [sheet.extract_text().replace("\N{NO-BREAK SPACE}", " ") for sheet in printed.pages[: MAIN_SHEETS + 1]]
    assert "Machine proposal. Reviewed by nobody." in first[0]
    assert {(round(float(one.mediabox.width)), round(float(one.mediabox.height))) for one in printed.pages} == {
        A4_POINTS
    }
    if name in REGIONS:
        assert "What we cannot see." in "".join(first)
        annex = next(at for at, sheet in enumerate(first) if re.search(r"^Annex\s*$", sheet, re.MULTILINE))
        assert 1 <= annex <= MAIN_SHEETS
    if name == "bureau":
        assert len(printed.pages) == 1


@pytest.mark.parametrize("name", [name for name in PAGES if name != "interactive"])
def test_nothing_is_cut_off_on_paper(show: Opener, name: str):
    """The interactive page is made for the screen; the scans hold the same for paper."""
    page = show(name).page
    page.emulate_media(media="print")
    # The width of the text on A4, 178 mm, at 96 px an inch.
    page.set_viewport_size({"width": 673, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 673
    wide = page.evaluate(
        """[...document.body.querySelectorAll('table, svg, p')].filter(one => one.getBoundingClientRect().right > 674)
        .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert wide == []


def test_a_scan_is_no_larger_than_half_a_megabyte(week: Path):
    assert max((week / f"{region}.html").stat().st_size for region in REGIONS) <= LARGEST


def test_the_interactive_page_holds_its_data_as_json(week: Path):
    page = (week / "interactive.html").read_text("utf-8")
    held = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.DOTALL)
    assert held is not None
    assert len(json.loads(held.group(1))) == 3


@pytest.mark.parametrize("situations", range(1, 10))
def test_the_fullest_bureau_page_is_one_sheet(browser: Browser, fullest: Callable[[int], str], situations: int):
    page = browser.new_page()
    page.set_content(fullest(situations))
    assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 1
    page.close()
