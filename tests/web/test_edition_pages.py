"""报告 as its signer uses it: drafted with progress, reviewed, compared, signed, sent; and work itself."""

from __future__ import annotations

import io
import os
import re
import threading
import time
import zipfile
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.making import document
from tests.web.conftest import NOW, token_of
from tests.web.test_accounts import PASSWORD, signed_in

from fengping.delivery import Outbox
from fengping.errors import HomeBusy, UsageError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.progress import Listener, Step
from fengping.reports.archive import Action, Edit, Editions, verify_edition
from fengping.state import State
from fengping.web.accounts import book
from fengping.web.working import Done, Work, Works

NUMBER = "custom-20201101-20201112-1"
PASSED = {"to": "reviewed", "name": "甲审"}
SIGNED = {"to": "signed", "name": "乙签", "sure": "1"}
DESKS = "source,first,last,what,value,url"


def ended(client: TestClient, place: str) -> str:
    """The page at which a piece of work ends."""
    while True:
        answer = client.get(place, follow_redirects=False)
        if answer.status_code == 303:
            return str(answer.headers["location"])
        if "refresh" not in answer.headers:
            return answer.text
        time.sleep(0.1)


def advanced(client: TestClient, page: str, form: dict[str, str]) -> str:
    """The page at which a review or a signature ends."""
    answer = client.post(f"{page}/advance", data=form, follow_redirects=False)
    return ended(client, answer.headers["location"])


def drafted(client: TestClient, **form: str) -> str:
    given = {"token": token_of(client), "kind": "custom", "first": "2020-11-01", "last": "2020-11-12"} | form
    return ended(client, client.post("/reports", data=given, follow_redirects=False).headers["location"])


@pytest.mark.formats("html", "md")
def test_an_edition_from_draft_to_delivery(client: TestClient, stocked: Home) -> None:
    page = drafted(client)
    assert page == f"/reports/editions/{NUMBER}"
    shown = client.get(page)
    assert "草稿" in shown.text and "frame-src 'self'" in shown.headers["content-security-policy"]
    file = client.get(f"{page}/{NUMBER}.html")
    assert "sandbox" in file.headers["content-security-policy"] and file.status_code == 200
    assert client.get(f"{page}/../../fengping.toml").status_code == 404
    assert (Editions(stocked).folder(NUMBER) / "record.json").exists()
    assert client.get(f"{page}/record.json").status_code == 404  # it holds what a reviewer strikes

    review = client.get(f"{page}/review").text
    keys = re.findall(r'name="target" value="([^"]+)"', review)
    token = token_of(client)
    edit = {"token": token, "target": keys[0], "action": "reword", "text": "共收到若干条。"}
    assert "共收到若干条。" in client.post(f"{page}/edit", data=edit).text
    folder = Editions(stocked).folder(NUMBER)
    assert not (folder / f"{NUMBER}.md").exists()  # no stale file is ever handed over
    client.post(f"{page}/undo", data={"token": token})
    assert (folder / f"{NUMBER}.md").exists()
    client.post(f"{page}/edit", data=edit)
    client.post(f"{page}/edit", data=edit | {"target": keys[1], "action": "strike"})
    client.post(f"{page}/undo", data={"token": token})
    assert 'class="read struck"' not in client.get(f"{page}/review").text

    place = client.post(f"{page}/advance", data=PASSED | {"token": token}, follow_redirects=False)
    assert ended(client, place.headers["location"]).startswith(page)
    assert "共收到若干条。〔审阅改写〕" in (folder / f"{NUMBER}.md").read_text("utf-8")
    assert client.post(f"{page}/send", data={"token": token, "to": "file"}).status_code == 400
    client.post(f"{page}/send", data={"token": token, "to": "file", "test": "1"})
    assert Outbox.open(stocked).attempts(1)[0].subject.startswith("【测试】")
    advanced(client, page, SIGNED | {"token": token})
    client.post(f"{page}/send", data={"token": token, "to": "file"})
    assert Editions(stocked).find(NUMBER).state.value == "sent"
    assert client.post(f"{page}/edit", data=edit).status_code == 400

    second = drafted(client)
    compared = client.get(f"{second}/diff", params={"other": NUMBER})
    assert compared.status_code == 200 and "没有差别" in compared.text
    assert client.get(f"{second}/diff.json", params={"other": NUMBER}).json() == []
    assert {row["number"] for row in client.get("/reports.json").json()} == {NUMBER, NUMBER[:-1] + "2"}
    assert client.get("/reports.csv").status_code == 200


def test_an_altered_edition_is_neither_shown_nor_served_as_signed(client: TestClient, stocked: Home) -> None:
    page, token = drafted(client), token_of(client)
    for form in (PASSED, SIGNED):
        advanced(client, page, form | {"token": token})
    path = Editions(stocked).folder(NUMBER) / f"{NUMBER}.html"
    printed, times = path.read_bytes(), path.stat()
    with zipfile.ZipFile(io.BytesIO(client.get(f"{page}/{NUMBER}.zip").content)) as pack:
        pack.extractall(stocked.root / "unpacked")
    assert verify_edition.faults(stocked.root / "unpacked") == []
    assert "文件被改过" not in client.get("/reports").text + client.get(page).text
    path.write_bytes(printed.replace(b"1", b"2", 1))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    shown = client.get(page).text
    assert f"{NUMBER}.html 在印出之后被改过。" in shown and "iframe" not in shown
    assert "文件被改过" in shown and "文件被改过" in client.get("/reports").text
    assert [row["altered"] for row in client.get("/reports.json").json()] == [True]
    served = [client.get(f"{page}/{NUMBER}.{form}").status_code for form in ("html", "json", "zip")]
    assert served == [400] * 3
    assert client.post(f"{page}/send", data={"token": token, "to": "file"}).status_code == 400
    path.write_bytes(printed)
    assert "文件被改过" not in client.get("/reports").text + client.get(page).text


def test_a_review_of_a_draft_whose_documents_changed_says_so_and_goes_on(
    client: TestClient, stocked: Home
) -> None:
    page, token = drafted(client), token_of(client)
    assert "起草之后信息有了变化" not in client.get(f"{page}/review").text
    with closing(open_store(stocked)) as store:
        store.put([document(9001, NOW - timedelta(hours=2), "又一件，退款不理", consumer=True)])
    edit = {"token": token, "target": "overview.total", "action": "reword", "text": "共收到若干条。"}
    refused = client.post(f"{page}/edit", data=edit)
    assert refused.status_code == 400 and "起草之后信息有了变化" in refused.text
    review = client.get(f"{page}/review").text
    assert "监测期内收录的全部信息：" in review and 'name="as_drafted"' in review
    assert "共收到若干条。" in client.post(f"{page}/edit", data=edit | {"as_drafted": "1"}).text
    assert "没有出处" not in client.get(page).text
    invented = {"as_drafted": "1", "action": "add", "text": "另有 98765 条。"}
    assert "改动里的数字 98765 没有出处" in client.post(f"{page}/edit", data=edit | invented).text
    assert "改动里的数字 98765 没有出处" in client.get(page).text
    place = client.post(f"{page}/redraft", data={"token": token}, follow_redirects=False)
    again = ended(client, place.headers["location"])
    assert again == page[:-1] + "2"
    shown = client.get(again).text
    assert f"与 {NUMBER} 相比" in shown and "占比、日均、峰值等由条数算出的数值另有" in shown
    compared = client.get(f"{again}/diff", params={"other": NUMBER}).text
    assert "占比、日均、峰值等由条数算出的数值另有" in compared


def test_what_was_changed_since_a_page_was_opened_is_neither_reviewed_nor_signed_nor_changed_by_it(
    client: TestClient, stocked: Home
) -> None:
    page, token = drafted(client), {"token": token_of(client)}
    edit = token | {"target": "overview.total", "action": "reword", "text": "共收到若干条。"}

    def shown(address: str) -> dict[str, str]:
        [mark, *_] = re.findall(r'name="seen" value="(\w+)"', client.get(address).text)
        return token | {"seen": mark}

    stale, written = shown(page), shown(f"{page}/review")
    client.post(f"{page}/edit", data=edit | written)
    assert client.post(f"{page}/edit", data=edit | written | {"text": "另一句。"}).status_code == 400
    passed = client.post(f"{page}/advance", data=PASSED | stale, follow_redirects=False)
    assert "刚被改动过" in ended(client, passed.headers["location"])
    assert Editions(stocked).find(NUMBER).state.value == "draft"

    def review() -> None:
        place = client.post(f"{page}/advance", data=PASSED | shown(page), follow_redirects=False)
        ended(client, place.headers["location"])

    review()
    stale = shown(page)
    client.post(f"{page}/edit", data=edit | shown(f"{page}/review") | {"text": "换了一句。"})
    review()
    refused = advanced(client, page, SIGNED | stale)
    assert "刚被改动过" in refused
    advanced(client, page, SIGNED | shown(page))
    assert Editions(stocked).find(NUMBER).state.value == "signed"


def test_who_signs_is_told_what_moved_since_it_was_drafted_and_ticks_it(
    client: TestClient, stocked: Home
) -> None:
    page, token = drafted(client), {"token": token_of(client)}
    place = client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False)
    ended(client, place.headers["location"])
    assert f'data-later href="{page}?moved=1#moved"' in client.get(page).text
    assert "起草之后信息没有变化" in client.get(f"{page}?moved=1").text
    with closing(open_store(stocked)) as store:
        store.put([document(9001, NOW - timedelta(hours=2), "又一件，退款不理", consumer=True)])
    told = client.get(f"{page}?moved=1").text
    assert (
        "监测期内收录的全部信息：" in told and 'name="as_drafted" value="1" form="advance" required' in told
    )
    refused = advanced(client, page, SIGNED | token)
    assert "起草之后信息有了变化" in refused
    assert Editions(stocked).find(NUMBER).state.value == "reviewed"
    advanced(client, page, SIGNED | token | {"as_drafted": "1"})
    assert Editions(stocked).find(NUMBER).state.value == "signed"


def test_a_change_that_finds_nothing_is_named_on_the_review_and_in_the_comparison(
    client: TestClient, stocked: Home
) -> None:
    page, token = drafted(client), token_of(client)
    archive = Editions(stocked)
    series = archive.find(NUMBER).series
    archive.edit(series, Edit(Action.STRIKE, "hosts.gone", "", "甲", NOW))
    review = client.get(f"{page}/review").text
    assert "1 处改动在这一版里找不到所指的句子" in review and "hosts.gone" in review
    second = drafted(client)
    assert "有 1 处改动在这一版里找不到所指的句子" in client.get(second).text
    compared = client.get(f"{second}/diff", params={"other": NUMBER}).text
    assert "删去 hosts.gone" in compared
    assert client.post(f"{page}/undo", data={"token": token}).status_code == 200


@pytest.mark.formats("md", "docx")
def test_a_draft_takes_a_title_figures_and_styles(client: TestClient, stocked: Home) -> None:
    files = {
        "background": ("cited.toml", '[[figure]]\ntext = "某数字"\nsource = "x"\n'.encode()),
        "official": ("desk.csv", f"{DESKS}\n样本热线,2020-11-01,2020-11-11,投诉,68756,\n".encode()),
        "reference_docx": ("", b""),
    }
    given = {
        "token": token_of(client), "kind": "custom", "first": "2020-11-01", "last": "2020-11-12",
        "title": "样本协会月报", "source": "test", "min_publishers": "7",
    }  # fmt: skip
    sent = client.post("/reports", data=given, files=files, follow_redirects=False)
    page = ended(client, sent.headers["location"])
    number = page.rsplit("/", 1)[-1]
    text = (Editions(stocked).folder(number) / f"{number}.md").read_text("utf-8")
    assert text.startswith("# 样本协会月报") and "68756" in text and "某数字" in text
    assert "来源为test" in text
    assert "没有来源“tset”。是不是“test”？" in client.post("/reports", data=given | {"source": "tset"}).text
    assert client.post("/reports", data=given | {"min_publishers": "many"}).status_code == 400
    assert client.post("/reports", data=given | {"previous": "weekly-1"}).status_code == 400


def test_files_of_a_form_that_was_refused_are_to_be_chosen_again(client: TestClient) -> None:
    given = {"token": token_of(client), "kind": "custom", "first": "2020-11-01", "last": "2020-11-12"}
    files = {"official": ("desk.csv", f"{DESKS}\n".encode())}
    page = client.post("/reports", data=given | {"min_publishers": "many"}, files=files).text
    assert "选过的文件没有留下：desk.csv，请重新选。" in page
    assert '<details class="all" open>' in page
    without = client.post("/reports", data=given | {"kind": "weekly"}).text
    assert "没有起草" in without and "请重新选" not in without


def test_an_edition_tells_what_became_of_it_on_its_way(client: TestClient, stocked: Home) -> None:
    page, token = drafted(client), token_of(client)
    place = client.post(f"{page}/advance", data=PASSED | {"token": token}, follow_redirects=False)
    ended(client, place.headers["location"])
    advanced(client, page, SIGNED | {"token": token})
    assert "已签发" in client.get(page).text
    client.post(f"{page}/send", data={"token": token, "to": "file"})
    assert "已收下" in client.get(page).text and "已送出" in client.get("/reports").text


def test_without_accounts_it_is_reviewed_and_signed_in_the_name_given_and_signing_is_confirmed(
    client: TestClient, stocked: Home
) -> None:
    page, token = drafted(client), {"token": token_of(client)}
    for blank in ({"to": "reviewed"}, PASSED | {"name": " \u202e "}):
        refused = client.post(f"{page}/advance", data=blank | token)
        assert refused.status_code == 400 and "没有写审阅或签发的人的姓名" in refused.text
    place = client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False)
    ended(client, place.headers["location"])
    shown = client.get(page).text
    assert 'required maxlength="64" value="甲审"' in shown and "不能撤回签发" in shown
    assert re.search(r'type="checkbox" name="sure" value="1" required', shown)
    unsure = client.post(f"{page}/advance", data=token | {"to": "signed", "name": "乙签"})
    assert unsure.status_code == 400 and "签发不能撤回，还没有确认" in unsure.text
    assert Editions(stocked).find(NUMBER).state.value == "reviewed"
    advanced(client, page, SIGNED | token)
    made = Editions(stocked).find(NUMBER)
    assert (made.reviewed_by, made.signed_by) == ("甲审", "乙签")
    assert "签发：乙签" in client.get(f"{page}/{NUMBER}.html").text
    assert {"甲审", "乙签"} <= {row["detail"] for row in client.get("/audit.json").json()}


def test_with_accounts_it_is_signed_in_the_name_of_the_account(stocked: Home) -> None:
    book.add(State.open(stocked), "analyst", PASSWORD, "analyst", NOW)
    client = signed_in(stocked, "analyst")
    page, token = drafted(client), {"token": token_of(client)}
    assert 'name="name"' not in client.get(page).text
    place = client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False)
    ended(client, place.headers["location"])
    advanced(client, page, SIGNED | token)
    made = Editions(stocked).find(NUMBER)
    assert (made.reviewed_by, made.signed_by) == ("analyst", "analyst")


def test_a_draft_that_cannot_be_made_says_why_on_its_page(client: TestClient) -> None:
    sent = {"token": token_of(client), "kind": "weekly", "first": "2020-11-03", "last": "2020-11-04"}
    page = client.post("/reports", data=sent).text
    assert "没有起草" in page and "周报是周一到周日整整一周，不是 2020-11-03 到 2020-11-04。" in page
    unknown = client.post("/reports", data={"token": token_of(client), "kind": "yearly"})
    assert unknown.status_code == 400
    assert client.get("/progress/nothing").status_code == 404
    assert client.get("/reports/editions/nothing").status_code == 404


def test_steps_of_work_are_named_once_and_how_far_the_last_is_told(client: TestClient) -> None:
    works, going, said = client.app.state.desk.works, threading.Event(), threading.Event()  # type: ignore[attr-defined]

    def make(show: Listener) -> Done:
        show(Step("start", note="import"))
        for done in (10, 40):
            show(Step("import x", done, 200, f"{done} rows, {done * 3}/s"))
        said.set()
        going.wait(60)
        return Done("/")

    begun = works.begin("导入 x", NOW, make, here="/")
    assert said.wait(60)
    page = client.get(f"/progress/{begun.id}").text
    elsewhere = [client.get(path).text for path in ("/", "/jobs")]
    going.set()
    assert "读文件" in page and "20%" in page and "rows" not in page and page.count("<b>读文件") == 1
    assert all(f"/progress/{begun.id}" in one for one in elsewhere), "whoever left finds back"


def test_a_page_during_which_its_work_ends_asks_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ending(Work):
        """Ends as soon as the page has chosen what it shows."""

        def __getattribute__(self, name: str) -> object:
            if name == "here":
                self.fault = "It ended."
            return super().__getattribute__(name)

    monkeypatch.setattr(Works, "find", lambda self, id: work)
    work = Ending("one", "导入 x", NOW, "/")
    assert client.get("/progress/one").headers["refresh"] == "1"
    assert "refresh" not in client.get("/progress/one").headers


def test_work_of_one_title_runs_once_and_its_fault_is_told() -> None:
    works, going = Works(), threading.Event()

    def make(show: Listener) -> Done:
        show(Step("x", note="counting"))
        going.wait(10)
        raise UsageError("It cannot be.")

    one: Work = works.begin("weekly", NOW, make, here="/reports")
    with pytest.raises(HomeBusy):
        works.begin("weekly", NOW, make, here="/reports")
    going.set()
    for _ in range(200):
        if one.ended:
            break
        time.sleep(0.02)
    assert str(one.fault) == "It cannot be." and one.steps == ["counting"] and works.find(one.id) is one
