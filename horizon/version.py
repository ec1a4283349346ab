"""Which code made this: an issue can be replayed byte for byte only by the same code and the same lock."""

import hashlib
from functools import cache

from horizon.settings import ROOT

ROOMS = ("domain", "collectors", "warehouse", "scoring", "briefs", "review", "horizon")
KINDS = {".py", ".sql", ".toml", ".csv", ".html", ".css", ".j2", ".typ", ".xml", ".js", ".po", ".txt"}


@cache
def code_version() -> str:
    """Hash of every source file that can change a page, and of the lock; the same in every checkout."""
    source = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in KINDS and "samples" not in path.parts:
                source.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    lock = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    return f"0.4.0+code.{source.hexdigest()[:12]}.lock.{lock.hexdigest()[:12]}"
