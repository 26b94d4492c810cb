"""The weights of complaint concepts, learnt from labelled topics, texts read for it and invented complaints.

``python -m fengping.training.complaints DATA`` writes ``concept-weights.toml``. ``complaints.tsv`` holds the
invented texts with their classes; ``complaint-readings.tsv`` the classes of texts that stay where they are:
BLAKE2b-64 of the text, its classes. Triggers were partly written from the labelled texts: in learning, one
that stands in no other text does not count, so that triggers are trusted as far as they carry.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fengping.analysis.concepts import WeightFile
from fengping.analysis.hosts import REGISTRY, HostRegistry
from fengping.analysis.issues import IssueRules, as_triggers
from fengping.analysis.mentions import Lexicon
from fengping.training.readings import candidates, text_hash
from fengping.training.sets import is_data, rows_of

INVENTED = Path(__file__).with_name("complaints.tsv")
READINGS = Path(__file__).with_name("complaint-readings.tsv")
SURE, UNSURE, MADE_UP = 1.0, 0.5, 0.7
"""What a row labelled with certainty, without, or an invented one counts."""
STRENGTH = 1.0
"""Inverse of the L2 penalty."""
ADD, KEEP = 0.4, 0.05
"""Thresholds, chosen in folds of the training topics."""
FEW = 15
"""Labels below which a class's triggers are not doubted."""
LEAST = 3
"""Rows in which a feature must hold, and a class must be labelled, to be learnt."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A negative text and its classes."""

    text: str
    classes: frozenset[str]
    weight: float
    invented: bool = False


def read_lessons(data: Path) -> list[Lesson]:
    """Negative training topics, texts of the streams that were read, and the invented complaints."""
    lessons = [
        Lesson(row["text"], frozenset(row["issues"]), SURE if row["sure"] else UNSURE)
        for row in rows_of(data / "livestream" / "train.jsonl")
        if row["polarity"] == "neg"
    ]
    known = {key: frozenset(classes) for key, classes in _pairs(READINGS)}
    texts = {
        text: None
        for path in sorted((data / "streams").iterdir())
        if is_data(path)
        for row in rows_of(path)
        for text in candidates(row)
        if text_hash(text) in known
    }
    lessons += [Lesson(text, known[text_hash(text)], SURE) for text in texts]
    return lessons + [
        Lesson(text, frozenset(classes), MADE_UP, invented=True) for text, classes in _invented()
    ]


def _pairs(path: Path) -> Iterable[tuple[str, list[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, second = line.split("\t")
            yield first, [] if second == "-" else second.split(",")


def _invented() -> Iterable[tuple[str, list[str]]]:
    for line in INVENTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            classes, text = line.split("\t")
            yield text, [] if classes == "-" else classes.split(",")


@dataclass(frozen=True, slots=True)
class Case:
    """A lesson with what holds of it."""

    lesson: Lesson
    features: frozenset[str]
    triggered: frozenset[str]
    """Classes of the triggers that count in learning."""


def prepare(lessons: Sequence[Lesson], rules: IssueRules) -> list[Case]:
    """The features of each lesson; a trigger that stands in no other lesson is left out."""
    lexicon = Lexicon(HostRegistry.load(), rules.words)
    scans = [lexicon.scan(lesson.text) for lesson in lessons]
    readings = [rules.read(scan) for scan in scans]
    standing = Counter((hit.code, hit.trigger) for reading in readings for hit in reading.hits)
    cases = []
    for lesson, scan, reading in zip(lessons, scans, readings, strict=True):
        carried = [hit for hit in reading.hits if lesson.invented or standing[hit.code, hit.trigger] > 1]
        places = rules.concepts.find(scan, reading.silent)
        features = rules.concepts.features(scan, places, as_triggers(carried))
        cases.append(Case(lesson, frozenset(features), frozenset(hit.code for hit in carried)))
    return cases


def learn(cases: Sequence[Case], codes: Sequence[str]) -> WeightFile:
    """Logistic weights of the features for each class."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    count = Counter(feature for case in cases for feature in case.features)
    names = sorted(name for name, number in count.items() if number >= LEAST)
    column = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(cases), len(names)), np.float32)
    for row, case in enumerate(cases):
        matrix[row, [column[name] for name in case.features if name in column]] = 1
    weight = np.array([case.lesson.weight for case in cases])
    bias, columns = [], []
    for code in codes:
        said = np.array([code in case.lesson.classes for case in cases])
        if said.sum() < LEAST:
            bias.append(-9.0)
            columns.append(np.zeros(len(names)))
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=400)
        model.fit(matrix, said, sample_weight=weight)
        bias.append(round(float(model.intercept_[0]), 3))
        columns.append(model.coef_[0])
    rows = np.round(np.array(columns).T, 2)
    return WeightFile(
        version=1,
        add=ADD,
        keep=KEEP,
        trusted=tuple(c for c in codes if sum(c in case.lesson.classes for case in cases) < FEW),
        codes=tuple(codes),
        bias=tuple(bias),
        weight={name: tuple(map(float, rows[at])) for at, name in enumerate(names)},
    )


def as_toml(file: WeightFile, lessons: int) -> str:
    """*file* as it is kept in the registry."""
    trusted, codes = (", ".join(f'"{code}"' for code in of) for of in (file.trusted, file.codes))
    lines = [
        f"# Weights of the concepts for each class, learnt from {lessons} negative texts by",
        "# `python -m fengping.training.complaints`. add: a class as probable as this counts without a",
        "# trigger; keep: a class less probable than this does not count in spite of one, unless trusted.",
        "",
        f"version = {file.version}",
        f"add = {file.add}",
        f"keep = {file.keep}",
        f"trusted = [{trusted}]",
        f"codes = [{codes}]",
        f"bias = {list(file.bias)}",
        "",
        "[weight]",
    ]
    lines += [f'"{name}" = {list(row)}' for name, row in file.weight.items()]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Learns from the data folder named and writes the weights."""
    rules = IssueRules.load()
    lessons = read_lessons(Path(arguments[0]))
    file = learn(prepare(lessons, rules), tuple(rules.names))
    (REGISTRY / "concept-weights.toml").write_text(as_toml(file, len(lessons)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
