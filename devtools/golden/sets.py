"""The two sets of golden outputs: their subjects, written to files and checked against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.golden.difference import difference
from devtools.golden.homes import Homes
from devtools.golden.invariants import (
    commands,
    corrections,
    delivery,
    exports,
    forgetting,
    identities,
    imports,
    pages,
    queries,
    scores,
)
from devtools.golden.judgements import events, firings, labels, reports
from devtools.golden.records import Records, load, plain, save

FOLDER = Path(__file__).parents[2] / "tests" / "golden"
Taken = Callable[[Homes], Iterable[tuple[str, Any]]]
SUBJECTS: dict[str, Taken] = {
    "invariants/identities": identities.records,
    "invariants/scores": scores.records,
    "invariants/queries": queries.records,
    "invariants/imports": imports.records,
    "invariants/pages": pages.records,
    "invariants/exports": exports.records,
    "invariants/corrections": corrections.records,
    "invariants/forgetting": forgetting.records,
    "invariants/delivery": delivery.records,
    "invariants/commands": commands.records,
    "judgements/labels-demo": labels.demo,
    "judgements/labels-story": labels.story,
    "judgements/labels-posts": labels.posts,
    "judgements/events": events.records,
    "judgements/firings": firings.records,
    "judgements/reports": reports.records,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of a subject from what is kept of it."""

    subject: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([f"{self.subject}: {self.lines[0]}", *self.lines[1:]])


def check(homes: Homes, subjects: Sequence[str] = (), *, folder: Path = FOLDER) -> Iterator[Difference]:
    """The subjects that differ from what *folder* keeps of them; of all where none is named."""
    for subject in subjects or SUBJECTS:
        yield from compared(subject, taken(homes, subject), homes, folder)


def write(homes: Homes, subjects: Sequence[str] = (), *, folder: Path = FOLDER) -> Iterator[Difference]:
    """The same, each written to *folder* as it is now."""
    for subject in subjects or SUBJECTS:
        records = taken(homes, subject)
        found = list(compared(subject, records, homes, folder))
        save(_file(folder, subject), records)
        yield from found


def compared(subject: str, records: Records, homes: Homes, folder: Path = FOLDER) -> Iterator[Difference]:
    """The difference of *records* from what is kept of a subject, where there is any."""
    if lines := difference(load(_file(folder, subject)), records, homes.text_of):
        yield Difference(subject, lines)


def taken(homes: Homes, subject: str) -> dict[str, Any]:
    """Records of a subject as they are now."""
    records: dict[str, Any] = {}
    for name, value in SUBJECTS[subject](homes):
        if name in records:
            raise ValueError(f"{subject} names two records {name!r}")
        records[name] = value
    return plain(records)


def _file(folder: Path, subject: str) -> Path:
    return folder / f"{subject}.json"
