"""事件档案: one event with first publisher, chain, turning points, answers, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fengping import events
from fengping.events import Dossier
from fengping.events.asking import documents_read, first_documents
from fengping.events.knowing import kin_of
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.cases import intro, remarks
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.topics import CHANNELS, topic_name
from fengping.reports.document import CaseCard, cell
from fengping.reports.facts import Case
from fengping.reports.facts.cases import case_of
from fengping.reports.facts.gather import Facts
from fengping.reports.facts.naming import MASKED
from fengping.reports.facts.saying import Saying
from fengping.reports.wording import Reference

CHAIN = 60
KIN = "同属一事的其他事件"
WITHIN = {
    "首次出现负面信息": "本事件内最早的指称",
    "监管部门首次被提及": "本事件内最早提及监管部门",
}
"""Turning points that are the first of the event alone: of the same matter others may have come before."""


@register
class EventDossier:
    name = "dossier"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not (brief.focus and facts.home):
            return
        dossier = events.event(facts.home, facts.store, brief.focus)
        pages.chapter("事件经过")
        case = case_of(facts.home, facts.ask, dossier.event.id)
        if case:
            pages.blocks.append(CaseCard(1, case.title, intro(case), case))
            if said := remarks([case], f"表“{KIN}”"):
                pages.say("".join(said), role="note", key="amends")
            if int(case.independent.value or 0) < facts.min_publishers:
                addressed = any(one.url for one in dossier.knowledge.chain)
                linked = "；原文见链接" if addressed else "；原文未载网址，以文档编号在系统内查阅"
                pages.say(
                    f"有原创文本的发布主体不足{facts.min_publishers}个或不详，本报告不具名，标题与引文中系统名录所载的名称和系统识别的当事方"
                    f"{MASKED}{linked}。",
                    role="note",
                    key="unnamed",
                )
        shown = _shown(facts, dossier, case)
        _turns(pages, dossier, case, shown)
        _chain(pages, facts, dossier, case, shown)
        _kin(pages, facts, dossier)
        _open(pages, dossier, case)


class Shown(NamedTuple):
    """A document of either table, and the site that published it, where one did."""

    reference: Reference
    site: str


def _shown(facts: Facts, dossier: Dossier, case: Case | None) -> Mapping[str, Shown]:
    """The documents of both tables, as they may be printed: a time no finer than it is known."""
    told = dossier.knowledge
    ids = [*(turn.document for turn in told.turns), *(m.id for m in told.chain[:CHAIN])]
    free = frozenset(case.parties) if case else frozenset[str]()
    named = case is not None and int(case.independent.value or 0) >= facts.min_publishers
    said = Saying(facts.ask, dossier.event.parties, free, named)
    return {
        d.id: Shown(said.reference(d), said.where(d).partition("·")[2])
        for d in facts.store.get(list(dict.fromkeys(ids)))
    }


def _turns(pages: Pages, dossier: Dossier, case: Case | None, shown: Mapping[str, Shown]) -> None:
    # As the card has them: with whose it is.
    told = case.told if case else ()
    labels = {(one.quote.reference.id, one.status.partition("（")[0]): one.status for one in told}
    rows = [
        (
            cell(found.reference.published),
            cell(labels.get((turn.document, turn.what), WITHIN.get(turn.what, turn.what))),
            cell(found.reference.title),
            cell(turn.document),
        )
        for turn in dossier.knowledge.turns
        if (found := shown.get(turn.document))
    ]
    if rows:
        pages.part("节点")
        rows.sort(key=lambda row: str(row[0].value))
        pages.table("事件节点", "事件节点", ("时间", "节点", "标题", "文档编号"), rows)


def _chain(
    pages: Pages, facts: Facts, dossier: Dossier, case: Case | None, shown: Mapping[str, Shown]
) -> None:
    known = dossier.knowledge
    pages.part("传播链")
    rows = [
        (
            cell(found.reference.published),
            cell(CHANNELS.get(m.channel, m.channel)),
            cell(found.site),
            cell(found.reference.title, link=m.url),
            *([cell("转载" if m.copy else "原创")] if facts.signed else []),
        )
        for m in known.chain[:CHAIN]
        if (found := shown.get(m.id))
    ]
    whole = len(dossier.documents)
    note = f"事件共{whole}条信息，均列于表。"
    if len(rows) < whole:
        note = f"事件共{whole}条信息，读取其中{known.read}条；表列最早的{len(rows)}条。"
    columns = ("时间", "渠道", "站点", "标题", *(("性质",) if facts.signed else ()))
    pages.table("传播链", "传播链", columns, rows, note=(note,), spare=("站点",))
    if case and case.issues:
        pages.say(f"涉及问题：{'、'.join(map(topic_name, case.issues))}。", key="issues")


def _kin(pages: Pages, facts: Facts, dossier: Dossier) -> None:
    """The other events of the affair, by the title of the first text of each."""
    assert facts.home
    _, documents = documents_read(facts.home, facts.store, dossier.event.id)
    kin = kin_of(facts.home, dossier.event, documents)
    first = first_documents(facts.home, facts.store, [one.id for one in kin])
    rows = []
    for one in kin:
        if document := first.get(one.id):
            told = Saying(facts.ask, one.parties, frozenset(), named=False).reference(document)
            rows.append((cell(told.published), cell(told.title), cell(one.status.value), cell(one.id)))
    if rows:
        pages.part(KIN)
        note = (
            "由人关联，或由系统判定：同一信息指向两者，或指向同一方、所涉之物相同，可能有误；各事件的状态分列。",
        )
        pages.table(KIN, KIN, ("首见", "标题", "状态", "事件编号"), rows, note=note)


def _open(pages: Pages, dossier: Dossier, case: Case | None) -> None:
    missing = []
    if case is None and not dossier.event.steps:
        missing.append("未见被指一方的回应")
    elif case and case.silence and not (case.told or case.unsure or case.unread):
        missing.append(f"未见{'被指一方' if case.accuses else '相关方'}的回应")
    if not dossier.knowledge.regulators:
        missing.append("未见监管部门被提及")
    if missing:
        read = "已读取的" if dossier.knowledge.read < len(dossier.documents) else ""
        pages.part("尚未明确")
        pages.say(f"归入该事件的{read}信息中{'；'.join(missing)}。", key="open")
