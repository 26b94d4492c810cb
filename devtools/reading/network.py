"""The network in torch: a BERT encoder of four layers, linear heads on pieces, clauses and parties."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from devtools.reading.base import LAYERS, Arrays
from fengping.analysis.reading import KINDS, ROLES
from fengping.analysis.reading.terms import CLASSES, FACETS, LINKS, TAGS

HEADS, WIDTH, LINKED = 8, 512, 128
DROPPED = 0.1
"""Part of what a layer adds that training leaves out."""
Params = dict[str, torch.Tensor]
OUTPUTS = {
    "polarity": (WIDTH * 2, 3), "relevant": (WIDTH * 2, 1), "consumer": (WIDTH * 2, 1), "begins": (WIDTH, 3),
    "thing": (WIDTH, 1), "roles": (WIDTH * 3, len(ROLES)), "kinds": (WIDTH, len(KINDS)),
    "tags": (WIDTH * 3, len(TAGS)), "classes": (WIDTH * 3, len(CLASSES)), "facets": (WIDTH * 2, len(FACETS)),
    "clause": (WIDTH, LINKED), "party": (WIDTH, LINKED), "links": (LINKED, len(LINKS)),
}  # fmt: skip
"""Heads: width of what they read, number of their outputs."""


def start(base: Arrays, seed: int) -> Params:
    """The base's weights and new heads."""
    rng = np.random.default_rng(seed)
    heads = {
        f"head.{name}": np.concatenate([rng.normal(0, 0.02, shape), np.zeros((1, shape[1]))])
        for name, shape in OUTPUTS.items()
    }
    return {name: torch.tensor(value, dtype=torch.float32) for name, value in (base | heads).items()}


def states(params: Params, ids: torch.Tensor, mask: torch.Tensor, training: bool) -> torch.Tensor:
    """Last states [texts, pieces, width]."""
    x = params["word"][ids] + params["position"][: ids.shape[1]] + params["token_type"][0]
    x = _norm(x, params, "norm")
    seen = (mask > 0)[:, None, None, :]
    for layer in range(LAYERS):
        q, k, v = (_split(_dense(x, params, f"{layer}.{name}")) for name in ("query", "key", "value"))
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        mixed = _dense(mixed.transpose(1, 2).reshape(x.shape), params, f"{layer}.attention.output")
        x = _norm(x + functional.dropout(mixed, DROPPED, training), params, f"{layer}.norm1")
        inner = _dense(functional.gelu(_dense(x, params, f"{layer}.intermediate")), params, f"{layer}.output")
        x = _norm(x + functional.dropout(inner, DROPPED, training), params, f"{layer}.norm2")
    return x


def read(params: Params, batch: dict[str, Any], training: bool = False) -> dict[str, torch.Tensor]:
    """Logits of every head for the pieces, clauses and parties of *batch*."""
    x = states(params, batch["ids"], batch["mask"], training)
    mean = (x * batch["mask"][..., None]).sum(1) / batch["mask"].sum(1, keepdim=True).clamp(min=1)
    whole = torch.cat([x[:, 0], mean], -1)
    clause = _pool(x, batch["clause"], batch["tags"].shape[1])
    party = _pool(x, batch["mention"], batch["roles"].shape[1])
    beside_clause = torch.cat([clause, _neighbours(clause), _wide(x[:, 0], clause)], -1)
    beside_party = torch.cat([party, _wide(x[:, 0], party), _wide(mean, party)], -1)
    seen = {
        "polarity": whole, "relevant": whole, "consumer": whole, "begins": x, "thing": x,
        "facets": whole, "roles": beside_party, "kinds": party, "tags": beside_clause,
        "classes": beside_clause,
    }  # fmt: skip
    pairs = _head(params, "clause", clause)[:, :, None] + _head(params, "party", party)[:, None]
    seen["links"] = functional.gelu(pairs, approximate="tanh")
    return {name: _head(params, name, value).float() for name, value in seen.items()}


def _dense(x: torch.Tensor, params: Params, name: str) -> torch.Tensor:
    return functional.linear(x, params[f"{name}.weight"].T, params[f"{name}.bias"])


def _head(params: Params, name: str, x: torch.Tensor) -> torch.Tensor:
    weights = params[f"head.{name}"]
    return functional.linear(x, weights[:-1].T, weights[-1])


def _pool(x: torch.Tensor, number: torch.Tensor, count: int) -> torch.Tensor:
    """Mean state of the pieces of each number: [texts, count, width]."""
    one = (number[:, None, :] == torch.arange(count)[None, :, None]).to(x.dtype)
    return one @ x / one.sum(-1, keepdim=True).clamp(min=1)


def _neighbours(clause: torch.Tensor) -> torch.Tensor:
    """Sum of the clause before and the clause behind."""
    padded = functional.pad(clause, (0, 0, 1, 1))
    return padded[:, :-2] + padded[:, 2:]


def _wide(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return x[:, None, :].expand(*like.shape[:2], x.shape[-1])


def _split(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(*x.shape[:2], HEADS, WIDTH // HEADS).transpose(1, 2)


def _norm(x: torch.Tensor, params: Params, name: str) -> torch.Tensor:
    return functional.layer_norm(x, (WIDTH,), params[f"{name}.weight"], params[f"{name}.bias"], 1e-12)
