"""Invented documents for the tests of stores, and hypothesis strategies for more of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from fengping.clock import parse_moment
from fengping.indexer.search import And, Expression, Keyword, Near, Not, Or, Range, Since, Term, Until
from fengping.models import (
    FIELDS,
    Act,
    Channel,
    Document,
    Engagement,
    Evidence,
    Judgement,
    Media,
    MediaKind,
    Polarity,
    RawDocument,
    Role,
)
from fengping.reading import Party, Reading, Signal

INDEXED = datetime(2020, 11, 20, tzinfo=UTC)
ENGAGEMENT = {"likes", "comments", "reposts", "views"}


def document(id: str, text: str, published: str | datetime | None = "2020-11-01", **changes: Any) -> Document:
    """A document with defaults; *changes* go to the raw document, the judgement or the document itself."""
    raw: dict[str, Any] = {"title": "", "source": "样报", "channel": Channel.NEWS, "site": "news.example"}
    judged: dict[str, Any] = {
        "snownlp": 0.5,
        "negative": 0.5,
        "polarity": Polarity.NEU,
        "relevant": True,
        "evidence": (Evidence("host:甲", 0, 1, "甲"),),
    }
    own: dict[str, Any] = {"group": id, "first_in_group": True, "indexed_at": INDEXED}
    for name, value in changes.items():
        {"": own, "judgement": judged}.get(FIELDS[name].part, raw)[name] = value
    counts = {name: raw.pop(name) for name in ENGAGEMENT & raw.keys()}
    moment = parse_moment(published) if isinstance(published, str) else published
    return Document(
        raw=RawDocument(
            id=id, text=text, fetched_at=INDEXED, published_at=moment, engagement=Engagement(**counts), **raw
        ),
        judgement=Judgement(**judged),
        **own,
    )


READING = Reading(
    0.9, 0.05, 0.05, 0.8, 0.9,
    (Party("甲", "person", True, ((2, 3),), {"accused": 0.9}), Party("丙丁", "person", False, ((0, 1),), {})),
    (
        Signal("charge", "", (6, 8), 0.9, 1, 0, (6, 8), {"C05": 0.8}),
        Signal("answer", "pay", (9, 12), 0.7, actor=0),
    ),
    {"私域": 0.7}, True,
)  # fmt: skip

SAMPLES = [
    document("a1", "主播甲直播间卖假货，退货难", "2020-11-01T09:00", title="直播间翻车", hosts=("甲",),
             negative_hosts=("甲",), issues=("C02", "C05"), platforms=("抖音",), polarity=Polarity.NEG,
             negative=0.9, positive=0.05, likes=1_000, views=2**63, consumer=True, act=Act.COMPLAINT,
             roles={"甲": Role.ACCUSED, "乙": Role.VICTIM}, brands=("样牌",), negative_brands=("样牌",),
             parties=("甲", "样牌", "丙丁"), accused=("甲", "样牌"),
             signals=("charge", "answer", "answer.pay"), facets=("私域",), people=("丙丁",), reading=READING,
             media=(Media(MediaKind.IMAGE, "https://news.example/1.jpg", "直播间截图"),), region="浙江"),
    document("a2", "乙的直播带货很好，物流快", "2020-11-01T23:59:59", hosts=("乙",), platforms=("快手",),
             polarity=Polarity.POS, channel=Channel.WEIBO, source="微博", negative=0.1, positive=0.8,
             likes=0, comments=3, consumer=False, roles={}, brands=(), tags=("好评", "物流"), event="e1"),
    document("a3", "甲和乙同台直播带货 iPhone 15 手机", "2020-11-02", hosts=("甲", "乙"),
             channel=Channel.WEIBO, source="微博", group="a2", first_in_group=False),
    document("a4", "平台回应刷单 炒信一事", "2020-11-02T12:00", title="刷单调查", issues=("C02",),
             platforms=("抖音", "快手"), polarity=Polarity.NEG, indexed_at=INDEXED + timedelta(days=1),
             negative=0.8, likes=1_001, act=Act.RESPONSE, tier="central", lang="en",
             parties=("抖音", "丙丁"), accused=("丙丁",), signals=("answer", "answer.deny"),
             people=("丙丁",)),
    document("a5", "双11当天,甲的直播间卖假表", "2020-12-01", title="ＡＢＣ假表", hosts=("甲",),
             issues=("C05",), polarity=Polarity.NEG, relevant=False),
    document("a6", "没有日期的帖子，说的是直播间", None, source="论坛", channel=Channel.FORUM, site=""),
]  # fmt: skip

# Few characters, so that random texts and random queries meet; with the awkward ones among them.
_texts = st.text(alphabet="甲乙直播ab12B ，。哈é-😀\u200b\n", max_size=14)
_words = st.sampled_from(
    ["甲", "乙", "直播", "播甲", "哈哈", "a", "a1", "B", "播a", "甲 乙", "，", "é", "1b", "a b", "12"]
)

_places = st.sampled_from([None, "title", "text"])
terms = st.builds(Term, _words, _places) | st.builds(
    Term, st.sampled_from(["ab", "abb", "éé"]), _places, st.just(True)
)


def _ranges(names: list[str], values: list[float], *, equal: bool) -> st.SearchStrategy[Range]:
    """Comparisons with one number."""
    fields, numbers = st.sampled_from(names), st.sampled_from(values)
    above = st.builds(
        lambda field, n, with_it: Range(field, n, None, with_it), fields, numbers, st.booleans()
    )
    below = st.builds(
        lambda field, n, with_it: Range(field, None, n, True, with_it), fields, numbers, st.booleans()
    )
    exactly = st.builds(lambda field, n: Range(field, n, n), fields, numbers)
    return st.one_of(above, below, exactly) if equal else above | below


compared = _ranges(["negative", "snownlp"], [0.0, 0.1, 0.5, 0.8], equal=False) | _ranges(
    ["likes", "views"], [0.0, 2.0, 2.5, 900.0], equal=True
)
moments = st.sampled_from([parse_moment(day) for day in ("2020-10-30", "2020-11-11T12:00:01", "2020-12-05")])
# Fewer words, so that equal ones and such as overlap meet.
_near_words = st.sampled_from(["甲", "乙", "直播", "播甲", "哈哈", "a", "ab", "12", "甲 乙"])
nears = st.builds(
    lambda words, field, distance, ordered: Near(
        tuple(Term(word, field) for word in words), distance, ordered
    ),
    st.lists(_near_words, min_size=2, max_size=3),
    _places,
    st.integers(0, 5),
    st.booleans(),
)
keywords = st.one_of(
    st.builds(Keyword, st.just("hosts"), st.sampled_from(["甲", "乙"])),
    st.builds(Keyword, st.just("polarity"), st.sampled_from(["neg", "pos"])),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(terms, nears, keywords, compared, st.builds(Since, moments), st.builds(Until, moments)),
    lambda inner: st.one_of(
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)
documents = st.builds(
    document,
    st.sampled_from([f"{letter}{n}" for letter in "abc" for n in range(4)]),
    _texts,
    st.one_of(
        st.none(),
        st.integers(0, 46 * 86_400).map(lambda s: datetime(2020, 10, 25, tzinfo=UTC) + timedelta(seconds=s)),
    ),
    title=_texts,
    hosts=st.lists(st.sampled_from(["甲", "乙"]), max_size=2).map(tuple),
    polarity=st.sampled_from(Polarity),
    negative=st.sampled_from([0.1, 0.5, 0.8, 0.800001]),
    snownlp=st.sampled_from([0.0, 0.1, 1.0]),
    likes=st.sampled_from([None, 0, 2, 3]),
    views=st.sampled_from([None, 900]),
)
