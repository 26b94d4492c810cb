"""Events of a single text in a report: which of them are cases, and the order in which they come."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports.test_report_cases import made_of
from tests.reports.test_report_lists import entry
from tests.reports.test_report_truth import post, spoken

from fengping.home import Home
from fengping.models import Act, Document
from fengping.reports.document import CaseCard, Table
from fengping.reports.wording import plain


def topic(title: str, text: str = "", comments: int = 0, day: float = 5, **about: object) -> Document:
    made = post(title, text, title=title, day=day, **{"issues": ("C03",), "live": True, **about})  # type: ignore[arg-type]
    return entry(made, comments)


def titles(home: Home, *documents: Document) -> list[str]:
    made = made_of(home, documents)
    return [block.case.title for block in made.blocks if isinstance(block, CaseCard)]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("老人买回一屋假砚台", "老人在直播间花两千块钱买下假砚台。"),
        ("少年沉迷抽卡", "少年在直播间拆卡已花费上万元。"),
        ("女子40多万买假砚台", ""),
        ("直播间卖假砚台", "买到的一百多件全是假的。"),
        ("直播间卖假砚台", "买到的9件全是假的。"),
    ],
)
def test_one_text_that_gives_a_figure_is_looked_at(home: Home, title: str, text: str) -> None:
    made = made_of(home, [topic(title, text, 20)])
    [leads] = [one for one in made.blocks if isinstance(one, Table) and "线索（" in one.caption]
    assert "或不详而不符合案例的其他条件，未作为案例" in leads.caption
    assert "名称多取自信息标题或正文开头，为信息所称" in plain(leads.note)


def test_one_text_without_a_figure_is_a_case_where_it_is_much_discussed(home: Home) -> None:
    told = [
        topic("直播间卖假砚台", "买到的砚台是塑料。", 640),
        topic("主播卖惨卖烂果", "收到的果子发黑。", 99, day=6),
        topic("直播间卖翻新茶壶", "茶壶是翻新的。", 4100, day=7),
        topic("新茶壶来了", "茶壶好看又好用。", 900, day=8, act=Act.PROMOTION),
        topic("茶壶摔了", "心情不好。", 900, day=9, issues=()),
    ]
    assert titles(home, *told) == ["直播间卖翻新茶壶", "直播间卖假砚台"]
    said = spoken(made_of(home, ()))
    assert "载有数量、金额或占比，或者互动量不少于100次的，方列为案例或线索" in said


def test_an_entry_that_is_taken_in_again_gives_its_event_no_place_before_others(home: Home) -> None:
    bare = topic("八块八的袜子卖了90万元", "八块八的袜子是假货。", 300)
    again = entry(topic("again", "", 300, day=5.2), 310, of=bare)
    more = topic("直播间卖翻新茶壶", "茶壶是翻新的，买家花了3000元。", 640, day=9)
    assert titles(home, bare, again, more) == ["直播间卖翻新茶壶", "八块八的袜子卖了90万元"]


def test_a_bare_title_that_says_too_little_is_no_case_though_it_is_taken_in_twice(home: Home) -> None:
    bare = topic("流量之祸", "", 300, issues=())
    again = entry(topic("again", "", 300, day=5.2, issues=()), 310, of=bare)
    assert titles(home, bare, again) == []


def test_an_event_of_which_one_document_lies_in_the_window_is_looked_at(home: Home) -> None:
    told = topic("主播卖假古董被查", "主播卖假古董，获利70多万元，已被刑拘。", 635)
    other = topic("主播卖假古董获利", "主播卖假古董，获利70多万元，已被刑拘。", 900, consumer=False, day=5.1)
    other = replace(other, group=told.group, first_in_group=False)
    assert titles(home, told, other) == ["主播卖假古董被查"]
