"""``fengping watch``: a rule for each party, what it would have counted, and what nobody watches yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.alerts.making import fengping
from tests.making import document, put

from fengping.alerts.rules import read_rules
from fengping.clock import now
from fengping.home import Home
from fengping.indexer import open_store
from fengping.indexer.search import Lookup
from fengping.services import watching

SHOP, HOST = ("云朵甄选旗舰店",), ("檀木子",)


@pytest.fixture
def stocked(home: Home) -> Home:
    home.hosts.write_text('[[host]]\nname = "檀木子"\naliases = ["木子姐"]\n', encoding="utf-8")
    store = open_store(home)
    put(home, store, [
        document(1, now() - timedelta(days=1), "云朵甄选的锅漏水", parties=SHOP, accused=SHOP),
        document(2, now() - timedelta(days=2), "檀木子直播间假货", hosts=HOST, negative_hosts=HOST),
    ])  # fmt: skip
    store.close()
    return home


def test_a_party_that_no_registry_knows_is_watched_and_further_names_are_proposed(stocked: Home) -> None:
    done = fengping(stocked, "watch", "云朵甄选")
    assert "云朵甄选 is watched as a name; 1 texts of the last 90 days" in done.stdout
    assert "云朵甄选旗舰店" in done.stderr
    assert fengping(stocked, "watch", "云朵甄选").returncode == 2, "there is a rule of that name"


def test_a_host_is_found_by_an_alias_and_told_by_that_rule_alone(stocked: Home) -> None:
    stocked.alerts.mkdir()
    (stocked.alerts / "all.toml").write_text('name = "all"\nkind = "watch"\n', encoding="utf-8")
    assert "檀木子 is watched as a host; 1 texts" in fengping(stocked, "watch", "木子姐").stdout
    rules, faults = read_rules(stocked.alerts, Lookup(stocked))
    assert not faults and rules["檀木子"].inhibits == ("all",)


def test_a_saved_query_is_watched_by_its_name(stocked: Home) -> None:
    assert fengping(stocked, "query", "save", "锅", "锅 漏水").returncode == 0
    assert watching.unwatched(stocked) == ["hosts", "锅"]
    assert "锅 is watched as a query; 1 texts" in fengping(stocked, "watch", "锅").stdout
    assert watching.unwatched(stocked) == ["hosts"]


def test_a_query_whose_name_stands_within_that_of_a_watched_one_is_not_watched(stocked: Home) -> None:
    for name in ("锅", "锅具"):
        assert fengping(stocked, "query", "save", name, "锅 漏水").returncode == 0
    assert fengping(stocked, "watch", "锅具").returncode == 0
    assert watching.unwatched(stocked) == ["hosts", "锅"]


def test_a_watch_that_would_have_counted_nothing_says_so(stocked: Home) -> None:
    done = fengping(stocked, "watch", "无人提及的店")
    assert "0 texts" in done.stdout and "would have counted no text of the last 90 days" in done.stderr
