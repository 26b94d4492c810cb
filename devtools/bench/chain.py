"""Processor time of a real post from its file to its event, beside another checkout where one is given.

Both take turns, each time in a new home: a busy machine costs either the same.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from devtools.bench import Options, Row
from devtools.bench.commands import spent
from devtools.bench.index import home_with
from devtools.training.sets import rows_of
from fengping.clock import SHANGHAI
from fengping.errors import UsageError

SIZE = 20_000
TURNS = 3
_FIELDS = ("text", "description", "title")
_TITLES = "titles-weibo-hot"
"""Bare titles, more than all other rows together: left out."""
_START, _DAYS = datetime(2020, 10, 20, tzinfo=SHANGHAI), 28


def run(options: Options) -> list[Row]:
    """Medians of :data:`TURNS` turns, and the ratio within a turn."""
    posts = real_posts(options.data)
    posts = posts[: options.size or SIZE]
    pythons = [Path(sys.executable)]
    if options.beside:
        pythons.append(options.beside.absolute() / ".venv" / "bin" / "python")
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as folder:
        _turn(Path(folder), posts[:100], pythons)  # compiles, and writes what is written once
        turns = [_turn(Path(folder), posts, pythons) for _ in range(TURNS)]
    rows = []
    for stage in turns[0][0]:
        each = [[one[stage] for one in turn] for turn in turns]
        own = [turn[0] for turn in each]
        ratio = median(turn[0] / turn[-1] for turn in each) if options.beside else None
        name = str(options.beside or "")
        rows.append(Row(stage, median(own), "µs/document", len(posts), ratio, name))
        rows.append(Row("  lowest", min(own), "µs/document", len(posts)))
        if options.beside:
            rows.append(Row(f"  {name}", median(turn[1] for turn in each), "µs/document", len(posts)))
    return rows


def real_posts(data: Path) -> list[str]:
    """Every text of the streams and sets once, in an order drawn at random."""
    files = [file for file in sorted(data.glob("*/*.gz")) if not file.name.startswith(_TITLES)]
    found = {
        " ".join(text.split())
        for file in files
        for row in rows_of(file)
        if (text := next((row[name] for name in _FIELDS if row.get(name)), ""))
    }
    if not found:
        raise UsageError(f"{data} holds no posts.", remedy="--data FOLDER")
    posts = sorted(found)
    random.Random(38).shuffle(posts)
    return posts


def _turn(folder: Path, posts: Sequence[str], pythons: Sequence[Path]) -> list[dict[str, float]]:
    """Microseconds a document by stage, of each of *pythons*."""
    file = folder / "posts.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("正文", "发布时间", "链接"))
        for number, text in enumerate(posts):
            at = _START + timedelta(days=_DAYS * number / len(posts))
            writer.writerow((text, f"{at:%Y-%m-%d %H:%M:%S}", f"https://posts.example/{number}"))
    found = []
    for python in pythons:
        with tempfile.TemporaryDirectory(dir=folder) as root:
            home = home_with(Path(root), "")
            stages = {
                "import": ("import", str(file), "--source", "bench"),
                "index, events included": ("index",),
            }
            costs = {
                stage: spent(home, *command, python=python).processor for stage, command in stages.items()
            }
        found.append({stage: cost / len(posts) * 1e6 for stage, cost in costs.items()})
    return found
