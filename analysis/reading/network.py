"""The encoder (ONNX, 8 bits) and its heads: bge-small-zh-v1.5, all layers tuned, one pass a window.

The heads read the encoder's last states: of pieces, of a clause (the mean of its pieces), of a party (the
mean of all pieces that name it), and of the whole window ([CLS] and the mean).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fengping.analysis.graphs import session
from fengping.analysis.reading.pieces import Window

Floats = npt.NDArray[np.float32]
Heads = dict[str, Floats]
"""Head → weights [inputs + 1, outputs], the constant in the last row."""


class Encoder:
    """The states of windows."""

    def __init__(self, graph: bytes) -> None:
        self._session = session(graph)

    def states(self, window: Window) -> Floats:
        """Last states [pieces, width].

        One window at a time: the graph's 8-bit scales span whatever is read together, so that what a text
        says would hang on its neighbours. It is as quick.
        """
        ids = window.ids[None]
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(["last_hidden_state"], feed)
        return states[0]  # type: ignore[no-any-return]


class Seen:
    """What the heads say of one window; logits throughout."""

    def __init__(self, heads: Heads, states: Floats) -> None:
        self._heads = heads
        self._states = states
        self.whole = np.concatenate([states[0], states.mean(0)])
        """What heads of the whole window read."""

    def text(self, name: str) -> Floats:
        """[outputs] of a head that reads the whole window."""
        return self._head(name, self.whole)

    def pieces(self, name: str) -> Floats:
        """[pieces, outputs], the two marks left out."""
        return self._head(name, self._states[1:-1])

    def clauses(self, name: str, states: Floats) -> Floats:
        """[clauses, outputs] for *states* of clauses that follow each other."""
        beside = np.zeros_like(states)
        beside[1:] += states[:-1]
        beside[:-1] += states[1:]
        first = np.broadcast_to(self._states[0], states.shape)
        return self._head(name, np.concatenate([states, beside, first], -1))

    def roles(self, states: Floats) -> Floats:
        """[parties, roles] for *states* of parties."""
        return self._head("roles", self.beside(states))

    def beside(self, states: Floats) -> Floats:
        """[parties, inputs]: what the head of roles reads."""
        whole = np.broadcast_to(self.whole, (len(states), len(self.whole)))
        return np.concatenate([states, whole], -1)

    def kinds(self, states: Floats) -> Floats:
        """[parties, kinds]."""
        return self._head("kinds", states)

    def links(self, clauses: Floats, parties: Floats) -> Floats:
        """[clauses, parties, links]: whether the party is that side of the clause."""
        pairs = self._head("clause", clauses)[:, None] + self._head("party", parties)[None]
        return self._head("links", _gelu(pairs))

    def mean(self, pieces: Sequence[npt.NDArray[np.bool_]]) -> Floats:
        """[rows, width]: mean states of the pieces that each row of *pieces* marks."""
        states = self._states[1:-1]
        if not pieces:
            return np.zeros((0, states.shape[1]), np.float32)
        marks = np.array(pieces, np.float32)
        return (marks @ states) / marks.sum(-1, keepdims=True).clip(1)  # type: ignore[no-any-return]

    def _head(self, name: str, x: Floats) -> Floats:
        return logits(self._heads[name], x)


def logits(weights: Floats, x: Floats) -> Floats:
    return x @ weights[:-1] + weights[-1]  # type: ignore[no-any-return]


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x.clip(-60, 60)))  # type: ignore[no-any-return]


def softmax(x: Floats) -> Floats:
    power = np.exp(x - x.max(-1, keepdims=True))
    return power / power.sum(-1, keepdims=True)  # type: ignore[no-any-return]


def _gelu(x: Floats) -> Floats:
    """By the tanh that JAX's ``gelu`` takes too."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))  # type: ignore[no-any-return]
