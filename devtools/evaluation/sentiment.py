"""Polarity, its calibration, relevance and consumer matters, against labels that no model was trained on.

Two sorts of sets stand side by side: dev sets, by which earlier models were chosen, and sets left out of
every choice (the readers' labels of :mod:`.labels`). Each figure has a bootstrap interval over its rows.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from devtools.evaluation import data_hash
from devtools.evaluation.labels import LABELS, measuring
from devtools.training.readings import read_readings, read_streams
from fengping.analysis import Judge, PolarityModel, SourceKind
from fengping.analysis.figures import Figure
from fengping.analysis.polarity import CODES, Verdicts
from fengping.config import AnalysisConfig
from fengping.models import Polarity

BINS = 10
RESAMPLINGS = 300
READINGS = Path(__file__).with_name("readings.tsv")
"""Hard rows of the streams: on livestreams' words, or such that an earlier model was in doubt about them."""


class Rows(NamedTuple):
    """Labels of a set and what a model says of its texts; each column has the shape (n,)."""

    negative: NDArray[np.float32]
    positive: NDArray[np.float32]
    found: NDArray[np.int8]
    """Index into `CODES`."""
    relevance: NDArray[np.bool_]
    consumer: NDArray[np.bool_]
    said: NDArray[np.int8]
    said_relevant: NDArray[np.bool_]
    said_consumer: NDArray[np.bool_]

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Rows:
        return Rows._make(column[chosen] for column in self)


class Asked(NamedTuple):
    """A figure to compute: its name, how, and what is promised."""

    name: str
    of: Callable[[Rows], float]
    promised: float | None = None
    at_most: bool = False


class Judged(NamedTuple):
    """The model that is measured."""

    model: PolarityModel

    def predict(
        self, texts: list[str], kinds: SourceKind | NDArray[np.int64] = SourceKind.UNKNOWN
    ) -> Verdicts:
        return self.model.predict(texts, kinds)


def measure(data: Path) -> list[Figure]:
    """Figures on ``livestream/dev`` (sure rows), the rows of ``streams`` in `READINGS`, ``dev-smp-usual``,
    ``dev-eprstmt``, and on the readers' labels that only measure."""
    by = Judged(PolarityModel.load())
    return [
        *_livestream(by, data / "livestream" / "dev.jsonl"),
        *_streams(by, data / "streams"),
        *_posts(by, data / "sentiment" / "dev-smp-usual.csv.gz"),
        *_reviews(by, data / "sentiment" / "dev-eprstmt.csv.gz"),
        *_left_out(by, data),
        *_judged(data),
    ]


def _livestream(by: Judged, file: Path) -> list[Figure]:
    rows = [row for row in map(orjson.loads, file.read_bytes().splitlines()) if row["sure"]]
    read = _rows(
        by.predict([row["text"] for row in rows], SourceKind.NEWS),
        [row["polarity"] for row in rows],
        np.array([row["relevant"] for row in rows]),
    )
    about, digest = read.take(read.said_relevant), data_hash(file)
    name = "livestream-dev"
    return [
        *_figures(name, about, [NEGATIVE_PRECISION._replace(promised=0.93)], digest, left_out=False),
        *_figures(name, about, [NEGATIVE_RECALL._replace(promised=0.92)], digest, left_out=False),
        *_figures(name, read, [CALIBRATION, RELEVANCE._replace(promised=0.9)], digest, left_out=False),
    ]


def _streams(by: Judged, folder: Path) -> list[Figure]:
    files = sorted(folder.iterdir())
    labelled = read_streams(files, read_readings(READINGS))
    if labelled is None:
        return []
    said = [CODES[code].value for code in labelled.polarity]
    rows = _rows(by.predict(labelled.texts), said, labelled.relevant == 1)
    asked = [NEGATIVE_PRECISION, NEGATIVE_RECALL, RELEVANCE]
    return _figures("streams-read", rows, asked, data_hash(READINGS, *files))


def _posts(by: Judged, file: Path) -> list[Figure]:
    texts, labels = _labelled(file)
    rows = _rows(by.predict(texts, SourceKind.POST), labels)
    asked = [SIDES._replace(promised=0.82), MACRO._replace(promised=0.68), CALIBRATION]
    return _figures("dev-smp-usual", rows, asked, data_hash(file), left_out=False)


def _reviews(by: Judged, file: Path) -> list[Figure]:
    texts, labels = _labelled(file)
    rows = _rows(by.predict(texts, SourceKind.REVIEW), labels)
    asked = [SIDES._replace(promised=0.89), CALIBRATION]
    return _figures("dev-eprstmt", rows, asked, data_hash(file), left_out=False)


def _left_out(by: Judged, data: Path) -> Iterator[Figure]:
    """Figures of each kind of source on readers' labels; none where the texts are not there."""
    reads = measuring(data)
    if not reads:
        return
    kinds = np.array([read.source_kind for read in reads], np.int64)
    rows = _rows(
        by.predict([read.content for read in reads], kinds),
        [read.labels.polarity for read in reads],
        np.array([read.labels.relevant for read in reads]),
        np.array([read.labels.consumer for read in reads]),
    )
    fair = np.array([read.labels.kind != "live" for read in reads])
    digest = data_hash(LABELS)
    yield from _figures("read", rows, [SIDES._replace(promised=0.83), MACRO, CALIBRATION, CONSUMER], digest)
    for kind, relevance, precision, recall in (
        (SourceKind.NEWS, 0.90, 0.93, 0.93),
        (SourceKind.TITLE, 0.82, 0.88, 0.80),
        (SourceKind.REMARK, None, None, None),
    ):
        name = f"read-{kind.name.lower()}"
        mine = kinds == kind
        asked = [
            NEGATIVE_PRECISION._replace(promised=precision), NEGATIVE_RECALL._replace(promised=recall),
            MACRO, SIDES, CALIBRATION, BIAS,
        ]  # fmt: skip
        yield from _figures(name, rows.take(mine & fair), asked, digest)
        if relevance is not None:
            # Few of all titles sell by livestream; those on livestreams' words measure it.
            yield from _figures(name, rows.take(mine), [RELEVANCE._replace(promised=relevance)], digest)


def _judged(data: Path) -> Iterator[Figure]:
    """Consumer matters as the whole judge has them, who asks headlines for trade."""
    reads = measuring(data)
    if not reads:
        return
    found = Judge.load(AnalysisConfig()).judge(
        [read.content for read in reads], kinds=[read.source_kind for read in reads]
    )
    judged = np.array([bool(one.consumer) for one in found])
    said = np.array([read.labels.consumer for read in reads])
    digest = data_hash(LABELS)
    for name, value in (
        ("precision", _precision(judged, said)),
        ("recall", _precision(said, judged)),
        ("f1", _f1(judged, said)),
    ):
        yield Figure(f"judged.consumer.{name}", value, len(said), data=digest)


def _rows(
    verdicts: Verdicts,
    labels: list[str],
    relevant: NDArray[np.bool_] | None = None,
    consumer: NDArray[np.bool_] | None = None,
) -> Rows:
    none = np.zeros(len(labels), np.bool_)
    return Rows(
        verdicts.negative,
        verdicts.positive,
        verdicts.polarity,
        verdicts.relevant,
        verdicts.consumer,
        np.array([CODES.index(Polarity(label)) for label in labels], np.int8),
        none if relevant is None else relevant,
        none if consumer is None else consumer,
    )


def _figures(
    name: str, rows: Rows, asked: list[Asked], digest: str, *, left_out: bool = True
) -> list[Figure]:  # fmt: skip
    """Each figure with the interval that resampled rows give (Efron 1979, percentiles)."""
    count = len(rows.said)
    rng = np.random.default_rng(1)
    samples = [rows.take(rng.integers(0, count, count)) for _ in range(RESAMPLINGS if asked else 0)]
    figures = []
    for one in asked:
        low, high = np.quantile([one.of(sample) for sample in samples], (0.025, 0.975)).tolist()
        figures.append(
            Figure(
                f"{name}.{one.name}", one.of(rows), count, one.promised, one.at_most, digest, low, high,
                left_out,
            )
        )  # fmt: skip
    return figures


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


def _sides(rows: Rows) -> float:
    """Share of the opinionated texts on whose right side the larger of both probabilities stands."""
    mine = rows.said != 1
    return float(np.mean((rows.negative[mine] > rows.positive[mine]) == (rows.said[mine] == 0)))


def _macro(rows: Rows) -> float:
    return float(np.mean([_f1(rows.found == code, rows.said == code) for code in range(3)]))


def _bias(rows: Rows) -> float:
    """Share by which more or fewer are counted negative than are."""
    return abs(int((rows.found == 0).sum()) / max(1, int((rows.said == 0).sum())) - 1)


def _precision(found: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return int((found & said).sum()) / max(1, int(found.sum()))


def _f1(found: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    return 2 * int((found & said).sum()) / max(1, int(found.sum()) + int(said.sum()))


NEGATIVE_PRECISION = Asked("negative.precision", lambda r: _precision(r.found == 0, r.said == 0))
NEGATIVE_RECALL = Asked("negative.recall", lambda r: _precision(r.said == 0, r.found == 0))
SIDES = Asked("accuracy", _sides)
MACRO = Asked("macro-f1", _macro)
CALIBRATION = Asked(
    "calibration-error", lambda r: calibration_error(r.negative, r.said == 0), 0.05, at_most=True
)
BIAS = Asked("negative.bias", _bias, 0.12, at_most=True)
RELEVANCE = Asked("relevant.f1", lambda r: _f1(r.relevance, r.said_relevant))
CONSUMER = Asked("consumer.f1", lambda r: _f1(r.consumer, r.said_consumer), 0.88)


def _labelled(file: Path) -> tuple[list[str], list[str]]:
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as stream:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
    return [text for text, _ in rows], [label for _, label in rows]
