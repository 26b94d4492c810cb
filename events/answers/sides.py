"""The side that a charge is against: whose words are an answer to it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fengping.events.building.candidates import PARTIES, Member
from fengping.events.matching.sketch import Part


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
