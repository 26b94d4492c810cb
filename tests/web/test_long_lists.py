"""Lists longer than a page: every row can be reached, files hold all of them or say what they leave out."""

from __future__ import annotations

import csv
import io
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.making import document
from tests.web.conftest import HOST, NOW, documents, links_of, token_of

from fengping.alerts import Firing, ledger, silences
from fengping.alerts.decide import Cause, Standing, Status
from fengping.delivery import Message, Outbox
from fengping.home import Home
from fengping.indexer import open_store
from fengping.scheduler.status import status
from fengping.state import State
from fengping.web.accounts import book
from fengping.web.pages import correct, crosstab, host_files, hosts, peaks, words

MANY = 130


@pytest.fixture(scope="module")
def filled(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home in which much has happened: alarms, silences, deliveries, acts."""
    root = tmp_path_factory.mktemp("filled") / "home"
    shutil.copytree(stock, root)
    home = Home.open(root)
    state, outbox = State.open(home), Outbox.open(home)
    with state.begin() as connection:
        for n in range(MANY):
            matched = silences.parse_matcher([f"key=静{n:03}"])
            until = NOW + timedelta(hours=2)
            silences.add(connection, silences.Silence(0, matched, "周", "x", NOW, until, False))
            at = NOW - timedelta(hours=MANY - n)
            firing = Firing("夜班", f"主播{n:03}", at, n, (), Cause.FIRST, 5.0, None, 0, at)
            ledger.keep_firing(connection, firing, f"第{n}次", {}, "told")
            ledger.keep_standing(
                connection, "夜班", f"急{n:03}", Standing(Status.FIRING, at, at, at, n, n, 5.0)
            )
    for n in range(MANY):
        outbox.begin_attempt(Message(f"k{n}", f"信{n:03}"), "file", "", NOW)
        book.note(state, "周", "correct", f"文{n:03}", "", NOW)
    return root


@pytest.fixture
def busy(filled: Path, stocked: Home) -> Home:
    """That home, for a test of its own."""
    shutil.copytree(filled, stocked.root, dirs_exist_ok=True)
    return stocked


def rows_of(client: TestClient, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("page", "name", "word"),
    [
        pytest.param("/alerts", "watched", "急", marks=pytest.mark.long),
        ("/alerts", "fired", "主播"),
        pytest.param("/alerts", "silenced", "静", marks=pytest.mark.long),
        pytest.param("/alerts", "logged", "信", marks=pytest.mark.long),
        ("/audit", "offset", "文"),
    ],
)
def test_every_row_of_a_long_list_is_reached_from_its_first_page(
    client: TestClient, busy: Home, page: str, name: str, word: str
) -> None:
    seen: set[str] = set()
    place, at = page, -1
    while place:
        shown = client.get(place).text
        seen |= set(re.findall(rf"(?<=[ >]){word}\d{{3}}", shown))
        assert f"共 {MANY} 条" in shown
        places = {
            int(link.partition(f"{name}=")[2].partition("#")[0].partition("&")[0]): link
            for link in links_of(shown)
            if link.startswith(f"{page}?") and f"{name}=" in link
        }
        at, place = max(((number, link) for number, link in places.items() if number > at), default=(0, ""))
    assert len(seen) == MANY
    beyond = client.get(page, params={name: "900"}).text
    assert f"共 {MANY} 条" in beyond and "上一页" in beyond


def test_what_fires_is_counted_whole_where_the_first_lines_are_shown(client: TestClient, busy: Home) -> None:
    with State.open(busy).begin() as connection:
        for n in range(MANY):
            firing = Firing("夜班", f"急{n:03}", NOW, n, (), Cause.FIRST, 5.0, None, 0, NOW)
            ledger.keep_firing(connection, firing, f"急第{n}次", {}, "told")
    found = status(busy, NOW)
    assert found.fires == MANY and len(found.firing) == 20
    assert f"无人认领 {MANY}" in client.get("/alerts").text
    told = fengping(busy, "status")
    assert f"{MANY - len(found.firing)} more: fengping alerts list" in told.stderr
    assert len(client.get("/alerts/watched.json").json()) == MANY


@pytest.mark.parametrize("path", ["/alerts", "/alerts/log", "/alerts/silences", "/audit"])
def test_files_hold_every_row(client: TestClient, busy: Home, path: str) -> None:
    assert len(client.get(f"{path}.json").json()) == MANY
    assert len(rows_of(client, f"{path}.csv")) == MANY + 1


def test_older_alarms_come_over_the_api_too(client: TestClient, busy: Home) -> None:
    rows = client.get("/api/v1/alerts", params={"limit": "100", "offset": "100"}).json()
    assert [row["key"] for row in rows] == [f"主播{n:03}" for n in range(29, -1, -1)]


def test_letters_that_wait_are_counted_by_alarm(client: TestClient, busy: Home) -> None:
    outbox = Outbox.open(busy)
    outbox.enqueue(Message("alarm", "x"), ["file", "stdout"], NOW)
    with outbox.state.begin() as connection:
        ledger.mark_told(connection, [MANY], "told", "alarm")
        connection.exec_driver_sql("UPDATE delivery_outbox SET status='accepted' WHERE channel='file'")
    first, second, *_ = client.get("/alerts.json").json()
    assert (first["waiting"], second["waiting"]) == (1, 0)


@pytest.fixture
def crowd(stocked: Home) -> Home:
    """A home in which many hosts are accused, each three times today."""
    store = open_store(stocked)
    store.put(
        document(7000 + 10 * n + k, NOW - timedelta(minutes=n + 1), f"主播{n:02}卖的第{k}件是假货",
                 hosts=(f"主播{n:02}",), negative_hosts=(f"主播{n:02}",), issues=("C03",), negative=0.5)
        for n in range(40) for k in range(3)
    )  # fmt: skip
    store.close()
    return stocked


def test_a_table_that_is_cut_says_so_and_its_file_is_whole(client: TestClient, crowd: Home) -> None:
    assert "列出前 25 位，共 41 位" in client.get("/crosstab").text
    assert len(rows_of(client, "/crosstab.csv")) == 42
    assert "列出前 8 位，共 41 位" in client.get("/").text
    assert len(rows_of(client, "/today.csv")) == 42 and len(client.get("/today.json").json()["hosts"]) == 41


def test_a_file_that_is_cut_says_what_it_leaves_out(
    client: TestClient, crowd: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crosstab, "LONGEST", 30)
    monkeypatch.setattr(hosts, "LONGEST_LIST", 30)
    for path in ("/crosstab", "/hosts"):
        assert client.get(f"{path}.json").headers["x-left-out"] == "11"
        answer = client.get(f"{path}.csv")
        assert answer.headers["x-left-out"] == "11" and rows_of(client, f"{path}.csv")[-1][0].startswith(
            "11 more"
        )
    assert "x-left-out" not in client.get("/crosstab.csv", params={"accused": HOST}).headers


def test_the_queue_says_how_many_wait_behind_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows_of(client, "/correct.csv?order=newest")
    assert len(whole) == len(documents()) + 1 and "x-left-out" not in client.get("/correct.json").headers
    monkeypatch.setattr(correct, "LOOKED", 10)
    page = client.get("/correct", params={"order": "newest"}).text
    assert f"还有 10 条待校正；只排了最新的 10 条，另有 {len(documents()) - 10} 条在后面" in page
    assert client.get("/correct.json?order=newest").headers["x-left-out"] == str(len(documents()) - 10)
    assert rows_of(client, "/correct.csv?order=newest")[-1][0].startswith(
        f"{len(documents()) - 10} more are left out"
    )


def test_a_random_sample_says_how_many_are_not_drawn_yet(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "x-left-out" not in client.get("/correct.json?order=random").headers
    monkeypatch.setattr(correct, "LISTED", 10)
    left = len(documents()) - 10
    first, *_ = client.get("/correct.json?order=random").json()
    assert client.get("/correct.json?order=random").headers["x-left-out"] == str(left)
    assert rows_of(client, "/correct.csv?order=random")[-1][0].startswith(f"{left} more are left out")
    client.post("/correct", data={"document": first["id"], "polarity": "neg", "token": token_of(client)})
    assert client.get("/correct.json?order=random").headers["x-left-out"] == str(left - 1)


def test_the_file_of_a_page_of_the_search_holds_that_page(client: TestClient) -> None:
    rest = len(documents()) - 20
    for place, rows in (("/search", 20), ("/search?offset=20", rest)):
        page = client.get(place).text
        [link] = [link for link in links_of(page) if link.startswith("/search.json")]
        answer = client.get(link)
        assert answer.headers["x-left-out"] == str(len(documents()) - rows)
        shown = set(re.findall(r'data-open href="/documents/([0-9a-f]{32})', page))
        assert {one["id"] for one in answer.json()["hits"]} == shown and len(shown) == rows
    assert "x-left-out" not in client.get("/search.json?limit=100").headers


def test_files_of_a_host_hold_all_its_words_and_platforms(
    client: TestClient, stocked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(stocked)
    store.put(
        document(7000 + n, NOW - timedelta(minutes=n), f"{HOST}卖的第{n}件", hosts=(HOST,),
                 negative_hosts=(HOST,), keywords=(f"词{n:02}",), platforms=(f"台{n:02}",))
        for n in range(40)
    )  # fmt: skip
    store.close()
    for table in ("words", "platforms"):
        path = f"/hosts/{HOST}/{table}.csv"
        assert len(rows_of(client, path)) == 41 and "x-left-out" not in client.get(path).headers
    monkeypatch.setattr(host_files, "MOST", 30)
    for table in ("words", "platforms"):
        path = f"/hosts/{HOST}/{table}.csv"
        assert client.get(path).headers["x-left-out"] == "10"
        assert rows_of(client, path)[-1][0].startswith("10 more are left out")


def test_peaks_and_words_beyond_those_of_a_file_are_told(
    client: TestClient, stocked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(stocked)
    loud = (10, 25, 40)
    store.put(
        document(20_000 + 100 * day + n, NOW - timedelta(days=day, minutes=n), f"第{day}天第{n}件锅铲",
                 keywords=("锅铲", "断柄") if day < 4 else ())
        for day in range(1, 50) for n in range(60 if day in loud else 5)
    )  # fmt: skip
    store.close()
    monkeypatch.setattr(peaks, "SHOWN", 1)
    asked = "q=锅铲&since=2020-09-25&until=2020-11-11"
    answer = client.get(f"/peaks.json?{asked}")
    left = answer.json()["left_out"]
    assert left > 0 and answer.headers["x-left-out"] == str(left)
    assert rows_of(client, f"/peaks.csv?{asked}")[-1][0].startswith(f"{left} more are left out")
    monkeypatch.setattr(words, "LONGEST", 1)
    assert client.get("/words.json?days=4").headers["x-left-out"] == "1"
    assert rows_of(client, "/words.csv?days=4")[-1][0].startswith("1 more are left out")
