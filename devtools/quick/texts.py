"""What the quick reader learns from: labelled texts, older labels of whole texts, invented ones, and the
encoder's readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from devtools.labelling import store
from devtools.labelling.packs import KINDS, ROLES, Answer
from devtools.quick.columns import ACTED, COLUMNS, POLARITY
from devtools.quick.features import Features, features_of
from devtools.reading.examples import BEGINNING, older, unlabelled
from devtools.training import complaints
from devtools.training.acts import LESSONS
from devtools.training.lessons import read_lessons
from fengping.analysis import Lexicon
from fengping.analysis.mentions import Scan
from fengping.analysis.polarity.verdicts import CODES
from fengping.analysis.reading import ROLES as ROLE_NAMES
from fengping.analysis.reading import Name
from fengping.analysis.reading.names import occurrences
from fengping.analysis.reading.terms import CLASSES
from fengping.reading import Reading

Floats = npt.NDArray[np.float32]
GOLD = 2.0
"""Weight of what a person said, against 1 of the encoder's."""
INVENTED = 0.5
"""Weight of an invented text."""
BALANCE = 0.5
"""Power to which a rare act counts more."""
_AT = {name: number for number, name in enumerate(COLUMNS)}
_CLASSES = [_AT[code] for code in CLASSES]


class Party(NamedTuple):
    """A name with its roles."""

    name: Name
    kind: str
    roles: Floats
    weight: float


class Text(NamedTuple):
    """A text with what is known of it."""

    scan: Scan
    seen: Features
    targets: Floats
    weights: Floats
    parties: list[Party]
    gold: bool
    kind: int = -1
    """Kind of source of a fair draw, a number of :class:`~fengping.analysis.SourceKind`; else -1."""


def known(data: Path, lexicon: Lexicon) -> list[Text]:
    """All texts of which a person says something."""
    return [
        *labelled(data, lexicon), *whole(data, lexicon), *complained(data, lexicon), *invented(lexicon),
    ]  # fmt: skip


def labelled(data: Path, lexicon: Lexicon) -> Iterator[Text]:
    """Texts that annotators read whole."""
    chosen = [label for label in store.read() if label.part == "train" and label.reader == 1]
    for text, label in store.join(data, chosen):
        targets, weights = np.zeros(len(COLUMNS), np.float32), np.full(len(COLUMNS), GOLD, np.float32)
        _tell(targets, label.answer)
        weights[ACTED] = 0
        weights[_CLASSES] = GOLD if label.answer.polarity == "neg" else GOLD / 2
        parties = [
            Party(
                Name(word, list(occurrences(text.content, word))),
                KINDS[party.kind],
                _roles(party.roles),
                GOLD,
            )
            for party in label.answer.parties
            if (word := text.content[party.start : party.end])
        ]
        yield _text(lexicon, text.content, targets, weights, parties)


def _text(
    lexicon: Lexicon, content: str, targets: Floats, weights: Floats, parties: list[Party], *,
    gold: bool = True,
) -> Text:  # fmt: skip
    scan = lexicon.scan(content)
    return Text(scan, features_of(scan), targets, weights, parties, gold)


def _tell(targets: Floats, said: Answer) -> None:
    targets[_AT[said.polarity]] = 1
    targets[_AT["relevant"]], targets[_AT["consumer"]] = said.relevant, said.consumer
    for signal in said.signals:
        for name in (signal.kind, signal.kind.partition(".")[0], *signal.classes):
            if name in _AT:
                targets[_AT[name]] = 1
    for facet in said.facets:
        targets[_AT[facet]] = 1


def _roles(letters: str) -> Floats:
    named = {ROLES[letter] for letter in letters}
    return np.array([role in named for role in ROLE_NAMES], np.float32)


def whole(data: Path, lexicon: Lexicon) -> Iterator[Text]:
    """Texts with older labels: polarity, relevance, consumer matters, act, classes.

    Of a text that shares a line with one that measures only the act is learnt: acts are measured elsewhere.
    """
    rows = list(older(data))
    sizes = Counter(read.labels.act for read, _ in rows)
    for read, measures in rows:
        said = read.labels
        targets, weights = np.zeros(len(COLUMNS), np.float32), np.zeros(len(COLUMNS), np.float32)
        for name in (said.polarity, f"act.{said.act}", *said.issues):
            targets[_AT[name]] = 1
        targets[_AT["relevant"]], targets[_AT["consumer"]] = said.relevant, said.consumer
        sure = GOLD if said.sure else GOLD / 2
        if said.draw != "hard":
            weights[ACTED] = sure * (len(rows) / len(sizes) / sizes[said.act]) ** BALANCE
        if not measures:
            weights[POLARITY] = sure
            weights[[_AT["relevant"], _AT["consumer"]]] = GOLD
            if said.polarity == "neg":
                weights[_CLASSES] = GOLD
        fair = said.draw == "fair" and said.kind != "live" and not measures
        if weights.any():
            text = _text(lexicon, read.content, targets, weights, [])
            yield text._replace(kind=int(read.source_kind)) if fair else text


def complained(data: Path, lexicon: Lexicon) -> Iterator[Text]:
    """Negative texts of which the classes of complaint are known, none of which measures."""
    _, out = unlabelled(data)
    for lesson in complaints.read_lessons(data):
        if out.isdisjoint(part[:BEGINNING] for part in (lesson.text, *lesson.text.split("\n"))):
            yield _one_sided(lexicon, lesson.text, lesson.classes, _CLASSES, GOLD * lesson.weight)


def invented(lexicon: Lexicon) -> Iterator[Text]:
    """Invented cases of each act."""
    for line in LESSONS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            act, _, text = line.split("\t")
            yield _one_sided(lexicon, text, (f"act.{act}",), ACTED, 2 * GOLD)
    for one in read_lessons():
        for text, code, weight in zip(one.texts, one.polarity.tolist(), one.certainty.tolist(), strict=True):
            yield _one_sided(lexicon, text, (CODES[code],), POLARITY, INVENTED * weight)


def _one_sided(
    lexicon: Lexicon, content: str, names: Iterable[str], columns: slice | list[int], weight: float
) -> Text:
    """A text of which only *columns* are known, *names* of them true."""
    targets, weights = np.zeros(len(COLUMNS), np.float32), np.zeros(len(COLUMNS), np.float32)
    targets[[_AT[name] for name in names]] = 1
    weights[columns] = weight
    return _text(lexicon, content, targets, weights, [], gold=False)


def taught(readings: Iterable[tuple[str, Reading]], lexicon: Lexicon) -> Iterator[Text]:
    """Texts that the encoder read."""
    for content, reading in readings:
        targets, weights = np.zeros(len(COLUMNS), np.float32), np.ones(len(COLUMNS), np.float32)
        targets[POLARITY] = reading.negative, reading.neutral, reading.positive
        targets[_AT["relevant"]], targets[_AT["consumer"]] = reading.relevant, reading.consumer
        weights[ACTED] = 0
        for signal in reading.signals:
            names = (signal.kind, f"{signal.kind}.{signal.form}" if signal.form else signal.kind)
            for name in names:
                targets[_AT[name]] = max(targets[_AT[name]], signal.probability)
            for code, share in (signal.classes or {}).items():
                targets[_AT[code]] = max(targets[_AT[code]], share)
        for facet, share in reading.facets.items():
            targets[_AT[facet]] = share
        scan = lexicon.scan(content)
        parties = [
            Party(
                Name(one.name, list(one.mentions)), one.kind,
                np.array([one.roles[role] for role in ROLE_NAMES], np.float32), 1.0,
            )
            for one in reading.parties
        ]  # fmt: skip
        yield Text(scan, features_of(scan), targets, weights, parties, False)
