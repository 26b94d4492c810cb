"""A long text costs as much a character as a short one, whatever it repeats."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judges import load_once

from fengping.analysis import Judge, SourceKind, mentions
from fengping.analysis.hosts.unlisted import unlisted
from fengping.analysis.settling import wanting
from fengping.config import AnalysisConfig

BEGIN = "黑心主播卖假货，消费者投诉直播间虚假宣传，售后不退款！"
PARTS = (
    "李佳琦", "薇娅", "小杨哥", "（化名）", "@", "180", "假货", "没有假货。", "承诺是正品，收到是假货",
    "消费者投诉", "被罚", "赔付", "向", "等", "，", "。",
    "“", "”", "（", "#", " ", "1", "抖音", "旗舰店", "甲乙牌", "某",
)  # fmt: skip
SMALL = 400
TIMES = 4


class Steps:
    """Counts the interpreter's instructions and the characters that are copied out of a text or searched."""

    def __init__(self) -> None:
        self.count = 0

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self.count += event == "opcode"
        return self.trace

    def text(self, content: str) -> str:
        steps = self

        class Counted(str):
            def __getitem__(self, key: SupportsIndex | slice) -> str:
                part = str.__getitem__(self, key)
                steps.count += len(part)
                return part

            def __contains__(self, other: object) -> bool:
                steps.count += len(self)
                return str.__contains__(self, other)  # type: ignore[operator]

        return Counted(content)


def steps(judge: Judge, text: str, patch: pytest.MonkeyPatch) -> int:
    counted = Steps()
    fold = mentions.fold
    with patch.context() as inside:
        inside.setattr(mentions, "fold", lambda content: counted.text(fold(content)))
        before = sys.gettrace()
        sys.settrace(counted.trace)
        try:
            judge.judge([text], kinds=[SourceKind.NEWS])
        finally:
            sys.settrace(before)
    return counted.count


@given(parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=3))
@settings(max_examples=6, deadline=None)
def test_judging_takes_steps_in_proportion_to_the_length(parts: list[str]) -> None:
    check_steps("".join(parts))


def check_steps(repeated: str) -> None:
    judge = load_once(AnalysisConfig())
    short = BEGIN + repeated * (SMALL // len(repeated))
    long = BEGIN + repeated * (TIMES * SMALL // len(repeated))
    with pytest.MonkeyPatch.context() as patch:
        judge.judge([long])  # what is loaded once and remembered costs nothing below
        assert steps(judge, long, patch) < 1.3 * TIMES * steps(judge, short, patch)


@pytest.mark.parametrize(
    "repeated",
    [
        "李佳琦", "李佳琦承诺是正品，收到是假货", "承诺正品，收到是假货，", "没有假货。", "180李佳琦",
        "李佳琦向薇娅赔付", "甲乙旗舰店，",
    ],
)  # fmt: skip
def test_names_charges_and_promises_repeated_take_linear_steps(repeated: str) -> None:
    check_steps(repeated)


def test_a_platform_named_again_and_again_takes_at_most_three_times_usual_steps() -> None:
    judge = load_once(AnalysisConfig())
    usual = BEGIN + "买了件衣服，收到后质量很差，客服一直不回复，申请退款也没有人处理，希望大家不要上当。"
    texts = usual * 40, BEGIN + "抖音" * (len(usual) * 20)
    with pytest.MonkeyPatch.context() as patch:
        judge.judge(texts)
        ordinary, repeated = (steps(judge, text, patch) / len(text) for text in texts)
    assert repeated < 3 * ordinary


def test_a_number_of_many_digits_is_read_once() -> None:
    digits = "1" * 200_000
    assert wanting(f"检测了{digits}件，其中7件不合格") == (3, 3 + len(digits) + len("件，其中7件不合格"))
    assert wanting(digits) is None
    assert wanting("检测了三11块，7件是假货") is not None


def test_a_shop_of_many_platforms_is_read_once() -> None:
    assert list(unlisted("天猫" * 100_000, [])) == []
    assert [*unlisted("华美天猫旗舰店", [])] == [(0, 2)]
