"""One way of writing for what is written in several, and the language that a text is mostly in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fengping.toml import Strict, load_toml

TABLES = Path(__file__).parents[1] / "registry"
ENGLISH = re.compile(
    r"\b(?:the|and|is|are|to|of|in|you|for|this|that|it|my|with|not|was|on|so|at|be)\b", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]{2,}")
_SCRIPTS = (
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("th", re.compile("[\u0e01-\u0e5b]")),
)
_VIETNAMESE = re.compile("[ăđơưạ-ỹ]", re.IGNORECASE)
_FEWEST_WORDS = 4
"""Words of another language up to which they are a name or an exclamation, not a text."""


class PairsFile(Strict):
    """``traditional.toml`` and ``emoji.toml``: each pair is what is written and what it is read as."""

    version: int
    pairs: str


def _pairs(name: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in load_toml(PairsFile, TABLES / name).pairs.split()}


@cache
def traditional() -> tuple[re.Pattern[str], dict[int, str]]:
    """A pattern of traditional characters, and the simplified one of each."""
    return _finder(pairs := _pairs("traditional.toml")), pairs


@cache
def _alike() -> tuple[re.Pattern[str], dict[int, str]]:
    return _finder(pairs := _pairs("traditional.toml") | _pairs("emoji.toml")), pairs


def _finder(pairs: dict[int, str]) -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, pairs))}]")


def written_alike(text: str) -> str:
    """*text* with simplified characters for traditional ones and the word of a bracket emoticon for an emoji.

    Every character keeps its place, so a span of the result is one of *text*.
    """
    written, pairs = _alike()
    return text.translate(pairs) if written.search(text) else text


def language(text: str) -> str:
    """ISO 639 code of the language that *text* is mostly in, ``und`` for one that is not known.

    A text with no more than a few foreign words is Chinese: names and exclamations are.
    """
    counts = {code: len(script.findall(text)) for code, script in _SCRIPTS}
    words = len(_LATIN.findall(text))
    if counts["ja"] >= _FEWEST_WORDS and 4 * counts["ja"] >= counts["zh"]:
        return "ja"
    others = {code: count for code, count in counts.items() if code not in ("zh", "ja")}
    code, most = max(others.items(), key=lambda pair: pair[1])
    if most > max(counts["zh"], 2 * words, _FEWEST_WORDS):
        return code
    if words < _FEWEST_WORDS or 2 * words <= counts["zh"]:
        return "zh"
    if len(_VIETNAMESE.findall(text)) * 4 >= words:
        return "vi"
    return "en" if len(ENGLISH.findall(text)) * 8 >= words else "und"
