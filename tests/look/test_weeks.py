"""Four fictional weeks in a real browser: nothing heard, half unheard, one State, six scripts with hostile texts.

Every page of the week and of the site is opened; what a page must be whatever it holds is asked of each.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
SITE = ("index.html", "search.html", "states/XAA.html", "states/XAM.html", "triggers/T02.html")
# Of the kinds of page that there are, one each; the bundled week's are looked at by night in full.
NIGHT = {"AFR", "AFR-evidence", "bureau", "index", "XAA"}
REGIONS = ("AFR", "APS", "EES", "LAC", "WEO")
TREE = """() => { const names = [];
  for (const one of document.querySelectorAll('body *')) {
    if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'visible'
      && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !one.closest('.scroll'))
      names.push(one.outerHTML.slice(0, 100)); }
  return names; }"""


@pytest.fixture(params=worlds.EVERY, name="world")
def _world(request: pytest.FixtureRequest, ran: Callable[[str], World]) -> World:
    return ran(request.param)


@contextmanager
def seen(browser: Browser, page: Path, width: int = 1280, **other: Any) -> Iterator[Page]:
    """One page, shut off from every network; the interactive one is left to its own tests."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **other)
    view = context.new_page()
    view.set_default_timeout(60_000)
    view.said = []
    view.on("console", lambda line: view.said.append(line.text) if line.type == "error" else None)
    view.on("pageerror", lambda error: view.said.append(str(error)))
    view.on("dialog", lambda dialog: (view.said.append(dialog.message), dialog.dismiss()))
    view.goto(page.as_uri())
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    yield view
    context.close()


def every_page(world: World) -> list[Path]:
    folder, site = worlds.pages_of(world), worlds.site_of(world)
    return [
        *sorted(one for one in folder.glob("*.html") if one.stem != "interactive"),
        *(site / name for name in SITE if (site / name).is_file()),
    ]


def test_axe_finds_nothing_on_any_page(browser: Browser, world: World):
    found = []
    pages = every_page(world)
    for page, scheme in [*((one, "light") for one in pages), *((one, "dark") for one in pages if one.stem in NIGHT)]:
        with seen(browser, page, color_scheme=scheme) as view:
            found += [
                (page.name, scheme, one["id"], [node["html"][:120] for node in one["nodes"]][:3])
                for one in Axe().run(view).response["violations"]
            ]
    assert found == []


def test_no_page_scrolls_sideways_at_any_width_or_complains(browser: Browser, world: World):
    wide, said = [], []
    for page in every_page(world):
        with seen(browser, page) as view:
            for width in WIDTHS:
                view.set_viewport_size({"width": width, "height": 900})
                if view.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    wide.append((page.name, width, view.evaluate(TREE)[:3]))
            said += [(page.name, line) for line in view.said]
    assert wide == []
    assert said == []


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


def numbered(node: Any) -> Iterator[tuple[str, str]]:
    """Number and text of each paragraph of a page's machine edition, in its order."""
    if isinstance(node, list):
        for one in node:
            yield from numbered(one)
    elif isinstance(node, dict):
        if node.get("kind") == "entry" and not node["full"]:
            # In one line: its number stands before that line, and not before the reason of the full entry.
            yield node["why"]["number"], node["line"]
            return
        if node.get("number") and "lead" in node and "rows" in node:
            yield node["number"], f"{node['lead']} {node['text']}"
        for one in node.values():
            yield from numbered(one)


def squeeze(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", [*REGIONS, "bureau", "flags", "ledger"])
def test_a_screen_reader_hears_the_paragraphs_in_their_order(browser: Browser, world: World, name: str):
    page = worlds.pages_of(world) / f"{name}.html"
    with seen(browser, page) as view:
        heard = spoken(view)
    words = squeeze("".join(text for role, text, _ in heard if role == "StaticText"))
    at = 0
    paragraphs = list(numbered(json.loads(page.with_suffix(".json").read_text("utf-8"))["sections"]))
    assert [int(number) for number, _ in paragraphs] == list(range(1, len(paragraphs) + 1))
    for number, text in paragraphs:
        # A note or a mark may stand within; the first words say where the paragraph begins.
        begin = squeeze(text)[:30]
        found = words.find(begin, at)
        assert found >= at, (number, begin)
        at = found + len(begin)
    roles = [role for role, _, _ in heard]
    assert [roles.count(role) for role in ("banner", "main", "contentinfo")] == [1, 1, 1]
    assert roles.index("banner") < roles.index("main") < roles.index("contentinfo")
    levels = [level for role, _, level in heard if role == "heading"]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [text for role, text, _ in heard if role in {"image", "img", "link", "table"} and not text.strip()] == []


@pytest.mark.parametrize("name", ["AFR", "bureau", "index"])
def test_keys_pass_every_control_in_the_order_of_the_page(browser: Browser, world: World, name: str):
    with seen(browser, worlds.pages_of(world) / f"{name}.html") as view:
        view.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
        count = view.evaluate(
            """() => { window.order = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
            .filter(one => one.checkVisibility()); return window.order.length }"""
        )
        passed = []
        for _ in range(count):
            view.keyboard.press("Tab")
            passed.append(view.evaluate("window.order.indexOf(document.activeElement)"))
    # Chromium lets keys reach whatever scrolls on its own; that is in the page's order too.
    known = [at for at in passed if at >= 0]
    assert known == sorted(known)
    assert len(known) >= count - passed.count(-1)
    assert known[0] == 0


def test_a_region_is_no_larger_than_half_a_megabyte(world: World):
    sizes = {name: (worlds.pages_of(world) / f"{name}.html").stat().st_size for name in REGIONS}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
