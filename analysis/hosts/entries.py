"""A word of a list and on what conditions it counts where it stands: context, dates, other bearers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from fengping.analysis.text.folding import fold
from fengping.analysis.text.words import is_common

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


def _near(words: dict[str, list[int]], wanted: frozenset[str], sight: tuple[int, int]) -> bool:
    return any(stands_between(words[w], *sight) for w in wanted & words.keys())


def _sight(entry: Entry, folded: str, start: int) -> tuple[int, int]:
    """Where the context of a name may stand: around it, or in its clause where the name is a common word."""
    if entry.kind is Kind.HOST and is_common(entry.word):
        reach = max(0, start - WINDOW)
        low = max(reach, *(folded.rfind(mark, reach, start) + 1 for mark in _CLAUSE_ENDS))
        end = _CLAUSE_END.search(folded, start, start + WINDOW + 1)
        return low, end.start() if end else start + WINDOW + 1
    return start - WINDOW, start + WINDOW + 1


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


_CLAUSE_ENDS = "，。！？；,!?;\n"
_CLAUSE_END = re.compile(f"[{_CLAUSE_ENDS}]")
# 网红X, 主播X, @X直播中, X直播间: called a seller right there.
_CALLED = re.compile('(?:网红|主播|带货达人|带货博主|助播)[“"「 @]?$')
_SELLS = re.compile('[”"」]?(?:的)?(?:直播间|直播带货|带货|直播卖|卖货|连麦|开播|停播|复播|的?直播首秀)')
_CALLING = "律师|教授|法官|民警|检察官|研究员|院士|医生|医师"
_BEFORE = re.compile(f"(?:{_CALLING}|记者|通讯员|编辑|市民)[ :：/]?$")
_BEHIND = re.compile(f"[（(]化名|(?:副?{_CALLING.replace('|', '|副?')})(?!直播|带货)")


def _is_called_seller(entry: Entry, folded: str, start: int) -> bool:
    """True if the words right beside a name say that its bearer sells by livestream.

    A short form is too often a good (香菇直播间), a common word an adverb (主播明明知道), a character
    said twice anybody's nickname.
    """
    if (entry.word != entry.owner and len(entry.word) < 3) or is_common(entry.word):
        return False
    if len(entry.word) == 2 and entry.word[0] == entry.word[1]:
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


def _is_beside_owner(entry: Entry, folded: str, start: int) -> bool:
    """True if the full name stands right in front, or an ``@``: a number by itself is an amount or a date."""
    return folded[:start].rstrip(' “”"(（').endswith(("@", fold(entry.owner)))


def refusal(entry: Entry, folded: str, start: int, words: dict[str, list[int]], day: date | None) -> str:
    """Return the reason why *entry* does not count at its place; empty if it does."""
    if entry.handle and folded[start - 1 : start] != "@":
        return "not after @"
    if entry.since is not None and not (day and entry.until and entry.since <= day <= entry.until):
        return "out of its dates"
    if entry.kind is Kind.HOST and entry.word.isdecimal() and not _is_beside_owner(entry, folded, start):
        return "a number"
    if entry.needs:
        sight = _sight(entry, folded, start)
        called = entry.kind is Kind.HOST and _is_called_seller(entry, folded, start)
        through = _near(words, entry.through, sight) and _near(words, entry.beyond, sight)
        if not called and not through and not _near(words, entry.needs - entry.through, sight):
            return "no context"
        if entry.kind is Kind.HOST and _is_someone_else(folded, start, fold(entry.word)):
            return "another bearer of the name"
    around = start - WINDOW, start + WINDOW + 1
    if entry.unless and _near(words, entry.unless, around):
        return "" if _near(words, entry.but, around) else "another bearer of the name"
    return ""
