"""The list of events: a page at a time with the number of all, and files of all of them."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn
from unittest import mock
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.making import document, put
from tests.readings import Said, as_read
from tests.web.conftest import HOST, NOW, token_of

from fengping.events import Asked
from fengping.events.building.opening import event_lock
from fengping.events.evidence import capture, keeping
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Channel, Document, Engagement, Precision
from fengping.services import events, evidence
from fengping.state import State
from fengping.web.accounts import book
from fengping.web.pages import events as page
from fengping.web.pages import hosts

MATTERS = {
    "林小禾": "锅铲用一次就断了柄",
    "周小满": "玉镯鉴定出来是玻璃",
    "柳三月": "螃蟹收到时已经发臭",
    "秦四方": "羊毛衫洗后缩成童装",
}
"""Invented hosts, and what is complained of each."""


def matters() -> list[Document]:
    """A complaint of each of several matters."""
    return [
        document(8000 + n, NOW - timedelta(days=n), f"{host}家的{matter}，客服不理", hosts=(host,),
                 negative_hosts=(host,), act=Act.COMPLAINT)
        for n, (host, matter) in enumerate(MATTERS.items())
    ]  # fmt: skip


@pytest.fixture
def eventful(stocked: Home) -> Home:
    """A home with an event of each of several matters."""
    with closing(open_store(stocked)) as store:
        store.put(matters())
    events.update(stocked)
    return stocked


def test_events_are_found_by_any_name_of_a_party_and_by_their_status(
    client: TestClient, eventful: Home
) -> None:
    with eventful.hosts.open("a", encoding="utf-8") as file:
        file.write('\n[[host]]\nname = "林小禾"\naliases = ["小禾姐"]\n')
    (row,) = csv.DictReader(io.StringIO(client.get("/events.csv?party=小禾姐").text.removeprefix("\ufeff")))
    assert (row["accused"], row["charges"]) == ("林小禾", "1")
    found = [client.get("/api/v1/events", params={"party": name}).json() for name in ("林小禾", "小禾姐")]
    assert found[0] == found[1] and [one["title"] for one in found[0]] == [row["title"]]
    kinds = [client.get("/api/v1/events", params={"status": s}).json() for s in ("未证实", "已处罚")]
    assert row["id"] in [one["id"] for one in kinds[0]] and not kinds[1]


def test_an_event_shows_those_of_its_party_before_and_after(
    client: TestClient, eventful: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    further = [
        (8100, 3, "快递三天了还不发货"),
        (8101, 40, "围巾起球严重，问了没人理"),
        (8102, -2, "电饭煲漏电，险些出事"),
    ]
    with closing(open_store(eventful)) as store:
        put(eventful, store, (
            document(n, NOW - timedelta(days=day), f"林小禾家的{what}", hosts=("林小禾",),
                     negative_hosts=("林小禾",), act=Act.COMPLAINT)
            for n, day, what in further
        ))  # fmt: skip
    events.update(eventful)
    mine = next(e for e in client.get("/events.json?party=林小禾").json() if "锅铲" in e["title"])
    shown = client.get(f"/events/{mine['id']}").text.partition("同一对象前后的事件")[2].partition("</ul>")[0]
    assert 0 < shown.index("快递三天") < shown.index("电饭煲") and "锅铲" not in shown and "围巾" not in shown
    assert "前后 30 天内，按时间先后" in shown and "全部 2 件" in shown
    monkeypatch.setattr(page, "BESIDE", 1)
    part = (
        client.get(f"/events/{mine['id']}").text.partition("同一对象前后的事件")[2].partition("</section>")[0]
    )
    assert "来源最多的 1 件" in part and "全部 2 件" in part
    [every] = html.fromstring(part).xpath("//a[@class='more']/@href")
    listed = client.get(every).text
    assert "快递三天" in listed and "电饭煲" in listed and "围巾" not in listed


def test_an_event_shows_the_others_of_its_affair(client: TestClient, eventful: Home) -> None:
    further = [(8110, 5, "林小禾锅铲断柄被检测不合格"), (8111, 3, "林小禾家的快递三天了还不发货")]
    mine = next(e for e in events.listed(eventful, Asked(party="林小禾"), limit=9) if "断了柄" in e.title)
    with closing(open_store(eventful)) as store:
        put(eventful, store, (
            document(n, NOW - timedelta(days=day), title, hosts=("林小禾",), negative_hosts=("林小禾",),
                     act=Act.COMPLAINT)
            for n, day, title in further
        ))  # fmt: skip
    events.update(eventful)
    other = next(e for e in events.listed(eventful, Asked(party="林小禾"), limit=9) if "检测" in e.title)
    events.merge(eventful, [mine.id, other.id], NOW, linked=True)
    shown = client.get(f"/events/{mine.id}").text.partition("同属一事的其他事件")[2].partition("</ul>")[0]
    assert "检测不合格" in shown and "快递" not in shown


def entries(eventful: Home, *, signed: int) -> str:
    """The id of an event of thirteen entries of a list, of which *signed* tell their author; comments are all
    the counts there are."""
    made = [
        document(8200 + n, NOW - timedelta(minutes=n), f"林小禾家的雨伞第{n}天骨架又断，{n}位买家退不了款",
                 hosts=("林小禾",), negative_hosts=("林小禾",), act=Act.COMPLAINT)
        for n in range(13)
    ]  # fmt: skip
    bare = {"author": "", "author_id": "", "engagement": Engagement(comments=3)}
    with closing(open_store(eventful)) as store:
        put(eventful, store, (
            replace(one, raw=replace(one.raw, **(bare | ({"author_id": f"a{n}"} if n < signed else {}))))
            for n, one in enumerate(made)
        ))  # fmt: skip
    events.update(eventful)
    gathered = [one.id for one in events.listed(eventful, Asked("雨伞"), limit=99)]
    return gathered[0] if len(gathered) == 1 else events.merge(eventful, gathered, NOW).event.id


@pytest.mark.parametrize(("signed", "said", "english"), [
    (0, "没有一条写明作者", "no post names its author"),
    (1, "账号、媒体 1 个（写明作者的 1 条）", "accounts and media: 1 (of 1 that name their author)"),
    (12, "账号、媒体 12 个；最多的 10 个占 83.3%（写明作者的 12 条）",
     "accounts and media: 12; the ten busiest wrote 83.3% (of 12 that name their author)"),
])  # fmt: skip
def test_only_documents_that_name_their_author_tell_how_concentrated_authors_are(
    client: TestClient, eventful: Home, signed: int, said: str, english: str
) -> None:
    mine = entries(eventful, signed=signed)
    text = client.get(f"/events/{mine}").text
    assert "只有评的数" in text and "合计" not in text
    for lang, words in (("zh", said), ("en", english)):
        shown = html.fromstring(client.get(f"/events/{mine}", params={"lang": lang}).text)
        assert shown.xpath("string(//dl[@class='kv']/dd[last()])") == words
    known = client.get(f"/events/{mine}.json").json()["knowledge"]
    assert known["concentration"]["authors"] == known["concentration"]["signed"] == signed
    assert known["engaged"] == ["comments"]


def test_a_chain_that_is_cut_says_so_and_is_kept_whole(
    client: TestClient, eventful: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = entries(eventful, signed=12)
    chain = html.fromstring(client.get(f"/events/{mine}").text).xpath(
        "//*[@id='evidence']//input[@name='id']"
    )
    monkeypatch.setattr(page, "MENTIONS", 2)
    text = client.get(f"/events/{mine}").text
    assert f"各来源自己写的 {len(chain)} 条，按时间先后只列前 2 条" in text and len(chain) > 2
    assert f"存下传播链上的 {len(chain)} 条" in text
    assert "这里可选传播链上列出的 2 条" in text


def test_a_page_says_how_many_there_are_and_a_file_holds_them_all(
    client: TestClient, eventful: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = events.count(eventful, events.Asked())
    assert every == len(events.listed(eventful, events.Asked(), limit=1000)) > 3
    monkeypatch.setattr(page, "PAGE", 2)
    assert f"第 3–4 件，共 {every} 件" in client.get("/events", params={"offset": 2}).text
    assert f"3–4 of {every}" in client.get("/events", params={"offset": 2, "lang": "en"}).text
    assert len(client.get("/events.json").json()) == every
    assert "/events.csv?q=" in client.get("/events", params={"q": "件", "offset": 2}).text
    listed = client.get("/events.csv").content.decode("utf-8-sig").splitlines()
    assert len(listed) == every + 1


def test_the_file_of_an_event_holds_all_its_documents_be_it_one(client: TestClient, eventful: Home) -> None:
    for event in events.listed(eventful, events.Asked(), limit=1000):
        rows = list(csv.DictReader(client.get(f"/events/{event.id}.csv").text.lstrip("\ufeff").splitlines()))
        assert sorted(row["id"] for row in rows) == sorted(events.documents_of(eventful, event.id))
        assert len(rows) == event.documents


def test_the_page_of_a_host_counts_all_its_events(
    client: TestClient, eventful: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = events.Asked(party=HOST, since=NOW - timedelta(days=365), until=NOW + timedelta(days=1))
    monkeypatch.setattr(hosts, "EVENTS", 0)
    text = client.get(f"/hosts/{HOST}", params={"days": 365}).text
    assert events.count(eventful, asked) == 1
    assert ">1</a> <small>件</small>" in text


@pytest.mark.parametrize(
    ("precision", "told", "english"),
    [
        (Precision.DAY, "2020-11-12<", "2020-11-12<"),
        (Precision.HOUR, "2020-11-12 10时<", "2020-11-12 10h<"),
        (Precision.MINUTE, "2020-11-12 10:30<", "2020-11-12 10:30<"),
    ],
)
def test_a_time_is_shown_no_finer_than_it_is_known(
    client: TestClient, stocked: Home, precision: Precision, told: str, english: str
) -> None:
    made = document(7000, NOW, "锅铲断了")
    with closing(open_store(stocked)) as store:
        store.put([replace(made, raw=replace(made.raw, precision=precision))])
    assert told in client.get("/search", params={"q": "锅铲"}).text
    assert english in client.get("/search", params={"q": "锅铲", "lang": "en"}).text
    assert english.rstrip("<") in client.get(f"/documents/{made.id}").text


def test_events_merged_and_split_while_they_are_updated_are_so_afterwards(
    client: TestClient, eventful: Home
) -> None:
    large, *rest = sorted(
        events.listed(eventful, events.Asked(), limit=1000), key=lambda event: -event.documents
    )
    apart = events.documents_of(eventful, large.id)[-1]
    token = token_of(client)
    with event_lock(eventful):
        for place, form in (
            (f"/events/{rest[0].id}/merge", {"other": rest[1].id}),
            (f"/events/{large.id}/split", {"document": apart}),
        ):
            answer = client.post(place, data=form | {"token": token}, follow_redirects=False)
            assert answer.status_code == 303
            assert "正在进行的归并结束后生效" in client.get(answer.headers["location"]).text
    _, lines = book.written(State.open(eventful), 2)
    assert [(line.act, line.target) for line in lines] == [
        ("split event", large.id),
        ("merge events", rest[0].id),
    ]
    events.update(eventful)
    assert events.find(eventful, rest[1].id).id == events.find(eventful, rest[0].id).id
    assert apart not in events.documents_of(eventful, large.id)


def test_an_event_shows_what_is_kept_of_it_and_keeps_its_chain(client: TestClient, eventful: Home) -> None:
    whole = events.listed(eventful, events.Asked(party=HOST), limit=1)[0]
    shown = html.fromstring(client.get(f"/events/{whole.id}").text)
    assert f"已存 0 / {whole.documents} 条" in shown.get_element_by_id("evidence").text_content()
    [form] = shown.xpath('//section[@id="evidence"]//form')
    chain = form.xpath('.//input[@name="id"]/@value')
    assert chain and set(chain) <= set(events.documents_of(eventful, whole.id))

    def refuse(url: str) -> NoReturn:
        raise capture.Refused("No answer.")

    with mock.patch.object(capture, "fetcher", lambda *_: refuse):
        evidence.keep(eventful, chain[:1], NOW, pictures=False)
    keeping.archive(eventful).add(chain[0], "look", None, NOW, "gone")
    keeping.want(eventful, chain[1:2], NOW, "case")
    part = html.fromstring(client.get(f"/events/{whole.id}").text).get_element_by_id("evidence")
    told = part.text_content()
    assert f"已存 1 / {whole.documents} 条" in told and "原页已删" in told
    assert ("1 条等待存下" in told) is ("由任务“留证”去存" in told) is (len(chain) > 1)
    assert f"/documents/{chain[0]}" in part.xpath(".//@href")
    assert chain[0] not in part.xpath('.//input[@name="id"]/@value')
    [kept] = client.get(f"/events/{whole.id}.json").json()["evidence"]
    assert (kept["document"], kept["finding"]) == (chain[0], "gone")
    packed = zipfile.ZipFile(io.BytesIO(client.get(f"/events/{whole.id}/evidence.zip").content))
    assert any(chain[0] in name for name in packed.namelist())


def test_a_profile_tells_what_the_host_answered_and_how_its_names_count(
    client: TestClient, stocked: Home
) -> None:
    text = f"{HOST}回应：对第00件羽绒服是假货、退款不理的事，已经退一赔三并向消费者道歉"
    with closing(open_store(stocked)) as store:
        answered = document(
            8900, NOW - timedelta(minutes=2), text, hosts=(HOST,), act=Act.RESPONSE, issues=("C03",),
            channel=Channel.NEWS,
        )  # fmt: skip
        answered = as_read(answered, Said("answer", "apologise", HOST))
        put(stocked, store, [answered])
    events.update(stocked)
    page = html.fromstring(client.get(f"/hosts/{HOST}").text)
    assert f"/hosts/{HOST}?names=1#names" in map(unquote, page.xpath("//section[@id='names']//@href"))
    checked = html.fromstring(client.get(f"/hosts/{HOST}", params={"names": "1"}).text)
    [row] = checked.xpath("//section[@id='names']//tbody/tr")
    cells = [cell.text_content() for cell in row.xpath("td")]
    assert cells[0] == HOST and int(cells[1]) >= int(cells[3]) > 20
    [record] = client.get(f"/hosts/{HOST}/names.json").json()
    assert (record["name"], str(record["counted"])) == (HOST, cells[3])
    answered = [row for row in client.get(f"/hosts/{HOST}/events.json").json() if row["answer"]]
    told = page.xpath("//section[h2='事件' or header/h2='事件']")[0].text_content()
    assert f"这位主播回应过 {len(answered)} 件" in told
    assert answered and "道歉" in answered[0]["answer"] and "道歉" in told


def test_what_may_be_split_off_is_named_by_its_title(client: TestClient, stocked: Home) -> None:
    events.update(stocked)
    many = next(one for one in events.listed(stocked, Asked(), limit=9) if one.documents > 1)
    read = html.fromstring(client.get(f"/events/{many.id}").text)
    offered = read.xpath("//form[contains(@action, '/split')]//label")
    assert offered and all("羽绒服是假货" in one.text_content() for one in offered)
