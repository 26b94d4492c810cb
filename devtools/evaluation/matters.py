"""Pairs of charges against one party: of one matter or not, against labels made by reading.

Documents stand in ``events-matters.tsv`` by hashes, each with a party and the number of its matter. Pairs are
drawn with a seed within a set, so that great affairs do not outweigh small ones.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from devtools.evaluation import data_hash, proportion
from fengping.analysis import HostRegistry
from fengping.analysis.figures import Figure
from fengping.events.answers.matter import of_one_matter
from fengping.events.answers.parties import aliases, names_of
from fengping.events.building.kernel import WINDOW
from fengping.events.matching import Told
from fengping.events.matching.sketch import Part

MATTERS = Path(__file__).with_name("events-matters.tsv")
EACH = 3
"""Pairs drawn of each document, about."""
TITLE = 80
"""Characters of a text that stand for its title."""


class Line(NamedTuple):
    """A document's matter among those of a party; party and document by their hashes."""

    set: str
    party: str
    key: str
    matter: str


def read_labels() -> Iterator[Line]:
    """The lines of the labels."""
    for line in MATTERS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield Line(*line.split("\t"))


def measure(told: Mapping[str, Told]) -> Iterator[Figure]:
    """Precision and recall of the rule by which events against one party are of one affair."""
    pairs = list(_drawn(told))
    known = aliases(HostRegistry.load())
    found = [
        of_one_matter(a.text[:TITLE], a.matter, b.text, b.matter, names_of({*a.parties, *b.parties}, known))
        for a, b, _ in pairs
    ]
    right = sum(yes and same for yes, (*_, same) in zip(found, pairs, strict=True))
    digest = data_hash(MATTERS)
    yield proportion("events.matters.precision", right, sum(found), digest)
    yield proportion("events.matters.recall", right, sum(same for *_, same in pairs), digest)


def _drawn(told: Mapping[str, Told]) -> Iterator[tuple[Told, Told, bool]]:
    """Pairs of charges that lie within the time in which documents are linked."""
    by_party: dict[tuple[str, str], list[tuple[Told, str]]] = defaultdict(list)
    for line in read_labels():
        if Part.CHARGED in told[line.key].part:
            by_party[line.set, line.party].append((told[line.key], line.matter))
    chance = random.Random(0)
    for documents in by_party.values():
        near = [
            (a, b, one == other)
            for at, (a, one) in enumerate(documents)
            for b, other in documents[:at]
            if _near(a, b) and not {*a.parties}.isdisjoint(b.parties)
        ]
        yield from chance.sample(near, min(len(near), EACH * len(documents)))


def _near(a: Told, b: Told) -> bool:
    assert a.published_at and b.published_at
    return abs((a.published_at - b.published_at).total_seconds()) <= WINDOW
