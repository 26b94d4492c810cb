"""分项统计: breakdowns that an outline asks for, each a table of its own."""

from __future__ import annotations

from fengping.models import FIELDS
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.rows import share_cell
from fengping.reports.document import cell
from fengping.reports.facts.cuts import KNOWN, LABELS, NAMED, break_down, cross
from fengping.reports.facts.gather import Facts
from fengping.reports.wording import Text, compose, number


@register
class Cuts:
    name = "cuts"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not (brief.cuts and facts.everything.count.value):
            return
        pages.chapter("分项统计")
        for fields in brief.cuts:
            pages.part("按" + "×".join(LABELS[field] for field in fields))
            if len(fields) == 1:
                _single(pages, facts, fields[0])
            else:
                _cross(pages, facts, *fields)


def _single(pages: Pages, facts: Facts, field: str) -> None:
    label, whole = LABELS[field], facts.everything.count
    found = break_down(facts.ask, field, whole)
    if not found.rows:
        pages.say(f"{facts.scope.noun}均未载明{label}。", key=field)
        return
    told = compose("{noun}中，载明{label}的{n}条。", noun=facts.scope.noun, label=label, n=number(found.held))
    pages.say(
        (*told, *_multiple(field), *_floor(facts, field, rest=found.rest), *_beyond(found.whole)), key=field
    )
    shares = f"占比（n={whole.value}）"
    pages.table(
        f"按{label}统计",
        f"按{label}",
        (label, "条数", shares, "吐槽类", "吐槽类占该项"),
        [
            (
                cell(row.name),
                cell(number(row.count)),
                share_cell(row.share),
                cell(number(row.negative)),
                share_cell(row.negative_share),
            )
            for row in found.rows
        ],
        numeric=(1, 2, 3, 4),
        spare=(shares, "吐槽类占该项"),
    )


def _cross(pages: Pages, facts: Facts, row_field: str, column_field: str) -> None:
    rows, columns = LABELS[row_field], LABELS[column_field]
    found = cross(facts.ask, row_field, column_field)
    if not (found.rows and found.columns):
        pages.say(f"吐槽类信息均未同时载明{rows}与{columns}。", key=f"{row_field}.{column_field}")
        return
    several = "、".join(LABELS[field] for field in (row_field, column_field) if FIELDS[field].many)
    told = (f"下表为吐槽类信息的条数{f'；一条信息可有多项{several}，不可相加' if several else ''}。",)
    named = _floor(facts, row_field, column_field, rest=found.rest)
    pages.say((*told, *named), key=f"{row_field}.{column_field}")
    pages.table(
        f"{rows}×{columns}（吐槽类，条）",
        f"按{rows}×{columns}",
        (rows, "条数", *found.columns),
        [
            (cell(name), cell(number(count)), *(cell(number(one)) for one in cells))
            for name, count, cells in found.rows
        ],
        numeric=range(1, len(found.columns) + 2),
    )


def _multiple(field: str) -> Text:
    return ("一条信息可有多项，条数不可相加。",) if FIELDS[field].many else ()


def _floor(facts: Facts, *fields: str, rest: bool) -> Text:
    """The sentence on names that are counted and not listed, where any are."""
    if not rest or NAMED.keys().isdisjoint(fields):
        return ()
    return (f"来自不足{facts.min_publishers}个有原创文本的发布主体的不列名，计入其余。",)


def _beyond(whole: bool) -> Text:
    return () if whole else (f"取值过多，只统计最常见的{KNOWN}个。",)
