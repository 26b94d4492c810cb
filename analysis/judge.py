"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from fengping.analysis.complaints.classes import IssueRules, codes
from fengping.analysis.hosts.registry import HostRegistry, load_names
from fengping.analysis.hosts.roles import negative_hosts
from fengping.analysis.mentions import Lexicon
from fengping.analysis.polarity import PolarityModel, SourceKind, Span
from fengping.analysis.snownlp.model import SnowModel
from fengping.analysis.text.keywords import KeywordFinder
from fengping.analysis.text.writing import language
from fengping.config import AnalysisConfig
from fengping.models import Evidence, Judgement, Polarity


class Tone(NamedTuple):
    """The polarity model's word on one text."""

    negative: float | None
    positive: float | None
    polarity: Polarity | None
    relevant: bool
    consumer: bool | None
    telling: Sequence[Span]


UNJUDGED = Tone(None, None, None, False, None, ())
"""Verdict on a text mostly in another language: the model has learned Chinese alone."""


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

    def judge(
        self,
        contents: Sequence[str],
        days: Sequence[date | None] = (),
        kinds: Sequence[SourceKind] = (),
    ) -> list[Judgement]:
        """A judgement for each text, in order.

        *days*: publication days, for aliases that are valid only for a time; none given: none known.
        *kinds*: kinds of source, as :func:`~fengping.analysis.polarity.parts.kind_of` tells them of a
        document; none given: told by the texts themselves.
        """
        if len(kinds) not in (0, len(contents)):
            raise ValueError(f"{len(kinds)} kinds for {len(contents)} texts")
        verdicts, telling = self._polarity.predict_telling(
            contents, [Polarity.NEG], kinds=kinds or SourceKind.UNKNOWN
        )
        columns = zip(
            verdicts.negative.tolist(),
            verdicts.positive.tolist(),
            verdicts.polarities(),
            verdicts.relevant.tolist(),
            verdicts.consumer.tolist(),
            telling,
            strict=True,
        )
        rows = zip(
            contents,
            days or [None] * len(contents),
            self._snownlp.scores(contents).tolist(),
            map(Tone._make, columns),
            strict=True,
        )
        return [self._one(*row) for row in rows]

    def _one(self, content: str, day: date | None, snownlp: float, tone: Tone) -> Judgement:
        """The judgement of one text whose scores are known; names and complaints are read here."""
        scan = self._lexicon.scan(content, day)
        if language(content) != "zh":
            tone = UNJUDGED
        negative = tone.polarity is Polarity.NEG
        targets = negative_hosts(scan, negative=negative)
        hits = self._issues.find(scan) if negative else []
        evidence = [
            *scan.evidence(),
            *(target.evidence() for target in targets),
            *(hit.evidence() for hit in hits),
            *(Evidence(f"polarity:{tone.polarity}", s.start, s.end, s.feature) for s in tone.telling),
        ]
        return Judgement(
            snownlp=snownlp,
            negative=tone.negative,
            positive=tone.positive,
            polarity=tone.polarity,
            relevant=tone.relevant,
            consumer=tone.consumer,
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
