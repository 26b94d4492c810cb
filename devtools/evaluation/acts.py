"""Acts on the texts that only measure: one against all, and where two readers agree.

``agreement`` figures compare the second reader of a fifth of the texts with the first, in the same measures:
what careful people reach. ``negative`` figures are on negative texts, where an answer must not count.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from devtools.evaluation import data_hash
from devtools.evaluation.hosts import RESAMPLED, Tally
from devtools.evaluation.labels import LABELS, measuring
from devtools.training.labels import read_labels
from fengping.analysis import Judge
from fengping.analysis.figures import Figure
from fengping.config import AnalysisConfig
from fengping.models import Act, Polarity

Pairs = Sequence[tuple[str, str]]
"""Act found and act labelled, of each text."""
Measure = Callable[[Pairs], float]


def measure(data: Path) -> list[Figure]:
    """Macro-F1 over the acts, precision of response and rule, and what of the rules is judged negative."""
    reads = measuring(data)
    if not reads:
        return []
    found = Judge.load(AnalysisConfig()).judge([read.content for read in reads])
    pairs = [(str(j.act), read.labels.act) for j, read in zip(found, reads, strict=True)]
    harm = [pair for pair, read in zip(pairs, reads, strict=True) if read.labels.polarity == Polarity.NEG]
    sure = [pair for pair, read in zip(pairs, reads, strict=True) if read.labels.sure]
    twice = _twice()
    wrong = sum(j.polarity is Polarity.NEG and j.act is Act.RULE for j in found)
    digest = data_hash(LABELS)
    return [
        _figure("measured.act.macro-f1", pairs, macro_f1, 0.75, digest),
        _figure("measured.act.macro-f1-sure", sure, macro_f1, None, digest),
        _figure("measured.act.macro-f1-agreement", twice, macro_f1, None, digest),
        _figure("measured.act.response-precision", pairs, precision_of(Act.RESPONSE), 0.90, digest),
        _figure("measured.act.rule-precision", pairs, precision_of(Act.RULE), 0.90, digest),
        _figure("measured.act.response-precision-negative", harm, precision_of(Act.RESPONSE), None, digest),
        _figure("measured.act.response-precision-agreement", twice, precision_of(Act.RESPONSE), None, digest),
        Figure("measured.act.negative-rules", wrong, len(found), 0, at_most=True, data=digest),
        *(_figure(f"measured.act.{act}.f1", pairs, f1_of(act), None, digest) for act in Act),
    ]


def f1_of(act: Act) -> Measure:
    return lambda pairs: _tally(pairs, act).f1


def precision_of(act: Act) -> Measure:
    return lambda pairs: _tally(pairs, act).precision


def macro_f1(pairs: Pairs) -> float:
    return sum(f1_of(act)(pairs) for act in Act) / len(Act)


def _tally(pairs: Pairs, act: Act) -> Tally:
    return Tally.of(({found} & {act}, {said} & {act}) for found, said in pairs)


def _twice() -> list[tuple[str, str]]:
    """The second reader's act and the first one's, of each text that both read."""
    first, second = (
        {key: one.act for key, one in read_labels(LABELS) if one.reader == reader} for reader in (1, 2)
    )
    return [(act, first[key]) for key, act in second.items() if key in first]


def _figure(name: str, pairs: Pairs, value: Measure, asked: float | None, digest: str) -> Figure:
    rng = random.Random(name)
    values = sorted(value(rng.choices(pairs, k=len(pairs))) for _ in range(RESAMPLED // 4)) if pairs else []
    low, high = (values[len(values) // 40], values[-len(values) // 40 - 1]) if values else (None, None)
    return Figure(name, value(pairs), len(pairs), asked, data=digest, low=low, high=high)
