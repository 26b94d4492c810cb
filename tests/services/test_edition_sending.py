"""An edition that lacks a file is not signed and not sent; sent is what somebody has taken."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.commands import fengping
from tests.delivery.certificates import authority
from tests.delivery.servers import Post
from tests.delivery.test_delivery_mail import parsed, toml
from tests.reports.test_editions import BLAMED, fill, signed
from tests.reports.test_report_truth import NOW

from fengping.delivery import Outbox, deliver_due
from fengping.errors import UsageError
from fengping.home import Home
from fengping.progress import Record, Remark
from fengping.reports.archive import Action, Editions, EditionState
from fengping.reports.render import pdf
from fengping.services import edition as editions
from fengping.services import edition_sending
from fengping.services.edition_sending import letters, settle
from fengping.services.report import Wanted

WANTED = Wanted("double11", year=2024)


@pytest.fixture
def filled(home: Home) -> Home:
    fill(home, BLAMED)
    return home


@pytest.fixture
def bare(environ: MutableMapping[str, str]) -> None:
    """A machine without Chromium."""
    environ["FENGPING_CHROMIUM"] = "/nowhere"


@pytest.mark.usefixtures("bare")
def test_without_chromium_a_draft_says_so_and_is_neither_signed_nor_sent(filled: Home) -> None:
    told: list[Record] = []
    made = editions.draft(filled, WANTED, NOW, ("md", "pdf"), show=told.append)
    assert [r.text for r in told if isinstance(r, Remark)] == [
        f"{made.number} has no PDF and cannot be signed without: FENGPING_CHROMIUM names /nowhere, "
        "which does not exist. Name the program of an installed Chromium, or unset the variable."
    ]
    assert editions.missing(filled, made.number) == ("pdf",)
    with pytest.raises(UsageError, match="lacks its PDF and is not sent cut"):
        editions.send(filled, made.number, ["file"], NOW, test=True)
    editions.advance(filled, made.number, EditionState.REVIEWED, "甲", NOW)
    with pytest.raises(UsageError, match="is not signed without its PDF: FENGPING_CHROMIUM names"):
        editions.advance(filled, made.number, EditionState.SIGNED, "乙", NOW)
    text = (Editions(filled).folder(made.number) / f"{made.number}.md").read_text("utf-8")
    assert "已审阅，未签发" in text and "已签发" not in text
    assert Editions(filled).find(made.number).state is EditionState.REVIEWED
    without = editions.draft(filled, WANTED, NOW, ("md", "docx"))
    assert signed(filled, without.number).state is EditionState.SIGNED
    assert editions.send(filled, without.number, ["file"], NOW) == 1


def test_a_signed_edition_whose_file_is_gone_is_not_sent_cut(filled: Home) -> None:
    made = editions.draft(filled, WANTED, NOW, ("md", "docx"))
    signed(filled, made.number)
    (Editions(filled).folder(made.number) / f"{made.number}.docx").unlink()
    with pytest.raises(UsageError, match="lacks its DOCX and is not sent cut"):
        editions.send(filled, made.number, ["file"], NOW)


@pytest.fixture
def shut() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def test_it_is_sent_once_somebody_has_taken_it(filled: Home, shut: int) -> None:
    channels = f'[channels.desk]\nkind = "webhook"\nurl = "http://127.0.0.1:{shut}/"\n'
    (filled.root / "delivery.toml").write_text(channels, encoding="utf-8")
    made = editions.draft(filled, WANTED, NOW, ("md",))
    signed(filled, made.number)
    assert editions.send(filled, made.number, ["desk"], NOW) == 1
    assert Editions(filled).find(made.number).state is EditionState.SIGNED
    assert [letter.status for letter in letters(filled, made.number)] == ["waiting"]
    (filled.root / "delivery.toml").write_text(
        '[channels.desk]\nkind = "file"\npath = "sent.jsonl"\n', encoding="utf-8"
    )
    later = NOW + timedelta(days=1)
    deliver_due(filled, later)
    settle(filled)
    done = Editions(filled).find(made.number)
    assert done.state is EditionState.SENT and done.sent_at is not None and done.sent_at >= later
    assert not Outbox.open(filled).waiting()


def test_a_struck_total_is_no_empty_report(filled: Home) -> None:
    made = editions.draft(filled, WANTED, NOW, ("md",))
    editions.edit(filled, made.number, Action.STRIKE, "fact:total", "", "甲", NOW)
    editions.send(filled, made.number, ["file"], NOW, test=True)
    [line] = (filled.var / "delivery" / "messages.jsonl").read_text("utf-8").splitlines()
    assert "没有监测范围内的信息" not in line and "问题较集中的领域" in line and made.number in line


def test_a_command_drafts_with_all_that_a_report_takes_and_says_what_is_missing(filled: Home) -> None:
    filled.config_file.write_text('[report]\nissuer = "样本消费者协会"\n', encoding="utf-8")
    cited = filled.root / "cited.toml"
    cited.write_text('[[figure]]\ntext = "某数字"\nsource = "样本局"\n', encoding="utf-8")
    desks = filled.root / "desks.csv"
    desks.write_text(
        "source,first,last,what,value,url\n样本热线,2024-11-01,2024-11-11,投诉,68756,\n", encoding="utf-8"
    )
    done = fengping(
        filled, "edition", "draft", "double11", "--year", "2024", "--format", "md,pdf", "--source", "s",
        "--title", "样本月报", "--official", str(desks), "--background", str(cited), "--min-publishers", "5",
        "--generated-at", "2024-12-01T09:00", FENGPING_CHROMIUM="/nowhere/chromium",
    )  # fmt: skip
    [number] = re.findall(r"double11-[0-9a-f]{6}-20241020-20241116-1", done.stdout)[:1]
    assert done.returncode == 0 and f"{number} has no PDF and cannot be signed without" in done.stderr
    text = (Editions(filled).folder(number) / f"{number}.md").read_text("utf-8")
    assert text.startswith("# 样本月报") and "来源为s" in text and "编制时间：2024-12-01 09:00" in text
    assert "某数字" in text and "68756" in text and "不少于5个有原创文本的发布主体" in text
    listed = fengping(filled, "edition", "list").stdout
    assert "样本消费者协会" in listed and f"{Editions(filled).find(number).made_at:%Y-}" in listed
    refused = fengping(filled, "edition", "edit", number, "reword", "case:x", "--text", "x", "--by", "甲")
    assert refused.returncode == 2 and "holds no 'case:x'" in refused.stderr


def test_the_mail_of_an_edition_has_both_files_and_its_digest_as_page(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "render_pdf", lambda report: b"%PDF-1.7")
    _, context = authority(filled.root / "tls")
    with Post(context).running() as post:
        (filled.root / "delivery.toml").write_text(toml(post), encoding="utf-8")
        made = editions.draft(filled, WANTED, NOW, ("pdf", "docx"))
        signed(filled, made.number)
        editions.send(filled, made.number, ["office"], NOW)
        [mail] = parsed(post)
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == [f"{made.number}.pdf", f"{made.number}.docx"]
    page = mail.get_body(("html",))
    assert page is not None and "<li>监测期28天" in page.get_content()


def test_a_test_goes_to_those_alone_who_are_named(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = editions.draft(filled, WANTED, NOW, ("html", "md", "json"))
    kind, *rest = edition_sending.kind_of(filled, WANTED)
    monkeypatch.setattr(edition_sending, "kind_of", lambda *_: (replace(kind, recipients=("file",)), *rest))
    with pytest.raises(UsageError, match="To whom"):
        editions.send(filled, made.number, [], NOW, test=True)
    assert not letters(filled, made.number)
