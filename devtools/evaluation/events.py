"""Pairs of documents about one happening or not, against labels made by reading.

The labels stand beside this module as hashes; the texts stay in the measuring data. Weights are learnt from
the first reading; the second says how far two readers agree, and how the decision does where they do. Run as
a module with a folder of measuring data, it learns the weights of :mod:`fengping.events.matching` anew and
writes them.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from devtools.evaluation import affairs, data_hash, hot_affairs, matters, proportion, readers
from devtools.training.readings import text_hash
from fengping.analysis import Judge
from fengping.analysis.figures import Figure
from fengping.clock import parse_moment
from fengping.config import AnalysisConfig
from fengping.events.building.candidates import member_of, told
from fengping.events.matching import Told, kernel, log_odds
from fengping.events.matching.kernel import FEATURES, Array
from fengping.events.matching.match import WEIGHTS, pair_features
from fengping.events.matching.sketch import Part
from fengping.models import Document, Precision, RawDocument

PAIRS = Path(__file__).with_name("events-pairs.tsv")
SECOND = Path(__file__).with_name("events-pairs-second.tsv")
STREAMS = (
    "streams/weibo-first-seen-2020-2021.csv.gz", "streams/weibo-hot-2020-double11.csv.gz",
    "streams/weibo-topics-2024-2025.jsonl.gz",
    "more/posts-weibo-consumer-2026-08.csv.gz", "more/posts-weibo-general-2026-08.csv.gz",
)  # fmt: skip
FOLDS = 10
ASKED_PRECISION = 0.90


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the measuring data as the labels' reader saw it."""

    time: str
    text: str

    @property
    def key(self) -> str:
        """The hash it is labelled under."""
        return text_hash(f"{self.time}\0{self.text}")


class Label(NamedTuple):
    """A reader's label of a pair."""

    same: bool
    """True for two documents of one happening."""
    sure: bool


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs with what is measured of them."""

    texts: list[tuple[str, str]]
    found: Array
    apart: NDArray[np.bool_]
    """Charges against others, or on other matters of one."""
    same: NDArray[np.bool_]
    sure: NDArray[np.bool_]


def rows(data: Path) -> Iterator[Row]:
    """Every row of the streams and posts that the labels were drawn from."""
    for name in STREAMS:
        with gzip.open(data / name, "rt", encoding="utf-8", newline="") as file:
            if ".jsonl" in name:
                for line in file:
                    row = orjson.loads(line)
                    text = f"#{row['title']}# {row['description']}".strip()
                    yield Row(f"{row['date']} {row['hour'].zfill(2)}:00", text)
            else:
                for row in csv.DictReader(file):
                    yield Row(
                        row.get("time") or row.get("first_seen") or row["date"],
                        row.get("text") or row["title"],
                    )


def read_pairs(data: Path) -> Pairs:
    """The labelled pairs whose texts are in *data*; every one must be."""
    labels = read_labels(PAIRS)
    by_key, sketched = read_told(rows(data), {key for pair in labels for key in pair})
    return Pairs(
        [(by_key[a].text, by_key[b].text) for a, b in labels],
        pair_features([(sketched[a], sketched[b]) for a, b in labels]),
        np.array([log_odds(sketched[a], sketched[b]) <= kernel.OTHER for a, b in labels]),
        np.array([label.same for label in labels.values()]),
        np.array([label.sure for label in labels.values()]),
    )


def read_told(rows: Iterable[Row], keys: Collection[str]) -> tuple[dict[str, Row], dict[str, Told]]:
    """Those of *rows* that have one of the *keys*, and the same as they are compared."""
    by_key = {row.key: row for row in rows if row.key in keys}
    return by_key, dict(zip(by_key, as_told([*by_key.values()]), strict=True))


def read_labels(file: Path) -> dict[tuple[str, str], Label]:
    """A reader's labels, by the hashes of either document as the file names them."""
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {(a, b): Label(same == "1", sure == "1") for a, b, same, sure in lines}


def as_told(found: Sequence[Row]) -> list[Told]:
    """Rows as the event builder meets documents that the quick reader has read."""
    judged = Judge.load(AnalysisConfig()).judge([row.text for row in found])
    made = []
    for row, judgement in zip(found, judged, strict=True):
        at, precision = moment_of(row.time), Precision.DAY if len(row.time) == 10 else Precision.MINUTE
        raw = RawDocument("0" * 32, "", row.text, at, published_at=at, precision=precision)
        document = Document(raw, judgement, raw.id, True, at)
        one = told(document, member_of(document))
        made.append(one if Part.CHARGED in one.part else replace(one, parties=judgement.hosts))
    return made


def moment_of(time: str) -> datetime:
    """A time as the data write it, without a zone: Chinese time."""
    return parse_moment(time)


def measure(data: Path) -> list[Figure]:
    """Precision and recall of the learnt decision in folds, beside equal titles and plain cosine."""
    pairs = read_pairs(data)
    digest = data_hash(PAIRS)
    decided = decided_out_of_fold(pairs)
    figures = []
    for name, chosen in (("sure", pairs.sure), ("all", np.ones(len(pairs.same), np.bool_))):
        asked = (0.90, 0.75) if name == "sure" else (None, None)
        figures += _figures(f"events.pairs.{name}", decided[chosen], pairs.same[chosen], digest, asked)
        tags = pairs.found[chosen, FEATURES.index("same_tag")] > 0
        figures += _figures(f"events.pairs.{name}.equal-titles", tags, pairs.same[chosen], digest)
        cosine = pairs.found[chosen, FEATURES.index("alike")]
        figures += _figures(
            f"events.pairs.{name}.cosine",
            cosine > _best_cut(cosine, pairs.same[chosen]),
            pairs.same[chosen],
            digest,
        )
    figures += read_twice(read_labels(PAIRS), read_labels(SECOND), decided)
    titles = (Row(row["day"], row["title"]) for row in hot_affairs.rows(data))
    _, told = read_told(chain(rows(data), titles), {line.key for line in matters.read_labels()})
    return [*figures, *matters.measure(told), *affairs.measure(data)]


def read_twice(
    first: Mapping[tuple[str, str], Label],
    second: Mapping[tuple[str, str], Label],
    decided: NDArray[np.bool_],
) -> list[Figure]:
    """Agreement of two readers, and the decision on each pair of *first* where they agree.

    ``sure``: the pairs that both had no doubt about; ``settled``: those that both call alike; ``second``:
    all by the second reader's labels alone.
    """
    digest = data_hash(PAIRS, SECOND)
    ones, twos = list(first.values()), [second[pair] for pair in first]
    one, two = (np.array([label.same for label in labels]) for labels in (ones, twos))
    alike = one == two
    every = np.ones_like(alike)
    sure = np.array([a.sure and b.sure for a, b in zip(ones, twos, strict=True)])
    figures: list[Figure] = []
    for name, chosen in (("sure", sure), ("all", every)):
        labels = [(str(a), str(b)) for a, b in zip(one[chosen], two[chosen], strict=True)]
        figures += readers.agreement(f"events.readers.{name}", labels, digest)
    for name, chosen in (("settled-sure", alike & sure), ("settled", alike), ("second", every)):
        figures += _figures(f"events.pairs.{name}", decided[chosen], two[chosen], digest)
    return figures


def _figures(
    name: str, found: Array, same: Array, digest: str, asked: tuple[float | None, float | None] = (None, None)
) -> list[Figure]:
    right = int((found & same).sum())
    return [
        proportion(f"{name}.{rate}", right, int(of.sum()), digest, promise)
        for rate, of, promise in zip(("precision", "recall"), (found, same), asked, strict=True)
    ]


def _best_cut(values: Array, same: Array) -> float:
    """The cut with the best F1, chosen on the very pairs: as kind to the plain measure as can be."""
    cuts = np.unique(values)
    f1 = [2 * (same & (values > cut)).sum() / max(1, same.sum() + (values > cut).sum()) for cut in cuts]
    return float(cuts[int(np.argmax(f1))])


def decided_out_of_fold(pairs: Pairs) -> NDArray[np.bool_]:
    """Decision on each pair by weights and a threshold that were both found on the other folds alone."""
    decided = np.zeros(len(pairs.same), np.bool_)
    for learn_on, judge_on in _folds(pairs.found, pairs.same):
        others = pairs.found[learn_on], pairs.same[learn_on], pairs.sure[learn_on]
        weights, (_, threshold) = fit(*others[:2]), out_of_fold(*others)
        decided[judge_on] = pairs.found[judge_on] @ weights[:-1] + weights[-1] > threshold
    return decided & ~pairs.apart


def out_of_fold(found: Array, same: NDArray[np.bool_], sure: NDArray[np.bool_]) -> tuple[Array, float]:
    """Log odds of each pair by weights that never saw it, and the threshold for the asked precision."""
    odds = np.zeros(len(same))
    for learn_on, judge_on in _folds(found, same):
        weights = fit(found[learn_on], same[learn_on])
        odds[judge_on] = found[judge_on] @ weights[:-1] + weights[-1]
    return odds, _threshold(odds[sure], same[sure])


def _folds(found: Array, same: NDArray[np.bool_]) -> Iterator[tuple[Array, Array]]:
    from sklearn.model_selection import StratifiedKFold

    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(found, same)


def fit(found: Array, same: Array) -> NDArray[np.float64]:
    """Weights of a logistic regression, the intercept last."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = found.mean(0), found.std(0) + 1e-9
    model = LogisticRegression(C=0.3, max_iter=2000).fit((found - mean) / spread, same)
    weights = model.coef_[0] / spread
    return np.append(weights, model.intercept_[0] - weights @ mean)


def _threshold(odds: Array, same: Array) -> float:
    """The lowest log odds from which on the asked precision holds."""
    order = np.argsort(-odds)
    precision = np.cumsum(same[order]) / np.arange(1, len(order) + 1)
    last = int(np.flatnonzero(precision >= ASKED_PRECISION)[-1])
    return float(odds[order[last]]) - 1e-6


def learn(data: Path) -> None:
    """Learns the weights from all pairs and writes them; the threshold comes from the folds."""
    pairs = read_pairs(data)
    _, threshold = out_of_fold(pairs.found, pairs.same, pairs.sure)
    weights = fit(pairs.found, pairs.same)
    lines = [
        "# Written by: python -m devtools.evaluation.events DATA. Learnt on 600 pairs read.",
        "version = 1",
        f"intercept = {weights[-1]:.4f}",
        f"threshold = {threshold:.3f}",
        "",
        "[weights]",
        *(f"{name} = {weight:.4f}" for name, weight in zip(FEATURES, weights, strict=False)),
    ]
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    learn(Path(sys.argv[1]))
