"""Corrected documents of a home, to learn from and to be measured on."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from typing import NamedTuple

from fengping.home import Home
from fengping.indexer import open_store
from fengping.indexer.corrections import Correction, everything
from fengping.models import Document
from fengping.state import State

NAME = "corrections"
"""Name of the set, by which a model tells that it has learnt from corrections."""


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
