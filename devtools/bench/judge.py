"""The whole fast judge on real texts: polarity, SnowNLP's score, names, act, roles, classes and keywords."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Sequence

from devtools.bench import Options, Row
from devtools.evaluation.snownlp import real_texts
from fengping.analysis import Judge
from fengping.config import AnalysisConfig

SIZE = 6_000
BATCH = 500
ROUNDS = 3
LONGEST = 400


def run(options: Options) -> list[Row]:
    """Texts a processor second of one process, and what as many processes as cores do in a second."""
    texts = [text[:LONGEST] for text in real_texts(options.data, options.size or SIZE)]
    alone = max(_processor_rate(texts) for _ in range(ROUNDS))
    cores = os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(cores, _warm) as pool:
        parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        pool.map(_judge, parts[:cores])
        rates = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            pool.map(_judge, parts)
            rates.append(len(texts) / (time.perf_counter() - begin))
    length = statistics.fmean(map(len, texts))
    return [
        Row(f"one process, {length:.0f} characters a text, processor time", alone, "texts/s", len(texts)),
        Row(f"{cores} processes, by the clock", max(rates), "texts/s", len(texts)),
    ]


_judges: list[Judge] = []


def _warm() -> None:
    _judges.append(Judge.load(AnalysisConfig()))


def _judge(texts: Sequence[str]) -> int:
    return len(_judges[0].judge(texts))


def _processor_rate(texts: Sequence[str]) -> float:
    if not _judges:
        _warm()
        _judge(texts[:BATCH])
    begin = time.process_time()
    for at in range(0, len(texts), BATCH):
        _judge(texts[at : at + BATCH])
    return len(texts) / (time.process_time() - begin)
