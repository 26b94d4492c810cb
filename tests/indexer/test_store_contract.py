"""One suite over every store: what :class:`fengping.indexer.search.protocol.Store` promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from operator import attrgetter
from pathlib import Path

import pytest
from tests.elasticsearch_node.leases import renew_often
from tests.store_samples import INDEXED, SAMPLES, document

from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.indexer import Bucket, Filter, Interval, Sort, Store, open_store_url
from fengping.indexer.search import (
    KEYWORD_FIELDS,
    SCHEMA_VERSION,
    And,
    Expression,
    Keyword,
    Near,
    Not,
    Or,
    PutResult,
    Range,
    Term,
    regrouping,
)
from fengping.models import FIELDS, Document, Polarity

pytestmark = pytest.mark.slow

BY_MONTH = "elasticsearch by month"
BACKENDS = [
    "memory",
    "tantivy",
    *(pytest.param(n, marks=pytest.mark.long) for n in ("elasticsearch", BY_MONTH)),
]
_numbers = count()


def opened(backend: str, folder: Path, request: pytest.FixtureRequest) -> Store:
    match backend:
        case "memory":
            return open_store_url(f"memory:{folder}")
        case "tantivy":
            return open_store_url(f"tantivy:{folder / 'index'}")
        case _:
            url = f"{request.getfixturevalue('elasticsearch_url')}/contract-{next(_numbers)}"
            return open_store_url(url, rollover="month" if backend == BY_MONTH else "")


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = opened(request.param, tmp_path, request)
    yield store
    store.close()


@pytest.fixture
def store(empty: Store) -> Store:
    """The samples, for a test that changes them."""
    empty.put(SAMPLES)
    return empty


@pytest.fixture(scope="module", params=BACKENDS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The samples, for tests that only ask."""
    store = opened(request.param, tmp_path_factory.mktemp("filled"), request)
    store.put(SAMPLES)
    yield store
    store.close()


def ids(store: Store, where: Filter, sort: Sort = Sort.NEWEST) -> list[str]:
    hits = store.search(where, sort=sort)
    assert hits.total == len(hits.documents) == store.count(where)
    return [found.id for found in hits.documents]


def found(store: Store, text: Expression) -> set[str]:
    return set(ids(store, Filter(text=text)))


def test_a_new_store_is_empty(empty: Store) -> None:
    assert empty.count(Filter()) == 0
    assert empty.search(Filter()).documents == []
    assert empty.get(["a1"]) == []
    assert empty.terms(Filter(), "hosts") == []
    assert empty.histogram(Filter(), Interval.DAY, split="hosts") == []
    assert list(empty.scan(Filter())) == []
    assert empty.delete(["a1"]) == 0
    assert list(empty.columns(Filter(), ["id"])) == []
    assert empty.facets(Filter(), ["hosts", "issues"]) == {"hosts": [], "issues": []}
    assert empty.update({"a1": {"group": "a1"}}) == 0
    assert empty.put([]) == PutResult(0, 0)
    assert empty.facts()["documents"] == 0


def test_what_is_put_comes_back_whole(filled: Store) -> None:
    assert filled.get(["a3", "no such", "a1"]) == [SAMPLES[2], SAMPLES[0]]
    assert list(filled.scan(Filter())) == SAMPLES


def test_putting_twice_changes_nothing(store: Store) -> None:
    assert store.put(SAMPLES) == PutResult(created=0, updated=6)
    assert store.put([*SAMPLES[:2], document("b1", "新的")]) == PutResult(created=1, updated=2)
    assert store.count(Filter()) == 7
    assert store.terms(Filter(), "hosts") == [("甲", 3), ("乙", 2)]


def test_what_the_caller_knows_to_be_stored_is_replaced_all_the_same(store: Store) -> None:
    given = [document("a1", "全新"), document("b1", "新的")]
    assert store.put(given, ["a1"]) == PutResult(created=1, updated=1)
    assert store.count(Filter()) == 7
    assert [d.raw.text for d in store.get(["a1"])] == ["全新"]


def test_what_is_put_stays_in_the_event_that_it_came_into_meanwhile(store: Store) -> None:
    store.put(SAMPLES[:2])
    read = store.get([one.id for one in SAMPLES[:2]])
    store.update({read[0].id: {"event": "e1"}})
    later = [replace(one, raw=replace(one.raw, text="后来改过")) for one in (*read, SAMPLES[2])]
    for known in (None, [one.id for one in read]):
        store.put(later, known, keep_events=True)
        found = store.get([one.id for one in later])
        assert [(one.raw.text, one.event) for one in found] == [
            ("后来改过", "e1"), ("后来改过", read[1].event), ("后来改过", SAMPLES[2].event),
        ]  # fmt: skip
        store.delete([SAMPLES[2].id])


def test_the_later_of_one_batch_wins(empty: Store) -> None:
    assert empty.put([document("x", "早"), document("x", "晚")]) == PutResult(created=1, updated=0)
    assert [d.raw.text for d in empty.scan(Filter())] == ["晚"]
    assert empty.count(Filter(text=Term("早"))) == 0


def test_an_update_replaces_every_field(store: Store) -> None:
    store.put([document("a1", "全新", "2021-01-01")])
    assert store.count(Filter(text=Term("假货"))) == 0
    assert store.count(Filter(where={"issues": ("C05",)})) == 1
    assert ids(store, Filter(since=parse_moment("2021-01-01"))) == ["a1"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(since=parse_moment("2020-11-01"), until=parse_moment("2020-11-02")), "a2 a1"),
        (Filter(since=parse_moment("2020-11-02")), "a5 a4 a3"),
        (Filter(until=parse_moment("2020-11-01", end=True)), "a2 a1"),
        (Filter(indexed_since=INDEXED + timedelta(hours=1)), "a4"),
        (Filter(undated=True), "a6"),
        (Filter(where={"polarity": ("neg",)}), "a5 a4 a1"),
        (Filter(where={"polarity": ("neg", "pos")}), "a5 a4 a2 a1"),
        (Filter(where={"hosts": ("乙",)}), "a3 a2"),
        (Filter(where={"negative_hosts": ("甲",)}), "a1"),
        (Filter(where={"issues": ("C05",), "relevant": ("true",)}), "a1"),
        (Filter(where={"platforms": ("快手",), "channel": ("news",)}), "a4"),
        (Filter(where={"source": ("微博", "论坛")}), "a3 a2 a6"),
        (Filter(where={"group": ("a2",), "first_in_group": ("false",)}), "a3"),
        (Filter(where={"hosts": ()}), ""),
        (Filter(where={"roles": ("accused:甲",)}), "a1"),
        (Filter(where={"act": ("complaint", "response")}), "a4 a1"),
        (Filter(where={"parties": ("丙丁",)}), "a4 a1"),
        (Filter(where={"accused": ("甲",)}), "a1"),
        (Filter(where={"signals": ("answer",)}, exclude={"signals": ("answer.deny",)}), "a1"),
        (Filter(where={"facets": ("私域",)}), "a1"),
        (Filter(where={"consumer": ("false",)}), "a2"),
        (Filter(exclude={"consumer": ("true",)}), "a5 a4 a3 a2 a6"),
        (Filter(where={"negative_brands": ("样牌",), "region": ("浙江",)}), "a1"),
        (Filter(where={"tags": ("物流",), "event": ("e1",)}), "a2"),
        (Filter(where={"tier": ("central",), "lang": ("en",)}), "a4"),
        (Filter(ranges=(Range("negative", low=0.8),)), "a4 a1"),
        (Filter(ranges=(Range("negative", low=0.8, low_included=False),)), "a1"),
        (Filter(ranges=(Range("likes", low=0, high=1_000),)), "a2 a1"),
        (Filter(ranges=(Range("likes", high=1_000, high_included=False),)), "a2"),
        (Filter(ranges=(Range("likes", low=0.5, high=1_000.5, low_included=False),)), "a1"),
        (Filter(ranges=(Range("likes", low=1_000, low_included=False), Range("negative", high=0.8))), "a4"),
        (Filter(ranges=(Range("views", low=2**40),)), "a1"),
        (Filter(ranges=(Range("views", low=1e30),)), ""),
        (Filter(ranges=(Range("views", low=-1e30, high=1e30),)), "a1"),
        (Filter(ranges=(Range("reposts", low=0),)), ""),
        (Filter(ranges=(Range("positive", high=1),), exclude={"hosts": ("乙",)}), "a1"),
        (Filter(ranges=(Range("snownlp", low=0.5, high=0.5),), until=parse_moment("2020-11-02")), "a2 a1"),
        (Filter(exclude={"source": ("微博",), "polarity": ("neg",)}), "a6"),
        (Filter(where={"hosts": ("甲",)}, exclude={"hosts": ("乙",)}), "a5 a1"),
        (Filter(exclude={"hosts": ()}), "a5 a4 a3 a2 a1 a6"),
        (Filter(text=Term("直播间"), where={"hosts": ("甲",)}, until=parse_moment("2020-11-30")), "a1"),
    ],
)
def test_filters(filled: Store, where: Filter, expected: str) -> None:
    assert ids(filled, where) == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (Term("直播间"), "a1 a5 a6"),
        (Term("播带"), "a2 a3"),
        (Term("直播间", "title"), "a1"),
        (Term("直播间", "text"), "a1 a5 a6"),
        (Term("假货 退货"), ""),
        (Term("假货，退货"), "a1"),
        (Term("刷单炒信"), ""),
        (Term("刷单 炒信"), "a4"),
        (Term("刷 单"), "a4"),
        (Term("abc"), "a5"),
        (Term("ab"), ""),
        (Term("IPHONE"), "a3"),
        (Term("iphone 15"), "a3"),
        (Term("iphone15"), "a3"),
        (Term("phone15"), ""),
        (Term("iphone1"), ""),
        (Term("15手"), "a3"),
        (Term("货iphone"), "a3"),
        (Term("双１１"), "a5"),
        (Term("双1"), ""),
        (Term("\u200b"), ""),
        (And((Term("直播"), Term("甲"))), "a1 a3 a5"),
        (Or((Term("物流"), Term("调查"))), "a2 a4"),
        (And((Term("直播"), Not(Term("甲")))), "a2 a6"),
        (Not(Term("直播")), "a4"),
        (Not(Not(Term("调查"))), "a4"),
        (And((Keyword("hosts", "乙"), Not(Keyword("polarity", "pos")))), "a3"),
        (Range("likes", low=1_001), "a4"),
        (Or((Range("positive", low=0.7), Range("negative", low=0.85))), "a1 a2"),
        (And((Term("直播"), Not(Range("likes", low=0)))), "a3 a5 a6"),
        (Near((Term("甲"), Term("带货")), 6), "a3"),
        (Near((Term("甲"), Term("带货")), 5), ""),
        (Near((Term("带货"), Term("甲")), 6), "a3"),
        (Near((Term("带货"), Term("甲")), 6, ordered=True), ""),
        (Near((Term("甲"), Term("带货")), 6, ordered=True), "a3"),
        # A word counts by its letters: iphone15 stands between.
        (Near((Term("带货"), Term("手机")), 8), "a3"),
        (Near((Term("带货"), Term("手机")), 7), ""),
        (Near((Term("甲"), Term("直播"), Term("带货")), 4, ordered=True), "a3"),
        (Near((Term("甲"), Term("甲")), 9), ""),
        (Near((Term("刷单"), Term("平台"), ), 9), "a4"),
        (Not(Near((Term("甲"), Term("带货")), 6)), "a1 a2 a4 a5 a6"),
        (And((Term("直播"), Near((Term("假"), Term("卖"),), 0))), "a1 a5"),
    ],
)  # fmt: skip
def test_text(filled: Store, text: Expression, expected: str) -> None:
    assert found(filled, text) == set(expected.split())


def test_near_does_not_reach_from_title_into_text(empty: Store) -> None:
    empty.put([document("x", "翻车", title="甲")])
    assert found(empty, Near((Term("甲"), Term("翻车")), 9)) == set()
    assert found(empty, And((Term("甲"), Term("翻车")))) == {"x"}


def test_near_within_a_filter(filled: Store) -> None:
    text = Near((Term("卖"), Term("假")), 0)
    assert ids(filled, Filter(text=text, until=parse_moment("2020-11-30"))) == ["a1"]


def test_long_words_are_found_whole_only(empty: Store) -> None:
    # Lucene takes no term of more than 32,766 bytes.
    long = "x" * 33_000
    empty.put([document("x", f"见{long}了"), document("y", "x" * 32_900)])
    assert found(empty, Term(long)) == {"x"}
    assert found(empty, Term(f"{long}了")) == {"x"}
    assert found(empty, Term("x" * 100)) == set()


def test_odd_texts_are_kept_and_found(empty: Store) -> None:
    odd = [
        document("0", ""),
        document("1", "\x00\x1f \u2028"),
        document("2", "😡😡退货👨‍👩‍👧"),
        document("3", "假\u200b货"),
        document("4", "字" * 50_000, site="s" * 5_000),
    ]
    empty.put(odd)
    assert list(empty.scan(Filter())) == odd
    assert found(empty, Term("😡退")) == {"2"}
    assert found(empty, Term("假货")) == {"3"}
    assert found(empty, Term("字" * 300)) == {"4"}
    assert ids(empty, Filter(where={"site": ("s" * 5_000,)})) == ["4"]


def test_sorting(filled: Store) -> None:
    assert ids(filled, Filter()) == ["a5", "a4", "a3", "a2", "a1", "a6"]
    assert ids(filled, Filter(), Sort.OLDEST) == ["a1", "a2", "a3", "a4", "a5", "a6"]
    assert ids(filled, Filter(), Sort.RELEVANCE) == ids(filled, Filter())
    assert set(ids(filled, Filter(text=Term("直播间")), Sort.RELEVANCE)) == {"a1", "a5", "a6"}


@pytest.mark.parametrize("sort", Sort)
def test_pages_never_overlap(empty: Store, sort: Sort) -> None:
    # Ids that agree in their first characters, at one moment: only the id can order them.
    crowd = [document(f"the-same-beginning-{n:03}", "一样的话") for n in range(57)]
    empty.put(crowd[30:])
    empty.put(crowd[:30])
    where = Filter(text=Term("一样"))
    pages = [empty.search(where, limit=10, offset=at, sort=sort).documents for at in range(0, 60, 10)]
    assert [d.id for page in pages for d in page] == [d.id for d in crowd]
    assert empty.search(where, limit=0).total == 57
    assert empty.search(where, offset=100).documents == []


def test_a_total_may_end_at_what_was_asked_for(filled: Store) -> None:
    whole = filled.search(Filter())
    assert whole.exact and whole.total > 3
    bounded = filled.search(Filter(), most=3, limit=2)
    assert bounded.documents == whole.documents[:2]
    assert bounded.total == (whole.total if bounded.exact else 3)
    assert filled.search(Filter(), most=whole.total) == whole


def test_a_page_too_deep_is_refused(filled: Store) -> None:
    assert filled.search(Filter(), limit=10, offset=9_990).documents == []
    with pytest.raises(UsageError, match="10,000"):
        filled.search(Filter(), limit=11, offset=9_990)
    with pytest.raises(UsageError):
        filled.search(Filter(), limit=-1)


def bucket(start: str, number: int, split: str | None = None) -> Bucket:
    return Bucket(parse_moment(start), number, split)


def test_histogram(filled: Store) -> None:
    day = [bucket("2020-11-01", 2), bucket("2020-11-02", 2), bucket("2020-12-01", 1)]
    assert filled.histogram(Filter(), Interval.DAY) == day
    assert filled.histogram(Filter(), Interval.WEEK) == [
        bucket("2020-10-26", 2), bucket("2020-11-02", 2), bucket("2020-11-30", 1),
    ]  # fmt: skip
    assert filled.histogram(Filter(), Interval.MONTH) == [bucket("2020-11-01", 4), bucket("2020-12-01", 1)]
    assert filled.histogram(Filter(until=parse_moment("2020-11-02")), Interval.HOUR) == [
        bucket("2020-11-01T09:00", 1), bucket("2020-11-01T23:00", 1),
    ]  # fmt: skip


def test_histogram_by_host(filled: Store) -> None:
    assert filled.histogram(Filter(), Interval.DAY, split="hosts") == [
        bucket("2020-11-01", 1, "乙"),
        bucket("2020-11-01", 1, "甲"),
        bucket("2020-11-02", 1, "乙"),
        bucket("2020-11-02", 1, "甲"),
        bucket("2020-12-01", 1, "甲"),
    ]
    assert filled.histogram(Filter(where={"polarity": ("neg",)}), Interval.MONTH, split="issues") == [
        bucket("2020-11-01", 2, "C02"),
        bucket("2020-11-01", 1, "C05"),
        bucket("2020-12-01", 1, "C05"),
    ]


@pytest.mark.parametrize("field", KEYWORD_FIELDS)
def test_every_keyword_field_splits_a_day(filled: Store, field: str) -> None:
    split = filled.histogram(
        Filter(undated=False, since=parse_moment("2000-01-01")), Interval.DAY, split=field
    )
    totals: dict[str, int] = {}
    for one in split:
        assert one.split is not None
        totals[one.split] = totals.get(one.split, 0) + one.count
    expected = filled.terms(Filter(since=parse_moment("2000-01-01")), field)
    assert totals == dict(expected)


def test_a_histogram_larger_than_one_answer(empty: Store) -> None:
    start = parse_moment("2020-01-01")
    many = [
        document(
            f"{n:05}", "多", start + timedelta(hours=n), hosts=tuple(f"h{(n + k) % 97}" for k in range(6))
        )
        for n in range(2_000)
    ]
    empty.put(many)
    buckets = empty.histogram(Filter(), Interval.HOUR, split="hosts")
    assert len(buckets) == 12_000
    assert all(one.count == 1 for one in buckets)
    assert buckets == sorted(buckets, key=lambda one: (one.start, one.split))


def test_terms_are_ordered_by_count_then_value(filled: Store) -> None:
    assert filled.terms(Filter(), "issues") == [("C02", 2), ("C05", 2)]
    assert filled.terms(Filter(), "hosts", limit=1) == [("甲", 3)]
    assert filled.terms(Filter(), "relevant") == [("true", 5), ("false", 1)]
    # Five groups share the last place of three.
    assert filled.terms(Filter(), "group", limit=3) == [("a2", 2), ("a1", 1), ("a4", 1)]
    assert filled.terms(Filter(text=Term("没有这样的话")), "hosts") == []


def test_of_many_values_that_tie_the_first_by_name_are_told(empty: Store) -> None:
    empty.put([document(f"{n:03}", "多", tags=(f"t{(37 * n) % 150:03}",)) for n in range(150)])
    empty.put([document("more", "多", tags=("t149",))])
    assert empty.terms(Filter(), "tags", limit=3) == [("t149", 2), ("t000", 1), ("t001", 1)]


def test_a_filter_takes_any_number_of_values(empty: Store) -> None:
    empty.put([document(f"{n:03}", "多", tags=(f"t{n:03}",)) for n in range(250)])
    for number in (1, 2, 100, 101, 250):
        values = tuple(f"t{n:03}" for n in range(number))
        assert empty.count(Filter(where={"tags": values})) == number
        assert empty.count(Filter(exclude={"tags": values})) == 250 - number


def test_values_repeated_in_a_document_count_once(empty: Store) -> None:
    empty.put([document("x", "甲甲", hosts=("甲", "甲"), issues=("", "C02"))])
    assert empty.terms(Filter(), "hosts") == [("甲", 1)]
    assert empty.terms(Filter(), "issues") == [("C02", 1)]


def test_unknown_fields_are_refused_with_a_suggestion(filled: Store) -> None:
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        filled.terms(Filter(), "host")
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        filled.histogram(Filter(), Interval.DAY, split="host")
    with pytest.raises(UsageError, match="Did you mean 'issues'"):
        filled.count(Filter(where={"issue": ("C02",)}))
    with pytest.raises(UsageError, match="Did you mean 'likes'"):
        filled.count(Filter(ranges=(Range("like", low=1),)))
    with pytest.raises(UsageError, match="Did you mean 'likes'"):
        filled.count(Filter(text=Range("like", low=1)))
    with pytest.raises(UsageError, match="no bound"):
        filled.count(Filter(ranges=(Range("likes"),)))
    with pytest.raises(UsageError, match="no time window"):
        filled.count(Filter(undated=True, since=INDEXED))


def test_a_scan_is_a_snapshot_in_id_order(empty: Store) -> None:
    crowd = [document(f"x{n:05}", "话") for n in range(2_500)]
    empty.put(crowd)
    scan = empty.scan(Filter(text=Term("话")))
    first = next(scan)
    empty.put([document("x00001", "变了"), document("x99999", "话")])
    empty.delete([f"x{n:05}" for n in range(2_000, 2_500)])
    assert [first, *scan] == crowd
    assert empty.count(Filter(text=Term("话"))) == 2_000


def test_delete(store: Store) -> None:
    assert store.delete(["a1", "a6", "no such", "a1"]) == 2
    assert store.delete(["a1"]) == 0
    assert ids(store, Filter()) == ["a5", "a4", "a3", "a2"]
    assert store.put([SAMPLES[0]]) == PutResult(created=1, updated=0)


def test_regroup(store: Store) -> None:
    groups = {"a4": ("a1", False), "a1": ("a1", True), "no such": ("a1", False)}
    changed = store.update(regrouping(groups))
    assert changed == 1
    assert store.get(["a4"]) == [replace(SAMPLES[3], group="a1", first_in_group=False)]
    assert ids(store, Filter(where={"group": ("a1",)})) == ["a4", "a1"]
    assert ids(store, Filter(where={"first_in_group": ("false",)}, text=Term("刷单炒"))) == []
    assert ids(store, Filter(where={"first_in_group": ("false",)}, text=Term("刷单"))) == ["a4"]
    assert store.count(Filter()) == 6


def test_an_update_changes_the_fields_named_and_what_is_asked_by_them(store: Store) -> None:
    changes = {
        "a1": {"event": "e2", "tags": ("重点",), "likes": 7, "negative_hosts": (), "act": None},
        "a6": {"published_at": parse_moment("2020-11-03"), "polarity": Polarity.NEG, "title": "新的标题"},
        "a2": {"event": "e1"},
    }
    assert store.update(changes) == 2
    assert store.update(changes) == 0
    assert store.get(["a1", "a6"]) == [SAMPLES[0].changed(changes["a1"]), SAMPLES[5].changed(changes["a6"])]
    assert ids(store, Filter(where={"event": ("e2",), "tags": ("重点",)})) == ["a1"]
    assert ids(store, Filter(where={"negative_hosts": ("甲",)})) == []
    assert ids(store, Filter(ranges=(Range("likes", high=7),), text=Term("假货"))) == ["a1"]
    assert ids(store, Filter(since=parse_moment("2020-11-03"), where={"polarity": ("neg",)})) == ["a5", "a6"]
    assert found(store, Term("新的标题")) == {"a6"}
    assert store.count(Filter()) == 6


def test_an_update_of_what_cannot_be_changed_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="Did you mean 'event'"):
        store.update({"a1": {"evnt": "e1"}})
    with pytest.raises(UsageError, match="id of a document"):
        store.update({"a1": {"id": "a2"}})
    assert list(store.scan(Filter())) == SAMPLES


def test_columns_are_the_values_of_documents_in_id_order(filled: Store) -> None:
    names = [*FIELDS]
    expected = [tuple(attrgetter(FIELDS[name].path)(one) for name in names) for one in SAMPLES]
    assert list(filled.columns(Filter(), names)) == expected
    for at, name in enumerate(names):
        assert list(filled.columns(Filter(), [name])) == [(row[at],) for row in expected], name
    negative = Filter(where={"polarity": ("neg",)}, text=Term("直播间"))
    assert list(filled.columns(negative, ["hosts", "id", "likes"])) == [
        (("甲",), "a1", 1_000),
        (("甲",), "a5", None),
    ]
    assert list(filled.columns(Filter(), [])) == [()] * 6
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        list(filled.columns(Filter(), ["host"]))


@pytest.mark.long
def test_columns_are_a_snapshot_of_more_than_one_page(empty: Store) -> None:
    empty.put([document(f"x{n:05}", "话", likes=n) for n in range(11_000)])
    rows = empty.columns(Filter(text=Term("话")), ["likes"])
    first = next(rows)
    empty.delete([f"x{n:05}" for n in range(5_000, 11_000)])
    assert [first, *rows] == [(n,) for n in range(11_000)]


def test_facets(filled: Store) -> None:
    where = Filter(where={"polarity": ("neg",)})
    fields = ("issues", "hosts", "channel", "roles", "consumer", "tier")
    assert filled.facets(where, fields) == {field: filled.terms(where, field) for field in fields}
    assert filled.facets(where, ["issues", "act"], limit=1) == {
        "issues": [("C02", 2)],
        "act": [("complaint", 1)],
    }
    assert filled.facets(Filter(), ["negative_brands"]) == {"negative_brands": [("样牌", 1)]}
    assert filled.facets(Filter(), ["parties", "accused", "signals", "facets"], limit=2) == {
        "parties": [("丙丁", 2), ("抖音", 1)],
        "accused": [("丙丁", 1), ("样牌", 1)],
        "signals": [("answer", 2), ("answer.deny", 1)],
        "facets": [("私域", 1)],
    }
    assert filled.facets(Filter(), []) == {}
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        filled.facets(Filter(), ["issues", "host"])


def test_pairs_of_values_are_counted_in_one_question(filled: Store) -> None:
    every = Filter()
    for rows, columns in (("hosts", "issues"), ("platforms", "polarity"), ("issues", "issues")):
        values = [value for value, _ in filled.terms(every, rows)]
        assert filled.cross(every, rows, columns, values) == {
            (row, column): count
            for row in values
            for column, count in filled.terms(Filter(where={rows: (row,)}), columns)
        }
    negative = Filter(where={"polarity": ("neg",), "hosts": ("甲",)})
    assert filled.cross(negative, "hosts", "issues", ["甲"]) == {("甲", "C02"): 1, ("甲", "C05"): 2}
    assert filled.cross(every, "hosts", "issues", []) == {} == filled.cross(every, "hosts", "issues", ["无"])
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        filled.cross(every, "host", "issues", ["甲"])


def test_highlights(filled: Store) -> None:
    where = Filter(text=And((Or((Term("直播间"), Term("假货"))), Not(Term("手表")), Term("甲", "text"))))
    hits = filled.search(where, highlight=True)
    assert [one.id for one in hits.documents] == ["a5", "a1"]
    marked = [
        [[getattr(one.raw, name)[start:end] for start, end in spans[name]] for name in ("title", "text")]
        for one, spans in zip(hits.documents, hits.highlights, strict=True)
    ]
    assert marked == [[[], ["甲", "直播间"]], [["直播间"], ["甲直播间", "假货"]]]
    assert filled.search(Filter(), highlight=True, limit=1).highlights == [{"title": [], "text": []}]
    assert filled.search(where).highlights == ()


def test_a_rebuild_is_seen_only_when_it_is_finished(store: Store) -> None:
    store.begin_rebuild().put([document("lost", "上次没有做完")])
    fresh = store.begin_rebuild()
    assert fresh.count(Filter()) == 0
    fresh.put([document("n1", "重建后的直播间"), SAMPLES[0]])
    assert store.count(Filter()) == 6
    reader = open_store_url(store.url)
    assert reader.count(Filter()) == 6
    store.finish_rebuild(fresh)
    assert [d.id for d in store.scan(Filter())] == ["a1", "n1"]
    assert [d.id for d in reader.scan(Filter(text=Term("直播间")))] == ["a1", "n1"]
    assert store.put([SAMPLES[1]]) == PutResult(created=1, updated=0)
    assert reader.count(Filter()) == 3
    reader.close()


def test_facts(filled: Store) -> None:
    facts = filled.facts()
    assert facts["documents"] == 6
    assert facts["schema"] == SCHEMA_VERSION
    assert facts["bytes"] > 0
    assert facts["backend"] in {"memory", "tantivy", "elasticsearch"}
    assert facts["version"]


def test_batches_in_any_order_make_one_store(empty: Store) -> None:
    changed = [document("a1", "改过的直播间", polarity=Polarity.POS)]
    for batch in (SAMPLES[3:], SAMPLES[:4], changed, SAMPLES[2:5], [SAMPLES[0]], changed):
        empty.put(batch)
    expected: dict[str, Document] = {d.id: d for d in SAMPLES} | {"a1": changed[0]}
    assert list(empty.scan(Filter())) == list(expected.values())
    assert empty.terms(Filter(), "polarity") == [("neg", 2), ("neu", 2), ("pos", 2)]


def test_expunging_changes_nothing_for_readers(store: Store) -> None:
    first, second, *rest = SAMPLES
    if store.url.startswith("elasticsearch"):
        renew_often(store.url)
    store.begin_rebuild().put([first])
    store.delete([first.id])
    store.put([second])
    assert store.expunge()
    assert {found.id: found for found in store.scan(Filter())} == {one.id: one for one in (second, *rest)}
    assert store.put([first]) == PutResult(1, 0)
    assert store.count(Filter()) == len(SAMPLES)
