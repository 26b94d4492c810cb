"""Counts of negatives with an interval, from all judged documents and a labelled sample of each kind.

Prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan, Zrnic 2023, *Prediction-powered
inference*, Science 382; the weight of the predictions as in Angelopoulos, Duchi, Zrnic 2023, *PPI++*): a
model's count is corrected by what it is found wrong by on rows that were labelled, drawn at random from the
same kind. The interval is right whatever the model's faults, as long as the sample resembles the window; a
better model makes it narrower. Kinds are strata: their corrections and variances add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.parts import SourceKind

FEWEST = 300
"""Labelled rows of a kind from which its share of negatives is estimated."""
LEVEL = 0.95
FEW = 0.05
"""Share of a window up to which documents of kinds without labelled rows only widen the interval."""
FLOOR = 0.01
"""Least variance of a labelled row's error: a sample without a mistake does not prove that there is none."""

Floats = npt.NDArray[np.floating]


class Labelled(NamedTuple):
    """A labelled row: its kind, the probability it was given, and what a reader said."""

    kind: SourceKind
    probability: float
    negative: bool


class Counted(NamedTuple):
    """An estimated count with its interval."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:,.0f} ({self.low:,.0f}–{self.high:,.0f})"


class _Stratum(NamedTuple):
    predicted: Floats
    given: Floats
    """Probabilities of labelled rows."""
    said: Floats
    power: float
    """Weight of predictions."""

    @property
    def spread(self) -> float:
        """Variance of a labelled row's error."""
        return max(float(np.var(self.said - self.power * self.given, ddof=1)), FLOOR)


def counted_interval(
    predictions: Mapping[SourceKind, Floats],
    labelled: Sequence[Labelled],
    level: float = LEVEL,
    *,
    whole: int | None = None,
) -> Counted | None:
    """The number of negatives among judged documents, and an interval that holds it with probability *level*.

    *predictions*: probabilities of negative of documents in question, by kind: of all of them, or of so many
    drawn at random out of *whole*. Of a kind with fewer than `FEWEST` labelled rows nothing is known: where
    few documents are of one, any number of them may be negative; None where there are more.
    """
    drawn = sum(len(predicted) for predicted in predictions.values())
    estimate = variance = unknown = guessed = 0.0
    total, values = 0, []
    for kind, predicted in predictions.items():
        if len(predicted) == 0:
            continue
        stratum = _stratum(kind, np.asarray(predicted, np.float64), labelled)
        if stratum is None:
            unknown, guessed = unknown + len(predicted), guessed + float(np.sum(predicted))
            continue
        count, rows = len(predicted), len(stratum.said)
        error = float(np.mean(stratum.said - stratum.power * stratum.given))
        estimate += stratum.power * float(np.sum(predicted)) + count * error
        values.append(stratum.power * np.asarray(predicted, np.float64) + error)
        # The window's own documents are a draw too: their errors add to those of the sample's mean.
        variance += stratum.spread * (count * count / rows + count)
        total += count
    if unknown > FEW * drawn:
        return None
    factor = (whole or drawn) / max(drawn, 1)
    if factor > 1 and values:
        # What was drawn stands for what was not.
        variance = variance * factor**2 + drawn * factor * (factor - 1) * float(
            np.var(np.concatenate(values))
        )
    reach = NormalDist().inv_cdf((1 + level) / 2) * variance**0.5
    known = min(max(estimate, 0.0), total) * factor
    low, high = max(0.0, known - reach), min(float(total) * factor, known + reach)
    return Counted(known + guessed * factor, low, high + unknown * factor)


def _stratum(kind: SourceKind, predicted: Floats, labelled: Sequence[Labelled]) -> _Stratum | None:
    """The labelled rows of a kind beside its predictions; None for too few."""
    rows = [row for row in labelled if row.kind == kind]
    if len(rows) < FEWEST:
        return None
    given = np.array([row.probability for row in rows])
    said = np.array([row.negative for row in rows], np.float64)
    spread = float(np.var(given, ddof=1))
    power = float(np.cov(said, given)[0, 1]) / spread if spread > 0 else 0.0
    return _Stratum(predicted, given, said, min(max(power, 0.0), 1.0))


def most_telling(
    predictions: Mapping[SourceKind, Floats], labelled: Sequence[Labelled], wanted: int
) -> dict[SourceKind, int]:
    """Rows to label next of each kind, *wanted* in all, so that the interval narrows most.

    One after the other goes to the kind whose variance it lessens most (Neyman 1934, optimum allocation); a
    kind with too few labels is taken for one of which nothing is known (variance ¼).
    """
    counts = {kind: len(predicted) for kind, predicted in predictions.items() if len(predicted)}
    rows = {kind: sum(row.kind == kind for row in labelled) for kind in counts}
    spread = {}
    for kind in counts:
        stratum = _stratum(kind, np.asarray(predictions[kind]), labelled)
        spread[kind] = 0.25 if stratum is None else stratum.spread
    asked = dict.fromkeys(counts, 0)
    for _ in range(wanted):
        open_kinds = [kind for kind in counts if asked[kind] < counts[kind]]
        if not open_kinds:
            break

        def gain(kind: SourceKind) -> float:
            n = rows[kind] + asked[kind] + 1
            return spread[kind] * counts[kind] ** 2 * (1 / n - 1 / (n + 1))

        asked[max(open_kinds, key=gain)] += 1
    return {kind: number for kind, number in asked.items() if number}
