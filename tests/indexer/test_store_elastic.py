"""Behaviour of the Elasticsearch store alone: address, credentials, retries, aliases and a schema in them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, MutableMapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from elasticsearch import Elasticsearch
from tests.elasticsearch_node.leases import renew_often
from tests.meanwhile import failing
from tests.store_samples import SAMPLES, document

from fengping.errors import ConfigError, SchemaTooNew, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search import Address, ElasticStore, Or, PutResult, Term
from fengping.indexer.search.backends.elasticsearch import client as elastic_client

pytestmark = pytest.mark.slow

_numbers = count()


class _Listed(list[str]):
    """Ids of which to ask one after the other would take as long as there are ids, each time."""

    def __contains__(self, key: object) -> bool:
        raise AssertionError(key)


class Answers(BaseHTTPRequestHandler):
    """Gives the statuses of :attr:`statuses` one after the other, the last for ever."""

    statuses: ClassVar[list[int]] = []
    headers_seen: ClassVar[list[str]] = []
    body: ClassVar[object] = {}

    def do_GET(self) -> None:
        type(self).headers_seen.append(self.headers.get("Authorization", ""))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        body = json.dumps(self.body).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(elastic_client, "PAUSE", 0)
    Answers.headers_seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as one:
        threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True).start()
        yield f"elasticsearch+http://127.0.0.1:{one.server_port}/busy"
        one.shutdown()


@pytest.fixture
def store(elasticsearch_url: str) -> Iterator[ElasticStore]:
    one = ElasticStore(f"{elasticsearch_url}/elastic-{next(_numbers)}")
    yield one
    one.close()


def test_a_cluster_that_is_not_there_is_down_at_once() -> None:
    # Port 9 is the discard service, which nobody runs.
    store = ElasticStore("elasticsearch+http://127.0.0.1:9/x")
    for act in (
        lambda: store.put(SAMPLES), lambda: store.count(Filter()), lambda: store.get(["a"]),
        lambda: store.search(Filter()), lambda: list(store.scan(Filter())), lambda: store.delete(["a"]),
        lambda: store.terms(Filter(), "hosts"), store.facts, store.begin_rebuild,
    ):  # fmt: skip
        # Whoever looks at a page or at `status` meanwhile is not kept waiting.
        with (
            failing(time, "sleep", AssertionError("it waits")),
            pytest.raises(StoreDown, match="nothing is lost"),
        ):
            act()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_cluster_is_asked_again(server: str, status: int) -> None:
    Answers.statuses, Answers.body = [status, status, 200], {"count": 7}
    store = ElasticStore(server, "busy-000001")
    assert store.count(Filter()) == 7
    Answers.statuses = [status]
    with pytest.raises(StoreDown, match=f"status {status}"):
        store.count(Filter())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"_shards": {"failed": 1, "failures": [{"reason": {"reason": "no room"}}]}}, "1 of its .* no room"),
        ({"_shards": {"failed": 2}}, "2 of its shards"),
        ({"timed_out": True, "_shards": {"failed": 0}}, "in time"),
    ],
)
def test_an_answer_without_all_shards_is_none(server: str, body: dict[str, object], reason: str) -> None:
    Answers.statuses, Answers.body = [200], {"count": 7, "hits": {"hits": []}} | body
    for ask in (ElasticStore.count, ElasticStore.search):
        with pytest.raises(StoreDown, match=reason):
            ask(ElasticStore(server, "busy-000001"), Filter())


def test_statistics_of_no_shard_are_none(server: str) -> None:
    Answers.statuses, Answers.body = [200], {"status": "green", "_all": {"primaries": {}, "total": {}}}
    with pytest.raises(StoreDown, match="none of its shards stands on a node"):
        ElasticStore(server, "busy-000001").facts()


def test_single_documents_that_met_a_full_queue_are_sent_again(server: str) -> None:
    full = {"index": {"_id": "a1", "status": 429, "error": {"type": "es_rejected_execution_exception"}}}
    Answers.statuses, Answers.body = [200], {"items": [full]}
    with pytest.raises(StoreDown, match="queues are full"):
        ElasticStore(server, "busy-000001").put(SAMPLES[:1])
    bad = {"index": {"_id": "a1", "status": 400, "error": {"type": "x", "reason": "no such field"}}}
    Answers.body = {"items": [bad]}
    with pytest.raises(StoreError, match="refused a1: no such field"):
        ElasticStore(server, "busy-000001").put(SAMPLES[:1])


def test_a_rebuild_waits_for_full_queues_as_for_a_node_that_is_restarted(server: str) -> None:
    done = {"index": {"_id": "a1", "status": 201, "result": "created"}}
    Answers.statuses, Answers.body = [429] * 12 + [200], {"items": [done], "_shards": {"failed": 0}}
    assert ElasticStore(server, "busy-000001").put(SAMPLES[:1]).created == 1


def test_credentials_come_from_the_environment(
    server: str, environ: MutableMapping[str, str], tmp_path: Path
) -> None:
    Answers.statuses, Answers.body = [401], {"error": "missing credentials"}
    with pytest.raises(StoreError, match="FENGPING_ELASTICSEARCH_API_KEY"):
        ElasticStore(server).count(Filter())
    Answers.statuses, Answers.body = [200], {"count": 1}
    environ["FENGPING_ELASTICSEARCH_USERNAME"] = "reader"
    (tmp_path / "secret").write_text("word\n")
    environ["FENGPING_ELASTICSEARCH_PASSWORD_FILE"] = str(tmp_path / "secret")
    ElasticStore(server, "busy-000001").count(Filter())
    environ["FENGPING_ELASTICSEARCH_API_KEY"] = "key"
    ElasticStore(server, "busy-000001").count(Filter())
    assert Answers.headers_seen[-2:] == ["Basic cmVhZGVyOndvcmQ=", "ApiKey key"]
    del environ["FENGPING_ELASTICSEARCH_API_KEY"]
    environ["FENGPING_ELASTICSEARCH_PASSWORD_FILE"] = str(tmp_path / "missing")
    with pytest.raises(ConfigError, match="PASSWORD_FILE"):
        ElasticStore(server)


def test_addresses() -> None:
    address = Address.parse("elasticsearch+https://one.example,two.example:9201/posts-2020")
    assert address.hosts == ("https://one.example:9200", "https://two.example:9201")
    assert address.name == "posts-2020"
    assert Address.parse("elasticsearch+http://one.example").name == "fengping"
    for url, sentence in (
        ("elasticsearch+http:///x", "Unknown store URL"),
        ("elasticsearch+http://a,/x", "Unknown store URL"),
        ("elasticsearch+http://me:word@a/x", "environment"),
        ("elasticsearch+http://a/Posts", "small letters"),
    ):
        with pytest.raises(ConfigError, match=sentence) as refused:
            Address.parse(url)
        assert "word" not in str(refused.value)


@pytest.mark.long
def test_the_home_names_the_cluster(elasticsearch_url: str, home: Home) -> None:
    home.config_file.write_text(f'store = "{elasticsearch_url}/of-a-home"\n')
    store = open_store(Home.open(home.root))
    assert store.put(SAMPLES) == PutResult(6, 0)
    store.close()


@pytest.mark.long
def test_the_ids_that_are_known_are_not_searched_once_for_each_document(store: ElasticStore) -> None:
    ids = _Listed(one.id for one in SAMPLES)
    store.put(SAMPLES)
    assert store.put(SAMPLES, ids, keep_events=True) == PutResult(created=0, updated=len(SAMPLES))


@pytest.mark.long
def test_schemas_of_other_versions(store: ElasticStore, elasticsearch_url: str) -> None:
    client = Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+"))
    store.put(SAMPLES)
    name = store.url.rpartition("/")[2]
    client.indices.put_mapping(index=name, meta={"fengping_schema": 0})
    with pytest.raises(StoreError, match="fengping reindex"):
        ElasticStore(store.url).count(Filter())
    old = ElasticStore(store.url)
    fresh = old.begin_rebuild()
    fresh.put(SAMPLES[:2])
    old.finish_rebuild(fresh)
    assert ElasticStore(store.url).count(Filter()) == 2
    client.indices.put_mapping(index=name, meta={"fengping_schema": 99})
    for act in (lambda: ElasticStore(store.url).count(Filter()), ElasticStore(store.url).begin_rebuild):
        with pytest.raises(SchemaTooNew, match="newer fengping"):
            act()
    client.close()


@pytest.mark.long
def test_a_rebuild_leaves_one_index_behind(store: ElasticStore, elasticsearch_url: str) -> None:
    client = Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+"))
    for number in range(3):
        store.begin_rebuild().put(SAMPLES)  # never finished
        fresh = store.begin_rebuild()
        fresh.put([document(f"of rebuild {number}", "文")])
        store.finish_rebuild(fresh)
    name = store.url.rpartition("/")[2]
    assert len(client.indices.get(index=f"{name}-*")) == 1
    assert [d.id for d in store.scan(Filter())] == ["of rebuild 2"]
    client.close()


@pytest.mark.long
def test_a_long_list_of_words_is_answered(store: ElasticStore) -> None:
    store.put(SAMPLES)
    words = [Term(f"没有的词{n}") for n in range(499)]
    assert store.count(Filter(text=Or((*words, Term("直播间"))))) == 3


@pytest.mark.long
def test_a_deleted_index_is_a_sentence(store: ElasticStore, elasticsearch_url: str) -> None:
    store.put(SAMPLES)
    with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as client:
        client.indices.delete(index=f"{store.url.rpartition('/')[2]}-000001")
    with pytest.raises(StoreError, match="no such index"):
        store.count(Filter())
    with pytest.raises(StoreError, match="no such index"):
        store.put(SAMPLES)


@pytest.mark.long
def test_expunging_leaves_no_deleted_document_and_no_unfinished_index(
    store: ElasticStore, elasticsearch_url: str
) -> None:
    store.put(SAMPLES)
    renew_often(store.url)
    store.begin_rebuild().put(SAMPLES)
    for sample in SAMPLES:
        store.put([sample])
    store.delete([SAMPLES[0].id])
    assert store.expunge()
    with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as client:
        name = store.url.rpartition("/")[2]
        (index,) = client.indices.get(index=f"{name}-*").values()
        assert "merge" not in index["settings"]["index"]
        counts = client.indices.stats(index=name, metric="docs")["_all"]["total"]["docs"]
    assert (counts["count"], counts["deleted"]) == (len(SAMPLES) - 1, 0)
