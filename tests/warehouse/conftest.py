"""Lets the tests of this room import `gazette`: under importlib mode the folder is no package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
