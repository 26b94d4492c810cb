"""Labelled texts as arrays for the network: pieces, clauses, mentions of parties, and what each should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from devtools.labelling.packs import KINDS, ROLES, Answer, Party
from devtools.labelling.texts import Text
from fengping.analysis.reading.names import occurrences
from fengping.analysis.reading.pieces import LONGEST, clauses_of
from fengping.analysis.reading.terms import CLASSES, FACETS, LINKS, POLARITIES, TAGS

CLAUSES, PARTIES = 48, 12
"""Most clauses and parties of a text that are learnt from; what stands behind them is cut off."""
ROLE, KIND = tuple(ROLES), tuple(KINDS)
"""Letters in the labels, in the order of the outputs."""
MASKED = 1
"""Id of ``[unused1]``; the nth party of a text in which names are masked stands as the nth such piece."""

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One text, cut to what is read of it."""

    ids: Ints
    """[pieces], with [CLS] before and [SEP] behind."""
    clause: Ints
    """[pieces]: number of the clause of each piece, -1 for the two marks."""
    mention: Ints
    """[pieces]: number of the party of each piece, -1 where none is named."""
    begins: Ints
    """[pieces]: 1 where a mention begins, 2 inside, 0 elsewhere."""
    thing: Ints
    """[pieces]: 1 within the object of a charge."""
    roles: Floats
    """[parties, roles]."""
    kinds: Ints
    """[parties]."""
    tags: Floats
    """[clauses, tags]."""
    classes: Floats
    """[clauses, classes] of charges; -1 where the clause charges nobody."""
    links: Floats
    """[clauses, parties, links]: 1 where the party is that side of the clause; -1 where the clause has no
    such side, or the reader named somebody who is no party."""
    facets: Floats
    """[facets]."""
    polarity: int
    relevant: float
    consumer: float
    sure: float
    full: float = 1.0
    """0 where a reader told no more than polarity, relevant and consumer (-1 where not even that)."""


def example(tokenizer: Tokenizer, text: Text, said: Answer) -> Example:
    """The arrays of *text* as *said* labels it."""
    content = text.content
    coded = tokenizer.encode(content, add_special_tokens=False)
    ids, offsets = coded.ids[: LONGEST - 2], coded.offsets[: LONGEST - 2]
    spans = clauses_of(content)
    ends = [span.end for span in spans]
    clause = [min(int(np.searchsorted(ends, start, "right")), CLAUSES - 1) for start, _ in offsets]
    count = max(clause, default=0) + 1
    parties = [one for one in said.parties if offsets and one.start < offsets[-1][1]][:PARTIES]
    mention, begins = _mentions(content, offsets, parties)
    parties_kept = sorted({number for number in mention if number >= 0})
    renumber = {old: new for new, old in enumerate(parties_kept)}
    kept = [parties[number] for number in parties_kept]
    tags, classes = np.zeros((count, len(TAGS)), np.float32), np.full((count, len(CLASSES)), -1, np.float32)
    links = np.full((count, len(kept), len(LINKS)), -1, np.float32)
    thing = np.zeros(len(ids), np.int32)
    for signal in said.signals:
        row = signal.clause - 1
        if row >= count:
            continue
        kind = signal.kind.partition(".")[0]
        tags[row, TAGS.index(kind)] = 1
        for side, place in (("actor", signal.actor), ("target", signal.target)):
            if (kind, side) in LINKS and (sides := _side(content, kept, place)):
                links[row, :, LINKS.index((kind, side))] = sides
        if "." in signal.kind:
            tags[row, TAGS.index(signal.kind)] = 1
        if signal.kind == "charge":
            classes[row] = np.maximum(classes[row], 0)
            for code in signal.classes:
                classes[row, CLASSES.index(code)] = 1
            for piece, (start, end) in enumerate(offsets):
                thing[piece] |= int(signal.object[0] <= start and end <= signal.object[1])
    edge = [-1]
    return Example(
        _framed(tokenizer, ids),
        np.array([*edge, *clause, *edge], np.int32),
        np.array([*edge, *(renumber.get(number, -1) for number in mention), *edge], np.int32),
        np.array([0, *begins, 0], np.int32), np.array([0, *thing, 0], np.int32),
        np.array([[letter in one.roles for letter in ROLE] for one in kept], np.float32).reshape(
            -1, len(ROLE)
        ),
        np.array([KIND.index(one.kind) for one in kept], np.int32),
        tags, classes, links, np.array([name in said.facets for name in FACETS], np.float32),
        POLARITIES.index(said.polarity), float(said.relevant), float(said.consumer),
        1.0 if said.sure else 0.5,
    )  # fmt: skip


def whole(tokenizer: Tokenizer, content: str, polarity: int, relevant: float, consumer: float) -> Example:
    """A text of which no more than these is known; -1 for what is not."""
    coded = tokenizer.encode(content, add_special_tokens=False)
    count = len(ids := coded.ids[: LONGEST - 2]) + 2
    none = np.full(count, -1, np.int32)
    return Example(
        _framed(tokenizer, ids),
        none, none, np.zeros(count, np.int32), np.zeros(count, np.int32),
        np.zeros((0, len(ROLE)), np.float32),
        np.zeros(0, np.int32), np.full((1, len(TAGS)), -1, np.float32),
        np.full((1, len(CLASSES)), -1, np.float32),
        np.zeros((1, 0, len(LINKS)), np.float32), np.full(len(FACETS), -1, np.float32),
        polarity, relevant, consumer, 0.7, 0.0,
    )  # fmt: skip


def _framed(tokenizer: Tokenizer, ids: Sequence[int]) -> Ints:
    return np.array([tokenizer.token_to_id("[CLS]"), *ids, tokenizer.token_to_id("[SEP]")], np.int32)


def _side(content: str, parties: Sequence[Party], place: tuple[int, int]) -> list[float]:
    """For each party 1 where it is the one at *place*; empty where nobody of them is."""
    if not place[1]:
        return [0.0] * len(parties)
    name = content[place[0] : place[1]]
    found = [float(content[one.start : one.end] == name) for one in parties]
    if not any(found):
        found = [float(one.start < place[1] and place[0] < one.end) for one in parties]
    return found if any(found) else []


def _mentions(
    content: str, offsets: Sequence[tuple[int, int]], parties: Sequence[Party]
) -> tuple[list[int], list[int]]:  # fmt: skip
    """Party and begin-inside mark of each piece, every occurrence of a name included; longer names first."""
    mention, begins = [-1] * len(offsets), [0] * len(offsets)
    order = sorted(range(len(parties)), key=lambda number: parties[number].start - parties[number].end)
    for number in order:
        name = content[parties[number].start : parties[number].end]
        for first, last in occurrences(content, name):
            inside = [p for p, (start, end) in enumerate(offsets) if start < last and end > first]
            if inside and all(mention[place] < 0 for place in inside):
                for place in inside:
                    mention[place], begins[place] = number, 2
                begins[inside[0]] = 1
    return mention, begins


def masked(one: Example) -> Example:
    """The same text with every name replaced by a piece that only tells one party from another."""
    ids = np.where(one.mention >= 0, MASKED + one.mention, one.ids).astype(np.int32)
    return Example(**{name: getattr(one, name) for name in one.__slots__} | {"ids": ids})


def batches(
    examples: Sequence[Example], size: int, rng: np.random.Generator | None
) -> Iterator[tuple[Ints, dict[str, npt.NDArray[np.generic]]]]:  # fmt: skip
    """Numbers of the examples and their padded arrays, texts of like length together; shuffled by *rng*."""
    noise = rng.random(len(examples)) * 24 if rng else np.zeros(len(examples))
    order = np.argsort([len(one.ids) for one in examples] + noise)
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    if rng:
        rng.shuffle(parts)
    for part in parts:
        yield part.astype(np.int32), padded([examples[number] for number in part], size)


def padded(rows: Sequence[Example], size: int) -> dict[str, npt.NDArray[np.generic]]:
    """Arrays of *size* rows; lengths are rounded up, so that few shapes are compiled."""
    pieces = _up(max(len(one.ids) for one in rows), 32)
    clauses = _up(max(one.tags.shape[0] for one in rows), 8)
    parties = _up(max([1, *(one.roles.shape[0] for one in rows)]), 4)
    found: dict[str, npt.NDArray[np.generic]] = {
        "mask": _stack([np.ones(len(one.ids), np.float32) for one in rows], (size, pieces), 0)
    }
    for name, fill in (("ids", 0), ("clause", -1), ("mention", -1), ("begins", 0), ("thing", 0)):
        found[name] = _stack([getattr(one, name) for one in rows], (size, pieces), fill)
    found["roles"] = _stack([one.roles for one in rows], (size, parties, len(ROLE)), -1)
    found["kinds"] = _stack([one.kinds for one in rows], (size, parties), -1)
    found["tags"] = _stack([one.tags for one in rows], (size, clauses, len(TAGS)), -1)
    found["classes"] = _stack([one.classes for one in rows], (size, clauses, len(CLASSES)), -1)
    found["links"] = _stack([one.links for one in rows], (size, clauses, parties, len(LINKS)), -1)
    found["facets"] = _stack([one.facets for one in rows], (size, len(FACETS)), -1)
    for name in ("polarity", "relevant", "consumer", "sure", "full"):
        values = [getattr(one, name) for one in rows]
        found[name] = np.array(values + [0] * (size - len(rows)), np.float32)
    return found


def _up(value: int, step: int) -> int:
    return -(-value // step) * step


def _stack(
    rows: Iterable[npt.NDArray[np.generic]], shape: tuple[int, ...], fill: float
) -> npt.NDArray[np.generic]:  # fmt: skip
    rows = list(rows)
    out = np.full(shape, fill, rows[0].dtype)
    for number, row in enumerate(rows):
        out[number][tuple(slice(0, n) for n in row.shape)] = row
    return out
