"""Tiers of publishers: by author, site and address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fengping.analysis import tier_of
from fengping.models import Channel, RawDocument

RAW = RawDocument(id="1", source="s", text="t", fetched_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({"site": "新华网"}, "central"),
        ({"site": "澎湃新闻"}, "provincial"),
        ({"site": "中国消费者协会"}, "association"),
        ({"canonical_url": "https://www.samr.gov.cn/a.html"}, "authority"),
        ({"canonical_url": "https://finance.sina.com.cn/a.html"}, "market"),
        ({"site": "news.cctv.com"}, "central"),
        ({"channel": Channel.WEIBO, "author": "央视新闻", "site": "微博"}, "central"),
        ({"channel": Channel.WEIBO, "author": "@新京报 官方微博", "site": "微博"}, "provincial"),
        ({"channel": Channel.WEIBO, "author": "路人甲", "site": "微博"}, "self"),
        ({"channel": Channel.WEIBO, "site": "微博"}, "platform"),
        ({"site": "无名小站", "url": "https://example.com/"}, ""),
        ({"url": "http://[broken"}, ""),
        ({}, ""),
    ],
)
def test_tier(changes: dict[str, object], tier: str) -> None:
    assert tier_of(replace(RAW, **changes)) == tier  # type: ignore[arg-type]
