"""One spelling of a text for looking words up in it: small, narrow and simplified letters."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from fengping.analysis.text.writing import traditional

if TYPE_CHECKING:
    from fengping.analysis.text.characters import Codes

_SHORT = 24
"""Characters of a text, such as a registry's word, for which no table is made."""

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_NARROW = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}


def fold(text: str) -> str:
    """Small letters, full-width letters and digits made narrow, traditional characters made simplified.

    Every character keeps its place.
    """
    if len(text) > _SHORT:
        from fengping.analysis.text import characters  # compiled: who only reads the lists need not load it

        if (folded := characters.folded(_table(), text)) is not None:
            return folded
    if _WIDE.search(text):
        text = text.translate(_NARROW)
    written, simplified = traditional()
    if written.search(text):
        text = text.translate(simplified)
    small = text.lower()
    if len(small) == len(text):
        return small
    # The one letter whose small form is longer (İ) would shift every offset behind it.
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@cache
def _table() -> Codes:
    from fengping.analysis.text import characters

    # The small form of a sigma depends on what follows it.
    return characters.table(lambda character: None if character == "Σ" else fold(character))
