"""What analysts of a home corrected, as a set to learn from and to be measured on."""

from __future__ import annotations

from contextlib import closing

import numpy as np

from fengping.analysis.polarity import CODES
from fengping.home import Home
from fengping.indexer.corrections import TABLES, everything
from fengping.indexer.stores import open_store
from fengping.state import State
from fengping.training.sets import TOPIC, UNKNOWN, LabelledSet


def read_corrections(home: Home) -> LabelledSet | None:
    """The texts whose polarity or relevance was corrected, with the corrected labels; None for none.

    The latest word on a document counts; a correction taken back, or of a document gone, does not.
    """
    with State.open(home, *TABLES).begin() as connection:
        made = [c for c in everything(connection) if not c.undone_by]
    polarity: dict[str, int] = {}
    relevant: dict[str, int] = {}
    for correction in sorted(made, key=lambda c: c.number):
        if correction.polarity is not None:
            polarity[correction.document_id] = CODES.index(correction.polarity)
        if correction.relevant is not None:
            relevant[correction.document_id] = int(correction.relevant)
    ids = sorted({*polarity, *relevant})
    if not ids:
        return None
    with closing(open_store(home)) as store:
        found = store.get(ids)
    texts = {document.id: document.raw.content for document in found}
    known = [i for i in ids if i in texts]
    return LabelledSet(
        name="corrections",
        texts=[texts[i] for i in known],
        polarity=np.array([polarity.get(i, UNKNOWN) for i in known], np.int8),
        relevant=np.array([relevant.get(i, UNKNOWN) for i in known], np.int8),
        certainty=np.ones(len(known), np.float32),
        register=TOPIC,
        read=False,
    )
