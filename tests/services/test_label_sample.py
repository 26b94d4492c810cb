"""The random sample of judged documents: the draw, what counts as agreement, and the interval."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from tests.making import document

from fengping.home import Home
from fengping.indexer import Store, corrections, open_store
from fengping.indexer.corrections import Correction
from fengping.models import Document, Polarity
from fengping.reports.document import Paragraph
from fengping.reports.wording import plain
from fengping.services import label_sample
from fengping.services.correct import Changes, correct, undo
from fengping.services.report import Wanted, build
from fengping.state import State

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def documents() -> list[Document]:
    """Thirty judged documents of thirty days, every third a repost, and one in another language."""
    found = [document(n, NOW - timedelta(days=n), polarity=Polarity.NEU, negative=0.1) for n in range(30)]
    return [
        *(replace(one, first_in_group=n % 3 > 0) for n, one in enumerate(found)),
        document(99, NOW, "in another language", polarity=None, negative=None),
    ]


_numbers = itertools.count()
ORDER = sorted(one.id for one in documents()[:30])


@pytest.fixture(params=["tantivy", pytest.param("elasticsearch", marks=pytest.mark.long)])
def store(request: pytest.FixtureRequest, home: Home) -> Iterator[Store]:
    if request.param == "elasticsearch":
        url = f"{request.getfixturevalue('elasticsearch_url')}/sample-{next(_numbers)}"
        home.config_file.write_text(f'store = "{url}"\n', encoding="utf-8")
    home = Home.open(home.root)
    put(home, documents())
    with closing(open_store(home)) as opened:
        yield opened


def put(home: Home, documents: Sequence[Document]) -> None:
    """Stores them, and gives the right to write back."""
    with closing(open_store(home)) as store:
        store.put(documents)


def answer(home: Home, store: Store, id: str, said: Polarity = Polarity.NEU, *, drawn: bool = True) -> None:
    correct(home, id, Changes(polarity=said), by="amy", note="", now=NOW, drawn=drawn, store=store)


def test_every_judged_document_is_drawn_whatever_its_age_or_group(store: Store, home: Home) -> None:
    assert label_sample.sample(home, store, ahead=100).waiting == ORDER
    assert label_sample.sample(home, store, ahead=3).waiting == ORDER[:3]
    assert label_sample.sample(home, store).waiting == []


def test_a_document_corrected_before_counts_when_the_draw_has_come_to_it(store: Store, home: Home) -> None:
    for id in (ORDER[1], ORDER[20]):
        answer(home, store, id, Polarity.NEG, drawn=False)
    answer(home, store, ORDER[0])
    assert label_sample.sample(home, store, ahead=1).waiting == [ORDER[2]]
    assert label_sample.sample(home, store).figures["label"].n == 1
    answer(home, store, ORDER[2])
    found = label_sample.sample(home, store).figures
    assert (found["label"].share, found["label"].n) == (pytest.approx(2 / 3), 3)  # by what the machine said
    assert (found["recall"].share, found["recall"].n) == (0.0, 1)


def test_what_is_passed_over_and_what_comes_later_waits_first(store: Store, home: Home) -> None:
    answer(home, store, ORDER[2])
    found = label_sample.sample(home, store, ahead=3)
    assert (found.waiting, found.skipped) == ([ORDER[0], ORDER[1], ORDER[3]], 2)
    new = next(d for n in range(1000, 2000) if (d := document(n, NOW)).id < ORDER[0])
    store.put([new])
    found = label_sample.sample(home, store, ahead=1)
    assert (found.waiting[0], found.skipped) == (new.id, 3)


def test_an_answer_taken_back_is_none(store: Store, home: Home) -> None:
    answer(home, store, ORDER[0], Polarity.POS)
    undo(home, ORDER[0], by="amy", now=NOW, store=store)
    found = label_sample.sample(home, store, ahead=1)
    assert (found.pairs, found.waiting) == ([], ORDER[:1])


@pytest.mark.parametrize("tone", [None, Polarity.NEG])
@pytest.mark.parametrize(("relevant", "agreed"), [(False, True), (True, False)])
def test_unrelated_is_right_where_the_machine_said_so(
    home: Home, relevant: bool, agreed: bool, tone: Polarity | None
) -> None:
    one = document(1, NOW, relevant=relevant)
    put(home, [one])
    store = open_store(home)
    changes = Changes(polarity=tone, relevant=False)
    correct(home, one.id, changes, by="amy", note="", now=NOW, drawn=True, store=store)
    found = label_sample.sample(home, store).figures
    assert (found["label"].share, found["label"].n) == (float(agreed), 1)
    assert ("precision" in found) is not agreed  # judged negative and unrelated, it is no negative
    store.close()


def test_related_takes_an_answer_of_unrelated_back(home: Home) -> None:
    one = document(1, NOW)
    put(home, [one])
    store = open_store(home)
    for relevant in (False, True):
        changes = Changes(relevant=relevant)
        correct(home, one.id, changes, by="amy", note="", now=NOW, drawn=True, store=store)
    assert label_sample.sample(home, store, ahead=1).waiting == [one.id]
    answer(home, store, one.id, Polarity.NEG)
    assert label_sample.sample(home, store).pairs == [("neg", "neg")]
    store.close()


def test_a_correction_that_the_machine_s_word_was_not_kept_of_is_asked_again(home: Home) -> None:
    one = document(1, NOW, "味道很好，五星好评，会回购", polarity=Polarity.NEG)
    put(home, [replace(one, corrected_by="amy")])
    store = open_store(home)
    with State.open(home).begin() as connection:
        corrections.keep(connection, Correction(one.id, "amy", NOW, polarity=Polarity.NEG))
    assert label_sample.sample(home, store, ahead=1).waiting == [one.id]
    answer(home, store, one.id, Polarity.NEG)
    [(judged, said)] = label_sample.sample(home, store).pairs
    assert (judged, said) == ("pos", "neg")
    store.close()


@pytest.mark.parametrize(("right", "n", "low", "high"), [(8, 10, 0.4902, 0.9433), (50, 100, 0.4038, 0.5962)])
def test_the_interval_is_wilson_s(right: int, n: int, low: float, high: float) -> None:
    found = label_sample.measured(right, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    for bound in (found.low, found.high):  # shares of which the one measured is just 1.96 deviations away
        assert abs(found.share - bound) == pytest.approx(1.959964 * sqrt(bound * (1 - bound) / n))


def test_an_interval_ends_where_shares_do() -> None:
    assert label_sample.measured(3, 3).high == 1.0
    assert label_sample.measured(0, 3).low == pytest.approx(0)


def test_a_report_tells_the_accuracy_of_the_sample(home: Home) -> None:
    store = open_store(home)
    store.put(documents())
    said = [Polarity.NEG] * 3 + [Polarity.NEU] * 27
    with State.open(home).begin() as connection:
        for id, one in zip(ORDER, said, strict=True):
            told = Correction(id, "amy", NOW, polarity=one, judged="neu", judged_relevant=True, drawn=True)
            corrections.keep(connection, told)
    made = build(home, Wanted("custom", "2026-03-01", "2026-03-20"), NOW, store=store)
    [printed] = [b for b in made.blocks if isinstance(b, Paragraph) and b.key == "statement.accuracy"]
    assert plain(printed.text).startswith(
        "判定准确率：随机抽取并经人工校正30条，系统的判定与人工一致的占90.00%（n=30）（95%区间74.38%至96.54%）。"
    )
    store.close()
