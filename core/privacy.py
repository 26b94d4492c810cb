"""People in the data: their platform ids are kept as a salted hash, their nicknames masked where asked."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from fengping.models import Kind

REALMS = {
    "微博": ("微博", "weibo"),
    "微信": ("微信", "公众号", "weixin", "wechat"),
    "抖音": ("抖音", "douyin"),
    "快手": ("快手", "kuaishou"),
    "小红书": ("小红书", "xiaohongshu"),
    "bilibili": ("bilibili", "哔哩", "b站"),
    "今日头条": ("头条", "toutiao"),
    "知乎": ("知乎", "zhihu"),
    "贴吧": ("贴吧", "tieba"),
    "豆瓣": ("豆瓣", "douban"),
    "黑猫投诉": ("黑猫", "heimao", "tousu.sina"),
}
"""Platforms with authors of their own, and the words that tell them in names, sources and hosts."""


@lru_cache(maxsize=4096)
def realm(*names: str) -> str:
    """The platform on which an author is known: the first that *names* tell of, else the last of them.

    So an author is the same whether a post was crawled or came in a file that calls the platform otherwise.
    """
    for name in names:
        for platform, words in REALMS.items():
            if any(word in name.lower() for word in words):
                return platform
    return names[-1]


def seal(salt: bytes, *parts: str) -> str:
    """64 hex digits that nobody makes of *parts* without the home's *salt*; the first names their use."""
    return hmac.digest(salt, "\0".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def hash_author(salt: bytes, platform: str, author: str) -> str:
    """32 hex digits that stand for a platform's author id (or name, where it shows no id).

    Equal for equal authors of one :func:`realm` within one home; without the home's salt nobody can search
    for an id.
    """
    if not author:
        return ""
    return seal(salt, realm(platform), author)[:32]


def mask_nickname(name: str) -> str:
    """The first character of a nickname and ``**``; an empty name stays empty."""
    return f"{name[0]}**" if name else ""


def shown_author(name: str, kind: Kind, *, mask: bool) -> str:
    """Return an author's name for storage: masked in posts and comments if asked, never in news."""
    return mask_nickname(name) if mask and kind is not Kind.NEWS else name
