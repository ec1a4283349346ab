"""Somebody who walks through the desk in a browser, with a pointer or by keys alone: every step is counted.

Every new kind of page is looked at on the way. Where DESK_SHOTS names a folder, pictures are kept there.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

SHOTS = os.environ.get("DESK_SHOTS", "")  # noqa: TID251  (where somebody who looks wants the pictures)
VIEWS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
MOST_TABS = 400
# Nothing but what is wrong, and no path to it: most of its time goes there.
AXE = {"resultTypes": ["violations"], "selectors": False}
# The rest of the rules looks at the document, which is the same at every width and by night.
SEEN_ONLY = {"runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]}


@dataclass
class Counted:
    """What a week costs: pages opened, presses of a button or link, fields typed into, keys pressed to get there."""

    pages: int = 0
    presses: int = 0
    fields: int = 0
    keys: int = 0
    violations: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def examine(page: Page, kind: str, counted: Counted, *, options: dict[str, list[str]] | None = None) -> None:
    """Axe, the width, and that nothing steps out of the order in which it is read."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "how => axe.run(how).then(all => all.violations.map(one => one.id + ' ' + one.nodes[0].html.slice(0, 120)))",
        AXE | (options or {}),
    )
    counted.violations += [f"{kind}: {one}" for one in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        counted.wide.append(kind)
    if page.evaluate("[...document.querySelectorAll('[tabindex]')].some(one => one.tabIndex > 0)"):
        counted.violations.append(f"{kind}: something is reached out of order")


@dataclass
class Worker:
    """One person at one browser; every step is counted and every new kind of page looked at."""

    page: Page
    base: str
    counted: Counted
    name: str
    view: str

    def look(self) -> None:
        """Axe and width on each kind of page of each person, once; on a phone, of each kind of page."""
        self.counted.pages += 1
        address = self.page.url.removeprefix(self.base).split("?")[0]
        kind = "/".join("…" if len(part) == 20 else part for part in address.split("/"))
        kind = kind if self.view == "phone" else f"{self.name} {kind}"
        if kind in self.counted.seen:
            return
        self.counted.seen.add(kind)
        examine(self.page, kind, self.counted)
        if SHOTS:
            name = kind.replace("/", "_").replace(" ", "_").replace("…", "x")
            self.page.screenshot(path=Path(SHOTS) / f"{self.view}-{name}.png", full_page=True)

    def press(self, words: str, *, link: bool = False, at: int = 0) -> None:
        with self.page.expect_navigation():
            self._press(self.page.get_by_role("link" if link else "button", name=words).nth(at))
        self.counted.presses += 1
        self.look()

    def open(self, words: str, *, at: int = 0) -> None:
        """Unfold a part of the page."""
        self._press(self.page.locator("summary", has_text=words).nth(at))
        self.counted.presses += 1

    def type(self, label: str, words: str, *, at: int = 0) -> None:
        self._fill(self.page.get_by_label(label, exact=False).locator("visible=true").nth(at), words)
        self.counted.fields += 1

    def fill(self, name: str, words: str) -> None:
        """A field by its name in the form."""
        self._fill(self.page.locator(f"#{name}"), words)
        self.counted.fields += 1

    def tick(self, words: str) -> None:
        self._tick(self.page.get_by_label(words).locator("visible=true").first)
        self.counted.presses += 1

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.look()

    def _press(self, target: Locator) -> None:
        target.click()

    def _fill(self, target: Locator, words: str) -> None:
        if target.evaluate("one => one.tagName") == "SELECT":
            target.select_option(words)
        else:
            target.fill(words)

    def _tick(self, target: Locator) -> None:
        target.check()


class Typist(Worker):
    """The same by keys alone. Where the focus goes on the way, it must be seen; axe has looked at these pages."""

    def look(self) -> None:
        self.counted.pages += 1

    def reach(self, target: Locator) -> None:
        """Tab until the target holds the focus; of a group of radio buttons, until one of them does."""
        wanted = target.element_handle()
        for _ in range(MOST_TABS):
            found, shown, where = self.page.evaluate(
                """wanted => { const one = document.activeElement;
                const how = getComputedStyle(one), box = one.getBoundingClientRect();
                const group = one.type === 'radio' && wanted.type === 'radio' && one.name === wanted.name;
                const shown = one === document.body || one.matches('[data-keys]') || (how.outlineStyle !== 'none' &&
                  how.outlineWidth !== '0px' && box.bottom > 0 && box.top < innerHeight && box.width > 0);
                return [one === wanted || group, shown, one.outerHTML.slice(0, 120)]; }""",
                wanted,
            )
            if not shown:
                self.counted.unseen.append(where)
            if found:
                return
            self._key("Tab")
        raise AssertionError(f"no key leads to {wanted}")

    def _key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.counted.keys += 1

    def _press(self, target: Locator) -> None:
        self.reach(target)
        self._key("Enter")

    def _fill(self, target: Locator, words: str) -> None:
        self.reach(target)
        if target.evaluate("one => one.tagName") == "SELECT":
            self.page.keyboard.type(words)
            assert target.locator("option:checked").inner_text() == words
        else:
            self._key("Control+a")
            self.page.keyboard.insert_text(words)
        self.counted.keys += len(words)

    def _tick(self, target: Locator) -> None:
        self.reach(target)
        if target.get_attribute("type") == "radio":
            while not target.evaluate("one => one === document.activeElement"):
                self._key("ArrowDown")
        if not target.is_checked():
            self._key("Space")
        assert target.is_checked()
