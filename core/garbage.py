"""The cyclic garbage collector: of a command, and while documents stream through."""

from __future__ import annotations

import atexit
import functools
import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = 200_000, 20, 20
"""Thresholds while documents stream through. They form no cycles, and walking tens of thousands of living
ones again and again took a tenth of the time, in events a third."""

OF_A_COMMAND = 10_000, 10, 10
"""Thresholds of a command. Nearly all that it makes are modules, which live to its end."""


@functools.cache
def spare_command() -> None:
    """Has this process collected at :data:`OF_A_COMMAND`, and nothing walked when it ends.

    Walking the modules, while they were imported and again at the end, took a quarter of a command's time.
    """
    gc.set_threshold(*OF_A_COMMAND)
    atexit.register(gc.freeze)


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Inside, the collector runs at :data:`RARELY`."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
