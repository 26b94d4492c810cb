"""Notices to the operator are told in Chinese; what has no Chinese words stands behind in the original."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fengping.delivery import deliver_due
from fengping.home import Home
from fengping.scheduler import notices

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)
DUE = "late was due at 2020-11-12T10:30:00+08:00 and has not begun."
DUE_SAID = "late 本该在 2020-11-12 10:30 开始，至今没有。"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (DUE, DUE_SAID),
        (f"已恢复：{DUE}", f"已恢复：{DUE_SAID}"),
        (f"- {DUE}（2020-11-12 – 2020-11-13）", f"- {DUE_SAID}（2020-11-12 – 2020-11-13）"),
        ("index: ended at its limit", "index 超时中止"),
        ("It was due at 2020-11-12T10:30:00+08:00 and began 1 d 1 h late.",
         "本该在 2020-11-12 10:30 开始，晚了 1 天 1 小时。"),
        ("the clock was ahead: jobs are brought back", "时钟曾走快：任务已按现在的时间重排"),
        ("12 collected by spiders today; usual: nothing known yet", "今天采集 12 条；平时 还说不上"),
        ("4件事同时出了问题", "4件事同时出了问题"),
        ("Odd words of a library", "需要人工处理（Odd words of a library）"),
    ],
)  # fmt: skip
def test_a_notice_is_told_in_chinese(home: Home, line: str, said: str) -> None:
    notices.tell(home, "k", line, [line], NOW)
    deliver_due(home, NOW)
    [kept] = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    message = json.loads(kept)
    assert message["subject"] == f"风评 {said}" and message["lines"] == [said]
