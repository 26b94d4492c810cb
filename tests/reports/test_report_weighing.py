"""Events that nobody signed: which come first, which are no matter, and what is quoted of them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from tests.readings import Said, as_read
from tests.reports.test_report_cases import made_of
from tests.reports.test_report_lists import entry
from tests.reports.test_report_single import titles, topic
from tests.reports.test_report_truth import NOW, spoken, table

from fengping import reports
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document, Role
from fengping.reports import Report, Scope, find_kind
from fengping.reports.document import CaseCard
from fengping.reports.facts import Case
from fengping.reports.wording import plain


def cases_of(report: Report) -> list[Case]:
    return [block.case for block in report.blocks if isinstance(block, CaseCard)]


def rows_of(report: Report) -> list[list[str]]:
    leads = table(report, "线索")
    return [[str(one.value) for one in row] for row in leads.rows] if leads else []


def fault(number: int, comments: int = 900) -> Document:
    goods = "砚台茶壶毛笔字画木雕竹椅瓷瓶铜镜石磨藤篮草帽布鞋"[2 * number : 2 * number + 2]
    return topic(f"直播间卖翻新{goods}", f"{goods}是翻新的。", comments - number, day=3 + number)


def test_cases_beyond_the_list_are_counted(home: Home) -> None:
    made = made_of(home, [fault(n) for n in range(12)])
    assert len(cases_of(made)) == 10
    assert "另有2件符合上述条件，未列出。" in spoken(made)


def test_leads_beyond_the_list_are_counted(home: Home) -> None:
    made = made_of(home, [replace_text(fault(n)) for n in range(11)])
    leads = table(made, "线索")
    assert leads and len(leads.rows) == 8
    note = plain(leads.note)
    assert "按同一次序只列前8件，另有3件符合线索的条件，未列出。" in note
    # Without a case the order and the conditions of cases stand here.
    assert not cases_of(made) and "线索按有原创文本的发布主体数、信息条数" in note
    assert "方列为案例。" in note
    rules = [str(rule.value) for _, rule in table(made, "判定阈值").rows]
    assert not any("案例的说明" in rule for rule in rules)


def replace_text(made: Document) -> Document:
    """The same without a text."""
    return replace(made, raw=replace(made.raw, text=""))


def test_no_more_is_said_where_all_are_listed(home: Home) -> None:
    assert "未列出" not in spoken(made_of(home, [fault(n) for n in range(3)]))


def test_a_penalty_and_a_test_come_before_talk(home: Home) -> None:
    told = [
        fault(0, 9000),
        topic("直播间买十件毛笔七件是假货", "记者将10件毛笔送检，鉴定7件是假货。", 120, day=12),
        topic("团伙卖假砚台被判刑", "团伙在直播间卖假砚台。", 110, day=13),
    ]
    made = made_of(home, told)
    assert [case.title for case in cases_of(made)] == [
        "团伙卖假砚台被判刑", "直播间买十件毛笔七件是假货", "直播间卖翻新砚台",
    ]  # fmt: skip
    assert "来源未载明发布主体的，先列处罚、判决，再列检验和消费者组织的调查" in spoken(made)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("警惕直播间砚台骗局", "近期，一些不法分子在直播间卖假砚台。"),
        ("判断砚台真假只能靠敲吗", "商家开始集体在直播间敲砚台。"),
        ("年度直播乱象", "假货、低俗、套路屡禁不止。"),
        ("今年大促究竟哪些东西便宜", "满减规则搞不懂，一不留神就“0元”下单，众多网友吐槽。"),
        ("消费者苦直播间假砚台久矣", "假货屡禁不止，伤了消费者的心。"),
        ("骗子直播间推销劣质砚台", "各类新式骗局层出不穷，让老年人防不胜防。"),
        ("请主播带货成交量却为零", "商家已经支付的带货费用还能退还。"),
    ],
)
def test_a_warning_a_question_an_opinion_and_a_review_are_no_matter(
    home: Home, title: str, text: str
) -> None:
    made = made_of(home, [topic(title, text, 900)])
    assert not cases_of(made) and not rows_of(made)


@pytest.mark.parametrize(
    "title",
    [
        "专家谈林小禾卖假砚台",
        "教你拆穿林小禾的假砚台",
        "林小禾翻车客服是否该为主播担责",
        "盘点林小禾卖过的假砚台",
    ],
)
def test_who_speaks_of_one_whom_all_accuse_brings_no_charge_of_his_own(home: Home, title: str) -> None:
    about = {"hosts": ("林小禾",), "negative_hosts": ("林小禾",)}
    talk = topic(title, "林小禾的假砚台伤了大家的心。", 900)
    assert not rows_of(made_of(home, [talk.with_judgement(**about)]))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("林小禾卖的是假砚台吗", "林小禾的假砚台伤了大家的心。"),
        ("盘点林小禾卖过的假砚台", "张女士花3000元在林小禾直播间买到假砚台，随后报案。"),
    ],
)
def test_who_asks_whether_one_sold_fakes_accuses_him(home: Home, title: str, text: str) -> None:
    about = {"hosts": ("林小禾",), "negative_hosts": ("林小禾",)}
    assert rows_of(made_of(home, [topic(title, text, 900).with_judgement(**about)]))


def test_an_opinion_is_no_charge_against_who_gives_it(home: Home) -> None:
    said = topic("林小禾建议别怕添加剂", "林小禾说添加剂合规就没有问题。", 900, act=Act.OTHER)
    said = said.with_judgement(hosts=("林小禾",), negative_hosts=())
    assert not rows_of(made_of(home, [said]))


def test_a_warning_that_tells_what_befell_somebody_is_a_matter(home: Home) -> None:
    assert titles(home, topic("警惕直播间假砚台", "张女士花3000元买到假砚台，随后报案。", 900))


def test_an_investigation_under_cover_is_a_matter(home: Home) -> None:
    told = topic("暗访砚台市场乱象", "记者暗访云溪砚台市场，部分商家在直播间用塑料冒充砚台。", 900)
    assert titles(home, told)


def test_an_entry_taken_in_again_is_as_much_discussed_as_at_last(home: Home) -> None:
    told = topic("直播间卖翻新砚台", "买家收到的砚台是翻新的。", 86)
    again = replace(
        told, raw=replace(told.raw, id="f" * 32, engagement=replace(told.raw.engagement, comments=352))
    )
    assert titles(home, told, again)


def test_a_bare_title_is_a_lead_and_nobody_is_asked_to_answer_it(home: Home) -> None:
    made = made_of(home, [topic("直播间卖假砚台", "", 900), fault(0)])
    assert [case.title for case in cases_of(made)] == ["直播间卖翻新砚台"]
    assert [row[-1] for row in rows_of(made)] == ["仅有标题"]
    said = spoken(made)
    assert "“仅有标题”指所收信息没有正文" in plain(table(made, "线索").note)  # type: ignore[union-attr]
    assert "归入该事件的信息中未见被指一方的公开回应" not in said
    evidence = table(made, "案例证据")
    assert evidence and "直播间卖假砚台（所收信息仅有标题，未载详情）" in str(evidence.rows)


def test_a_title_that_very_many_spoke_of_is_a_case_that_proves_nothing(home: Home) -> None:
    made = made_of(home, [topic("8块8的草药砚台卖了250万元", "", 3_000), fault(0)])
    assert [case.title for case in cases_of(made)] == ["直播间卖翻新砚台", "8块8的草药砚台卖了250万元"]
    bare = cases_of(made)[1]
    assert (bare.standing, bare.silence, bare.is_quoted) == ("仅有标题", "", False)
    assert "“仅有标题”指所收信息没有正文" in spoken(made)


def test_a_single_text_that_accuses_nobody_known_asks_for_no_answer(home: Home) -> None:
    [case] = cases_of(made_of(home, [fault(0)]))
    assert case.silence == ""


def test_a_counterfeited_brand_does_not_name_who_sells(home: Home) -> None:
    sold = topic("团伙卖假冒名牌包被判刑", "团伙在直播间卖假冒的云岭牌包。", 300)
    sold = sold.with_judgement(brands=("云岭牌",), roles={"云岭牌": Role.BYSTANDER})
    assert [case.title for case in cases_of(made_of(home, [sold]))] == ["团伙卖假冒名牌包被判刑"]


def test_a_counterfeited_brand_is_masked_as_one(home: Home) -> None:
    sold = topic("花两千买云岭牌手机被说一眼假", "杨先生在林小禾直播间花2000元买的云岭牌手机是假货。", 30)
    sold = sold.with_judgement(
        hosts=("林小禾",), negative_hosts=("林小禾",), brands=("云岭牌",), roles={"云岭牌": Role.BYSTANDER}
    )
    assert rows_of(made_of(home, [sold]))[0][1] == "花两千买〔某品牌甲〕手机被说一眼假"


def test_a_lead_of_a_host_that_accuses_another_says_so(home: Home) -> None:
    said = topic("林小禾称有主播卖假砚台", "林小禾称有主播的砚台卖3000元，是假货。", 300)
    against = topic("林小禾直播间卖假毛笔", "买家花2000元买的毛笔是假货。", 10, day=7)
    told = [
        said.with_judgement(hosts=("林小禾",), negative_hosts=()),
        against.with_judgement(hosts=("林小禾",), negative_hosts=("林小禾",)),
    ]
    made_of(home, told)
    kind = find_kind("host")
    window = reports.window_of(kind, "2024-10-20", "2024-11-16", NOW)
    with closing(open_store(home)) as store:
        made = reports.build(store, kind, window, home=home, scope=Scope(where={"hosts": ("林小禾",)}))
    assert [(row[1], row[-1]) for row in rows_of(made)] == [
        ("林小禾直播间卖假毛笔", "未证实"),
        ("林小禾称有主播卖假砚台", "未证实（仅提及该主播，未判定指向）"),
    ]


def test_comments_alone_are_called_so(home: Home) -> None:
    [card] = [b for b in made_of(home, [fault(0)]).blocks if isinstance(b, CaseCard)]
    assert "评论量约900" in plain(card.intro) and "互动量" not in plain(card.intro)


def test_figures_of_sales_are_none_of_the_charge(home: Home) -> None:
    text = "该主播30天直播6场，销售额超1亿元。买到的100件砚台中69件是假货。"
    told = as_read(topic("直播间百件砚台多是假货", text, 900), Said("charge", clause=text.partition("。")[2]))
    [case] = cases_of(made_of(home, [told]))
    assert [quote.text for quote in case.claims] == ["买到的100件砚台中69件是假货。"]


def test_one_sentence_is_no_evidence_twice(home: Home) -> None:
    made = made_of(home, [topic("直播间百件砚台多是假货", "买到的100件砚台中69件是假货。", 900)])
    evidence = table(made, "案例证据")
    assert evidence and [row[1].value for row in evidence.rows] == ["首发"]


def test_an_entry_taken_in_again_stays_one_matter(home: Home) -> None:
    first = topic("直播间卖假砚台", "砚台是塑料。", 300)
    again = entry(topic("again", "", 300, day=5.2), 310, of=first)
    assert titles(home, first, again) == ["直播间卖假砚台"]
