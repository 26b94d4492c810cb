"""The quick reader on trial: its keys, its weights, how it learns."""

from __future__ import annotations

import numpy as np
import pytest

from devtools.quick.descent import Examples, descend, predict
from devtools.quick.features import features_of
from devtools.quick.model import summed
from devtools.training.descent import start
from fengping.analysis import Lexicon
from fengping.analysis.complaints import Grams


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.mark.parametrize("text", ["{}直播间售假被罚", "消费者投诉{}不退货", "{}回应假货质疑"])
def test_no_name_carries_a_prior(lexicon: Lexicon, text: str) -> None:
    first, second = (features_of(lexicon.scan(text.format(name))) for name in ("薇娅", "李佳琦"))
    assert first.keys.tolist() == second.keys.tolist()


def test_clauses_cover_the_masked_text(lexicon: Lexicon) -> None:
    seen = features_of(lexicon.scan("今天下雨。薇娅直播间售假，消费者投诉。"))
    ends = [place for _, begin, end in seen.clauses for place in (begin, end)]
    assert ends[0] == 0 and ends[-1] == len(seen.codes) and ends[1:-1:2] == ends[2::2]


def test_weights_of_known_keys_add_up_once() -> None:
    weights = Grams.rounded(np.array([3, 5], np.uint64), np.array([[1.0, 0.0], [-0.5, 2.0]], np.float32))
    said = summed(weights, np.array([5, 3, 3, 9], np.uint64))
    assert said.tolist() == pytest.approx([0.5 / 2**0.5, 2 / 2**0.5], abs=0.02)


def test_it_learns_what_a_key_says_and_nothing_of_columns_without_labels() -> None:
    rows = np.array([0, 1, 0, 1], np.int32)
    targets = np.array([[1, 1], [0, 1], [1, 1], [0, 1]], np.float32)
    weights = np.array([[1, 0]] * 4, np.float32)
    examples = Examples(np.arange(5), rows, np.ones((4, 1), np.float32), targets, weights)
    learned = start(2, 1, 2)
    for _ in range(20):
        descend(examples, learned, np.full(2, -1, np.int64), np.arange(4), np.full(2, 0.1), 0.0)
    said = predict(examples, learned)
    assert (said[:, 0] > 0).tolist() == [True, False, True, False]
    assert not said[:, 1].any()
