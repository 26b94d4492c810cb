"""Moves of authorities: read from texts, one for each repost group, with the laws named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.making import document

from fengping.events import moves_of
from fengping.events.moves import Kind, laws_in, read_move, taken_up
from fengping.indexer import Filter, open_store_url
from fengping.models import Act, Document, Evidence, Polarity

START = datetime(2020, 11, 5, 2, tzinfo=UTC)
RULED = "市场监管总局发布《关于加强网络直播营销活动监管的指导意见》，自即日起施行"


@pytest.mark.parametrize(
    ("text", "regulators", "act", "kind"),
    [
        (RULED, ("国家市场监督管理总局",), None, Kind.RULE),
        ("市监局对林小禾直播间虚假宣传处以罚款20万元", ("地方市场监管局",), None, Kind.PENALTY),
        ("网友呼吁市监局罚款20万", ("地方市场监管局",), None, None),
        ("林小禾直播间虚假宣传被罚款20万元", (), None, None),
        ("林小禾直播间虚假宣传被罚款20万元", (), Act.PENALTY, None),
        ("林小禾直播间虚假宣传被罚款20万元", ("地方市场监管局",), Act.PENALTY, Kind.PENALTY),
        (RULED, ("国家市场监督管理总局",), Act.REPORT, None),
    ],
)
def test_a_move_is_an_authority_s_doing(
    text: str, regulators: tuple[str, ...], act: Act | None, kind: Kind | None
) -> None:
    move = read_move(document(1, START, text, polarity=Polarity.NEU, regulators=regulators, act=act))
    assert (move.kind if move else None) is kind


def test_a_mark_beyond_the_text_names_no_authority() -> None:
    text = "湖湾市市监局对林小禾直播间虚假宣传处以罚款20万元"
    told = document(1, START, text, polarity=Polarity.NEU, regulators=("地方市场监管局",), act=Act.PENALTY)
    beyond = Evidence("regulator:地方市场监管局", len(text) + 1, len(text) + 4, "市监局")
    move = read_move(told.with_judgement(evidence=(beyond,)))
    assert move and move.called == ("湖湾市市监局",)


@pytest.mark.parametrize(
    ("text", "regulators", "act", "judged", "kind"),
    [
        # Police and courts mostly deal with other matters, however a text was judged by its act.
        ("歌手林某被警方立案第二天直播", ("公安部",), Act.PENALTY, {}, None),
        ("法院判决一起聊天诈骗案，各处罚金", ("人民法院",), Act.PENALTY, {}, None),
        ("男子诈骗亲友打赏主播，被判十一年", (), Act.PENALTY, {}, None),
        ("警方立案侦查带货假酒案", ("公安部",), Act.PENALTY, {"consumer": True}, Kind.PENALTY),
        ("警方对林小禾立案", ("公安部",), Act.PENALTY, {"hosts": ("林小禾",)}, Kind.PENALTY),
        # Who calls for a rule has made none.
        ("教师开直播，相关部门有必要明确底线，完善规制办法", (), Act.RULE, {"consumer": True}, None),
        ("监管部门应尽快出台办法", (), Act.RULE, {"consumer": True}, None),
        ("监管部门要求平台即日起施行新规", (), Act.RULE, {"consumer": True}, Kind.RULE),
        (
            "处罚决定送达后，林小禾公司已全额缴纳罚没款",
            ("地方市场监管局",),
            Act.PENALTY,
            {"consumer": True},
            None,
        ),
        ("有关部门已约谈该直播间", (), Act.PENALTY, {"consumer": True}, Kind.PENALTY),
    ],
)
def test_what_other_matters_and_mere_calls_bring_is_none(
    text: str, regulators: tuple[str, ...], act: Act, judged: dict[str, Any], kind: Kind | None
) -> None:
    values = {"consumer": False, "relevant": False, "act": act, "regulators": regulators} | judged
    move = read_move(document(1, START, text, **values))
    assert (move.kind if move else None) is kind


@pytest.mark.parametrize(
    ("title", "act", "kind"),
    [
        ("湖湾区市监局已介入林小禾藕粉事件", Act.REPORT, Kind.INQUIRY),
        ("林小禾带货油污净属地市监局已介入", Act.RESPONSE, Kind.INQUIRY),
        ("湖湾区市场监督管理局对林小禾立案", Act.REPORT, Kind.PENALTY),
        ("网友希望市监局介入林小禾藕粉事件", Act.REPORT, None),
        ("林小禾藕粉事件市监局何时介入", Act.REPORT, None),
        ("林小禾评论区被立案调查刷屏", Act.REPORT, None),
        ("大股东介入林小禾藕粉事件", Act.REPORT, None),
        ("起底林小禾带货藕粉工厂", Act.PENALTY, None),
    ],
)
def test_an_authority_that_has_taken_a_matter_up_has_moved(title: str, act: Act, kind: Kind | None) -> None:
    move = read_move(titled(1, title, "记者从公开的行政处罚文书等资料查询到，工厂成立于2014年。", act=act))
    assert (move.kind if move else None) is kind
    opinion = titled(1, "监管不能对头部主播绕道", f"{title}。", act=Act.COMPLAINT)
    assert read_move(opinion) is None


def test_one_case_that_was_opened_is_one_move() -> None:
    store = open_store_url("memory:")
    opened = titled(1, "林小禾被立案调查", "湖湾区市场监督管理局：对林小禾立案调查")
    again = titled(
        2, "通报秒删多次约谈林小禾内容", "记者获悉，市监局已对林小禾立案调查。此前已多次约谈。", hours=4
    )
    later = titled(3, "林小禾又被立案", "市监局对林小禾立案调查", hours=24 * 30)
    fined = titled(4, "林小禾被罚款20万元", "市监局立案调查后，对林小禾处以罚款20万元。", hours=30)
    other = titled(5, "周小满被立案调查", "市监局对周小满立案调查", hours=5).with_judgement(hosts=("周小满",))
    store.put([opened, again, later, fined, other])
    found = [move.document for move in moves_of(store, Filter())]
    assert found == [one.id for one in (opened, other, fined, later)]
    alone = moves_of(store, Filter(since=again.raw.published_at))
    assert alone[0].document == again.id


@pytest.mark.parametrize(
    ("texts", "how_far"),
    [
        (("网友称林小禾卖假被子",), ""),
        (("市监局已介入林小禾藕粉事件",), "监管已介入"),
        (("市监局已介入林小禾藕粉事件", "市监局对林小禾立案调查"), "监管已立案"),
        (("市监局已介入林小禾藕粉事件", "市监局正依法查处林小禾藕粉"), "监管已介入"),
        (("市监局已依法对林小禾作出行政处罚",), "监管已查处"),
        (("湖湾警方通报林小禾直播间以石充玉",), "警方已通报"),
        (("市监局已介入林小禾藕粉事件", "湖湾警方通报林小禾直播间以石充玉"), "警方已通报"),
        (("记者从湖湾警方了解到一起以石充玉的售假案件",), "警方已查处"),
        (("民警介绍，老人在林小禾直播间花40万元买了塑料拐杖",), "警方已介绍情况"),
        (("湖湾市消保委调查林小禾直播间，69件商品涉嫌误导",), "消协组织已调查"),
        (("湖湾市消保委公布林小禾直播间比较试验",), "消协组织已通报"),
        (("林小禾直播间牛肉卷的标识经当地农牧局证实为造假",), "监管部门已认定"),
        (("市监局证实已收到林小禾藕粉的举报",), ""),
        (("警方称未接到林小禾直播间售假的报案",), ""),
        (("湖湾市农牧局就林小禾牛肉卷一事致歉，向社会通报",), ""),
    ],
)
def test_how_far_an_authority_went_is_told(texts: tuple[str, ...], how_far: str) -> None:
    assert taken_up(titled(n, text, "", act=Act.REPORT) for n, text in enumerate(texts, 1)) == how_far


@pytest.mark.parametrize(
    ("title", "text", "act", "kind"),
    [
        (
            "林小禾红薯粉条涉嫌标签虚假标注",
            "湖湾区市场监督管理局工作人员回应记者称，检测结果已出。工作人员告诉记者，现在正在查处中。",
            Act.REPORT,
            Kind.INQUIRY,
        ),
        (
            "警方辟谣弟弟辍学卖苹果供哥哥读书",
            "该事件系林小禾虚假摆拍。云溪县公安机关已依法关停违规账号2个，对博主进行行政处罚。",
            Act.RESPONSE,
            Kind.PENALTY,
        ),
        (
            "市场监管总局回应主播恶意炒作",
            "将压实平台的审核责任，加大监管执法力度，严厉打击虚假宣传等行为。",
            Act.RESPONSE,
            Kind.RULE,
        ),
        ("林小禾回应恶意炒作", "将加强选品，加大抽检力度，严厉打击售假行为。", Act.RESPONSE, None),
        (
            "林小禾红薯粉条涉嫌标签虚假标注",
            "湖湾区市场监督管理局称，如属实将依法查处。",
            Act.REPORT,
            None,
        ),
        (
            "当地正执法调查翻新棉被",
            "记者联系上湖湾区市场监督管理局，工作人员称已经到涉事现场进行调查执法。",
            Act.REPORT,
            Kind.INQUIRY,
        ),
        (
            "市监局正督促林小禾粉条退赔",
            "湖湾区市场监督管理局称，此前通报的处罚金额并没有最终盖棺定论，目前还在调查。",
            Act.PENALTY,
            Kind.INQUIRY,
        ),
    ],
)
def test_what_an_authority_does_is_a_move_whatever_its_text_was_judged(
    title: str, text: str, act: Act, kind: Kind | None
) -> None:
    store = open_store_url("memory:")
    store.put([titled(1, title, text, act=act)])
    assert [move.kind for move in moves_of(store, Filter())] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("text", "issues", "found"),
    [
        ("近期，湖湾警方破获一起直播间里的诈骗案，嫌疑人已被依法刑拘。", ("C02",), True),
        ("湖湾民警发现有主播用暗语售卖野生兰草，随后将其抓获。", ("C11",), True),
        ("湖湾警方称，该主播可能被刑拘。", ("C02",), False),
        ("女主播在路边直播时被撞，肇事男子已被湖湾警方抓获。", (), False),
    ],
)
def test_police_who_catch_a_seller_have_moved(text: str, issues: tuple[str, ...], found: bool) -> None:
    store = open_store_url("memory:")
    told = [
        titled(n, f"主播称被追杀，第{n}次让粉丝买下文物", text, hours=n, act=Act.REPORT).with_judgement(
            regulators=("公安机关",), issues=issues, consumer=bool(issues)
        )
        for n in (1, 2)
    ]
    store.put(told)
    assert [move.document for move in moves_of(store, Filter())] == ([told[0].id] if found else [])


@pytest.mark.parametrize(
    ("text", "judged", "called"),
    [
        ("11月2日，云溪公安公布一起散布谣言案。", {"issues": ("C10",)}, ("公安机关",)),
        ("11月2日，四川云溪公安公布一起散布谣言案。", {"issues": ("C10",)}, ("四川云溪公安",)),
        ("记者从上海警方了解到一起以石充玉的售假案件。", {"issues": ("C03",)}, ("上海警方",)),
        ("记者从上海警方了解到一起斗殴案件。", {"issues": ()}, None),
    ],
)
def test_a_case_that_police_tell_of_is_a_move_though_no_registry_names_them(
    text: str, judged: dict[str, Any], called: tuple[str, ...] | None
) -> None:
    store = open_store_url("memory:")
    told = titled(1, "网红带货获利70余万", text, act=Act.REPORT)
    store.put([told.with_judgement(regulators=(), consumer=False, hosts=(), **judged)])
    assert [move.called for move in moves_of(store, Filter())] == ([called] if called else [])


def test_police_who_punish_a_seller_have_moved_though_nobody_judged_it_of_the_trade() -> None:
    text = "网红博主卖惨吸粉引流带货。上海市公安机关已依法关停违规账号2个，对博主进行行政处罚。"
    told = titled(1, "警方辟谣弟弟辍学卖苹果", text, act=Act.RESPONSE)
    told = told.with_judgement(regulators=("公安机关",), consumer=False, relevant=False, hosts=())
    move = read_move(told)
    assert move and move.kind is Kind.PENALTY


def test_a_sentence_in_the_title_is_not_the_authority_s_of_another_matter() -> None:
    told = titled(1, "网红林小禾犯诈骗罪获刑细节", "上海市公安局通报：林小禾聘请女子合演低俗视频。")
    assert read_move(told.with_judgement(regulators=("公安机关",))) is None


@pytest.mark.parametrize(
    ("title", "act", "judged", "kind"),
    [
        ("两地市监局回应林小禾卖假被子", Act.RESPONSE, {}, Kind.ANSWER),
        ("林小禾回应卖假被子", Act.RESPONSE, {}, None),
        ("官方回应林小禾卖假被子", Act.RESPONSE, {}, None),
        ("警方回应林小禾直播", Act.RESPONSE, {"regulators": ("公安机关",)}, None),
    ],
)
def test_an_authority_s_answer_is_a_move_where_nothing_else_is_told(
    title: str, act: Act, judged: dict[str, Any], kind: Kind | None
) -> None:
    told = titled(1, title, "", act=act).with_judgement(**judged)
    store = open_store_url("memory:")
    again = titled(2, f"{title}一事", "买家说被子不好。", hours=3, act=act).with_judgement(**judged)
    store.put([replace(one, event="e1") for one in (told, again)])
    assert [move.kind for move in moves_of(store, Filter())] == ([kind] if kind else [])
    assert taken_up([told]) == ("监管已回应" if kind else "")


@pytest.mark.parametrize(
    ("title", "text", "regulators", "kind"),
    [
        (
            "团伙直播间一折卖假包被判刑", "近日，上海警方发现一个直播间以正品一折的价格售卖奢侈品。",
            ("公安机关",), Kind.PENALTY,
        ),
        (
            "直播间百件保健品多数涉嫌误导", "上海市消保委调查直播带货，抽取100件产品。",
            ("地方消费者组织",), Kind.INQUIRY,
        ),
        ("责令林小禾暂停经营限期整改", "针对林小禾直播带货中的问题，责令暂停经营。", (), Kind.PENALTY),
        ("网友称应责令林小禾道歉", "针对林小禾直播带货中的问题。", (), None),
    ],
)  # fmt: skip
def test_a_sentence_a_survey_and_an_order_are_moves(
    title: str, text: str, regulators: tuple[str, ...], kind: Kind | None
) -> None:
    act = Act.PENALTY if "责令" in title else Act.REPORT
    told = titled(1, title, text, act=act).with_judgement(regulators=regulators, hosts=(), issues=("C03",))
    store = open_store_url("memory:")
    store.put([told])
    assert [move.kind for move in moves_of(store, Filter())] == ([kind] if kind else [])


def test_a_penalty_told_again_is_one_move_and_another_place_s_is_another() -> None:
    store = open_store_url("memory:")
    first = titled(1, "税务部门通报两起偷税案", "上海、厦门税务部门查处两名主播，处以罚款。")
    again = titled(2, "网红收入超千万", "厦门市税务局对林小禾处以罚款199万元。", hours=9)
    other = titled(3, "网红又被罚", "广州市税务局对林小禾处以罚款50万元。", hours=19)
    later = titled(4, "网红再被罚", "厦门市税务局对林小禾处以罚款20万元。", hours=24 * 9)
    store.put([one.with_judgement(regulators=("税务部门",)) for one in (first, again, other, later)])
    assert [move.document for move in moves_of(store, Filter())] == [first.id, other.id, later.id]


def test_a_sentence_for_which_no_court_is_named_is_no_move() -> None:
    told = titled(1, "网红知假卖假被判刑3年", "她在直播中售出假冒项链41条。").with_judgement(regulators=())
    assert read_move(told) is None


@pytest.mark.parametrize(
    ("text", "regulators", "called"),
    [
        ("市监局督促。云溪满族自治县市监局告诉记者", ("地方市场监管局",), "云溪满族自治县市监局"),
        ("随后记者联系上云溪县市场监督管理局", ("地方市场监管局",), "云溪县市场监督管理局"),
        ("随后记者联系上海市市场监督管理局", ("地方市场监管局",), "上海市市场监督管理局"),
        ("近日，常州警方发现一个直播间售假", ("公安机关",), "常州警方"),
        ("近日，当地警方发现一个直播间售假", ("公安机关",), "公安机关"),
        ("公安部网安局报道，网红被抓", ("公安部",), "公安部网安局（发布）"),
        ("这些场景来自云溪县公安局破获的一起案件", ("公安机关",), "云溪县公安局"),
        ("目前云溪县公安机关已立案", ("公安机关",), "云溪县公安机关"),
        ("近日，常州民警抓获一名售假主播", ("公安机关",), "常州警方"),
        ("上海、厦门税务部门依法查处两起偷税案，处罚款", ("税务部门",), "上海、厦门税务部门"),
        (
            "国家税务总局云溪市税务局第三稽查局对主播罚款",
            ("国家税务总局", "税务部门"),
            "国家税务总局云溪市税务局第三稽查局",
        ),
        (
            "广州市市场监督管理局公布直播带货典型案例，云溪区市监局对当事人作出罚款5万元的处罚",
            ("地方市场监管局",),
            "云溪区市监局",
        ),
        ("315晚会曝光后，云溪县市监局已查处", ("315晚会", "地方市场监管局"), "云溪县市监局"),
    ],
)  # fmt: skip
def test_an_authority_is_called_as_the_text_calls_it(
    text: str, regulators: tuple[str, ...], called: str
) -> None:
    move = read_move(titled(1, text, "").with_judgement(regulators=regulators))
    assert move and move.called == (called,)


def titled(number: int, title: str, text: str, *, hours: float = 0, act: Act = Act.PENALTY) -> Document:
    made = document(
        number, START + timedelta(hours=hours), text or title, act=act, consumer=True, hosts=("林小禾",),
        regulators=("地方市场监管局",),
    )  # fmt: skip
    return replace(made, raw=replace(made.raw, title=title, text=text))


def test_laws_are_named_without_brackets() -> None:
    assert laws_in(f"{RULED}。依据《电子商务法》与《广告法》，书名《围城》不算") == (
        "关于加强网络直播营销活动监管的指导意见",
        "电子商务法",
        "广告法",
    )


def test_moves_of_a_window_in_time_order() -> None:
    store = open_store_url("memory:")
    regulators = ("国家市场监督管理总局",)
    later, earlier = (
        document(n, START + timedelta(days=days), RULED + str(n), regulators=regulators)
        for n, days in ((1, 3), (2, 1))
    )
    store.put([later, earlier])
    assert [move.document for move in moves_of(store, Filter())] == [earlier.id, later.id]
    assert [m.document for m in moves_of(store, Filter(since=START + timedelta(days=2)))] == [later.id]


def test_what_an_authority_denounced_or_took_off_the_shelves_is_a_move() -> None:
    store = open_store_url("memory:")
    told = document(
        1, START, "通信管理局通报下架五款侵害用户权益的购物软件", polarity=Polarity.NEU, consumer=True,
        regulators=("通信管理局",), act=Act.PENALTY,
    )  # fmt: skip
    store.put([told])
    assert [move.document for move in moves_of(store, Filter())] == [told.id]


def test_a_move_of_an_authority_that_only_its_judgement_names_is_found() -> None:
    store = open_store_url("memory:")
    told = document(1, START, "国家邮政局印发通知", regulators=("国家邮政局",), act=Act.RULE, consumer=True)
    nobody = document(2, START, "直播间有新规定：先到先得", act=Act.RULE, consumer=True)
    store.put([told, nobody])
    assert [move.document for move in moves_of(store, Filter())] == [told.id]
