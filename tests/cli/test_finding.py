"""``search``, ``trend``, ``compare`` and ``export`` as an analyst and a script use them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import SAMPLES, document

from devtools.bench import Options
from devtools.bench import search as search_bench
from fengping.cli import main
from fengping.cli import views as finding_views
from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import Filter, Interval, open_store, open_store_url
from fengping.indexer.search import export as exports
from fengping.indexer.search import parse, trend

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Home, capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls ``fengping --home HOME …`` on the samples; gives exit code, stdout and stderr."""
    store = open_store(home)
    store.put(SAMPLES)
    store.close()

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        try:
            main(["--home", str(home.root), *arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


def as_json(run: Run, *arguments: str) -> Any:
    code, out, _ = run(*arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_search_gives_whole_documents(run: Run) -> None:
    found = as_json(run, "search", "直播间 OR 物流", "--since", "2020-11-01", "--until", "2020-11-01")
    assert found == {"total": 2, "hits": [SAMPLES[1].to_record(), SAMPLES[0].to_record()]}
    assert found["hits"][0]["published_at"] == "2020-11-01T23:59:59+08:00"
    assert as_json(run, "search")["total"] == 6
    assert [hit["id"] for hit in as_json(run, "search", "", "--limit", "1", "--offset", "1")["hits"]] == [
        "a4"
    ]
    assert [hit["id"] for hit in as_json(run, "search", "", "--limit", "1", "--sort", "oldest")["hits"]] == [
        "a1"
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--host", "甲"], {"a1", "a3", "a5"}),
        (["--host", "甲", "--host", "乙", "--channel", "微博"], {"a2", "a3"}),
        (["--issue", "c02", "--polarity", "负面"], {"a1", "a4"}),
        (["--platform", "快手", "--source", "微博"], {"a2"}),
    ],
)
def test_options_narrow_a_search(run: Run, options: list[str], expected: set[str]) -> None:
    assert {hit["id"] for hit in as_json(run, "search", "", *options)["hits"]} == expected


def test_a_search_is_read_with_its_matches(run: Run) -> None:
    code, out, err = run("search", "直播间 -平台", "--until", "2020-11-30")
    assert code == 0
    assert "Understood: 直播间 AND NOT 平台 · … ≤ time < 2020-12-01T00:00:00+08:00" in err
    assert "1 more match but have no date" in err
    assert "2020-11-01 09:00  neg  news.example  甲  C02 C05  a1" in out
    assert "1 found, 1–1 shown." in out


def test_matches_are_marked_where_they_stand() -> None:
    text = "话" * 300 + "买了Ｉphone  15这台手机"
    shown = finding_views.snippet(document("x", text, title="手机"), parse("iphone15 OR 手机 OR iphon"))
    marked = [shown.plain[span.start : span.end] for span in shown.spans if "bright" in str(span.style)]
    assert marked == ["手机", "Ｉphone  15", "手机"]
    assert shown.plain.count("…") == 1


def test_trend_leaves_no_gap(run: Run) -> None:
    rows = as_json(run, "trend", "", "--since", "2020-10-31", "--until", "2020-11-03")
    assert rows == [
        {"start": "2020-10-31", "count": 0, "split": None},
        {"start": "2020-11-01", "count": 2, "split": None},
        {"start": "2020-11-02", "count": 2, "split": None},
        {"start": "2020-11-03", "count": 0, "split": None},
    ]
    weeks = as_json(run, "trend", "甲", "--by", "week")
    assert [row["start"] for row in weeks] == [
        "2020-10-26", "2020-11-02", "2020-11-09", "2020-11-16", "2020-11-23", "2020-11-30",
    ]  # fmt: skip
    assert [row["count"] for row in weeks] == [1, 1, 0, 0, 0, 1]
    months = as_json(run, "trend", "", "--by", "month", "--since", "2020-09-15", "--until", "2021-01-01")
    assert [(row["start"], row["count"]) for row in months] == [
        ("2020-09-01", 0), ("2020-10-01", 0), ("2020-11-01", 4), ("2020-12-01", 1), ("2021-01-01", 0),
    ]  # fmt: skip
    hours = as_json(
        run, "trend", "", "--by", "hour", "--since", "2020-11-01T08:30", "--until", "2020-11-01T10:00"
    )
    assert hours == [
        {"start": "2020-11-01T08:00:00+08:00", "count": 0, "split": None},
        {"start": "2020-11-01T09:00:00+08:00", "count": 1, "split": None},
    ]
    assert as_json(run, "trend", "没有这样的话") == []


def test_trend_by_split(run: Run) -> None:
    rows = as_json(run, "trend", "", "--split", "hosts", "--since", "2020-11-01", "--until", "2020-11-03")
    assert [(row["start"][-2:], row["split"], row["count"]) for row in rows] == [
        ("01", "乙", 1), ("01", "甲", 1), ("02", "乙", 1), ("02", "甲", 1), ("03", "乙", 0), ("03", "甲", 0),
    ]  # fmt: skip
    tones = as_json(
        run, "trend", "物流", "--split", "polarity", "--since", "2020-11-01", "--until", "2020-11-01"
    )
    assert {row["split"]: row["count"] for row in tones} == {"neg": 0, "neu": 0, "pos": 1}


def test_trend_is_drawn(run: Run) -> None:
    _, out, err = run("trend", "直播", "--split", "hosts", "--by", "month")
    assert "█" in out
    assert "2020-11-01 … 2020-12-01" in out
    assert "1 more match but have no date" in err
    _, out, _ = run("trend", "直播", "--until", "2020-11-05")
    assert "2020-11-02" in out
    _, out, _ = run("trend", "没有这样的话")
    assert "Nothing found." in out


def test_compare_two_queries(run: Run) -> None:
    one, other = as_json(run, "compare", "甲", "乙", "--since", "2020-11-01", "--until", "2020-11-02")
    assert one["query"].startswith("甲 · 2020-11-01T00:00:00+08:00 ≤ time")
    assert (one["documents"], one["all"], one["share"]) == (2, 4, 0.5)
    assert (one["negative"], one["negative_share"], one["daily_mean"]) == (1, 0.5, 1.0)
    assert one["peak"] == {"start": "2020-11-01", "count": 1}
    assert other["documents"] == 2
    assert other["hosts"] == {"乙": 2, "甲": 1}
    assert one["in_both"] == other["in_both"] == 1
    # Without a window both are counted over the days that either of them spans.
    one, other = as_json(run, "compare", "甲", "乙")
    assert (one["days"], other["days"], other["daily_mean"]) == (31, 31, 2 / 31)
    _, out, _ = run("compare", "甲", "没有这样的话")
    assert "n = 6" in out


def test_compare_two_windows(run: Run) -> None:
    one, other = as_json(
        run, "compare", "甲", "--since", "2020-11-01", "--until", "2020-11-02",
        "--with-since", "2020-12-01", "--with-until", "2020-12-02",
    )  # fmt: skip
    assert (one["documents"], other["documents"], one["in_both"]) == (2, 1, None)
    code, _, err = run("compare", "甲")
    assert code == 2
    assert "Missing second query" in err


def test_a_party_that_no_text_names_is_told_with_the_nearest(run: Run) -> None:
    for command in ("search", "trend"):
        code, _, err = run(command, "accused:样牌子 OR accused:甲乙丙")
        assert code == 0
        assert "No text charges '样牌子'. Did you mean '样牌'?" in err
        assert "No text charges '甲乙丙'." in err
    assert as_json(run, "search", "party:抖音里")["hints"] == ["No text names '抖音里'. Did you mean '抖音'?"]
    assert "hints" not in as_json(run, "search", "accused:样牌子 OR 物流")
    assert as_json(run, "crosstab", "accused:样牌子")["n"] == 0


def test_a_party_is_found_by_its_alias(run: Run) -> None:
    assert [one["id"] for one in as_json(run, "search", "party:抖音平台 OR party:Douyin")["hits"]] == ["a4"]


def test_private_people_are_found_by_name_and_listed_nowhere(run: Run) -> None:
    assert [one["id"] for one in as_json(run, "search", "accused:丙丁")["hits"]] == ["a4"]
    assert {one["split"] for one in as_json(run, "trend", "", "--split", "parties")} == {"甲", "样牌", "抖音"}
    assert as_json(run, "trend", "", "--split", "people") == []
    table = as_json(run, "crosstab", "", "--rows", "accused", "--columns", "signals")
    assert {cell["accused"] for cell in table["cells"]} == {"甲", "样牌"}
    assert table["left_out"]["accused"] == 0
    assert "丙丁" not in run("search", "party:丙丁人")[2].replace("丙丁人", "")


def test_export(run: Run, tmp_path: Path) -> None:
    where = ["export", "甲", "--until", "2020-11-30"]
    assert run(*where, "--out", str(tmp_path / "a.csv"))[0] == 0
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["a1", "a3"]
    assert rows[1]["hosts"] == "甲、乙"
    assert (rows[0]["accused"], rows[0]["facets"]) == ("甲、样牌", "私域")
    assert run(*where, "--format", "jsonl", "--out", str(tmp_path / "a.jsonl"))[0] == 0
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    whole = [
        one.to_record() | {"affair": [one.event] if one.event else []} for one in (SAMPLES[0], SAMPLES[2])
    ]
    assert [json.loads(line) for line in lines] == whole
    assert run(*where, "--format", "xlsx", "--out", str(tmp_path / "a.xlsx"))[0] == 0
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert cells[0] == exports.COLUMNS
    assert [row[0] for row in cells[1:]] == ["a1", "a3"]
    assert sorted(file.name for file in tmp_path.glob("a.*")) == ["a.csv", "a.jsonl", "a.xlsx"]


def test_export_to_stdout_and_what_cannot_be(run: Run, tmp_path: Path) -> None:
    code, out, err = run("export", "调查", "--format", "jsonl")
    assert (code, json.loads(out)["id"]) == (0, "a4")
    assert "1 documents written." in err
    code, _, err = run("export", "--format", "xlsx")
    assert (code, "--out" in err) == (2, True)
    code, _, err = run("export", "--out", str(tmp_path / "no folder" / "a.csv"))
    assert (code, "cannot be written: No such file" in err) == (2, True)


@pytest.mark.parametrize("mark", [*"=+-@\t\r＝＋－＠﹦﹢⁼", "\ufeff=", "\u200b="])
def test_cells_that_a_sheet_would_compute_are_defused(mark: str, tmp_path: Path) -> None:
    assert str(exports.safe_cell(f"{mark}1+1")).startswith("'")
    exports.write_xlsx([document("x", f"{mark}1+1")], tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet.cell(2, exports.COLUMNS.index("text") + 1).data_type == "s"


def test_foreign_text_is_no_formula(tmp_path: Path) -> None:
    posts = [document("x", "=HYPERLINK(1)", title="+1", author="@you"), document("y", "字" * 40_000)]
    exports.write_xlsx(posts, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.active is not None
    rows = list(book.active.iter_rows(min_row=2))
    at = exports.COLUMNS.index("text")
    assert (rows[0][at].value, rows[0][at].data_type) == ("=HYPERLINK(1)", "s")
    assert len(str(rows[1][at].value)) == exports.MAX_CELL
    with (tmp_path / "a.csv").open("w+", encoding="utf-8", newline="") as file:
        exports.write_csv(posts, file)
        file.seek(0)
        assert next(csv.DictReader(file))["text"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["trend", "--by", "dya"], "Did you mean 'day'"),
        (["trend", "--split", "host"], "Did you mean 'hosts'"),
        (["search", "--sort", "newst"], "Did you mean 'newest'"),
        (["search", "--polarity", "negativ"], "Did you mean 'negative'"),
        (["search", "--limit", "10001"], "10,000"),
        (["search", "(假货"], "Unclosed bracket at character 1."),
        (["search", "", "--since", "2020-13-01"], "is not a date"),
        (["search", "", "--since", "2020-11-02", "--until", "2020-11-01"], "empty"),
        (["trend", "", "--by", "hour", "--since", "1970-01-01"], "Narrow"),
        (["export", "--format", "xls"], "Did you mean 'xlsx'"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


@given(
    st.lists(st.integers(0, 90 * 24), min_size=1, max_size=20),
    st.sampled_from(Interval),
    st.sampled_from([None, "hosts", "polarity"]),
)
def test_a_trend_adds_up_and_has_every_interval_once(
    hours: list[int], by: Interval, split: str | None
) -> None:
    store = open_store_url("memory:")
    start = datetime(2020, 10, 1, tzinfo=UTC)
    store.put(
        [
            document(str(n), "", datetime.fromtimestamp(start.timestamp() + hour * 3600, UTC), hosts=("甲",))
            for n, hour in enumerate(hours)
        ]
    )
    found = trend(store, Filter(), by, split=split)
    assert sum(bucket.count for bucket in found) == len(hours)
    places = [(bucket.start, bucket.split) for bucket in found]
    assert len(places) == len(set(places))
    assert [bucket.start for bucket in found] == sorted(bucket.start for bucket in found)
    whole = trend(store, Filter(since=parse_moment("2020-09-01"), until=parse_moment("2021-01-31")), by)
    assert {bucket.start for bucket in found} <= {bucket.start for bucket in whole}
    assert sum(bucket.count for bucket in whole) == len(hours)


@given(st.lists(st.integers(0, 1_000_000), max_size=400))
def test_a_sparkline_shows_every_count(counts: list[int]) -> None:
    line = finding_views.sparkline(counts)
    assert len(line) <= 60
    assert (line.strip() != "") == any(counts)


def test_the_bench_measures_both_stores(tmp_path: Path) -> None:
    rows = search_bench.run(Options(size=200, store=f"tantivy:{tmp_path / 'own'}", data=tmp_path))
    own, named = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    assert [row.what for row in own] == [row.what for row in named]
    assert all(row.value > 0 for row in rows)
    assert [row.beside for row in named] == [row.what for row in own]
    # The user's own store is left alone, and the invented posts are gone.
    assert not (tmp_path / "own").exists()
    assert open_store_url(f"tantivy:{tmp_path / 'own-bench'}").count(Filter()) == 0


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--host", "檀木小树", "Unknown host '檀木小树'"),
        ("--issue", "C99", "Unknown complaint class 'C99'. Did you mean"),
        ("--platform", "抖音商域", "Did you mean '抖音'"),
    ],
)
@pytest.mark.parametrize("command", ["search", "trend", "export"])
def test_an_unknown_value_is_refused_and_not_found_nowhere(
    run: Run, command: str, option: str, value: str, told: str
) -> None:
    code, out, errors = run(command, "直播间", option, value)
    assert (code, out) == (2, "")
    assert told in errors


def test_an_alias_stands_for_its_host(run: Run) -> None:
    by_name, by_alias = (as_json(run, "search", "--host", name)["total"] for name in ("薇娅", "viya"))
    assert by_name == by_alias


def test_a_host_of_an_older_registry_is_still_found(run: Run, home: Home) -> None:
    store = open_store(home)
    store.put([document("9", "直播间样例", hosts=("檀木小树",))])
    store.close()
    assert as_json(run, "search", "--host", "檀木小树")["total"] == 1
