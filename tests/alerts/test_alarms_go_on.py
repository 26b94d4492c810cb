"""A restart, an upgrade and a new judge stop no alarm: the old index is read until the new one stands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.alerts.making import START

from fengping.errors import StoreError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search.backends.tantivy import schema
from fengping.models import RawDocument, document_id
from fengping.services import alert, indexing
from fengping.services.home import make_home

RULE = 'name = "any"\nkind = "any"\nkey_by = "none"\nmin_relevance = 0\nchannels = ["file"]\n'
GOODS = "面膜烂脸", "手镯是塑料", "羽绒服没有绒", "牛肉卷掺鸭肉", "保温杯漏水", "手机是翻新机", "大米发霉"


def write(home: Home, number: int) -> None:
    at = START + timedelta(minutes=number)
    post = RawDocument(
        document_id(str(number)), "desk", f"直播间卖的{GOODS[number % 7]}，商家不退款", at, published_at=at
    )
    with open_journal(home).writer() as journal:
        journal.append(post)


def fired(home: Home, minutes: int) -> int:
    at = START + timedelta(minutes=minutes)
    return len(alert.check(home, at, at).checked.firings)


@pytest.fixture
def told(tmp_path: Path) -> Home:
    """A home that has told of its first post."""
    make_home(Home(tmp_path))
    for rule in (tmp_path / "alerts").iterdir():
        rule.unlink()
    (tmp_path / "alerts" / "any.toml").write_text(RULE, encoding="utf-8")
    home = Home.open(tmp_path)
    write(home, 1)
    indexing.index(home, START + timedelta(minutes=2))
    assert fired(home, 3) == 1
    return home


def test_a_new_process_goes_on_where_the_last_one_stopped(told: Home) -> None:
    again = Home.open(told.root)
    assert fired(again, 4) == 0
    write(again, 5)
    indexing.index(again, START + timedelta(minutes=6))
    assert fired(again, 7) == 1


def test_what_comes_while_a_new_judge_rebuilds_the_index_is_told_at_once(told: Home) -> None:
    steps: Iterator[int] = iter(range(9))
    found = []

    def meanwhile(_size: int, _lines: int) -> None:
        if next(steps) == 0:
            write(told, 5)
        else:
            found.append(fired(told, 7))

    for number in (-2, -3, -4):  # each a batch of its own
        write(told, number)
    config = '[analysis]\nbatch = 1\nreader = "off"\n'
    told.config_file.write_text(config, encoding="utf-8")
    home, opened = Home.open(told.root), open_store(told)
    at = START + timedelta(minutes=6)
    pipeline.reindex(home, opened, indexed_at=at, progress=meanwhile, beside_every=0.0)
    assert sum(found) >= 1
    assert fired(home, 8) == 0 and opened.count(Filter()) == 5


def test_an_index_of_an_older_version_is_read_until_the_new_one_stands(
    told: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(told.var / "index")
    write(told, 5)
    known, values = [one for one in schema.KEYWORD_FIELDS if one != "facets"], schema.keyword_values
    with monkeypatch.context() as older:  # which knew no facets
        older.setattr(schema, "KEYWORD_FIELDS", known)
        older.setattr(schema, "keyword_values", lambda one: values(one) | {"facets": ()})
        indexing.index(told, START + timedelta(minutes=6))
    pointer = told.var / "index" / "store.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_bytes()) | {"schema": 1}))
    home = Home.open(told.root)
    assert fired(home, 7) == 1
    with closing(open_store(home)) as store:
        assert store.count(Filter()) == 2 and not store.count(Filter(where={"facets": ("AI",)}))
    write(home, 9)
    with pytest.raises(StoreError, match=r"older fengping \(schema 1, now \d\)\..*fengping reindex"):
        indexing.index(home, START + timedelta(minutes=10))
    assert fired(home, 11) == 0
    indexing.reindex(home, START + timedelta(minutes=12))
    assert fired(home, 13) == 1
