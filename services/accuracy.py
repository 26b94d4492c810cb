"""The judge of a home against what its analysts corrected: how often it says by itself what they say.

Only what a correction holds is compared: polarity, relevance, consumer matter and act where they were set,
each host, target, class, accused party, signal and facet that was added or taken away. Where analysts
correct mistakes alone, agreement begins at nothing and tells how many of them a new model, registry or rule
no longer makes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from fengping.analysis import Judge, kind_of
from fengping.analysis.figures import Figure
from fengping.clock import day_of
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import load_judge, open_store
from fengping.indexer.corrections import Correction, apply_all, everything
from fengping.models import Document
from fengping.state import State

_VALUES = ("polarity", "relevant", "consumer", "act")
_LISTS = {
    "hosts": "hosts", "targets": "negative_hosts", "issues": "issues", "accused": "accused",
    "signals": "signals", "facets": "facets",
}  # fmt: skip
"""What a correction calls a field → its name in a judgement."""


class Corrected(NamedTuple):
    """A stored document and the corrections of it in force, in the order they were made."""

    document: Document
    made: list[Correction]


def corrected_documents(home: Home) -> list[Corrected]:
    """Every corrected document, by id; a correction taken back, or of a document gone, does not count."""
    made: dict[str, list[Correction]] = defaultdict(list)
    with State.open(home).begin() as connection:
        for correction in everything(connection):
            if not correction.undone_by:
                made[correction.document_id].append(correction)
    if not made:
        return []
    with closing(open_store(home)) as store:
        found = store.get(sorted(made))
    return [Corrected(document, made[document.id]) for document in sorted(found, key=lambda d: d.id)]


def measure_home(home: Home) -> list[Figure]:
    """Share of corrected values that the home's judge gives without being told, for each field corrected.

    Raises :class:`UsageError` where nothing is corrected.
    """
    corrected = corrected_documents(home)
    if not corrected:
        raise UsageError(
            "This home has no corrections to be measured on.",
            remedy="Make one with fengping correct, for instance ID --polarity neu.",
        )
    judge = load_judge(home, reading=True)
    agreed: dict[str, list[bool]] = defaultdict(list)
    for one in corrected:
        for field, same in _compared(one, judge):
            agreed[field].append(same)
    digest = _hash(corrected)
    return [
        Figure(f"corrections.{field}.agreement", sum(same) / len(same), len(same), data=digest)
        for field, same in agreed.items()
    ]


def _compared(one: Corrected, judge: Judge) -> Iterator[tuple[str, bool]]:
    """Each value that was corrected: its field, and whether the judge gives it too."""
    raw, made = one.document.raw, one.made
    day = day_of(raw.published_at) if raw.published_at else None
    [judged] = judge.judge([raw.content], [day], [kind_of(raw)])
    right = apply_all(replace(one.document, judgement=judged), made).judgement
    for field in _VALUES:
        if any(getattr(c, field) is not None for c in made):
            yield field, getattr(judged, field) == getattr(right, field)
    for kind, field in _LISTS.items():
        ours, theirs = getattr(judged, field), getattr(right, field)
        if ours is not None:  # the quick reader knows nothing of some
            said = {name for c in made for way in ("add", "remove") for name in getattr(c, f"{way}_{kind}")}
            yield from (
                (field.replace("_", "-"), (name in ours) == (name in theirs)) for name in sorted(said)
            )


def _hash(corrected: list[Corrected]) -> str:
    """12 hex digits over the texts and what was said of them."""
    digest = hashlib.sha256()
    for document, made in corrected:
        digest.update(repr((document.raw.content, made)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]
