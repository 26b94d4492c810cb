"""One text in, one :class:`~fengping.models.Judgement` out: all parts of the analysis put together."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fengping.analysis.acts.model import ActModel, ActVerdict, Asked, Mood
from fengping.analysis.complaints import codes
from fengping.analysis.complaints.classes import IssueRules
from fengping.analysis.hosts import REGISTRY, Kind, RoleModel, load_names
from fengping.analysis.hosts.registry import HostRegistry
from fengping.analysis.mentions import Lexicon, Scan
from fengping.analysis.polarity import PolarityModel, SourceKind, Span
from fengping.analysis.reading.derived import Sellers, evidence_of, kept, labels_of, moved
from fengping.analysis.settling import (
    CERTAIN,
    LIKELY,
    charges_goods,
    concerns_consumers,
    grumbles,
    settled,
    wanting,
)
from fengping.analysis.snownlp.model import SnowModel
from fengping.analysis.text import KeywordFinder, language
from fengping.analysis.text.sentences import Places
from fengping.analysis.text.writing import visible
from fengping.config import AnalysisConfig
from fengping.models import Act, Evidence, Judgement, Polarity, Role

if TYPE_CHECKING:
    from fengping.analysis.reading.model import Reader
    from fengping.reading import Reading

_KINDS = (Kind.HOST, Kind.BRAND)
_HEADED = (SourceKind.NEWS, SourceKind.TITLE)
LISTS = (
    "acts.toml", "complaint-grams.npz", "concept-weights.toml", "concepts.toml", "emoji.toml",
    "platforms.toml", "regulators.toml", "targets.toml", "traditional.toml",
)  # fmt: skip
"""Files of the registry that judge, but for those whose version is told by the part that reads them."""


class Tone(NamedTuple):
    """The polarity model's word on one text."""

    negative: float | None
    positive: float | None
    polarity: Polarity | None
    relevant: bool
    consumer: bool | None
    concern: float
    telling: Sequence[Span]


class _Row(NamedTuple):
    """A text that was read, before its act is known."""

    scan: Scan
    snownlp: float
    tone: Tone
    places: Places
    headed: bool
    """News or a title."""


_NEVER = {Act.RULE: CERTAIN, Act.PROMOTION: LIKELY}
"""Probability of negative from which a negative text has none of these acts."""
UNJUDGED = Tone(None, None, None, False, None, 0.0, ())
"""Verdict on a text mostly in another language: the model has learned Chinese alone."""


class Judge:
    """Loaded models and registries. Immutable after loading; one a process."""

    def __init__(
        self,
        snownlp: SnowModel,
        polarity: PolarityModel,
        lexicon: Lexicon,
        issues: IssueRules,
        acts: ActModel,
        roles: RoleModel,
        reader: Reader | None = None,
    ) -> None:
        self._snownlp = snownlp
        self._polarity = polarity
        self.lexicon = lexicon
        self._issues = issues
        self._acts = acts
        self._roles = roles
        self._reader = reader
        self._keywords = KeywordFinder(_names(lexicon.registry))
        # So often named in passing that they count among the brands only where they are accused.
        self._passing = frozenset(b.name for b in lexicon.registry.brands if b.kind == "platform")
        self._agencies = frozenset(b.name for b in lexicon.registry.brands if b.kind == "agency")
        parts = (snownlp, polarity, lexicon.registry, self._keywords, acts, roles)
        rules = f"issues-{issues.file.version}", lists_version(), "settling-7"
        versions = [*(part.version for part in parts), *rules]
        versions = (
            [snownlp.version, lexicon.registry.version, self._keywords.version, reader.version]
            if reader
            else versions
        )
        self.version = "+".join(versions)

    @classmethod
    def load(
        cls, config: AnalysisConfig, registries: Sequence[Path] = (), reader: Reader | None = None
    ) -> Judge:
        """The judge that *config* describes.

        *registries* are host files read after the one that ships and before those that *config* names.
        *reader*: the encoder that reads whole texts; all labels but SnowNLP's, names of the registries and
        keywords then follow from its reading, a tenth as quick.
        Raises :class:`~fengping.errors.ConfigError` for a model or registry that cannot be used.
        """
        issues = IssueRules.load()
        registry = HostRegistry.load((*registries, *config.hosts))
        snownlp = SnowModel.load(config.snownlp_model, config.snownlp_segmenter)
        polarity = PolarityModel.load(config.polarity_model)
        acts = ActModel.load()
        lexicon = Lexicon(registry, issues.words | acts.words)
        return cls(snownlp, polarity, lexicon, issues, acts, RoleModel.load(), reader)

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
        # Sellers put invisible characters into words that are not to be found. SnowNLP alone reads them.
        seen = list(contents)
        places: dict[int, list[int]] = {}
        for number, content in enumerate(contents):
            if shown := visible(content):
                seen[number], places[number] = shown
        scans = [
            self.lexicon.scan(content, day)
            for content, day in zip(seen, days or [None] * len(contents), strict=True)
        ]
        scores = self._snownlp.scores(contents).tolist()
        judged = self._by_reading(scans, scores) if self._reader else self._quickly(scans, scores, kinds)
        for number, stand in places.items():
            judged[number] = _moved(judged[number], stand)
        return judged

    def _by_reading(self, scans: Sequence[Scan], scores: Sequence[float]) -> list[Judgement]:
        """Judgements that follow from readings; a text in another language has none."""
        assert self._reader
        chinese = [number for number, scan in enumerate(scans) if language(scan.content) == "zh"]
        readings = self._reader.read(
            [scans[number].content for number in chinese], [scans[number].mentions for number in chinese]
        )
        by_number = dict(zip(chinese, readings, strict=True))
        return [
            self._told(scan, score, by_number.get(number))
            for number, (scan, score) in enumerate(zip(scans, scores, strict=True))
        ]

    def sellers(self, scan: Scan) -> Sellers:
        """Who sells by livestream among those that a text names."""
        return Sellers(bool(scan.hosts), not self._agencies.isdisjoint(scan.brands))

    def _told(self, scan: Scan, snownlp: float, reading: Reading | None) -> Judgement:
        plain = Judgement(
            snownlp=snownlp, negative=None, polarity=None, relevant=False,
            hosts=scan.hosts, platforms=scan.platforms, regulators=scan.regulators,
            brands=tuple(b for b in scan.brands if b not in self._passing),
            evidence=scan.evidence(), keywords=self._keywords.find(scan.content), model=self.version,
        )  # fmt: skip
        if reading is None:
            return plain
        labels = labels_of(reading, self.sellers(scan))
        brands = tuple(b for b in scan.brands if b not in self._passing or b in labels.negative_brands)
        unsaid = {f"brand:{name}" for name in {*scan.brands} - {*brands}}
        return replace(
            plain,
            negative=labels.negative, positive=labels.positive, polarity=labels.polarity,
            relevant=labels.relevant, consumer=labels.consumer, act=labels.act, issues=labels.issues,
            negative_hosts=labels.negative_hosts, negative_brands=labels.negative_brands, brands=brands,
            roles=labels.roles, parties=labels.parties, accused=labels.accused, signals=labels.signals,
            facets=labels.facets, people=labels.people, reading=kept(reading),
            keywords=tuple(word for word in plain.keywords if word not in labels.people),
            evidence=(
                *(one for one in plain.evidence if one.label not in unsaid), *evidence_of(reading, labels)
            ),
        )  # fmt: skip

    def _quickly(
        self, scans: Sequence[Scan], scores: Sequence[float], kinds: Sequence[SourceKind]
    ) -> list[Judgement]:
        """Judgements by the linear models alone."""
        verdicts, telling = self._polarity.predict_telling(
            [scan.content for scan in scans], [Polarity.NEG], kinds=kinds or SourceKind.UNKNOWN
        )
        columns = zip(
            verdicts.negative.tolist(),
            verdicts.positive.tolist(),
            verdicts.polarities(),
            verdicts.relevant.tolist(),
            verdicts.consumer.tolist(),
            verdicts.concern.tolist(),
            telling,
            strict=True,
        )
        rows = [
            self._read(scan, kind, snownlp, Tone._make(column))
            for scan, kind, snownlp, column in zip(
                scans, kinds or [SourceKind.UNKNOWN] * len(scans), scores, columns, strict=True
            )
        ]
        return [self._one(row, act) for row, act in zip(rows, self._find_acts(rows), strict=True)]

    def _read(self, scan: Scan, kind: SourceKind, snownlp: float, tone: Tone) -> _Row:
        """A text with its tone; one in another language has none."""
        if language(scan.content) != "zh":
            tone = UNJUDGED
        elif kind in _HEADED:
            seller = bool(scan.brands) or (tone.relevant and bool(scan.hosts))
            settled_as = concerns_consumers(tone.consumer, tone.concern, scan.folded, seller=seller)
            tone = tone._replace(consumer=settled_as)
        return _Row(scan, snownlp, tone, self._acts.places(scan), kind in _HEADED)

    def _one(self, row: _Row, verdict: ActVerdict | None) -> Judgement:
        """The judgement of one text that was read; roles and complaints are found here."""
        scan, snownlp, tone, places, _ = row
        act = verdict.act if verdict else None
        names = ((mention.start, mention.end) for mention in scan.mentions)
        polarity = settled(tone.polarity, tone.negative, act, scan.folded, names, headed=row.headed)
        if polarity is not tone.polarity:
            failed = wanting(scan.folded) if polarity is Polarity.NEG else None
            said = [Span(*failed, scan.content[slice(*failed)], 0.0)] if failed else ()
            tone = tone._replace(polarity=polarity, telling=said)
        negative = tone.polarity is Polarity.NEG
        named = self._roles.find(scan, places, negative=negative, act=act)
        accused = {
            kind: [one.name for one in named if one.kind is kind and one.role is Role.ACCUSED]
            for kind in _KINDS
        }
        unnamed = {b for b in self._passing if b not in accused[Kind.BRAND]}
        brands = tuple(b for b in scan.brands if b not in unnamed)
        named = tuple(one for one in named if one.kind is Kind.HOST or one.name not in unnamed)
        unsaid = {f"brand:{name}" for name in unnamed}
        # Complaint classes are about buying and selling: a text about neither has none, whatever its words.
        hits = self._issues.find(scan) if negative and (tone.consumer or tone.relevant) else []
        if negative and tone.relevant and charges_goods(act, codes(hits), scan.folded):
            tone = tone._replace(consumer=True)
        evidence = [
            *(one for one in scan.evidence() if one.label not in unsaid),
            *(one.evidence() for one in named if one.role is not Role.BYSTANDER),
            *(verdict.evidence() if verdict else ()),
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
            act=act,
            hosts=scan.hosts,
            negative_hosts=tuple(accused[Kind.HOST]),
            brands=brands,
            negative_brands=tuple(accused[Kind.BRAND]),
            roles={one.name: one.role for one in named},
            platforms=scan.platforms,
            regulators=scan.regulators,
            issues=codes(hits),
            evidence=tuple(evidence),
            keywords=self._keywords.find(scan.content),
            model=self.version,
        )

    def _find_acts(self, rows: Sequence[_Row]) -> list[ActVerdict | None]:
        """The act of each text; none for one in another language. What is surely negative is no rule, what
        stays negative no advertisement."""
        asked: list[Asked] = []
        judged = []
        for scan, _, tone, places, _ in rows:
            judged.append(tone.negative is not None and tone.positive is not None)
            if tone.negative is not None and tone.positive is not None:
                charge = tone.negative if tone.polarity is Polarity.NEG else 0.0
                cannot = [act for act, least in _NEVER.items() if charge >= least]
                if charge and Act.RULE not in cannot and grumbles(scan.folded):
                    cannot.append(Act.RULE)
                mood = Mood(tone.negative, tone.positive, tone.relevant)
                asked.append(Asked(scan, mood, places, cannot))
        found = iter(self._acts.find(asked))
        return [next(found) if known else None for known in judged]


@functools.cache
def lists_version(folder: Path = REGISTRY) -> str:
    """``lists-`` and eight hex digits over the bytes of :data:`LISTS` in *folder*, read once a process."""
    digest = hashlib.sha256()
    for name in LISTS:
        digest.update((folder / name).read_bytes())
    return f"lists-{digest.hexdigest()[:8]}"


def _moved(judged: Judgement, places: Sequence[int]) -> Judgement:
    """*judged* with spans of the whole text; *places*: where each character that was read stands in it."""
    spans = ((one, places[one.start], places[one.end - 1] + 1) for one in judged.evidence)
    evidence = tuple(replace(e, start=start, end=end) for e, start, end in spans)
    reading = judged.reading and moved(judged.reading, places)
    return replace(judged, evidence=evidence, reading=reading)


def _names(registry: HostRegistry) -> Iterator[str]:
    """Return words that a general dictionary lacks: hosts, their agencies, brands, platforms."""
    for host in registry.hosts:
        yield from host.sure()
        yield from (agency.name for agency in host.agencies)
    for brand in registry.brands:
        yield from brand.sure()
    for platform in load_names("platforms.toml").name:
        yield from platform.sure()
