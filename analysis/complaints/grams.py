"""Runs of one to four characters and how much each speaks for or against each complaint class.

``registry/complaint-grams.npz`` holds hashes and weights, no text: learnt together with the weights of the
concepts (:mod:`.concepts`) by ``python -m devtools.training.complaints``. The compiled part
is loaded where a text is judged, not where only names of classes are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fengping.analysis.text import Span

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Steps = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Grams:
    """Weights of runs. Immutable."""

    keys: Hashes
    """The hash of each run that counts."""
    steps: Steps
    """(runs, classes), in steps of :attr:`scales`."""
    scales: Floats
    """(classes,)"""

    @classmethod
    def load(cls, path: Path) -> Grams:
        with np.load(path) as file:
            return cls(file["keys"], file["steps"], file["scales"])

    @classmethod
    def none(cls, classes: int) -> Grams:
        """No run says anything."""
        return cls(np.zeros(0, np.uint64), np.zeros((0, classes), np.int8), np.zeros(classes, np.float32))

    @classmethod
    def rounded(cls, keys: Hashes, weights: Floats) -> Grams:
        """*weights* (runs, classes) in 127 steps a class; runs that would say nothing are left out."""
        largest = np.abs(weights).max(axis=0, initial=1e-6)
        steps = np.round(weights / largest * 127).astype(np.int8)
        telling = np.abs(steps).max(axis=1, initial=0) > 0
        return cls(keys[telling], steps[telling], (largest / 127).astype(np.float32))

    def save(self, path: Path) -> None:
        np.savez_compressed(path, keys=self.keys, steps=self.steps, scales=self.scales)

    @cached_property
    def table(self) -> tuple[Hashes, Rows]:
        """Hashes by slot, and which of the keys stands in each."""
        from fengping.analysis.complaints.gram_kernel import place

        size = 1 << (4 * len(self.keys) + 2).bit_length()
        slots, rows = np.zeros(size, np.uint64), np.zeros(size, np.int32)
        place(self.keys, slots, rows)
        return slots, rows

    def sum(self, codes: Codes) -> Floats:
        """Sum the weights of a text's runs for each class."""
        from fengping.analysis.complaints.gram_kernel import add_up

        said: Floats = add_up(codes, *self.table, self.steps, self.scales)
        return said

    def telling(self, codes: Codes, column: int) -> Span | None:
        """Find the span of the runs that weigh most for a class."""
        from fengping.analysis.complaints.gram_kernel import strongest

        start, end = strongest(codes, *self.table, self.steps, column)
        return Span(start, end) if end > start else None


def codes_of(text: str, silent: Iterable[Span] = ()) -> Codes:
    """The characters of *text* as numbers, those in *silent* spans as 0."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    spans = list(silent)
    if spans:
        codes = codes.copy()
        for span in spans:
            codes[span.start : span.end] = 0
    return codes


def grams_of(codes: Codes) -> Hashes:
    """The hashes of a text's runs, each once, sorted."""
    from fengping.analysis.complaints.gram_kernel import hashes_of

    found = np.unique(hashes_of(codes))
    kept: Hashes = found[found != 0]
    return kept
