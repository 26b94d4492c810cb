"""The facts of a home's report measured by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.report_corpus import corpus

from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.lab.bench import Options, report


def test_each_group_of_facts_of_a_home_has_its_times(home: Home) -> None:
    documents = corpus(60)
    store = open_store(home)
    store.put(documents)
    store.close()
    rows = report.run(Options(size=0, store="", data=home.root, home=home.root))
    assert {row.n for row in rows} == {len(documents)}
    stages = {row.what: row.value for row in rows[::2]}
    assert {row.what for row in rows[1::2]} == {"  processor time"}
    assert {"facts: interval", "facts: fields", "facts: all others"} <= stages.keys()
    assert stages.pop("facts and chapters, the longest beside the others") > 0
    whole = stages.pop("facts")
    assert sum(stages.values()) == pytest.approx(whole)


def test_a_folder_that_is_no_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a fengping home"):
        report.run(Options(size=0, store="", data=tmp_path, home=tmp_path))
