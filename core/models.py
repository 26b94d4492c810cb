"""The values that travel through the house: a raw document, its judgement, a stored document.

All are frozen; all times are aware UTC. ``to_record``/``from_record`` give the flat JSON form that the
journal, the stores and ``--json`` share (times as ISO 8601 with ``+08:00``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from fengping.clock import iso, parse_moment


class Channel(StrEnum):
    """Kind of place where a document was published, in the CCA's terms (传播渠道)."""

    NEWS = "news"
    WEIBO = "weibo"
    WECHAT = "wechat"
    VIDEO = "video"
    CLIENT = "client"
    FORUM = "forum"
    SHOPPING = "shopping"
    OTHER = "other"


class Kind(StrEnum):
    NEWS = "news"
    POST = "post"
    COMMENT = "comment"


class Polarity(StrEnum):
    NEG = "neg"
    NEU = "neu"
    POS = "pos"


class Precision(StrEnum):
    """Precision of a publication time."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts the platform showed when the document was fetched; ``None`` where it showed none."""

    likes: int | None = None
    comments: int | None = None
    reposts: int | None = None
    views: int | None = None


def document_id(*parts: str) -> str:
    """The identity of a document: 128 bits of BLAKE2b over its canonical URL, or platform and post id."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as a spider or an import saw it, before any judgement. The unit of the journal."""

    id: str
    source: str
    text: str
    fetched_at: datetime
    title: str = ""
    url: str = ""
    canonical_url: str = ""
    channel: Channel = Channel.OTHER
    kind: Kind = Kind.POST
    parent_id: str = ""
    lang: str = "zh"
    author: str = ""
    author_id: str = ""
    """Hash of the platform's author id with the home's salt, never the id itself."""
    site: str = ""
    published_at: datetime | None = None
    """``None`` where the page gave no date: then in no time window, and counted as undated."""
    precision: Precision = Precision.SECOND
    engagement: Engagement = field(default_factory=Engagement)

    @property
    def content(self) -> str:
        """Title and text as one, the title not repeated where the text begins with it."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}" if self.text else self.title

    def to_record(self) -> dict[str, Any]:
        record = dict(zip(_RAW_NAMES, _raw_values(self), strict=True))
        record["fetched_at"] = iso(self.fetched_at)
        record["published_at"] = iso(self.published_at)
        record["engagement"] = dict(zip(_ENGAGEMENT_NAMES, _engagement_values(self.engagement), strict=True))
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RawDocument:
        """The inverse of :meth:`to_record`; unknown keys are ignored, so a newer journal stays readable.

        Raises ``KeyError``, ``ValueError`` or ``TypeError`` for a record that is no raw document.
        """
        known = {name: record[name] for name in _RAW_NAMES if name in record}
        for name in ("id", "source", "text"):
            if not isinstance(known[name], str):
                raise TypeError(f"{name} is not text")
        known["fetched_at"] = parse_moment(known["fetched_at"])
        if known.get("published_at"):
            known["published_at"] = parse_moment(known["published_at"])
        else:
            known["published_at"] = None
        known["channel"] = Channel(known.get("channel", Channel.OTHER))
        known["kind"] = Kind(known.get("kind", Kind.POST))
        known["precision"] = Precision(known.get("precision", Precision.SECOND))
        known["engagement"] = Engagement(**(known.get("engagement") or {}))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of :attr:`RawDocument.content` that made a label: ``content[start:end]``."""

    label: str
    """Judgement that it supports: ``host:李佳琦``, ``issue:C02``, ``polarity:neg``, ``platform:抖音``."""
    start: int
    end: int
    rule: str
    """The alias, trigger or feature that matched."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Analysis of one text; a pure function of the text, the registry and the models."""

    snownlp: float
    """SnowNLP's own score, 0 (negative) to 1 (positive), exactly as SnowNLP gives it."""
    negative: float
    """Calibrated probability that a consumer-rights monitor files this text as negative."""
    polarity: Polarity
    relevant: bool
    """True if the text is about selling by livestream."""
    hosts: tuple[str, ...] = ()
    negative_hosts: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    regulators: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    keywords: tuple[str, ...] = ()
    model: str = ""
    """Versions of lexicon, registry and models that judged, e.g. ``polarity-1+hosts-3``."""


@dataclass(frozen=True, slots=True)
class Document:
    """A raw document with its judgement, repost group and any correction: the unit of the stores."""

    raw: RawDocument
    judgement: Judgement
    group: str
    """Id of the repost group; a document without reposts is a group of its own, named by its own id."""
    first_in_group: bool
    indexed_at: datetime
    corrected_by: str = ""

    @property
    def id(self) -> str:
        return self.raw.id

    def to_record(self) -> dict[str, Any]:
        record = self.raw.to_record()
        judgement = dict(zip(_JUDGEMENT_NAMES, _judgement_values(self.judgement), strict=True))
        for name, value in judgement.items():
            if isinstance(value, tuple):
                judgement[name] = list(value)
        judgement["evidence"] = [
            dict(zip(_EVIDENCE_NAMES, _evidence_values(evidence), strict=True))
            for evidence in self.judgement.evidence
        ]
        record |= judgement
        record |= {
            "group": self.group,
            "first_in_group": self.first_in_group,
            "indexed_at": iso(self.indexed_at),
            "corrected_by": self.corrected_by,
        }
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Document:
        """The inverse of :meth:`to_record`."""
        values: dict[str, Any] = {name: record[name] for name in _JUDGEMENT_NAMES if name in record}
        for name, value in values.items():
            if isinstance(value, list):
                values[name] = tuple(value)
        values["evidence"] = tuple(Evidence(**e) for e in values.get("evidence", ()))
        values["polarity"] = Polarity(values["polarity"])
        return cls(
            raw=RawDocument.from_record(record),
            judgement=Judgement(**values),
            group=record["group"],
            first_in_group=record["first_in_group"],
            indexed_at=parse_moment(record["indexed_at"]),
            corrected_by=record.get("corrected_by", ""),
        )

    def with_judgement(self, **changes: Any) -> Document:
        """A copy with fields of the judgement replaced (an analyst's correction)."""
        return replace(self, judgement=replace(self.judgement, **changes))


# Looked up once: records are made and read for every document of every batch.
_RAW_NAMES = tuple(f.name for f in fields(RawDocument))
_ENGAGEMENT_NAMES = tuple(f.name for f in fields(Engagement))
_JUDGEMENT_NAMES = tuple(f.name for f in fields(Judgement))
_EVIDENCE_NAMES = tuple(f.name for f in fields(Evidence))
_raw_values, _engagement_values = attrgetter(*_RAW_NAMES), attrgetter(*_ENGAGEMENT_NAMES)
_judgement_values, _evidence_values = attrgetter(*_JUDGEMENT_NAMES), attrgetter(*_EVIDENCE_NAMES)
