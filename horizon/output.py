"""Files that commands write: under their name only when they are whole, and an error in words when they cannot be."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from domain.errors import UsageError


@contextlib.contextmanager
def written(out: Path) -> Iterator[BinaryIO]:
    """Bytes, written beside and renamed, so that nobody reads half of them and a failure leaves nothing.

    What is there and is no file, such as a pipe or the standard output, is written to as it is.
    """
    pipe = out.exists() and not out.is_file()
    beside = out if pipe else out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as target:
            yield target
        if not pipe:
            beside.replace(out)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written.", why=str(error), do="Give --out a file in a folder that is there."
        ) from error
    finally:
        if not pipe:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def written_text(out: Path, *, errors: str = "strict") -> Iterator[TextIO]:
    """The same for text in UTF-8, its line ends as they are given."""
    with written(out) as target, io.TextIOWrapper(target, "utf-8", errors, newline="") as lines:
        yield lines
