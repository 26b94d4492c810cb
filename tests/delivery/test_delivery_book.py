"""``delivery.toml``: names, routes, and mistakes told in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from tests.delivery.conftest import NOW

from fengping.clock import SHANGHAI
from fengping.delivery import Book, Message, Severity, send_test
from fengping.delivery.senders import senders
from fengping.errors import ConfigError, UsageError
from fengping.home import Home

Write = Callable[[str], Home]
CHANNELS = """
[channels.duty]
kind = "dingtalk"
url = "$DUTY_URL"
[channels.boss]
kind = "wecom"
url = "file:secrets/boss"
[channels.office]
kind = "mail"
server = "smtp.example.cn"
sender = "monitor@example.cn"
to = ["desk@example.cn"]
[recipients]
lead = ["duty", "office:lead@example.cn"]
"""
ROUTES = """
[[routes]]
name = "alarms"
match = { host = ["某主播"] }
severity = "critical"
to = ["boss"]
go_on = true
[[routes]]
name = "alarms"
hours = "22:00-08:00"
severity = "warning"
to = ["duty"]
[[routes]]
name = "alarms"
hours = "08:00-22:00"
to = ["lead"]
"""


def at(hour: int) -> datetime:
    return datetime(2026, 11, 11, hour, tzinfo=SHANGHAI)


def test_names_lead_to_channels_and_addresses_each_once(book: Write) -> None:
    made = Book.load(book(CHANNELS))
    places = made.resolve(["lead", "office", "duty", "file"], Message("a", "a"), NOW)
    assert places == [
        ("duty", ""), ("office", "lead@example.cn"), ("office", "desk@example.cn"), ("file", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "severity", "hour", "expected"),
    [
        ("某主播", Severity.CRITICAL, 3, ["boss", "duty"]),
        ("某主播", Severity.CRITICAL, 12, ["boss", "duty", "office"]),
        ("某主播", Severity.WARNING, 23, ["duty"]),
        ("他人", Severity.CRITICAL, 8, ["duty", "office"]),
        ("他人", Severity.INFO, 7, []),
        ("他人", Severity.INFO, 21, ["duty", "office"]),
    ],
)
def test_routes_go_by_label_severity_and_chinese_hours(
    host: str, severity: Severity, hour: int, expected: list[str], book: Write
) -> None:
    message = Message("a", "a", severity=severity, labels={"host": (host,)})
    places = Book.load(book(CHANNELS + ROUTES)).resolve(["alarms"], message, at(hour))
    assert [channel for channel, _ in places] == expected


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("dutty", "Did you mean 'duty'"),
        ("webhook:https://example.cn/x", "channels have names"),
        ("webhook:$URL", "channels have names"),
        ("duty:someone", "takes no address"),
        ("office:nobody", "no mail address"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused_with_the_nearest(name: str, sentence: str, book: Write) -> None:
    with pytest.raises(UsageError, match=sentence):
        Book.load(book(CHANNELS)).resolve([name], Message("a", "a"), NOW)
    with pytest.raises(ConfigError, match="rule x: "):
        Book.load(book(CHANNELS)).check([name], "rule x")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[channels.a]\nkind = "dingtlak"\n', "Did you mean 'dingtalk'"),
        ("[channels.a]\n", "unknown kind ''"),
        ('[channels.a]\nkind = "dingtalk"\nurl = "https://example.cn/?access_token=x"\n', "never stands in"),
        ('[channels.a]\nkind = "dingtalk"\n', "'url' is missing"),
        ('[channels.a]\nkind = "wecom"\nurl = "$X"\nsecrt = "$Y"\n', "unknown key 'secrt'"),
        ('[channels.a]\nkind = "mail"\nserver = "s"\nsender = "nobody"\n', "no mail address"),
        ('[channels.a]\nkind = "mail"\nserver = "s"\nsender = "a@b.cn"\npassword = "hunter"\n', "never"),
        ('[channels.a]\nkind = "webhook"\nurl = "example.cn"\n', "is no address"),
        ('[channels.a]\nkind = "file"\ntimeout = 0\n', "timeout"),
        *(
            (f'[channels.a]\nkind = "file"\npath = "{path}"\n', "no plain name.*var/delivery/ alone: write")
            for path in ("var/salt", "a/../b", "/etc/x", "..", "", "~", "a b")
        ),
        ('[channels."a:b"]\nkind = "file"\n', "colon"),
        ('[recipients]\nlead = ["filed"]\n', "Did you mean 'file'"),
        ('[recipients]\nfile = ["stdout"]\n', "both a channel and a recipient"),
        ('[recipients]\na = ["file"]\nb = ["a"]\n', "which is no channel"),
        ('[[routes]]\nname = "r"\nto = ["nobody"]\n', "nobody"),
        ('[[routes]]\nname = "r"\nto = ["r"]\n', "names the route"),
        ('[[routes]]\nname = "r"\nto = ["file"]\nhours = "8-22"\n', "08:00-22:00"),
        ('[[routes]]\nname = "r"\nto = ["file"]\nseverity = "urgent"\n', "severity"),
        ("give_up_after_days = 0\n", "give_up_after_days"),
        ("[channel.a]\n", "unknown key 'channel'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_the_file(text: str, sentence: str, book: Write) -> None:
    home = book(text)
    with pytest.raises(ConfigError, match=sentence) as caught:
        Book.load(home)
    assert "delivery.toml" in str(caught.value) and "hunter" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_channel_writes_beside_nothing_but_other_messages(book: Write) -> None:
    home = book('[channels.a]\nkind = "file"\npath = "fengping.toml"\n')
    home.config_file.write_text("# the owner's\n", encoding="utf-8")
    assert send_test(home, "a", NOW)[0][2].accepted
    assert home.config_file.read_text(encoding="utf-8") == "# the owner's\n"
    assert "投递测试" in (home.var / "delivery" / "fengping.toml").read_text(encoding="utf-8")


def test_a_file_channel_follows_no_link(book: Write) -> None:
    home = book('[channels.a]\nkind = "file"\npath = "a.jsonl"\n')
    home.config_file.write_text("# the owner's\n", encoding="utf-8")
    (home.var / "delivery").mkdir(parents=True)
    (home.var / "delivery" / "a.jsonl").symlink_to(home.config_file)
    verdict = send_test(home, "a", NOW)[0][2]
    assert not verdict.accepted and "a.jsonl" in verdict.reply
    assert home.config_file.read_text(encoding="utf-8") == "# the owner's\n"


def test_the_example_of_the_documentation_is_a_book(book: Write) -> None:
    text = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
    example = text.partition("<!-- example: delivery.toml -->\n```toml\n")[2].partition("```")[0]
    made = Book.load(book(example))
    assert made.names == ["alarms", "duty", "file", "lead", "office", "stdout"]
    told = set(re.findall(r"^\| `([a-z]+)` \| .*`", text, re.MULTILINE))
    assert told >= set(senders()) - {"stdout"}


def test_without_a_file_there_are_the_built_in_channels(home: Home) -> None:
    assert Book.load(home).names == ["file", "stdout"]


def test_a_message_without_key_or_subject_is_refused() -> None:
    for key, subject in (("", "a"), ("a", " ")):
        with pytest.raises(UsageError):
            Message(key, subject)
