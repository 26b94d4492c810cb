"""Training set of a home's corrections, to learn from and to be measured on."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from typing import NamedTuple

import numpy as np

from fengping.analysis.polarity import CODES
from fengping.analysis.training.sets import TOPIC, UNKNOWN, LabelledSet
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


def read_corrections(home: Home) -> LabelledSet | None:
    """Texts corrected in polarity, relevance or consumer matter, the latest word on each; None for none."""
    texts: list[str] = []
    polarity: list[int] = []
    relevant: list[int] = []
    consumer: list[int] = []
    for document, made in corrected_documents(home):
        tones = [CODES.index(c.polarity) for c in made if c.polarity is not None]
        themes = [int(c.relevant) for c in made if c.relevant is not None]
        matters = [int(c.consumer) for c in made if c.consumer is not None]
        if tones or themes or matters:
            texts.append(document.raw.content)
            polarity.append((tones or [UNKNOWN])[-1])
            relevant.append((themes or [UNKNOWN])[-1])
            consumer.append((matters or [UNKNOWN])[-1])
    if not texts:
        return None
    return LabelledSet(
        name=NAME,
        texts=texts,
        polarity=np.array(polarity, np.int8),
        relevant=np.array(relevant, np.int8),
        consumer=np.array(consumer, np.int8),
        certainty=np.ones(len(texts), np.float32),
        register=TOPIC,
        read=False,
    )
