"""Advice on the complaint classes, read from ``topics.toml``; names from the registry."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from fengping.analysis import IssueRules
from fengping.models import Channel


@dataclass(frozen=True, slots=True)
class TopicText:
    """Sentences of a report about one class beside its figures."""

    name: str
    regulator: str
    platform: str
    seller: str
    consumer: str
    holds: str = ""
    """Printed beside a name that says less than the class holds."""


CHANNELS: dict[str, str] = {
    Channel.WEIBO: "微博",
    Channel.CLIENT: "客户端",
    Channel.NEWS: "网站",
    Channel.WECHAT: "微信",
    Channel.VIDEO: "视频",
    Channel.FORUM: "互动论坛",
    Channel.SHOPPING: "购物平台",
    Channel.OTHER: "其他",
}
"""传播渠道 in the CCA's words."""
NAMED = ("微博", "微信")
"""Channels that are one platform each; of others the word alone names no place."""

TIERS = {
    "central": "中央",
    "provincial": "省级",
    "market": "市场化媒体",
    "authority": "监管部门",
    "association": "协会",
    "platform": "平台",
    "self": "自媒体",
    "others": "其他",
}

POLARITIES = {"pos": "正面", "neu": "中性", "neg": "负面"}


@functools.cache
def issue_rules() -> IssueRules:
    """The lists of the classes, read once."""
    return IssueRules.load()


@functools.cache
def topic_texts() -> dict[str, TopicText]:
    """``C01`` … ``C14`` in order."""
    file = resources.files("fengping.reports.chapters") / "topics.toml"
    names = issue_rules().names
    texts = tomllib.loads(file.read_text("utf-8"))
    return {code: TopicText(name=names[code], **text) for code, text in texts.items()}


def topic_name(code: str) -> str:
    """The printed name of a class; a code that a newer analysis made stays as it is."""
    text = topic_texts().get(code)
    return text.name if text else code
