"""Documents that counts of negatives leave out, told beside them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.making import document

from fengping.indexer import Filter, open_store_url
from fengping.models import Act, Polarity
from fengping.services.aside import Aside, aside_of

DAY = datetime(2020, 11, 10, 4, tzinfo=UTC)


def test_answers_and_what_is_not_judged_are_counted_within_the_filter() -> None:
    store = open_store_url("memory:")
    store.put([
        document(1, DAY),
        document(2, DAY, act=Act.RESPONSE),
        document(3, DAY, act=Act.RESPONSE, polarity=Polarity.NEU),
        document(4, DAY, polarity=None, negative=None),
        document(5, DAY, polarity=None, negative=None, hosts=("青禾",)),
    ])  # fmt: skip
    assert aside_of(store, Filter()) == Aside(answers=1, unjudged=2)
    assert aside_of(store, Filter(where={"hosts": ("青禾",)})) == Aside(0, 1)
    assert aside_of(store, Filter(where={"polarity": ("neg",)})) == Aside(1, 0)
    assert aside_of(store, Filter(where={"polarity": ("pos",)})) == Aside(0, 0)
    assert aside_of(store, Filter(where={"act": ("report",)})) == Aside(0, 0)
    assert aside_of(store, Filter(exclude={"polarity": ("neu",)})) == Aside(1, 2)


def test_only_numbers_are_told_that_there_are() -> None:
    assert list(Aside(0, 0).notes()) == []
    assert [note.split()[0] for note in Aside(3, 1200).notes()] == ["3", "1,200"]
