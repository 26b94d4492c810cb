"""Words of a query that look like operators and are none: each with the place in it and the repair.

A word that another system, or another way of writing, takes for an operator is never searched as a word.
"""

from __future__ import annotations

import re

OPERATORS = {"AND": "AND", "OR": "OR", "NOT": "NOT", "与": "AND", "或": "OR", "非": "NOT"}
"""Words that are operators where they stand alone, and which."""

QUOTE = "or put it in quotation marks to look for it."
_NO_NEARNESS = "is not how nearness is written"
_NEARNESS = "Write NEAR/5 between two words"
_GLUED = r"(?:AND|OR|NOT|O?NEAR(?:[/／]\d*)?)"

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_LATIN = "A-Za-z0-9"

_LOOKALIKES = [
    (re.compile(pattern), sentence, f"{repair}, {QUOTE}")
    for pattern, sentence, repair in (
        (r"(?i)^(?:and|or|not)$", "is written in capitals", "Write AND, OR, NOT"),
        (r"(?i)^o?near$", "needs a distance", _NEARNESS),
        (r"(?i)^o?near(?:[/／~～].*|\d+.*)$", _NO_NEARNESS, _NEARNESS),
        (r"(?i)^(?:w|pre|within|adj)[/~]\d+$", _NO_NEARNESS, _NEARNESS),
        (
            rf"^{_GLUED}(?![{_LATIN}_./&])|(?<=[{_HAN}]){_GLUED}(?![A-Za-z])",
            "needs a space on both sides",
            "Part them",
        ),
        (r"[|｜]+", "is no operator here", "Write OR"),
        (r"&&|^[&＆]$", "is no operator here", "Write AND"),
        (r"^[!！]", "is no operator here", "Write -"),
        (rf"^[+＋]|(?<=[{_HAN}])[+＋]|[+＋](?=[{_HAN}])", "is no operator here", "Write AND"),
        (r"[*＊]", "may stand only at the end of a word of Latin letters, two at least", "Remove it"),
        (r"(?<=[A-Za-z])[?？]|[?？](?=[A-Za-z])", "is no wildcard here", "Write a beginning and *"),
        (rf"(?<=[{_LATIN}])[~～]\d*(?:\.\d+)?$|^[~～]\d*$", "is no operator here", _NEARNESS),
        (r"\^\d+(?:\.\d+)?$", "is no operator here: words have no weights", "Remove it"),
    )
]  # fmt: skip


def lookalike(word: str) -> tuple[int, str, str] | None:
    """Find what looks like an operator: its place in *word*, half a sentence on it, and the repair."""
    for pattern, sentence, remedy in _LOOKALIKES:
        if found := pattern.search(word):
            shown = found[0] if found[0].strip() else word
            return found.start(), f"{shown!r} {sentence}", remedy
    return None
