"""One way to compile a hot loop with numba: at its first call, kept on disk where that can be."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from fengping.progress import Remark, emit

F = TypeVar("F", bound=Callable[..., Any])

_CALLEES = re.compile(r"^from fengping\.([\w.]+kernel) import", re.MULTILINE)


def compiled(function: F) -> F:
    """*function* as machine code from its first call on, free of the interpreter's lock.

    The code is kept beside the source or in the user's cache (``NUMBA_CACHE_DIR`` moves it). Where neither
    can be written, or another user's files there cannot be read, it is compiled anew at every start. It is
    kept for as long as neither its own file nor any ``*kernel`` module that it imports, directly or through
    others, changes: a kernel may call those of other files, but imports them by ``from fengping… import``.
    """
    return cast("F", _Compiled(function))


class _Compiled:
    """A function that numba is loaded for when it is called."""

    _lock = threading.RLock()

    def __init__(self, function: Callable[..., Any]) -> None:
        self.py_func = function
        self._code: Any = None
        functools.update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        code = self._code
        if code is None:
            code = self.code()
        return code(*arguments)

    def code(self) -> Any:
        """Return numba's dispatcher. In its module, names of other such functions then stand for theirs:
        numba compiles calls of dispatchers alone."""
        from fengping.analysis.compiling import machine_code

        with self._lock:
            if self._code is None:
                self._code = machine_code(self.py_func)
                names = self.py_func.__globals__
                for name, value in list(names.items()):
                    if isinstance(value, _Compiled):
                        names[name] = value.code()
        return self._code


@functools.cache
def digest(path: str) -> str:
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


@functools.cache
def announce() -> None:
    """Says, once, what the first start on a machine waits for."""
    emit(Remark("Compiling the inner loops, once on this machine; it takes up to a minute."))


def kept_in(function: Callable[..., Any]) -> str | None:
    """The folder that keeps what :func:`compiled` made of *function*; ``None`` where nothing is kept."""
    folder: str | None = _dispatcher(function).stats.cache_path
    return folder


def is_kept(function: Callable[..., Any]) -> bool:
    """True if the compiled form of *function* is on disk and can be read, or can never be."""
    folder = kept_in(function)
    if folder is None:
        return True
    source = _dispatcher(function).py_func.__code__.co_filename
    kept = Path(folder).glob(f"{Path(source).stem}.{function.__name__}-*-{digest(source)}.*.nbi")
    return any(path.is_file() and os.access(path, os.R_OK) for path in kept)


def _dispatcher(function: Callable[..., Any]) -> Any:
    return function.code() if isinstance(function, _Compiled) else function
