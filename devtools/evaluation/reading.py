"""The reading, and today's judge beside it, on texts of the measuring years.

The labels are those of devtools/labelling whose part is ``measure``, each the settled one where two readers
differed. Parties count as found where a mention of theirs lies on the labelled name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from devtools.evaluation import acts as acts_of
from devtools.evaluation import data_hash, proportion
from devtools.evaluation.hosts import Pairs, resampled
from devtools.evaluation.labels import LABELS, measuring
from devtools.evaluation.reading_rows import ROLE, Row, loaded, printed, rows, scored, untaught
from devtools.evaluation.sentiment import calibration_error
from devtools.labelling import store
from devtools.labelling.texts import FILES
from devtools.reading.limits import Scored, to_say
from devtools.training.readings import text_hash
from devtools.training.sets import read_set
from fengping.analysis import Lexicon
from fengping.analysis.figures import Figure
from fengping.analysis.reading import LIMITS, clauses_of
from fengping.analysis.reading.derived import Labels, Sellers, accused, labels_of
from fengping.models import Act, Polarity
from fengping.reading import Party as Found

TITLES, POSTS = ("hot", "title", "list"), ("post", "talk")
GROUPS = {
    "": frozenset(FILES),
    "-titles": {*TITLES},
    "-posts": {*POSTS},
    "-texts": {*FILES} - {*TITLES, *POSTS},
}
"""Kinds of source by which printed claims are counted: the ends of their figures' names."""
FOLDS = 5


def measure(data: Path) -> list[Figure]:
    """All figures of the reading; those of today's judge have ``-judge`` in their names."""
    found = rows(data)
    digest = data_hash(store.FOLDER / "labels.tsv")
    posts = [row for row in found if row.text.source in POSTS]
    return [
        *of_texts(found, digest),
        *_both("posts.negative", posts, digest),
        *_both("untaught.negative", untaught(found, data), digest),
        *_precise(
            "unregistered.accused", [_accused(row, known=False) for row in found], (0.80, 0.65), digest
        ),
        *_roles(found, digest),
        *_printed(found, digest),
        *_reviews(data),
        *_hosts(data),
    ]


def of_texts(found: Sequence[Row], digest: str) -> Iterator[Figure]:
    """Figures for which no reader need be told the parties."""
    named_hot = [row for row in found if row.text.source == "hot" and row.sellers.host]
    yield from _both("hot-hosts.negative", named_hot, digest, (0.85, 0.85))
    yield _f1("hot-hosts.accused.f1", [_accused(row) for row in named_hot], 0.78, digest)
    yield from _both("all.negative", found, digest)
    yield from _clauses(found, digest)
    yield from _labels(found, digest)
    yield from _flags(found, [row for row in found if row.text.source in TITLES], digest)
    yield from _counts(found, digest)


def _both(
    name: str, found: Sequence[Row], digest: str, asked: tuple[float | None, float | None] = (None, None)
) -> Iterable[Figure]:  # fmt: skip
    """Precision and recall of negative, by the reading and by today's judge."""
    said = (
        ("", [row.reading.negative >= LIMITS["negative"].search for row in found]),
        ("-judge", [row.judged.polarity is Polarity.NEG for row in found]),
    )
    for suffix, negative in said:
        pairs: Pairs = [
            ({"n"} if one else set(), {"n"} if row.gold.polarity == "neg" else set())
            for one, row in zip(negative, found, strict=True)
        ]
        yield from _precise(f"{name}{suffix}", pairs, asked, digest)


def _precise(
    name: str, pairs: Pairs, asked: tuple[float | None, float | None], digest: str
) -> Iterable[Figure]:  # fmt: skip
    yield resampled(f"reading.{name}.precision", pairs, "precision", asked[0], data=digest)
    yield resampled(f"reading.{name}.recall", pairs, "recall", asked[1], data=digest)


def _f1(name: str, pairs: Pairs, asked: float | None, digest: str) -> Figure:
    return resampled(f"reading.{name}", pairs, "f1", asked, data=digest)


def _accused(row: Row, *, known: bool | None = None) -> tuple[set[str], set[str]]:
    """Accused parties, found and labelled, each by the place of the labelled name, or of its own."""
    gold = {
        str(party.start)
        for party, listed in zip(row.gold.parties, row.known, strict=True)
        if "A" in party.roles and (known is None or listed is known)
    }
    found = set()
    for one in filter(accused, row.reading.parties):
        place, listed = _place(row, one)
        if known is None or listed is known:
            found.add(place)
    return found, gold


def _place(row: Row, one: Found) -> tuple[str, bool]:
    """Where the labelled party begins whose name *one* names, and whether a registry has it."""
    for party, listed in zip(row.gold.parties, row.known, strict=True):
        if any(start < party.end and party.start < end for start, end in one.mentions):
            return str(party.start), listed
    return f"none {one.mentions[0][0]}", one.known


def _roles(found: Sequence[Row], digest: str) -> Iterable[Figure]:
    several = [row for row in found if len(row.gold.parties) > 1 and row.gold.polarity == "neg"]
    limit = LIMITS["accused"].search
    pairs: Pairs = []
    scores: list[float] = []
    truth: list[bool] = []
    for row in several:
        values = [one.roles["accused"] for one in row.named.parties]
        gold = ["A" in party.roles for party in row.gold.parties]
        scores += values
        truth += gold
        pairs.append(
            ({str(i) for i, v in enumerate(values) if v >= limit}, {str(i) for i, v in enumerate(gold) if v})
        )
    yield _f1("several.accused.f1", pairs, 0.78, digest)
    area = auc(np.array(scores), np.array(truth))
    yield Figure("reading.several.accused.auc", area, len(scores), 0.88, data=digest)
    parts = []
    for role in (*ROLE.values(), "rest"):
        told = [_in_role(row, role) for row in found]
        parts.append(_f1(f"roles.{role}.f1", told, None, digest))
    yield from parts
    mean = sum(part.value for part in parts) / len(parts)
    yield Figure("reading.roles.macro-f1", mean, sum(part.n for part in parts), 0.72, data=digest)


def _in_role(row: Row, role: str) -> tuple[set[str], set[str]]:
    def said(one: Mapping[str, float]) -> set[str]:
        likely = {name for name in ROLE.values() if one[name] >= LIMITS[name].search}
        return likely or {"rest"}

    def told(roles: str) -> set[str]:
        return {ROLE[letter] for letter in roles if letter in ROLE} or {"rest"}

    numbers = range(len(row.gold.parties))
    return (
        {str(n) for n in numbers if role in said(row.named.parties[n].roles)},
        {str(n) for n in numbers if role in told(row.gold.parties[n].roles)},
    )


def _clauses(found: Sequence[Row], digest: str) -> Iterable[Figure]:
    for kind, asked in (
        ("charge", 0.70), ("answer", 0.70), ("official", 0.78), ("harm", None), ("test", None),
        ("demand", None), ("retraction", None), ("reaction", None), ("promotion", None),
    ):  # fmt: skip
        exact, whole = [], []
        for row in found:
            spans = clauses_of(row.text.content)
            gold = {
                str(spans[s.clause - 1].start) for s in row.gold.signals if s.kind.partition(".")[0] == kind
            }
            told = [signal for signal in row.reading.signals if signal.kind == kind]
            said = {str(s.span[0]) for s in told if s.probability >= LIMITS[kind].search}
            exact.append((said, gold))
            whole.append(({"y"} if said else set(), {"y"} if gold else set()))
        yield _f1(f"clauses.{kind}.f1", exact, asked, digest)
        yield _f1(f"texts.{kind}.f1", whole, asked, digest)


def _printed(found: Sequence[Row], digest: str) -> Iterable[Figure]:
    """How often a printed claim is right, by kind of source, with limits chosen on the other texts."""
    folds = [found[fold::FOLDS] for fold in range(FOLDS)]
    every = [_claims(fold) for fold in folds]
    for name in ("accused", "answer", "official", "charge"):
        limits = []
        for left in range(FOLDS):
            rest = [one[name] for number, one in enumerate(every) if number != left]
            limits.append(
                to_say((np.concatenate([p for p, _ in rest]), np.concatenate([y for _, y in rest])))
            )
        for group, sources in GROUPS.items():
            right = said = there = 0
            for fold, limit in zip(folds, limits, strict=True):
                scores, truth = _claims([row for row in fold if row.text.source in sources])[name]
                right += int(truth[scores >= limit].sum())
                said += int((scores >= limit).sum())
                there += int(truth.sum())
            yield proportion(f"reading.printed{group}.{name}.precision", right, said, digest, 0.97)
            yield Figure(
                f"reading.printed{group}.{name}.share-kept", right / max(there, 1), there, data=digest
            )


def _claims(found: Sequence[Row]) -> dict[str, Scored]:
    return scored(found) | printed(found)


def _labels(found: Sequence[Row], digest: str) -> Iterable[Figure]:
    """Complaint classes of charges, and accused hosts, by the reading and by the quick reader."""
    charged = [row for row in found if any(signal.kind == "charge" for signal in row.gold.signals)]
    named = [row for row in found if row.hosts]
    for suffix, of in (("", _read_labels), ("-judge", attrgetter("judged"))):
        classes = [(set(of(row).issues), _classes(row)) for row in charged]
        yield _f1(f"classes{suffix}.f1", classes, 0.70, digest)
        hosts = [(set(of(row).negative_hosts), _accused_hosts(row)) for row in named]
        yield _f1(f"hosts.accused{suffix}.f1", hosts, None, digest)


def _read_labels(row: Row) -> Labels:
    return labels_of(row.reading, row.sellers)


def _classes(row: Row) -> set[str]:
    return {code for signal in row.gold.signals for code in signal.classes}


def _accused_hosts(row: Row) -> set[str]:
    charged = [party for party in row.gold.parties if "A" in party.roles]
    return {
        name
        for name, spans in row.hosts.items()
        if any(start < party.end and party.start < end for start, end in spans for party in charged)
    }


def _flags(found: Sequence[Row], titles: Sequence[Row], digest: str) -> Iterable[Figure]:
    def pairs(of: Sequence[Row], name: str) -> tuple[Pairs, Pairs]:
        ours: Pairs = []
        theirs: Pairs = []
        for row in of:
            gold = {"y"} if getattr(row.gold, name) else set()
            ours.append(({"y"} if getattr(_read_labels(row), name) else set(), gold))
            theirs.append(({"y"} if getattr(row.judged, name) else set(), gold))
        return ours, theirs

    for name, of, field, asked in (
        ("consumer.f1", found, "consumer", 0.83), ("titles.consumer.f1", titles, "consumer", 0.76),
        ("relevant.f1", found, "relevant", None),
    ):  # fmt: skip
        ours, theirs = pairs(of, field)
        yield _f1(name, ours, asked, digest)
        yield _f1(name.replace(".f1", "-judge.f1"), theirs, None, digest)


def _counts(found: Sequence[Row], digest: str) -> Iterable[Figure]:
    positive = [
        ({"p"} if r.reading.positive >= LIMITS["positive"].search else set(),
         {"p"} if r.gold.polarity == "pos" else set())
        for r in found
    ]  # fmt: skip
    yield resampled("reading.positive.recall", positive, "recall", 0.50, data=digest)
    yield resampled("reading.positive.precision", positive, "precision", data=digest)
    scores = np.array([row.reading.negative for row in found])
    truth = np.array([row.gold.polarity == "neg" for row in found])
    bias = float((scores >= LIMITS["negative"].search).sum() / truth.sum() - 1)
    yield Figure("reading.negative.bias", abs(bias), len(found), 0.10, data=digest, at_most=True)
    error = calibration_error(scores, truth)
    yield Figure("reading.negative.calibration", error, len(found), 0.05, data=digest, at_most=True)


def _reviews(data: Path) -> Iterable[Figure]:
    """Negative against positive on reviews of goods and meals that taught nothing."""
    reader = loaded()
    for name, asked in (("dev-eprstmt", 0.88), ("train-waimai", 0.92)):
        file = data / "sentiment" / f"{name}.csv.gz"
        rows = read_set(file)
        if rows is None:
            continue
        chosen = np.flatnonzero(rows.polarity >= 0)[:: max(1, len(rows.texts) // 1000)]
        readings = reader.read([rows.texts[number] for number in chosen])
        right = [
            (one.negative > one.positive) == (rows.polarity[number] == 0)
            for one, number in zip(readings, chosen, strict=True)
        ]
        share = sum(map(bool, right)) / len(right)
        yield Figure(
            f"reading.reviews.{name}.accuracy", float(share), len(right), asked, data=data_hash(file)
        )


def _hosts(data: Path) -> Iterable[Figure]:
    """Hosts among the parties, and acts, on the older measuring texts that taught nothing."""
    taught = {label.key for label in store.read() if label.part == "train"}
    reads = [read for read in measuring(data) if text_hash(read.content) not in taught]
    contents = [read.content for read in reads]
    lexicon = Lexicon.load()
    readings = loaded().read(contents, [lexicon.scan(content).mentions for content in contents])
    digest = data_hash(LABELS)
    named: Pairs = [
        ({party.name for party in reading.parties} & set(read.labels.hosts), set(read.labels.hosts))
        for read, reading in zip(reads, readings, strict=True)
    ]
    yield resampled("reading.hosts.recall", named, "recall", 0.88, data=digest)
    acts = [
        (str(labels_of(reading, Sellers()).act), read.labels.act)
        for read, reading in zip(reads, readings, strict=True)
    ]
    yield Figure("reading.acts.macro-f1", acts_of.macro_f1(acts), len(acts), 0.75, data=digest)
    for act in (Act.RESPONSE, Act.RULE):
        value = acts_of.precision_of(act)(acts)
        said = sum(one == act for one, _ in acts)
        yield Figure(f"reading.acts.{act}-precision", value, said, 0.90, data=digest)


def auc(scores: npt.NDArray[Any], truth: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve, by ranks; ties count by their order."""
    order = scores.argsort(kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    above = ranks[truth].sum() - truth.sum() * (truth.sum() + 1) / 2
    return float(above / max(truth.sum() * (~truth).sum(), 1))
