"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from fengping.analysis.hosts import HostRegistry, load_names
from fengping.analysis.issues import IssueRules, codes
from fengping.analysis.keywords import KeywordFinder
from fengping.analysis.mentions import Lexicon
from fengping.analysis.snownlp_model import SnowModel
from fengping.analysis.targets import negative_hosts
from fengping.config import AnalysisConfig
from fengping.models import Judgement, Polarity


class Judge:
    """Loaded models and registries. Immutable after loading; one a process."""

    def __init__(self, snownlp: SnowModel, lexicon: Lexicon, issues: IssueRules) -> None:
        self._snownlp = snownlp
        self._lexicon = lexicon
        self._issues = issues
        self._keywords = KeywordFinder(_names(lexicon.registry))
        self.version = "+".join(
            (
                snownlp.version,
                lexicon.registry.version,
                f"issues-{issues.file.version}",
                self._keywords.version,
            )
        )

    @classmethod
    def load(cls, config: AnalysisConfig, registries: Sequence[Path] = ()) -> Judge:
        """The judge that *config* describes.

        *registries* are host files read after the one that ships and before those that *config* names.
        Raises :class:`~fengping.errors.ConfigError` for a model or registry that cannot be used.
        """
        issues = IssueRules.load()
        registry = HostRegistry.load((*registries, *config.hosts))
        snownlp = SnowModel.load(config.snownlp_model, config.snownlp_segmenter)
        return cls(snownlp, Lexicon(registry, issues.words), issues)

    def judge(self, contents: Sequence[str], days: Sequence[date | None] = ()) -> list[Judgement]:
        """A judgement for each text, in order.

        *days*: publication days, for aliases that are valid only for a time; none given: none known.
        """
        scores = self._snownlp.scores(contents).tolist()
        known_days = days or [None] * len(contents)
        return [self._one(*row) for row in zip(contents, known_days, scores, strict=True)]

    def _one(self, content: str, day: date | None, snownlp: float) -> Judgement:
        scan = self._lexicon.scan(content, day)
        polarity = Polarity.NEG if snownlp < 0.5 else Polarity.POS
        negative = polarity is Polarity.NEG
        targets = negative_hosts(scan, negative=negative)
        hits = self._issues.find(scan) if negative else []
        evidence = [*scan.evidence(), *(t.evidence() for t in targets), *(hit.evidence() for hit in hits)]
        return Judgement(
            snownlp=snownlp,
            negative=1 - snownlp,
            polarity=polarity,
            relevant=bool(scan.hosts) or "直播" in content,
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
    """What a general dictionary does not know: hosts, their agencies, platforms."""
    for host in registry.hosts:
        yield from host.sure()
        yield from (agency.name for agency in host.agencies)
    for platform in load_names("platforms.toml").name:
        yield from platform.sure()
