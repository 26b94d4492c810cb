"""Texts to numbers of word pieces, by the likeliest way to cut them (a unigram tokenizer, Kudo 2018)."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from fengping.analysis.reader.encoder import Pieces
from fengping.analysis.reader.token_kernel import Table, cut, hash_pieces

SPACE = "\u2581"
"""Character that stands for a space in pieces."""
_SPACES = re.compile("  +")
SIGHT = 1200
"""Characters of a text that are cut at most."""

Ids = npt.NDArray[np.int32]


class Tokenizer:
    """The vocabulary as a table. Immutable."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._alike = pieces.alike
        self._table: Table = hash_pieces(_points(pieces.text), pieces.starts, pieces.scores)
        self._unknown = float(pieces.scores.min()) - 10
        self._longest = int(np.diff(pieces.starts).max())

    def ids(self, text: str, most: int) -> Ids:
        """Numbers of the first *most* pieces of *text*, those that begin and end it among them."""
        read = _SPACES.sub(" ", text[:SIGHT].translate(self._alike)).replace(" ", SPACE)
        points = _points(read if read.startswith(SPACE) else SPACE + read)
        found = cut(points, self._table, self._unknown, self._pieces.unknown, self._longest)[: most - 2]
        return np.concatenate([[self._pieces.begin], found, [self._pieces.end]]).astype(np.int32)


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
