"""A rebuild in a cluster, begun by a machine that lives, dies, or sleeps through the end of its lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from unittest import mock

import pytest
from elasticsearch import Elasticsearch
from tests.store_samples import SAMPLES

from fengping.errors import HomeBusy
from fengping.indexer import Filter
from fengping.indexer.search import ElasticStore
from fengping.indexer.search.backends.elasticsearch import locking
from fengping.progress import Record, listening

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def url(elasticsearch_url: str, request: pytest.FixtureRequest) -> str:
    return f"{elasticsearch_url}/{request.node.name.replace('_', '-')[:60]}"


@pytest.fixture
def heard() -> Iterator[list[Record]]:
    found: list[Record] = []
    with listening(found.append):
        yield found


def begun(url: str, token: int = 0) -> tuple[ElasticStore, ElasticStore]:
    """A store of another machine, and what it rebuilds."""
    store = ElasticStore(url)
    store.put(SAMPLES)
    store.fence(token)
    with mock.patch("platform.node", lambda: "elsewhere"):
        fresh = store.begin_rebuild()
    fresh.put(SAMPLES[:1])
    return store, fresh


def test_a_living_one_is_left_and_a_dead_one_taken_over(
    url: str, monkeypatch: pytest.MonkeyPatch, heard: list[Record]
) -> None:
    monkeypatch.setattr(locking, "LEASE", 6.0)
    monkeypatch.setattr(locking, "BEAT", 0.2)
    other, its = begun(url)
    with closing(ElasticStore(url)) as store:
        with pytest.raises(HomeBusy, match=r"on elsewhere rebuilds .* fengping reindex begins anew"):
            store.begin_rebuild()
        assert "on elsewhere" in store.facts()["rebuild begun by"]
        other.close()  # its machine dies
        fresh = store.begin_rebuild()
        assert any("on elsewhere has died; this one begins anew" in str(record) for record in heard)
        fresh.put(SAMPLES[:2])
        store.finish_rebuild(fresh)
        assert store.count(Filter()) == 2
        assert "rebuild begun by" not in store.facts()
    its.close()


def test_one_that_slept_through_its_lease_of_the_index_is_over_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "LEASE", 3600.0)
    other, its = begun(url, token=7)
    with closing(ElasticStore(url)) as store:
        store.fence(8)
        fresh = store.begin_rebuild()
        its.put(SAMPLES)  # it has not noticed yet
        with pytest.raises(HomeBusy, match="rebuilds this index"):
            other.finish_rebuild(its)
        fresh.put(SAMPLES[:2])
        store.finish_rebuild(fresh)
        assert store.count(Filter()) == 2
    other.close()
    its.close()


def test_one_of_an_older_version_is_left_to_a_person(url: str, elasticsearch_url: str) -> None:
    name = f"{url.rpartition('/')[2]}-rebuild"
    with (
        closing(ElasticStore(url)) as store,
        Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as node,
    ):
        store.put(SAMPLES)
        node.indices.create(
            index=name, mappings={"_meta": {"machine": "elsewhere", "process": 7, "started": "0"}}
        )
        with pytest.raises(HomeBusy, match=f"delete the index {name}"):
            store.begin_rebuild()
