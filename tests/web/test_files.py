"""Files beside the tables of a page hold the figures that it shows."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient
from tests.making import document
from tests.web.conftest import HOST, NOW, client_of, documents, token_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act
from fengping.services import events


def rows_of(client: TestClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def test_today_has_a_file_of_its_hours_and_of_its_hosts(client: TestClient) -> None:
    hours = rows_of(client, "/today/hours.csv?day=2020-11-12")
    assert [row["hour"] for row in hours] == [str(n) for n in range(24)]
    assert sum(int(row["negative"] or 0) for row in hours) == 12 and hours[11]["negative"] == ""
    assert client.get("/today/hours.json").json()[10]["negative"] == int(hours[10]["negative"])
    [host] = rows_of(client, "/today.csv?day=2020-11-12")
    assert (host["host"], host["negative"], host["ratio"], host["C03"], host["C01"]) == (
        HOST,
        "12",
        "6.0",
        "12",
        "0",
    )
    assert rows_of(client, "/today/hours.csv?day=2019-01-01")[0]["usual"] == ""


def test_an_empty_home_has_empty_files(home: Home) -> None:
    with client_of(home) as client:
        for path in ("/today", "/today/hours", "/words/names", "/queries", f"/hosts/{HOST}/events"):
            assert rows_of(client, f"{path}.csv") == []


def test_an_event_has_a_file_of_all_its_documents(client: TestClient, stocked: Home) -> None:
    with closing(open_store(stocked)) as store:
        told = "林小禾家的锅铲用一次就断了柄，客服不理"
        store.put(
            document(8000 + n, NOW - timedelta(hours=n), told, hosts=("林小禾",), negative_hosts=("林小禾",),
                     act=Act.COMPLAINT, negative=0.9)
            for n in range(3)
        )  # fmt: skip
    events.update(stocked)
    [event] = events.listed(stocked, events.Asked(party="林小禾"), limit=9)
    rows = rows_of(client, f"/events/{event.id}.csv")
    assert len(rows) == 3 and {row["title"] + row["text"] for row in rows} != {""}
    assert client.get(f"/events/{event.id}.csv").headers["content-type"].startswith("text/csv")
    assert client.get("/events/0000.csv").status_code in (400, 404)


def test_a_profile_has_files_of_its_tables(client: TestClient, stocked: Home) -> None:
    with closing(open_store(stocked)) as store:
        first = documents()[0]
        store.put(
            [replace(first, judgement=replace(first.judgement, platforms=("抖音",), keywords=("羽绒服",)))]
        )
    events.update(stocked)
    asked = "since=2020-11-12&until=2020-11-12"
    assert [
        (row["class"], row["documents"], row["share"])
        for row in rows_of(client, f"/hosts/{HOST}/classes.csv?{asked}")
    ] == [("C03", "12", "1.0")]
    assert client.get(f"/hosts/{HOST}/platforms.json?{asked}").json() == [
        {"platform": "抖音", "documents": 1, "negative": 1}
    ]
    listed = events.listed(stocked, events.Asked(party=HOST), limit=99)
    assert {row["id"] for row in rows_of(client, f"/hosts/{HOST}/events.csv?days=730")} == {
        one.id for one in listed
    }
    assert rows_of(client, f"/hosts/{HOST}/words.csv") == [{"word": "羽绒服", "documents": "1"}]
    assert client.get(f"/hosts/{HOST}/nothing.csv").status_code == 422


def test_names_that_no_registry_knows_have_a_file(client: TestClient, stocked: Home) -> None:
    with closing(open_store(stocked)) as store:
        store.put(
            document(8000 + n, NOW - timedelta(minutes=n + 1), f"主播“禾苗苗”直播间带货翻车第{n}次")
            for n in range(6)
        )
    [name] = rows_of(client, "/words/names.csv?days=7")
    assert name["name"] == "禾苗苗" and name["now"] == "6"
    [same] = client.get("/words/names.json?days=7").json()
    assert same == client.get("/words.json?days=7").json()["names"][0]


def test_saved_queries_have_a_file(client: TestClient) -> None:
    client.post(
        "/search/save",
        data={"token": token_of(client), "name": "退货难", "query": "退款 -客服", "note": "周一"},
    )
    [row] = rows_of(client, "/queries.csv")
    assert (row["name"], row["query"], row["note"]) == ("退货难", "退款 -客服", "周一")
    assert client.get("/queries.json").json()[0]["query"] == "退款 -客服"


def test_an_alarm_has_a_file_of_its_documents(manned: Home) -> None:
    with client_of(manned) as client:
        shown = client.get("/alerts/1.json").json()
        rows = rows_of(client, "/alerts/1.csv")
    window = shown["window"]
    others = {"told_before": window["told_before"], "beside": window["beside"]}
    assert len(rows) == len(shown["documents"]) + sum(map(len, others.values())) > 4
    for column, told in others.items():
        assert [row["id"] for row in rows if row[column] == "True"] == [one["id"] for one in told]
    assert rows[0]["id"] == shown["documents"][0]["id"] and rows[0]["issues"] == "C03"
