"""Rows that several chapters print."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters.sentences import peak_cell
from fengping.reports.document import Cell, cell
from fengping.reports.facts import Slice, Topic
from fengping.reports.wording import FLOOR, Fact, exact, number, share

FIELD_COLUMNS = ("条数", "同文折叠后", "日均", "峰值日", "走势")


def bar_rows(slices: Sequence[Slice]) -> tuple[tuple[str, int, str], ...]:
    return tuple((s.name, int(s.count.value or 0), bar_share(s.share)) for s in slices)


def drawn_of(slices: Sequence[Slice]) -> tuple[Fact, ...]:
    """The facts that bars of slices draw."""
    return tuple(fact for part in slices for fact in (part.count, part.share))


def bar_share(part: Fact) -> str:
    """The share beside a bar; nothing of too few."""
    return share(part).text if (part.n or 0) >= FLOOR else ""


def share_cell(part: Fact) -> Cell:
    """A share in a table; empty of too few."""
    return cell(share(part)) if (part.n or 0) >= FLOOR else cell(None)


def field_row(topic: Topic) -> list[Cell]:
    """Name, count, folded, share, daily mean, peak day, shape."""
    series = topic.volume.course.series
    return [
        cell(topic.name),
        cell(number(topic.volume.count)),
        cell(number(topic.volume.folded)),
        share_cell(topic.share),
        cell(exact(topic.volume.course.mean)),
        cell(peak_cell(topic.volume)),
        cell(series.shape() or "信息较少"),
    ]
