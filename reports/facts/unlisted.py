"""Parties that no registry holds, found by their form: firms and shops by their last word, persons behind the
office that they hold, accounts and shops of a list."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile

SELLER, SHOP, PARTY = "〔某主播〕", "〔某商家〕", "〔某方〕"
"""Words in place of a name, before they are told apart (〔某主播甲〕); the last of a party that no registry
knows."""
PRODUCT, BRAND = "〔某产品〕", "〔某品牌〕"
"""Those of goods, and of a brand that is counterfeited: neither is accused."""

Party = tuple[str, str]
"""A party and the kind of its mask."""

FIRM = re.compile(r"(?:有限责任公司|有限公司|股份公司|专营店|专卖店|旗舰店|厂(?![家商区房长内里址方]))")
LONGEST = 20
_LETTERS = re.compile(r"[一-鿿]+$|[A-Za-z][A-Za-z0-9.·&]*[一-鿿]*$")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.·&]{2,}")
"""The Latin name at the head of a firm's, which goes for it alone (ABC护肤旗舰店, ABC)."""
_AHEAD = re.compile(
    r"[的被由对向是系称了将与]|(?<=[店厂司])[和及]|这家|该|一家|涉案|涉事|涉嫌|所属|旗下|通过|根据|针对|关于|反映|当事人"
    r"|查询到|查到|显示|发现|其中|以及|^[和与及或在从到给]|(?<=[方商者家店])为|为(?=[一-鿿]{2,4}[省市县区])"
)
"""Words before the name of a firm that are no part of it."""
_NO_FIRM = re.compile(
    r"(?:官方|品牌|天猫|淘宝|京东|抖音|快手|拼多多|小红书|网络|直播间?|食品|加工|代工|代|生产|工|母|子|分|总"
    r"|多家|几家|两家|某|大型|小型|科技|传媒|文化|贸易|线上|线下|同名)*"
)
"""Words that alone name no firm (官方旗舰店, 代工厂)."""
_PLACE = re.compile("[省市县区镇乡村州]")
_SHORT = re.compile(
    r"^[（(](?:以下|下称|下)?(?:简称|称)?[：:]?[“‘\"「]?([一-鿿A-Za-z0-9·]{2,12}?)[”’\"」]?[）)]"
)
"""The short name of a firm, in brackets behind it."""
_OFFICE = re.compile(
    r"(?:创始人|创办人|合伙人|董事长|总经理|总裁|法定代表人|法人代表|法人|实际控制人|实控人|负责人|老板娘?|店主|CEO)"
    r"(?:(?:、|兼|及|和)(?:创始人|董事长|总经理|总裁|CEO))?[：:、“]?"
)
_AFTER = 8
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤俞辛章祝"
)
_NAME = re.compile(
    rf"(?:欧阳|上官|司马|诸葛|[{_SURNAMES}])(?![说称被经任是在向有表把对将就此其])[一-鿿]{{1,2}}"
)
_SAYS = re.compile("[称说否表回在是也被的曾将与和发就对承宣认透直亲接道已]$")
"""A letter behind a name of two that begins the next word."""
_LISTED = re.compile(
    r"((?:[“‘「]?[一-鿿A-Za-z0-9·]{2,24}[”’」]?、)+[“‘「]?[一-鿿A-Za-z0-9·]{2,10}[”’」]?)等"
    r"(?:[0-9一二两三四五六七八九十多数]+)?(?:个|家|名|位)?(?:知名|头部|本地)?"
    r"(?P<kind>网红|主播|博主|达人|账号|商家|店铺|企业|公司)"
)
_DECLARING = re.compile(rf"([{_SURNAMES}][一-鿿]{{1,2}})的?(?:声明|致歉信|道歉信)")
"""A person by what he published (张一伟声明, 张一伟的致歉信)."""
_BRANCH = re.compile(r"([一-鿿A-Za-z0-9·]{3,16}?)(?:门|分)?店")
"""The words before 店: a chain and the place of its branch (青禾坊烤鱼湖北广水店)."""
_TRADES = (
    "(?:自助)?(?:火锅|烤鱼|烤肉|烤鸭|烧烤|串串|奶茶|茶饮|咖啡|蛋糕|面包|快餐|炸鸡|汉堡|小吃|面馆|酒楼|餐厅|餐饮"
    "|超市|药房|眼镜|珠宝)"
)
_TRADE = re.compile(rf"{_TRADES}$")
_AFTER_TRADE = re.compile(rf"^{_TRADES}(?=..)")
_ALIAS = re.compile(
    rf"(?:(?P<who>[{_SURNAMES}][一-鿿]{{1,2}})[（(])?(?:网名|艺名|花名|昵称|抖音名|账号名)(?:为|叫|是|[：:])?\s?"
    r"[“「『]?(?P<called>[一-鿿A-Za-z0-9·]{2,12})(?=[”」』，。；、）)\s]|$)"
)
"""A person by the name that he bears on the net, and the one in front of its bracket."""
_KNOWN_SO = re.compile(
    r"(?:网红|主播|博主|达人)(?P<called>[一-鿿A-Za-z0-9·]{2,6}?)"
    r"(?=偷税|逃税|被查|被罚|被抓|被封|被曝|被指|翻车|带货|直播间|道歉|回应|卖假|售假|塌房|三年|获刑|被判)"
)
"""A person behind what he is, before what befell him: the name where it is no word."""
_SOLD = re.compile(
    r"(?:售出|出售|销售|售卖|推广|带货|卖)[^，。；！？“”]{0,20}“(?P<called>[一-鿿A-Za-z0-9·]{2,8})”(?:牌|品牌)?(?=[一-鿿])"
)
"""The brand of what somebody sells, in quotation marks before the goods."""
_OPENER = re.compile(
    r"[#【\s]*(?P<name>[^，。：:！？\s#【】“”\"、]{2,10}?)"
    r"(?:等|方面?|公司|集团|客服|团队|工作室|官方|主播|直播间)?"
    r"(?:[就为因][^，。：:！？\s#【】]{2,14}|再次?|紧急|公开|疑似?|发布?)?"
    r"(?:回应|致歉|道歉|否认|承认|辟谣|声明|被罚|被处罚|被指|被曝|被点名|涉嫌|涉虚假|遭投诉|翻车)"
)
"""Whoever a title begins with, before what they do or what befalls them (某某回应…, 某某被罚…)."""
_NOBODY = re.compile(
    "网友|官方|警方|女子|男子|男孩|女孩|老人|婆婆|弟弟|哥哥|父母|女儿|儿子|顾客|消费者|专家|律师|记者|央视|多家|多地|多方|部门|税务|市监"
    "|局$|法院|医院|学校|大学|中学|外交部|国防|日本|美国|印度|普京|总统|妻子|丈夫|父亲|母亲|奶奶|公职|银行$|警察|辅警|医生|老师|平台$|主播$|网红$|司机|店主|店家|主家|当事|家属|知情人|目击"
)
"""Words in such a place that name nobody."""
_KIN = frozenset(("阿姨", "阿婆", "阿公", "小姐", "小哥", "小伙", "小孩", "小妹", "小弟"))
_NO_NAME = frozenset(("品牌", "知名", "连锁", "著名", "网红"))
_NAMING = ("n", "eng", "x", "j", "a")
"""Tags of words that the name of a chain consists of."""
_LEADS_IN = re.compile("已有|包括|涉及|例如|比如|如|为|旗下|的|对|将")
_SELLERS = ("网红", "主播", "博主", "达人", "账号")


@functools.lru_cache(maxsize=512)
def unlisted(text: str) -> dict[str, Party]:
    """Each form under which *text* names a firm, an office holder or one of a list, and whose it is."""
    found = {**_listed(text), **dict(_persons(text)), **dict(_branches(text)), **firms(text)}
    return {**dict(_sold(text)), **found}


def opener(title: str) -> str:
    """The name that *title* begins with; empty where it begins with none."""
    found = _OPENER.match(title)
    return found["name"] if found and not _NOBODY.search(found["name"]) else ""


@functools.lru_cache(maxsize=512)
def is_word(name: str) -> bool:
    """True of a word of the dictionary that is no name: 粉条 where a title says that 粉条 is a fake."""
    import rjieba  # reads its dictionary, a tenth of a second

    found = rjieba.tag(name)
    return len(found) == 1 and found[0][1] not in ("nr", "nrt", "nrfg", "nt", "nz", "x", "eng")


@functools.lru_cache(maxsize=512)
def is_sort(name: str) -> bool:
    """True of a sort of goods and where it comes from (海岛月饼), which names no product."""
    import rjieba  # reads its dictionary, a tenth of a second

    found = rjieba.tag(name)
    return is_word("".join(word for word, _ in found[1:] if found[0][1] == "ns") or name)


def _is_nickname(called: str) -> bool:
    """True of a surname and what follows it (柏公子, 程一), and of 小某, a place in front of it or not."""
    import rjieba  # reads its dictionary, a tenth of a second

    words = list(dropwhile(lambda word: word[1] == "ns", rjieba.tag(called)))
    if not words:
        return False
    (first, tag), rest = words[0], "".join(word for word, _ in words[1:])
    if len(first) == 1:
        return tag.startswith("nr") or (first in "小阿" and len(rest) == 1)
    by_itself = first[0] in _SURNAMES or (first[0] in "小阿" and len(first) == 2 and first not in _KIN)
    return tag.startswith("nr") and not rest and by_itself


def firms(text: str) -> dict[str, Party]:
    """Full names of firms and shops in *text*, and the short ones that it gives to them."""
    found: dict[str, Party] = {}
    for last in FIRM.finditer(text):
        before = _LETTERS.search(text[max(0, last.start() - LONGEST) : last.start()])
        name = _own(before[0]) if before else ""
        if not name or (last[0] == "厂" and _is_any_works(name)):
            continue
        party = name + last[0]
        found[party] = party, SHOP
        if latin := _LATIN.match(party):
            found[latin[0]] = party, SHOP
            # ABC云雾21天套组: the name goes on in Chinese.
            for goes_on in re.finditer(rf"{re.escape(latin[0])}([一-鿿]{{2,4}})(?=\d)", text):
                found |= dict.fromkeys((goes_on[0], goes_on[1]), (party, SHOP))
        if short := _SHORT.match(text[last.end() : last.end() + 24]):
            found[short[1]] = party, SHOP
    return found


def _own(before: str) -> str:
    """The name itself among the letters *before* its last word; nothing where they name none."""
    ends = [0, *(match.end() for match in _AHEAD.finditer(before))]
    # A letter alone is the end of a name that holds such a word itself (了了食品).
    name = next((before[end:] for end in reversed(ends) if len(before) - end != 1), "")
    name = re.sub("^[和与及或在从到给]", "", name)
    return "" if len(name) < 2 or _NO_FIRM.fullmatch(name) else name


def _is_any_works(name: str) -> bool:
    """True of 月饼代工厂 and the like, which say what is made there and not whose it is."""
    return len(name) < 3 or (name.endswith("工") and not _PLACE.search(name))


def _persons(text: str) -> Iterator[tuple[str, Party]]:
    for office in _OFFICE.finditer(text):
        if name := _name(text[office.end() : office.end() + _AFTER], text):
            yield name, (name, PARTY)
    for alias in _ALIAS.finditer(text):
        # The same under both, and without the title before it.
        yield from ((name, (alias["called"], SELLER)) for name in alias.groups() if name)
    for known in _KNOWN_SO.finditer(text):
        if _is_nickname(known["called"]):
            yield known["called"], (known["called"], SELLER)
    for declaring in _DECLARING.finditer(text):
        if text.count(declaring[1]) > 1 and (name := _name(declaring[1], text)):
            yield name, (name, PARTY)


def _branches(text: str) -> Iterator[tuple[str, Party]]:
    """Chains by the names of their branches, with their trade and without."""
    import rjieba  # reads its dictionary, a tenth of a second

    for branch in _BRANCH.finditer(text):
        words = rjieba.tag(branch[1])
        if words[-1][1] != "ns":
            continue
        before = dropwhile(lambda word: word[1] == "ns", reversed(words))
        own = takewhile(lambda word: word[0] not in _NO_NAME and word[1].startswith(_NAMING), before)
        name = _AFTER_TRADE.sub("", "".join(reversed([word for word, _ in own])))
        short = _TRADE.sub("", name)
        if len(short) > 1 and not is_word(short):
            yield from ((form, (name, SHOP)) for form in (name, short))


def _sold(text: str) -> Iterator[tuple[str, Party]]:
    for sold in _SOLD.finditer(text):
        name = sold["called"]
        if not (is_word(name) or is_sort(name)):
            yield name, (name, SHOP)


def _name(behind: str, text: str) -> str:
    """The name that *behind* begins with, if it does with one."""
    import rjieba  # reads its dictionary, a tenth of a second

    word, tag = next(iter(rjieba.tag(behind)), ("", ""))
    if tag.startswith("nr") and len(word) > 1:
        name = word[:4]
    elif (len(word) == 1 or tag == "ns") and (match := _NAME.match(behind)):
        name = match[0]
    else:
        return ""
    # 张伟称 is the name and what it does, unless the three letters stand elsewhere as well.
    return name[:-1] if len(name) > 2 and _SAYS.search(name) and text.count(name) < 2 else name


def _listed(text: str) -> dict[str, Party]:
    found: dict[str, Party] = {}
    for match in _LISTED.finditer(text):
        word = SELLER if match["kind"] in _SELLERS else SHOP
        for name in _names(match[1].split("、")):
            found[name] = name, word
    return found


def _names(items: Iterable[str]) -> Iterator[str]:
    for at, item in enumerate(items):
        name = item.strip("“”‘’「」")
        if at == 0 and name == item:  # the words before the list stand with its first name
            name = _LEADS_IN.split(name)[-1]
        if 2 <= len(name) <= 10:
            yield name
