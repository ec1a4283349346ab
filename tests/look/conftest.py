"""The pages of one bundled week, and a browser that reaches nothing but files."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "briefs"))

import issues
import worlds
from browser import chromium, opened
from fictional import World
from playwright.sync_api import Browser
from specimen import WEEKS, draft_week

from briefs.build import build_bureau
from briefs.render import render_page
from domain.situation import Level


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium; where it is missing a developer goes on, CI does not."""
    executable = chromium()
    if executable is None:
        reason = "chromium is not installed here, so nobody looked at the pages"
        if os.environ.get("CI"):  # noqa: TID251  (tests of the browser alone ask where they run)
            pytest.fail(f"{reason}; on CI that is a failure")
        pytest.skip(reason)
    with opened(executable) as found:
        yield found


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages of the first bundled week, drafted once."""
    return draft_week(tmp_path_factory.mktemp("look"), WEEKS[0])


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World]:
    """A fictional world by its name, run once."""

    @cache
    def world(name: str) -> World:
        return worlds.run(name, tmp_path_factory.mktemp(name))

    return world


@pytest.fixture(scope="session")
def fullest() -> Callable[[int], str]:
    """A Bureau page of so many fictional situations of emerging concern: three are told, more are named."""

    def page(situations: int) -> str:
        return render_page(build_bureau(issues.crowded_issue(situations, Level.EMERGING)))

    return page
