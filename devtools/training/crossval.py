"""Cross-validation on texts of an unseen kind: each set left out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from devtools.training.build import Prepared, Recipe, Remark, cleaned, fit, join, phrases_of
from devtools.training.lessons import NAME
from devtools.training.readings import READ_AGAIN
from devtools.training.sets import TOPIC
from fengping.analysis.polarity.kernel import CueTable


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One line of the table: a set judged by a model of all others."""

    name: str
    n: int
    """Its texts labelled negative or positive."""
    accuracy: float
    """Share of them on the right side of negative against positive."""
    balanced: float
    """The mean of the two recalls, whatever the set's share of negatives."""


def cross_validate(sets: Sequence[Prepared], cues: CueTable, recipe: Recipe, remark: Remark) -> list[LeftOut]:
    """The table, largest set first. What shares texts with a set, or its kind, is left out with it: rows of
    it that were read again, and of topics every other set of topics."""
    recipe = replace(recipe, relevance_epochs=0)
    found = []
    for family in _families(sets):
        names = {s.labelled.name for s in family}
        others = [s for s in sets if s.labelled.name not in names]
        if not {0, 2} <= {int(code) for s in others for code in np.unique(s.labelled.polarity)}:
            continue
        remark(f"leaving out {family[0].labelled.name}")
        examples = join(cleaned(others, cues, recipe), recipe)
        model = fit(examples, np.arange(len(examples.register)), cues, recipe)
        model = replace(model, phrases=phrases_of(others, cues, recipe))
        labelled = family[0].labelled
        opinionated = labelled.take((labelled.polarity == 0) | (labelled.polarity == 2))
        verdicts = model.predict(opinionated.texts)
        negative = opinionated.polarity == 0
        right = (verdicts.negative > verdicts.positive) == negative
        recalls = [right[side].mean() for side in (negative, ~negative) if side.any()]
        found.append(
            LeftOut(labelled.name, len(right), float(right.mean()), float(np.mean(recalls)))
        )  # fmt: skip
    return found


def _families(sets: Sequence[Prepared]) -> list[list[Prepared]]:
    families: dict[str, list[Prepared]] = {}
    for prepared in sorted(
        (s for s in sets if not s.labelled.name.startswith(NAME)), key=lambda s: -len(s.labelled.texts)
    ):
        labelled = prepared.labelled
        key = "topics" if labelled.register == TOPIC else labelled.name.removesuffix(READ_AGAIN)
        families.setdefault(key, []).append(prepared)
    return list(families.values())
