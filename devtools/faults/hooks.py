"""Kills this process at the N-th rename, unlink or fsync, before or after it, as a loss of power would.

Copied as ``sitecustomize.py`` onto the path of a command under test, so that it stands in every process of
it; does nothing without ``FENGPING_FAULT_STEP``. Knows nothing but the standard library.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

STEP = "FENGPING_FAULT_STEP"
HOOKED = ("rename", "replace", "fsync", "fdatasync", "unlink", "link", "ftruncate", "truncate")

_taken = 0


def _step(wanted: int) -> None:
    global _taken
    _taken += 1
    if _taken == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


def install(wanted: int) -> None:
    """Hooks the calls of :data:`HOOKED`; each counts twice, before and after."""
    for name in HOOKED:
        original = getattr(os, name)

        def hooked(*args: Any, _original: Callable[..., Any] = original, **kwargs: Any) -> Any:
            _step(wanted)
            result = _original(*args, **kwargs)
            _step(wanted)
            return result

        setattr(os, name, hooked)


if os.environ.get(STEP):
    install(int(os.environ[STEP]))
