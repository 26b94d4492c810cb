"""A word of a list and on what conditions it counts where it stands: context, dates, other bearers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cached_property

from fengping.analysis.text import fold
from fengping.analysis.text.words import is_common, reaches_out, words_around

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
    alone: frozenset[str] = field(init=False)
    """Those of ``needs`` that are enough by themselves: all but ``through``."""

    always: bool = field(init=False)
    """True if it counts wherever it stands."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "alone", self.needs - self.through)
        bound = self.kind is Kind.HOST or self.handle or self.since is not None
        object.__setattr__(self, "always", not (bound or self.needs or self.unless))

    @property
    def is_short(self) -> bool:
        """True for an alias of two characters of a platform or brand, which may be cut out of other words."""
        named = self.kind in (Kind.PLATFORM, Kind.BRAND)
        return named and self.word != self.owner and len(self.word) == 2


class Text:
    """A folded text with what is looked up once for all names in it."""

    def __init__(self, folded: str, words: Mapping[str, Sequence[int]], day: date | None) -> None:
        self.folded = folded
        self.words = words
        """Every listed word that stands in the text → where it starts, in order."""
        self.day = day
        """Day of publication, for aliases with dates."""
        self._present: dict[frozenset[str], list[Sequence[int]]] = {}

    def has(self, wanted: frozenset[str], sight: tuple[int, int]) -> bool:
        """True if one of the *wanted* words begins within *sight*."""
        present = self._present.get(wanted)
        if present is None:
            present = self._present[wanted] = [self.words[w] for w in wanted & self.words.keys()]
        return any(stands_between(starts, *sight) for starts in present)

    @cached_property
    def made_up(self) -> frozenset[str]:
        """Every run of characters up to the longest alias in front of （化名."""
        ends = (match.start() for match in _MADE_UP.finditer(self.folded))
        return frozenset(
            self.folded[end - size : end] for end in ends for size in range(1, min(LONGEST_ALIAS, end) + 1)
        )


def _sight(entry: Entry, folded: str, start: int) -> tuple[int, int]:
    """The place in which a name's context must stand: around it, of a common word its own clause."""
    if entry.kind is Kind.HOST and is_common(entry.word):
        reach = max(0, start - WINDOW)
        low = max(reach, *(folded.rfind(mark, reach, start) + 1 for mark in _CLAUSE_ENDS))
        end = _CLAUSE_END.search(folded, start, start + WINDOW + 1)
        return low, end.start() if end else start + WINDOW + 1
    return _window(start, len(folded))


def _window(start: int, length: int) -> tuple[int, int]:
    """:data:`WINDOW` characters on either side; a whole text that is no longer than both."""
    return (0, length) if length <= 2 * WINDOW else (start - WINDOW, start + WINDOW + 1)


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


LONGEST_ALIAS = 40
"""Characters of an alias at most for which （化名 is looked for behind it."""
_MADE_UP = re.compile("[（(]化名")
_CLAUSE_ENDS = "，。！？；,!?;\n"
_CLAUSE_END = re.compile(f"[{_CLAUSE_ENDS}]")
# 网红X, 主播X, @X直播中, X直播间: called a seller right there.
_CALLED = re.compile('(?:网红|主播|带货达人|带货博主|助播)[“"「 @]?$')
_SELLS = re.compile('[”"」]?(?:的)?(?:直播间|直播带货|带货|直播卖|卖货|连麦|开播|停播|复播|的?直播首秀)')
_CALLING = "律师|教授|法官|民警|检察官|研究员|院士|医生|医师"
_OFFICE = "[局处科厅部市县区镇院校]长|主任|书记|秘书长|发言人|巡视员|调研员"
_BEFORE = re.compile(f"(?:{_CALLING}|{_OFFICE}|记者|通讯员|编辑|市民)[ :：/]?$")
_RIGHT_BEFORE = re.compile("(?:[局处科厅部市县区镇院]长|律师|法官|检察官|记者|通讯员)$")
"""Right in front of a name that counts everywhere: a colon or a blank stands before whom it is said of."""
_BEHIND = re.compile(f"[（(]化名|(?:副?{_CALLING.replace('|', '|副?')})(?!直播|带货)")
# 李湘玉女士: the name goes on.
_LONGER = re.compile("(?![和与及跟同的让对给向为是被])[\u4e00-\u9fff](?:女士|先生|小姐)")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范石廖贾夏韦付方邹熊孟"
    "秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤"
)


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


def _is_given_name(folded: str, start: int, end: int) -> bool:
    """True if a surname stands in front and the segmenter reads both as one name: 周雷军."""
    if folded[start - 1 : start] not in _SURNAMES:
        return False
    return any(w[:2] == (start - 1, end) and w.tag.startswith("nr") for w in words_around(folded, start, end))


def _is_someone_else(text: Text, start: int, alias: str, *, doubtful: bool) -> bool:
    """True if a name is an official's, a reporter's …, a part of a longer one, or is said to be made up.

    A name that is not *doubtful* may have a lawyer: 甲律师 speaks for 甲.
    """
    folded, end = text.folded, start + len(alias)
    before = _BEFORE if doubtful else _RIGHT_BEFORE
    return bool(
        before.search(folded, max(0, start - 5), start)
        or (doubtful and _BEHIND.match(folded, end))
        or alias in text.made_up
        or _LONGER.match(folded, end)
        or (len(alias) == 2 and _is_given_name(folded, start, end))
    )


def _is_beside_owner(entry: Entry, folded: str, start: int) -> bool:
    """True if the full name stands right in front, or an ``@``: a number by itself is an amount or a date."""
    while start and folded[start - 1] in ' “”"(（':
        start -= 1
    return folded.endswith(("@", fold(entry.owner)), 0, start)


def is_cut_out(entry: Entry, folded: str, start: int) -> bool:
    """True if a short alias of a platform is cut out of other words: 某手机, 携手淘宝."""
    return entry.is_short and reaches_out(folded, start, start + 2)


def refusal(entry: Entry, text: Text, start: int) -> str:
    """Return the reason why *entry* does not count at its place; empty if it does."""
    if entry.always:
        return ""
    folded, day = text.folded, text.day
    if entry.handle and folded[start - 1 : start] != "@":
        return "not after @"
    if entry.since is not None and not (day and entry.until and entry.since <= day <= entry.until):
        return "out of its dates"
    if entry.kind is Kind.HOST and entry.word.isdecimal() and not _is_beside_owner(entry, folded, start):
        return "a number"
    if entry.needs:
        sight = _sight(entry, folded, start)
        called = entry.kind is Kind.HOST and _is_called_seller(entry, folded, start)
        through = text.has(entry.through, sight) and text.has(entry.beyond, sight)
        if not called and not through and not text.has(entry.alone, sight):
            return "no context"
    named = entry.kind is Kind.HOST and not entry.handle
    if named and _is_someone_else(text, start, fold(entry.word), doubtful=bool(entry.needs)):
        return "another bearer of the name"
    if entry.unless and text.has(entry.unless, around := _window(start, len(folded))):
        return "" if text.has(entry.but, around) else "another bearer of the name"
    return ""
