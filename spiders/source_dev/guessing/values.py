"""Finding entries and their fields in a JSON response, by the names that sites give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MIN_ITEMS = 2
_DEPTH = 6
NAMES: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "linkurl", "docurl", "arturl", "publishurl", "weburl", "pageurl", "href"),
    "id": ("id", "docid", "contid", "bvid", "mid", "aid", "sn", "itemid", "articleid", "newsid", "nid", "zj"),
    "title": ("title", "headline", "subject", "name", "word", "keyword", "caption"),
    "text": ("text", "content", "summary", "abstract", "description", "desc", "intro", "digest", "brief"),
    "author": ("author", "authorname", "nickname", "screenname", "username", "uname", "reporter"),
    "author_id": ("authorid", "userid", "uid"),
    "site": ("source", "medianame", "media", "site", "sitename"),
    "published_at": (
        "publishedat", "publishtime", "pubtime", "pubdate", "publishdate", "ptime", "createdat", "createtime",
        "ctime", "datetime", "date", "time", "timestamp", "focusdate", "updatedat",
    ),
    "likes": ("likes", "likecount", "likedcount", "attitudescount", "diggcount", "praisetimes", "upvotes"),
    "comments": ("comments", "commentcount", "commentscount", "replycount", "reply"),
    "reposts": ("reposts", "repostscount", "sharecount", "forwardcount"),
    "views": ("views", "viewcount", "readcount", "playcount", "hotvalue", "hotscore", "hits"),
}  # fmt: skip
"""Names of each field, without case and underscores, the surest first."""


def guess_paths(value: Any) -> Iterator[dict[str, Any]]:
    """Tables of a source file (``json``, ``detail``) for the lists in *value*, the richest first."""
    lists = sorted(_lists(value, "", 0), key=lambda found: -_weight(found[1]))
    for path, items in lists:
        fields = _fields(items)
        if not (fields.keys() & {"title", "text"} and fields.keys() & {"url", "id"}):
            continue
        tables: dict[str, Any] = {"json": {"items": path or "@", "fields": fields}}
        yield tables if "url" in fields else tables | {"detail": False}


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        items = [item for item in value if isinstance(item, dict)]
        if len(items) >= MIN_ITEMS:
            yield path, items
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists(inner, _step(path, name), depth + 1)


def _step(path: str, name: str) -> str:
    quoted = name if re.fullmatch(r"[A-Za-z_]\w*", name) else '"' + name.replace('"', '\\"') + '"'
    return f"{path}.{quoted}" if path else quoted


def _weight(items: Sequence[Mapping[str, Any]]) -> int:
    """Measure the text of the entries: a list of posts weighs more than one of menus."""
    return sum(len(text) for item in items for _, text in _scalars(item, "", 0) if isinstance(text, str))


def _scalars(item: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every text and number of an entry with its path, the outer ones first."""
    if not isinstance(item, dict) or depth > 2:
        return
    for name, value in item.items():
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield _step(path, name), value
    for name, value in item.items():
        yield from _scalars(value, _step(path, name), depth + 1)


def _fields(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The path of each field that has a known name and a fit value in most entries."""
    paths: dict[str, list[Any]] = {}
    for item in items:
        for path, value in _scalars(item, "", 0):
            paths.setdefault(path, []).append(value)
    common = {path: values for path, values in paths.items() if len(values) * 2 >= len(items)}
    found: dict[str, str] = {}
    for field, names in NAMES.items():
        fit = {path for path, values in common.items() if any(_fits(field, value) for value in values)}
        best = min(
            ((names.index(_plain(path)), path.count("."), path) for path in fit if _plain(path) in names),
            default=None,
        )
        if best is not None and best[2] not in found.values():
            found[field] = best[2]
    return found


def _plain(path: str) -> str:
    return re.sub(r"[\W_]", "", path.rpartition(".")[2]).lower()


def _fits(field: str, value: Any) -> bool:
    if field == "url":
        return isinstance(value, str) and value.startswith(("http://", "https://", "/"))
    if field in ("likes", "comments", "reposts", "views"):
        return bool(re.match(r"\s*\d", str(value)))
    if field == "published_at":
        return bool(re.search(r"\d{2}|前|昨", str(value)))
    if field in ("title", "text", "author", "site"):
        return isinstance(value, str) and bool(value.strip())
    return str(value).strip() != ""
