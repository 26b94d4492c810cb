"""The polarity model trained on labelled texts, and on a home's own corrections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fengping.analysis.polarity.model import dump
from fengping.analysis.training.gather import gather
from fengping.analysis.training.run import Trained, train_on
from fengping.clock import day_of
from fengping.errors import UsageError
from fengping.home import Home
from fengping.progress import Listener, Remark, emit
from fengping.services.training_set import read_corrections


@dataclass(frozen=True)
class Lesson:
    """Material that a model is trained on."""

    data: Sequence[Path]
    """Folders and files of labelled texts."""
    corrections_of: Home | None = None
    crossed: bool = False
    """True to leave each set out in turn."""


def train(lesson: Lesson, out: Path, now: datetime, *, show: Listener = emit) -> Trained:
    """Trains a model and writes it to *out*; raises :class:`UsageError` where its folder is not there."""
    if not out.absolute().parent.is_dir():
        raise UsageError(f"The folder of {out} does not exist.", remedy="Make it first.")
    sets = gather(list(lesson.data))
    if lesson.corrections_of is not None:
        corrected = read_corrections(lesson.corrections_of)
        if corrected is None:
            show(Remark("This home has no corrections of polarity, relevance or consumer matters."))
        else:
            sets.append(corrected)
    trained = train_on(sets, day_of(now), lambda what: show(Remark(what)), crossed=lesson.crossed)
    out.write_bytes(dump(trained.model))
    return trained
