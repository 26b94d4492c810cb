"""The values that travel through the house: a raw document, its judgement, a stored document.

All are frozen; all times are aware UTC. ``to_record``/``from_record`` give the flat JSON form that the
journal, the stores and ``--json`` share (times as ISO 8601 with ``+08:00``). Each field is described where it
is declared; :data:`FIELDS` is the table of them all, from which index mappings, export columns and query
words follow. A new field of a document is added here and filled by what judges it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from fengping.fields import Codec, Field, described, table
from fengping.fields import FieldKind as F
from fengping.reading import FACETS, FORMS, SIGNALS, Reading


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
    YEAR_INFERRED = "year-inferred"
    """The page gave no year; it was new on a list within seven days of that date."""
    NO_YEAR = "no-year"
    """The page gave a date without a year, and nothing tells which: no time is kept."""


class Act(StrEnum):
    """Act of a text about its matter. A response is no new negative against who responds."""

    COMPLAINT = "complaint"
    REPORT = "report"
    RESPONSE = "response"
    PENALTY = "penalty"
    RULE = "rule"
    PROMOTION = "promotion"
    OTHER = "other"


class Role(StrEnum):
    """The part that a named one plays in a text."""

    ACCUSED = "accused"
    ACCUSER = "accuser"
    VICTIM = "victim"
    RESPONDER = "responder"
    COMMENTATOR = "commentator"
    AUTHORITY = "authority"
    BYSTANDER = "bystander"


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"


def _words(enum: type[StrEnum], **words: str) -> dict[str, str]:
    """An enumeration's values and further words for them."""
    return {one.value: one.value for one in enum} | words


_CHANNELS = _words(
    Channel, 新闻="news", 微博="weibo", 微信="wechat", 视频="video", 客户端="client", 论坛="forum",
    购物="shopping", 其他="other",
)  # fmt: skip
_KINDS = _words(Kind, 新闻="news", 帖子="post", 评论="comment")
_POLARITIES = _words(
    Polarity, 负面="neg", negative="neg", 中性="neu", neutral="neu", 正面="pos", positive="pos"
)
_ACTS = _words(
    Act, 投诉="complaint", 报道="report", 回应="response", 处罚="penalty", 规则="rule", 推广="promotion",
    其他="other",
)  # fmt: skip

_SIGNALS = {
    name: name for kind, forms in FORMS.items() for name in (kind, *(f"{kind}.{form}" for form in forms))
} | SIGNALS
_FACETS = {name: name for name in FACETS}


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts the platform showed when the document was fetched; ``None`` where it showed none."""

    likes: int | None = field(default=None, metadata=described(F.COUNT, "Likes shown.", "点赞", column=320))
    comments: int | None = field(
        default=None, metadata=described(F.COUNT, "Comments shown.", "评论数", column=330)
    )
    reposts: int | None = field(
        default=None, metadata=described(F.COUNT, "Reposts shown.", "转发数", column=340)
    )
    views: int | None = field(default=None, metadata=described(F.COUNT, "Views shown.", "阅读数", column=350))


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or video of a document, by its address; never the file itself."""

    kind: MediaKind
    url: str
    caption: str = ""


def document_id(*parts: str) -> str:
    """The identity of a document: 128 bits of BLAKE2b over its canonical URL, or platform and post id."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as a spider or an import saw it, before any judgement. The unit of the journal."""

    id: str = field(
        metadata=described(F.KEPT, "Hash of the canonical URL, or of platform and post id.", column=10)
    )
    source: str = field(metadata=described(F.KEYWORD, "Name of the source.", "来源", column=40))
    text: str = field(metadata=described(F.TEXT, "Text as published.", "正文", column=100))
    fetched_at: datetime = field(metadata=described(F.TIME, "When it was fetched.", column=380))
    title: str = field(
        default="", metadata=described(F.TEXT, "Title; empty where there is none.", "标题", column=90)
    )
    url: str = field(default="", metadata=described(F.KEPT, "Address as found.", column=110))
    canonical_url: str = field(default="", metadata=described(F.KEPT, "Address without tracking parts."))
    channel: Channel = field(
        default=Channel.OTHER,
        metadata=described(
            F.KEYWORD, "Channel of publication (传播渠道).", "渠道", column=50, values=_CHANNELS
        ),
    )
    kind: Kind = field(
        default=Kind.POST,
        metadata=described(F.KEYWORD, "News, post or comment.", "体裁", column=60, values=_KINDS),
    )
    parent_id: str = field(default="", metadata=described(F.KEYWORD, "Document that a comment answers."))
    lang: str = field(default="zh", metadata=described(F.KEYWORD, "Language of the text.", "语言"))
    author: str = field(
        default="", metadata=described(F.KEYWORD, "Author's name as shown.", "作者", column=80)
    )
    author_id: str = field(
        default="",
        metadata=described(F.KEYWORD, "Hash of the platform's author id with the home's salt, never the id."),
    )
    site: str = field(
        default="", metadata=described(F.KEYWORD, "Domain or name of the site.", "网站", column=70)
    )
    published_at: datetime | None = field(
        default=None,
        metadata=described(
            F.TIME, "When it was published; null where the page gave no date: then in no window.", column=20
        ),
    )
    precision: Precision = field(
        default=Precision.SECOND,
        metadata=described(F.KEPT, "How exactly the publication time is known.", column=30),
    )
    engagement: Engagement = field(default_factory=Engagement)
    region: str = field(
        default="",
        metadata=described(F.KEYWORD, "Region the platform told (IP 属地), as told.", "地区", column=360),
    )
    media: tuple[Media, ...] = field(
        default=(), metadata=described(F.KEPT, "Addresses and captions of its pictures and videos.")
    )
    rank: int | None = field(
        default=None,
        metadata=described(F.KEPT_COUNT, "Place on the hot list that it was taken from.", column=352),
    )
    heat: int | None = field(
        default=None, metadata=described(F.KEPT_COUNT, "Heat (热度) that the hot list showed.", column=354)
    )

    @property
    def content(self) -> str:
        """Title and text as one, the title not repeated where the text begins with it."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}" if self.text else self.title

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return _raw.record(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RawDocument:
        """The inverse of :meth:`to_record`; unknown keys are ignored, so a newer journal stays readable.

        Raises ``KeyError``, ``ValueError`` or ``TypeError`` for a record that is no raw document.
        """
        for name in ("id", "source", "text"):
            if not isinstance(record[name], str):
                raise TypeError(f"{name} is not text")
        return _raw.value(record)


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
    """Analysis of one text; a pure function of the text, the registry and the models.

    ``None`` means not judged, which is not the same as judged to be nothing.
    """

    snownlp: float = field(
        metadata=described(
            F.NUMBER, "SnowNLP's own score, 0 (negative) to 1 (positive), as it gives it.", column=150
        )
    )
    negative: float | None = field(
        metadata=described(
            F.NUMBER, "Calibrated probability that a consumer-rights monitor files the text as negative.",
            column=130,
        )
    )  # fmt: skip
    polarity: Polarity | None = field(
        metadata=described(
            F.KEYWORD,
            "Negative, neutral or positive; null for a text mostly in another language.",
            "情感",
            column=120,
            values=_POLARITIES,
        )
    )
    relevant: bool = field(metadata=described(F.FLAG, "About selling by livestream.", "带货", column=170))
    hosts: tuple[str, ...] = field(
        default=(),
        metadata=described(F.KEYWORD, "Hosts named (canonical names).", "host", "主播", column=180),
    )
    negative_hosts: tuple[str, ...] = field(
        default=(), metadata=described(F.KEYWORD, "Hosts accused.", "negative_host", column=190)
    )
    platforms: tuple[str, ...] = field(
        default=(), metadata=described(F.KEYWORD, "Platforms named.", "platform", "平台", column=220)
    )
    regulators: tuple[str, ...] = field(
        default=(), metadata=described(F.KEYWORD, "Regulators named.", "regulator", "监管", column=230)
    )
    issues: tuple[str, ...] = field(
        default=(),
        metadata=described(F.KEYWORD, "Complaint classes, C01 to C14.", "issue", "class", "类别", column=240),
    )
    evidence: tuple[Evidence, ...] = field(
        default=(), metadata=described(F.KEPT, "Spans that made each label, with their rules.")
    )
    keywords: tuple[str, ...] = field(
        default=(), metadata=described(F.KEYWORD, "Content words.", "keyword", "关键词")
    )
    model: str = field(
        default="",
        metadata=described(F.KEYWORD, "Versions of lexicon, registry and models that judged.", column=390),
    )
    positive: float | None = field(
        default=None, metadata=described(F.NUMBER, "Probability that the text is positive.", column=140)
    )
    consumer: bool | None = field(
        default=None,
        metadata=described(
            F.FLAG, "About buying, goods, services or rights of consumers.", "消费", column=160
        ),
    )
    act: Act | None = field(
        default=None,
        metadata=described(
            F.KEYWORD,
            "Complaint, report, response, penalty, rule, promotion or other.",
            "性质",
            column=165,
            values=_ACTS,
        ),
    )
    roles: Mapping[str, Role] | None = field(
        default=None,
        hash=False,
        metadata=described(
            F.KEYWORD, 'Role of each one named; asked for as `role:"accused:NAME"`.', "role", "角色"
        ),
    )
    brands: tuple[str, ...] | None = field(
        default=None,
        metadata=described(F.KEYWORD, "Shops, brands and agencies named.", "brand", "品牌", column=200),
    )
    negative_brands: tuple[str, ...] | None = field(
        default=None,
        metadata=described(F.KEYWORD, "Shops, brands and agencies accused.", "negative_brand", column=210),
    )
    parties: tuple[str, ...] | None = field(
        default=None,
        metadata=described(
            F.KEYWORD, "Parties that the text names, in a registry or not; null where no encoder read.",
            "party", "当事方", column=211,
        ),
    )  # fmt: skip
    accused: tuple[str, ...] | None = field(
        default=None, metadata=described(F.KEYWORD, "Parties that the text charges.", "被指", column=212)
    )
    signals: tuple[str, ...] | None = field(
        default=None,
        metadata=described(
            F.KEYWORD,
            "What its clauses tell: charge, harm, test, demand, answer, official, retraction, reaction, "
            "promotion; of answers and official acts the form too (`answer.apologise`).",
            "signal", "信号", column=213,
            values=_SIGNALS,
        ),
    )  # fmt: skip
    facets: tuple[str, ...] | None = field(
        default=None,
        metadata=described(
            F.KEYWORD,
            "Facets of its matter.",
            "facet",
            "专题",
            column=214,
            values=_FACETS,
        ),
    )
    people: tuple[str, ...] | None = field(
        default=None,
        metadata=described(
            F.KEYWORD, "Parties that are private people: persons that no registry knows. No list names them.",
            "私人",
        ),
    )  # fmt: skip
    reading: Reading | None = field(
        default=None,
        hash=False,
        metadata=described(F.KEPT, "Parties with their roles, and clauses with what they tell."),
    )

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return _judgement.record(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Judgement:
        """The inverse of :meth:`to_record`; unknown keys are ignored, missing ones take their defaults."""
        return _judgement.value(record)


@dataclass(frozen=True, slots=True)
class Document:
    """A raw document with its judgement, repost group and any correction: the unit of the stores."""

    raw: RawDocument
    judgement: Judgement
    group: str = field(
        metadata=described(
            F.KEYWORD, "Id of the repost group; without reposts the document's own id.", column=370
        )
    )
    first_in_group: bool = field(metadata=described(F.FLAG, "First of its repost group.", "首发", column=375))
    indexed_at: datetime = field(metadata=described(F.TIME, "When its text first came into the index."))
    corrected_by: str = field(
        default="", metadata=described(F.KEPT, "Who corrected it last; empty as judged.", column=400)
    )
    tier: str = field(
        default="",
        metadata=described(
            F.KEYWORD,
            "Publisher's tier: central, provincial, market, association, platform, self and others.",
            "级别",
            column=75,
        ),
    )
    event: str = field(default="", metadata=described(F.KEYWORD, "Event it belongs to.", "事件", column=250))
    tags: tuple[str, ...] = field(
        default=(), metadata=described(F.KEYWORD, "Tags given to it.", "tag", "标签", column=260)
    )

    @property
    def id(self) -> str:
        return self.raw.id

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return {
            **_raw.record(self.raw),
            **_judgement.record(self.judgement),
            **_document.record(self),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Document:
        """The inverse of :meth:`to_record`."""
        raw, judgement = RawDocument.from_record(record), Judgement.from_record(record)
        return _document.value(record, raw, judgement)

    def with_judgement(self, **changes: Any) -> Document:
        """A copy with fields of the judgement replaced (an analyst's correction)."""
        return replace(self, judgement=replace(self.judgement, **changes))

    def changed(self, changes: Mapping[str, Any]) -> Document:
        """A copy with fields of any part replaced, by their names in :data:`FIELDS`."""
        parts: dict[str, dict[str, Any]] = {}
        for name, value in changes.items():
            parts.setdefault(FIELDS[name].part, {})[name] = value
        raw, own = self.raw, parts.get("", {})
        if "raw.engagement" in parts:
            engagement = replace(raw.engagement, **parts["raw.engagement"])
            raw = replace(raw, engagement=engagement)
        if "raw" in parts:
            raw = replace(raw, **parts["raw"])
        judgement = replace(self.judgement, **parts["judgement"]) if "judgement" in parts else self.judgement
        return replace(self, raw=raw, judgement=judgement, **own)


# Made once: records are made and read for every document of every batch.
_raw, _judgement = Codec(RawDocument), Codec(Judgement)
_document = Codec(Document, without=("raw", "judgement"))

FIELDS: Mapping[str, Field] = table(
    ("raw", RawDocument), ("raw.engagement", Engagement), ("judgement", Judgement), ("", Document)
)
"""The field table, by name, in the order of declaration."""
