"""The chat robots: signature, size, rate and refusals as the real services have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delivery.servers import DingTalk, Feishu, Limit, Web, WeCom, as_json

from fengping.delivery import Message, Outbox, Outcome, Severity, deliver_due, escape
from fengping.delivery.cut import fit, utf8
from fengping.delivery.pace import take
from fengping.delivery.senders.dingtalk import signed
from fengping.delivery.senders.feishu import signature
from fengping.home import Home

Write = Callable[[str], Home]
NOW = datetime.now(UTC)
LONG = Message(
    key="long",
    subject="周报",
    lines=("共 900 条",),
    body="\n".join(f"- 第{n}条：样例直播间被指货不对板 https://example.cn/{n}" for n in range(900)),
    link="https://desk.example.cn/all",
)
ROBOTS: dict[str, tuple[Any, str]] = {
    "dingtalk": (DingTalk, "/robot/send?access_token="),
    "wecom": (WeCom, "/cgi-bin/webhook/send?key="),
    "feishu": (Feishu, "/open-apis/bot/v2/hook/"),
}


@contextmanager
def robot(kind: str, book: Write, more: str = "", **kw: Any) -> Iterator[Any]:
    service_class, path = ROBOTS[kind]
    service = service_class("t0ken7", **kw)
    with Web(service).running() as web:
        service.web, service.home = web, book(f'[channels.it]\nkind = "{kind}"\nurl = "file:url"\n{more}')
        (service.home.root / "url").write_text(f"{web.url}{path}t0ken7", encoding="utf-8")
        yield service


def send(home: Home, message: Message, now: datetime = NOW) -> Any:
    Outbox.open(home).enqueue(message, ["it"], now)
    return deliver_due(home, now)


def content(kind: str, taken: Any) -> str:
    if kind == "feishu":
        return str(taken["card"]["elements"][0]["content"])
    return str(taken["markdown"]["text" if kind == "dingtalk" else "content"])


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_long_message_is_cut_and_says_how_much_is_left(kind: str, book: Write) -> None:
    with robot(kind, book) as service:
        assert send(service.home, LONG).accepted == 1
        text = content(kind, service.taken[0])
    entries = text.count("- 第")
    assert 20 < entries < 900
    assert f"余{900 - entries}条" in text
    assert "[查看全部](https://desk.example.cn/all)" in text and f"编号 {LONG.id[:8]}" in text


@pytest.mark.parametrize("kind", ROBOTS)
def test_collected_text_calls_nobody_and_opens_no_mark(kind: str, book: Write) -> None:
    hostile = (
        '<at id=all></at> <at user_id="all">所有人</at> <@all> [点](https://evil.example) <font color="red">'
    )
    with robot(kind, book) as service:
        for n, line in enumerate((hostile, escape(hostile))):
            send(service.home, Message(key=str(n), subject="预警", lines=(line,)))
        for taken in service.taken:
            assert {"feishu": "<at", "wecom": "<@", "dingtalk": "@13"}[kind] not in content(kind, taken)
            assert taken.get("at", {}).get("isAtAll", False) is False
        escaped = content(kind, service.taken[1])
    assert "](" not in escaped and "\\" not in escaped and "<font" not in escaped


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_collected_title_is_no_link_in_the_heading(kind: str, book: Write) -> None:
    with robot(kind, book, 'keyword = "*值班*"\n' if kind != "wecom" else "") as service:
        title = "【预警】[点这里](https://evil.example) **大** <font> <@all> *值班*"
        assert send(service.home, Message("t", title)).accepted == 1
        text = content(kind, service.taken[0])
    assert not any(mark in text for mark in ("](", "**", "<font", "<@"))
    if kind != "feishu":  # whose heading stands apart from the text, as plain words
        assert "［点这里］(https://evil.example)" in text
    if kind == "dingtalk":
        assert text.endswith("*值班*"), "the keyword that the robot demands stays as it is"


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_table_becomes_lines_and_no_heading_stands_over_nothing(kind: str, book: Write) -> None:
    table = "| 类别 | 条数 |\n|---|--:|\n| 质量 | 8 |\n\n### 全部\n\n"
    message = Message("t", "预警", body=table + "- " + "长" * 9000)
    with robot(kind, book) as service:
        assert send(service.home, message).accepted == 1
        text = content(kind, service.taken[0])
    assert "类别 · 条数" in text and "质量 · 8" in text and "---" not in text
    assert "全部\n" not in text and "余1条" in text


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_critical_message_calls_whom_the_book_names(kind: str, book: Write) -> None:
    with robot(kind, book, 'mention = ["13800000000"]\n') as service:
        send(service.home, Message(key="1", subject="一般"))
        send(service.home, Message(key="2", subject="紧急", severity=Severity.CRITICAL))
        calm, urgent = service.taken
    assert "13800000000" not in str(calm) and "13800000000" in str(urgent)


@pytest.mark.parametrize("kind", ("dingtalk", "feishu"))
def test_a_wrong_signature_is_seen_as_refused_for_good(
    kind: str, book: Write, environ: MutableMapping[str, str]
) -> None:
    environ["KEY"] = "SECwrong"
    with robot(kind, book, 'secret = "$KEY"\n', secret="SECright") as service:
        counts = send(service.home, Message(key="1", subject="预警"))
        assert service.taken == []
    assert counts.dead == 1
    (letter,) = Outbox.open(service.home).dead()
    assert "sign" in letter.reply


@pytest.mark.parametrize("kind", ("dingtalk", "feishu"))
def test_a_demanded_keyword_is_in_the_text_even_where_it_is_cut(kind: str, book: Write) -> None:
    with robot(kind, book, 'keyword = "值班口令"\n', keyword="值班口令") as service:
        assert send(service.home, LONG).accepted == 1
    with robot(kind, book, keyword="值班口令") as service:
        assert send(service.home, Message(key="without", subject="预警")).dead == 1


@pytest.mark.parametrize("kind", ROBOTS)
def test_an_unknown_robot_is_a_dead_letter(kind: str, book: Write) -> None:
    with robot(kind, book) as service:
        other = f"{service.web.url}{ROBOTS[kind][1]}another"
        (service.home.root / "url").write_text(other, encoding="utf-8")
        assert send(service.home, Message(key="1", subject="预警")).dead == 1


@pytest.mark.parametrize("kind", ("dingtalk", pytest.param("wecom", marks=pytest.mark.long)))
def test_no_minute_sees_more_than_eighteen(kind: str, book: Write) -> None:
    moment = [NOW.timestamp()]
    with robot(kind, book, limit=Limit(20, lambda: moment[0])) as service:
        outbox = Outbox.open(service.home)
        for n in range(22):
            outbox.enqueue(Message(key=str(n), subject=f"第{n}条"), ["it"], NOW)
        for minutes, delivered in ((0, 18), (0.5, 0), (1.2, 4)):
            now = NOW + timedelta(minutes=minutes)
            moment[0] = now.timestamp()
            counts = deliver_due(service.home, now)
            assert (counts.accepted, counts.failed) == (delivered, 0)
    assert len(service.taken) == 22


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_that_wants_rest_gets_it_and_then_the_message(kind: str, book: Write) -> None:
    with robot(kind, book, "per_minute = 0\n", limit=Limit(2, lambda: NOW.timestamp())) as service:
        outbox = Outbox.open(service.home)
        for n in range(5):
            outbox.enqueue(Message(key=str(n), subject=f"第{n}条"), ["it"], NOW)
        counts = deliver_due(service.home, NOW)
        assert (counts.accepted, counts.failed, counts.dead, counts.waiting) == (2, 1, 0, 3)
        service.limit = Limit(20)
        assert deliver_due(service.home, NOW + timedelta(seconds=50)).accepted == 0
        assert deliver_due(service.home, NOW + timedelta(minutes=15)).accepted == 3


def test_two_channels_with_one_url_are_one_robot(book: Write) -> None:
    with robot("wecom", book, '[channels.too]\nkind = "wecom"\nurl = "file:url"\n') as service:
        outbox = Outbox.open(service.home)
        for n in range(12):
            outbox.enqueue(Message(key=str(n), subject=f"第{n}条"), ["it", "too"], NOW)
        assert deliver_due(service.home, NOW).accepted == 18


ODD = {
    "dingtalk": [
        ({"errcode": -1, "errmsg": "系统繁忙"}, False),
        ({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "24ce64f6"}, False),
        ({"errcode": 999999, "errmsg": "a code nobody knows"}, False),
        ({"errcode": False, "errmsg": "no number"}, False),
        ({"errcode": 400102, "errmsg": "机器人已停用"}, True),
        ({"errcode": 300001, "errmsg": "token is not exist"}, True),
        ({"errcode": 300001, "errmsg": "send too fast"}, False),
        ({}, False),
    ],
    "wecom": [
        ({"errcode": -1, "errmsg": "system busy"}, False),
        ({"errcode": 45033, "errmsg": "api concurrent out of limit"}, False),
        ({"errcode": "0", "errmsg": "ok as a string"}, False),
        ({"errcode": 93004, "errmsg": "机器人被停用"}, True),
    ],
    "feishu": [
        ({"code": 9499, "msg": "too many request"}, False),
        ({"code": 9499, "msg": "Bad Request"}, True),
        ({"StatusCode": 0, "StatusMessage": "", "code": 19007, "msg": "Bot Not Enabled"}, True),
        ({"StatusCode": 19022, "StatusMessage": "Ip Not Allowed"}, True),
        ({"code": 2200, "msg": "internal error"}, False),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "answer", "dead"), [(kind, *case) for kind, cases in ODD.items() for case in cases]
)
def test_what_is_no_yes_is_refused_in_the_servers_words(
    kind: str, answer: dict[str, Any], dead: bool, book: Write
) -> None:
    with robot(kind, book) as service:
        service.web.answer = lambda _request: as_json(answer)
        counts = send(service.home, Message(key="1", subject="预警"))
    assert (counts.accepted, counts.failed, counts.dead) == (0, 1, int(dead))
    (attempt,) = Outbox.open(service.home).attempts()
    assert attempt.outcome is Outcome.REFUSED
    words = str(answer.get("errmsg", answer.get("msg", answer.get("StatusMessage", ""))))
    assert words.isascii() is False or words in attempt.reply


def test_too_much_haste_is_waited_for_under_whatever_status(book: Write) -> None:
    with robot("feishu", book) as service:
        service.web.answer = lambda _request: as_json({"code": 9499, "msg": "too many request"}, 400)
        counts = send(service.home, Message(key="1", subject="预警"))
    assert (counts.failed, counts.dead) == (1, 0)


def test_a_portal_page_is_no_yes(book: Write) -> None:
    with robot("wecom", book) as service:
        service.web.answer = lambda _request: (200, {"Content-Type": "text/html"}, b"<html>log in</html>")
        counts = send(service.home, Message(key="1", subject="预警"))
    assert counts.waiting == 1 and "not the service's own answer" in counts.sentences[0]


def test_signatures_are_those_of_the_documentation() -> None:
    # The example of Feishu's documentation: time 1599360473, key "demo".
    at = datetime.fromtimestamp(1599360473, UTC)
    assert signature("demo", at) == {
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    }
    url = signed("https://oapi.dingtalk.com/robot/send?access_token=x", "SECabc", at)
    assert "timestamp=1599360473000&sign=" in url and "%25" not in url


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=80), min_size=1, max_size=40
    ),
    st.integers(80, 2000),
)
def test_a_cut_text_never_exceeds_its_limit_and_counts_right(lines: list[str], limit: int) -> None:
    entries = [f"- {line}" for line in lines]
    text = fit(["标题", *entries], ["[查看全部](https://example.cn)"], limit)
    assert utf8(text) <= limit
    assert text.endswith("[查看全部](https://example.cn)")
    if "余" in text and "…" not in text and not any("余" in line for line in lines):
        left = int(text.split("余")[-1].split("条")[0])
        assert text.split("\n") == [
            "标题",
            *entries[: len(lines) - left],
            f"余{left}条",
            text.split("\n")[-1],
        ]


@given(st.lists(st.floats(0, 300), max_size=120), st.integers(1, 30))
def test_no_sixty_seconds_give_more_tokens_than_a_robot_has(arrivals: list[float], most: int) -> None:
    taken: list[float] = []
    given_at = []
    for now in sorted(arrivals):
        if (more := take(taken, now, most)) is not None:
            taken = more
            given_at.append(now)
        else:
            assert sum(now - 60 < at for at in given_at) == most
    for begin in given_at:
        assert sum(begin <= at < begin + 60 for at in given_at) <= most
