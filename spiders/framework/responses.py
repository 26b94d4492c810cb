"""Classification of responses and failed downloads, as pure functions of their values."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Iterator
from html import unescape

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from selectolax.lexbor import LexborHTMLParser

from fengping.analysis.text import WordFinder
from fengping.spiders.extraction.state import read_state
from fengping.spiders.run.statuses import Flag, Status

BLOCKING = frozenset({401, 403, 407, 412, 418, 429, 432, 451, 461, 471, 493, 509, 521, 567})
"""Codes by which sites refuse visitors (412: Bilibili's and many offices', 418: Douban's and Weibo's, 432:
Weibo's, 461 and 471: Xiaohongshu's captcha, 493: 360's wall, 521: Jiasule's, 567: Tencent's)."""

_WALL_TITLES = (
    "验证码", "安全验证", "访问验证", "人机验证", "身份验证", "滑块", "访问过于频繁", "访问受限",
    "访问被拒绝", "请求异常", "系统检测到", "请完成验证", "请先登录", "登录页", "sina visitor system",
    "just a moment", "attention required", "access denied", "captcha", "security check",
    "security verification", "访问被阻断", "访问禁止", "网站防火墙", "环境异常",
)  # fmt: skip
_WALL_MARKS = WordFinder((
    "passport.weibo.com/visitor", "passport.weibo.cn/visitor", "geetest", "aliyun_waf", "acw_sc__v2",
    "_nc_captcha", "_nccaptcha", "turing.captcha", "wappass.baidu.com", "verifycenter", "cf-challenge",
    "g-recaptcha", "hcaptcha", "请输入验证码", "拖动滑块", "向右滑动",
    "访问过于频繁", "操作过于频繁", "异常访问请求", "访问被阻断", "请求存在异常", "请求太频繁",
    # The doors of Weibo, Zhihu, Xiaohongshu, Kuaishou; then of 360, Jiasule, Chuangyu, Tencent.
    "passport.weibo.com/sso/signin", "zh-zse-ck", "account/unhuman", "website-login/captcha",
    "website-login/error", "captcha.zt.kuaishou.com", "操作太快", "wzws-waf-cgi", "wzws_",
    "__jsl_clearance", "365cyd.com/cyd-error", "waf-jschallenge",
))  # fmt: skip
_REFUSAL = re.compile(
    r'"ok"\s*:\s*-100\b|"code"\s*:\s*(?:-(?:100|101|104|352|412|509|799)|30001[1-5]|10003|4035[0-9]|4036[0-9])\b'
    r'|"result"\s*:\s*400002\b'
)
"""Refusals of Weibo, Bilibili, Xiaohongshu, Zhihu and Kuaishou, with 200 and a few words of JSON."""
_NOTHING_SHOWN = '"verify_check"'
"""Answer of Douyin to a search that it wants a captcha for: 200, and no list."""
_CHALLENGE = (b"byted_acrawler.init(", b"__ac_nonce")
"""Scripts of Toutiao and Douyin in place of a page: they sign a cookie and are longer than other walls. The
longer mark first, which is looked for in half the time."""
_DOOR = re.compile(
    r"^https?://(?:[\w.-]+\.)?(?:passport|login|sso|wappass|captcha)\.[^/]+/"
    r"|/(?:website-login|unhuman|signin|login|captcha|verifycenter)(?:[/?.]|$)",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_WALL_TEXT = 400
"""A wall says little; a page with more words than that is an article, even one about captchas."""
_WALL_BYTES = 60_000


_LOGINS = ("登录", "登陆", "passport.", "signin", "log in", "login", "sina visitor system")
_CHECKS = (
    "防火墙",
    "waf",
    "访问被阻断",
    "访问禁止",
    "jsl_clearance",
    "wzws",
    "just a moment",
    "attention required",
)
_TOO_MANY = ("过于频繁", "太频繁", "操作太快")
_SORRY = (
    r"(?:404|http|error|错误|页面?|出错[啦了]?|(?:系统|温馨)?提示(?:信息)?"
    r"|(?:非常|真的?|很)?(?:抱歉|对不起|遗憾)|sorry|oops|啊哦|哎呀)*"
)
_ASKED = (
    r"(?:您|你|所|正在|想|要|需要|请求|访问|查看|打开|浏览|查找|寻找|找|的)*"
    r"(?:该|此|本|这个|这条|这篇|当前)?"
)
_THING = (
    r"(?:页面?|网页|文章|内容|帖子|微博|新闻|稿件|文件(?:或目录)?|资源|信息|作品|笔记|视频|商品|链接|地址"
    r"|主题|问题|回答|投诉)"
)
_LOST = (
    r"(?:已经?|可能)?(?:不存在|找不到|没有?找到|未找到|不见|走丢|丢失|失效"
    r"|被?(?:作者|发布者|用户|管理员)?删除)了?"
)
_NOT_THERE = re.compile(
    rf"{_SORRY}(?:404(?:error|page|错误|页面?|提示)*|[a-z]{{0,40}}(?:not|cannot)(?:be)?found"
    rf"|{_ASKED}{_THING}{_LOST}(?:(?:或者?)?{_LOST})?|(?:找不到|无法找到|未找到|没有找到){_ASKED}{_THING})"
)
"""A whole title, or a part of one between dashes, by which a site says that a page is not there; of letters
and digits alone. A headline that holds such words (维权帖子被删除 平台回应, 罚没1404万元) is an article's."""
_LONGEST_NOTICE = 60
_DASHES = re.compile("[-_|—–·]")


class Refused(IgnoreRequest):
    """A request that is not sent, with the status its URL ends in."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def response_status(code: int, body: bytes) -> Status | None:
    """Return the final status of a URL by its response alone; ``None`` if the body is to be read."""
    if code == 304:
        return Status.NOT_MODIFIED
    if code in (404, 410):
        return Status.GONE
    if code in BLOCKING or (code in (200, 202, 503) and is_wall(body)):
        return Status.BLOCKED
    if code == 200 and is_soft_404(body):
        return Status.GONE
    if code >= 300:
        return Status.HTTP_ERROR
    if not body.strip():
        return Status.EMPTY_BODY
    return None


def is_wall(body: bytes) -> bool:
    """True if a page is a captcha, login or «too many visits» page instead of the one asked for."""
    challenge = all(mark in body for mark in _CHALLENGE)
    if len(body) > _WALL_BYTES and not challenge:
        return False
    page = _decoded(body)
    if page.lstrip()[:1] == "{" and (
        _NOTHING_SHOWN in page or (len(page) < _WALL_TEXT and _REFUSAL.search(page))
    ):
        return True
    lower = page.lower()
    title = lower.partition("<title")[2].partition("</title")[0]
    marked = challenge or bool(_WALL_MARKS.find(lower))
    if not marked and not any(words in title for words in _WALL_TITLES):
        return False
    # The words of a title alone may be the headline of an article about captchas.
    return _says_little(page) and (marked or not _holds_article(page))


def _decoded(body: bytes) -> str:
    page = body.decode("utf-8", "ignore")
    if "验" not in page and b"charset=gb" in body[:2000].lower().replace(b'"', b""):
        page = body.decode("gb18030", "ignore")
    return page


def is_soft_404(body: bytes) -> bool:
    """True if a page says with 200 that what was asked for is not there: in its title, and in few words."""
    if len(body) > _WALL_BYTES:
        return False
    page = _decoded(body)
    title = _title(page)
    return (
        any(_is_notice(part) for part in (title, *_DASHES.split(title)))
        and _says_little(page)
        and not _holds_article(page)
    )


def _title(page: str) -> str:
    rest = page.partition("<title")[2] or page.partition("<TITLE")[2]
    return unescape(rest.partition(">")[2].partition("</")[0]).strip()


def _is_notice(title: str) -> bool:
    bare = "".join(filter(str.isalnum, title)).lower()
    return len(bare) <= _LONGEST_NOTICE and _NOT_THERE.fullmatch(bare) is not None


def _says_little(page: str) -> bool:
    return len("".join(_TAGS.sub(" ", page).split())) < _WALL_TEXT


def _holds_article(page: str) -> bool:
    """True if a script of the page holds the article of its title, which the page itself need not show."""
    # Scripts alone: they stand beside each other, and deep pages take the parser long.
    scripts = [part.partition("</script")[0] for part in page.split("<script")[1:]]
    if not scripts:
        return False
    parser = LexborHTMLParser("".join(f"<script{script}</script>" for script in scripts))
    state = read_state(parser, _title(page))
    # A wall's own dialogue has a title and words in its script too, but was not published at any time.
    return bool(state.title and state.content and state.time)


def refusal(url: str, body: bytes, *, session: bool) -> str:
    """Name what a site shows instead of what was asked for; *session*: a saved login was sent."""
    if not body.strip():
        return "nothing at all"
    page = f"{url}\n{_decoded(body[:_WALL_BYTES])}".lower()
    title = page.partition("<title")[2].partition("</title")[0] or page
    if any(word in title for word in _LOGINS) or (_DOOR.search(url) and any(w in page for w in _LOGINS)):
        return EXPIRED if session else LOGIN_PAGE
    if any(word in page for word in _TOO_MANY):
        return "a note that it was visited too often"
    if any(word in page for word in _CHECKS):
        return "the check of a firewall"
    if page.partition("\n")[2].lstrip()[:1] == "{":
        return "a refusal in a few words of JSON"
    return "a captcha"


LOGIN_PAGE = "a login page"
EXPIRED = "a login page, so the saved login has expired"


def is_door(url: str, asked: str) -> bool:
    """True if a site led from the address *asked* to a login or captcha page at *url*."""
    return _DOOR.search(url) is not None and _DOOR.search(asked) is None


def failure_status(error: BaseException) -> Status:
    """Return the final status of a URL whose download failed with *error*."""
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


_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN}
_MARKS = {
    "OpenSSL.SSL.Error": Flag.TLS,
    "ERR_CERT": Flag.TLS,
    "ERR_SSL": Flag.TLS,
    "ERR_CONNECTION_REFUSED": Flag.REFUSED,
    "ERR_ADDRESS_UNREACHABLE": Flag.NO_ROUTE,
    "ERR_INTERNET_DISCONNECTED": Flag.NO_ROUTE,
}
"""Words of Twisted and Chromium, which keep no error behind theirs."""


def failure_cause(error: BaseException) -> Flag | None:
    """Return the cause of a download that failed, for those that end as :attr:`Status.UNREACHABLE`."""
    if failure_status(error) is not Status.UNREACHABLE:
        return None
    if isinstance(error, CannotResolveHostError):
        return Flag.NO_HOST
    if known := [flag for mark, flag in _MARKS.items() if mark in str(error)]:
        return known[0]
    behind = list(_behind(error))
    if any(isinstance(one, ssl.SSLError) for one in behind):
        return Flag.TLS
    if any(isinstance(one, OSError) and one.errno in _NO_ROUTE for one in behind):
        return Flag.NO_ROUTE
    return Flag.REFUSED if isinstance(error, DownloadConnectionRefusedError) else Flag.BROKEN_OFF


def response_cause(code: int, status: Status | None) -> Flag | None:
    """Return the cause of an answer that refuses or fails; ``None`` where its status says enough.

    A login page has a flag of its own, set by who reads the page.
    """
    if status is Status.BLOCKED:
        return {403: Flag.ANSWERED_403, 429: Flag.ANSWERED_429}.get(code)
    return Flag.ANSWERED_5XX if status is Status.HTTP_ERROR and code >= 500 else None


def _behind(error: BaseException) -> Iterator[BaseException]:
    """*error* and all that it was raised from."""
    met: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in met:
            met.add(id(one))
            yield one
            # aiohttp keeps the system's error beside the chain.
            waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
            waiting += [getattr(one, "certificate_error", None)]
