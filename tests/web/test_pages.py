"""Every page: it answers, says why it is empty, leads on, and speaks both languages."""

from __future__ import annotations

import ast
import re
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from tests.making import LONG, document
from tests.web.conftest import HOST, NOW, client_of, documents, links_of, token_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Evidence
from fengping.scheduler import ledger
from fengping.scheduler.lease import Lease
from fengping.services import events
from fengping.state import State
from fengping.web import gaps, rendering
from fengping.web.rendering import english
from fengping.web.working import Done

PAGES = (
    "/", "/search", "/hosts", "/events", "/compare", "/crosstab", "/alerts", "/sources", "/correct",
    "/reports", "/jobs", "/settings", "/audit", "/keys", "/login", "/words", "/peaks",
    "/registry", "/queries",
    "/alerts/rule", "/sources/ccn", "/settings/channel", "/settings/channel?kind=mail",
    "/settings/who", "/settings/recipient", "/settings/route",
)  # fmt: skip
MOST = 130_000
SHOWN_ON = {
    "/today": "/", "/today/hours": "/", "/words/names": "/words", "/settings/channels": "/settings",
    "/settings/routing": "/settings",
    **{f"/hosts/{HOST}/{table}": f"/hosts/{HOST}" for table in ("events", "classes", "platforms", "words")},
}  # fmt: skip
"""Pages on which tables stand that have none of their own."""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_answers_full_and_empty_in_both_languages(client: TestClient, home: Home, page: str) -> None:
    for lang, code in (("zh", "zh-CN"), ("en", "en")):
        answer = client.get(page, params={"lang": lang})
        assert answer.status_code == 200 and f'<html lang="{code}"' in answer.text
        assert len(answer.content) < MOST
        assert not re.search(r'style="|<script(?! src="/static/)| on\w+="', answer.text)


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_home_says_what_to_do(home: Home, page: str) -> None:
    with client_of(home) as client:
        answer = client.get(page)
    assert answer.status_code == 200
    if page == "/":
        assert "还没有任何信息" in answer.text and "fengping import" in answer.text


def test_today_shows_the_jobs_that_ran_last(stocked: Home) -> None:
    with State.open(stocked).begin() as connection:
        for n, job in enumerate((*"abcd", "index", "alerts", "collect", "events")):
            number = ledger.begin(connection, job, NOW + timedelta(minutes=n))
            ledger.finish(connection, number, NOW + timedelta(minutes=n), ledger.Outcome("ok"))
    with client_of(stocked) as client:
        page = client.get("/").text
    shown = re.findall(r'<a href="/jobs">([^<]+)</a>', page[page.index("来源与任务") :])
    assert len(shown) == 4 and not {*"abcd"} & {*shown}


def test_each_table_is_there_for_programs_too(client: TestClient, stocked: Home) -> None:
    client.post("/search/save", data={"token": token_of(client), "name": "退货难", "query": "退款"})
    events.update(stocked)
    event = events.listed(stocked, events.Asked(), limit=1)[0].id
    pages = (
        *SHOWN_ON, "/search", "/hosts", f"/hosts/{HOST}", "/events", f"/events/{event}", "/crosstab",
        "/words", "/peaks", "/registry", "/sources", "/sources/ccn", "/correct", "/reports", "/jobs",
        "/audit", "/compare", "/queries", "/settings",
    )  # fmt: skip
    for page in pages:
        asked = {"one": "退款", "other": "客服"} if page == "/compare" else {}
        assert client.get(f"{page}.json", params=asked).json() is not None
        assert client.get(f"{page}.csv", params=asked).content.startswith(b"\xef\xbb\xbf"), page
        shown = client.get(SHOWN_ON.get(page, page), params=asked).text
        linked = {unquote(link).partition("?")[0] for link in links_of(shown)}
        assert {f"{page}.csv", f"{page}.json"} <= linked, page


def test_a_page_in_english_holds_no_untranslated_words() -> None:
    folder = Path(rendering.__file__).parent / "templates"
    asked = {
        text
        for file in folder.glob("*.html")
        for text in re.findall(r"_\('([^']*)'", file.read_text("utf-8"))
    }
    assert asked and not asked - english().keys()
    for chinese, said in english().items():
        assert set(re.findall(r"{\w+}", chinese)) == set(re.findall(r"{\w+}", said)), chinese


def test_words_that_pages_choose_are_translated_too() -> None:
    """Chinese constants of modules of the console: labels of choices, states, steps."""
    folder = Path(rendering.__file__).parent
    missing = set()
    for file in (folder / "rendering.py", *(folder / "pages").glob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict | ast.Tuple):
                texts = {n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)}
                words = {t for t in texts if isinstance(t, str) and re.search("[\u4e00-\u9fff]", t)}
                missing |= words - english().keys()
    assert not missing


def test_every_link_of_every_page_leads_somewhere(client: TestClient) -> None:
    seen: set[str] = set()
    for page in PAGES if LONG else PAGES[::5]:
        for link in links_of(client.get(page).text):
            path = link.partition("#")[0]
            if path.startswith("/") and path not in seen and "lang=" not in path and "theme=" not in path:
                seen.add(path)
                assert client.get(path).status_code in (200, 405), (page, path)
    assert len(seen) > 40


def test_today_compares_with_the_same_weekdays(client: TestClient) -> None:
    page = client.get("/").text
    assert "11月12日 周四" in page and HOST in page
    made = client.get("/today.json").json()
    assert made["total"] == {"count": 13, "usual": 2}
    assert made["negative"] == {"count": 12, "usual": 2}
    assert [(h["name"], h["negative"], h["usual"]) for h in made["hosts"]] == [(HOST, 12, 2)]


def test_today_says_that_a_file_on_disk_is_not_in_force(stocked: Home) -> None:
    stocked.config_file.write_text("[crawl]\ndelay 3\n", encoding="utf-8")
    with client_of(stocked) as client:
        page = client.get("/").text
        assert "<b>fengping.toml 没有生效。</b>" in page and "第 2 行第 7 字键后面缺等号。" in page
        assert "fengping run 启动时也按上一份能用的" in page and "<details" not in page.partition("stats")[0]
        Lease(State.open(stocked), "host:1:x", lambda: 0.0).take(NOW)
        assert "时间表仍按上一份能用的执行" in client.get("/").text
        assert "fengping.toml is not in force" in client.get("/", params={"lang": "en"}).text
        stocked.config_file.write_text("", encoding="utf-8")
        assert "not in force" not in client.get("/").text


def test_a_figure_leads_to_exactly_its_documents(client: TestClient) -> None:
    page = client.get("/").text
    link = next(
        one
        for one in links_of(page)
        if one.startswith("/search") and "accused=" in one and "issue=" not in one
    )
    assert "<b>12</b>" in client.get(link).text
    assert client.get(link.replace("/search?", "/api/v1/search?")).json()["total"] == 12


def test_hosts_of_a_period_lead_to_the_documents_of_that_period(client: TestClient) -> None:
    asked = {"since": "2020-10-01", "until": "2020-10-31"}
    [row] = client.get("/hosts.json", params=asked).json()
    page = client.get("/hosts", params=asked).text
    link = next(one for one in links_of(page) if "accused=" in one and "since=2020-10-01" in one)
    assert "until=2020-10-31" in link
    assert (
        client.get(link.replace("/search?", "/api/v1/search?")).json()["total"] == row["accused"]["now"] == 10
    )
    profile = client.get(f"/hosts/{HOST}", params=asked).text
    assert 'value="2020-10-01"' in profile and "前一期 " in profile and "去年同期没有采集" in profile
    assert client.get(f"/hosts/{HOST}.json", params=asked).json()["accused"] == 10


def test_a_period_without_a_host_names_the_last_time(client: TestClient) -> None:
    page = client.get(f"/hosts/{HOST}", params={"since": "2019-01-01", "until": "2019-01-31"}).text
    assert "最近一次是 2020-11-12" in page and "until=2020-11-12" in page


def test_a_search_is_compared_with_itself_before(client: TestClient) -> None:
    asked = {"one": "退款", "against": "previous", "since": "2020-11-06", "until": "2020-11-12"}
    now, before = client.get("/compare.json", params=asked).json()
    assert (now["documents"], before["documents"]) == (12, 2)
    page = client.get("/compare", params=asked).text
    assert "2020-10-30 – 2020-11-05" in page and "since=2020-10-30" in page
    assert "不能说是增加" in client.get("/compare", params={**asked, "against": "year"}).text
    assert "要写明这一期" in client.get("/compare", params={"one": "退款", "against": "year"}).text


def test_work_that_is_not_done_is_listed_where_it_belongs(client: TestClient) -> None:
    ended = Event()
    works = client.app.state.desk.works  # type: ignore[attr-defined]
    begun = works.begin("周报", NOW, lambda show: Done(str(ended.wait())), here="/reports")
    try:
        assert f"/progress/{begun.id}" in client.get("/reports").text
    finally:
        ended.set()


def test_a_host_counts_each_text_once_beside_all_that_accuse_it(stocked: Home) -> None:
    """A list that shows a topic again at midnight, or a repost, is a document more and no text more."""
    with closing(open_store(stocked)) as store:
        again = [
            replace(one, raw=replace(one.raw, id=f"{n:032x}"), first_in_group=False)
            for n, one in enumerate(documents()[:3])
        ]
        store.put(again)
    with client_of(stocked) as client:
        page = client.get(f"/hosts/{HOST}", params={"days": 1}).text
    assert "不同文本 12 条；另有 0 条负面只是提到" in page


@pytest.mark.parametrize(("value", "shown"), [(8.5, "8.5"), (1200.0, "1,200"), (None, "–")])
def test_a_median_between_two_counts_is_not_rounded(value: float | None, shown: str) -> None:
    assert rendering.median(value) == shown


def test_search_shows_what_was_understood_marked_and_counted(client: TestClient) -> None:
    page = client.get("/search", params={"q": "退款 -客服"}).text
    assert "理解为" in page and "<mark>退款</mark>" in page and "<b>28</b>" in page
    assert 'class="acc"' in page and HOST in page
    narrowed = next(one for one in links_of(page) if "issue=C03" in one)
    assert "C03" in client.get(narrowed).text


def test_a_query_that_cannot_be_read_is_told_in_place(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "(退款"})
    assert answer.status_code == 200 and "没有看懂" in answer.text and "(退款" in answer.text


def test_nothing_found_names_the_way_back(client: TestClient) -> None:
    page = client.get("/search", params={"q": "退款", "polarity": "pos"}).text
    assert "没有符合的信息" in page and "去掉“正面”" in page


def test_nothing_found_names_the_nearest_party(client: TestClient, stocked: Home) -> None:
    with closing(open_store(stocked)) as store:
        store.put([document(9200, NOW, parties=("青禾鞋店", "青禾生"), people=("青禾生",))])
    page = client.get("/search", params={"q": "party:青禾鞋"}).text
    assert "没有信息提到“青禾鞋”" in page and "是不是“青禾鞋店”" in page
    assert "青禾鞋店" not in client.get("/search", params={"q": "party:毫不相干"}).text
    found = client.get("/api/v1/search", params={"q": "party:青禾鞋"}).json()
    assert found["hints"] == ["No text names '青禾鞋'. Did you mean '青禾鞋店'?"]


def test_a_document_shows_why_it_was_judged_so(client: TestClient) -> None:
    one = documents()[0]
    page = client.get(f"/documents/{one.id}").text
    assert "假货" in page and 'title="C03"' in page
    assert client.get("/documents/" + "0" * 32).status_code == 404


def test_a_clause_that_made_a_label_is_marked_with_what_it_tells(client: TestClient, stocked: Home) -> None:
    text = "青禾鞋店卖假鞋，店主已道歉。"
    evidence = (
        Evidence("signal:charge", 0, 7, "charge"), Evidence("issue:C03", 4, 7, "charge"),
        Evidence("signal:answer", 8, 13, "apologise"), Evidence("role:responder:店主", 8, 10, "reading"),
    )  # fmt: skip
    one = document(9300, NOW, text, evidence=evidence, accused=("青禾鞋店",), parties=("青禾鞋店", "店主"))
    with closing(open_store(stocked)) as store:
        store.put([one])
    page = client.get(f"/documents/{one.id}").text
    assert '<span class="sig" title="道歉">店主已道歉</span>' in page
    assert '<span class="sig cl" title="指控; C03">卖假鞋</span>' in page
    assert re.search(r"<dt>被指</dt><dd>青禾鞋店 </dd>", page)
    assert "信号 回应</span> “店主已道歉”" in page
    page = client.get(f"/documents/{one.id}?lang=en").text
    assert "Signal answer</span>" in page and 'title="charge; C03"' in page


def test_a_document_names_the_brand_it_accuses_and_the_words_that_say_so(
    client: TestClient, stocked: Home
) -> None:
    labels = {"negative_brand:鹿记": "lead:accused", "role:victim:鹿记": "at0"}
    evidence = tuple(Evidence(label, 0, 2, rule) for label, rule in labels.items())
    one = document(9100, NOW, "鹿记被立案调查", negative_brands=("鹿记",), evidence=evidence)
    with closing(open_store(stocked)) as store:
        store.put([one])
    for place in (f"/documents/{one.id}", f"/search?q=立案&open={one.id}"):
        page = client.get(place).text
        assert "/search?accused_brand=%E9%B9%BF%E8%AE%B0" in page and "无人" not in page
        assert "“鹿记”" in page and "lead:accused" not in page and "at0" not in page


@pytest.mark.parametrize(
    "place",
    ["/?day=0001-01-01", "/?day=9999-12-31", "/hosts?days=800000",
     f"/hosts/{HOST}.json?days=99999999999", f"/alerts/{'9' * 30}"],
)  # fmt: skip
def test_what_is_too_large_to_be_counted_with_is_refused(client: TestClient, place: str) -> None:
    assert client.get(place).status_code in (400, 422)


def test_language_and_theme_are_remembered(client: TestClient) -> None:
    client.get("/keys?lang=en&theme=dark")
    page = client.get("/keys").text
    assert '<html lang="en" data-theme="dark"' in page and "Keys" in page


def test_tables_defuse_formulas(client: TestClient) -> None:
    answer = client.get("/search.csv?q=退款")
    assert answer.content.startswith(b"\xef\xbb\xbf") and answer.text.count("\n") >= 28


def test_days_without_a_run_are_hatched_and_days_with_documents_are_not(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, kept = date(2020, 11, 6), date(2020, 11, 5)
    runs = {date(2020, 11, day): True for day in range(1, 13)}
    monkeypatch.setattr(gaps, "runs_until", lambda *_: runs | {kept: False, quiet: False})
    page = client.get("/search?q=退款&since=2020-11-01&until=2020-11-12").text
    assert page.count('class="out"') == 1 and "没有采集" in page


@pytest.mark.parametrize(
    ("path", "came", "leads"),
    [
        ("/alerts/rule/switch", "http://127.0.0.1/alerts?fired=30&lang=zh", "/alerts?fired=30&lang=en"),
        ("/alerts/rule/switch", "https://elsewhere.example/alerts", "/?lang=en"),
        ("/source/guess", "", "/sources?lang=en"),
    ],
)
def test_the_language_of_a_refused_form_is_that_of_its_page(
    client: TestClient, path: str, came: str, leads: str
) -> None:
    form = {"token": token_of(client), "name": "nobody", "url": "ftp://example.cn"}
    answer = client.post(path, data=form, headers={"referer": came} if came else {})
    assert {link for link in links_of(answer.text) if "lang=" in link} == {leads}
    assert client.get(leads).status_code == 200
