"""Heads fitted to what persons said: logistic regression on frozen states, its prior what ships.

A claim is fitted to lie on the right side of its limit, constant included, so that the limits stay. Texts of
which nobody said anything are to keep the probabilities that they have: people correct mistakes, and a head
that learnt from mistakes alone would turn every verdict round.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.reading.derived import LIMITS
from fengping.analysis.reading.model import Inputs, decisive
from fengping.analysis.reading.network import Floats, Heads, logits, sigmoid, softmax
from fengping.analysis.reading.terms import ROLES

PULL = 300.0
"""Weight of the prior (docs/measurements/judgement.md)."""
ROUNDS = 60
Ints = npt.NDArray[np.int64]


class Field(NamedTuple):
    """Outputs of a head, and the claims whose limits hold for them."""

    head: str
    first: int
    claims: tuple[str, ...]

    def of(self, heads: Heads) -> Floats:
        return heads[self.head][:, self.first : self.first + len(self.claims)]


FIELDS = {
    "polarity": Field("polarity", 0, ("negative", "", "positive")),
    "relevant": Field("relevant", 0, ("relevant",)),
    "consumer": Field("consumer", 0, ("consumer",)),
    "accused": Field("roles", ROLES.index("accused"), ("accused",)),
}


def row(field: str, heads: Heads, inputs: Inputs, party: str = "") -> Floats:
    """What the head of *field* reads in the window that decides."""
    x = inputs.parties[party] if party else inputs.whole
    scores = logits(FIELDS[field].of(heads), x)
    return x[decisive(softmax(scores)) if field == "polarity" else int(scores[:, 0].argmax())]  # type: ignore[no-any-return]


def answers(field: str, weights: Floats, x: Floats) -> Ints:
    """[rows]: the place among `POLARITIES`; of other fields 1 for yes."""
    scores = logits(weights, x)
    if field != "polarity":
        return np.asarray(sigmoid(scores[:, 0]) >= LIMITS[field].search, np.int64)
    negative, _, positive = softmax(scores).T
    tone = np.where(positive >= LIMITS["positive"].search, 2, 1)
    return np.where(negative >= LIMITS["negative"].search, 0, tone)


def fitted(field: str, weights: Floats, x: Floats, said: Ints) -> Floats:
    """*weights* fitted to the answers *said*, -1 where nobody gave one."""
    likely = softmax if field == "polarity" else sigmoid
    limits = [LIMITS[claim].search if claim else 0.5 for claim in FIELDS[field].claims]
    lifted = np.log([(1 - limit) / limit for limit in limits])
    whole = np.append(x, np.ones((len(x), 1)), 1)
    wanted = likely((whole @ weights + lifted).astype(np.float64))
    wanted[said >= 0] = np.eye(3)[said[said >= 0]] if field == "polarity" else said[said >= 0, None]
    # Half the Gram matrix bounds the curvature: every step goes down.
    step = np.linalg.inv(whole.T @ whole / 2 + PULL * np.eye(whole.shape[1]))
    now: Any = weights.astype(np.float64)
    for _ in range(ROUNDS):
        now = now - step @ (whole.T @ (likely(whole @ now + lifted) - wanted) + PULL * (now - weights))
    return now.astype(np.float32)  # type: ignore[no-any-return]
