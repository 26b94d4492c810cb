"""Tags with more attributes than parsers read in linear time, found by compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.compiled import compiled


@compiled
def _is_space(c: int) -> bool:
    return c == 32 or c == 10 or c == 9 or c == 12 or c == 13


@compiled
def _after_value(html: Any, at: int) -> Any:
    """The place after the value that follows a ``=`` before *at*, as HTML 5 reads it."""
    n = html.size
    while at < n and _is_space(html[at]):
        at += 1
    if at < n and (html[at] == 34 or html[at] == 39):
        quote = html[at]
        at += 1
        while at < n and html[at] != quote:
            at += 1
        return min(at + 1, n)
    while at < n and not _is_space(html[at]) and html[at] != 62:
        at += 1
    return at


@compiled
def crowded(html: Any, most: int) -> Any:
    """(n, 2): where the attributes of each tag with more than *most* begin and end in *html*, bytes.

    Each ``<`` before a letter is looked at, also those in scripts and in other tags: where a tag really
    begins, only the whole parser knows. Tags that are not returned hold few attributes, so none is read
    on for long.
    """
    n = html.size
    found = np.empty((n // (2 * most) + 1, 2), np.int64)
    count = at = 0
    while at < n:
        if html[at] != 60:
            at += 1
            continue
        at += 1
        if at < n and html[at] == 47:
            at += 1
        if at >= n or not 97 <= html[at] | 32 <= 122:
            continue
        to = at
        while to < n and not _is_space(html[to]) and html[to] != 47 and html[to] != 62:
            to += 1
        begin = to
        attributes = 0
        while to < n and html[to] != 62:
            if _is_space(html[to]) or html[to] == 47:
                to += 1
                continue
            attributes += 1
            to += 1  # a "=" here begins a name
            while to < n and html[to] != 61 and html[to] != 62 and html[to] != 47 and not _is_space(html[to]):
                to += 1
            after = to
            while after < n and _is_space(html[after]):
                after += 1
            if after < n and html[after] == 61:
                to = _after_value(html, after + 1)
        if attributes > most:
            found[count, 0], found[count, 1] = begin, to
            count += 1
            at = to
    return found[:count]
