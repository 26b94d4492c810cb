"""The act of a text: a linear model over words that tell acts, runs of characters, and the polarity judged.

``registry/acts.toml`` names kinds of words, ``registry/acts.npz`` how much each kind and each run of
characters speaks for each act; runs stand there as hashes. The title or first sentence, what follows
and the hashtags are weighed apart. ``python -m fengping.analysis.training.acts`` learns the weights.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fengping.analysis.complaints.grams import Codes, Grams, codes_of
from fengping.analysis.hosts.registry import REGISTRY
from fengping.analysis.mentions import Scan, fold
from fengping.analysis.text.sentences import Places, Span
from fengping.models import Act, Evidence
from fengping.toml import Strict, load_toml

SIGHT = 200
"""Characters that are weighed."""
LEAD = 60
"""Characters of a title or first sentence at most."""
OWN = 12
"""Characters beside its hashtags from which a text has words of its own."""
BARE = 32
"""A text shorter than this is a title without a lead."""
ACTS = tuple(Act)
MODEL = "acts.npz"

_TAG = re.compile(r"#[^#]{2,40}#")
_STOP = re.compile(r"[。！？!?\n]")


class CueFile(Strict):
    """``acts.toml``."""

    version: int
    cues: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mood:
    """Facts of a text from which its act is judged."""

    negative: float
    positive: float
    relevant: bool


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
    lead: Codes
    rest: Codes


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

    @classmethod
    def load(cls, *, weighed: bool = True) -> ActModel:
        """The model that ships; not *weighed*: only its words, for learning the weights."""
        file = load_toml(CueFile, REGISTRY / "acts.toml")
        return cls(file, Weights.load(REGISTRY / MODEL) if weighed else None)

    @property
    def words(self) -> frozenset[str]:
        """Every word whose places the model asks for."""
        return frozenset(self._cues)

    def places(self, scan: Scan) -> Places:
        """Places of the words of each kind, in the order of the text."""
        found: dict[str, list[Span]] = {}
        for word, starts in scan.words.items():
            for name in self._cues.get(word, ()):
                mine = found.setdefault(name, [])
                for start in starts[:4]:
                    mine.append(Span(start, start + len(word)))
        for spans in found.values():
            if len(spans) > 1:
                spans.sort()
        return found

    def find(self, scan: Scan, mood: Mood, places: Places, but: Sequence[Act] = ()) -> ActVerdict:
        """The act of a text, none of those in *but*; *places* from :meth:`places`."""
        assert self._weights is not None, "a model without weights knows no acts"
        weights, features = self._weights, self.features(scan, mood, places)
        said = scores(weights, features)
        said[[ACTS.index(act) for act in but]] = -np.inf
        order = np.argsort(-said)
        column = int(order[0])
        margin = float(said[column] - said[order[1]])
        span = Span(0, 0) if ACTS[column] is Act.OTHER else self._telling(features, column)
        return ActVerdict(ACTS[column], span.start, span.end, scan.content[span.start : span.end], margin)

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
        text = scan.folded[:SIGHT]
        lead = _only(text, [zones.lead], zones.tags)
        rest = _only(text, [zones.rest, *zones.tags], ())
        return Features(found, numbers, lead, rest)


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


def scores(weights: Weights, features: Features) -> npt.NDArray[np.float32]:
    """Weights for each act, added up."""
    known = weights.rows
    rows = [known[name] for name in features.named if name in known]
    said = weights.bias + weights.matrix[rows].sum(axis=0, dtype=np.float32)
    said += np.array(features.numbers, np.float32) @ weights.matrix[len(known) :]
    total: npt.NDArray[np.float32] = said + weights.lead.sum(features.lead) + weights.rest.sum(features.rest)
    return total


def _only(text: str, kept: Sequence[Span], but: Sequence[Span]) -> Codes:
    """The characters of *text* that stand in *kept* and not in *but* as numbers, all others as 0."""
    codes = codes_of(text)
    masked = np.zeros_like(codes)
    for span in kept:
        masked[span.start : span.end] = codes[span.start : span.end]
    for span in but:
        masked[span.start : span.end] = 0
    return masked


def _odds(probability: float) -> float:
    return max(-3.0, min(3.0, math.log((probability + 1e-4) / (1 - probability + 1e-4))))
