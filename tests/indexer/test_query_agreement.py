"""Three hundred random queries over awkward documents: both stores find what plain Python finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.making import LONG
from tests.store_samples import document, expressions

from fengping.indexer import Filter, Store
from fengping.indexer.search import (
    ElasticStore,
    Expression,
    Folded,
    Near,
    TantivyStore,
    Term,
    folded_texts,
    keyword_values,
    matches,
    number_values,
)
from fengping.models import Document, Polarity

QUERIES = 300 if LONG else 80
START = datetime(2020, 10, 25, tzinfo=UTC)
PIECES = [
    "甲", "乙", "直播", "播甲", "哈哈", "a", "ab", "abba", "ABC", "a1", "12", "1b", "éé", "甲 乙",
    "，", "。", " ",
    "\n", "\u200b", "-", "😀", "b 1", "𐐨", "x" * 70, "ab" * 40, "播",
]  # fmt: skip


def some_documents() -> list[Document]:
    """Documents with the same few pieces in all orders; always the same."""
    chance = random.Random(14)

    def text(longest: int) -> str:
        return "".join(chance.choice(PIECES) for _ in range(chance.randrange(longest)))

    return [
        document(
            f"d{number:03}",
            text(16),
            chance.choice([None, START + timedelta(hours=chance.randrange(1200))]),
            title=text(6),
            hosts=tuple(chance.sample(["甲", "乙"], chance.randrange(3))),
            polarity=chance.choice([*Polarity]),
            negative=chance.choice([0.1, 0.5, 0.8, 0.800001]),
            snownlp=chance.choice([0.0, 0.1, 1.0]),
            likes=chance.choice([None, 0, 2, 3]),
            views=chance.choice([None, 900]),
        )
        for number in range(200)
    ]


DOCUMENTS = some_documents()
FOLDED = {
    one.id: Folded(
        folded_texts(one.raw.title, one.raw.text),
        keyword_values(one),
        number_values(one),
        one.raw.published_at,
    )
    for one in DOCUMENTS
}


@pytest.fixture(scope="module")
def tantivy_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = TantivyStore(Path(tmp_path_factory.mktemp("agreement")))
    store.put(DOCUMENTS)
    yield store
    store.close()


@pytest.fixture(scope="module")
def elastic_store(elasticsearch_url: str) -> Iterator[Store]:
    store = ElasticStore(f"{elasticsearch_url}/queries")
    store.put(DOCUMENTS)
    yield store
    store.close()


def check(store: Store, expression: Expression) -> None:
    found = store.search(Filter(text=expression), limit=len(DOCUMENTS))
    expected = {id for id, folded in FOLDED.items() if matches(expression, folded)}
    assert {one.id for one in found.documents} == expected, expression
    assert found.total == len(expected)


NEARS = [
    Near((Term(first, "text"), Term(second, "text")), distance, ordered)
    for first in ("甲", "哈哈", "直播", "播甲", "ab", "b 1")
    for second in ("甲", "哈哈", "直播", "播甲", "ab", "b 1")
    for distance in (0, 3)
    for ordered in (False, True)
]
"""Words that overlap, repeat themselves, are one and the same, or hold a space."""


def test_tantivy_knows_two_words_apart(tantivy_store: Store) -> None:
    for expression in NEARS:
        check(tantivy_store, expression)


@pytest.mark.long
def test_elasticsearch_knows_two_words_apart(elastic_store: Store) -> None:
    for expression in NEARS:
        check(elastic_store, expression)


@settings(max_examples=QUERIES, suppress_health_check=[HealthCheck.too_slow])
@given(expressions)
def test_tantivy_finds_what_plain_python_finds(tantivy_store: Store, expression: Expression) -> None:
    check(tantivy_store, expression)


@pytest.mark.long
@settings(max_examples=QUERIES, suppress_health_check=[HealthCheck.too_slow])
@given(expressions)
def test_elasticsearch_finds_what_plain_python_finds(elastic_store: Store, expression: Expression) -> None:
    check(elastic_store, expression)
