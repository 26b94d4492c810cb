"""Findings beside the answers of the accused and the steps of authorities: a platform's ruling, a seller's
claim that was refuted, a maker who says that the goods are genuine, a firm that has not answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from fengping.events.answers.said import sentences
from fengping.models import Act, Document, Polarity

_RULED = re.compile(r"被[^，。；！？]{0,8}平台[^，。；！？]{0,6}[判认]定[^，。；！？]{0,6}违规")
_BANNED = re.compile(
    "被[^，。；！？]{0,8}平台[^，。；！？]{0,6}封[禁号]|(?:账号|直播间|直播权限)(?:目前|现)?(?:已经?)?被(?:平台|永久|无限期)*封(?:禁|号|停|$|[，。；！])"
)
_NOT_RULED = re.compile("曾|此前|或[将被]|可能|网传|假如|如果|若|怕|担心|自[曝称]|解封|为何")
_OF_CRITIC = re.compile(
    "(?:曝光|举报|爆料|打假|维权|投诉|质疑)[^，。；！？]{0,12}(?:的|者|博主|买家|消费者|网友)[^，。；！？]{0,6}(?:账号|直播间)"
)
"""The account of who brings a charge, not of whom it is against."""
_CLAIM = re.compile(
    "(?:官方|当地|警方|网警|监管部门|平台)[^，。；！？]{0,4}辟谣[^，。；！？]*?[能可治防抗降减]"
)
_WORDS = {"平台已判违规": _RULED, "平台已封禁": _BANNED}
_DENIED = re.compile(
    "(?:询问|采访|致电|咨询|联系上?)了?[^，。；！？]{1,14}(?:工作人员|负责人|管理处|馆方|园方|景区|主办方)[^，。；！？]{0,4}，?"
    "对方[^，。；！？]{0,4}(?:表示|称)[^。！？]{0,30}?(?:不存在|不实|不属实|并非|从未|没有(?:此事|这回事))"
)
_STAFF = re.compile(
    "(?:退[货款换]|售后|投诉)[^。！？]{0,24}(?:。对此，[^，。！？]{0,12})?客服[^，。；！？“”]{0,8}?(?:回复|答复|表示|告知)[说称]?"
)
_SELLER = re.compile(
    "(?:询问|联系|致电|采访|咨询)[^，。；]{0,10}(?:店家|商家|卖家|店主)[^。！？]{0,40}?对方则?(?:表示|称|回复|回应|答复)"
)
_ONLY_TOLD = re.compile("(?:网友|有人|买家|消费者)[^，。；]{0,6}(?:反映|爆料|[称说])")
"""In a sentence by which nobody but a user says what a platform did."""
_GENUINE = re.compile(
    "(?:官方|品牌方|厂家|厂商)[^。！？]{0,24}?(?:确认|证实|回应|回复|表示|称)[^。！？]{0,24}?(?<![不非否])[为是系](?:官方)?(?:正品|真品)"
)
_NOT_GENUINE = re.compile("(?:是否|[不非])[为是系]?(?:官方)?(?:正品|真品)|能否|无法|未能")
_EXPOSED = re.compile("曝光[^。！？“”]{0,24}“(?P<firm>[^“”]{2,24}(?:公司|厂|商行|经营部))”")
_ANSWERS = "(?:回应|致歉|道歉|声明|否认)"
_TESTED = re.compile(
    "(?:送检|送(?:至|往|到)|委托)[^。！？]{0,40}(?:鉴定|检测|检验|质检)[^。！？]{0,16}(?:结果|结论|显示|发现|认定)"
)
_NOT_TESTED = re.compile("[将拟未待]|等待|尚无|还没|能否|是否")
TESTED = "送检已有结果"
GENUINE = "品牌方已确认为正品"
REFUTED = "宣称已被官方辟谣"
HEARD = "网友称"


def ruled(documents: Iterable[Document]) -> str:
    """The words for what a platform ruled of whom *documents* charge (平台已判违规, 平台已封禁), or for
    a claim of theirs that was officially refuted; empty where neither is told."""
    told: set[str] = set()
    for document in documents:
        judged = document.judgement
        if judged.polarity is not Polarity.NEG or judged.act is Act.RESPONSE:
            continue
        if "C02" in judged.issues and _CLAIM.search(document.raw.title):
            told.add(REFUTED)
        for line in sentences(f"{document.raw.title}\n{document.raw.text}"):
            if not (_NOT_RULED.search(line) or _OF_CRITIC.search(line)):
                heard = HEARD if _ONLY_TOLD.search(line) else ""
                told |= {heard + word for word, said in _WORDS.items() if said.search(line)}
    words = (REFUTED, *_WORDS, *(f"{HEARD}{word}" for word in _WORDS))
    return next((word for word in words if word in told), "")


def genuine(documents: Iterable[Document]) -> str:
    """The words where a maker says of goods that are called fake that they are its own; else empty."""
    for document in documents:
        if "C03" in document.judgement.issues:
            for line in sentences(document.raw.content):
                if _GENUINE.search(line) and not _NOT_GENUINE.search(line):
                    return GENUINE
    return ""


def tested(documents: Iterable[Document]) -> str:
    """The words where a text that complains of goods tells what a laboratory found; else empty."""
    for document in documents:
        judged = document.judgement
        if judged.polarity is Polarity.NEG and judged.issues:
            for line in sentences(document.raw.text):
                if _TESTED.search(line) and not _NOT_TESTED.search(line):
                    return TESTED
    return ""


def exposed(documents: Iterable[Document], names: Collection[str]) -> str:
    """The words where *documents* tell of a firm that was exposed and is none of *names*, and of no answer of
    it; else empty."""
    texts = [one.raw.content for one in documents if one.judgement.polarity is Polarity.NEG]
    firms = {found["firm"] for text in texts for found in _EXPOSED.finditer(text)}
    for firm in firms:
        own = any(name in firm or firm in name for name in names)
        if not own and not any(
            re.search(f"{re.escape(firm)}”?[^。]{{0,12}}{_ANSWERS}", text) for text in texts
        ):
            return "被曝光的公司未见回应"
    return ""


def denied(documents: Iterable[Document]) -> str:
    """The words where whom somebody asked about the charge, and not the accused, denies it, or where only a
    customer service, or a seller without a name, is told to have answered; else empty."""
    texts = [one.raw.text for one in documents if one.judgement.polarity is Polarity.NEG]
    if any(map(_DENIED.search, texts)):
        return "受访工作人员已否认"
    if any(map(_SELLER.search, texts)):
        return "商家已答复"
    return "客服已答复" if any(map(_STAFF.search, texts)) else ""
