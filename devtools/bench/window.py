"""The posts of the CCA's window of 2020 from files to the report: hours, memory and disk by stage.

One home on this machine, the commands as a user would give them one after the other.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from devtools.bench import Options, Row
from devtools.bench.commands import watched
from devtools.bench.index import home_with, posts
from fengping.clock import SHANGHAI
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.progress import Remark, emit
from fengping.services.home import make_home
from fengping.state import State

SIZE = 14_296_274
"""Posts that the CCA's report of 2020 counts from 20 October to 15 November."""
DAYS = 27
_FILE = 1_000_000
_START = datetime(2020, 10, 20, tzinfo=SHANGHAI)
_FIRST, _LAST = "2020-10-20", "2020-11-15"


def run(options: Options) -> list[Row]:
    """Rows by stage, each told as it comes; the writing of the posts' files is not counted.

    A home that is given holds the posts in its journal, *size* of them: there it begins, or goes on, with the
    index.
    """
    size = options.size or SIZE
    if options.home:
        return list(_told(measure(Home.open(options.home.absolute()), [], size)))
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as folder:
        make_home(Home(Path(folder).absolute()))  # with the rule that the back-test replays
        home = home_with(Path(folder), options.store)
        return list(_told(measure(home, write(home.root / "posts", size), size)))


def _told(rows: Iterable[Row]) -> Iterator[Row]:
    # Hours pass between the first and the last.
    for row in rows:
        emit(Remark(f"{row.what}: {row.value:,.1f} {row.unit}"))
        yield row


def write(folder: Path, size: int) -> Iterator[Path]:
    """Files of up to a million invented posts each, evenly over the window, one after the other."""
    folder.mkdir(parents=True)
    for first in range(0, size, _FILE):
        count = min(_FILE, size - first)
        file = folder / f"{first // _FILE:03}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("正文", "发布时间", "作者", "链接"))
            for number, (text, _, author) in enumerate(posts(count, seed=first), first):
                moment = _START + timedelta(seconds=DAYS * 86_400 * number // size)
                address = f"https://posts.example/{number}"
                writer.writerow((text, f"{moment:%Y-%m-%d %H:%M:%S}", author, address))
        yield file
        file.unlink()


def measure(home: Home, files: Iterable[Path], size: int) -> Iterator[Row]:
    """Rows of import, index, back-test and report over *files*, which together hold *size* posts."""
    imported = [_command(home, "import", str(file), "--source", "bench") for file in files]
    if imported:
        yield from _rows("import: CSV → journal", imported, size)
    rates = _Rates(home, size)
    indexed = _command(home, "index", "--quick", stage=rates.look)
    yield from _rows("index: journal → searchable, events included", [indexed], size)
    for upto, rate, processor in rates.each():
        yield Row(f"  rate up to {upto:,}", rate, "documents/s", size)
        yield Row("  processor time there", processor * 1e6, "µs/document", size)
    tested = _command(home, "alerts", "test", "--from", _FIRST, "--to", _LAST)
    yield from _rows("back-test of the rules over the window", [tested], size)
    formats = "html,docx,xlsx,json,md"
    report = _command(home, "report", "double11", "--year", "2020", "--format", formats)
    yield from _rows(f"report double11: {formats}", [report], size)
    for folder in sorted((home.root / "var").iterdir()):
        taken = sum(file.stat().st_size for file in [folder, *folder.rglob("*")] if file.is_file())
        if taken > 2**20:
            yield Row(f"disk: var/{folder.name}", taken / 2**20, "MiB", size)


@dataclass
class _Peak:
    """Memory at its peak in bytes, children's within; and the time a stage took."""

    seconds: float = 0
    own: int = 0
    mapped: int = 0


@dataclass
class _Ran:
    """One command that ended."""

    processor: float
    stages: dict[str, _Peak]


def _rows(what: str, ran: Sequence[_Ran], size: int) -> Iterator[Row]:
    seconds = sum(stage.seconds for one in ran for stage in one.stages.values())
    yield Row(what, seconds, "s", size)
    yield Row("  rate", size / seconds, "documents/s", size)
    yield Row("  processor time", sum(one.processor for one in ran) / size * 1e6, "µs/document", size)
    for name in ran[0].stages:
        of_it = [one.stages[name] for one in ran]
        if name:
            yield Row(f"  {name}", sum(stage.seconds for stage in of_it), "s", size)
        yield Row("  own memory at peak", max(stage.own for stage in of_it) / 2**20, "MiB", size)
        yield Row("  mapped files at peak", max(stage.mapped for stage in of_it) / 2**20, "MiB", size)


class _Rates:
    """Documents that the indexer has passed, looked at now and then."""

    def __init__(self, home: Home, size: int) -> None:
        self._journal, self._size = open_journal(home), size
        self._state, self._cursor = State.open(home), StoredCursor(home.config.store)
        self._whole = self._journal.pending({})
        self._seen: list[tuple[float, float, float]] = []

    def look(self, process: psutil.Process | None) -> str:
        """The stage that the indexer is in; the one it ended in where its process is no more."""
        with self._state.begin() as connection:
            left = self._journal.pending(self._cursor.load(connection))
        if process is not None:
            self._seen.append((time.monotonic(), self._size * (1 - left / self._whole), _spent(process)))
        return "documents" if left else "events"

    def each(self) -> Iterator[tuple[int, float, float]]:
        """A number of documents, and of those since the number before it the rate and the processor time."""
        step = max(self._size // 14, 1)
        began, done, spent = self._seen[0]
        for moment, passed, processor in self._seen:
            if (count := passed - done) >= step:
                yield round(passed), count / (moment - began), (processor - spent) / count
                began, done, spent = moment, passed, processor


def _command(
    home: Home, *arguments: str, stage: Callable[[psutil.Process | None], str] = lambda _: ""
) -> _Ran:
    """Runs a command of the product; *stage* is asked each second which one it is in."""
    stages: dict[str, _Peak] = {}
    spent, began = os.times(), time.monotonic()

    def look(process: psutil.Process) -> None:
        nonlocal began
        own, mapped = _held(process)
        peak, now = stages.setdefault(stage(process), _Peak()), time.monotonic()
        peak.seconds += now - began
        peak.own, peak.mapped, began = max(peak.own, own), max(peak.mapped, mapped), now

    watched(home, *arguments, every=1, look=look)
    ended = os.times()
    stages.setdefault(stage(None), _Peak()).seconds += time.monotonic() - began
    return _Ran(sum(ended[2:4]) - sum(spent[2:4]), stages)


def _spent(process: psutil.Process) -> float:
    """Seconds of processor time of a process, the children that have ended, and those that live."""
    spent = 0.0
    with suppress(psutil.NoSuchProcess):
        spent = sum(process.cpu_times()[:4])
        for child in process.children(recursive=True):
            spent += sum(child.cpu_times()[:4])
    return spent


def _held(process: psutil.Process) -> tuple[int, int]:
    """Bytes of its own and of mapped files of a process and its children; shared pages counted once."""
    held = {"Pss_Anon": 0, "Pss_File": 0}
    with suppress(psutil.NoSuchProcess, OSError):
        for member in [process, *process.children(recursive=True)]:
            for line in Path(f"/proc/{member.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
                name, _, value = line.partition(":")
                if name in held:
                    held[name] += 1024 * int(value.split()[0])
    return held["Pss_Anon"], held["Pss_File"]
