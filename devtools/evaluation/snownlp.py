"""The fast SnowNLP against the package: the share of texts whose scores are equal to the last bit."""

from __future__ import annotations

import csv
import gzip
import io
import operator
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import orjson

from devtools.evaluation import data_hash
from fengping.analysis.figures import Figure
from fengping.analysis.snownlp.model import SnowModel
from fengping.analysis.snownlp.tables import package_file

SAMPLE = 1_000
"""Texts compared; the package scores some hundred a second. ``bench sentiment --size N`` compares more."""
_TEXT_FIELDS = ("title", "description", "text")
_HAN = [chr(code) for code in range(0x4E00, 0x9FA6)]
_ODD = "👍🎉\ud83d\udc4d\x00\t\n\x0b\x1c\x85\xa0\u2003\u3000\ufeff０ＡａAz9㐀𠮷龦〇、。！？"


def measure(data: Path) -> list[Figure]:
    """Equal scores on real texts, and on the same made odd in every way known."""
    real = real_texts(data, SAMPLE)
    model = SnowModel.load()
    digest = data_hash(*text_files(data))
    return [
        Figure(f"snownlp.{name}.equal", share_equal(model, texts), len(texts), 1.0, data=digest)
        for name, texts in (("real", real), ("odd", list(odd_texts(real))))
    ]


def share_equal(model: SnowModel, texts: Sequence[str]) -> float:
    """Share of *texts* that score exactly as the package scores them."""
    from snownlp import SnowNLP  # loads for seconds

    package = [SnowNLP(text).sentiments for text in texts]
    equal: int = sum(map(operator.eq, package, model.scores(texts).tolist()))
    return equal / len(texts)


def text_files(data: Path) -> list[Path]:
    """Files with texts under *data*; SnowNLP's own training texts where it has none."""
    found = [*data.glob("sentiment/*.csv.gz"), *data.glob("streams/*.gz"), *data.glob("livestream/*.jsonl")]
    return sorted(found) or [package_file("sentiment/neg.txt"), package_file("sentiment/pos.txt")]


def real_texts(
    data: Path, size: int, *, wanted: Callable[[str], bool] = lambda text: bool(text)
) -> list[str]:
    """*size* texts that are *wanted*, drawn evenly from the files under *data*; fewer where it has fewer."""
    rng = random.Random(20260101)
    drawn = []
    for file in text_files(data):
        texts = sorted(set(filter(wanted, _texts_of(file))))
        rng.shuffle(texts)
        drawn.append(iter(texts))
    return list(islice(_round_robin(drawn), size))


def _round_robin(sources: list[Iterator[str]]) -> Iterator[str]:
    while sources:
        for source in list(sources):
            text = next(source, None)
            if text is None:
                sources.remove(source)
            else:
                yield text


def _texts_of(file: Path) -> list[str]:
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
    if ".csv" in file.suffixes:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    elif ".jsonl" in file.suffixes:
        rows = [orjson.loads(line) for line in text.split("\n") if line]
    else:
        rows = [{"text": line} for line in text.split("\n")]
    return [" ".join(str(row[name]) for name in _TEXT_FIELDS if row.get(name)) for row in rows]


def odd_texts(texts: Sequence[str]) -> Iterator[str]:
    """Each of *texts* made odd in one way: rare characters, order, emoji, spaces, full width, length."""
    rng = random.Random(20260102)

    def sprinkled(text: str, marks: Sequence[str]) -> str:
        return "".join(c + rng.choice(marks) if rng.random() < 0.3 else c for c in text)

    ways: tuple[Callable[[str], str], ...] = (
        lambda text: sprinkled(text, _HAN),
        lambda text: sprinkled(text, _ODD),
        lambda text: "".join(rng.sample(text, len(text))),
        lambda text: "".join(rng.choices(_HAN, k=len(text))),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        lambda text: text[: rng.randint(1, 3)],
        lambda text: text * rng.randint(2, 6),
    )
    for text, way in zip(texts, cycle(ways), strict=False):  # the ways never end
        yield way(text)
