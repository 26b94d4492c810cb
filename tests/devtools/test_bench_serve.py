"""The console measured: whole pages, and answers to many while the indexer writes."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from devtools.bench import Options, search, serve
from devtools.bench.serve import pages
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_store, open_store_url

pytestmark = pytest.mark.long


def test_pages_are_measured_over_both_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "REPEATS", 2)
    rows = serve.run(Options(size=60, store=f"tantivy:{tmp_path / 'own'}", data=tmp_path, pages=True))
    own, named = rows[::2], rows[1::2]
    assert [f"tantivy: {row.what}" for row in own] == [row.what for row in named]
    assert {row.unit for row in rows} == {"ms", "kB"}
    # The user's own store is left alone, and the invented posts are gone.
    assert not (tmp_path / "own").exists()
    assert open_store_url(f"tantivy:{tmp_path / 'own-bench'}").count(Filter()) == 0


def test_pages_of_a_home_are_measured_as_they_are(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "REPEATS", 2)
    options = Options(size=0, store="", data=home.root, pages=True, home=home.root)
    with pytest.raises(UsageError, match="holds no documents"):
        serve.run(options)
    with closing(open_store(home)) as store:
        store.put(islice(search.posts(60), 60))
    rows = {row.what for row in serve.run(options)}
    assert "overview, p95" in rows and "one document, p95" in rows and "an edition, p95" not in rows


def test_many_ask_while_the_indexer_writes(tmp_path: Path) -> None:
    rows = {row.what: row for row in serve.run(Options(size=60, store="", data=tmp_path))}
    errors = next(row for what, row in rows.items() if what.endswith("errors"))
    assert errors.value == 0
    assert errors.n > 0
    assert rows["indexer beside the sessions"].beside == "indexer alone"
