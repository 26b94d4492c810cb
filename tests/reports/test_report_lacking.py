"""Figures of a title that the text below it does not give are named."""

from __future__ import annotations

import pytest
from tests.reports.test_report_passages import charged
from tests.reports.test_report_single import topic
from tests.reports.test_report_truth import table
from tests.reports.test_report_weighing import cases_of, made_of

from fengping.home import Home
from fengping.reports.facts.lacking import lacking
from fengping.reports.wording import plain


@pytest.mark.parametrize(
    ("title", "text", "remark"),
    [
        ("买砚台实付321元直买仅308", "有买家称预售更贵。", "标题所述“321元”、“308”，所收正文未载"),
        ("主播售假被判3年赔32万", "法院判处其有期徒刑三年，赔偿320000元。", ""),
        ("男子打赏60万", "豪掷六十多万。", ""),
        ("团伙获利70余万", "团伙获利70万元。", ""),
        ("双11买2件砚台都是假的", "买家收到后发现是假的。", ""),
        ("2024年10月8日卖假砚台", "买家收到后发现是假的。", ""),
        ("买砚台花了5000元", "", ""),
    ],
)
def test_figures_of_a_title_are_looked_for_in_its_text(title: str, text: str, remark: str) -> None:
    assert lacking(charged(title, text)) == remark


def test_a_case_and_a_lead_say_which_figures_their_text_lacks(home: Home) -> None:
    told = topic("买砚台花4800元是翻新的", "买家在直播间买的砚台是翻新的。", 900)
    [case] = cases_of(made_of(home, [told]))
    assert case.lacking == "标题所述“4800元”，所收正文未载"
    made = made_of(home, [topic("买砚台花4800元是翻新的", "买家在直播间买的砚台是翻新的。", 20)])
    evidence = table(made, "案例证据")
    assert evidence and "（标题所述“4800元”，所收正文未载）" in "".join(map(str, evidence.rows))


def test_the_card_of_a_case_prints_the_remark(home: Home) -> None:
    made = made_of(home, [topic("买砚台花4800元是翻新的", "买家在直播间买的砚台是翻新的。", 900)])
    said = "".join(plain(block.intro) for block in made.blocks if hasattr(block, "intro"))
    assert "标题所述“4800元”，所收正文未载。" in said
    [line] = [plain(line) for line in made.digest if "案例" in plain(line)]
    assert "标题所述“4800元”，所收正文未载。" in line
