"""The network in JAX: a BERT encoder of four layers, linear heads on pieces, clauses and parties."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from devtools.reading.base import LAYERS, Arrays
from fengping.analysis.reading.terms import CLASSES, FACETS, KINDS, LINKS, ROLES, TAGS

HEADS, WIDTH, LINKED = 8, 512, 128
Params = dict[str, Any]
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
        f"head.{name}": np.concatenate([rng.normal(0, 0.02, shape), np.zeros((1, shape[1]))]).astype(
            np.float32
        )
        for name, shape in OUTPUTS.items()
    }
    return {name: jnp.asarray(value, jnp.float32) for name, value in (base | heads).items()}


def states(params: Params, ids: jax.Array, mask: jax.Array, key: jax.Array | None) -> jax.Array:
    """Last states [texts, pieces, width]; *key* drops a tenth of what is added up, in training."""
    length = ids.shape[1]
    x = params["word"][ids] + params["position"][:length] + params["token_type"][0]
    x = _norm(x, params["norm.weight"], params["norm.bias"])
    bias = (1 - mask)[:, None, None, :] * -1e9
    keys = jax.random.split(key, 2 * LAYERS) if key is not None else [None] * 2 * LAYERS
    for layer in range(LAYERS):
        p = {name.partition(".")[2]: value for name, value in params.items() if name.startswith(f"{layer}.")}
        q, k, v = (_split(x @ p[f"{n}.weight"] + p[f"{n}.bias"]) for n in ("query", "key", "value"))
        weights = jax.nn.softmax(q @ k.swapaxes(-1, -2) / np.sqrt(WIDTH // HEADS) + bias)
        mixed = (weights @ v).swapaxes(1, 2).reshape(x.shape)
        mixed = _drop(mixed @ p["attention.output.weight"] + p["attention.output.bias"], keys[2 * layer])
        x = _norm(x + mixed, p["norm1.weight"], p["norm1.bias"])
        inner = jax.nn.gelu(x @ p["intermediate.weight"] + p["intermediate.bias"], approximate=False)
        inner = _drop(inner @ p["output.weight"] + p["output.bias"], keys[2 * layer + 1])
        x = _norm(x + inner, p["norm2.weight"], p["norm2.bias"])
    return x


def read(params: Params, batch: dict[str, Any], key: jax.Array | None = None) -> dict[str, jax.Array]:
    """Logits of every head for the pieces, clauses and parties of *batch*."""
    x = states(params, batch["ids"], batch["mask"], key)
    mean = (x * batch["mask"][..., None]).sum(1) / batch["mask"].sum(1, keepdims=True).clip(1)
    whole = jnp.concatenate([x[:, 0], mean], -1)
    clause = _pool(x, batch["clause"], batch["tags"].shape[1])
    party = _pool(x, batch["mention"], batch["roles"].shape[1])
    beside_clause = jnp.concatenate([clause, _neighbours(clause), _wide(x[:, 0], clause)], -1)
    beside_party = jnp.concatenate([party, _wide(x[:, 0], party), _wide(mean, party)], -1)
    seen = {
        "polarity": whole, "relevant": whole, "consumer": whole, "begins": x, "thing": x,
        "facets": whole, "roles": beside_party, "kinds": party, "tags": beside_clause,
        "classes": beside_clause,
    }  # fmt: skip
    pairs = _head(params["head.clause"], clause)[:, :, None] + _head(params["head.party"], party)[:, None]
    seen["links"] = jax.nn.gelu(pairs)
    return {name: _head(params[f"head.{name}"], value) for name, value in seen.items()}


def _head(weights: jax.Array, x: jax.Array) -> jax.Array:
    return x @ weights[:-1] + weights[-1]


def _pool(x: jax.Array, number: jax.Array, count: int) -> jax.Array:
    """Mean state of the pieces of each number: [texts, count, width]."""
    one = (number[:, None, :] == jnp.arange(count)[None, :, None]).astype(x.dtype)
    return one @ x / one.sum(-1, keepdims=True).clip(1)


def _neighbours(clause: jax.Array) -> jax.Array:
    """Sum of the clause before and the clause behind."""
    padded = jnp.pad(clause, ((0, 0), (1, 1), (0, 0)))
    return padded[:, :-2] + padded[:, 2:]


def _wide(x: jax.Array, like: jax.Array) -> jax.Array:
    return jnp.broadcast_to(x[:, None, :], (*like.shape[:2], x.shape[-1]))


def _split(x: jax.Array) -> jax.Array:
    return x.reshape(*x.shape[:2], HEADS, WIDTH // HEADS).swapaxes(1, 2)


def _norm(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-12) * weight + bias


def _drop(x: jax.Array, key: jax.Array | None) -> jax.Array:
    return x if key is None else x * jax.random.bernoulli(key, 0.9, x.shape) / 0.9
