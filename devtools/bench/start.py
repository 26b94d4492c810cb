"""The time that a command takes before its work: each in a home of a few posts, a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median

from devtools.bench import Options, Row
from devtools.bench.commands import spent
from devtools.bench.search import posts
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services.home import make_home

RUNS = 7
_POSTS = 100
_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--help",), ("search", "退款"), ("trend", "退款"), ("hosts", "list"), ("alerts", "list"),
    ("alerts", "check"), ("affairs", "list"), ("index", "--quick"),
)  # fmt: skip


def run(options: Options) -> list[Row]:
    """Medians over ``--size`` runs of each command, by default :data:`RUNS`, taken in turns."""
    runs = options.size or RUNS
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).absolute())
        make_home(home)
        home = Home.open(home.root)
        store = open_store(home)
        store.put(list(islice(posts(_POSTS), _POSTS)))
        store.close()
        for command in _COMMANDS:  # compiles, and writes what is written once
            spent(home, *command)
        took = [[spent(home, *command) for command in _COMMANDS] for _ in range(runs)]
        bare = median(_bare() for _ in range(runs))
    rows = []
    for at, command in enumerate(_COMMANDS):
        of_it = [turn[at] for turn in took]
        name = f"fengping {' '.join(command)}"
        seconds = median(one.seconds for one in of_it)
        rows.append(Row(name, seconds, "s", runs, seconds / bare, "Python alone"))
        rows.append(Row("  processor time", median(one.processor for one in of_it), "s", runs))
    return rows


def _bare() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begin
