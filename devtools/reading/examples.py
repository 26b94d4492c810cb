"""What the reading learns from: texts of the training part, older labels of whole texts, reviews."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer

from devtools.labelling import store
from devtools.labelling.texts import FILES, Text, texts
from devtools.reading.batches import Example, example, whole
from devtools.training import labels
from devtools.training.sets import read_set
from fengping.analysis.reading.terms import POLARITIES

REVIEWS = (("train-shopping", 2600), ("train-nlpcc2014", 700), ("train-smp-virus", 400))
"""Sets of reviews and posts, and how many of each are drawn; meals and JD's goods are left out to measure."""
FOLDERS = ("more", "streams", "livestream")
"""Folders of the measuring data whose texts have older labels."""
BEGINNING = 40
"""Characters by which a text is known again where one file cuts it and another does not."""


def labelled(data: Path, tokenizer: Tokenizer) -> list[Example]:
    """The texts of the training part with everything that their reader said."""
    chosen = [label for label in store.read() if label.part == "train" and label.reader == 1]
    return [example(tokenizer, text, label.answer) for text, label in store.join(data, chosen)]


def beside(data: Path, tokenizer: Tokenizer, seed: int) -> list[Example]:
    """Texts of which no more than polarity, relevance and consumer matters are known; none that measures."""
    found = [
        whole(
            tokenizer, read.content, POLARITIES.index(read.labels.polarity), float(read.labels.relevant),
            float(read.labels.consumer), read.labels.issues,
        )
        for read, measures in older(data)
        if not measures
    ]  # fmt: skip
    return [*found, *_reviews(data, tokenizer, random.Random(seed))]


def older(data: Path) -> Iterator[tuple[labels.Read, bool]]:
    """Texts with older labels of the whole by their first readers, and whether one measures the reading, or
    has a line of one that does."""
    _, out = unlabelled(data)
    files = [file for folder in FOLDERS for file in sorted((data / folder).iterdir())]
    seen: set[str] = set()
    for read in labels.join(files, labels.read_labels()):
        parts = {part[:BEGINNING] for part in (read.content, read.title, *read.content.split("\n"))}
        if read.labels.reader == 1 and read.content not in seen:
            seen.add(read.content)
            yield read, not out.isdisjoint(parts)


def unlabelled(data: Path) -> tuple[list[Text], set[str]]:
    """Texts of the training part that no person labelled, and how all others begin."""
    keys = {label.key for label in store.read()}
    free: list[Text] = []
    out: set[str] = set()
    for source in FILES:
        for text in texts(data, source):
            if text.part == "train" and text.key not in keys:
                free.append(text)
            else:
                out.add(text.content[:BEGINNING])
    return free, out


def _reviews(data: Path, tokenizer: Tokenizer, rng: random.Random) -> Iterator[Example]:
    for name, count in REVIEWS:
        found = read_set(data / "sentiment" / f"{name}.csv.gz")
        if found is None:
            continue
        numbers = [
            number
            for number, text in enumerate(found.texts)
            if 8 <= len(text) <= 120 and found.polarity[number] >= 0
        ]
        for number in rng.sample(numbers, count):
            yield whole(tokenizer, found.texts[number], int(found.polarity[number]))
