"""Cases that a reviewer adds: put among those of a report, with their evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fengping.reports.chapters.appendix import COLUMNS
from fengping.reports.chapters.blocks import ADDRESS, CASES, EVIDENCE
from fengping.reports.document import Block, CaseCard, Heading, Offer, Report, Table

ADDED = "〔审阅补充〕"


def own_cases(report: Report) -> set[str]:
    """Keys of the cases that a report has by itself."""
    return {f"case:{block.case.event}" for block in report.blocks if isinstance(block, CaseCard)}


def with_cases(report: Report, keys: Collection[str]) -> Report:
    """*report* with those of its offered cases that *keys* name, marked, after its own."""
    own = own_cases(report)
    chosen = {offer.key: offer for offer in report.offers if offer.key in keys and offer.key not in own}
    if not chosen:
        return report
    blocks = [kept for block in report.blocks if (kept := _without(block, chosen))]
    at = _place(blocks)
    cards = [replace(offer.card, heading=f"{offer.card.heading}{ADDED}") for offer in chosen.values()]
    head = [] if _has_part(blocks) else [Heading(3, f"（一）{CASES}")]
    blocks[at:at] = [*head, *cards]
    return replace(report, blocks=tuple(_with_evidence(blocks, list(chosen.values()))))


def _has_part(blocks: list[Block]) -> bool:
    return any(isinstance(block, Heading) and block.text.endswith(f"）{CASES}") for block in blocks)


def _place(blocks: list[Block]) -> int:
    """After the last case; else at the end of their part, or of the chapter that they belong to; else before
    the appendix."""
    last = max((at for at, block in enumerate(blocks) if isinstance(block, CaseCard)), default=-1)
    if last >= 0:
        return last + 1
    heads = [(at, block) for at, block in enumerate(blocks) if isinstance(block, Heading)]
    part = next((at for at, head in heads if head.text.endswith(f"）{CASES}")), None)
    if part is not None:
        # The sentence that none reached the floor is first in it.
        return part + 2
    chapter = next((at for at, head in heads if head.level == 2 and head.text.endswith(CASES)), None)
    if chapter is not None:
        return next((at for at, head in heads if at > chapter and head.level == 2), len(blocks))
    return next((at for at, head in heads if head.level == 2 and head.text == "附录"), len(blocks))


def _without(block: Block, chosen: Collection[str]) -> Block | None:
    """A table without its leads that are cases now; nothing where no row is left."""
    if not isinstance(block, Table) or not set(block.subjects).intersection(chosen):
        return block
    kept = [at for at, subject in enumerate(block.subjects) if subject not in chosen]
    if not kept and block.sheet != EVIDENCE:
        return None
    rows, subjects = tuple(block.rows[at] for at in kept), tuple(block.subjects[at] for at in kept)
    return replace(block, rows=rows, subjects=subjects)


def _with_evidence(blocks: list[Block], offers: list[Offer]) -> list[Block]:
    """*blocks* with the evidence of cases that were added, before that of the leads."""
    table = next((at for at, block in enumerate(blocks) if _is_evidence(block)), None)
    if table is None:
        made = Table("table-0", "表0　案例与线索的证据", EVIDENCE, COLUMNS, (), (False,) * len(COLUMNS))
        at = next(
            (at for at, b in enumerate(blocks) if isinstance(b, Heading) and b.text.endswith("　判定阈值")),
            len(blocks),
        )
        blocks[at:at] = [Heading(3, "附录一　案例证据"), made]
        table = at + 1
    block = blocks[table]
    assert isinstance(block, Table)
    addressed = ADDRESS in block.columns
    rows = [row if addressed else (*row[:5], *row[6:]) for offer in offers for row in offer.evidence]
    subjects = [offer.key for offer in offers for _ in offer.evidence]
    leads = [at for at, row in enumerate(block.rows) if row[0].value and str(row[0].value).startswith("线索")]
    first = leads[0] if leads else len(block.rows)
    blocks[table] = replace(
        block,
        rows=(*block.rows[:first], *rows, *block.rows[first:]),
        subjects=(*block.subjects[:first], *subjects, *block.subjects[first:]),
    )
    return blocks


def _is_evidence(block: Block) -> bool:
    return isinstance(block, Table) and block.sheet == EVIDENCE
