"""The floor of independent publishers: a copy of a text speaks for nobody, and nobody is named below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import orjson
import pytest
from docx import Document as WordDocument
from tests.readings import Said, as_read
from tests.reports.test_report_truth import OTHER, post

from fengping import events
from fengping.cli import main
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document, Engagement
from fengping.reports.facts.unlisted import unlisted

DAYS = ("--from", "2024-10-20", "--to", "2024-11-16")
REGISTRY = """version = 1

[[host]]
name = "林小禾"
aliases = ["小禾姐姐"]
english = ["Lin Xiaohe"]

[[host]]
name = "苏一舟"

[[brand]]
name = "禾家小铺"
kind = "shop"
"""
FORMS = ("林小禾", "小禾姐姐", "Lin Xiaohe", "lin xiaohe", "禾家小铺")
TEXT = (
    "有消费者在林小禾直播间购买的蚕丝被经检测不含蚕丝，小禾姐姐（Lin Xiaohe）的禾家小铺成交1323件，"
    "退货1012件，退货率76.4%。"
)


def charge(key: str, day: float, text: str = TEXT, group: str = "", **more: object) -> Document:
    """A charge against the host and the shop, by a publisher of its own."""
    made = post(
        key, text, day=day, title="小禾姐姐直播间蚕丝被被曝不含蚕丝", issues=("C03",), host="林小禾",
        live=True, site=f"样本网{key}", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    judged = made.with_judgement(
        brands=("禾家小铺",), negative_brands=("禾家小铺",),
        keywords=("林小禾", "小禾姐姐", "禾家小铺", "蚕丝", "检测", "化纤", "退货率", "成交"),
    )  # fmt: skip
    raw = replace(judged.raw, engagement=Engagement(likes=900, comments=90, reposts=9))
    return replace(judged, raw=raw, group=group or made.id, first_in_group=not group)


def copied(copies: int) -> Iterator[Document]:
    """One text and *copies* of it, each by another publisher, and the fine that the same text tells of."""
    first = charge("first", 10)
    yield first
    for n in range(copies):
        yield charge(f"copy{n}", 10.1 + n / 10, group=first.group)
    yield charge(
        "fine", 10.9, "市场监管部门对林小禾的禾家小铺罚款5万元。" + TEXT, group=first.group, act=Act.PENALTY
    ).with_judgement(regulators=("市场监管部门",))


def fill(home: Home, documents: Sequence[Document]) -> None:
    home.hosts.write_text(REGISTRY, encoding="utf-8")
    store = open_store(home)
    store.put([*documents, *OTHER])
    events.update(home, store)
    store.close()


def report(home: Home, *arguments: str, formats: str = "json,html,md,xlsx,docx") -> str:
    """Everything that a report prints, in all its files."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home.root), "report", *arguments, "--format", formats])
    assert not ended.value.code
    return "\n".join(map(content, sorted(home.reports.iterdir())))


def content(path: Path) -> str:
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(c) for sheet in book for row in sheet.iter_rows(values_only=True) for c in row)
    if path.suffix == ".docx":
        word = WordDocument(str(path))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in word.paragraphs), *cells])
    if path.is_dir():
        return "\n".join(svg.read_text("utf-8") for svg in path.iterdir())
    return path.read_text("utf-8")


def cases(home: Home) -> list[dict[str, object]]:
    (path,) = home.reports.glob("*.json")
    return list(orjson.loads(path.read_bytes())["cases"])


OF_CUPS = tuple(f"词{n}" for n in range(10))


@pytest.mark.parametrize(
    ("kind", "copies"), [("double11", 2), pytest.param("double11", 10, marks=pytest.mark.long), ("event", 2)]
)
def test_one_text_and_its_copies_name_nobody_in_any_form(kind: str, copies: int, home: Home) -> None:
    plain = (post(f"f{n}", f"第{n}只杯子到了", polarity="neu") for n in range(60))
    fill(home, [*copied(copies), *(one.with_judgement(keywords=OF_CUPS) for one in plain)])
    event = next(e for e in events.events_of(home) if e.documents > 1)
    assert event.publishers == 2 + copies
    asked = ("event", event.id) if kind == "event" else (kind, "--year", "2024")
    printed = report(home, *asked)
    assert [form for form in FORMS if form in printed] == []
    assert "〔某主播甲〕直播间蚕丝被被曝不含蚕丝" in printed
    if kind == "double11":
        assert cases(home) == []
        assert "有原创文本的发布主体不足3个" in printed
        assert "不列名" in printed
        assert "处罚与查处" in printed and "化纤" in printed


def test_as_many_texts_of_their_own_name_whom_they_accuse(home: Home) -> None:
    own = [charge(f"own{n}", 10 + n / 10, f"第{n}位顾客：{TEXT}{n}号投诉人。") for n in range(3)]
    fill(home, own)
    printed = report(home, "double11", "--year", "2024", formats="json,md")
    assert [case["parties"] for case in cases(home)] == [["林小禾", "禾家小铺"]]
    assert "小禾姐姐直播间蚕丝被被曝不含蚕丝" in printed


def test_platforms_and_brands_that_nobody_accuses_are_named_freely(home: Home) -> None:
    named = post("one", "天猫的预售规则像做数学题", title="天猫预售比直接买贵，禾家小铺跟进", issues=("C07",))
    fill(home, [named.with_judgement(brands=("天猫", "禾家小铺"), negative_brands=("天猫",))])
    printed = report(home, "double11", "--year", "2024", formats="json")
    assert "天猫预售比直接买贵，禾家小铺跟进" in printed


def test_a_case_names_only_those_whom_enough_of_its_publishers_accuse(home: Home) -> None:
    own = [
        charge(f"own{n}", 10 + n / 10, f"第{n}位顾客：{TEXT}{n}号投诉人。苏一舟也卖过。") for n in range(3)
    ]
    also = [own[0].with_judgement(hosts=("林小禾", "苏一舟"), negative_hosts=("林小禾", "苏一舟")), *own[1:]]
    fill(home, also)
    printed = report(home, "double11", "--year", "2024", formats="json")
    assert "林小禾" in printed
    assert "〔某主播甲〕也卖过" in printed or "苏一舟" not in printed
    assert [case["parties"] for case in cases(home)] == [["林小禾", "禾家小铺"]]


def test_a_shop_that_a_lead_only_names_is_hidden_in_every_document_of_the_report(home: Home) -> None:
    def told(key: str, day: float) -> Document:
        title = "小禾姐姐直播间蚕丝被掉出禾家小铺销量前十"
        made = post(
            key,
            f"{title}，消费者称不含蚕丝。",
            title=title,
            day=day,
            issues=("C03",),
            host="林小禾",
            live=True,
        )
        return made.with_judgement(brands=("禾家小铺",), negative_hosts=(), negative_brands=())

    elsewhere = [
        post(f"fine{n}", f"第{n}次在禾家小铺买到好杯子", polarity="pos", site=f"样本网{n}").with_judgement(
            brands=("禾家小铺",)
        )
        for n in range(4)
    ]
    fill(home, [told("one", 5), told("two", 5.5), *elsewhere])
    printed = report(home, "double11", *DAYS, formats="json")
    facts = {fact["id"]: fact for fact in orjson.loads(printed)["facts"]}
    titles = [document["title"] for document in facts["negative"]["documents"]]
    assert titles == ["〔某主播甲〕直播间蚕丝被掉出〔某商家甲〕销量前十"] * 2
    # Of another matter, which accuses nobody: beside the lead it would tell whom the mask hides.
    assert facts["total"]["documents"][-1]["title"] == "第2次在〔某商家甲〕买到好杯子"
    assert [form for form in FORMS if form in printed] == []


MORE = """version = 1

[[host]]
name = "林小禾"
aliases = ["小禾姐姐"]
agencies = [{ name = "三棵杉" }]

[[host]]
name = "苏一舟"
aliases = ["舟舟哥"]
agencies = [{ name = "三棵杉" }]

[[host]]
name = "丁大勺"

[[brand]]
name = "三棵杉"
kind = "agency"
aliases = ["三棵杉集团"]

[[brand]]
name = "噗噜玛塔"
"""


def twice(key: str, title: str, *hosts: str, shop: str = "", day: float = 5.0) -> list[Document]:
    """A charge against *hosts* and *shop* that two accounts tell."""
    shops = (shop,) if shop else ()
    made = (
        post(
            f"{key}{n}", f"{title}，消费者很生气。", title=title, day=day + n / 10, issues=("C03",), live=True
        )
        for n in range(2)
    )
    return [
        one.with_judgement(hosts=hosts, negative_hosts=hosts, brands=shops, negative_brands=shops)
        for one in made
    ]


def lead_titles(home: Home, *arguments: str) -> list[str]:
    home.hosts.write_text(MORE, encoding="utf-8")
    report(home, *arguments, formats="json")
    (path,) = home.reports.glob("*.json")
    tables = orjson.loads(path.read_bytes())["tables"]
    return [row[1] for one in tables if "线索（" in one["caption"] for row in one["rows"]]


def test_each_hidden_name_has_one_mask_in_a_report_and_adjacent_names_of_one_party_have_one(
    home: Home,
) -> None:
    told = [
        *twice("fight", "专家谈舟舟哥苏一舟丁大勺直播互掐", "苏一舟", "丁大勺", day=4),
        *twice("ad", "三棵杉集团因月饼虚假宣传被立案", shop="三棵杉", day=8),
        *twice("agency", "苏一舟所在三棵杉招商会被指骗加盟费", "苏一舟", day=12),
    ]
    fill(home, told)
    titles = lead_titles(home, "double11", *DAYS)
    assert sorted(titles) == [
        "〔某主播甲〕所在〔某商家甲〕招商会被指骗加盟费",
        "〔某商家甲〕因月饼虚假宣传被立案",
        "专家谈〔某主播甲〕〔某主播乙〕直播互掐",
    ]


def test_the_report_of_a_host_names_the_host_and_nobody_else_below_the_floor(home: Home) -> None:
    told = [
        *twice("fans", "小禾姐姐林小禾掉粉超百万", "林小禾", day=4),
        *twice("both", "林小禾与苏一舟互掐后被指卖假蚕丝被", "林小禾", "苏一舟", day=9),
    ]
    fill(home, told)
    titles = lead_titles(home, "host", "林小禾", *DAYS)
    assert sorted(titles) == ["小禾姐姐林小禾掉粉超百万", "林小禾与〔某主播甲〕互掐后被指卖假蚕丝被"]


def test_pieces_of_a_hidden_name_are_no_words_of_a_report(home: Home) -> None:
    plain = (post(f"f{n}", f"第{n}只杯子到了", polarity="neu") for n in range(60))
    held = ("噗噜", "玛塔", "盲盒", "破损", "裂痕", "污渍", "色差", "漏装")
    about = [
        post(f"n{n}", f"第{n}位买家的噗噜玛塔盲盒破损", day=5 + n, author="z").with_judgement(
            brands=("噗噜玛塔",), negative_brands=("噗噜玛塔",), keywords=held
        )
        for n in range(6)
    ]
    fill(home, [*about, *(each.with_judgement(keywords=OF_CUPS) for each in plain)])
    home.hosts.write_text(MORE, encoding="utf-8")
    printed = orjson.loads(report(home, "double11", *DAYS, formats="json"))
    words = {fact["id"].removeprefix("word.") for fact in printed["facts"] if "word." in fact["id"]}
    assert words == set(held) - {"噗噜", "玛塔"}


def test_somebody_in_no_registry_who_is_masked_is_no_word_of_a_report(home: Home) -> None:
    plain = (post(f"f{n}", f"第{n}只杯子到了", polarity="neu") for n in range(60))
    held = ("张一伟", "破损", "裂痕", "污渍", "色差", "漏装")
    about = [
        post(f"n{n}", f"第{n}位买家说创始人张一伟的杯子破损", day=5 + n, author="z").with_judgement(
            keywords=held
        )
        for n in range(6)
    ]
    fill(home, [*about, *(each.with_judgement(keywords=OF_CUPS) for each in plain)])
    printed = orjson.loads(report(home, "double11", *DAYS, formats="json"))
    words = {fact["id"].removeprefix("word.") for fact in printed["facts"] if "word." in fact["id"]}
    assert words == set(held) - {"张一伟"}


def test_somebody_whom_no_registry_knows_is_masked_by_his_quotation_marks(home: Home) -> None:
    """Of a list that tells no publisher: much discussed, it would be a case if it named nobody."""
    text = "民警介绍，主播“二浪子”的直播间卖过一根拐杖，要交6000元保管费。二浪子承诺3个月后以600万元回收。"
    made = post("cane", text, title="老人花6千元买的拐杖是塑料", issues=("C03",), live=True, day=10)
    raw = replace(made.raw, site="", author="", author_id="", engagement=Engagement(likes=900))
    fill(home, [replace(made, raw=raw)])
    said = report(home, "double11", "--year", "2024")
    assert cases(home) == []
    assert "二浪子" not in said and "主播“〔某主播甲〕”的直播间" in said


def test_whom_one_text_accuses_is_hidden_where_others_only_name_him_in_this_period_or_before(
    home: Home,
) -> None:
    """By registered names alone where the judge saw nobody, too, and with one mask."""
    named = [
        post("now", "地方监管调查时别护犊子", title="地方监管调查禾家小铺别护犊子", day=6),
        post("unseen", "画风变了", title="禾家小铺直播间画风变了", day=7, polarity="neu"),
        post("before", "去年的事", title="禾家小铺直播间去年的画风", day=-360, polarity="neu"),
    ]
    judged = [one.with_judgement(brands=("禾家小铺",), negative_brands=()) for one in (named[0], named[2])]
    fill(home, [*twice("ad", "禾家小铺因月饼虚假宣传被立案", shop="禾家小铺", day=8), *judged, named[1]])
    printed = report(home, "double11", "--year", "2024", formats="json,md")
    assert "禾家小铺" not in printed
    assert "地方监管调查〔某商家甲〕别护犊子" in printed and "〔某商家甲〕直播间画风变了" in printed
    assert "〔某商家甲〕直播间去年的画风" in printed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "记者查询到，涉案的云溪县八河粉条制造有限公司成立于2014年，有5位股东，消费者称粉条不含红薯。",
            "涉案的〔某商家甲〕成立于2014年",
        ),
        (
            "主播卖的粉条不含红薯，消费者说是假货，代工方为云溪市八河食品科技有限公司，已罚款5万元。",
            "代工方为〔某商家甲〕",
        ),
        (
            "针对网络反映的云溪禾家小铺有限公司（以下简称“禾家小铺”）卖假粉条，已罚款5万元。",
            "反映的〔某商家甲〕卖假",
        ),
        (
            "随后禾家小铺创始人贾一川否认是假货，而此前采访中贾一川曾说3成是红薯。",
            "〔某商家甲〕创始人〔某方甲〕否认是假货，而此前采访中〔某方甲〕曾说",
        ),
        (
            "近一月内已有林小禾、苏一舟、青豆行、“麻团”等4个网红账号卖假货被处罚。",
            "〔某主播甲〕、〔某主播乙〕、〔某主播丙〕、“〔某主播丁〕”等4个网红账号",
        ),
        (
            "主播推广禾家小铺和QUBBLE护肤旗舰店的“QUBBLE云雾21天套组”，被消费者指是假货，罚款5万元。",
            "推广〔某商家甲〕和〔某商家乙〕的“〔某商家乙〕21天套组”",
        ),
        (
            "记者在知名连锁茶饮品牌贾一川奶茶湖北武汉店看到，贾一川罚款5万元，消费者说是假货。",
            "记者在知名连锁茶饮品牌〔某商家甲〕某店看到，〔某商家甲〕罚款5万元",
        ),
        (
            "主播直播带货的 “麻团油烟机油污净”（500ml）产品不合格，罚款5万元，消费者说是假货。",
            "主播直播带货的 “〔某产品甲〕”（500ml）产品不合格",
        ),
        (
            "林小禾就贾一川的声明提出质疑，说贾一川卖假货，罚款5万元。",
            "〔某主播甲〕就〔某方甲〕的声明提出质疑，说〔某方甲〕卖假货",
        ),
        (
            "“林小禾”中的小禾姐姐表示，罚款5万元，消费者说是假货。",
            "“〔某主播甲〕”中的一人表示",
        ),
        (
            "主播出售一款名为“云雾瘦小豆”的糖，罚款5万元，消费者说云雾瘦小豆是假货。",
            "一款名为“〔某方乙〕”的糖，罚款5万元，消费者说〔某方乙〕是假货",
        ),
    ],
)
def test_a_lead_names_no_firm_or_person_that_no_registry_holds(text: str, said: str, home: Home) -> None:
    told = (post(k, text, title="粉条被指造假", issues=("C03",), live=True, day=10) for k in ("one", "two"))
    hosts = tuple(name for name in ("林小禾", "苏一舟") if name in text)
    shops = ("禾家小铺",) if "禾家小铺" in text else ()
    judged = {"hosts": hosts, "negative_hosts": hosts, "brands": shops, "negative_brands": shops}
    fill(home, [one.with_judgement(**judged) for one in told])
    printed = report(home, "double11", "--year", "2024", formats="json,md,html")
    assert cases(home) == [] and said in printed
    assert not [
        name
        for name in ("八河", "云溪", "禾家", "贾一川", "青豆行", "麻团", "QUBBLE", "云雾瘦")
        if name in printed
    ]


def test_an_office_holder_of_one_negative_is_hidden_in_every_document_now_and_before(home: Home) -> None:
    """He is in no registry, and his negatives make no lead: they say nothing that is complained of."""
    told = [
        post("shut", "账号看不了了", title="禾家小铺合伙人贾一川账号已设私密", day=8),
        post("answer", "又开播了", title="苏一舟回应贾一川声明", day=9, act=Act.RESPONSE),
        post("before", "去年的事", title="青禾公司老板秦小满账号已设私密", day=-360),
    ]
    fill(home, told)
    printed = report(home, "double11", "--year", "2024", formats="json,md")
    assert "贾一川" not in printed and "秦小满" not in printed
    assert "合伙人〔某方甲〕账号已设私密" in printed and "苏一舟回应〔某方甲〕声明" in printed
    assert "老板〔某方乙〕账号已设私密" in printed


def test_an_office_holder_whom_enough_publishers_accuse_is_named(home: Home) -> None:
    title = "青禾公司老板秦小满账号已设私密"
    fill(home, [post(f"n{n}", f"第{n}种说法", title=title, day=8, site=f"样本网{n}") for n in range(3)])
    assert title in report(home, "double11", "--year", "2024", formats="json")


@pytest.mark.parametrize("read", [True, False])
def test_a_name_and_a_longer_one_that_begins_with_it_have_one_mask(home: Home, *, read: bool) -> None:
    titles = "青禾坊被曝回收剩菜", "青禾坊火锅回应回收剩菜"
    told = [
        post(f"hotpot{n}", f"{t}，记者在青禾坊火锅门店发现。", title=t, issues=("C11",), day=5 + n, act=act)
        for n, (t, act) in enumerate(zip(titles, (Act.REPORT, Act.RESPONSE), strict=True))
    ]
    if read:
        said = [Said("charge", target=name) for name in ("青禾坊", "青禾坊火锅")]
        told = [as_read(one, *said) for one in told]
    fill(home, told)
    printed = report(home, "double11", "--year", "2024", formats="json,md")
    assert "青禾坊" not in printed and "〔某方乙〕" not in printed
    assert "〔某方甲〕被曝回收剩菜" in printed


def test_a_lead_names_the_platform_that_it_is_about(home: Home) -> None:
    text = "天猫率先预售。不少消费者投诉称，天猫预售产品比直接购买更贵，预售付了321元。"
    told = [
        post(k, text, title="预售比直接买贵", issues=("C06",), day=day).with_judgement(
            brands=("天猫",), negative_brands=("天猫",), platforms=("天猫",)
        )
        for k, day in (("one", 5), ("two", 5.5))
    ]
    fill(home, told)
    assert lead_titles(home, "double11", *DAYS)
    (path,) = home.reports.glob("*.json")
    assert "天猫预售产品比直接购买更贵" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("生产月饼的工厂回应，代工厂和旗舰店均已停售，官方旗舰店下架", set()),
        ("老板哭诉不发了，老板高兴地说没事，负责人表示创始人曾说好", set()),
        ("公司老板张一伟称已经退款", {"张一伟"}),
        ("某主播与青禾食品厂、青禾专营店合作", {"青禾食品厂", "青禾专营店"}),
    ],
)
def test_words_that_name_no_firm_and_no_person_stay(text: str, names: set[str]) -> None:
    assert set(unlisted(text)) == names


def test_a_word_that_a_lead_is_about_is_no_name_elsewhere(home: Home) -> None:
    """The title makes a party of 粉条; nobody is hidden by hiding what is sold."""
    text = "记者查到粉条成立于2014年，有5位股东，消费者称粉条不含红薯。"
    told = [post(k, text, title="粉条被指造假", issues=("C03",), live=True, day=10) for k in ("one", "two")]
    fill(home, [*told, post("else", "怎么煮", title="青禾姐姐教你煮粉条", polarity="neu", day=9)])
    assert "青禾姐姐教你煮粉条" in report(home, "double11", "--year", "2024", formats="json")
