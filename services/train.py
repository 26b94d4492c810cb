"""Heads of the encoder fitted to a home's corrections, and what that gains on corrections left out."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from fengping.analysis import Judge, Reader
from fengping.analysis.reading.derived import Sellers
from fengping.analysis.reading.fitting import FIELDS, Ints, answers, fitted, row
from fengping.analysis.reading.model import Inputs
from fengping.analysis.reading.network import Floats, Heads
from fengping.analysis.reading.terms import POLARITIES
from fengping.analysis.text.writing import visible
from fengping.durable import write_whole
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.indexer import Filter, load_judge, open_store
from fengping.indexer.corrections import Correction
from fengping.indexer.drawn import all_drawn
from fengping.models import Document, Polarity
from fengping.progress import Listener, Remark, emit
from fengping.services.accuracy import Corrected, corrected_documents
from fengping.services.sharing import handed_on
from fengping.state import State

FOLDS = 5
FEWEST = 20
"""Corrections of a field below which the parts left out would say nothing."""
KEPT = 500
"""Documents that nobody corrected, on which the heads are held to what they said."""
_DRAWN, _OTHER = -2, -1
"""Parts of what measures only, and of what nobody corrected."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Corrections of one field that its head did not learn from, and how many it agrees with."""

    field: str
    n: int
    before: int
    after: int
    kept: bool
    """True if the head that was fitted is kept."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Heads that were written, and what they are worth."""

    learnt: int
    """Corrected documents that were learnt from."""
    drawn: int
    """Corrected documents that were drawn at random or repost one of those, and measure only."""
    left_out: list[Gain]
    others: int
    """Documents looked at that nobody corrected…"""
    changed: int
    """…and those among them whose polarity changes."""


class _Text(NamedTuple):
    inputs: Inputs
    sellers: Sellers
    said: dict[str, int]
    """Field → what a person said last."""
    accused: dict[str, int]
    """Party → whether a person said that the text charges it."""
    part: int
    """Part that it is left out with, or ``_DRAWN`` or ``_OTHER``."""


def train(home: Home, *, show: Listener = emit) -> Fitted:
    """Fits the heads that ship to the home's corrections and writes those that gain.

    Documents that were drawn at random measure and are not learnt from: the counts rest on them. Raises
    :class:`UsageError` where the encoder is off or too little is corrected, :class:`Failed` where no head
    gains on corrections left out without a loss on those drawn; then nothing is written.
    """
    if home.config.analysis.reader == "off":
        raise UsageError(
            "The encoder, whose heads are fitted, is off.", remedy='Set analysis.reader = "auto".'
        )
    corrected = [one for one in corrected_documents(home) if any(map(_values, one.made))]
    drawn = _drawn(home, corrected)
    learnt = len(corrected) - len(drawn)
    if learnt < FEWEST:
        raise UsageError(
            f"{learnt} documents are corrected in {', '.join(FIELDS)} beside those drawn at random; a head "
            f"needs {FEWEST}.",
            remedy="Make more with fengping correct or in the console.",
        )
    show(Remark("The encoder reads what was corrected, and other documents beside it."))
    reader, judge = Reader.load(), load_judge(home)
    with closing(open_store(home)) as store:
        known = {one.document.id for one in corrected}
        judged = store.scan(Filter(where={"polarity": tuple(Polarity)}))  # by id, a hash: a random draw
        others = list(islice((one for one in judged if one.id not in known), KEPT))
    texts = list(_read(reader, judge, [*corrected, *(Corrected(one, []) for one in others)], drawn))
    gains, heads, changed = [], dict[str, Floats](), 0
    for field in FIELDS:
        x, said, parts = _rows(field, reader.heads, texts)
        if np.count_nonzero(parts >= 0) < FEWEST:
            continue
        show(Remark(f"Fitting {field}."))
        gain, weights = _fit(field, reader.heads, x, said, parts)
        gains.append(gain)
        if gain.kept:
            head, first, claims = FIELDS[field]
            heads[head] = reader.heads[head].copy()
            heads[head][:, first : first + len(claims)] = weights
        if gain.kept and field == "polarity":
            before, after = (answers(field, w, x[parts == _OTHER]) for w in (reader.heads[field], weights))
            changed = int(np.count_nonzero(before != after))
    if not heads:
        raise Failed(
            "On corrections that they had not learnt from the heads agree no more often: "
            + (", ".join(f"{g.field} {g.before} before, {g.after} after, of {g.n}" for g in gains) or "none")
            + ".",
            remedy="Nothing is written. Correct more documents of the kind that is judged wrong.",
        )
    content = io.BytesIO()
    np.savez(content, **heads)  # type: ignore[arg-type]
    with handed_on(home):
        write_whole(home.heads, content.getvalue())  # a reading may begin at this moment
    return Fitted(learnt, len(drawn), gains, len(others), changed)


def undo(home: Home) -> None:
    """Lets the heads that ship hold again; raises :class:`UsageError` where they do."""
    with handed_on(home):
        try:
            home.heads.unlink()
        except FileNotFoundError:
            raise UsageError(
                "This home has no heads of its own.", remedy="fengping train fits them."
            ) from None


def _fit(field: str, heads: Heads, x: Floats, said: Ints, parts: Ints) -> tuple[Gain, Floats]:
    """The weights learnt of all, and what each correction gets from weights that are learnt without it."""
    taught, ships = parts > _DRAWN, FIELDS[field].of(heads)
    weights = fitted(field, ships, x[taught], said[taught])
    before, after = answers(field, ships, x) == said, answers(field, weights, x) == said
    for part in {*parts.tolist()} - {_DRAWN, _OTHER}:
        rest, left = taught & (parts != part), parts == part
        after[left] = answers(field, fitted(field, ships, x[rest], said[rest]), x[left]) == said[left]
    gained, lost = (int(after[of].sum()) - int(before[of].sum()) for of in (said >= 0, parts == _DRAWN))
    n, b, a = (int(of[said >= 0].sum()) for of in (said >= 0, before, after))
    return Gain(field, n, b, a, gained > 0 and lost >= 0), weights


def _rows(field: str, heads: Heads, texts: Iterable[_Text]) -> tuple[Floats, Ints, Ints]:
    """What the head reads, what a person said (-1 for nothing), the part; a row for each text or party."""
    found = [
        (row(field, heads, text.inputs, party), said, text.part)
        for text in texts
        for party, said in _said(field, text)
        if said >= 0 or text.part == _OTHER
    ]
    x, said, parts = zip(*found, strict=True) if found else ((), (), ())
    return np.array(x), np.array(said, np.int64), np.array(parts, np.int64)


def _said(field: str, text: _Text) -> Iterator[tuple[str, int]]:
    if field == "accused":
        yield from ((name, text.accused.get(name, -1)) for name in text.inputs.parties)
    elif field != "relevant" or not any(text.sellers):  # else whom it names makes it relevant
        yield "", text.said.get(field, -1)


def _values(made: Correction) -> dict[str, int]:
    """What a correction says of the fields that are fitted, and of the parties that it charges or clears."""
    said = {
        "polarity": made.polarity and POLARITIES.index(made.polarity.value),
        "relevant": made.relevant, "consumer": made.consumer,
    }  # fmt: skip
    parties = dict.fromkeys((*made.remove_targets, *made.remove_accused), 0)
    parties |= dict.fromkeys((*made.add_targets, *made.add_accused), 1)
    values = {field: int(value) for field, value in said.items() if value is not None}
    return values | {f"accused {name}": value for name, value in parties.items()}


def _drawn(home: Home, corrected: Sequence[Corrected]) -> set[str]:
    """Documents that were drawn at random, by the console or to narrow a count, and their reposts: such a one
    would teach the text itself."""
    with State.open(home).begin() as connection:
        asked = {one.document_id for one in all_drawn(connection)}
    apart = {
        _group(one.document)
        for one in corrected
        if one.document.id in asked or any(made.drawn for made in one.made)
    }
    return {one.document.id for one in corrected if _group(one.document) in apart}


def _group(document: Document) -> str:
    """The same for reposts of a text."""
    return document.group or document.id


def _read(reader: Reader, judge: Judge, corrected: Sequence[Corrected], drawn: set[str]) -> Iterator[_Text]:
    """Those of *corrected* that hold something to read."""
    contents = [one.document.raw.content for one in corrected]
    scans = [judge.lexicon.scan((visible(text) or (text,))[0]) for text in contents]
    said = [{f: v for made in one.made for f, v in _values(made).items()} for one in corrected]
    parties = [{f.removeprefix("accused "): v for f, v in of.items() if f not in FIELDS} for of in said]
    found = reader.inputs(
        [scan.content for scan in scans], [scan.mentions for scan in scans], list(map(list, parties))
    )
    for one, scan, inputs, of, charged in zip(corrected, scans, found, said, parties, strict=True):
        part = zlib.crc32(_group(one.document).encode()) % FOLDS if one.made else _OTHER
        if len(inputs.whole):
            part = _DRAWN if one.document.id in drawn else part
            yield _Text(inputs, judge.sellers(scan), of, charged, part)
