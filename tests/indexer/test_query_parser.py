"""The query language: what is understood, what is refused and where, and that both directions agree."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import expressions

from fengping.errors import UsageError
from fengping.indexer.search.query.parser import parse
from fengping.indexer.search.query.tree import And, Expression, Keyword, Near, Not, Or, Term, render

A, B, C = Term("甲"), Term("乙"), Term("丙")


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
        ("and 甲", And((Term("and"), A))),
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
    ],
)  # fmt: skip
def test_understood(query: str, tree: Expression | None) -> None:
    assert parse(query) == tree
    assert parse(render(tree)) == tree


@pytest.mark.parametrize(
    ("query", "place", "sentence"),
    [
        ("(甲", 1, "Unclosed bracket"),
        ("甲)", 2, "Unmatched closing bracket at character 2."),
        ("()", 1, "Missing word"),
        ('甲 "乙', 3, "Unclosed quotation"),
        ("甲 “乙", 3, "Unclosed quotation"),
        (r'"甲\"', 1, "Unclosed quotation"),
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
        ("polarity:bad", 10, "Unknown polarity value 'bad'"),
        ("host:title:甲", 6, "A field cannot hold another field"),
        ('host:""', 6, "Missing value"),
        ("NEAR(甲 乙)", 1, "needs a distance"),
        ("NEAR/101(甲 乙)", 1, "needs a distance"),
        ("NEAR/٣٣٣٣(甲 乙)", 1, "needs a distance"),
        ("NEAR/5(甲)", 1, "2 to 5 words, not 1"),
        ("NEAR/5(甲 乙 丙 丁 戊 己)", 1, "2 to 5 words, not 6"),
        ("NEAR/5(甲 乙", 1, "Unclosed bracket"),
        ("NEAR/5(甲 (乙 丙))", 10, "Only words"),
        ("NEAR/5(甲 host:乙)", 10, "Only words"),
        ("NEAR/5(title:甲 乙)", 8, "Only words"),
        ("NEAR/5(甲 OR 乙)", 10, "Only words"),
        ("host:NEAR/5(甲 乙)", 6, "text only"),
        ("NEAR/5((1 OR 2 OR 3 OR 4 OR 5 OR 6 OR 7 OR 8) (1 OR 2 OR 3 OR 4 OR 5 OR 6 OR 7 OR 8))", 1, "64"),
        ("(" * 50 + "甲" + ")" * 50, 41, "nested"),
        ("-" * 9_000 + "甲", 41, "nested"),
        ("甲 " * 501, 1001, "more than 500 words"),
        ("甲" * 10_001, None, "longer than"),
    ],
)
def test_refused_with_its_place(query: str, place: int | None, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(query)
    assert sentence in str(refused.value)
    assert place is None or f"character {place}" in str(refused.value)


def test_a_misspelt_field_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        parse("hots:甲")
    with pytest.raises(UsageError, match="Did you mean 'weibo'"):
        parse("channel:webo")


@given(expressions)
def test_parse_reads_what_render_writes(tree: Expression) -> None:
    assert parse(render(tree)) == tree


@given(st.text().filter(str.strip))
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = render(Term(" ".join(text.split())))
    with contextlib.suppress(UsageError):
        assert parse(quoted) == Term(" ".join(text.split()))


_pieces = st.sampled_from(
    ["甲", "a", '"', "“", "”", "(", ")", "（", "-", "NOT", "OR", "AND", "NEAR/3(", "ONEAR", "/", "title:",
     "host:", "polarity:", ":", "\\", " ", "　", "，", "\ud800", "\x00", "９"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_pieces, max_size=20).map("".join)))
def test_no_text_does_worse_than_a_usage_error(query: str) -> None:
    try:
        tree = parse(query)
    except UsageError as refused:
        assert "\n" not in str(refused)
    else:
        assert parse(render(tree)) == tree
