"""The weights of complaint concepts and runs of characters, learnt from labelled and invented complaints.

``python -m devtools.training.complaints DATA`` writes ``concept-weights.toml`` and
``complaint-grams.npz``.
``complaints.tsv`` holds invented texts with their classes; ``complaint-readings.tsv`` the classes of texts
that stay where they are: BLAKE2b-64 of the text, its classes, ``fresh`` where no trigger was written from it.
Triggers were partly written from the other labelled texts: in learning, one that stands in no other text does
not count, so that triggers are trusted as far as they carry.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from devtools.training.labels import Read, join, read_labels
from devtools.training.readings import candidates, text_hash
from devtools.training.sets import is_data, rows_of
from fengping.analysis import HostRegistry, IssueRules, Lexicon
from fengping.analysis.complaints import SIGHT, Grams, codes_of, grams_of
from fengping.analysis.complaints.classes import as_triggers
from fengping.analysis.complaints.concepts import GRAMS, Concepts, WeightFile
from fengping.analysis.complaints.grams import Codes, Hashes
from fengping.analysis.hosts import REGISTRY

INVENTED = Path(__file__).with_name("complaints.tsv")
READINGS = Path(__file__).with_name("complaint-readings.tsv")
SURE, UNSURE, MADE_UP = 1.0, 0.5, 0.7
"""Weights of a row labelled with certainty, without, and of an invented one."""
OUTSIDE = 0.25
"""Share of its weight that a row keeps which is no matter of selling or consumers: such are never classed."""
STRENGTH = 0.7
"""Inverse of the L2 penalty."""
GRAM = 0.5
"""Weight of a run of characters beside a concept: there are a hundred times as many."""
COMMON = 0.3
"""Runs that stand in more of the texts than this say nothing."""
ADD, KEEP, KEEP_WEAK = 0.25, 0.02, 0.1
ADD_OF = {"C02": 0.5, "C04": 0.35, "C07": 0.4, "C08": 0.5, "C10": 0.35, "C13": 0.4, "C14": 0.7}
"""Thresholds, chosen in folds of the labels that teach; more is asked of classes often added wrongly."""
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
    unseen: bool = False
    """No trigger was written from it: all that stand in it count."""


def read_lessons(data: Path) -> list[Lesson]:
    """Negative training topics, texts of the streams that were read, and the invented complaints."""
    lessons = [
        Lesson(row["text"], frozenset(row["issues"]), _weight(row["sure"], inside=row["relevant"]))
        for row in rows_of(data / "livestream" / "train.jsonl")
        if row["polarity"] == "neg"
    ]
    known = read_readings()
    texts = {
        text: None
        for path in sorted((data / "streams").iterdir())
        if is_data(path)
        for row in rows_of(path)
        for text in candidates(row)
        if text_hash(text) in known
    }
    lessons += [Lesson(text, *known[text_hash(text)]) for text in texts]
    lessons += [
        Lesson(
            read.content,
            frozenset(read.labels.issues),
            _weight(read.labels.sure, inside=read.labels.relevant or read.labels.consumer),
            unseen=True,
        )
        for read in read_taught(data)
    ]
    return lessons + [Lesson(text, frozenset(classes), MADE_UP, unseen=True) for text, classes in _invented()]


def _weight(sure: bool, *, inside: bool) -> float:
    return (SURE if sure else UNSURE) * (1 if inside else OUTSIDE)


def read_taught(data: Path) -> list[Read]:
    """The negative texts of the labels that teach: news, bare titles, posts, complaints of all trades."""
    labels = [one for one in read_labels() if one[1].reader == 1 and one[1].polarity == "neg"]
    return join(
        [path for folder in ("more", "streams") for path in sorted((data / folder).iterdir())], labels
    )


class Noted(NamedTuple):
    """Annotation of a text by a line of the readings; in the order of :class:`Lesson`."""

    classes: frozenset[str]
    weight: float
    fresh: bool


def read_readings() -> dict[str, Noted]:
    """Hash of a text → what was read in it."""
    found = {}
    for line in READINGS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, classes, *fresh = line.split("\t")
            found[key] = Noted(frozenset(() if classes == "-" else classes.split(",")), SURE, bool(fresh))
    return found


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
    """Classes of the triggers that count in learning…"""
    strong: frozenset[str]
    """…and of those that are not weak."""
    remedied: bool
    """Its first sentence states a remedy: no class is added."""
    codes: Codes


def prepare(lessons: Sequence[Lesson], rules: IssueRules) -> list[Case]:
    """The features of each lesson; a trigger that stands in no other lesson is left out."""
    lexicon = Lexicon(HostRegistry.load(), rules.words)
    scans = [lexicon.scan(lesson.text) for lesson in lessons]
    readings = [rules.read(scan) for scan in scans]
    standing = Counter((hit.code, hit.trigger) for reading in readings for hit in reading.hits)
    cases = []
    for lesson, scan, reading in zip(lessons, scans, readings, strict=True):
        carried = [hit for hit in reading.hits if lesson.unseen or standing[hit.code, hit.trigger] > 1]
        places = rules.concepts.find(scan, reading.silent)
        features = rules.concepts.features(scan, places, as_triggers(carried))
        codes = codes_of(scan.folded[:SIGHT], reading.silent)
        triggered = frozenset(hit.code for hit in carried)
        strong = frozenset(hit.code for hit in carried if not hit.weak)
        cases.append(Case(lesson, frozenset(features), triggered, strong, reading.remedied, codes))
    return cases


class Learnt(NamedTuple):
    """The weights of concepts and of runs: good only together."""

    concepts: WeightFile
    grams: Grams


def learn(cases: Sequence[Case], codes: Sequence[str]) -> Learnt:
    """Logistic weights of the features for each class."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    count = Counter(feature for case in cases for feature in case.features)
    names = sorted(name for name, number in count.items() if number >= LEAST)
    column = {name: at for at, name in enumerate(names)}
    grams = [grams_of(case.codes) for case in cases]
    keys, numbers = np.unique(np.concatenate(grams), return_counts=True)
    keys = keys[(numbers >= LEAST) & (numbers <= COMMON * len(cases))]
    held = [[column[name] for name in case.features if name in column] for case in cases]
    runs = [_places(keys, found) + len(names) for found in grams]
    sizes = [(len(some), len(more)) for some, more in zip(held, runs, strict=True)]
    matrix = sparse.csr_matrix(
        (
            np.concatenate([np.repeat([1, GRAM], size) for size in sizes]),
            np.concatenate([part for pair in zip(held, runs, strict=True) for part in pair]).astype(int),
            np.cumsum([0, *map(sum, sizes)]),
        ),
        shape=(len(cases), len(names) + len(keys)),
    )
    weight = np.array([case.lesson.weight for case in cases])
    bias, columns = [], []
    for code in codes:
        said = np.array([code in case.lesson.classes for case in cases])
        if said.sum() < LEAST:
            bias.append(-9.0)
            columns.append(np.zeros(matrix.shape[1]))
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, max_iter=1000, random_state=0)
        model.fit(matrix, said, sample_weight=weight)
        bias.append(round(float(model.intercept_[0]), 3))
        columns.append(model.coef_[0])
    weights = np.array(columns).T
    rows = np.round(weights[: len(names)], 2)
    file = WeightFile(
        version=1,
        add=tuple(ADD_OF.get(code, ADD) for code in codes),
        keep=KEEP,
        keep_weak=KEEP_WEAK,
        trusted=tuple(c for c in codes if sum(c in case.lesson.classes for case in cases) < FEW),
        codes=tuple(codes),
        bias=tuple(bias),
        weight={name: tuple(map(float, rows[at])) for at, name in enumerate(names)},
    )
    return Learnt(file, Grams.rounded(keys, (GRAM * weights[len(names) :]).astype(np.float32)))


def _places(keys: Hashes, found: Hashes) -> npt.NDArray[np.int64]:
    """Return the positions in *keys* (sorted) of those of *found* that are among them."""
    at = np.searchsorted(keys, found)
    return at[keys[np.minimum(at, len(keys) - 1)] == found] if len(keys) else at[:0]


def judge(concepts: Concepts, case: Case) -> set[str]:
    """The classes *concepts* give, with the triggers that count in learning."""
    weighed = concepts.sum(case.features, case.codes)
    added = set() if case.remedied else concepts.adds(weighed)
    return added | {
        code for code in case.triggered if not concepts.doubts(code, weighed, weak=code not in case.strong)
    }


def as_toml(file: WeightFile, lessons: int) -> str:
    """*file* as it is kept in the registry."""
    trusted, codes = (", ".join(f'"{code}"' for code in of) for of in (file.trusted, file.codes))
    lines = [
        f"# Weights of the concepts for each class, learnt from {lessons} negative texts by",
        "# `python -m devtools.training.complaints`. add: a class so probable counts without a",
        "# trigger; keep: a class less probable than this does not count in spite of one (keep_weak: of weak",
        "# ones), unless trusted.",
        "",
        f"version = {file.version}",
        f"add = {list(file.add)}",
        f"keep = {file.keep}",
        f"keep_weak = {file.keep_weak}",
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
    learnt = learn(prepare(lessons, rules), tuple(rules.names))
    (REGISTRY / "concept-weights.toml").write_text(as_toml(learnt.concepts, len(lessons)), encoding="utf-8")
    learnt.grams.save(REGISTRY / GRAMS)


if __name__ == "__main__":
    main(sys.argv[1:])
