"""A hundred sentences written for what no set of labels teaches: negation, contrast, questions, promises.

They are invented, so unlike the other sets they may stand here in words. Tests use other sentences.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fengping.analysis.polarity.model import CODES, REGISTERS
from fengping.models import Polarity
from fengping.training.sets import LabelledSet

LESSONS = Path(__file__).with_name("lessons.tsv")
NAME = "lessons, "
"""What the name of a set of lessons begins with."""
EMPHASIS = 5.0
"""A lesson counts as this many rows, being the only one of its kind."""


def read_lessons() -> list[LabelledSet]:
    """A set for each register that has lessons."""
    lines = LESSONS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    sets = []
    for register, name in enumerate(REGISTERS):
        mine = [row for row in rows if row[0] == name]
        if mine:
            sets.append(
                LabelledSet(
                    NAME + name,
                    [row[3] for row in mine],
                    np.array([CODES.index(Polarity(row[1])) for row in mine], np.int8),
                    np.array([int(row[2]) for row in mine], np.int8),
                    np.full(len(mine), EMPHASIS, np.float32),
                    register,
                    read=False,
                )
            )
    return sets
