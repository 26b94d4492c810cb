"""The act of a text: a linear model over words that tell acts, runs of characters, and the polarity judged.

``registry/acts.toml`` names kinds of words, ``registry/acts.npz`` how much each kind and each run of
characters speaks for each act; runs stand there as hashes. The title or first sentence, what follows
and the hashtags are weighed apart. ``python -m devtools.training.acts`` learns the weights.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from fengping.analysis.complaints import Grams, codes_of
from fengping.analysis.complaints.grams import Codes
from fengping.analysis.hosts import REGISTRY
from fengping.analysis.hosts.entries import apart, holders
from fengping.analysis.mentions import Scan
from fengping.analysis.text import Span, fold
from fengping.analysis.text.sentences import Places
from fengping.models import Act, Evidence

if TYPE_CHECKING:
    from fengping.analysis.acts.act_kernel import Runs
from fengping.toml import Strict, load_toml

SIGHT = 200
"""Characters that are weighed."""
LEAD = 60
"""Characters of a title or first sentence at most."""
OWN = 12
"""Characters beside its hashtags from which a text has words of its own."""
BARE = 32
"""A text shorter than this is a title without a lead."""
LEAD_MARK, REST_MARK = 1, 2
"""Marks of a character: of the title or first sentence; of what follows or a hashtag."""
ACTS = tuple(Act)
MODEL = "acts.npz"

_TAG = re.compile(r"#[^#]{2,40}#")
_STOP = re.compile(r"[。！？!?\n]")


class CueFile(Strict):
    """``acts.toml``."""

    version: int
    cues: dict[str, tuple[str, ...]]
    excluded: tuple[str, ...] = Field((), alias="not")
    """Longer words that hold a cue and mean something else."""


@dataclass(frozen=True, slots=True)
class Mood:
    """Facts of a text from which its act is judged."""

    negative: float
    positive: float
    relevant: bool


class Asked(NamedTuple):
    """A text whose act is asked for."""

    scan: Scan
    mood: Mood
    places: Places
    """From :meth:`ActModel.places`."""
    but: Sequence[Act] = ()
    """Acts that it cannot be."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Spans of the parts of a text that are weighed apart; no character is in two of them."""

    lead: Span
    rest: Span
    tags: tuple[Span, ...]

    def of(self, place: int) -> str:
        """``t`` for the title or first sentence, ``b`` for the rest, ``h`` for hashtags, else nothing."""
        for tag in self.tags:
            if tag.start <= place < tag.end:
                return "h"
        if self.lead.start <= place < self.lead.end:
            return "t"
        return "b" if self.rest.start <= place < self.rest.end else ""


@dataclass(frozen=True, slots=True)
class Features:
    """Features of a text: named ones, each with the place of the word that gave it, and characters."""

    named: dict[str, Span]
    numbers: tuple[float, ...]
    codes: Codes
    marks: npt.NDArray[np.uint8]
    """Part that each of the characters is of."""

    @property
    def lead(self) -> Codes:
        """The characters, 0 for those outside the title or first sentence."""
        return np.where(self.marks == LEAD_MARK, self.codes, np.uint32(0))

    @property
    def rest(self) -> Codes:
        """The characters, 0 for those outside what follows and the hashtags."""
        return np.where(self.marks == REST_MARK, self.codes, np.uint32(0))


@dataclass(frozen=True, slots=True)
class ActVerdict:
    """The act of a text, with the span that says so and how far it is ahead of the next."""

    act: Act
    start: int
    end: int
    rule: str
    margin: float

    def evidence(self) -> Iterable[Evidence]:
        """The span, where one tells."""
        if self.end > self.start:
            yield Evidence(f"act:{self.act}", self.start, self.end, self.rule)


@dataclass(frozen=True)
class Weights:
    """Content of ``acts.npz``. Immutable."""

    names: tuple[str, ...]
    matrix: npt.NDArray[np.float32]
    """(features and the three numbers, acts)"""
    bias: npt.NDArray[np.float32]
    lead: Grams
    rest: Grams
    version: str = ""

    @classmethod
    def load(cls, path: Path) -> Weights:
        version = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        with np.load(path) as file:
            grams = [
                Grams(file[f"{zone}_keys"], file[f"{zone}_steps"], file[f"{zone}_scales"])
                for zone in ("lead", "rest")
            ]
            return cls(
                tuple(file["names"].tolist()),
                file["matrix"].astype(np.float32),
                file["bias"],
                grams[0],
                grams[1],
                version,
            )

    def save(self, path: Path) -> None:
        zones = {"lead": self.lead, "rest": self.rest}
        parts = {
            f"{zone}_{name}": getattr(grams, name)
            for zone, grams in zones.items()
            for name in ("keys", "steps", "scales")
        }
        np.savez_compressed(
            path, names=np.array(self.names), matrix=self.matrix.astype(np.float16), bias=self.bias, **parts
        )

    @cached_property
    def runs(self) -> tuple[Runs, Runs]:
        """Tables of both parts, as the compiled loop reads them."""
        from fengping.analysis.acts import act_kernel

        lead, rest = (
            act_kernel.Runs(*grams.table, grams.steps, grams.scales) for grams in (self.lead, self.rest)
        )
        return lead, rest

    @cached_property
    def rows(self) -> dict[str, int]:
        """Feature → its row in the matrix."""
        return {name: row for row, name in enumerate(self.names)}


class ActModel:
    """Cues and weights. Immutable; :attr:`words` must be in the lexicon whose scans it reads."""

    def __init__(self, file: CueFile, weights: Weights | None = None) -> None:
        self.version = f"acts-{weights.version if weights else 0}"
        self._weights = weights
        self._cues: dict[str, list[str]] = {}
        for name, words in file.cues.items():
            for word in dict.fromkeys(map(fold, words)):
                self._cues.setdefault(word, []).append(name)
        self._hiding = frozenset(map(fold, file.excluded))
        self._hidden = holders(self._cues, self._hiding)

    @classmethod
    def load(cls, *, weighed: bool = True) -> ActModel:
        """The model that ships; not *weighed*: only its words, for learning the weights."""
        file = load_toml(CueFile, REGISTRY / "acts.toml")
        return cls(file, Weights.load(REGISTRY / MODEL) if weighed else None)

    @property
    def words(self) -> frozenset[str]:
        """Every word whose places the model asks for."""
        return frozenset(self._cues) | self._hiding

    def places(self, scan: Scan) -> Places:
        """Places of the words of each kind, in the order of the text."""
        found: dict[str, list[Span]] = {}
        for word in scan.words:
            names = self._cues.get(word)
            if names and (starts := apart(scan.words, word, self._hidden.get(word))):
                for name in names:
                    mine = found.setdefault(name, [])
                    mine += [Span(start, start + len(word)) for start in starts[:4]]
        for spans in found.values():
            if len(spans) > 1:
                spans.sort()
        return found

    def find(self, asked: Sequence[Asked]) -> list[ActVerdict]:
        """The act of each text."""
        assert self._weights is not None, "a model without weights knows no acts"
        features = [self.features(one.scan, one.mood, one.places) for one in asked]
        said = scores(self._weights, features)
        for row, one in zip(said, asked, strict=True):
            for act in one.but:
                row[ACTS.index(act)] = -np.inf
        best = said.argmax(axis=1).tolist()
        ordered = np.sort(said, axis=1)
        margins = (ordered[:, -1] - ordered[:, -2]).tolist()
        verdicts = []
        for one, found, column, margin in zip(asked, features, best, margins, strict=True):
            span = Span(0, 0) if ACTS[column] is Act.OTHER else self._telling(found, column)
            rule = one.scan.content[span.start : span.end]
            verdicts.append(ActVerdict(ACTS[column], span.start, span.end, rule, margin))
        return verdicts

    def _telling(self, features: Features, column: int) -> Span:
        """The word that speaks most for an act, or where its runs of characters stand."""
        assert self._weights is not None
        weights, best, found = self._weights, 0.0, None
        for name, span in features.named.items():
            row = weights.rows.get(name)
            if row is not None and span.end > span.start and weights.matrix[row, column] > best:
                best, found = float(weights.matrix[row, column]), span
        return found or weights.lead.telling(features.lead, column) or Span(0, 0)

    def features(self, scan: Scan, mood: Mood, places: Places) -> Features:
        """All that holds of a text."""
        zones = cut(scan.folded)
        found = _cued(places, zones)
        titles = [name for name in found if name.startswith("t:")]
        for at, one in enumerate(titles):
            for other in titles[at + 1 :]:
                found[_pair(one, other)] = found[one]
        # A word of answering beside a charge is another thing than beside a question of the day.
        mind = "neg" if mood.negative > 0.6 else "calm" if mood.negative < 0.3 else "mid"
        for name in list(found):
            if name.startswith(("t:", "h:")):
                found[_minded(name, mind)] = found[name]
        nowhere = Span(0, 0)
        found |= dict.fromkeys((mind, f"length{min(4, len(scan.folded) // 40)}"), nowhere)
        if zones.tags:
            found["tagged"] = nowhere
        elif len(scan.folded) < BARE:
            found["bare"] = nowhere
        if "\n" in scan.folded:
            found["titled"] = nowhere
        numbers = (_odds(mood.negative) / 3, _odds(mood.positive) / 3, float(mood.relevant))
        codes = codes_of(scan.folded[:SIGHT])
        return Features(found, numbers, codes, _marks(zones, len(codes)))


def _cued(places: Places, zones: Zones) -> dict[str, Span]:
    """Kinds of words by zone: ``t:answers``; ``t^:…`` at the very beginning, ``t2:…`` a second word."""
    found: dict[str, Span] = {}
    for name, spans in places.items():
        for span in spans:
            zone = zones.of(span.start)
            if not zone:
                continue
            first = found.setdefault(f"{zone}:{name}", span)
            if first.end <= span.start:
                found.setdefault(f"{zone}2:{name}", span)
            if zone == "t" and span.start <= zones.lead.start + 2:
                found.setdefault(f"t^:{name}", span)
    return found


@cache
def _pair(one: str, other: str) -> str:
    return f"{one}+{other}" if one < other else f"{other}+{one}"


@cache
def _minded(name: str, mind: str) -> str:
    return f"{name}&{mind}"


def cut(folded: str) -> Zones:
    """The parts of a text; hashtags are apart only where it has words of its own beside them."""
    text = folded[:SIGHT]
    tags = tuple(Span(*match.span()) for match in _TAG.finditer(text))
    own = len(text.strip()) - sum(tag.end - tag.start for tag in tags)
    if not tags or own <= OWN:
        tags = ()
    begin = len(text) - len(text.lstrip())
    for tag in tags:
        if begin == tag.start:
            begin = tag.end + len(text[tag.end :]) - len(text[tag.end :].lstrip())
    stop = _STOP.search(text, begin + 6)
    end = min(begin + LEAD, stop.start() if stop else len(text))
    return Zones(Span(begin, end), Span(end, len(text)), tags)


def scores(weights: Weights, features: Sequence[Features]) -> npt.NDArray[np.float32]:
    """(n, acts): the weights of each text for each act, added up."""
    from fengping.analysis.acts.act_kernel import Batch, add_up

    if not features:
        return np.zeros((0, len(ACTS)), np.float32)
    known = weights.rows
    rows = [[known[name] for name in one.named if name in known] for one in features]
    batch = Batch(
        np.concatenate([one.codes for one in features]),
        np.concatenate([one.marks for one in features]),
        np.cumsum([len(one.codes) for one in features]),
        np.array([row for some in rows for row in some], np.int32),
        np.cumsum([len(some) for some in rows]),
        np.array([one.numbers for one in features], np.float32),
    )
    said: npt.NDArray[np.float32] = add_up(batch, weights.bias, weights.matrix, *weights.runs)
    return said


def _marks(zones: Zones, length: int) -> npt.NDArray[np.uint8]:
    """The part of each character; hashtags go with the rest."""
    marks = np.zeros(length, np.uint8)
    marks[zones.lead.start : zones.lead.end] = LEAD_MARK
    marks[zones.rest.start : zones.rest.end] = REST_MARK
    for tag in zones.tags:
        marks[tag.start : tag.end] = REST_MARK
    return marks


def _odds(probability: float) -> float:
    return max(-3.0, min(3.0, math.log((probability + 1e-4) / (1 - probability + 1e-4))))
