"""A reviewer's changes, keyed to the sentence, figure or case that they change: a revision keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fengping.reports.archive.adding import ADDED, own_cases, with_cases
from fengping.reports.archive.numbering import closed_up
from fengping.reports.archive.striking import STRUCK, Struck
from fengping.reports.archive.untraced import untraced
from fengping.reports.document import (
    Block,
    CaseCard,
    Origins,
    Paragraph,
    Picture,
    Report,
    Table,
    texts_of,
)
from fengping.reports.wording import Text, facts_of, figures, plain

REWORDED = "〔审阅改写〕"


class Action(StrEnum):
    """One thing that a reviewer does to a sentence or a case."""

    STRIKE = "strike"
    REWORD = "reword"
    ADD = "add"
    """Puts a sentence after the one that is named; a whole case where it names one that is offered."""


DONE = {Action.STRIKE: "删去", Action.REWORD: "改写", Action.ADD: "补充"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change, by whom and when."""

    action: Action
    target: str
    """A sentence's key, ``case:EVENT``, or ``fact:ID`` for that figure wherever it stands."""
    text: str
    by: str
    at: datetime
    now: str = ""
    """The key of the case of the event that took over that of *target*; empty where none did."""

    @property
    def targets(self) -> frozenset[str]:
        return frozenset({self.target, self.now} - {""})

    def __str__(self) -> str:
        return f"{DONE[self.action]} {self.target}（{self.by}，{self.at:%Y-%m-%d}）"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A report with a reviewer's changes in it."""

    report: Report
    passed: tuple[Edit, ...] = ()
    """Changes that find nothing in it to change."""


def targets_of(edits: Sequence[Edit], action: Action) -> list[str]:
    """The keys that *edits* of one action name, with those of events that took others over."""
    return [target for edit in edits if edit.action is action for target in sorted(edit.targets)]


def keys_of(report: Report) -> Iterator[tuple[str, str]]:
    """Every key of a report with what :func:`sentences_of` gives, as it is read."""
    return ((key, plain(sentence)) for key, sentence in sentences_of(report))


def sentences_of(report: Report) -> Iterator[tuple[str, Text]]:
    """Every key of a report with the sentence, the case or the lead that it names, in print order."""
    yield from zip(report.digest_keys, report.digest, strict=True)
    seen = {f"case:{block.case.event}" for block in report.blocks if isinstance(block, CaseCard)}
    for block in report.blocks:
        if isinstance(block, Paragraph):
            yield block.key, block.text
        elif isinstance(block, CaseCard):
            yield f"case:{block.case.event}", (block.heading,)
        elif isinstance(block, Table):
            for subject, row in zip(block.subjects, block.rows, strict=False):
                if subject not in seen:
                    seen.add(subject)
                    yield subject, (f"{block.sheet}：", *row[1].text)
    yield from ((offer.key, (offer.card.case.title,)) for offer in report.offers if offer.key not in seen)


def apply_edits(report: Report, edits: Sequence[Edit]) -> Reviewed:
    """*report* as reviewed, with a note that counts the changes; of none it stays as it is."""
    if not edits:
        return Reviewed(report)
    steps = [report, *(_edited(report, edits[:at]) for at in range(1, len(edits) + 1))]
    said = "\n".join(plain(text) for text in (*steps[-1].digest, *texts_of(steps[-1].blocks)))
    standing = [
        edit
        for at, edit in enumerate(edits)
        if steps[at] != steps[at + 1] and (edit.action is Action.STRIKE or _stands(edit, steps[-1], said))
    ]
    passed = tuple(
        edit
        for at, edit in enumerate(edits)
        if steps[at] == steps[at + 1] and _edited(report, [edit]) == report
        # A case that was added once may have become one of the report's own.
        if edit.text or edit.action is Action.STRIKE or edit.targets.isdisjoint(own_cases(report))
    )
    return Reviewed(_noted(steps[-1], standing, len(passed), untraced_in(report, standing)), passed)


def untraced_in(report: Report, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Numbers in the new words of *edits* that the drafted *report* does not hold, none twice."""
    return untraced(report, "\n".join(edit.text for edit in edits if edit.action is not Action.STRIKE))


def changes_something(report: Report, edits: Sequence[Edit], edit: Edit) -> bool:
    """True where *edit* after *edits* makes another report."""
    return _edited(report, edits) != _edited(report, [*edits, edit])


def marked(edit: Edit) -> str:
    """New words with the mark that tells them from the report's own."""
    return edit.text + (REWORDED if edit.action is Action.REWORD else ADDED)


def _stands(edit: Edit, report: Report, said: str) -> bool:
    """True if the new words, or the case, of *edit* are in the report."""
    return marked(edit) in said if edit.text else not edit.targets.isdisjoint(own_cases(report))


def _noted(report: Report, standing: Sequence[Edit], passed: int, numbers: Sequence[str]) -> Report:
    counts = "、".join(
        f"{name}{n}处" for action, name in DONE.items() if (n := sum(e.action is action for e in standing))
    )
    told = [f"本版经审阅{counts}，改写与补充处均已标明。"] if counts else []
    told += [f"其中的数字{'、'.join(numbers)}不是本报告统计所得，由审阅人写入。"] if numbers else []
    told += [f"另有{passed}处更改所指的句子本版已不存在，未能适用。"] if passed else []
    if not told:
        return report
    blocks = list(report.blocks)
    # Before the heading of the entries of figures, which end a report.
    at = next((i - 1 for i, block in enumerate(blocks) if isinstance(block, Origins)), len(blocks))
    blocks.insert(at, Paragraph((f"审阅记录：{''.join(told)}",), "note"))
    return replace(report, blocks=tuple(blocks))


def _edited(report: Report, edits: Sequence[Edit]) -> Report:
    report = with_cases(report, targets_of(edits, Action.ADD))
    struck = Struck.of(report, targets_of(edits, Action.STRIKE))
    digest: dict[str, list[Text]] = {}
    instead: dict[str, str] = {}
    for key, line in zip(report.digest_keys, report.digest, strict=True):
        digest[key] = (
            [] if key.removeprefix("digest.") in struck.subjects else _changed(key, line, edits, struck)
        )
    blocks: list[Block] = []
    for block in report.blocks:
        if isinstance(block, Paragraph):
            texts = _changed(block.key, block.text, edits, struck)
            blocks += [replace(block, text=text) for text in texts]
            if texts != [block.text]:
                instead[plain(block.text)] = "".join(map(plain, texts))
        elif isinstance(block, CaseCard):
            blocks += _card(block, edits, struck)
        elif isinstance(block, Table):
            blocks += struck.table(block)
        elif not (isinstance(block, Picture) and struck.ids.intersection(block.facts)):
            blocks.append(block)
    told = [
        replace(block, alt=instead[block.alt] or block.caption)
        if isinstance(block, Picture) and block.alt in instead
        else block
        for block in closed_up(blocks)
    ]
    lines = [(key, struck.text(text)) for key, texts in digest.items() for text in texts]
    kept = tuple(struck.block(block) for block in told)
    printed = facts_of([*(text for _, text in lines), *texts_of(kept)])
    return replace(
        report,
        digest=tuple(text for _, text in lines),
        digest_keys=tuple(key for key, _ in lines),
        blocks=tuple(Origins(tuple(printed.values())) if isinstance(b, Origins) else b for b in kept),
        facts=printed,
    )


def _card(card: CaseCard, edits: Sequence[Edit], struck: Struck) -> Iterator[Block]:
    key = f"case:{card.case.event}"
    if key not in struck.subjects:
        intro, *added = _changed("", card.intro, edits, struck) or [(STRUCK,)]
        yield replace(card, intro=intro, case=struck.case(card.case))
        yield from (Paragraph(text) for text in added)
    for edit in edits:
        if key in edit.targets and edit.action is Action.ADD and edit.text:
            yield Paragraph((marked(edit),))


def _changed(key: str, text: Text, edits: Sequence[Edit], struck: Struck) -> list[Text]:
    """A sentence after the edits that name it: none, itself or other words, and what is added after it."""
    facts = {f"fact:{figure.fact.id}" for figure in figures(text)}
    names = {key, _old_key(text), *facts} - {""}
    found: list[Text] = [] if struck.ids.intersection(id.removeprefix("fact:") for id in facts) else [text]
    added: list[Text] = []
    for edit in edits:
        if edit.targets.isdisjoint(names):
            continue
        if edit.action is Action.STRIKE:
            found = []
        elif edit.action is Action.REWORD and found:
            found = [(marked(edit),)]
        elif edit.action is Action.ADD:
            added.append((marked(edit),))
    return [*found, *added]


def _old_key(text: Text) -> str:
    """The key that version 0.2 gave: changes made then hold where their sentence has the same figures."""
    ids = [figure.fact.id for figure in figures(text)]
    letter, hashed = ("f", "+".join(ids)) if ids else ("t", plain(text))
    return f"{letter}:{hashlib.sha256(hashed.encode()).hexdigest()[:12]}"
