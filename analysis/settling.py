"""The last word on a text, where what it tells speaks against the model: its polarity, and whether it is a
matter of consumers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from fengping.analysis.text import written_alike
from fengping.models import Act, Polarity

CERTAIN = 0.8
"""Probability of negative from which a text that looks like a rule is taken for what it reports."""
LIKELY = 0.5
"""The same for a text that looks like an advertisement."""
CONCERNING = 0.38
"""Probability from which a headline with trade in it is taken for a matter of consumers, chosen in folds of
the training texts (docs/measurements/judgement.md)."""
_TRADE = re.compile(
    "商务部|商量|商讨|协商|商界|智商|情商|价值|代价|评价"
    r"|(?P<trade>[买卖购价钱店货商售券]|消费|快递|退款|外卖|品牌|优惠|打折|折扣|[一二三四五六七八九\d]折|补贴|\d元(?![旦宵])|产品|订单|下单|维权|投诉"
    "|链接|福利|秒杀|营销|电商|刷单|市场监|消协|消委|客服|会员|充值|收费|食品|假一|退一)"
)
"""Words of trade, after longer ones that hold such a character and mean something else."""
_CAMPAIGN = re.compile(
    r"^[#【\s]*(?:严厉打击|从严打击|从严整治|重拳打击|重拳整治|集中整治|(?:开展|启动|部署)[^。，！？\n]{0,20}(?:专项|整治))"
)
_PUNISHED = re.compile(
    "(?:被|遭)(?:重?罚|处罚|行政处罚|判|立案|吊销|责令|查处|查封|约谈|刑拘|刑事|抓|逮捕|移送|起诉)"
)
"""Somebody was: a slogan in front of it (重拳打击直播售假！) makes it no campaign."""
_NUMBER = r"(?:\d+|[两一二三四五六七八九十]+)"
_WHOLE_NUMBER = r"(?:(?<!\d)\d+|(?<![两一二三四五六七八九十])[两一二三四五六七八九十]+)"
"""The same from its first digit: a long number is read once, not again from each of its digits."""
_UNIT = "(?:批次|件|块|款|份|个|只|条|瓶|双|盒|台|家|种)"
# In between: "3款均未发现不合格" clears them, "3款无标签，不合格" does not.
_DENIED = "[未无没不](?!有?[标中生证按])"
_NONE_OF = "(?<![无没未送赠减])(?<!没有)(?<!未有)"
_PROMISED = "[^，。；！？\\n]{0,4}(?:退一|假一|赔[一二三十百\\d]|包退|包赔|可退|必赔)"
_FAILED = re.compile(
    rf"{_WHOLE_NUMBER}{_UNIT}[^。；！？\n]{{0,16}}(?!0){_NONE_OF}{_NUMBER}{_UNIT}(?:(?!{_DENIED})[^。；！？\n\d]){{0,6}}"
    rf"(?:是假|为假|假货|假的|假冒|仿冒|不合格|不达标|超标|不符合)(?!{_PROMISED})"
)
_SAYS_NOTHING = re.compile(
    r"(?:警方|公安|警察|官方|有关部门|监管部门|当地|最新|正式|再次|首次|凌晨|深夜|紧急|通报|发布|发声|发文|声明|事件"
    r"|一事|之事|相关|情况|进展|热搜|直播间|直播|团队|公司|客服|方面|和|与|及|的|[\W_])*"
)
"""All that stands beside the names of a title which charges nobody: 警方通报甲事件."""
_RESTORED = re.compile(
    r"^[#【\s]*[^，。！？#\n]{2,16}(?:解封|解禁|恢复(?:直播|带货|营业|更新))了?(?=$|[\n#】。，])"
)
_DOUBTED = re.compile("[?？吗]|质疑|争议|不满|举报|投诉|假|骗|仍|却")
_BUSINESS = re.compile(
    r"^[^。！？\n]{0,60}?(?:(?:掉出|跌出|未进)[^，。！？\n]{0,12}[前榜]|(?:广告|视频|秒)[^，。！？\n]{0,6}报价|推广费|[掉涨]粉|股价|市值|净利"
    r"|(?:店铺?|网店)[^，。！？\n]{0,4}倒(?![卖掉]))"
)
"""Headlines about how a seller fares: ranking, fees, followers, shares, a shop that closed."""
_BUYERS = re.compile(
    "消费者|顾客|网友|会员|退[款货费钱赔订]|赔|投诉|维权|假|质量|不合格|虚|骗|误导|宣传|坑|担责|充值|擦边|卫生|食品安全"
    "|乱象|举报|起诉|差评|收割|套路|欺|处罚|被罚|立案|违"
)
"""Words that make a matter of consumers of one of them after all."""
_OF_GOODS = frozenset({"C02", "C03", "C04", "C06", "C07", "C08", "C09", "C11"})
"""Complaint classes about what is sold, its price, sale and delivery: buyers bear it. Those about figures,
conduct and traders among themselves they may not."""
_CHARGES = (Act.COMPLAINT, Act.REPORT, Act.PENALTY)
_TESTED = re.compile("送检|抽检|抽查|检测|检验|鉴定|质检|比较试验|暗访|实测|购买|买")


_GRUMBLES = re.compile("霸王条款|坑[人爹死]|太坑|避雷|差评|气[人死]|投诉无门|再也不[买来]|智商税|上当受骗")
"""Words of one who was wronged himself: no rule, notice or warning speaks so, unless it tells of such."""
_OFFICIAL = re.compile(
    "总局|监管|部门|办法|条例|新规|规定[，。：]|整治|消协|消保委|消委会|法院|立法|警方|公安|提示|提醒[：:]"
)


def grumbles(content: str) -> bool:
    """True of a text in the voice of a buyer who complains. *content* is folded."""
    return _GRUMBLES.search(content) is not None and not _OFFICIAL.search(content)


def settled(
    polarity: Polarity | None,
    negative: float | None,
    act: Act | None,
    content: str,
    names: Iterable[tuple[int, int]] = (),
    *,
    headed: bool = True,
) -> Polarity | None:
    """The polarity that counts of *content*, a text folded as for looking words up; *names*: spans in it,
    *headed*: it is news or a title.

    Rules and campaigns are neutral, and so are advertisements that are more likely not negative, titles of
    names alone and bans lifted. A finding that so many of so many goods are false or failed is negative, in
    however dry words it is told.
    """
    if polarity is Polarity.NEG and negative is not None:
        if act is Act.RULE or (act is Act.PROMOTION and negative < LIKELY):
            return Polarity.NEU
        if _CAMPAIGN.match(content) and not _PUNISHED.search(content):
            return Polarity.NEU
        if _RESTORED.match(content) and not _DOUBTED.search(content):
            return Polarity.NEU
        if headed and _only_names(written_alike(content), names):
            return Polarity.NEU
    elif polarity is Polarity.NEU and act is not Act.RULE and wanting(content):
        return Polarity.NEG
    return polarity


def _only_names(content: str, names: Iterable[tuple[int, int]]) -> bool:
    """True if *content* says no more than that something is the matter with the names in it."""
    parts, last = [], 0
    for start, end in names:
        parts.append(content[last:start])
        last = max(last, end)
    return last > 0 and _SAYS_NOTHING.fullmatch("".join([*parts, content[last:]])) is not None


def wanting(content: str) -> tuple[int, int] | None:
    """Start and end of the words that so many of so many goods, bought or tested, are false or fail:
    11块…7件是假货."""
    found = _FAILED.search(content)
    return found.span() if found and _TESTED.search(content[: found.end()]) else None


def concerns_consumers(consumer: bool | None, concern: float, content: str, *, seller: bool) -> bool | None:
    """True if a headline, with its lead or without, is a matter of consumers. *content* is folded.

    Something is bought or sold in it, goods are named or a *seller*: that somebody goes live is no such
    matter by itself, nor how a seller fares in business.
    """
    if consumer is None or not (consumer or concern >= CONCERNING):
        return consumer
    if _of_business(content):
        return False
    return seller or any(found["trade"] for found in _TRADE.finditer(content))


def charges_goods(act: Act | None, issues: Collection[str], content: str) -> bool:
    """True if a negative text about selling charges what is sold, or how: a matter of consumers in however
    few words (直播间里的进口奶粉陷阱). *issues*: its complaint classes."""
    return act in _CHARGES and not _OF_GOODS.isdisjoint(issues) and not _of_business(content)


def _of_business(content: str) -> bool:
    return _BUSINESS.match(content) is not None and not _BUYERS.search(content)
