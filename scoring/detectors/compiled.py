"""Loops that numba compiles once and keeps on disk where it can."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(loop: F) -> F:
    """Compile `loop` at its first call.

    numba keeps the machine code beside the file or, where an installation is read-only, in the user's own cache
    folder. A service account may have neither; numba then refuses at import, and we compile anew in each process.
    A change of a file renews its machine code, a change of a constant that it imports does not: the constants of a
    compiled loop stand in its own file.
    """
    try:
        return cast(F, njit(cache=True, nogil=True)(loop))
    except RuntimeError:
        return cast(F, njit(nogil=True)(loop))
