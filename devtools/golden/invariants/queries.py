"""Searches with their order, counts and trends of queries that ask for no label."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from devtools.golden.homes import WINDOW, Homes, Made

QUERIES = (
    "", "退款", "主播 (退货 OR 投诉) -好评", "主播 或 投诉", '"直播间 假货"', "title:直播",
    "text:客服 -title:直播",
    "假货 NEAR/6 客服", "客服 NEAR/12 退款", "NEAR/10(直播间 假货)", "ONEAR/10(直播间 假货)",
    "NEAR/30(直播间 客服 退款)", "直播间 NEAR/8 (假货 OR 退货)", "ONEAR/3(客服 退款)",
    "title:(直播间 NEAR/9 投诉)",
    "channel:news", "channel:weibo 投诉", "since:2020-11-01 until:2020-11-03 直播",
    "since:2020-11-11T20:00 直播", "likes:>700 直播间", "author:豆沙包", "双11", "shoes refunded*",
    "直播 -channel:news", "11", "（退款 OR 退货） 客服",
)  # fmt: skip
SORTS = ("newest", "oldest", "relevance")
COURSES = ("", "退款", "直播间 (退货 OR 投诉)", "NEAR/10(直播间 退款)")
PERIOD = ("--since", WINDOW[1], "--until", WINDOW[3])


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    for made in (homes.demo, homes.story, homes.posts):
        yield from _searches(made)
        yield from _courses(made)


def _searches(made: Made) -> Iterator[tuple[str, Any]]:
    for query in QUERIES:
        # All of one order; the others where they cost little.
        for sort in SORTS if query in COURSES else SORTS[:1]:
            found = made.run("search", query, "--sort", sort, "--limit", "15")
            yield f"{made.name} search {query or 'everything'} {sort}", _hits(made, found)
    found = made.run("search", "直播", "--offset", "5", "--limit", "5", *PERIOD, "--channel", "news")
    yield f"{made.name} search 直播 --channel news, hits 6 to 10", _hits(made, found)


def _hits(made: Made, found: dict[str, Any]) -> dict[str, Any]:
    return {"total": found["total"], "hits": made.named(hit["id"] for hit in found["hits"])}


def _courses(made: Made) -> Iterator[tuple[str, Any]]:
    for query in COURSES:
        for by in ("hour", "day", "week", "month") if query == COURSES[1] else ("day",):
            yield f"{made.name} trend {query or 'everything'} --by {by}", _course(made, query, "--by", by)
    for split in ("channel", "source"):
        yield (
            f"{made.name} trend 直播 --split {split}",
            _course(made, "直播", "--by", "week", "--split", split),
        )


def _course(made: Made, *arguments: str) -> dict[str, str]:
    """First and last interval and the counts, zeros included, of each value that the course is split by."""
    points = made.run("trend", *arguments, *PERIOD)
    points.sort(key=lambda point: (point["split"] or "", point["start"]))
    found = {}
    for split, group in groupby(points, lambda point: point["split"]):
        part = list(group)
        counts = " ".join(str(point["count"]) for point in part)
        found[split or "all"] = f"{part[0]['start']} to {part[-1]['start']} {counts}"
    return found
