"""登记, 词, 关注: names tried before they are kept, rising words, watched events."""

from __future__ import annotations

import tomllib
from contextlib import closing
from datetime import timedelta
from time import sleep

import pytest
from fastapi.testclient import TestClient
from tests.making import document
from tests.web.conftest import HOST, NOW, token_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import events, naming


def test_names_are_tried_on_real_posts_before_they_are_kept(client: TestClient, stocked: Home) -> None:
    page = client.get("/registry", params={"name": "羽绒哥", "aliases": "羽绒服"}).text
    assert "28 条信息里有这几个字" in page and "<mark>羽绒服</mark>" in page and "羽绒哥" not in (
        stocked.hosts.read_text("utf-8")
    )  # fmt: skip
    unsure = client.get("/registry", params={"name": "羽绒哥", "ambiguous": "羽绒服=橱窗、上链接"}).text
    assert "旁边没有佐证词" in unsure
    form = {
        "token": token_of(client),
        "name": "羽绒哥",
        "aliases": "羽绒先生、羽绒大哥",
        "ambiguous": "羽绒=橱窗、开播",
    }
    assert "已写入 hosts.toml" in client.post("/registry", data=form).text
    hosts = {host["name"]: host for host in tomllib.loads(stocked.hosts.read_text("utf-8"))["host"]}
    assert hosts["羽绒哥"]["aliases"] == ["羽绒先生", "羽绒大哥"]
    assert hosts["羽绒哥"]["ambiguous"] == {"羽绒": ["橱窗", "开播"]}
    assert {"name": "羽绒哥"}.items() <= client.get("/registry.json").json()[-1].items()
    assert client.get("/registry.csv").status_code == 200


def test_a_name_is_tried_in_both_scripts(client: TestClient, stocked: Home) -> None:
    with closing(open_store(stocked)) as store:
        store.put(
            [document(9000, NOW, "雲長直播間賣的羽絨服是假貨"), document(9001, NOW, "關雲長直播間的貨")]
        )
    page = client.get("/registry", params={"name": "云长"}).text
    assert "2 条信息里有这几个字" in page and page.count("<mark>雲長</mark>") == 2
    unsure = client.get("/registry", params={"name": "羽绒哥", "aliases": "雲長"}).text
    assert "2 条信息里有这几个字" in unsure and "<mark>雲長</mark>" in unsure


def test_stored_posts_are_judged_anew_for_a_new_host(client: TestClient, stocked: Home) -> None:
    token = token_of(client)
    client.post("/registry", data={"token": token, "name": "羽绒服大王", "aliases": "件羽绒服"})
    rule = {
        "kind": "frequency",
        "num_events": "2",
        "hosts": "羽绒服大王",
        "timeframe": "24h",
        "realert": "24h",
    }
    assert "没有一条信息算在 羽绒服大王 头上" in client.get("/alerts/rule", params=rule).text
    assert "重判这 28 条" in client.get("/registry", params={"name": "羽绒服大王"}).text
    answer = client.post("/registry/rejudge", data={"token": token, "name": "羽绒服大王"})
    for _ in range(600):
        if "/progress/" not in answer.url.path:
            break
        sleep(0.05)
        answer = client.get(answer.url)
    assert answer.url.path == "/hosts/羽绒服大王" and "重判了 28 条" in answer.text
    assert client.get("/api/v1/search", params={"host": "羽绒服大王"}).json()["total"] == 28
    assert "重判这" not in client.get("/registry", params={"name": "羽绒服大王"}).text
    assert "已入库的要重判" not in client.post("/registry", data={"token": token, "name": "羽绒服大王"}).text
    assert client.post("/registry/rejudge", data={"token": token, "name": "没有的人"}).status_code == 400


def test_both_scripts_and_dated_names_are_judged_anew(client: TestClient, stocked: Home) -> None:
    texts = ("昨晚小劉姐直播間買的羽絨服是假貨，不退款", "昨晚旧名字君直播间买的羽绒服是假货，不退款")
    with closing(open_store(stocked)) as store:
        store.put([document(7000 + n, NOW, text) for n, text in enumerate(texts)])
    old = '\n[[host]]\nname = "小刘姐"\n[[host.dated]]\nalias = "旧名字君"\nfrom = 2020-01-01\n'
    stocked.hosts.write_text(stocked.hosts.read_text("utf-8") + old, "utf-8")
    assert "重判这 2 条" in client.get("/registry", params={"name": "小刘姐"}).text
    assert naming.judge_anew(stocked, "小刘姐").changed == 2
    assert client.get("/api/v1/search", params={"host": "小刘姐"}).json()["total"] == 2
    assert naming.judge_anew(stocked, "小刘姐").read == 0


def test_a_refused_name_leaves_the_form_as_it_was_typed(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "name": "别人", "aliases": f"甲某、{HOST}", "ambiguous": "小木=橱窗"}
    answer = client.post("/registry", data=form)
    assert answer.status_code == 400 and f'value="甲某、{HOST}"' in answer.text and "小木=橱窗" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "别人", "aliases": HOST},
        {"name": "别人", "ambiguous": "小木"},
        {"name": "  ", "aliases": "x"},
        {"name": "朋友/直播间"},
        {"name": "甲\x01"},
    ],
)
def test_names_that_cannot_be_are_refused(client: TestClient, stocked: Home, wrong: dict[str, str]) -> None:
    before = stocked.hosts.read_text("utf-8")
    assert client.post("/registry", data=wrong | {"token": token_of(client)}).status_code in (400, 422)
    assert client.get("/registry", params=wrong).status_code == 200
    assert stocked.hosts.read_text("utf-8") == before


def test_words_that_rise_lead_to_their_documents(client: TestClient, stocked: Home) -> None:
    store = open_store(stocked)
    for number in range(12):
        at = NOW - timedelta(days=number % 5, hours=1)
        store.put([document(7000 + number, at, f"第{number}件锅铲开裂", keywords=("锅铲",))])
        store.put(
            [document(8000 + number, at - timedelta(days=7), f"第{number}次发货慢", keywords=("发货",))]
        )
    store.close()
    page = client.get("/words").text
    assert "锅铲" in page and "新" in page and "发货" not in page
    assert client.get("/words.json").json()["words"][0]["word"] == "锅铲"
    assert "锅铲" in client.get("/words.csv").content.decode()
    assert client.get("/words", params={"q": "(退款"}).status_code == 200
    assert client.get("/words", params={"against": "ever"}).status_code == 200


def test_an_event_is_watched_listed_and_let_go(client: TestClient, stocked: Home) -> None:
    events.update(stocked)
    [first, *_] = events.listed(stocked, events.Asked(), limit=1)
    token = token_of(client)
    assert "已关注" in client.post(f"/events/{first.id}/watch", data={"token": token, "on": "1"}).text
    assert "关注的" in client.get("/events").text and "关注的" in client.get("/").text
    assert [event.id for event in events.watched(stocked)] == [first.id]
    client.post(f"/events/{first.id}/watch", data={"token": token})
    assert events.watched(stocked) == []
