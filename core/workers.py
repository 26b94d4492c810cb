"""A pool of worker processes that end with their parent, also when that is killed."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from fengping.garbage import RARELY


def worker_pool(workers: int, begin: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """A pool of *workers* processes, in each of which *begin* is called first.

    What goes wrong in *begin* reaches nobody as a sentence: it should only note what the first task loads.
    """
    return ProcessPoolExecutor(
        workers,
        # Not forked: a store's threads and locks must not be copied.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(begin, *arguments),
    )


def _begin(begin: Callable[..., None], *arguments: Any) -> None:
    # Ctrl-C goes to every process of the terminal: whether and when these end is their parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.set_threshold(*RARELY)
    begin(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
