"""The queue of documents to label, counts with an interval, and the self-check, on a home's own documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.making import document

from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search import judged_by
from fengping.models import Polarity
from fengping.services import counting
from fengping.services.correct import Changes, correct

NOW = datetime(2026, 3, 20, tzinfo=UTC)
EVERYTHING = Filter()


@pytest.fixture
def stocked(home: Home) -> Iterator[Home]:
    store = open_store(home)
    store.put(
        [
            document(
                number,
                NOW - timedelta(days=number % 20),
                f"第{number}条，买到的东西坏了" if number % 2 else f"第{number}条，天气不错",
                negative=0.9 if number % 2 else 0.1,
                polarity=Polarity.NEG if number % 2 else Polarity.NEU,
                model="polarity-1" if number < 30 else "polarity-2",
            )
            for number in range(40)
        ]
        + [document(99, NOW, "all of this is in another language", negative=None, polarity=None)]
    )
    store.close()
    yield home


def test_a_window_says_which_versions_judged_it(stocked: Home) -> None:
    store = open_store(stocked)
    assert judged_by(store, EVERYTHING) == [("polarity-1", 30), ("polarity-2", 10)]
    store.close()


def test_what_is_not_judged_is_counted_apart(stocked: Home) -> None:
    found = counting.count_negatives(stocked, EVERYTHING)
    assert (found.counted, found.unjudged) == (20, 1)


def test_of_a_large_window_counts_are_exact_and_probabilities_drawn(
    stocked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "DRAWN", 12)
    found = counting.count_negatives(stocked, EVERYTHING)
    assert (found.counted, found.unjudged) == (20, 1)


def test_questions_stay_until_they_are_answered(stocked: Home) -> None:
    first = counting.questions(stocked, EVERYTHING, 5, NOW)
    again = counting.questions(stocked, EVERYTHING, 5, NOW)
    assert len(first) == 5
    assert {one.document.id for one in first} == {one.document.id for one in again}
    answered = first[0].document.id
    correct(stocked, answered, Changes(polarity=Polarity.NEG), by="amy", note="", now=NOW)
    later = {one.document.id for one in counting.questions(stocked, EVERYTHING, 5, NOW)}
    assert answered not in later and len(later) == 5


def test_a_text_in_another_language_is_never_asked_for(stocked: Home) -> None:
    asked = counting.questions(stocked, EVERYTHING, 100, NOW)
    assert len(asked) == 40


def test_the_self_check_tells_precision_and_recall(stocked: Home) -> None:
    assert counting.self_check(stocked, NOW - timedelta(days=1)).precision is None
    window = counting.check_window(NOW + timedelta(seconds=1))
    asked = counting.questions(stocked, window, 20, NOW, check=True)
    assert len(asked) == 20
    wrong = 0
    for one in asked:
        found = one.document.judgement.polarity is Polarity.NEG
        # The analyst finds one of those judged negative to be none.
        said = Polarity.NEU if found and not wrong else one.document.judgement.polarity
        wrong += found and said is Polarity.NEU
        changes = Changes(polarity=said)
        correct(stocked, one.document.id, changes, by="amy", note="", now=NOW + timedelta(hours=1))
    check = counting.self_check(stocked, NOW - timedelta(days=1))
    negatives = sum(one.document.judgement.polarity is Polarity.NEG for one in asked)
    assert (check.answered, check.waiting, check.recall) == (20, 0, 1.0)
    assert check.precision == pytest.approx((negatives - 1) / negatives)
    assert check.precision_reach is not None and 0 < check.precision_reach < 0.5


def test_what_the_store_holds_no_longer_keeps_no_question_from_being_asked(stocked: Home) -> None:
    first = {one.document.id for one in counting.questions(stocked, EVERYTHING, 5, NOW, check=True)}
    store = open_store(stocked)
    store.delete(sorted(first))
    store.close()
    assert counting.self_check(stocked, NOW - timedelta(days=1)).waiting == 0
    then = counting.questions(stocked, EVERYTHING, 5, NOW, check=True)
    assert len(then) == 5 and not first & {one.document.id for one in then}
    assert counting.self_check(stocked, NOW - timedelta(days=1)).waiting == 5
