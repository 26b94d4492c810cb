"""Platforms and regulators by their names, nicknames and offices."""

from __future__ import annotations

import pytest

from fengping.analysis import Lexicon

LEXICON = Lexicon.load()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("淘宝直播今晚八点", ["淘宝直播"]),
        ("某宝买的，并夕夕更便宜", ["淘宝", "拼多多"]),
        ("PDD百亿补贴", ["拼多多"]),
        ("支付宝到账", []),
        ("北京东城区", []),
        ("京东客服不理人，狗东", ["京东"]),
        ("DY店铺不发货", ["抖音"]),
        ("dy的小黄车", ["抖音"]),
        ("body lotion 下单", []),
        ("挂咸鱼上转卖", ["闲鱼"]),
        ("咸鱼一样躺着", []),
        ("小红薯们看过来", ["小红书"]),
        ("东方甄选红薯买一箱", []),
        ("视频号和微信小店", ["视频号"]),
        ("短视频号称百万播放", []),
        ("值得物有所值", []),
        ("得物鉴定为假", ["得物"]),
        ("考拉睡着了", []),
        ("快手小店退款", ["快手"]),
        ("话题冲上微博热搜", []),
        ("登上抖音热榜和微博热搜榜首，她在快手小店退款", ["快手"]),
        ("微博小店不退款", ["微博"]),
        ("买了某手机屏幕就坏", []),
        ("某宝马车主维权", []),
        ("某音乐节退票难", []),
        ("买了某东西不给退", []),
        ("某猫粮吃出虫", []),
        ("买的小红薯烂了", []),
        ("快手菜不新鲜", []),
        ("某品牌携手淘宝店发券", ["淘宝"]),
        ("在某手买的假货，某猫客服不理", ["快手", "天猫"]),
        ("在小红薯刷到的店", ["小红书"]),
    ],
)
def test_platforms(text: str, found: list[str]) -> None:
    assert list(LEXICON.scan(text).platforms) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("市场监管总局发文", ["国家市场监督管理总局"]),
        ("区市场监督管理局已立案", ["地方市场监管局"]),
        ("中消协点名", ["中国消费者协会"]),
        ("某省消保委调查", ["地方消费者组织"]),
        ("网信办开展专项行动", ["网信部门"]),
        ("国家网信办发布新规", ["国家互联网信息办公室"]),
        ("某县公安局破获假酒案", ["公安机关"]),
        ("公安部公布典型案例", ["公安部"]),
        ("前反诈民警开直播带货", []),
        ("拨打12315", ["全国12315平台"]),
        ("315晚会曝光", ["315晚会"]),
        ("身高315毫米", []),
        ("总局要求整改", []),
        ("市场监管部门说总局要求整改", ["地方市场监管局", "国家市场监督管理总局"]),
    ],
)
def test_regulators(text: str, found: list[str]) -> None:
    assert list(LEXICON.scan(text).regulators) == found


def test_half_a_surrogate_pair_beside_a_short_alias_is_read() -> None:
    assert list(LEXICON.scan("某宝买的\ud83d假货").platforms) == ["淘宝"]
