"""Compiles what indexing runs through, in a process that ends: a compiler keeps the memory it took.

Left to the first documents, it would be done by the indexer and by each of its workers, twice the work and
100 to 150 MiB for as long as each of them runs.
"""

from __future__ import annotations

import fcntl
import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from fengping.analysis.compiled import announce, is_kept, kept_in
from fengping.config import AnalysisConfig
from fengping.indexer.groups.grouping import Groups, Member
from fengping.indexer.groups.kernel import place
from fengping.indexer.pipeline.workers import PLAIN
from fengping.models import document_id


@functools.cache
def begin() -> None:
    """Has everything compiled beside other work, once, at a low priority; nobody waits for it."""
    if not is_kept(place):
        _start(nice=10)


def ensure() -> None:
    """Has everything compiled that is not kept on disk yet, and waits for it."""
    if not is_kept(place):
        announce()
        # Where it fails, the first documents are compiled for as they come, and any error is told there.
        _start().wait()


def _start(nice: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "fengping.indexer.pipeline.warm", str(nice)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


@contextmanager
def _alone() -> Iterator[None]:
    """Waits for a process that compiles already. What it has done is then found on disk."""
    folder = Path(kept_in(place) or gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compiling.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def load() -> None:
    """Judges and groups two documents and an answer to one; `place` is compiled last."""
    from fengping.analysis import Judge

    Judge.load(AnalysisConfig()).judge(PLAIN)
    contents = [*PLAIN, f"说得对//@路人：{PLAIN[0]}"]
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        groups = Groups(Path(folder))
        groups.add([Member(document_id("warm", content), content, now) for content in contents])
        groups.close()


def main() -> None:
    os.nice(int(sys.argv[1]))
    with _alone():
        if not is_kept(place):
            load()


if __name__ == "__main__":
    main()
