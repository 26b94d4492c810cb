"""The reading of a text: parties with their roles, clauses, windows; on invented texts."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengping.analysis import Judge, Reader
from fengping.analysis.hosts import Kind
from fengping.analysis.mentions import Mention
from fengping.analysis.reading import (
    FORMS,
    KINDS,
    LIMITS,
    LONGEST,
    ROLES,
    WINDOWS,
    Name,
    clauses_of,
    marked,
    resolved,
    spans_of,
)
from fengping.analysis.reading.names import names
from fengping.config import AnalysisConfig
from fengping.reading import Party, Reading


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def kinds(reading: Reading) -> set[str]:
    return {one.kind for one in reading.signals if one.probability >= LIMITS[one.kind].search}


def role(reading: Reading, name: str, of: str) -> float:
    return max((one.roles[of] for one in reading.parties if name in one.name), default=0.0)


CHARGE = "博主测评称青禾优选直播间所售燕窝检出糖水，青禾优选回应：已下架并退一赔三，市场监管局已立案。"


def test_a_charge_an_answer_and_an_authority_are_told_apart(reader: Reader) -> None:
    reading = reader.read([CHARGE])[0]
    assert reading.negative > 0.5
    assert {"charge", "answer", "official"} <= kinds(reading)
    assert role(reading, "青禾优选", "accused") > 0.5 > role(reading, "市场监管局", "accused")


def test_a_charge_far_behind_the_title_is_found(reader: Reader) -> None:
    filling = "本周天气晴朗，市民纷纷出门游玩，公园里游人如织。" * 20
    plain, charged = reader.read([filling, filling + "消费者投诉青禾优选直播间卖假货，拒不退款。"])
    assert "charge" not in kinds(plain)
    assert "charge" in kinds(charged)
    assert any(one.span[0] >= len(filling) for one in charged.signals if one.kind == "charge")


def test_a_text_longer_than_all_windows_says_so(reader: Reader) -> None:
    assert reader.read(["直播间" * LONGEST * WINDOWS])[0].whole is False
    assert reader.read(["直播间"])[0].whole is True


def test_a_million_characters_are_read_to_their_limit(reader: Reader) -> None:
    reading = reader.read(["青禾优选" * 250_000])[0]
    assert not reading.whole


def test_a_person_that_no_registry_knows_is_private_and_no_key_word() -> None:
    class Names:
        """Reads two people, of whom a registry knows one."""

        version = "reading-test"

        def read(self, contents: list[str], *_: object) -> list[Reading]:
            roles = dict.fromkeys(ROLES, 0.0)
            people = (("李佳琦", True), ("羽绒服", False))
            parties = tuple(Party(name, "person", known, ((0, 2),), roles) for name, known in people)
            return [Reading(0.1, 0.8, 0.1, 0.5, 0.5, parties, (), {}, True) for _ in contents]

    content = "李佳琦直播间的羽绒服不错"
    config = AnalysisConfig()
    [judged] = Judge.load(config, reader=cast("Reader", Names())).judge([content])
    [plain] = Judge.load(config).judge([content])
    assert judged.people == ("羽绒服",) and judged.parties == ("李佳琦", "羽绒服")
    assert "羽绒服" in plain.keywords
    assert [*judged.keywords] == [word for word in plain.keywords if word != "羽绒服"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_any_text_gets_a_reading_whose_spans_lie_in_it(reader: Reader, contents: list[str]) -> None:
    for content, reading in zip(contents, reader.read(contents), strict=True):
        assert reading.negative + reading.neutral + reading.positive == pytest.approx(1, abs=1e-3)
        for party in reading.parties:
            assert party.kind in KINDS
            assert tuple(party.roles) == ROLES
            assert all(0 <= start < end <= len(content) for start, end in party.mentions)
        for signal in reading.signals:
            assert signal.kind in FORMS
            assert (signal.form in FORMS[signal.kind]) or not FORMS[signal.kind]
            assert 0 <= signal.span[0] < signal.span[1] <= len(content)
            for side in (signal.actor, signal.target):
                assert side is None or side < len(reading.parties)


def test_texts_read_together_are_read_as_alone(reader: Reader) -> None:
    contents = [CHARGE, "今天买的苹果很甜，下次还来。", "主播"]
    together = reader.read(contents)
    for content, one in zip(contents, together, strict=True):
        alone = reader.read([content])[0]
        assert alone == one


@given(st.text(max_size=200))
def test_clauses_cover_the_text(content: str) -> None:
    spans = clauses_of(content)
    assert "".join(content[start:end] for start, end in spans) == content


def test_runs_of_marked_pieces_are_spans() -> None:
    offsets = [(0, 1), (1, 2), (2, 4), (4, 5), (5, 6)]
    shares = np.eye(3, dtype=np.float32)
    assert list(spans_of(shares[[1, 2, 1, 0, 1]], offsets)) == [(0, 2), (2, 4), (5, 6)]
    assert list(spans_of(shares[[2, 0, 0, 0, 0]], offsets)) == []


def test_pieces_of_a_name_are_marked() -> None:
    offsets = [(0, 1), (1, 3), (3, 5), (6, 7)]
    assert marked([(2, 4)], offsets).tolist() == [False, True, True, False]
    assert np.count_nonzero(marked([], offsets)) == 0


def test_every_occurrence_of_a_name_is_a_mention_and_the_longer_name_wins() -> None:
    content = "青禾优选回应，青禾优选旗舰店已关，青禾优选道歉"
    found = names(content, [(0, 4), (7, 14)], [])
    assert {one.name: one.spans for one in found} == {
        "青禾优选": [(0, 4), (17, 21)], "青禾优选旗舰店": [(7, 14)],
    }  # fmt: skip


def test_a_listed_name_is_the_party_of_its_canonical_name() -> None:
    listed = [Mention(Kind.HOST, "甲一", "小甲", 0, 2), Mention(Kind.HOST, "甲一", "甲一", 4, 6)]
    assert names("小甲即是甲一本人"[:8], [(0, 2)], listed) == [Name("甲一", [(0, 2), (4, 6)], "person")]


@pytest.mark.parametrize(
    ("parties", "of", "meant"),
    [
        (["沈甲", "该主播"], ["person", "person"], [0, 0]),
        (["沈甲", "其直播间"], ["person", "room"], [0, 0]),
        (["沈甲", "王乙", "该主播"], ["person", "person", "person"], [0, 1, 2]),
        (["青禾优选", "该主播"], ["shop", "person"], [0, 1]),
        (["该公司"], ["company"], [0]),
    ],
)
def test_a_pointing_word_means_the_only_party_of_its_kind(
    parties: list[str], of: list[str], meant: list[int]
) -> None:
    assert resolved([Name(one) for one in parties], of) == meant
