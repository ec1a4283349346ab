"""Loops that numba compiles once and keeps on disk, as long as no file of their package changes.

numba's own store looks at the one file that a loop stands in. Our loops call loops of other files, and take constants
from other files and from tables, all of which are built into the machine code: after a change there, the store would
answer with the old one. So the stamp is that of the loop's whole package, and loops call none of another package.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(loop: F) -> F:
    """Compile `loop` at its first call; where nothing can be kept, or not with our stamp, anew in each process.

    numba keeps the machine code beside the file or, where an installation is read-only, in the user's own cache
    folder. A service account may have neither; numba then refuses at import. Two processes that compile at once each
    write a file of their own and rename it: the later one stays, and both are whole.
    """
    try:
        dispatcher: Any = njit(cache=True, nogil=True)(loop)
        kept = dispatcher._cache._cache_file
        if not hasattr(kept, "_source_stamp"):
            raise AttributeError("_source_stamp")
        kept._source_stamp = stamp(Path(loop.__code__.co_filename).parent)
    except (RuntimeError, AttributeError):
        dispatcher = njit(nogil=True)(loop)
    return cast(F, dispatcher)


@cache
def stamp(package: Path) -> tuple[str, int]:
    """Changes with the name or the content of any module or table of the package's folder."""
    files = sorted(one for one in package.iterdir() if one.suffix in {".py", ".toml"})
    joined = b"\0".join(part for one in files for part in (one.name.encode(), one.read_bytes()))
    return hashlib.sha256(joined).hexdigest(), len(joined)
