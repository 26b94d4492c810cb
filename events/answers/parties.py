"""The accused: the names by which texts speak of them, and the side whose words are an answer to a charge."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fengping.analysis import HostRegistry
from fengping.events.building.candidates import PARTIES, Member
from fengping.events.matching.sketch import Part
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


def side_of(group: Sequence[Member], parties: Sequence[str]) -> tuple[str, ...]:
    """Those of *parties* whom charges of an event accuse at least half as often as the most accused.

    All of them where nobody is accused. A seller whom one post of many names has nothing to answer; those of
    the first charge have, where it names two at most: it is theirs that is told of an event first.
    """
    accusing = [member for member in group if Part.ACCUSING in member.part]
    often = Counter(party for member in accusing for party in member.parties)
    return side_counted(often, accusing[0].parties if accusing else (), parties)


def side_counted(often: Mapping[str, int], first: Sequence[str], parties: Sequence[str]) -> tuple[str, ...]:
    """:func:`side_of` by how *often* each party is accused, and by those whom the *first* charge accuses."""
    most = max((often.get(party, 0) for party in parties), default=0)
    return tuple(
        party for party in parties if 2 * often.get(party, 0) >= most or (len(first) < 3 and party in first)
    )


def accused_by(group: Sequence[Member]) -> tuple[str, ...]:
    """The parties that documents of an event accuse, most often first; none where all only speak of somebody.

    One that fewer than a fifth of them accuse is left out: one post of many names makes no accused.
    """
    accusing = [member for member in group if Part.ACCUSING in member.part]
    often = Counter(party for member in accusing for party in member.parties)
    return tuple(party for party, count in often.most_common(PARTIES) if count * 5 >= len(accusing))
