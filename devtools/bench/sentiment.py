"""SnowNLP's score: the package and the compiled loop on the same texts in one run."""

from __future__ import annotations

import operator
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from devtools.bench import Options, Row
from devtools.evaluation.snownlp import real_texts
from fengping.analysis.snownlp.model import SnowModel

SIZE = 1_000
ROUNDS = 10
PACKAGE = "SnowNLP 0.12.3"
STARTS, STARTED_WITH = 3, 200
# Processor seconds from the first import to the first score, and megabytes after some use.
_START = """
import psutil, time
begin = time.process_time()
{imports}
{scores}(['好'])
seconds = time.process_time() - begin
{scores}({texts!r})
print(seconds, psutil.Process().memory_info().rss / 1e6)
"""


@dataclass
class _Side:
    """Time, number of documents and scores of one of the two models compared."""

    seconds: float = 0.0
    documents: int = 0
    scores: list[float] = field(default_factory=list)

    def score(self, scorer: Callable[[Sequence[str]], list[float]], texts: Sequence[str]) -> None:
        begin = time.process_time()
        self.scores += scorer(texts)
        self.seconds += time.process_time() - begin
        self.documents += len(texts)

    @property
    def rate(self) -> float:
        return self.documents / self.seconds


def run(options: Options) -> list[Row]:
    """Documents a processor second, turn about: each round a tenth of the texts by the package, all by us.

    Every text goes through the package once, and its scores are compared.
    """
    from snownlp import SnowNLP

    # Posts of about 120 characters.
    texts = real_texts(options.data, options.size or SIZE, wanted=lambda text: 80 <= len(text) <= 180)
    model = SnowModel.load()
    model.scores(texts[:1])
    package, fast = _Side(), _Side()
    part = -(-len(texts) // ROUNDS)
    for begin in range(0, len(texts), part):
        package.score(lambda some: [SnowNLP(text).sentiments for text in some], texts[begin : begin + part])
        fast.score(lambda some: model.scores(some).tolist(), texts)
    equal = sum(map(operator.eq, package.scores, fast.scores)) / len(texts)
    length = statistics.fmean(map(len, texts))
    return [
        Row(f"{PACKAGE}, {length:.0f} characters a document", package.rate, "documents/s", len(texts)),
        Row(
            "fengping, one core", fast.rate, "documents/s", fast.documents, fast.rate / package.rate, PACKAGE
        ),
        Row("equal to the last bit", 100 * equal, "%", len(texts)),
        *_starts(texts[:STARTED_WITH]),
    ]


def _starts(texts: list[str]) -> list[Row]:
    """Start and memory of each in fresh processes, the tables already kept."""
    package_seconds, package_memory = _start(
        "from snownlp import SnowNLP", "(lambda texts: [SnowNLP(text).sentiments for text in texts])", texts
    )
    seconds, memory = _start(
        "from fengping.analysis.snownlp.model import SnowModel", "SnowModel.load().scores", texts
    )
    return [
        Row("import to first score", seconds, "s", STARTS, package_seconds / seconds, PACKAGE),
        Row(f"memory after {len(texts)} documents", memory, "MB", STARTS, package_memory / memory, PACKAGE),
    ]


def _start(imports: str, scores: str, texts: list[str]) -> tuple[float, float]:
    """Processor seconds and megabytes of the quickest of some fresh processes."""
    program = _START.format(imports=imports, scores=scores, texts=texts)
    runs = [
        subprocess.run([sys.executable], input=program, capture_output=True, check=True, text=True).stdout
        for _ in range(STARTS)
    ]
    seconds, megabytes = min(tuple(map(float, line.split())) for line in runs)
    return seconds, megabytes
