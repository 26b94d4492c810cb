"""主播分布: sellers that enough publishers complain of, and what about."""

from __future__ import annotations

from fengping.reports.chapters import sentences
from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.marks import Usual
from fengping.reports.chapters.rows import share_cell
from fengping.reports.chapters.sentences import peak_cell
from fengping.reports.document import Cell, cell
from fengping.reports.facts import Host
from fengping.reports.facts.gather import Facts
from fengping.reports.render import Heat
from fengping.reports.wording import exact, number

MATRIX_HOSTS = 10


@register
class Hosts:
    name = "hosts"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        if not facts.named.value and not facts.complaints.count.value:
            return  # nobody is complained of
        pages.part("主播分布")
        classes = {topic.code: int(topic.volume.count.value or 0) for topic in facts.live_topics}
        usual = Usual(int(facts.complaints.count.value or 0), classes)
        text = sentences.hosts(facts.hosts, facts.rest, facts.named, facts.min_publishers, usual)
        pages.say(text, key="named")
        if not facts.hosts:
            return
        rows = [_row(host) for host in facts.hosts]
        if other := facts.rest:
            rest = [
                cell(f"其余{other.hosts}位"),
                cell(number(other.count)),
                cell(None),
                share_cell(other.share),
            ]
            rows.append([*rest, cell(None), cell(None)])
        shares = f"占比（n={facts.named.value}）"
        pages.table(
            "主播负面信息统计",
            "主播",
            ("主播", "条数", "同文折叠后", shares, "日均", "峰值日"),
            rows,
            spare=(shares, "峰值日"),
            numeric=(1, 2, 3, 4),
            note=(
                "只统计直播带货类信息中判定为指向该主播的负面信息，对指称的回应不计入；一条信息可指向多位主播。"
                f"来自不足{facts.min_publishers}个有原创文本的发布主体的不列名。未证实的指称不等于事实。",
            ),
        )
        _matrix(pages, facts)


def _row(host: Host) -> list[Cell]:
    return [
        cell(host.name),
        cell(number(host.volume.count)),
        cell(number(host.volume.folded)),
        share_cell(host.share),
        cell(exact(host.volume.course.mean)),
        cell(peak_cell(host.volume)),
    ]


def _matrix(pages: Pages, facts: Facts) -> None:
    topics = facts.live_topics
    if not topics or int(facts.named.value or 0) < sentences.CHART_LEAST:
        return
    names = [topic.name for topic in topics]
    cells = {(host.name, found.key): found for host in facts.hosts for found in host.issues}
    rows, counts = [], []
    for host in facts.hosts[:MATRIX_HOSTS]:
        found = [cells.get((host.name, topic.code)) for topic in topics]
        rows.append([cell(host.name), *(cell(number(f.count)) if f else cell(0) for f in found)])
        counts.append(tuple(int(f.count.value or 0) if f else 0 for f in found))
    pages.picture(
        "主播×问题类别热力图（条）",
        Heat(tuple(h.name for h in facts.hosts[:MATRIX_HOSTS]), tuple(names), tuple(counts)),
        "每位主播在每个问题类别中的负面信息条数，颜色越深条数越多。",
        (part.count for part in cells.values()),
    )
    pages.table(
        "主播×问题类别（条）",
        "主播×问题",
        ("主播", *names),
        rows,
        numeric=range(1, len(names) + 1),
        drawn=(),
        note=("行与列均为多选，不可相加。",),
    )
