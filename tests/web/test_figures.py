"""A figure leads to its documents: the number shown is the total of the search that it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.making import document, put
from tests.web.conftest import HOST, NOW, client_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Channel, Document, Polarity
from fengping.services import events
from fengping.web.asking import FIELDS

OTHER = "林小禾"
FILTERS = {
    "platform": "抖音", "channel": "video", "source": "ccn", "host": OTHER, "tag": "待查", "issue": "C07",
    "accused": OTHER, "accused_brand": "青禾", "group": f"{3:032x}",
}  # fmt: skip
"""A value of each parameter that some of the documents have."""


def various() -> Iterator[Document]:
    """Complaints of twelve days about one host or two, from two channels, and what no rule counts."""
    for n in range(60):
        at = NOW - timedelta(days=max(0, n // 5 - 2), minutes=7 * n)
        both, video = n % 3 == 0, n % 2 == 0
        parties = (HOST, OTHER) if both else (HOST,)
        made = document(
            6000 + n, at, f"{'、'.join(parties)}卖的锅铲第{n}次断了柄，售后不理", hosts=parties,
            negative_hosts=parties, negative_brands=("青禾",) if both else (), brands=("青禾",),
            issues=("C03", "C07") if n % 4 == 0 else ("C03",), platforms=("抖音",) if video else ("快手",),
            channel=Channel.VIDEO if video else Channel.FORUM, source="ccn" if n % 5 else "test",
            relevant=n % 7 != 0, act=Act.RESPONSE if n % 11 == 0 else Act.COMPLAINT,
            polarity=Polarity.POS if n % 13 == 12 else Polarity.NEG, regulators=("国家市场监督管理总局",),
            keywords=("锅铲", "断柄") if at > NOW - timedelta(days=6) else ("售后",),
        )  # fmt: skip
        raw = replace(made.raw, engagement=replace(made.raw.engagement, likes=n if both else None))
        yield replace(made, raw=raw, tags=("待查",) if both else (), group=f"{n % 6:032x}")


@pytest.fixture(scope="module")
def varied(stock: Any, tmp_path_factory: pytest.TempPathFactory) -> Home:
    root = tmp_path_factory.mktemp("varied")
    (root / "fengping.toml").write_text("", encoding="utf-8")
    hosts = "".join(f'[[host]]\nname = "{name}"\n' for name in (HOST, OTHER))
    (root / "hosts.toml").write_text(hosts, encoding="utf-8")
    home = Home.open(root)
    with closing(open_store(home)) as store:
        store.put(various())
    events.update(home)
    return home


@pytest.fixture
def client(varied: Home) -> Iterator[TestClient]:
    with client_of(varied) as made:
        yield made


def total(client: TestClient, link: str) -> int:
    assert link.startswith("/search?"), link
    found = client.get(link.replace("/search?", "/api/v1/search?"))
    assert found.status_code == 200, found.text
    return int(found.json()["total"])


def shown(text: str) -> int:
    return int(re.sub(r"\D", "", text.split()[0]))


def cells(page: str, path: str) -> dict[str, int]:
    """Links to searches in tables, or elsewhere under *path*, with the number that each shows."""
    links = html.fromstring(page).xpath(path)
    return {one.get("href"): shown(one.xpath("string(text())")) for one in links}


def bars(page: str) -> dict[str, list[int]]:
    """Links of a chart's bars with the numbers of their titles."""
    found = html.fromstring(page).xpath('//svg[@class="over"]/a')
    return {
        one.get("href"): [int(n) for n in re.findall(r"\d+", one.xpath("string(title)").partition(" ")[2])]
        for one in found
    }


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "frequency", "query": "锅铲 OR 退款", "negative": "1"},
        {"kind": "frequency", "hosts": OTHER, "classes": "C07", "negative": "1"},
        {"kind": "any", "platforms": "抖音", "sources": "ccn"},
        {"kind": "percentage_match", "max_percentage": "40", "hosts": OTHER, "negative": "1"},
        {"kind": "new_event", "query": "锅铲 -青禾", "negative": "1"},
    ],
    ids=lambda rule: rule["kind"],
)
def test_a_bar_of_a_back_test(client: TestClient, rule: Mapping[str, str]) -> None:
    page = client.get("/alerts/rule", params={"name": "x", **rule}).text
    found = bars(page)
    assert len([n for n, *_ in found.values() if n]) > 2
    assert {link: n for link, (n, *_) in found.items()} == {link: total(client, link) for link in found}
    [whole] = html.fromstring(page).xpath('//dt[.="规则计入"]/../dd/a')
    assert shown(whole.text) == total(client, whole.get("href")) == sum(n for n, *_ in found.values())


def test_a_rule_of_documents_judged_irrelevant_too(client: TestClient, varied: Home) -> None:
    varied.alerts.mkdir(exist_ok=True)
    (varied.alerts / "all.toml").write_text('name = "全算"\nmin_relevance = 0\n', encoding="utf-8")
    found = bars(client.get("/alerts/rule", params={"was": "全算"}).text)
    assert {link: n for link, (n, *_) in found.items()} == {link: total(client, link) for link in found}


def test_a_rule_of_engagement_says_that_its_links_list_more(client: TestClient, varied: Home) -> None:
    varied.alerts.mkdir(exist_ok=True)
    (varied.alerts / "loud.toml").write_text('name = "热闹"\nmin_engagement = 30\n', encoding="utf-8")
    page = client.get("/alerts/rule", params={"was": "热闹"}).text
    found = bars(page)
    assert any(n for n, *_ in found.values()) and all(
        total(client, link) >= n for link, (n, *_) in found.items()
    )
    assert "列出的会多于规则计入的" in page
    assert (
        "列出的会多于规则计入的" not in client.get("/alerts/rule", params={"name": "x", "kind": "any"}).text
    )


@pytest.mark.parametrize("name", [*FILTERS, "event", "since"])
def test_a_cell_of_a_narrowed_cross_table(client: TestClient, varied: Home, name: str) -> None:
    asked = given(varied, name)
    for of in ("hosts", "brands"):
        page = client.get("/crosstab", params={**asked, "of": of}).text
        found = cells(page, '//table//a[starts-with(@href, "/search")]')
        assert found and {link: total(client, link) for link in found} == found
        form = html.fromstring(page).xpath('//form[@action="/crosstab"]')[0]
        kept = {key: value[:10] if key in ("since", "until") else value for key, value in asked.items()}
        assert {**kept, "of": of}.items() <= dict(form.form_values()).items()


def given(home: Home, name: str) -> dict[str, str]:
    if name == "event":
        return {"event": events.listed(home, events.Asked(), limit=1)[0].id}
    if name == "since":
        return {"since": "2020-11-05T12:00", "until": "2020-11-10"}
    return {name: FILTERS[name]}


def test_two_conditions_on_one_field_hold_both(client: TestClient) -> None:
    """A row of another host than the one that was asked for counts what accuses both."""
    found = cells(client.get("/crosstab", params={"accused": OTHER, "q": "锅铲"}).text, "//table//td/a")
    both = [link for link in found if "negative_hosts" in link]
    assert both and {link: total(client, link) for link in found} == found


@pytest.mark.parametrize("name", [*FILTERS, "event"])
def test_words_stay_narrowed(client: TestClient, varied: Home, name: str) -> None:
    asked = given(varied, name) | {"since": "2020-11-07", "until": "2020-11-12", "q": "断了柄"}
    page = client.get("/words", params=asked).text
    found = cells(page, '//table//td[@class="r"]/a')
    assert found and {link: total(client, link) for link in found} == found
    asked_for = {key: [value] for key, value in asked.items()}
    twins = html.fromstring(page).xpath('//footer//a[starts-with(@href, "/words.")]/@href')
    for link in twins:
        assert asked_for.items() <= parse_qs(urlsplit(link).query).items()
    form = html.fromstring(page).xpath('//form[@action="/words"]')[0]
    assert asked.items() <= dict(form.form_values()).items()


def test_a_name_without_an_entry_is_looked_for_within_the_conditions(
    client: TestClient, varied: Home
) -> None:
    with closing(open_store(varied)) as store:
        store.put(
            document(9500 + n, NOW - timedelta(hours=n), "直播间里的小橙姐带货翻车", channel=Channel.VIDEO)
            for n in range(5)
        )
    page = client.get(
        "/words", params={"channel": "video", "since": "2020-11-11", "until": "2020-11-12"}
    ).text
    [link] = html.fromstring(page).xpath('//a[b="小橙姐"]/@href')
    asked = parse_qs(urlsplit(link).query)
    assert (asked["channel"], asked["since"], asked["until"]) == (["video"], ["2020-11-11"], ["2020-11-12"])
    assert total(client, link) == 5
    assert "点名字列出所有提到它的" in page


def test_each_figure_of_an_event(client: TestClient, varied: Home) -> None:
    event = max(events.listed(varied, events.Asked(), limit=50), key=lambda one: one.documents)
    assert event.documents > 10
    page = client.get(f"/events/{event.id}").text
    found = cells(page, '//dl[@class="kv"]//a[@class="sub"]')
    asked = {name for link in found for name in parse_qs(urlsplit(link).query)}
    assert {"platform", "channel", "issue", "accused", "accused_brand", "event", "q"} <= asked
    found |= cells(page, "//details//td/a") | {link: n for link, (_, n) in bars(page).items()}
    assert len(bars(page)) > 3
    assert {link: total(client, link) for link in found} == found
    stats = {
        one.xpath("string(dt)"): one.xpath("string(dd/a/@href)")
        for one in html.fromstring(page).xpath('//div[contains(@class, "stat")]')
    }
    assert total(client, stats["信息"]) == event.documents
    assert total(client, stats["负面"]) == event.charges
    every = client.get("/api/v1/search", params={"event": event.id, "limit": 200}).json()["hits"]
    assert total(client, stats["互动"]) == sum(row["engagement"].get("likes") is not None for row in every)


def test_each_figure_of_a_comparison(client: TestClient) -> None:
    asked = {"one": "锅铲", "other": "售后", "since": "2020-10-01", "until": "2020-11-12"}
    found = cells(client.get("/compare", params=asked).text, '//table//a[starts-with(@href, "/search")]')
    assert all(any(part in link for link in found) for part in ("issue=", "host="))
    assert {link: total(client, link) for link in found} == found


def test_days_of_a_year_of_a_host_lead_to_their_documents(client: TestClient) -> None:
    page = html.fromstring(client.get(f"/hosts/{HOST}", params={"days": 365}).text)
    rows = page.xpath('//details//tr[td/a[starts-with(@href, "/search")]]')
    found = {row.xpath("string(td/a/@href)"): sum(map(int, row.xpath("td[@class]/text()"))) for row in rows}
    assert len(found) > 5 and {link: total(client, link) for link in found} == found


def test_an_event_of_one_document_leads_to_it(client: TestClient, varied: Home) -> None:
    lone = document(9900, NOW, f"{OTHER}家的玉镯鉴定出来是玻璃", hosts=(OTHER,), negative_hosts=(OTHER,))
    with closing(open_store(varied)) as store:
        put(varied, store, [lone])
    events.update(varied)
    event = next(e for e in events.listed(varied, events.Asked(text="玉镯"), limit=9) if e.documents == 1)
    page = html.fromstring(client.get(f"/events/{event.id}").text)
    links = page.xpath('//dl[@class="kv"]//a[@class="sub"]/@href') + page.xpath('//dd[@class="v"]/a/@href')
    assert links and set(links) == {f"/documents/{lone.id}"}


def test_every_figure_of_today(client: TestClient, varied: Home) -> None:
    with closing(open_store(varied)) as store:
        store.put([document(9901, NOW, "何白露家的蜜瓜真甜", hosts=("何白露",), polarity=Polarity.POS)])
    page = html.fromstring(client.get("/").text)
    stats = {one.xpath("string(dt)"): one for one in page.xpath('//div[contains(@class, "stat")]')}
    record = client.get("/today.json").json()
    share = stats["负面占比"].xpath("string(dd/a/@href)")
    assert total(client, share) == record["negative"]["count"]
    accused = stats["被指主播"].xpath("string(dd/a/@href)").replace("/hosts?", "/hosts.json?")
    shown = client.get(accused.replace(".json", "")).text
    assert "只列这一期被指的主播" in shown and "何白露" not in shown
    listed = client.get(accused).json()
    assert len(listed) == record["watched"] > 1 and all(host["accused"]["now"] for host in listed)
    assert len(client.get(accused.replace("only=accused", "")).json()) > len(listed)
    found = cells(client.get("/").text, '//table//a[starts-with(@href, "/search")]')
    assert any("host=" in link for link in found)
    assert {link: total(client, link) for link in found} == found


def test_the_form_of_the_search_keeps_every_condition(client: TestClient, varied: Home) -> None:
    asked = given(varied, "event") | {"tag": "待查", "group": f"{0:032x}", "channel": "video", "q": "锅铲"}
    page = html.fromstring(client.get("/search", params=asked).text)
    form = dict(page.xpath('//form[@class="stack-s"]')[0].form_values())
    assert asked.items() <= form.items() and set(asked) <= {"q", *FIELDS}


@pytest.mark.parametrize("by", ["hour", "day", "week", "month"])
def test_a_bar_of_a_cut_window_counts_what_lies_in_it(client: TestClient, by: str) -> None:
    asked = {"since": "2020-11-05T11:30", "until": "2020-11-10T09:45", "by": by, "q": "锅铲"}
    found = bars(client.get("/search", params=asked).text)
    whole = f"/search?q=锅铲&since={asked['since']}&until={asked['until']}"
    assert sum(n for n, *_ in found.values()) == total(client, whole)
    assert {link: total(client, link) for link in found} == {link: n for link, (n, *_) in found.items()}


def test_each_word_of_a_host(client: TestClient) -> None:
    page = client.get(f"/hosts/{HOST}", params={"since": "2020-10-30", "until": "2020-11-12"}).text
    words = html.fromstring(page).xpath('//p[@class="words"]/a')
    found = {one.get("href"): shown(one.xpath("string(small)")) for one in words}
    assert len(found) > 2 and {link: total(client, link) for link in found} == found


def test_a_bar_counts_what_is_not_judged_as_well(client: TestClient, varied: Home) -> None:
    with closing(open_store(varied)) as store:
        store.put(
            document(9600 + n, NOW - timedelta(days=n), f"parcel {n} from abroad", hosts=(HOST,),
                     polarity=None, negative=None)
            for n in range(3)
        )  # fmt: skip
    host = f"/hosts/{HOST}?since=2020-11-05&until=2020-11-12"
    for place in ("/search?q=abroad", "/search?q=abroad OR 锅铲&by=day", host):
        page = client.get(place).text
        found = {link: numbers[-1] for link, numbers in bars(page).items()}
        assert sum(found.values()) >= 3 and {link: total(client, link) for link in found} == found
        assert 'class="bar un"' in page and '<th class="r">未判</th>' in page
    assert 'class="bar un"' not in client.get("/search?q=锅铲").text
    days = client.get(host.replace("?", ".json?")).json()["days"]
    assert sum(day["unjudged"] for day in days) == 3
