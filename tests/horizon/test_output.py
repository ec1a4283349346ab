"""What commands write stands whole under its name, or not at all."""

import os
from pathlib import Path

import pytest

from domain.errors import UsageError
from horizon.output import written, written_text


def test_a_failure_leaves_what_stood_there_and_nothing_beside_it(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("before", "utf-8")
    with pytest.raises(ZeroDivisionError):
        _write_half(out)
    assert out.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_line_ends_and_signs_are_written_as_they_are_given(tmp_path):
    out = tmp_path / "out.csv"
    with written_text(out) as lines:
        lines.write("é\r\n\n")
    assert out.read_bytes() == b"\xc3\xa9\r\n\n"


def test_a_place_that_cannot_be_written_is_told_in_words(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"), written(tmp_path / "no folder" / "out"):
        pass
    with pytest.raises(UsageError, match="cannot be written"), written(tmp_path):
        pass


def test_a_pipe_is_written_to_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with written(pipe) as target:
        target.write(b"words")
    assert os.read(reader, 10) == b"words"
    os.close(reader)
    assert pipe.is_fifo()


def _write_half(out: Path) -> None:
    with written_text(out) as lines:
        lines.write("half")
        raise ZeroDivisionError
