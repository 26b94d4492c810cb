"""Saved queries and word lists of a home: kept, used by name, refused where they cannot be understood."""

from __future__ import annotations

import pytest

from fengping.clock import parse_moment
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.indexer.search import And, Lookup, Not, Or, Term, parse
from fengping.services import queries, query_users
from fengping.toml import read_toml

NOW = parse_moment("2020-11-11T08:30")


def test_a_saved_query_is_used_by_its_name(home: Home) -> None:
    said = queries.save(home, "翻车", "道歉 OR 翻车", NOW, "每日看")
    assert said.chinese == "含“道歉”，或含“翻车”"
    queries.save(home, "新翻车", "query:翻车 since:-1d", NOW)
    understood = queries.understand(home, "-query:翻车 退货", NOW)
    assert understood.tree == And((Not(Or((Term("道歉"), Term("翻车")))), Term("退货")))
    assert [(one.name, one.text, one.note, one.saved_at) for one in queries.saved(home)] == [
        ("新翻车", "query:翻车 since:-1d", "", NOW),
        ("翻车", "道歉 OR 翻车", "每日看", NOW),
    ]


def test_saving_again_replaces_and_removing_removes(home: Home) -> None:
    queries.save(home, "甲", "退货", NOW)
    queries.save(home, "甲", "退款", NOW)
    assert queries.find(home, "甲").text == "退款"
    query_users.remove(home, "甲")
    with pytest.raises(UsageError, match="Unknown saved query '甲'"):
        queries.find(home, "甲")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("坏", "(甲", "Unclosed bracket at character 1"),
        ("空", " ", "is empty"),
        ("a:b", "甲", "cannot name a query"),
        ("x" * 65, "甲", "cannot name a query"),
        ("环", "甲 query:环", "环 → 环 need each other"),
        ("有", "query:无", "Unknown saved query '无'"),
        ("一", "query:二", "一 → 二 → 一 need each other"),
    ],
)
def test_what_cannot_be_understood_is_not_kept(home: Home, name: str, text: str, sentence: str) -> None:
    if name == "一":
        queries.save(home, "一", "甲", NOW)
        queries.save(home, "二", "query:一", NOW)
    before = queries.saved(home)
    with pytest.raises(UsageError, match=sentence):
        queries.save(home, name, text, NOW)
    assert queries.saved(home) == before


def test_a_query_that_another_one_needs_stays(home: Home) -> None:
    queries.save(home, "甲", "退货", NOW)
    queries.save(home, "乙", "query:甲 -退款", NOW)
    with pytest.raises(UsageError, match="The saved query '乙' needs '甲'"):
        query_users.remove(home, "甲")
    query_users.remove(home, "乙")
    query_users.remove(home, "甲")
    assert queries.saved(home) == []


def test_word_lists_of_the_home(home: Home) -> None:
    file = home.root / "words.toml"
    file.write_text('[words]\n"售后" = ["退货", "退款 难"]\n"排除" = ["抽奖"]\n', encoding="utf-8")
    tree = parse("words:售后 -words:排除", Lookup(home, NOW))
    assert tree == And((Or((Term("退货"), Term("退款 难"))), Not(Term("抽奖"))))
    with pytest.raises(UsageError, match=r"Unknown word list '售前'.* Did you mean '售后'"):
        parse("words:售前", Lookup(home, NOW))


@pytest.mark.parametrize("text", ['[words]\n"空" = []', '[words]\n"空" = [" "]', "[word]\na = 1", "x"])
def test_a_bad_file_of_word_lists_is_told(home: Home, text: str) -> None:
    (home.root / "words.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"words\.toml"):
        parse("words:空", Lookup(home, NOW))


def test_hosts_of_the_home_and_values_only_documents_hold(home: Home) -> None:
    home.hosts.write_text('[[host]]\nname = "林小禾"\naliases = ["小禾姐"]\n', encoding="utf-8")
    assert Lookup(home, NOW).value("hosts", "小禾姐") == "林小禾"
    with pytest.raises(UsageError, match=r"Unknown host '林小和'.*'林小禾'"):
        Lookup(home, NOW).value("hosts", "林小和")
    assert Lookup(home, NOW, stored=lambda field, name: name == "老主播").value("hosts", "老主播") == "老主播"


def test_a_renamed_query_is_followed_by_all_that_use_it(home: Home) -> None:
    queries.save(home, "甲", "退货", NOW)
    queries.save(home, "乙", "(query:甲 OR 查询：“甲”) -甲", NOW)
    home.alerts.mkdir(exist_ok=True)
    (home.alerts / "r.toml").write_text(
        '# mine\nname = "r"\nkind = "any"\nquery = "query:甲 假货"\n', "utf-8"
    )
    (home.root / "mine.toml").write_text('like = "weekly"\nquery = "query:甲"\n', "utf-8")
    meant = queries.understand(home, "query:乙", NOW)
    query_users.rename(home, "甲", "丙-1.2")
    assert queries.find(home, "乙").text == '(query:"丙-1.2" OR 查询："丙-1.2") -甲'
    assert "# mine\n" in (home.alerts / "r.toml").read_text("utf-8")
    assert read_toml(home.alerts / "r.toml")["query"] == 'query:"丙-1.2" 假货'
    assert read_toml(home.root / "mine.toml")["query"] == 'query:"丙-1.2"'
    assert queries.understand(home, "query:乙", NOW) == meant
    assert queries.find(home, "丙-1.2").text == "退货"
    with pytest.raises(UsageError, match="Unknown saved query '甲'"):
        queries.find(home, "甲")


def test_a_query_that_a_rule_or_an_outline_needs_stays(home: Home) -> None:
    queries.save(home, "甲", "退货", NOW)
    home.alerts.mkdir(exist_ok=True)
    rule = home.alerts / "r.toml"
    rule.write_text('name = "r"\nkind = "any"\nquery = "query:甲"\n', "utf-8")
    with pytest.raises(UsageError, match=r"alerts/r.toml needs the saved query '甲'"):
        query_users.remove(home, "甲")
    rule.unlink()
    query_users.remove(home, "甲")


@pytest.mark.parametrize(
    ("name", "sentence"), [("乙", "is a saved query '乙' already"), ("a:b", "cannot name a query")]
)
def test_a_name_that_is_taken_or_none_changes_nothing(home: Home, name: str, sentence: str) -> None:
    queries.save(home, "甲", "退货", NOW)
    queries.save(home, "乙", "query:甲", NOW)
    before = queries.saved(home)
    with pytest.raises(UsageError, match=sentence):
        query_users.rename(home, "甲", name)
    with pytest.raises(UsageError, match="Unknown saved query '丁'"):
        query_users.rename(home, "丁", "戊")
    assert queries.saved(home) == before
