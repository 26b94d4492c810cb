"""The posts of a window measured from files to the report."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.making import document, new_home

from devtools.bench import Options, window
from fengping.indexer import Filter, open_journal, open_store
from fengping.progress import Record, Remark, listening

pytestmark = pytest.mark.long


@pytest.mark.slow
def test_each_stage_has_its_rows(tmp_path: Path) -> None:
    rows = {row.what: row for row in window.run(Options(size=200, store="", data=tmp_path))}
    assert {row.unit for row in rows.values()} == {"s", "documents/s", "µs/document", "MiB"}
    for stage in ("import", "index", "back-test", "report double11"):
        assert any(what.startswith(stage) and row.value > 0 for what, row in rows.items())
    assert rows["  documents"].value + rows["  events"].value > 0


@pytest.mark.slow
def test_a_home_whose_journal_holds_the_posts_begins_with_the_index(tmp_path: Path) -> None:
    home, told = new_home(tmp_path), list[Record]()
    with open_journal(home).writer() as writer:
        writer.append(*(document(number, None).raw for number in range(50)))
    with listening(told.append):
        rows = window.run(Options(50, "", tmp_path, home=home.root))
    assert not any(row.what.startswith("import") for row in rows)
    with closing(open_store(home)) as store:
        assert store.count(Filter()) == 50
    assert [one.text.partition(":")[0] for one in told if isinstance(one, Remark)] == [
        row.what.partition(":")[0] for row in rows
    ]
