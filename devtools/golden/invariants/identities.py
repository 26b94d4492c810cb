"""Ids of documents, and of whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devtools.golden.homes import Homes, written
from devtools.golden.records import sliced
from devtools.golden.running import succeed

ADDRESSES = (
    "https://news.example/a/1.html",
    "http://news.example/a/1.html",
    "https://NEWS.example:443/a/1.html?utm_source=x&spm=1.2#top",
    "https://news.example/a?id=7&from=timeline&b=2",
    "https://news.example/a?b=2&id=7",
    "https://m.weibo.cn/status/4567890123456789",
    "https://weibo.com/1234567890/Jt0aBcDeF?from=page&type=comment",
    "https://mp.weixin.qq.com/s?__biz=MzA5&mid=2650&idx=1&sn=abc&chksm=def&scene=27",
    "https://www.bilibili.com/video/BV1xx411c7mD/?share_source=copy_web&p=2",
    "https://news.example/中文/路径?词=带货",
    "https://news.example/%E4%B8%AD%E6%96%87/路径?词=带货",
    "https://news.example/a/1.html/",
)  # fmt: skip


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    """Id and author's id of documents of each home; address, canonical address and id of odd addresses."""
    for made in (homes.demo, homes.story, homes.posts):
        ids = ((key, f"{d.id} {d.raw.author_id}".strip()) for key, d in made.documents.items())
        yield from sliced("id of", ids, every=50)
    root = homes.empty("addresses")
    rows = [{"text": f"第{n}个地址下的一条评论。", "url": url} for n, url in enumerate(ADDRESSES)]
    succeed(root, "import", str(written(root / "in.jsonl", rows)), "--source", "addresses", "--yes")
    succeed(root, "index", "--quick")
    for hit in succeed(root, "search", "--limit", "99", "--json").json["hits"]:
        yield f"address {hit['url']}", {"id": hit["id"], "canonical": hit["canonical_url"]}
