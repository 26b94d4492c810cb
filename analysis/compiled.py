"""One way to compile a hot loop with numba: kept on disk where that can be, working where it cannot."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event
from numba.core.caching import InTreeCacheLocator, UserProvidedCacheLocator, UserWideCacheLocator

from fengping.progress import Remark, emit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """*function* as machine code, free of the interpreter's lock.

    The code is kept beside the source or in the user's cache (``NUMBA_CACHE_DIR`` moves it). Where neither
    can be written, it is compiled anew at every start. It is kept for as long as neither its own file nor any
    ``*kernel`` module that it imports, directly or through others, changes: a kernel may call those of other
    files, but imports them by ``from fengping… import``.
    """
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba: "no locator available"
        return cast("F", numba.njit(nogil=True)(function))


_CALLEES = re.compile(r"^from fengping\.([\w.]+kernel) import", re.MULTILINE)


@functools.cache
def _digest(path: str) -> str:
    """Digest of the file and of all kernels it imports, directly or through others."""
    package = Path(__file__).parents[1]
    sources, waiting = {}, [Path(path)]
    while waiting:
        file = waiting.pop()
        if file not in sources:
            sources[file] = file.read_text(encoding="utf-8")
            names = _CALLEES.findall(sources[file])
            waiting += [package.joinpath(*name.split(".")).with_suffix(".py") for name in names]
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(sources):
        digest.update(sources[file].encode())
    return digest.hexdigest()


class _Whole:
    """Names what is kept by all sources that went into it. numba watches a function's own file alone: machine
    code of an older callee would stay, and what it was kept with may not even be readable any more."""

    _py_file: str

    def get_disambiguator(self) -> str:
        line: str = super().get_disambiguator()  # type: ignore[misc]
        return f"{line}-{_digest(self._py_file)}"


class GivenFolder(_Whole, UserProvidedCacheLocator):
    """In ``NUMBA_CACHE_DIR``."""


class BesideSource(_Whole, InTreeCacheLocator):
    """In ``__pycache__``."""


class UsersCache(_Whole, UserWideCacheLocator):
    """In the user's own cache."""


_LOCATORS = GivenFolder, BesideSource, UsersCache
numba.config.CACHE_LOCATOR_CLASSES = ",".join(f"{cls.__module__}.{cls.__name__}" for cls in _LOCATORS)  # type: ignore[attr-defined]


def kept_in(function: Callable[..., Any]) -> str | None:
    """The folder that keeps what :func:`compiled` made of *function*; ``None`` where nothing is kept."""
    folder: str | None = cast("Any", function).stats.cache_path
    return folder


def is_kept(function: Callable[..., Any]) -> bool:
    """True if the compiled form of *function* is on disk, or can never be."""
    folder = kept_in(function)
    if folder is None:
        return True
    source = function.__code__.co_filename
    return any(Path(folder).glob(f"{Path(source).stem}.{function.__name__}-*-{_digest(source)}.*.nbi"))


@functools.cache
def announce() -> None:
    """Says, once, what the first start on a machine waits for."""
    emit(Remark("Compiling the inner loops, once on this machine; it takes up to a minute."))


class _FirstCompilation(event.Listener):
    """Loading what is kept on disk is no compilation."""

    def on_start(self, event: event.Event) -> None:
        announce()

    def on_end(self, event: event.Event) -> None:
        pass


event.register("numba:compile", _FirstCompilation())  # type: ignore[no-untyped-call]
