"""The cyclic garbage collector, while documents stream through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = 200_000, 20, 20
"""Thresholds while documents stream through. They form no cycles, and walking tens of thousands of living
ones again and again took a tenth of the time, in events a third."""


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Inside, the collector runs at :data:`RARELY`."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
