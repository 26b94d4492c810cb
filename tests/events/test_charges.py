"""The charge of an event, told from answers and what came of it, and what was found of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.events.test_latest import NOW, post
from tests.events.test_outcomes import ACCUSES, judged, steps
from tests.making import document

from fengping.events import Status
from fengping.events.answers.status import Step
from fengping.events.knowing import charging, denied, dossier, know, ruled
from fengping.home import Home
from fengping.models import Act, Polarity


def test_an_event_is_not_called_by_the_answer_that_it_begins_with(home: Home) -> None:
    shown = "电视台曝光某地残次棉被翻新后销售，檀木子直播间也在其列。"
    answer = post(1, "檀木子主播称所有棉被都符合标准", shown, act=Act.REPORT, **ACCUSES)
    charge = post(2, "檀木子棉被直播间被刷屏", shown, 1, act=Act.REPORT, **ACCUSES)
    found = judged(home, answer, charge)
    assert (found.title, found.status) == (charge.raw.title, Status.ANSWERED)
    assert steps(found) == [(Status.ANSWERED, answer.id)]
    assert charging([answer, charge], [answer, charge], found.steps) == [charge]
    assert charging([answer], [answer], found.steps) == [answer]
    turns = {turn.what: turn.document for turn in know([answer, charge], steps=found.steps).turns}
    assert turns["首次出现负面信息"] == charge.id


def test_a_suit_against_the_critic_is_not_the_charge() -> None:
    sues = post(1, "云朵面馆将起诉檀木子", "", **ACCUSES).with_judgement(brands=("云朵面馆",))
    against: dict[str, Any] = {"negative_brands": ("云朵面馆",), "brands": ("云朵面馆",)}
    critics = [post(n, f"檀木子第{n}次批评云朵面馆", "", n, **against) for n in (2, 3)]
    told = [sues, *critics]
    assert charging(told, told, ()) == critics
    assert charging([sues], told, ()) == [sues]


def test_the_answer_of_an_authority_is_no_first_charge() -> None:
    told = post(1, "檀木子被指涉毒警方回应", "", act=Act.RESPONSE, **ACCUSES)
    refuted = post(2, "檀木子未涉毒", "云溪警方通报：檀木子未涉毒。", 5, polarity=Polarity.NEU)
    ended = Step(Status.REFUTED, NOW, refuted.id, refuted.raw.title)
    turns = know([told, refuted], steps=[ended]).turns
    assert "首次出现负面信息" not in [turn.what for turn in turns]


@pytest.mark.parametrize(
    ("title", "text", "words"),
    [
        ("主播称三天变白", "檀木子宣称三天变白，被直播平台判定违规并限制推荐。", "平台已判违规"),
        ("檀木子低俗直播", "檀木子的账号已被永久封禁。", "平台已封禁"),
        ("檀木子直播间被封", "", "平台已封禁"),
        ("檀木子直播间曾被封禁", "", ""),
        ("檀木子卖假被", "主播怕被平台判定违规。", ""),
        ("官方辟谣直播间黑米片能防癌", "黑米片每瓶480元。", "宣称已被官方辟谣"),
        ("官方辟谣檀木子卖假被", "", ""),
    ],
)
def test_what_a_platform_ruled_and_which_claim_was_refuted_is_told(title: str, text: str, words: str) -> None:
    told = post(1, title, text, act=Act.REPORT, issues=("C02",), polarity=Polarity.NEG)
    assert ruled([told]) == words
    assert (words in [turn.what for turn in know([told]).turns]) is bool(words)
    assert ruled([told.with_judgement(act=Act.RESPONSE)]) == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("没有关门，是正常开馆的，不存在说不让游客进", "受访工作人员已否认"),
        ("目前没有库存", ""),
    ],
)
def test_who_is_asked_and_denies_is_told_though_not_accused(said: str, words: str) -> None:
    text = f"有网友称游客在殿外等了三小时。记者询问了云溪宫工作人员，对方表示，“{said}”。"
    assert denied([post(1, "檀木子直播云溪宫遭投诉", text, **ACCUSES)]) == words


def test_own_texts_are_counted_beyond_the_chain_that_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier, "CHAIN", 2)
    known = know([document(n, NOW + timedelta(hours=n), f"第{n}家也说锅铲断了柄") for n in range(5)])
    assert (len(known.chain), known.own) == (2, 5)
