"""The state that a page's scripts embed: ``__NEXT_DATA__``, ``__INITIAL_STATE__``, ``var ct = "1605009600"``.

Nothing is executed. JSON is decoded and searched for the object that is the article; of other JavaScript
only assignments of literals are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from fengping.spiders.extraction.counts import parse_count

CONTENT_KEYS = ("content", "contentHtml", "content_html", "articleContent", "article_content", "articleBody",
                "body", "html", "detail", "text", "txt", "longTextContent", "desc")  # fmt: skip
TITLE_KEYS = (
    "title",
    "headline",
    "articleTitle",
    "article_title",
    "msg_title",
    "subject",
    "share_title",
    "name",
)
TIME_KEYS = (
    "publish_time", "publishTime", "publishedAt", "published_at", "published", "pubTime", "pub_time",
    "pubtime", "pubDate", "publishDate", "publish_date", "pubdate", "ptime", "show_time", "display_time",
    "releaseTime", "newsTime", "newstime", "issueTime", "ct", "createTime", "create_time", "created_at",
    "createdAt", "created", "ctime", "datetime", "date", "time",
)  # fmt: skip
SOURCE_KEYS = (
    "source",
    "sourceName",
    "source_name",
    "media_name",
    "mediaName",
    "copyFrom",
    "media",
    "origin",
)
AUTHOR_KEYS = ("author", "authorName", "author_name", "userName", "user_name", "nickname", "nickName",
               "screen_name", "writer", "user", "owner")  # fmt: skip
COUNT_KEYS = {
    "likes": ("like_count", "likeCount", "likedCount", "liked_count", "digg_count", "diggCount",
              "attitudes_count", "voteup_count", "praise", "like", "likes"),
    "comments": ("comment_count", "commentCount", "comments_count", "commentsCount", "reply", "replyCount"),
    "reposts": ("share_count", "shareCount", "reposts_count", "repost_count", "forward_count", "share"),
    "views": ("read_count", "readCount", "view_count", "viewCount", "play_count", "playCount", "pv", "view"),
}  # fmt: skip

COUNT_HOLDERS = ("stats", "stat", "statistics", "interactInfo", "interaction", "counts")

_DATA = re.compile(r"[=(]\s*(?=[{\[])")
_DATA_ALONE = re.compile(r"\s*(?=[{\[])")
_ENCODED = re.compile(r"""(?:JSON\.parse|decodeURIComponent)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*(?:undefined|NaN|void 0)(?=\s*[,}\]])")
# From the sign on, and the key looked for before it: signs are far fewer than names.
_LITERAL = re.compile(
    r"""[:=]\s*(?:htmlDecode\(|decodeURIComponent\()?\s*"""
    r"""(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'|(?P<number>\d{10}(?:\d{3})?)\b)"""
)
_KEY_BACKWARDS = re.compile(r"""\s*["']?(\w{1,30}[A-Za-z_])["']?(?![\w.$])""")
_LONGEST_KEY = 48
"""Characters of a key with its quotes and the space after it."""
_KEYS = frozenset((*CONTENT_KEYS[:7], *TITLE_KEYS[:6], *TIME_KEYS[:23], *SOURCE_KEYS[:5], *AUTHOR_KEYS[:7]))
_LIKELY = (
    "content",
    "title",
    "time",
    "text",
    "Content",
    "Title",
    "Time",
    "Text",
    "articleBody",
    "TITLE",
    "ct",
)
_NOT_SHOWN = re.compile("[\r\b\f]")
_LARGEST = 3_000_000
_LEAST_CONTENT = 40


@dataclass(frozen=True, slots=True)
class State:
    """Article fields in the scripts' embedded state; texts as they stand there, the content possibly HTML."""

    title: str = ""
    content: str = ""
    time: str = ""
    source: str = ""
    author: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def read_state(parser: LexborHTMLParser, head: str) -> State:
    """The article in the page's scripts; empty fields where none is found. *head* is the ``<title>``."""
    key = _bare(head)
    literals: dict[str, str] = {}
    best: tuple[float, State] = (0.0, State())
    for node in parser.css("script:not([src])"):
        text = node.text()
        if not 20 < len(text) < _LARGEST or not any(word in text for word in _LIKELY):
            continue
        decoded = False
        for data in _json_values(text):
            decoded = True
            for item in _objects(data):
                state = _from_object(item)
                if state and (score := _fit(state, key)) > best[0]:
                    best = score, state
        if not decoded:
            _collect(text, literals)
    if best[0]:
        return best[1]
    return _from_literals(literals, key)


def _json_values(text: str) -> Iterator[Any]:
    """Objects and arrays that the script assigns, as far as they are JSON."""
    if encoded := _ENCODED.search(text):
        yield from _json_values(_unescaped(encoded.group(1)[1:-1]))
    if text.lstrip().startswith(("%7B", "%5B")):
        text = unquote(text)
    decoder = json.JSONDecoder(strict=False)
    at = 0
    for _ in range(40):
        match = (_DATA_ALONE.match(text) if at == 0 else None) or _DATA.search(text, at)
        if match is None:
            return
        start = match.end()
        at = start + 1
        if len(text) - start < 40:
            return
        value = _decoded(decoder, text, start)
        if value is not None:
            at = value[1]
            if isinstance(value[0], dict | list) and value[0]:
                yield value[0]


def _decoded(decoder: json.JSONDecoder, text: str, start: int) -> tuple[Any, int] | None:
    try:
        return decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        if "undefined" not in text and "NaN" not in text and "void 0" not in text:
            return None
    try:
        value, end = decoder.raw_decode(_UNDEFINED.sub("null", text[start:]))
    except (ValueError, RecursionError):
        return None
    return value, start + end


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    """Every object in *data*, outer ones first."""
    stack, seen = [data], 0
    while stack and seen < 200_000:
        value = stack.pop()
        seen += 1
        if isinstance(value, dict):
            yield value
            stack.extend(v for v in value.values() if isinstance(v, dict | list))
        elif isinstance(value, list):
            stack.extend(v for v in value if isinstance(v, dict | list))


def _from_object(item: Mapping[str, Any]) -> State | None:
    content = max((c for k in CONTENT_KEYS if (c := _text(item.get(k)))), key=len, default="")
    title = _pick(item, TITLE_KEYS)
    if not title and len(content) < _LEAST_CONTENT:
        return None
    counts: dict[str, int] = {}
    for holder in (item, *(item.get(k) for k in COUNT_HOLDERS)):
        if isinstance(holder, Mapping):
            for name, keys in COUNT_KEYS.items():
                for key in keys:
                    if (count := parse_count(_text(holder.get(key)))) is not None:
                        counts.setdefault(name, count)
    return State(
        title, content, _pick(item, TIME_KEYS), _pick(item, SOURCE_KEYS), _pick(item, AUTHOR_KEYS), counts
    )


def _fit(state: State, head: str) -> float:
    """Score an object as the article: its title is the page's, it has content and a time."""
    title = _bare(state.title)
    named = len(title) >= 4 and bool(head) and (title in head or head in title)
    content = len(state.content) if len(state.content) >= _LEAST_CONTENT else 0
    # A status has no title, but a time and a text.
    if not named and (title or content < (40 if state.time else 200)):
        return 0.0
    return (
        (2.0 if named else 0.0)
        + (1.0 if content else 0.0)
        + min(content, 5000) / 5000
        + (0.5 if state.time else 0.0)
    )


def _pick(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = item.get(key)
        if isinstance(value, Mapping):
            value = next(
                (value[k] for k in ("name", "nickname", "screen_name", "title") if value.get(k)), None
            )
        if value and (text := _text(value)):
            return text
    return ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _collect(text: str, literals: dict[str, str]) -> None:
    for match in _LITERAL.finditer(text):
        start = match.start()
        name = _KEY_BACKWARDS.match(text[max(start - _LONGEST_KEY, 0) : start][::-1])
        if name is None or (key := name.group(1)[::-1]) not in _KEYS:
            continue
        known = literals.get(key)
        if known is not None and key not in CONTENT_KEYS:
            continue
        value = match["number"] or _unescaped(match["double"] or match["single"] or "")
        if value and (known is None or len(value) > len(known)):
            literals[key] = value


def _from_literals(literals: Mapping[str, str], head: str) -> State:
    title = next(
        (t for k in TITLE_KEYS if (t := literals.get(k)) and (_bare(t) in head or head in _bare(t))), ""
    )
    content = max((literals.get(k, "") for k in CONTENT_KEYS), key=len)
    return State(
        title,
        content if len(content) >= _LEAST_CONTENT else "",
        _pick(literals, TIME_KEYS[:23]),
        _pick(literals, SOURCE_KEYS[:5]),
        _pick(literals, AUTHOR_KEYS[:7]),
    )


def _unescaped(literal: str) -> str:
    """The text of a JavaScript string literal; HTML entities in it resolved once."""
    if "\\" in literal:
        try:  # most are JSON too, and whole articles are long
            literal = _NOT_SHOWN.sub("", json.loads(f'"{literal}"', strict=False))
        except ValueError:
            literal = re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", _escape, literal, flags=re.S)
        # Pairs of surrogates, as JSON writes characters beyond U+FFFF
        literal = literal.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unescape(literal).strip()


def _escape(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return {"n": "\n", "t": "\t", "r": "", "b": "", "f": "", "\n": ""}.get(code, code)


def _bare(text: str) -> str:
    return text if text.isalnum() else "".join(filter(str.isalnum, text))
