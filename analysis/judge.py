"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from fengping.analysis.snownlp_model import SnowModel
from fengping.config import AnalysisConfig
from fengping.models import Judgement, Polarity


class Judge:
    """Loaded models and registries. Immutable after loading; one a process."""

    def __init__(self, snownlp: SnowModel) -> None:
        self._snownlp = snownlp
        self.version = snownlp.version

    @classmethod
    def load(cls, config: AnalysisConfig, registries: Sequence[Path] = ()) -> Judge:
        """The judge that *config* describes; *registries* are host files beside the one that ships."""
        return cls(SnowModel.load(config.snownlp_model, config.snownlp_segmenter))

    def judge(self, contents: Sequence[str], days: Sequence[date | None] = ()) -> list[Judgement]:
        """A judgement for each text, in order. *days*: publication days, for aliases valid only for a time."""
        return [
            Judgement(
                score, 1 - score, Polarity.NEG if score < 0.5 else Polarity.POS, False, model=self.version
            )
            for score in self._snownlp.scores(contents).tolist()
        ]
