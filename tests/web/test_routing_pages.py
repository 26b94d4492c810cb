"""收件人 and 路由 as somebody who shares out messages: added, changed, ordered, removed, tried before."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.web.conftest import HOST, NOW, client_of, token_of
from tests.web.test_accounts import guarded, signed_in

from fengping.delivery import Book, Message, Severity
from fengping.home import Home
from fengping.scheduler.status import status
from fengping.services import dry_run, unheard
from fengping.services.home import doctor

__all__ = ["guarded"]
FILE = """# who is told, and why
give_up_after_days = 2.0  # over a weekend

[channels.duty]  # at night
kind = "file"
path = "duty.jsonl"

[channels.office]
kind = "mail"
server = "smtp.example.cn"
sender = "风评 <monitor@example.cn>"
to = ["desk@example.cn"]

[recipients]
lead = ["office:lead@example.cn"]  # a person

[[routes]]  # the first
name = "alarms"
severity = "critical"  # only then
match = { key = ["x"] }
to = ["lead", "duty"]

[[routes]]
name = "alarms"
to = ["office"]
"""
RULE = 'name = "夜班"\nkind = "frequency"\nnum_events = 5\nchannels = ["alarms"]\n'
ROUTE, RECIPIENT = "/settings/route", "/settings/recipient"


@pytest.fixture
def routed(stocked: Home) -> Home:
    """A home with a file of its own and a rule that uses it."""
    (stocked.root / "delivery.toml").write_text(FILE, encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    return stocked


def put(client: TestClient, path: str, /, **form: str) -> str:
    answer = client.post(path, data={"token": token_of(client)} | form)
    assert answer.status_code in (200, 400), answer.text
    return answer.text


def file_of(home: Home) -> tuple[str, dict[str, Any]]:
    text = (home.root / "delivery.toml").read_text("utf-8")
    return text, tomllib.loads(text)


def ids(client: TestClient) -> list[str]:
    """The routes in the list of settings, in their order."""
    page = client.get("/settings").text
    return [part.partition('"')[0] for part in page.split("/settings/route?was=")[1:]]


def test_a_recipient_is_added_changed_and_removed(client: TestClient, routed: Home) -> None:
    page = put(client, RECIPIENT, name="值班", to="duty、office:night@example.cn")
    assert "已写入 delivery.toml" in page and "office:night@example.cn" in page
    assert Book.load(routed).recipients["值班"] == ("duty", "office:night@example.cn")
    put(client, RECIPIENT, was="值班", to="duty")
    assert Book.load(routed).recipients["值班"] == ("duty",)
    assert "已删去" in put(client, f"{RECIPIENT}/remove", name="值班")
    assert "值班" not in Book.load(routed).names
    assert file_of(routed)[0] == FILE
    acts = [(one["act"], one["target"], one["detail"]) for one in client.get("/audit.json").json()]
    assert acts[::-1] == [
        ("add recipient", "值班", "duty、office:night@example.cn"), ("change recipient", "值班", "duty"),
        ("remove recipient", "值班", ""),
    ]  # fmt: skip


def test_a_recipient_that_was_changed_since_is_not_written_over(client: TestClient, routed: Home) -> None:
    name = "轮值"
    put(client, "/settings/recipient", name=name, to="file")
    page = client.get("/settings/recipient", params={"was": name}).text
    [older] = re.findall(r'name="seen" value="(\w+)"', page)
    put(client, "/settings/recipient", was=name, to="stdout", seen=older)
    assert "刚被改动过" in put(client, "/settings/recipient", was=name, to="file、stdout", seen=older)
    assert file_of(routed)[1]["recipients"][name] == ["stdout"]


def test_a_route_is_added_changed_ordered_and_removed(client: TestClient, routed: Home) -> None:
    form = {"severity": "warning", "hours": "22:00-08:00", "host": HOST, "class": "C03", "rule": "夜班"}
    put(client, ROUTE, name="alarms", to="duty", go_on="1", **form)
    _, tables = file_of(routed)
    assert tables["routes"][2] == {
        "name": "alarms", "match": {"host": [HOST], "class": ["C03"], "rule": ["夜班"]},
        "severity": "warning", "hours": "22:00-08:00", "to": ["duty"], "go_on": True,
    }  # fmt: skip
    put(client, f"{ROUTE}/up", was=ids(client)[2])
    assert [route.to for route in Book.load(routed).routes] == [("lead", "duty"), ("duty",), ("office",)]
    put(client, ROUTE, was=ids(client)[1], severity="info", to="lead")
    assert file_of(routed)[1]["routes"][1] == {
        "name": "alarms", "match": {}, "severity": "info", "hours": "", "to": ["lead"], "go_on": False,
    }  # fmt: skip
    put(client, f"{ROUTE}/remove", was=ids(client)[1])
    assert file_of(routed)[0].replace("\n\n", "\n").strip() == FILE.replace("\n\n", "\n").strip()
    acts = [one["act"] for one in client.get("/audit.json").json()][::-1]
    assert acts == ["add route", "move route", "change route", "remove route"]


def test_comments_other_tables_and_conditions_of_the_file_stay(client: TestClient, routed: Home) -> None:
    first = ids(client)[0]
    assert "<code>key</code> x" in client.get(ROUTE, params={"was": first}).text
    put(client, ROUTE, was=first, severity="warning", host=HOST, to="lead、duty")
    put(client, RECIPIENT, was="lead", to="office:lead2@example.cn")
    text, tables = file_of(routed)
    for comment in ("# who is told, and why", "# over a weekend", "# at night", "# the first"):
        assert comment in text
    assert tables["give_up_after_days"] == 2.0 and set(tables["channels"]) == {"duty", "office"}
    assert tables["routes"][0]["match"] == {"key": ["x"], "host": [HOST]}
    assert tables["routes"][1] == {"name": "alarms", "to": ["office"]}


def test_a_home_without_a_file_gets_one(client: TestClient, stocked: Home) -> None:
    put(client, RECIPIENT, name="lead", to="file")
    put(client, ROUTE, name="alarms", severity="critical", to="lead")
    put(client, ROUTE, name="alarms", nobody="1")
    assert file_of(stocked)[1] == {
        "recipients": {"lead": ["file"]},
        "routes": [{"name": "alarms", "severity": "critical", "to": ["lead"]}, {"name": "alarms", "to": []}],
    }
    message = Message("k", "s", severity=Severity.CRITICAL)
    assert Book.load(stocked).resolve(["alarms"], message, message_time()) == [("file", "")]


def message_time() -> Any:
    from tests.web.conftest import NOW

    return NOW


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        (RECIPIENT, {"name": "a", "to": "dutty"}, "没有叫“dutty”的渠道。是不是“duty”？"),
        (RECIPIENT, {"name": "a", "to": ""}, "没有写发给谁"),
        (RECIPIENT, {"name": "a b", "to": "duty"}, "“a b”不能作名字"),
        (RECIPIENT, {"name": "duty", "to": "office"}, "已经有叫“duty”的渠道、收件人或路由"),
        (RECIPIENT, {"name": "a", "to": "alarms"}, "“alarms”不是渠道"),
        (RECIPIENT, {"name": "a", "to": "office:nobody"}, "“nobody”不是邮箱地址"),
        (RECIPIENT, {"was": "leed", "to": "duty"}, "没有收件人“leed”。是不是“lead”？"),
        (ROUTE, {"name": "night", "to": "led"}, "没有叫“led”的渠道或收件人。是不是“lead”？"),
        (ROUTE, {"name": "night", "to": ""}, "没有写发给谁"),
        (ROUTE, {"name": "night", "to": "duty", "nobody": "1"}, "又写了发给谁"),
        (ROUTE, {"name": "lead", "to": "duty"}, "已经有叫“lead”的渠道、收件人或路由"),
        (ROUTE, {"name": "night", "to": "alarms"}, "指到了另一条路由“alarms”"),
        (ROUTE, {"name": "night", "to": "duty", "hours": "8-22"}, "“8-22”不是时段：写成 08:00-22:00"),
        (ROUTE, {"name": "night", "to": "duty", "host": "鹿十八"}, "没有主播“鹿十八”。是不是“鹿十七”？"),
        (ROUTE, {"name": "night", "to": "duty", "class": "C3"}, "没有问题类别“C3”"),
        (ROUTE, {"name": "night", "to": "duty", "rule": "夜斑"}, "没有规则“夜斑”。是不是“夜班”？"),
        (ROUTE, {"was": "0123456789", "to": "duty"}, "文件里已没有这条路由"),
        (f"{ROUTE}/remove", {"was": "0123456789"}, "文件里已没有这条路由"),
        (f"{RECIPIENT}/remove", {"name": "lead"}, "路由“alarms”还在发往“lead”。先改它。"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    client: TestClient, routed: Home, path: str, form: dict[str, str], said: str
) -> None:
    page = put(client, path, **form)
    assert said in page
    assert file_of(routed)[0] == FILE and client.get("/audit.json").json() == []


def test_the_last_route_of_a_name_stays_while_a_rule_uses_it(client: TestClient, routed: Home) -> None:
    put(client, f"{ROUTE}/remove", was=ids(client)[0])
    assert "规则“夜班”还在发往“alarms”。先改它。" in put(client, f"{ROUTE}/remove", was=ids(client)[0])
    assert len(file_of(routed)[1]["routes"]) == 1


def test_the_dry_run_says_who_would_get_what(client: TestClient, routed: Home) -> None:
    routed.config_file.write_text('[schedule]\nweekly_to = ["lead"]\nnotify = ["duty"]\n', encoding="utf-8")
    with client_of(Home.open(routed.root)) as again:
        rows = {(one["kind"], one["name"]): one for one in again.get("/settings/who.json").json()}
        assert rows["rule", "夜班"]["gets"]["warning"] == ["office:desk@example.cn"]
        assert rows["rule", "夜班"]["usual"] == "warning"
        assert rows["report", "schedule.weekly_to"]["gets"] == {"info": ["office:lead@example.cn"]}
        assert set(rows["notice", "schedule.notify"]["gets"]) == {"info", "warning", "critical"}
        assert rows["recipient", "lead"]["gets"]["info"] == ["office:lead@example.cn"]
        assert ">desk@example.cn</span>" in again.get("/settings/who").text
        assert "rule,夜班,alarms" in again.get("/settings/who.csv").text


NOBODY = "的预警没有人收到"


@pytest.mark.parametrize(
    ("route", "heard"),
    [
        ('severity = "critical"\n', False),
        ('severity = "warning"\n', True),
        ('match = { rule = ["白班"] }\n', False),
        ('match = { platform = ["抖音"] }\n', "on no platform of '抖音'"),
        ('match = { class = ["C03"] }\n', "without the classes 'C03'"),
        ('match = { host = ["别家"] }\n', "on others than '别家'"),
        ('hours = "22:00-08:00"\n', True),
    ],
)
def test_a_rule_that_reaches_nobody_or_not_everybody_is_known(
    stocked: Home, route: str, heard: bool | str
) -> None:
    text = f'[[routes]]\nname = "alarms"\nto = ["file"]\n{route}'
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    found = unheard.rules(stocked)
    assert [one.rule for one in found] == ([] if heard is True else ["夜班"])
    if isinstance(heard, str):
        assert f"Nobody gets alarms of the rule '夜班' {heard}: no route" in found[0].sentence


def test_keys_and_classes_that_no_route_takes_are_named(client: TestClient, stocked: Home) -> None:
    one = f'[[routes]]\nname = "alarms"\nto = ["file"]\nmatch = {{ host = ["{HOST}"] }}\n'
    two = '[[routes]]\nname = "alarms"\nto = ["file"]\nmatch = { class = ["C03"] }\n'
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.root / "delivery.toml").write_text(one + two, encoding="utf-8")
    (stocked.alerts / "night.toml").write_text(
        RULE + f'hosts = ["{HOST}", "别家"]\nclasses = ["C02", "C03"]\n', encoding="utf-8"
    )
    [found] = unheard.rules(stocked)
    assert "of the classes 'C02': no route of alarms takes them at any hour." in found.sentence
    assert "规则“夜班”的预警里，这些类别的没有人收到" in client.get("/alerts").text
    rest = '[[routes]]\nname = "alarms"\nto = []\n'
    (stocked.root / "delivery.toml").write_text(one + two + rest, encoding="utf-8")
    assert unheard.rules(stocked) == []  # on purpose


def test_hours_are_told_as_a_delay(stocked: Home) -> None:
    text = '[[routes]]\nname = "alarms"\nto = ["file"]\nhours = "08:00-22:00"\n'
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(RULE, encoding="utf-8")
    found = {one.name: one.found for one in doctor(stocked)}["receivers of alarms"]
    assert found == "somebody for each rule; 夜班 waits 22:00–08:00"


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ('host = ["鹿十八"]', f"There is no host '鹿十八'. Did you mean {HOST!r}?"),
        (f'hots = ["{HOST}"]', "There is no label 'hots'. Did you mean 'host'?"),
        ('class = ["C3"]', "There is no class 'C3'."),
        ('rule = ["夜斑"]', "There is no rule '夜斑'. Did you mean '夜班'?"),
        (f'host = ["{HOST}"], source = ["news"]', ""),
    ],
)
def test_a_route_that_waits_for_what_never_comes_is_told(
    client: TestClient, routed: Home, match: str, said: str
) -> None:
    rest = '[[routes]]\nname = "alarms"\nto = ["file"]\n'
    text = f"{rest}match = {{ {match} }}\n{rest}"
    (routed.root / "delivery.toml").write_text(text, encoding="utf-8")
    found = unheard.mistyped(routed)
    checks = {one.name: one for one in doctor(routed)}
    page = client.get("/alerts").text
    if not said:
        assert found == [] and checks["channels"].ok and "永远等不到" not in page
        return
    assert said in found[0] and said in checks["channels"].found
    assert any(said in sentence for sentence in status(routed, message_time()).troubles)
    assert "路由“alarms”等的东西永远等不到" in page


def test_a_rule_that_nobody_would_get_is_told_as_it_is_saved_and_after(
    client: TestClient, stocked: Home
) -> None:
    text = '[[routes]]\nname = "alarms"\nseverity = "critical"\nto = ["file"]\n'
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    rule = {"name": "夜班", "kind": "frequency", "timeframe": "24h", "realert": "24h", "channels": "alarms"}
    assert NOBODY in client.get("/alerts/rule", params=rule).text
    assert NOBODY in put(client, "/alerts/rule", **rule)
    # And wherever somebody looks later, also where a file was changed by hand.
    assert NOBODY in client.get("/alerts").text
    for command in ("alerts check", "status", "doctor"):
        said = fengping(stocked, *command.split())
        words = " ".join((said.stderr + said.stdout).replace("│", " ").split())
        assert "Nobody gets the alarms of the rule '夜班'" in words, words
    assert "Raise its severity" in {one.name: one for one in doctor(stocked)}["receivers of alarms"].found
    loud = rule | {"was": "夜班", "severity": "critical"}
    assert NOBODY not in client.get("/alerts/rule", params=loud).text
    assert NOBODY not in put(client, "/alerts/rule", **loud) + client.get("/alerts").text


def test_a_rule_limited_to_hosts_needs_a_route_that_takes_one_of_them(stocked: Home) -> None:
    text = '[[routes]]\nname = "alarms"\nmatch = { host = ["别家"] }\nto = ["file"]\n'
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(RULE + f'hosts = ["{HOST}"]\n', encoding="utf-8")
    assert [one.rule for one in unheard.rules(stocked)] == ["夜班"]
    more = text + '[[routes]]\nname = "alarms"\nto = []\n[[routes]]\nname = "alarms"\nto = ["file"]\n'
    (stocked.root / "delivery.toml").write_text(more, encoding="utf-8")
    assert [one.rule for one in unheard.rules(stocked)] == ["夜班"]  # the second one swallows all
    (stocked.root / "delivery.toml").write_text(more.replace("to = []", 'to = ["stdout"]'), encoding="utf-8")
    assert unheard.rules(stocked) == []


def test_a_draft_is_tried_before_it_is_kept(client: TestClient, routed: Home) -> None:
    draft = {"name": "night", "severity": "critical", "hours": "22:00-08:00", "to": "duty"}
    page = client.get(ROUTE, params=draft).text
    # Half past ten in the morning it waits for the duty's night, then it does not.
    assert page.count("没人收到") == 2 and '<tr data-item class="on">' in page
    assert page.count("22:00 起") == 1
    page = client.get(ROUTE, params=draft | {"for_time": "23:00"}).text
    assert page.count("没人收到") == 2 and "22:00 起" not in page
    put(client, ROUTE, **draft)
    row = next(one for one in client.get("/settings/who.json").json() if one["name"] == "night")
    assert row["gets"]["critical"] == [] and row["later"]["critical"] == {"duty": "22:00"}
    assert "night,night,,,duty（22:00 起）" in client.get("/settings/who.csv").text
    (routed.root / "delivery.toml").write_text(FILE, encoding="utf-8")
    assert "没有叫“dutty”的渠道" in client.get(ROUTE, params=draft | {"to": "dutty"}).text


def test_labels_and_hours_of_the_dry_run_are_checked(client: TestClient, routed: Home) -> None:
    put(client, ROUTE, name="host", host=HOST, to="duty")
    for asked, expected in (("", []), (HOST, ["duty"])):
        found = client.get("/settings/who.json", params={"for_host": asked}).json()
        assert {one["name"]: one["gets"] for one in found}["host"]["info"] == expected
    assert "没有主播“鹿十八”" in client.get("/settings/who", params={"for_host": "鹿十八"}).text
    assert "“25:00”不是时刻" in client.get("/settings/who", params={"for_time": "25:00"}).text


def test_only_an_admin_writes_and_only_by_our_forms(guarded: Home) -> None:
    form = {"name": "a", "to": "file", "was": ""}
    for role in ("reader", "analyst"):
        one = signed_in(guarded, role)
        for path in (RECIPIENT, ROUTE, f"{RECIPIENT}/remove", f"{ROUTE}/remove", f"{ROUTE}/up"):
            assert one.post(path, data=form | {"token": token_of(one)}).status_code == 403
        assert "只有管理员能改收件人和路由" in one.get(ROUTE).text
    admin = signed_in(guarded, "admin")
    assert admin.post(RECIPIENT, data=form | {"token": "guessed"}).status_code == 403
    assert not (guarded.root / "delivery.toml").exists()
    assert admin.post(RECIPIENT, data=form | {"token": token_of(admin)}).status_code == 200
    assert (guarded.root / "delivery.toml").exists()


@pytest.mark.parametrize(
    "text",
    [
        'recipients.lead = ["file"]\n[[routes]]\nname = "a"\nto = ["lead"]\n',
        'recipients = { lead = ["file"] }\nroutes = [{ name = "a", to = ["lead"] }]\n',
    ],
)
def test_a_file_in_another_form_of_toml_is_changed_as_well(
    client: TestClient, stocked: Home, text: str
) -> None:
    (stocked.root / "delivery.toml").write_text(text, encoding="utf-8")
    put(client, RECIPIENT, name="night", to="file")
    put(client, ROUTE, name="b", to="night")
    put(client, ROUTE, was=ids(client)[0], to="night")
    _, tables = file_of(stocked)
    assert tables["recipients"] == {"lead": ["file"], "night": ["file"]}
    assert [(row["name"], row["to"]) for row in tables["routes"]] == [("a", ["night"]), ("b", ["night"])]


def test_a_dry_run_holds_what_is_not_critical_until_quiet_hours_end(stocked: Home) -> None:
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(RULE.replace("alarms", "file"), encoding="utf-8")
    stocked.config_file.write_text('[alerts]\nquiet_hours = "23:00-07:00"\n', encoding="utf-8")
    home = Home.open(stocked.root)
    night = NOW.replace(hour=18)  # two at night in China
    [told] = [one for one in dry_run.receivers(home, night, {}) if one.kind == "rule"]
    assert told.gets[Severity.WARNING] == () and told.later[Severity.WARNING] == (("file", "", "07:00"),)
    assert told.gets[Severity.CRITICAL] == (("file", ""),)
    with client_of(home) as client:
        page = client.get("/settings/who", params={"for_time": "02:00"}).text
        assert "07:00 起" in page and "不是紧急的预警留到 07:00" in page
        assert "07:00 起" not in client.get("/settings/who", params={"for_time": "12:00"}).text
