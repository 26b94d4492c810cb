"""The names by which texts speak of the accused: hosts with all their names, others by their own."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from fengping.analysis import HostRegistry
from fengping.home import Home


def aliases(registry: HostRegistry) -> dict[str, tuple[str, ...]]:
    """Every host → the names that are certainly theirs, with those of their agencies."""
    found = {}
    for host in registry.hosts:
        names = [host.name, *host.sure(), *(agency.name for agency in host.agencies)]
        found[host.name] = tuple(dict.fromkeys(name for name in names if len(name) > 1))
    return found


def known_names(home: Home) -> dict[str, tuple[str, ...]]:
    """:func:`aliases` of every host that a home knows; read again when a file of them changes."""
    files = (*home.registries, *home.config.analysis.hosts)
    return _read(tuple((file, file.stat().st_mtime_ns if file.exists() else 0) for file in files))


@functools.lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, tuple[str, ...]]:
    return aliases(HostRegistry.load(tuple(file for file, _ in files)))


def names_of(parties: Iterable[str], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All names of *parties*; a party that no list holds goes by its own."""
    return tuple(dict.fromkeys(name for party in parties for name in known.get(party, (party,))))
