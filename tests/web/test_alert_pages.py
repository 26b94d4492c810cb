"""预警 as somebody on duty uses it: rules tried and kept, silences, claims, letters."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from tests.commands import fengping
from tests.web.conftest import HOST, NOW, client_of, token_of

from fengping.alerts import ledger, silences, tables
from fengping.alerts.silences import Silence
from fengping.clock import iso, local
from fengping.delivery import Message, Outbox
from fengping.delivery.closing import close
from fengping.home import Home
from fengping.scheduler.status import status
from fengping.services import alert, alert_desk, alert_history, alert_rules, events
from fengping.services.home import doctor
from fengping.state import State
from fengping.web import serving
from fengping.web.accounts import book

RULE = {"kind": "frequency", "num_events": "5", "timeframe": "24h", "realert": "24h", "negative": "1"}
FILE = """# told to the night shift
name = "夜班"  # a short name
kind = "frequency"
num_events = 5
recover_ratio = 0.25
"""


@pytest.fixture
def fired(stocked: Home) -> Home:
    """A home whose rule has fired once."""
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(FILE, encoding="utf-8")
    alert.check(stocked, NOW, NOW)
    return stocked


def test_a_new_rule_is_tried_before_it_is_kept(client: TestClient, stocked: Home) -> None:
    page = client.get("/alerts/rule", params=RULE | {"hosts": HOST}).text
    assert "每周预警" in page and 'class="fired"' in page and f"<td>{HOST}</td>" in page
    assert not list(stocked.alerts.glob("*.toml"))
    found = client.get("/alerts/rule.json", params=RULE | {"hosts": HOST}).json()
    assert {one["key"] for one in found["firings"]} == {HOST} and found["weekly"]["now"] > 0
    calm = client.get("/alerts/rule", params=RULE | {"num_events": "500"}).text
    assert "一次也不会触发" in calm


def test_a_kept_rule_is_a_file_in_its_documented_form(client: TestClient, stocked: Home) -> None:
    form = RULE | {"name": "单盯一位", "hosts": HOST, "channels": "file", "token": token_of(client)}
    assert "已写入" in client.post("/alerts/rule", data=form).text
    [path] = stocked.alerts.glob("*.toml")
    kept = tomllib.loads(path.read_text("utf-8"))
    # What is as the kind has it anyway is not written.
    assert kept == {"name": "单盯一位", "hosts": [HOST], "num_events": 5, "channels": ["file"]}
    again = client.post("/alerts/rule", data=form)
    assert again.status_code == 400 and "已经有规则“单盯一位”" in again.text


def test_a_changed_rule_keeps_its_comments_and_other_keys(client: TestClient, fired: Home) -> None:
    form = RULE | {"name": "夜班", "was": "夜班", "num_events": "9", "token": token_of(client)}
    client.post("/alerts/rule", data=form)
    text = (fired.alerts / "night.toml").read_text("utf-8")
    assert "# told to the night shift" in text and "recover_ratio = 0.25" in text and "num_events = 9" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hosts": "鹿十八"}, HOST),
        ({"num_events": "many"}, "num_events"),
        ({"timeframe": "soon"}, "timeframe"),
        ({"query": "(退款"}, "query"),
        ({"channels": "pigeon"}, "pigeon"),
        ({"kind": "gut"}, "gut"),
    ],
)
def test_what_no_rule_may_be_is_told_in_place(client: TestClient, wrong: dict[str, str], said: str) -> None:
    tried = client.get("/alerts/rule", params=RULE | wrong)
    assert tried.status_code == 200 and said in tried.text and "note ill" in tried.text
    form = RULE | {"name": "x", "token": token_of(client)} | wrong
    assert client.post("/alerts/rule", data=form).status_code == 400


def test_rules_that_inhibit_each_other_are_told_on_the_page_and_refused_in_the_form(
    client: TestClient, stocked: Home
) -> None:
    stocked.alerts.mkdir(exist_ok=True)
    for name, inhibits in (("白班", "夜班"), ("夜班", "白班")):
        text = f'name = "{name}"\nnum_events = 500\ninhibits = ["{inhibits}"]\n'
        (stocked.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    assert "压下它自己" in client.get("/alerts").text
    form = RULE | {"name": "白班", "was": "白班", "token": token_of(client)}
    answer = client.post("/alerts/rule", data=form)
    assert answer.status_code == 400
    assert "规则“白班”压下它自己（白班 → 夜班 → 白班），它的预警都不会通知" in answer.text
    (stocked.alerts / "夜班.toml").write_text('name = "夜班"\n', encoding="utf-8")
    assert client.post("/alerts/rule", data=form).status_code == 200
    assert "压下它自己" not in client.get("/alerts").text


def test_the_token_of_a_form_stays_out_of_addresses(client: TestClient) -> None:
    answer = client.get("/alerts/rule", params=RULE | {"token": "t"}, follow_redirects=False)
    assert answer.status_code == 303 and "token" not in answer.headers["location"]


def test_a_disabled_rule_is_kept_and_not_checked(client: TestClient, fired: Home) -> None:
    token = token_of(client)
    assert "已停用" in client.post("/alerts/rule/switch", data={"token": token, "name": "夜班"}).text
    assert not alert.check(fired, NOW + timedelta(days=3), NOW).checked.firings
    assert alert_history.replay(fired, NOW - timedelta(days=3), NOW, rule="夜班").rules == 1
    client.post("/alerts/rule/switch", data={"token": token, "name": "夜班", "on": "1"})
    assert (fired.alerts / "night.toml").read_text("utf-8") == FILE


def test_an_alarm_is_claimed_silenced_and_shown_by_the_hour(client: TestClient, fired: Home) -> None:
    page = client.get("/alerts").text
    assert "触发中" in page and HOST in page and page.count("b-firing") == 1
    shown = client.get("/alerts/1").text
    assert "消息原文" in shown and "/documents/" in shown
    token = token_of(client)
    assert "已认领" in client.post("/alerts/1/acknowledge", data={"token": token}).text
    [watched] = alert_desk.watched(fired, NOW)
    assert watched.status.value == "acknowledged"
    form = {
        "token": token,
        "key": HOST,
        "rule": "夜班",
        "lasting": "2h",
        "reason": "已知",
        "until_doubled": "1",
    }
    assert "已静默" in client.post("/alerts/silences", data=form).text
    # From now on, not from the next check on.
    assert [one.status.value for one in alert_desk.watched(fired, NOW)] == ["silenced"]
    [one] = alert.silenced(fired)
    assert one.until_doubled and one.ends_at - one.begins_at == timedelta(hours=2) and one.reason == "已知"
    assert "静默已结束" in client.post(f"/alerts/silences/{one.id}/end", data={"token": token}).text
    for form in (
        {"reason": "x"},
        {"key": HOST, "reason": "x", "lasting": "soon"},
        {"key": HOST, "reason": " "},
    ):
        assert client.post("/alerts/silences", data={"token": token} | form).status_code == 400


def test_a_silence_names_whom_it_leaves_out_whatever_the_reason(client: TestClient, fired: Home) -> None:
    silence = Silence(0, {"rule": ["夜班"]}, "值班员", "已知", NOW, NOW + timedelta(hours=2), True)
    with State.open(fired).begin() as connection:
        number = silences.add(connection, silence)
        silences.leave_out(connection, replace(silence, id=number), HOST)
    assert f"已另行恢复通知的对象除外： {HOST}" in client.get("/alerts").text


def test_an_alarm_is_taken_from_nobody_in_silence(client: TestClient, fired: Home) -> None:
    form = {"token": token_of(client)}
    alert.acknowledge(fired, 1, "夜班甲", NOW)
    refused = client.post("/alerts/1/acknowledge", data=form)
    assert refused.status_code == 400 and "预警 1 已由 夜班甲 认领" in refused.text
    assert alert.show(fired, 1)["acknowledged_by"] == "夜班甲"
    assert 'name="over" value="夜班甲"' in client.get("/alerts/1").text
    assert client.post("/alerts/1/acknowledge", data=form | {"over": "别人"}).status_code == 400
    client.post("/alerts/1/acknowledge", data=form | {"over": "夜班甲"})
    assert alert.show(fired, 1)["acknowledged_by"] not in ("", "夜班甲")
    assert client.get("/audit.json").json()[0]["detail"] == "夜班甲"


def test_what_is_resolved_is_claimed_by_nobody(
    client: TestClient, fired: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (1, 2, 3):
        alert.check(fired, NOW + timedelta(days=days), NOW + timedelta(days=days))
    desk = client.app.state.desk  # type: ignore[attr-defined]
    monkeypatch.setattr(desk, "now", lambda: NOW + timedelta(days=2))
    page = client.get("/alerts").text
    assert "已解除" in page and "无人认领 0，已认领或静默 0" in page


def test_an_alarm_that_one_hour_reached_shows_its_need(client: TestClient, fired: Home) -> None:
    with State.open(fired).begin() as connection:
        facts = dict(ledger.find(connection, 1).facts) | {"hour": {"need": 2, "documents": ["a", "b", "c"]}}
        connection.execute(update(tables.firings).where(tables.firings.c.id == 1).values(facts=facts))
    assert "1 小时内 3 条，需要 2" in client.get("/alerts/1").text
    assert "3 within 1 hour, needs 2" in client.get("/alerts/1", params={"lang": "en"}).text


def test_a_claim_or_silence_that_changes_nothing_says_so(client: TestClient, fired: Home) -> None:
    token = token_of(client)
    for days in (1, 2, 3):
        alert.check(fired, NOW + timedelta(days=days), NOW + timedelta(days=days))
    claimed = client.post("/alerts/1/acknowledge", data={"token": token}).text
    assert "此事已解除，别的预警照常通知" in claimed
    form = {"token": token, "key": "鹿十八", "reason": "已知"}
    refused = client.post("/alerts/silences", data=form)
    assert refused.status_code == 400 and f"是不是“{HOST}”" in refused.text
    waits = client.post("/alerts/silences", data=form | {"key": "南山茶铺"})
    assert "还没有过“南山茶铺”的预警" in waits.text and "已静默" in waits.text


@pytest.fixture
def twice(fired: Home) -> Home:
    """A home of which two rules have fired for one host, and one for another key."""
    for name, more in (("白班", ""), ("类别", 'key_by = "issues"\n')):
        text = FILE.replace("夜班", name) + more
        (fired.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    alert.check(fired, NOW, NOW)
    return fired


def test_a_message_leads_to_the_console_where_others_reach_it(fired: Home) -> None:
    letters = fired.var / "delivery" / "messages.jsonl"
    before = [json.loads(line) for line in letters.read_text("utf-8").splitlines()]
    assert not any(one["link"] for one in before)
    fired.config_file.write_text('[serve]\npublic_url = "https://desk.example.org"\n', encoding="utf-8")
    home = Home.open(fired.root)
    events.update(home)
    (home.alerts / "day.toml").write_text(FILE.replace("夜班", "白班"), encoding="utf-8")
    alert.check(home, NOW, NOW)
    after = [json.loads(line) for line in letters.read_text("utf-8").splitlines()][len(before) :]
    [two] = [one for one in after if "负面信息" in one["subject"]]
    assert two["link"] == "https://desk.example.org/alerts/2"
    with client_of(home) as client:
        assert client.get("/alerts/2").status_code == 200
    book.add(State.open(home), "admin", "a long enough password", "admin", NOW)
    served = serving.bind(home, "127.0.0.1", 0)
    served.socket.close()
    with TestClient(served.app, base_url="https://desk.example.org") as outside:
        assert (
            outside.get("/alerts/2", follow_redirects=False).headers["location"] == "/login?to=%2Falerts%2F2"
        )


def statuses(home: Home) -> dict[tuple[str, str], str]:
    return {(one.rule, one.key): one.status.value for one in alert_desk.watched(home, NOW)}


def test_all_that_fires_for_a_host_is_claimed_by_one_act(client: TestClient, twice: Home) -> None:
    for page in ("/alerts", "/alerts/1"):
        assert client.get(page).text.count('action="/alerts/keys/acknowledge"') == 1
    form = {"token": token_of(client), "key": HOST}
    assert "2 条已一起认领" in client.post("/alerts/keys/acknowledge", data=form).text
    assert statuses(twice) == {
        ("夜班", HOST): "acknowledged", ("白班", HOST): "acknowledged", ("类别", "C03"): "firing"
    }  # fmt: skip
    acts = [(row["act"], row["detail"]) for row in client.get("/audit.json").json()]
    assert sorted(acts) == [("acknowledge", f"夜班: {HOST}"), ("acknowledge", f"白班: {HOST}")]
    again = client.post("/alerts/keys/acknowledge", data=form)
    assert again.status_code == 400 and "没有触发中还没人认领的" in again.text
    assert "/alerts/keys/acknowledge" not in client.get("/alerts").text


def test_it_is_silenced_by_the_same_act_and_a_new_rule_is_not(client: TestClient, twice: Home) -> None:
    form = {"token": token_of(client), "key": HOST, "hush": "1", "lasting": "2h"}
    for wrong in ({}, {"reason": " "}, {"reason": "x", "lasting": "soon"}):
        assert client.post("/alerts/keys/acknowledge", data=form | wrong).status_code == 400
    assert statuses(twice)["夜班", HOST] == "firing"
    client.post("/alerts/keys/acknowledge", data=form | {"reason": "已知"})
    assert statuses(twice)["夜班", HOST] == statuses(twice)["白班", HOST] == "silenced"
    matchers = [one.matcher for one in alert.silenced(twice)]
    assert {tuple(m["rule"]) for m in matchers} == {("夜班",), ("白班",)}
    assert all(m["key"] == [HOST] for m in matchers)
    acts = [row["act"] for row in client.get("/audit.json").json()]
    assert acts.count("silence") == acts.count("acknowledge") == 2


def test_a_letter_that_was_closed_for_good_is_not_offered_to_be_sent_again(
    client: TestClient, stocked: Home
) -> None:
    outbox = Outbox.open(stocked)
    outbox.enqueue(Message("report:weekly", "写给值班的周报"), ["file"], NOW)
    with outbox.state.begin() as connection:
        close(connection, [Message("report:weekly", "-").id], NOW)
    page = client.get("/alerts").text
    assert "写给值班的周报" not in page and "死信 0 条" in page


def test_a_dead_letter_is_shown_with_its_reply_and_sent_again(client: TestClient, stocked: Home) -> None:
    outbox = Outbox.open(stocked)
    outbox.enqueue(Message("k", "给值班的信"), ["file"], NOW)
    with outbox.state.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery_outbox SET status='dead', reply='errcode 310000'")
    page = client.get("/alerts").text
    assert "给值班的信" in page and "errcode 310000" in page
    [letter] = outbox.dead()
    client.post("/alerts/letters/retry", data={"token": token_of(client), "letter": letter.id})
    assert not outbox.dead() and outbox.attempts(1)[0].outcome.value == "accepted"
    assert (
        "file" in client.post("/alerts/letters/test", data={"token": token_of(client), "place": "file"}).text
    )


def test_a_silence_without_a_reason_says_so_and_keeps_what_was_typed(client: TestClient, twice: Home) -> None:
    form = {"token": token_of(client), "key": HOST, "lasting": "3d", "reason": ""}
    claimed = client.post("/alerts/keys/acknowledge", data=form | {"hush": "1"})
    assert claimed.status_code == 400 and "静默没有写理由。" in claimed.text and "看不懂" not in claimed.text
    [row] = re.findall(r'<form class="row note".*?</form>', claimed.text)
    assert 'name="hush" value="1" checked' in row and '<option value="3d" selected' in row
    form |= {"rule": "白班", "issue": "C03"}
    for reason in ("", "  "):
        silenced = client.post("/alerts/silences", data=form | {"reason": reason})
        assert silenced.status_code == 400 and "静默没有写理由。" in silenced.text
        [row] = re.findall(r'<form class="form" [^>]*action="/alerts/silences">.*?</form>', silenced.text)
        for kept in (
            f'value="{HOST}"',
            "<option selected>白班",
            'value="C03" selected',
            'value="3d" selected',
        ):
            assert kept in row
        assert 'value="1" checked' not in row
    assert not alert.silenced(twice) and statuses(twice)["夜班", HOST] == "firing"
    wrong = client.post("/alerts/silences", data=form | {"reason": "已知", "lasting": "soon"}).text
    assert 'name="reason" required maxlength="1000" value="已知"' in wrong


@pytest.mark.parametrize("table", ["", "/watched", "/rules", "/silences", "/log"])
def test_each_table_is_there_for_programs_too(client: TestClient, fired: Home, table: str) -> None:
    assert isinstance(client.get(f"/alerts{table}.json").json(), list)
    assert client.get(f"/alerts{table}.csv").content.startswith(b"\xef\xbb\xbf")


def test_a_rule_that_cannot_be_read_hides_no_other(client: TestClient, fired: Home) -> None:
    (fired.alerts / "bad.toml").write_text("name =", encoding="utf-8")
    page = client.get("/alerts").text
    assert "bad.toml" in page and "读不懂" in page and "夜班" in page


def test_readers_see_no_way_to_write(fired: Home) -> None:
    with client_of(fired, accounts=True) as client:
        assert client.get("/alerts/rule", follow_redirects=False).status_code == 303


def test_a_rule_that_no_check_looks_at_is_not_called_enabled(stocked: Home) -> None:
    """A host and a channel that nobody knows: both are named, by the page, the check and doctor."""
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(FILE, encoding="utf-8")
    text = f'name = "早班"\nhosts = ["{HOST}号"]\nchannels = ["flie"]\n'
    (stocked.alerts / "morning.toml").write_text(text, encoding="utf-8")
    [sentence] = alert_rules.left_out(stocked).values()
    assert f"{HOST}号" in sentence and "'flie'" in sentence and "Did you mean 'file'?" in sentence
    assert alert.check(stocked, NOW, NOW).left_out == [sentence]
    with client_of(stocked) as client:
        table = client.get("/alerts").text.partition('id="rules"')[2].partition('id="silences"')[0]
    assert table.count("启用中") == 1 and "没有检查" in table
    assert f"规则“早班”里有不认识的名字：hosts &#39;{HOST}号&#39;、channels &#39;flie&#39;。" in table
    examined = {one.name: one for one in doctor(stocked)}
    assert not examined["alert rules"].ok and "Not checked: " in examined["alert rules"].found
    assert examined["receivers of alarms"].found == "somebody for each rule but 早班, not checked"


def test_the_record_says_what_became_of_each_alarm(fired: Home) -> None:
    state = State.open(fired)
    words = {
        "told": "已发", "silenced": "静默未发", "held": "免打扰留待", "inhibited": "由别的规则代告",
        "unheard": "无人接收",
    }  # fmt: skip
    [letter] = [kept["id"] for kept in alert.listed(fired, 1)]
    for told, said in words.items():
        with state.begin() as connection:
            values = {"told": told, "letter": ""}
            connection.execute(update(tables.firings).where(tables.firings.c.id == letter).values(**values))
        with client_of(fired) as client:
            table = client.get("/alerts").text.partition('id="fired"')[2].partition('id="log"')[0]
        assert said in table and "没有待发的消息" not in table


def test_an_affair_began_when_it_began_whoever_took_it(fired: Home) -> None:
    """Its beginning stays where somebody takes it over, and an event is called by its name."""
    [one] = alert_desk.watched(fired, NOW)
    began, later = one.began_at, NOW + timedelta(hours=2)
    assert began is not None
    alert.acknowledge(fired, 1, "值班员", later)
    with State.open(fired).begin() as connection:
        facts = ledger.find(connection, 1).facts | {"name": "涨价了"}
        connection.execute(update(tables.firings).where(tables.firings.c.id == 1).values(facts=facts))
    [one] = alert_desk.watched(fired, later)
    assert (one.began_at, one.since, one.name) == (began, later, "涨价了")
    assert one.to_record()["began_at"] == iso(began)
    with client_of(fired) as client:
        page = client.get("/alerts").text
    assert f"始于 {local(began):%m-%d %H:%M}" in page and f"自 {local(later):%m-%d %H:%M}" in page
    [line] = status(fired, later).firing
    assert line == f"#1 夜班: 涨价了 since {iso(began)}, taken care of by 值班员 since {iso(later)}"
    listed = fengping(fired, "alerts", "list").stdout
    assert "涨价了" in listed
