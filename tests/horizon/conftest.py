"""A fictional world for the stages: Ruritania and its neighbours, cards and payloads of a fictional publisher."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "alerts"))

from fictional import World
from servers import hooks, mails  # noqa: F401  (fixtures)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with three sources and four looks at each, nothing collected yet."""
    return World(tmp_path).with_sources()


@pytest.fixture(scope="session")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same world after its week; nobody may write into it."""
    world = World(tmp_path_factory.mktemp("ran")).with_sources()
    world.run()
    return world


@pytest.fixture
def ran(ran_once: World, tmp_path: Path) -> World:
    """A copy of the world after its week."""
    shutil.copytree(ran_once.folder, tmp_path, dirs_exist_ok=True)
    return World(tmp_path, list(ran_once.looks))
