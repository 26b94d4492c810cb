"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from fengping.analysis.complaints.classes import IssueRules, codes
from fengping.analysis.hosts.registry import HostRegistry, load_names
from fengping.analysis.hosts.roles import negative_hosts
from fengping.analysis.mentions import Lexicon
from fengping.analysis.polarity import PolarityModel, Span
from fengping.analysis.snownlp.model import SnowModel
from fengping.analysis.text.keywords import KeywordFinder
from fengping.config import AnalysisConfig
from fengping.models import Evidence, Judgement, Polarity


class Judge:
    """Loaded models and registries. Immutable after loading; one a process."""

    def __init__(
        self, snownlp: SnowModel, polarity: PolarityModel, lexicon: Lexicon, issues: IssueRules
    ) -> None:
        self._snownlp = snownlp
        self._polarity = polarity
        self._lexicon = lexicon
        self._issues = issues
        self._keywords = KeywordFinder(_names(lexicon.registry))
        parts = (snownlp, polarity, lexicon.registry, self._keywords)
        self.version = "+".join([*(part.version for part in parts), f"issues-{issues.file.version}"])

    @classmethod
    def load(cls, config: AnalysisConfig, registries: Sequence[Path] = ()) -> Judge:
        """The judge that *config* describes.

        *registries* are host files read after the one that ships and before those that *config* names.
        Raises :class:`~fengping.errors.ConfigError` for a model or registry that cannot be used.
        """
        issues = IssueRules.load()
        registry = HostRegistry.load((*registries, *config.hosts))
        snownlp = SnowModel.load(config.snownlp_model, config.snownlp_segmenter)
        polarity = PolarityModel.load(config.polarity_model)
        return cls(snownlp, polarity, Lexicon(registry, issues.words), issues)

    def judge(self, contents: Sequence[str], days: Sequence[date | None] = ()) -> list[Judgement]:
        """A judgement for each text, in order.

        *days*: publication days, for aliases that are valid only for a time; none given: none known.
        """
        verdicts, telling = self._polarity.predict_telling(contents, [Polarity.NEG])
        rows = zip(
            contents,
            days or [None] * len(contents),
            self._snownlp.scores(contents).tolist(),
            verdicts.negative.tolist(),
            verdicts.positive.tolist(),
            verdicts.polarities(),
            verdicts.relevant.tolist(),
            telling,
            strict=True,
        )
        return [self._one(*row) for row in rows]

    def _one(
        self,
        content: str,
        day: date | None,
        snownlp: float,
        probability: float,
        positive: float,
        polarity: Polarity,
        relevant: bool,
        telling: Sequence[Span],
    ) -> Judgement:
        """The judgement of one text whose scores are known; names and complaints are read here."""
        scan = self._lexicon.scan(content, day)
        negative = polarity is Polarity.NEG
        targets = negative_hosts(scan, negative=negative)
        hits = self._issues.find(scan) if negative else []
        evidence = [
            *scan.evidence(),
            *(target.evidence() for target in targets),
            *(hit.evidence() for hit in hits),
            *(Evidence(f"polarity:{polarity}", span.start, span.end, span.feature) for span in telling),
        ]
        return Judgement(
            snownlp=snownlp,
            negative=probability,
            positive=positive,
            polarity=polarity,
            relevant=relevant,
            hosts=scan.hosts,
            negative_hosts=tuple(target.name for target in targets),
            platforms=scan.platforms,
            regulators=scan.regulators,
            issues=codes(hits),
            evidence=tuple(evidence),
            keywords=self._keywords.find(content),
            model=self.version,
        )


def _names(registry: HostRegistry) -> Iterator[str]:
    """Return words that a general dictionary lacks: hosts, their agencies, platforms."""
    for host in registry.hosts:
        yield from host.sure()
        yield from (agency.name for agency in host.agencies)
    for platform in load_names("platforms.toml").name:
        yield from platform.sure()
