"""Statuses, names and times of others, or of all time, are not printed as a case's own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from tests.reports.printing import as_text
from tests.reports.test_report_affairs import FINE, QUILT, told
from tests.reports.test_report_cases import both, card_of, charge, denial, made_of
from tests.reports.test_report_findings import CHARGES
from tests.reports.test_report_lists import dossier
from tests.reports.test_report_truth import DOUBLE11, WINDOW, build, post, table

from fengping import events, reports
from fengping.events.knowing import claims
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Channel, Document
from fengping.reports import Report, Scope
from fengping.reports.document import CaseCard
from fengping.reports.wording import plain


def on(home: Home, host: str, documents: list[Document]) -> Report:
    """A report on *host*."""
    made_of(home, documents)
    with closing(open_store(home)) as store:
        return reports.build(store, DOUBLE11, WINDOW, home=home, scope=Scope(where={"hosts": (host,)}))


def test_the_answer_of_the_first_accused_stands_though_another_answered_before(home: Home) -> None:
    early = denial("林小禾", day=9)
    late = replace(denial("苏一舟", day=10), raw=replace(denial("苏一舟", day=10).raw, id="d" * 32))
    case = card_of(made_of(home, [*both(), early, late])).case
    assert case.title.startswith("苏一舟") and case.status == "已否认"
    assert {one.status for one in case.told} == {"已否认", "已否认（其他被指方：林小禾）"}
    assert case.silence == ""


def fined(host: str, day: float) -> Document:
    text = f"样本市市场监督管理局通报，{host}直播间蚕丝被被检测不含蚕丝，依法处以罚款五万元。"
    made = post("fined", text, title=f"市监局公布蚕丝被一案：{host}被罚5万元", day=day, host=host, live=True,
                issues=("C03",), site="样本日报", act=Act.PENALTY)  # fmt: skip
    return made.with_judgement(regulators=("地方市场监管局",))


def test_the_fine_of_another_host_is_of_another_event(home: Home) -> None:
    before = [charge("old", "苏一舟", -6), fined("苏一舟", -4)]
    now = [charge(f"{n}", "林小禾", 5 + n / 10) for n in range(4)]
    case = card_of(made_of(home, [*before, *now])).case
    assert (case.aimed_at, case.standing) == (("林小禾",), "未证实")


def test_a_report_on_one_of_the_accused_tells_the_status_of_that_one(home: Home) -> None:
    alone = [charge(f"{n}", "苏一舟", 5 + n / 10) for n in range(4)]
    both_ = [charge(f"b{n}", "苏一舟", 6 + n / 10) for n in range(3)]
    both_ = [
        one.with_judgement(hosts=("苏一舟", "林小禾"), negative_hosts=("苏一舟", "林小禾")) for one in both_
    ]
    case = card_of(on(home, "林小禾", [*alone, *both_, denial("苏一舟", 8)])).case
    assert case.standing.startswith("未证实（其他被指方：已否认")


def leads_of_two(home: Home) -> Report:
    """Two events of one affair, each told by too few."""
    quilt = [told(f"q{n}", QUILT, f"第{n}位买家送检，填充物全是聚酯纤维。", 5 + n / 10) for n in range(2)]
    text = "样本市市场监督管理局通报，当事人发布虚假广告，依法处以罚款五万元。"
    fines = [told(f"f{n}", FINE, f"{text}第{n}篇。", 13 + n / 10, act=Act.PENALTY) for n in range(2)]
    return made_of(home, [*quilt, *fines])


def test_events_of_one_affair_that_enough_tell_of_together_are_a_case(home: Home) -> None:
    made = leads_of_two(home)
    case = card_of(made).case
    assert (case.documents.value, case.publishers.value, case.independent.value) == (4, 4, 4)
    assert not table(made, "线索")


def test_a_lead_of_two_events_names_nobody_in_the_evidence_of_either(home: Home) -> None:
    leads_of_two(home)
    with closing(open_store(home)) as store:
        made = reports.build(store, DOUBLE11, WINDOW, home=home, min_publishers=5)
    lead = table(made, "线索")
    assert lead and len(lead.rows) == 1
    assert "林小禾" not in as_text(made, "json")


def test_hot_lists_are_no_publishers(home: Home) -> None:
    lists = ((Channel.WEIBO, "微博"), (Channel.VIDEO, "抖音"), (Channel.OTHER, "百度"))
    posts = [charge(f"{n}", "林小禾", 5 + n / 10) for n in range(3)]
    listed = [
        replace(one, raw=replace(one.raw, channel=channel, site=site, author="", author_id=""))
        for one, (channel, site) in zip(posts, lists, strict=True)
    ]
    made = made_of(home, listed)
    assert not [block for block in made.blocks if isinstance(block, CaseCard)]
    assert "林小禾" not in as_text(made, "json")


def test_the_query_of_moves_names_no_agency_that_is_masked(home: Home) -> None:
    home.hosts.write_text(
        'version = 1\n\n[[host]]\nname = "林小禾"\nagencies = [{ name = "云湖文化" }]\n', encoding="utf-8"
    )
    text = "湖湾市市场监管局依法对云湖文化作出行政处罚，责令暂停经营限期整改。"
    order = post("ordered", text, title="湖湾市监局责令云湖文化停业整改", day=14, act=Act.PENALTY)
    about = {"brands": ("云湖文化",), "negative_brands": ("云湖文化",)}
    order = order.with_judgement(regulators=("地方市场监管局",), **about)
    with closing(open_store(home)) as store:
        store.put([*CHARGES, order])
        events.update(home, store)
        scope = Scope(where={"hosts": ("林小禾",)})
        made = reports.build(store, DOUBLE11, WINDOW, home=home, scope=scope)
    assert table(made, "监管动态")
    assert "云湖文化" not in as_text(made, "json")


def test_the_digest_tells_the_time_of_the_card(home: Home) -> None:
    answer = denial(day=6)
    made = made_of(home, [answer, *(charge(f"{n}", "林小禾", 10 + n) for n in range(3))])
    [line] = [plain(line) for line in made.digest if "案例" in plain(line)]
    assert "归入该事件的负面信息最早见于" in line
    assert "此前已有判为回应的信息，见于2024-10-26" in line
    assert "2024-10-30 00:00" in line and "2024-10-30 00:00" in plain(card_of(made).intro)


def test_a_site_whose_name_is_masked_is_a_channel_alone(home: Home) -> None:
    said = "云溪食品厂声明，网传直播间腊肠用变质猪肉一事不实。"
    one = told("a", "云溪食品厂腊肠被曝用变质猪肉", "买家称云溪食品厂腊肠用变质猪肉，很生气。", 5, host="")
    two = told("b", "云溪食品厂腊肠被曝用变质猪肉", said, 6, host="", site="云溪食品厂官网")
    made = made_of(home, [one, two])
    evidence = table(made, "案例证据")
    assert evidence and "云溪食品厂" not in str(evidence.rows)
    assert "网站" in {row[3].value for row in evidence.rows}


def test_a_firm_that_too_few_name_is_in_no_heading(home: Home) -> None:
    def about(key: str, firm: str, day: float, author: str) -> Document:
        text = f"买家称{firm}用变质猪肉做腊肠，吃了腹泻，{key}。"
        return post(key, text, title=f"{firm}被曝用变质猪肉做腊肠", day=day, issues=("C05",), author=author)

    named = about("first", "云溪食品厂", -5, "a0")
    others = [about(f"{n}", "某食品厂", 5 + n, f"a{n + 1}") for n in range(3)]
    made = made_of(home, [named, *others])
    assert card_of(made).case.documents.value == 3
    assert "云溪食品厂" not in as_text(made, "json")


def test_the_nodes_of_a_dossier_tell_whose_outcome_it_is(home: Home) -> None:
    made = dossier(home, [*both(), denial(day=9)])
    nodes = table(made, "事件节点")
    assert nodes and "已否认（其他被指方：林小禾）" in {row[1].value for row in nodes.rows}
    assert "已否认" not in {row[1].value for row in nodes.rows}


def test_a_platform_that_still_has_complaints_is_not_gone() -> None:
    platforms = [f"平台{n:02}" for n in range(15)]

    def year(key: str, shift: float, last: int) -> list[Document]:
        return [
            post(f"{key}{name}{n}", f"{name}第{n}件坏了", day=5 + n / 9 + shift, live=True).with_judgement(
                platforms=(name,)
            )
            for at, name in enumerate(platforms)
            for n in range(last if at == 14 else 30)
        ]

    rows = table(build([*year("now", 0, 29), *year("then", -366, 40)]), "比较1")
    assert rows
    assert "平台：平台14" not in {row[0].value for row in rows.rows}


def test_a_percentage_of_thirty_places_is_no_share() -> None:
    text = f"1323件里有1012件不合格，占76.{'4' * 30}%，另有一半以上坏了"
    assert list(claims.computed(text)) == []
