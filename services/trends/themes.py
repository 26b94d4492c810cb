"""Themes of a peak: telling words that stand in the same documents, told as one story."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.indexer import Filter, Store
from fengping.services.trends.telling import any_of, holding

_SAME = 0.7
"""Share of the more frequent word's documents that both fill from which both tell of one matter."""
_NAMED = 3
"""Words by which a theme is called at most."""


def themes(store: Store, inside: Filter, words: Sequence[str]) -> list[tuple[str, ...]]:
    """*words*, the most telling first, parted by the matter of which they tell.

    A word joins the first theme whose leading word fills nearly the same documents. The leading word is what
    a theme is counted by: any of several would count documents that share none of the others.
    """
    found: list[list[tuple[int, str]]] = []
    for word in words:
        mine = inside.holding(any_of([word]))
        count = store.count(mine)
        for theme in found:
            size, first = theme[0]
            if holding(store, [mine], any_of([first])) >= _SAME * max(count, size):
                theme.append((count, word))
                break
        else:
            found.append([(count, word)])
    return [_named(theme) for theme in found]


def _named(theme: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The leading word of a theme, and those of it that fill most."""
    (_, first), *others = theme
    return (first, *(word for _, word in sorted(others, key=lambda one: -one[0])[: _NAMED - 1]))
