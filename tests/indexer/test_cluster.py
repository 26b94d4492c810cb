"""Two machines, one cluster of three nodes: each keeps its own journal and indexes into the same store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.elasticsearch_node.launcher import Cluster, running
from tests.servers import needed

from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument, document_id

pytestmark = pytest.mark.long

NOW = datetime(2020, 11, 20, tzinfo=UTC)
EACH, SHARED = 300, 60


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    with needed(), running(folder, nodes=3) as found:
        yield found


def raw(number: int) -> RawDocument:
    at = datetime(2020, 11, 1, tzinfo=UTC) + timedelta(minutes=number)
    text = f"第{number}件商品收到就坏了，客服编号{number * 7919}"
    return RawDocument(document_id("cluster", str(number)), "test", text, NOW, published_at=at)


def machine(folder: Path, store: str, numbers: range) -> Home:
    folder.mkdir()
    (folder / "fengping.toml").write_text(f'store = "{store}"\n[analysis]\nbatch = 50\n', encoding="utf-8")
    home = Home.open(folder)
    home.var.mkdir()
    # One monitor on several machines: another home would be refused.
    (home.var / "identity").write_text("c" * 32, encoding="ascii")
    write(home, numbers)
    return home


def write(home: Home, numbers: range) -> None:
    with open_journal(home).writer() as journal:
        for number in numbers:
            journal.append(raw(number))


def index(home: Home) -> int:
    store = open_store(home)
    try:
        return pipeline.index(home, store, indexed_at=NOW).lines
    finally:
        store.close()


def test_the_same_documents_as_one_machine_gives_also_when_a_node_goes(
    cluster: Cluster, tmp_path: Path
) -> None:
    hosts = ",".join(url.removeprefix("http://") for url in cluster.urls)
    url = f"elasticsearch+http://{hosts}/shared"
    # The second half of one machine's documents overlaps with the first half of the other's.
    one = machine(tmp_path / "one", url, range(EACH))
    two = machine(tmp_path / "two", url, range(EACH - SHARED, 2 * EACH - SHARED))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(index, (one, two))) == [EACH, EACH]
    cluster.kill(1)
    write(one, range(2 * EACH - SHARED, 2 * EACH))
    write(two, range(2 * EACH, 2 * EACH + SHARED))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(index, (one, two))) == [SHARED, SHARED]

    alone = machine(tmp_path / "alone", "tantivy:var/index", range(2 * EACH + SHARED))
    index(alone)
    found, wanted = open_store(one), open_store(alone)
    try:
        assert found.count(Filter()) == 2 * EACH + SHARED
        given = {document.id: document.raw for document in found.scan(Filter())}
        assert given == {document.id: document.raw for document in wanted.scan(Filter())}
    finally:
        found.close()
        wanted.close()
