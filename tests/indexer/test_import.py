"""``fengping import``: other people's files, whatever their form, into the journal, each content once."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.meanwhile import failing
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from fengping.cli import main
from fengping.clock import iso
from fengping.errors import Failed
from fengping.home import Home
from fengping.indexer import import_lock, open_journal
from fengping.indexer.importing import Importer
from fengping.indexer.importing.texts import read_csv
from fengping.indexer.journal import JournalWriter
from fengping.models import Channel, Kind, Precision, RawDocument, document_id


@dataclass(frozen=True)
class Outcome:
    code: int
    told: dict[str, Any]
    said: str
    """Text on stderr, its lines joined."""


Import = Callable[..., Outcome]


@pytest.fixture
def run(home: Home, capfd: pytest.CaptureFixture[str]) -> Import:
    def run(*arguments: object, source: str = "样源") -> Outcome:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), "import", *map(str, arguments), "--source", source, "--json"])
        out, err = capfd.readouterr()
        code = ended.value.code
        return Outcome(int(code or 0), orjson.loads(out) if out else {}, " ".join(err.split()))

    return run


def journaled(home: Home) -> list[RawDocument]:
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    assert all(line.document for line in lines)
    return [line.document for line in lines if line.document]


def refused(outcome: Outcome) -> list[dict[str, Any]]:
    path = outcome.told["side_file"]
    return [orjson.loads(line) for line in Path(path).read_bytes().splitlines()] if path else []


def write_csv(path: Path, rows: Iterable[Sequence[object]], encoding: str = "utf-8", mark: str = ",") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, Iterable[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


VENDOR = (
    ("标题", "正文", "链接", "发布时间", "作者", "来源", "平台", "转发数", "评论数", "点赞数"),
    ("晚霞杯被指漏水", "青禾直播间卖出的晚霞杯，多人说漏水。", "https://weibo.com/1234567890/z0JH2lOMb",
     "2020/11/11 8:00", "山脚的风", "微博", "微博", "1.2万", "345", "10万+"),
    ("平台回应晚霞杯", "平台称已下架晚霞杯并退款。", "http://news.example.cn/a/1.html?from=timeline",
     "2020年11月12日 09:30", "本报记者", "样城日报", "新闻网站", "-", "", "12"),
)  # fmt: skip


class TestVendorTables:
    def test_every_field_of_an_export_is_found_by_its_name(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        outcome = run(write_csv(tmp_path / "导出.csv", VENDOR))
        assert (outcome.code, outcome.told["statuses"]) == (0, {"new": 2})
        post, news = journaled(home)
        assert post.id == document_id("https://weibo.com/detail/3501756485200075")
        assert (post.title, post.text) == VENDOR[1][:2]
        assert (iso(post.published_at), post.precision) == ("2020-11-11T08:00:00+08:00", Precision.MINUTE)
        assert (post.source, post.author, post.site) == ("样源", "山脚的风", "微博")
        assert (post.channel, post.kind) == (Channel.WEIBO, Kind.POST)
        engagement = post.engagement
        assert (engagement.reposts, engagement.comments, engagement.likes) == (12_000, 345, 100_000)
        assert len(post.author_id) == 32
        assert (news.channel, news.kind, news.engagement.reposts) == (Channel.NEWS, Kind.NEWS, None)
        assert news.canonical_url == "https://news.example.cn/a/1.html"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5"])
    @pytest.mark.parametrize("mark", [",", "\t", ";"])
    def test_encoding_and_delimiter_are_guessed(
        self, run: Import, home: Home, tmp_path: Path, encoding: str, mark: str
    ) -> None:
        header = ("標題", "內容") if encoding == "big5" else ("标题", "内容")
        texts = (
            ("這個杯子漏水，我們要退款", "說好的假一賠十呢？")
            if encoding == "big5"
            else ("漏水，要退款", "假一赔十呢？")
        )
        outcome = run(
            write_csv(tmp_path / "a.csv", [header, ("甲", texts[0]), ("乙", texts[1])], encoding, mark),
            *(("--map", "text=內容", "--map", "title=標題") if encoding == "big5" else ()),
        )
        assert outcome.told["statuses"] == {"new": 2}
        assert [document.text for document in journaled(home)] == list(texts)

    def test_a_workbook_with_a_heading_and_several_sheets(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = write_xlsx(
            tmp_path / "导出.xlsx",
            {
                "说明": [["本表由样例系统导出"], ["仅供内部参考"]],
                "微博": [
                    ["舆情监测明细"],
                    ["导出时间", datetime(2020, 11, 12, 9)],  # noqa: DTZ001  as Excel keeps it
                    [],
                    ["序号", "微博正文", "发布时间", "微博昵称", "转发"],
                    [1, "晚霞杯漏水", datetime(2020, 11, 11, 20, 30, 5), "山脚的风", 3],  # noqa: DTZ001
                    [2, "还行", date(2020, 11, 10), "海边的云", "1.5万"],
                    [],
                    [3, "第三条", 44146.5, None, None],
                ],
                "空表": [],
            },
        )
        outcome = run(path)
        assert outcome.told["statuses"] == {"new": 3}
        first, second, third = journaled(home)
        assert (first.text, iso(first.published_at)) == ("晚霞杯漏水", "2020-11-11T20:30:05+08:00")
        assert (second.precision, second.engagement.reposts) == (Precision.DAY, 15_000)
        assert iso(third.published_at) == "2020-11-11T12:00:00+08:00"
        assert third.author_id == ""

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_a_web_page_that_calls_itself_excel(
        self, run: Import, home: Home, tmp_path: Path, encoding: str
    ) -> None:
        cells = "".join(
            f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (("报表",), *VENDOR)
        )
        path = tmp_path / "导出.xls"
        path.write_bytes(f"<html><body><table>{cells}</table></body></html>".encode(encoding))
        assert run(path).told["statuses"] == {"new": 2}
        assert [document.title for document in journaled(home)] == [VENDOR[1][0], VENDOR[2][0]]

    def test_gzipped_files_and_several_at_once(self, run: Import, home: Home, tmp_path: Path) -> None:
        table = write_csv(tmp_path / "a.csv", [("text",), ("一条",)])
        book = write_xlsx(tmp_path / "b.xlsx", {"表": [["text"], ["二条"]]})
        packed = []
        for path in (table, book):
            packed.append(path.with_name(path.name + ".gz"))
            packed[-1].write_bytes(gzip.compress(path.read_bytes()))
        assert run(*packed).told["statuses"] == {"new": 2}
        assert [document.text for document in journaled(home)] == ["一条", "二条"]

    def test_days_and_hours_in_columns_of_their_own(self, run: Import, home: Home, tmp_path: Path) -> None:
        rows = [("title", "date", "hour"), ("甲", "2020-11-11", "20"), ("乙", "2020-11-11", "")]
        run(write_csv(tmp_path / "a.csv", rows))
        run(write_csv(tmp_path / "b.csv", [("标题", "日期", "时间"), ("丙", "2020/11/11", "20:31:05")]))
        book = {"表": [["标题", "日期", "时间"], ["丁", date(2020, 11, 11), time(7, 5)]]}
        run(write_xlsx(tmp_path / "c.xlsx", book))
        rows = [("标题", "何日", "何时"), ("戊", "2020年11月11日", "6时")]
        run(write_csv(tmp_path / "d.csv", rows), "--map", "published_at=何日+何时")
        assert [(d.title, iso(d.published_at), d.precision) for d in journaled(home)] == [
            ("甲", "2020-11-11T20:00:00+08:00", Precision.HOUR),
            ("乙", "2020-11-11T00:00:00+08:00", Precision.DAY),
            ("丙", "2020-11-11T20:31:05+08:00", Precision.SECOND),
            ("丁", "2020-11-11T07:05:00+08:00", Precision.SECOND),
            ("戊", "2020-11-11T06:00:00+08:00", Precision.HOUR),
        ]

    def test_days_written_as_midnights_are_days(self, run: Import, home: Home, tmp_path: Path) -> None:
        days = [("正文", "发布时间"), *((f"第{n}条", f"2020-11-1{n} 00:00:00") for n in range(6))]
        run(write_csv(tmp_path / "a.csv", days))
        assert {document.precision for document in journaled(home)} == {Precision.DAY}
        clocks = [("正文", "发布时间"), ("甲", "2020-11-11 00:00:00"), ("乙", "2020-11-11 08:30:00")]
        run(write_csv(tmp_path / "b.csv", clocks), source="钟")
        assert {d.precision for d in journaled(home) if d.source == "钟"} == {Precision.SECOND}

    def test_options_win_over_guesses(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "a.csv", VENDOR)
        run(
            path, "--channel", "forum", "--kind", "comment", "--map", "text=标题+正文", "--map", "author=来源"
        )
        first, _ = journaled(home)
        assert (first.channel, first.kind, first.author) == (Channel.FORUM, Kind.COMMENT, "微博")
        assert first.text == f"{VENDOR[1][0]}\n{VENDOR[1][1]}"
        assert first.parent_id == document_id("https://weibo.com/detail/3501756485200075")

    def test_comments_under_one_post_stay_apart(self, run: Import, home: Home, tmp_path: Path) -> None:
        url = VENDOR[1][2]
        rows = [
            ("微博链接", "评论内容", "评论人"),
            (url, "漏水", "甲"),
            (url, "漏水", "乙"),
            (url, "没漏", "甲"),
        ]
        run(write_csv(tmp_path / "a.csv", rows))
        documents = journaled(home)
        assert len({document.id for document in documents}) == 3
        assert {d.parent_id for d in documents} == {document_id("https://weibo.com/detail/3501756485200075")}
        assert {d.kind for d in documents} == {Kind.COMMENT}

    @pytest.mark.parametrize("flags", ["01", ("0.0", "1.0"), ("False", "True")])
    def test_flags_are_no_site_and_hashtags_no_title(
        self, run: Import, home: Home, tmp_path: Path, flags: Sequence[str]
    ) -> None:
        rows = [("正文", "来源", "话题"), ("甲", flags[0], "晚霞杯"), ("乙", flags[1], "")]
        run(write_csv(tmp_path / "a.csv", rows))
        assert [(one.title, one.site) for one in journaled(home)] == [("", "")] * 2

    def test_running_numbers_and_front_pages_identify_nothing(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        for name, text in (("a", "第一天"), ("b", "第二天")):
            run(write_csv(tmp_path / f"{name}.csv", [("id", "text", "url"), (1, text, "https://weibo.com/")]))
        assert len({document.id for document in journaled(home)}) == 2

    def test_excels_rounded_numbers_identify_nothing(self, run: Import, home: Home, tmp_path: Path) -> None:
        rows = [["微博id", "微博正文"], [4570577072526291, "甲"], [4570577072526292, "乙"]]
        run(write_xlsx(tmp_path / "a.xlsx", {"表": rows}))
        rows = [["微博id", "微博正文"], ["4570577072526293", "丙"], ["4570577072526294", "丁"]]
        run(write_xlsx(tmp_path / "b.xlsx", {"表": rows}))
        by_number = {document_id("样源", f"457057707252629{n}"): n for n in range(1, 5)}
        assert [by_number.get(document.id) for document in journaled(home)] == [None, None, 3, 4]

    def test_nicknames_are_masked_where_the_home_says_so(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        home.config_file.write_text("[crawl]\nmask_nicknames = true\n", encoding="utf-8")
        run(write_csv(tmp_path / "a.csv", VENDOR))
        assert [document.author for document in journaled(home)] == ["山**", "本报记者"]


class TestJson:
    def test_objects_within_objects(self, run: Import, home: Home, tmp_path: Path) -> None:
        post = {
            "id": "4570577072526291", "text": "晚霞杯漏水", "geo": None, "pics": ["a", "b"],
            "created_at": "Wed Nov 11 20:00:00 +0800 2020", "attitudes_count": 7,
            "user": {"id": 123456, "screen_name": "山脚的风"},
        }  # fmt: skip
        path = tmp_path / "a.jsonl"
        path.write_bytes(orjson.dumps(post) + b"\n" + orjson.dumps(post | {"id": "4570577072526292"}) + b"\n")
        run(path)
        first, second = journaled(home)
        assert (first.author, first.engagement.likes) == ("山脚的风", 7)
        assert iso(first.published_at) == "2020-11-11T20:00:00+08:00"
        assert first.id != second.id

    def test_an_array_of_objects(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        rows = [{"title": f"第{n}条", "content": "一]二,三}" * 50} for n in range(2_000)]
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=2), encoding="utf-8")
        assert run(path).told["statuses"] == {"new": 2_000}
        assert journaled(home)[1_999].title == "第1999条"

    def test_a_list_within_one_object(self, run: Import, home: Home, tmp_path: Path) -> None:
        posts = [{"content": "甲，他说", "likes": 3}, {"content": "乙", "likes": 4}]
        for indent in (None, 2):
            path = tmp_path / f"{indent}.json"
            path.write_text(
                json.dumps({"ok": 1, "result": {"total": 2, "list": posts}}, indent=indent), "utf-8"
            )
            run(path, source=f"样{indent}")
        expected = [(post["content"], post["likes"]) for post in posts]
        assert [(one.text, one.engagement.likes) for one in journaled(home)] == expected * 2

    def test_a_post_with_a_list_of_its_own_is_a_post(self, run: Import, home: Home, tmp_path: Path) -> None:
        tags = [{"text": "标签", "url": "https://a.example/1", "title": "签", "likes": 1}]
        posts = [{"content": text, "time": "2020-11-11", "tags": tags} for text in "甲乙"]
        for name, rows in (("lines.jsonl", posts), ("array.json", [posts])):
            text = "\n".join(json.dumps(row) for row in rows)
            (tmp_path / name).write_text(text, "utf-8")
            run(tmp_path / name, source=name)
        assert [one.text for one in journaled(home)] == ["甲", "乙"] * 2

    def test_bad_lines_are_set_aside_with_the_reason(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(
            '{"text":"好","time":"2020-11-11"}\n{"text":\n["列"]\n\n{"text":""}\n'
            '{"text":"乱","time":"前几天"}\n{"text":"半\\ud83d"}\n'.encode()
            + b'{"text":"\xff\xfe"}\n'
        )
        outcome = run(path)
        assert (outcome.code, outcome.told["rows"]) == (0, 7)
        assert outcome.told["statuses"] == {"new": 2, "refused": 5}
        assert outcome.told["undated"] == 1
        assert [(entry["row"], entry["reason"][:7]) for entry in refused(outcome)] == [
            (2, "no vali"), (3, "no JSON"), (5, "neither"), (6, "'前几天' i"), (8, "bytes t"),
        ]  # fmt: skip
        assert "乱" in refused(outcome)[3]["data"]
        assert "5 rows stand in" in outcome.said
        assert run(path, "--strict").code == 1, "a script may want every row"

    def test_the_exit_code_says_whether_anything_was_taken(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.csv"
        for rows, code, strict in (("好,2020-11-11\n", 0, 0), ("坏,前几天\n", 1, 1)):
            path.write_text(f"正文,时间\n{rows}", encoding="utf-8")
            assert (run(path).code, run(path, "--strict").code) == (code, strict)


class TestBrokenCsv:
    @pytest.mark.parametrize(
        ("lines", "texts", "reasons"),
        [
            (['1,"从不合上', "2,乙", "3,丙"], ['"从不合上', "乙", "丙"], []),
            (['1,"他说"好"的"', "2,乙"], ['他说"好"的', "乙"], []),
            (['1,"两行', '的正文"', "2,乙"], ["两行\n的正文", "乙"], []),
            (['1,"引号""里"', "2,乙"], ['引号"里', "乙"], []),
            (["1,甲,多了", "2,乙"], ["乙"], ["3 cells where the header has 2"]),
            (["1", "2,乙"], ["乙"], ["1 cells where the header has 2"]),
            (["1,甲,,", "", ",", "2,乙"], ["甲", "乙"], []),
            (['1,尺寸5"的屏', '2,7"的屏', "3,丙"], ['尺寸5"的屏', '7"的屏', "丙"], []),
        ],
    )
    def test_a_broken_row_costs_itself_alone(
        self, run: Import, home: Home, tmp_path: Path, lines: list[str], texts: list[str], reasons: list[str]
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_text("\n".join(["编号,正文", *lines]) + "\n", encoding="utf-8")
        outcome = run(path)
        assert [document.text for document in journaled(home)] == texts
        assert [entry["reason"] for entry in refused(outcome)] == reasons

    def test_a_quote_never_closed_does_not_swallow_the_file(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_text('编号,正文\n0,"开\n' + "".join(f"{n},第{n}条\n" for n in range(1, 5_000)), "utf-8")
        assert run(path).told["statuses"] == {"new": 5_000}

    def test_bytes_of_another_encoding_late_in_the_file(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.csv"
        good = "".join(f"{n},这是第{n}条正文\n" for n in range(12_000))
        path.write_bytes(("编号,正文\n" + good).encode() + "x,乱码\n".encode("gb18030") + "y,好\n".encode())
        outcome = run(path)
        assert outcome.told["statuses"] == {"new": 12_001, "refused": 1}
        assert refused(outcome)[0]["reason"] == "bytes that are not in the file's encoding"

    def test_ascii_for_long_and_then_gb18030(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        lines = "".join(f"{n},ascii only line number {n}\n" for n in range(12_000))
        path.write_bytes(b"id,text\n" + lines.encode() + "x,直播间里的杯子漏水\n".encode("gb18030"))
        run(path)
        assert journaled(home)[-1].text == "直播间里的杯子漏水"


_cells = st.text(st.sampled_from('甲a1 ,\n"\r;\t，“'), min_size=1, max_size=8).filter(str.strip)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(_cells, _cells, _cells), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_a_well_formed_csv_is_read_as_it_was_written(rows: list[tuple[str, ...]], mark: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark, quoting=csv.QUOTE_ALL).writerows([("标题", "正文", "作者"), *rows])
    table = read_csv(io.StringIO(text.getvalue(), newline=""), "a.csv")
    assert table.columns == ("标题", "正文", "作者")
    assert [tuple(row.cells.values()) for row in table.rows] == rows  # type: ignore[union-attr]


class TestTwice:
    def test_the_same_file_again_adds_nothing(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "a.csv", VENDOR)
        run(path)
        assert run(path).told["statuses"] == {"again": 2}
        assert len(journaled(home)) == 2

    def test_the_same_row_within_one_file_is_taken_once(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        assert run(write_csv(tmp_path / "a.csv", [*VENDOR, *VENDOR[1:]])).told["statuses"] == {
            "new": 2, "again": 2,
        }  # fmt: skip

    def test_other_counts_are_a_new_version(self, run: Import, home: Home, tmp_path: Path) -> None:
        run(write_csv(tmp_path / "a.csv", VENDOR))
        later = (VENDOR[0], (*VENDOR[1][:-1], "20万"), VENDOR[2])
        assert run(write_csv(tmp_path / "b.csv", later)).told["statuses"] == {"updated": 1, "again": 1}
        versions = open_journal(home).versions(document_id("https://weibo.com/detail/3501756485200075"))
        assert [version.engagement.likes for version in versions] == [100_000, 200_000]

    def test_a_file_with_two_versions_of_a_page_again_adds_nothing(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        other = (VENDOR[1][0], "后来改过的正文", *VENDOR[1][2:])
        path = write_csv(tmp_path / "a.csv", [*VENDOR, other])
        assert run(path).told["statuses"] == {"new": 2, "updated": 1}
        assert run(path).told["statuses"] == {"again": 3}
        assert len(journaled(home)) == 3

    def test_many_shuffled_halves_make_one_whole(self, run: Import, home: Home, tmp_path: Path) -> None:
        rows = [(f"第{n}条", f"2020-11-{n % 30 + 1}") for n in range(12_000)]
        random.Random(7).shuffle(rows)
        head = ("正文", "日期")
        run(write_csv(tmp_path / "a.csv", [head, *rows[:8_000]]))
        outcome = run(write_csv(tmp_path / "b.csv", [head, *rows[4_000:]]))
        assert outcome.told["statuses"] == {"again": 4_000, "new": 4_000}
        assert sorted(d.text for d in journaled(home)) == sorted(text for text, _ in rows)

    def test_a_run_that_dies_before_it_remembers_loses_nothing(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = write_csv(tmp_path / "a.csv", VENDOR)
        with failing(JournalWriter, "sync", Failed("The disk is full.")):
            assert run(path).code == 1
        assert run(path).told["statuses"] == {"new": 2}
        assert len({document.id for document in journaled(home)}) == 2


ARTICLE = """<html><head><title>晚霞杯被指漏水_样城日报</title><meta charset="{charset}"></head><body>
<h1>晚霞杯被指漏水</h1><div>2020-11-11 20:30 来源：样城日报</div><div class="article">
<p>青禾直播间卖出的晚霞杯近日被多名消费者指出漏水，消费者王女士说，她收到的两只杯子都有裂纹，客服一直没有回应。</p>
<p>平台表示，已经要求商家下架该商品，并为消费者办理退款；市场监管部门说，正在对该商品的质量展开调查。</p>
<p>律师认为，主播在直播间作出的承诺属于要约的一部分，商家和直播间的运营者都应当为商品的质量负责。</p>
</div></body></html>"""


class TestPages:
    def test_a_warc_gives_its_pages(self, run: Import, home: Home, tmp_path: Path) -> None:
        path, article = tmp_path / "a.warc.gz", ARTICLE.format(charset="gb18030")
        with path.open("wb") as file:
            writer = WARCWriter(file, gzip=True)
            for name, kind, status, body in (
                ("1.html", "text/html; charset=gb18030", "200 OK", article.encode("gb18030")),
                ("a.png", "image/png", "200 OK", b"\x89PNG"),
                ("2.html", "text/html", "404 Not Found", b"<html>gone</html>"),
                ("3.html", "text/html", "200 OK", b"<html><body></body></html>"),
            ):  # fmt: skip
                headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
                record = writer.create_warc_record(
                    f"http://news.example.cn/{name}", "response",
                    payload=io.BytesIO(body), http_headers=headers,
                    warc_headers_dict={"WARC-Date": "2020-11-12T01:02:03Z"},
                )  # fmt: skip
                writer.write_record(record)
        outcome = run(path)
        assert outcome.told["statuses"] == {"new": 1, "skipped": 2, "refused": 1}
        assert "no article" in refused(outcome)[0]["reason"]
        [page] = journaled(home)
        assert page.id == document_id("https://news.example.cn/1.html")
        assert page.fetched_at == datetime(2020, 11, 12, 1, 2, 3, tzinfo=UTC)
        assert page.title == "晚霞杯被指漏水"
        assert "律师认为" in page.text
        assert iso(page.published_at) == "2020-11-11T20:30:00+08:00"

    def test_a_folder_gives_its_pages_and_their_addresses(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        folder = tmp_path / "saved"
        (folder / "news.example.cn/2020").mkdir(parents=True)
        html = ARTICLE.format(charset="utf-8")
        (folder / "news.example.cn/2020/1.html").write_text(html, "utf-8")
        marked = "<!-- saved from url=(0031)https://www.example.cn/b/2.html -->\n" + html.replace(
            "晚霞", "朝露"
        )
        (folder / "网页.htm").write_text(marked, "utf-8")
        (folder / "style.css").write_text("p {}", "utf-8")
        assert run(folder).told["statuses"] == {"new": 2}
        assert {document.canonical_url for document in journaled(home)} == {
            "https://news.example.cn/2020/1.html", "https://example.cn/b/2.html",
        }  # fmt: skip

    def test_a_page_saved_as_mhtml(self, run: Import, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "saved"
        folder.mkdir()
        (folder / "a.mhtml").write_bytes(
            b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\n'
            b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
            b"Content-Location: https://news.example.cn/3.html\n\n"
            + ARTICLE.format(charset="utf-8").encode()
            + b"\n--x--\n"
        )
        assert run(folder).told["statuses"] == {"new": 1}
        assert journaled(home)[0].url == "https://news.example.cn/3.html"


class TestTold:
    def test_the_columns_taken_are_shown(self, run: Import, tmp_path: Path) -> None:
        said = run(write_csv(tmp_path / "a.csv", VENDOR)).said
        assert re.search(r"text │ 正文 │ 青禾直播间卖出的晚霞杯", said)
        assert re.search(r"reposts │ 转发数 │ 1.2万", said)

    def test_what_is_no_count_or_address_is_left_out_and_told(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        rows = [
            ("正文", "链接", "点赞数"),
            *((f"第{n}条", "", "1") for n in range(120)),
            ("末", "见原文", "不少"),
        ]
        outcome = run(write_csv(tmp_path / "a.csv", rows))
        assert outcome.told["remarks"] == {"url": 1, "likes": 1}
        assert "1 × likes left out, for instance '不少'." in outcome.said
        assert journaled(home)[-1].text == "末"

    @pytest.mark.parametrize(
        ("content", "arguments", "sentence"),
        [
            (
                "甲,乙\n1,2\n",
                (),
                "no column that looks like a text or a title; its columns are: 甲, 乙. Name one",
            ),
            (
                "甲,乙\n1,2\n",
                ("--map", "text=丙"),
                "no column '丙'; its columns are: 甲, 乙. Name one of them",
            ),
            ("甲,乙\n1,2\n", ("--map", "txt=甲"), "Unknown field 'txt' to map to. Did you mean 'text'?"),
            ("甲,乙\n1,2\n", ("--map", "甲"), "'甲' is not field=column."),
            ("", (), "is empty."),
            ("%PDF-1.4 text", (), "is a PDF. JSON, CSV, XLSX"),
            ('{"a":\n1', (), "holds no JSON object that can be read. Write one object a line"),
            ("PK\x03\x04broken", (), "is not a readable XLSX file"),
            ("甲\n1\n", ("--encoding", "utf-99"), "Unknown encoding 'utf-99'."),
        ],
    )
    def test_what_cannot_be_imported_is_one_sentence(
        self, run: Import, home: Home, tmp_path: Path, content: str, arguments: tuple[str, ...], sentence: str
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_text(content, "utf-8")
        outcome = run(path, *arguments)
        assert outcome.code == 2
        assert sentence in outcome.said
        assert "Traceback" not in outcome.said
        assert not list(home.journal.glob("*"))

    def test_no_encoding_fits(self, run: Import, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"a,b\n" + b"\xff\x01" * 99)
        assert "neither UTF-8, UTF-16, GB18030 nor Big5. Name it with --encoding" in run(path).said

    def test_a_file_that_is_not_there(self, run: Import, tmp_path: Path) -> None:
        assert "does not exist" in run(tmp_path / "none.csv").said

    def test_a_cut_off_file_gives_what_it_holds_and_fails(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.csv.gz"
        rows = [("正文",), *((f"{n}:{random.Random(n).random()}",) for n in range(20_000))]
        whole = gzip.compress(write_csv(tmp_path / "a.csv", rows).read_bytes())
        path.write_bytes(whole[: len(whole) // 2])
        outcome = run(path)
        assert outcome.code == 1
        assert re.search(r"a\.csv\.gz is damaged: .* [\d,]+ rows before that were imported", outcome.said)
        assert 5_000 < len(journaled(home)) < 20_000

    def test_a_workbook_cut_off_within_a_sheet(self, run: Import, home: Home, tmp_path: Path) -> None:
        whole = write_xlsx(tmp_path / "a.xlsx", {"表": [["正文"], *([f"第{n}条"] for n in range(2_000))]})
        broken = tmp_path / "b.xlsx"
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                target.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
        outcome = run(broken)
        assert outcome.code == 1
        assert "is damaged" in outcome.said
        assert "Traceback" not in outcome.said

    def test_an_import_that_is_interrupted_says_how_to_go_on(
        self, run: Import, home: Home, tmp_path: Path
    ) -> None:
        path = write_csv(tmp_path / "a.csv", VENDOR)
        with failing(Importer, "take", KeyboardInterrupt()):
            outcome = run(path)
        assert outcome.code == 130 and "Import the files again for the rest" in outcome.said
        assert run(path).code == 0 and len(journaled(home)) == len(VENDOR) - 1

    def test_two_imports_into_one_home_are_refused(self, run: Import, home: Home, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "a.csv", VENDOR)
        with import_lock(home):
            outcome = run(path)
        assert outcome.code == 2
        assert re.search(r"Process \d+ already imports into this home", outcome.said)

    def test_nothing_but_bad_rows_is_a_failure(self, run: Import, tmp_path: Path) -> None:
        assert run(write_csv(tmp_path / "a.csv", [("正文", "时间"), ("甲", "昨天")])).code == 1


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "rows", "precision"),
    [
        ("weibo-hot-2020-double11.csv.gz", 1_323, Precision.DAY),
        ("weibo-topics-2024-2025.jsonl.gz", 5_610, Precision.HOUR),
        pytest.param("weibo-first-seen-2020-2021.csv.gz", 18_430, Precision.MINUTE, marks=pytest.mark.long),
    ],
)
def test_real_streams_need_no_mapping(
    run: Import, home: Home, file: str, rows: int, precision: Precision
) -> None:
    path = Path(os.environ.get("FENGPING_DATA", "../shared/data")) / "streams" / file
    if not path.exists():
        pytest.skip(f"The measuring data {path} does not exist.")
    assert run(path).told["statuses"] == {"new": rows}
    assert {document.precision for document in journaled(home)} == {precision}
    assert {document.channel for document in journaled(home)} == {Channel.WEIBO}
    assert run(path).told["statuses"] == {"again": rows}
