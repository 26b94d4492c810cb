"""A second look at noisy labels: posts labelled by their emoticons, not by anyone who read them.

A set of posts without neutral has labels that were not read: half of such posts say nothing either way. A
model of all other sets judges them: what it finds neutral becomes neutral, what it finds plainly contrary to
its label is dropped (self-training, as in Yarowsky 1995; pruning, as in Northcutt, Jiang, Chuang 2021).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from devtools.training.sets import POST, LabelledSet
from fengping.analysis import PolarityModel

LEAST_OWN = 0.2
"""Share of its own label, of negative and positive together, under which a row is dropped."""
NEUTRAL_FROM = 0.5


def is_noisy(labelled: LabelledSet) -> bool:
    return labelled.register == POST and not labelled.graded


def clean(labelled: LabelledSet, model: PolarityModel) -> LabelledSet:
    """*labelled* as *model*, which must not have seen it, corrects it."""
    verdicts = model.predict(labelled.texts)
    own = np.where(labelled.polarity == 0, verdicts.negative, verdicts.positive)
    own = own / (verdicts.negative + verdicts.positive + 1e-9)
    neutral = verdicts.neutral >= NEUTRAL_FROM
    polarity = np.where(neutral, 1, labelled.polarity).astype(np.int8)
    return replace(labelled, polarity=polarity, read=False).take(neutral | (own >= LEAST_OWN))
