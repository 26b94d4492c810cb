"""A word cloud as SVG: words on a spiral, placed by a fixed rule, so that equal words give equal bytes."""

from __future__ import annotations

import functools
import html
import math
from collections.abc import Sequence

HEIGHT = 250
SMALLEST, LARGEST = 15.0, 42.0
Box = tuple[float, float, float, float]


@functools.cache
def _spiral() -> tuple[tuple[float, float], ...]:
    """Offsets from the middle on an Archimedean spiral, flattened to the page's shape."""
    return tuple((s / 30 * math.cos(s / 9) * 5.2, s / 30 * math.sin(s / 9) * 2.4) for s in range(3600))


def draw_cloud(words: Sequence[tuple[str, int]], width: int, fonts: str, colours: Sequence[str]) -> str:
    """*words* with their counts, the most telling first; none touches another.

    The size grows with the root of the count. A word that finds no room is left out.
    """
    most, least = max(n for _, n in words), min(n for _, n in words)
    spread = math.sqrt(most) - math.sqrt(least) or 1.0
    placed: list[Box] = []
    drawn = []
    for rank, (word, n) in enumerate(words):
        size = SMALLEST + (LARGEST - SMALLEST) * (math.sqrt(n) - math.sqrt(least)) / spread
        box = _place(word, size, width, placed)
        if box is None:
            continue
        placed.append(box)
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2 + size * 0.36
        colour = colours[rank % len(colours)]
        drawn.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" fill="{colour}">{html.escape(word)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}"><rect width="{width}" height="{HEIGHT}" fill="white"/>'
        f'<g font-family="{fonts}" font-weight="bold" text-anchor="middle">{"".join(drawn)}</g></svg>'
    )


def _place(word: str, size: float, width: int, placed: Sequence[Box]) -> Box | None:
    # A CJK glyph is one em wide; Latin letters and digits at most .62 em.
    half_width = size * sum(1.0 if ord(c) > 0x2E7F else 0.62 for c in word) / 2 + 4
    half_height = size * 0.62
    for dx, dy in _spiral():
        x, y = width / 2 + dx, HEIGHT / 2 + dy
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        inside = box[0] >= 4 and box[1] >= 4 and box[2] <= width - 4 and box[3] <= HEIGHT - 4
        if inside and not any(overlap(box, other) for other in placed):
            return box
    return None


def overlap(one: Box, two: Box) -> bool:
    """True if two boxes (left, top, right, bottom) share a point."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
