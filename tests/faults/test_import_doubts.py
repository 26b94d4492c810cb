"""An import says what it drops and what would be counted twice, before it does so."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import fengping

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import Kind


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
    assert run(home, file, "vendor")[0] == []
    kept = "rows were imported before and keep the kind and channel they had"
    doubts, said = run(home, file, "vendor", "--kind", "news")
    assert doubts == [f"2 {kept}; to change that: fengping import --undo 1, then import anew."]
    assert "fengping import --undo 1" in said
    assert f"1 {kept}; to change that, find their import" in run(home, part, "vendor", "--kind", "news")[0][0]
    assert fengping(home, "import", "--undo", "1", "--yes").returncode == 0
    assert run(home, file, "vendor", "--kind", "news")[0] == []
    [batch] = open_journal(home).read({}, 10, salvage=True)
    kinds = {line.document.kind for line in batch.lines if line.document}
    assert kinds == {Kind.NEWS}
