"""One text in, one :class:`~fengping.reading.Reading` out: windows, encoder, heads, parties, signals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from fengping.analysis.mentions import Mention
from fengping.analysis.reading.derived import FILE as LIMITS_FILE
from fengping.analysis.reading.names import LIKELY, Name, marked, names, occurrences, resolved, spans_of
from fengping.analysis.reading.network import Encoder, Floats, Heads, Seen, sigmoid, softmax
from fengping.analysis.reading.pieces import CHARACTERS, Window, clauses_of, tokenizer_of, windows
from fengping.analysis.reading.terms import CLASSES, FACETS, FORMS, KINDS, LINKS, READING, ROLES, TAGS
from fengping.errors import ConfigError
from fengping.reading import Party, Reading, Signal, Span

FOLDER = Path(__file__).parent
EMPTY = Reading(0.0, 1.0, 0.0, 0.0, 0.0, (), (), {}, whole=True)
"""The reading of a text without pieces."""
_HALVES = re.compile("[\ud800-\udfff]")
_KEPT = 0.1
"""Probability from which a signal stands in a reading; what counts and what is printed is decided later."""


class Said(NamedTuple):
    """What the heads say of one window, as probabilities."""

    polarity: Floats
    relevant: float
    consumer: float
    facets: Floats
    parties: dict[int, tuple[Floats, Floats]]
    """Number of the party → kinds, roles, for those that the window names."""
    clauses: dict[int, tuple[Floats, Floats, dict[int, Floats]]]
    """Number of the clause → tags, classes, links of each party that the window names."""
    things: Floats
    """[pieces]: within the object of a charge."""


class Inputs(NamedTuple):
    """What the heads read of one text."""

    whole: Floats
    """[windows, inputs]."""
    parties: dict[str, Floats]
    """Name → [windows that name it, inputs of the head of roles]."""


@dataclass(frozen=True, slots=True)
class _Text:
    content: str
    spans: Sequence[Span]
    windows: Sequence[Window]
    cut: bool
    """True if the whole text goes on behind *content*."""


class Reader:
    """The loaded encoder with its heads. Immutable after loading; one a process."""

    def __init__(self, encoder: Encoder, tokenizer: Tokenizer, heads: Heads, version: str) -> None:
        self._encoder = encoder
        self._tokenizer = tokenizer
        self.heads = heads
        self.version = version

    @classmethod
    def load(cls, folder: Path = FOLDER, own: Path | None = None) -> Reader:
        """The reader whose files stand in *folder*: ``encoder.onnx``, ``heads.npz``, ``tokenizer.json``.

        *own*: a file of heads that stand for those of their names. Raises
        :class:`~fengping.errors.ConfigError` where they fit no head.
        """
        files = [(folder / name).read_bytes() for name in ("encoder.onnx", "heads.npz", "tokenizer.json")]
        graph, weights, pieces = files
        heads = _heads(weights)
        if own:
            files.append(own.read_bytes())
            try:
                fitted = _heads(files[-1])
            except (OSError, ValueError, BadZipFile):
                fitted = {}
            if not fitted or any(heads[name].shape != fitted[name].shape for name in fitted if name in heads):
                raise ConfigError(f"{own} holds no heads of this encoder.", remedy="fengping train --undo")
            heads |= fitted
        digest = blake2b(b"".join((*files, LIMITS_FILE.read_bytes())), digest_size=4).hexdigest()
        return cls(Encoder(graph), tokenizer_of(pieces.decode()), heads, f"{READING}{digest}")

    def read(
        self, contents: Sequence[str], mentions: Sequence[Sequence[Mention]] = (),
        named: Sequence[Sequence[Name]] | None = None,
    ) -> list[Reading]:  # fmt: skip
        """A reading of each text, in order.

        *mentions*: where each text names somebody of the registries. *named*: the parties of each text where
        they are known, in place of those that are found.
        """
        found = []
        for number, (text, seen) in enumerate(self._seen(contents)):
            if not seen:
                found.append(EMPTY)
            elif named:
                found.append(_reading(text, named[number], seen, list(range(len(named[number])))))
            else:
                found.append(_reading(text, _names(text, seen, mentions[number] if mentions else ()), seen))
        return found

    def inputs(
        self, contents: Sequence[str], mentions: Sequence[Sequence[Mention]], more: Sequence[Sequence[str]]
    ) -> list[Inputs]:
        """What the heads read of each text, in order; *more*: names to look for beside those found."""
        found = []
        for (text, seen), listed, others in zip(self._seen(contents), mentions, more, strict=True):
            parties = {one.name: one.spans for one in _names(text, seen, listed)}
            parties |= {name: [*occurrences(text.content, name)] for name in {*others} - parties.keys()}
            rows: dict[str, list[Floats]] = {name: [] for name in parties}
            for one, window in zip(seen, text.windows, strict=True):
                masks = {name: marked(spans, window.offsets) for name, spans in parties.items()}
                there = [name for name, mask in masks.items() if mask.any()]
                for name, row in zip(there, one.beside(one.mean([masks[n] for n in there])), strict=True):
                    rows[name].append(row)
            named = {name: np.array(of) for name, of in rows.items() if of}
            found.append(Inputs(np.array([one.whole for one in seen]), named))
        return found

    def _seen(self, contents: Sequence[str]) -> Iterator[tuple[_Text, list[Seen]]]:
        for whole in contents:
            # The tokenizer refuses halves of surrogate pairs.
            content = _HALVES.sub("\ufffd", whole[:CHARACTERS])
            spans = clauses_of(content)
            text = _Text(
                content, spans, [*windows(self._tokenizer, content, spans)], len(whole) > len(content)
            )
            yield text, [Seen(self.heads, self._encoder.states(window)) for window in text.windows]


def _heads(content: bytes) -> Heads:
    with np.load(BytesIO(content)) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


def _names(text: _Text, seen: Sequence[Seen], listed: Sequence[Mention]) -> list[Name]:
    marks = [softmax(one.pieces("begins")) for one in seen]
    found = [
        span
        for window, mark in zip(text.windows, marks, strict=True)
        for span in spans_of(mark, window.offsets)
    ]
    return names(text.content, found, (one for one in listed if one.end <= len(text.content)))


def _said(seen: Seen, window: Window, parties: Sequence[Name]) -> Said:
    masks = [marked(one.spans, window.offsets) for one in parties]
    there = [number for number, mask in enumerate(masks) if mask.any()]
    states = seen.mean([masks[number] for number in there])
    kinds, roles = softmax(seen.kinds(states)), sigmoid(seen.roles(states))
    numbers = np.unique(window.clause)
    clauses = seen.mean([window.clause == number for number in numbers])
    tags, classes = sigmoid(seen.clauses("tags", clauses)), sigmoid(seen.clauses("classes", clauses))
    links = sigmoid(seen.links(clauses, states))
    title = set(window.clause[: window.title].tolist())
    told = {
        int(number): (
            tags[row],
            classes[row],
            dict(zip(there, links[row], strict=True)),
        )
        for row, number in enumerate(numbers)
        if number not in title
    }
    return Said(
        softmax(seen.text("polarity")), float(sigmoid(seen.text("relevant"))[0]),
        float(sigmoid(seen.text("consumer"))[0]), sigmoid(seen.text("facets")),
        {party: (kinds[place], roles[place]) for place, party in enumerate(there)}, told,
        sigmoid(seen.pieces("thing")[:, 0]),
    )  # fmt: skip


def _reading(
    text: _Text, parties: Sequence[Name], seen: Sequence[Seen], meant: Sequence[int] | None = None
) -> Reading:
    """What all windows say together: each party and clause as the surest of them has it, the text as the most
    negative one, for a charge counts wherever it stands."""
    said = [_said(one, window, parties) for one, window in zip(seen, text.windows, strict=True)]
    first = said[decisive(np.array([one.polarity for one in said]))]
    kinds, roles = [], []
    for number in range(len(parties)):
        of = [one.parties[number] for one in said if number in one.parties]
        kinds.append(KINDS[int(np.sum([kind for kind, _ in of], 0).argmax())] if of else "person")
        roles.append(np.max([role for _, role in of], 0) if of else np.zeros(len(ROLES), np.float32))
    meant = meant or resolved(parties, kinds)
    place = {number: row for row, number in enumerate(dict.fromkeys(meant))}
    signals: list[Signal] = []
    for one, window in zip(said, text.windows, strict=True):
        signals += _signals(text, window, one, [place[number] for number in meant])
    negative, neutral, positive = (round(float(share), 4) for share in first.polarity)
    return Reading(
        negative,
        neutral,
        positive,
        round(max(one.relevant for one in said), 4),
        round(max(one.consumer for one in said), 4),
        tuple(_party(parties, kinds, roles, meant, number) for number in place),
        tuple(sorted(signals, key=lambda signal: signal.span)),
        _likely(FACETS, np.max([one.facets for one in said], 0)),
        whole=not text.cut and text.windows[-1].offsets[-1][1] >= len(text.content.rstrip()),
    )


def decisive(polarity: Floats) -> int:
    """The window that tells the polarity of a text; *polarity*: [windows, 3]."""
    worst = int(polarity[:, 0].argmax())
    return worst if polarity[worst, 0] >= LIKELY else 0


def _party(
    parties: Sequence[Name], kinds: Sequence[str], roles: Sequence[Floats], meant: Sequence[int], number: int
) -> Party:
    together = [other for other, whom in enumerate(meant) if whom == number]
    one, most = parties[number], np.max([roles[other] for other in together], 0)
    spans = sorted(span for other in together for span in parties[other].spans)
    kind = one.kind or kinds[number]
    if one.kind == "brand" and kinds[number] not in ("person", "authority"):
        kind = kinds[number]  # a registered brand may be a shop, a company, an agency or a platform here
    return Party(
        one.name, kind, bool(one.kind), tuple(spans),
        dict(zip(ROLES, (round(float(value), 3) for value in most), strict=True)),
    )  # fmt: skip


def _signals(text: _Text, window: Window, said: Said, place: Sequence[int]) -> list[Signal]:
    found = []
    for number, (tags, classes, links) in said.clauses.items():
        for kind, forms in FORMS.items():
            probability = float(tags[TAGS.index(kind)])
            if probability < _KEPT:
                continue
            shares = [float(tags[TAGS.index(f"{kind}.{form}")]) for form in forms]
            start, end = text.spans[number]
            charge = kind == "charge"
            found.append(
                Signal(
                    kind,
                    forms[int(np.argmax(shares))] if forms else "",
                    (start, end),
                    round(probability, 3),
                    _side(links, place, kind, "actor"),
                    _side(links, place, kind, "target"),
                    _thing(window, said.things, number) if charge else None,
                    _likely(CLASSES, classes) if charge else None,
                )
            )
    return found


def _side(links: dict[int, Floats], place: Sequence[int], kind: str, side: str) -> int | None:
    """The likeliest party on that side of the clause, where one is likelier than not."""
    if (kind, side) not in LINKS:
        return None
    column = LINKS.index((kind, side))
    party = max(links, key=lambda number: float(links[number][column]), default=None)
    if party is None or links[party][column] < LIKELY:
        return None
    return place[party]


def _thing(window: Window, things: Floats, clause: int) -> Span | None:
    """The likeliest run of characters in the clause that is the object of its charge."""
    best: tuple[float, Span] | None = None
    run: list[int] = []
    for piece in [*np.flatnonzero((things >= LIKELY) & (window.clause == clause)).tolist(), -1]:
        if run and piece != run[-1] + 1:
            score = float(things[run].mean())
            if best is None or score > best[0]:
                best = score, (window.offsets[run[0]][0], window.offsets[run[-1]][1])
            run = []
        run.append(piece)
    return best[1] if best else None


def _likely(names: Sequence[str], shares: npt.NDArray[Any]) -> dict[str, float]:
    return {name: round(float(share), 3) for name, share in zip(names, shares, strict=True) if share >= _KEPT}
