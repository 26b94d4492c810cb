"""检索 as an analyst works in it: tags, evidence, saved queries, whole exports, corrections in place."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from zipfile import ZipFile

import orjson
import pytest
from fastapi.testclient import TestClient
from lxml import html
from openpyxl import load_workbook
from tests.web.conftest import HOST, documents, links_of, token_of
from tests.web.test_edition_pages import ended

from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import evidence, queries, tagging

ONE, OTHER = (document.id for document in documents()[:2])


def test_chosen_documents_are_tagged_and_found_by_it(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "id": [ONE, OTHER], "tags": "待核实、羽绒服", "note": "问过店家"}
    back = client.post("/marks", data=form | {"back": "/search?q=退款"}, follow_redirects=False)
    assert back.headers["location"] == "/search?q=%E9%80%80%E6%AC%BE"
    assert "2 条已记下：待核实、羽绒服" in client.get(back.headers["location"]).text
    assert "<b>2</b>" in client.get("/search", params={"tag": "待核实"}).text
    page = client.get(f"/documents/{ONE}").text
    assert "待核实" in page and "问过店家" in page
    client.post("/marks", data=form | {"act": "untag", "tags": "待核实", "note": ""})
    assert tagging.listed(stocked) == [("羽绒服", 2)]
    for wrong in ({"id": []}, {"id": ["0" * 32]}, {"tags": " ", "note": ""}):
        assert client.post("/marks", data=form | wrong).status_code == 400


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t\\evil.example", "//[", "x", ""],
)
def test_a_form_leads_back_into_this_console_only(client: TestClient, elsewhere: str) -> None:
    form = {"token": token_of(client), "id": ONE, "tags": "甲", "back": elsewhere}
    answer = client.post("/marks", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/documents/{ONE}"


def test_evidence_is_kept_shown_and_downloaded(
    client: TestClient, stocked: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence.capture, "picture", evidence._none)
    form = {"token": token_of(client), "id": ONE, "act": "keep", "back": "/search"}
    place = client.post("/marks", data=form, follow_redirects=False).headers["location"]
    assert ended(client, place) == "/search" and "新存证 1 条" in client.get("/search").text
    assert evidence.is_held(stocked, ONE) and "已存" in client.get(f"/documents/{ONE}").text
    with ZipFile(io.BytesIO(client.get(f"/documents/{ONE}/evidence.zip").content)) as packed:
        assert packed.namelist()
    assert client.get(f"/documents/{OTHER}/evidence.zip").status_code == 400


def test_a_query_is_saved_used_and_removed(client: TestClient, stocked: Home) -> None:
    token = token_of(client)
    form = {"token": token, "name": "退货难", "query": "退款 -客服", "note": "周一看"}
    assert "退货难" in client.post("/search/save", data=form).text
    assert "<b>28</b>" in client.get("/search", params={"q": 'query:"退货难"'}).text
    assert "退款 -客服" in client.get("/queries").text
    wrong = form | {"query": "(退款", "name": "别的"}
    assert client.post("/search/save", data=wrong).status_code == 400
    page = client.post("/queries/rename", data={"token": token, "query": "退货难", "name": "退款难"}).text
    assert "退货难 现在叫 退款难" in page and "<b>28</b>" in client.get("/search?q=query:退款难").text
    assert (
        client.post("/queries/rename", data={"token": token, "query": "无", "name": "有"}).status_code == 400
    )
    client.post("/search/forget", data={"token": token, "name": "退款难"})
    assert queries.saved(stocked) == []


def test_a_query_is_saved_with_all_that_the_page_filters_by(client: TestClient, stocked: Home) -> None:
    asked = {"q": "退款 OR 客服", "since": "2020-11-01", "until": "2020-11-11", "polarity": "neg"}
    page = client.get("/search", params=asked)
    whole = html.fromstring(page.text).get_element_by_id("qtext").get("value")
    assert whole == "(退款 OR 客服) polarity:neg since:2020-11-01 until:2020-11-11"
    client.post("/search/save", data={"token": token_of(client), "name": "十一月", "query": whole})
    found = client.get("/search.json", params=asked).json()["total"]
    assert found and client.get("/search.json", params={"q": "query:十一月"}).json()["total"] == found
    again = client.get("/search", params={"q": whole}).text
    assert "2020-11-01起发布" in again and "2020-11-11（含）前发布" in again, "no part of it is left unsaid"
    rules = [one for one in links_of(page.text) if one.startswith("/alerts/rule")]
    assert any("polarity%3Aneg" in one and "since" not in one for one in rules)
    bare = html.fromstring(client.get("/search", params={"q": "退款"}).text).get_element_by_id("qtext")
    assert bare.get("value") == "退款"


def test_a_saved_query_is_replaced_only_where_that_is_said(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "name": "退货难", "query": "退款 -客服"}
    client.post("/search/save", data=form)
    again = form | {"query": "客服"}
    refused = client.post("/search/save", data=again)
    assert refused.status_code == 400 and "没有别处用到它" in refused.text
    client.post("/search/save", data=form | {"name": "两样", "query": "query:退货难 OR 假货"})
    stocked.alerts.mkdir()
    rule = 'name = "夜班"\nkind = "frequency"\nquery = "query:退货难"\n'
    (stocked.alerts / "night.toml").write_text(rule, encoding="utf-8")
    refused = client.post("/search/save", data=again)
    assert refused.status_code == 400
    assert "query:两样" in refused.text and "alerts/night.toml" in refused.text
    assert queries.find(stocked, "退货难").text == "退款 -客服"
    back = "/search?q=客服&days=7"
    typed = again | {"note": "一", "back": back}
    page = html.fromstring(client.post("/search/save", data=typed).text)
    [kept] = [dict(one.form_values()) for one in page.forms if one.get("action") == "/search/save"]
    assert kept | {"token": ""} == typed | {"token": ""}
    assert 'name="replace"' in client.get("/search", params={"q": "客服"}).text
    ticked = again | {"replace": "1"}
    assert client.post("/search/save", data=ticked, follow_redirects=False).status_code == 303
    assert queries.find(stocked, "退货难").text == "客服"
    line = client.get("/audit.json").json()[0]
    assert (line["act"], line["target"], line["detail"]) == ("replace query", "退货难", "退款 -客服 → 客服")


def test_an_export_holds_exactly_what_was_found(client: TestClient) -> None:
    asked = {"q": "退款", "since": "2020-11-12", "until": "2020-11-12"}
    total = client.get("/search.json", params=asked).json()["total"]
    table = client.get("/search/export", params=asked | {"form": "csv"})
    assert len(list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))) == total + 1
    lines = client.get("/search/export", params=asked | {"form": "jsonl"}).content.splitlines()
    assert len({orjson.loads(line)["id"] for line in lines}) == total
    sheet = load_workbook(io.BytesIO(client.get("/search/export", params=asked | {"form": "xlsx"}).content))
    assert sheet.active is not None and sheet.active.max_row == total + 1
    assert client.get("/search/export", params={"form": "exe"}).status_code == 400


def test_a_document_beside_the_list_is_corrected_in_place(client: TestClient, stocked: Home) -> None:
    page = client.get("/search", params={"q": "退款", "open": ONE}).text
    assert 'id="pane"' in page and "为什么这样判" in page and 'class="cl"' in page
    form = {"token": token_of(client), "document": ONE, "polarity": "neu", "target": HOST, "issue": "C03"}
    answer = client.post("/correct", data=form | {"back": f"/search?q=x&open={ONE}"}, follow_redirects=False)
    assert answer.headers["location"].startswith("/search?q=x&open=")
    store = open_store(stocked)
    [found] = store.get([ONE])
    store.close()
    assert found.judgement.polarity and found.judgement.polarity.value == "neu"


def test_reposts_stand_under_one_text_with_their_number(client: TestClient, stocked: Home) -> None:
    store = open_store(stocked)
    first = documents()[0]
    store.put([replace(documents()[1], group=first.id, first_in_group=False)])
    store.close()
    assert "同文共 2 条" in client.get("/search").text
    assert "<b>2</b>" in client.get("/search", params={"group": first.id}).text
