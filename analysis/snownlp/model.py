"""SnowNLP's sentiment score, equal to the last bit and two orders of magnitude faster."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import exp
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from fengping.analysis.snownlp.kernel import SegmenterTables, WordTables, class_sums
from fengping.analysis.snownlp.tables import model_file, package_file, segmenter_tables, word_tables

T = TypeVar("T", SegmenterTables, WordTables)

TABLES_VERSION = "2"
"""To be raised with every change of what the tables hold: it names the cached ones."""
_CHARACTERS_AT_ONCE = 1 << 20


class SnowModel:
    """A segmentation and a sentiment model of SnowNLP. Immutable, safe to share among threads."""

    def __init__(self, segmenter: SegmenterTables, words: WordTables, version: str):
        self._segmenter = segmenter
        self._words = words
        self._positive_first = words.positive[0] == 0
        self.version = version
        """``snownlp-`` and 8 hex digits over the bytes of its files."""

    @classmethod
    def load(cls, path: Path | None = None, segmenter: Path | None = None) -> SnowModel:
        """The model that SnowNLP ships, or one of its own making.

        *path* is what ``snownlp.sentiment.save`` wrote, *segmenter* what ``snownlp.seg.save`` wrote, with
        or without the ``.3`` that it appends. Tables are built once for each file and kept under
        ``$XDG_CACHE_HOME/fengping``; where nothing can be written there they are built at every start.
        Raises :class:`~fengping.errors.ConfigError` for a missing file or one that is no such model.
        """
        seg_file = model_file(segmenter or package_file("seg/seg.marshal"))
        word_file = model_file(path or package_file("sentiment/sentiment.marshal"))
        seg_data, word_data = seg_file.read_bytes(), word_file.read_bytes()
        stop_data = package_file("normal/stopwords.txt").read_bytes()
        stop = {line.strip() for line in stop_data.decode().splitlines()}
        seg_name, word_name = _digest(seg_data), _digest(word_data + stop_data)
        return cls(
            _cached(SegmenterTables, seg_name, lambda: segmenter_tables(seg_data, str(seg_file))),
            _cached(WordTables, word_name, lambda: word_tables(word_data, str(word_file), stop)),
            f"snownlp-{_digest(f'{seg_name}{word_name}'.encode())[:8]}",
        )

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """(texts,) what ``SnowNLP(text).sentiments`` gives for each: 0 negative to 1 positive.

        A text without words scores as SnowNLP scores white space: the share of positive words in training.
        So does the empty text, for which SnowNLP itself divides by zero.
        """
        found = np.empty(len(texts), np.float64)
        at = 0
        for batch in _batches(texts):
            codes = np.frombuffer("".join(batch).encode("utf-32-le", "surrogatepass"), np.uint32)
            ends = np.fromiter(accumulate(map(len, batch)), np.int64, len(batch))
            sums = class_sums(codes, ends, self._segmenter, self._words)
            found[at : at + len(batch)] = [self._score(first, second) for first, second in sums.tolist()]
            at += len(batch)
        return found

    def _score(self, first: float, second: float) -> float:
        """``Bayes.classify`` and ``Sentiment.classify``; a later class must be strictly more probable.

        With ``math.exp``, because SnowNLP uses it: numpy's may differ in the last bit.
        """
        one, two = _probability(second - first), _probability(first - second)
        positive = self._positive_first if one >= two else not self._positive_first
        return max(one, two) if positive else 1 - max(one, two)


def _probability(other_less_this: float) -> float:
    try:
        return 1 / (1.0 + exp(other_less_this))
    except OverflowError:
        return 0.0


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """*texts* in runs of about a million characters, so that buffers stay small."""
    start = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE:
            yield texts[start : number + 1]
            start, size = number + 1, 0
    if start < len(texts):
        yield texts[start:]


def cache_folder() -> Path | None:
    """Return the folder of cached tables; ``None`` if the user has no home."""
    named = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(named) if named else Path.home() / ".cache") / "fengping"
    except RuntimeError:
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _cached(kind: type[T], name: str, build: Callable[[], T]) -> T:
    """The tables kept under *name*, mapped into memory; built and kept when they do not exist."""
    cache = cache_folder()
    if cache is None:
        return build()
    folder = cache / f"{kind.__name__}-{TABLES_VERSION}-{name}"
    try:
        return _mapped(kind, folder)
    except (OSError, ValueError, EOFError):  # not there, or torn by a full disk
        tables = build()
    try:
        _keep(tables, folder)
        return _mapped(kind, folder)
    except OSError:
        return tables


def _mapped(kind: type[T], folder: Path) -> T:
    return kind(*(np.load(folder / f"{field}.npy", mmap_mode="r") for field in kind._fields))


def _keep(tables: SegmenterTables | WordTables, folder: Path) -> None:
    """Writes the tables beside *folder* and moves them there, so that nobody reads a half of them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for field, table in tables._asdict().items():
            with (fresh / f"{field}.npy").open("wb") as file:
                np.save(file, table)
                file.flush()
                os.fsync(file.fileno())
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
