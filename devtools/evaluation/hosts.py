"""Hosts, brands and their roles, and platforms, on texts labelled by reading.

``livestream-dev`` figures are on its sure rows; ``measured`` on the texts that only measure (news, bare
titles, posts, topics). ``negative_hosts`` and ``negative_brands`` with the labelled polarity, and, as
``…-judged``, with the judge's own. The ``left-out`` figure puts dev, the measuring texts and folds of the
training topics together, at most :data:`MOST` names of one host.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.evaluation import data_hash
from devtools.evaluation.labels import LABELS, measuring
from devtools.training.acts import read_teaching
from devtools.training.labels import Read
from devtools.training.roles import Reader, Text, learn, texts_of, topics
from fengping.analysis import Judge, Lexicon
from fengping.analysis.figures import Figure
from fengping.analysis.hosts import Kind, RoleModel
from fengping.config import AnalysisConfig
from fengping.models import Judgement, Polarity, Role

FOLDS = 10
MOST = 20
"""Gold names of one host that count among the left-out figures."""
RESAMPLED = 400

Pairs = list[tuple[set[str], set[str]]]
"""Names found and names labelled, of each text."""


@dataclass(slots=True)
class Tally:
    """Hits and misses of sets of labels, added up over texts."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> Tally:
        tally = cls()
        for found, gold in pairs:
            tally.add(found, gold)
        return tally

    def add(self, found: Iterable[str], gold: Iterable[str]) -> None:
        found, gold = set(found), set(gold)
        self.right += len(found & gold)
        self.wrong += len(found - gold)
        self.missed += len(gold - found)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    @property
    def gold(self) -> int:
        return self.right + self.missed


def resampled(
    name: str, pairs: Sequence[tuple[Iterable[str], Iterable[str]]], of: str, asked: float | None = None,
    *, data: str = "", left_out: bool = True,
) -> Figure:  # fmt: skip
    """A property of the tally of *pairs* with its 95 % interval over resampled texts."""
    tally = Tally.of(pairs)
    rng, values = random.Random(name), []
    parts = [Tally.of([pair]) for pair in pairs]
    for _ in range(RESAMPLED if parts else 0):
        drawn = rng.choices(parts, k=len(parts))
        total = Tally(*(sum(getattr(one, key) for one in drawn) for key in ("right", "wrong", "missed")))
        values.append(getattr(total, of))
    values.sort()
    low, high = (values[len(values) // 40], values[-len(values) // 40 - 1]) if values else (None, None)
    n = tally.right + tally.wrong if of == "precision" else tally.gold
    return Figure(name, getattr(tally, of), n, asked, data=data, low=low, high=high, left_out=left_out)


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Labelled rows that are sure."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [row for row in rows if row["sure"]]


def judged(rows: Sequence[dict[str, Any]]) -> list[Judgement]:
    """Judge each row with the shipped judge."""
    return Judge.load(AnalysisConfig()).judge([row["text"] for row in rows])


def measure(data: Path) -> list[Figure]:
    """Figures on ``livestream/dev``, the measuring texts, and folds of ``livestream/train``."""
    judge, reader = Judge.load(AnalysisConfig()), Reader()
    reads = measuring(data)
    return [
        *_dev(data / "livestream" / "dev.jsonl", judge, reader.lexicon),
        *_measured(reads, judge),
        *_accused(data, reads, reader),
    ]


def _dev(file: Path, judge: Judge, lexicon: Lexicon) -> list[Figure]:
    rows, digest = read_rows(file), data_hash(file)
    scans = [lexicon.scan(row["text"]) for row in rows]
    judgements = judge.judge([row["text"] for row in rows])
    model = RoleModel.load()
    reader = Reader()
    targets = [
        _accuse(model, reader, row["text"], Kind.HOST) if row["polarity"] == "neg" else set() for row in rows
    ]
    sets: dict[str, Pairs] = {
        "hosts": [(set(s.hosts), set(row["hosts"])) for s, row in zip(scans, rows, strict=True)],
        "known": [
            (set(s.hosts), {h for h in row["hosts"] if h in lexicon.registry.by_name})
            for s, row in zip(scans, rows, strict=True)
        ],
        "platforms": [(set(s.platforms), set(row["platforms"])) for s, row in zip(scans, rows, strict=True)],
        "targets": [(t, set(row["negative_hosts"])) for t, row in zip(targets, rows, strict=True)],
        "both": [
            (set(j.negative_hosts), set(row["negative_hosts"]))
            for j, row in zip(judgements, rows, strict=True)
        ],
    }
    asked = (
        ("hosts.precision", "hosts", "precision", 0.97),
        ("hosts.recall-known", "known", "recall", 0.95),
        ("hosts.recall-all", "hosts", "recall", 0.85),
        ("negative-hosts.f1", "targets", "f1", 0.85),
        ("negative-hosts.f1-judged", "both", "f1", None),
        ("platforms.precision", "platforms", "precision", None),
        ("platforms.recall", "platforms", "recall", None),
    )
    return [
        resampled(f"livestream-dev.{name}", sets[which], of, goal, data=digest, left_out=False)
        for name, which, of, goal in asked
    ]


def _measured(reads: Sequence[Read], judge: Judge) -> list[Figure]:
    """Hosts in all texts and in bare titles; accused brands; the roles of those not accused."""
    if not reads:
        return []
    digest = data_hash(LABELS)
    found = judge.judge([read.content for read in reads])
    rows = list(zip(reads, found, strict=True))
    hosts = [(set(j.hosts), set(r.labels.hosts)) for r, j in rows]
    titles = [pair for pair, (r, _) in zip(hosts, rows, strict=True) if r.labels.kind == "title"]
    brands = [(set(j.negative_brands or ()), _gold(r, r.labels.brands)) for r, j in rows]
    # Roles as if the polarity were known: asked of the judge's own parts, text by text.
    model, reader = RoleModel.load(), Reader()
    known = [
        (_accuse(model, reader, r.content, Kind.BRAND), _gold(r, r.labels.brands))
        for r, _ in rows
        if r.labels.polarity == "neg"
    ]
    roles = [
        ({f"{name}:{role}" for name, role in (j.roles or {}).items() if name in r.labels.roles},
         {f"{name}:{role}" for name, role in r.labels.roles.items() if name in (j.roles or {})})
        for r, j in rows
    ]  # fmt: skip
    return [
        resampled("measured.hosts.precision", hosts, "precision", 0.97, data=digest),
        resampled("measured.hosts.recall", hosts, "recall", 0.90, data=digest),
        resampled("measured-titles.hosts.precision", titles, "precision", 0.97, data=digest),
        resampled("measured-titles.hosts.recall", titles, "recall", 0.90, data=digest),
        resampled("measured.negative-brands.precision", known, "precision", 0.90, data=digest),
        resampled("measured.negative-brands.recall", known, "recall", 0.70, data=digest),
        resampled("measured.negative-brands.precision-judged", brands, "precision", data=digest),
        resampled("measured.negative-brands.recall-judged", brands, "recall", data=digest),
        resampled("measured.roles.accuracy", roles, "recall", data=digest),
    ]


def _gold(read: Read, names: Sequence[str]) -> set[str]:
    if read.labels.polarity != Polarity.NEG:
        return set()
    return {name for name in names if read.labels.roles.get(name) == Role.ACCUSED}


def _accuse(model: RoleModel, reader: Reader, content: str, kind: Kind) -> set[str]:
    """Names of *kind* accused in a text that is known to be negative."""
    scan, places = reader.scan(content)
    named = model.find(scan, places, negative=True)
    return {one.name for one in named if one.kind is kind and one.role is Role.ACCUSED}


def _accused(data: Path, reads: Sequence[Read], reader: Reader) -> list[Figure]:
    """F1 of ``negative_hosts`` in folds of the training topics, and on all that was left out together."""
    file = data / "livestream" / "train.jsonl"
    train = topics(file)
    cases = [case for text in train for case in reader.cases(text)]
    taught = [case for text in texts_of(read_teaching(data)) for case in reader.cases(text)]
    taught += reader.invented()
    folds: Pairs = []
    for fold in range(FOLDS):
        out = {text.key for number, text in enumerate(train) if number % FOLDS == fold}
        model = learn([*taught, *(case for case in cases if case.key not in out)])
        folds += _pairs(train[fold::FOLDS], model, reader)
    shipped = RoleModel.load()
    rest = [
        *topics(data / "livestream" / "dev.jsonl"),
        *(Text(r.content, frozenset(_gold(r, r.labels.hosts)), frozenset(r.labels.hosts), r.labels.sure, "")
          for r in reads if r.labels.polarity == "neg"),
    ]  # fmt: skip
    others = _pairs(rest, shipped, reader)
    sure = [pair for pair, text in zip(folds, _folded(train), strict=True) if text.sure]
    left = _at_most([*others, *folds])
    digest = data_hash(file)
    return [
        resampled("livestream-train.negative-hosts.f1-folds", sure, "f1", data=digest),
        resampled("measured.negative-hosts.f1", others, "f1", data=data_hash(LABELS)),
        resampled("left-out.negative-hosts.f1", left, "f1", 0.85, data=data_hash(file, LABELS)),
    ]


def _folded(texts: Sequence[Text]) -> list[Text]:
    """The texts in the order in which the folds are judged."""
    return [text for fold in range(FOLDS) for text in texts[fold::FOLDS]]


def _pairs(texts: Iterable[Text], model: RoleModel, reader: Reader) -> Pairs:
    """Hosts that *model* accuses in each text, and those that its reader did."""
    return [(_accuse(model, reader, text.content, Kind.HOST), set(text.accused)) for text in texts]


def _at_most(pairs: Pairs) -> Pairs:
    """The pairs without names of a host that was labelled often enough already."""
    counts: Counter[str] = Counter()
    kept: Pairs = []
    for found, gold in pairs:
        full = {name for name in found | gold if counts[name] >= MOST}
        counts.update(gold - full)
        kept.append((found - full, gold - full))
    return kept
