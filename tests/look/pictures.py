"""Pictures of the pages for people to look at: both bundled weeks and four fictional ones. `make look` → var/looked.

Each page at desktop and phone width, at 200 % zoom, by night and as printed; the PDF as it is, and the DOCX as
LibreOffice sets it where that is installed. One scan in greyscale. `python tests/look/pictures.py quiet …` takes the
weeks that are named alone, and `into=FOLDER` puts them there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import worlds
from browser import chromium, opened, own_fonts
from playwright.sync_api import Browser, Page
from specimen import PAGES, WEEKS, draft_week

ROOT = Path(__file__).resolve().parent.parent.parent
# A window of 1280 px zoomed to 200 % leaves 640 CSS px of twice the density.
VIEWS = {"desktop": (1280, 900, 1.0), "phone": (390, 844, 2.0), "zoom200": (640, 450, 2.0)}
FICTIONAL = ("AFR", "APS", "AFR-evidence", "bureau", "ledger", "index", "sessional")
SITE = ("index", "search", "states/XAA", "states/XAE", "triggers/T02")
PRINTED = ("AFR", "APS", "bureau", "flags", "sessional")
GREY = "APS"
PRINT_SCALE = 80 / 72
OFFICE_SECONDS = 180
TALLEST = 16_000  # chromium draws no picture that is higher


def take(browser: Browser, page: Path, into: Path, name: str = "") -> None:
    """Every view of one page, into the folder of its week."""
    name = name or page.stem
    for view_name, (width, height, scale) in VIEWS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, offline=True
        )
        view = open_page(context.new_page(), page)
        shoot(view, into / f"{name}-{view_name}.png", scale)
        if view_name == "desktop":
            if page.stem == GREY:
                # The page's own policy lets no style in; its object model is not a style of the page.
                view.evaluate("document.documentElement.style.filter = 'grayscale(1)'")
                shoot(view, into / f"{name}-grey.png", scale)
                view.evaluate("document.documentElement.style.filter = ''")
            view.emulate_media(color_scheme="dark")
            shoot(view, into / f"{name}-dark.png", scale)
            view.emulate_media(color_scheme="light")
            printed = into / f"{name}-print.pdf"
            view.pdf(path=printed, prefer_css_page_size=True, print_background=True)
            draw_sheets(printed, into / f"{name}-print")
        context.close()


def shoot(view: Page, path: Path, scale: float) -> None:
    """The whole page, or as much of it from its top as a picture holds."""
    height = view.evaluate("document.documentElement.scrollHeight")
    width = view.evaluate("document.documentElement.clientWidth")
    shown = min(height, int(TALLEST / scale))
    view.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": shown})


def draw_sheets(pdf: Path, stem: Path) -> None:
    """Each sheet of a PDF as a picture."""
    with pypdfium2.PdfDocument(pdf) as found:
        for number, sheet in enumerate(found, start=1):
            sheet.render(scale=PRINT_SCALE).to_pil().save(f"{stem}-{number:02d}.png")


def draw_forms(folder: Path, into: Path) -> None:
    """The PDF and the DOCX of each page that has them."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    for name in PRINTED:
        if (folder / f"{name}.pdf").is_file():
            draw_sheets(folder / f"{name}.pdf", into / f"{name}-pdf")
        if (folder / f"{name}.docx").is_file() and office:
            draw_sheets(set_by_office(office, folder / f"{name}.docx", into), into / f"{name}-docx")


def set_by_office(office: str, docx: Path, into: Path) -> Path:
    """The DOCX as LibreOffice prints it, with no fonts but ours."""
    work = into / "office"
    work.mkdir(exist_ok=True)
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{work}/profile", "--convert-to", "pdf",
         "--outdir", str(work), str(docx)],
        check=True, capture_output=True, timeout=OFFICE_SECONDS,
        env={"PATH": os.defpath, "HOME": str(work), "FONTCONFIG_FILE": str(own_fonts(work))},
    )  # fmt: skip
    return work / f"{docx.stem}.pdf"


def open_page(view: Page, page: Path) -> Page:
    """Load one file and wait until nothing more is drawn."""
    view.goto(page.as_uri())
    if page.stem == "interactive":
        view.wait_for_selector(".plot .main-svg")
    return view


def weeks(var: Path) -> Iterator[tuple[str, Callable[[], tuple[Path, list[tuple[str, Path]]]]]]:
    """Each week by its name, and what drafts it: its folder, and its pages with the names of their pictures."""
    for week in WEEKS:

        def bundled(week: str = week) -> tuple[Path, list[tuple[str, Path]]]:
            folder = draft_week(var / week, week)
            return folder, [(name, folder / f"{name}.html") for name in PAGES]

        yield week, bundled
    for name in worlds.EVERY:

        def fictional(name: str = name) -> tuple[Path, list[tuple[str, Path]]]:
            (var / name).mkdir(parents=True)
            world = worlds.run(name, var / name)
            folder, site = worlds.pages_of(world), worlds.site_of(world)
            pages = [(page, folder / f"{page}.html") for page in FICTIONAL]
            return folder, pages + [(f"site-{page.replace('/', '-')}", site / f"{page}.html") for page in SITE]

        yield name, fictional


def main(asked: list[str]) -> int:
    executable = chromium()
    if executable is None:
        print("No chromium here: install it, then run `make look` again.", file=sys.stderr)  # noqa: T201  (a script that speaks to a person)
        return 4
    into_ = next((one.removeprefix("into=") for one in asked if one.startswith("into=")), "")
    wanted = [one for one in asked if not one.startswith("into=")]
    base = Path(into_) if into_ else ROOT / "var"
    var, looked = base / "look", base / "looked"
    shutil.rmtree(var, ignore_errors=True)
    with opened(executable) as browser:
        for week, draft in weeks(var):
            if wanted and week not in wanted:
                continue
            into = looked / week
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir(parents=True)
            folder, pages = draft()
            for name, page in pages:
                take(browser, page, into, name)
            draw_forms(folder, into)
            shutil.rmtree(into / "office", ignore_errors=True)
            print(into)  # noqa: T201  (a script that speaks to a person)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
