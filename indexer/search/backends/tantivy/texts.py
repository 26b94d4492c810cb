"""Folded titles and texts of an index, one after the other in a file beside it, for NEAR.

tantivy finds the documents that hold all words of a NEAR and their places in this file; where the words stand
in them is read here, by compiled code, at a hundredth of the cost of reading the documents. The file only
grows; a rebuild writes it anew. What was written for documents that were never committed lies unused behind
the others until then.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.errors import StoreError
from fengping.indexer.search.fields import REBUILD_REMEDY
from fengping.indexer.search.query.matching import TEXT_FIELDS, near
from fengping.indexer.search.query.tree import Near
from fengping.indexer.search.text.folding import variants
from fengping.indexer.search.text.tables import kinds

HEAD = 6
"""Codes before each pair of texts: the lengths of title and text and their checksum, two codes each."""
_CODE = np.dtype("<u2")
_HEAD = np.dtype("<u4")


class Texts:
    """The file of one index folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "texts.utf16"
        self._replaced = folder / "texts.replaced"
        self._mapped: NDArray[np.uint16] = np.empty(0, np.uint16)

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def append(self, texts: Iterable[Sequence[str]]) -> list[int]:
        """Folded titles and texts on disk; returns the place of each. Only the one writer may call it."""
        pieces = []
        places = []
        with self._path.open("ab") as file:
            # A write that broke off may have left half a code.
            at = file.seek(0, os.SEEK_END)
            file.truncate(at - at % 2)
            at //= 2
            for pair in texts:
                parts = [part.encode("utf-16-le") for part in pair]
                lengths = [len(part) // 2 for part in parts]
                head = np.array([*lengths, zlib.crc32(b"".join(parts))], _HEAD).tobytes()
                places.append(at)
                pieces += [head, *parts]
                at += (len(head) + sum(map(len, parts))) // 2
            file.write(b"".join(pieces))
            file.flush()
            os.fsync(file.fileno())
        return places

    def mark_replaced(self) -> None:
        """Remembers that the file holds texts of documents that are gone."""
        self._replaced.touch()

    def holds_replaced(self) -> bool:
        """True if texts of documents that are gone are still in the file."""
        return self._replaced.exists()

    def near(self, expression: Near, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of *places* in whose title or text the words of *expression* stand near each other."""
        if not places.size:
            return places
        forms = [(form, n) for n, term in enumerate(expression.terms) for form in variants(term.text)]
        encoded = [np.frombuffer(form.encode("utf-16-le"), _CODE) for form, _ in forms]
        count = len(expression.terms)
        orders = [range(count)] if expression.ordered else list(permutations(range(count)))
        field = expression.terms[0].field
        # Loading compiled code takes half a second, which a search without NEAR need not wait.
        from fengping.indexer.search.backends.tantivy.near_kernel import UNSURE, YES, stand_near

        codes = self._codes()
        if not self._ends_within(codes, int(places[-1])):
            raise StoreError(f"The file {self._path} is cut off.", remedy=REBUILD_REMEDY)
        answers = stand_near(
            codes,
            kinds(),
            places,
            np.array([field in (None, name) for name in TEXT_FIELDS]),
            np.concatenate(encoded),
            np.cumsum([0, *map(len, encoded)]),
            np.array([len(form) for form, _ in forms]),
            np.array([term for _, term in forms]),
            np.array(orders),
            expression.distance,
            HEAD,
        )
        if any(len(code) > len(form) for code, (form, _) in zip(encoded, forms, strict=True)):
            answers[answers == YES] = UNSURE  # which of its characters are letters is not known there
        for number in np.flatnonzero(answers == UNSURE):
            texts = self._read(codes, int(places[number]))
            fields = TEXT_FIELDS if field is None else (field,)
            answers[number] = YES if any(near(expression, texts[name]) for name in fields) else 0
        kept: NDArray[np.int64] = places[answers == YES]
        return kept

    def is_sound(self, places: Iterable[int]) -> bool:
        """True if the texts at *places* are what was written."""
        try:
            codes = self._codes()
        except StoreError:
            return False
        for place in places:
            if not self._ends_within(codes, place):
                return False
            *lengths, crc = map(int, np.frombuffer(codes[place : place + HEAD].tobytes(), _HEAD))
            if zlib.crc32(codes[place + HEAD : place + HEAD + sum(lengths)].data) != crc:
                return False
        return True

    @staticmethod
    def _ends_within(codes: NDArray[np.uint16], place: int) -> bool:
        head = codes[place : place + HEAD]
        if len(head) < HEAD:
            return False
        *lengths, _ = map(int, np.frombuffer(head.tobytes(), _HEAD))
        return place + HEAD + sum(lengths) <= len(codes)

    def _codes(self) -> NDArray[np.uint16]:
        """The whole file, mapped again where it has grown."""
        if not self._path.exists():
            raise StoreError(f"The file {self._path} is missing.", remedy=REBUILD_REMEDY)
        with self._path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size // 2
            if size > self._mapped.size:
                mapped: Any = mmap.mmap(file.fileno(), size * 2, access=mmap.ACCESS_READ)
                self._mapped = np.frombuffer(mapped, _CODE)
        return self._mapped

    @staticmethod
    def _read(codes: NDArray[np.uint16], place: int) -> dict[str, str]:
        *lengths, _ = map(int, np.frombuffer(codes[place : place + HEAD].tobytes(), _HEAD))
        texts = {}
        at = place + HEAD
        for name, length in zip(TEXT_FIELDS, lengths, strict=True):
            texts[name] = codes[at : at + length].tobytes().decode("utf-16-le")
            at += length
        return texts
