"""The page on queries: every example finds the posts it names, every refusal is the one it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.store_samples import document

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import Host
from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.indexer import Filter
from fengping.indexer.search import Lookup, MemoryStore, parse
from fengping.models import Polarity

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
LOOKUP = Lookup(
    now=parse_moment("2020-11-12T08:00"),
    registry=HostRegistry((Host(name="林小禾"),), {}),
    words={"售后": ("赔偿", "退货")},
    queries={"翻车": "刷单 OR 道歉"},
)
JUDGED = {
    "1": {
        "hosts": ("林小禾",), "issues": ("C03",), "polarity": Polarity.NEG, "negative": 0.9, "snownlp": 0.2,
        "likes": 1_200, "parties": ("林小禾", "某鞋店"), "accused": ("林小禾",), "facets": ("私域",),
    },
    "2": {"likes": 3, "signals": ("answer", "answer.apologise")},
}  # fmt: skip


def rows(head: str) -> list[list[str]]:
    """Cells of the table whose head begins so."""
    table = PAGE.split(f"| {head} |", 1)[1].split("\n\n", 1)[0]
    lines = [line for line in table.splitlines()[2:] if line.startswith("|")]
    return [
        [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines
    ]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    found = MemoryStore()
    for number, published, title, text in rows("post"):
        moment = None if published == "unknown" else published.replace(" ", "T")
        found.put([document(number, text, moment, title=title, **JUDGED.get(number, {}))])
    return found


@pytest.mark.parametrize(
    ("query", "posts"), [(query, row[2].split()) for row in rows("write") for query in quoted(row[0])]
)
def test_an_example_finds_its_posts(store: MemoryStore, query: str, posts: list[str]) -> None:
    assert [one.id for one in store.scan(Filter(text=parse(query, LOOKUP)))] == posts


@pytest.mark.parametrize(
    ("query", "because"), [(query, row[1]) for row in rows("refused") for query in quoted(row[0])]
)
def test_a_refusal_is_the_one_shown(query: str, because: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(query, LOOKUP)
    assert str(refused.value).startswith(because)
