"""The outcome of the charge of a case, and the texts that tell the charge best."""

from __future__ import annotations

import collections
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fengping.events.answers.status import Step
from fengping.events.building.candidates import accused_in, brings_charge, title_of
from fengping.models import Act, Document
from fengping.reports.chapters.topics import topic_name
from fengping.reports.facts.excerpts import UNTOLD, tells_fault
from fengping.reports.facts.model import Told
from fengping.reports.facts.quoting import CONTEXT, excerpt
from fengping.reports.facts.saying import Saying

_AFTERMATH = re.compile("[掉涨]粉|被封|封禁|封号|停播|退网|注销|股价|市值|刷屏|退一赔|先行赔|启动赔付")
"""In the title of what came of a charge, or of what was paid for it."""
_COMPLAINS = re.compile("吐槽|投诉|举报|质疑|谴责|控诉|被曝|被指")


def issues_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Codes of what is complained of, most first: those of answers and rules are no complaints."""
    found = collections.Counter(
        code for document in filter(brings_charge, documents) for code in document.judgement.issues
    )
    return tuple(sorted(found, key=lambda code: (-found[code], code)))


def title_of_issues(issues: Sequence[str], documents: Sequence[Document]) -> str:
    """A title for an event whose own would name somebody: what at least half of its charges, copies counted
    once, complain of."""
    charges = {one.group or one.id: one.judgement.issues for one in filter(brings_charge, documents)}
    often = [code for code in issues if 2 * sum(code in own for own in charges.values()) >= len(charges)]
    if often:
        return f"{'、'.join(topic_name(code) for code in often[:2])}相关事件"
    about = any(document.judgement.consumer for document in documents)
    return "消费相关事件" if about else "未归入消费问题的事件"


def most_telling(negatives: Sequence[Document]) -> Document | None:
    """The first of *negatives* that says what is complained of: of whom, too, complaining of it, reporting or
    punishing it, and in its title, where one does. One that tells what came of it says less."""
    if not any(one.judgement.issues for one in negatives):
        return None
    acts = Act.COMPLAINT, Act.REPORT, Act.PENALTY
    return max(
        (one for one in negatives if one.judgement.issues or _complains(one)),
        key=lambda one: (
            not _AFTERMATH.search(one.raw.title),
            bool(accused_in(one)),
            one.judgement.act in acts,
            _is_titled(one),
        ),
    )


def quoted_of(charge: Document, charges: Sequence[Document]) -> Document:
    """*charge*, or another of *charges* of the same kind where its own text does not tell it."""
    if excerpt(charge) not in UNTOLD:
        return charge
    issues = set(charge.judgement.issues)
    alike = [
        one
        for one in charges
        if (not issues or (tells_fault(one) and issues.intersection(one.judgement.issues)))
        and excerpt(one) not in UNTOLD
    ]
    return most_telling(alike) or next(iter(alike), charge)


def _is_titled(document: Document) -> bool:
    """True if the title itself says what is complained of."""
    end = len(document.raw.title)
    marks = (mark for mark in document.judgement.evidence if mark.label.startswith("issue:"))
    return _complains(document) or any(mark.start < end for mark in marks)


def _complains(document: Document) -> bool:
    """True if the title says that somebody complains of whom the text accuses."""
    return bool(accused_in(document)) and _COMPLAINS.search(document.raw.title) is not None


def told_steps(
    steps: Iterable[Step], own: Collection[str], cited: Mapping[str, Document], said: Saying
) -> Iterator[Told]:
    """Steps of what became of it, each with the clause that tells it; *own*: names of those whose status the
    case has. Of another's it is said who that is, if free to be named."""
    for step in steps:
        if document := cited.get(step.document):
            other = bool(own and step.party) and step.party not in own
            named = f"：{step.party}" if step.party in said.free else ""
            label = f"{step.status.value}（其他被指方{named}）" if other else step.status.value
            yield Told(label, said.quote(document, step.sentence or title_of(document), CONTEXT), other)
