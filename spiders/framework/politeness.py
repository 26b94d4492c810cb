"""Politeness of a crawl: the home's ``[crawl]`` is the floor, a source may only be gentler."""

from __future__ import annotations

from typing import Any

from fengping.config import CrawlConfig
from fengping.spiders.sources.model import Source

MAX_PARTS = 20
"""Further pages of one article that are read."""


def spider_settings(source: Source, crawl: CrawlConfig) -> dict[str, Any]:
    """Scrapy settings for one source in one home."""
    delay = max(crawl.delay, source.rate.delay)
    concurrency = min(crawl.concurrency_per_host, source.rate.concurrency)
    comment_pages = source.comments.max_pages if source.comments else 0
    return {
        "USER_AGENT": " ".join(filter(None, (crawl.user_agent, crawl.contact))),
        "ROBOTSTXT_USER_AGENT": crawl.user_agent.partition("/")[0],
        "ROBOTSTXT_OBEY": crawl.obey_robots,
        "DOWNLOAD_DELAY": delay,
        # With a delay of 0 the operator says that the site is his own; AutoThrottle would still wait.
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        # What waits in the downloader is still sent when a crawl is to end early, so little waits there.
        "CONCURRENT_REQUESTS": 2 * concurrency,
        "DOWNLOAD_TIMEOUT": least(source.limits.timeout, crawl.timeout),
        "DOWNLOAD_MAXSIZE": int(least(source.limits.max_bytes, crawl.max_bytes)),
        "CLOSESPIDER_PAGECOUNT": int(least(source.limits.max_requests, crawl.max_pages)),
        "CLOSESPIDER_TIMEOUT": max_seconds(source, crawl),
        "DEPTH_LIMIT": source.pagination.max_pages + MAX_PARTS + comment_pages + 2,
        "COOKIES_ENABLED": source.cookies,
    }


def max_seconds(source: Source, crawl: CrawlConfig) -> float:
    """The time one run of a source may take."""
    return least(source.limits.max_seconds, crawl.max_seconds)


def allow_private(source: Source, crawl: CrawlConfig) -> bool:
    """True if loopback, private and link-local addresses may be fetched."""
    return crawl.allow_private or source.allow_private


def least(own: float | None, ceiling: float) -> float:
    """A source's own limit, never above the home's."""
    return ceiling if own is None else min(own, ceiling)
