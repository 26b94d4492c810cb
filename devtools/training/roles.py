"""The weights of roles, learnt from texts that were read.

``python -m devtools.training.roles DATA`` writes ``registry/roles.npz``. It learns who is accused
from the negative texts among the training topics (hosts alone), among labels that teach (hosts, brands), and
from the invented texts of ``role-lessons.tsv``, once for hosts and once for brands.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from devtools.training.acts import read_teaching
from devtools.training.labels import Read
from devtools.training.sets import rows_of
from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.acts.model import ActModel
from fengping.analysis.hosts import REGISTRY, Kind, RoleModel
from fengping.analysis.hosts.role_features import Marked, features, runs
from fengping.analysis.hosts.roles import KINDS, MODEL, RUN, both, key
from fengping.analysis.mentions import Mention, Scan
from fengping.analysis.text.sentences import Places

LESSONS = Path(__file__).with_name("role-lessons.tsv")
UNSURE, INVENTED = 0.5, 2.0
"""Weights of a text whose reader was not sure, and of an invented one: as plain as texts are."""
OF_KIND = 0.5
"""Weight of a cue for hosts or brands alone, beside the same cue for both."""
LEAST = 2
"""Names around which a run must stand to be learnt."""
STRENGTH = 0.2
"""Inverse of the L2 penalty."""

_MARKED = re.compile(r"(\[[^]]+\]|\([^)]+\))")


@dataclass(frozen=True, slots=True)
class Text:
    """A negative text, those it accuses and those it names beside them."""

    content: str
    accused: frozenset[str]
    named: frozenset[str]
    sure: bool
    key: str
    """The same for texts that must be learnt or measured together."""


@dataclass(frozen=True, slots=True)
class Case:
    """A name in a text, what holds of it, and what was read of it."""

    kind: Kind
    name: str
    cues: tuple[str, ...]
    runs: frozenset[str]
    accused: bool
    weight: float
    key: str


class Reader:
    """Scans texts as the judge does."""

    def __init__(self) -> None:
        self.acts = ActModel.load(weighed=False)
        self.lexicon = Lexicon(HostRegistry.load(), self.acts.words)

    def scan(self, content: str) -> tuple[Scan, Places]:
        scan = self.lexicon.scan(content)
        return scan, self.acts.places(scan)

    def cases(self, text: Text) -> Iterator[Case]:
        """The names of a text that its reader listed and the lexicon finds."""
        scan, places = self.scan(text.content)
        for kind in KINDS:
            for name, found in features(scan, kind, places).items():
                if name in text.named:
                    weight = 1.0 if text.sure else UNSURE
                    said = name in text.accused
                    around = frozenset(runs(Marked.of(scan), name))
                    yield Case(kind, name, tuple(found), around, said, weight, text.key)

    def invented(self) -> Iterator[Case]:
        """The names of the invented texts."""
        for line in LESSONS.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            told, _, only = line.partition("\t")
            text, spots = _marked(told)
            for kind in [kind for kind in KINDS if only in ("", kind.name.lower())]:
                mentions = tuple(Mention(kind, text[s:e], text[s:e], s, e) for s, e, _ in spots)
                scan = replace(self.lexicon.scan(text), mentions=mentions)
                accused = {text[s:e] for s, e, said in spots if said}
                for name, found in features(scan, kind, self.acts.places(scan)).items():
                    around = frozenset(runs(Marked.of(scan), name))
                    yield Case(kind, name, tuple(found), around, name in accused, INVENTED, line)


def _marked(line: str) -> tuple[str, list[tuple[int, int, bool]]]:
    """An invented text without its marks, and where its names stand and whether they are accused."""
    text, spots = "", []
    for part in _MARKED.split(line):
        if part[:1] in ("[", "("):
            spots.append((len(text), len(text) + len(part) - 2, part[0] == "["))
            part = part[1:-1]
        text += part
    return text, spots


def topics(file: Path) -> list[Text]:
    """The negative texts of a file of topics, in which hosts alone were read."""
    return [
        Text(
            row["text"],
            frozenset(row["negative_hosts"]),
            frozenset(row["hosts"]),
            row["sure"],
            row["text"][:12],
        )
        for row in rows_of(file)
        if row["polarity"] == "neg"
    ]


def texts_of(reads: Sequence[Read]) -> list[Text]:
    """The negative texts among *reads*."""
    return [
        Text(
            read.content,
            frozenset(name for name, role in read.labels.roles.items() if role == "accused"),
            frozenset((*read.labels.hosts, *read.labels.brands)),
            read.labels.sure,
            read.content[:12],
        )
        for read in reads
        if read.labels.polarity == "neg"
    ]


def learn(cases: Sequence[Case]) -> RoleModel:
    """Logistic weights of cues and runs."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    count = Counter(run for case in cases for run in case.runs)
    columns: dict[str, int] = {}
    data, indices, ends = [], [], [0]
    for case in cases:
        mine = {
            name: size
            for cue in case.cues
            for name, size in zip(both(case.kind, cue), (1.0, OF_KIND), strict=True)
        }
        mine |= {run: RUN for run in case.runs if count[run] >= LEAST}
        for name, size in mine.items():
            indices.append(columns.setdefault(name, len(columns)))
            data.append(size)
        ends.append(len(indices))
    shape = len(cases), len(columns)
    matrix = sparse.csr_matrix((data, np.array(indices, np.int32), np.array(ends, np.int32)), shape=shape)
    model = LogisticRegression(
        C=STRENGTH, solver="liblinear", dual=True, fit_intercept=False, max_iter=3000, random_state=0
    )
    model.fit(matrix, [case.accused for case in cases], sample_weight=[case.weight for case in cases])
    sizes = np.array(
        [RUN if name in count else OF_KIND if not name.startswith("c:") else 1.0 for name in columns]
    )
    weights = (model.coef_[0] * sizes).tolist()
    return RoleModel({key(name): weight for name, weight in zip(columns, weights, strict=True)})


def save(model: RoleModel, path: Path) -> None:
    """Writes the weights as hashes and halves; those that say nothing are left out."""
    kept = sorted((number, weight) for number, weight in model.weights.items() if abs(weight) >= 0.002)
    keys = np.array([number for number, _ in kept], np.uint32)
    np.savez_compressed(path, keys=keys, weights=np.array([weight for _, weight in kept], np.float16))


def main(arguments: Sequence[str]) -> None:
    """Learns from the data folder named and writes the weights."""
    data, reader = Path(arguments[0]), Reader()
    texts = topics(data / "livestream" / "train.jsonl") + texts_of(read_teaching(data))
    cases = [case for text in texts for case in reader.cases(text)]
    save(learn([*cases, *reader.invented()]), REGISTRY / MODEL)


if __name__ == "__main__":
    main(sys.argv[1:])
