"""A home with invented, judged posts in its store, and beside it one whose store ``--store`` names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from devtools.bench import Options, Row
from devtools.bench.search import BATCH, HOSTS, START, posts
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.models import Document, Polarity

SIZE = 100_000
LOUD = (14, 22)
"""Days, from the first, on which much more is said than usual."""

Measure = Callable[[Home, int], list[Row]]
"""Rows of a home that holds so many posts."""


def on_each(options: Options, measure: Measure) -> list[Row]:
    """Rows over the embedded store; with ``--store`` also over ``NAME-bench`` of it, side by side."""
    size = options.size or SIZE
    with _filled(size, "") as home:
        rows = measure(home, size)
    if not options.store:
        return rows
    with _filled(size, f"{options.store.rstrip('/')}-bench") as home:
        theirs = measure(home, size)
    engine = options.store.partition(":")[0].partition("+")[0]
    named = [
        replace(row, what=f"{engine}: {row.what}")
        if row.beside or not base.value
        else replace(row, what=f"{engine}: {row.what}", ratio=row.value / base.value, beside="embedded")
        for row, base in zip(theirs, rows, strict=True)
    ]
    return [row for pair in zip(rows, named, strict=True) for row in pair]


@contextmanager
def _filled(size: int, store: str) -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as name:
        folder = Path(name)
        (folder / "fengping.toml").write_text(f'store = "{store}"\n' if store else "", encoding="utf-8")
        hosts = "".join(f'[[host]]\nname = "{host}"\n' for host in HOSTS)
        (folder / "hosts.toml").write_text(f"version = 1\n{hosts}", encoding="utf-8")
        home = Home.open(folder)
        source = map(_accusing, map(_gathered, posts(size)))
        with closing(open_store(home)) as opened:
            while batch := list(islice(source, BATCH)):
                opened.put(batch)
        try:
            yield home
        finally:
            if store:
                _empty(home)


def _gathered(document: Document) -> Document:
    """A post that is told on one of :data:`LOUD` days, where it is of their matter: courses have peaks."""
    if "退货" not in document.raw.text or int(document.id[:8], 16) % 3:
        return document
    at = document.raw.published_at
    assert at
    day = LOUD[int(document.id[8:16], 16) % len(LOUD)]
    moved = START + timedelta(days=day) + (at - START) % timedelta(days=1)
    return replace(document, raw=replace(document.raw, published_at=moved))


def _accusing(document: Document) -> Document:
    """A post whose negative is directed at the hosts that it names, as pages and rules count it."""
    judged = document.judgement
    if judged.polarity is not Polarity.NEG:
        return document
    return replace(document, judgement=replace(judged, negative_hosts=judged.hosts))


def _empty(home: Home) -> None:
    with closing(open_store(home)) as opened:
        ids = [str(id) for (id,) in opened.columns(Filter(), ("id",))]
        for at in range(0, len(ids), BATCH):
            opened.delete(ids[at : at + BATCH])
