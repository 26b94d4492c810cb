"""A desk's tasks in Chromium, each as a person does it: reports, sources, events, hosts, rules."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.site.server import Reply, Site, serve
from tests.web.conftest import HOST
from tests.web.test_event_pages import MATTERS, matters

from fengping.home import Home
from fengping.indexer import open_store
from fengping.services import events

pytestmark = pytest.mark.long
LIST = "".join(
    f'<li><a href="/a/{n}.html">样例直播间第{n}场售后引发消费者投诉</a><span>2020-11-0{n}</span></li>'
    for n in range(1, 7)
)


@pytest.fixture(scope="module")
def manned(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with documents and an event of each of several matters; it may ask this machine."""
    root = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(stock, root)
    (root / "fengping.toml").write_text("[crawl]\nallow_private = true\ndelay = 0\n", encoding="utf-8")
    home = Home.open(root)
    with closing(open_store(home)) as store:
        store.put(matters())
    events.update(home)
    return home


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site of this machine with a list of news; the part that reads pages is loaded."""
    importlib.import_module("fengping.services.source_dev")
    with serve() as made:
        head = "<head><title>样例新闻网 - 消费</title></head>"
        made.pages["/news/"] = Reply(f"<html>{head}<body><ul class='news'>{LIST}</ul></body></html>")
        for n in range(1, 7):
            title = f"样例直播间第{n}场售后引发消费者投诉"
            text = f"<p>{'有消费者反映，直播间售出的羽绒服与描述不符，客服不予退款。' * 8}</p>"
            body = f"<h1>{title}</h1><p>2020-11-0{n} 10:00</p><article>{text}</article>"
            made.pages[f"/a/{n}.html"] = Reply(
                f"<html><head><title>{title}</title></head><body>{body}</body></html>"
            )
        yield made


@pytest.mark.formats("html", "md")
def test_a_report_is_drafted_reviewed_and_signed(page: Page) -> None:
    page.goto("/reports")
    page.select_option("#kind", "custom")
    page.fill("#first", "2020-11-01")
    page.fill("#last", "2020-11-12")
    page.get_by_role("button", name="起草").click()
    page.wait_for_url("**/reports/editions/**")
    page.get_by_role("link", name="逐句审阅").click()
    struck, reworded = page.locator(".sentence").nth(0), page.locator(".sentence").nth(1)
    struck.locator("summary").click()
    struck.get_by_label("做什么").select_option(label="删去")
    struck.get_by_role("button", name="改", exact=True).click()
    expect(page.locator(".struck")).to_have_count(1)
    reworded.locator("summary").click()
    reworded.get_by_label("做什么").select_option(label="改写")
    reworded.get_by_label("新的话").fill("本期情况平稳。")
    reworded.get_by_role("button", name="改", exact=True).click()
    expect(reworded.locator("ins")).to_have_text("本期情况平稳。")
    page.locator("h1").click()
    page.keyboard.press("z")
    expect(page.locator("ins")).to_have_count(0)
    reworded.locator("summary").click()
    reworded.get_by_label("做什么").select_option(label="改写")
    reworded.get_by_label("新的话").fill("本期仍以退款为主。")
    reworded.get_by_role("button", name="改", exact=True).click()
    page.get_by_role("link", name="看这一版").click()
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("本期仍以退款为主。〔审阅改写〕")
    page.get_by_label("姓名").fill("甲")
    page.get_by_role("button", name="审阅完毕").click()
    page.wait_for_url("**/reports/editions/**")
    expect(page.get_by_label("姓名")).to_have_value("甲")
    page.get_by_label("确认签发").check()
    page.get_by_role("button", name="签发").click()
    expect(page.locator(".head .st")).to_have_text("已签发")
    expect(page.get_by_role("link", name="逐句审阅")).to_have_count(0)


def test_a_source_is_added_by_its_address_without_javascript(
    browser: Browser, desk: str, site: Site, manned: Home
) -> None:
    context = browser.new_context(base_url=desk, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sources")
    page.fill("#url", site.url("/news/"))
    page.get_by_role("button", name="预览").click()
    expect(page.locator("table").first).to_contain_text("样例直播间第6场售后引发消费者投诉")
    assert not list(manned.sources.glob("*.toml"))
    page.get_by_role("button", name="写入 sources/").click()
    expect(page.locator("p[role=status]")).to_contain_text("已写入 sources/")
    [file] = manned.sources.glob("*.toml")
    assert site.url("/news/") in tomllib.loads(file.read_text("utf-8"))["urls"]
    page.goto("/sources")
    row = page.locator("tr", has_text=file.stem)
    expect(row).to_contain_text("自建")
    page.goto(f"/sources/{file.stem}")
    page.get_by_role("button", name="试采一页").click()
    expect(page.locator("tr", has_text="title")).to_contain_text("售后引发消费者投诉")
    page.goto("/sources")
    row.get_by_role("button", name=re.compile("^停")).click()
    expect(page.locator("p[role=status]")).to_contain_text("已停")
    context.close()


def test_two_events_become_one(page: Page, manned: Home) -> None:
    one, other = (events.listed(manned, events.Asked(party=host), limit=1)[0] for host in [*MATTERS][:2])
    page.goto("/events")
    listed = page.locator("tr[data-item]")
    before = listed.count()
    page.get_by_role("link", name=one.title, exact=True).click()
    page.fill("#other", other.id)
    page.get_by_role("button", name="合并").click()
    expect(page.locator("p[role=status]")).to_contain_text(f"{one.id} + {other.id}")
    expect(page.locator(".stat .v").first).to_contain_text(str(one.documents + other.documents))
    page.goto("/events")
    expect(listed).to_have_count(before - 1)


def test_a_host_is_tried_on_real_posts_and_registered(page: Page, manned: Home) -> None:
    page.goto("/registry")
    page.fill("#name", "羽绒大王")
    page.fill("#f-aliases", "羽绒服")
    page.keyboard.press("Tab")
    expect(page.locator("#tried mark").first).to_have_text("羽绒服")
    expect(page.locator("#tried")).to_contain_text("条信息里有这几个字")
    page.fill("#f-aliases", "")
    page.fill("#ambiguous", "羽绒服=橱窗、上链接")
    page.keyboard.press("Tab")
    expect(page.locator("#tried")).to_contain_text("旁边没有佐证词")
    assert "羽绒大王" not in manned.hosts.read_text("utf-8")
    page.locator("h1").click()
    page.keyboard.press("s")
    expect(page.locator("p[role=status]")).to_contain_text("已写入 hosts.toml")
    hosts = {host["name"]: host for host in tomllib.loads(manned.hosts.read_text("utf-8"))["host"]}
    assert hosts["羽绒大王"]["ambiguous"] == {"羽绒服": ["橱窗", "上链接"]}


def test_a_rule_on_a_host_is_weighed_on_history_and_kept(page: Page, manned: Home) -> None:
    page.goto("/alerts")
    page.get_by_role("link", name="新规则").first.click()
    page.fill("#name", "羽绒服突增")
    page.fill("#hosts", HOST)
    page.keyboard.press("Tab")
    expect(page.locator("#tried")).to_contain_text("共触发")
    page.select_option("#kind", "flatline")
    page.wait_for_url("**kind=flatline**")
    expect(page.locator("#min_publishers")).to_have_count(0)
    page.select_option("#kind", "frequency")
    page.wait_for_url("**kind=frequency**")
    page.fill("#num_events", "3")
    page.keyboard.press("Tab")
    expect(page.locator("#tried tr[data-item]").first).to_contain_text(HOST)
    fired = page.locator("#tried .stat .v").nth(1)
    before = fired.inner_text()
    page.fill("#num_events", "2")
    page.keyboard.press("Tab")
    expect(fired).not_to_have_text(before)
    page.get_by_role("button", name="写入规则").click()
    page.wait_for_url("**/alerts#rules")
    expect(page.locator("#rules")).to_contain_text("羽绒服突增")
    [file] = manned.alerts.glob("*.toml")
    kept = tomllib.loads(file.read_text("utf-8"))
    assert (kept["name"], kept["num_events"], kept["hosts"]) == ("羽绒服突增", 2, [HOST])
