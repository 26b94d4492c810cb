"""Polarity, its calibration and relevance, against labels that no model was trained on."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from fengping.analysis import PolarityModel
from fengping.analysis.figures import Figure
from fengping.analysis.training.readings import read_readings, read_streams
from fengping.lab.evaluation import data_hash

BINS = 10
READINGS = Path(__file__).with_name("readings.tsv")
"""Hard rows of the streams: on livestreams' words, or such that an earlier model was in doubt about them."""


def measure(data: Path) -> list[Figure]:
    """Figures on ``livestream/dev`` (sure rows), the rows of ``streams`` in `READINGS`, ``dev-smp-usual`` and
    ``dev-eprstmt``."""
    model = PolarityModel.load()
    return [
        *_livestream(model, data / "livestream" / "dev.jsonl"),
        *_streams(model, data / "streams"),
        *_posts(model, data / "sentiment" / "dev-smp-usual.csv.gz"),
        *_reviews(model, data / "sentiment" / "dev-eprstmt.csv.gz"),
    ]


def _livestream(model: PolarityModel, file: Path) -> list[Figure]:
    rows = [row for row in map(orjson.loads, file.read_bytes().splitlines()) if row["sure"]]
    verdicts = model.predict([row["text"] for row in rows])
    found = np.array([polarity.value == "neg" for polarity in verdicts.polarities()])
    negative = np.array([row["polarity"] == "neg" for row in rows])
    relevant = np.array([row["relevant"] for row in rows])
    precision, recall = _precision_recall(found[relevant], negative[relevant])
    sorted_out, kept = _precision_recall(np.asarray(verdicts.relevant, bool), relevant)
    digest, count = data_hash(file), int(relevant.sum())
    return [
        Figure("livestream-dev.negative.precision", precision, count, 0.93, data=digest),
        Figure("livestream-dev.negative.recall", recall, count, 0.92, data=digest),
        Figure("livestream-dev.calibration-error", calibration_error(verdicts.negative, negative), len(rows),
               0.05, at_most=True, data=digest),
        Figure("livestream-dev.relevant.f1", _f1(sorted_out, kept), len(rows), 0.90, data=digest),
    ]  # fmt: skip


def _streams(model: PolarityModel, folder: Path) -> list[Figure]:
    files = sorted(folder.iterdir())
    labelled = read_streams(files, read_readings(READINGS))
    if labelled is None:
        return []
    verdicts, count = model.predict(labelled.texts), len(labelled.texts)
    precision, recall = _precision_recall(verdicts.polarity == 0, labelled.polarity == 0)
    sorted_out, kept = _precision_recall(verdicts.relevant, labelled.relevant == 1)
    digest = data_hash(READINGS, *files)
    return [
        Figure("streams-read.negative.precision", precision, count, data=digest),
        Figure("streams-read.negative.recall", recall, count, data=digest),
        Figure("streams-read.relevant.f1", _f1(sorted_out, kept), count, data=digest),
    ]


def _posts(model: PolarityModel, file: Path) -> list[Figure]:
    texts, labels = _labelled(file)
    verdicts = model.predict(texts)
    found = [polarity.value for polarity in verdicts.polarities()]
    scores = []
    for label in ("neg", "neu", "pos"):
        precision, recall = _precision_recall(
            np.array([f == label for f in found]), np.array([given == label for given in labels])
        )
        scores.append(_f1(precision, recall))
    digest = data_hash(file)
    error = calibration_error(verdicts.negative, np.array([label == "neg" for label in labels]))
    return [
        Figure("dev-smp-usual.accuracy", *_two_way(verdicts.negative, labels), 0.82, data=digest),
        Figure("dev-smp-usual.macro-f1", sum(scores) / 3, len(texts), 0.68, data=digest),
        Figure("dev-smp-usual.calibration-error", error, len(texts), 0.05, at_most=True, data=digest),
    ]


def _reviews(model: PolarityModel, file: Path) -> list[Figure]:
    texts, labels = _labelled(file)
    verdicts = model.predict(texts)
    digest = data_hash(file)
    error = calibration_error(verdicts.negative, np.array([label == "neg" for label in labels]))
    return [
        Figure("dev-eprstmt.accuracy", *_two_way(verdicts.negative, labels), 0.89, data=digest),
        Figure("dev-eprstmt.calibration-error", error, len(texts), 0.05, at_most=True, data=digest),
    ]


def _two_way(probabilities: NDArray[np.floating], labels: Sequence[str]) -> tuple[float, int]:
    """Accuracy of negative against positive by the probability alone, and the rows that are either."""
    right = [
        (p >= 0.5) == (label == "neg")
        for p, label in zip(probabilities, labels, strict=True)
        if label != "neu"
    ]
    return float(np.mean(right)), len(right)


def calibration_error(probabilities: NDArray[np.floating], truth: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins of probability (Naeini et al. 2015)."""
    bins = np.minimum((np.asarray(probabilities) * BINS).astype(int), BINS - 1)
    error = 0.0
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            gap = abs(float(np.mean(probabilities[inside])) - float(np.mean(truth[inside])))
            error += gap * float(np.mean(inside))
    return error


def _precision_recall(found: NDArray[np.bool_], given: NDArray[np.bool_]) -> tuple[float, float]:
    right = int((found & given).sum())
    return right / max(1, int(found.sum())), right / max(1, int(given.sum()))


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(precision + recall, 1e-9)


def _labelled(file: Path) -> tuple[list[str], list[str]]:
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as stream:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
    return [text for text, _ in rows], [label for _, label in rows]
