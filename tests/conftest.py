"""What tests of several rooms share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Rooms whose files run for minutes each: browsers, kills, a scheduler.
LONG = {"look", "faults", "dags", "warehouse"}

# Airflow reads this when it is imported, and without it writes to the home folder.
pytest.MonkeyPatch().setenv("AIRFLOW_HOME", str(ROOT))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Payloads as they came, beside the repository; a clone alone does not have them."""
    folder = ROOT.parent / "shared" / "recorded"
    if not folder.is_dir():
        pytest.skip("../shared/recorded is not here: this test reads payloads that are not part of the repository")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file runs in one process: the long ones start first, so that none of them is left alone at the end."""
    items.sort(key=lambda item: item.path.relative_to(ROOT / "tests").parts[0] not in LONG)
