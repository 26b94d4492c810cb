"""Incidents of hosts as two readers labelled them: how far they agree, and which of them are sure by whom.

``incidents.tsv`` holds the first reading, a line for each title of an incident: hashes of host and title, its
time, its part (charge, answer or other). ``incidents-second.tsv`` holds the second in the same columns, made
without sight of the first and with the titles of no incident too, and two more: sure and part as settled
between the two. How differences were settled stands in ``docs/measurements/alerts.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from devtools.evaluation import data_hash, readers
from fengping.analysis.figures import Figure

FIRST = Path(__file__).with_name("incidents.tsv")
SECOND = Path(__file__).with_name("incidents-second.tsv")
NO_PART = "none"
"""Part of a title that belongs to no incident of the host."""


class Line(NamedTuple):
    """A title of a host's incident."""

    incident: str
    host: str
    stream: str
    sure: bool
    """True where the host is accused as a seller for sure."""
    part: str
    at: str
    title: str

    @property
    def of(self) -> tuple[str, str, str]:
        """Incident of a host in a stream."""
        return self.incident, self.host, self.stream

    @property
    def read(self) -> tuple[str, str, str]:
        """A title read for a host."""
        return self.host, self.stream, self.title


class Readings(NamedTuple):
    """The lines of each reading, and those of the incidents that both call sure."""

    first: list[Line]
    second: list[Line]
    """With the titles that belong to no incident."""
    settled: list[Line]
    both: list[Line]


def read_incidents(first: Path = FIRST, second: Path = SECOND) -> Readings:
    """Both readings and what follows from them."""
    ones = [_line(cells) for cells in _cells(first)]
    twos, settled = [], []
    for cells in _cells(second):
        twos.append(_line(cells[:7]))
        settled.append(_line([*cells[:3], *cells[7:], *cells[5:7]]))
    settled = [line for line in settled if line.part != NO_PART]
    return Readings(ones, twos, settled, _both(ones, twos))


def agreement(readings: Readings) -> list[Figure]:
    """Share of equal labels and Cohen's kappa, for the parts of titles and for what is sure.

    ``part``: each title read for a host, ``none`` among the parts; ``part-within``: those that both place in
    an incident; ``sure``: the first reader's incidents.
    """
    ones = {line.read: line.part for line in readings.first}
    twos = {line.read: line.part for line in readings.second}
    parts = [(ones.get(key, NO_PART), twos.get(key, NO_PART)) for key in sorted({*ones, *twos})]
    sure = {line.of: line.sure for line in readings.second if line.part != NO_PART}
    incidents = dict.fromkeys((line.of, line.sure) for line in readings.first)
    pairs = {
        "part": parts,
        "part-within": [pair for pair in parts if NO_PART not in pair],
        "sure": [(str(yes), str(sure.get(of, False))) for of, yes in incidents],
    }
    digest = data_hash(FIRST, SECOND)
    return [
        figure
        for name, labels in pairs.items()
        for figure in readers.agreement(f"alarms.readers.{name}", labels, digest)
    ]


def _both(ones: Sequence[Line], twos: Sequence[Line]) -> list[Line]:
    """The first reader's lines of incidents that both call sure; a charge is one that both call so."""
    parts = {line.read: line.part for line in twos}
    sure: dict[tuple[str, str, str], bool] = defaultdict(bool)
    for line in twos:
        sure[line.of] |= line.sure
    found = []
    for line in ones:
        part = parts.get(line.read, NO_PART)
        if line.sure and sure[line.of] and part != NO_PART:
            found.append(line if part == line.part else line._replace(part="other"))
    return found


def _cells(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _line(cells: Sequence[str]) -> Line:
    incident, host, stream, sure, part, at, title = cells
    return Line(incident, host, stream, sure == "1", part, at, title)
