"""The registry of hosts and brands: who sells and how they are named, read from TOML.

The files that ship are ``registry/hosts.toml`` and ``registry/brands.toml``; their heads explain the keys.
Further files add hosts and brands, or names to those of the same name. Facts in it are neutral: names,
platforms, agencies, dates.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, field_validator

from fengping.errors import ConfigError, did_you_mean, meant, nearest
from fengping.toml import Strict, load_toml

_N = TypeVar("_N", bound="Name")

REGISTRY = Path(__file__).parents[1] / "registry"


class Agency(Strict):
    """An agency (MCN) and the months (``2021-12``) between which it spoke for the host."""

    name: str
    valid_from: str = Field("", alias="from")
    valid_to: str = Field("", alias="to")


class Dated(Strict):
    """An alias that meant the host only between two days, both included."""

    alias: str
    valid_from: date = Field(date.min, alias="from")
    valid_to: date = Field(date.max, alias="to")


class Name(Strict):
    """One named thing, its aliases and what must or must not stand beside them."""

    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    """Names as machine translations give them."""
    handles: tuple[str, ...] = ()
    """Account names; count only after ``@``."""
    context: tuple[str, ...] = ()
    ambiguous: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Alias → words of which one must stand near it; ``@group`` stands for the words of a group."""
    excluded: tuple[str, ...] = Field((), alias="not")
    """Longer words that contain an alias and mean something else."""
    unless: tuple[str, ...] = ()
    """Words beside which no alias counts, unless a word of ``context`` stands there too."""
    dated: tuple[Dated, ...] = ()

    @field_validator("aliases", "misspellings", "english", "handles", "context", "excluded", "unless")
    @classmethod
    def _no_blanks(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if any(not word.strip() for word in words):
            raise ValueError("an empty word would match everywhere")
        return words

    @field_validator("ambiguous")
    @classmethod
    def _some_context(cls, aliases: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for alias, words in aliases.items():
            if not alias.strip() or not words:
                raise ValueError(f"the ambiguous alias {alias!r} needs words that must stand near it")
        return aliases

    def sure(self) -> tuple[str, ...]:
        """Names that count wherever they stand."""
        names = (self.name, *self.aliases, *self.misspellings, *self.english)
        return tuple(dict.fromkeys(n for n in names if n not in self.ambiguous))


class Host(Name):
    """Someone who sells by livestream."""

    kind: Literal["person", "account"] = "person"
    platforms: tuple[str, ...] = ()
    agencies: tuple[Agency, ...] = ()


class Brand(Name):
    """A brand, shop, agency or platform that sells or is asked to answer for selling."""

    kind: Literal["brand", "shop", "seller", "agency", "platform"] = "brand"


class HostFile(Strict):
    """A registry file of hosts and brands."""

    version: int = 1
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    host: tuple[Host, ...] = ()
    brand: tuple[Brand, ...] = ()


class Listed(Name):
    """A platform or a regulator."""

    desk: bool = False
    """True for one that takes complaints and does nothing itself."""


class NameFile(Strict):
    """A registry file of platforms or regulators."""

    version: int = 1
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    name: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class HostRegistry:
    """All hosts and brands known, in the order of the files."""

    hosts: tuple[Host, ...]
    groups: dict[str, tuple[str, ...]]
    brands: tuple[Brand, ...] = ()

    @classmethod
    def load(cls, paths: Sequence[Path] = ()) -> HostRegistry:
        """The hosts and brands that ship and those of *paths*; a missing path is an error, told in one
        sentence.

        Raises :class:`~fengping.errors.ConfigError`.
        """
        hosts: dict[str, Host] = {}
        brands: dict[str, Brand] = {}
        groups: dict[str, tuple[str, ...]] = {}
        for path in (REGISTRY / "hosts.toml", REGISTRY / "brands.toml", *paths):
            file = _read(path)
            for group, words in file.groups.items():
                groups[group] = tuple(dict.fromkeys((*groups.get(group, ()), *words)))
            for host in file.host:
                hosts[host.name] = _joined(hosts[host.name], host) if host.name in hosts else host
            for brand in file.brand:
                brands[brand.name] = _joined(brands[brand.name], brand) if brand.name in brands else brand
            _check_groups((*hosts.values(), *brands.values()), groups, path)
        return cls(tuple(hosts.values()), groups, tuple(brands.values()))

    def joined(self, host: Host) -> HostRegistry:
        """This registry with *host*, or with what it adds to the one of its name."""
        known = {one.name: one for one in self.hosts}
        known[host.name] = _joined(known[host.name], host) if host.name in known else host
        return replace(self, hosts=tuple(known.values()))

    @cached_property
    def version(self) -> str:
        """``hosts-`` and eight hex digits over everything the files said."""
        told = repr([n.model_dump() for n in (*self.hosts, *self.brands)]) + repr(sorted(self.groups.items()))
        return f"hosts-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    @cached_property
    def by_name(self) -> dict[str, Host]:
        return {host.name: host for host in self.hosts}

    def find(self, name: str) -> Host:
        """The host that *name* is the name or an alias of; raises :class:`ConfigError`."""
        for host in self.hosts:
            if name in (*host.sure(), *host.ambiguous, *host.handles):
                return host
        near = self.near(name)
        remedy = meant(near) if near else "See: fengping hosts list"
        raise ConfigError(f"The registry has no host {name!r}.", remedy=remedy)

    def near(self, name: str) -> list[str]:
        """The hosts whose names, also misspelt ones, are nearest to *name*; none where none is near."""
        of_word: dict[str, str] = {}
        for host in self.hosts:
            of_word |= dict.fromkeys((*host.sure(), *host.ambiguous), host.name)
        of_word |= {host.name: host.name for host in self.hosts}
        return list(dict.fromkeys(of_word[word] for word in nearest(name, of_word, len(of_word))))[:3]


def _read(path: Path) -> HostFile:
    """The file as it is now: what was read before is taken again while the file is the same."""
    try:
        seen = path.stat()
    except OSError:
        return load_toml(HostFile, path)  # which says what is wrong
    return _parsed(path, seen.st_mtime_ns, seen.st_size, seen.st_ino)


@functools.lru_cache(maxsize=16)
def _parsed(path: Path, _changed: int, _size: int, _inode: int) -> HostFile:
    return load_toml(HostFile, path)


@functools.cache
def load_names(file: str) -> NameFile:
    """``platforms.toml`` or ``regulators.toml`` as shipped, read once."""
    path = REGISTRY / file
    names = load_toml(NameFile, path)
    _check_groups(names.name, names.groups, path)
    return names


def append_host(text: str, host: Host) -> str:
    """The TOML *text* of a registry file with *host* at its end; the lines before stay as they are."""
    lines = ["[[host]]", f"name = {_quoted(host.name)}"]
    if host.kind != "person":
        lines.append(f"kind = {_quoted(host.kind)}")
    for key in (
        "aliases",
        "misspellings",
        "english",
        "handles",
        "platforms",
        "context",
        "excluded",
        "unless",
    ):
        if words := getattr(host, key):
            lines.append(f"{'not' if key == 'excluded' else key} = {_array(words)}")
    if host.ambiguous:
        lines.append("[host.ambiguous]")
        lines += [f"{_quoted(alias)} = {_array(words)}" for alias, words in host.ambiguous.items()]
    start = f"{text.rstrip()}\n\n" if text.strip() else ""
    return start + "\n".join(lines) + "\n"


def _array(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _quoted(word: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


_LISTS = (
    "aliases", "misspellings", "english", "handles", "context", "excluded", "unless", "dated", "platforms",
    "agencies",
)  # fmt: skip


def _joined(first: _N, second: _N) -> _N:
    """The first host or brand with all that the second adds."""
    added: dict[str, object] = {
        key: tuple(dict.fromkeys((*getattr(first, key), *getattr(second, key))))
        for key in _LISTS
        if hasattr(first, key)
    }
    return first.model_copy(update=added | {"ambiguous": first.ambiguous | second.ambiguous})


def _check_groups(names: Iterable[Name], groups: dict[str, tuple[str, ...]], path: Path) -> None:
    for name in names:
        for words in name.ambiguous.values():
            for word in words:
                if word.startswith("@") and word[1:] not in groups:
                    raise ConfigError(
                        f"{path}: {name.name} asks for the unknown group {word!r}.",
                        remedy=did_you_mean(word[1:], groups),
                    )
