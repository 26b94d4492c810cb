"""The outcome of the charge of a case: each step with the sentence that tells it, and whose it is."""

from __future__ import annotations

import collections
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fengping.events import Status, authorities
from fengping.events.answers import parties as naming
from fengping.events.answers.latest import steps_about
from fengping.events.answers.penalties import fined, others_fined
from fengping.events.answers.reading import read, refuses_refund, says_only_that
from fengping.events.answers.said import Act as Said
from fengping.events.answers.sides import Charge, Names
from fengping.events.answers.status import ANSWERS, OF_ACT, Step, in_time, joined
from fengping.events.answers.verdicts import read_answer
from fengping.events.authority_words import MAY_SPEAK
from fengping.events.building.candidates import part_of, told_order
from fengping.events.knowing.charges import accused_in, wrongs_accused
from fengping.events.knowing.rulings import REFUTED
from fengping.events.matching.sketch import Part
from fengping.indexer import Sort
from fengping.indexer.search import Or, Term
from fengping.models import Act, Document, Polarity
from fengping.reports.chapters.topics import topic_name
from fengping.reports.facts.counter import EVIDENCE, Counter
from fengping.reports.facts.excerpts import UNTOLD, tells_fault
from fengping.reports.facts.grounds import Reading
from fengping.reports.facts.model import ELSEWHERE, TITLED, Told
from fengping.reports.facts.quoting import CONTEXT, excerpt
from fengping.reports.facts.saying import Saying
from fengping.reports.scope import ANSWERS as LEFT_OUT
from fengping.reports.scope import Cut
from fengping.reports.wording import Fact, Query

_AFTERMATH = re.compile("[掉涨]粉|被封|封禁|封号|停播|退网|注销|股价|市值|刷屏|退一赔|先行赔|启动赔付")
"""In the title of what came of a charge, or of what was paid for it."""
_FINDING = re.compile(f"(?:监管|监管部门|警方|消协组织|平台)已(?!介入|回应)|{REFUTED}")
_FINED_TITLE = re.compile("被罚|罚款|处罚")
_COMPLAINS = re.compile("吐槽|投诉|举报|质疑|谴责|控诉|被曝|被指")


@dataclass(frozen=True, slots=True)
class Accused:
    """Those whom an event is against: of each step of its outcome they tell whose it is."""

    side: Sequence[str]
    aimed_at: Collection[str]
    """Those of them whom the first charge accuses."""
    known: Names
    cited: Mapping[str, Document]
    """The documents of the steps."""

    def own(self, step: Step) -> bool:
        """True unless *step* is another's than theirs whom the first charge accuses."""
        return bool(steps_about([self._naming(step)], self.aimed_at, self.side, self.known))

    def label(self, step: Step, free: frozenset[str]) -> str:
        """The status of *step* as it is printed: beside another's, who that is, if *free* to be named."""
        if self.own(step):
            return step.status.value
        said = self._naming(step).sentence
        others = (party for party in self.side if party not in self.aimed_at)
        spoken = [one for one in others if any(name in said for name in naming.names_of([one], self.known))]
        named = f"：{'、'.join(spoken)}" if free.issuperset(spoken) else ""
        return f"{step.status.value}（其他被指方{named}）"

    def _naming(self, step: Step) -> Step:
        """*step* with all that its document says, where its sentence (工作室回应称 …) names none of them."""
        document = self.cited.get(step.document)
        if document is None or any(name in step.sentence for name in naming.names_of(self.side, self.known)):
            return step
        return replace(step, sentence=document.raw.content)


def issues_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """Codes of what is complained of, most first: those of answers and rules are no complaints, nor is it
    theirs whom others accuse what is done to them."""
    accused = set[str]().union(*map(accused_in, documents))
    found = collections.Counter(
        code
        for document in documents
        if document.judgement.polarity is Polarity.NEG
        and document.judgement.act not in (Act.RESPONSE, Act.RULE)
        and not wrongs_accused(document, accused)
        for code in document.judgement.issues
    )
    return tuple(sorted(found, key=lambda code: (-found[code], code)))


def title_of_issues(issues: Sequence[str], documents: Sequence[Document]) -> str:
    """A title for an event whose own would name somebody: what at least half of its charges, copies counted
    once, complain of."""
    charges = {
        one.group or one.id: one.judgement.issues
        for one in documents
        if one.judgement.polarity is Polarity.NEG and one.judgement.act not in (Act.RESPONSE, Act.RULE)
    }
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


def cleared(ask: Counter, cut: Cut, negatives: Sequence[Document], limit: int) -> list[Document]:
    """Charges of an event that an authority refuted: not its notice, but an answer of one that tells them."""
    answers = ask.store.search(ask.within(LEFT_OUT.also(**cut.where)), limit=limit, sort=Sort.OLDEST)
    found = (one for one in (*answers.documents, *negatives) if authorities.brings_charge(one, refuted=True))
    return sorted(found, key=told_order)


def answers_of_authorities(ask: Counter) -> Fact:
    """Negatives that were judged answers and are an authority's: no answer of the accused."""
    asked = ask.within(LEFT_OUT).holding(Or(tuple(map(Term, MAY_SPEAK))))
    told = sorted(filter(authorities.answers_itself, ask.store.scan(asked)), key=told_order)
    label = "判为对指称的回应的信息中监管部门、公安机关等所作的"
    query = Query("events.authorities.answers_itself", asked)
    shown = tuple(map(ask.shown, told[:EVIDENCE]))
    return Fact(f"{ask.prefix}negative.answers.official", label, len(told), query, documents=shown)


def _is_titled(document: Document) -> bool:
    """True if the title itself says what is complained of."""
    end = len(document.raw.title)
    marks = (mark for mark in document.judgement.evidence if mark.label.startswith("issue:"))
    return _complains(document) or any(mark.start < end for mark in marks)


def _complains(document: Document) -> bool:
    """True if the title says that somebody complains of whom the text accuses."""
    return bool(accused_in(document)) and _COMPLAINS.search(document.raw.title) is not None


def is_finding(word: str) -> bool:
    """True if *word*, printed beside a status, tells what an authority or a platform did or found: more than
    that nothing is known. That it took the matter up is no more."""
    return _FINDING.match(word) is not None


def answers_another(documents: Iterable[Document], charge: Charge) -> str:
    """The words where the side of *charge* answers anything in those of *documents* that are judged answers;
    else empty."""
    judged = (one for one in documents if one.judgement.act is Act.RESPONSE)
    own = (one for one in judged if not authorities.answers_itself(one))
    answers = any(said.act in ANSWERS for one in own for said in read_answer(one, charge).said)
    return ELSEWHERE if answers else ""


def of_side(reading: Reading, side: Collection[str]) -> Reading:
    """*reading* of those documents alone that accuse nobody but one of *side*, and wrong none of them."""

    def own(document: Document) -> bool:
        accused = accused_in(document)
        return not (accused and accused.isdisjoint(side)) and not wrongs_accused(document, side)

    return lambda documents: reading(list(filter(own, documents)))


def firm_fined(documents: Sequence[Document], names: Sequence[str], title: str) -> str:
    """The words for a penalty that *documents* tell of a firm and not of *names*, with a remark where the
    *title* tells it of one of these; else empty."""
    word = others_fined(documents, names)
    claims = word and _FINED_TITLE.search(title) and any(name in title for name in names)
    return f"{word}，所收正文未载标题所称者被罚" if claims and not fined(documents, names) else word


def told_steps(
    steps: Iterable[Step], charge: Charge, accused: Accused, said: Saying, documents: Sequence[Document]
) -> Iterable[Told]:
    """Steps of what became of it, each with the sentence that says so: of an answer that a title alone tells
    that of another of the event's *documents*, where one gives it."""
    for step in steps:
        if document := accused.cited.get(step.document):
            # The text may tell of other matters than its title, and quote the other side as well.
            own = replace(charge, contents={"": document.raw.title})
            sentence = next(_in_full(document, step, own), step.sentence)
            label, other = accused.label(step, said.free), not accused.own(step)
            if step.status is Status.ANSWERED and _is_title_s(document, step, own):
                if given := next(_given_elsewhere(documents, charge, accused, other), None):
                    document, sentence = given
                else:
                    label = label.replace(step.status.value, TITLED)
            yield Told(label, said.quote(document, sentence, CONTEXT), other)


def with_own(steps: Sequence[Step], accused: Accused, charge: Charge) -> tuple[Step, ...]:
    """The history *steps* of an event, which is one for all whom it is against; with that of the accused
    alone, where what another said or suffered has left no step of theirs in it."""
    if not steps or any(map(accused.own, steps)):
        return tuple(steps)
    own = (
        Step(OF_ACT[said.act], document.raw.published_at, document.id, said.sentence, said.authority)
        for document in accused.cited.values()
        if Part.SAID in part_of(document)
        for said in read_answer(document, charge).said
    )
    missing = joined(filter(accused.own, own))
    return tuple(sorted((*steps, *missing), key=in_time))


def once_each(told: Iterable[Told]) -> tuple[Told, ...]:
    """The steps *told*, the last alone of those that one and the same sentence tells."""
    return tuple({(one.other, one.quote.text): one for one in told}.values())


def _is_title_s(document: Document, step: Step, charge: Charge) -> bool:
    """True if the title alone tells of an answer: no sentence of the text gives one."""
    if not document.raw.title or step.sentence not in document.raw.title:
        return False
    given = charge.answered(read("", document.raw.text, charge.parties), document)
    return all(one.act not in ANSWERS or says_only_that(one.sentence) for one in given)


def _given_elsewhere(
    documents: Iterable[Document], charge: Charge, accused: Accused, other: bool
) -> Iterator[tuple[Document, str]]:
    """Answers that the texts of *documents* give, of those that are read for one: of those whom the first
    charge accuses, or of an *other*."""
    for document in documents:
        if Part.SAID in part_of(document):
            own = replace(charge, contents={"": document.raw.title})
            for one in own.answered(read("", document.raw.text, charge.parties), document):
                step = Step(OF_ACT[one.act], document.raw.published_at, document.id, one.sentence)
                told = one.act is Said.ANSWER and not says_only_that(one.sentence)
                if told and not refuses_refund(one) and accused.own(step) is not other:
                    yield document, one.sentence


def _in_full(document: Document, step: Step, charge: Charge) -> Iterator[str]:
    """Sentences of the text that say what its title says shorter."""
    if step.sentence in document.raw.title:
        for one in charge.answered(read("", document.raw.text, charge.parties), document):
            if OF_ACT[one.act] is step.status:
                yield one.sentence
