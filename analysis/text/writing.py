"""One way of writing for what is written in several, and the language that a text is mostly in."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, islice, product
from pathlib import Path

import numpy as np

from fengping.toml import Strict, load_toml

TABLES = Path(__file__).parents[1] / "registry"
ENGLISH = re.compile(
    r"\b(?:the|and|is|are|to|of|in|you|for|this|that|it|my|with|not|was|on|so|at|be)\b", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]+")
_OTHERS = ("ko", "ru", "ar", "th")
"""Languages known by their scripts, as the counts stand."""
_VIETNAMESE = re.compile("[ăđơưạ-ỹ]", re.IGNORECASE)
_FEWEST_WORDS = 4
"""Words of another language up to which they are a name or an exclamation, not a text."""
# Links, account names and names of emoticons in Latin letters are words of no language.
_NOISE = re.compile(r"https?://[!-~]+|@[A-Za-z0-9_.-]{1,30}|\[[A-Za-z]{1,12}\]")
_HAN = re.compile("[\u3400-\u9fff]")
# Soft hyphen, zero-width and direction marks, variation selectors, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0e\ufe0f\ufeff]+")


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


def spellings(text: str, most: int = 16) -> tuple[str, ...]:
    """*text* in simplified characters, as it stands, in traditional ones, and mixed, in this order.

    *most* in all: of the mixed, some are left out.
    """
    ways = [_written().get(one, (one,)) for one in text.translate(traditional()[1])]
    wholly = product(*(way[1:] or way for way in ways))
    others = map("".join, islice(chain(wholly, product(*ways)), 2 * most))
    return tuple(dict.fromkeys(("".join(way[0] for way in ways), text, *others)))[:most]


@cache
def _written() -> dict[str, tuple[str, ...]]:
    """Ways in which a simplified character may be written, itself the first."""
    found: dict[str, tuple[str, ...]] = {}
    for code, simple in traditional()[1].items():
        found[simple] = (*found.get(simple, (simple,)), chr(code))
    return found


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


def visible(text: str) -> tuple[str, list[int]] | None:
    """*text* without its invisible characters, and where each character that is left stands in *text*;
    ``None`` where it holds none."""
    if not _INVISIBLE.search(text):
        return None
    places: list[int] = []
    start = 0
    for match in _INVISIBLE.finditer(text):
        places += range(start, match.start())
        start = match.end()
    places += range(start, len(text))
    return _INVISIBLE.sub("", text), places


def language(text: str) -> str:
    """ISO 639 code of the language that *text* is mostly in, ``und`` for one that is not known.

    A text with no more than a few foreign words is Chinese: names and exclamations are.
    """
    told = _mostly(text)
    if told == "zh" or not _NOISE.search(text):
        return told
    own = _NOISE.sub(" ", text)
    return _mostly(own) if _HAN.search(own) else told


def _mostly(text: str) -> str:
    """The language by all that stands in *text*, links and account names too."""
    from fengping.analysis.text.script_kernel import count_scripts

    counted = count_scripts(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32))
    zh, ja, *others, words = counted
    if ja >= _FEWEST_WORDS and 4 * ja >= zh:
        return "ja"
    most = max(others)
    if most > max(zh, 2 * words, _FEWEST_WORDS):
        return _OTHERS[others.index(most)]
    if words < _FEWEST_WORDS or 2 * words <= zh:
        return "zh"
    if len(_VIETNAMESE.findall(text)) * 4 >= words:
        return "vi"
    return "en" if len(ENGLISH.findall(text)) * 8 >= words else "und"
