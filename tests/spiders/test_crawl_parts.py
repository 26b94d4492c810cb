"""The decisions of a crawl, as values: addresses, responses, counts and times, visits, the ledger."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.robotstxt import ProtegoRobotParser
from tests.site.server import article
from twisted.internet.address import IPv4Address

from fengping.models import Engagement, Kind, Precision, RawDocument
from fengping.privacy import hash_author, mask_nickname, shown_author
from fengping.spiders import Status
from fengping.spiders.extraction import Unreadable, clean, count_of, moment_of, parse_json
from fengping.spiders.framework import (
    CrawlDelay,
    PublicOnlyResolver,
    Refused,
    failure_status,
    is_door,
    is_public,
    is_wall,
    refused_hosts,
    response_status,
)
from fengping.spiders.run import Ledger
from fengping.spiders.seen import Seen, Window, next_visit, outcome, plan, seen_of

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)


# -- addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2400:3200::1", True), ("127.0.0.1", False), ("127.8.8.8", False),
        ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True), ("2002:7f00:1::", False), ("ff02::1", False),
        ("::127.0.0.1", False), ("::8.8.8.8", True), ("::ffff:0:10.0.0.1", False), ("::ffff:0:8.8.8.8", True),
        ("64:ff9b:1::808:808", False), ("64:ff9b:1:808:8:800::", False), ("2002:808:808::", True),
        ("2002:c0a8:101::1", False),
        ("2001:0:808:808::f7f7:f7f7", True), ("2001:0:808:808::80ff:fffe", False),
        ("2001:0:a00:1::f7f7:f7f7", False), ("2400:3200::5efe:7f00:1", False),
        ("2400:3200::200:5efe:808:808", True), ("fec0::1", False), ("5f00::1", False), ("2001:db8::1", False),
        ("192.88.99.1", False), ("3fff::1", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


class _Names:
    """A reactor whose name server answers from a list, as one that rebinds does."""

    def __init__(self, *answers: list[str]) -> None:
        self.nameResolver = self
        self._answers = list(answers)

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> None:
        receiver.resolutionBegan(None)
        for address in self._answers.pop(0):
            receiver.addressResolved(IPv4Address("TCP", address, port))
        receiver.resolutionComplete()


class _Receiver:
    def __init__(self) -> None:
        self.hosts: list[str] = []

    def resolutionBegan(self, resolution: Any) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:
        pass


def test_only_public_addresses_are_ever_handed_out_to_connect_to() -> None:
    refused_hosts.clear()
    names = _Names(["8.8.8.8", "10.0.0.1"], ["127.0.0.1"])
    resolver = PublicOnlyResolver(names, cache_size=0, allow_private=False)
    first, rebound = _Receiver(), _Receiver()
    resolver.resolveHostName(first, "rebind.example")  # type: ignore[arg-type]
    assert first.hosts == ["8.8.8.8"] and not refused_hosts
    resolver.resolveHostName(rebound, "rebind.example")  # type: ignore[arg-type]
    assert rebound.hosts == [] and refused_hosts == {"rebind.example"}


# -- responses -----------------------------------------------------------------------------------------

WALLS = [
    "<html><head><title>百度安全验证</title></head><body><div id=captcha></div></body></html>",
    "<html><head><title>Sina Visitor System</title></head><body><script>incarnate()</script></body></html>",
    "<html><body><script src='https://static.geetest.com/gt.js'></script><p>请完成下列验证</p></body></html>",
    "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
    "<html><body>您的访问过于频繁，请稍后再试</body></html>",
    "<html><head><title>验证码中间页</title></head><body><div id=captcha_container></div></body></html>",
    "<html><head><meta id='zh-zse-ck' content='005_x'></head><body><script>go()</script></body></html>",
    "<html><script>location.href='https://passport.weibo.com/sso/signin?entry=miniblog'</script></html>",
    "<html><body><form action='/wzws-waf-cgi/'>请开启JavaScript并刷新该页</form></body></html>",
    "<html><head><title>405</title></head><body>很抱歉，您的访问被阻断。</body></html>",
    "<script>location.href='https://www.xiaohongshu.com/website-login/captcha?verifyUuid=x'</script>",
    "<script>/*"
    + "sdk " * 20_000
    + "*/window.byted_acrawler.init({aid:99999999});var __ac_nonce=f();</script>",
    '{"error":{"message":"您当前请求存在异常，暂时限制本次访问。","code":40362}}',
    '{"result":400002,"captcha":{"url":"https://captcha.zt.kuaishou.com/"}}',
    '{"status_code":0,"data":[],"search_nil_info":{"search_nil_type":"verify_check"},"extra":"'
    + "x" * 900
    + '"}',
]


@pytest.mark.parametrize("page", WALLS)
def test_walls_are_recognised(page: str) -> None:
    assert is_wall(page.encode())
    assert response_status(200, page.encode()) is Status.BLOCKED


def test_a_wall_in_gbk_is_recognised() -> None:
    page = '<html><head><meta charset="gbk"><title>访问验证</title></head><body>验证</body></html>'
    assert is_wall(page.encode("gbk"))


@pytest.mark.parametrize(
    ("url", "asked", "door"),
    [
        ("https://passport.weibo.com/sso/signin?entry=x", "https://s.weibo.com/weibo?q=x", True),
        ("https://www.zhihu.com/account/unhuman?type=x", "https://www.zhihu.com/question/1", True),
        ("https://www.zhihu.com/signin?next=%2Fhot", "https://www.zhihu.com/hot", True),
        ("https://wappass.baidu.com/static/captcha/x.html", "https://www.baidu.com/s?wd=x", True),
        (
            "https://www.xiaohongshu.com/website-login/error?code=300012",
            "https://www.xiaohongshu.com/e/1",
            True,
        ),
        ("https://news.example/login/2020/1.html", "https://news.example/login/2020/1.html", False),
        ("https://news.example/a/loginless-shopping.html", "https://news.example/a/1", False),
    ],
)
def test_doors_are_recognised_by_where_they_stand(url: str, asked: str, door: bool) -> None:
    assert is_door(url, asked) is door


def test_an_article_about_captchas_is_no_wall() -> None:
    page = article("滑块验证码为什么越来越难", "平台的安全验证让许多人放弃了购买" * 12)
    assert not is_wall(page.encode())
    assert response_status(200, page.encode()) is None


@pytest.mark.parametrize(
    ("code", "body", "status"),
    [
        (200, b"<p>x", None), (203, b"x", None), (200, b" \n", Status.EMPTY_BODY),
        (304, b"", Status.NOT_MODIFIED), (404, b"x", Status.GONE), (410, b"", Status.GONE),
        (401, b"", Status.BLOCKED), (403, b"", Status.BLOCKED), (412, b"", Status.BLOCKED),
        (418, b"", Status.BLOCKED), (429, b"", Status.BLOCKED), (500, b"x", Status.HTTP_ERROR),
        (432, b"", Status.BLOCKED), (461, b"{}", Status.BLOCKED), (471, b"{}", Status.BLOCKED),
        (521, b"<script>", Status.BLOCKED), (567, b"", Status.BLOCKED), (451, b"", Status.BLOCKED),
        (302, b"x", Status.HTTP_ERROR), (503, WALLS[3].encode(), Status.BLOCKED),
    ],
)  # fmt: skip
def test_what_a_response_means(code: int, body: bytes, status: Status | None) -> None:
    assert response_status(code, body) is status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused(Status.OFFSITE, "x"), Status.OFFSITE),
        (DownloadTimeoutError(), Status.TIMEOUT),
        (DownloadCancelledError(), Status.TOO_LARGE),
        (IgnoreRequest("Forbidden by robots.txt"), Status.ROBOTS_DENIED),
        (IgnoreRequest("… exceeded DOWNLOAD_MAXSIZE (9 B) during decompression."), Status.TOO_LARGE),
        (IgnoreRequest("max redirections reached"), Status.HTTP_ERROR),
        (CannotResolveHostError(), Status.UNREACHABLE),
        (ConnectionResetError(), Status.UNREACHABLE),
    ],
)
def test_what_a_failure_means(error: Exception, status: Status) -> None:
    assert failure_status(error) is status


def test_the_delay_that_robots_txt_asks_for_is_kept() -> None:
    robots = ProtegoRobotParser(b"User-agent: *\nCrawl-delay: 7\n", None)
    throttle = AutoThrottle.__new__(AutoThrottle)
    throttle.mindelay = 1.0
    crawler = SimpleNamespace(extensions=SimpleNamespace(middlewares=[throttle]))
    CrawlDelay(crawler, "fengping", 60.0).robots_parsed(robots, None)  # type: ignore[arg-type]
    assert throttle.mindelay == 7
    CrawlDelay(crawler, "fengping", 5.0).robots_parsed(robots, None)  # type: ignore[arg-type]
    assert throttle.mindelay == 7


# -- values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        (12, 12), ("1,234", 1234), ("1.2万", 12_000), ("10w+", 100_000), ("3.4亿次播放", 340_000_000),
        ("5千", 5000), ("2百万", 2_000_000), ("赞", None), ("", None), (None, None), (True, None),
        (-1, None), ("评论 56", 56), (7.0, 7), (3 * 10**9, 3 * 10**9), (10**20, None), ("9" * 25, None),
        (float("inf"), None), (float("nan"), None),
    ],
)  # fmt: skip
def test_counts(shown: object, count: int | None) -> None:
    assert count_of(shown) == count


@pytest.mark.parametrize(
    ("value", "zone", "moment", "precision"),
    [
        (1605096000, "Asia/Shanghai", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        (1605096000.0, "Asia/Tokyo", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        ("1605096000000", "Asia/Shanghai", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        ("2020-11-11 20:00", "Asia/Shanghai", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.MINUTE),
        ("2020-11-11 20:00", "Asia/Tokyo", datetime(2020, 11, 11, 11, tzinfo=UTC), Precision.MINUTE),
        ("2020-11-11T20:00:00+08:00", "Asia/Tokyo", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        ("2020-11-11 12:00:00+00", "Asia/Tokyo", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        ("2020-11-11T12:00:00Z", "Asia/Tokyo", datetime(2020, 11, 11, 12, tzinfo=UTC), Precision.SECOND),
        (
            "Wed, 11 Nov 2020 07:00:00 EST",
            "Asia/Tokyo",
            datetime(2020, 11, 11, 12, tzinfo=UTC),
            Precision.SECOND,
        ),
        # Five minutes ago on the site's clocks, which are an hour before ours; and what lies ahead there.
        ("2020-11-12 12:55", "Asia/Tokyo", datetime(2020, 11, 12, 3, 55, tzinfo=UTC), Precision.MINUTE),
        ("2020-11-12 13:30", "Asia/Tokyo", None, None),
        ("今天 12:55", "Asia/Tokyo", datetime(2020, 11, 12, 3, 55, tzinfo=UTC), Precision.MINUTE),
        ("前天 20:00", "Asia/Tokyo", datetime(2020, 11, 10, 11, tzinfo=UTC), Precision.MINUTE),
        ("3小时前", "Asia/Tokyo", datetime(2020, 11, 12, 1, tzinfo=UTC), Precision.HOUR),
        ("无日期", "Asia/Shanghai", None, None),
        (None, "Asia/Shanghai", None, None),
    ],
)
def test_times(value: object, zone: str, moment: datetime | None, precision: Precision | None) -> None:
    assert moment_of(value, NOW, zone) == (moment, precision)


def test_markup_is_taken_out_of_values() -> None:
    assert clean("<p>甲<br>乙</p><script>x()</script>", lines=True) == "甲\n乙"
    assert clean("1 < 2，3 > 2") == "1 < 2，3 > 2"
    assert clean({"a": 1}) == "" and clean(5) == "5"


@pytest.mark.parametrize(
    ("text", "within", "value"),
    [
        ('{"a": 1}', "", {"a": 1}), ('cb({"a": 1});', "", {"a": 1}), ("[1, 2]", "", [1, 2]),
        ('/**/jQuery1_2([1])', "", [1]), ('<script>window.S = {"a": [1]};</script>', "window.S", {"a": [1]}),
    ],
)  # fmt: skip
def test_json_in_its_wrappings(text: str, within: str, value: object) -> None:
    assert parse_json(text, within) == value


@pytest.mark.parametrize(
    ("text", "within"), [("<html>", ""), ("", ""), ("{}", "window.S"), ("[" * 100_000, "")]
)
def test_what_is_no_json_is_told(text: str, within: str) -> None:
    with pytest.raises(Unreadable):
        parse_json(text, within)


def test_authors_are_hashed_and_masked() -> None:
    one, other = hash_author(b"salt", "平台", "42"), hash_author(b"other salt", "平台", "42")
    assert one == hash_author(b"salt", "平台", "42") != other
    assert hash_author(b"salt", "平台", "") == ""
    assert hash_author(b"salt", "新浪微博", "42") == hash_author(b"salt", "weibo-search", "42")
    assert mask_nickname("买家甲") == "买**" and mask_nickname("") == ""
    assert shown_author("记者甲", Kind.NEWS, mask=True) == "记者甲"
    assert shown_author("买家甲", Kind.COMMENT, mask=True) == "买**"


# -- visits --------------------------------------------------------------------------------------------


def document(text: str = "正文", likes: int | None = None, at: datetime = NOW) -> RawDocument:
    return RawDocument("k", "s", text, at, engagement=Engagement(likes=likes))


def seen() -> Seen:
    return seen_of(document(likes=5), None, Status.STORED, (1.0, 6.0))


def test_what_a_fetched_document_is() -> None:
    later = NOW + timedelta(hours=2)
    assert outcome(None, document()) is Status.STORED
    assert outcome(seen(), document("另一稿")) is Status.UPDATED
    assert outcome(seen(), document(likes=9)) is Status.KNOWN
    assert outcome(seen(), document(likes=9, at=later)) is Status.UPDATED
    assert outcome(seen(), document(likes=5, at=later)) is Status.UNCHANGED
    assert outcome(seen(), document(likes=None, at=later)) is Status.UNCHANGED


def test_what_happens_to_an_entry_before_it_is_fetched() -> None:
    always = Window()
    assert plan(None, NOW, always, None) is None
    assert plan(seen(), NOW, always, None) is Status.KNOWN
    assert plan(seen(), NOW + timedelta(hours=1), always, None) is None
    rejected = Seen("k", "u", Status.GONE, NOW, NOW, next_visit=NOW + timedelta(days=1))
    assert plan(rejected, NOW, always, None) is Status.SKIPPED
    assert plan(rejected, NOW + timedelta(days=1), always, None) is None
    window = Window(NOW, NOW + timedelta(hours=1))
    assert plan(None, NOW, window, NOW - timedelta(seconds=1)) is Status.OUT_OF_RANGE
    assert plan(None, NOW, window, NOW + timedelta(hours=1)) is Status.OUT_OF_RANGE
    assert plan(None, NOW, window, NOW) is None
    assert plan(None, NOW, window, None) is None


@given(st.lists(st.floats(0.1, 1000), max_size=6), st.floats(0, 2000))
def test_the_next_visit_is_the_first_step_still_to_come(hours: list[float], passed: float) -> None:
    now = NOW + timedelta(hours=passed)
    steps = [NOW + timedelta(hours=hour) for hour in sorted(hours)]
    expected = min((step for step in steps if step > now), default=None)
    assert next_visit(NOW, now, sorted(hours)) == expected


# -- the ledger ----------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "k1", "k2", "k3"]), st.booleans())),
    st.sampled_from(list(Status)),
)
def test_every_url_opened_has_exactly_one_end(steps: list[tuple[str, str, bool]], status: Status) -> None:
    ledger = Ledger()
    for url, key, close in steps:
        if ledger.open(url, key) and close:
            ledger.close(url, status)
    ledger.finish()
    assert ledger.counts.total() == len({url for url, _, _ in steps})
    assert Counter(ledger.ends.values()) == ledger.counts


def test_closing_twice_is_a_fault() -> None:
    ledger = Ledger()
    ledger.open("u")
    ledger.close("u", Status.STORED)
    with pytest.raises(ValueError, match="not open"):
        ledger.close("u", Status.STORED)
