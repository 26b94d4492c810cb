"""Machine code by numba, kept on disk under the digest of all sources that went into it.

Imported when the first compiled function is called, for numba takes longer to load than most commands take.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import event
from numba.core.caching import (
    IndexDataCacheFile,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)

from fengping.analysis.compiled import announce, digest

_READABLE = 0o644
"""Mode of the files: they hold the program's code, and who else runs it must be able to read them."""


def machine_code(function: Callable[..., Any]) -> Any:
    """*function* as numba's dispatcher, free of the interpreter's lock.

    Where its code can be kept neither beside the source nor in the user's cache, it is compiled anew at
    every start; so it is where what is kept cannot be read.
    """
    try:
        code: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba: "no locator available"
        return numba.njit(nogil=True)(function)
    code._cache._cache_file.__class__ = _Files
    return code


class _Files(IndexDataCacheFile):
    """Files that may be another user's, or broken: these stand for none, and hinder nothing."""

    def load(self, key: Any) -> Any:
        try:
            return super().load(key)  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001  a pickle that is broken raises anything
            return None

    def save(self, key: Any, data: Any) -> None:
        with suppress(OSError):
            super().save(key, data)  # type: ignore[no-untyped-call]

    def _load_index(self) -> Any:
        try:
            return super()._load_index()  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001  as above
            return {}

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[Any]:
        with super()._open_for_write(filepath) as file:
            os.fchmod(file.fileno(), _READABLE)
            yield file


class _Whole:
    """Names what is kept by all sources that went into it. numba watches a function's own file alone: machine
    code of an older callee would stay, and what it was kept with may not even be readable any more."""

    _py_file: str

    def ensure_cache_path(self) -> None:
        """Raises :class:`OSError` for a folder that cannot be written, or where something stands in the way:
        numba then looks at the next one."""
        super().ensure_cache_path()  # type: ignore[misc]
        folder: str = self.get_cache_path()  # type: ignore[attr-defined]
        for kept in Path(folder).glob(f"{Path(self._py_file).stem}.*-{self.get_disambiguator()}.*.nb[ic]"):
            if not (kept.is_file() and os.access(kept, os.R_OK)):
                kept.unlink()

    def get_disambiguator(self) -> str:
        line: str = super().get_disambiguator()  # type: ignore[misc]
        return f"{line}-{digest(self._py_file)}"


class GivenFolder(_Whole, UserProvidedCacheLocator):
    """In ``NUMBA_CACHE_DIR``, which checkouts may share: a file's name holds the digest of its sources."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        return ""


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
