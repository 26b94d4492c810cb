"""Names in a report: every form that a host, shop or brand goes by, and its place in a text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fengping.analysis import HostRegistry
from fengping.analysis.hosts.registry import Host, Name, load_names
from fengping.analysis.text.folding import fold
from fengping.home import Home
from fengping.models import Document

SELLER, SHOP, PARTY = "〔某主播〕", "〔某商家〕", "〔某方〕"
"""Words in place of a name; the last of a party that no registry knows."""
PIECE = 24
LEAST = 3
"""Independent publishers on whose word a name is printed."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms of the names of the registries; platforms stand outside, they are named freely."""

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Canonical name → every form of it."""
    bearers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded form → the canonical names that go by it."""
    platforms: frozenset[str] = frozenset()

    def of(self, document: Document) -> dict[str, str]:
        """Everyone whom *document* names, with the word that takes the name's place."""
        judged = document.judgement
        hosts = dict.fromkeys((*judged.hosts, *judged.negative_hosts), SELLER)
        shops = (*(judged.brands or ()), *(judged.negative_brands or ()))
        return dict.fromkeys((name for name in shops if name not in self.platforms), SHOP) | hosts

    def hide(self, text: str, names: Mapping[str, str], document: Document | None = None) -> str:
        """*text* with the words of *names* in place of every form of them, also of those forms by which
        *document* was found to name them."""
        words = {
            folded(form): word for name, word in names.items() for form in self._forms(name, document) if form
        }
        if not words:
            return text
        longest = sorted(words, key=lambda form: (-len(form), form))
        found = re.compile("|".join(map(_pattern, longest))).finditer(folded(text))
        shown, at = [], 0
        for hit in found:
            shown += [text[at : hit.start()], words[hit[0]]]
            at = hit.end()
        return "".join([*shown, text[at:]])

    def hide_everyone(self, text: str, document: Document, about: Iterable[str]) -> str:
        """*text*, taken from *document*, without anyone whom that names, nor those it is *about*."""
        return self.hide(text, dict.fromkeys(about, PARTY) | self.of(document), document)

    def _forms(self, name: str, document: Document | None) -> Iterable[str]:
        yield from self.known.get(name, (name,))
        if document:
            for mark in document.judgement.evidence:
                if mark.label.partition(":")[2] == name:
                    yield document.raw.content[mark.start : mark.end]


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
    known: dict[str, tuple[str, ...]] = {}
    bearers: dict[str, tuple[str, ...]] = {}
    for one in named:
        agencies = tuple(agency.name for agency in one.agencies) if isinstance(one, Host) else ()
        dated = tuple(alias.alias for alias in one.dated)
        forms = tuple(dict.fromkeys((*one.sure(), one.name, *one.ambiguous, *one.handles, *dated, *agencies)))
        known[one.name] = (*known.get(one.name, ()), *forms)
        for form in forms:
            key = folded(form)
            bearers[key] = (*bearers.get(key, ()), one.name)
    return Forms(known, bearers, platforms)
