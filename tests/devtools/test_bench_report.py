"""The facts of a home's report measured by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.report_corpus import corpus

from devtools.bench import Options, report
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.reports.output import WRITERS

pytestmark = pytest.mark.long


def test_each_group_of_facts_of_a_home_has_its_times(home: Home) -> None:
    documents = corpus(60)
    store = open_store(home)
    store.put(documents)
    store.close()
    rows = report.run(Options(size=0, store="", data=home.root, home=home.root))
    assert {row.n for row in rows} == {len(documents)}
    timed = [row for row in rows if row.unit == "ms"]
    stages = {row.what: row.value for row in timed[::2]}
    assert {row.what for row in timed[1::2]} == {"  processor time"}
    scanned, *formats = [row for row in rows if row.unit == "s"]
    assert scanned.what == f"orjson reads the same records ({len(documents)} read)" and scanned.value > 0
    assert [row.what for row in formats] == list(WRITERS)
    beside = {row.what: row.ratio for row in rows if row.beside == "orjson"}
    assert beside["facts"] == pytest.approx(stages["facts"] / 1e3 / scanned.value)
    assert {"facts: interval", "facts: fields", "facts: all others"} <= stages.keys()
    assert stages.pop("facts and chapters, the longest beside the others") > 0
    whole = stages.pop("facts")
    assert sum(stages.values()) == pytest.approx(whole)


def test_a_folder_that_is_no_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a fengping home"):
        report.run(Options(size=0, store="", data=tmp_path, home=tmp_path))


def test_the_posts_that_a_report_is_measured_over_tell_of_events(tmp_path: Path) -> None:
    rows = {row.what: row for row in report.run(Options(size=280, store="", data=tmp_path))}
    [found] = [int(what.split()[1]) for what in rows if what.startswith("its ")]
    # Ten affairs of two posts to fifteen in each block, a few of which the product takes for one.
    assert 10 <= found <= 20
    assert {"facts and chapters", "orjson reads the same records", *WRITERS} <= rows.keys()
