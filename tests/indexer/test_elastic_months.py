"""A store in Elasticsearch with an index for each month of publication."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count

import pytest
from elasticsearch import Elasticsearch
from tests.elasticsearch_node.leases import renew_often
from tests.store_samples import SAMPLES, document

from fengping.clock import parse_moment
from fengping.errors import HomeBusy, StoreError
from fengping.indexer import Filter, open_store_url
from fengping.indexer.search import ElasticStore, PutResult, index_template
from fengping.indexer.search.backends.elasticsearch import values
from fengping.models import Document

pytestmark = [pytest.mark.slow, pytest.mark.long]

_numbers = count()
MONTHS = {"2020.11", "2020.12"}


@pytest.fixture
def store(elasticsearch_url: str) -> Iterator[ElasticStore]:
    with closing(ElasticStore(f"{elasticsearch_url}/months-{next(_numbers)}", rollover="month")) as one:
        yield one


def lying(store: ElasticStore) -> dict[str, set[str]]:
    """Ids by the ends of the names of the indices behind the alias, empty ones with them."""
    node, _, name = store.url.removeprefix("elasticsearch+").rpartition("/")
    with Elasticsearch(node) as client:
        found: dict[str, set[str]] = {index: set() for index in client.indices.get_alias(name=name)}
        for hit in client.search(index=name, size=1_000)["hits"]["hits"]:
            found[hit["_index"]].add(hit["_id"])
    return {index.removeprefix(f"{name}-"): ids for index, ids in found.items()}


def test_each_month_has_an_index_and_what_has_no_likely_date_one(store: ElasticStore) -> None:
    odd = [
        document("old", "文", "2015-12-31T23:59"), document("ahead", "文", datetime(2021, 1, 1, tzinfo=UTC)),
        document("night", "文", datetime(2020, 11, 30, 17, tzinfo=UTC)),
    ]  # fmt: skip
    assert store.put([*SAMPLES, *odd]) == PutResult(9, 0)
    assert lying(store) == {
        "000001": {"a6", "old", "ahead"},
        "000001-2020.11": {"a1", "a2", "a3", "a4"},
        "000001-2020.12": {"a5", "night"},
    }
    assert store.facts()["rollover"] == "month"


def test_a_document_whose_date_is_corrected_stands_once(store: ElasticStore) -> None:
    store.put(SAMPLES)
    moved = [document("a1", "改了日期", "2020-12-03"), document("a6", "有了日期", "2020-12-03")]
    assert store.put(moved, {"a1", "a6"}) == PutResult(0, 2)
    assert store.put(moved) == PutResult(0, 2)
    assert store.count(Filter()) == len(SAMPLES)
    assert store.get(["a6", "a1"]) == [moved[1], moved[0]]
    assert store.update({"a1": {"group": "x"}, "a5": {"group": "x"}, "none": {"group": "x"}}) == 2
    assert store.terms(Filter(), "group", limit=1) == [("a2", 2)]
    assert store.delete(["a1", "a6", "none"]) == 2
    assert [one.id for one in store.scan(Filter())] == ["a2", "a3", "a4", "a5"]


def test_a_rebuild_changes_how_documents_lie_also_for_those_who_had_opened_it_before(
    elasticsearch_url: str,
) -> None:
    url = f"{elasticsearch_url}/months-{next(_numbers)}"
    with closing(ElasticStore(url)) as single, closing(ElasticStore(url, rollover="month")) as by_month:
        single.put(SAMPLES)
        by_month.put([document("b1", "文", "2020-12-05")])
        assert set(lying(single)) == {"000001"}
        assert by_month.facts()["rollover"] == "none (month is set; fengping reindex changes it)"
        _rebuild(by_month, SAMPLES)
        assert set(lying(single)) == {"000003", *(f"000003-{month}" for month in MONTHS)}
        assert single.get(["a5", "a6"]) == SAMPLES[4:]
        for each in (single, by_month):
            assert each.put(SAMPLES) == PutResult(0, 6)
            assert each.update({"a5": {"group": each.url}}) == 1
            assert each.count(Filter()) == len(SAMPLES)
        assert single.facts()["rollover"] == "month (none is set; fengping reindex changes it)"
        _rebuild(single, SAMPLES[:5])
        assert set(lying(single)) == {"000005"}
        assert by_month.get(["a5"]) == [SAMPLES[4]]
        assert by_month.put([document("b2", "文", "2020-12-05")]) == PutResult(1, 0)
        assert by_month.delete(["a1"]) == 1
        assert set(lying(single)) == {"000005"}


def _rebuild(store: ElasticStore, documents: list[Document]) -> None:
    store.begin_rebuild().put(documents[:1])  # never finished
    fresh = store.begin_rebuild()
    fresh.put(documents)
    assert fresh.count(Filter()) == len(documents)
    store.finish_rebuild(fresh)


def test_expunging_drops_months_of_which_nothing_is_left(store: ElasticStore) -> None:
    store.put(SAMPLES)
    renew_often(store.url)
    store.delete(["a5", "a6"])
    reading = store.scan(Filter())
    assert next(reading).id == "a1"
    assert store.expunge()
    # Whoever reads on meanwhile is not cut off: what is empty now goes the next time.
    assert [one.id for one in reading] == ["a2", "a3", "a4"]
    assert set(lying(store)) == {"000001", *(f"000001-{month}" for month in MONTHS)}
    assert store.expunge()
    assert set(lying(store)) == {"000001", "000001-2020.11"}
    assert store.put(SAMPLES) == PutResult(2, 4)
    assert set(lying(store)) == {"000001", *(f"000001-{month}" for month in MONTHS)}


def test_who_has_lost_the_lease_writes_into_no_month(store: ElasticStore) -> None:
    with closing(ElasticStore(store.url)) as old:
        old.fence(1)
        store.fence(2)
        old.put(SAMPLES)
        store.put(SAMPLES[:5])
        with pytest.raises(HomeBusy):
            old.put(SAMPLES)


def test_who_has_lost_the_lease_leaves_no_copy_in_another_month(store: ElasticStore) -> None:
    later = document("x", "改了日期", "2020-12-03")
    with closing(ElasticStore(store.url)) as old:
        old.fence(1)
        store.fence(2)
        assert store.put([*SAMPLES, later], ()) == PutResult(7, 0)
        for beside in (document("y", "文"), SAMPLES[0]):  # one that is new, one that the other has written
            with pytest.raises(HomeBusy):
                old.put([document("x", "早先的", "2020-11-03"), beside], ())
            assert store.get(["x"]) == [later]
            assert store.count(Filter()) == 8
        # One that the other had put before is replaced by ours.
        old.put([document("z", "早先的", "2020-11-03")], ())
        mine = document("z", "改了日期", "2020-12-03")
        store.put([mine], ())
        assert store.get(["z"]) == [mine]
        assert store.count(Filter()) == 9


def test_a_document_that_stands_twice_is_deleted_twice(store: ElasticStore) -> None:
    store.put(SAMPLES)
    node, _, name = store.url.removeprefix("elasticsearch+").rpartition("/")
    with Elasticsearch(node) as client:
        body = client.get(index=f"{name}-2020.11", id="a1")["_source"]
        client.index(index=f"{name}-2020.12", id="a1", document=body, refresh=True)
    assert store.count(Filter()) == 7
    assert [one.id for one in store.get(["a1", "a2"])] == ["a1", "a2"]
    assert store.delete(["a1"]) == 1
    assert store.count(Filter()) == 5


@pytest.mark.parametrize("fence", [0, 3])
def test_of_a_document_that_stands_twice_a_put_leaves_what_it_puts(store: ElasticStore, fence: int) -> None:
    store.fence(fence)
    store.put(SAMPLES)
    node, _, name = store.url.removeprefix("elasticsearch+").rpartition("/")
    with Elasticsearch(node) as client:
        body = client.get(index=f"{name}-2020.11", id="a1")["_source"]
        client.index(index=f"{name}-2020.12", id="a1", document=body, refresh=True)
    again = document("a1", "新的一版", "2020-11-03")
    store.put([again])
    assert store.get(["a1"]) == [again]
    assert store.count(Filter()) == 6
    with Elasticsearch(node) as client:
        client.index(index=f"{name}-2020.12", id="a1", document=body, refresh=True)
    third = document("a1", "第三版", "2020-11-04")
    store.put([third], ())  # by a caller who takes it for new
    assert store.get(["a1"]) == [third]
    assert store.count(Filter()) == 6


def test_an_index_in_the_place_of_an_alias_is_a_sentence(store: ElasticStore) -> None:
    node, _, name = store.url.removeprefix("elasticsearch+").rpartition("/")
    store.put(SAMPLES[:1])
    with Elasticsearch(node) as client:
        client.indices.create(index=f"{name}-2020.12")
        with pytest.raises(StoreError, match=r"An index months-\d+-2020.12 stands where .*Rename it"):
            store.put(SAMPLES)
        client.indices.delete(index=f"{name}-2020.12")
        assert store.put(SAMPLES) == PutResult(5, 1)
        # The alias of a month is taken away by hand.
        client.indices.delete_alias(index=f"{name}-000001-2020.12", name=f"{name}-2020.12")
    for act in (
        lambda: store.put([SAMPLES[4]]), lambda: store.update({"a5": {"group": "x"}}),
        lambda: store.delete(["a5"]),
    ):  # fmt: skip
        with pytest.raises(StoreError, match=r"no such index as a5 .*fengping reindex"):
            act()
    _rebuild(store, SAMPLES)
    assert store.delete(["a5"]) == 1


def test_a_template_of_ones_own_need_not_know_of_months(store: ElasticStore) -> None:
    node, _, name = store.url.removeprefix("elasticsearch+").rpartition("/")
    own = index_template(name)
    with Elasticsearch(node) as client:
        client.indices.put_index_template(name=f"{name}-own", **own | {"priority": 900})
    store.put(SAMPLES)
    assert store.facts()["rollover"] == "month"
    assert store.terms(Filter(), "polarity") == [("neg", 3), ("neu", 2), ("pos", 1)]
    with closing(ElasticStore(store.url)) as other:
        assert other.get(["a5"]) == [SAMPLES[4]]
        _rebuild(other, SAMPLES)
        assert "rollover" not in other.facts()
        older = own | {"priority": 901}
        older["template"]["mappings"]["_meta"]["fengping_schema"] = 1
        with Elasticsearch(node) as client:
            client.indices.put_index_template(name=f"{name}-older", **older)
        _rebuild(other, SAMPLES)
        with pytest.raises(StoreError, match="older"):
            other.count(Filter())


@pytest.mark.parametrize("of_a_shard", [1, 15, 100])
def test_counts_are_exact_over_all_months(
    store: ElasticStore, monkeypatch: pytest.MonkeyPatch, of_a_shard: int
) -> None:
    monkeypatch.setattr(values, "OF_A_SHARD", of_a_shard)
    monkeypatch.setattr(values, "PAGE", 7)
    posts = []
    for month in range(1, 7):
        # The most common of all is among the first of no month, another one of some months alone.
        own = [f"{month}-{n}" for n in range(20) for _ in range(4)]
        some = ["some"] * (9 if month < 3 else 3)
        posts += [
            document(f"{month:02}{at:03}", "文", f"2020-{month:02}-05", group=group, source=f"{at % 3}报")
            for at, group in enumerate([*own, *some, "everywhere", "everywhere"])
        ]
    store.put(posts)
    memory = open_store_url("memory:")
    memory.put(posts)
    for limit in (1, 2, 3, 5, 1_000):
        assert store.terms(Filter(), "group", limit=limit) == memory.terms(Filter(), "group", limit=limit)
    fields = ["group", "source", "hosts"]
    assert store.facets(Filter(), fields) == memory.facets(Filter(), fields)
    monkeypatch.setattr(values, "PAIRED", 2)
    crossed = "source", "group", ["0报", "2报"]
    january = Filter(until=parse_moment("2020-02-01"))
    for where in (Filter(), january):
        assert store.cross(where, *crossed) == memory.cross(where, *crossed)


def test_a_value_that_some_months_keep_back_is_not_taken_for_less_common(store: ElasticStore) -> None:
    november = {"v": 30, "l": 20, **{f"n{n}": 1 for n in range(9)}}
    december = {"l": 20, **{f"d{n}": 17 for n in range(12)}, "v": 16}
    posts = [
        document(f"{month}-{group}-{n}", "文", f"2020-{month}-05", group=group)
        for month, counts in (("11", november), ("12", december))
        for group, count in counts.items()
        for n in range(count)
    ]
    store.put(posts)
    assert store.terms(Filter(), "group", limit=1) == [("v", 46)]
