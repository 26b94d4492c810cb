"""Questions over time as an analyst asks them from the shell."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from tests.trends.conftest import EMPTY, PEAK, Run

WINDOW = ("--since", "2020-11-16", "--until", "2020-11-29")
PNG = b"\x89PNG\r\n"
QUESTIONS = [
    ("trend", "host:林小禾", *WINDOW),
    ("compare", "host:林小禾", "host:周小满", *WINDOW),
    ("crosstab", ""),
    ("words", "", *WINDOW),
    ("peaks", "host:林小禾"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question[0])
def test_each_writes_csv_workbook_and_chart(run: Run, tmp_path: Path, question: tuple[str, ...]) -> None:
    files = [tmp_path / f"out.{form}" for form in ("csv", "xlsx", "png")]
    code, out, err = run(
        *question, "--csv", str(files[0]), "--xlsx", str(files[1]), "--png", str(files[2]), "--json"
    )
    assert code == 0, err
    assert json.loads(out)
    rows = list(csv.reader(files[0].read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) > 2 and rows[-1][0].startswith("# ")
    assert openpyxl.load_workbook(files[1]).sheetnames[-1] == "notes"
    assert files[2].read_bytes().startswith(PNG)
    assert not list(tmp_path.glob("*.part"))


def test_trend_keeps_its_form_and_tells_the_gap(run: Run) -> None:
    code, out, err = run("trend", "host:周小满", *WINDOW, "--json")
    rows = json.loads(out)
    assert code == 0 and len(rows) == 14 and rows[0] == {"start": "2020-11-16", "count": 1, "split": None}
    assert f"{EMPTY}: nothing was collected." in err
    _, out, _ = run("trend", "host:周小满", *WINDOW, "--against", "previous", "--json")
    peak = json.loads(out)[2]
    assert (peak["start"], peak["all"], peak["before"], peak["change"]) == (PEAK, 33, 1, 0.0)
    assert peak["interval"][0] < peak["share"] < peak["interval"][1]
    _, out, _ = run("trend", "host:周小满", *WINDOW, "--share")
    assert "nothing was collected" in out and "3.0%" in out


def test_compare_takes_a_period_and_pairs_its_days(run: Run) -> None:
    code, out, _ = run("compare", "host:林小禾", *WINDOW, "--against", "previous", "--by", "day", "--json")
    found = json.loads(out)
    assert code == 0
    assert [side["documents"] for side in found["sides"]] == [56, 28]
    assert found["voice"][0] | {"interval": None} == {
        "count": 56,
        "n": 84,
        "share": 0.666667,
        "interval": None,
    }
    assert found["pairs"][2]["one"]["start"] == PEAK
    assert found["pairs"][2]["other"]["start"] == "2020-11-04"
    code, _, err = run("compare", "a", "b", "--against", "year")
    assert code == 2 and "Leave the second query" in err


def test_what_cannot_be_asked_is_told(run: Run) -> None:
    assert run("words", "")[0] == 2
    assert run("crosstab", "", "--rows", "nothing")[0] == 2
    assert run("peaks", "", "--by", "month")[0] == 2
    code, _, err = run("peaks", "", "--csv", "/nowhere/file.csv")
    assert code == 2 and "cannot be written" in err
    assert run("affairs", "timeline", "nothing")[0] == 2
    assert "No peak" in run("peaks", "host:周小满")[1]


def test_tables_name_what_they_leave_out(run: Run) -> None:
    _, out, err = run("crosstab", "", "--limit", "1")
    assert "1 more values of hosts are not shown." in err
    assert "84" in out
    assert "玉镯" in run("peaks", "host:林小禾")[1]
    assert "玉镯" in run("words", "", *WINDOW)[1]


def test_a_window_inside_the_query_opens_the_trend(run: Run) -> None:
    run("query", "save", "玉镯两周", "(玉镯 since:2020-11-16) until:2020-11-29")
    asked = [
        run("trend", *question, "--json")[1]
        for question in (
            ("玉镯", *WINDOW),
            ("玉镯 since:2020-11-16 until:2020-11-29",),
            ("query:玉镯两周",),
            ("玉镯 since:2020-11-01 until:2020-11-29", "--since", "2020-11-16", "--until", "2020-12-31"),
        )
    ]
    assert asked == [asked[0]] * 4 and len(json.loads(asked[0])) == 14
    _, out, err = run("trend", "since:2020-11-10 玉镯", "--json")
    assert json.loads(out)[0] == {"start": "2020-11-10", "count": 0, "split": None}
    assert "2020-11-10T00:00" in err
    # A bound under OR or NOT is none of the whole.
    assert json.loads(run("trend", "玉镯 -since:2020-12-01", "--json")[1])[0]["start"] == PEAK
    # Nothing is in both windows; the one that was asked for is shown, empty.
    _, out, _ = run("trend", "since:2020-12-01 玉镯", *WINDOW, "--json")
    assert [row["count"] for row in json.loads(out)] == [0] * 14
    code, out, _ = run("trend", "玉镯 since:2020-11-16 until:2020-11-29", "--against", "previous", "--json")
    assert code == 0 and json.loads(out)[2]["before"] == 0


def test_a_year_ago_that_was_not_collected_is_no_zero(run: Run) -> None:
    code, out, err = run("trend", "玉镯", *WINDOW, "--against", "year", "--json")
    row = json.loads(out)[2]
    assert code == 0, err
    assert (row["before"], row["change"], row["before_gap"]) == (None, None, "nothing was collected")
    assert "14 intervals were not or not wholly collected" in err
    _, out, _ = run("trend", "玉镯", *WINDOW, "--against", "year")
    assert out.count("not collected") == 14
    _, out, _ = run("compare", "玉镯", *WINDOW, "--against", "year")
    assert "not collected" in out and "unknown" in out
