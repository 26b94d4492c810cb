"""Two readings of pairs of documents: how far they agree, and the decision where they do."""

from __future__ import annotations

import numpy as np
import pytest

from devtools.evaluation.events import PAIRS, SECOND, Label, read_labels, read_twice

FIRST_READING = {
    ("a", "b"): Label(same=True, sure=True),
    ("c", "d"): Label(same=True, sure=True),
    ("e", "f"): Label(same=False, sure=True),
    ("g", "h"): Label(same=False, sure=False),
}
SECOND_READING = {
    ("g", "h"): Label(same=True, sure=True),
    ("a", "b"): Label(same=True, sure=True),
    ("c", "d"): Label(same=True, sure=False),
    ("e", "f"): Label(same=False, sure=True),
}


def test_agreement_and_the_decision_are_counted_where_the_readers_agree() -> None:
    decided = np.array([True, False, True, True])
    figures = {
        figure.name.removeprefix("events."): (figure.value, figure.n)
        for figure in read_twice(FIRST_READING, SECOND_READING, decided)
    }
    assert figures == {
        "readers.sure.agreement": (1, 2),
        "readers.sure.kappa": (1, 2),
        "readers.all.agreement": (3 / 4, 4),
        "readers.all.kappa": (pytest.approx(0.5), 4),
        "pairs.settled-sure.precision": (1 / 2, 2),
        "pairs.settled-sure.recall": (1, 1),
        "pairs.settled.precision": (1 / 2, 2),
        "pairs.settled.recall": (1 / 2, 2),
        "pairs.second.precision": (2 / 3, 3),
        "pairs.second.recall": (2 / 3, 3),
    }


def test_both_readers_read_the_same_pairs() -> None:
    first, second = read_labels(PAIRS), read_labels(SECOND)
    assert len(first) == 600
    assert first.keys() == second.keys()
