"""Labelled texts as arrays for the network: pieces, clauses, mentions of parties, and what each should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from devtools.labelling.packs import KINDS, ROLES, Answer, Party
from devtools.labelling.texts import Text
from fengping.analysis.reading import LONGEST, clauses_of
from fengping.analysis.reading.names import occurrences
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
    issues: Floats
    """[classes] of the whole text's complaints, where a reader gave them for the text; -1 where not."""
    full: float = 1.0
    """0 where a reader told no more than these (-1 where not even that)."""


def example(tokenizer: Tokenizer, text: Text, said: Answer) -> Example:
    """The arrays of *text* as *said* labels it."""
    content = text.content
    coded = tokenizer.encode(content, add_special_tokens=False)
    ids, offsets = coded.ids[: LONGEST - 2], coded.offsets[: LONGEST - 2]
    clause = _clauses(content, offsets)
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
        1.0 if said.sure else 0.5, np.full(len(CLASSES), -1, np.float32),
    )  # fmt: skip


def whole(
    tokenizer: Tokenizer, content: str, polarity: int, relevant: float = -1, consumer: float = -1,
    issues: Sequence[str] | None = None,
) -> Example:  # fmt: skip
    """A text of which no more than these is known; -1 and None for what is not."""
    coded = tokenizer.encode(content, add_special_tokens=False)
    ids, clause = coded.ids[: LONGEST - 2], _clauses(content, coded.offsets[: LONGEST - 2])
    count, clauses = len(ids) + 2, max(clause, default=0) + 1
    known = np.full(len(CLASSES), -1, np.float32)
    if issues is not None:
        known[: len(CLASSES) - 1] = [code in issues for code in CLASSES[:-1]]
    return Example(
        _framed(tokenizer, ids), np.array([-1, *clause, -1], np.int32),
        np.full(count, -1, np.int32), np.zeros(count, np.int32), np.zeros(count, np.int32),
        np.zeros((0, len(ROLE)), np.float32),
        np.zeros(0, np.int32), np.full((clauses, len(TAGS)), -1, np.float32),
        np.full((clauses, len(CLASSES)), -1, np.float32),
        np.zeros((clauses, 0, len(LINKS)), np.float32), np.full(len(FACETS), -1, np.float32),
        polarity, relevant, consumer, 0.7, known, 0.0,
    )  # fmt: skip


def _clauses(content: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Number of the clause in which each piece begins."""
    ends = [span.end for span in clauses_of(content)]
    return [min(int(np.searchsorted(ends, start, "right")), CLAUSES - 1) for start, _ in offsets]


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
    return replace(one, ids=ids)


class Names:
    """Names of the examples by the kind of their party, to put one in another's place."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._by_kind: dict[int, list[list[int]]] = {}
        for one in examples:
            for number, name in _first(one).items():
                self._by_kind.setdefault(int(one.kinds[number]), []).append(name)

    def swapped(self, one: Example, rng: np.random.Generator) -> Example:
        """The same text with other names of the same kinds; a name that is part of another one stays."""
        names = _first(one)
        together = [" ".join(map(str, ["", *name, ""])) for name in names.values()]
        new: dict[int, list[int]] = {}
        for number, name in names.items():
            if sum(" ".join(map(str, ["", *name, ""])) in other for other in together) == 1:
                pool = self._by_kind[int(one.kinds[number])]
                new[number] = pool[int(rng.integers(len(pool)))]
        columns = one.ids, one.clause, one.mention, one.begins, one.thing
        rows: list[tuple[int, ...]] = []
        for piece, clause, mention, begins, thing in zip(*(part.tolist() for part in columns), strict=True):
            if mention not in new:
                rows.append((piece, clause, mention, begins, thing))
            elif begins == 1:
                rows += [
                    (other, clause, mention, 2 if place else 1, thing)
                    for place, other in enumerate(new[mention])
                ]
        if len(rows) > LONGEST:
            return one
        ids, clause, mention, begins, thing = np.array(rows, np.int32).T
        return replace(one, ids=ids, clause=clause, mention=mention, begins=begins, thing=thing)


def _first(one: Example) -> dict[int, list[int]]:
    """The pieces of each party's first mention."""
    names: dict[int, list[int]] = {}
    for place in np.flatnonzero(one.begins == 1).tolist():
        number, end = int(one.mention[place]), place + 1
        while one.begins[end] == 2 and one.mention[end] == number:
            end += 1
        names.setdefault(number, one.ids[place:end].tolist())
    return names


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
    found["issues"] = _stack([one.issues for one in rows], (size, len(CLASSES)), -1)
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
