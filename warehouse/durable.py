"""Files that are there whole or not at all, whatever ends the process or the machine."""

import os
import threading
from pathlib import Path


def write_whole(path: Path, body: bytes, *, mode: int = 0o666) -> None:
    """Write beside and rename; file and folder are on the disk before this returns.

    `mode` is what the process's umask takes from. Two writers of one path, be they threads, leave the one or the
    other whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk; a file's own fsync does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
