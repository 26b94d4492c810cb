"""Cases: the events most negatives of a scope belong to, quoted, with their status and its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fengping.clock import day_of, exactly
from fengping.events import Event, Status
from fengping.events.answers import parties as naming
from fengping.events.answers.penalties import fined, others_fined
from fengping.events.answers.sides import Charge, charge_of
from fengping.events.answers.status import ANSWERED, Step
from fengping.events.asking import documents_read, is_read, side_of_event
from fengping.events.authorities import brings_charge
from fengping.events.building.candidates import EDITED, publisher, told_order
from fengping.events.knowing.charges import accused_in, charging
from fengping.events.knowing.dossier import know
from fengping.events.knowing.reach import Reach, reach_of
from fengping.events.knowing.rulings import denied, exposed, genuine, ruled
from fengping.events.moves import taken_up
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.models import Act, Document, Polarity, Precision
from fengping.reports.facts import quoting
from fengping.reports.facts.counter import NAMING, Counter
from fengping.reports.facts.folding import FIRST
from fengping.reports.facts.model import Case, Quote
from fengping.reports.facts.naming import Hidden, nicknames
from fengping.reports.facts.outcome import (
    Accused,
    answers_another,
    cleared,
    is_finding,
    issues_of,
    most_telling,
    title_of_issues,
    told_steps,
)
from fengping.reports.facts.quoting import reference, where_published
from fengping.reports.facts.saying import Saying
from fengping.reports.facts.single import DISCUSSED, POOL, says_enough, texts_of, told_once
from fengping.reports.facts.unlisted import unlisted
from fengping.reports.scope import ALL, COMPLAINT, NEGATIVE, Cut
from fengping.reports.wording import Fact, Query, clean

MAX_CASES = 10
MAX_LEADS = 8
MANY = 10_000
"""Publishers that are counted of one event."""
AT_LEAST = "（至少）"
"""Stands behind the label of a count that not all documents of an event were read for."""
CHARGES = 40
"""Negatives of an event among which its charge is looked for, the earliest."""
SOURCES = 5
CLAIMS = 3
READ = 200
"""Documents of an event among which sources are looked for, the earliest."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An event that may become a case, by what ranks it: counts, and nothing that its texts say."""

    id: str
    cut: Cut
    """The documents that are counted for it."""
    event: Event
    told: int
    """Documents of it in the scope."""
    texts: int
    """Different texts among these, where no source tells who published; else all of them."""
    lead: Document
    """The first negative of it there."""
    charge: Document | None
    """The first that says what is complained of, and of whom; ``None`` where none says what."""
    documents: Sequence[Document]
    """Those that are read of it, in time order."""
    reach: Reach
    """Of the documents that are read."""
    independent: int
    """Publishers with a text that is no copy; at least so many where not all documents are read."""
    signed: bool
    """True where any source tells who published."""
    named: bool
    """True where any seller or brand is named in it, accused or not, in registries or not."""

    @property
    def rank(self) -> tuple[int, int, int, str, str]:
        return (
            -self.independent if self.signed else 0,
            -self.texts,
            -(self.reach.engagement or 0),
            reference(self.lead).published,
            self.lead.id,  # an event is called by what came in first
        )

    @property
    def whole(self) -> bool:
        """True if all documents of the event are read."""
        return self.reach.read >= self.event.documents

    @property
    def says_enough(self) -> bool:
        """False of an entry of a list, taken in again or not, that says too little to be looked at alone."""
        return self.signed or self.texts > 1 or says_enough(self.charge or self.lead)

    def told_by_enough(self, min_publishers: int) -> bool:
        """By so many independent publishers; where no source tells who published, much discussed and naming
        nobody."""
        if self.signed:
            return self.independent >= min_publishers
        return (self.reach.engagement or 0) >= DISCUSSED and not self.named


def find_cases(
    home: Home, ask: Counter, min_publishers: int
) -> tuple[tuple[Case, ...], tuple[Case, ...], Hidden]:
    """``cases, leads``: most independent publishers first, then texts, engagement, time; and all whom the
    leads name, who are hidden in the cases as well."""
    pool: dict[str, Cut] = {}
    for cut in (NEGATIVE, COMPLAINT):
        found = ask.store.terms(ask.within(cut), "event", limit=POOL)
        pool |= {id: ALL.also(event=(id,)) for id in _told_of(ask, found, min(2, min_publishers))}
    pool = told_once(home, ask) | pool
    enough: list[_Candidate] = []
    few: list[_Candidate] = []
    for id, cut in pool.items():
        one = _candidate(home, ask, id, cut)
        # What too few tell, and nobody complains of, is no lead; nor is one text that says too little.
        if one and (one.charge or one.told_by_enough(min_publishers)) and one.says_enough:
            best, most = (enough, MAX_CASES) if one.told_by_enough(min_publishers) else (few, MAX_LEADS)
            best.append(one)
            best.sort(key=lambda candidate: candidate.rank)
            del best[most:]  # with its documents: they are not all held at once
    hidden = ask.hidden
    for one in few:
        hidden |= ask.forms.hidden_with((*one.documents, one.lead), one.event.parties)
    ask = replace(ask, hidden=hidden)
    cases = tuple(_build(home, ask, one, named=True) for one in enough)
    return cases, tuple(_build(home, ask, one, named=False) for one in few), hidden


def _told_of(ask: Counter, found: Sequence[tuple[str, int]], least: int) -> Iterator[str]:
    """Those of events *found* with their negatives that *least* documents tell of: a charge that is answered
    or punished at once may stand alone among answers."""
    once = tuple(id for id, n in found if n < least)
    whole = dict(ask.store.terms(ask.within(ALL.also(event=once)), "event")) if once else {}
    return (id for id, n in found if max(n, whole.get(id, 0)) >= least)


def about_leads(store: Store, leads: Sequence[Case]) -> dict[str, tuple[str, ...]]:
    """Events of *leads*, and groups of copies of those that one document alone tells, with those they are
    about."""
    first = {lead.opening.reference.id: lead for lead in leads}
    groups = {document.group: first[document.id].about for document in store.get(sorted(first))}
    return groups | {lead.event: lead.about for lead in leads}


def case_of(home: Home, ask: Counter, id: str) -> Case | None:
    """The case that one event makes, however few tell it; those too few tell of are not named."""
    found = _candidate(home, ask, id, ALL.also(**values_of(home, ask.store, id)))
    return _build(home, ask, found, named=found.told_by_enough(ask.least)) if found else None


def values_of(home: Home, store: Store, id: str) -> dict[str, tuple[str, ...]]:
    """Values that select the documents of an event: a single document bears none, and goes by its group."""
    own: dict[str, tuple[str, ...]] = {"event": (id,)}
    if store.count(Filter(where=own)):
        return own
    _, documents = documents_read(home, store, id)
    return {"group": tuple(sorted({document.group for document in documents}))} if documents else own


def _candidate(home: Home, ask: Counter, id: str, cut: Cut) -> _Candidate | None:
    """``None`` where nobody is negative about it in the scope."""
    asked, negative = ask.within(cut), ask.within(NEGATIVE.also(**cut.where))
    found = ask.store.search(negative, limit=CHARGES, sort=Sort.OLDEST)
    negatives = sorted(found.documents, key=told_order)
    if not negatives:
        return None
    event, documents = documents_read(home, ask.store, id)
    if event.status is Status.REFUTED:
        negatives = cleared(ask, cut, negatives, CHARGES) or negatives
    negatives = charging(negatives, documents, event.steps)
    lead, charge = negatives[0], most_telling(negatives)
    raw, judged, reach = lead.raw, lead.judgement, reach_of(documents)
    told = ask.store.count(asked)
    signed = bool(raw.site or raw.author_id or raw.author) or ask.is_signed(asked)
    return _Candidate(
        id=id,
        cut=cut,
        event=event,
        told=told,
        texts=told if signed else texts_of(ask, cut, id),
        lead=lead,
        charge=charge,
        documents=documents,
        reach=reach,
        independent=max(reach.independent, _independent(ask, id) if reach.read < event.documents else 0),
        signed=signed,
        named=bool(event.parties or reach.named or judged.brands)
        or any(map(nicknames, (*documents, lead)))
        or _any(asked, ask, "hosts", "brands")
        or (not signed and any(unlisted(one.raw.content) for one in (*documents, lead))),
    )


def _independent(ask: Counter, id: str) -> int:
    """Publishers that wrote the first text of a repost group of a large event; a few may be missing."""
    first: dict[str, tuple[str, ...]] = {**FIRST, "event": (id,)}
    edited = tuple(channel.value for channel in EDITED)
    sites = ask.store.terms(Filter(where={**first, "channel": edited}), "site", limit=MANY)
    accounts = ask.store.terms(Filter(where=first, exclude={"channel": edited}), "author_id", limit=MANY)
    return len(sites) + len(accounts)


def _build(home: Home, ask: Counter, found: _Candidate, *, named: bool) -> Case:
    """The case; where it is not to be *named*, no one is, in any of its texts."""
    event, documents = found.event, found.documents
    side, names = side_of_event(home, event), naming.known_names(home)
    # Beside the title of a charge against one, what another of the accused says is no answer.
    first = next((one for one in documents if one.judgement.polarity is Polarity.NEG), found.lead)
    by_id = {document.id: document for document in documents}
    elsewhere = [step.document for step in event.steps if step.document not in by_id]
    cited = by_id | {document.id: document for document in ask.store.get(elsewhere)}
    aimed_at = set(side).intersection(ask.subjects) or accused_in(first).intersection(side)
    accused = Accused(side, aimed_at, names, cited)
    steps = list(filter(accused.own, event.steps))
    known, cut = know(documents), found.cut
    if not named:
        ask = replace(ask, leads=dict.fromkeys((found.id, found.lead.group), event.parties))
    told = ask.count(
        f"case.{found.id[:12]}.documents", "监测期内该事件信息", ask.within(cut), known=found.told
    )
    parties = _accused(ask, side, cut) if named else ()
    issues = issues_of(documents)
    said = Saying(ask, event.parties, frozenset(parties), named)
    title = clean(event.title)
    if said.names_others(title, found.lead, documents):
        title = title_of_issues(issues, documents)
    anything = charge_of(side, event.parties, (), names)
    told_of = tuple(told_steps(event.steps, anything, accused, said, documents))
    silent = all(one.other for one in told_of)
    shown = found.lead if named else found.charge or found.lead
    beside = list(_beside(steps, event, documents, said, cited, anything))
    finding = "" if steps else next(filter(is_finding, beside), "")
    opening = Quote(
        said.reference(shown), where_published(shown), quoting.excerpt(shown, partial(said.words, shown))
    )
    return Case(
        event=event.id,
        title=title,
        parties=parties,
        about=event.parties,
        issues=issues,
        platforms=tuple(name for name, _ in known.platforms[:4]),
        documents=told,
        publishers=_reached(found, told, "publishers", "发布主体", event.publishers),
        independent=_reached(found, told, "independent", "有原创文本的发布主体", found.independent),
        engagement=_reached(found, told, "engagement", "互动量", found.reach.engagement),
        status=(steps[-1].status if steps else Status.UNPROVEN).value,
        opening=opening,
        sources=tuple(_sources(documents, said, refuted=event.status is Status.REFUTED)),
        claims=tuple(
            said.quote(by_id[c.document], c.sentence)
            for c in known.claims[:CLAIMS]
            if c.sentence not in title
        ),
        notes=tuple(dict.fromkeys(n.note for c in known.claims[:CLAIMS] for n in c.computed if n.note)),
        told=told_of,
        accuses=any(map(accused_in, (*documents, found.lead))) or bool(issues and not found.named),
        partly=not found.whole,
        unsure=silent and bool(ask.store.count(_answering(cut))),
        unread=silent and not is_read(home, event),
        aimed_at=tuple(party for party in parties if party in accused_in(found.lead)),
        begun=_begun(event, found.lead, documents),
        beside="；".join(word for word in beside if word != finding),
        finding=finding,
        since="" if shown is found.lead else reference(found.lead).published,
    )


def _beside(
    own: Sequence[Step],
    event: Event,
    documents: Sequence[Document],
    said: Saying,
    cited: Mapping[str, Document],
    charge: Charge,
) -> Iterator[str]:
    """Words to be printed behind the status that the *own* steps of the accused give; *charge*: any, against
    their side."""
    if not own or own[-1].status in ANSWERED:
        if event.steps and not own:
            yield f"其他被指方：{event.steps[-1].status.value}"
        yield from filter(None, (taken_up(documents), ruled(documents), "" if own else denied(documents)))
        if not event.steps and answers_another(documents, charge):
            yield "就另一指称已回应"
        if not own:
            yield from filter(None, [others_fined(documents, charge.names)])
    if own and own[-1].status in ANSWERED:
        yield from filter(None, [exposed(documents, charge.names)])
    if own and own[-1].status is Status.PENALISED:
        yield from filter(None, [fined(documents, charge.names)])
    if own and own[-1].status is Status.REFUTED and own[-1].authority and own[-1].document in cited:
        yield clean(said.words(cited[own[-1].document], own[-1].authority))
    yield from filter(None, [genuine(documents)])


def _begun(event: Event, lead: Document, told: Iterable[Document]) -> str:
    """The day on which *event* began, by the earliest of its own documents, *told*, where that was before its
    *lead*; on the day of that the time, as far as it is known."""
    then = lead.raw.published_at
    dated = ((one.raw.published_at, one.raw.precision) for one in told)
    known = [(at, precision) for at, precision in dated if at]
    if event.first_at:
        known.append((event.first_at, Precision.DAY))
    if then is None or not known:
        return ""
    first, precision = min(known, key=lambda one: (one[0], one[1] is Precision.DAY))
    if first >= then:
        return ""
    return exactly(first, precision if day_of(first) == day_of(then) else Precision.DAY)


def _reached(found: _Candidate, told: Fact, name: str, label: str, value: int | None) -> Fact:
    """One of the counts of an event's reach; none of publishers where no source tells them."""
    unit = "次" if name == "engagement" else "个"
    if name != "engagement" and not found.signed:
        value = None
    least = not found.whole and name != "publishers"
    query = Query(f"events: {name} of {found.event.documents} documents of {found.event.id}")
    if least:
        read = found.reach.read
        query = Query(
            f"events: {name} of {found.event.id}, of whose {found.event.documents} documents {read} are read"
        )
    id = f"case.{found.id[:12]}.{name}"
    return Fact(id, f"{label}{AT_LEAST if least else ''}", value, query, unit, basis=(told,))


def _answering(cut: Cut) -> Filter:
    """Texts of the event that are judged answers, of any day."""
    return Filter(where={**cut.where, "act": (Act.RESPONSE.value,)})


def _accused(ask: Counter, side: Sequence[str], cut: Cut) -> tuple[str, ...]:
    """The parties that half of the event's negatives in the window accuse, and enough publishers of these."""
    own = NEGATIVE.also(**cut.where)
    whole = max(ask.store.count(ask.within(own)), 1)
    accusing = [(party, ask.within(own.also(**{field: (party,)}))) for party in side for field, _ in NAMING]
    return tuple(
        dict.fromkeys(
            party
            for party, asked in accusing
            if 2 * ask.store.count(asked) >= whole and ask.told_by(asked, ask.least)
        )
    )


def _any(asked: Filter, ask: Counter, *fields: str) -> bool:
    """True if any document of *asked* has a value in one of *fields*."""
    return any(ask.store.facets(asked, fields, limit=1).values())


def _sources(documents: Sequence[Document], said: Saying, *, refuted: bool) -> Iterable[Quote]:
    """The first document of each publisher that is negative and no answer, oldest first."""
    seen: set[tuple[str, str]] = set()
    for document in documents[:READ]:
        who = publisher(document)
        if brings_charge(document, refuted=refuted) and who not in seen:
            seen.add(who)
            yield said.quote(document, document.raw.title or document.raw.text, 60)
        if len(seen) == SOURCES:
            return
