"""One pass over a text for every list at once: hosts, brands, platforms, regulators, triggers, cues.

A trie holds all words; the longest name wins where names overlap, an ambiguous alias
counts only with its context near it, and a longer word that is no name (``冰糖雪梨``) hides the alias in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from fengping.analysis.hosts import Kind, load_names
from fengping.analysis.hosts.entries import Entry, Text, is_cut_out, refusal
from fengping.analysis.hosts.registry import Brand, HostRegistry, Name
from fengping.analysis.hosts.unlisted import HINTS, unlisted
from fengping.analysis.text import WordFinder, fold
from fengping.models import Evidence


class Mention(NamedTuple):
    """A name found: ``content[start:end]`` is *alias* as it stands there."""

    kind: Kind
    name: str
    alias: str
    start: int
    end: int
    refused: str = ""
    """Reason why it does not count (only in :meth:`Lexicon.audit`)."""


_COUNTED = frozenset("元块%％年人件")
"""Units behind a number that is no name then."""
_LABELS = {
    Kind.HOST: "host", Kind.PLATFORM: "platform", Kind.REGULATOR: "regulator", Kind.BRAND: "brand",
}  # fmt: skip


@dataclass(frozen=True)
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
        return tuple(name for of, name in self._named if of is kind)

    @cached_property
    def _named(self) -> dict[tuple[Kind, str], None]:
        """Names in the order of first mention."""
        return dict.fromkeys((m.kind, m.name) for m in self.mentions)


class Lexicon:
    """All lists in one trie. Immutable after loading, safe to share between threads."""

    def __init__(self, registry: HostRegistry, words: Iterable[str] = ()) -> None:
        self.registry = registry
        self._entries: dict[str, list[Entry]] = {}
        self._brands: dict[str, list[Entry]] = {}
        self._add_names(Kind.HOST, registry.hosts, registry.groups)
        platforms = load_names("platforms.toml")
        same = {platform.name: platform for platform in platforms.name}
        brands = [_like(brand, same.get(brand.name)) for brand in registry.brands]
        self._add_names(Kind.BRAND, brands, platforms.groups | registry.groups)
        for kind, file in ((Kind.PLATFORM, "platforms.toml"), (Kind.REGULATOR, "regulators.toml")):
            names = load_names(file)
            self._add_names(kind, names.name, names.groups)
        self._hints = frozenset(map(fold, HINTS))
        for word in (*words, *self._hints):
            self._add_word(word)
        self._finder = WordFinder(list(self._entries))
        self._found = [
            (key, _latin(key), _strongest(of), _strongest(brands), any(e.is_short for e in (*of, *brands)))
            for key, of in self._entries.items()
            for brands in (self._brands.get(key, ()),)
        ]

    @classmethod
    def load(cls, paths: Sequence[Path] = ()) -> Lexicon:
        """The lists that ship and the hosts of *paths*. Raises :class:`~fengping.errors.ConfigError`."""
        return cls(HostRegistry.load(paths))

    def scan(self, content: str, day: date | None = None) -> Scan:
        """Names and words in *content*; *day* is its publication day, for aliases with dates."""
        folded = fold(content)
        words, names = self._find(folded)
        text = Text(folded, words, day)
        mentions = []
        for start, end, entries in names:
            if entries[0].kind is Kind.OTHER:
                continue
            for entry in entries:
                if not refusal(entry, text, start):
                    mentions.append(Mention(entry.kind, entry.owner, content[start:end], start, end))
        if self.registry.brands and not words.keys().isdisjoint(self._hints):
            taken = [(m.start, m.end) for m in mentions]
            for start, end in unlisted(folded, taken):
                # One shop however it is written: OLAYA and olaya.
                name = folded[start:end].upper()
                mentions.append(Mention(Kind.BRAND, name, content[start:end], start, end))
        mentions.sort(key=lambda mention: mention.start)
        return Scan(content, folded, tuple(mentions), words)

    def audit(self, content: str, day: date | None = None) -> list[Mention]:
        """Every alias of a host in *content*, with the reason where it does not count."""
        folded = fold(content)
        words, names = self._find(folded)
        text = Text(folded, words, day)
        return [
            Mention(e.kind, e.owner, e.word, start, end, refusal(e, text, start))
            for start, end, entries in names
            for e in entries
            if e.kind is Kind.HOST
        ]

    def _find(self, folded: str) -> tuple[dict[str, list[int]], list[tuple[int, int, tuple[Entry, ...]]]]:
        """Start of every listed word, and names left after the longest won."""
        words: dict[str, list[int]] = {}
        found, brands = [], []
        for end, start, number in self._finder.find(folded):
            key, latin, entries, of_brands, short = self._found[number]
            counted = False
            if latin:
                if not _alone(folded, start, end):
                    continue
                counted = key.isdecimal() and folded[end : end + 1] in _COUNTED
            if key in words:
                words[key].append(start)
            else:
                words[key] = [start]
            if counted:
                continue
            if short:
                entries, of_brands = (
                    tuple(one for one in several if not is_cut_out(one, folded, start))
                    for several in (entries, of_brands)
                )
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


def _like(brand: Brand, platform: Name | None) -> Brand:
    """*brand* on the conditions of the *platform* of its name too: 北京东城区 and 1688元 name neither."""
    if platform is None:
        return brand
    doubtful = {alias: near for alias, near in platform.ambiguous.items() if alias in brand.sure()}
    excluded = (*brand.excluded, *platform.excluded)
    return brand.model_copy(update={"excluded": excluded, "ambiguous": doubtful | brand.ambiguous})


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
    if all(one[1] <= other[0] for one, other in pairwise(found)):
        return found
    kept: list[tuple[int, int, tuple[Entry, ...]]] = []
    taken: set[int] = set()
    for hit in sorted(found, key=lambda hit: (hit[0] - hit[1], hit[0])):
        places = range(hit[0], hit[1])
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit[0])
