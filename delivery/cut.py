"""Cutting a message to what a channel takes, by UTF-8 bytes, and saying what was left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

_ENTRY = re.compile(r"\s*(?:[-*+·•]|\d+[.、)])\s")
_OPEN_LINK = re.compile(r"\[[^\]]*(?:\](?:\([^)]*)?)?$")


def utf8(text: str) -> int:
    """Bytes of *text* as UTF-8."""
    return len(text.encode())


def fit(
    lines: Sequence[str],
    foot: Sequence[str],
    limit: int,
    *,
    size: Callable[[str], int] = utf8,
    joiner: str = "\n",
) -> str:
    """*lines* and *foot* as one text of at most *limit* by *size*.

    Too long, it keeps whole lines from the top, then says ``余N条`` (of list items; ``余N行`` of lines)
    and keeps the foot, where the link stands. A line that is too long by itself is cut with ``…``; a foot
    that would take half of the room is left out.
    """

    def joined(kept: int, part: str = "") -> str:
        rest = lines[kept:]
        entries = sum(bool(_ENTRY.match(line)) for line in rest)
        count = entries or sum(bool(line.strip()) for line in rest)
        left = [f"余{count}{'条' if entries else '行'}"] if count else []
        return joiner.join([*lines[:kept], *([part] if part else []), *left, *foot])

    if foot and size(joiner.join(foot)) > limit // 2:
        return fit(lines, (), limit, size=size, joiner=joiner)
    if size(joined(len(lines))) <= limit:
        return joined(len(lines))
    kept = max(_most(len(lines), lambda n: size(joined(n)) <= limit), 0)
    while kept > 1 and (not lines[kept - 1].strip() or lines[kept - 1].startswith("#")):
        kept -= 1  # a heading with nothing below it
    if kept > 1 or not lines:
        return joined(kept)
    # The heading alone fits, or not even that: a part of the next line is better than none of it.
    line = lines[kept]
    length = _most(len(line), lambda n: size(joined(kept, line[:n] + "…")) <= limit)
    return joined(kept, _OPEN_LINK.sub("", line[:length]) + "…" if length > 0 else "")


def _most(highest: int, fits: Callable[[int], bool]) -> int:
    """The greatest number up to *highest* for which *fits* holds, -1 where none does."""
    return bisect_right(range(highest + 1), False, key=lambda n: not fits(n)) - 1
