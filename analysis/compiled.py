"""One way to compile a hot loop with numba: kept on disk where that can be, working where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """*function* as machine code, free of the interpreter's lock.

    The code is kept beside the source or in the user's cache (``NUMBA_CACHE_DIR`` moves it). Where neither
    can be written, it is compiled anew at every start.
    """
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba: "no locator available"
        return cast("F", numba.njit(nogil=True)(function))
