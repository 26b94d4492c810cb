"""An import says what it drops and what would be counted twice, before it does so."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import fengping

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import Kind
from fengping.sentences import plain


def run(home: Home, file: Path, source: str, *options: str) -> tuple[list[str], str]:
    done = fengping(home, "import", str(file), "--source", source, *options, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["doubts"], " ".join(done.stderr.split())


def test_the_same_content_as_another_source_and_dropped_columns(home: Home, tmp_path: Path) -> None:
    file, copy = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("正文,时间,审核人\n发货太慢,2020-11-11,某甲\n", encoding="utf-8")
    copy.write_bytes(file.read_bytes())
    dropped = "a.csv: no field is read from 审核人."
    doubts, said = run(home, file, "vendor")
    assert doubts == [dropped]
    assert dropped in said
    assert run(home, file, "vendor")[0] == [dropped], "again as the same source it adds nothing"
    doubts, said = run(home, copy, "other")
    assert any("b.csv was imported as vendor on" in one for one in doubts)
    assert "counted twice" in said


def test_rows_that_come_again_keep_their_kind_and_the_remedy_is_told(home: Home, tmp_path: Path) -> None:
    file, part = tmp_path / "a.csv", tmp_path / "part.csv"
    file.write_text("正文,时间\n发货太慢,2020-11-11\n退款难,2020-11-12\n", encoding="utf-8")
    part.write_text("正文,时间\n发货太慢,2020-11-11\n", encoding="utf-8")
    assert run(home, file, "vendor")[0] == run(home, file, "vendor")[0] == []
    kept = "rows were imported before and keep the kind and channel they had"
    doubts, said = run(home, file, "vendor", "--kind", "news")
    remedy = "fengping import --undo 1; fengping import --undo 2. Then import anew."
    assert doubts == [f"2 {kept}; to change that, take back each import that brought them: {remedy}"]
    assert remedy in said
    chinese = plain(doubts[0], lang="zh")
    assert chinese.endswith("：fengping import --undo 1；fengping import --undo 2。然后重新导入。")
    assert f"1 {kept}; to change that, find their import" in run(home, part, "vendor", "--kind", "news")[0][0]
    for number in "12":
        assert fengping(home, "import", "--undo", number, "--yes").returncode == 0
    assert run(home, file, "vendor", "--kind", "news")[0] == []
    [batch] = open_journal(home).read({}, 10, salvage=True)
    kinds = {line.document.kind for line in batch.lines if line.document}
    assert kinds == {Kind.NEWS}


def test_rows_that_share_an_address_are_told_before_and_after(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"青禾牌锅铲第{n}次断柄,https://shop.example/item/7,2020-11-11" for n in range(6)]
    rows += ["青禾牌锅铲很好,https://shop.example/item/8,2020-11-11"]
    rows += [
        f"青禾牌锅铲寄错{n},https://shop.example,2020-11-11" for n in range(2)
    ]  # a front page is no address
    file.write_text("正文,链接,时间\n" + "\n".join(rows) + "\n", encoding="utf-8")
    doubts, said = run(home, file, "vendor")
    assert doubts == [
        "a.csv: 5 of the first 9 rows have the address of another text and would be versions of one "
        "document; --map url= leaves the column out.",
        "At least 5 rows have the address of another text and became versions of one document; if they are "
        "texts of their own: fengping import --undo 1, then import with --map url=.",
    ]
    assert all(one in said for one in doubts)
    assert fengping(home, "import", "--undo", "1", "--yes").returncode == 0
    assert run(home, file, "vendor", "--map", "url=")[0] == ["a.csv: no field is read from 链接."]
    [batch] = open_journal(home).read({}, 20, salvage=True)
    assert len({line.document.id for line in batch.lines if line.document}) == len(rows)


def test_versions_of_one_text_are_none_that_fell_together(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"青禾牌锅铲断柄,https://shop.example/item/7,2020-11-11,{likes}" for likes in (1, 5, 9)]
    file.write_text("正文,链接,时间,点赞数\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert run(home, file, "vendor")[0] == []
