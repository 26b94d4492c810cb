"""The weight of what nobody signed: whether a text tells a matter at all, and what stands behind its charge.

A warning, a question, a review of the year or somebody's opinion accuses nobody, and is no matter that could
be answered. A title alone tells too little for a case. A penalty, a judgment or the figures of a test come
before what was merely discussed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fengping.events import Status
from fengping.events.building.candidates import accused_in
from fengping.models import Act, Document, Polarity, Role

_WARNS = re.compile("^(?:警惕|谨防|严防|当心|小心|提防|提醒|注意|揭秘|起底|盘点)")
_ASKS = re.compile(
    "[?？吗呢]$|^(?:如何|怎么|怎样|为什么|为何|谁来|谁该)|(?:如何|怎样)(?:看待|破解|治理|避免|维权)"
    "|究竟(?:是)?(?:哪|谁|什么|怎|如何|有)|哪些|该不该|值不值|靠不靠谱|是不是|有何"
)
_OPINES = re.compile(
    "^(?:别再|莫把|勿[被让]|岂)|岂能|[莫别]让|久矣|何时休|该管管|不能(?:对|只|再|让|成为|一[罚封道禁]了)"
    "|不可(?:取|任性)|亟待|亟需|呼唤"
)
_TALKS_OF = re.compile(
    "^(?:教你|锐评|快评|短评|时评|警惕|谨防|当心)|盘点|大赏|合集|(?:专家|学者|律师)(?:谈|解读|支招)"
    "|(?:是否|该不该|应不应该)(?:该|应)?[^，。]{0,12}(?:担责|负责|买单|背锅|[?？]$)|如何看待|何时休"
)
"""The title of an opinion, a review or a tip on one whom all speak of: it brings no charge of its own."""
_GENERAL = re.compile("层出不穷|防不胜防|花样百出|花样翻新|手段不断|乱象丛生")
"""In the text of a warning that tells of nobody."""
_OF_TRADE = re.compile("坑位费|带货费|推广费|服务费|广告费|佣金|广告报价")
_CONSUMERS = re.compile("消费者|买家|顾客|网友|粉丝(?!主播)|市民|用户")
"""A quarrel over a fee in which none of these stands is one between traders."""
_REVIEWS = re.compile("年度|年终|年中|盘点|十大|乱象(?:调查|追踪|盘点|何时休)?$|大赏|合集")
_HAPPENED = re.compile(
    "[某一][名位家个][一-鿿]{0,6}(?:女|男|市民|消费者|买家|顾客|老人|网友|主播)|[一-鿿](?:女士|先生|阿姨|大爷|大妈|某)"
    r"|暗访|卧底|报案|起诉|判处|判刑|被罚|罚款|刑拘|抓获|查获|立案|(?:[1-9]\d*|[一二两三四五六七八九十百千])[多余]?[万千百]?元"
)
"""Words of a single happening: somebody it befell, a sum, a step of an authority."""
_JUDGED = re.compile("判刑|获刑|判处|判决|判赔|被判|被罚|罚款|处罚|罚没|刑拘|逮捕|批捕|抓获|被抓|查获|立案")
_TESTED = re.compile("消保委|消协|消委会?|消费者协会|消费者权益保护委员会|抽检|抽查|送检|检测|检验|鉴定|监测")
_FIGURE = re.compile(r"\d")
_IMITATES = re.compile("假冒|仿冒|冒充|假货|卖假|售假|买到假|高仿|山寨|仿版|仿品|一眼假|贴牌|赝品|盗版")
_DECIDED = frozenset((Status.PENALISED, Status.JUDGED))
PENALTY, TEST, TALK = 2, 1, 0


def weight_of(status: Status, documents: Iterable[Document]) -> int:
    """Rank of what stands behind a charge: a penalty or a judgment, figures of a test, or talk alone."""
    if status in _DECIDED:
        return PENALTY
    found = TALK
    for document in documents:
        judged, content = document.judgement, document.raw.content
        if judged.polarity is not Polarity.NEG:
            continue
        if judged.act is Act.PENALTY or _JUDGED.search(document.raw.title):
            return PENALTY
        if _TESTED.search(content) and _FIGURE.search(content):
            found = TEST
    return found


def is_matter(document: Document) -> bool:
    """False of what accuses nobody and tells no happening: a warning, a question, a review, an opinion."""
    judged, title, content = document.judgement, " ".join(document.raw.title.split()), document.raw.content
    if accused_in(document):
        return not _TALKS_OF.search(title) or _HAPPENED.search(content) is not None
    if judged.act is Act.OTHER or (_OF_TRADE.search(content) and not _CONSUMERS.search(content)):
        return False
    if judged.act is Act.PENALTY or _HAPPENED.search(content):
        return True
    if _GENERAL.search(document.raw.text):
        return False
    return not any(mark.search(title) for mark in (_WARNS, _ASKS, _OPINES, _REVIEWS))


def is_bare(documents: Sequence[Document]) -> bool:
    """True where none of *documents* has more than a title."""
    return all(document.raw.title and not document.raw.text.strip() for document in documents)


def imitated(document: Document) -> frozenset[str]:
    """Shops and brands of *document* that are counterfeited in it: named, accused of nothing."""
    judged = document.judgement
    if not _IMITATES.search(document.raw.content):
        return frozenset()
    roles, accused = judged.roles or {}, accused_in(document)
    return frozenset(
        name
        for name in judged.brands or ()
        if name not in accused and roles.get(name) in (Role.BYSTANDER, Role.VICTIM)
    )
