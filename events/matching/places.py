"""Provinces a text names, by themselves or by their larger cities: posts on different ones differ."""

from __future__ import annotations

import re
from functools import cache

_PROVINCES = """
北京 海淀 | 天津 | 上海 浦东 | 重庆 | 河北 石家庄 保定 唐山 邯郸 廊坊 | 山西 太原 大同
辽宁 沈阳 大连 鞍山 本溪 | 吉林 长春 | 黑龙江 哈尔滨 大庆
江苏 南京 苏州 无锡 常州 徐州 南通 扬州 | 浙江 杭州 宁波 温州 金华 义乌 嘉兴 绍兴 台州 湖州
安徽 合肥 芜湖 亳州 阜阳 | 福建 福州 厦门 泉州 莆田 漳州 | 江西 南昌 赣州 九江
山东 济南 青岛 烟台 临沂 潍坊 淄博 | 河南 郑州 洛阳 南阳 商丘 许昌 开封
湖北 武汉 宜昌 襄阳 荆州 | 湖南 长沙 株洲 湘潭 衡阳 岳阳 邵阳
广东 广州 深圳 东莞 佛山 珠海 中山 惠州 汕头 揭阳 | 海南 海口 三亚 | 四川 成都 绵阳 宜宾
贵州 贵阳 遵义 | 云南 昆明 大理 丽江 | 陕西 西安 咸阳 汉中 | 甘肃 兰州 | 青海 西宁
内蒙古 呼和浩特 包头 鄂尔多斯 | 广西 南宁 桂林 柳州 | 西藏 拉萨 | 宁夏 银川
新疆 乌鲁木齐 | 香港 | 澳门 | 台湾 台北
"""


@cache
def _by_name() -> dict[str, int]:
    groups = _PROVINCES.replace("\n", " | ").split("|")
    filled = [group.split() for group in groups if group.split()]
    return {name: 1 << at for at, names in enumerate(filled) for name in names}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_by_name(), key=len, reverse=True)))


def places_in(text: str) -> int:
    """A bit for each province named."""
    bits, names = 0, _by_name()
    for found in _pattern().findall(text):
        bits |= names[found]
    return bits


def provinces(text: str) -> tuple[str, ...]:
    """The provinces named, each by its own name, in the order of the list."""
    bits = places_in(text)
    first: dict[int, str] = {}
    for name, bit in _by_name().items():
        first.setdefault(bit, name)
    return tuple(name for bit, name in first.items() if bits & bit)
