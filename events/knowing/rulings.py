"""Findings beside the answers of the accused and the steps of authorities: a platform's ruling, and a
seller's claim that was refuted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fengping.events.answers.said import sentences
from fengping.models import Act, Document, Polarity

_RULED = re.compile(r"被[^，。；！？]{0,8}平台[^，。；！？]{0,6}[判认]定[^，。；！？]{0,6}违规")
_BANNED = re.compile(
    "被[^，。；！？]{0,8}平台[^，。；！？]{0,6}封[禁号]|(?:账号|直播间|直播权限)(?:目前|现)?(?:已经?)?被(?:平台|永久|无限期)*封(?:禁|号|停|$|[，。；！])"
)
_NOT_RULED = re.compile("曾|此前|或[将被]|可能|网传|假如|如果|若|怕|担心|自[曝称]|解封|为何")
_CLAIM = re.compile(
    "(?:官方|当地|警方|网警|监管部门|平台)[^，。；！？]{0,4}辟谣[^，。；！？]*?[能可治防抗降减]"
)
_WORDS = {"平台已判违规": _RULED, "平台已封禁": _BANNED}
_DENIED = re.compile(
    "(?:询问|采访|致电|咨询|联系上?)了?[^，。；！？]{1,14}(?:工作人员|负责人|管理处|馆方|园方|景区|主办方)[^，。；！？]{0,4}，?"
    "对方[^，。；！？]{0,4}(?:表示|称)[^。！？]{0,30}?(?:不存在|不实|不属实|并非|从未|没有(?:此事|这回事))"
)
REFUTED = "宣称已被官方辟谣"


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
            if not _NOT_RULED.search(line):
                told |= {word for word, said in _WORDS.items() if said.search(line)}
    return next((word for word in (REFUTED, *_WORDS) if word in told), "")


def denied(documents: Iterable[Document]) -> str:
    """The words where whom somebody asked about the charge, and not the accused, denies it; else empty."""
    negative = (one for one in documents if one.judgement.polarity is Polarity.NEG)
    return "受访工作人员已否认" if any(_DENIED.search(one.raw.text) for one in negative) else ""
