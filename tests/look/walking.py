"""Somebody who walks through the desk in a browser: every step is counted, every new kind of page looked at.

Where DESK_SHOTS names a folder, pictures are kept there.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SHOTS = os.environ.get("DESK_SHOTS", "")  # noqa: TID251  (where somebody who looks wants the pictures)
VIEWS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@dataclass
class Counted:
    """What a week costs: pages opened, presses of a button or link, fields typed into."""

    pages: int = 0
    presses: int = 0
    fields: int = 0
    violations: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


@dataclass
class Worker:
    """One person at one browser; every step is counted and every new kind of page looked at."""

    page: Page
    base: str
    counted: Counted
    name: str
    view: str

    def look(self) -> None:
        """Axe and width on each kind of page of each person, once."""
        self.counted.pages += 1
        address = self.page.url.removeprefix(self.base).split("?")[0]
        kind = f"{self.name} " + "/".join("…" if len(part) == 20 else part for part in address.split("/"))
        if kind in self.counted.seen:
            return
        self.counted.seen.add(kind)
        found = Axe().run(self.page).response["violations"]
        self.counted.violations += [f"{kind}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.counted.wide.append(kind)
        if SHOTS:
            name = kind.replace("/", "_").replace(" ", "_").replace("…", "x")
            self.page.screenshot(path=Path(SHOTS) / f"{self.view}-{name}.png", full_page=True)

    def press(self, words: str, *, link: bool = False, at: int = 0) -> None:
        role = "link" if link else "button"
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=words).nth(at).click()
        self.counted.presses += 1
        self.look()

    def open(self, words: str, *, at: int = 0) -> None:
        """Unfold a part of the page."""
        self.page.locator("summary", has_text=words).nth(at).click()
        self.counted.presses += 1

    def type(self, label: str, words: str, *, at: int = 0) -> None:
        self.page.get_by_label(label, exact=False).locator("visible=true").nth(at).fill(words)
        self.counted.fields += 1

    def tick(self, words: str) -> None:
        self.page.get_by_label(words).locator("visible=true").first.check()
        self.counted.presses += 1

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.look()
