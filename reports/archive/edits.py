"""A reviewer's changes, keyed to the sentence, figure or case that they change: a revision keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fengping.reports.document import Block, CaseCard, Origins, Paragraph, Report, texts_of
from fengping.reports.wording import Text, facts_of, figures, plain

REWORDED, ADDED = "〔审阅改写〕", "〔审阅补充〕"


class Action(StrEnum):
    """One thing that a reviewer does to a sentence or a case."""

    STRIKE = "strike"
    REWORD = "reword"
    ADD = "add"
    """Puts a sentence after the one that is named."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, by whom and when."""

    action: Action
    target: str
    """A sentence's key, ``case:EVENT``, or ``fact:ID`` for every sentence with that figure."""
    text: str
    by: str
    at: datetime


def key_of(text: Text) -> str:
    """The key of a sentence: the figures that it prints, else a hash of its words."""
    ids = [figure.fact.id for figure in figures(text)]
    if not ids:
        return "t:" + hashlib.sha256(plain(text).encode()).hexdigest()[:12]
    return "f:" + hashlib.sha256("+".join(ids).encode()).hexdigest()[:12]


def keys_of(report: Report) -> Iterator[tuple[str, str]]:
    """Every key of a report with the sentence or the case that it names, in print order."""
    for line in report.digest:
        yield key_of(line), plain(line)
    for block in report.blocks:
        if isinstance(block, Paragraph):
            yield key_of(block.text), plain(block.text)
        elif isinstance(block, CaseCard):
            yield f"case:{block.case.event}", block.heading


def apply_edits(report: Report, edits: Sequence[Edit]) -> Report:
    """*report* as reviewed. What an edit names and the report no longer holds is passed over."""
    if not edits:
        return report
    digest = tuple(line for old in report.digest for line in _changed(old, edits))
    blocks: list[Block] = []
    for block in report.blocks:
        blocks += _blocks(block, edits)
    counts = "、".join(
        f"{name}{n}处"
        for action, name in ((Action.STRIKE, "删去"), (Action.REWORD, "改写"), (Action.ADD, "补充"))
        if (n := sum(edit.action is action for edit in edits))
    )
    at = next((i for i, block in enumerate(blocks) if isinstance(block, Origins)), len(blocks))
    note = Paragraph((f"审阅记录：本版经审阅{counts}，改写与补充处均已标明。",), "note")
    blocks.insert(max(0, at - 1), note)
    printed = facts_of([*digest, *texts_of(tuple(blocks))])
    done = tuple(
        Origins(tuple(printed.values())) if isinstance(block, Origins) else block for block in blocks
    )
    return replace(report, digest=digest, blocks=done, facts=printed)


def _blocks(block: Block, edits: Sequence[Edit]) -> list[Block]:
    if isinstance(block, Paragraph):
        return [replace(block, text=text) for text in _changed(block.text, edits)]
    if isinstance(block, CaseCard):
        key = f"case:{block.case.event}"
        struck = any(edit.target == key and edit.action is Action.STRIKE for edit in edits)
        added = [
            Paragraph((edit.text + ADDED,))
            for edit in edits
            if edit.target == key and edit.action is Action.ADD
        ]
        return [*([] if struck else [block]), *added]
    return [block]


def _changed(text: Text, edits: Sequence[Edit]) -> list[Text]:
    """A sentence after the edits that name it: none, itself or other words, and what is added after it."""
    key, ids = key_of(text), {f"fact:{figure.fact.id}" for figure in figures(text)}
    found: list[Text] = [text]
    added: list[Text] = []
    for edit in edits:
        if edit.target != key and edit.target not in ids:
            continue
        if edit.action is Action.STRIKE:
            found = []
        elif edit.action is Action.REWORD and found:
            found = [(edit.text + REWORDED,)]
        elif edit.action is Action.ADD:
            added.append((edit.text + ADDED,))
    return [*found, *added]
