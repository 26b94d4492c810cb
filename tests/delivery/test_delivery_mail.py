"""Mail before a server with STARTTLS, login and refusals."""

from __future__ import annotations

import email
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from tests.delivery.certificates import authority
from tests.delivery.servers import Post, dripping_greeting

from fengping.delivery import Attachment, Message, Outbox, Outcome, Severity, deliver_due
from fengping.home import Home

Write = Callable[[str], Home]
NOW = datetime.now(UTC)
REPORT = Message(
    key="report weekly 2026-11-09",
    subject="直播带货舆情周报 11.02–11.08",
    lines=("信息 12,345 条，负面 1,024 条（8.3%）",),
    body="""### 主要事件

- **某主播** 道歉
- [样例店铺](https://example.cn/1) 发货不符

| 类别 | 条数 |
|---|---|
| 质量 | 8 |""",
    link="https://desk.example.cn/r/1",
    severity=Severity.WARNING,
    thread="weekly",
    attachments=(
        Attachment("周报.pdf", b"%PDF-1.7 \r\n.\r\n\x00\xff" * 100, "application/pdf"),
        Attachment(
            "周报.docx",
            b"PK\x03\x04",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ),
)


def toml(post: Post | int, more: str = "") -> str:
    port = post if isinstance(post, int) else post.port
    return (
        f'[channels.office]\nkind = "mail"\nserver = "127.0.0.1"\nport = {port}\n'
        f'sender = "风评 <monitor@example.cn>"\nto = ["desk@example.cn"]\nca_file = "tls/ca.pem"\n{more}'
    )


LOGIN = 'user = "monitor"\npassword = "$PASSWORD"\n'


def send(home: Home, message: Message = REPORT, to: tuple[str, ...] = ("office",)) -> Any:
    Outbox.open(home).enqueue(message, to, NOW)
    return deliver_due(home, NOW)


def parsed(post: Post) -> list[EmailMessage]:
    return [email.message_from_bytes(mail.content, policy=default) for mail in post.mails]  # type: ignore[misc]


def test_a_report_arrives_whole(book: Write, home: Home, environ: MutableMapping[str, str]) -> None:
    environ["PASSWORD"] = "pa55-w0rd"
    _, context = authority(home.root / "tls")
    with Post(context, "monitor", "pa55-w0rd").running() as post:
        assert send(book(toml(post, LOGIN)), to=("office", "office:lead@example.cn")).accepted == 2
        first, second = parsed(post)
    assert first["Subject"] == REPORT.subject and str(first["From"]) == "风评 <monitor@example.cn>"
    assert {str(first["To"]), str(second["To"])} == {"desk@example.cn", "lead@example.cn"}
    assert first["Message-ID"] != second["Message-ID"] and first["References"] == second["References"]
    assert first["X-Fengping-Id"] == REPORT.id
    plain, html = first.get_body(("plain",)), first.get_body(("html",))
    assert plain is not None and "样例店铺 https://example.cn/1" in plain.get_content()
    assert html is not None and '<a href="https://example.cn/1"' in html.get_content()
    files = {part.get_filename(): part.get_content() for part in first.iter_attachments()}
    assert files == {one.name: one.content for one in REPORT.attachments}


def test_the_page_is_made_of_tables_and_inline_style_alone(book: Write, home: Home) -> None:
    _, context = authority(home.root / "tls")
    hostile = Message(
        key="h", subject="<script>x</script>", body='<img src=x onerror="y"> [a](javascript:alert(1))'
    )
    with Post(context).running() as post:
        send(book(toml(post)))
        send(book(toml(post)), hostile)
        pages = [mail.get_body(("html",)).get_content() for mail in parsed(post)]  # type: ignore[union-attr]
    for page in pages:
        assert "<style" not in page and "<div" not in page and "flex" not in page and "<script" not in page
        assert page.count("<table") == page.count("</table>") and 'width="640"' in page and "bgcolor" in page
    assert "<img" not in pages[1] and 'href="javascript' not in pages[1]


def test_a_repeat_carries_the_same_id(book: Write, home: Home) -> None:
    _, context = authority(home.root / "tls")
    with Post(context).running() as post:
        home = book(toml(post))
        post.data = "451 4.3.0 later"
        send(home)
        post.data = ""
        deliver_due(home, NOW + timedelta(minutes=5))
        outbox = Outbox.open(home)
        claimed = outbox.attempts()
        assert [made.outcome for made in claimed] == [Outcome.ACCEPTED, Outcome.REFUSED]
        assert "451 4.3.0 later" in claimed[1].reply
        assert parsed(post)[0]["Message-ID"].startswith(f"<{REPORT.id}.")


@pytest.mark.parametrize(
    ("refusal", "data", "dead"),
    [("550 5.1.1 no such user", "", 1), ("450 4.2.1 greylisted", "", 0), ("", "552 5.3.4 too big", 1),
     ("", "421 4.7.0 try later", 0)],
)  # fmt: skip
def test_a_refusal_is_told_in_the_servers_words(
    refusal: str, data: str, dead: int, book: Write, home: Home
) -> None:
    _, context = authority(home.root / "tls")
    with Post(context).running() as post:
        post.refusal, post.data = refusal, data
        counts = send(book(toml(post)))
    assert (counts.accepted, counts.failed, counts.dead) == (0, 1, dead)
    (made,) = Outbox.open(home).attempts()
    assert made.outcome is Outcome.REFUSED and (refusal or data) in made.reply


def test_one_refused_recipient_keeps_no_other_from_its_mail(book: Write, home: Home) -> None:
    _, context = authority(home.root / "tls")
    with Post(context).running() as post:
        home = book(toml(post))
        outbox = Outbox.open(home)
        outbox.enqueue(REPORT, ["office:a@example.cn", "office:b@example.cn"], NOW)
        refused = iter(["450 4.2.1 greylisted"])
        real = post.handle_RCPT

        async def once(*arguments: Any) -> str:
            return next(refused, None) or await real(*arguments)

        post.handle_RCPT = once  # type: ignore[method-assign]
        counts = deliver_due(home, NOW)
    assert (counts.accepted, counts.failed, counts.waiting) == (1, 1, 1)


def test_a_wrong_password_is_refused_and_never_shown(
    book: Write, home: Home, environ: MutableMapping[str, str]
) -> None:
    environ["PASSWORD"] = "wrong-secret"
    _, context = authority(home.root / "tls")
    with Post(context, "monitor", "right").running() as post:
        counts = send(book(toml(post, LOGIN)))
    assert counts.dead == 1 and "535" in counts.sentences[0] and "wrong-secret" not in str(counts)


def test_without_starttls_no_password_and_no_mail_leaves_the_house(
    book: Write, environ: MutableMapping[str, str], home: Home
) -> None:
    environ["PASSWORD"] = "secret"
    authority(home.root / "tls")
    with Post(None).running() as post:
        counts = send(book(toml(post, LOGIN)))
        assert post.mails == []
    assert counts.waiting == 1 and "unreached" in counts.sentences[0]
    assert "STARTTLS" in counts.sentences[0]


def test_a_certificate_that_nobody_vouches_for_is_refused(book: Write, home: Home) -> None:
    _, context = authority(home.root / "elsewhere")
    authority(home.root / "tls")
    with Post(context).running() as post:
        counts = send(book(toml(post)))
        assert post.mails == []
    assert counts.waiting == 1 and "certificate" in counts.sentences[0]


def test_a_dripping_server_is_left_after_the_whole_limit(book: Write, home: Home) -> None:
    authority(home.root / "tls")
    with dripping_greeting() as port:
        counts = send(book(toml(port, "timeout = 1.0\n")))
    assert counts.waiting == 1
    (made,) = Outbox.open(home).attempts()
    assert made.outcome is not Outcome.ACCEPTED and "no end" not in made.reply


def test_what_is_too_big_to_attach_stays_away_and_the_mail_says_so(book: Write, home: Home) -> None:
    _, context = authority(home.root / "tls")
    with Post(context).running() as post:
        assert send(book(toml(post, "most_bytes = 1000\n"))).accepted == 1
        (mail,) = parsed(post)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["周报.docx"]
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None and "周报.pdf" in body.get_content() and "未附" in body.get_content()


@pytest.mark.parametrize("key", ["edition:weekly-1", "report:weekly:2026-11-02:2026-11-08"])
def test_a_report_whose_file_is_too_big_goes_to_nobody(key: str, book: Write, home: Home) -> None:
    _, context = authority(home.root / "tls")
    with Post(context).running() as post:
        assert send(book(toml(post, "most_bytes = 1000\n")), replace(REPORT, key=key)).dead == 1
        assert post.mails == []
