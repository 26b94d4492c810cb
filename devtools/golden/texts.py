"""Texts of the three homes. Everything in them is invented, and the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.acceptance.story import PAPER, WIRE, Story, Text

from devtools.bench.index import posts
from fengping.clock import iso
from fengping.models import Channel, RawDocument, document_id
from fengping.sample.posts import HOSTS
from fengping.sample.site import SampleSite

STORY = Story(20, 2)
SIZE = 20_000
SEED = 12
FETCHED = datetime(2020, 11, 16, tzinfo=UTC)
CHANNELS = (Channel.WEIBO, Channel.NEWS, Channel.FORUM, Channel.VIDEO)
NAMING = 9
"""Of so many generated posts one names a host."""
NAMED = (
    "{host}直播间{text}",
    "{host}直播间{text}",
    "在{host}直播间买的是假货，客服不理。{text}",
    "{host}今晚八点直播。{text}",
    "{text}，谢谢{host}",
    "{host}回应称已为消费者退款。{text}",
)
WORDS = (10, 24)
"""Least words of a generated post, and the first number that is too many."""


def demo_keys() -> list[str]:
    """Names of the demonstration's posts, in the order in which they are imported."""
    return [f"{series}-{post.number}" for series, found in SampleSite().posts.items() for post in found]


def demo_rows(series: str) -> list[dict[str, Any]]:
    """Rows of a series of the sample site's posts."""
    return [
        {
            "id": f"{series}-{post.number}", "text": post.text, "author": post.author,
            "published_at": iso(post.at), "likes": post.likes,
        }
        for post in SampleSite().posts[series]
    ]  # fmt: skip


def story_files() -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Channel and rows by source: what was crawled, each with its address, and two tables without any."""
    crawled, delivered = STORY.told, list(STORY.delivered())
    return {
        "paper": ("news", [_row(t, "paper") for t in crawled if t.place == PAPER]),
        "wire": ("news", [_row(t, "wire") for t in crawled if t.place == WIRE]),
        "square": ("weibo", [_row(t, "square") for t in crawled if t.place not in (PAPER, WIRE)]),
        "table-weibo": ("weibo", [_row(t) for t in delivered if t.place == "weibo"]),
        "table-news": ("news", [_row(t) for t in delivered if t.place == "news"]),
    }


def _row(text: Text, series: str = "") -> dict[str, Any]:
    row = {
        "key": text.key, "title": text.title, "text": text.body, "published_at": text.at.isoformat(),
    }  # fmt: skip
    if not series:
        return row | {"id": text.key}
    return row | {"url": f"https://town.example/{series}/{text.key}.html", "author": text.place}


def generated() -> Iterator[RawDocument]:
    """:data:`SIZE` short posts, a ninth of them about a host, a seventh passed on from another."""
    chance = random.Random(SEED)
    for number, (text, at, author) in enumerate(posts(SIZE, words=WORDS)):
        host, named = chance.choice(HOSTS), number % NAMING == 0
        yield RawDocument(
            id=document_id("posts", str(number)),
            source="posts",
            text=NAMED[number // NAMING % len(NAMED)].format(host=host, text=text) if named else text,
            fetched_at=FETCHED,
            url=f"https://posts.example/{number}",
            channel=CHANNELS[number % len(CHANNELS)],
            author=author,
            site="posts.example",
            published_at=at,
        )
