"""Answers, penalties and retractions in texts, and the status they give: what counts and what must not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from fengping.events import Status
from fengping.events.answers.matter import answers_matter
from fengping.events.answers.parties import subject_of
from fengping.events.answers.reading import read
from fengping.events.answers.said import Act
from fengping.events.answers.status import Read, history

HOST = ("林小禾", "禾苗传媒")
START = datetime(2024, 9, 1, tzinfo=UTC)


def acts(title: str, text: str = "", names: tuple[str, ...] = HOST) -> set[Act]:
    return {said.act for said in read(title, text, names)}


@pytest.mark.parametrize(
    ("title", "act"),
    [
        ("林小禾回应直播间卖山寨鞋", Act.ANSWER),
        ("林小禾团队称两天内公布质检报告", Act.ANSWER),
        ("禾苗传媒发布声明", Act.ANSWER),
        ("林小禾宣布门票全退", Act.ANSWER),
        ("林小禾回应将错就错：已全部退款", Act.ANSWER),
        ("林小禾回应：将起诉造谣者", Act.ANSWER),
        ("林小禾方否认十万坑位费只卖五个杯子", Act.DENIAL),
        ("林小禾辟谣公司倒闭", Act.DENIAL),
        ("林小禾回应争议，称视频被掐头去尾、断章取义", Act.DENIAL),
        ("林小禾方承认所售毛衣为假货", Act.ADMISSION),
        ("林小禾团队称红薯粉条应该有问题", Act.ANSWER),
        ("林小禾就牛肉卷事件道歉", Act.AMENDS),
        ("林小禾对月饼退一赔三", Act.AMENDS),
        ("林小禾为主播不当言论道歉", Act.AMENDS),
        ("林小禾虚假宣传被罚款20万", Act.PENALTY),
        ("市场监管总局处罚林小禾", Act.PENALTY),
        ("责令林小禾暂停经营限期整改", Act.PENALTY),
        ("林小禾回应偷税处罚", Act.PENALTY),
        ("林小禾售假一审被判3年", Act.JUDGMENT),
        ("林小禾终审获刑十年", Act.JUDGMENT),
        ("法院判处林小禾有期徒刑三年", Act.JUDGMENT),
        ("林小禾卖假翡翠被判赔12万", Act.JUDGMENT),
        ("法院判林小禾退一赔三", Act.JUDGMENT),
        ("林小禾被法院认定欺诈", Act.JUDGMENT),
        ("林小禾门店工作人员：三百元就想提车？", Act.ANSWER),
        ("造谣林小禾涉毒人员被传唤", Act.REFUTATION),
        ("林小禾被指虚假宣传，随后自己开播称遭人敲诈", Act.ANSWER),
        ("林小禾被指虚假宣传，事后本人发视频称遭人敲诈", Act.ANSWER),
        ("经网友提醒，林小禾纠正了错误", Act.ANSWER),
        ("林小禾虚假宣传：林小禾公司被罚款20万", Act.PENALTY),
        ("打假林小禾翻车后道歉", Act.RETRACTION),
    ],
)
def test_an_act_is_read(title: str, act: Act) -> None:
    assert act in acts(title)


@pytest.mark.parametrize(
    ("title", "act"),
    [
        ("林小禾未回应卫生巾问题", Act.ANSWER),
        ("林小禾及禾苗传媒被起诉", Act.ANSWER),
        ("抹黑同行的林小禾被通报", Act.ANSWER),
        ("林小禾新增一则开庭公告", Act.ANSWER),
        ("买家状告林小禾，林小禾遭起诉", Act.ANSWER),
        ("林小禾被指虚假宣传，随后网友开播称遭人敲诈", Act.ANSWER),
        ("林小禾笑称沈听澜是老好人", Act.ANSWER),
        ("法院判林小禾获赔12万", Act.JUDGMENT),
        ("林小禾起诉网友，网友被判赔12万", Act.JUDGMENT),
        ("买家要求判林小禾退一赔三，被驳回", Act.JUDGMENT),
        ("林小禾将于25日作出正式回应", Act.ANSWER),
        ("林小禾客服仍未给出明确回答", Act.ANSWER),
        ("林小禾客服仍未给出明确回答，而是表示会反馈", Act.ANSWER),
        ("网友要求林小禾公开道歉", Act.AMENDS),
        ("打假人称林小禾应退一赔十", Act.AMENDS),
        ("律师喊话林小禾赔偿消费者", Act.AMENDS),
        ("评论说林小禾不能道歉了之", Act.AMENDS),
        ("林小禾带货红薯厂家承认含木薯粉", Act.ADMISSION),
        ("林小禾拒不承认售假", Act.ADMISSION),
        ("拟对林小禾罚款50万", Act.PENALTY),
        ("律师称林小禾或将被罚款", Act.PENALTY),
        ("林小禾直播间出假鉴定证书者被罚10万", Act.PENALTY),
        ("林小禾假蚕丝被被罚款50万", Act.PENALTY),
        ("林小禾售卖的蚕丝被被罚款50万", Act.PENALTY),
        ("近一月内已有林小禾、周小满等5个网红账号被处罚", Act.PENALTY),
        ("林小禾启动退一赔三", Act.AMENDS),
        ("林小禾承诺对粉条假一赔十", Act.AMENDS),
        ("林小禾将全部退一赔三", Act.AMENDS),
        ("林小禾被立案调查", Act.PENALTY),
        ("林小禾或被判刑", Act.JUDGMENT),
        ("林小禾前员工获刑", Act.JUDGMENT),
        ("林小禾曾因诈骗被判刑入狱三年", Act.JUDGMENT),
        ("法院以拐卖罪判处何某死刑，林小禾等来了宣判", Act.JUDGMENT),
        ("林小禾举报的何某被判刑", Act.JUDGMENT),
        ("造谣林小禾的网友被判刑", Act.JUDGMENT),
        ("消费者被判赔林小禾5万", Act.PENALTY),
        ("林小禾承诺先行退款", Act.AMENDS),
        ("官方称已对林小禾展开调查", Act.ANSWER),
        ("网传林小禾员工被开除不实", Act.RETRACTION),
        ("网传林小禾员工被开除不实", Act.REFUTATION),
        ("林小禾宣布退出直播行业", Act.ANSWER),
        ("林小禾回应有主播承诺假一赔三", Act.AMENDS),
    ],
)
def test_what_is_no_such_act(title: str, act: Act) -> None:
    assert act not in acts(title)


def test_an_authority_refutes_over_two_sentences() -> None:
    said = read("林小禾未涉毒", "8月28日，@上城警方 通报林小禾被指吸毒事件。", HOST)
    assert said[-1].act is Act.REFUTATION
    assert "警方" in said[-1].authority


def test_what_is_offered_beside_an_apology_leaves_the_apology() -> None:
    assert {Act.AMENDS, Act.ANSWER} <= acts("林小禾就蚕丝被致歉，将退一赔三")
    assert Act.ANSWER in acts("林小禾启动退一赔三")


def test_an_authority_that_speaks_after_a_title_punishes_whom_the_title_names() -> None:
    ruling = "湖湾县市场监督管理局：针对网络反映的湖湾小禾传媒有限公司直播带货中的有关问题依法进行了处罚。"
    said = read("林小禾粉条调查结果", ruling, ("林小禾",))
    assert [(one.act, one.authority) for one in said] == [(Act.PENALTY, "湖湾县市场监督管理局")]
    others = ruling.replace("小禾传媒", "绿洼粉条制造")
    assert Act.PENALTY not in acts("林小禾粉条调查结果", others, ("林小禾",))
    reported = "记者从市场监督管理局获悉，有关企业已依法进行了处罚。"
    assert Act.PENALTY not in acts("林小禾粉条调查结果", reported, ("林小禾",))


def test_of_two_fines_in_a_sentence_each_has_its_own_payer() -> None:
    told = "林小禾粉条一事有了新进展：禾苗传媒被罚165万元，所售粉条厂家被罚671.76万元。"
    assert Act.PENALTY in acts("", told)
    assert Act.PENALTY not in acts("", told.replace("禾苗传媒", "代工厂家"))


@pytest.mark.parametrize(
    ("title", "text", "answers"),
    [
        ("林小禾客服回应月饼事件", "消费者咨询时，客服仍未给出明确回答，而是表示会同步反馈。", False),
        ("林小禾回应月饼事件", "截至发稿，未获回复。", False),
        ("林小禾回应月饼事件", "截至发稿，周小满未回应。", True),
        ("林小禾回应月饼事件", "网友等了三天。", True),
        ("林小禾回应月饼事件", "此前客服未回应。9月14日，林小禾表示已核查。", True),
    ],
)
def test_a_text_takes_back_the_answer_of_its_title(title: str, text: str, answers: bool) -> None:
    assert (Act.ANSWER in acts(title, text)) is answers


def test_a_penalty_names_its_authority() -> None:
    [said] = read("", "云南某县公安局依法对林小禾处以行政拘留7日。", HOST)
    assert said.act is Act.PENALTY
    assert said.authority.endswith("公安局")


def reads(*titles: str) -> list[Read]:
    return [
        Read(f"{at:032x}", START + timedelta(days=at), read(title, "", HOST))
        for at, title in enumerate(titles)
    ]


@pytest.mark.parametrize(
    ("titles", "status"),
    [
        (("林小禾直播间酸菜疑货不对板",), None),
        (("林小禾回应假货", "林小禾虚假宣传被罚款20万", "林小禾回应处罚"), Status.PENALISED),
        (("林小禾方否认售假", "林小禾方承认所售为假货"), Status.ADMITTED),
        (("林小禾方否认涉毒", "造谣林小禾涉毒人员被传唤"), Status.REFUTED),
        (("林小禾方否认售假", "打假林小禾翻车后道歉"), Status.RETRACTED),
        (("林小禾虚假宣传被罚款20万", "造谣林小禾涉毒人员被传唤"), Status.PENALISED),
        (("林小禾回应蚕丝被", "林小禾启动退一赔三"), Status.ANSWERED),
        (("林小禾虚假宣传被罚款20万", "打假林小禾翻车后道歉"), Status.PENALISED),
        (("林小禾致歉", "林小禾再回应月饼事件"), Status.AMENDED),
    ],
)
def test_the_latest_that_evidence_supports(titles: tuple[str, ...], status: Status | None) -> None:
    steps = history(reads(*titles))
    assert (steps[-1].status if steps else None) is status
    assert all(step.sentence for step in steps)


def test_history_does_not_depend_on_the_order_of_arrival() -> None:
    told = reads("林小禾回应假货", "林小禾方承认所售为假货", "林小禾对月饼退一赔三")
    assert len({history(order) for order in permutations(told)}) == 1


def test_a_shared_name_alone_is_no_shared_matter() -> None:
    lead = "林小禾直播间运动鞋买完不让换引争议"
    day = timedelta(days=1)
    assert answers_matter(lead, "关于运动鞋买完不让换一事，林小禾团队致歉。", HOST, day)
    assert not answers_matter(lead, "林小禾回应恋情传闻：两人只是多年的朋友。", HOST, day)
    assert answers_matter(lead, "林小禾方回应", HOST, day)
    assert not answers_matter(lead, "林小禾方回应", HOST, timedelta(days=9))


def test_an_answer_told_before_a_charge_needs_as_much_as_one_of_another_month() -> None:
    lead, answer = "林小禾直播间月饼没有米其林工艺", "林小禾客服回应月饼事件：会同步反馈"
    assert answers_matter(lead, answer, HOST, timedelta(hours=21))
    assert not answers_matter(lead, answer, HOST, -timedelta(hours=21))
    assert answers_matter(lead, "林小禾就月饼米其林工艺致歉", HOST, -timedelta(hours=21))


def test_the_accused_of_titles_without_a_registered_host() -> None:
    assert subject_of(["青峰啤酒回应中奖五百听只兑一瓶", "青峰啤酒承认工作不严谨"]) == "青峰啤酒"
    assert subject_of(["网友呼吁抵制某羽绒服", "今天天气很好"]) == ""
