"""The program's own sentences on Chinese pages: said in Chinese, the original never lost."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from tests.web.conftest import NOW

import fengping
from fengping import sentences
from fengping.delivery import Message, Outbox, Outcome, Verdict
from fengping.errors import Failed, StoreDown, UsageError
from fengping.home import Home
from fengping.scheduler import ledger
from fengping.sentences import catalogue, chinese, plain, put, subject, told
from fengping.services import source
from fengping.services.home import public_sources
from fengping.state import State

ROOT = Path(fengping.__file__).parent
SPEAKING = (
    "spiders/health/verdict.py", "spiders/run/context.py", "spiders/sources",
    "spiders/source_dev/guessing/__init__.py", "scheduler/watchman.py",
    "scheduler/checks.py", "scheduler/outgoing.py", "scheduler/running.py", "services/letters.py",
    "services/unheard.py",
    "scheduler/by_hand.py", "delivery/book.py", "delivery/secrets.py", "delivery/sending.py",
    "delivery/senders", "services/alert.py", "services/alert_rules.py", "services/channels.py",
    "services/silencing.py", "services/routing.py", "services/sharing.py",
    "services/correct.py", "services/starting.py", "services/tagging.py", "services/queries.py",
    "services/query_users.py", "reports/outlines.py", "reports/facts/cuts.py", "reports/windows.py",
    "services/edition.py", "services/edition_files.py", "services/edition_sending.py",
    "services/edition_standing.py", "reports/archive/prints.py", "reports/archive/editions.py",
    "delivery/outbox.py", "alerts/ledger.py", "toml_edit.py", "errors.py",
    "services/switching.py", "events/asking.py", "alerts/silences.py", "indexer/pipeline/models.py",
    "alerts/rules", "indexer/search/query", "indexer/search/fields.py", "state", "web/pages",
    "web/accounts/book.py", "web/accounts/door.py", "web/working.py", "web/board.py", "web/desk.py",
)  # fmt: skip
"""Files whose sentences a page shows."""
CALLS = {"Verdict", "Trouble", "Outcome", "HTTPException", "ValueError"}
BARE = {
    "{}", "{}.", "{} {}", "{}: {}", "{} {}.", "{} (character {}).", "{} is {}: {}.",
    "{} Or put the whole in quotation marks.", "{} names {} in {}, which is not known.", "{} holds {{}}. {}",
}  # fmt: skip
"""Frames around sentences of other places."""


def said_in(file: Path) -> Iterator[str]:
    """Sentences that a file hands to an error, a verdict or a trouble, the changing parts as ``{}``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in CALLS or name.endswith(("Error", "Busy", "Down", "Failed", "Damaged", "Missing")):
                given = [
                    *node.args[name == "Trouble" :],
                    *(k.value for k in node.keywords if k.arg in ("remedy", "detail")),
                ]
                yield from filter(None, map(_written, given))


def _written(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def _files() -> Iterator[Path]:
    for name in SPEAKING:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def test_every_sentence_that_reaches_a_page_has_a_chinese_one() -> None:
    missing = {
        text
        for file in _files()
        for text in said_in(file)
        if text not in BARE and not re.search(r"[\u4e00-\u9fff]{4}", text)
        if not ((said := chinese(text.replace("{}", "1"))) and said.whole)
    }
    assert not sorted(missing)


def test_the_notes_of_the_shipped_sources_have_chinese_ones(home: Home) -> None:
    shipped = [one.source for one in source.listing(home).sources]
    missing = {t for s in shipped for t in (s.note, s.licence) if t and put(t, lang="zh") == t}
    assert len(public_sources()) > 10 and not missing


def test_a_chinese_sentence_takes_no_part_that_the_english_one_lacks() -> None:
    for english, said in catalogue().items():
        named, parts = re.findall(r"\{(\d?)\}", said), len(re.findall(r"\{(?:#|key|values)?\}", english))
        assert len({*named}) == len(named) or set(named) == {""}, english
        assert len(named) <= parts and all(int(n or 1) <= parts for n in named), english


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("blocked on 3 of 5 pages", "5 页里有 3 页被网站拦下"),
        (
            "all 4 runs of 2026-11-01 failed: blocked on 2 pages, 3 pages ended in errors",
            "2026-11-01 的 4 轮全部失败：2 页被拦、3 页出错",
        ),
        ("all 1 runs of 2026-11-01 failed: 5 pages ended in errors", "2026-11-01 的 1 轮全部失败：5 页出错"),
        ("Unknown rule '夜斑'. Did you mean '夜班'?", "没有规则“夜斑”。是不是“夜班”？"),
        ("late was due at 2020-11-12T10:30:00+08:00 and has not begun.",
         "late 本该在 2020-11-12 10:30 开始，至今没有。"),
        ("/a/night.toml, line 3: unknown key 'num_event'. Did you mean 'num_events'?",
         "/a/night.toml 第 3 行：没有“num_event”这个键。是不是“num_events”？"),
        ("The route 'night' of delivery.toml waits for what never comes: Unknown host '甲'. Known: 乙, 丙.",
         "路由“night”等的东西永远等不到：没有主播“甲”。有：乙、丙。"),
        ("HTTP 403 Forbidden", "HTTP 403 Forbidden"),
        ("机器人已停用", "机器人已停用"),
    ],
)  # fmt: skip
def test_a_known_sentence_is_said_whole(english: str, said: str) -> None:
    assert told(english, lang="zh") == said and told(english, lang="en") == english.replace("'", "&#39;")


def test_a_text_without_words_gets_its_kind_first_and_stays_readable() -> None:
    seen = told(
        "no list could be read: ccn: https://a.example: Connection was refused by other side.", lang="zh"
    )
    assert seen.startswith("一个列表也没读成：连接被拒绝。 <details") and "refused by other side." in seen
    assert told(StoreDown("Odd words of a library"), lang="zh").startswith("信息库没有应答 <details")
    assert told(Failed("It was refused by <peer> somehow"), lang="zh").startswith("没有做成：对方拒绝了 ")
    assert "&lt;peer&gt;" in told(Failed("It was refused by <peer> somehow"), lang="zh")
    known = told(
        UsageError("No document is chosen.", remedy="Tick some, then say what to do with them."), lang="zh"
    )
    assert known == "一条也没有选。先勾选，再说做什么。"
    words = "250 Said in other words"
    assert plain(words, "对方原话", lang="zh") == f"对方原话（{words}）"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"errcode":93000,"errmsg":"invalid webhook url"}', "没有这个机器人"),
        ('{"errcode":93017,"errmsg":"a thing nobody knows of"}', "对方拒绝了"),
        ("no connection (ConnectionRefusedError: [Errno 111] Connect call failed)", "连接被拒绝"),
    ],
)
def test_a_refusal_in_an_answer_is_no_refused_connection(answer: str, said: str) -> None:
    for sentence in (answer, f"duty refused: {answer}.", f"2 messages wait for duty. It said: {answer}."):
        seen = told(sentence, "对方原话", lang="zh").partition("<details")[0]
        assert said in seen and ("连接被拒绝" in seen) == (said == "连接被拒绝")


@given(st.text(max_size=200))
def test_any_text_can_be_told(text: str) -> None:
    for lang in ("zh", "en"):
        assert "<script" not in told(f"{text}<script>", lang=lang)


def test_pages_say_troubles_and_replies_in_chinese(client: TestClient, stocked: Home) -> None:
    state = State.open(stocked)
    with state.begin() as connection:
        run = ledger.begin(connection, "index", NOW - timedelta(hours=1))
        detail = "exit 1, fengping: The disk of Elasticsearch at http://127.0.0.1:9 is full: no room. "
        ledger.finish(connection, run, NOW, ledger.Outcome("failed", detail + sentences.__name__))
    outbox = Outbox.open(stocked)
    outbox.enqueue(Message(key="k", subject="试一条", lines=("一",)), ["file"], NOW)
    number = outbox.begin_attempt(Message(key="k2", subject="二", lines=("二",)), "file", "", NOW)
    with state.begin() as connection:
        outbox.note(
            connection, number, Verdict(Outcome.UNREACHED, "no connection (OSError: Connection refused)"), 1
        )
    jobs = client.get("/jobs").text
    assert "没有开任何来源：采不到新信息。" in jobs and "上一次 index 失败：退出码 1" in jobs
    log = client.get("/alerts").text
    assert "连不上：连接被拒绝" in log and "no connection (OSError: Connection refused)" in log
    assert "No source is enabled" in client.get("/jobs", params={"lang": "en"}).text
    assert (
        client.get("/search", params={"q": "(退款", "lang": "zh"}).text.count("第 1 个字的括号没有关上。")
        == 1
    )
    assert "没有来源 nobody。" in client.get("/sources/nobody").text


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("风评 news is degraded: 2 of 3 runs failed.", "风评 news 变差：3 轮里失败了 2 轮。"),
        ("风评 已恢复：news is degraded: 2 of 3 runs failed.", "风评 已恢复：news 变差：3 轮里失败了 2 轮。"),
        ("风评 index: ended at its limit", "风评 index 超时中止"),
        ("【预警】鹿十七：负面信息12条", "【预警】鹿十七：负面信息12条"),
        ("Weekly of nobody known", "Weekly of nobody known"),
    ],
)
def test_subjects_of_notices_are_chinese_in_the_log_of_deliveries(kept: str, said: str) -> None:
    assert subject(kept, lang="zh") == said and subject(kept, lang="en") == kept
