"""The system's chromium, shut off from every network and with no fonts but ours."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from briefs.fonts import font_folders

# As root chromium refuses its sandbox, and it calls home in the background unless told not to.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def chromium() -> Path | None:
    """Where the system keeps chromium; None when it is not installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return Path(found) if found else None


def own_fonts(folder: Path) -> Path:
    """A configuration that knows our fonts alone: pages look, and break, the same on every machine."""
    config = folder / "fonts.conf"
    places = "".join(f"<dir>{one}</dir>" for one in font_folders())
    config.write_text(f"<fontconfig>{places}<cachedir>{folder}/fonts</cachedir></fontconfig>", "utf-8")
    return config


@contextmanager
def opened(executable: Path) -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        here: dict[str, str | float | bool] = dict(os.environ)  # noqa: TID251  (a browser starts where it is told)
        here["FONTCONFIG_FILE"] = str(own_fonts(Path(folder)))
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS), env=here)
        try:
            yield browser
        finally:
            browser.close()
