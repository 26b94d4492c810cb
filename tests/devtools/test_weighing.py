"""Verdicts weighed by the kind of source: fitted on held-out labels, kept in the model's file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from devtools.training.build import Recipe
from devtools.training.run import train_on
from devtools.training.sets import POST, TOPIC, LabelledSet, bare_titles
from fengping.analysis.polarity import PolarityModel, SourceKind
from fengping.analysis.polarity.model import dump
from fengping.analysis.polarity.weighing import OUTPUTS, WEIGHED

pytestmark = pytest.mark.long

SMALL = Recipe(epochs=3, relevance_epochs=3, trial_relevance_epochs=3, rarest=1, models=1, trial_models=1)
TEXTS = {
    0: ("某店卖假货被罚", "顾客投诉商家不退款"),
    1: ("明日天气多云", "地铁新线公布站名"),
    2: ("志愿者获得表彰", "老人点赞社区食堂"),
}
COUNT = 360


def labelled(kind: SourceKind, register: int) -> LabelledSet:
    """Two thirds neutral, the rest half and half."""
    codes = [0 if n % 6 == 0 else 2 if n % 6 == 3 else 1 for n in range(COUNT)]
    texts = [f"{TEXTS[code][n % 2]}，第{n}期" for n, code in enumerate(codes)]
    if kind is SourceKind.NEWS:
        texts = [f"{text}\n记者今日从有关方面获悉{n}" for n, text in enumerate(texts)]
    return LabelledSet(
        name=f"labels, {kind.name.lower()}",
        texts=texts,
        polarity=np.array(codes, np.int8),
        relevant=np.zeros(COUNT, np.int8),
        certainty=np.ones(COUNT, np.float32),
        register=register,
        consumer=np.array([code == 0 for code in codes], np.int8),
        kind=kind,
        fair=True,
    )


@pytest.fixture(scope="module")
def model() -> PolarityModel:
    sets = [labelled(SourceKind.NEWS, TOPIC), labelled(SourceKind.REMARK, POST)]
    return train_on(sets, date(2026, 1, 2), lambda _: None, recipe=SMALL).model


def test_kinds_are_weighed_and_their_sample_kept(model: PolarityModel) -> None:
    assert model.weighing.weights.shape[0] == len(WEIGHED)
    assert model.weighing.weights.shape[2] == OUTPUTS
    assert model.weighing.weights.any()
    assert np.bincount(model.sample.kinds)[[SourceKind.NEWS, SourceKind.REMARK]].tolist() == [COUNT, COUNT]
    assert model.sample.said.mean() == pytest.approx(1 / 6)
    assert model.sample.negative[model.sample.said].mean() > model.sample.negative[~model.sample.said].mean()


def test_probabilities_stand_on_one_scale(model: PolarityModel) -> None:
    texts = [f"{text}，今日" for code in (0, 2) for text in TEXTS[code]]
    verdicts = model.predict(texts, SourceKind.REMARK)
    assert (verdicts.negative > verdicts.positive).tolist() == [True, True, False, False]
    assert np.allclose(verdicts.negative + verdicts.neutral + verdicts.positive, 1, atol=1e-5)


def test_consumer_matters_are_told(model: PolarityModel) -> None:
    verdicts = model.predict(["某店卖假货被罚，今日", "明日天气多云，今日"], SourceKind.REMARK)
    assert verdicts.consumer.tolist() == [True, False]


def test_each_text_is_judged_alone(model: PolarityModel) -> None:
    texts = ["某店卖假货被罚\n记者获悉", "明日天气多云", "老人点赞社区食堂", ""]
    kinds = np.array([SourceKind.NEWS, SourceKind.TITLE, SourceKind.UNKNOWN, SourceKind.REMARK], np.int64)
    together = model.predict(texts, kinds)
    alone = [model.predict([text], SourceKind(kind)) for text, kind in zip(texts, kinds, strict=True)]
    assert np.allclose(together.negative, [float(one.negative[0]) for one in alone], atol=1e-6)


def test_a_weighed_model_is_the_same_after_it_was_kept(model: PolarityModel, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    path.write_bytes(dump(model))
    again = PolarityModel.load(path)
    assert np.array_equal(again.weighing.weights, model.weighing.weights)
    assert np.array_equal(again.sample.said, model.sample.said)
    assert dump(again) == dump(model)


def test_a_topics_title_is_held_out_with_it() -> None:
    topics = LabelledSet(
        "topics",
        ["#某店卖假货# 记者获悉", "没有标题的一句话"],
        np.array([0, 1], np.int8),
        np.array([1, 0], np.int8),
        np.ones(2, np.float32),
        TOPIC,
    )
    titles = bare_titles(topics)
    assert (titles.texts, titles.polarity.tolist(), titles.relevant.tolist()) == (["某店卖假货"], [0], [1])
    assert titles.certainty.tolist() == [0.5]
