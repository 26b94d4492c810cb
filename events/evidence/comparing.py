"""A post on its page when it was kept, and on the page as it is now. Pure.

The post is compared, not the page: counters, comments and advertisements around it move by the hour.
"""

from __future__ import annotations

import html
import re

from fengping.analysis.text.sentences import sentences

_MARKUP = re.compile(r"(?is)<(script|style)\b.*?(?:</\1>|\Z)|<[^<>]+>")
_SPACES = re.compile(r"\s+")


def shown(page: str) -> str:
    """Everything a page says, without its markup, scripts and spaces."""
    return squeezed(html.unescape(_MARKUP.sub(" ", page)))


def squeezed(text: str) -> str:
    """*text* without spaces."""
    return _SPACES.sub("", text)


def compare(title: str, text: str, then: str, now: str) -> str:
    """``unchanged``, ``changed`` or ``unknown``: the title and the sentences of a post as it was collected,
    looked for in its page *then* and *now*.

    It is changed where any that stood there is gone, and unchanged only where all of it stood there: of what
    a page shows by a script, or in other words, nothing is known. Where the page says what it said, some is
    enough.
    """
    parts = [squeezed(part) for part in (title, *(text[one.start : one.end] for one in sentences(text)))]
    wanted = [part for part in parts if re.search(r"\w", part)]
    before, after = shown(then), shown(now)
    there = [part for part in wanted if part in before]
    if any(part not in after for part in there):
        return "changed"
    return "unchanged" if there and (len(there) == len(wanted) or before == after) else "unknown"
