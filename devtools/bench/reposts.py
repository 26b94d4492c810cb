"""Grouping reposts by itself: documents a second as the store grows, and the memory it holds."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path

import psutil

from devtools.bench import Options, Row
from devtools.bench.index import posts
from fengping.indexer.groups.grouping import Groups, Member
from fengping.models import document_id

SIZE = 1_000_000
_BATCH = 20_000


def run(options: Options) -> list[Row]:
    """Rows for the whole and for the last tenth, when all else is stored; then for opening again."""
    size = options.size or SIZE
    members = (
        Member(document_id("bench", str(number)), text, moment)
        for number, (text, moment, _) in enumerate(posts(size))
    )
    own = psutil.Process()
    before = own.memory_info().rss
    spent = last = 0.0
    labels: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as folder:
        groups = Groups(Path(folder))
        groups.add([Member(document_id("warm", str(n)), f"预热编译用的第{n}条文本", None) for n in range(3)])
        while batch := list(itertools.islice(members, _BATCH)):
            begin = time.perf_counter()
            changed = groups.add(batch)
            last = time.perf_counter() - begin
            spent += last
            labels.update({id: group for id, (group, _) in changed.items()})
        memory = own.memory_info().rss - before
        begin = time.perf_counter()
        groups.close()
        closing = time.perf_counter() - begin
        begin = time.perf_counter()
        Groups(Path(folder)).close()
        opening = time.perf_counter() - begin
    final = min(_BATCH, size)
    return [
        Row("group, from empty", size / spent, "documents/s", size),
        Row(f"group, the last {final:,}", final / last, "documents/s", final),
        Row("groups found", len(set(labels.values())), "groups", size),
        Row("memory held", memory / 2**20, "MiB", size),
        Row("close", closing, "s", size),
        Row("open again", opening, "s", size),
    ]
