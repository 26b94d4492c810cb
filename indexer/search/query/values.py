"""Values an analyst may write for a judged field: any name of a host, class, platform, tone, and its own.

Where a field's values are known, another one is refused with the nearest.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import REGISTRY, load_names
from fengping.analysis.hosts.registry import Name
from fengping.errors import UsageError
from fengping.indexer.search.people import PARTIES
from fengping.models import FIELDS
from fengping.toml import read_toml

_CALLED = {
    "hosts": "host", "negative_hosts": "host", "issues": "complaint class", "platforms": "platform",
    "regulators": "regulator", "signals": "signal", "facets": "facet",
}  # fmt: skip
_LISTED = 20
"""So many known values at most are listed where none is near."""


class Values:
    """Known values of judged fields, each under every name it goes by; read when first asked for."""

    def __init__(self, host_files: Sequence[Path] = (), registry: HostRegistry | None = None) -> None:
        self._host_files = host_files
        self._registry = registry

    def resolve(self, field: str, value: str) -> str:
        """*value* as the store holds it; raises :class:`UsageError` with the nearest where there is none.

        A party has any name; one that a registry knows its canonical one.
        """
        value = value.strip()
        known = self._known(field)
        if known is None:
            return value
        names = known.get(_folded(value), ())
        if field in PARTIES:  # any name may be one
            return names[0] if len(names) == 1 else value
        if len(names) == 1:
            return names[0]
        called = _CALLED.get(field, field)
        if names:
            raise UsageError(f"{value!r} is the name of more than one {called}.", remedy=_any_of(names))
        raise UsageError(f"Unknown {called} {value!r}.", remedy=_nearest(field, value, known))

    def _known(self, field: str) -> Mapping[str, tuple[str, ...]] | None:
        if FIELDS[field].values:
            return {_folded(name): (value,) for name, value in FIELDS[field].values.items()}
        if field in {"hosts", "negative_hosts"}:
            return self._hosts
        if field in PARTIES:
            return self._parties
        lists: dict[str, Callable[[], Mapping[str, tuple[str, ...]]]] = {
            "issues": _issues,
            "platforms": lambda: _registered("platforms.toml"),
            "regulators": lambda: _registered("regulators.toml"),
        }
        return lists[field]() if field in lists else None

    @cached_property
    def _hosts(self) -> Mapping[str, tuple[str, ...]]:
        return _by_name((host, host.handles) for host in self._read.hosts)

    @cached_property
    def _parties(self) -> Mapping[str, tuple[str, ...]]:
        read = self._read
        others = (*read.brands, *load_names("platforms.toml").name, *load_names("regulators.toml").name)
        return _by_name([*((host, host.handles) for host in read.hosts), *((one, ()) for one in others)])

    @cached_property
    def _read(self) -> HostRegistry:
        return self._registry or HostRegistry.load(self._host_files)


@cache
def class_names() -> Mapping[str, str]:
    """Code → Chinese name of the complaint classes."""
    return {rules["code"]: rules["name"] for rules in read_toml(REGISTRY / "issues.toml")["class"]}


@cache
def _issues() -> dict[str, tuple[str, ...]]:
    return {_folded(name): (code,) for code, title in class_names().items() for name in (code, title)}


@cache
def _registered(file: str) -> dict[str, tuple[str, ...]]:
    return _by_name((name, ()) for name in load_names(file).name)


def _by_name(named: Iterable[tuple[Name, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Folded name → canonical names; a canonical name means itself, whoever else goes by it."""
    given = list(named)
    found: dict[str, list[str]] = {}
    for one, further in given:
        dated = (alias.alias for alias in one.dated)
        for name in {_folded(name) for name in (*one.sure(), *one.ambiguous, *dated, *further)}:
            found.setdefault(name, []).append(one.name)
    by_name = {name: tuple(dict.fromkeys(names)) for name, names in found.items()}
    return by_name | {_folded(one.name): (one.name,) for one, _ in given}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def _nearest(field: str, value: str, known: Mapping[str, tuple[str, ...]]) -> str:
    near = difflib.get_close_matches(_folded(value), known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {(near[0] if FIELDS[field].values else known[near[0]][0])!r}?"
    values = sorted({name for names in known.values() for name in names})
    if len(values) > _LISTED:
        return "See: fengping hosts list." if "hosts" in field else "See docs/queries.md."
    if field == "issues":
        values = [f"{code} {class_names()[code]}" for code in values]
    return f"Known: {', '.join(values)}."


def _any_of(names: Sequence[str]) -> str:
    return f"Write one of: {', '.join(names)}."
