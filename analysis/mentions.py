"""One pass over a text for every list at once: hosts, brands, platforms, regulators, triggers, cues.

A trie holds all words; the longest name wins where names overlap, an ambiguous alias
counts only with its context near it, and a longer word that is no name (``冰糖雪梨``) hides the alias in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fengping.analysis.hosts.registry import HostRegistry, Name, load_names
from fengping.analysis.hosts.unlisted import HINTS, unlisted
from fengping.analysis.text.word_finder import WordFinder
from fengping.analysis.text.writing import traditional
from fengping.models import Evidence

if TYPE_CHECKING:
    from fengping.analysis.text.characters import Codes

WINDOW = 140
"""Characters on either side in which the context of an ambiguous alias must stand: about a post."""

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


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found: ``content[start:end]`` is *alias* as it stands there."""

    kind: Kind
    name: str
    alias: str
    start: int
    end: int
    refused: str = ""
    """Reason why it does not count (only in :meth:`Lexicon.audit`)."""


_LABELS = {
    Kind.HOST: "host", Kind.PLATFORM: "platform", Kind.REGULATOR: "regulator", Kind.BRAND: "brand",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scan:
    """Words found by one pass over a text."""

    content: str
    folded: str
    mentions: tuple[Mention, ...]
    words: dict[str, list[int]] = field(repr=False)
    """Every listed word that stands in the text → where it starts, in order."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Canonical names in the order of first mention."""
        return self._names(Kind.HOST)

    @property
    def platforms(self) -> tuple[str, ...]:
        return self._names(Kind.PLATFORM)

    @property
    def regulators(self) -> tuple[str, ...]:
        return self._names(Kind.REGULATOR)

    @property
    def brands(self) -> tuple[str, ...]:
        """Canonical names of brands, shops and agencies; platforms too, accused or not."""
        return self._names(Kind.BRAND)

    def of(self, kind: Kind) -> list[Mention]:
        return [m for m in self.mentions if m.kind is kind]

    def evidence(self) -> tuple[Evidence, ...]:
        """One span for each name: its first mention."""
        first = {(m.kind, m.name): m for m in reversed(self.mentions)}
        return tuple(
            Evidence(f"{_LABELS[m.kind]}:{m.name}", m.start, m.end, m.alias)
            for m in sorted(first.values(), key=lambda m: (m.start, m.kind))
        )

    def _names(self, kind: Kind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m.name for m in self.mentions if m.kind is kind))


class Lexicon:
    """All lists in one trie. Immutable after loading, safe to share between threads."""

    def __init__(self, registry: HostRegistry, words: Iterable[str] = ()) -> None:
        self.registry = registry
        self._entries: dict[str, list[Entry]] = {}
        self._brands: dict[str, list[Entry]] = {}
        self._add_names(Kind.HOST, registry.hosts, registry.groups)
        self._add_names(Kind.BRAND, registry.brands, registry.groups)
        for kind, file in ((Kind.PLATFORM, "platforms.toml"), (Kind.REGULATOR, "regulators.toml")):
            names = load_names(file)
            self._add_names(kind, names.name, names.groups)
        self._hints = frozenset(map(fold, HINTS))
        for word in (*words, *self._hints):
            self._add_word(word)
        self._finder = WordFinder(list(self._entries))
        self._found = [
            (key, _latin(key), _strongest(of), _strongest(self._brands.get(key, ())))
            for key, of in self._entries.items()
        ]

    @classmethod
    def load(cls, paths: Sequence[Path] = ()) -> Lexicon:
        """The lists that ship and the hosts of *paths*. Raises :class:`~fengping.errors.ConfigError`."""
        return cls(HostRegistry.load(paths))

    def scan(self, content: str, day: date | None = None) -> Scan:
        """Names and words in *content*; *day* is its publication day, for aliases with dates."""
        folded = fold(content)
        words, names = self._find(folded)
        mentions = []
        for start, end, entries in names:
            if entries[0].kind is Kind.OTHER:
                continue
            for entry in entries:
                if not _refusal(entry, folded, start, words, day):
                    mentions.append(Mention(entry.kind, entry.owner, content[start:end], start, end))
        if self.registry.brands and not words.keys().isdisjoint(self._hints):
            taken = [(m.start, m.end) for m in mentions]
            for start, end in unlisted(folded, taken):
                mentions.append(Mention(Kind.BRAND, content[start:end], content[start:end], start, end))
        mentions.sort(key=lambda mention: mention.start)
        return Scan(content, folded, tuple(mentions), words)

    def audit(self, content: str, day: date | None = None) -> list[Mention]:
        """Every alias of a host in *content*, with the reason where it does not count."""
        folded = fold(content)
        words, names = self._find(folded)
        return [
            Mention(e.kind, e.owner, e.word, start, end, _refusal(e, folded, start, words, day))
            for start, end, entries in names
            for e in entries
            if e.kind is Kind.HOST
        ]

    def _find(self, folded: str) -> tuple[dict[str, list[int]], list[tuple[int, int, tuple[Entry, ...]]]]:
        """Start of every listed word, and names left after the longest won."""
        words: dict[str, list[int]] = {}
        found, brands = [], []
        for end, start, number in self._finder.find(folded):
            key, latin, entries, of_brands = self._found[number]
            if latin and not _alone(folded, start, end):
                continue
            if key in words:
                words[key].append(start)
            else:
                words[key] = [start]
            if entries:
                found.append((start, end, entries))
            if of_brands:
                brands.append((start, end, of_brands))
        # Each apart: a brand's name in a host's or a platform's (交个朋友直播间) hides neither.
        return words, _longest(found) + _longest(brands)

    def _add_names(self, kind: Kind, names: Iterable[Name], groups: dict[str, tuple[str, ...]]) -> None:
        folded = {"@" + group: frozenset(map(fold, words)) for group, words in groups.items()}
        for words in folded.values():
            for word in words:
                self._add_word(word)
        for name in names:
            guard = frozenset(map(fold, name.unless))
            sure = name.sure()
            but = frozenset(fold(w) for w in (*name.context, *sure) if fold(w) != fold(name.name))
            for word in (*guard, *name.context):
                self._add_word(word)
            for alias in sure:
                self._add(alias, Entry(kind, name.name, alias, unless=guard, but=but))
            wanted = {
                alias: frozenset().union(*(folded.get(word, frozenset({fold(word)})) for word in near))
                for alias, near in name.ambiguous.items()
            }
            # Another name of a platform speaks for it; a person's full name may be another bearer's.
            doubtful = {fold(alias): needs for alias, needs in wanted.items() if kind is Kind.HOST}
            for alias, needs in wanted.items():
                for word in needs:
                    self._add_word(word)
                through = frozenset(word for word in needs & doubtful.keys() if word != fold(alias))
                beyond = frozenset().union(*(doubtful[word] - {fold(alias)} for word in through))
                self._add(alias, Entry(kind, name.name, alias, needs, through, beyond, guard, but))
            for alias in name.handles:
                self._add(alias, Entry(kind, name.name, alias, handle=True))
            for dated in name.dated:
                entry = Entry(kind, name.name, dated.alias, since=dated.valid_from, until=dated.valid_to)
                self._add(dated.alias, entry)
            for word in name.excluded:
                self._add(word, Entry(Kind.OTHER, "", word), brand=kind is Kind.BRAND)

    def _add(self, word: str, entry: Entry, *, brand: bool = False) -> None:
        word = fold(word)
        (self._brands if brand or entry.kind is Kind.BRAND else self._entries).setdefault(word, []).append(
            entry
        )
        self._entries.setdefault(word, [])

    def _add_word(self, word: str) -> None:
        self._entries.setdefault(fold(word), [])


def _strongest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Names of one spelling: a name wins over a word that only hides one."""
    return tuple(e for e in entries if e.kind is not Kind.OTHER) or tuple(entries[:1])


def _latin(key: str) -> bool:
    return any(end.isascii() and end.isalnum() for end in (key[0], key[-1]))


def _alone(folded: str, start: int, end: int) -> bool:
    """True if a Latin word or number is not a part of a longer one."""
    before, first = folded[start - 1 : start], folded[start]
    last, after = folded[end - 1], folded[end : end + 1]
    if first.isascii() and first.isalnum() and before.isascii() and before.isalnum():
        return False
    return not (last.isascii() and last.isalnum() and after.isascii() and after.isalnum())


def _longest(found: list[tuple[int, int, tuple[Entry, ...]]]) -> list[tuple[int, int, tuple[Entry, ...]]]:
    """Names that do not lie in a longer one; of two that overlap, the longer, then the earlier."""
    if len(found) < 2:
        return found
    kept: list[tuple[int, int, tuple[Entry, ...]]] = []
    taken: set[int] = set()
    for hit in sorted(found, key=lambda hit: (hit[0] - hit[1], hit[0])):
        places = range(hit[0], hit[1])
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit[0])


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


def _refusal(entry: Entry, folded: str, start: int, words: dict[str, list[int]], day: date | None) -> str:
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
