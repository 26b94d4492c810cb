"""Structured data of a page: meta elements, JSON-LD, the state its scripts embed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_ARTICLE_TYPES = re.compile(r"article|posting|blog|report|review|video|webpage|question|cambrian", re.I)


def read_metas(parser: LexborHTMLParser) -> dict[str, str]:
    """Name, property or itemprop (lower case) of each meta element → its content; the first one counts."""
    metas: dict[str, str] = {}
    for node in parser.css("meta[content]"):
        attributes = node.attributes
        content = (attributes.get("content") or "").strip()
        for key in ("name", "property", "itemprop"):
            if content and (name := attributes.get(key)):
                metas.setdefault(name.strip().lower(), content)
    return metas


def read_json_ld(parser: LexborHTMLParser) -> dict[str, Any]:
    """The JSON-LD object that describes the article; empty where there is none that can be read."""
    for node in parser.css('script[type="application/ld+json"]'):
        try:
            data = json.loads(node.text(), strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _objects(data):
            kind = f"{item.get('@type')} {item.get('@context') if 'pubDate' in item else ''}"
            if (
                _ARTICLE_TYPES.search(kind)
                and {"headline", "title", "datePublished", "pubDate"} & item.keys()
            ):
                return item
    return {}


def _objects(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for item in data:
            yield from _objects(item, depth)
    elif isinstance(data, dict) and depth < 4:
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(data.get(key), depth + 1)


def plain(text: str) -> str:
    """A value of a page's data without the tags and entities that scripts leave in it, on one line."""
    if "&" in text:
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    return " ".join(text.split())


def name_of(value: Any) -> str:
    """The name in a JSON-LD person or organisation, or a list of such."""
    if isinstance(value, list):
        return " ".join(n for v in value if (n := name_of(v)))
    if isinstance(value, Mapping):
        value = value.get("name")
    return plain(value) if isinstance(value, str) else ""
