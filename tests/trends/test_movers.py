"""Hosts by change: command, interface and page say the same, and what ``compare`` says of each."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.store_samples import document
from tests.trends.conftest import NOW, Run, at
from tests.web.conftest import client_of, links_of

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import Host
from fengping.home import Home
from fengping.indexer import open_store
from fengping.services.search import Asked
from fengping.services.trends.movers import movers
from fengping.web.pages import hosts

WEEK = {"since": "2020-11-16", "until": "2020-11-22"}
OPTIONS = ("--since", "2020-11-16", "--until", "2020-11-22")


def test_each_host_stands_with_both_counts_and_the_test_that_compare_makes(run: Run) -> None:
    code, out, err = run("hosts", "changes", *OPTIONS, "--of", "documents", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["windows"] == [["2020-11-16", "2020-11-22"], ["2020-11-09", "2020-11-15"]]
    assert found["hosts"][0]["host"] == "林小禾"
    for host in found["hosts"]:
        _, out, _ = run("compare", f"host:{host['host']}", *OPTIONS, "--against", "previous", "--json")
        now, before = json.loads(out)
        for figure in ("documents", "negative"):
            expected = {"now": now[figure], "before": before[figure], **now["change"][figure]}
            assert host[figure] == expected, (host["host"], figure)
        assert found["days_collected"] == [now["days_collected"], before["days_collected"]]


def test_the_order_is_the_rise_the_fall_or_the_count(run: Run) -> None:
    def names(sort: str, *window: str) -> list[str]:
        asked = ("hosts", "changes", *(window or OPTIONS), "--of", "documents", "--sort", sort, "--json")
        return [host["host"] for host in json.loads(run(*asked)[1])["hosts"]]

    assert names("rise") == names("now") == ["林小禾", "周小满"]
    assert names("fall") == ["周小满", "林小禾"]
    # The week after the peak: the loud host falls most.
    assert names("fall", "--since", "2020-11-23", "--until", "2020-11-29")[0] == "林小禾"


@pytest.mark.parametrize("sort", ["rise", "fall"])
def test_hosts_that_rose_alike_stand_by_their_counts(home: Home, sort: str) -> None:
    store = open_store(home)
    for name, (before, now) in {"何小满": (4, 1), "柳小舟": (10, 7), "沈小棠": (5, 2)}.items():
        store.put(
            document(f"{name}{week}{n}", f"{name}的茶叶{n}", at(7 * week + n % 7), hosts=(name,))
            for week, count in ((1, before), (2, now))
            for n in range(count)
        )
    store.close()
    found = movers(home, Asked("", **WEEK, now=NOW), NOW, of="documents", sort=sort)
    assert found.days == (7, 7)
    assert [one.name for one in found.hosts] == ["柳小舟", "沈小棠", "何小满"]


def test_a_year_without_collecting_is_no_zero(run: Run) -> None:
    _, out, _ = run("hosts", "changes", *OPTIONS, "--against", "year", "--json")
    for host in json.loads(out)["hosts"]:
        assert (host["accused"]["before"], host["accused"]["difference"]) == (None, None)
        assert host["accused"]["moved"] == "unknown"
    assert "not collected" in run("hosts", "changes", *OPTIONS, "--against", "year")[1]


def test_the_interface_and_the_page_say_what_the_command_says(run: Run, filled: Home, tmp_path: Path) -> None:
    file = tmp_path / "hosts.csv"
    asked = ("hosts", "changes", *OPTIONS, "--of", "documents", "--json")
    printed = json.loads(run(*asked, "--csv", str(file))[1])
    params = WEEK | {"of": "documents", "sort": "rise"}
    with client_of(filled, now=NOW) as client:
        assert client.get("/api/v1/hosts/changes", params=params).json() == printed
        assert client.get("/hosts.json", params=params).json() == printed["hosts"]
        table = csv.reader(io.StringIO(client.get("/hosts.csv", params=params).text.lstrip("\ufeff")))
        page = client.get("/hosts", params=params).text
        before = [one for one in links_of(page) if one.startswith("/search") and "since=2020-11-09" in one]
        totals = {client.get(one.replace("/search?", "/search.json?")).json()["total"] for one in before}
    kept = csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
    assert [row for row in kept if not row[0].startswith("#")] == list(table)
    assert totals == {host["documents"]["before"] for host in printed["hosts"]}
    rise = printed["hosts"][0]["documents"]
    assert f"{rise['difference']:+,}" in page and "上升" in page


def test_hosts_that_are_asked_for_change_as_they_do_among_all(filled: Home) -> None:
    params = WEEK | {"of": "documents"}
    with client_of(filled, now=NOW) as client:
        every = client.get("/api/v1/hosts/changes", params=params).json()["hosts"]
        asked = client.get("/api/v1/hosts/changes", params=params | {"host": "林小禾"}).json()["hosts"]
    assert asked[0] == next(host for host in every if host["host"] == "林小禾")
    # Its one loud day alone would be a rise, were days not known to vary.
    assert asked[0]["documents"]["moved"] == "within_chance"


def test_what_cannot_be_asked_is_one_sentence(run: Run) -> None:
    for wrong in (("--of", "love"), ("--sort", "name"), ("--against", "month"), ("--since", "2020-11-16")):
        code, _, err = run("hosts", "changes", *wrong)
        assert code == 2 and err.startswith("fengping: ") and "Traceback" not in err


def test_a_host_beyond_those_listed_is_counted_and_found_by_any_of_its_names(
    run: Run, filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "MOST", 1)
    registry = HostRegistry((Host(name="林小禾", aliases=("小禾姐",)),), {})
    monkeypatch.setattr(hosts, "load_registry", lambda _: registry)
    params = WEEK | {"of": "documents", "sort": "fall"}
    with client_of(filled, now=NOW) as client:
        page = client.get("/hosts", params=params).text
        assert "列出前 1 位，共 2 位" in page and "林小禾" not in page
        for name in ("林小禾", "小禾姐"):
            assert "林小禾" in client.get("/hosts", params=params | {"name": name}).text
            assert [
                one["host"] for one in client.get("/hosts.json", params=params | {"name": name}).json()
            ] == ["林小禾"]
        narrowed = client.get("/hosts", params=params | {"name": "林"}).text
    assert 'name="sort" value="fall"' in narrowed and "共 2 位" not in narrowed
    assert "The first 1 of 2 hosts" in run("hosts", "changes", *OPTIONS, "--limit", "1")[2]
