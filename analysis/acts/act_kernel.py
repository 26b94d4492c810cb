"""Sums of the weights for each act, of many texts at once: the compiled part of :mod:`.model`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.acts.model import LEAD_MARK, REST_MARK
from fengping.analysis.compiled import compiled
from fengping.analysis.complaints.gram_kernel import LONGEST, find, hash_start, hash_step
from fengping.analysis.complaints.grams import Codes, Floats, Hashes, Rows, Steps


class Runs(NamedTuple):
    """Weights of runs of characters in one part of a text, and the table that finds them."""

    slots: Hashes
    rows: Rows
    steps: Steps
    scales: Floats


class Batch(NamedTuple):
    """Some texts in a row; ``…_ends`` say where each ends."""

    codes: Codes
    marks: npt.NDArray[np.uint8]
    code_ends: npt.NDArray[np.int64]
    named: npt.NDArray[np.int32]
    """Rows of the named features that hold."""
    named_ends: npt.NDArray[np.int64]
    numbers: Floats
    """(n, numbers)"""


@compiled
def _add_runs(batch: Batch, text: int, mark: int, runs: Runs, seen: Rows, out: Floats) -> None:
    """Adds the weights of the runs within characters of *mark* to *out*; a run counts once."""
    begin = batch.code_ends[text - 1] if text else 0
    end = batch.code_ends[text]
    total = np.zeros(len(out), np.int64)
    for start in range(begin, end):
        mixed = hash_start()
        for at in range(start, min(start + LONGEST, end)):
            if batch.marks[at] != mark or batch.codes[at] == 0:
                break
            mixed = hash_step(mixed, batch.codes[at])
            row = find(mixed, runs.slots, runs.rows)
            if row >= 0 and seen[row] != text + 1:
                seen[row] = text + 1
                for act in range(len(out)):
                    total[act] += runs.steps[row, act]
    for act in range(len(out)):
        out[act] += np.float32(total[act] * runs.scales[act])


@compiled
def add_up(batch: Batch, bias: Floats, matrix: Floats, lead: Runs, rest: Runs) -> Floats:
    """(n, acts): weights of named features, of numbers and of the runs in each part."""
    n, acts = len(batch.code_ends), len(bias)
    out = np.zeros((n, acts), np.float32)
    in_lead, in_rest = np.zeros(len(lead.steps), np.int32), np.zeros(len(rest.steps), np.int32)
    first_number = len(matrix) - batch.numbers.shape[1]
    for text in range(n):
        for at in range(batch.named_ends[text - 1] if text else 0, batch.named_ends[text]):
            for act in range(acts):
                out[text, act] += matrix[batch.named[at], act]
        for act in range(acts):
            out[text, act] += bias[act]
            said = np.float32(0)
            for number in range(batch.numbers.shape[1]):
                said += batch.numbers[text, number] * matrix[first_number + number, act]
            out[text, act] += said
        _add_runs(batch, text, LEAD_MARK, lead, in_lead, out[text])
        _add_runs(batch, text, REST_MARK, rest, in_rest, out[text])
    return out
