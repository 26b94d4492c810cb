"""Forms in Chromium that start work which takes its time: evidence, import, a draft, judging anew."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.making import document, new_home
from tests.site.server import Reply, serve
from tests.web.conftest import HOST, NOW, serving
from tests.web.furnished import OTHER, SECOND
from tests.web.test_browser_forms import acts, said

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import RawDocument
from fengping.reports.archive import Editions
from fengping.services import evidence
from fengping.web import make_app

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def desk(furnished: Home) -> Iterator[str]:
    yield from serving(make_app(furnished, clock=lambda: NOW))


def test_a_page_is_kept_as_evidence(browser: Browser, stock: Path, tmp_path: Path) -> None:
    shutil.copytree(stock, tmp_path / "home")
    (tmp_path / "home/fengping.toml").write_text("[crawl]\nallow_private = true\n", encoding="utf-8")
    home = Home.open(tmp_path / "home")
    with serve() as site:
        site.pages["/one"] = Reply("<html><head><title>样例</title></head><body>锅铲断了</body></html>")
        raw = RawDocument("a" * 32, "test", "锅铲断了", NOW, url=site.url("/one"), published_at=NOW)
        made = document(1, NOW)
        with closing(open_store(home)) as store:
            store.put([type(made)(raw, made.judgement, raw.id, True, NOW)])
        for address in serving(make_app(home, clock=lambda: NOW)):
            page = browser.new_context(base_url=address).new_page()
            page.goto(f"/documents/{raw.id}")
            page.locator("h1").click()
            page.keyboard.press("e")
            page.wait_for_url("**/progress/**")
            page.wait_for_url("**/documents/**", timeout=120_000)
            expect(said(page)).to_contain_text("新存证 1 条")
            with page.expect_download() as begun:
                page.get_by_role("link", name="ZIP").click()
            assert begun.value.suggested_filename == "evidence-aaaaaaaa.zip"
            assert evidence.is_held(home, raw.id) and acts(home) == [("keep evidence", raw.id)]
            page.context.close()


def test_an_empty_home_takes_sources_and_the_sample(browser: Browser, tmp_path: Path) -> None:
    home = new_home(tmp_path)
    for address in serving(make_app(home, clock=lambda: NOW)):
        page = browser.new_context(base_url=address, java_script_enabled=False).new_page()
        page.goto("/")
        page.locator("input[name=name][value=ccn]").check()
        page.get_by_role("button", name="启用这些来源").click()
        expect(said(page)).to_be_visible()
        assert "ccn" in Home.open(home.root).config.crawl.sources
        page.goto("/")
        expect(page.get_by_role("button", name="现在采一轮并入库")).to_be_visible()
        home.config_file.write_text("", encoding="utf-8")
        page.goto("/")
        page.get_by_role("button", name="载入演示数据").click()
        page.wait_for_url(f"{address}/", timeout=240_000)
        expect(page.locator("dl.stats").first).to_be_visible()
        page.context.close()


def test_a_file_is_imported_without_javascript(plain: Page, furnished: Home, tmp_path: Path) -> None:
    file = tmp_path / "given.csv"
    file.write_text(
        "标题,正文,发布时间\n样例,直播间买的样例水壶漏水不退,2020-11-10 10:00\n", encoding="utf-8"
    )
    plain.goto("/sources")
    plain.set_input_files("#file", file)
    plain.fill("#source", "vendor")
    plain.select_option("#ikind", label="帖子")
    plain.get_by_role("button", name="导入").click()
    plain.wait_for_url("**/progress/**")
    plain.wait_for_url("**/sources", timeout=120_000)
    expect(said(plain)).to_be_visible()
    assert acts(furnished) == [("import", "given.csv")]
    plain.goto("/search?q=样例水壶")
    expect(plain.locator("article.doc")).to_have_count(1)


def test_an_edition_whose_documents_moved_is_drafted_anew(page: Page, furnished: Home) -> None:
    with closing(open_store(furnished)) as store:
        store.put([document(9500 + n, NOW, f"{OTHER}的锅铲又断了{n}", hosts=(OTHER,)) for n in range(5)])
    page.goto(f"/reports/editions/{SECOND}/review")
    expect(page.locator("main")).to_contain_text("起草之后信息有了变化")
    page.get_by_role("button", name="重新起草").click()
    third = SECOND.removesuffix("-2") + "-3"
    page.wait_for_url(f"**/reports/editions/{third}", timeout=120_000)
    assert Editions(furnished).find(third).state.value == "draft" and acts(furnished)[0][1] == third
    page.select_option("#other", SECOND)
    page.get_by_role("button", name="比较").click()
    expect(page.locator("table.diff tbody tr")).not_to_have_count(0)


def test_a_name_is_added_and_what_is_stored_judged_anew(page: Page, furnished: Home) -> None:
    page.goto(f"/registry?name={HOST}")
    page.fill("#f-aliases", "十七姐")
    page.get_by_role("button", name="写入登记").click()
    expect(said(page)).to_contain_text("已写入 hosts.toml")
    page.get_by_role("button", name=re.compile("^重判这")).click()
    page.wait_for_url("**/hosts/**", timeout=120_000)
    expect(said(page)).to_contain_text("重判了")
    assert [act for act, _ in acts(furnished, 2)] == ["judge anew", "add names"]
    assert "十七姐" in furnished.hosts.read_text("utf-8")
