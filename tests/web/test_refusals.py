"""Refusals on Chinese pages: no word of another language but the person's own."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from lxml import html
from tests.web.conftest import HOST, client_of, token_of

from fengping import web
from fengping.home import Home
from fengping.sentences import chinese, words
from fengping.services import alert_rules
from fengping.web.pages import rules as page

NAMES = {"C", "T", "h", "d", "w", "m", "delivery", "toml", "file", "stdout", "OR", "host"}
"""Codes of classes, units, names of the home and the language of queries."""
RULE = {"kind": "frequency", "name": "夜班", "num_events": "5", "timeframe": "24h"}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("/search", {"sort": "bad"}),
    ("/search", {"issue": "C99"}),
    ("/search", {"q": "class:C99"}),
    ("/search", {"host": "墨三十"}),
    ("/search", {"q": "host:墨三十"}),
    ("/search", {"polarity": "bad"}),
    ("/search", {"by": "bad"}),
    ("/search", {"offset": "x"}),
    ("/search", {"since": "2020-11-12", "until": "2020-11-01"}),
    ("/search", {"since": "gestern"}),
    ("/search", {"q": "(退款"}),
    ("/search", {"q": "platform:bad"}),
    ("/crosstab", {"rows": "foo"}),
    ("/crosstab", {"of": "foo"}),
    ("/crosstab", {"columns": "foo"}),
    ("/hosts", {"days": "x"}),
    ("/hosts", {"days": "0"}),
    ("/hosts", {"days": "99999"}),
    ("/hosts/bad", {}),
    (f"/hosts/{HOST}", {"days": "0"}),
    ("/compare", {"against": "foo"}),
    ("/peaks", {"by": "bad"}),
    ("/alerts/rule", {"was": "没有的"}),
    ("/alerts/rule", {**RULE, "severity": "bad"}),
    ("/alerts/rule", {**RULE, "query": "host:墨三十"}),
    ("/alerts/rule", {**RULE, "query": "(退款"}),
    ("/alerts/rule", {**RULE, "hosts": "墨三十"}),
    ("/alerts/rule", {**RULE, "classes": "C99"}),
    ("/alerts/rule", {**RULE, "platforms": "抖阴"}),
    ("/alerts/rule", {**RULE, "timeframe": "bad"}),
    ("/alerts/rule", {**RULE, "timeframe": "0h"}),
    ("/alerts/rule", {**RULE, "num_events": "0"}),
    ("/alerts/rule", {**RULE, "num_events": "1.5"}),
    ("/alerts/rule", {**RULE, "num_events": "x"}),
    ("/alerts/rule", {**RULE, "key_by": "bad"}),
    ("/alerts/rule", {**RULE, "channels": "bad"}),
    ("/alerts/rule", {**RULE, "min_relevance": "7"}),
    ("/alerts/rule", {**RULE, "min_publishers": "0"}),
    ("/alerts/rule", {**RULE, "kind": "bad"}),
    ("/alerts/rule", {**RULE, "kind": "spike", "preset": "bad"}),
    ("/alerts/rule", {**RULE, "kind": "spike", "timeframe": "999d"}),
    ("/alerts/rule", {**RULE, "kind": "flatline", "threshold": "0"}),
    ("/alerts/rule", {**RULE, "kind": "percentage_match"}),
    ("/alerts/rule", {**RULE, "kind": "percentage_match", "max_percentage": "400"}),
    ("/events", {"status": "bad"}),
    ("/", {"day": "2020-13-01"}),
    ("/", {"day": "bad"}),
]
SENT: list[tuple[str, dict[str, Any]]] = [
    ("/alerts/rule", {**RULE, "num_events": "99999999999999999999"}),
    ("/alerts/rule", {**RULE, "name": "长" * 200}),
    ("/alerts/rule/rename", {"was": "没有的", "name": "另"}),
    ("/alerts/rule/switch", {"name": "没有的"}),
    ("/correct", {"document": "", "polarity": "neg"}),
    ("/correct", {"document": "zzz", "polarity": "neg"}),
    ("/correct", {"polarity": "bad", "document": "000"}),
    ("/correct/undo", {"document": "zzz"}),
    ("/events/zzz/split", {}),
    ("/events/zzz/merge", {}),
    ("/events/zzz/merge", {"other": "yyy"}),
    ("/marks", {"document": "zzz", "act": "bogus"}),
    ("/marks", {"act": "bogus"}),
    ("/registry", {"name": "小"}),
    ("/registry", {"name": "长" * 300}),
    ("/registry", {"name": ""}),
    ("/registry", {}),
    ("/search/save", {"name": "bad name!", "q": "退款"}),
    ("/search/save", {"name": "长" * 300, "q": "退款"}),
    ("/reports", {"kind": "bogus"}),
    ("/reports", {"kind": "weekly", "focus": "不存在的人"}),
    ("/reports", {"kind": "weekly", "first": "2020-13-01"}),
    ("/reports", {"kind": "host", "focus": "不存在的人"}),
    ("/reports", {"kind": "weekly", "query": "(退款"}),
    ("/alerts/silences", {"key": "x", "lasting": "bad"}),
    ("/alerts/silences", {"rule": "没有的"}),
    ("/alerts/silences", {"issue": "C99"}),
    ("/alerts/keys/acknowledge", {"key": "长" * 300}),
    ("/alerts/keys/acknowledge", {}),
]


SAID = "//*[contains(@class, 'ill') or contains(@class, 'fix')][not(ancestor::*[@id='course'])]"


def refusals(client: TestClient, path: str, given: dict[str, Any], *, sent: bool = False) -> tuple[int, str]:
    """The status of an answer, and what it says of the refusal."""
    if sent:
        answer = client.post(path, data=given | {"token": token_of(client)})
    else:
        answer = client.get(path, params=given)
    found = html.fromstring(answer.text).xpath(SAID)
    return answer.status_code, " ".join(one.text_content() for one in found)


@pytest.mark.parametrize(
    ("path", "given", "sent"), [(*one, False) for one in ASKED] + [(*one, True) for one in SENT]
)
def test_a_refusal_has_no_latin_word_but_the_persons_own(
    stocked: Home, path: str, given: dict[str, Any], sent: bool
) -> None:
    with client_of(stocked) as client:
        status, said = refusals(client, path, given, sent=sent)
    own = re.findall("[A-Za-z0-9]+", " ".join((path, *given, *given.values())))
    runs = set(re.findall("[A-Za-z][A-Za-z_]*", said)) - {*own} - NAMES
    assert said and not runs, (status, said)


def parameters() -> set[str]:
    """Every name that an address or a form of the console sends, and that a refusal may have to name."""

    def within(one: Dependant) -> set[str]:
        own = {field.alias for field in (*one.query_params, *one.body_params)}
        return own.union(*map(within, one.dependencies))

    pages = Path(web.__file__).parent / "pages"
    found: set[str] = set(alert_rules.FORM)
    for file in pages.glob("*.py"):
        router = getattr(importlib.import_module(f"fengping.web.pages.{file.stem}"), "router", None)
        for route in router.routes if router else ():
            if isinstance(route, APIRoute):
                found |= within(route.dependant)
    return found


def test_every_parameter_of_a_page_has_a_chinese_word() -> None:
    assert not parameters() - words("keys").keys() - {"body"}
    assert len(parameters()) > 50


def test_a_sentence_about_a_file_keeps_the_keys_that_it_is_written_with() -> None:
    said = chinese("night.toml, line 3: severity: Input should be 'info', 'warning' or 'critical'.")
    assert said is not None and "severity" in said.text and "“warning”" in said.text
    assert "，" not in said.text and "or" not in said.text


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/hosts", {"days": "0", "only": "accused"}),
        ("/hosts", {"days": "99999", "only": "accused"}),
        ("/peaks", {"by": "bad", "q": "退款"}),
    ],
)
def test_a_bad_value_leads_to_the_page_without_it(stocked: Home, path: str, given: dict[str, str]) -> None:
    with client_of(stocked) as client:
        answer = client.get(path, params=given)
        bad, good = given
        way = html.fromstring(answer.text).xpath("//a[contains(., '去掉这一项再看')]/@href")
        assert answer.status_code == 422 and len(way) == 1
        assert bad not in way[0] and f"{good}=" in way[0] and client.get(way[0]).status_code == 200


def test_a_refused_form_leads_back_to_its_page(stocked: Home) -> None:
    with client_of(stocked) as client:
        came = {"referer": "http://127.0.0.1/alerts?offset=2"}
        sent = {"token": token_of(client), "key": "长" * 300}
        answer = client.post("/alerts/keys/acknowledge", data=sent, headers=came)
        assert answer.status_code == 422 and "对象" in answer.text
        way = html.fromstring(answer.text).xpath("//a[contains(., '回到那一页')]/@href")
        assert way == ["/alerts?offset=2"]


@pytest.mark.parametrize(
    "bad",
    [{"first": "2020-13-01"}, {"kind": "host", "focus": "墨三十"}, {"query": "(退款"}, {"kind": "bogus"}],
)
def test_a_draft_that_cannot_be_begins_nothing_and_keeps_what_was_typed(
    stocked: Home, bad: dict[str, str]
) -> None:
    typed = {"kind": "weekly", "title": "晨报", "query": "退款", **bad}
    with client_of(stocked) as client:
        answer = client.post("/reports", data=typed | {"token": token_of(client)}, follow_redirects=False)
        form = html.fromstring(answer.text).xpath("//form[@action='/reports']")[0]
        assert answer.status_code == 400 and "没有起草" in answer.text
        for name in typed.keys() - {"kind"}:
            assert form.fields[name] == typed[name]
        assert client.app.state.desk.works.at("/reports") == []  # type: ignore[attr-defined]


def test_a_count_is_read_digit_by_digit_and_bounded(stocked: Home) -> None:
    with client_of(stocked) as client:
        for much in ("99999999999999999999", "1000001"):
            status, said = refusals(client, "/alerts/rule", {**RULE, "num_events": much}, sent=True)
            assert status == 400 and "规则的“至少几条”：不能大于 1000000" in said
        assert not stocked.alerts.exists() or not list(stocked.alerts.iterdir())
    assert page._number("9007199254740993") == 9007199254740993


def test_a_rule_that_is_none_is_refused(stocked: Home) -> None:
    with client_of(stocked) as client:
        assert client.get("/alerts/rule", params={"was": "没有的"}).status_code == 400


def test_search_says_what_was_wrong(stocked: Home) -> None:
    with client_of(stocked) as client:
        read = client.get("/search", params={"q": "(退款"}).text
        assert "检索式没有看懂" in read
        for given in ({"since": "2020-11-12", "until": "2020-11-01"}, {"by": "bad"}, {"sort": "bad"}):
            read = client.get("/search", params={"q": "退款", **given}).text
            assert "没有检索。" in read and "检索式没有看懂" not in read


def test_a_page_beyond_the_last_says_so(stocked: Home) -> None:
    with client_of(stocked) as client:
        read = client.get("/search", params={"offset": "500"}).text
        assert "没有第 501 条：一共 29 条。" in read and 'href="/search"' in read


def test_nothing_ticked_is_said_so(stocked: Home) -> None:
    with client_of(stocked) as client:
        assert "一条也没有选" in refusals(client, "/events/zzz/split", {}, sent=True)[1]


def test_an_unknown_mark_is_none(stocked: Home) -> None:
    with client_of(stocked) as client:
        one = client.get("/search.json").json()["hits"][0]["id"]
        assert refusals(client, "/marks", {"id": one, "act": "bogus"}, sent=True)[0] == 400
        said = refusals(client, "/marks", {"id": "zzz", "act": "tag", "tags": "急"}, sent=True)[1]
        assert "没有编号为 zzz 的信息或事件" in said


def test_a_name_of_a_host_is_neither_short_nor_long_nor_known_already(stocked: Home) -> None:
    before = stocked.hosts.read_text("utf-8")
    with client_of(stocked) as client:
        for given in ({"name": "小"}, {"name": "长" * 65}, {"name": "墨三十", "aliases": "墨"}):
            assert "要 2 到 64 个字" in refusals(client, "/registry", given, sent=True)[1]
        assert "没有新的内容" in refusals(client, "/registry", {"name": HOST}, sent=True)[1]
        assert stocked.hosts.read_text("utf-8") == before
        more = {"name": HOST, "aliases": "鹿老师"}
        assert refusals(client, "/registry", more, sent=True)[0] == 200
        assert "没有新的内容" in refusals(client, "/registry", more, sent=True)[1]


def test_words_take_days_and_offer_only_shorter_periods(stocked: Home) -> None:
    with client_of(stocked) as client:
        given = {"since": "2020-09-01", "until": "2020-09-30", "q": "退款"}
        read = client.get("/words", params=given).text
        form = html.fromstring(read).xpath("//form[@action='/words']")[0]
        assert form.fields["since"] == "2020-09-01" and form.fields["until"] == "2020-09-30"
        assert "之前那一期没有信息" in read and "看 28 天" in read
        read = client.get("/words", params={**given, "until": "2020-09-02"}).text
        assert "看 7 天" not in read and "看 28 天" not in read


def test_today_says_which_day_it_tells_of(stocked: Home) -> None:
    with client_of(stocked) as client:
        read = client.get("/", params={"day": "2020-11-05"}).text
        assert "今日至少有一条" not in read and "还没有到" not in read
        assert "这一天还没有到" in client.get("/", params={"day": "2030-01-01"}).text


def test_compare_says_that_the_first_is_empty(stocked: Home) -> None:
    with client_of(stocked) as client:
        assert "甲还空着" in client.get("/compare", params={"other": "退款"}).text
        assert "甲还空着" not in client.get("/compare").text
