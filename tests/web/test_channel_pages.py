"""渠道 as somebody who sets them up: added, tried, changed and removed by forms, secrets out of sight."""

from __future__ import annotations

import json
import re
import threading
import tomllib
from collections.abc import Iterator, MutableMapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import client_of, token_of
from tests.web.test_accounts import guarded, signed_in

from fengping.delivery import Book
from fengping.delivery.senders import senders
from fengping.home import Home
from fengping.services import channels

__all__ = ["guarded"]
SECRET = "SEC0123456789abcdef"
FILE = """# who is told, and why
give_up_after_days = 2.0  # over a weekend

[channels.office]  # the desk's own
kind = "mail"
server = "smtp.example.cn"  # of the house
sender = "风评 <monitor@example.cn>"
to = ["desk@example.cn"]

[recipients]
lead = ["office"]  # a person

[[routes]]
name = "alarms"
to = ["lead"]
"""


class _Robot(BaseHTTPRequestHandler):
    answers = b'{"errcode":0,"errmsg":"ok"}'

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(self.answers)))
        self.end_headers()
        self.wfile.write(self.answers)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def robot() -> Iterator[str]:
    """The address of a robot that says yes; its token is a secret."""
    _Robot.answers = b'{"errcode":0,"errmsg":"ok"}'
    server = HTTPServer(("127.0.0.1", 0), _Robot)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/robot/send?access_token=verysecrettoken"
    server.shutdown()
    server.server_close()


def put(client: TestClient, path: str = "/settings/channel", /, **form: str) -> str:
    """The page after a form was sent."""
    answer = client.post(path, data={"token": token_of(client)} | form)
    assert answer.status_code in (200, 400)
    return answer.text


def tables(home: Home) -> dict[str, dict[str, object]]:
    found = tomllib.loads((home.root / "delivery.toml").read_text("utf-8"))
    return found["channels"]  # type: ignore[no-any-return]


def test_a_robot_is_added_tried_changed_and_removed(client: TestClient, stocked: Home, robot: str) -> None:
    page = put(client, name="值班群", kind="dingtalk", url=robot, secret=SECRET, keyword="风评")
    assert "已写入 delivery.toml" in page and "verysecrettoken" not in page and SECRET not in page
    kept = tables(stocked)["值班群"]
    assert kept["keyword"] == "风评" and str(kept["url"]).startswith("file:secrets/")
    file = stocked.root / str(kept["url"]).removeprefix("file:")
    assert file.read_text("utf-8").strip() == robot and file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700

    tried = put(client, "/settings/channel/test", name="值班群")
    assert "已送达" in tried
    _Robot.answers = b'{"errcode":310000,"errmsg":"sign not match"}'
    tried = put(client, "/settings/channel/test", name="值班群")
    assert "被拒" in tried and "sign not match" in tried and "verysecrettoken" not in tried

    put(client, was="值班群", keyword="", **{"clear-secret": "1"})
    assert set(tables(stocked)["值班群"]) == {"kind", "url"}
    assert Book.load(stocked).channels["值班群"].kind == "dingtalk"
    listed = client.get("/settings").text + client.get("/settings/channels.json").text
    assert "http://127.0.0.1/***" in listed and "verysecrettoken" not in listed

    assert "已删去" in put(client, "/settings/channel/remove", name="值班群")
    assert "值班群" not in Book.load(stocked).channels and not file.exists()
    acts = [(one["act"], one["target"], one["detail"]) for one in client.get("/audit.json").json()]
    assert acts[::-1] == [
        ("add channel", "值班群", "dingtalk"), ("test delivery", "值班群", ""),
        ("test delivery", "值班群", ""), ("change channel", "值班群", "dingtalk"),
        ("remove channel", "值班群", ""),
    ]  # fmt: skip


def test_a_form_that_was_left_open_writes_over_nobody(client: TestClient, stocked: Home) -> None:
    put(client, name="桌面", kind="file", path="a.jsonl")

    def seen() -> str:
        page = client.get("/settings/channel", params={"was": "桌面"}).text
        [found] = re.findall(r'name="seen" value="(\w+)"', page)
        return str(found)

    older = seen()
    put(client, was="桌面", kind="file", path="b.jsonl", seen=older)
    assert "刚被改动过" in put(client, was="桌面", kind="file", path="c.jsonl", seen=older)
    assert tables(stocked)["桌面"]["path"] == "b.jsonl"
    put(client, was="桌面", kind="file", path="c.jsonl", seen=seen())
    assert tables(stocked)["桌面"]["path"] == "c.jsonl"


def test_comments_and_other_tables_stay(client: TestClient, stocked: Home) -> None:
    path = stocked.root / "delivery.toml"
    path.write_text(FILE, encoding="utf-8")
    put(client, name="hook", kind="webhook", url="https://hook.example.cn/in")
    put(
        client,
        was="office",
        server="smtp2.example.cn",
        sender="monitor@example.cn",
        to="a@example.cn、b@example.cn",
    )
    text = path.read_text("utf-8")
    for comment in ("# who is told, and why", "# over a weekend", "# the desk's own", "# a person"):
        assert comment in text
    assert tables(stocked)["office"]["to"] == ["a@example.cn", "b@example.cn"]
    assert Book.load(stocked).recipients["lead"] == ("office",)
    assert "收件人“lead”还在发往“office”。先改它。" in put(client, "/settings/channel/remove", name="office")
    put(client, "/settings/channel/remove", name="hook")
    assert set(tables(stocked)) == {"office"}


def test_a_channel_that_something_names_is_not_removed(client: TestClient, stocked: Home) -> None:
    put(client, name="群", kind="file", path="a.jsonl")
    stocked.alerts.mkdir(exist_ok=True)
    rule = stocked.alerts / "a.toml"
    rule.write_text('name = "夜班"\nchannels = ["群"]\n', encoding="utf-8")
    assert "规则“夜班”还在发往“群”" in put(client, "/settings/channel/remove", name="群")
    rule.unlink()
    stocked.config_file.write_text('[schedule]\nweekly_to = ["群"]\n', encoding="utf-8")
    with client_of(Home.open(stocked.root)) as again:
        assert "fengping.toml 的 schedule.weekly_to 还在发往“群”" in put(
            again, "/settings/channel/remove", name="群"
        )
    assert "群" in tables(stocked)


FORMS = {
    "dingtalk": {"url": "https://robot.example.cn/a", "secret": SECRET},
    "wecom": {"url": "https://robot.example.cn/b", "mention": "甲、乙"},
    "feishu": {"url": "https://robot.example.cn/c"},
    "mail": {"server": "smtp.example.cn", "sender": "a@example.cn", "to": "b@example.cn",
             "password": "pass-word", "user": "a", "port": "2525", "security": "tls"},
    "webhook": {"url": "https://hook.example.cn/in", "secret": "whsec_MTIzNA=="},
    "file": {"path": "out.jsonl"},
    "folder": {"path": "var/out", "timeout": "20"},
    "apprise": {"url": "ntfy://topic-that-is-secret"},
    "stdout": {},
}  # fmt: skip


def test_there_is_a_form_for_each_kind() -> None:
    assert set(FORMS) == set(senders())


@pytest.mark.parametrize("kind", FORMS)
def test_a_channel_of_each_kind_is_added_and_shown_without_its_secrets(
    client: TestClient, stocked: Home, kind: str
) -> None:
    assert 'name="kind" value="' + kind in client.get("/settings/channel", params={"kind": kind}).text
    put(client, name="新的", kind=kind, **FORMS[kind])
    assert Book.load(stocked).channels["新的"].kind == kind
    shown = client.get("/settings/channel", params={"was": "新的"}).text + client.get("/settings").text
    text = (stocked.root / "delivery.toml").read_text("utf-8")
    for field in channels.fields_of(kind):
        typed = FORMS[kind].get(field.name)
        if typed and field.shape == "secret":
            assert typed not in shown and typed not in text
        elif typed and field.shape == "list":
            assert tables(stocked)["新的"][field.name] == typed.split("、")
        elif typed:
            assert typed in shown and str(tables(stocked)["新的"][field.name]) == typed


MAIL = {"kind": "mail", "name": "a", "server": "smtp.example.cn", "sender": "a@b.cn", "to": "c@d.cn"}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "dingtalk", "name": "a b", "url": "https://r.example.cn/x"}, "名字“a b”里有冒号或空格"),
        ({"kind": "dingtalk", "name": "a"}, "渠道“a”没有填“url”"),
        ({"kind": "dingtalk", "name": "a", "url": "oapi.example.cn/x"}, "填的不是 http:// 或 https:// 地址"),
        ({"kind": "dingtalk", "name": "a", "url": "$BAD"}, "$BAD 里的不是 http:// 或 https:// 地址"),
        ({"kind": "dingtalk", "name": "lead", "url": "https://r.example.cn/x"}, "已经有渠道“lead”"),
        ({"kind": "pigeon", "name": "a"}, "没有“pigeon”这种渠道"),
        (MAIL | {"sender": "nobody"}, "“nobody”不是邮箱地址"),
        (MAIL | {"to": ""}, "没有写收件人"),
        (MAIL | {"port": "x"}, "要写整数"),
        ({"kind": "folder", "name": "a", "path": "../out"}, "在数据目录之外"),
        ({"kind": "webhook", "name": "a", "url": "file:/etc/hostname"}, "在数据目录之外"),
        ({"kind": "wecom", "name": "a", "url": "https://r.example.cn/x", "timeout": "900"}, "不能大于 300"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    client: TestClient, stocked: Home, environ: MutableMapping[str, str], form: dict[str, str], said: str
) -> None:
    environ["BAD"] = "no address"
    path = stocked.root / "delivery.toml"
    path.write_text(FILE, encoding="utf-8")
    assert said in put(client, **form)
    assert path.read_text("utf-8") == FILE and not (stocked.root / "secrets").exists()
    assert client.get("/audit.json").json() == []


def test_only_an_admin_writes_and_only_by_our_forms(guarded: Home) -> None:
    form = {"name": "a", "kind": "file", "path": "a.jsonl"}
    for role in ("reader", "analyst"):
        one = signed_in(guarded, role)
        for path in ("/settings/channel", "/settings/channel/remove", "/settings/channel/test"):
            assert one.post(path, data=form | {"token": token_of(one)}).status_code == 403
        assert "只有管理员能改渠道" in one.get("/settings/channel").text
    admin = signed_in(guarded, "admin")
    assert admin.post("/settings/channel", data=form | {"token": "guessed"}).status_code == 403
    assert not (guarded.root / "delivery.toml").exists()
    assert admin.post("/settings/channel", data=form | {"token": token_of(admin)}).status_code == 200
    assert (guarded.root / "delivery.toml").exists()


def test_a_file_that_is_broken_is_told_where_channels_are_listed(home: Home) -> None:
    (home.root / "delivery.toml").write_text('[channels.a]\nkind = "dingtak"\n', encoding="utf-8")
    with client_of(home) as client:
        page = client.get("/settings").text
    assert "的种类“dingtak”不认识。是不是“dingtalk”？" in page


def test_a_secret_that_is_not_set_is_named_in_the_list(client: TestClient, stocked: Home) -> None:
    put(client, name="群", kind="wecom", url="$NOT_SET_ANYWHERE")
    assert "环境变量 NOT_SET_ANYWHERE 没有设" in client.get("/settings").text
    [one] = [one for one in json.loads(client.get("/settings/channels.json").text) if one["name"] == "群"]
    assert one["fault"] == "The variable NOT_SET_ANYWHERE is not set." and not Path("secrets").exists()
