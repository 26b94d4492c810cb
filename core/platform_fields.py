"""Fields as platforms write them: the region of an account, addresses of pictures and videos."""

from __future__ import annotations

import re

from fengping.models import Media, MediaKind

_REGION = re.compile(r"^(?:发布于|来自|IP\s*(?:属地|归属地)?|属地)\s*[:：]?\s*", re.IGNORECASE)
_UNKNOWN = {"未知", "none", "null", "nan", "-", "无"}
_ADDRESS = re.compile(r"https?://[^\s\"'<>\[\],;，；、|]+")
MOST_MEDIA = 50
"""Pictures and videos of one document that are kept."""


def shown_region(text: str) -> str:
    """A region as told, without the words before it: ``发布于 浙江`` and ``IP属地：浙江`` are ``浙江``."""
    if not text:
        return ""
    region = " ".join(_REGION.sub("", " ".join(text.split())).split())[:64]
    return "" if region.lower() in _UNKNOWN else region


def media_in(text: str, kind: MediaKind) -> tuple[Media, ...]:
    """Each address in *text* once, in order."""
    if not text:
        return ()
    return tuple(Media(kind, url) for url in list(dict.fromkeys(_ADDRESS.findall(text)))[:MOST_MEDIA])
