"""What a response or a failed download means, as pure functions of their values."""

from __future__ import annotations

import re

from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)

from fengping.spiders.statuses import Status

BLOCKING = frozenset({401, 403, 407, 412, 418, 429, 451, 509, 567})
"""Codes by which sites refuse visitors (412: Bilibili's, 418: Douban's, 567: Tencent's wall)."""

_WALL_TITLES = (
    "验证码", "安全验证", "访问验证", "人机验证", "身份验证", "滑块", "访问过于频繁", "访问受限",
    "访问被拒绝", "请求异常", "系统检测到", "请完成验证", "请先登录", "登录页", "sina visitor system",
    "just a moment", "attention required", "access denied", "captcha", "security check",
)  # fmt: skip
_WALL_MARKS = (
    "passport.weibo.com/visitor", "passport.weibo.cn/visitor", "geetest", "aliyun_waf", "acw_sc__v2",
    "_nc_captcha", "_nccaptcha", "turing.captcha", "wappass.baidu.com", "verifycenter", "cf-challenge",
    "g-recaptcha", "hcaptcha", "请输入验证码", "拖动滑块", "向右滑动",
    "访问过于频繁", "操作过于频繁", "异常访问请求",
)  # fmt: skip
_REFUSAL = re.compile(r'"ok"\s*:\s*-100\b|"code"\s*:\s*(?:-(?:100|101|104|352|412|509|799)|30001[1-5])\b')
"""How Weibo, Bilibili and Xiaohongshu refuse with 200 and a few words of JSON."""
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_WALL_TEXT = 400
"""A wall says little; a page with more words than that is an article, even one about captchas."""
_WALL_BYTES = 60_000


class Refused(IgnoreRequest):
    """A request that is not sent, with the status its URL ends in."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def response_status(code: int, body: bytes) -> Status | None:
    """How a URL ends by its response alone; ``None`` where the body is to be read."""
    if code == 304:
        return Status.NOT_MODIFIED
    if code in (404, 410):
        return Status.GONE
    if code in BLOCKING or (code in (200, 202, 503) and is_wall(body)):
        return Status.BLOCKED
    if code >= 300:
        return Status.HTTP_ERROR
    if not body.strip():
        return Status.EMPTY_BODY
    return None


def is_wall(body: bytes) -> bool:
    """Whether a page is a captcha, login or «too many visits» page instead of what was asked for."""
    if len(body) > _WALL_BYTES:
        return False
    page = body.decode("utf-8", "ignore")
    if "验" not in page and b"charset=gb" in body[:2000].lower().replace(b'"', b""):
        page = body.decode("gb18030", "ignore")
    if page.lstrip()[:1] == "{" and len(page) < _WALL_TEXT and _REFUSAL.search(page):
        return True
    lower = page.lower()
    title = lower.partition("<title")[2].partition("</title")[0]
    if not any(words in title for words in _WALL_TITLES) and not any(m in lower for m in _WALL_MARKS):
        return False
    return len("".join(_TAGS.sub(" ", page).split())) < _WALL_TEXT


def failure_status(error: BaseException) -> Status:
    """How a URL ends whose download failed with *error*."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, DownloadTimeoutError):
        return Status.TIMEOUT
    if isinstance(error, DownloadCancelledError):
        return Status.TOO_LARGE
    if isinstance(error, IgnoreRequest):
        reason = str(error)
        if reason.startswith("Forbidden by robots.txt"):
            return Status.ROBOTS_DENIED
        # Scrapy's own words for a decompression bomb, and for a chain of redirects that does not end.
        return Status.TOO_LARGE if "during decompression" in reason else Status.HTTP_ERROR
    if isinstance(error, UnsupportedURLSchemeError):
        return Status.OFFSITE
    return Status.UNREACHABLE
