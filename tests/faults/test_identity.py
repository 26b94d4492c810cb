"""Homes keep to what is theirs: store, state and groups of another home are refused with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from tests.commands import fengping

from fengping.errors import ConfigError, ForeignHome, HomeBusy
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search import ElasticStore
from fengping.models import RawDocument, document_id
from fengping.state import State

NOW = datetime(2020, 11, 12, tzinfo=UTC)


def make(folder: Path, name: str, config: str) -> Home:
    root = folder / name
    root.mkdir()
    (root / "fengping.toml").write_text(config, encoding="utf-8")
    home = Home.open(root)
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id(name), "sample", f"{name} 的一条投诉，发货太慢", NOW))
    return home


def index(home: Home) -> pipeline.Summary:
    with closing(open_store(home)) as store:
        return pipeline.index(home, store, indexed_at=NOW)


def test_a_second_home_on_one_store_is_refused(tmp_path: Path) -> None:
    config = f'store = "tantivy:{tmp_path / "index"}"\n'
    first, second = make(tmp_path, "one", config), make(tmp_path, "two", config)
    index(first)
    for act in (index, lambda home: open_store(home).count(Filter())):
        with pytest.raises(ForeignHome, match=f"belongs to another home.*{first.identity}.*var/identity"):
            act(second)
    with closing(open_store(second)) as store, pytest.raises(ForeignHome):
        pipeline.reindex(second, store, indexed_at=NOW)
    with closing(open_store(first)) as store:
        assert [document.id for document in store.scan(Filter())] == [document_id("one")]


def test_a_second_home_on_one_state_database_is_refused(tmp_path: Path) -> None:
    config = f'state = "sqlite:{tmp_path / "state.db"}"\n'
    first, second = make(tmp_path, "one", config), make(tmp_path, "two", config)
    index(first)
    done = fengping(second, "index")
    assert done.returncode == 2
    assert "belongs to another home" in done.stderr
    assert "Traceback" not in done.stderr


def test_groups_of_another_home_are_refused(tmp_path: Path) -> None:
    first, second = make(tmp_path, "one", ""), make(tmp_path, "two", "")
    index(first)
    State.open(second)
    (second.var / "groups").symlink_to(first.var / "groups")
    with pytest.raises(ForeignHome, match="repost groups"):
        index(second)


def test_what_no_home_has_claimed_is_claimed(tmp_path: Path) -> None:
    home = make(tmp_path, "one", "")
    index(home)
    pointer = home.var / "index" / "store.json"
    record = json.loads(pointer.read_text(encoding="utf-8"))
    assert record.pop("home") == home.identity
    pointer.write_text(json.dumps(record), encoding="utf-8")
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id("more"), "sample", "又一条投诉，不给退款", NOW))
    assert index(home).statuses == {"new": 1}
    assert home.identity in pointer.read_text(encoding="utf-8")


FIRST = "import sys; from pathlib import Path; from fengping.home import Home; h = Home(Path(sys.argv[1])); "


@pytest.mark.parametrize("name", ["identity", pytest.param("salt.hex()", marks=pytest.mark.long)])
def test_first_starts_at_once_agree(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", FIRST + f"print(h.{name})", str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in started}) == 1


@pytest.mark.parametrize("name", ["salt", "identity"])
def test_an_empty_secret_is_refused(home: Home, name: str) -> None:
    home.var.mkdir()
    (home.var / name).touch()
    with pytest.raises(ConfigError, match=name):
        getattr(home, name)


def test_secrets_are_their_owners_alone(home: Home) -> None:
    assert home.salt and home.identity
    State.open(home)
    for name in ("salt", "identity", "state.db"):
        assert (home.var / name).stat().st_mode & 0o077 == 0
    assert home.var.stat().st_mode & 0o077 == 0


@pytest.mark.long
class TestCluster:
    def test_a_second_home_and_a_second_rebuild_are_refused(
        self, elasticsearch_url: str, tmp_path: Path
    ) -> None:
        url = f"{elasticsearch_url}/identity"
        config = f'store = "{url}"\n'
        first, second = make(tmp_path, "one", config), make(tmp_path, "two", config)
        index(first)
        with pytest.raises(ForeignHome):
            index(second)
        with closing(open_store(second)) as store, pytest.raises(ForeignHome):
            pipeline.reindex(second, store, indexed_at=NOW)
        with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as client:
            lock = {"machine": "elsewhere", "process": 7, "started": "0"}
            client.indices.create(index="identity-rebuild", mappings={"_meta": lock})
            with closing(open_store(first)) as store, pytest.raises(HomeBusy, match="Process 7 on elsewhere"):
                pipeline.reindex(first, store, indexed_at=NOW)
            client.indices.delete(index="identity-rebuild")
        with closing(open_store(first)) as store:
            assert pipeline.reindex(first, store, indexed_at=NOW).statuses == {"new": 1}

    def test_a_dead_rebuild_of_this_machine_is_taken_over(self, elasticsearch_url: str) -> None:
        url = f"{elasticsearch_url}/dead"
        code = (
            "import os, sys\nfrom fengping.indexer.search.backends.elasticsearch.store import ElasticStore\n"
            "ElasticStore(sys.argv[1]).begin_rebuild()\nos._exit(9)"
        )
        assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == 9
        with closing(ElasticStore(url)) as store:
            store.finish_rebuild(store.begin_rebuild())
