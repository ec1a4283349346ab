"""Lets the tests of this room import `gazette`: under importlib mode the folder is no package."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

DUCKDB_1 = "duckdb1: writes an encrypted warehouse, which takes DuckDB 1.5"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", DUCKDB_1)
