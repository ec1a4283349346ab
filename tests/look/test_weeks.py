"""Four fictional weeks in a real browser: nothing heard, half unheard, one State, six scripts with hostile texts.

One page of each kind is opened once, in every width and by day and night; what a page must be whatever it holds is
asked of each. One week is there in Arabic too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import worlds
from axe_playwright_python.sync_playwright import Axe
from fictional import World
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WIDTHS = (1280, 768, 640, 390, 320)
LARGEST = 500_000
REGIONS = ("AFR", "APS", "EES", "LAC", "WEO")
# Of each kind of page one, and of scan and evidence also one with nothing to say. The other regions are the same kind.
KINDS = ("AFR", "APS", "AFR-evidence", "APS-evidence", "bureau", "flags", "ledger", "index", "sessional")
SPOKEN = tuple(f"{name}.ar" for name in KINDS if name != "APS-evidence")
SITE = ("site/index", "site/search", "site/states/XAA", "site/states/XAM", "site/triggers/T02")
# Those that a reader walks through by keys, and by ear.
WALKED = {"AFR", "bureau", "index", "site/search"}
MARKS = str.maketrans(dict.fromkeys('“”«»„‘’"', ""))
NUMBERED = {"AFR", "APS", "bureau", "flags", "ledger", "sessional"}
# A target of 24 px is a rule of WCAG 2.2 that axe has to be asked for.
BY_DAY = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
BY_NIGHT = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
ON_A_PHONE = {
    "resultTypes": ["violations"],
    "runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"],
}
WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll('body *')].filter(one => !one.closest('.scroll')
    && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => one.outerHTML.slice(0, 100)).slice(0, 3).concat('wide')"""
# What stands on the page, in the order of its source: a screen reader must hear it in this order.
# What repeats is looked at forty times, not four hundred: axe takes long on a long page.
FEWER = """document.querySelectorAll(
    '.incidents > li:nth-child(n+40), tbody tr:nth-child(n+80), .rows li a:nth-child(n+40)')
  .forEach(one => one.remove())"""
WRITTEN = """() => [...document.querySelectorAll(
    'h1, h2, h3, h4, .para, p, li, th, td, caption, dt, dd, summary, label')]
  .filter(one => one.checkVisibility({visibilityProperty: true})).map(one => {
    const copy = one.cloneNode(true);
    copy.querySelectorAll('svg, [aria-hidden=true]').forEach(hidden => hidden.remove());
    return copy.textContent.replace(/\\s+/g, '').slice(0, 30); }).filter(text => text)"""


@dataclass(frozen=True)
class Looked:
    """What was seen and heard of one page, opened once."""

    violations: list[str]
    wide: list[str]
    said: list[str]
    heard: list[tuple[str, str, int]]
    written: list[str]
    numbers: list[str]
    passed: list[int]
    controls: int


@pytest.fixture(params=worlds.EVERY, name="world")
def _world(request: pytest.FixtureRequest, ran: Callable[[str], World]) -> World:
    return ran(request.param)


@pytest.fixture(scope="module")
def look(browser: Browser) -> Callable[[Path], dict[str, Looked]]:
    """Every page of a world that is looked at, by its name."""

    @cache
    def every(folder: Path, site: Path) -> dict[str, Looked]:
        pages = {name: folder / f"{name}.html" for name in (*KINDS, *SPOKEN)}
        pages |= {name: site.parent / f"{name}.html" for name in SITE}
        return {name: look_at(browser, page, name) for name, page in pages.items() if page.is_file()}

    return lambda world: every(worlds.pages_of(world), worlds.site_of(world))


@contextmanager
def seen(browser: Browser, page: Path) -> Iterator[tuple[Page, list[str]]]:
    """One page, shut off from every network, and what it complains of."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900}, offline=True)
    view, said = context.new_page(), []
    view.set_default_timeout(60_000)
    view.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    view.goto(page.as_uri())
    yield view, said
    context.close()


def look_at(browser: Browser, page: Path, name: str) -> Looked:
    with seen(browser, page) as (view, said):
        passed, controls = walk_by_keys(view) if name in WALKED else ([], 0)
        numbers = view.evaluate("[...document.querySelectorAll('.num')].map(one => one.textContent)")
        written, heard = view.evaluate(WRITTEN), spoken(view)
        view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide = []
        for width in WIDTHS:
            view.set_viewport_size({"width": width, "height": 900})
            wide += [f"{width}: {one}" for one in view.evaluate(WIDE)]
        view.evaluate(FEWER)
        found = [f"on a phone: {one}" for one in violations(view, ON_A_PHONE)]
        view.set_viewport_size({"width": WIDTHS[0], "height": 900})
        found += violations(view, BY_DAY)
        view.emulate_media(color_scheme="dark")
        found += [f"by night: {one}" for one in violations(view, BY_NIGHT)]
        return Looked(found, wide, said, heard, written, numbers, passed, controls)


def violations(view: Page, options: dict[str, Any]) -> Iterator[str]:
    for one in Axe().run(view, options=options).response["violations"]:
        yield f"{one['id']}: {[node['html'][:120] for node in one['nodes']][:3]}"


def walk_by_keys(view: Page) -> tuple[list[int], int]:
    """The place in the page's order of each control that a key led to, and how many there are."""
    count = view.evaluate(
        """() => { window.order = [...document.querySelectorAll('a[href], summary, input, [tabindex="0"]')]
        .filter(one => one.checkVisibility()); return window.order.length }"""
    )
    passed = []
    for _ in range(count):
        view.keyboard.press("Tab")
        passed.append(view.evaluate("window.order.indexOf(document.activeElement)"))
    return passed, count


def spoken(view: Page) -> list[tuple[str, str, int]]:
    """What the browser tells a screen reader, in its order: role, words, level of a heading."""
    client = view.context.new_cdp_session(view)
    nodes = {one["nodeId"]: one for one in client.send("Accessibility.getFullAXTree")["nodes"]}
    root = next(one for one in nodes.values() if not one.get("parentId"))
    found: list[tuple[str, str, int]] = []

    def walk(node: dict[str, Any]) -> None:
        role = node.get("role", {}).get("value", "")
        if not node.get("ignored") and role != "InlineTextBox":
            levels = [one["value"]["value"] for one in node.get("properties", ()) if one["name"] == "level"]
            found.append((role, str(node.get("name", {}).get("value", "")), int(levels[0]) if levels else 0))
        for kid in node.get("childIds", ()):
            if kid in nodes and role != "StaticText":
                walk(nodes[kid])

    walk(root)
    return found


def squeeze(text: str) -> str:
    return "".join(text.split())


def first_out_of_order(one: Looked) -> str:
    """The first words of the page that are not heard where they are written; empty where all are."""
    # The browser says the marks of a quotation, which are written by the tag alone.
    heard = "".join(text for role, text, _ in one.heard if role == "StaticText").translate(MARKS)
    words, at = squeeze(heard), 0
    for text in (text.translate(MARKS) for text in one.written):
        # The beginnings of what stands within another follow it closely, so each is looked for from the last one on.
        found = words.find(text, at)
        if found < at:
            return text
        at = found
    return ""


def test_axe_finds_nothing_on_any_kind_of_page_by_day_by_night_and_on_a_phone(look, world: World):
    assert {name: one.violations for name, one in look(world).items() if one.violations} == {}


def test_no_page_scrolls_sideways_at_any_width_or_complains(look, world: World):
    assert {name: one.wide for name, one in look(world).items() if one.wide} == {}
    assert {name: one.said for name, one in look(world).items() if one.said} == {}


def test_every_kind_of_page_was_looked_at(look, world: World):
    arabic = set(SPOKEN) if worlds.LANGUAGES.get(world.folder.name.rstrip("0123456789")) else set()
    assert set(look(world)) == {*KINDS, *SITE} | arabic


def test_a_screen_reader_hears_every_page_in_the_order_of_its_text(look, world: World):
    for name, one in look(world).items():
        assert len(one.written) > 5, name
        assert first_out_of_order(one) == "", name


def test_what_is_heard_in_another_order_or_not_at_all_is_found():
    heard = [("StaticText", text, 0) for text in ("One", " says “no”.", "Two")]
    page = Looked([], [], [], heard, ["One", "Two"], [], [], 0)
    assert first_out_of_order(page) == ""
    assert first_out_of_order(replace(page, written=["Two", "One"])) == "One"
    assert first_out_of_order(replace(page, written=["One", 'Onesays"no".Two', "Three"])) == "Three"


def test_a_screen_reader_finds_landmarks_headings_in_order_and_a_name_for_everything(look, world: World):
    for name, one in look(world).items():
        roles = [role for role, _, _ in one.heard]
        assert [roles.count(role) for role in ("banner", "main", "contentinfo")] == [1, 1, 1], name
        assert roles.index("banner") < roles.index("main") < roles.index("contentinfo"), name
        levels = [level for role, _, level in one.heard if role == "heading"]
        assert (levels[0], levels.count(1)) == (1, 1), name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name
        named = {"image", "img", "link", "table", "searchbox", "textbox"}
        assert [text for role, text, _ in one.heard if role in named and not text.strip()] == [], name


def test_paragraphs_are_numbered_one_after_the_other_and_heard_with_their_numbers(look, world: World):
    for name, one in look(world).items():
        # A number and the first words behind it are one text of what is heard in order, see above.
        assert one.numbers == [f"{at}." for at in range(1, len(one.numbers) + 1)], name
        assert bool(one.numbers) == (name.partition(".")[0] in NUMBERED), name


def test_keys_pass_every_control_in_the_order_of_the_page(look, world: World):
    for name in WALKED:
        one = look(world)[name]
        # Chromium lets keys reach whatever scrolls on its own; that is in the page's order too.
        known = [at for at in one.passed if at >= 0]
        assert known == sorted(known), name
        assert len(known) >= one.controls - one.passed.count(-1), name
        assert known[0] == 0, name


def test_a_region_is_no_larger_than_half_a_megabyte(world: World):
    sizes = {
        path.name: path.stat().st_size for name in REGIONS for path in worlds.pages_of(world).glob(f"{name}*.html")
    }
    assert len(sizes) >= 2 * len(REGIONS)
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
