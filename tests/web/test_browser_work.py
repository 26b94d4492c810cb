"""A working day in Chromium: rules tried while they are written, documents marked, a long form by keys."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.trends.conftest import posts
from tests.web.conftest import HOST, NOW, serving

from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import alert, events, tagging
from fengping.state import State
from fengping.web import make_app
from fengping.web.accounts import book

pytestmark = pytest.mark.long


def test_a_rule_is_tried_while_it_is_written_and_kept_by_a_key(page: Page, manned: Home) -> None:
    page.goto("/alerts/rule")
    page.fill("#name", "白班")
    page.select_option("#kind", "frequency")  # another kind has other fields: the form comes anew
    page.wait_for_url("**kind=frequency**")
    page.fill("#num_events", "500")
    page.locator("#hosts").click()
    expect(page.locator("#tried")).to_contain_text("一次也不会触发")
    page.fill("#num_events", "4")
    page.fill("#hosts", HOST)
    page.locator("#query").click()
    page.wait_for_url("**num_events=4**hosts=**")
    expect(page.locator("#tried svg").first).to_be_visible()
    assert "token" not in page.url
    # What is copied is the trial as it stands, at its moment.
    expect(page.locator("link[rel=canonical]")).to_have_attribute(
        "href", re.compile(r"num_events=4&.*hosts=.*&until=2020-11-12T")
    )
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_url("**/alerts#rules")
    kept = [tomllib.loads(path.read_text("utf-8")) for path in manned.alerts.glob("*.toml")]
    assert {"name": "白班", "num_events": 4, "hosts": [HOST]} in kept


def test_the_address_of_a_trial_gives_the_same_trial(page: Page) -> None:
    page.goto(
        f"/alerts/rule?name=x&kind=frequency&num_events=3&timeframe=24h&realert=24h&negative=1&hosts={HOST}"
    )
    counted = page.locator("#tried .stat .v").first.inner_text()
    page.reload()
    assert page.locator("#tried .stat .v").first.inner_text() == counted
    assert page.locator("#num_events").input_value() == "3"


def test_documents_are_chosen_tagged_and_read_by_keys(page: Page, manned: Home) -> None:
    page.goto("/search?q=退款")
    for key in "jxjx":
        page.keyboard.press(key)
    page.fill("#tags", "要回访")
    page.keyboard.press("Enter")
    expect(page.locator("p[role=status]")).to_contain_text("2 条已记下")
    assert ("要回访", 2) in tagging.listed(manned)
    page.wait_for_load_state()  # what is counted comes after the rows, and keys with it
    page.keyboard.press("j")
    page.keyboard.press("w")
    page.wait_for_url("**open=**")
    expect(page.locator("#pane")).to_be_visible()
    expect(page.locator("#pane .acc")).not_to_have_count(0)
    page.go_back()
    expect(page.locator("#pane")).to_have_count(0)


def test_somebody_on_duty_claims_and_silences_without_javascript(
    browser: Browser, desk: str, manned: Home
) -> None:
    context = browser.new_context(base_url=desk, java_script_enabled=False)
    page = context.new_page()
    page.goto("/alerts")
    page.get_by_role("link", name="静默").last.click()
    page.fill("#reason", "已知，等店家答复")
    page.locator("#silence").get_by_role("button", name="静默").click()
    expect(page.locator("p[role=status]")).to_contain_text("已静默")
    assert alert.silenced(manned)[0].matcher["key"] == [HOST]
    page.get_by_role("button", name="认领").first.click()
    expect(page.locator("p[role=status]")).to_contain_text("已认领")
    page.goto("/alerts/rule?was=夜班")
    page.fill("#num_events", "7")
    page.get_by_role("button", name="试算").click()
    page.wait_for_url("**num_events=7**")
    expect(page.locator("#tried svg")).not_to_have_count(0)
    assert "token" not in page.url
    context.close()


def test_an_event_is_watched_and_shown_today(page: Page, manned: Home) -> None:
    page.goto(f"/events/{events.listed(manned, events.Asked(), limit=1)[0].id}")
    with page.expect_navigation():
        page.get_by_role("button", name="关注").click()
    page.goto("/")
    expect(page.get_by_role("heading", name="关注的")).to_be_visible()


def test_a_form_whose_session_ended_is_sent_again_after_signing_in(browser: Browser, manned: Home) -> None:
    book.add(State.open(manned), "zhou", "a long enough password", "analyst", NOW)
    server = serving(make_app(manned, accounts=True, clock=lambda: NOW))
    context = browser.new_context(base_url=next(server))
    page = context.new_page()

    def sign_in() -> None:
        page.fill("#name", "zhou")
        page.fill("#password", "a long enough password")
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()

    page.goto("/search?q=退款")
    sign_in()
    page.wait_for_url("**/search?q=**")
    page.goto("/alerts/rule?was=夜班")
    page.fill("#realert", "48h")
    context.clear_cookies(name="fp_session")
    page.get_by_role("button", name="写入规则").click()
    expect(page.locator("p[role=alert]")).to_contain_text("没有保存")
    sign_in()
    expect(page.locator("a", has_text="不提交")).to_have_attribute(
        "href", re.compile(r"^/alerts/rule\?.*was=")
    )
    assert "48h" not in (manned.alerts / "night.toml").read_text("utf-8")
    page.get_by_role("button", name="重新提交").click()
    page.wait_for_url("**/alerts#rules")
    assert "48h" in (manned.alerts / "night.toml").read_text("utf-8")
    context.close()
    next(server, None)


def test_a_channel_is_added_tried_and_removed_by_keys(page: Page, manned: Home) -> None:
    page.goto("/settings/channel?kind=file")
    page.fill("#name", "留底")
    page.fill("#f-path", "told.jsonl")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/channel?was=**")
    page.locator("h1").click()
    page.keyboard.press("t")
    expect(page.locator(".note[role=status]")).to_contain_text("已送达")
    assert "投递测试" in (manned.var / "delivery" / "told.jsonl").read_text("utf-8")
    page.get_by_role("button", name="删除").click()
    page.wait_for_url("**/settings#channels")
    expect(page.locator("#channels")).not_to_contain_text("留底")


def test_a_route_is_tried_while_it_is_written_and_kept_by_a_key(page: Page, manned: Home) -> None:
    page.goto("/settings/route")
    page.fill("#name", "夜里")
    page.fill("#to", "fil")
    page.keyboard.press("Tab")
    expect(page.locator("#tried")).to_contain_text("是不是“file”？")
    page.fill("#to", "file")
    page.select_option("#severity", "critical")
    expect(page.locator("#tried tr.on")).to_contain_text("没人收到")
    page.fill("#to", "")
    page.keyboard.press("Tab")
    expect(page.locator("#tried")).to_contain_text("没有写发给谁")
    page.fill("#to", "file")
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_url("**/settings#routing")
    expect(page.locator("#routing")).to_contain_text("夜里")
    text = (manned.root / "delivery.toml").read_text("utf-8")
    assert tomllib.loads(text)["routes"] == [{"name": "夜里", "severity": "critical", "to": ["file"]}]


def test_peaks_that_take_long_are_explained_once_the_page_is_there(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(tmp_path)
    store = open_store(home)
    store.put(list(posts()))
    store.close()
    monkeypatch.setattr("fengping.web.pages.peaks.LOOKED", 0)
    for address in serving(make_app(home, clock=lambda: NOW + timedelta(days=30))):
        page = browser.new_page()
        page.goto(f"{address}/peaks?since=2020-11-02&until=2020-11-29&host=林小禾")
        expect(page.locator("#peak1")).to_contain_text("其中最早")
        expect(page.locator("[data-later]")).to_have_count(0)
        expect(page.locator(".busy")).to_have_count(0)
        assert "why=" not in page.url
        page.close()
