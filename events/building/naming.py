"""Ids that stay: an event keeps the id most of its documents had; what is taken over stays findable. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence


def id_of(number: int) -> str:
    """The id of an event by its number."""
    return f"e{number:012x}"


def number_of(id: str) -> int:
    """Inverse of :func:`id_of`."""
    return int(id[1:], 16)


def name_all(
    groups: Sequence[Sequence[str]], before: Mapping[str, str], founders: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """The id of each group of documents, and the ids that others took over: ``{old: new}``.

    *groups*: documents in time order. *before*: document → id it had; *founders*: id → its first document.
    Where several groups hold documents of one id, that with its founder keeps it, else the one with most. No
    new id is one that *founders* or *before* knows.
    """
    claims: defaultdict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    for at, group in enumerate(groups):
        if len(group) == 1:  # most are
            if id := before.get(group[0]):
                claims[id].append((founders.get(id) == group[0], 1, -at))
            continue
        for id, votes in Counter(before[document] for document in group if document in before).items():
            claims[id].append((founders.get(id) in group, votes, -at))
    wished: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    lost: dict[str, int] = {}
    for id, bids in claims.items():
        _, votes, place = max(bids)
        wished[-place].append((votes, id))
        lost[id] = -place
    named, used = [""] * len(groups), {*claims, *founders}
    for at, ids in wished.items():
        named[at] = min(ids, key=lambda bid: (-bid[0], bid[1]))[1]
    for at, group in enumerate(groups):
        if not named[at]:
            named[at] = next(
                id for begin in (0, 12, 20) for document in group
                if (id := f"e{document[begin : begin + 12]}") not in used
            )  # fmt: skip
            used.add(named[at])
    return named, {id: named[at] for id, at in lost.items() if named[at] != id}
