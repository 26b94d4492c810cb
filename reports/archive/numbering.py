"""Numbers closed up where blocks were taken out: headings, cases, figures and tables without holes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fengping.reports.chapters.blocks import ABOUT, LEADS
from fengping.reports.document import Block, CaseCard, Cell, Heading, Paragraph, Picture, Table
from fengping.reports.numbers import NUMERALS, numeral
from fengping.reports.wording import plain

_CHAPTER = re.compile(f"^[{NUMERALS}]+、")
_PART = re.compile(f"^（[{NUMERALS}]+）")
_ITEM = re.compile(r"^\d+．")
_APPENDIX = re.compile(f"^附录[{NUMERALS}]+　")
_CASE = re.compile(r"^案例\d+：")


def closed_up(blocks: Sequence[Block]) -> list[Block]:
    """*blocks* without headings over nothing, and numbered anew."""
    kept = list(blocks)
    if not any(isinstance(block, CaseCard) for block in blocks):
        kept = [b for b in kept if not (isinstance(b, Paragraph) and b.key == f"cases.{ABOUT}")]
    return list(_numbered(_headed(kept)))


def _headed(blocks: Sequence[Block]) -> list[Block]:
    """Blocks without headings that nothing stands under."""
    kept: list[Block] = []
    for block in reversed(blocks):
        below = kept[-1] if kept else None
        ended = below is None or (
            isinstance(below, Heading) and isinstance(block, Heading) and below.level <= block.level
        )
        if not (isinstance(block, Heading) and ended):
            kept.append(block)
    return kept[::-1]


def _numbered(blocks: Sequence[Block]) -> Iterator[Block]:
    chapters = parts = items = appendices = tables = pictures = cases = 0
    for block in blocks:
        match block:
            case Heading(level=2, text=text):
                chapters, parts = chapters + bool(_CHAPTER.match(text)), 0
                yield replace(block, text=_CHAPTER.sub(f"{numeral(chapters)}、", text))
            case Heading(level=3, text=text):
                parts, items = parts + bool(_PART.match(text)), 0
                appendices += bool(_APPENDIX.match(text))
                text = _PART.sub(f"（{numeral(parts)}）", text)
                yield replace(block, text=_APPENDIX.sub(f"附录{numeral(appendices)}　", text))
            case Heading(text=text):
                items += bool(_ITEM.match(text))
                yield replace(block, text=_ITEM.sub(f"{items}．", text))
            case CaseCard(heading=heading):
                cases += 1
                yield replace(block, number=cases, heading=_CASE.sub(f"案例{cases}：", heading))
            case Picture(caption=caption):
                pictures += 1
                shown = f"图{pictures}　{caption.partition('　')[2]}"
                yield replace(block, id=f"figure-{pictures}", caption=shown)
            case Table(caption=caption):
                tables += 1
                shown = f"表{tables}　{caption.partition('　')[2]}"
                yield replace(block, id=f"table-{tables}", caption=shown, rows=_labelled(block))
            case _:
                yield block


def _labelled(table: Table) -> tuple[tuple[Cell, ...], ...]:
    """Rows of evidence under 案例1, 案例2 … and 线索1 … without holes."""
    if not table.subjects or table.sheet == LEADS:
        return table.rows
    labels: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for subject, row in zip(table.subjects, table.rows, strict=True):
        if subject not in labels:
            name = plain(row[0].text).rstrip("0123456789")
            counts[name] += 1
            labels[subject] = f"{name}{counts[name]}"
    named = [labels[subject] for subject in table.subjects]
    return tuple((Cell((name,), name), *row[1:]) for name, row in zip(named, table.rows, strict=True))
