"""Complaint classes on livestream topics labelled by reading: micro-averages over the classes.

Labels exist only in negative rows, so the figures asked for take the labelled polarity; ``judged`` takes the
judge's own, where a missed negative loses its classes and a false one gives wrong ones. ``folds`` judges each
sure training topic by weights learnt without it and without the triggers that stand in no other text, and
each fresh text of the streams, from which no trigger was written, by weights learnt without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from devtools.evaluation import data_hash
from devtools.evaluation.hosts import Tally, judged, read_rows, resampled
from devtools.evaluation.labels import LABELS, measuring
from devtools.training.complaints import READINGS, judge, learn, prepare, read_lessons, read_readings
from devtools.training.labels import Read
from devtools.training.readings import text_hash
from fengping.analysis import HostRegistry, IssueRules, Judge, Lexicon
from fengping.analysis.complaints import codes
from fengping.analysis.complaints.concepts import Concepts
from fengping.analysis.figures import Figure
from fengping.config import AnalysisConfig

FOLDS = 8


def measure(data: Path) -> list[Figure]:
    """Figures on ``livestream/dev.jsonl``; the classes with ten labels or more also one by one."""
    file = data / "livestream" / "dev.jsonl"
    rows, digest = read_rows(file), data_hash(file)
    rules = IssueRules.load()
    lexicon = Lexicon(HostRegistry.load(), rules.words)
    micro, whole = Tally(), Tally()
    classes = {code: Tally() for code in rules.names}
    for row, judgement in zip(rows, judged(rows), strict=True):
        whole.add(judgement.issues, row["issues"])
        if row["polarity"] != "neg":
            continue
        found = codes(rules.find(lexicon.scan(row["text"])))
        micro.add(found, row["issues"])
        for code, tally in classes.items():
            tally.add({code} & set(found), {code} & set(row["issues"]))
    name = "livestream-dev.issues"
    figures = [
        Figure(f"{name}.micro-f1", micro.f1, micro.gold, 0.75, data=digest),
        Figure(f"{name}.precision", micro.precision, micro.right + micro.wrong, data=digest),
        Figure(f"{name}.recall", micro.recall, micro.gold, data=digest),
        Figure(f"{name}.micro-f1-judged", whole.f1, whole.gold, data=digest),
        *_folds(data, rules),
        *_measured(measuring(data), rules, lexicon),
    ]
    return figures + [
        Figure(f"{name}.{code}.f1", tally.f1, tally.gold, data=digest)
        for code, tally in classes.items()
        if tally.gold >= 10
    ]


def _measured(reads: Sequence[Read], rules: IssueRules, lexicon: Lexicon) -> list[Figure]:
    """On the texts that only measure: negative consumer information of all trades, and its bare titles."""
    told = [r for r in reads if r.labels.polarity == "neg" and (r.labels.consumer or r.labels.relevant)]
    if not told:
        return []
    pairs = [(codes(rules.find(lexicon.scan(r.content))), r.labels.issues) for r in told]
    titles = [pair for pair, r in zip(pairs, told, strict=True) if r.labels.kind == "title"]
    found = Judge.load(AnalysisConfig()).judge([r.content for r in reads])
    whole = [(judgement.issues, r.labels.issues) for judgement, r in zip(found, reads, strict=True)]
    digest = data_hash(LABELS)
    return [
        resampled("measured.issues.micro-f1", pairs, "f1", 0.75, data=digest),
        resampled("measured.issues.precision", pairs, "precision", data=digest),
        resampled("measured.issues.recall", pairs, "recall", data=digest),
        resampled("measured-titles.issues.micro-f1", titles, "f1", 0.65, data=digest),
        resampled("measured.issues.micro-f1-judged", whole, "f1", data=digest),
    ]


def _folds(data: Path, rules: IssueRules) -> list[Figure]:
    """Micro-F1 on sure training negatives and on fresh texts, each judged by weights learnt without it."""
    file = data / "livestream" / "train.jsonl"
    sure = {row["text"] for row in read_rows(file) if row["polarity"] == "neg"}
    fresh = {key for key, read in read_readings().items() if read.fresh}
    cases = prepare(read_lessons(data), rules)
    topics, streams = Tally(), Tally()
    for fold in range(FOLDS):
        weights, grams = learn([c for n, c in enumerate(cases) if n % FOLDS != fold], tuple(rules.names))
        concepts = Concepts(rules.concepts.file, weights, grams)
        for case in cases[fold::FOLDS]:
            if case.lesson.text in sure:
                topics.add(judge(concepts, case), case.lesson.classes)
            elif text_hash(case.lesson.text) in fresh:
                streams.add(judge(concepts, case), case.lesson.classes)
    return [
        Figure("livestream-train.issues.micro-f1-folds", topics.f1, topics.gold, data=data_hash(file)),
        Figure("streams.issues.micro-f1-fresh", streams.f1, streams.gold, data=data_hash(READINGS)),
    ]
