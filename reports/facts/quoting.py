"""Reading collected text for a case: excerpts, answers, penalties, figures. Pure and deliberately strict.

An answer that is not one, printed under a name, is worse than none: every pattern here asks for the
whole phrase and refuses it where the sentence says the opposite (未回应, 要求道歉, 拟处罚).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from fengping.clock import local
from fengping.models import Document, Precision
from fengping.reports import numbers
from fengping.reports.chapters.topics import CHANNELS
from fengping.reports.wording import Reference, clean

EXCERPT = 120
"""Characters of a quotation: enough to recognise the matter, not the whole text."""

_SPEAKER = "本人|工作室|团队|公司|平台|客服|品牌方?|商家|店铺|直播间|官方|机构|经纪人|当事人|负责人"
_ANSWER = re.compile(
    rf"回应(?:称|表示|道|说|[：:])|(?:作出|做出|发文|发布|公开|紧急|正式|首次|再度|再次)回应"
    rf"|发(?:布|表|出)?(?:致歉|道歉|情况)?声明|声明(?:称|表示)|致歉(?:信|声明|视频)|道歉(?:信|声明|视频)"
    rf"|(?:发文|公开|向\S{{0,8}})(?:致歉|道歉)|(?:表示|深表)歉意|澄清称|(?:予以|发文|公开)否认|否认称"
    rf"|(?:{_SPEAKER})方?(?:就此|对此)?[^，。；？！]{{0,6}}(?:回应|致歉|道歉|否认)"
)
_NO_ANSWER = re.compile(
    r"(?:未|没有?|拒绝|不|无|迟迟)[^，。；]{0,6}(?:回应|回复|道歉|致歉|声明)"
    r"|(?:要求|希望|呼吁|催|求|逼|请|应|应该|必须|欠|等|等待|何时|能否|是否|该不该|什么时候)[^，。；]{0,10}(?:道歉|回应|致歉|说法|声明)"
)
_PENALTY = re.compile(
    r"(?:被|处以|处|并处|罚没|作出|做出|合计|共计)[^，。；]{0,16}(?:罚款|罚没款?)|罚款\d|被罚(?:款)?\d|被处罚"
    r"|行政处罚(?:决定|告知)?|没收违法所得|责令(?:停业|停产|关闭)|吊销"
)
_NO_PENALTY = re.compile(
    r"(?:拟|或|或将|可能|恐|面临|免于|免予|未|不予|要求|建议|呼吁|应当?|请求|希望|最高可|可)[^，。；]{0,8}(?:罚款?|处罚|吊销|没收|责令)"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;”」]*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_TRADE_GRAMS = {
    "直播", "播带", "带货", "货主", "主播", "播间", "消费", "费者", "网友", "回应", "视频", "事件", "热搜",
    "官方", "致歉", "道歉", "声明", "平台", "商品", "产品", "购买", "双十", "十一",
}  # fmt: skip
"""Two-character pieces that any two posts on livestream selling may share."""


def sentences(text: str) -> list[str]:
    """Sentences with their closing marks, one line each."""
    return [clean(found) for found in _SENTENCE.findall(text) if clean(found)]


def shorten(text: str, limit: int = EXCERPT) -> str:
    """*text* on one line, cut with an ellipsis."""
    line = clean(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def reference(document: Document) -> Reference:
    """A document as evidence: its title, or the beginning of its text."""
    raw = document.raw
    # No finer than it is known: a day's 00:00 is not midnight.
    form = {
        Precision.DAY: "%Y-%m-%d",
        Precision.YEAR_INFERRED: "%Y-%m-%d",
        Precision.HOUR: "%Y-%m-%d %H时",
    }.get(raw.precision, "%Y-%m-%d %H:%M")
    published = local(raw.published_at).strftime(form) if raw.published_at else ""
    return Reference(raw.id, shorten(raw.title or raw.text, 60), raw.url, published)


def where_published(document: Document) -> str:
    """``微博``, ``网站·某报``; never the name of a private account."""
    name = CHANNELS[document.raw.channel]
    return f"{name}·{clean(document.raw.site)}" if document.raw.site else name


def excerpt(document: Document) -> str:
    """The passage of a document's text around the first span that made it a complaint.

    The title is printed beside it, so it is quoted only where there is no text.
    """
    text = document.raw.text or document.raw.title
    before = len(document.raw.content) - len(text)
    spans = [
        e.start - before
        for e in document.judgement.evidence
        if e.label.startswith(("issue:", "polarity:neg")) and e.start >= before
    ]
    at = min(spans, default=0)
    start = next((m.start() for m in _SENTENCE.finditer(text) if m.start() <= at < m.end()), 0)
    lead = "…" if clean(text[:start]) else ""
    return lead + shorten(text[start:])


def answer_in(text: str, hosts: Collection[str]) -> str:
    """The sentence in which one of *hosts* or their side answers; empty where none does.

    With no speaker in the sentence, the sentence before must name one (对此，…回应称).
    """
    before = ""
    for sentence in sentences(text):
        spoken = _ANSWER.search(sentence) or _named_answer(sentence, hosts)
        speaker = any(h in sentence or h in before for h in hosts) or re.search(_SPEAKER, sentence)
        if spoken and speaker and not _NO_ANSWER.search(sentence):
            return shorten(sentence)
        before = sentence
    return ""


def _named_answer(sentence: str, hosts: Collection[str]) -> bool:
    return any(re.search(rf"{re.escape(host)}\S{{0,4}}(?:回应|致歉|道歉|否认)", sentence) for host in hosts)


def penalty_in(text: str) -> str:
    """The sentence that tells of a penalty imposed; empty for threatened or demanded ones."""
    for sentence in sentences(text):
        if _PENALTY.search(sentence) and not _NO_PENALTY.search(sentence):
            return shorten(sentence)
    return ""


def same_matter(case_lead: str, other: str, hosts: Sequence[str]) -> bool:
    """True if *other* speaks of the same matter as *case_lead* (a title or first sentence).

    At least three, and a quarter of all, two-character pieces of the lead, names and words of the trade
    taken out, must occur in the other text. A shared name alone never suffices.
    """
    for host in hosts:
        case_lead = case_lead.replace(host, " ")
    grams = set(_grams(case_lead)) - _TRADE_GRAMS
    shared = {gram for gram in grams if gram in other}
    return len(shared) >= 3 and len(shared) * 4 >= len(grams)


def _grams(text: str) -> Iterator[str]:
    for run in _HAN_RUN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))


_AMOUNT = re.compile(r"(?<![\d.%])(\d+(?:\.\d+)?)\s*(万|亿)?\s*([台件单人条份名次位])")
_PERCENT = re.compile(r"(\d+(?:\.(\d+))?)\s*[%％]")
_BOUND = re.compile(
    r"(\d+(?:\.\d+)?)\s*(万|亿)?[^\d。；]{0,24}(?:不到|不足)\s*(\d+(?:\.\d+)?)\s*(万|亿)?(?!\s*[%％\d.])"
)
_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}


def ratio_notes(text: str) -> tuple[str, ...]:
    """Ratios that follow from figures in the text itself; what the text says stays as it says it.

    A percentage is matched to two amounts of one unit whose ratio, cut or rounded, gives it
    (“1323台…1012台…76.4%” → 76.49%); a bound to the amount before it (“311万…不到11万” → 不足3.6%).
    """
    amounts = [
        (said + scale, Decimal(said) * _SCALE[scale], unit) for said, scale, unit in _AMOUNT.findall(text)
    ]
    notes = []
    for found in _PERCENT.finditer(text):
        said, places = Decimal(found[1]), len(found[2] or "")
        for part in amounts:
            for whole in amounts:
                if part[2] == whole[2] and 0 < part[1] < whole[1] and _gives(part[1], whole[1], said, places):
                    computed = numbers.percent(int(part[1]), int(whole[1]))
                    if computed != f"{said}%":
                        notes.append(
                            f"原文称{found[1]}%，按文中{part[0]}{part[2]}与{whole[0]}{whole[2]}计算为{computed}"
                        )
    for found in _BOUND.finditer(text):
        whole_value = float(found[1]) * _SCALE[found[2] or ""]
        bound = float(found[3]) * _SCALE[found[4] or ""]
        if 0 < bound < whole_value:
            share = numbers.at_most(bound, whole_value)
            whole_said, part_said = found[1] + (found[2] or ""), found[3] + (found[4] or "")
            notes.append(f"按文中{whole_said}与“不到{part_said}”计算，不足{share}")
    return tuple(dict.fromkeys(notes))


def _gives(part: Decimal, whole: Decimal, said: Decimal, places: int) -> bool:
    ratio = part * 100 / whole
    unit = Decimal(1).scaleb(-places)
    return said in (ratio.quantize(unit, rounding=ROUND_DOWN), ratio.quantize(unit, rounding=ROUND_HALF_UP))
