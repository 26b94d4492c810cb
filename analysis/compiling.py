"""Machine code by numba, kept on disk under the digest of all sources that went into it.

Imported when the first compiled function is called, for numba takes longer to load than most commands take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba.core import event
from numba.core.caching import InTreeCacheLocator, UserProvidedCacheLocator, UserWideCacheLocator

from fengping.analysis.compiled import announce, digest


def machine_code(function: Callable[..., Any]) -> Any:
    """*function* as numba's dispatcher, free of the interpreter's lock.

    Where its code can be kept neither beside the source nor in the user's cache, it is compiled anew at
    every start.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: "no locator available"
        return numba.njit(nogil=True)(function)


class _Whole:
    """Names what is kept by all sources that went into it. numba watches a function's own file alone: machine
    code of an older callee would stay, and what it was kept with may not even be readable any more."""

    _py_file: str

    def get_disambiguator(self) -> str:
        line: str = super().get_disambiguator()  # type: ignore[misc]
        return f"{line}-{digest(self._py_file)}"


class GivenFolder(_Whole, UserProvidedCacheLocator):
    """In ``NUMBA_CACHE_DIR``."""


class BesideSource(_Whole, InTreeCacheLocator):
    """In ``__pycache__``."""


class UsersCache(_Whole, UserWideCacheLocator):
    """In the user's own cache."""


_LOCATORS = GivenFolder, BesideSource, UsersCache
numba.config.CACHE_LOCATOR_CLASSES = ",".join(f"{cls.__module__}.{cls.__name__}" for cls in _LOCATORS)  # type: ignore[attr-defined]


class _FirstCompilation(event.Listener):
    """Loading what is kept on disk is no compilation."""

    def on_start(self, event: event.Event) -> None:
        announce()

    def on_end(self, event: event.Event) -> None:
        pass


event.register("numba:compile", _FirstCompilation())  # type: ignore[no-untyped-call]
