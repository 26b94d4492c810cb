"""Words that a report does without or says plainly: courses, small means, charts of few, no links."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.reports.test_report_cases import WEEK, WEEKLY, charge, made_of
from tests.reports.test_report_lists import dossier, entry
from tests.reports.test_report_truth import build, post, spoken

from fengping.home import Home
from fengping.models import Document
from fengping.reports import numbers
from fengping.reports.document import Picture


@pytest.mark.parametrize(
    ("daily", "said"), [("0.003", "不足0.01"), ("0.005", "0.01"), ("0", "0.00"), ("0.27", "0.27")]
)
def test_a_mean_that_is_not_zero_is_not_printed_as_zero(daily: str, said: str) -> None:
    assert numbers.exact(Decimal(daily)) == said


def test_the_word_for_a_course_beside_its_peak_is_that_of_the_rules() -> None:
    posts = [post(f"p{n}", f"第{n}件坏了", day=n + 0.1) for n in range(28)]
    posts += [post(f"q{n}", f"又有{n}件坏了", day=9.2) for n in range(14)]
    assert "信息量呈集中趋势，10月29日出现舆情量峰值" in spoken(build(posts))


def test_livestream_selling_is_no_finding_where_all_is_of_it() -> None:
    posts = [post(f"p{n}", f"第{n}件坏了", issues=("C04",) * (n < 12), live=True) for n in range(20)]
    said = spoken(build(posts))
    assert "消费负面信息主要集中在商品质量方面。" in said
    less = [*posts, *(post(f"q{n}", f"另有{n}件坏了") for n in range(10))]
    assert "消费负面信息主要集中在直播带货和商品质量方面。" in spoken(build(less))


def test_no_field_leads_beside_livestream_selling_is_said_of_the_others() -> None:
    posts = [post(f"p{n}", f"第{n}件坏了", issues=("C04",) * (n < 2), live=True) for n in range(20)]
    assert "除直播带货外，归入各领域的信息均少于5条，不判断集中方面。" in spoken(build(posts))
    bare = [post(f"p{n}", f"第{n}件坏了", live=True) for n in range(20)]
    assert "除直播带货外，未归入其他问题类别，不判断集中方面。" in spoken(build(bare))


@pytest.mark.parametrize(("number", "drawn"), [(29, False), (30, True)])
def test_shares_of_few_are_not_drawn(number: int, drawn: bool) -> None:
    made = build([post(f"p{n}", f"第{n}件坏了") for n in range(number)])
    assert any("占比图" in b.caption for b in made.blocks if isinstance(b, Picture)) is drawn


@pytest.mark.parametrize("url", ["", "https://t.example/1"])
def test_a_dossier_promises_links_only_where_a_text_has_one(home: Home, url: str) -> None:
    told = [entry(charge(str(n), "林小禾", 5 + n)) for n in range(3)]
    said = spoken(dossier(home, [replace(one, raw=replace(one.raw, url=url)) for one in told]))
    assert ("；原文见链接。" in said) is bool(url)
    assert ("；原文未载网址，以文档编号在系统内查阅。" in said) is not bool(url)


def test_a_share_that_rose_by_the_total_alone_is_told_with_both_counts(home: Home) -> None:
    def week(first: float, negative: int, others: int) -> list[Document]:
        each = [("neg", n) for n in range(negative)] + [("neu", n) for n in range(others)]
        return [
            post(f"{first}{kind}{n}", f"第{n}件{kind}在{first}", polarity=kind, day=first + (n % 7) + 0.1)
            for kind, n in each
        ]

    said = spoken(made_of(home, [*week(8, 36, 160), *week(15, 35, 14)], WEEKLY, WEEK))
    assert "吐槽类占比上升" in said and "，吐槽类上期36条、本期35条，占比上升因日均总量减少。" in said
