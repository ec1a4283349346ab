"""Keeps Airflow's chatter off the screen: it comes on both streams, and from before logging is set up."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def aside(log: Path) -> Iterator[tuple[TextIO, TextIO]]:
    """Send file descriptors 1 and 2 to `log`; yields the real standard output and standard error."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("w", encoding="utf-8") as chatter, os.fdopen(os.dup(1), "w") as out, os.fdopen(os.dup(2), "w") as err:
        os.dup2(chatter.fileno(), 1)
        os.dup2(chatter.fileno(), 2)
        try:
            yield out, err
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
