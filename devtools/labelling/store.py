"""Labels as they are kept: hashes of texts and offsets into them, no word of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from devtools.labelling.packs import Answer, Party, Signal
from devtools.labelling.texts import FILES, Text, texts

FOLDER = Path(__file__).parent
COLUMNS = (
    "hash", "source", "part", "reader", "polarity", "relevant", "consumer", "sure", "parties", "signals",
    "facets",
)  # fmt: skip


class Label(NamedTuple):
    """What one reader says of the text with that hash."""

    key: str
    source: str
    part: str
    """``train`` or ``measure``."""
    reader: int
    """1; 2 for the second reading of a text; 3 where a third reader settled between the two."""
    answer: Answer


def line_of(label: Label) -> str:
    said = label.answer
    parties = ";".join(f"{p.start}-{p.end}:{p.kind}:{p.roles}" for p in said.parties)
    cells = (
        label.key, label.source, label.part, label.reader, said.polarity, int(said.relevant),
        int(said.consumer), int(said.sure), parties, ";".join(map(_cell, said.signals)),
        ",".join(said.facets),
    )  # fmt: skip
    return "\t".join(map(str, cells))


def _cell(signal: Signal) -> str:
    places = (f"{a}-{b}" if b else "" for a, b in (signal.actor, signal.target, signal.object))
    return ":".join((str(signal.clause), signal.kind, *places, ",".join(signal.classes)))


def parse_line(line: str) -> Label:
    key, source, part, reader, polarity, relevant, consumer, sure, parties, signals, facets = line.split("\t")
    answer = Answer(
        polarity, relevant == "1", consumer == "1",
        tuple(_party(cell) for cell in parties.split(";") if cell),
        tuple(_signal(cell) for cell in signals.split(";") if cell),
        tuple(facet for facet in facets.split(",") if facet), sure == "1",
    )  # fmt: skip
    return Label(key, source, part, int(reader), answer)


def _party(cell: str) -> Party:
    place, kind, roles = cell.split(":")
    return Party(*_span(place), kind, roles)


def _signal(cell: str) -> Signal:
    clause, kind, actor, target, thing, classes = cell.split(":")
    codes = tuple(code for code in classes.split(",") if code)
    return Signal(int(clause), kind, _span(actor), _span(target), _span(thing), codes)


def _span(cell: str) -> tuple[int, int]:
    start, _, end = cell.partition("-")
    return (int(start), int(end)) if end else (0, 0)


def read(path: Path = FOLDER / "labels.tsv") -> list[Label]:
    """All labels of *path*, in its order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [parse_line(line) for line in lines if line and not line.startswith("#")]


def write(labels: Iterable[Label], path: Path = FOLDER / "labels.tsv") -> None:
    """Writes *labels* sorted by hash and reader, so that order tells nothing."""
    lines = sorted(line_of(label) for label in labels)
    path.write_text("\n".join(["# " + "\t".join(COLUMNS), *lines, ""]), encoding="utf-8")


def join(data: Path, labels: Iterable[Label]) -> Iterator[tuple[Text, Label]]:
    """Each label whose text stands in the measuring data, with that text."""
    wanted: dict[str, list[Label]] = {}
    for label in labels:
        wanted.setdefault(label.key, []).append(label)
    sources = {label.source for found in wanted.values() for label in found}
    for source in (name for name in FILES if name in sources):
        for text in texts(data, source):
            for label in wanted.pop(text.key, ()):
                yield text, label
