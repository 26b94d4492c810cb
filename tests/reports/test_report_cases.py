"""Cases of events: whose status, whose answer, when it began and whom it is against."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import permutations

import pytest
from tests.readings import Said, as_read
from tests.reports.test_report_truth import DOUBLE11, NOW, WINDOW, post, table

from fengping import events, reports
from fengping.events import Status, asking, by_hand
from fengping.events.answers import linking
from fengping.events.building.candidates import told_order
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document
from fengping.reports import Kind, Report, Scope, Window
from fengping.reports.document import CaseCard, Paragraph
from fengping.reports.facts import Case, in_context, most_telling, title_of_issues
from fengping.reports.wording import plain

HOSTS = 'version = 1\n\n[[host]]\nname = "林小禾"\n\n[[host]]\nname = "苏一舟"\n'


def made_of(
    home: Home, documents: Sequence[Document], kind: Kind = DOUBLE11, window: Window = WINDOW, **options: int
) -> Report:
    """A report of a home with *documents*; of those it has where there are none."""
    home.hosts.write_text(HOSTS, encoding="utf-8")
    with closing(open_store(home)) as store:
        if documents:
            store.put(documents)
            events.update(home, store)
        return reports.build(store, kind, window, home=home, **options)  # type: ignore[arg-type]


def card_of(report: Report) -> CaseCard:
    [card] = [block for block in report.blocks if isinstance(block, CaseCard)]
    return card


def decide(home: Home, status: str, sentence: str) -> None:
    """A person gives the only event a step by its last document."""
    [event] = events.events_of(home, events.Asked(min_documents=2))
    by_hand.step(home, event.id, asking.documents_of(home, event.id)[-1], status, NOW, sentence=sentence)
    with closing(open_store(home)) as store:
        events.update(home, store)


def case_of(home: Home, documents: Sequence[Document]) -> Case:
    return card_of(made_of(home, documents)).case


def charge(key: str, host: str, day: float, said: str = "很生气", **about: object) -> Document:
    title = f"{host}直播间蚕丝被被曝不含蚕丝"
    text = f"第{key}位买家在{host}直播间买的蚕丝被经检测不含蚕丝，{said}。"
    return post(
        f"c{key}", text, title=title, day=day, issues=("C03",), host=host, live=True, author=f"a{key}",
        **about,  # type: ignore[arg-type]
    )  # fmt: skip


def denial(host: str = "林小禾", day: float = 12, polarity: str = "neu", text: str = "") -> Document:
    text = text or f"{host}工作室回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"
    made = post(
        "denial", text, title=f"{host}回应直播间蚕丝被不含蚕丝", day=day, polarity=polarity, host=host,
        live=True, site="样本日报", act=Act.RESPONSE,
    )  # fmt: skip
    return as_read(made, Said("answer", "deny", host, clause=text))


def test_a_denial_after_many_complaints_that_ask_for_amends_is_the_status(home: Home) -> None:
    asking = [charge(f"{n}", "林小禾", 10 + n / 100, "要求赔偿") for n in range(65)]
    case = case_of(home, [*asking, denial()])
    assert (case.status, case.silence) == ("已否认", "")


def test_a_case_of_which_not_all_that_may_answer_was_read_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsure = Said("answer", "explain", "林小禾", sure=0.5)
    asking = [as_read(charge(f"{n}", "林小禾", 10 + n / 100), unsure) for n in range(6)]
    assert case_of(home, asking).silence == "归入该事件的信息中未见被指一方的公开回应。"
    monkeypatch.setattr(linking, "READ", 5)
    assert "未全部核读；已核读的信息中未见被指一方的公开回应。" in case_of(home, ()).silence


def both() -> list[Document]:
    """Eight charges against 苏一舟, all but the first two against 林小禾 too."""
    against = {"hosts": ("苏一舟", "林小禾"), "negative_hosts": ("苏一舟", "林小禾")}
    told = [charge(f"{n}", "苏一舟", 5 + n / 10, "林小禾直播间蚕丝被也被检测不含蚕丝") for n in range(8)]
    return [*told[:2], *(one.with_judgement(**against) for one in told[2:])]


@pytest.mark.parametrize("polarity", ["neu", "neg"])
@pytest.mark.parametrize("text", ["", "对此，工作室回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"])
def test_what_one_of_two_accused_answers_is_not_the_status_of_the_other(
    home: Home, polarity: str, text: str
) -> None:
    made = made_of(home, [*both(), denial(day=9, polarity=polarity, text=text)])
    card = card_of(made)
    case = card.case
    assert case.title.startswith("苏一舟") and case.status == "未证实"
    assert "状态：未证实（其他被指方：已否认）。" in plain(card.intro)
    assert case.told[-1].status == "已否认（其他被指方：林小禾）" and all(told.other for told in case.told)
    assert case.silence == "归入该事件的信息中，未能确认首条负面信息所指一方的回应。"
    assert not [quote for quote in (*case.sources, *case.claims) if "回应" in quote.text]
    evidence = table(made, "案例证据")
    assert evidence
    said = {str(row[1].value) for row in evidence.rows if "回应" in str(row[4].value)}
    assert said and all("（其他被指方：林小禾）" in what for what in said)


def test_the_answer_of_the_one_whom_the_first_charge_accuses_is_the_status(home: Home) -> None:
    case = case_of(home, [*both(), denial("苏一舟", day=9)])
    assert (case.status, case.told[-1].status, case.silence) == ("已否认", "已否认", "")
    assert not any(told.other for told in case.told)


WEEKLY = reports.find_kind("weekly")
WEEK = reports.window_of(WEEKLY, None, None, NOW, week="2024-W45")


def test_a_case_that_began_before_the_window_says_so_wherever_its_first_document_stands(home: Home) -> None:
    charges = [charge(f"{n}", "林小禾", 5 + n * 1.2) for n in range(12)]  # from 10-25 on, before the week
    made = made_of(home, charges, WEEKLY, WEEK)
    first = "监测期内归入该事件、指向林小禾的负面信息最早见于2024-11-04 19:12（该事件的信息始于2024-10-25）。"
    assert first in plain(card_of(made).intro)
    [told] = [plain(line) for line in made.digest if "案例" in plain(line)]
    assert (
        "监测期内归入该事件的负面信息最早见于微博，2024-11-04 19:12（该事件的信息始于2024-10-25）。" in told
    )
    evidence = table(made, "案例证据")
    assert evidence and evidence.rows[0][1].value == "监测期内最早的吐槽类信息"
    leads = table(made_of(home, (), WEEKLY, WEEK, min_publishers=20), "线索")
    assert (
        leads
        and leads.rows[0][0].value
        == "2024-11-04 19:12（监测期内该事件最早的吐槽类信息；该事件的信息始于2024-10-25）"
    )
    whole = made_of(home, ())
    assert "归入该事件、指向林小禾的负面信息最早见于2024-10-25 00:00。" in plain(card_of(whole).intro)
    assert "归入该事件的负面信息最早见于微博，2024-10-25 00:00" in "".join(map(plain, whole.digest))


@pytest.mark.parametrize(("hours", "begun"), [(-2, "2024-10-30 10:00"), (-26, "2024-10-29")])
def test_an_answer_before_the_first_charge_collected_is_told_and_no_beginning(
    home: Home, hours: int, begun: str
) -> None:
    answer = denial(day=10.5 + hours / 24)  # 10-30 at 12
    made = made_of(home, [answer, *(charge(f"{n}", "林小禾", 10.5 + n) for n in range(2))], min_publishers=9)
    leads = table(made, "线索")
    assert leads and leads.rows[0][5].value == "已否认"
    said = f"2024-10-30 12:00（监测期内该事件最早的吐槽类信息；此前已有判为回应的信息，见于{begun}）"
    assert leads.rows[0][0].value == said


def test_an_answer_of_another_event_is_not_when_this_one_began(home: Home) -> None:
    charges = [charge(f"{n}", "林小禾", 10.5 + n) for n in range(2)]
    answer = denial(day=10.5 - 2 / 24)
    made_of(home, [answer, *charges], min_publishers=9)
    found = events.event_of(home, answer.id)
    assert found and found.documents == 3
    by_hand.split(home, found.id, [one.id for one in charges], NOW)
    for again in (False, True):
        with closing(open_store(home)) as store:
            events.update(home, store, anew=again)
    apart = events.event_of(home, charges[0].id)
    assert apart and apart.status is Status.DENIED and apart.steps[-1].document == answer.id
    leads = table(made_of(home, (), min_publishers=9), "线索")
    assert leads and "2024-10-30 12:00" in {row[0].value for row in leads.rows}


def test_the_sentence_that_gives_a_status_is_quoted_to_its_answer(home: Home) -> None:
    long = f"林小禾工作室就{'蚕丝被被曝不含蚕丝一事中媒体和买家提出的诸多疑问' * 5}回应称，蚕丝被已送检。"
    answer = denial(text=long)
    case = case_of(home, [*(charge(f"{n}", "林小禾", 10 + n / 10) for n in range(3)), answer])
    assert case.told[-1].quote.text.endswith("蚕丝被已送检。")


def test_the_status_of_a_judgment_says_that_it_may_not_be_final(home: Home) -> None:
    made_of(home, [charge(f"{n}", "林小禾", 10 + n / 10) for n in range(3)])
    decide(home, "已判决", "法院判林小禾退一赔三。")
    made = made_of(home, ())
    assert card_of(made).case.status == "已判决"
    said = "".join(plain(block.text) for block in made.blocks if isinstance(block, Paragraph))
    assert "“已判决”指信息称法院已作出支持原告或者判处刑罚的判决，是否生效未核。" in said


def test_within_one_moment_the_charge_comes_before_what_came_of_it(home: Home) -> None:
    acts = Act.REPORT, Act.PENALTY, Act.RESPONSE
    for order in permutations(acts):
        told = [post(f"{n}", "", title="直播事故", day=10, act=act) for n, act in enumerate(order)]
        assert min(told, key=told_order).judgement.act is Act.REPORT


def test_the_first_document_is_said_to_accuse_none_but_those_it_accuses(home: Home) -> None:
    first = post(
        "first", "有买家在直播间买的蚕丝被经检测不含蚕丝，很生气。", title="直播间蚕丝被被曝不含蚕丝", day=5,
        issues=("C03",), live=True, author="z",
    )  # fmt: skip
    made = made_of(home, [first, *(charge(f"{n}", "林小禾", 7 + n / 10) for n in range(6))])
    intro = plain(card_of(made).intro)
    assert "归入该事件的负面信息最早见于2024-10-25 00:00。" in intro
    assert "。监测期内该事件的负面信息主要指向林小禾。监测期内有关该事件的信息7条" in intro


def test_others_whom_later_documents_accuse_are_named_apart(home: Home) -> None:
    intro = plain(card_of(made_of(home, both())).intro)
    assert "归入该事件、指向苏一舟的负面信息最早见于" in intro
    assert "。监测期内另有负面信息指向林小禾。" in intro


def of_prices(key: str, said: str, **about: object) -> Document:
    """A text on the dear bread of a host, by nobody knows whom."""
    text = f"林小禾直播间的面包一个卖{said}。"
    return post(f"p{key}", text, title="林小禾直播间面包卖21元", host="林小禾", live=True, **about)  # type: ignore[arg-type]


def test_a_case_is_called_by_what_is_complained_of_and_not_by_what_an_answer_speaks_of(home: Home) -> None:
    told = [of_prices(str(n), f"{n}1元", day=5 + n, issues=("C06",)) for n in range(2)]
    answer = of_prices("answer", "21元，质量好", day=8, issues=("C04",), act=Act.RESPONSE)
    made_of(home, [*told, answer])
    [event] = events.events_of(home)
    with closing(open_store(home)) as store:
        kind = reports.find_kind("event")
        scope = Scope(where={"event": (event.id,)}, consumer=False)
        made = reports.build(store, kind, WINDOW, home=home, scope=scope, focus=event.id)
    assert card_of(made).case.issues == ("C06",)
    assert made.title.startswith("事件档案：“价格争议相关事件”")
    assert "涉及问题：价格争议。" in [plain(b.text) for b in made.blocks if isinstance(b, Paragraph)]


def test_an_event_of_no_consumer_is_not_called_one_of_consumers() -> None:
    text = post("one", "某主播出轨", consumer=False)
    assert title_of_issues((), [text]) == "未归入消费问题的事件"
    assert title_of_issues((), [text, post("two", "坏了")]) == "消费相关事件"
    dear = [post(f"dear{n}", f"第{n}次又涨价", issues=("C06",)) for n in range(3)]
    dear.append(post("worn", "坏了", issues=("C04",)))
    assert title_of_issues(("C06", "C04"), dear) == "价格争议相关事件"
    assert title_of_issues(("C06", "C04"), dear[2:]) == "价格争议、商品质量相关事件"
    assert title_of_issues(("C04",), dear) == "消费相关事件"


def test_a_lead_is_told_by_a_charge_and_its_time_by_the_first_negative(home: Home) -> None:
    first = charge("0", "林小禾", 5).with_judgement(issues=(), negative_hosts=())
    made = made_of(home, [first, charge("1", "林小禾", 8), charge("2", "林小禾", 8.5)], min_publishers=4)
    leads, evidence = table(made, "线索"), table(made, "案例证据")
    assert leads and evidence
    [row] = leads.rows
    assert str(row[0].value).startswith("2024-10-25")
    [told] = [row for row in evidence.rows if row[1].value == "摘要"]
    assert str(told[2].value).startswith("2024-10-28")
    assert "首发" not in [row[1].value for row in evidence.rows]


def test_a_charge_tells_more_than_a_look_or_a_question() -> None:
    look = post("look", "看表情", title="苏一舟看林小禾卖蚕丝被的表情", issues=("C03",))
    asked = post("asked", "是真的吗", title="林小禾蚕丝被算不算蚕丝", issues=("C03",), host="林小禾")
    pulled = post("off", "下架", title="林小禾蚕丝被下架", issues=("C03",), host="林小禾", act=Act.PENALTY)
    assert most_telling([look, asked, pulled]) is pulled
    assert most_telling([look, asked]) is asked and most_telling([look]) is look
    fans = post("fans", "掉粉77万", title="卖假蚕丝被主播7天掉粉77万", issues=("C03",), host="林小禾")
    assert most_telling([fans, asked]) is asked
    # A complaint that no class of complaints holds is the charge before a later one of another matter.
    first = post("first", "全是化纤", title="苏一舟吐槽林小禾化纤被", host="林小禾", act=Act.COMPLAINT)
    dear = post("dear", "太贵", title="苏一舟吐槽林小禾太贵", issues=("C06",), host="林小禾")
    assert most_telling([first, dear]) is first
    assert most_telling([post("none", "看表情")]) is None


def test_what_nobody_complains_of_is_no_lead(home: Home) -> None:
    fans = [
        post(f"f{n}", f"林小禾一天掉粉{n}万。", title="林小禾掉粉超百万", day=5 + n, host="林小禾", live=True)
        for n in range(2)
    ]
    assert table(made_of(home, fans), "线索") is None


@pytest.mark.parametrize(
    ("text", "sentence", "quoted"),
    [
        (
            "林小禾征集线索。并悬赏10万元。",
            "并悬赏10万元。",
            "林小禾征集线索。并悬赏10万元。",
        ),
        (
            "苏一舟说：“都是真的。”随后林小禾否认。",
            "随后林小禾否认。",
            "苏一舟说：“都是真的。”随后林小禾否认。",
        ),
        ("征集线索。悬赏10万元。", "悬赏10万元。", "悬赏10万元。"),
        ("并悬赏10万元。", "并悬赏10万元。", "并悬赏10万元。"),
        (f"{'长' * 240}。而后再说。", "而后再说。", "…而后再说。"),
    ],
)
def test_a_sentence_that_goes_on_is_quoted_with_the_one_before(text: str, sentence: str, quoted: str) -> None:
    assert in_context(post("one", text), sentence) == quoted
