"""A word of a list and on what conditions it counts where it stands: context, dates, other bearers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from fengping.analysis.text.folding import fold

WINDOW = 140
"""Characters on either side in which the context of an ambiguous alias must stand: about a post."""


class Kind(IntEnum):
    """Kinds of words in the trie."""

    HOST = 0
    PLATFORM = 1
    REGULATOR = 2
    OTHER = 3
    """A longer word that hides the alias in it."""
    WORD = 4
    """Context, trigger or cue: known to be there, and where."""
    BRAND = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of a list and on what conditions it counts."""

    kind: Kind
    owner: str
    """Canonical name; empty for words."""
    word: str
    needs: frozenset[str] = frozenset()
    """Folded words of which one must stand near; empty: counts anywhere."""
    through: frozenset[str] = frozenset()
    """Those of ``needs`` that are names of the same owner and themselves in doubt."""
    beyond: frozenset[str] = frozenset()
    """Words of which one must stand near too where nothing but a name in doubt stands near."""
    unless: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    """Words that overrule ``unless``."""
    handle: bool = False
    since: date | None = None
    until: date | None = None


def _near(words: dict[str, list[int]], wanted: frozenset[str], start: int, length: int) -> bool:
    if wanted.isdisjoint(words):
        return False
    if length <= 2 * WINDOW:
        return True
    return any(stands_between(words[w], start - WINDOW, start + WINDOW + 1) for w in wanted & words.keys())


def stands_between(starts: Sequence[int], low: int, high: int) -> bool:
    """True if one of the sorted *starts* lies in ``[low, high)``."""
    at = bisect_left(starts, low)
    return at < len(starts) and starts[at] < high


def lies_within(words: Mapping[str, Sequence[int]], start: int, end: int, longer: frozenset[str]) -> bool:
    """True if the span lies in one of *longer* words; *words*: where each word of a text starts, sorted."""
    return any(stands_between(words[w], end - len(w), start + 1) for w in longer & words.keys())


def apart(words: Mapping[str, Sequence[int]], word: str, longer: frozenset[str] | None) -> Sequence[int]:
    """Starts of *word*, without those inside the *longer* words that hold it."""
    starts = words[word]
    if not longer or longer.isdisjoint(words):
        return starts
    return [start for start in starts if not lies_within(words, start, start + len(word), longer)]


def holders(words: Iterable[str], longer: Iterable[str]) -> dict[str, frozenset[str]]:
    """Those of *words* that stand in *longer* ones, each with these."""
    hiding = tuple(longer)
    found = ((word, frozenset(one for one in hiding if word in one)) for word in words)
    return {word: those for word, those in found if those}


# 网红X, 主播X, @X直播中, X直播间: called a seller right there.
_CALLED = re.compile('(?:网红|主播|带货达人|带货博主|助播)[“"「 @]?$')
_SELLS = re.compile('[”"」]?(?:的)?(?:直播间|直播带货|带货|直播卖|卖货|连麦|开播|停播|复播|的?直播首秀)')
_CALLING = "律师|教授|法官|民警|检察官|研究员|院士|医生|医师"
_BEFORE = re.compile(f"(?:{_CALLING}|记者|通讯员|编辑|市民)[ :：/]?$")
_BEHIND = re.compile(f"[（(]化名|(?:副?{_CALLING.replace('|', '|副?')})(?!直播|带货)")


def _is_called_seller(entry: Entry, folded: str, start: int) -> bool:
    """True if the words right beside a name say that its bearer sells by livestream.

    A short form is too often a good (香菇直播间).
    """
    if entry.word != entry.owner and len(entry.word) < 3:
        return False
    end = start + len(entry.word)
    return bool(_CALLED.search(folded, max(0, start - 7), start) or _SELLS.match(folded, end))


def _is_someone_else(folded: str, start: int, alias: str) -> bool:
    """True if a name in doubt is a lawyer's, a reporter's …, or is said to be made up."""
    return bool(
        _BEFORE.search(folded, max(0, start - 5), start)
        or _BEHIND.match(folded, start + len(alias))
        or (alias + "（化名" in folded)
        or (alias + "(化名" in folded)
    )


def refusal(entry: Entry, folded: str, start: int, words: dict[str, list[int]], day: date | None) -> str:
    """Return the reason why *entry* does not count at its place; empty if it does."""
    if entry.handle and folded[start - 1 : start] != "@":
        return "not after @"
    if entry.since is not None and not (day and entry.until and entry.since <= day <= entry.until):
        return "out of its dates"
    if entry.needs:
        called = entry.kind is Kind.HOST and _is_called_seller(entry, folded, start)
        if (
            not called
            and not _near(words, entry.needs - entry.through, start, len(folded))
            and not (
                _near(words, entry.through, start, len(folded))
                and _near(words, entry.beyond, start, len(folded))
            )
        ):
            return "no context"
        if entry.kind is Kind.HOST and _is_someone_else(folded, start, fold(entry.word)):
            return "another bearer of the name"
    if entry.unless and _near(words, entry.unless, start, len(folded)):
        return "" if _near(words, entry.but, start, len(folded)) else "another bearer of the name"
    return ""
