"""Training as one step: paths in, model and figures out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from devtools.training.build import Recipe, Remark, prepare, train
from devtools.training.crossval import LeftOut, cross_validate
from devtools.training.sets import LabelledSet
from devtools.training.words import cue_table
from fengping.analysis.polarity import CODES, PolarityModel
from fengping.analysis.polarity.verdicts import REGISTERS


@dataclass(frozen=True, slots=True)
class Trained:
    model: PolarityModel
    left_out: list[LeftOut]
    """Empty when not asked for."""


def train_on(
    sets: Sequence[LabelledSet],
    day: date,
    remark: Remark,
    *,
    crossed: bool = False,
    recipe: Recipe | None = None,
) -> Trained:
    """A model of *sets*, which says of itself what it was trained on and when (*day*)."""
    recipe = recipe or Recipe()
    cues = cue_table()
    prepared = [prepare(labelled, cues) for labelled in sets]
    table = cross_validate(prepared, cues, recipe, remark) if crossed else []
    about = {"day": day.isoformat(), "sets": [describe(labelled) for labelled in sets]}
    return Trained(train(prepared, cues, recipe, about, remark), table)


def describe(labelled: LabelledSet) -> dict[str, object]:
    """Name, size, register, labels and hash of a set, as the model keeps them."""
    digest = hashlib.sha256()
    for text in labelled.texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    counts = {code.value: int((labelled.polarity == i).sum()) for i, code in enumerate(CODES)}
    return {
        "name": labelled.name,
        "register": REGISTERS[labelled.register],
        "texts": len(labelled.texts),
        **counts,
        "relevant": int((labelled.relevant == 1).sum()),
        "hash": digest.hexdigest()[:12],
    }
