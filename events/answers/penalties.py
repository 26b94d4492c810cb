"""Penalties and judgments that texts tell of: imposed or spoken, and against whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fengping.events.answers.said import (
    ANY_AUTHORITY,
    PARTY,
    Act,
    Said,
    authority_in,
    by_party,
    marked,
    sentences,
)
from fengping.events.authority_words import AUTHORITY
from fengping.models import Document

_PENALTY = re.compile(
    r"(?:被|处以|并处|罚没|作出|做出|合计|共计|没收并处)[^，。；]{0,16}?(?:罚款|罚没款?)|罚款\d|被罚(?:款)?(?=\d|$|[，。；！])|被处罚|被行政处罚"
    r"|行政处罚决定|没收违法所得|责令[^，。；]{0,10}(?:停业|停产|关闭|暂停经营)|吊销[^，。]{0,8}(?:执照|许可)|(?:进行|作出|做出)了?处罚"
    r"|行政拘留|被?行拘|处罚(?=PARTY)|(?:因|就|回应)[^，。]{0,14}(?:被罚|处罚)$|偷逃?税[^，。]{0,6}被(?:罚|处罚)"
    .replace("PARTY", PARTY)
)  # fmt: skip
_JAILED_SO = (
    "(?:(?:被|一审|二审|终审|法院|依法|宣判)[^，。；赔]{0,12}判(?:处|刑|[\\d一二两三四五六七八九十]+年)"
    "|(?<![未不])获刑|判[一二三四五]缓[一二三四五])"
)
_JAILED = re.compile(f"{_JAILED_SO}|判处[^，。；]{{0,12}}(?:有期徒刑|拘役|罚金|缓刑|死刑)")
_JAILS_PARTY = re.compile(
    rf"{PARTY}(?P<gap>(?:(?!的|举报|起诉|控告)[^，。；！？\n]){{0,14}}?){_JAILED_SO}|判处?{PARTY}[^，。；]{{0,8}}(?:刑|拘役|罚金|年)"
)
_JAILED_BEFORE = re.compile("(?:曾|此前|以前|多次|年前)[^，。；]{0,16}[判刑]|前科|案底|旧案|往事|起底|细节")
_NO_PENALTY = re.compile(
    r"(?:拟|或|或将|可能|恐|面临|免于|免予|未|不予|要求|建议|呼吁|(?<![回响反])应当?|请求|希望|最高可|可|将被?|会|按|最高|网传|假如|如果)"
    r"[^，。；]{0,8}(?:罚款?|处罚|吊销|没收|责令|拘|判|刑)"
)
_PENALTY_OF_OTHERS = re.compile(
    rf"(?:该商家|该公司|厂家|供货商|供应商|证书者|出假[^，。]{{0,10}}|涉事(?:商家|店铺|企业|公司)|造谣[^，。]{{0,10}}|网友|粉丝|黄牛|客服|员工)"
    rf"[^，。；{PARTY}]{{0,12}}(?:被|已被|遭|获)[^，。；]{{0,8}}(?:罚|处罚|拘|判|刑)"
)
_OF_OLD = re.compile("(?:多次|屡次|屡|曾经?|此前|过去)[^，。；]{0,6}(?:被|遭)")
"""Told of a penalty for something before."""
_FIRM = re.compile("(?:该|涉事)?(?:商家|公司|厂家|供货商|供应商|店铺|企业)")
_DEED = re.compile(
    "因|涉|违|售|卖|销|偷|逃|漏|骗|诈|宣传|虚假|误导|造假|造谣|欺|侵|打人|伤|标注|超标|制作|直播|播出|发布|扰乱|不当|谩骂|斗殴"
)
_OWN_HOUSE = re.compile(
    "公司|集团|传媒|工作室|团队|直播间|主播|本人|方面?|旗下|名下|等|已|又|再次?|也|均|都|分别|共"
)
"""Between the accused and a fine: it is theirs all the same."""
_THEIRS = re.compile("的|厂|供货|供应|代工|生产|商家|品牌|店|员工|徒弟|粉丝|网友|助理|者")
"""Between the accused and a fine: it is another's."""
_ACCOUNT = re.compile("账号[^，。；]{0,6}(?:被|遭)(?:处罚|罚)")
"""Done by a platform, unless an authority is named."""
_FINED = re.compile(r"(?:罚款?|处罚|罚没)[^，。；\d]{0,8}(?P<amount>\d[\d.]*(?:余|多)?(?:万|亿)?)")
_FINED_PARTY = re.compile(
    rf"{PARTY}[^，。；]{{0,16}}?罚(?:款|没)?[^，。；\d]{{0,6}}(?P<amount>\d[\d.]*(?:余|多)?[万亿]?)元?"
)
_RULES = re.compile(
    rf"(?:[^，。；：]{{0,10}}[日午晚近]，)?(?!记者|消费者|网友|[从据向在])@?{AUTHORITY.pattern}(?:[：:]|通报|公告|发布|称|表示|依法|对|决定|已)"
)
_COMPANY = re.compile(r"[\u4e00-\u9fff]{2,16}?(?:公司|集团|厂|商行|经营部)")
_COSTS = "赔偿?|退一赔|退款|退还|返还|支付|担责|承担[^，。；]{0,8}责任|欺诈|侵权|违约|虚假宣传"
_FOUND = re.compile(
    rf"法院[^，。；！？]{{0,16}}(?:认定|认为|判[决令定]?|裁定|支持)[^。；！？]{{0,40}}(?:{_COSTS})"
    rf"|(?:被|一审|二审|终审|被法院)判[决令]?(?:{_COSTS})|判赔(?=[\d一二三四五六七八九十百千万])|法院(?:判|支持)[^，。；]{{0,8}}[三3十10]倍"
)
"""A court found for who sued."""
_AGAINST = re.compile(
    rf"{PARTY}(?P<gap>(?:(?!的|举报|起诉|控告|诉|告)[^，。；！？\n]){{0,14}}?)"
    rf"(?:(?:被|一审|二审|终审|被法院)(?:认定|判[决令]?)[^，。；]{{0,10}}(?:{_COSTS})|败诉|判赔)"
    rf"|判[决令]?{PARTY}(?!获)[^，。；获]{{0,16}}(?:{_COSTS})|法院(?:认定|认为){PARTY}[^。；]{{0,24}}(?:{_COSTS})"
)
"""The same, against the accused."""
_NO_JUDGMENT = re.compile(
    "驳回|不予支持|未支持|不支持|撤诉|调解|和解|[拟将或可]被?判|或被|如果|假如|若|建议|要求|请求法院|起诉至|能否|是否|应当?判|此前|曾|多年前"
)


def is_penalised(line: str, before: str, names: Sequence[str]) -> bool:
    """True if *line* tells a penalty that was imposed on those of *names*, marked in it or in the line
    *before*, after which an authority speaks."""
    itself = PARTY in line
    reported = PARTY in before and _is_ruling(line, names)
    return (itself or reported) and _is_fined(line, reported=reported)


def tells_others_penalty(title: str, text: str, parties: Sequence[str]) -> str | None:
    """The figure of a penalty that *title* or *text* tells of another than *parties*: empty without one, and
    ``None`` where no such penalty is told."""
    names = sorted(parties, key=len, reverse=True)
    for line in (*sentences(title), *sentences(text)):
        if found := _PENALTY_OF_OTHERS.search(named := marked(line, names)):
            return figure_of(named[found.start() :])
    return None


def others_fined(documents: Iterable[Document], names: Sequence[str]) -> str:
    """The words for a penalty that *documents* tell of a seller, a firm or a maker, not of those of *names*;
    else empty."""
    ordered = sorted(names, key=len, reverse=True)
    for document in documents:
        for line in sentences(document.raw.content):
            found = _PENALTY_OF_OTHERS.search(marked(line, ordered))
            firm = _FIRM.match(found[0]) if found else None
            if firm and not _NO_PENALTY.search(line) and not _OF_OLD.search(line):
                return f"{firm[0].removeprefix('该')}已被处罚"
    return ""


def figure_of(told: str) -> str:
    """The first amount behind the word for a penalty in *told*; empty where there is none."""
    found = _FINED.search(told)
    return found["amount"] if found else ""


def fined(documents: Iterable[Document], names: Sequence[str]) -> str:
    """The words for the first amount that *documents* tell those of *names* were fined (罚款20万元); else
    empty."""
    ordered = sorted(names, key=len, reverse=True)
    for document in documents:
        for line in sentences(document.raw.content):
            told = marked(line, ordered)
            if PARTY in told and is_penalised(told, "", ordered) and (found := _FINED_PARTY.search(told)):
                return f"罚款{found['amount']}元"
    return ""


def read_penalty(title: str, text: str) -> Said | None:
    """The first sentence that tells a penalty which was imposed, on whomever; what a court awards is none."""
    for line in (*sentences(title), *sentences(text)):
        found = _PENALTY.search(line)
        if found and not (_NO_PENALTY.search(line) or _of_account(line)):
            return Said(Act.PENALTY, line, authority_in(line))
    return None


def read_sentenced(lines: Iterable[str]) -> Said | None:
    """The first of *lines* that tells the sentence of a criminal court, on whomever."""
    for line in lines:
        if _JAILED.search(line) and not _not_jailed(line):
            return Said(Act.JUDGMENT, line, authority_in(line))
    return None


def is_judged(line: str) -> bool:
    """True if *line* tells a judgment or a sentence against those who are marked in it."""
    if by_party(_AGAINST, line) and not _NO_JUDGMENT.search(line):
        return True
    return by_party(_JAILS_PARTY, line) and not _not_jailed(line)


def read_judgment(title: str, text: str) -> Said | None:
    """The first sentence that tells a judgment for who sued, against whomever."""
    for line in (*sentences(title), *sentences(text)):
        if _FOUND.search(line) and not _NO_JUDGMENT.search(line):
            return Said(Act.JUDGMENT, line, authority_in(line))
    return None


def _not_jailed(line: str) -> bool:
    """True where a sentence is not spoken yet, is others', or was spoken in an earlier matter."""
    return any(told.search(line) for told in (_NO_PENALTY, _PENALTY_OF_OTHERS, _JAILED_BEFORE))


def _is_fined(line: str, *, reported: bool) -> bool:
    """True if a penalty told in *line* was imposed, on the accused: named in the sentence, nobody else meant.

    *reported*: the sentence before names them, and in this one an authority speaks.
    """
    if _NO_PENALTY.search(line) or _of_account(line):
        return False
    others = _PENALTY_OF_OTHERS.search(line) is not None
    return any(_is_own(line, found, others, reported) for found in _PENALTY.finditer(line))


def _is_own(line: str, found: re.Match[str], others: bool, reported: bool) -> bool:
    start = max(line.rfind(mark, 0, found.start()) for mark in "，。；：！") + 1
    end = min((at for mark in "，。；：！" if (at := line.find(mark, found.end())) >= 0), default=len(line))
    clause = line[start:end]
    if others:
        # What others have to pay stands beside it: the accused must be named with theirs.
        own = PARTY in clause and not _PENALTY_OF_OTHERS.search(clause)
    else:
        own = PARTY in line[start:] or re.search("其|分别|依法|进行|继", line[start:]) is not None
    at = line.rfind(PARTY, start, found.start())
    if not own or at < 0 or reported or ANY_AUTHORITY.search(line):
        return own
    # A thing or another person may stand there (某某假牛肉卷被罚); without an authority nobody knows.
    between = _OWN_HOUSE.sub("", line[at + len(PARTY) : found.start()])
    return not between or (_DEED.search(between) is not None and not _THEIRS.search(between))


def _is_ruling(line: str, names: Sequence[str]) -> bool:
    """True if an authority speaks in *line*, and of no company but one that bears the end of a name."""
    if not _RULES.match(line):
        return False
    companies = (found[0] for found in _COMPANY.finditer(line) if PARTY not in line[: found.start()][-1:])
    return all(any(is_house_of(name, company) for name in names) for company in companies)


def is_house_of(name: str, company: str) -> bool:
    """True for a *company* that bears the end of a *name*, as houses are called after their founders."""
    return len(name) > 2 and name[-2:] in company


def _of_account(line: str) -> bool:
    return _ACCOUNT.search(line) is not None and not ANY_AUTHORITY.search(line)
