"""Compiled loops on disk: made anew when a neighbour changes, where nothing can be kept, and by two at once."""

import os
import subprocess
import sys

import pytest

CALLED = "from scoring.compiled import compiled\n@compiled\ndef one(x):\n    return x + {}\n"
CALLS = (
    "from loops.called import one\nfrom scoring.compiled import compiled\n"
    "@compiled\ndef two(x):\n    return one(x) * 10\n"
)
ASK = "from loops.calls import two; print(two(1), sum(two.stats.cache_hits.values()))"


@pytest.fixture
def loops(tmp_path):
    folder = tmp_path / "loops"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "called.py").write_text(CALLED.format(1))
    (folder / "calls.py").write_text(CALLS)
    return folder


def start(root, loops, **more):
    env = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}  # noqa: TID251
    env |= {"PYTHONPATH": f"{root}:{loops.parent}", "PYTHONDONTWRITEBYTECODE": "1"} | more
    return subprocess.Popen([sys.executable, "-c", ASK], env=env, stdout=subprocess.PIPE, text=True, cwd=loops.parent)


def answer(process):
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return tuple(map(int, said.split()))


def test_a_loop_is_made_anew_when_the_file_of_a_loop_that_it_calls_changes(root, loops):
    assert answer(start(root, loops)) == (20, 0)
    assert answer(start(root, loops)) == (20, 1)
    (loops / "called.py").write_text(CALLED.format(4))
    assert answer(start(root, loops)) == (50, 0)


def test_a_loop_is_made_anew_when_a_table_beside_it_changes(root, loops):
    answer(start(root, loops))
    (loops / "words.toml").write_text("words = []\n")
    assert answer(start(root, loops)) == (20, 0)


def test_where_no_folder_can_be_written_a_loop_is_compiled_and_not_kept(root, loops):
    # A file where the store's folder would be refuses everyone, also a user who may write everywhere.
    (loops / "__pycache__").write_text("")
    (loops.parent / "home").write_text("")
    nowhere = {"HOME": str(loops.parent / "home"), "XDG_CACHE_HOME": str(loops.parent / "home")}
    assert answer(start(root, loops, **nowhere)) == (20, 0)
    assert answer(start(root, loops, **nowhere)) == (20, 0)


def test_where_the_package_cannot_be_written_the_user_s_own_folder_keeps_it(root, loops):
    (loops / "__pycache__").write_text("")
    own = {"XDG_CACHE_HOME": str(loops.parent / "own")}
    assert answer(start(root, loops, **own)) == (20, 0)
    assert answer(start(root, loops, **own)) == (20, 1)


def test_processes_that_compile_at_once_all_answer_and_leave_whole_files(root, loops):
    together = [start(root, loops) for _ in range(3)]
    assert [answer(one)[0] for one in together] == [20, 20, 20]
    assert answer(start(root, loops)) == (20, 1)
