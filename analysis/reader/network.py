"""The encoder as a graph for onnxruntime: matrices in 8 bits, activations rounded as they come.

The word vectors stay outside, in the 4 bits that the package carries; the graph begins with their sum with
the vectors of the places. Attention, layer norm and matrix products are onnxruntime's own operators
(domain ``com.microsoft``), which use the processor's 8-bit instructions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.reader.encoder import Encoder, Floats, Sizes

if TYPE_CHECKING:
    pass

Rows = npt.NDArray[np.int16]

MATRICES = ("q", "k", "v", "ao", "fi", "fo")
NORMS = ("aln", "oln")
_DOMAIN = "com.microsoft"
_OPSET, _IR = 17, 9


class Matrix(NamedTuple):
    """A matrix in 8 bits."""

    steps: npt.NDArray[np.int8]
    """(inputs, outputs)"""
    scale: Floats
    """(outputs,)"""

    @classmethod
    def rounded(cls, weights: Floats) -> Matrix:
        """*weights* (outputs, inputs) in 127 steps to either side, an output at a time."""
        largest = np.maximum(np.abs(weights).max(axis=1), 1e-9)
        steps = np.rint(weights / largest[:, None] * 127).astype(np.int8)
        return cls(np.ascontiguousarray(steps.T), (largest / 127).astype(np.float32))


Layer = Mapping[str, Any]
"""``q.w`` … → a :class:`Matrix`; ``q.b``, ``aln.w`` … → floats; ``loud`` as in :func:`rounded`."""


def layer_of(encoder: Encoder, number: int, loud: Rows) -> dict[str, Any]:
    """A layer as the package carries it, in 8 bits."""
    parts = {f"{part}.w": encoder.matrix(f"l{number}.{part}.w") for part in MATRICES}
    parts |= {f"{part}.b": encoder.vector(f"l{number}.{part}.b") for part in (*MATRICES, *NORMS)}
    return rounded(parts | {f"{part}.w": encoder.vector(f"l{number}.{part}.w") for part in NORMS}, loud)


def rounded(layer: Mapping[str, Floats], loud: Rows) -> dict[str, Any]:
    """A layer in 8 bits, but for the *loud* inner activations and their weights.

    A few activations are forty times the others; one step for all would wipe these out, so the loud ones are
    multiplied apart, in full precision (LLM.int8: Dettmers, Lewis, Belkada, Zettlemoyer 2022).
    """
    found: dict[str, Any] = dict(layer)
    found |= {f"{part}.w": Matrix.rounded(layer[f"{part}.w"]) for part in MATRICES}
    quiet = layer["fo.w"].copy()
    quiet[:, loud] = 0
    found["fo.w"] = Matrix.rounded(quiet)
    return found | {"loud": loud, "loud.w": np.ascontiguousarray(layer["fo.w"][:, loud].T)}


class _Graph:
    """Nodes and constants of a graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: Any) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], domain=_DOMAIN, **attributes))
        return output

    def plain(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """An operator of the standard."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def product(self, given: str, name: str, matrix: Matrix, bias: Floats) -> str:
        parts = [
            self.constant(f"{name}.w", matrix.steps),
            self.constant(f"{name}.s", matrix.scale),
            "",
            self.constant(f"{name}.b", bias),
        ]
        return self.node("DynamicQuantizeMatMul", [given, *parts], name)

    def norm(self, one: str, other: str, name: str, layer: Layer, part: str, sizes: Sizes) -> str:
        weights = [self.constant(f"{name}.{x}", layer[f"{part}.{x}"]) for x in "wb"]
        return self.node("SkipLayerNormalization", [one, other, *weights], name, epsilon=sizes.epsilon)

    def layer(self, given: str, number: int, layer: Layer, sizes: Sizes) -> str:
        at = f"l{number}"
        asked = [self.product(given, f"{at}.{x}", layer[f"{x}.w"], layer[f"{x}.b"]) for x in "qkv"]
        seen = self.node("MultiHeadAttention", asked, f"{at}.seen", num_heads=sizes.heads)
        said = self.product(seen, f"{at}.ao", layer["ao.w"], layer["ao.b"])
        middle = self.norm(given, said, f"{at}.aln", layer, "aln", sizes)
        wide = self.product(middle, f"{at}.fi", layer["fi.w"], layer["fi.b"])
        bent = self.node("Gelu", [wide], f"{at}.bent")
        quiet = np.ones(sizes.inner, np.float32)
        quiet[layer["loud"]] = 0
        even = self.plain("Mul", [bent, self.constant(f"{at}.quiet", quiet)], f"{at}.even")
        narrow = self.product(even, f"{at}.fo", layer["fo.w"], layer["fo.b"])
        places = self.constant(f"{at}.loud", layer["loud"].astype(np.int64))
        loud = self.plain("Gather", [bent, places], f"{at}.shouted", axis=2)
        parts = [loud, self.constant(f"{at}.loud.w", layer["loud.w"])]
        narrow = self.plain("Add", [narrow, self.plain("MatMul", parts, f"{at}.apart")], f"{at}.narrow")
        return self.norm(middle, narrow, f"{at}.oln", layer, "oln", sizes)


def build(sizes: Sizes, norm: Layer, layers: list[Layer]) -> bytes:
    """The graph: ``words`` (1, tokens, width) of one text to ``states`` of the same shape.

    Activations are rounded by the largest among them: texts read together would change each other's scores.

    *norm*: that of the sum of word and place, ``ln.w`` and ``ln.b``.
    """
    from onnx import TensorProto, helper

    graph = _Graph()
    weights = [graph.constant(f"ln.{x}", norm[f"ln.{x}"]) for x in "wb"]
    state = graph.plain("LayerNormalization", ["words", *weights], "normed", epsilon=sizes.epsilon)
    for number, layer in enumerate(layers):
        state = graph.layer(state, number, layer, sizes)
    shape: list[str | int | None] = [1, "tokens", sizes.width]
    given = helper.make_tensor_value_info("words", TensorProto.FLOAT, shape)
    found = helper.make_tensor_value_info(state, TensorProto.FLOAT, shape)
    model = helper.make_model(
        helper.make_graph(graph.nodes, "reader", [given], [found], graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_DOMAIN, 1)],
        ir_version=_IR,
    )
    content: bytes = model.SerializeToString()
    return content
