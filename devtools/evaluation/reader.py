"""Both readers together, by the figures that measure the first alone (:mod:`.sentiment`)."""

from __future__ import annotations

from pathlib import Path

from devtools.evaluation import sentiment
from fengping.analysis import PolarityModel
from fengping.analysis.figures import Figure
from fengping.analysis.reader import missing


def measure(data: Path) -> list[Figure]:
    """Figures of both readers; none where the second is not installed."""
    if missing():
        return []
    from fengping.analysis.reader.model import Reader

    return sentiment.of_both(PolarityModel.load(), Reader.load().second, data)
