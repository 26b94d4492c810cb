"""Labelled files in: CSV or JSON Lines, gzipped or not, as the measuring data and users have them.

A CSV file has the columns ``text`` and ``label`` (or ``polarity``); JSON Lines have ``text`` and
``polarity``, and may have ``relevant`` (true or false) and ``sure`` (false: counts less).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fengping.analysis import SourceKind
from fengping.analysis.polarity.parts import LEADING_TOPIC
from fengping.analysis.polarity.verdicts import CODES, REGISTERS
from fengping.errors import UsageError

SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
UNKNOWN = -1
TITLES_ALONE = ", titles alone"
"""Suffix of the names of sets of topics' bare titles."""
REVIEW, POST, TOPIC = range(3)
UNSURE = 0.6
"""Weight of a row whose reader hesitated."""
_POST_MARKS = ("@", "#", "//", "http")


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """The rows of one file; every array has the shape (n,)."""

    name: str
    texts: list[str]
    polarity: npt.NDArray[np.int8]
    """Index into `CODES`, -1 where not labelled."""
    relevant: npt.NDArray[np.int8]
    """0, 1, or -1 where not labelled."""
    certainty: npt.NDArray[np.float32]
    register: int
    """Index into `REGISTERS`."""
    read: bool = True
    """True if its labels are a reader's; a model's own labels calibrate nothing."""
    consumer: npt.NDArray[np.int8] | None = None
    """0, 1, or -1 where not labelled; None where no row is."""
    kind: SourceKind | None = None
    """Kind of source of its texts, where one is known; what they are weighed by (:mod:`~.weighing`)."""
    fair: bool = False
    """True if drawn at random from what a monitor collects, so that its shares are those found there."""

    @property
    def graded(self) -> bool:
        """True if neutral was a choice of whoever labelled the set."""
        return self.kind is not None or bool((self.polarity == 1).any())

    def take(self, chosen: npt.NDArray[np.bool_]) -> LabelledSet:
        """The rows where *chosen* is true."""
        return replace(
            self,
            texts=[text for text, keep in zip(self.texts, chosen.tolist(), strict=True) if keep],
            polarity=self.polarity[chosen],
            relevant=self.relevant[chosen],
            certainty=self.certainty[chosen],
            consumer=None if self.consumer is None else self.consumer[chosen],
        )


def is_data(path: Path) -> bool:
    return path.name.endswith(SUFFIXES)


def stem(path: Path) -> str:
    """The file's name without its suffixes, with its folder where that tells more: ``livestream/train``."""
    name = path.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return f"{path.parent.name}/{name}" if name in ("train", "dev", "test", "data") else name


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file as dictionaries. Raises :class:`UsageError` for a file that cannot be read."""
    try:
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, EOFError):
        raise UsageError(f"{path} is not whole UTF-8 text.", remedy="Save it as UTF-8.") from None
    if ".csv" in path.name:
        yield from csv.DictReader(io.StringIO(text, newline=""))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                raise UsageError(f"{path}, line {number} is not JSON.") from None
            if not isinstance(row, dict):
                raise UsageError(f"{path}, line {number} is not a JSON object.")
            yield row


def read_set(path: Path) -> LabelledSet | None:
    """The labelled rows of *path*; None for a file without labels.

    Raises :class:`UsageError`, naming file and row, for a label that is none.
    """
    rows = list(rows_of(path))
    labelled = [row for row in rows if row.get("label") or row.get("polarity") or "relevant" in row]
    if not labelled:
        return None
    texts: list[str] = []
    marks: list[tuple[int, int, float]] = []
    for number, row in enumerate(rows, 1):
        text = row.get("text")
        if not isinstance(text, str):
            raise UsageError(f"{path}, row {number} has no text.", remedy="Name its column 'text'.")
        texts.append(text)
        marks.append(_labels(row, f"{path}, row {number}"))
    polarity, relevant, certainty = zip(*marks, strict=True)
    return LabelledSet(
        name=stem(path),
        texts=texts,
        polarity=np.array(polarity, np.int8),
        relevant=np.array(relevant, np.int8),
        certainty=np.array(certainty, np.float32),
        register=_register(rows, texts, polarity, relevant, path),
    )


def _labels(row: dict[str, Any], where: str) -> tuple[int, int, float]:
    label = row.get("label") or row.get("polarity") or ""
    known = [code.value for code in CODES]
    if label and label not in known:
        raise UsageError(f"{where}: {label!r} is not a polarity.", remedy=f"Use {', '.join(known)}.")
    relevant = row.get("relevant")
    if isinstance(relevant, str):
        relevant = {"true": True, "false": False, "": None}.get(relevant.lower(), relevant)
    if relevant not in (True, False, None):
        raise UsageError(
            f"{where}: {relevant!r} does not say whether it is relevant.", remedy="Use true or false."
        )
    sure = row.get("sure") not in (False, "false")
    return (
        known.index(label) if label else UNKNOWN,
        UNKNOWN if relevant is None else int(relevant),
        1.0 if sure else UNSURE,
    )


def _register(
    rows: Sequence[dict[str, Any]],
    texts: Sequence[str],
    polarity: Sequence[int],
    relevant: Sequence[int],
    path: Path,
) -> int:
    """The column ``register`` where there is one; else what the labels and the texts look like."""
    said = rows[0].get("register")
    if said:
        if said not in REGISTERS:
            raise UsageError(f"{path}: {said!r} is not a register.", remedy=f"Use {', '.join(REGISTERS)}.")
        return REGISTERS.index(said)
    if max(relevant) >= 0:
        return TOPIC
    marked = sum(any(mark in text for mark in _POST_MARKS) for text in texts)
    return POST if 1 in polarity or marked > 0.15 * len(texts) else REVIEW


def has_labels(path: Path) -> bool:
    """True if a row of *path* has a label of ours; a file whose column of that name means another thing has
    none."""
    known = {code.value for code in CODES}
    return any(
        (row.get("label") or row.get("polarity")) in known or "relevant" in row for row in rows_of(path)
    )


def bare_titles(labelled: LabelledSet) -> LabelledSet:
    """The titles of topics alone; labels of the whole count half, for a title may not tell all."""
    matches = [LEADING_TOPIC.match(text) for text in labelled.texts]
    apart = np.array([m is not None and m.end() < len(m.string) for m in matches], np.bool_)
    titles = labelled.take(apart)
    return replace(
        titles,
        name=labelled.name + TITLES_ALONE,
        texts=[m[1] for m in matches if m is not None and m.end() < len(m.string)],
        certainty=titles.certainty * np.float32(0.5),
    )


def title_of(text: str) -> str:
    """The leading topic of *text* or its first line."""
    topic = LEADING_TOPIC.match(text)
    return topic[1] if topic else text.partition("\n")[0]
