"""Printed statuses: what an authority or a platform found, whose answer it is, and what was fined."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from tests.reports.printing import as_text
from tests.reports.test_report_cases import both, card_of, case_of, charge, denial, made_of
from tests.reports.test_report_truth import DOUBLE11, WINDOW, post, table

from fengping import events, reports
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document
from fengping.reports import Scope
from fengping.reports.document import Paragraph
from fengping.reports.wording import plain

CHARGES = [charge(f"{n}", "林小禾", 10 + n / 100) for n in range(3)]


def told(title: str, text: str, *, day: float = 12, act: Act = Act.REPORT, **about: Any) -> Document:
    return post("told", text, title=title, day=day, host="林小禾", live=True, act=act, **about)


CAUGHT = "湖湾警方破获一起以化纤充蚕丝被的售假案，林小禾已被刑拘。"
POLICE = told("林小禾直播间售卖不含蚕丝的蚕丝被被抓", CAUGHT)
DESK = told("湖湾市监局已介入林小禾直播间蚕丝被不含蚕丝", "林小禾直播间蚕丝被不含蚕丝。")


@pytest.mark.parametrize(
    ("step", "regulator", "headed", "standing"),
    [
        (POLICE, "公安机关", "警方已查处", "警方已查处"),
        (DESK, "地方市场监管局", "未证实，监管已介入", "未证实（监管已介入）"),
    ],
)
def test_heading_summary_and_text_tell_one_status(
    home: Home, step: Document, regulator: str, headed: str, standing: str
) -> None:
    made = made_of(home, [*CHARGES, step.with_judgement(regulators=(regulator,), issues=("C03",))])
    card, printed = card_of(made), as_text(made, "md")
    assert f"{card.heading}（{headed}）" in printed
    assert f"案例“{card.case.title}”（{headed}）" in printed
    assert f"状态：{standing}。" in plain(card.intro)
    notes = "".join(plain(block.text) for block in made.blocks if isinstance(block, Paragraph))
    assert ("（如“警方已查处”），指信息称其已有此举，不等于指称已经证实" in notes) is (headed == standing)


def test_a_report_on_a_host_tells_what_its_agency_was_ordered(home: Home) -> None:
    home.hosts.write_text(
        'version = 1\n\n[[host]]\nname = "林小禾"\n'
        'agencies = [{ name = "云湖文化" }, { name = "旧东家", to = "2023-01" }]\n',
        encoding="utf-8",
    )
    text = "湖湾市市场监管局依法对云湖文化作出行政处罚，责令暂停经营限期整改。"
    ordered = post("ordered", text, title="湖湾市监局责令云湖文化停业整改", day=14, act=Act.PENALTY)
    former = post(
        "former",
        text.replace("云湖文化", "旧东家"),
        title="湖湾市监局责令旧东家停业整改",
        day=15,
        act=Act.PENALTY,
    )
    posts = [
        one.with_judgement(regulators=("地方市场监管局",), brands=(name,), negative_brands=(name,))
        for one, name in ((ordered, "云湖文化"), (former, "旧东家"))
    ]
    with closing(open_store(home)) as store:
        store.put([*CHARGES, *posts])
        events.update(home, store)
        scope = Scope(where={"hosts": ("林小禾",)})
        made = reports.build(store, DOUBLE11, WINDOW, home=home, scope=scope)
    moves = table(made, "监管动态")
    assert moves and [row[3].value for row in moves.rows] == ["湖湾市监局责令〔某商家甲〕停业整改"]
    said = "".join(plain(block.text) for block in made.blocks if isinstance(block, Paragraph))
    assert "取自符合检索与来源条件的和提及其所属机构的信息" in said
    case = card_of(made).case
    act = "2024-11-03另有涉及被指方所属机构的查处“湖湾市监局责令〔某商家甲〕停业整改”，未判定是否就此事"
    assert case.standing == f"未证实（{act}）"
    assert [(one.status, one.quote.reference.id) for one in case.grounds] == [(act, ordered.id)]


OPENED = "另有涉及被指方的立案调查“林小禾被立案调查”"


@pytest.mark.parametrize(
    ("day", "accused", "standing"),
    [
        (
            20,
            ("林小禾",),
            f"未证实（2024-11-09{OPENED}，未判定是否就此事）",
        ),
        (2, ("林小禾",), "未证实"),  # before the charge
        (20, (), "未证实"),  # who is named beside the accused
    ],
)
def test_an_act_of_no_thing_stands_behind_the_status_of_what_it_may_be_about(
    home: Home, day: float, accused: tuple[str, ...], standing: str
) -> None:
    text = "湖湾市市场监管局通报，对林小禾所在直播间立案调查。"
    act = post("act", text, title="林小禾被立案调查", day=day, host="林小禾", act=Act.PENALTY)
    act = act.with_judgement(regulators=("地方市场监管局",), negative_hosts=accused)
    assert case_of(home, [*CHARGES, act]).standing == standing


def test_an_act_that_says_for_what_it_was_is_on_that_matter_alone(home: Home) -> None:
    text = "湖湾市公安局通报，林小禾因身着警服直播带货被行政拘留7日。"
    act = post("act", text, title="林小禾被行政拘留", day=20, host="林小禾", act=Act.PENALTY)
    act = act.with_judgement(regulators=("地方公安",), negative_hosts=("林小禾",))
    assert case_of(home, [*CHARGES, act]).standing == "未证实"


def test_an_act_that_stands_alone_is_no_further_one(home: Home) -> None:
    home.hosts.write_text('version = 1\n\n[[host]]\nname = "林小禾"\n', encoding="utf-8")
    text = "湖湾市市场监管局通报，对林小禾所在直播间虚假宣传罚款20万元。"
    act = post(
        "act", text, title="林小禾被罚20万", host="林小禾", act=Act.PENALTY, issues=("C02",), live=True
    )
    act = act.with_judgement(regulators=("地方市场监管局",))
    with closing(open_store(home)) as store:
        store.put([replace(act, raw=replace(act.raw, author_id=""))])
        events.update(home, store)
        made = reports.build(store, DOUBLE11, WINDOW, home=home, scope=Scope(where={"hosts": ("林小禾",)}))
    leads = table(made, "线索")
    assert leads and [row[-1].value for row in leads.rows] == ["已处罚（罚款20万元）"]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("湖湾市市场监管局对林小禾在直播中卖不含蚕丝的蚕丝被立案调查。", "立案调查"),
        ("湖湾市市场监管局对林小禾立案调查，依法作出行政处罚，罚款20万元。", "处罚与查处"),
    ],
)
def test_a_case_that_was_opened_is_no_penalty_among_the_moves(home: Home, text: str, type_: str) -> None:
    opened = told("湖湾市监局对林小禾立案调查", text, act=Act.PENALTY)
    made = made_of(home, [*CHARGES, opened.with_judgement(regulators=("地方市场监管局",))])
    moves = table(made, "监管动态")
    assert moves and [row[2].value for row in moves.rows] == [type_]


def test_in_a_report_on_a_host_another_s_answer_is_not_the_host_s(home: Home) -> None:
    scope = Scope(where={"hosts": ("林小禾",)})
    documents = [*both(), denial("苏一舟", day=9)]
    made = made_of(home, documents, scope=scope, min_publishers=99)  # type: ignore[arg-type]
    leads = table(made, "线索")
    assert leads and [row[5].value for row in leads.rows] == ["未证实（其他被指方：已否认）"]


def test_beside_a_penalty_stands_its_amount(home: Home) -> None:
    text = "湖湾市监局依法对林小禾处罚。林小禾因蚕丝被不含蚕丝被湖湾市监局罚款165万元，厂家被罚671万元。"
    assert case_of(home, [*CHARGES, told("林小禾蚕丝被被罚", text, act=Act.PENALTY)]).standing == (
        "已处罚（罚款165万元）"
    )


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ("打假人发文称林小禾的蚕丝被不含蚕丝，且该商家已被罚款50万", "商家已被处罚"),
        ("打假人发文称林小禾的蚕丝被不含蚕丝，厂家此前多次被罚", ""),
        ("打假人发文称林小禾的蚕丝被不含蚕丝，该商家或将被罚款", ""),
        ("打假人发文称林小禾的蚕丝被不含蚕丝，网友已被处罚", ""),
    ],
)
def test_a_penalty_of_the_firm_behind_stands_beside(home: Home, said: str, beside: str) -> None:
    case = case_of(home, [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)])
    assert (case.status, case.beside) == ("未证实", beside)


def test_a_maker_who_calls_the_goods_genuine_stands_beside_the_status(home: Home) -> None:
    text = "云朵官方客服回复记者，确认林小禾直播间所售卖的蚕丝被为官方正品。"
    genuine = told("林小禾直播间蚕丝被不含蚕丝一事有新进展", text, issues=("C03",))
    assert "品牌方已确认为正品" in case_of(home, [*CHARGES, genuine]).beside


@pytest.mark.parametrize(
    ("firm", "beside"), [("云溪棉业有限公司", "被曝光的公司未见回应"), ("林小禾有限公司", "")]
)
def test_a_firm_that_was_exposed_is_not_taken_for_who_answers(home: Home, firm: str, beside: str) -> None:
    text = f"电视台曝光，位于云溪的“{firm}”把化纤当蚕丝卖。买家在林小禾直播间买的蚕丝被经检测不含蚕丝。"
    shown = [
        post(f"e{n}", text, title="林小禾直播间蚕丝被被曝不含蚕丝", day=10 + n / 100, host="林小禾",
             issues=("C03",), live=True, author=f"e{n}")
        for n in range(3)
    ]  # fmt: skip
    assert case_of(home, [*shown, denial()]).beside == beside


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ("记者把林小禾的蚕丝被送检湖湾检验中心，鉴定结果是不含蚕丝", "送检已有结果"),
        ("买家已把林小禾的蚕丝被送检，检测结果还没出来", ""),
        ("买家拟把林小禾的蚕丝被送到检验中心检测，结果可想而知", ""),
    ],
)
def test_what_a_laboratory_found_stands_beside_an_unproven_charge(home: Home, said: str, beside: str) -> None:
    case = case_of(home, [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)])
    assert (case.status, case.beside) == ("未证实", beside)


def test_an_answer_to_another_charge_stands_beside_the_status(home: Home) -> None:
    text = "买家在林小禾直播间买的蚕丝被经检测不含蚕丝，很生气。林小禾就涨价回应称，没有涨价。"
    other = told("林小禾回应涨价", text, act=Act.RESPONSE, issues=("C06",))
    case = case_of(home, [*CHARGES, other])
    assert (case.status, case.beside) == ("未证实", "就另一指称已回应")
    assert case.silence == "归入该事件的信息中，被指一方的回应是就另一指称所作，未见就此指称的回应。"
    leads = table(made_of(home, [*CHARGES, other], min_publishers=99), "线索")
    assert leads and str(leads.rows[0][1].value).endswith("等")


def test_what_stands_beside_a_status_is_shown_by_the_sentence_it_rests_on(home: Home) -> None:
    said = "打假人发文称林小禾的蚕丝被不含蚕丝。该商家已被罚款50万元。网友还在议论"
    made = made_of(home, [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)])
    evidence = table(made, "案例证据")
    rows = [[str(one.value) for one in row] for row in evidence.rows] if evidence else []
    assert [row[4] for row in rows if row[1] == "商家已被处罚"] == ["该商家已被罚款50万元。"]


def test_a_correction_that_a_text_tells_stands_in_place_of_a_title_s_answer(home: Home) -> None:
    titled = told("林小禾回应直播间蚕丝被不含蚕丝", "", act=Act.RESPONSE)
    text = "林小禾直播间蚕丝被不含蚕丝。经网友提醒，林小禾纠正了错误，称蚕丝被不含蚕丝。"
    corrected = post(
        "corrected", text, title="林小禾直播间蚕丝被被指不含蚕丝", day=13, host="林小禾", live=True,
        act=Act.REPORT,
    )  # fmt: skip
    told_of = case_of(home, [*CHARGES, titled, corrected]).told
    assert [one.status for one in told_of] == ["已回应"]
    assert "纠正了错误" in told_of[0].quote.text


def test_a_seller_who_was_asked_and_whom_nobody_names_has_answered(home: Home) -> None:
    said = "记者询问店家有无凭证，对方表示直播间卖的都是现代瓷器"
    case = case_of(home, [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)])
    assert case.standing == "未证实（商家已答复）"


def test_a_customer_service_s_word_alone_stands_beside_the_silence_of_the_accused(home: Home) -> None:
    said = "要求退货，而客服回复说不影响使用，目前林小禾还未作任何解释"
    case = case_of(home, [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)])
    assert case.standing == "未证实（客服已答复）"


def test_a_customer_service_s_word_stands_beside_the_answer_of_a_title(home: Home) -> None:
    titled = told("林小禾回应直播间蚕丝被不含蚕丝", "", act=Act.RESPONSE)
    said = "网友表示申请退货遭拒。对此，品牌客服表示，“本产品不支持退换”"
    case = case_of(home, [*(charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)), titled])
    assert case.standing == "标题称已回应（客服已答复）"


def test_a_title_that_says_the_accused_was_fined_is_told_from_the_text_that_names_a_firm(home: Home) -> None:
    said = "打假人发文称林小禾的蚕丝被不含蚕丝，且该商家已被罚款50万"
    others = [charge(f"{n}", "林小禾", 10 + n / 100, said) for n in range(3)]
    first = post(
        "first",
        "",
        title="林小禾蚕丝被不含蚕丝被罚款50万",
        day=9.5,
        host="林小禾",
        live=True,
        issues=("C03",),
    )
    case = case_of(home, [first, *others])
    assert case.opening.reference.id == first.id
    assert case.standing == "未证实（商家已被处罚，所收正文未载标题所称者被罚）"
