"""The query language: what is understood, what is refused and where, and that both directions agree."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import expressions

from fengping.analysis import HostRegistry
from fengping.analysis.hosts import Host
from fengping.clock import parse_moment
from fengping.errors import UsageError
from fengping.indexer.search import (
    And,
    Expression,
    Keyword,
    Lookup,
    Near,
    Not,
    Or,
    Range,
    Since,
    Term,
    Until,
    describe,
    parse,
    render,
)

A, B, C = Term("甲"), Term("乙"), Term("丙")

LOOKUP = Lookup(
    now=parse_moment("2020-11-11T08:30"),
    registry=HostRegistry(
        tuple(Host(name=name, aliases=aliases) for name, aliases in (
            ("甲", ("阿甲",)), ("乙", ("阿乙", "老三")), ("主播 甲", ()), ("林小禾", ("小禾", "老三")),
        )),
        {},
    ),
    words={"售后": ("退货", "退款 难"), "一": ("甲",)},
    queries={
        "翻车": "道歉 OR 翻车 since:-1d", "双": "query:翻车 甲", "环": "-query:环", "坏": "(甲", "空": " ",
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", None),
        (" 　，", None),
        ("甲", A),
        ("甲 乙 丙", And((A, B, C))),
        ("甲 AND 乙，丙", And((A, B, C))),
        ("甲　、乙", And((A, B))),
        ("甲 OR 乙 丙", Or((A, And((B, C))))),
        ("(甲 OR 乙) 丙", And((Or((A, B)), C))),
        ("（甲 OR 乙）丙", And((Or((A, B)), C))),
        ("甲 -乙", And((A, Not(B)))),
        ("甲 －乙", And((A, Not(B)))),
        ("甲 - 乙", And((A, Not(B)))),
        ("NOT (甲 乙)", Not(And((A, B)))),
        ("NOT NOT 甲", Not(Not(A))),
        ("((甲))", A),
        ('"刷单  炒信"', Term("刷单 炒信")),
        ("“刷单 炒信”甲", And((Term("刷单 炒信"), A))),
        (r'"他说\"好\" \\ \n"', Term('他说"好" \\ \\n')),
        ('"AND"', Term("AND")),
        ("iPhone-15 T恤-白", And((Term("iPhone-15"), Term("T恤-白")))),
        ("19:30", Term("19:30")),
        ("甲：道歉", Term("甲：道歉")),
        ("title:翻车", Term("翻车", "title")),
        ("标题：翻车", Term("翻车", "title")),
        ("text:(甲 OR 乙)", Or((Term("甲", "text"), Term("乙", "text")))),
        ('-title:"甲 乙"', Not(Term("甲 乙", "title"))),
        ("host:甲 issue:c02 polarity:neg", And((Keyword("hosts", "甲"), Keyword("issues", "C02"),
                                                Keyword("polarity", "neg")))),
        ("主播:(甲 OR 乙) 情感：负面", And((Or((Keyword("hosts", "甲"), Keyword("hosts", "乙"))),
                                            Keyword("polarity", "neg")))),
        ("platform:抖音 channel:微博 source:样报 site:news.example",
         And((Keyword("platforms", "抖音"), Keyword("channel", "weibo"), Keyword("source", "样报"),
              Keyword("site", "news.example")))),
        ('host:"主播 甲"', Keyword("hosts", "主播 甲")),
        ("NEAR/5(甲 乙)", Near((A, B), 5)),
        ("ONEAR/0（甲，乙 丙）", Near((A, B, C), 0, ordered=True)),
        ("NEAR ／ 12 (甲 “乙 丙”)", Near((A, Term("乙 丙")), 12)),
        ("title:NEAR/5(甲 乙)", Near((Term("甲", "title"), Term("乙", "title")), 5)),
        ("NEAR/5((甲 OR 乙) 丙)", Or((Near((A, C), 5), Near((B, C), 5)))),
        ("-NEAR/5(甲 乙) 丙", And((Not(Near((A, B), 5)), C))),
        ("NEARBY", Term("NEARBY")),
        ("甲 NEAR/5 乙", Near((A, B), 5)),
        ("甲 ONEAR／5 “乙”", Near((A, B), 5, ordered=True)),
        ("丙 甲 NEAR/5 乙", And((C, Near((A, B), 5)))),
        ("甲 NEAR/5 乙 NEAR/5 丙", Near((A, B, C), 5)),
        ("甲 NEAR/5 (乙 OR 丙)", Or((Near((A, B), 5), Near((A, C), 5)))),
        ("甲 NEAR/5(乙 丙)", And((A, Near((B, C), 5)))),
        ("-甲 NEAR/5 乙", Not(Near((A, B), 5))),
        ("title:(甲 NEAR/5 乙)", Near((Term("甲", "title"), Term("乙", "title")), 5)),
        ("title:甲 NEAR/0 title:乙", Near((Term("甲", "title"), Term("乙", "title")), 0)),
        ("甲 与 乙 或 非 丙", Or((And((A, B)), Not(C)))),
        ("与辉同行 非遗 或许", And((Term("与辉同行"), Term("非遗"), Term("或许")))),
        ('"与" "or" "near"', And((Term("与"), Term("or"), Term("near")))),
        ("C++ A&B 好！", And((Term("C++"), Term("A&B"), Term("好！")))),
        ("iPhone*", Term("iPhone", prefix=True)),
        ("title:iph＊", Term("iph", "title", prefix=True)),
        ('"iph*"', Term("iph*")),
        ("likes:>1000 转发数:0", And((Range("likes", 1000, None, False), Range("reposts", 0, 0)))),
        ("negative:>=0.8 -snownlp:＜0.3",
         And((Range("negative", 0.8), Not(Range("snownlp", None, 0.3, True, False))))),
        ("since:2020-11-01", Since(parse_moment("2020-11-01"))),
        ("until:2020-11-01", Until(parse_moment("2020-11-02"))),
        ("截止：2020年11月1日", Until(parse_moment("2020-11-02"))),
        ("until:2020-11-01T09:30", Until(parse_moment("2020-11-01T09:30"))),
        ("since:2020-11-01T09:30:00.5", Since(parse_moment("2020-11-01T09:30:01"))),
        ("since:-3d until:-3d", And((Since(parse_moment("2020-11-08")), Until(parse_moment("2020-11-09"))))),
        ("since:-12h", Since(parse_moment("2020-11-10T20:30"))),
        ("since:-1w until:昨天", And((Since(parse_moment("2020-11-04")), Until(parse_moment("2020-11-11"))))),
        ("host:阿甲 主播:小禾", And((Keyword("hosts", "甲"), Keyword("hosts", "林小禾")))),
        ("class:虚假宣传 class:c02", And((Keyword("issues", "C02"), Keyword("issues", "C02")))),
        ("platform:淘直播", Keyword("platforms", "淘宝直播")),
        ("words:售后", Or((Term("退货"), Term("退款 难")))),
        ("甲 -词组:一", And((A, Not(A)))),
        ("title:words:售后", Or((Term("退货", "title"), Term("退款 难", "title")))),
        ("NEAR/5(words:售后 甲)", Or((Near((Term("退货"), A), 5), Near((Term("退款 难"), A), 5)))),
        ("query:双", And((Or((Term("道歉"), And((Term("翻车"), Since(parse_moment("2020-11-10")))))), A))),
    ],
)  # fmt: skip
def test_understood(query: str, tree: Expression | None) -> None:
    assert parse(query, LOOKUP) == tree
    assert parse(render(tree), LOOKUP) == tree


@pytest.mark.parametrize(
    ("query", "place", "sentence"),
    [
        ("(甲", 1, "Unclosed"),
        ("甲)", 2, "Unmatched closing bracket at character 2."),
        ("()", 1, "Missing word"),
        ('甲 "乙', 3, "Unclosed"),
        ("甲 “乙", 3, "Unclosed"),
        (r'"甲\"', 1, "Unclosed"),
        ('甲 " "', 3, "Empty quotation"),
        ("\u200b", 1, "Empty quotation"),
        ("甲 OR", 3, "Missing word after 'OR'"),
        ("OR 甲", None, "Missing word at the beginning"),
        ("甲 AND AND 乙", 3, "Missing word after 'AND'"),
        ("甲 -", 3, "Missing word"),
        ("host:", 1, "Missing word"),
        ("host:-甲", 1, "Missing word"),
        ("甲 hots:乙", 3, "Unknown field 'hots'"),
        ("http://shop.example", 1, "Unknown field 'http'"),
        ("polarity:bad", 10, "Unknown polarity 'bad'"),
        ("host:title:甲", 6, "another field"),
        ('host:""', 6, "Missing value"),
        ("NEAR(甲 乙)", 1, "needs a distance"),
        ("NEAR/101(甲 乙)", 1, "needs a distance"),
        ("NEAR/٣٣٣٣(甲 乙)", 1, "needs a distance"),
        ("NEAR/5(甲)", 1, "2 to 5 words, not 1"),
        ("NEAR/5(甲 乙 丙 丁 戊 己)", 1, "2 to 5 words, not 6"),
        ("NEAR/5(甲 乙", 7, "Unclosed"),
        ("NEAR/5(甲 (乙 丙))", 10, "Only words"),
        ("NEAR/5(甲 host:乙)", 10, "Only words"),
        ("NEAR/5(title:甲 乙)", 1, "within one field"),
        ("NEAR/5(甲 OR 乙)", 10, "Only words"),
        ("host:NEAR/5(甲 乙)", 6, "text only"),
        ("NEAR/5((1 OR 2 OR 3 OR 4 OR 5 OR 6 OR 7 OR 8) (1 OR 2 OR 3 OR 4 OR 5 OR 6 OR 7 OR 8))", 1, "64"),
        ("(" * 50 + "甲" + ")" * 50, 41, "nested"),
        ("-" * 9_000 + "甲", 41, "nested"),
        ("甲 " * 501, 1001, "more than 500 words"),
        ("甲" * 10_001, None, "longer than"),
        ("甲 NEAR 乙", 3, "needs a distance"),
        ("甲 NEAR/-1 乙", 3, "needs a distance"),
        ("NEAR/-1(甲 乙)", 1, "needs a distance"),
        ("甲 NEAR/x 乙", 3, "needs a distance"),
        ("甲 near/5 乙", 3, "not how nearness"),
        ("甲 W/5 乙", 3, "not how nearness"),
        ("甲 NEAR/5", 3, "Missing word after 'NEAR'"),
        ("NEAR/5 甲", 1, "Missing word before NEAR"),
        ("甲 NEAR/5 host:乙", 10, "Only words"),
        ("甲 NEAR/5 iph*", 10, "Only words"),
        ("甲 NEAR/5 title:乙", 3, "within one field"),
        ("甲 NEAR/5 乙 ONEAR/5 丙", 12, "another nearness"),
        ("甲 或", 3, "Missing word after '或'"),
        ("与 甲", None, "Missing word at the beginning"),
        ("甲 or 乙", 3, "in capitals"),
        ("甲AND乙", 2, "space on both sides"),
        ("NOT甲", 1, "space on both sides"),
        ("甲|乙", 2, "Write OR"),
        ("甲 && 乙", 3, "Write AND"),
        ("!甲", 1, "Write -"),
        ("直播+电商", 3, "Write AND"),
        ("退*", 2, "Latin letters"),
        ("a*", 2, "two at least"),
        ("iph*ne", 4, "Latin letters"),
        ("iphone15*", 9, "Latin letters"),
        ("iph?ne", 4, "no wildcard"),
        ('"甲 乙"~5', 6, "NEAR/5"),
        ("iphone~", 7, "no operator"),
        ("甲^2", 2, "no weights"),
        ("host:iph*", 6, "whole values"),
        ("likes:many", 1, "no number"),
        ("likes:(>1 OR <5)", 1, "no number"),
        ("negative:0.8", 1, "needs > or <"),
        ("host:likes:>1", 6, "another field"),
        ("since:gestern", 1, "is no date"),
        ("until:0001-01-01T00:00:00+14:00", 1, "is no date"),
        ("platform:抖因", 10, "'抖音'"),
        ("class:虚假宣专", 7, "'C02'"),
        ("host:林小和", 6, "'林小禾'"),
        ("host:老三", 6, "more than one host (character 6). Write one of: 乙, 林小禾"),
        ("host:王五麻子", 6, "Known: "),
        ("平台方:甲", 1, "Did you mean '平台'"),
        ("words:售前", 7, "Did you mean '售后'"),
        ("query:返车", 7, "Did you mean '翻车'"),
        ("query:环", None, "环 → 环 need each other"),
        ("query:坏", None, "In the saved query '坏': Unclosed bracket at character 1"),
        ("query:空", 7, "is empty"),
        ("words:(甲)", 7, "Missing name"),
    ],
)
def test_refused_with_its_place(query: str, place: int | None, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(query, LOOKUP)
    assert sentence in str(refused.value)
    assert place is None or f"character {place}" in str(refused.value)


def test_days_back_need_a_today() -> None:
    with pytest.raises(UsageError, match="counts from today"):
        parse("since:-3d")
    with pytest.raises(UsageError, match="Unknown word list"):
        parse("words:售后")


@pytest.mark.parametrize(
    ("query", "chinese", "english"),
    [
        ("", "全部文档", "every document"),
        ("甲 (乙 OR title:丙)", "含“甲”，且（含“乙”，或标题含“丙”）", "“甲” and (“乙” or “丙” in the title)"),
        ("甲 NEAR/5 乙", "含“甲”与“乙”相距不超过5个字（不分先后）",
         "“甲” near “乙”, at most 5 characters apart, in any order"),
        ("ONEAR/2(甲 乙)", "含“甲”与“乙”依次出现，相距不超过2个字",
         "“甲” near “乙”, in this order, at most 2 characters apart"),
        ("-iph*", "不是（含以“iph”开头的词）", "not (a word beginning with “iph”)"),
        ("class:c02 polarity:neg", "类别为C02 虚假宣传，且情感为负面",
         "class is C02 虚假宣传 and polarity is negative"),
        ("likes:>1000 negative:>=0.8", "点赞大于1000，且负面概率不小于0.8",
         "likes over 1000 and probability of negative at least 0.8"),
        ("since:2020-11-01 until:-1d", "2020-11-01起发布，且2020-11-10（含）前发布",
         "published from 2020-11-01 on and published until 2020-11-10 inclusive"),
        ("until:2020-11-01T08:00", "2020-11-01T08:00:00+08:00前发布",
         "published before 2020-11-01T08:00:00+08:00"),
    ],
)  # fmt: skip
def test_said_in_words(query: str, chinese: str, english: str) -> None:
    tree = parse(query, LOOKUP)
    assert (describe(tree, "zh"), describe(tree, "en")) == (chinese, english)


def test_a_misspelt_field_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        parse("hots:甲")
    with pytest.raises(UsageError, match="Did you mean 'weibo'"):
        parse("channel:webo")


@given(expressions)
def test_parse_reads_what_render_writes(tree: Expression) -> None:
    assert parse(render(tree), LOOKUP) == tree
    assert describe(tree, "zh") != describe(tree, "en")


@given(st.text().filter(str.strip))
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = render(Term(" ".join(text.split())))
    with contextlib.suppress(UsageError):
        assert parse(quoted) == Term(" ".join(text.split()))


_pieces = st.sampled_from(
    ["甲", "a", '"', "“", "”", "(", ")", "（", "-", "NOT", "OR", "AND", "NEAR/3(", "ONEAR", "/", "title:",
     "host:", "polarity:", ":", "\\", " ", "　", "，", "\ud800", "\x00", "９", "likes:>", "since:", "*",
     "iph",
     "NEAR/3 ", "words:", "query:", "售后", "翻车", "与", "~", "+", "|", "2020-11-01", "-3d"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_pieces, max_size=20).map("".join)))
def test_no_text_does_worse_than_a_usage_error(query: str) -> None:
    try:
        tree = parse(query, LOOKUP)
    except UsageError as refused:
        assert "\n" not in str(refused)
    else:
        assert parse(render(tree), LOOKUP) == tree
