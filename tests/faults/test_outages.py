"""Elasticsearch that answers wrongly and Redis that goes away, each in the midst of work.

``python -m devtools bench outages`` goes on for as long as it is asked to, and kills the node too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch
from tests.servers import needed, program
from tests.store_samples import document

from devtools.faults import proxy, servers, site
from devtools.faults.outages import Outages
from fengping.errors import FengpingError, StoreError
from fengping.indexer import Filter
from fengping.indexer.search import ElasticStore
from fengping.indexer.search.backends.elasticsearch import client, indices

pytestmark = [pytest.mark.slow, pytest.mark.long]


@contextmanager
def outages(folder: Path, store: str) -> Iterator[Outages]:
    with needed():
        program("redis-server")
    port = urlsplit(store.removeprefix("elasticsearch+")).port
    assert port
    with (
        servers.redis(folder / "redis") as redis,
        proxy.standing(f"http://127.0.0.1:{port}") as before,
        site.serve() as pages,
    ):
        yield Outages(folder, servers.Standing(port), before, redis, pages)


@pytest.mark.parametrize(
    ("seed", "kind", "command"),
    [
        (8, "Redis killed, back at once", "crawl"),
        (6, "index closed", "index"),
    ],
)
def test_a_command_survives_an_outage(
    tmp_path: Path, elasticsearch_url: str, seed: int, kind: str, command: str
) -> None:
    with outages(tmp_path, elasticsearch_url) as trials:
        assert trials.trial(seed, kind, command), trials.notes
        assert trials.tallies[kind].hit == 1


@pytest.mark.parametrize("rollover", ["", "month"])
@pytest.mark.parametrize("answer", [proxy.EMPTY, proxy.PAGE], ids=["{}", "HTML"])
def test_a_wrong_answer_to_any_request_is_a_sentence_and_takes_nothing(
    elasticsearch_url: str, answer: proxy.Answer, rollover: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAUSE", 0)
    monkeypatch.setattr(indices, "LEASE_PAUSES", ())
    acts: list[Callable[[ElasticStore], object]] = [
        lambda store: store.get(["a"]),
        lambda store: list(store.scan(Filter())),
        lambda store: store.put([document("a", "坏了")]),
        lambda store: [store.put([document("a", "坏了")]) for _ in "12"],
        lambda store: store.put([document("a", "坏了"), document("b", "也坏了", "2020-12-01")]),
        lambda store: store.update({"a": {"group": store.url}}),
        lambda store: store.delete(["b", "none"]),
        lambda store: store.finish_rebuild(_filled(store)),
    ]
    node = elasticsearch_url.removeprefix("elasticsearch+")
    with proxy.standing(node) as before:
        url = f"elasticsearch+http://127.0.0.1:{before.port}/wrong-{answer.kind.replace('/', '-')}{rollover}"
        with closing(ElasticStore(url, rollover=rollover)) as store:
            store.put([document("a", "坏了")])
        for act in acts:
            at, is_hit = 1, True
            while is_hit:
                before.expect(proxy.Fault(at, 1, answer))
                with closing(ElasticStore(url, rollover=rollover)) as store, suppress(FengpingError):
                    act(store)
                at, is_hit = at + 1, before.is_hit
                before.expect(None)
                with closing(ElasticStore(url)) as store:
                    found = [one.id for one in store.scan(Filter())]
                    assert found in (["a"], ["a", "b"]), f"request {at - 1}"


def test_documents_of_a_closed_index_are_a_sentence(elasticsearch_url: str) -> None:
    with closing(ElasticStore(f"{elasticsearch_url}/closed")) as store:
        store.put([document("a", "坏了")])
        with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as node:
            node.indices.close(index="closed")
        with pytest.raises(StoreError, match="does not give a: closed"):
            store.get(["a"])


def _filled(store: ElasticStore) -> ElasticStore:
    fresh = store.begin_rebuild()
    fresh.put([document("a", "坏了")])
    return fresh
