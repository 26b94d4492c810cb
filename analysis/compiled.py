"""One way to compile a hot loop with numba: kept on disk where that can be, working where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import event

from fengping.notices import tell

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


class _FirstCompilation(event.Listener):
    """Says what the first start on a machine waits for; loading what is kept on disk is no compilation."""

    told = False

    def on_start(self, event: event.Event) -> None:
        if not self.told:
            self.told = True
            tell("Compiling the inner loops, once on this machine; it takes up to a minute.")

    def on_end(self, event: event.Event) -> None:
        pass


event.register("numba:compile", _FirstCompilation())  # type: ignore[no-untyped-call]
