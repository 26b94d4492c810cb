"""The second reader of reviews: it learns what words mean together that neither means alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from devtools.training.phrases import FEWEST, learn_phrases
from devtools.training.sets import POST, REVIEW, LabelledSet
from fengping.analysis.polarity import PolarityModel
from fengping.analysis.polarity.kernel import CueTable
from fengping.analysis.polarity.model import encode
from fengping.analysis.polarity.phrase_kernel import Phrases, no_phrases, phrase_odds

pytestmark = pytest.mark.long

# A loud noise and a small capacity are bad, a faint noise and a large capacity are good.
SIDES = {"声音大": 0, "声音小": 2, "容量大": 2, "容量小": 0}
FILLERS = ["昨天", "冰箱", "家里", "朋友", "已经", "洗衣机", "厨房", "上午", "妈妈", "星期"]


def labelled(register: int = REVIEW, times: int = 24) -> LabelledSet:
    rows = [
        (f"{first}，{said}，{last}", side)
        for said, side in SIDES.items()
        for first, last in itertools.permutations(FILLERS[:9], 2)
        for _ in range(times)
    ]
    count = len(rows)
    return LabelledSet(
        name="made",
        texts=[text for text, _ in rows],
        polarity=np.array([side for _, side in rows], np.int8),
        relevant=np.full(count, -1, np.int8),
        certainty=np.ones(count, np.float32),
        register=register,
    )


def odds(texts: list[str], cues: CueTable, phrases: Phrases) -> np.ndarray:
    return phrase_odds(*encode(texts), np.ones(len(texts), np.bool_), cues, phrases)


@pytest.fixture(scope="module")
def cues() -> CueTable:
    return PolarityModel.load().cues


@pytest.fixture(scope="module")
def learned(cues: CueTable) -> Phrases:
    return learn_phrases([labelled()], cues, 20_000, 8, 1)


def test_what_two_words_say_together_is_learned(cues: CueTable, learned: Phrases) -> None:
    new = FILLERS[9]
    found = odds([f"{new}，{said}，{new}" for said in SIDES], cues, learned)
    assert ((found > 0) == np.array([side == 0 for side in SIDES.values()])).all(), found


def test_the_same_reviews_give_the_same_weights(cues: CueTable, learned: Phrases) -> None:
    again = learn_phrases([labelled()], cues, 20_000, 8, 1)
    assert all(map(np.array_equal, learned, again))


@pytest.mark.parametrize(
    "sets", [[], [labelled(POST)], [labelled(times=1)]], ids=["none", "posts", f"fewer than {FEWEST}"]
)
def test_without_reviews_it_says_nothing(cues: CueTable, sets: list[LabelledSet]) -> None:
    phrases = learn_phrases(sets, cues, 20_000, 8, 1)
    assert all(map(np.array_equal, phrases, no_phrases()))
    assert not odds(["声音大"], cues, phrases).any()


def test_only_the_texts_asked_for_are_read(cues: CueTable, learned: Phrases) -> None:
    texts = ["声音大", "", "容量小", "好" * 3_000, "\ud83d!?～0,。 a*…😀文ж"]
    every = odds(texts, cues, learned)
    assert np.isfinite(every).all()
    asked = np.array([False, True, True, False, True])
    some = phrase_odds(*encode(texts), asked, cues, learned)
    assert np.array_equal(some, np.where(asked, every, 0))
