"""A fictional world for the stages: Ruritania and its neighbours, cards and payloads of a fictional publisher."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fictional import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with three sources and four looks at each, nothing collected yet."""
    return World(tmp_path).with_sources()
