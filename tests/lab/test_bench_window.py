"""The posts of a window measured from files to the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from fengping.lab.bench import Options, window


@pytest.mark.slow
def test_each_stage_has_its_rows(tmp_path: Path) -> None:
    rows = {row.what: row for row in window.run(Options(size=200, store="", data=tmp_path))}
    assert {row.unit for row in rows.values()} == {"s", "documents/s", "µs/document", "MiB"}
    for stage in ("import", "index", "back-test", "report double11"):
        assert any(what.startswith(stage) and row.value > 0 for what, row in rows.items())
    assert rows["  documents"].value + rows["  events"].value > 0
