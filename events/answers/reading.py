"""One text read for what the accused, an authority or the source says of a charge.

An answer that is none, printed under a name, is worse than none: every pattern asks for who speaks and
refuses where the sentence says the opposite (未回应, 要求道歉, 拟处罚) or somebody else speaks (厂家承认,
证书者被罚).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fengping.events.answers.penalties import is_judged, is_penalised
from fengping.events.answers.said import (
    ANY_AUTHORITY,
    GAP,
    OWN_WORDS,
    PARTY,
    SIDE,
    Act,
    Said,
    authority_in,
    by_party,
    marked,
    sentences,
)
from fengping.events.authority_words import AUTHORITY

_SILENT = re.compile("(?:未|没有?|迟迟)[^，。；]{0,6}(?:回应|回复|回答|答复)")
"""A text that says so under a title (某某回应…) takes back what the title says."""
_NO_ANSWER = re.compile(
    r"(?:未|没有?|拒绝|拒不|不(?!当|实|良|合格|符)|无|迟迟|尚未|暂未|仍未|并未)[^，。；]{0,6}(?:回应|回复|回答|答复|道歉|致歉|声明|解释|承认)"
    r"|(?:将|拟|准备|打算)(?!错)[^，。；]{0,10}(?:回应|答复|作出[^，。；]{0,4}(?:说明|解释)|发布?[^，。；]{0,4}声明)"
    r"|(?:要求|希望|呼吁|催|求|逼|请|应|该|必须|欠|坐等|在等|等待|等着|何时|能否|是否|不能|不接受)[^，。；]{0,10}(?:道歉|回应|致歉|说法|声明|解释)"
)
_SPEAKS = (
    "(?:再度?|再次|首次|紧急|正式|公开|发文|发博|发视频|发布?|作出|做出|就此|对此|已|官方|直播间|本人|连夜|深夜)*"
    "(?:回应|回复|发声|声明|情况说明|作出说明|澄清|解释称|致函|(?<!开庭)公告|道歉|致歉)"
)
_ACTS_FOR_ITSELF = (
    "(?:将|宣布|承诺|启动|紧急|已)[^，。；]{0,8}(?:起诉|退[款货一赔换]|全退|免费|调查|排查|核查|整改|报案|公布|上线|召回|批准|赔)"
    "|邀请[^，。；]{0,8}监督|公开[^，。；]{0,12}(?:制作|账单|全程|报告)|晒出|删除?博|报案|报警|起诉|撒券|召回|[^，。；]{0,12}赠送"
)
_ANSWER = re.compile(
    rf"{PARTY}(?P<gap>{GAP})(?<![被遭受])(?:{_SPEAKS}|(?:{SIDE})方?面?(?:则|也)?(?:表示|回应|称|告诉|告知)|(?<![曾笑戏])称|表示|喊话"
    rf"|发(?:视频|文|博|公告|布声明)|{_ACTS_FOR_ITSELF}|纠正|通报|处理|被处理|骂不过|补偿)"
    rf"|{PARTY}{GAP}(?:{SIDE}|店员|店长)：(?=[^，。])"
    rf"|(?:{SIDE})(?:方面?)?(?:就此|对此|则|已|向[^，。]{{1,10}})?[^，。；？！]{{0,6}}(?:回应|致歉|道歉|否认|表示|称已|回复称?)"
    rf"|{OWN_WORDS}|回应称|对此[^。]{{0,12}}(?:回应|表示|称)|发(?:布|表)(?:致歉|道歉|情况)?声明"
)
_PLAIN_ANSWER = re.compile(
    rf"^(?:[^，。]{{0,20}})?(?:品牌|工作室|方|公司|客服)回应$|^{PARTY}[^，。]{{0,4}}(?:道歉|致歉)"
)
_DENIAL = re.compile(
    rf"{PARTY}(?P<gap>{GAP})(?:否认|辟谣|澄清[^，。]{{0,8}}不实|称[^，。]{{0,10}}(?:不实|谣言|不属实|子虚乌有)|称从来没有)"
    rf"|(?:予以|发文|公开|坚决|严正)否认|否认称|(?:指控|指责|传言|言论|爆料|报道|内容)[^，。]{{0,8}}(?:不实|不属实|子虚乌有|纯属)"
    rf"|(?:回应|表示|称|声明|说)[^。]{{0,40}}(?:谣言|不属实|并非事实|恶意(?:攻击|抹黑|诋毁)|无虚构|这是假的|断章取义|掐头去尾|不存在[^，。]{{0,12}}(?:行为|情况|问题))"
)
_ADMISSION = re.compile(
    rf"{PARTY}(?P<gap>[^，。；！？\n]{{0,8}}?)(?:承认|坦承|坦白|供认|证实[^，。]{{0,12}}(?:假货|假冒|有问题))"
)
_NOT_ADMITTED = re.compile(
    "不承认|未承认|拒承认|拒不承认|承认(?:恋情|离婚|分手|结婚|怀孕|自己没)|没承认|否认"
)
_APOLOGY = (
    "(?:道歉|致歉|深表歉意|表示歉意|很抱歉给|抱歉给|不好意思|负荆请罪"
    "|退一赔[一二三四五六七八九十\\d]+|假一赔[一二三四五六七八九十\\d]+|赔付[\\d一二三四五六七八九十]+倍|赔偿金|双倍赔)"
)
_AMENDS = re.compile(rf"{PARTY}(?P<gap>{GAP}(?:，[^。；！？\n]{{0,40}}?)?){_APOLOGY}")
_AMENDS_OF_SIDE = re.compile(
    rf"(?:{SIDE}|我司|我们|他|她)[^，。；]{{0,16}}?(?:{_APOLOGY}|[^。；]{{0,60}}(?:真诚|诚挚|郑重|公开|深刻|再次)[^，。；]{{0,10}}(?:道歉|致歉))"
    rf"|(?:发布|发)(?:致歉|道歉)(?:信|声明|视频)|就[^，。]{{2,30}}(?:道歉|致歉)"
)
_SORRY = re.compile("歉|不好意思|负荆请罪|赔")
"""In every sentence that :data:`_AMENDS` or :data:`_AMENDS_OF_SIDE` finds, and found sooner."""
_OFFERED = re.compile(
    "(?:启动|将(?!错)|承诺|宣布|拟|准备|打算|愿意?|同意|答应)[^，。；]{0,16}?(?:退一赔|假一赔|赔付|赔偿金|双倍赔)[一二三四五六七八九十\\d]*倍?"
)
"""A payment that is promised or begun; whether anybody was paid it does not say."""
_NO_AMENDS = re.compile(
    "要求|应当?[^，。]{0,4}(?:退一|假一|赔|道歉)|得退一|需退一|可退一|喊话|希望|呼吁|道歉是|不能道歉|不道歉|拒绝道歉|未道歉|没有?道歉"
    "|欠[^，。]{0,6}道歉|等[^，。]{0,6}道歉|打假[^，。]{0,12}后道歉|称[^，。]{0,8}道歉是|如果|若|回应[^，。]{1,6}道歉|律师|王海|有[^，。]{0,4}(?:主播|网红|商家)|消费者可|道歉了之|客服|告诉我"
)
_REFUTED = re.compile(
    r"未涉|不实|不属实|系谣言|为谣言|是谣言|查无此事|虚假信息|纯属编造|未发现[^，。]{0,12}(?:问题|违法|违规)"
)
_RUMOUR_PUNISHED = re.compile(
    rf"造谣{GAP}(?:{PARTY}{GAP})?(?:被|已)[^，。]{{0,6}}(?:传唤|拘留|行拘|处罚|抓获|立案|查处)"
)
_SOURCE_WITHDRAWS = re.compile(
    rf"(?:爆料[者人]|举报[者人]|原?博主|发布者|发帖[者人]|作者|原文|报道[者方]?|本报|记者){GAP}"
    rf"(?:撤回|撤稿|更正|承认(?:编造|不实|造假)|(?:此前)?(?:爆料|报道|内容|举报)[^，。]{{0,6}}(?:不实|有误)|称?[^，。]{{0,10}}(?:爆料|内容|说法|传言)不实)"
    rf"|打假{PARTY}[^，。]{{0,12}}(?:翻车)?后?(?:道歉|致歉)|向{PARTY}[^，。]{{0,6}}(?:道歉|致歉)"
)
_TRIGGER = re.compile(
    "回应|回复|发声|声明|澄清|道歉|致歉|歉意|抱歉|不好意思|否认|辟谣|谣言|不实|不属实|承认|坦承|罚|处罚|没收|吊销|责令|拘|判赔|败诉|法院|判处|判刑|被判|获刑|宣判|赔付|赔偿|退一赔|假一赔"
    "|未涉|造谣|撤回|撤稿|更正|通报|表示|称|宣布|承诺|启动|起诉|报案|报警|公告|说明|补偿|撒券|赠送|喊话|公开|晒出|邀请|删博|应该有问题|致函|调查|处理|纠正|(?:客服|工作人员|负责人|店员|店长)："
)


_SAYS_ONLY = re.compile(
    "(?:[^，。：]{0,12}，)?[^，。：；“”]{0,24}?(?:再度?|再次|公开|紧急|正式)?(?:回应|发声|发文|答复)(?!称|表示|说|[^，。]{0,12}(?:称|表示|说|：))[^，。：；“”]{0,24}[。！]?"
)


_REFUSAL = re.compile("(?:不支持|不予|不能|无法|拒绝?)[^，。；]{0,10}(?:退[货款换]|无理由)")


def says_only_that(sentence: str) -> bool:
    """True for a *sentence* that tells that somebody answered, and not what (``某某主播回应被点名。``)."""
    return _SAYS_ONLY.fullmatch(sentence.strip()) is not None


def refuses_refund(said: Said) -> bool:
    """True for an answer that says of the charge only that nothing is taken back."""
    return said.act is Act.ANSWER and _REFUSAL.search(said.sentence) is not None


def read(title: str, text: str, parties: Sequence[str]) -> tuple[Said, ...]:
    """Reading of *title* and *text* about a charge against *parties* (names and aliases of one side).

    The strongest act comes last; none is given twice.
    """
    return strongest(read_each(title, text, parties))


def strongest(said: Iterable[Said]) -> tuple[Said, ...]:
    """The first of each act among *said*, the gravest last."""
    found: dict[Act, Said] = {}
    for one in said:
        found.setdefault(one.act, one)
    return tuple(found[act] for act in Act if act in found)


def read_each(title: str, text: str, parties: Sequence[str]) -> list[Said]:
    """Every act that :func:`read` chooses from, in the order of the sentences; what is refuted comes last."""
    heads = sentences(title)
    lines = [*heads, *(s for s in sentences(text) if s != title)]
    names = sorted(parties, key=len, reverse=True)
    told = [marked(line, names) for line in lines]
    found = [
        said
        for before, now, line in zip(["", *told], told, lines, strict=False)
        for said in _of_line(now, before, line, names)
    ]
    if any(map(_is_silent, told[len(heads) :])):
        answered = {said.sentence for said in found if said.act is Act.ANSWER}
        if answered.issubset(heads):
            found = [said for said in found if said.act is not Act.ANSWER]
    if parties and (refuted := _refuted(lines, told)):
        found.append(refuted)
    return found


def _is_silent(line: str) -> bool:
    """True if *line* says that the accused, or one asked without a name, gave no answer."""
    for found in _SILENT.finditer(line):
        head = line[max(line.rfind(mark, 0, found.start()) for mark in "，。；：") + 1 : found.start()]
        if PARTY in head or re.search(
            f"{SIDE}|^(?:截至|发稿|目前|至今|此前|暂|尚|仍|均|也|一直|对方|其)*$", head
        ):
            return True
    return False


def _of_line(line: str, before: str, told: str, names: Sequence[str]) -> Iterator[Said]:
    if not _TRIGGER.search(line):
        return
    itself = PARTY in line
    if is_penalised(line, before, names):
        yield Said(Act.PENALTY, told, authority_in(told))
    if itself and is_judged(line):
        yield Said(Act.JUDGMENT, told, authority_in(told))
    if _SOURCE_WITHDRAWS.search(line):
        yield Said(Act.RETRACTION, told, authority_in(told))
        return
    if _RUMOUR_PUNISHED.search(line):
        yield Said(Act.REFUTATION, told, authority_in(told))
        return
    if _NO_ANSWER.search(line):
        return
    if not itself and PARTY not in before:
        if _PLAIN_ANSWER.search(line) and not ANY_AUTHORITY.search(line):
            yield Said(Act.ANSWER, told)
        return
    by_authority = ANY_AUTHORITY.search(line) is not None
    if itself and by_party(_ADMISSION, line) and not _NOT_ADMITTED.search(line):
        yield Said(Act.ADMISSION, told)
    paid = _OFFERED.sub("", line)
    if (
        _SORRY.search(paid)
        and not _NO_AMENDS.search(line)
        and ((itself and by_party(_AMENDS, paid)) or (not by_authority and _AMENDS_OF_SIDE.search(paid)))
    ):
        yield Said(Act.AMENDS, told)
    if by_authority:
        return
    if "网传" not in line and by_party(_DENIAL, line):
        yield Said(Act.DENIAL, told)
    if by_party(_ANSWER, line) or _PLAIN_ANSWER.search(line):
        yield Said(Act.ANSWER, told)


def _refuted(lines: Sequence[str], named: Sequence[str]) -> Said | None:
    """An authority says that the charge against the accused is untrue; both may stand in the title and the
    first sentence after it."""
    for at, (line, told) in enumerate(zip(lines, named, strict=True)):
        if PARTY not in told or not _REFUTED.search(told) or "网传" in told:
            continue
        nearby = "\n".join(lines[max(0, at - 1) : at + 2])
        if (found := AUTHORITY.search(nearby)) and "通报" in nearby:
            return Said(Act.REFUTATION, line, found[0])
    return None
