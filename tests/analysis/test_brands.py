"""Brands, shops, agencies and platforms: the registry, names nobody listed, and what is judged of them."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import HostRegistry, Judge, Lexicon
from fengping.analysis.hosts.unlisted import unlisted
from fengping.config import AnalysisConfig
from fengping.models import Role


@functools.cache
def lexicon() -> Lexicon:
    return Lexicon.load()


@functools.cache
def judge() -> Judge:
    return Judge.load(AnalysisConfig())


def test_the_registry_has_two_hundred_names_and_no_alias_twice() -> None:
    brands = HostRegistry.load().brands
    assert len(brands) >= 200
    aliases = [alias for brand in brands for alias in (*brand.sure(), *brand.ambiguous)]
    assert len(aliases) == len(set(aliases))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("瑞幸咖啡涨价", ["瑞幸"]),
        ("熬了一锅小米粥", []),
        ("小米汽车交付延期", ["小米"]),
        ("苹果又大又甜", []),
        ("苹果手机降价", ["苹果"]),
        ("王者荣耀新赛季", []),
        ("三只羊被罚", ["三只羊"]),
        ("在天猫雅样官方旗舰店买的床垫塌了", ["天猫", "雅样"]),
        ("“样小家”品牌月饼翻车", ["样小家"]),
        ("某某旗舰店", []),
        ("她是金牌主播", []),
        ("三次现身“新家”直播间", []),
        ("北京东城区一家面馆被罚", []),
        ("觉得物流太慢", []),
        ("花了1688元买的被子开线", []),
        ("在1688进货的被子开线", ["1688"]),
        ("地方特产礼盒发霉了", []),
        ("韩国美妆小店卖的粉底过期", []),
        ("上海信用中心发布通报", []),
        ("包装优雅高级", []),
        ("赔礼当当事人", []),
        ("独特步骤", []),
        ("建立白名单制度", []),
        ("评价真假参半", []),
        ("黄金典藏版礼盒", []),
        ("好想来一杯热茶", []),
        ("粉丝团Lv.10，等级LV6", []),
        ("山东航班和上海航班都改到云南航站楼", []),
        ("店名为“青禾坊”，枕头发霉", ["青禾坊"]),
        ("收到货坏了，联系旗舰店不给退", []),
        ("昨天旗舰店发货了", []),
        ("我要投诉旗舰店", []),
        ("根据官方旗舰店信息，售价三十元", []),
        ("男子开假冒旗舰店被抓", []),
        ("起底“鉴宝”直播间", []),
        ("“李鬼”旗舰店被查", []),
        ("没有牌照就上路", []),
        ("明日复牌跌停", []),
        ("在京东“爱他禾旗舰店”买的奶粉", ["京东", "爱他禾"]),
        ("在天猫和田玉旗舰店买的手镯碎了", ["天猫", "和田玉"]),
        ("天猫绿森旗舰店卖的鱼油过期", ["天猫", "绿森"]),
        ("“骆驼坊”牌饲料抽检不合格", ["骆驼坊"]),
        ("林小禾开网店“带货”", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert sorted(lexicon().scan(text).brands) == sorted(found)


def test_a_shop_that_nobody_listed_is_one_however_it_is_written() -> None:
    texts = ("OLVAYA旗舰店卖假货", "olvaya旗舰店卖假货", "ＯＬＶＡＹＡ旗舰店卖假货")
    assert {lexicon().scan(text).brands for text in texts} == {("OLVAYA",)}
    assert lexicon().scan(texts[0]).evidence()[0].rule == "OLVAYA"


def test_a_home_adds_its_own_brands(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text('[[brand]]\nname = "样牌"\nkind = "shop"\n', encoding="utf-8")
    own = Lexicon.load([tmp_path / "hosts.toml"])
    assert own.scan("样牌的面包").brands == ("样牌",)
    assert own.registry.version != lexicon().registry.version


def test_a_platform_named_in_passing_is_no_brand() -> None:
    passing, accused = judge().judge(
        [
            "我在抖音看到一个好玩的视频",
            "抖音因未成年人保护不力被市场监管局罚款100万元，消费者投诉抖音拒不退款",
        ]
    )
    assert passing.brands == () and passing.roles == {}
    assert accused.negative_brands == ("抖音",)
    assert accused.roles == {"抖音": Role.ACCUSED}


def test_brands_and_roles_agree_in_every_judgement() -> None:
    texts = ["罗永浩怒怼西贝用预制菜", "海底捞就餐具不洁致歉，客人投诉", "今天下雨", "京东618满减优惠"]
    for judgement in judge().judge(texts):
        assert judgement.brands is not None and judgement.roles is not None
        assert set(judgement.negative_brands or ()) <= set(judgement.brands)
        assert set(judgement.roles) == {*judgement.hosts, *judgement.brands}
        accused = {name for name, role in judgement.roles.items() if role is Role.ACCUSED}
        assert accused == {*judgement.negative_hosts, *(judgement.negative_brands or ())}


@given(st.text(alphabet="旗舰店品牌“”牌样甲在，直播间", max_size=40))
def test_names_nobody_listed_stand_in_the_text_and_apart(text: str) -> None:
    places = list(unlisted(text, [(0, 2)]))
    for start, end in places:
        assert 2 <= start < end <= len(text)
    ordered = sorted(places)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(ordered))
