"""Roles of hosts in negative texts: accused, accuser, victim, commentator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis.hosts.roles import negative_hosts
from fengping.analysis.mentions import Lexicon
from fengping.analysis.text.sentences import clauses, sentences, span_at

LEXICON = Lexicon.load()


def targets(text: str) -> list[str]:
    return [target.name for target in negative_hosts(LEXICON.scan(text))]


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


def test_none_in_a_text_that_is_not_negative() -> None:
    assert negative_hosts(LEXICON.scan("薇娅直播间售假"), negative=False) == ()


@given(
    st.lists(st.sampled_from(["李佳琦", "薇娅", "怒怼", "被罚", "，", "。", "称", "售假", "#"]), max_size=12)
)
def test_targets_are_hosts_of_the_text_with_a_span(parts: list[str]) -> None:
    text = "".join(parts)
    scan = LEXICON.scan(text)
    found = negative_hosts(scan)
    assert {t.name for t in found} <= set(scan.hosts)
    for target in found:
        assert 0.4 < target.probability <= 1
        evidence = target.evidence()
        assert evidence.label == f"negative_host:{target.name}"
        assert text[evidence.start : evidence.end] in {"李佳琦", "薇娅"}


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
