"""Two readings of incidents: how far they agree, and what both or the settled one call sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.evaluation.incidents import agreement, read_incidents
from devtools.evaluation.readers import kappa

FIRST = """# invented
i1\thost\tstream\t1\tcharge\t2020-01-01 10:00\ta
i1\thost\tstream\t1\tcharge\t2020-01-01 11:00\tb
i2\thost\tstream\t1\tcharge\t2020-02-01 10:00\tc
i3\thost\tstream\t0\tanswer\t2020-03-01 10:00\td
"""
SECOND = """# invented
i1\thost\tstream\t1\tcharge\t2020-01-01 10:00\ta\t1\tcharge
i1\thost\tstream\t1\tother\t2020-01-01 11:00\tb\t1\tcharge
i2\thost\tstream\t-\tnone\t2020-02-01 10:00\tc\t0\tother
i3\thost\tstream\t0\tanswer\t2020-03-01 10:00\td\t0\tanswer
s1\thost\tstream\t1\tcharge\t2020-04-01 10:00\te\t1\tcharge
-\thost\tstream\t-\tnone\t2020-05-01 10:00\tf\t-\tnone
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first.tsv", tmp_path / "second.tsv"
    first.write_text(FIRST, encoding="utf-8")
    second.write_text(SECOND, encoding="utf-8")
    return first, second


def test_both_are_the_incidents_that_both_readers_call_sure(files: tuple[Path, Path]) -> None:
    both = read_incidents(*files).both
    assert [(line.title, line.part) for line in both] == [("a", "charge"), ("b", "other")]


def test_settled_has_its_own_sure_and_part_and_no_title_of_no_incident(files: tuple[Path, Path]) -> None:
    settled = read_incidents(*files).settled
    parts = [(line.title, line.part, line.sure) for line in settled]
    assert parts == [
        ("a", "charge", True), ("b", "charge", True), ("c", "other", False), ("d", "answer", False),
        ("e", "charge", True),
    ]  # fmt: skip


def test_agreement_counts_each_title_and_the_first_readers_incidents(files: tuple[Path, Path]) -> None:
    figures = {
        figure.name.removeprefix("alarms.readers."): figure for figure in agreement(read_incidents(*files))
    }
    assert (figures["part.agreement"].n, figures["part.agreement"].value) == (6, 3 / 6)
    assert (figures["part-within.agreement"].n, figures["part-within.agreement"].value) == (3, 2 / 3)
    assert (figures["sure.agreement"].n, figures["sure.agreement"].value) == (3, 2 / 3)
    assert all(figure.low is not None and figure.low <= figure.value for figure in figures.values())


def test_kappa_is_agreement_beyond_chance() -> None:
    table = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(table) == pytest.approx(0.4)
    assert kappa([("yes", "yes")] * 3) == 1


def test_the_second_reader_read_every_title_of_the_first() -> None:
    readings = read_incidents()
    seen = {(line.read, line.at) for line in readings.second}
    assert all((line.read, line.at) in seen for line in readings.first)
    assert {line.part for line in readings.settled} == {"charge", "answer", "other"}
