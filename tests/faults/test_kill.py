"""Kill -9 while a week is collected and loaded. `make faults` does it 200 times."""

import json
import subprocess
import sys

import pytest

from tests.faults.kill import Kept, compare


@pytest.mark.slow
def test_after_a_kill_nothing_acknowledged_is_missing_and_nothing_doubled(root):
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill", "--times", "20"],
        check=False,
        cwd=root,
        capture_output=True,
        text=True,
    )
    found = json.loads(run.stdout)
    assert (found["missing"], found["doubled"], found["broken"]) == ([], [], [])
    assert found["times"] == 20
    assert found["killed"].keys() >= {"collecting", "loading"}
    assert found["acknowledged"] > 100
    assert run.returncode == 0


def test_the_comparison_sees_what_is_missing_and_what_is_doubled():
    whole = Kept(payloads=["p", "q"], looks=["l"], rows={"raw_reports": ["a", "b"]})
    again = Kept(payloads=["p"], looks=["l", "l"], rows={"raw_reports": ["a", "b", "b"]})
    assert compare(again, whole) == (["payload: q"], ["look: l", "raw_reports: b"])
