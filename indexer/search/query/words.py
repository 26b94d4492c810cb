"""The names and values an analyst may write in a query, and what they are called in the store."""

from __future__ import annotations

from fengping.errors import UsageError, did_you_mean
from fengping.indexer.search.protocol import KEYWORD_FIELDS
from fengping.models import Channel, Kind, Polarity

TEXT_NAMES = {"title": "title", "标题": "title", "text": "text", "正文": "text"}

KEYWORD_NAMES = {
    **{name: name for name in KEYWORD_FIELDS},
    "host": "hosts", "主播": "hosts", "negative_host": "negative_hosts", "issue": "issues", "类别": "issues",
    "platform": "platforms", "平台": "platforms", "regulator": "regulators", "监管": "regulators",
    "情感": "polarity", "渠道": "channel", "来源": "source", "网站": "site", "keyword": "keywords",
}  # fmt: skip

NAMES = frozenset({*TEXT_NAMES, *KEYWORD_NAMES})

_VALUES: dict[str, dict[str, str]] = {
    "polarity": {
        **{value.value: value.value for value in Polarity},
        "负面": "neg", "negative": "neg", "中性": "neu", "neutral": "neu", "正面": "pos", "positive": "pos",
    },
    "channel": {
        **{value.value: value.value for value in Channel},
        "新闻": "news", "微博": "weibo", "微信": "wechat", "视频": "video", "客户端": "client",
        "论坛": "forum", "购物": "shopping", "其他": "other",
    },
    "kind": {value.value: value.value for value in Kind},
    "relevant": {"true": "true", "false": "false"},
    "first_in_group": {"true": "true", "false": "false"},
}  # fmt: skip


def keyword_value(field: str, value: str) -> str:
    """*value* as the store holds it; raises :class:`UsageError` where *field* knows no such value."""
    value = value.strip()
    if field == "issues":
        return value.upper()
    known = _VALUES.get(field)
    if known is None:
        return value
    if value.lower() not in known:
        raise UsageError(f"Unknown {field} value {value!r}.", remedy=did_you_mean(value.lower(), known))
    return known[value.lower()]
