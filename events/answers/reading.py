"""One text read for what the accused, an authority or the source says of a charge.

An answer that is none, printed under a name, is worse than none: every pattern asks for who speaks and
refuses where the sentence says the opposite (未回应, 要求道歉, 拟处罚) or somebody else speaks (厂家承认,
证书者被罚).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

PARTY = "\ue000"
"""Stands for the accused wherever the text names them."""


class Act(StrEnum):
    """Deeds told about a charge, from the weakest to the gravest."""

    ANSWER = "answer"
    DENIAL = "denial"
    ADMISSION = "admission"
    AMENDS = "amends"
    PENALTY = "penalty"
    RETRACTION = "retraction"


@dataclass(frozen=True, slots=True)
class Said:
    """An act with the sentence that says so."""

    act: Act
    sentence: str
    authority: str = ""
    """Authority that imposed a penalty or refuted a charge, as the sentence names them."""


_SIDE = (
    "工作室|团队|公司|集团|平台|客服|品牌方?|厂商|商家|店铺|旗舰店|直播间|主播|官方|机构|经纪人|当事人|负责人|工作人员"
    "|创始人|董事长|总裁|副总裁|高管|老板|丈夫|老公|妻子|本人"
)
_GAP = r"[^，。；！？\n]{0,14}?"
_OTHERS = re.compile(
    "厂家|供货|供应商|代工|生产商|网友|律师|专家|王海|打假|记者|媒体|日报|央视|警方|公安|市监|监管|消委|消协|税务|法院|法官|学校|大学|网信"
    "|消费者|顾客|粉丝|有[^，。]{0,4}(?:主播|网红|商家)|要求|希望|呼吁|喊话|曾|评|称|未|不(?!当|实)|没|被指|被曝|遭|涉事|[^被]被[^罚]"
)
"""Between the accused and a verb: then somebody else speaks, or nobody does."""
_AUTHORITY = re.compile(
    r"[\u4e00-\u9fff]{0,12}(?:市场监督管理(?:总局|局|所)|市场监管(?:总局|局|所|部门)?|市监(?:局|总局|所|部门)"
    r"|监管(?:局|部门|总局)|税务(?:总局|局|部门|机关)|稽查局|公安局?|警方|派出所|网信办|法院|检察院|消委会|消协"
    r"|应急管理局|卫健委|药监局|工信部|商务部|农业农村局|文旅局|联合调查组|调查组)"
)
_ANY_AUTHORITY = re.compile(
    f"{_AUTHORITY.pattern}|(?<!{PARTY})官方(?:称|通报|已|介入)|有关部门|当地部门|属地"
)
_NO_ANSWER = re.compile(
    r"(?:未|没有?|拒绝|拒不|不(?!当|实|良|合格|符)|无|迟迟|尚未|暂未|仍未|并未)[^，。；]{0,6}(?:回应|回复|回答|答复|道歉|致歉|声明|解释|承认)"
    r"|(?:要求|希望|呼吁|催|求|逼|请|应|该|必须|欠|坐等|在等|等待|等着|何时|能否|是否|不能|不接受)[^，。；]{0,10}(?:道歉|回应|致歉|说法|声明|解释)"
)
_SPEAKS = (
    "(?:再度?|再次|首次|紧急|正式|公开|发文|发博|发视频|发布?|作出|做出|就此|对此|已|官方|直播间|本人|连夜|深夜)*"
    "(?:回应|回复|发声|声明|情况说明|作出说明|澄清|解释称|致函|公告|道歉|致歉)"
)
_ACTS_FOR_ITSELF = (
    "(?:将|宣布|承诺|启动|紧急|已)[^，。；]{0,8}(?:起诉|退[款货一赔换]|全退|免费|调查|排查|核查|整改|报案|公布|上线|召回|批准|赔)"
    "|邀请[^，。；]{0,8}监督|公开[^，。；]{0,12}(?:制作|账单|全程|报告)|晒出|删除?博|报案|报警|起诉|撒券|召回|[^，。；]{0,12}赠送"
)
_ANSWER = re.compile(
    rf"{PARTY}(?P<gap>{_GAP})(?:{_SPEAKS}|(?:{_SIDE})方?面?(?:则|也)?(?:表示|回应|称|告诉|告知)|(?<!曾)称|表示|喊话"
    rf"|发(?:视频|文|博|公告|布声明)|{_ACTS_FOR_ITSELF}|纠正|通报|处理|被处理|骂不过|补偿)"
    rf"|(?:{_SIDE})(?:方面?)?(?:就此|对此|则|已|向[^，。]{{1,10}})?[^，。；？！]{{0,6}}(?:回应|致歉|道歉|否认|表示|称已|回复称?)"
    rf"|回应称|对此[^。]{{0,12}}(?:回应|表示|称)|发(?:布|表)(?:致歉|道歉|情况)?声明"
)
_PLAIN_ANSWER = re.compile(
    rf"^(?:[^，。]{{0,20}})?(?:品牌|工作室|方|公司|客服)回应$|^{PARTY}[^，。]{{0,4}}(?:道歉|致歉)"
)
_DENIAL = re.compile(
    rf"{PARTY}(?P<gap>{_GAP})(?:否认|辟谣|澄清[^，。]{{0,8}}不实|称[^，。]{{0,10}}(?:不实|谣言|不属实|子虚乌有)|称从来没有)"
    rf"|(?:予以|发文|公开|坚决|严正)否认|否认称|(?:指控|指责|传言|言论|爆料|报道|内容)[^，。]{{0,8}}(?:不实|不属实|子虚乌有|纯属)"
    rf"|(?:回应|表示|称|声明|说)[^。]{{0,40}}(?:谣言|不属实|并非事实|恶意(?:攻击|抹黑|诋毁)|无虚构|这是假的|不存在[^，。]{{0,12}}(?:行为|情况|问题))"
)
_ADMISSION = re.compile(
    rf"{PARTY}(?P<gap>[^，。；！？\n]{{0,8}}?)(?:承认|坦承|坦白|供认|证实[^，。]{{0,12}}(?:假货|假冒|有问题)|称[^，。]{{0,12}}应该有问题)"
)
_NOT_ADMITTED = re.compile(
    "不承认|未承认|拒承认|拒不承认|承认(?:恋情|离婚|分手|结婚|怀孕|自己没)|没承认|否认"
)
_APOLOGY = (
    "(?:道歉|致歉|深表歉意|表示歉意|很抱歉给|抱歉给|不好意思|负荆请罪"
    "|退一赔[一二三四五六七八九十\\d]+|假一赔[一二三四五六七八九十\\d]+|赔付[\\d一二三四五六七八九十]+倍|赔偿金|双倍赔)"
)
_AMENDS = re.compile(rf"{PARTY}(?P<gap>{_GAP}(?:，[^。；！？\n]{{0,40}}?)?){_APOLOGY}")
_AMENDS_OF_SIDE = re.compile(
    rf"(?:{_SIDE}|我司|我们|他|她)[^，。；]{{0,16}}?(?:{_APOLOGY}|[^。；]{{0,60}}(?:真诚|诚挚|郑重|公开|深刻|再次)[^，。；]{{0,10}}(?:道歉|致歉))"
    rf"|(?:发布|发)(?:致歉|道歉)(?:信|声明|视频)|就[^，。]{{2,30}}(?:道歉|致歉)"
)
_SORRY = re.compile("歉|不好意思|负荆请罪|赔")
"""In every sentence that :data:`_AMENDS` or :data:`_AMENDS_OF_SIDE` finds, and found sooner."""
_NO_AMENDS = re.compile(
    "要求|应当?[^，。]{0,4}(?:退一|假一|赔|道歉)|得退一|需退一|可退一|喊话|希望|呼吁|道歉是|不能道歉|不道歉|拒绝道歉|未道歉|没有?道歉"
    "|欠[^，。]{0,6}道歉|等[^，。]{0,6}道歉|打假[^，。]{0,12}后道歉|称[^，。]{0,8}道歉是|如果|若|回应[^，。]{1,6}道歉|律师|王海|有[^，。]{0,4}(?:主播|网红|商家)|消费者可|道歉了之|客服|告诉我"
)
_PENALTY = re.compile(
    r"(?:被|处以|并处|罚没|作出|做出|合计|共计|没收并处)[^，。；]{0,16}?(?:罚款|罚没款?)|罚款\d|被罚(?:款)?(?=\d|$|[，。；！])|被处罚|被行政处罚"
    r"|行政处罚决定|没收违法所得|责令[^，。；]{0,10}(?:停业|停产|关闭|暂停经营)|吊销[^，。]{0,8}(?:执照|许可)|(?:进行|作出|做出)了?处罚"
    r"|行政拘留|被?行拘|处罚(?=PARTY)|判赔\d|(?:因|就|回应)[^，。]{0,14}(?:被罚|处罚)$|偷逃?税[^，。]{0,6}被(?:罚|处罚)"
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
_REFUTED = re.compile(
    r"未涉|不实|不属实|系谣言|为谣言|是谣言|查无此事|虚假信息|纯属编造|未发现[^，。]{0,12}(?:问题|违法|违规)"
)
_RUMOUR_PUNISHED = re.compile(
    rf"造谣{_GAP}(?:{PARTY}{_GAP})?(?:被|已)[^，。]{{0,6}}(?:传唤|拘留|行拘|处罚|抓获|立案|查处)"
)
_SOURCE_WITHDRAWS = re.compile(
    rf"(?:爆料[者人]|举报[者人]|原?博主|发布者|发帖[者人]|作者|原文|报道[者方]?|本报|记者){_GAP}"
    rf"(?:撤回|撤稿|更正|承认(?:编造|不实|造假)|(?:此前)?(?:爆料|报道|内容|举报)[^，。]{{0,6}}(?:不实|有误)|称?[^，。]{{0,10}}(?:爆料|内容|说法|传言)不实)"
    rf"|打假{PARTY}[^，。]{{0,12}}(?:翻车)?后?(?:道歉|致歉)|向{PARTY}[^，。]{{0,6}}(?:道歉|致歉)"
)
_TRIGGER = re.compile(
    "回应|回复|发声|声明|澄清|道歉|致歉|歉意|抱歉|不好意思|否认|辟谣|谣言|不实|不属实|承认|坦承|罚|处罚|没收|吊销|责令|拘|判赔|判处|判刑|被判|获刑|宣判|赔付|赔偿|退一赔|假一赔"
    "|未涉|造谣|撤回|撤稿|更正|通报|表示|称|宣布|承诺|启动|起诉|报案|报警|公告|说明|补偿|撒券|赠送|喊话|公开|晒出|邀请|删博|应该有问题|致函|调查|处理|纠正"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;”」]*")


def may_say(text: str) -> bool:
    """True if *text* holds any word that an answer, a penalty or a retraction is told with."""
    return _TRIGGER.search(text) is not None


def sentences(text: str) -> list[str]:
    """Sentences with their closing marks, one line each."""
    found = (" ".join(part.split()) for part in _SENTENCE.findall(text))
    return [part for part in found if part]


def read(title: str, text: str, parties: Sequence[str]) -> tuple[Said, ...]:
    """Reading of *title* and *text* about a charge against *parties* (names and aliases of one side).

    The strongest act comes last; none is given twice.
    """
    found: dict[Act, Said] = {}
    lines = [*sentences(title), *(s for s in sentences(text) if s != title)]
    names = sorted(parties, key=len, reverse=True)
    marked = [_marked(line, names) for line in lines]
    for before, told, line in zip(["", *marked], marked, lines, strict=False):
        for said in _of_line(told, before, line):
            found.setdefault(said.act, said)
    if parties and Act.RETRACTION not in found and (refuted := _refuted(lines, marked)):
        found[Act.RETRACTION] = refuted
    return tuple(found[act] for act in Act if act in found)


def read_penalty(title: str, text: str) -> Said | None:
    """The first sentence that tells a penalty which was imposed, on whomever; what a court awards is none."""
    for line in (*sentences(title), *sentences(text)):
        found = _PENALTY.search(line)
        fined = found and not found[0].startswith("判赔") and not _NO_PENALTY.search(line)
        if fined or read_sentenced(line):
            return Said(Act.PENALTY, line, _authority(line))
    return None


def read_sentenced(title: str) -> Said | None:
    """A title, or a sentence of a text, that tells the sentence of a court, on whomever."""
    if _JAILED.search(title) and not _not_jailed(title):
        return Said(Act.PENALTY, title, _authority(title))
    return None


def _not_jailed(line: str) -> bool:
    """True where a sentence is not spoken yet, is others', or was spoken in an earlier matter."""
    return any(told.search(line) for told in (_NO_PENALTY, _PENALTY_OF_OTHERS, _JAILED_BEFORE))


def _marked(line: str, names: Iterable[str]) -> str:
    for name in names:
        line = line.replace(name, PARTY)
    return line


def _of_line(line: str, before: str, told: str) -> Iterator[Said]:
    if not _TRIGGER.search(line):
        return
    itself = PARTY in line
    fined = itself and (found := _PENALTY.search(line)) and _imposed(line, found.start())
    if fined or (itself and _by_party(_JAILS_PARTY, line) and not _not_jailed(line)):
        yield Said(Act.PENALTY, told, _authority(told))
    if _SOURCE_WITHDRAWS.search(line) or _RUMOUR_PUNISHED.search(line):
        yield Said(Act.RETRACTION, told, _authority(told))
        return
    if _NO_ANSWER.search(line):
        return
    if not itself and PARTY not in before:
        if _PLAIN_ANSWER.search(line) and not _ANY_AUTHORITY.search(line):
            yield Said(Act.ANSWER, told)
        return
    by_authority = _ANY_AUTHORITY.search(line) is not None
    if itself and _by_party(_ADMISSION, line) and not _NOT_ADMITTED.search(line):
        yield Said(Act.ADMISSION, told)
    if (
        _SORRY.search(line)
        and not _NO_AMENDS.search(line)
        and ((itself and _by_party(_AMENDS, line)) or (not by_authority and _AMENDS_OF_SIDE.search(line)))
    ):
        yield Said(Act.AMENDS, told)
    if by_authority:
        return
    if "网传" not in line and _by_party(_DENIAL, line):
        yield Said(Act.DENIAL, told)
    if _by_party(_ANSWER, line) or _PLAIN_ANSWER.search(line):
        yield Said(Act.ANSWER, told)


def _by_party(pattern: re.Pattern[str], line: str) -> bool:
    """True if *pattern* is met with nobody else between the accused and the verb."""
    for found in pattern.finditer(line):
        gap = found.groupdict().get("gap") or ""
        if not _OTHERS.search(gap):
            return True
    return False


def _imposed(line: str, at: int) -> bool:
    """True if the penalty at *at* was imposed, on the accused: named in the sentence, nobody else meant."""
    if _NO_PENALTY.search(line) or _PENALTY_OF_OTHERS.search(line):
        return False
    clause_start = max(line.rfind(mark, 0, at) for mark in "，。；：！") + 1
    clause = line[clause_start:]
    own = PARTY in clause or re.search("其|分别|依法|进行|继", clause) is not None
    return own


def _refuted(lines: Sequence[str], marked: Sequence[str]) -> Said | None:
    """An authority says that the charge against the accused is untrue; both may stand in the title and the
    first sentence after it."""
    for at, (line, told) in enumerate(zip(lines, marked, strict=True)):
        if PARTY not in told or not _REFUTED.search(told) or "网传" in told:
            continue
        nearby = "".join(lines[max(0, at - 1) : at + 2])
        if (found := _AUTHORITY.search(nearby)) and "通报" in nearby:
            return Said(Act.RETRACTION, line, found[0])
    return None


def _authority(line: str) -> str:
    found = _AUTHORITY.search(line)
    return found[0] if found else ""
