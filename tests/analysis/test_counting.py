"""Counts with an interval: right however wrong the model, narrower the better it is."""

from __future__ import annotations

import numpy as np
import pytest

from fengping.analysis import counted_interval
from fengping.analysis.counting import FEWEST, Labelled, most_telling
from fengping.analysis.polarity import SourceKind

NEWS, POST, TITLE = SourceKind.NEWS, SourceKind.POST, SourceKind.TITLE


def drawn(seed: int, bias: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model that says *bias* times too much, and the truth."""
    rng = np.random.default_rng(seed)
    given = rng.beta(0.5, 1.2, size)
    return given, rng.random(size) < np.clip(given / bias, 0, 1)


def labelled(kind: SourceKind, given: np.ndarray, said: np.ndarray) -> list[Labelled]:
    return [Labelled(kind, float(p), bool(y)) for p, y in zip(given, said, strict=True)]


@pytest.mark.parametrize("bias", [0.8, 1.0, 1.6])
def test_the_interval_holds_the_truth(bias: float) -> None:
    held = 0
    for seed in range(200):
        given, said = drawn(seed, bias, 2_400)
        found = counted_interval({NEWS: given[400:]}, labelled(NEWS, given[:400], said[:400]))
        assert found is not None
        held += found.low <= said[400:].sum() <= found.high
    assert held >= 0.9 * 200


def test_a_biased_count_is_corrected() -> None:
    given, said = drawn(1, 1.6, 40_000)
    found = counted_interval({NEWS: given[2_000:]}, labelled(NEWS, given[:2_000], said[:2_000]))
    truth = said[2_000:].sum()
    assert found is not None
    assert given[2_000:].sum() > 1.4 * truth
    assert abs(found.estimate - truth) < 0.1 * truth


def test_kinds_are_corrected_each_by_its_own_labels() -> None:
    news, news_said = drawn(2, 1.5, 3_000)
    posts, posts_said = drawn(3, 0.9, 3_000)
    rows = labelled(NEWS, news[:500], news_said[:500]) + labelled(POST, posts[:500], posts_said[:500])
    found = counted_interval({NEWS: news[500:], POST: posts[500:]}, rows)
    assert found is not None
    assert found.low <= news_said[500:].sum() + posts_said[500:].sum() <= found.high


def test_nothing_is_estimated_of_a_kind_with_too_few_labels() -> None:
    given, said = drawn(4, 1.0, FEWEST)
    rows = labelled(NEWS, given, said)
    assert counted_interval({NEWS: given}, rows) is not None
    assert counted_interval({NEWS: given}, rows[1:]) is None
    assert counted_interval({NEWS: given, POST: given[: FEWEST // 2]}, rows) is None
    assert counted_interval({NEWS: given, POST: given[:0]}, rows) is not None


def test_an_estimate_stays_within_what_there_is() -> None:
    zeros = np.zeros(FEWEST)
    found = counted_interval({NEWS: np.zeros(5)}, labelled(NEWS, zeros, zeros > 1))
    assert found is not None and found.low == 0 <= found.estimate <= found.high <= 5


def test_labels_are_asked_for_where_they_narrow_the_count_most() -> None:
    given, said = drawn(5, 1.0, 5_000)
    rows = labelled(NEWS, given[:400], said[:400]) + labelled(POST, given[:400], said[:400])
    asked = most_telling({NEWS: given[:500], POST: given, TITLE: given[:3]}, rows, 100)
    assert sum(asked.values()) == 100
    assert asked[POST] > asked.get(NEWS, 0)
    assert asked.get(TITLE, 0) <= 3
    assert most_telling({TITLE: given[:3]}, [], 100) == {TITLE: 3}


def test_few_documents_of_an_unknown_kind_only_widen_the_interval() -> None:
    given, said = drawn(5, 1.2, 2_000)
    rows = labelled(NEWS, given[:500], said[:500])
    known = counted_interval({NEWS: given[500:]}, rows)
    both = counted_interval({NEWS: given[500:], POST: given[:20]}, rows)
    assert known is not None and both is not None
    assert both.low == pytest.approx(known.low)
    assert both.high == pytest.approx(known.high + 20)


def test_a_draw_stands_for_the_whole() -> None:
    held = 0
    for seed in range(100):
        given, said = drawn(seed, 1.4, 20_400)
        rows = labelled(NEWS, given[:400], said[:400])
        found = counted_interval({NEWS: given[400:2_400]}, rows, whole=20_000)
        assert found is not None
        held += found.low <= said[400:].sum() <= found.high
    assert held >= 90
