"""Hosts, those the negative is directed at, and platforms, on livestream topics labelled by reading.

Measured on rows whose labels are sure. ``negative_hosts`` twice: with the polarity that was labelled, and
with the one the judge gives. The ``train`` figure is what cross-validation of the role weights gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengping.analysis import Judge, Lexicon
from fengping.analysis.figures import Figure
from fengping.analysis.hosts.roles import host_features, negative_hosts
from fengping.config import AnalysisConfig
from fengping.lab.evaluation import data_hash
from fengping.models import Judgement

FOLDS = 10


@dataclass(slots=True)
class Tally:
    """Hits and misses of sets of labels, added up over texts."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

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


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Labelled rows that are sure."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [row for row in rows if row["sure"]]


def judged(rows: Sequence[dict[str, Any]]) -> list[Judgement]:
    """Judge each row with the shipped judge."""
    return Judge.load(AnalysisConfig()).judge([row["text"] for row in rows])


def measure(data: Path) -> list[Figure]:
    """Figures on ``livestream/dev.jsonl`` and, for the role weights, folds of ``livestream/train.jsonl``."""
    file = data / "livestream" / "dev.jsonl"
    rows, digest = read_rows(file), data_hash(file)
    lexicon = Lexicon.load()
    hosts, known, platforms, targets, both = Tally(), Tally(), Tally(), Tally(), Tally()
    for row, judgement in zip(rows, judged(rows), strict=True):
        scan = lexicon.scan(row["text"])
        hosts.add(scan.hosts, row["hosts"])
        known.add(scan.hosts, (h for h in row["hosts"] if h in lexicon.registry.by_name))
        platforms.add(scan.platforms, row["platforms"])
        found = negative_hosts(scan, negative=row["polarity"] == "neg")
        targets.add((target.name for target in found), row["negative_hosts"])
        both.add(judgement.negative_hosts, row["negative_hosts"])
    name = "livestream-dev"
    return [
        Figure(f"{name}.hosts.precision", hosts.precision, hosts.right + hosts.wrong, 0.97, data=digest),
        Figure(f"{name}.hosts.recall-known", known.recall, known.gold, 0.95, data=digest),
        Figure(f"{name}.hosts.recall-all", hosts.recall, hosts.gold, 0.85, data=digest),
        Figure(f"{name}.negative-hosts.f1", targets.f1, targets.gold, 0.85, data=digest),
        Figure(f"{name}.negative-hosts.f1-judged", both.f1, both.gold, data=digest),
        Figure(
            f"{name}.platforms.precision", platforms.precision, platforms.right + platforms.wrong, data=digest
        ),
        Figure(f"{name}.platforms.recall", platforms.recall, platforms.gold, data=digest),
        _folds(data / "livestream" / "train.jsonl", lexicon),
    ]


def _folds(file: Path, lexicon: Lexicon) -> Figure:
    """F1 of ``negative_hosts`` when the weights are learnt on nine tenths and judged on the rest."""
    rows = [row for row in read_rows(file) if row["polarity"] == "neg"]
    cases = [
        (number, set(features), host in row["negative_hosts"])
        for number, row in enumerate(rows)
        for host, features in host_features(lexicon.scan(row["text"])).items()
        if host in row["hosts"]
    ]
    tally = Tally()
    for fold in range(FOLDS):
        weights = learn([(f, said) for number, f, said in cases if number % FOLDS != fold])
        for number, features, said in cases:
            if number % FOLDS == fold:
                guess = sum(weights.get(feature, 0.0) for feature in features) > 0
                tally.add(["it"] if guess else [], ["it"] if said else [])
    return Figure("livestream-train.negative-hosts.f1-folds", tally.f1, tally.gold, data=data_hash(file))


def learn(cases: Sequence[tuple[set[str], bool]], *, strength: float = 1.0) -> dict[str, float]:
    """Logistic weights of the features of :func:`host_features`, for ``registry/targets.toml``.

    *cases*: the features that hold for a host in a negative text, and whether the negative is directed at
    it. *strength*: inverse of the L2 penalty. Features that hold in fewer than three cases are left out.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    counts: dict[str, int] = {}
    for features, _ in cases:
        for feature in features:
            counts[feature] = counts.get(feature, 0) + 1
    names = sorted(name for name, count in counts.items() if count >= 3)
    matrix = np.array([[name in features for name in names] for features, _ in cases], dtype=float)
    model = LogisticRegression(C=strength, fit_intercept=False, max_iter=2000)
    model.fit(matrix, [said for _, said in cases])
    return dict(zip(names, model.coef_[0].tolist(), strict=True))
