"""The weights of acts, learnt from texts that were read.

``python -m devtools.training.acts DATA`` writes ``registry/acts.npz``. It learns from the labels
that teach (``labels.tsv``), from texts read for these alone (``roles.tsv``, the same columns) and from the
invented plain cases of ``act-lessons.tsv``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from devtools.training.labels import LABELS, Read, join, read_labels
from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.acts.model import ACTS, MODEL, ActModel, Features, Mood, Weights, scores
from fengping.analysis.complaints import Grams, grams_of
from fengping.analysis.complaints.grams import Codes, Hashes
from fengping.analysis.hosts import REGISTRY
from fengping.analysis.polarity import PolarityModel
from fengping.models import Act

if TYPE_CHECKING:
    from scipy import sparse

ROLES = Path(__file__).with_name("roles.tsv")
"""Texts read for act and roles; what they say of relevance and classes was not read."""
LESSONS = Path(__file__).with_name("act-lessons.tsv")
FOLDERS = ("more", "streams")
"""Folders of the data that hold the texts."""
LEAST = 3
"""Texts in which a feature must hold to be learnt."""
GRAM, PAIR, MIND = 0.3, 0.5, 0.7
"""Weight of a run of characters, of a pair of words and of a word beside its polarity, each beside a word."""
BALANCE = 0.5
"""Power to which a rare act counts more."""
PLAIN = 2.0
"""Weight of an invented case beside a text that was read."""
STRENGTH = 1.0
"""Inverse of the L2 penalty."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text's features and its act."""

    features: Features
    act: Act
    weight: float = 1.0


def read_teaching(data: Path) -> list[Read]:
    """The texts of the labels that teach acts and roles, as far as *data* holds them; first readers."""
    registry = HostRegistry.load()
    names = [one.name for one in (*registry.hosts, *registry.brands)]
    files = [path for folder in FOLDERS for path in sorted((data / folder).iterdir())]
    labels = [
        (text, said)
        for path in (LABELS, ROLES)
        for text, said in read_labels(path)
        if said.reader == 1 and said.draw != "hard"
    ]
    return join(files, labels, names)


def prepare(reads: Sequence[Read], model: ActModel) -> list[Case]:
    """The features of each text, with the polarity that the shipped model judges."""
    lexicon = Lexicon(HostRegistry.load(), model.words)
    verdicts = PolarityModel.load().predict([read.content for read in reads])
    moods = zip(
        verdicts.negative.tolist(), verdicts.positive.tolist(), verdicts.relevant.tolist(), strict=True
    )
    scans = [lexicon.scan(read.content) for read in reads]
    return [
        Case(model.features(scan, Mood(*mood), model.places(scan)), Act(read.labels.act))
        for read, scan, mood in zip(reads, scans, moods, strict=True)
    ]


def invented(model: ActModel) -> list[Case]:
    """The invented plain cases, with the polarity that they are said to have."""
    lexicon = Lexicon(HostRegistry.load(), model.words)
    cases = []
    for line in LESSONS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            act, negative, text = line.split("\t")
            scan = lexicon.scan(text)
            mood = Mood(0.9, 0.02, "直播" in text) if negative == "1" else Mood(0.03, 0.1, "直播" in text)
            cases.append(Case(model.features(scan, mood, model.places(scan)), Act(act), PLAIN))
    return cases


def learn(cases: Sequence[Case]) -> Weights:
    """Logistic weights for each act against all others."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    count = Counter(name for case in cases for name in case.features.named)
    names = tuple(sorted(name for name, number in count.items() if number >= LEAST))
    at = {name: column for column, name in enumerate(names)}
    strength = np.array([_strength(name) for name in names])
    zones = [_runs([case.features.lead for case in cases]), _runs([case.features.rest for case in cases])]
    blocks: list[sparse.csr_matrix] = [
        _matrix([[at[n] for n in case.features.named if n in at] for case in cases], len(names), strength),
        sparse.csr_matrix(np.array([case.features.numbers for case in cases])),
        *(_matrix(rows, len(keys), np.full(len(keys), GRAM)) for keys, rows in zones),
    ]
    matrix = sparse.hstack(blocks).tocsr()
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    said = np.array([ACTS.index(case.act) for case in cases])
    sizes = np.bincount(said, minlength=len(ACTS))
    weight = (len(cases) / len(ACTS) / np.maximum(sizes, 1))[said] ** BALANCE
    weight *= np.array([case.weight for case in cases])
    columns, bias = [], []
    for act in range(len(ACTS)):
        model = LogisticRegression(
            C=STRENGTH, solver="liblinear", dual=True, tol=1e-3, max_iter=1000, random_state=0
        )
        model.fit(matrix, said == act, sample_weight=weight)
        columns.append(model.coef_[0])
        bias.append(float(model.intercept_[0]))
    weights = np.array(columns, np.float32).T
    named = len(names) + len(cases[0].features.numbers)
    weights[: len(names)] *= strength[:, None]
    grams, start = [], named
    for keys, _ in zones:
        grams.append(Grams.rounded(keys, GRAM * weights[start : start + len(keys)]))
        start += len(keys)
    return Weights(names, weights[:named], np.array(bias, np.float32), grams[0], grams[1])


def _strength(name: str) -> float:
    return PAIR if "+" in name else MIND if "&" in name else 1.0


def _runs(texts: Iterable[Codes]) -> tuple[Hashes, list[npt.NDArray[np.int64]]]:
    """The runs that stand in enough of *texts*, sorted, and which of them each text has."""
    grams = [grams_of(codes) for codes in texts]
    keys, numbers = np.unique(np.concatenate(grams), return_counts=True)
    keys = keys[numbers >= LEAST]
    return keys, [np.flatnonzero(np.isin(keys, found, assume_unique=True)) for found in grams]


def _matrix(
    rows: Sequence[Sequence[int] | npt.NDArray[np.int64]], width: int, values: npt.NDArray[np.float64]
) -> sparse.csr_matrix:
    from scipy import sparse

    columns = np.concatenate([np.asarray(row, int) for row in rows])
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((values[columns], columns, ends), shape=(len(rows), width))


def judge(weights: Weights, case: Case) -> Act:
    """The act that *weights* give."""
    return ACTS[int(scores(weights, [case.features])[0].argmax())]


def main(arguments: Sequence[str]) -> None:
    """Learns from the data folder named and writes the weights."""
    model = ActModel.load(weighed=False)
    cases = prepare(read_teaching(Path(arguments[0])), model)
    learn([*cases, *invented(model)]).save(REGISTRY / MODEL)


if __name__ == "__main__":
    main(sys.argv[1:])
