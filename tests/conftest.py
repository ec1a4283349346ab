"""What tests of several rooms share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

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
