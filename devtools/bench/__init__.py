"""Speed and memory, measured side by side with the thing named, the machine printed beside.

Each module of this folder named in :data:`PARTS` has ``run(options: Options) -> list[Row]``.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

PARTS = (
    "sentiment", "polarity", "judge", "long_texts", "index", "chain", "search", "reposts", "extraction",
    "crawl", "browser", "faults", "outages", "alerts", "report", "serve", "start", "deployment",
    "window", "columns", "size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    size: int
    """Documents (or pages) to measure with; 0 means the part's own default."""
    store: str
    """Store URL for parts that need one; empty means a fresh tantivy index in a temporary folder."""
    data: Path
    """Folder of measuring data, used by parts that measure on real input where it is there."""
    hours: float = 0
    """Time to go on for, for parts that can; 0 means by their size."""
    journal: str = ""
    """Journal URL, for the deployment."""
    state: str = ""
    """State URL, for the deployment."""
    frontier: str = ""
    """Frontier URL, for kills of the deployment."""
    kills: int = 0
    """Runs with processes killed, for the deployment."""
    pages: bool = False
    """Whole pages of the console instead of answers of its API, for serve; a long PDF, for report."""
    node: str = ""
    """Command of an Elasticsearch node, for outages."""
    home: Path | None = None
    """A home that exists: measured as it is by report (facts), alerts (back-test), serve (pages) and window
    (what its journal holds)."""
    beside: Path | None = None
    """Another checkout with a ``.venv``, for chain."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured line."""

    what: str
    value: float
    unit: str
    n: int
    ratio: float | None = None
    """Against the thing named in ``beside``, measured in the same run."""
    beside: str = ""


def machine() -> str:
    """Processor, cores, memory and Python, as printed beside every figure."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
