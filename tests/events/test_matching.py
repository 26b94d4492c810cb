"""Pairs of documents: symmetric, and a function of the documents alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.events.knowing import computed, quoted, ratio_notes
from fengping.events.matching import LINKED, Told, log_odds, provinces, sketches

DATA = Path(os.environ.get("FENGPING_DATA", "../shared/data"))
START = datetime(2024, 9, 1, tzinfo=UTC)


def told(text: str, hours: float = 0, title: str = "") -> Told:
    return Told("0" * 32, title, text, START + timedelta(hours=hours))


def test_two_wordings_of_one_happening() -> None:
    a = told("#檀木子羽绒服抽检不合格# 主播檀木子带货的羽绒服充绒量不足，三批次均不合格")
    b = told("檀木子卖的羽绒服抽检三批次不合格，充绒量严重不足，店铺已下架", 6)
    assert log_odds(a, b) > LINKED


def test_one_frame_filled_twice_is_two_happenings() -> None:
    a, b = told("辽宁新增7例本土确诊"), told("贵州新增本土确诊病例1例", 2)
    assert log_odds(a, b) < LINKED


@given(st.text(max_size=80), st.text(max_size=80), st.integers(0, 400))
def test_odds_are_symmetric(a: str, b: str, hours: int) -> None:
    first, second = told(a), told(b, hours)
    assert log_odds(first, second) == pytest.approx(log_odds(second, first))


_PIECES = st.sampled_from(
    ["檀木子", "羽绒服", "抽检", "不合格", "三批次", "1500元", "#售后#", "合肥", "客服", "退款", "，"]
)


@given(
    st.lists(_PIECES, max_size=24).map("".join),
    st.lists(_PIECES, max_size=24).map("".join),
    st.integers(0, 400),
    st.floats(-4, 4),
)
def test_only_a_pair_under_the_threshold_is_dismissed_before_it_is_measured(
    a: str, b: str, hours: int, enough: float
) -> None:
    whole = log_odds(told(a), told(b, hours))
    short = log_odds(told(a), told(b, hours), enough)
    assert short == whole or (short == -inf and whole < enough)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_a_sketch_depends_on_its_document_alone(texts: list[str]) -> None:
    together = sketches([told(text) for text in texts])
    assert all((together[at] == sketches([told(text)])[0]).all() for at, text in enumerate(texts))


def test_an_undated_document_can_be_sketched() -> None:
    assert len(sketches([Told("f" * 32, "", "没有时间的一条", None)])) == 1


def test_provinces_are_named_by_their_cities() -> None:
    assert provinces("合肥市监局与广州市监局回应") == ("安徽", "广东")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("成交1323台，退款1012台，退款率76.4%", ("原文称76.4%，按文中1012台与1323台计算为76.49%",)),
        ("311万人围观，真实观众不到11万", ("按文中311万与“不到11万”计算，不足3.6%",)),
        ("全场一律五折", ()),
    ],
)
def test_figures_give_a_third(text: str, notes: tuple[str, ...]) -> None:
    assert ratio_notes(text) == notes


def test_figures_stand_as_quoted() -> None:
    assert quoted("商家缴10万元，成交1,323台，退了76.4%") == ("10万元", "1,323台", "76.4%")
    assert computed("") == ()


@pytest.mark.long
@pytest.mark.skipif(not (DATA / "streams").is_dir(), reason="The measuring data are not on this machine.")
def test_the_pairs_are_all_there_and_the_floors_hold() -> None:
    from devtools.evaluation import fallen
    from devtools.evaluation.events import measure

    figures = measure(DATA)
    assert fallen(figures) == []
    values = {figure.name: figure.value for figure in figures}
    assert values["events.pairs.sure.recall"] > values["events.pairs.sure.equal-titles.recall"]
    assert values["events.pairs.sure.precision"] > values["events.pairs.sure.cosine.precision"]
