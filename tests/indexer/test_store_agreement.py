"""Random documents in random batches, random questions: every store gives the reference's answers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.making import LONG
from tests.store_samples import documents, expressions

from fengping.clock import parse_moment
from fengping.indexer import Filter, Interval, Sort, Store, open_store_url
from fengping.indexer.search import (
    Changes,
    ElasticStore,
    Expression,
    TantivyStore,
    fold,
    fold_with_offsets,
    stream,
)
from fengping.models import Document, Polarity

_moments = st.sampled_from(
    [None, *map(parse_moment, ("2020-10-30", "2020-11-01T12:00:00.5", "2020-11-11", "2020-12-01"))]
)
_ids = st.sampled_from([f"{letter}{n}" for letter in "abc" for n in range(4)])
_values: dict[str, st.SearchStrategy[Any]] = {
    "event": st.sampled_from(["", "e1", "e2"]),
    "tags": st.lists(st.sampled_from(["红", "白"]), max_size=2, unique=True).map(tuple),
    "group": _ids,
    "first_in_group": st.booleans(),
}
_changes = st.dictionaries(
    _ids, st.fixed_dictionaries({}, optional={**_values, "polarity": st.sampled_from(Polarity)}), max_size=6
)
_steps = st.lists(st.tuples(st.lists(documents, max_size=6), _changes), max_size=4)
_asked = st.fixed_dictionaries(
    {},
    optional={
        "event": st.lists(st.sampled_from(["e1", "e2"]), max_size=2).map(tuple),
        "tags": st.sampled_from([("红",), ("白", "红")]),
        "group": st.lists(_ids, max_size=3).map(tuple),
        "first_in_group": st.sampled_from([("true",), ("false",)]),
    },
)
_filters = st.builds(
    lambda text, since, until, where, exclude, asked, refused: Filter(
        text, since, until, where={"hosts": where, **asked} if where else asked,
        exclude={"polarity": exclude, **refused},
    ),
    st.none() | expressions,
    _moments,
    _moments,
    st.lists(st.sampled_from(["甲", "乙"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["neg", "neu"]), max_size=1).map(tuple),
    _asked,
    _asked,
)  # fmt: skip


def answers(store: Store, where: Filter) -> list[object]:
    return [
        store.count(where),
        store.search(where),
        store.search(where, sort=Sort.OLDEST, limit=3, offset=1),
        store.histogram(where, Interval.DAY),
        store.histogram(where, Interval.WEEK, split="hosts"),
        store.terms(where, "polarity"),
        store.terms(where, "hosts", limit=1),
        list(store.scan(where)),
        store.facets(where, [*_values, "polarity"], limit=2),
        *(store.histogram(where, Interval.DAY, split=field) for field in _values),
        [
            sorted(store.cross(where, rows, columns, ["e1", "红", "a1", "true"]).items())
            for rows, columns in (("event", "tags"), ("first_in_group", "hosts"), ("polarity", "group"))
        ],
    ]


def same_steps(one: Store, other: Store, steps: Sequence[tuple[list[Document], Changes]]) -> None:
    """The same puts and updates, and what they say."""
    for batch, changes in steps:
        assert one.put(batch, keep_events=True) == other.put(batch, keep_events=True)
        assert one.update(changes) == other.update(changes)


@settings(max_examples=40 if LONG else 12)
@given(_steps, st.lists(_filters, min_size=1, max_size=8))
def test_tantivy_agrees_with_memory(
    steps: list[tuple[list[Document], Changes]], questions: list[Filter]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, tantivy = open_store_url("memory:"), TantivyStore(Path(folder))
        same_steps(tantivy, memory, steps)
        for where in questions:
            assert answers(tantivy, where) == answers(memory, where)
        tantivy.close()


_numbers = count()


@pytest.mark.long
@pytest.mark.parametrize("rollover", ["", "month"])
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(steps=_steps, questions=st.lists(_filters, min_size=15, max_size=30))
def test_elasticsearch_agrees_with_memory(
    elasticsearch_url: str,
    rollover: str,
    steps: list[tuple[list[Document], Changes]],
    questions: list[Filter],
) -> None:
    url = f"{elasticsearch_url}/agreement-{next(_numbers)}"
    memory, elastic = open_store_url("memory:"), ElasticStore(url, rollover=rollover)
    same_steps(elastic, memory, steps)
    for where in questions:
        assert answers(elastic, where) == answers(memory, where)
    elastic.close()


@given(st.lists(documents, max_size=12, unique_by=lambda d: d.id), st.data())
def test_any_order_and_size_of_batches_gives_one_store(found: list[Document], data: st.DataObject) -> None:
    order = data.draw(st.permutations(found))
    cut = data.draw(st.integers(0, len(found)))
    once, parts = open_store_url("memory:"), open_store_url("memory:")
    once.put(found)
    for batch in (order[:cut], order[cut:], order[:2]):
        parts.put(batch)
    assert answers(once, Filter()) == answers(parts, Filter())


@given(expressions, documents)
def test_a_match_is_a_match_whatever_else_is_stored(expression: Expression, one: Document) -> None:
    alone, other = open_store_url("memory:"), open_store_url("memory:")
    alone.put([one])
    other.put([one, *(Document.from_record(one.to_record() | {"id": f"z{n}", "text": "别的"}) for n in "12")])
    where = Filter(text=expression)
    assert [d.id for d in alone.scan(where)] == [d.id for d in other.scan(where) if d.id == one.id]


@given(st.text())
def test_tokens_hold_all_of_a_text(text: str) -> None:
    folded = fold(text)
    tokens = stream(folded).split(" ") if folded else []
    assert not any(token.isspace() or token == "" for token in tokens)
    assert "".join(tokens).replace("\x7f", "") == folded.replace(" ", "")
    assert fold(folded) == folded


@given(st.text() | st.text(alphabet="甲乙a1B ，。é\u0301\u3099かΣσ\u1161\u200b\n\u3000１（ﬁ"))
def test_the_short_way_of_folding_ends_where_the_long_way_does(text: str) -> None:
    text = f"{'样例' * 20}{text}甲"
    beyond = "𠀀"  # for such a character no table is made, and the whole text goes the long way
    assert fold(text) + beyond == fold(text + beyond)
    assert f"{stream(fold(text))} {beyond}" == stream(fold(text + beyond))


@given(st.text(alphabet="甲乙a1B ，。哈é-\u200b\n\u3000１（"))
def test_offsets_lead_back_to_the_text(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert all(fold(text[at]) in (piece, "") for at, piece in zip(offsets, folded, strict=False))
