"""Names that a negative text does not accuse: who pays, who is missed, two who quarrel; and those it does."""

from __future__ import annotations

import pytest

from fengping.analysis import HostRegistry, Judge, Lexicon
from fengping.analysis.acts.model import ActModel
from fengping.analysis.hosts import RoleModel
from fengping.analysis.polarity import SourceKind
from fengping.config import AnalysisConfig
from fengping.models import Polarity, Role

SELLERS = """
[[host]]
name = "麦小舟"
[[host]]
name = "贺一苇"
[[host]]
name = "阮青禾"
[[brand]]
name = "噗噜玛塔"
"""
ACTS, ROLES = ActModel.load(), RoleModel.load()


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    file = tmp_path_factory.mktemp("registry") / "hosts.toml"
    file.write_text(SELLERS, encoding="utf-8")
    return Lexicon(HostRegistry.load([file]), ACTS.words)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    file = tmp_path_factory.mktemp("registry") / "hosts.toml"
    file.write_text(SELLERS, encoding="utf-8")
    return Judge.load(AnalysisConfig(), [file])


def accused(text: str, lexicon: Lexicon) -> list[str]:
    scan = lexicon.scan(text)
    named = ROLES.find(scan, ACTS.places(scan), negative=True)
    return [one.name for one in named if one.role is Role.ACCUSED]


@pytest.mark.parametrize(
    "text",
    [
        "麦小舟准备拿两千万赔付噗噜玛塔的买家",
        "麦小舟对噗噜玛塔酸奶退一赔三",
        "麦小舟替贺一苇的粉丝垫付退款",
        "没了麦小舟噗噜玛塔直播间冷清到没人看",
        "近日，麦小舟与贺一苇团队“互撕”一事引发关注",
    ],
)
def test_who_pays_is_missed_or_quarrels_is_not_accused(text: str, lexicon: Lexicon) -> None:
    assert "麦小舟" not in accused(text, lexicon)


@pytest.mark.parametrize(
    "text",
    [
        "麦小舟被判赔偿噗噜玛塔三十万",
        "贺一苇的助理怼麦小舟称其谎话连篇",
        "半年里麦小舟、贺一苇、阮青禾等6个主播账号被处罚",
        "噗噜玛塔索赔，麦小舟拒绝赔付噗噜玛塔",
        "麦小舟售假被罚后赔付噗噜玛塔",
        "在麦小舟直播间买的抖音小店衣服退款一个月没到账",
        "麦小舟直播间买的京东家电退款无门",
        "麦小舟卖的噗噜玛塔酸奶退款难",
        "告别麦小舟：他卖的燕窝是糖水",
        "麦小舟否认没有客服，对于贺一苇指出噗噜玛塔没有客服的问题，麦小舟也作出回应",
    ],
)
def test_who_is_made_to_pay_or_is_spoken_of_is_accused(text: str, lexicon: Lexicon) -> None:
    assert "麦小舟" in accused(text, lexicon)


def test_a_host_who_denies_to_speak_for_goods_may_be_accused_all_the_same(lexicon: Lexicon) -> None:
    assert accused("麦小舟否认代言该酒，其直播间曾多次推广，多人投诉麦小舟卖假货", lexicon) == ["麦小舟"]


def test_a_brand_that_denies_a_licence_is_not_accused_by_that(lexicon: Lexicon) -> None:
    assert accused("噗噜玛塔否认授权麦小舟直播间售酒，送检为假酒", lexicon) == ["麦小舟"]


def test_each_of_a_list_is_accused_of_what_befalls_all(lexicon: Lexicon) -> None:
    text = "麦小舟、贺一苇、阮青禾等多名网红因售假被处罚"
    assert accused(text, lexicon) == ["麦小舟", "贺一苇", "阮青禾"]


@pytest.mark.parametrize(
    "text", ["麦小舟 贺一苇", "#麦小舟 噗噜玛塔#", "警方通报麦小舟事件", "麦小舟直播解封"]
)
def test_a_title_that_charges_nobody_accuses_nobody(text: str, judge: Judge) -> None:
    (found,) = judge.judge([text], kinds=[SourceKind.TITLE])
    assert found.polarity is not Polarity.NEG
    assert found.negative_hosts == found.negative_brands == ()
