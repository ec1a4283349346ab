"""One desk over a fictional week for the tests of this room."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from desks import Desk
from weeks import World, build_week


@pytest.fixture(scope="session")
def built_week(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A scored week that nobody has worked on; nobody may write into it."""
    return build_week(tmp_path_factory.mktemp("week"))


@pytest.fixture
def week(built_week: World, tmp_path: Path) -> World:
    shutil.copytree(built_week.folder, tmp_path, dirs_exist_ok=True)
    return World(tmp_path)


@pytest.fixture
def desk(week: World) -> Iterator[Desk]:
    made = Desk(week.settings())
    yield made
    made.accounts.close()
