"""Weibo hot titles of 2024 to 2026 that name a host, and affairs of hosts set apart among them by reading.

The titles are known by their day alone. The labels stand in ``hot-affairs.tsv`` as hashes.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from devtools.training.labels import name_hash
from devtools.training.readings import text_hash
from fengping.alerts.backtest import Incident
from fengping.analysis import HostRegistry, Judge
from fengping.clock import day_of, parse_moment
from fengping.config import AnalysisConfig
from fengping.indexer.search import MemoryStore
from fengping.models import Channel, Document, Precision, RawDocument, document_id

AFFAIRS = Path(__file__).with_name("hot-affairs.tsv")
TITLES = "more/titles-weibo-hot-2020-2026.csv.gz"
FIRST = "2024-01-01"


def read_affairs() -> list[Incident]:
    """The affairs: host, first day, and the hashes of their titles in place of ids."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    for line in AFFAIRS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            number, *cells = line.split("\t")
            found[number].append(cells)
    return [
        Incident(
            lines[0][1], parse_moment(f"{lines[0][0]} 12:00"), documents=frozenset(one[2] for one in lines)
        )
        for lines in found.values()
    ]


def judged(data: Path) -> MemoryStore:
    """The titles that name a host of an affair, by the quick judge."""
    hosts = {one.key for one in read_affairs()}
    named = [one for one in HostRegistry.load().hosts if name_hash(one.name) in hosts]
    names = tuple(name for one in named for name in (one.name, *one.aliases, *one.ambiguous))
    titles = [(row["title"], parse_moment(f"{row['day']} 12:00")) for row in rows(data, names)]
    judgements = Judge.load(AnalysisConfig()).judge(
        [title for title, _ in titles], [day_of(at) for _, at in titles]
    )
    store = MemoryStore()
    store.put([
        Document(
            RawDocument(
                document_id(TITLES, title, at.isoformat()), "hot", title, at, title=title,
                channel=Channel.WEIBO, published_at=at, precision=Precision.DAY,
            ),
            judgement, text_hash(title), True, at,
        )
        for (title, at), judgement in zip(titles, judgements, strict=True)
    ])  # fmt: skip
    return store


def rows(data: Path, names: tuple[str, ...] = ("",)) -> Iterator[dict[str, str]]:
    """The rows whose title holds one of *names*."""
    with gzip.open(data / TITLES, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["day"] >= FIRST and any(name in row["title"] for name in names):
                yield row
