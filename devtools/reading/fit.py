"""Fitting all layers and heads at once, by AdamW."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from devtools.reading.batches import Example, Names, batches, masked
from devtools.reading.network import Params, read

SIZE = 32
WEIGHTS = {
    "polarity": 1.0, "relevant": 0.5, "consumer": 0.5, "begins": 1.0, "thing": 0.5, "roles": 2.0,
    "kinds": 0.5, "tags": 2.0, "classes": 1.0, "links": 1.0, "facets": 0.5, "issues": 0.0,
    "told": 0.0,
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
    swapped: float = 0.0
    """Part of the texts that stand with other names of the same kinds."""
    hidden: float = 0.5
    """Part of the texts that stand with masked names."""
    more: dict[str, float] = field(default_factory=dict)
    """Weights of losses that differ from `WEIGHTS`."""


_MORE = {"begins": 4.0, "classes": 2.0, "relevant": 1.0, "consumer": 1.0, "issues": 2.0}
PHASES = (
    Phase(3, 0.3, 2.5e-4, 1.2e-3, 0.5, 0.25, _MORE),
    Phase(4, 0.3, 2.5e-4, 1.2e-3, 0.5, 0.25, _MORE),
    Phase(3, 0.3, 2e-4, 1e-3, 0.5, 0.25, _MORE | {"told": 1.0}),
)
"""Fitted one after the other."""
TEMPERATURE = 1.7
"""Softens the polarity, of which so many passes make the network too sure (docs/measurements/reading.md)."""
FROZEN = ("word", "position", "token_type")
"""Vectors that stay as they are."""


def loss(params: Params, batch: dict[str, Any], weights: dict[str, float]) -> torch.Tensor:
    """Weighted sum of all heads' losses over a batch; what is padded or unknown (-1) counts nothing."""
    with torch.autocast("cpu", torch.bfloat16):
        said = read(params, batch, training=True)
    sure = batch["sure"]
    pieces = batch["mask"] * (sure * batch["full"])[:, None]
    charged = (batch["begins"] > 0).float()
    whole = batch["full"][:, None] > 0
    issues = torch.where(whole, batch["classes"].amax(1).clamp(min=0), batch["issues"])
    told = torch.where(whole, batch["tags"].amax(1), -1)
    parts = {
        "polarity": _cross(said["polarity"], batch["polarity"].long(), sure),
        "relevant": _binary(said["relevant"][..., 0], batch["relevant"], sure * (batch["relevant"] >= 0)),
        "consumer": _binary(said["consumer"][..., 0], batch["consumer"], sure * (batch["consumer"] >= 0)),
        "facets": _known(said["facets"], batch["facets"], sure),
        "links": _known(said["links"], batch["links"], sure),
        # Names that are masked tell where they stand.
        "begins": _cross(
            said["begins"], batch["begins"], pieces * (1 - batch["masked"])[:, None] * (1 + charged)
        ),
        "thing": _binary(said["thing"][..., 0], batch["thing"].float(), pieces),
        "roles": _known(said["roles"], batch["roles"], sure),
        "kinds": _cross(said["kinds"], batch["kinds"].clamp(min=0), (batch["kinds"] >= 0) * sure[:, None]),
        "tags": _known(said["tags"], batch["tags"], sure),
        "classes": _known(said["classes"], batch["classes"], sure),
        # A text has the classes of its likeliest clauses, and tells what they tell.
        "issues": _known(_likeliest(said["classes"], batch["clause"]), issues, sure),
        "told": _known(_likeliest(said["tags"], batch["clause"]), told, sure),
    }
    return sum((weights[name] * value for name, value in parts.items()), torch.zeros(()))


def fit(
    params: Params, examples: Sequence[Example], beside: Sequence[Example], phase: Phase, seed: int,
    show: Callable[[str], None], each: Callable[[Params], None] = lambda _: None,
) -> Params:  # fmt: skip
    """The weights after a phase.

    In each pass random texts stand with masked names, others with swapped ones, so that no name carries a
    prior; of the texts *beside* them nobody read parties and clauses.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    pool, weights = Names(examples), WEIGHTS | phase.more
    more = round(phase.share * len(beside))
    steps = phase.epochs * -(-(len(examples) + more) // SIZE)
    moved = {name: value for name, value in params.items() if name not in FROZEN}
    for value in moved.values():
        value.requires_grad_()
    rates = [
        {
            "params": [value for name, value in moved.items() if name.startswith("head") == head],
            "lr": rate,
        }
        for head, rate in ((False, phase.layers), (True, phase.heads))
    ]
    method = torch.optim.AdamW(rates, weight_decay=0.01)
    paces = torch.optim.lr_scheduler.LambdaLR(
        method, lambda step: min((step + 1) / (0.06 * steps), (steps - step) / (0.94 * steps))
    )
    step, total, begun = 0, 0.0, time.monotonic()
    for _ in range(phase.epochs):
        added = [beside[number] for number in rng.permutation(len(beside))[:more]]
        lot = rng.random(len(examples) + more)
        hidden = lot < phase.hidden
        drawn = [
            masked(one) if draw < phase.hidden
            else pool.swapped(one, rng) if draw < phase.hidden + phase.swapped
            else one
            for one, draw in zip([*examples, *added], lot, strict=True)
        ]  # fmt: skip
        for numbers, arrays in batches(drawn, SIZE, rng):
            batch = {name: torch.from_numpy(values) for name, values in arrays.items()}
            batch["masked"] = torch.zeros(SIZE)
            batch["masked"][: len(numbers)] = torch.from_numpy(hidden[numbers]).float()
            value = loss(params, batch, weights)
            method.zero_grad()
            value.backward()
            torch.nn.utils.clip_grad_norm_(moved.values(), 1.0)
            method.step()
            paces.step()
            total += float(value.detach())
            step += 1
            if step % 50 == 0:
                spent = time.monotonic() - begun
                show(f"step {step} of {steps}, loss {total / 50:.3f}, {spent:.0f} s")
                total = 0.0
        each({name: value.detach() for name, value in params.items()})
    return {name: value.detach() for name, value in params.items()}


def joined(ends: Sequence[Params]) -> Params:
    """The mean of the weights at the *ends* of phases, its polarity softened."""
    mean = {name: torch.stack([one[name] for one in ends]).mean(0) for name in ends[0]}
    return mean | {"head.polarity": mean["head.polarity"] / TEMPERATURE}


def _likeliest(logits: torch.Tensor, clause: torch.Tensor) -> torch.Tensor:
    """The highest logits of a text's clauses: [texts, classes]."""
    there = torch.arange(logits.shape[1])[None] <= clause.amax(1, keepdim=True)
    return logits.masked_fill(~there[..., None], -1e4).amax(1)


def _binary(logits: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    each = functional.binary_cross_entropy_with_logits(logits, wanted.clamp(min=0), reduction="none")
    return (each * weight).sum() / weight.sum().clamp(min=1)


def _known(logits: torch.Tensor, wanted: torch.Tensor, sure: torch.Tensor) -> torch.Tensor:
    weight = (wanted >= 0) * sure.reshape(-1, *[1] * (wanted.ndim - 1))
    each = functional.binary_cross_entropy_with_logits(logits, wanted.clamp(min=0), reduction="none")
    # Summed over the tags, mean over the rows: a rare tag counts as much as a common one.
    return (each * weight).sum() / weight.amax(-1).sum().clamp(min=1)


def _cross(logits: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    each = functional.cross_entropy(logits.flatten(0, -2), wanted.flatten().long(), reduction="none")
    return (each * weight.flatten()).sum() / weight.sum().clamp(min=1)
