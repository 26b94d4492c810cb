"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from snownlp import SnowNLP

from fengping.config import AnalysisConfig
from fengping.models import Judgement, Polarity


class Judge:
    """Loaded models and registries. Immutable after loading; one a process."""

    version = "stock"

    @classmethod
    def load(cls, config: AnalysisConfig, registries: Sequence[Path] = ()) -> Judge:
        """The judge that *config* describes; *registries* are host files beside the one that ships."""
        return cls()

    def judge(self, contents: Sequence[str], days: Sequence[date | None] = ()) -> list[Judgement]:
        """A judgement for each text, in order. *days*: publication days, for aliases valid only for a time."""
        judgements = []
        for content in contents:
            score = SnowNLP(content).sentiments if content.strip() else 0.5
            polarity = Polarity.NEG if score < 0.5 else Polarity.POS
            judgements.append(Judgement(score, 1 - score, polarity, False, model=self.version))
        return judgements
