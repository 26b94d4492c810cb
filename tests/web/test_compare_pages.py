"""对比, 交叉表: each figure's change, in per cent, and named only where chance did not do it."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.making import document
from tests.web.conftest import HOST, NOW, links_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Polarity, document_id
from fengping.spiders import CrawlResult, Outcome, Runs
from fengping.state import State

WEEK = {"one": "羽绒服", "against": "previous", "since": "2020-11-06", "until": "2020-11-12"}
DAY = timedelta(days=1)


def put(home: Home, counts: dict[int, int], text: str = "手表走得不准", first: int = 0) -> None:
    """So many documents of *text* so many days ago."""
    store = open_store(home)
    store.put(
        document(
            10_000 + first + 1000 * ago + n, NOW - ago * DAY - timedelta(minutes=n), f"{text}，第{ago}天{n}",
            polarity=Polarity.NEU, negative=0.2,
        )
        for ago, count in counts.items()
        for n in range(count)
    )  # fmt: skip
    store.close()


def test_a_change_stands_beside_both_figures(client: TestClient) -> None:
    now, before = client.get("/compare.json", params=WEEK).json()
    assert before["change"] is None
    # All twelve came on one day.
    whole = WEEK | {"since": "2020-11-05", "until": "2020-11-11"}
    assert client.get("/compare.json", params=whole).json()[0]["days_collected"] == 7
    # Of the last day less than a half is over: the counts are of unlike days.
    assert now["change"]["documents"] == {"difference": None, "percent": 556.25, "moved": "within_chance"}
    page = client.get("/compare", params=WEEK).text
    assert "变化" in page and "+10" not in page and "日均 +556.2%" in page


def test_words_are_left_to_chance(client: TestClient, stocked: Home) -> None:
    put(stocked, {ago: 4 + (ago < 7) for ago in range(14)})
    asked = WEEK | {"one": "手表"}
    now, before = client.get("/compare.json", params=asked).json()
    assert (now["documents"], before["documents"]) == (35, 28)
    assert now["change"]["documents"] == {"difference": None, "percent": 36.7187, "moved": "within_chance"}
    assert "未超出随机波动" in client.get("/compare", params=asked).text
    put(stocked, dict.fromkeys(range(7), 20), "手表又坏了", 500)
    assert client.get("/compare.json", params=asked).json()[0]["change"]["documents"]["moved"] == "up"
    assert "上升" in client.get("/compare", params=asked).text
    # Days that vary as much as this one prove nothing.
    burst = WEEK | {"one": "毛衣"}
    put(stocked, {1: 20, 8: 8, 9: 1}, "毛衣起球", 800)
    assert (
        client.get("/compare.json", params=burst).json()[0]["change"]["documents"]["moved"] == "within_chance"
    )


def test_a_handful_is_not_tested(client: TestClient, stocked: Home) -> None:
    put(stocked, {1: 6, 8: 1})
    change = client.get("/compare.json", params=WEEK | {"one": "手表"}).json()[0]["change"]
    assert change["documents"]["moved"] == change["share"]["moved"] == "too_few"
    assert "条数太少" in client.get("/compare", params=WEEK | {"one": "手表"}).text


def test_days_without_collecting_are_no_zeros(client: TestClient, stocked: Home) -> None:
    put(stocked, dict.fromkeys((*range(7), 12, 13), 5))
    asked = WEEK | {"one": "手表"}
    assert client.get("/compare.json", params=asked).json()[0]["change"]["documents"]["moved"] == "up"
    for ago in (*range(7), 12, 13):
        at = NOW - ago * DAY
        Runs(State.open(stocked)).end(
            CrawlResult("news", Outcome.FINISHED, at, at, "", document_id(f"run {ago}"))
        )
    now, before = client.get("/compare.json", params=asked).json()
    # A Thursday with documents counts, though no run of that day is known; of today what is over.
    assert (now["days_collected"], before["days_collected"]) == (6.4, 3)
    assert now["change"]["documents"]["moved"] == "within_chance"


def test_nothing_collected_before_is_no_rise(client: TestClient) -> None:
    asked = WEEK | {"against": "year"}
    change = client.get("/compare.json", params=asked).json()[0]["change"]
    assert change["documents"] == {"difference": None, "percent": None, "moved": "unknown"}
    assert "不判升降" in client.get("/compare", params=asked).text


@pytest.mark.parametrize(("lang", "said"), [("zh", "甲较多"), ("en", "more in One")])
def test_two_searches_are_more_and_fewer_not_up_and_down(client: TestClient, lang: str, said: str) -> None:
    page = client.get("/compare", params={"one": "羽绒服", "other": "客服", "lang": lang}).text
    assert said in page and "上升" not in page


def test_the_table_for_programs_has_it(client: TestClient) -> None:
    text = client.get("/compare.csv", params=WEEK).content.decode("utf-8-sig")
    now, before = csv.DictReader(io.StringIO(text))
    assert (now["documents_difference"], now["documents_percent"]) == ("", "556.25")
    assert now["negative_share_points"] == "0.0" and before["documents_difference"] == ""


def test_accused_brands_are_counted_like_accused_hosts(client: TestClient, stocked: Home) -> None:
    store = open_store(stocked)
    store.put(
        document(20_000 + n, NOW - timedelta(minutes=n), f"样牌的壶第{n}天就漏", negative_brands=("样牌",),
                 brands=("样牌",), issues=("C04",))
        for n in range(3)
    )  # fmt: skip
    store.close()
    page = client.get("/search").text
    assert "被指品牌" in page and "/search?accused_brand=%E6%A0%B7%E7%89%8C" in page
    found = client.get("/search.json", params={"accused_brand": "样牌"}).json()
    assert found["total"] == 3
    assert "accused_brand" in client.get("/search", params={"accused_brand": "样牌", "issue": "C04"}).text
    assert client.get("/crosstab.json").json()[0]["host"]
    table = client.get("/crosstab.json", params={"of": "brands"}).json()
    assert table == [{"brand": "样牌", "negative": 3, "classes": {"C04": 3}}]
    assert "brand,negative" in client.get("/crosstab.csv", params={"of": "brands"}).text
    page = client.get("/crosstab", params={"of": "brands", "since": "2020-11-01"}).text
    [cell] = {link for link in links_of(page) if "accused_brand" in link and "issue=C04" in link}
    assert "<b>3</b>" in client.get(cell).text and "since=2020-11-01" in cell
    assert "Brands accused" in client.get("/crosstab", params={"of": "brands", "lang": "en"}).text
    assert client.get("/crosstab", params={"of": "cats"}).status_code in (400, 422)


def test_the_file_has_every_class(client: TestClient, stocked: Home) -> None:
    store = open_store(stocked)
    codes = ("C01", "C02", "C03", "C04", "C05", "C06", "C07")
    store.put(document(20_000 + n, NOW, f"手表{n}", issues=(code,)) for n, code in enumerate(codes))
    store.close()
    now, _ = client.get("/compare.json", params=WEEK | {"one": "手表"}).json()
    assert sorted(now["issues"]) == [*codes]


def test_a_query_with_days_of_its_own_leads_to_the_documents_of_the_period_before(client: TestClient) -> None:
    asked = WEEK | {"one": "羽绒服 since:2020-11-06 until:2020-11-12"}
    _, before = client.get("/compare.json", params=asked).json()
    page = html.fromstring(client.get("/compare", params=asked).text)
    [_, link] = page.xpath('//td[text()="信息"]/following-sibling::td/a')
    assert before["documents"] == int(link.text_content()) > 0
    assert f"<b>{before['documents']}</b>" in client.get(link.get("href")).text


def test_a_host_of_a_peak_leads_to_as_many_documents_as_are_told(client: TestClient, stocked: Home) -> None:
    calm = [document(800 + n, NOW - n * DAY, f"又看了{n}回", hosts=(HOST,)) for n in range(1, 30)]
    loud = [((HOST, "白鹭"), 7), (("白鹭",), 4)]
    burst = [
        document(700 + 10 * len(hosts) + n, NOW - timedelta(minutes=n), f"又一件假货{n}", hosts=hosts)
        for hosts, most in loud
        for n in range(most)
    ]
    with closing(open_store(stocked)) as store:
        store.put([*calm, *burst])
    page = html.fromstring(client.get("/peaks", params={"host": HOST, "days": 28}).text)
    [link] = page.xpath('//dd[@class="words"]/span/a[text()="白鹭"]')
    assert link.getnext().text == "7"
    assert "<b>7</b>" in client.get(link.get("href")).text
