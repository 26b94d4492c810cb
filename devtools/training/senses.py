"""Word vectors, learned from the Chinese Wikipedia, which knows no sentiment.

The package synonyms 3.8 carries them (MIT): 125,000 words of 100 numbers by word2vec, and a dictionary with
frequencies. Kept are Chinese words of up to six characters that are no names, in the directions in which
they differ most, one byte each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from devtools.training.lexicon import Senses, read_list, word_hash
from fengping.analysis import PolarityModel
from fengping.analysis.packages import package_folder
from fengping.analysis.polarity.kernel import LONGEST_CUE, SENSE_LIST, SENSES
from fengping.analysis.polarity.model import SHIPPED
from fengping.errors import NotInstalled

MOST_WORDS = 60_000
COMMON = 1e-3
"""Share of all words at which a word counts half (Arora, Liang, Ma 2017)."""
_NAMES = {"nr", "nrt", "nrfg", "ns", "nt"}


def word_senses() -> Senses:
    """Vectors of the package synonyms where it is installed with them, else those of the model that ships."""
    package = package_folder("synonyms")
    folder = package / "data" if package else None
    if folder and (folder / "words.vector").exists():
        words, vectors = _read_vectors(folder / "words.vector")
        return make_senses(words, vectors, _read_counts(folder / "vocab.txt"))
    if not SHIPPED.exists():
        raise NotInstalled("The vectors of words are missing.", remedy="pip install 'synonyms==3.8.0'")
    cues = PolarityModel.load().cues
    return Senses(read_list(cues, SENSE_LIST), cues.vectors, cues.weights)


def make_senses(words: list[str], vectors: npt.NDArray[np.float32], counts: dict[str, int]) -> Senses:
    """The commonest of *words* by *counts*; words not counted are left out."""
    known = [i for i, word in enumerate(words) if len(word) <= LONGEST_CUE and counts.get(word)]
    chosen = sorted(known, key=lambda i: -counts[words[i]])[:MOST_WORDS]
    shares = np.array([counts[words[i]] for i in chosen]) / sum(counts[words[i]] for i in known)
    turned = _main_directions(_unit(vectors[chosen]))
    return Senses(
        {word_hash(words[i]): place for place, i in enumerate(chosen)},
        np.rint(127 * _unit(turned)).astype(np.int8),
        (COMMON / (COMMON + shares)).astype(np.float32),
    )


def _main_directions(vectors: Any) -> Any:
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    turned = centred @ directions[:, ::-1][:, :SENSES]
    return np.pad(turned, ((0, 0), (0, SENSES - turned.shape[1])))


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _read_vectors(path: Path) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Words and vectors of a file in word2vec's binary form."""
    content = path.read_bytes()
    at = content.index(b"\n")
    count, width = map(int, content[:at].split())
    words, vectors = [], np.empty((count, width), np.float32)
    for row in range(count):
        end = content.index(b" ", at)
        words.append(content[at:end].strip().decode("utf-8", "replace"))
        vectors[row] = np.frombuffer(content, np.float32, width, end + 1)
        at = end + 1 + 4 * width
    return words, vectors


def _read_counts(path: Path) -> dict[str, int]:
    """Read the count of each Chinese word that is no name from lines ``word count kind``."""
    counts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *rest = line.split()
        chinese = all("\u4e00" <= character <= "\u9fff" for character in word)
        if chinese and len(rest) == 2 and rest[0].isdigit() and rest[1] not in _NAMES:
            counts[word] = int(rest[0])
    return counts
