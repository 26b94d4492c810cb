"""Concepts beside triggers: what words of one kind say together about the complaint class of a text.

``registry/concepts.toml`` names kinds of words (goods, faults, promises, figures), ``concept-weights.toml``
how much each speaks for or against each class; runs of characters (:mod:`.grams`) speak
beside them. Together they add a class no trigger gave and take back one whose trigger stands among
strangers; only the beginning of a text is weighed, being what it is about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pydantic import Field

from fengping.analysis.complaints.grams import Codes, Grams, codes_of
from fengping.analysis.hosts import REGISTRY, Kind
from fengping.analysis.hosts.entries import holders, lies_within
from fengping.analysis.mentions import Scan
from fengping.analysis.text import Span, fold
from fengping.toml import Strict, load_toml

SIGHT = 240
"""Characters weighed: a title and a sentence or two. In a whole article every concept stands somewhere."""
TITLE = 28
"""A trigger that begins before this character stands in the title."""
BARE = 30
"""A text shorter than this is a title without a sentence."""
GRAMS = "complaint-grams.npz"
TELLING = 0.2
"""A concept whose weight is smaller is no evidence."""

Place = tuple[int, int]
"""Start and end in the text: a plain pair, since a text has dozens of them."""


class ConceptFile(Strict):
    """``concepts.toml``."""

    version: int
    concept: dict[str, tuple[str, ...]]
    excluded: tuple[str, ...] = Field((), alias="not")
    """Longer words that hold one of a concept and mean something else."""
    pattern: dict[str, str]
    union: dict[str, tuple[str, ...]]
    pairs: tuple[tuple[str, str], ...]


class WeightFile(Strict):
    """``concept-weights.toml``: thresholds, a bias a class, weights a feature in the order of *codes*."""

    version: int
    add: tuple[float, ...]
    """A class as probable as this counts without a trigger, in the order of *codes*."""
    keep: float
    """A class less probable than this does not count in spite of its trigger…"""
    keep_weak: float
    """…or, where none but weak ones stand, than this…"""
    trusted: tuple[str, ...]
    """…but for these, whose triggers are not doubted."""
    codes: tuple[str, ...]
    bias: tuple[float, ...]
    weight: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger found in a text, as the concepts need it."""

    code: str
    start: int
    weak: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """Probabilities of the classes of one text, and the places of its concepts."""

    odds: Mapping[str, float]
    """Class → natural logarithm of its odds."""
    places: Mapping[str, Place]
    """Concept → its first word."""
    codes: Codes
    """The characters weighed."""


class Concepts:
    """Kinds of words and their weights, and those of runs of characters. Immutable."""

    def __init__(self, file: ConceptFile, weights: WeightFile, grams: Grams | None = None) -> None:
        self.file = file
        self.weights = weights
        self.grams = Grams.none(len(weights.codes)) if grams is None else grams
        self._add = dict(zip(weights.codes, map(_odds, weights.add), strict=True))
        self._keep = {False: _odds(weights.keep), True: _odds(weights.keep_weak)}
        self._unions = [(name, frozenset(of)) for name, of in file.union.items()]
        self._pairs = [(one, other, f"{one}+{other}") for one, other in file.pairs]
        self._patterns = [(name, re.compile(pattern)) for name, pattern in file.pattern.items()]
        self._kinds: dict[str, list[tuple[str, str]]] = {}
        for name, words in file.concept.items():
            for word in map(fold, words):
                self._kinds.setdefault(word, []).append((name, name + "2"))
        self._hiding = frozenset(map(fold, file.excluded))
        self._hidden = holders(self._kinds, self._hiding)

    @property
    def words(self) -> frozenset[str]:
        """Every word whose places the concepts ask for."""
        return self._hiding.union(self._kinds)

    @classmethod
    def load(cls) -> Concepts:
        return cls(
            load_toml(ConceptFile, REGISTRY / "concepts.toml"),
            load_toml(WeightFile, REGISTRY / "concept-weights.toml"),
            Grams.load(REGISTRY / GRAMS),
        )

    @cached_property
    def _matrix(self) -> tuple[dict[str, int], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        names = {name: row for row, name in enumerate(self.weights.weight)}
        rows = np.array(list(self.weights.weight.values()), np.float32).reshape(len(names), -1)
        return names, rows, np.array(self.weights.bias, np.float32)

    def weigh(self, scan: Scan, triggers: Sequence[Trigger], silent: Sequence[Span] = ()) -> Weighed:
        """The classes of *scan*; *silent* spans state rules or promises, their words say nothing."""
        places = self.find(scan, silent)
        codes = codes_of(scan.folded[:SIGHT], silent)
        return self.sum(self.features(scan, places, triggers), codes, places)

    def sum(
        self, features: Iterable[str], codes: Codes, places: Mapping[str, Place] = MappingProxyType({})
    ) -> Weighed:
        """Sum the weights of *features* and of the runs of *codes* for each class."""
        names, matrix, bias = self._matrix
        # In one order, since sums of float32 depend on it and a set's changes with the process.
        rows = sorted(names[name] for name in features if name in names)
        odds = (bias + matrix[rows].sum(axis=0) + self.grams.sum(codes)).tolist()
        return Weighed(dict(zip(self.weights.codes, odds, strict=True)), places, codes)

    def find(self, scan: Scan, silent: Sequence[Span] = ()) -> dict[str, Place]:
        """First word of each concept and pattern in sight; ``NAME2``: a second, other word of the concept."""
        places: dict[str, Place] = {}
        for word in scan.words:
            kinds = self._kinds.get(word)
            if kinds is None:
                continue
            if (first_start := self._first(scan, word, silent)) is None:
                continue
            place = (first_start, first_start + len(word))
            for name, second in kinds:
                first = places.setdefault(name, place)
                if first is not place:
                    places[second] = max(first, place)
                    places[name] = min(first, place)
        text = scan.folded[:SIGHT]
        for name, pattern in self._patterns:
            match = pattern.search(text)
            if match and not _within(match.start(), silent):
                places[name] = match.span()
        return places

    def _first(self, scan: Scan, word: str, silent: Sequence[Span]) -> int | None:
        """The first start of *word* in sight that is in no longer word and no *silent* span."""
        longer = self._hidden.get(word, frozenset())
        for start in scan.words[word]:
            if start >= SIGHT:
                return None
            if not lies_within(scan.words, start, start + len(word), longer) and not _within(start, silent):
                return start
        return None

    def features(self, scan: Scan, places: Iterable[str], triggers: Iterable[Trigger]) -> set[str]:
        """Names of all that holds of a text: its concepts, their pairs, its triggers, what it is about."""
        found = set(places)
        found |= {name for name, of in self._unions if not of.isdisjoint(found)}
        if scan.of(Kind.HOST):
            found.add("host")
        if found.isdisjoint(("live", "host")):
            found.add("no_live")
            if "shop" not in found:
                found.add("no_trade")
        if len(scan.folded) < BARE:
            found.add("bare")
        found |= {pair for one, other, pair in self._pairs if one in found and other in found}
        count: dict[str, int] = {}
        for trigger in triggers:
            count[trigger.code] = count.get(trigger.code, 0) + 1
            found.add(f"{trigger.code}.found")
            if not trigger.weak:
                found.add(f"{trigger.code}.strong")
            if trigger.start < TITLE:
                found.add(f"{trigger.code}.title")
        found |= {f"{code}.more" for code, number in count.items() if number > 1}
        if not count:
            found.add("no_trigger")
        return found

    def doubts(self, code: str, weighed: Weighed, *, weak: bool) -> bool:
        """True if the class is too improbable to count for its triggers; *weak*: none is a strong one."""
        # The weights may not know a class yet that was added to the list.
        known = code in weighed.odds and code not in self.weights.trusted
        return known and weighed.odds[code] < self._keep[weak]

    def adds(self, weighed: Weighed) -> set[str]:
        """Classes probable enough to count without a trigger."""
        return {code for code, odds in weighed.odds.items() if odds >= self._add[code]}

    def telling(self, code: str, weighed: Weighed) -> list[Span]:
        """The one or two concepts that spoke most for the class, or where its runs stand."""
        names, matrix, _ = self._matrix
        column = self.weights.codes.index(code)
        said = sorted(
            ((float(matrix[names[n], column]), n) for n in weighed.places if n in names), reverse=True
        )
        spans = [Span(*weighed.places[name]) for weight, name in said[:2] if weight >= TELLING]
        span = None if spans else self.grams.telling(weighed.codes, column)
        return spans if span is None else [span]


def _odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _within(start: int, spans: Iterable[Span]) -> bool:
    return any(span.start <= start < span.end for span in spans)
