"""Roles of hosts in negative texts: accused, accuser, victim, commentator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.acts.model import ActModel
from fengping.analysis.hosts import Kind, Named, RoleModel
from fengping.analysis.text import clauses, span_at
from fengping.analysis.text.sentences import sentences
from fengping.models import Act, Role

ACTS, ROLES = ActModel.load(), RoleModel.load()
LEXICON = Lexicon(HostRegistry.load(), ACTS.words)


def named(text: str, *, negative: bool = True, act: Act | None = None) -> tuple[Named, ...]:
    scan = LEXICON.scan(text)
    return ROLES.find(scan, ACTS.places(scan), negative=negative, act=act)


def targets(text: str) -> list[str]:
    return [one.name for one in named(text) if one.kind is Kind.HOST and one.role is Role.ACCUSED]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("罗永浩怒怼李佳琦售假", ["李佳琦"]),
        ("薇娅举报罗永浩直播间卖假货", ["罗永浩"]),
        ("罗永浩回应李佳琦假货质疑", ["李佳琦"]),
        ("罗永浩称李佳琦直播间虚假宣传", ["李佳琦"]),
        ("李佳琦回应假货质疑", ["李佳琦"]),
        ("李佳琦被罚三十万元", ["李佳琦"]),
        ("薇娅直播间售假", ["薇娅"]),
        ("董宇辉团队道歉", ["董宇辉"]),
        ("打假人打假罗永浩", ["罗永浩"]),
        ("消费者投诉薇娅直播间不退货", ["薇娅"]),
        ("李佳琦和薇娅直播间商品不合格", ["李佳琦", "薇娅"]),
        ("消费者向薇娅索赔艰难", ["薇娅"]),
        ("打假人手撕罗永浩", ["罗永浩"]),
        ("李佳琦被造谣离婚，已报警", []),
        ("罗永浩遭网暴", []),
        ("有人冒充李佳琦客服诈骗", []),
        ("罗永浩吐槽某手机品牌", []),
        ("@罗永浩 发文吐槽某手机品牌", []),
        ("董宇辉称父母长期被骚扰", []),
        ("今天下雨", []),
    ],
)
def test_roles(text: str, found: list[str]) -> None:
    assert targets(text) == found


def test_nobody_is_accused_in_a_text_that_is_not_negative() -> None:
    assert [one.role for one in named("薇娅直播间售假", negative=False)] == [Role.BYSTANDER]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("罗永浩怒怼李佳琦售假", "罗永浩", Role.ACCUSER),
        ("有人冒充李佳琦客服诈骗", "李佳琦", Role.VICTIM),
        ("李佳琦被造谣离婚，已报警", "李佳琦", Role.VICTIM),
        ("董宇辉称直播行业要守规矩", "董宇辉", Role.COMMENTATOR),
        ("瑞幸咖啡被曝喝出异物，消费者投诉", "瑞幸", Role.ACCUSED),
        ("男子冒充京东客服诈骗被抓", "京东", Role.VICTIM),
    ],
)
def test_role_of_each_named_one(text: str, name: str, role: Role) -> None:
    assert {one.name: one.role for one in named(text)}[name] is role


def test_who_speaks_in_an_answer_is_the_responder() -> None:
    text = "董宇辉表示会配合调查"
    assert [one.role for one in named(text, negative=False, act=Act.RESPONSE)] == [Role.RESPONDER]


@given(
    st.lists(
        st.sampled_from(["李佳琦", "薇娅", "京东", "怒怼", "被罚", "，", "。", "称", "售假", "#"]),
        max_size=12,
    ),
    st.booleans(),
)
def test_every_name_has_a_role_and_a_span_that_says_so(parts: list[str], negative: bool) -> None:
    text = "".join(parts)
    found = named(text, negative=negative)
    scan = LEXICON.scan(text)
    assert sorted(one.name for one in found) == sorted({*scan.hosts, *scan.brands})
    for one in found:
        assert 0 <= one.probability <= 1
        assert negative or one.role is not Role.ACCUSED
        assert text[one.start : one.end] in {"李佳琦", "薇娅", "京东"}


@given(st.text(alphabet="甲乙。，！#…\n :a", max_size=40))
def test_sentences_and_clauses_cover_the_text(text: str) -> None:
    for spans in (sentences(text), clauses(text)):
        assert "".join(text[s.start : s.end] for s in spans) == text
        for at in range(len(text)):
            span = span_at(spans, at)
            assert span.start <= at < span.end


def test_a_hashtag_is_a_sentence_of_its_own() -> None:
    text = "#甲直播间翻车# 近日，有人投诉。"
    assert [text[s.start : s.end] for s in sentences(text)] == ["#甲直播间翻车# ", "近日，有人投诉。"]
