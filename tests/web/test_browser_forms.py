"""Each form in Chromium: filled as a person does, its result on the page, in the audit and behind it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.web.conftest import NOW, serving
from tests.web.furnished import FIRST, OTHER, SECOND, affair
from tests.web.test_event_pages import matters

from fengping.delivery import Book, Message, Outbox
from fengping.home import Home
from fengping.reports.archive import Editions
from fengping.scheduler import ledger
from fengping.services import alert, events, queries, tagging
from fengping.state import State
from fengping.web import make_app
from fengping.web.accounts import book

pytestmark = pytest.mark.long
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def desk(furnished: Home) -> Iterator[str]:
    yield from serving(make_app(furnished, clock=lambda: NOW))


@pytest.fixture
def free(browser: Browser, desk: str) -> Iterator[Page]:
    """A page on which a form may be refused, which the browser calls an error."""
    context = browser.new_context(base_url=desk)
    yield context.new_page()
    context.close()


def acts(home: Home, number: int = 1) -> list[tuple[str, str]]:
    """The last acts of the audit, the newest first."""
    return [(line.act, line.target) for line in book.written(State.open(home), number)[1]]


def said(page: Page) -> Locator:
    """The notice of what was done."""
    return page.locator("p.note[role=status]")


def form_to(page: Page, action: str) -> Locator:
    return page.locator(f"form[action='{action}']")


def test_a_key_claims_the_alarm_that_is_chosen(free: Page) -> None:
    free.goto("/alerts")
    free.evaluate("addEventListener('submit', (e) => { e.preventDefault(); window.sent = e.target.action; })")
    rows = free.locator("[data-item]:has([data-key=a])")
    assert rows.count() > 1
    chosen = "(row) => { row.tabIndex = -1; row.focus(); }"
    rows.last.evaluate(chosen)
    free.keyboard.press("a")
    sent = rows.last.locator("form").get_attribute("action")
    assert sent and free.evaluate("window.sent").endswith(sent)
    free.evaluate("window.sent = null")
    free.locator("#rules [data-item]").first.evaluate(chosen)
    free.keyboard.press("a")
    assert free.evaluate("window.sent") is None


def test_all_that_fires_for_one_host_is_claimed_at_once(free: Page, furnished: Home) -> None:
    free.goto("/alerts")
    other = free.context.new_page()
    other.goto("/alerts")
    form = form_to(free, "/alerts/keys/acknowledge").filter(has_text=OTHER)
    expect(form).to_contain_text("有 3 条规则同时触发")
    form.get_by_label("并静默").check()
    form.get_by_role("button", name="一起认领").click()
    expect(free.locator("[role=alert]")).to_contain_text("填的还在下面")  # a silence needs a reason
    expect(form.get_by_label("并静默")).to_be_checked()
    form.get_by_label("理由").fill("等店家答复")
    form.get_by_role("button", name="一起认领").click()
    expect(said(free)).to_contain_text("3 条已一起认领，并静默。")
    expect(free.locator("#silences")).to_contain_text("等店家答复")
    assert [act for act, _ in acts(furnished, 6)] == ["silence", "acknowledge"] * 3
    free.goto("/alerts")
    expect(form).to_have_count(0)
    stale = form_to(other, "/alerts/keys/acknowledge").filter(has_text=OTHER)  # a tab opened before
    stale.get_by_role("button", name="一起认领").click()
    expect(other.locator("[role=alert]")).to_contain_text(OTHER)
    assert len(alert.silenced(furnished)) == 4


def test_a_silence_is_ended_without_javascript(plain: Page, furnished: Home) -> None:
    plain.goto("/alerts#silences")
    row = plain.locator("#silences tr", has_text="已知")
    row.get_by_role("button", name="结束").click()
    expect(said(plain)).to_contain_text("静默已结束。")
    expect(row).to_contain_text("已结束")
    assert acts(furnished)[0][0] == "end silence"


def test_a_dead_letter_is_sent_again_and_a_test_letter_sent(page: Page, furnished: Home) -> None:
    outbox = Outbox.open(furnished)
    outbox.enqueue(Message("夜班二", "夜班又响"), ["file"], NOW)
    with outbox.state.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE delivery_outbox SET status='dead' WHERE id=(SELECT max(id) FROM delivery_outbox)"
        )
    page.goto("/alerts#log")
    expect(page.locator("#log")).to_contain_text("死信 1 条")
    page.get_by_role("button", name="改后重送").click()
    expect(said(page)).to_contain_text("已重送")
    expect(page.locator("#log")).to_contain_text("死信 0 条")
    expect(page.locator("#log table.log tbody tr").first).to_contain_text("已送达")
    page.select_option("#place", "file")
    page.get_by_role("button", name="试送").click()
    expect(said(page)).to_contain_text("file 已送达")
    assert acts(furnished, 2)[0] == ("test delivery", "file") and acts(furnished, 2)[1][0] == "retry delivery"


def test_documents_are_split_off_an_event_and_merged_back(page: Page, furnished: Home) -> None:
    whole = affair(furnished)
    page.goto(f"/events/{whole.id}")
    page.get_by_text("拆出选中的信息").click()
    form = form_to(page, f"/events/{whole.id}/split")
    apart = form.get_by_role("checkbox").last.get_attribute("value")
    form.get_by_role("checkbox").last.check()
    form.get_by_role("button", name="拆出").click()
    page.wait_for_url(re.compile(rf"/events/(?!{whole.id})"))
    new = page.url.rpartition("/")[2]
    expect(said(page)).to_have_text(f"{whole.id} → {new}")
    assert events.documents_of(furnished, new) == [apart]
    page.go_back()
    page.reload()
    expect(page.locator(".stat .v").first).to_contain_text(str(whole.documents - 1))
    page.goto(f"/events/{new}")
    page.fill("#other", whole.id)
    page.get_by_role("button", name="合并").click()
    expect(page.locator(".stat .v").first).to_contain_text(str(whole.documents))
    assert [act for act, _ in acts(furnished, 2)] == ["merge events", "split event"]


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.fill("#name", name)
    page.fill("#password", password)
    with page.expect_navigation():
        page.get_by_role("button", name="登录").click()


def test_an_account_is_made_changes_its_password_and_is_removed(browser: Browser, furnished: Home) -> None:
    book.add(State.open(furnished), "chief", PASSWORD, "admin", NOW)
    for address in serving(make_app(furnished, accounts=True, clock=lambda: NOW)):
        admin, own, elsewhere = (browser.new_context(base_url=address).new_page() for _ in range(3))
        sign_in(admin, "chief")
        admin.goto("/settings")
        form = form_to(admin, "/settings/accounts")
        form.get_by_label("名字").fill("wang")
        form.get_by_label("密码").fill(PASSWORD)
        form.get_by_label("角色").select_option(label="分析员")
        form.get_by_role("button").click()
        expect(said(admin)).to_have_text("wang · 分析员")
        for page in (own, elsewhere):
            sign_in(page, "wang")
        own.goto("/settings")
        expect(form_to(own, "/settings/accounts")).to_have_count(0)  # an analyst makes none
        own.fill("#old", "no such password")
        for field in ("#new", "#new2"):
            own.fill(field, "another long password")
        own.get_by_role("button", name="改密码").click()
        expect(own.locator("main")).to_contain_text("现在的密码不对")
        own.go_back()
        own.fill("#old", PASSWORD)
        for field in ("#new", "#new2"):
            own.fill(field, "another long password")
        own.get_by_role("button", name="改密码").click()
        expect(said(own)).to_have_text("密码已改，别处的登录都已结束。")
        elsewhere.goto("/alerts")
        elsewhere.wait_for_url("**/login?**")
        form_to(admin, "/settings/accounts/remove").get_by_role("combobox").select_option("wang")
        admin.get_by_role("button", name="移除", exact=True).click()
        expect(said(admin)).to_have_text("已移除 wang。")
        own.goto("/alerts")
        own.wait_for_url("**/login?**")
        assert [act for act, _ in acts(furnished, 5)][:2] == ["remove account", "password"]
        for page in (admin, own, elsewhere):
            page.context.close()
    book.remove(State.open(furnished), "chief")


def test_a_recipient_is_made_renamed_and_removed_without_javascript(plain: Page, furnished: Home) -> None:
    plain.goto("/settings/recipient")
    plain.fill("#name", "值班")
    plain.fill("#to", "file")
    plain.get_by_role("button", name="保存").click()
    expect(plain.locator("#routing")).to_contain_text("值班")
    plain.get_by_role("link", name="值班", exact=True).click()
    plain.fill("#renamed", "夜间值班")
    plain.get_by_role("button", name="改名").click()
    expect(plain.locator("main")).to_contain_text("夜间值班")
    assert list(Book.load(furnished).names).count("值班") == 0
    plain.goto("/settings/recipient?was=夜间值班")
    plain.get_by_role("button", name="删除").click()
    expect(plain.locator("#routing")).not_to_contain_text("值班")


def test_a_rule_is_switched_off_and_renamed(page: Page, furnished: Home) -> None:
    page.goto("/alerts")
    row = page.locator("#rules tr", has_text="午班")
    row.get_by_role("button", name="停用").click()
    expect(said(page)).to_have_text("“午班”已停用。")
    expect(row).to_contain_text("已停用")
    row.get_by_role("link", name="午班").click()
    page.fill("#renamed", "中午")
    page.get_by_role("button", name="改名").click()
    expect(said(page)).to_contain_text("“中午”已改名")
    assert 'name = "中午"' in (furnished.alerts / "noon.toml").read_text("utf-8")
    assert acts(furnished, 2) == [("rename rule", "午班"), ("disable rule", "午班")]


def test_a_job_is_run_now_paused_and_resumed(page: Page, furnished: Home) -> None:
    page.goto("/jobs")
    page.get_by_role("button", name="立即执行 health").click()
    expect(said(page)).to_have_text("health 好了")
    assert ledger.latest(State.open(furnished))["health"].status == "ok"
    page.get_by_role("button", name="暂停 health").click()
    expect(said(page)).to_contain_text("已暂停")
    assert Home.open(furnished.root).config.schedule.paused == ("health",)
    page.get_by_role("button", name="恢复 health").click()
    expect(said(page)).to_contain_text("已恢复")
    assert [act for act, _ in acts(furnished, 3)] == ["resume job", "pause job", "run job"]


def test_a_query_is_saved_refused_a_second_time_renamed_and_removed(free: Page, furnished: Home) -> None:
    free.goto("/search?q=锅铲")
    free.get_by_text("保存检索式").click()
    free.fill("#qname", "厨具")
    free.get_by_role("button", name="保存", exact=True).click()
    expect(said(free)).to_have_text("已存为 query:“厨具”")
    free.get_by_text("保存检索式").click()
    free.fill("#qname", "厨具")
    free.get_by_role("button", name="保存", exact=True).click()
    expect(free.locator("main")).to_contain_text("厨具")
    assert free.url.endswith("/search/save")
    free.goto("/queries")
    row = free.locator("tr", has_text="锅铲")
    row.get_by_text("改名").first.click()
    row.get_by_label("新名字").fill("灶具")
    row.get_by_role("button", name="改名").click()
    expect(said(free)).to_have_text("厨具 现在叫 灶具")
    row.get_by_role("button", name="删去").click()
    expect(said(free)).to_have_text("已删去 灶具")
    assert "灶具" not in {one.name for one in queries.saved(furnished)}
    assert [act for act, _ in acts(furnished, 3)] == ["remove query", "rename query", "save query"]


def test_exactly_what_was_found_is_exported(page: Page, furnished: Home) -> None:
    page.goto("/search?q=锅铲")
    found = int(page.locator(".head .as b").inner_text())
    page.get_by_text("导出").click()
    with page.expect_download() as begun:
        page.get_by_role("link", name="CSV", exact=True).first.click()
    with Path(begun.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == found > 20


def test_a_document_is_tagged_noted_and_untagged_without_javascript(plain: Page, furnished: Home) -> None:
    id = matters()[1].id
    plain.goto(f"/documents/{id}")
    plain.fill("#tags", "要回访、急")
    plain.fill("#note", "明天打电话")
    plain.get_by_role("button", name="记下").click()
    expect(said(plain)).to_have_text("1 条已记下：要回访、急")
    expect(plain.locator("main")).to_contain_text("明天打电话")
    plain.fill("#tags", "急")
    plain.get_by_role("button", name="去标签").click()
    tags = dict(tagging.listed(furnished))
    assert tags["要回访"] == 1 and "急" not in tags
    assert acts(furnished, 2) == [("untag", id), ("tag", id)]


def test_an_edition_is_tried_and_sent(page: Page, furnished: Home) -> None:
    page.goto(f"/reports/editions/{FIRST}")
    page.select_option("#to", "file")
    page.get_by_role("button", name="试送").click()
    expect(said(page)).to_contain_text("写好 1 封")
    assert acts(furnished) == [("test edition", FIRST)]


def test_a_correction_is_seen_by_another_tab_and_taken_back(page: Page, furnished: Home) -> None:
    page.goto("/correct?order=newest")
    id = page.locator("form.card input[name=document]").input_value()
    page.locator("label.pick", has_text="中性").click()
    page.get_by_role("button", name="保存").click()
    expect(said(page)).to_contain_text("已记下")
    other = page.context.new_page()
    other.goto(f"/documents/{id}")
    expect(other.locator(".head .pol")).to_contain_text("中")
    page.get_by_role("button", name="撤销上一条").click()
    expect(page.locator("form.card input[name=document]")).to_have_value(id)
    other.reload()
    expect(other.locator(".head .pol")).not_to_contain_text("中")
    assert [target for _, target in acts(furnished, 2)] == [id, id]


def test_a_source_is_enabled_and_disabled(page: Page, furnished: Home) -> None:
    page.goto("/sources/ccn")
    page.get_by_role("button", name="启用").click()
    expect(said(page)).to_have_text("ccn 已启用，下一轮起采集。")
    page.get_by_role("button", name="停用").click()
    expect(said(page)).to_have_text("ccn 已停采。")
    assert acts(furnished, 2) == [("disable source", "ccn"), ("enable source", "ccn")]


def test_an_edition_is_reviewed_signed_and_really_sent(page: Page, furnished: Home) -> None:
    edition = f"/reports/editions/{SECOND}"
    page.goto(edition)
    expect(page.get_by_role("button", name="试送")).to_be_visible()  # a draft is tried, and not sent
    expect(page.get_by_role("button", name="送出", exact=True)).to_have_count(0)
    page.fill("#name", "甲")
    page.get_by_role("button", name="审阅完毕").click()
    page.wait_for_url(f"**{edition}*", timeout=120_000)
    page.get_by_label("确认签发").check()
    page.fill("#name", "乙")
    page.get_by_role("button", name="签发", exact=False).last.click()
    expect(said(page)).to_contain_text("已签发")
    page.select_option("#to", "file")
    page.get_by_role("button", name="送出", exact=True).click()
    expect(said(page)).to_contain_text("写好 1 封")
    expect(page.locator("main")).to_contain_text("已送出")
    expect(page.get_by_role("listitem").filter(has_text="file")).to_contain_text("已收下")
    letters = (furnished.root / "var/delivery/messages.jsonl").read_text("utf-8").splitlines()
    assert SECOND in letters[-1] and "试送" not in letters[-1]
    assert Editions(furnished).find(SECOND).state.value == "sent"
    assert [act for act, _ in acts(furnished, 3)] == ["send edition", "edition signed", "edition reviewed"]
