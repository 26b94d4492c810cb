"""The console in Chromium: strict policy, keys, no JavaScript, narrow screens, hostile texts."""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.conftest import HOST, HOSTILE


@pytest.mark.long
def test_a_figure_leads_to_its_documents_and_back(page: Page) -> None:
    page.goto("/")
    figure = page.locator(".stat .v a").first
    counted = figure.inner_text()
    figure.click()
    page.wait_for_url("**/search?**")
    expect(page.locator("article.doc")).not_to_have_count(0)
    expect(page.locator(".head .as b")).to_have_text(counted)
    page.go_back()
    expect(page.locator("h1")).to_have_text("11月12日 周四")


def test_hostile_texts_run_nothing(page: Page) -> None:
    for place in ("/search?q=退款", "/hosts", "/crosstab", "/correct?order=newest", f"/search?q={HOSTILE}"):
        page.goto(place)
        assert page.evaluate("window.harmed") is None
    assert page.locator("script").count() == 1


@pytest.mark.long
def test_a_list_is_walked_by_keys(page: Page) -> None:
    page.goto("/search?q=退款")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('article.doc')")
    second = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("j")
    assert first != second == page.evaluate("document.activeElement.innerText")
    page.keyboard.press("o")
    page.wait_for_url("**/documents/*")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j?")  # letters, not commands, inside the field
    assert page.locator("#q").input_value().endswith("j?")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.wait_for_url("**/events")
    page.keyboard.press("?")
    page.wait_for_url("**/keys")


@pytest.mark.long
def test_a_key_copies_the_address_and_keys_can_be_off(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/hosts?days=7&lang=zh")
    expect(page.locator("#copied")).to_be_hidden()
    page.keyboard.press("y")
    expect(page.locator("#copied")).to_have_text("已复制这一页的地址，时间已写定。")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/hosts?since=2020-11-06&until=2020-11-12")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.keyboard.press("y")
    expect(page.locator("#copied")).to_contain_text(copied)  # to be copied by hand
    page.goto("/keys")
    page.get_by_role("link", name="关掉按键").click()
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.keyboard.press("/")
    assert page.url.endswith("/keys?keys=off") and page.evaluate("document.activeElement.id") != "q"


@pytest.mark.parametrize("order", ["newest", pytest.param("random", marks=pytest.mark.long)])
def test_documents_are_corrected_by_keys_alone(page: Page, order: str) -> None:
    page.goto(f"/correct?order={order}")
    first = page.locator("input[name=document]").first.input_value()
    page.keyboard.press("2")
    expect(page.locator("input[value=neu]")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**undo=**")
    expect(page.locator("form.card input[name=document]")).not_to_have_value(first)
    page.keyboard.press("z")
    page.wait_for_url(re.compile(rf"[?&]id=.*order={order}"))
    expect(page.locator("form.card input[name=document]")).to_have_value(first)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_url("**undo=**")
    expect(page.locator("form.card input[name=document]")).not_to_have_value(first)
    expect(page.locator(".seg [aria-current]")).to_have_text({"newest": "最新", "random": "随机抽样"}[order])


@pytest.mark.long
def test_enter_on_a_link_follows_it_and_saves_nothing(page: Page) -> None:
    page.goto("/correct?order=newest")
    page.locator("form.card a[data-key=x]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**skip=1**")
    assert "undo=" not in page.url


@pytest.mark.long
def test_twenty_documents_are_corrected_in_a_minute(page: Page) -> None:
    page.goto("/correct?order=newest")
    shown = page.locator("form.card input[name=document]")
    begin = monotonic()
    for _ in range(20):
        before = shown.input_value()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(shown).not_to_have_value(before)
    assert monotonic() - begin < 60


def test_everything_works_without_javascript(browser: Browser, desk: str) -> None:
    context = browser.new_context(base_url=desk, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", "退款")
    page.locator("form[role=search] button").click()
    expect(page.locator("article.doc")).not_to_have_count(0)
    page.locator(".facet a").first.click()
    expect(page.locator(".chips .tag")).to_have_count(1)
    page.locator(".chips .tag").first.click()
    expect(page.locator(".chips .tag")).to_have_count(0)
    page.goto("/correct?order=newest")
    page.locator("label.pick", has_text="中性").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("p[role=status]")).to_contain_text("已记下")
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_scrolls_sideways(browser: Browser, desk: str, width: int) -> None:
    context = browser.new_context(base_url=desk, viewport={"width": width, "height": 800})
    page = context.new_page()
    for place in (
        "/",
        "/search?q=退款",
        f"/hosts/{HOST}",
        "/correct?order=newest",
        "/alerts",
        "/sources",
        "/settings",
    ):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), place
    context.close()


@pytest.mark.long
def test_two_tabs_share_one_token(browser: Browser, desk: str) -> None:
    context = browser.new_context(base_url=desk)
    first, second = context.new_page(), context.new_page()
    first.goto("/correct?order=newest")
    second.goto("/correct?order=newest&skip=3")
    for tab in (first, second):
        tab.get_by_role("button", name="保存").click()
        expect(tab.locator("p[role=status]")).to_contain_text("已记下")
    context.close()


@pytest.mark.long
def test_a_page_prints_without_its_controls(page: Page, tmp_path: Path) -> None:
    page.goto("/search?q=退款")
    page.emulate_media(media="print")
    assert not page.locator(".side").is_visible() and not page.locator(".facets").is_visible()
    assert page.locator(".print").is_visible()
