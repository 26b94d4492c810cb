"""Fitting all layers and heads at once, by AdamW."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from devtools.reading.batches import Example, batches, masked
from devtools.reading.network import Params, read

SIZE = 32
WEIGHTS = {
    "polarity": 1.0, "relevant": 0.5, "consumer": 0.5, "begins": 1.0, "thing": 0.5, "roles": 2.0,
    "kinds": 0.5, "tags": 2.0, "classes": 1.0, "links": 1.0, "facets": 0.5,
}  # fmt: skip
"""Weight of each head's loss."""


@dataclass(frozen=True)
class Phase:
    """Passes over the texts at rates that rise for a sixteenth of them and then fall to nothing."""

    epochs: int
    share: float
    """Part of the texts of which less is known that a pass takes."""
    layers: float
    """Highest rates of the layers, and of the heads."""
    heads: float
    more: dict[str, float] = field(default_factory=dict)
    """Weights of losses that differ from `WEIGHTS`."""


PHASES = (
    Phase(4, 0.5, 8e-5, 1e-3),
    Phase(3, 0.25, 2e-4, 1.5e-3, {"begins": 3.0, "classes": 2.0, "relevant": 1.0, "consumer": 1.0}),
)
"""Fitted one after the other."""
FROZEN = ("word", "position", "token_type")
"""Vectors that stay as they are."""


def loss(params: Params, batch: dict[str, Any], key: jax.Array, weights: dict[str, float]) -> jax.Array:
    """Weighted sum of all heads' losses over a batch; what is padded or unknown (-1) counts nothing."""
    said = read(params, batch, key)
    sure = batch["sure"]
    pieces = batch["mask"] * (sure * batch["full"])[:, None]
    charged = (batch["begins"] > 0).astype(jnp.float32)
    parts = {
        "polarity": _cross(said["polarity"], batch["polarity"].astype(jnp.int32), sure),
        "relevant": _binary(said["relevant"][..., 0], batch["relevant"], sure * (batch["relevant"] >= 0)),
        "consumer": _binary(said["consumer"][..., 0], batch["consumer"], sure * (batch["consumer"] >= 0)),
        "facets": _known(said["facets"], batch["facets"], sure),
        "links": _known(said["links"], batch["links"], sure),
        # Names that are masked tell where they stand.
        "begins": _cross(
            said["begins"], batch["begins"], pieces * (1 - batch["masked"])[:, None] * (1 + charged)
        ),
        "thing": _binary(said["thing"][..., 0], batch["thing"].astype(jnp.float32), pieces),
        "roles": _known(said["roles"], batch["roles"], sure),
        "kinds": _cross(said["kinds"], batch["kinds"].clip(0), (batch["kinds"] >= 0) * sure[:, None]),
        "tags": _known(said["tags"], batch["tags"], sure),
        "classes": _known(said["classes"], batch["classes"], sure),
    }
    return sum(weights[name] * value for name, value in parts.items())


def fit(
    params: Params, examples: Sequence[Example], beside: Sequence[Example], phase: Phase, seed: int,
    show: Callable[[str], None],
) -> Params:  # fmt: skip
    """The weights after a phase.

    In each pass a random half of the texts stands with masked names; of the texts *beside* them nobody read
    parties and clauses.
    """
    rng = np.random.default_rng(seed)
    more = round(phase.share * len(beside))
    steps = phase.epochs * -(-(len(examples) + more) // SIZE)
    update = jax.jit(partial(_update, phase), donate_argnums=(0, 1, 2))
    fixed = {name: params[name] for name in FROZEN}
    params = {name: value for name, value in params.items() if name not in FROZEN}
    first = jax.tree.map(jnp.zeros_like, params)
    second = jax.tree.map(jnp.zeros_like, params)
    step, total, begun = 0, 0.0, time.monotonic()
    for _ in range(phase.epochs):
        added = [beside[number] for number in rng.permutation(len(beside))[:more]]
        hidden = rng.random(len(examples) + more) < 0.5
        drawn = [masked(one) if hide else one for one, hide in zip([*examples, *added], hidden, strict=True)]
        for numbers, batch in batches(drawn, SIZE, rng):
            flags = np.zeros(SIZE, np.float32)
            flags[: len(numbers)] = hidden[numbers]
            batch["masked"] = flags
            pace = min(step / (0.06 * steps), (steps - step) / (0.94 * steps))
            key = jax.random.key(seed * 1_000_003 + step)
            params, first, second, value = update(params, first, second, fixed, batch, key, step + 1, pace)
            total += float(value)
            step += 1
            if step % 50 == 0:
                spent = time.monotonic() - begun
                show(f"step {step} of {steps}, loss {total / 50:.3f}, {spent:.0f} s")
                total = 0.0
    return params | fixed


def _update(
    phase: Phase, params: Params, first: Params, second: Params, fixed: Params, batch: Any, key: Any,
    step: Any, pace: Any,
) -> Any:  # fmt: skip
    weights = WEIGHTS | phase.more
    value, slope = jax.value_and_grad(lambda moved: loss(moved | fixed, batch, key, weights))(params)
    size = jnp.sqrt(sum(jnp.sum(one**2) for one in jax.tree.leaves(slope)))
    slope = jax.tree.map(lambda one: one * jnp.minimum(1, 1 / size), slope)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    made = {}
    for name, old in params.items():
        move = first[name] / (1 - 0.9**step) / (jnp.sqrt(second[name] / (1 - 0.999**step)) + 1e-8)
        rate = (phase.heads if name.startswith("head") else phase.layers) * pace
        made[name] = old - rate * (move + (0.01 * old if name.endswith("weight") else 0))
    return made, first, second, value


def _binary(logits: jax.Array, wanted: jax.Array, weight: jax.Array) -> jax.Array:
    each = jnp.maximum(logits, 0) - logits * wanted + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    return (each * weight).sum() / weight.sum().clip(1)


def _known(logits: jax.Array, wanted: jax.Array, sure: jax.Array) -> jax.Array:
    weight = (wanted >= 0) * sure.reshape(-1, *[1] * (wanted.ndim - 1))
    # Summed over the tags, mean over the rows: a rare tag counts as much as a common one.
    each = jnp.maximum(logits, 0) - logits * wanted + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    return (each * weight).sum() / weight.max(-1).sum().clip(1)


def _cross(logits: jax.Array, wanted: jax.Array, weight: jax.Array) -> jax.Array:
    each = jax.nn.logsumexp(logits, -1) - jnp.take_along_axis(logits, wanted[..., None], -1)[..., 0]
    return (each * weight).sum() / weight.sum().clip(1)
