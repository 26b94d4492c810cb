"""Documents by which a regulator or a central medium joins: one acts or publishes, nobody merely names it.

A customer who writes 已投诉12315 names a desk for complaints; the notice of an authority is another matter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from fengping.analysis.hosts.registry import load_names
from fengping.analysis.polarity.parts import COMPLAINT_SITES
from fengping.events.answers.said import sentences
from fengping.models import Act

TIERS = frozenset({"central", "authority"})
"""Tiers of the media registry whose publishers are a central medium or an authority."""
_MOVES = frozenset({Act.PENALTY, Act.RULE})
_ON_A_BOARD = frozenset({*_MOVES, Act.REPORT})
"""Acts that are an authority's own on a board where complaints of others stand."""
_OFFICE = (
    "(?:市场监督管理(?:总局|局|所)|市场监管(?:总局|局|所|部门)?|市监(?:总局|局|所|部门)|监管(?:总局|局|部门)"
    "|工商局|税务(?:总局|局|部门|机关)|稽查局|公安(?:部|局|机关|分局)?|警方|派出所|网信(?:办|部门)|法院|检察(?:院|机关)"
    "|(?:中|消)?消(?:协|委会?|保委)|消费者(?:权益保护)?(?:协会|委员会)|药监(?:总局|局|部门)|广电总局|工信部|商务部"
    "|海关|邮政管理局|农业农村(?:部|局)|文旅局|(?:联合)?调查组|执法(?:人员|部门|大队)|(?:3[·.]?15)晚会)"
)
_DOES = (
    "(?:通报|通告|公告|发布|印发|出台|立案|介入|调查|核查|检查|查处|查封|查获|处罚|罚款|罚没|没收|责令|吊销|约谈|点名"
    "|提醒|告诫|警示|警告|曝光|抽检|抽查|检出|认定|判决|判处|宣判|开庭|审理|拘留|刑拘|抓获|逮捕|批捕|公诉|回应|表示|称|：|:)"
)
_ACTS = re.compile(
    f"{_OFFICE}(?P<between>[^，。；：:！？\n]{{0,24}}?){_DOES}"
    f"|(?:被|遭|获|经){_OFFICE}(?P<by>[^，。；：:！？\n]{{0,12}}?)"
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
    f"(?:向|找|到|至|给|@)[^，。；\n]{{0,10}}{_OFFICE}[^，。；\n]{{0,6}}(?:投诉|举报|反映|反馈|求助)"
)
_WISHED = re.compile(
    "(?:要求|希望|呼吁|建议|请求|恳请)[^，。；\n]{0,12}(?:处罚|罚款|查处|立案|调查|严惩|介入)"
)


@functools.cache
def desks() -> frozenset[str]:
    """Names of the registry of regulators that take complaints and do nothing themselves."""
    return frozenset(one.name for one in load_names("regulators.toml").name if one.desk)


def publishes(tier: str, act: Act | None, source: str, site: str) -> bool:
    """True for a document of an authority or a central medium, but for complaints of others on its board."""
    if tier not in TIERS:
        return False
    place = f"{source} {site}".lower()
    return act in _ON_A_BOARD or not any(word in place for word in COMPLAINT_SITES)


def may_act(act: Act | None, regulators: Collection[str]) -> bool:
    """True where only the text can tell whether an authority that is named acts."""
    return bool(regulators) and act is not Act.PROMOTION


def acts(act: Act | None, regulators: Collection[str], title: str, text: str) -> bool:
    """True where an authority acts in a text that :func:`may_act`.

    A text that was judged to tell a penalty or a rule tells an authority's, unless somebody only asks for it;
    in a complaint only what is done at last counts.
    """
    lines = [*sentences(title), *sentences(text)]
    found = [(line, one) for line in lines for one in _ACTS.finditer(line)]
    if done := [one[0] for line, one in found if not _is_wished(line, one)]:
        return act is not Act.COMPLAINT or any(_DECIDED.search(said) for said in done)
    asked = bool(found) or any(_ASKED.search(line) or _WISHED.search(line) for line in lines)
    return act in _MOVES and not asked and not desks().issuperset(regulators)


def _is_wished(line: str, found: re.Match[str]) -> bool:
    between = found["between"] or found["by"] or ""
    return bool(_TURNED_TO.search(line[: found.start()]) or _NOT_DONE.search(between))
