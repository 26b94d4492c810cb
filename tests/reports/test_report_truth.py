"""The truth of reports: scope, acts, cases of events, names, headings; on invented posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.readings import Said, as_read

from fengping import events, reports
from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.events import asking
from fengping.events.knowing import engagement_of
from fengping.home import Home
from fengping.indexer import open_store, open_store_url
from fengping.indexer.corrections import Correction, apply_all
from fengping.indexer.search import Term, parse
from fengping.models import (
    Act,
    Channel,
    Document,
    Engagement,
    Evidence,
    Judgement,
    Polarity,
    RawDocument,
    document_id,
)
from fengping.reports import Coverage, Report, Scope
from fengping.reports.document import CaseCard, Heading, Paragraph, Picture, Table
from fengping.reports.facts import Agreement, cases, counter, shares
from fengping.reports.kinds import double11
from fengping.reports.render import Bars, Parts, draw
from fengping.reports.wording import plain

NOW = parse_moment("2024-12-01T09:00")
DOUBLE11 = reports.find_kind("double11")
WINDOW = reports.window_of(DOUBLE11, None, None, NOW)
INDEXED = datetime(2024, 11, 20, tzinfo=UTC)


def post(
    key: str,
    text: str,
    *,
    day: float = 5,
    title: str = "",
    polarity: str | None = "neg",
    consumer: bool | None = True,
    act: Act | None = None,
    issues: tuple[str, ...] = (),
    host: str = "",
    live: bool = False,
    site: str = "",
    author: str = "",
    words: str = "",
) -> Document:
    content = f"{title}\n{text}" if title else text
    marks = (
        (Evidence(f"issue:{issues[0]}", content.index(words), content.index(words) + len(words), words),)
        if words
        else ()
    )
    judgement = Judgement(
        snownlp=0.3, negative=0.9, polarity=Polarity(polarity) if polarity else None, relevant=live,
        consumer=consumer, act=act, issues=issues, hosts=(host,) if host else (),
        negative_hosts=(host,) if host and polarity == "neg" else (), evidence=marks, model="m1",
    )  # fmt: skip
    id = document_id("truth", key)
    raw = RawDocument(
        id=id, source="s", text=text, title=title, fetched_at=INDEXED, url=f"https://t.example/{key}",
        channel=Channel.NEWS if site else Channel.WEIBO, site=site, author_id=author or f"a-{key}",
        published_at=WINDOW.since + timedelta(days=day),
    )  # fmt: skip
    return Document(raw, judgement, id, True, INDEXED)


def daily(*begins: float) -> list[Document]:
    """Something that is none of it, on each day of 28 from each of *begins*: something came in then."""
    return [
        post(f"other{begin}-{n}", f"第{n}天的天气", day=begin + n, consumer=False)
        for begin in begins
        for n in range(28)
    ]


def build(documents: list[Document], **options: object) -> Report:
    store = open_store_url("memory:")
    store.put(documents)
    return reports.build(store, DOUBLE11, WINDOW, **options)  # type: ignore[arg-type]


def spoken(report: Report) -> str:
    return "\n".join(plain(b.text) for b in report.blocks if isinstance(b, Paragraph))


def headings(report: Report) -> list[str]:
    return [b.text for b in report.blocks if isinstance(b, Heading)]


def table(report: Report, sheet: str) -> Table | None:
    return next((t for t in report.tables() if t.sheet == sheet), None)


def values(report: Report) -> dict[str, object]:
    return {id: fact.value for id, fact in report.facts.items()}


OTHER = [
    post("divorce", "某艺人宣布离婚", consumer=False),
    post("crash", "高速发生车祸", consumer=False),
    post("english", "A livestream in English", polarity=None, consumer=None),
    replace(post("undated", "没有日期"), raw=replace(post("undated", "没有日期").raw, published_at=None)),
]


def test_only_what_concerns_consumers_is_counted_and_the_rest_is_named() -> None:
    made = build([post("bag", "包开线"), post("cup", "杯子漏水"), *OTHER])
    text = spoken(made)
    assert "共收集“双11”期间“消费维权”类信息2条" in text
    assert "其中监测范围外2条，不计入；其他语言或仅有图片、视频而未判1条，不计入；" in text
    assert values(made)["collected"] == 5


def test_a_query_narrows_the_scope_and_what_it_leaves_out_is_outside() -> None:
    made = build(
        [post("bag", "包开线"), post("cup", "杯子漏水")], scope=Scope(text=Term("杯子"), words="杯子")
    )
    assert "共收集“双11”期间“消费维权”类信息1条" in spoken(made)
    assert "检索式为“杯子”" in spoken(made)
    assert "监测范围外1条" in spoken(made)
    assert made.facts["total"].query.echo()["query"] == "杯子"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("双11", "相关"), ("快递 双十一", "相关"), ("双11 OR 双十一", "相关"), ("双11 OR 快递", "期间"),
        ("快递 -双11", "期间"), ("快递", "期间"), ("", "期间"),
    ],
)  # fmt: skip
def test_only_a_query_for_the_occasion_makes_what_it_finds_about_it(query: str, said: str) -> None:
    text = parse(query)
    made = build([post("bag", "双11快递慢")], scope=Scope(text=text, words=query))
    assert f"共收集“双11”{said}“消费维权”类信息" in spoken(made)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("记者从云溪高新区市场监管局获悉，对禾家铺子罚款5万元", "云溪高新区市场监管局"),
        ("9月17日江城市云溪县市场监管局对禾家铺子罚款5万元", "江城市云溪县市场监管局"),
        ("随后市场监管局对禾家铺子罚款5万元", "地方监管局"),
    ],
)
def test_a_move_is_told_of_the_authority_that_the_text_names(text: str, called: str) -> None:
    told = post("fine", text, act=Act.PENALTY).with_judgement(regulators=("地方监管局",))
    if called in text:
        told = as_read(told, Said("official", "fine", called, "禾家铺子"), authorities=(called,))
    made = build([told, post("bag", "包开线")])
    rows = table(made, "监管动态")
    assert rows and [row[1].value for row in rows.rows] == [called]
    assert plain(rows.note).startswith("按公开信息的标题列出；标题为原文，")


def test_a_move_whose_title_is_masked_is_not_said_to_be_as_it_was_written() -> None:
    about: dict[str, Any] = {"host": "苏一舟", "act": Act.PENALTY}
    told = post("fine", "市场监管局对苏一舟罚款5万元", title="苏一舟被市场监管局罚款5万元", **about)
    made = build([told.with_judgement(regulators=("市场监管局",)), post("bag", "包开线")])
    rows = table(made, "监管动态")
    assert rows and "苏一舟" not in str(rows.rows)
    assert "标题中未达具名条件的当事方以代称代替，其余为原文" in plain(rows.note)


def test_moves_follow_the_sources_and_the_query_of_the_scope() -> None:
    def fine(key: str, source: str) -> Document:
        one = post(key, f"市场监管局对第{key}家快递公司罚款5万元", act=Act.PENALTY, consumer=False)
        return replace(one, raw=replace(one.raw, source=source)).with_judgement(regulators=("市场监管局",))

    known = [post("bag", "包开线"), fine("1", "s"), fine("2", "other")]
    for scope, chosen, titles in (
        (Scope(), "全部", ["1", "2"]),
        (Scope(where={"source": ("s",)}), "符合检索与来源条件的", ["1"]),
        (Scope(text=Term("2家"), words="2家"), "符合检索与来源条件的", ["2"]),
    ):
        made = build(known, scope=scope)
        moves = table(made, "监管动态")
        assert moves is not None
        assert [str(row[3].value)[7] for row in moves.rows] == titles
        assert f"动态{len(titles)}项，可能不全（取自{chosen}信息，不论是否判定为与消费维权有关" in spoken(
            made
        )


def corrected(document: Document, **changes: Any) -> Correction:
    polarity = document.judgement.polarity
    return Correction(document.raw.id, "analyst", NOW, judged=polarity.value if polarity else "", **changes)


def test_corrections_that_move_a_text_out_of_the_scope_or_into_it_are_counted_and_told() -> None:
    told = {
        "cup": {"polarity": Polarity.NEU},
        "fight": {"polarity": Polarity.NEU, "consumer": False},
        "again": {"consumer": False},
        "bag": {"consumer": True},
        "divorce": {"polarity": Polarity.NEU},
    }
    posts = {key: post(key, f"{key}漏水", consumer=key not in ("bag", "divorce")) for key in (*told, "kept")}
    made = [corrected(posts[key], **changes) for key, changes in told.items()]
    documents = [
        apply_all(one, [each for each in made if each.document_id == one.id]) for one in posts.values()
    ]
    report = build(documents, corrected=made)
    assert values(report)["total"] == 3
    said = "人工更正：判定结果中有4条经分析人员更正，其中2条因此移出统计范围、1条因此移入统计范围。"
    assert said in spoken(report)
    out = report.facts["corrections.left"]
    assert [one.id for one in out.documents] == sorted(posts[key].id for key in ("fight", "again"))


def test_a_host_taken_away_by_hand_takes_the_text_out_of_the_host_s_report() -> None:
    about = Scope(where={"hosts": ("林小禾",)})
    posts = [post(key, f"林小禾{key}漏水", host="林小禾") for key in ("one", "two")]
    made = [
        corrected(posts[0], remove_hosts=("林小禾",)),
        corrected(posts[1], add_targets=("林小禾",)),
    ]
    marked = posts[1].with_judgement(evidence=(Evidence("host:林小禾", 0, 3, "林小禾"),))
    documents = [apply_all(one, [each]) for one, each in zip((posts[0], marked), made, strict=True)]
    report = build(documents, corrected=made, scope=about)
    assert "判定结果中有2条经分析人员更正，其中1条因此移出统计范围。" in spoken(report)


def test_only_corrections_within_the_scope_are_counted() -> None:
    known = [post("bag", "包开线"), post("cup", "杯子漏水"), *OTHER]
    made = build(known, scope=Scope(text=Term("杯子")), corrected=[corrected(one) for one in known])
    assert "判定结果中有1条经分析人员更正" in spoken(made)


def test_nothing_is_called_unjudged_where_no_judgement_is_asked_for() -> None:
    made = build([post("bag", "包开线"), *OTHER], scope=Scope(consumer=False))
    assert "未判" not in spoken(made)
    assert "unjudged" not in made.facts
    assert values(made)["outside"] == 0


def test_fields_go_over_all_consumer_information_and_livestream_is_one_of_them() -> None:
    rules = [post(f"r{n}", "付定金不能退尾款", issues=("C07",)) for n in range(9)]
    shows = [post(f"l{n}", "主播卖假货", issues=("C03",), live=True) for n in range(6)]
    made = build([*rules, *shows])
    fields = table(made, "问题领域")
    assert fields is not None
    assert [(row[0].value, row[1].value) for row in fields.rows] == [
        ("促销规则", 9),
        ("假冒伪劣", 6),
        ("直播带货", 6),
    ]
    first = build([*rules, *shows], fields_first=("live",))
    assert table(first, "问题领域").rows[0][0].value == "直播带货"  # type: ignore[union-attr]
    opened = table(made, "直播带货问题")
    assert opened is not None and [row[0].value for row in opened.rows] == ["假冒伪劣"]


def test_a_heading_holds_the_words_of_enough_documents_or_the_name_alone() -> None:
    blamed = [post(f"b{n}", "主播说找商家", issues=("C13",)) for n in range(2)]
    stuck = [post(f"s{n}", f"第{n}次退款，客服不让退", issues=("C05",), words="不让退") for n in range(6)]
    made = build([*blamed, *stuck])
    assert "（一）售后退换：“不让退”" in headings(made)
    assert made.facts["issue.C05.point.不让退"].value == 6
    assert made.facts["issue.C05.point.不让退"].label == "“售后退换”中写有“不让退”的信息"
    assert not any("责任落实" in h or "推诿" in h for h in headings(made))
    alone = build([post(f"x{n}", "商品破了", issues=("C04",)) for n in range(6)])
    assert "（一）商品质量" in headings(alone)


def test_words_that_appear_late_in_the_window_are_found_and_counted_in_all() -> None:
    early = [
        post(f"e{n}", f"第{n}单，满减套路深", day=n / 20, issues=("C07",), words="套路深") for n in range(400)
    ]
    late = [
        post(f"l{n}", f"第{n}单，双11当天不能退款", day=22, issues=("C07",), words="双11当天不能退款")
        for n in range(60)
    ]
    other = [post(f"o{n}", f"第{n}位答：双11当天不能退款", day=22, issues=("C05",)) for n in range(5)]
    made = build([*early, *late, *other])
    assert made.facts["issue.C07.point.双11当天不能退款"].value == 60
    assert "“套路深”（400）、“双11当天不能退款”（60）等写法，括号内为该领域中写有该词的信息条数" in spoken(
        made
    )


def test_answers_and_rules_are_no_negatives_and_accuse_nobody() -> None:
    charges = [post(f"c{n}", "林小禾卖假货", issues=("C03",), host="林小禾", live=True) for n in range(4)]
    answer = post("answer", "林小禾回应卖假货", act=Act.RESPONSE, issues=("C03",), host="林小禾", live=True)
    rule = post("rule", "监管部门发布《某办法》", act=Act.RULE, issues=("C03",), live=True)
    rule = rule.with_judgement(regulators=("市场监管局",))
    made = build([*charges, answer, rule])
    assert values(made)["negative"] == 4
    assert values(made)["host.林小禾"] == 4
    moves = table(made, "监管动态")
    assert moves is not None and len(moves.rows) == 1


def test_nobody_is_named_on_the_word_of_fewer_publishers_than_the_floor() -> None:
    one = [
        post(f"o{n}", "丁大勺不发货", issues=("C08",), host="丁大勺", live=True, author="same")
        for n in range(9)
    ]
    many = [post(f"m{n}", "白露露不发货", issues=("C08",), host="白露露", live=True) for n in range(3)]
    made = build([*one, *many])
    cells = [plain(cell.text) for t in made.tables() for row in t.rows for cell in row]
    told = "\n".join([spoken(made), *cells, *map(plain, made.digest), *headings(made)])
    assert "白露露" in told
    assert "丁大勺" not in told
    assert "其余1位" in told


def test_shares_stand_in_prose_only_of_thirty_or_more() -> None:
    few = spoken(build([post(f"f{n}", "坏了", issues=("C04",)) for n in range(29)]))
    enough = spoken(build([post(f"f{n}", "坏了", issues=("C04",)) for n in range(30)]))
    assert "%" not in few
    assert "100.00%（n=30）" in enough


def test_no_share_of_a_few_stands_in_a_table_or_beside_a_bar() -> None:
    made = build([post(f"f{n}", "坏了", issues=("C04",), day=n) for n in range(12)])
    assert not [name for t in made.tables() for name in t.columns if "占比" in name]
    assert not [text for text in map(shown, made.pictures()) if "（" in text.split("%")[0] or "条　" in text]


def shown(picture: Picture) -> str:
    return re.sub("<[^>]+>", " ", draw(picture.chart, "p")) if isinstance(picture.chart, Parts | Bars) else ""


def test_a_day_on_which_only_other_things_came_in_is_no_missing_day() -> None:
    host = [post(f"h{n}", "白露露不发货", host="白露露", live=True, day=n) for n in range(12)]
    every = [post(f"o{n}", "高速发生车祸", consumer=False, day=n) for n in range(28)]
    own = Scope(where={"hosts": ("白露露",)})
    made = build([*host, *every], scope=own)
    assert "监测期内每天均收到信息；其中有16天没有监测范围内的信息" in spoken(made)
    assert "灰色底纹" not in spoken(made)
    daily = table(made, "每日信息量")
    assert daily is not None and "备注" not in daily.columns
    made = build([*host, *every[:20]], scope=own)
    assert "未收到任何信息；另有8天没有监测范围内的信息" in spoken(made)


def test_a_single_day_has_no_daily_mean_in_prose() -> None:
    day = reports.find_kind("daily")
    window = reports.window_of(day, "2024-10-25", "2024-10-25", NOW)
    store = open_store_url("memory:")
    store.put([post(f"f{n}", "坏了", issues=("C04",)) for n in range(12)])
    made = reports.build(store, day, window)
    assert "12条" in spoken(made)
    counted = spoken(made).split("共收集", 1)[1]
    assert "日均" not in "\n".join([*map(plain, made.digest), counted])


def test_the_only_peak_and_its_height_are_one_sentence() -> None:
    curve = [5, 6, 5, 6, 5, 25, 5, 6, 5, 6]
    posts = [post(f"p{day}-{n}", f"第{n}件坏了", day=day) for day, of in enumerate(curve) for n in range(of)]
    assert "10月25日出现舆情量峰值，为25条。" in spoken(build(posts))


def test_numbering_has_no_holes() -> None:
    made = build([post(f"f{n}", "坏了", issues=("C04",)) for n in range(12)])
    chapters = [h.text[0] for h in made.blocks if isinstance(h, Heading) and h.level == 2 and "、" in h.text]
    assert chapters == ["一", "二", "三"]
    appendices = [h[2] for h in headings(made) if h.startswith("附录") and len(h) > 2]
    assert appendices == ["一", "二", "三"]


def test_the_windows_of_double_11_end_when_that_years_edition_did() -> None:
    ends = {year: double11(year)[1].isoformat() for year in range(2019, 2026)}
    assert ends == {
        2019: "2019-11-15", 2020: "2020-11-15", 2021: "2021-11-12", 2022: "2022-11-13",
        2023: "2023-11-16", 2024: "2024-11-16", 2025: "2025-11-16",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "options", "first", "last"),
    [
        ("weekly", {"week": "last-week"}, "2024-11-18", "2024-11-24"),
        ("weekly", {"week": "2024-W45"}, "2024-11-04", "2024-11-10"),
        ("weekly", {"week": "45", "year": 2024}, "2024-11-04", "2024-11-10"),
        ("double11", {"year": 2021}, "2021-10-20", "2021-11-12"),
        ("618", {}, "2024-06-01", "2024-06-20"),
        ("holiday", {}, "2024-09-30", "2024-10-10"),
        ("daily", {}, "2024-11-30", "2024-11-30"),
        ("monthly", {}, "2024-11-01", "2024-11-30"),
    ],
)
def test_windows_by_name(kind: str, options: dict[str, object], first: str, last: str) -> None:
    window = reports.window_of(reports.find_kind(kind), None, None, NOW, **options)  # type: ignore[arg-type]
    assert (window.first.isoformat(), window.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("kind", "now", "title", "earlier"),
    [
        ("weekly", "2024-11-06", "（2024年第45周，截至11月5日）",
         {"上周同期": "2024-10-28…2024-10-29", "上年同周同期": "2023-11-06…2023-11-07"}),
        ("weekly", "2024-11-10", "（2024年第45周，截至11月9日）",
         {"上周同期": "2024-10-28…2024-11-02", "上年同周同期": "2023-11-06…2023-11-11"}),
        ("monthly", "2024-03-31", "（2024年3月，截至3月30日）",
         {"上月同期": "2024-02-01…2024-02-29", "上年同月同期": "2023-03-01…2023-03-30"}),
    ],
)  # fmt: skip
def test_a_period_that_is_not_over_says_so_and_is_compared_with_the_same_days(
    kind: str, now: str, title: str, earlier: dict[str, str]
) -> None:
    found, moment = reports.find_kind(kind), parse_moment(f"{now}T09:00")
    monday = {"weekly": ("2024-11-04", "2024-11-10"), "monthly": ("2024-03-01", "2024-03-31")}[kind]
    window = reports.window_of(found, *monday, moment)
    assert found.title(window, "").endswith(title)
    assert {name: f"{w.first}…{w.last}" for name, w in found.before(window)} == earlier
    made = reports.build(open_store_url("memory:"), found, window)
    assert f"本{'周' if kind == 'weekly' else '月'}尚未结束" in spoken(made)
    whole = reports.window_of(found, *monday, parse_moment("2024-12-01T09:00"))
    assert "截至" not in found.title(whole, "")
    assert "尚未结束" not in spoken(reports.build(open_store_url("memory:"), found, whole))
    with pytest.raises(UsageError, match="is over yet"):
        reports.window_of(found, *monday, parse_moment(f"{monday[0]}T09:00"))


@pytest.mark.parametrize(
    ("kind", "days", "named"),
    [
        ("weekly", ("2024-11-04", "2024-11-10"), "本期截至2024年11月5日，本周尚未结束"),
        ("daily", ("2024-11-06", "2024-11-06"), "2024年11月6日09:00（北京时间）"),
        ("host", ("2024-11-05", "2024-11-06"), "本期末日截至09:00，尚未结束"),
    ],
)
def test_a_constant_rate_does_not_fall_while_a_day_runs(kind: str, days: tuple[str, str], named: str) -> None:
    hourly = [
        post(f"{hour}-{n}", f"第{hour}时{n}号包裹开线", day=8 + hour / 24, issues=("C04",), host="林小禾")
        for hour in range(9 * 24 + 9)
        for n in range(6)
    ]
    store, found = open_store_url("memory:"), reports.find_kind(kind)
    store.put(hourly)
    window = reports.window_of(found, *days, parse_moment("2024-11-06T09:00"))
    made = reports.build(store, found, window)
    rows = table(made, "比较1")
    moved = [] if rows is None else [str(row[3].value) for row in rows.rows]
    assert moved and not {"上升", "下降"}.intersection(moved)
    assert named in spoken(made) and "日均信息量下降" not in spoken(made)
    tomorrow = reports.window_of(found, *days, parse_moment("2024-11-12T09:00"))
    assert "24时（北京时间）" in spoken(reports.build(store, found, tomorrow))


@pytest.mark.parametrize(
    ("week", "before"),
    [
        ("2021-W45", {"上期": "2021-W44", "上年同周": "2020-W45"}),
        ("2027-W10", {"上期": "2027-W09", "上年同周": "2026-W10"}),
        ("2024-W01", {"上期": "2023-W52", "上年同周": "2023-W01"}),
        ("2026-W53", {"上期": "2026-W52"}),
    ],
)
def test_a_week_is_compared_with_the_week_of_its_number(week: str, before: dict[str, str]) -> None:
    found = reports.find_kind("weekly")
    window = reports.window_of(found, None, None, parse_moment("2029-01-01T09:00"), week=week)
    weeks = {name: w.first.strftime("%G-W%V") for name, w in found.before(window)}
    assert weeks == before
    assert all(w.first.weekday() == 0 and len(w.days) == 7 for _, w in found.before(window))


def test_fields_that_are_new_or_gone_are_compared_too() -> None:
    now = [post(f"now{n}", "快递迟迟不发货", day=n, issues=("C08",)) for n in range(6)]
    then = [post(f"then{n}", "买到假货", day=n - 366, issues=("C03",)) for n in range(3, 11)]
    news = post("news", "样本网称买到假货", day=-360, issues=("C03",), site="样本网")
    made = build([*now, *then, news])
    rows = table(made, "比较1")
    assert rows
    found = {row[0].value: (row[1].value, row[2].value) for row in rows.rows}
    assert found["领域：发货物流"] == (6, 0)
    assert found["领域：假冒伪劣"] == (0, 9)
    assert found["渠道：网站"] == (0, 1)
    gone = made.facts["issue.C03"]
    assert (gone.value, gone.query.where.where["issues"]) == (0, ("C03",))
    assert made.facts["before1.issue.C08"].value == 0


def test_a_field_is_compared_by_how_its_own_days_vary() -> None:
    advertised = {"polarity": "neu", "act": Act.PROMOTION}
    noise = [
        post(f"{year}-{day}-{n}", f"今晚八点开卖{n}", day=day - year * 366 + n / 99, **advertised)  # type: ignore[arg-type]
        for year in (0, 1)
        for day in (3, 11)
        for n in range(60)
    ]
    now = [post(f"now{n}", f"快递{n}天不发货", day=n * 2, issues=("C08",)) for n in range(11)]
    then = [post(f"then{n}", f"快递{n}天不到货", day=n * 0.8 - 366, issues=("C08",)) for n in range(33)]
    rows = table(build([*noise, *now, *then, *daily(0, -366)]), "比较1")
    assert rows
    assert [row[3].value for row in rows.rows if row[0].value == "领域：发货物流"] == ["下降"]
    assert [row[3].value for row in rows.rows if row[0].value == "渠道：微博"] == ["变化未超出随机波动"]


@pytest.mark.parametrize(
    ("kind", "days", "week"),
    [
        ("weekly", (None, None), None), ("monthly", (None, None), None), ("daily", (None, None), None),
        ("custom", ("2024-11-01", "2024-11-05"), None), ("double11", ("2024-10-20", "2024-11-16"), None),
        ("weekly", (None, None), "2024-W45"), ("weekly", (None, None), "last-week"),
    ],
)  # fmt: skip
def test_a_year_that_decides_nothing_is_refused(
    kind: str, days: tuple[str | None, str | None], week: str | None
) -> None:
    with pytest.raises(UsageError, match="--year goes with"):
        reports.window_of(reports.find_kind(kind), *days, NOW, year=2023, week=week)


def story(sites: int) -> Iterator[Document]:
    text = "有消费者在林小禾直播间购买的蚕丝被经检测不含蚕丝，成交1323件，退货1012件，退货率76.4%。"
    for n in range(sites):
        yield post(
            f"story{n}", text, day=10 + n / 24, title="林小禾直播间蚕丝被被曝不含蚕丝", issues=("C03",),
            host="林小禾", live=True, site=f"样本网{n}",
        )  # fmt: skip
    said = "林小禾工作室回应称，所售蚕丝被不含蚕丝一事不属实，予以否认。"
    yield as_read(
        post(
            "denial", said, day=12, polarity="neu", act=Act.RESPONSE, title="林小禾回应直播间蚕丝被不含蚕丝",
            host="林小禾", live=True, site="样本日报",
        ),
        Said("answer", "deny", "林小禾", clause=said),
    )  # fmt: skip


def case_report(home: Home, sites: int) -> Report:
    store = open_store(home)
    store.put([*story(sites), *OTHER])
    events.update(home, store)
    made = reports.build(store, DOUBLE11, WINDOW, home=home)
    store.close()
    return made


def test_a_charge_that_stands_alone_among_answers_is_a_lead(home: Home) -> None:
    about: dict[str, Any] = {"host": "林小禾", "live": True, "author": "甲", "issues": ("C03",)}
    charge = post("fined", "林小禾售假被罚款50万元。", title="林小禾假蚕丝被被罚款50万", **about)
    sorry = "林小禾就假蚕丝被被罚款50万致歉"
    answers = [
        post(f"sorry{n}", f"{sorry}。", day=5 + n / 24, title=sorry, act=Act.RESPONSE, **about)
        for n in (1, 2)
    ]
    store = open_store(home)
    store.put([charge, *answers, *OTHER])
    events.update(home, store)
    made = reports.build(store, DOUBLE11, WINDOW, home=home)
    store.close()
    rows = table(made, "线索")
    assert rows
    assert [(row[2].value, row[1].value) for row in rows.rows] == [(3, "〔某主播甲〕假蚕丝被被罚款50万")]


def test_a_case_is_an_event_with_its_status_its_evidence_and_its_numbers_as_quoted(home: Home) -> None:
    made = case_report(home, 5)
    (card,) = [b for b in made.blocks if isinstance(b, CaseCard)]
    case = card.case
    assert case.status == "已否认"
    assert case.told[-1].status == "已否认" and "否认" in case.told[-1].quote.text
    assert case.publishers.value and int(case.publishers.value) >= 5
    assert any("76.4%" in claim.text for claim in case.claims)
    assert any("76.49%" in note for note in case.notes)
    evidence = table(made, "案例证据")
    assert evidence is not None
    assert all(len(str(row[6].value)) == 64 and row[7].value == "未留存" for row in evidence.rows)
    [told] = [plain(line) for line in made.digest if "蚕丝被" in plain(line)]
    assert re.search(r"。“[^“”]*退货率76\.4%”（网站·样本网\d，2024-\d\d-\d\d \d\d:\d\d）。$", told)


def test_the_events_that_most_publishers_tell_are_the_cases(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MAX_CASES", 2)
    monkeypatch.setattr(cases, "MAX_LEADS", 1)
    told = {
        "蚕丝被里没有蚕丝，检测报告显示全是化纤": 4, "预售洗衣机付完尾款反而贵了八十七元": 6,
        "燕窝其实是糖水，打假人晒出唾液酸的数字": 5, "手链鉴定为石英岩，客服只退款不肯赔付": 2,
        "羽绒服充绒量不足，三批次抽检均不合格": 1,
    }  # fmt: skip
    store = open_store(home)
    for at, (text, sites) in enumerate(told.items()):
        for n in range(2 * sites):
            name = f"样本网{n // 2}"
            store.put([post(f"{at}-{n}", text, day=at + n / 48, issues=("C03",), site=name)])
    events.update(home, store)
    made = reports.build(store, DOUBLE11, WINDOW, home=home)
    store.close()
    shown = [b.case for b in made.blocks if isinstance(b, CaseCard)]
    assert [(case.documents.value, case.publishers.value) for case in shown] == [(12, 6), (10, 5)]
    assert all(case.opening.text.startswith(case.title[:8]) for case in shown)
    leads = table(made, "线索")
    assert leads is not None and [row[3].value for row in leads.rows] == [2]


def test_of_a_large_event_all_publishers_are_counted_and_the_rest_is_at_least(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "EARLIEST", 3)
    monkeypatch.setattr(asking, "LATEST", 2)
    told = {"蚕丝被里没有蚕丝，检测报告显示全是化纤": 9, "预售洗衣机付完尾款反而贵了八十七元": 7}
    store = open_store(home)
    for at, (text, sites) in enumerate(told.items()):
        for n in range(sites * (1 + at)):
            one = post(f"{at}-{n}", text, day=at + n / 48, issues=("C03",), site=f"样本网{n % sites}")
            store.put([replace(one, raw=replace(one.raw, engagement=Engagement(likes=10)))])
    events.update(home, store)
    made = reports.build(store, DOUBLE11, WINDOW, home=home)
    store.close()
    shown = [plain(b.intro) for b in made.blocks if isinstance(b, CaseCard)]
    assert [text.split("，", 2)[2].split("。状态")[0] for text in shown] == [
        "事件先后有9个发布主体，其中有原创文本的至少9个，互动量至少50",
        "事件先后有7个发布主体，其中有原创文本的至少7个，互动量至少50",
    ]


def test_the_evidence_of_a_large_count_are_its_oldest_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [post(f"{n}", "假货", day=5 + n / 50, issues=("C03",)) for n in range(60)]
    whole = build(documents)
    monkeypatch.setattr(counter, "MANY", 20)
    assert build(documents).facts == whole.facts


def test_an_event_of_too_few_publishers_is_a_lead(home: Home) -> None:
    made = case_report(home, 1)
    assert not [b for b in made.blocks if isinstance(b, CaseCard)]


def liked(key: str, *, likes: int | None, comments: int | None = None, site: str = "") -> Document:
    made = post(key, f"第{key}条", site=site)
    return replace(made, raw=replace(made.raw, engagement=Engagement(likes=likes, comments=comments)))


def test_an_entry_of_a_list_that_stands_on_is_counted_with_its_last_engagement() -> None:
    def entry(key: str, day: float, comments: int, title: str = "直播间售假") -> Document:
        made = post(key, "一段导语", day=day)
        raw = replace(made.raw, title=title, author_id="", engagement=Engagement(comments=comments))
        return replace(made, raw=raw, group="same")

    listed = [entry("evening", 5, 1261), entry("morning", 5.4, 3188)]
    assert engagement_of(listed) == 3188
    assert engagement_of([*listed, entry("other", 5.5, 40, "主播被封号")]) == 3188 + 40, (
        "another topic, one lead"
    )
    others = [liked(f"n{n}", likes=None) for n in range(30)]
    assert build([*listed, *others]).facts["negative.engagement"].value == 3188
    signed = [replace(one, raw=replace(one.raw, author_id=f"a{n}")) for n, one in enumerate(listed)]
    assert engagement_of(signed) == 1261 + 3188
    assert build([*signed, *others]).facts["negative.engagement"].value == 1261 + 3188


def test_the_engagement_of_negatives_is_summed_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_ones = [liked(f"n{n}", likes=None) for n in range(26)]
    shown = [liked(f"w{n}", likes=100, comments=2) for n in range(3)] + [liked("s", likes=7, site="样本网")]
    made = build([*plain_ones, *shown, post("fine", "好评", polarity="pos")])
    said = "载明互动量的吐槽类信息4条，点赞、评论合计313次，其中微博306次、网站7次。"
    assert said in spoken(made)
    assert made.facts["negative.engagement.weibo"].value == 306
    assert "吐槽类信息均未载明互动量。" in spoken(build([liked(f"n{n}", likes=None) for n in range(30)]))
    monkeypatch.setattr(shares, "SUMMED", 29)
    assert "吐槽类信息较多，互动量本期未统计。" in spoken(build([*plain_ones, *shown]))


def test_the_accuracy_is_told_where_it_was_measured_on_enough() -> None:
    documents = [post("bag", "包开线")]
    assert "判定准确率：未经人工抽样测定。" in spoken(build(documents))
    few = {"label": Agreement(19, 20, 0.7, 0.99)}
    assert "随机抽取并经人工校正20条，样本不足30条，不列准确率。" in spoken(build(documents, accuracy=few))
    enough = {
        "label": Agreement(190, 200, 0.9104, 0.9726, passed=3),
        "precision": Agreement(36, 40, 0.7695, 0.9604),
        "recall": Agreement(20, 25, 0.6, 0.9),
    }
    made = build(documents, accuracy=enough)
    assert (
        "判定准确率：随机抽取并经人工校正200条（另有3条抽到而未答），系统的判定与人工一致的占95.00%（n=200）"
        "（95%区间91.04%至97.26%）；判为负面的有90.00%（n=40）人工也判为负面（95%区间76.95%至96.04%）。"
        "样本取自本系统全部已判信息，不限于监测期。"
    ) in spoken(made)
    assert values(made)["accuracy.label.low"] == 0.9104 and values(made)["accuracy.passed"] == 3


def test_documents_of_days_on_which_no_source_ran_are_no_trend() -> None:
    now = [post(f"now{n}", "差评", day=n % 28) for n in range(280)]
    then = [post(f"then{n}", "差评", day=n - 366) for n in range(28)]
    said = spoken(build([*now, *then], coverage=Coverage(), ran=lambda window: False))
    assert "该期没有来源运行成功，所收录的不全或是事后收到的，不判断升降" in said
    assert "日均信息量上升" not in said


def test_a_host_is_compared_with_the_same_days_of_the_year_before() -> None:
    found = reports.find_kind("host")
    window = reports.window_of(found, "2024-02-20", "2024-02-29", NOW)
    days = {name: f"{w.first}…{w.last}" for name, w in found.before(window)}
    assert days == {"上期": "2024-02-10…2024-02-19", "上年同期": "2023-02-20…2023-02-28"}


@pytest.mark.parametrize(
    ("received", "said"),
    [
        (daily(0, -366), "与之相比，日均信息量上升"),
        (daily(0, -366)[:-2], "与之相比，日均信息量上升"),
        (daily(0, -366)[:-3], "该期28天中有3天未收到任何信息，不判断升降"),
        (daily(0, -366)[4:], "本期28天中有4天未收到任何信息，不判断升降"),
    ],
)
def test_days_before_anything_came_in_are_no_rise(received: list[Document], said: str) -> None:
    now = [post(f"now{n}", "差评", day=4 + n % 24) for n in range(280)]
    then = [post(f"then{n}", "差评", day=n - 366) for n in range(9)]
    made = build([*now, *then, *received])
    assert said in spoken(made)
    rows = table(made, "比较1")
    assert rows
    judged = "不判断升降" not in said
    assert rows.rows[-1][3].value == ("上升" if judged else "不判断")
    assert ("未收到任何信息" in plain(rows.note)) is (len(received) < 56)


def test_a_day_on_which_a_source_ran_is_one_on_which_nothing_came_in() -> None:
    now = [post(f"now{n}", "差评", day=n % 28) for n in range(280)]
    then = [post(f"then{n}", "差评", day=n - 366) for n in range(9)]
    assert "日均信息量上升" in spoken(build([*now, *then], coverage=Coverage(), ran=lambda window: True))


def test_a_peak_that_only_copies_make_is_told_to_be_none_without_them() -> None:
    """Entries of a list that are recorded again after midnight make the next day the highest."""
    days = [(3, 60), (4, 40)]
    posts = [
        post(f"p{day}-{n}", f"第{n}件没有发货", day=day + n / 99)
        for day, number in days
        for n in range(number)
    ]
    posts += [post(f"low{day}-{n}", f"第{n}件坏了", day=day) for day in range(6, 20) for n in range(3)]
    again = [
        replace(
            one, raw=replace(one.raw, id=document_id("again", one.id)), group=one.group, first_in_group=False
        )
        for one in posts[60:95]
    ]
    alone, copied = build(posts), build([*posts, *again])
    assert "10月23日出现舆情量峰值" in spoken(alone) and "并非峰值" not in spoken(alone)
    assert "10月24日出现舆情量峰值" in spoken(copied) and "同文折叠后，10月24日并非峰值。" in spoken(copied)
