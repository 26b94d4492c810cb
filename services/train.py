"""The polarity model fitted to a home's corrections, and what that gains on corrections left out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fengping.analysis import PolarityModel, kind_of
from fengping.analysis.polarity import CODES
from fengping.analysis.polarity.adapting import Taught, adapt
from fengping.analysis.polarity.model import dump
from fengping.clock import day_of
from fengping.durable import write_whole
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.drawn import all_drawn
from fengping.models import Polarity
from fengping.progress import Listener, Remark, emit
from fengping.services.accuracy import NAME, Corrected, corrected_documents, has_learnt
from fengping.state import State

FOLDS = 5
FEWEST = 20
"""Corrected documents below which the parts left out would say nothing."""
KEPT = 500
"""Documents that nobody corrected, on which the model is held to what it said."""
FIELDS = ("polarity", "relevant", "consumer")


@dataclass(frozen=True, slots=True)
class Gain:
    """Corrections of one field that the model did not learn from, and how many it agrees with."""

    field: str
    n: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that was written, and what it is worth."""

    learnt: int
    """Corrected documents that it learnt from."""
    drawn: int
    """Corrected documents that were drawn at random or repost one of those, and measure only."""
    left_out: list[Gain]
    others: int
    """Documents looked at that nobody corrected…"""
    changed: int
    """…and those among them whose polarity changes."""


def train(home: Home, out: Path, now: datetime, *, show: Listener = emit) -> Fitted:
    """Fits the model to the home's corrections and writes it to *out*.

    Documents that were drawn at random measure and are not learnt from: the counts rest on them. Raises
    :class:`UsageError` where too little is corrected or the folder of *out* is not there, :class:`Failed`
    where nothing is gained on corrections left out, or some is lost on those drawn; then nothing is written.
    """
    if not out.absolute().parent.is_dir():
        raise UsageError(f"The folder of {out} does not exist.", remedy="Make it first.")
    corrected = [one for one in corrected_documents(home) if _says(one)]
    drawn = _drawn(home, corrected)
    # A repost of a drawn text would teach the text itself.
    apart = {_text(one) for one in corrected if one.document.id in drawn}
    chosen = np.array([_text(one) not in apart for one in corrected], np.bool_)
    if chosen.sum() < FEWEST:
        raise UsageError(
            f"{int(chosen.sum())} documents are corrected in polarity, relevance or consumer matter beside "
            f"those drawn at random; a model needs {FEWEST}.",
            remedy="Make more with fengping correct or in the console.",
        )
    model = _start(home)
    told, others = _taught(corrected), _others(home, {one.document.id for one in corrected})
    parts = np.where(chosen, [_part(one) for one in corrected], -1)
    fitted, after = _fit(model, told, others, parts, show)
    before = _agrees(model, told)
    gains = _gains(told, before, after)
    lost = int(before[:, ~chosen].sum()) - int(after[:, ~chosen].sum())
    if lost > 0 or sum(gain.after - gain.before for gain in gains) <= 0:
        raise Failed(
            "On corrections that it had not learnt from the model agrees no more often: "
            + ", ".join(f"{g.field} {g.before} before, {g.after} after, of {g.n}" for g in gains)
            + (f"; {lost} fewer of those drawn at random." if lost > 0 else "."),
            remedy="Nothing is written. Correct more documents of the kind that is judged wrong.",
        )
    row = {"name": NAME, "texts": int(chosen.sum()), "day": day_of(now).isoformat()}
    about = model.about | {"sets": [*model.about.get("sets", []), row]}
    write_whole(out, dump(replace(fitted, about=about)), 0o644)  # an index run may read it at this moment
    now_said, said = (one.predict(others.texts, others.kinds).polarity for one in (fitted, model))
    return Fitted(
        int(chosen.sum()), int((~chosen).sum()), gains, len(others.texts), int((now_said != said).sum())
    )


def _fit(
    model: PolarityModel, told: Taught, others: Taught, parts: npt.NDArray[np.int64], show: Listener
) -> tuple[PolarityModel, npt.NDArray[np.bool_]]:
    """The model of all texts that belong to a part, and what each text gets from a model without it.

    *parts*: of each text the part that it is left out with, -1 for one that is never learnt from.
    """
    show(Remark("Learning from all corrections."))
    fitted = adapt(model, told.take(parts >= 0), others)
    after = _agrees(fitted, told)
    for part in sorted({*parts.tolist()} - {-1}):
        show(Remark(f"Learning without part {part + 1} of {FOLDS}."))
        without = adapt(model, told.take((parts >= 0) & (parts != part)), others)
        after[:, parts == part] = _agrees(without, told.take(parts == part))
    return fitted, after


def _start(home: Home) -> PolarityModel:
    """The home's model; the one that ships where that has learnt from corrections already."""
    model = PolarityModel.load(home.config.analysis.polarity_model)
    return PolarityModel.load() if has_learnt(model) else model


def _says(one: Corrected) -> bool:
    return any(getattr(c, field) is not None for c in one.made for field in FIELDS)


def _drawn(home: Home, corrected: Sequence[Corrected]) -> set[str]:
    """Ids of the documents that were drawn at random: by the console, or to narrow a count."""
    with State.open(home).begin() as connection:
        asked = {one.document_id for one in all_drawn(connection)}
    return asked | {one.document.id for one in corrected if any(c.drawn for c in one.made)}


def _text(one: Corrected) -> str:
    """The same for reposts of a text."""
    return one.document.group or one.document.id


def _part(one: Corrected) -> int:
    """The part that a document is left out with."""
    return zlib.crc32(_text(one).encode()) % FOLDS


def _taught(corrected: Sequence[Corrected]) -> Taught:
    """The latest word on each text."""
    said = {field: [-1] * len(corrected) for field in FIELDS}
    for row, one in enumerate(corrected):
        for c in one.made:
            for field in FIELDS:
                value = getattr(c, field)
                if value is not None:
                    said[field][row] = CODES.index(value) if isinstance(value, Polarity) else int(value)
    return Taught(
        [one.document.raw.content for one in corrected],
        np.array([kind_of(one.document.raw) for one in corrected], np.int64),
        *(np.array(said[field], np.int8) for field in FIELDS),
    )


def _others(home: Home, corrected: set[str]) -> Taught:
    """Judged documents that nobody corrected, the first by id: ids are hashes, so this is a random draw."""
    judged = Filter(where={"polarity": tuple(Polarity)})
    with closing(open_store(home)) as store:
        raws = [d.raw for d in islice((d for d in store.scan(judged) if d.id not in corrected), KEPT)]
    nothing = np.full(len(raws), -1, np.int8)
    kinds = np.array([kind_of(raw) for raw in raws], np.int64)
    return Taught([raw.content for raw in raws], kinds, nothing, nothing, nothing)


def _agrees(model: PolarityModel, told: Taught) -> npt.NDArray[np.bool_]:
    """(fields, n): True where the model gives by itself what was said."""
    verdicts = model.predict(told.texts, told.kinds)
    return np.stack([getattr(verdicts, field) == getattr(told, field) for field in FIELDS])


def _gains(told: Taught, before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_]) -> list[Gain]:
    gains = []
    for row, field in enumerate(FIELDS):
        said = getattr(told, field) >= 0
        if said.any():
            agreed = (int(side[row, said].sum()) for side in (before, after))
            gains.append(Gain(field, int(said.sum()), *agreed))
    return gains
