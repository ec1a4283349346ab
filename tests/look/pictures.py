"""Pictures of every page of both bundled weeks, for people to look at: `make look` writes them to var/looked.

Each page at desktop and phone width, at 200 % zoom and as printed (PDF, and PNG where pdftoppm is installed), and one
scan in greyscale and by night.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from browser import chromium, opened
from playwright.sync_api import Browser, Page
from specimen import PAGES, WEEKS, draft_week

ROOT = Path(__file__).resolve().parent.parent.parent
# A window of 1280 px zoomed to 200 % leaves 640 CSS px of twice the density.
VIEWS = {"desktop": (1280, 900, 1.0), "phone": (390, 844, 2.0), "zoom200": (640, 450, 2.0)}
GREY = "APS"
PRINT_DPI = 80


def take(browser: Browser, page: Path, into: Path) -> None:
    """Every view of one page, into the folder of its week."""
    for name, (width, height, scale) in VIEWS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, offline=True
        )
        view = open_page(context.new_page(), page)
        view.screenshot(path=into / f"{page.stem}-{name}.png", full_page=True)
        if page.stem == GREY and name == "desktop":
            # The page's own policy lets no style in; its object model is not a style of the page.
            view.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
            view.screenshot(path=into / f"{page.stem}-grey.png", full_page=True)
            view.evaluate("document.documentElement.style.filter = ''")
            view.emulate_media(color_scheme="dark")
            view.screenshot(path=into / f"{page.stem}-dark.png", full_page=True)
            view.emulate_media(color_scheme="light")
        if name == "desktop":
            view.pdf(path=into / f"{page.stem}.pdf", prefer_css_page_size=True, print_background=True)
        context.close()
    if raster := shutil.which("pdftoppm"):
        pdf = into / f"{page.stem}.pdf"
        subprocess.run([raster, "-r", str(PRINT_DPI), "-png", str(pdf), str(into / f"{page.stem}-print")], check=True)


def open_page(view: Page, page: Path) -> Page:
    """Load one file and wait until nothing more is drawn."""
    view.goto(page.as_uri())
    if page.stem == "interactive":
        view.wait_for_selector(".plot .main-svg")
    return view


def main() -> int:
    executable = chromium()
    if executable is None:
        print("No chromium here: install it, then run `make look` again.", file=sys.stderr)  # noqa: T201  (a script that speaks to a person)
        return 4
    var, looked = ROOT / "var" / "look", ROOT / "var" / "looked"
    shutil.rmtree(var, ignore_errors=True)
    shutil.rmtree(looked, ignore_errors=True)
    with opened(executable) as browser:
        for week in WEEKS:
            into = looked / week
            into.mkdir(parents=True)
            folder = draft_week(var / week, week)
            for page in PAGES:
                take(browser, folder / f"{page}.html", into)
            print(into)  # noqa: T201  (a script that speaks to a person)
    return 0


if __name__ == "__main__":
    sys.exit(main())
