"""An import says what it drops and what would be counted twice, before it does so."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import fengping

from fengping.home import Home


def run(home: Home, file: Path, source: str) -> tuple[list[str], str]:
    done = fengping(home, "import", str(file), "--source", source, "--yes", "--json")
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
