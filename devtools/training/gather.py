"""Selection of training files: everything labelled under the folders named, except measuring sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from devtools.training.labels import join, labelled_sets, read_labels
from devtools.training.lessons import read_lessons
from devtools.training.readings import Reading, read_readings, read_streams, split_read
from devtools.training.sets import TOPIC, LabelledSet, bare_titles, has_labels, is_data, read_set
from fengping.errors import UsageError

MEASURING = ("dev", "test")
"""Files so named measure; a model that had seen them would measure its memory."""


def gather(paths: Sequence[Path]) -> list[LabelledSet]:
    """The sets of all *paths*, files or folders, and what was read of their unlabelled texts.

    A folder is searched through; files there without labels are passed over, files named ``dev…`` or
    ``test…`` kept out. Raises :class:`UsageError` for a path that is not there, a file named outright that
    has no labels, a bad row, or when nothing is left.
    """
    readings = read_readings()
    found: list[LabelledSet] = []
    bare: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist.", remedy="Name files or folders of labelled texts.")
        for file in sorted(_files(path)):
            labelled = read_set(file) if file == path or has_labels(file) else None
            if labelled is not None:
                found += split_read(labelled, readings)
            elif file == path:
                raise UsageError(
                    f"{path} has no labels.", remedy="It needs the columns text and label, or polarity."
                )
            else:
                bare.append(file)
    return _checked(found, bare, readings)


def _checked(
    found: list[LabelledSet], bare: Sequence[Path], readings: dict[str, Reading]
) -> list[LabelledSet]:  # fmt: skip
    known = {text for labelled in found for text in labelled.texts}
    streams = read_streams(bare, readings)
    if streams is not None:
        unknown = [text not in known for text in streams.texts]
        if any(unknown):
            found.append(streams.take(np.array(unknown)))
    titles = (bare_titles(labelled) for labelled in found if labelled.register == TOPIC)
    found += [labelled for labelled in titles if labelled.texts]
    found += labelled_sets(join(bare, read_labels()))
    seen = {int(code) for labelled in found for code in labelled.polarity if code >= 0}
    if not {0, 2} <= seen:
        raise UsageError(
            "No training texts: both negative and positive texts are needed.",
            remedy="Name files with the columns text and label (neg, neu, pos).",
        )
    return found + read_lessons()


def _files(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return [f for f in path.rglob("*") if f.is_file() and is_data(f) and not f.name.startswith(MEASURING)]
