"""Loops that numba compiles once and keeps on disk, as long as no file of this package changes.

numba's own store looks at the one file that a loop stands in. Our loops call loops of other files, whose machine code
is built in: after a change there, the store would answer with the old one. So the stamp is that of the whole package.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def _stamp() -> tuple[str, int]:
    files = sorted(one for one in Path(__file__).parent.iterdir() if one.suffix in {".py", ".toml"})
    joined = b"\0".join(one.read_bytes() for one in files)
    return hashlib.sha256(joined).hexdigest(), len(joined)


STAMP = _stamp()


def compiled(loop: F) -> F:
    """Compile `loop` at its first call; where nothing can be kept, or not with our stamp, anew in each process."""
    try:
        dispatcher: Any = njit(cache=True, nogil=True)(loop)
        kept = dispatcher._cache._cache_file
        if not hasattr(kept, "_source_stamp"):
            raise AttributeError("_source_stamp")
        kept._source_stamp = STAMP
    except (RuntimeError, AttributeError):
        dispatcher = njit(nogil=True)(loop)
    return cast(F, dispatcher)
