"""The page of faults against a server that plays them. `make faults` writes it."""

import pytest

from tests.faults.table import FAULTS, play_all


@pytest.mark.slow
def test_the_page_says_what_the_collector_does(root):
    """All rows but those that need seconds of waiting or 100 MB."""
    page = (root / "docs" / "faults.md").read_text("utf-8").splitlines()
    rows = play_all([fault for fault in FAULTS if fault.within <= 2])
    assert len(rows) > 20
    assert [str(row) for row in rows if str(row) not in page] == []
    assert [row.fault.name for row in rows if row.seconds > row.fault.within] == []


def test_every_fault_of_the_page_has_a_name_of_its_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
