"""Nine thousand sentences written for what no set of labels teaches.

They are invented, so unlike the other sets they may stand here in words. Tests use other sentences.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from devtools.training.sets import LabelledSet
from fengping.analysis.polarity.verdicts import CODES, REGISTERS
from fengping.models import Polarity

CONSTRUCTIONS = Path(__file__).with_name("lessons.tsv")
"""A hundred and fifty sentences on how things are said: negation, contrast, questions, promises, denials."""
NEWS = CONSTRUCTIONS.with_name("lessons-news.tsv")
"""Topics, headlines and leads."""
KNOWLEDGE = sorted(set(CONSTRUCTIONS.parent.glob("lessons-*.tsv")) - {NEWS})
"""Thousands on what is good or bad, told without a word of feeling: goods and wares, posts, topics."""
NAME = "lessons, "
"""Prefix of the names of sets of lessons."""
EMPHASIS = {CONSTRUCTIONS: 4.0} | dict.fromkeys(KNOWLEDGE, 0.5) | {NEWS: 0.25}
"""Rows that a lesson counts as, found by leaving sets out. A construction has few examples, and they
stand against thousands of texts in which its words mean something else."""


def read_lessons() -> list[LabelledSet]:
    """A set for each register that has lessons."""
    rows = [(row, emphasis) for path, emphasis in EMPHASIS.items() for row in _rows(path)]
    sets = []
    for register, name in enumerate(REGISTERS):
        mine = [row for row, _ in rows if row[0] == name]
        if mine:
            sets.append(
                LabelledSet(
                    NAME + name,
                    [row[3] for row in mine],
                    np.array([CODES.index(Polarity(row[1])) for row in mine], np.int8),
                    np.array([int(row[2]) for row in mine], np.int8),
                    np.array([emphasis for row, emphasis in rows if row[0] == name], np.float32),
                    register,
                    read=False,
                )
            )
    return sets


def _rows(path: Path) -> list[list[str]]:
    """Register, polarity, relevance, sentence of each line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
