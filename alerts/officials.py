"""Documents by which a regulator or a central medium joins: one acts or publishes, nobody merely names it.

A customer who writes 已投诉12315 names a desk for complaints; the notice of an authority is another matter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from fengping.analysis.hosts import load_names
from fengping.analysis.polarity.parts import is_board
from fengping.events.authorities import desks
from fengping.events.authority_words import ACTING_OFFICE
from fengping.events.knowing.claims import sentences
from fengping.models import Act

TIERS = frozenset({"central", "authority"})
"""Tiers of the media registry whose publishers are a central medium or an authority."""
_MOVES = frozenset({Act.PENALTY, Act.RULE})
_ON_A_BOARD = frozenset({*_MOVES, Act.REPORT})
"""Acts that are an authority's own on a board where complaints of others stand."""
_DOES = (
    "(?:通报|通告|公告|发布|印发|出台|立案|介入|调查|核查|检查|查处|查封|查获|处罚|罚款|罚没|没收|责令|吊销|约谈|点名"
    "|提醒|告诫|警示|警告|曝光|抽检|抽查|检出|认定|判决|判处|宣判|开庭|审理|拘留|刑拘|抓获|逮捕|批捕|公诉|回应|表示|称|：|:)"
)
_ACTS = re.compile(
    f"{ACTING_OFFICE}(?P<between>[^，。；：:！？\n]{{0,24}}?){_DOES}"
    f"|(?:被|遭|获|经){ACTING_OFFICE}(?P<by>[^，。；：:！？\n]{{0,12}}?)"
    "(?:罚|立案|查|处|约谈|点名|通报|责令|曝光|认定|判)"
)
_TURNED_TO = re.compile(
    "(?:向|找|去|给|至|拨?打|联系|请求?|让|求|等|希望|建议|呼吁|要求|盼|@|(?<![接收得])到)[^，。；：:！？\n]{0,10}$"
)
"""Before the name of an authority: somebody turns to it."""
_NOT_DONE = re.compile(
    "不|没|未|拒|无人|该(?:去|来|管|查)|应|能否|会不会|要不要|怎么|为什么|何时|赶紧|快(?:来|去)"
)
"""Between an authority and a verb: it does nothing of the kind."""
_DECIDED = re.compile("立案|约谈|责令|罚|吊销|没收|查封|查处|通报|点名|曝光|拘|逮捕|批捕|公诉|判")
_ASKED = re.compile(
    f"(?:向|找|到|至|给|@)[^，。；\n]{{0,10}}{ACTING_OFFICE}[^，。；\n]{{0,6}}(?:投诉|举报|反映|反馈|求助)"
)
_WISHED = re.compile(
    "(?:要求|希望|呼吁|建议|请求|恳请)[^，。；\n]{0,12}(?:处罚|罚款|查处|立案|调查|严惩|介入)"
)
_OF_STATE = re.compile(
    "行政处罚|行拘|刑拘|拘留|逮捕|批捕|公诉|[获判]刑|判处|吊销[^，。；]{0,8}(?:执照|许可)|没收违法所得|罚没"
    "|追缴|补缴|[偷逃漏]税"
)
"""In a sentence on a penalty: none but an authority imposes it."""
_OF_OTHERS = re.compile(
    "封[禁号杀]|[被遭]封|禁[播言]|禁赛|限流|下架|扣[分除]|保证金|违约金|信用分"
    "|(?:被|遭)[^，。；]{0,10}(?:平台|公司|集团|协会|商场|商会)[^，。；]{0,8}罚"
    "|平台[^，。；被遭]{0,8}(?:处罚|罚款)"
)
"""In a sentence on a penalty: a platform or somebody else imposes it."""

_PENALTY = re.compile(
    r"(?:被|处以|并处|罚没|作出|做出|合计|共计)[^，。；]{0,16}?(?:罚款|罚没款?)|罚款\d|被罚(?:款)?(?=\d|$|[，。；！])|被处罚|被行政处罚"
    r"|行政处罚决定|没收违法所得|责令[^，。；]{0,10}(?:停业|停产|关闭|暂停经营)|吊销[^，。]{0,8}(?:执照|许可)|(?:进行|作出|做出)了?处罚"
    r"|行政拘留|被?行拘|(?:因|就|回应)[^，。]{0,14}(?:被罚|处罚)$|偷逃?税[^，。]{0,6}被(?:罚|处罚)"
)
_NO_PENALTY = re.compile(
    r"(?:拟|或|可能|恐|面临|免|未|不予|要求|建议|呼吁|(?<![回响反])应当?|请求|希望|可|将被?|会|按|最高|网传|假如|如果)"
    r"[^，。；]{0,8}(?:罚款?|处罚|吊销|没收|责令|拘|判|刑)"
)


@functools.cache
def _of_platforms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Before 官方: not an authority's; and within a sentence on a penalty, one that a platform imposes."""
    platforms = load_names("platforms.toml").name
    names = "|".join(map(re.escape, (word for one in platforms for word in (one.name, *one.aliases))))
    own = f"(?:{names}|平台|公司|集团|品牌|团队|直播间|店铺?)$"
    imposes = f"(?:被|遭)(?:{names})|(?:{names})(?:电商|直播|官方|平台|方面)?(?:对|已|将|处罚|罚款)"
    return re.compile(own, re.IGNORECASE), re.compile(imposes, re.IGNORECASE)


def publishes(tier: str, act: Act | None, source: str, site: str) -> bool:
    """True for a document of an authority or a central medium, but for complaints of others on its board."""
    if tier not in TIERS:
        return False
    return act in _ON_A_BOARD or not is_board(source, site)


def may_act(act: Act | None, regulators: Collection[str]) -> bool:
    """True where only the text can tell whether an authority acts; of a report that names none that is
    registered, where the text has one of :data:`WORDS` besides."""
    return act in _ON_A_BOARD or (bool(regulators) and act is not Act.PROMOTION)


def needs_word(act: Act | None, regulators: Collection[str]) -> bool:
    """True for a report that names no registered authority: a common kind, of which few tell of one."""
    return act is Act.REPORT and not regulators


def acts(
    act: Act | None, regulators: Collection[str], title: str, text: str, parties: Collection[str] = ()
) -> bool:
    """True where an authority acts in a text that :func:`may_act`.

    A text that was judged to tell a penalty or a rule tells an authority's where it names one, unless
    somebody only asks for it; a penalty also where it names none, and no platform or other private one
    imposes it. In a complaint only what is done at last counts. What *parties* call 官方通报 is their own.
    """
    lines = [line for part in (title, text) for line, _ in sentences(part)]
    found = [
        (line, one)
        for line in lines
        for one in _ACTS.finditer(line)
        if not _is_private(line[: one.start()], one[0], parties)
    ]
    if done := [one[0] for line, one in found if not _is_wished(line, one)]:
        return act is not Act.COMPLAINT or any(_DECIDED.search(said) for said in done)
    asked = bool(found) or any(_ASKED.search(line) or _WISHED.search(line) for line in lines)
    if act not in _MOVES or asked:
        return False
    if regulators:
        return not desks().issuperset(regulators)
    return act is Act.PENALTY and _is_imposed(title, text)


def _is_imposed(title: str, text: str) -> bool:
    """True where a penalty is told that an authority imposed, though it is not named."""
    for part in (title, text):
        for line, _ in sentences(part):
            if _PENALTY.search(line) and not _NO_PENALTY.search(line):
                others = _OF_OTHERS.search(line) or _of_platforms()[1].search(line)
                return bool(_OF_STATE.search(line)) or not others
    return False


def _is_private(before: str, said: str, parties: Collection[str]) -> bool:
    """True for the 官方通报 of a platform, a company or one of *parties*."""
    if not said.startswith("官方"):
        return False
    return bool(_of_platforms()[0].search(before)) or before.endswith(tuple(parties))


def _is_wished(line: str, found: re.Match[str]) -> bool:
    between = found["between"] or found["by"] or ""
    return bool(_TURNED_TO.search(line[: found.start()]) or _NOT_DONE.search(between))
