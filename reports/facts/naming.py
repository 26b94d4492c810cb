"""Names in a report: every form that a host, shop or brand goes by, and its place in a text."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import Host, load_names
from fengping.analysis.hosts.registry import Agency, Name
from fengping.analysis.text import fold
from fengping.events.building.candidates import parties_of, title_of
from fengping.home import Home
from fengping.models import Document
from fengping.reports.facts.blurring import blurred, glossed_once
from fengping.reports.facts.unlisted import (
    BRAND,
    PARTY,
    PRODUCT,
    SELLER,
    SHOP,
    Party,
    firms,
    is_sort,
    is_word,
    opener,
    unlisted,
)
from fengping.reports.facts.weighing import imitated

MASKED = (
    "以〔某主播甲〕〔某商家甲〕〔某方甲〕等代替，同一方在本报告中代称相同；其粉丝数、分店名以〔〕内的概称代替"
)
"""Words for that in notes."""
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CALLED = re.compile(
    r"(主播|网红|博主|达人|大V|UP主|账号|店铺|网店|商家|公司)"
    r"\s?[“「『]([^“”「」『』，。！？\s]{2,16})[”」』]"
)
"""Somebody in quotation marks behind what he is: of a hundred such on hot-search lists two are no names."""
TITLED_SO = re.compile(
    r"(?:名为|名叫|叫做|取名|品牌为|商标为)[“‘「『]([^“”‘’「」『』，。！？\s]{2,16})[”’」』]"
)
"""A product, a shop or a person in quotation marks behind the word that says how it is called."""
SOLD = re.compile(
    r"(?:(?:带货|直播)的|(?:售卖|销售|推广)的?)\s*[“「]([^“”「」，。！？非假]{3,16})[”」]"
    r"|[“「]([^“”「」，。！？非假]{4,20})[”」]\s*(?:[（(][^（）()]{1,12}[）)])?(?:系列)?产品"
)
"""A product in quotation marks as it is sold (带货的“某某茶”, “某某茶”产品)."""
WITHIN = re.compile("[”’」]?中的")
"""Words between a pair and one of the two, who bear one mask."""
SHOPS = frozenset(("店铺", "网店", "商家", "公司"))
PUBLIC = frozenset(("authority", "platform"))
"""Kinds of parties that are named freely."""
DEEDS = frozenset(("带货", "翻车", "塌房", "跑路", "消失", "卖惨", "卖假", "造假", "炒作"))
"""Words that stand in such a place and are no names."""
PIECE = 24
SAME_FROM = 3
"""Characters of a name from which on a longer one that begins with it is the same party's."""
LEAST = 3
"""Independent publishers on whose word a name is printed."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Those whose names a report hides somewhere, and therefore wherever it would print them."""

    names: frozenset[str] = frozenset()
    forms: Mapping[str, Party] = field(default_factory=dict)
    """Folded forms by which any of them is known beyond doubt."""

    def __or__(self, other: Hidden) -> Hidden:
        return Hidden(self.names | other.names, {**self.forms, **other.forms})

    def within(self, text: str) -> dict[str, Party]:
        """Those of the forms that stand in *text*."""
        whole = folded(text)
        return {form: party for form, party in self.forms.items() if form in whole}


class Masks:
    """Words in place of names in one report: one for each party, told apart in the order they are printed."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def of(self, party: str, word: str, *, registered: bool = True) -> str:
        """The mask of *party*: a new one of the kind of *word* where it has none. One that is in no registry
        has that of a name that begins with its own, or that its own begins with (青禾坊, 青禾坊火锅)."""
        if party not in self._given:
            alike = () if registered else (name for name in self._given if _is_begun(name, party))
            if other := next(iter(alike), ""):
                self._given[party] = self._given[other]
                return self._given[party]
            number = self._counts[word]
            self._counts[word] += 1
            self._given[party] = f"{word[:-1]}{_letter(number)}{word[-1]}"
        return self._given[party]


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms of the names of the registries; platforms stand outside, they are named freely."""

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Canonical name → every form of it."""
    bearers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded form → the canonical names that go by it."""
    platforms: frozenset[str] = frozenset()
    sellers: frozenset[str] = frozenset()
    """Canonical names of hosts."""
    agencies: Mapping[str, str] = field(default_factory=dict)
    """Folded form of an agency → the shop or agency of that name: it is no host,
    though its hosts go by it."""
    spoken_for: Mapping[str, tuple[Agency, ...]] = field(default_factory=dict)
    """Canonical name of a host → the agencies that speak or spoke for it, with their months."""
    doubtful: frozenset[str] = frozenset()
    """Forms that are words of the language as well: names where the judge said so."""

    def of(self, document: Document) -> dict[str, str]:
        """Everyone whom *document* names, with the word that takes the name's place."""
        judged = document.judgement
        hosts = dict.fromkeys((*judged.hosts, *judged.negative_hosts), SELLER)
        shops = (*(judged.brands or ()), *(judged.negative_brands or ()))
        own = dict.fromkeys((name for name in shops if name not in self.platforms), SHOP)
        return own | dict.fromkeys(imitated(document).difference(self.platforms), BRAND) | hosts

    def hide(
        self,
        text: str,
        names: Mapping[str, str],
        masks: Masks,
        document: Document | None = None,
        *,
        keep: Collection[str] = (),
        others: Mapping[str, Party] = MappingProxyType({}),
    ) -> str:
        """*text* with a mask in place of every form of *names*, also of those forms by which *document* was
        found to name them, and of *others*, by their forms; forms of names to *keep* stay. Adjacent forms of
        one party have one mask."""
        shown, at, last = [], 0, ""
        for start, end, party, word in self._found(text, names, document, keep, others):
            mask, between = masks.of(party, word, registered=party in self.known), text[at:start]
            if mask == last and WITHIN.fullmatch(between):
                shown += [between, "一人"]
            elif mask != last or between.strip():
                shown += [between, mask]
            at, last = end, mask
        return glossed_once("".join([*shown, text[at:]]))

    def names_any(
        self,
        text: str,
        names: Mapping[str, str],
        document: Document,
        *,
        keep: Collection[str] = (),
        others: Mapping[str, Party] = MappingProxyType({}),
    ) -> bool:
        """True if :meth:`hide` would hide anything."""
        return any(True for _ in self._found(text, names, document, keep, others))

    def hide_everyone(
        self,
        text: str,
        document: Document,
        about: Iterable[str],
        masks: Masks,
        *,
        keep: Collection[str] = (),
        also: Mapping[str, Party] = MappingProxyType({}),
    ) -> str:
        """*text*, taken from *document*, without anyone whom that names, nor those it is *about*, nor *also*
        those by their forms, except those to *keep*."""
        names = dict.fromkeys(about, PARTY) | nicknames(document) | self.of(document)
        others = {**also, **unlisted(document.raw.content)}
        return blurred(self.hide(text, names, masks, document, keep=keep, others=others))

    def certain(self, names: Mapping[str, str]) -> dict[str, Party]:
        """Folded forms of *names* that are no other word, to hide where the judge saw nobody, too, with whose
        they are."""
        return {
            form: self._party(name, form, word)
            for name, word in names.items()
            for form in map(folded, self.known.get(name, (name,)))
            if len(form) > 1 and form not in self.doubtful and form not in self.platforms
        }

    def hidden_with(self, documents: Iterable[Document], about: Iterable[str]) -> Hidden:
        """Everyone whom *documents* name, and those they are *about*, but platforms and mere words."""
        others: dict[str, Party] = {}
        names = {name: PARTY for name in about if name in self.known or not is_word(name)}
        for document in documents:
            called = nicknames(document).items()
            names |= {name: word for name, word in called if word != PARTY or not is_word(name)}
            names |= self.of(document)
            others |= {folded(form): party for form, party in unlisted(document.raw.content).items()}
        own = {name: word for name, word in names.items() if name not in self.platforms}
        return Hidden(frozenset(own), {**others, **self.certain(own)})

    def _found(
        self,
        text: str,
        names: Mapping[str, str],
        document: Document | None,
        keep: Collection[str],
        others: Mapping[str, Party],
    ) -> Iterator[tuple[int, int, str, str]]:
        """Begin and end of each form in *text*, whose it is, and the kind of its mask."""
        whose: dict[str, tuple[str, str] | None] = {}
        hidden = {
            name: word for name, word in names.items() if name not in keep and name not in self.platforms
        }
        for name in keep if hidden or others else ():
            own = map(folded, self.known.get(name, (name,)))
            whose |= dict.fromkeys((form for form in own if self.agencies.get(form, name) == name), None)
        for name, word in hidden.items():
            for form in self._forms(name, document):
                if form:
                    whose.setdefault(folded(form), self._party(name, folded(form), word))
        listed = {
            form: party for form, party in whose.items() if party is None or party[1] not in (PARTY, PRODUCT)
        }
        unsaid: dict[str, Party] = {**(firms(text) if listed else {}), **others}
        for form, whom in unsaid.items():
            # A firm called by a name of the registries is theirs who bear it: masked, or kept, as a whole.
            within = max((known for known in listed if known in folded(whom[0])), key=len, default="")
            if len(within) > 1:
                whose.setdefault(folded(form), listed[within])
            elif form in others and form not in self.platforms:
                whose.setdefault(folded(form), whom)
        if not any(whose.values()):
            return
        longest = sorted(whose, key=lambda form: (-len(form), form))
        for hit in re.finditer("|".join(map(_pattern, longest)), folded(text)):
            if party := whose[hit[0]]:
                yield hit.start(), hit.end(), *party

    def _party(self, name: str, form: str, word: str) -> tuple[str, str]:
        """The party that goes by *form*, a form of *name*, and the kind of its mask."""
        if agency := self.agencies.get(form):
            return agency, SHOP
        if name not in self.known:
            name = next(iter(self.bearers.get(folded(name), ())), name)
        known = BRAND if word == BRAND else SHOP
        return name, SELLER if name in self.sellers else known if name in self.known else word

    def _forms(self, name: str, document: Document | None) -> Iterable[str]:
        yield from self.known.get(name, (name,))
        if document:
            for mark in document.judgement.evidence:
                if mark.label.partition(":")[2] == name:
                    yield document.raw.content[mark.start : mark.end]


def nicknames(document: Document) -> dict[str, str]:
    """Those whom *document* calls by a name in quotation marks (主播“某某”, 名为“某某”, 带货的“某某茶”), and
    those whom no registry knows and its reading names, or without a reading its title begins with; each with
    the word that takes the name's place."""
    text = document.raw.content
    called = {name: SHOP if role in SHOPS else SELLER for role, name in CALLED.findall(text)}
    sold = (name for names in SOLD.findall(text) for name in names if name and not is_sort(name))
    reading = document.judgement.reading
    unknown: Iterable[str] = ()
    if reading:
        unknown = (one.name for one in reading.parties if not one.known and one.kind not in PUBLIC)
    elif not parties_of(document):
        unknown = filter(None, (opener(title_of(document)),))
    found = dict.fromkeys((*unknown, *TITLED_SO.findall(text)), PARTY) | dict.fromkeys(sold, PRODUCT) | called
    return {name: word for name, word in found.items() if name not in DEEDS}


def _letter(number: int) -> str:
    """甲 … 癸, 子 … 亥, then both together (甲子, 甲丑 …)."""
    letters = STEMS + BRANCHES
    if number < len(letters):
        return letters[number]
    stem, branch = divmod(number - len(letters), len(BRANCHES))
    return f"{STEMS[stem]}{BRANCHES[branch]}" if stem < len(STEMS) else str(number + 1)


def _is_begun(name: str, other: str) -> bool:
    """True if one of the two begins with the other, which is no mere surname or place."""
    short, long = sorted((name, other), key=len)
    return len(short) >= SAME_FROM and long.startswith(short)


def folded(text: str) -> str:
    """*text* in one spelling; in short pieces, since for a long one compiled code is loaded."""
    return "".join(fold(text[at : at + PIECE]) for at in range(0, len(text), PIECE))


def _pattern(form: str) -> str:
    """A form as it stands alone: a Latin one is no part of a longer word."""
    before, after = (
        (r"(?<![a-z0-9])" if _latin(form[0]) else ""),
        (r"(?![a-z0-9])" if _latin(form[-1]) else ""),
    )
    return f"{before}{re.escape(form)}{after}"


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def forms_of(home: Home | None) -> Forms:
    """The forms that ship, and those of the home's own registries."""
    files = (*home.registries, *home.config.analysis.hosts) if home else ()
    return _read(tuple((file, file.stat().st_mtime_ns if file.exists() else 0) for file in files))


@functools.lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> Forms:
    registry = HostRegistry.load(tuple(file for file, _ in files))
    platforms = frozenset(
        (
            *(brand.name for brand in registry.brands if brand.kind == "platform"),
            *(form for platform in load_names("platforms.toml").name for form in platform.sure()),
        )
    )
    named: list[Name] = [
        *registry.hosts,
        *(brand for brand in registry.brands if brand.name not in platforms),
    ]
    doubtful = {folded(form) for one in named for form in one.ambiguous}
    agencies: dict[str, str] = {}
    known: dict[str, tuple[str, ...]] = {}
    bearers: dict[str, tuple[str, ...]] = {}
    for one in named:
        forms = tuple(dict.fromkeys((*_own(one), *_agencies(one))))
        known[one.name] = (*known.get(one.name, ()), *forms)
        for form in forms:
            key = folded(form)
            bearers[key] = (*bearers.get(key, ()), one.name)
    hosts = {folded(form) for host in registry.hosts for form in _own(host)}
    shops = {folded(form): brand.name for brand in registry.brands for form in _own(brand)}
    for host in registry.hosts:
        for name in _agencies(host):
            if (key := folded(name)) not in hosts:
                agencies[key] = shops.get(key, name)
    sellers = frozenset(host.name for host in registry.hosts)
    spoken_for = {host.name: host.agencies for host in registry.hosts if host.agencies}
    return Forms(known, bearers, platforms, sellers, agencies, spoken_for, frozenset(doubtful))


def _own(one: Name) -> tuple[str, ...]:
    """All names of a host or brand itself."""
    dated = (alias.alias for alias in one.dated)
    return tuple(dict.fromkeys((*one.sure(), one.name, *one.ambiguous, *one.handles, *dated)))


def _agencies(one: Name) -> tuple[str, ...]:
    """The agencies that a host goes by."""
    return tuple(agency.name for agency in one.agencies) if isinstance(one, Host) else ()
