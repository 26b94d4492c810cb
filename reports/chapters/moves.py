"""监管动态: what authorities ruled, ordered or punished; none of it is counted as a complaint."""

from __future__ import annotations

from fengping.clock import local
from fengping.events import Move
from fengping.events.building.candidates import title_of
from fengping.models import Document
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.document import Cell, cell
from fengping.reports.facts.gather import Facts
from fengping.reports.wording import Fact, Query, clean, compose, number

KINDS = {"rule": "规则与部署", "penalty": "处罚与查处", "inquiry": "介入与调查", "answer": "答复"}
MOST = 40
TITLES = "按公开信息的标题列出；标题为原文"
MASKED_TITLES = "按公开信息的标题列出；标题中未达具名条件的当事方以代称代替，其余为原文"


@register
class Moves:
    name = "moves"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not facts.moves:
            return
        pages.chapter("监管动态")
        # An agency may be one that the report masks: its name stands in no query.
        beside = " of these, or naming an agency of the host" if facts.agencies else ""
        query = Query(f"events.moves_of{beside}, one for each repost group", facts.selected)
        count = Fact("moves", "监管动态", len(facts.moves), query)
        chosen = "符合检索与来源条件的" if facts.scope.narrowed else "全部"
        chosen += "和提及其所属机构的" if facts.agencies else ""
        more = f"，下表列最早的{MOST}项" if len(facts.moves) > MOST else ""
        pages.say(
            compose(
                "监测期内系统识别出监管部门动态{n}项，可能不全（取自{chosen}信息，不论是否判定为与消费维权有关；同文、同一部门七日内对同一方所为只计一项）{more}。",
                chosen=chosen,
                n=number(count),
                more=more,
            )
        )
        shown = facts.moves[:MOST]
        documents = {one.id: one for one in facts.store.get([move.document for move in shown])}
        titles = {id: _title(facts, document) for id, document in documents.items()}
        masked = any(titles[id] != clean(title_of(document)) for id, document in documents.items())
        pages.table(
            "监管动态",
            "监管动态",
            ("信息日期", "部门", "类型", "标题", "提及的法规"),
            [_row(move, titles.get(move.document, move.title)) for move in shown],
            note=(f"{MASKED_TITLES if masked else TITLES}，涉及的当事方以有关部门通报为准。",),
            spare=("提及的法规",),
        )


def _title(facts: Facts, document: Document) -> str:
    """The title as it may be printed; an authority's own words stay."""
    title = clean(title_of(document))
    return title if document.tier == "authority" else facts.ask.said(document, title)


def _row(move: Move, title: str) -> list[Cell]:
    return [
        cell(local(move.at).date() if move.at else None),
        cell("、".join(map(clean, move.called[:3])) or "未载明"),
        cell(KINDS[move.kind.value]),
        cell(clean(title), link=move.url),
        cell("、".join(f"《{clean(law)}》" for law in move.laws[:3])),
    ]
