"""Labels given by reading texts that came without any, kept as hashes: the texts stay where they are.

``readings.tsv`` has a line for each text read: 16 hex digits of BLAKE2b over the text, its polarity and its
relevance (1, 0, or - where not judged). Training joins it with whatever files hold those texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from devtools.training.sets import TOPIC, UNKNOWN, LabelledSet, is_data, rows_of
from fengping.analysis.polarity.verdicts import CODES
from fengping.models import Polarity

READINGS = Path(__file__).with_name("readings.tsv")
READ_AGAIN = ", read again"
"""Suffix of the names of sets of rows read a second time."""


class Reading(NamedTuple):
    polarity: int
    relevant: int


def text_hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def read_readings(path: Path = READINGS) -> dict[str, Reading]:
    """``{hash of a text: its labels}``."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, polarity, relevant = line.split("\t")
            code = CODES.index(Polarity(polarity))
            found[key] = Reading(code, UNKNOWN if relevant == "-" else int(relevant))
    return found


def candidates(row: dict[str, Any]) -> Iterator[str]:
    """The texts an unlabelled row may have been read as: title with sentence, title alone."""
    title = str(row.get("title") or "")
    sentence = " ".join(str(row.get("description") or "").split())
    if title:
        yield f"#{title}# {sentence}" if sentence else title


def read_streams(files: Iterable[Path], readings: dict[str, Reading]) -> LabelledSet | None:
    """The rows of unlabelled *files* that were read; None where there are none."""
    found: dict[str, Reading] = {}
    for path in files:
        if is_data(path):
            for row in rows_of(path):
                for text in candidates(row):
                    if (key := text_hash(text)) in readings:
                        found[text] = readings[key]
    if not found:
        return None
    return LabelledSet(
        name="readings",
        texts=list(found),
        polarity=np.array([label.polarity for label in found.values()], np.int8),
        relevant=np.array([label.relevant for label in found.values()], np.int8),
        certainty=np.ones(len(found), np.float32),
        register=TOPIC,
    )


def split_read(labelled: LabelledSet, readings: dict[str, Reading]) -> list[LabelledSet]:
    """A noisy set and, apart, those of its rows that were read since, with the reader's labels.

    Only rows labelled without relevance are re-read: labels given by reading need no second reading.
    """
    keys = [text_hash(text) for text in labelled.texts]
    again = np.array([key in readings for key in keys], np.bool_)
    if not again.any() or labelled.register == TOPIC:
        return [labelled]
    reread = labelled.take(again)
    reread.polarity[:] = [readings[key].polarity for key in keys if key in readings]
    return [labelled.take(~again), LabelledSet(
        labelled.name + READ_AGAIN, reread.texts, reread.polarity, reread.relevant, reread.certainty,
        reread.register,
    )]  # fmt: skip
