"""Cases: the events most negatives of a scope belong to, quoted, with their status and its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from fengping.events.answers import parties as naming
from fengping.events.answers.status import of_parties, standing
from fengping.events.asking import documents_read, first_documents, is_read, side_of_event
from fengping.events.building.candidates import accused_in, told_order
from fengping.events.knowing import kin_of, know, of_affair
from fengping.events.knowing.reach import measure_of, reach_of
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.models import Act, Polarity
from fengping.reports.facts import quoting
from fengping.reports.facts.affairs import by_affair
from fengping.reports.facts.beginning import answered_before, began
from fengping.reports.facts.candidate import Candidate
from fengping.reports.facts.counter import Counter, tells_publisher
from fengping.reports.facts.excerpts import UNTOLD
from fengping.reports.facts.lacking import lacking
from fengping.reports.facts.model import MENTIONED, Case, Quote
from fengping.reports.facts.naming import Hidden, nicknames
from fengping.reports.facts.outcome import issues_of, most_telling, quoted_of, title_of_issues, told_steps
from fengping.reports.facts.quoting import reference
from fengping.reports.facts.saying import Saying
from fengping.reports.facts.single import POOL, texts_of, told_once
from fengping.reports.facts.tellers import accused_by_half, brands_of, independent_of, sources_of
from fengping.reports.facts.unlisted import unlisted
from fengping.reports.facts.weighing import imitated, is_bare
from fengping.reports.scope import ALL, COMPLAINT, NEGATIVE, Cut
from fengping.reports.wording import Fact, Query, clean

MAX_CASES = 10
MAX_LEADS = 8
SPARE = 2
"""Candidates that are kept for each that is listed: some fall into one affair."""
AT_LEAST = "（至少）"
"""Stands behind the label of a count that not all documents of an event were read for."""
CHARGES = 40
"""Negatives of an event among which its charge is looked for, the earliest."""
CLAIMS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Cases and leads: most independent publishers first; of what nobody signed, penalties, judgments and
    tests before the rest; then texts, engagement, time."""

    cases: tuple[Case, ...] = ()
    leads: tuple[Case, ...] = ()
    hidden: Hidden = field(default_factory=Hidden)
    """All whom the leads name, who are hidden in the cases as well."""
    more_cases: int = 0
    """Those that fulfil the same conditions, and are not listed."""
    more_leads: int = 0
    least: bool = False
    """True where more events may be than were looked at."""


def find_cases(home: Home, ask: Counter, min_publishers: int) -> Found:
    """The cases and leads of a scope."""
    pool: dict[str, Cut] = {}
    least = False
    for cut in (NEGATIVE, COMPLAINT):
        found = ask.store.terms(ask.within(cut), "event", limit=POOL)
        least = least or len(found) >= POOL
        pool |= {id: ALL.also(event=(id,)) for id in _told_of(ask, found, min(2, min_publishers))}
    pool = told_once(home, ask) | pool
    enough: list[Candidate] = []
    few: list[Candidate] = []
    more_cases = more_leads = 0
    for id, cut in pool.items():
        one = _candidate(home, ask, id, cut)
        # What too few tell, and nobody complains of, is no lead; nor is one text that says too little.
        if one and (one.charge or one.told_by_enough(min_publishers)) and one.says_enough:
            if one.told_by_enough(min_publishers):
                more_cases += _keep(enough, one, SPARE * MAX_CASES)
            else:
                more_leads += _keep(few, one, SPARE * MAX_LEADS)
    enough, few = by_affair(home, ask, enough, few, min_publishers)
    more_cases += len(enough[MAX_CASES:])
    more_leads += len(few[MAX_LEADS:])
    del enough[MAX_CASES:], few[MAX_LEADS:]
    hidden, spoken = ask.hidden, brands_of(ask.within(ALL), ask)
    for one in few:
        texts = (*one.documents, one.lead)
        # A shop that one text is judged to name may stand in another that is not.
        also = [name for name in spoken if any(name in text.raw.content for text in texts)]
        hidden |= ask.forms.hidden_with(texts, (*one.event.parties, *also))
    ask = replace(ask, hidden=hidden)
    cases = tuple(_build(home, ask, one, named=True) for one in enough)
    leads = tuple(_build(home, ask, one, named=False) for one in few)
    return Found(cases, leads, hidden, more_cases, more_leads, least)


def _keep(best: list[Candidate], one: Candidate, most: int) -> int:
    """Number of candidates that *one* puts out of the *best*: 0 or 1."""
    best.append(one)
    best.sort(key=lambda candidate: candidate.rank)
    out = len(best[most:])
    del best[most:]  # with its documents: they are not all held at once
    return out


def _told_of(ask: Counter, found: Sequence[tuple[str, int]], least: int) -> Iterator[str]:
    """Those of events *found* with their negatives that *least* documents tell of: a charge that is answered
    or punished at once may stand alone among answers."""
    once = tuple(id for id, n in found if n < least)
    whole = dict(ask.store.terms(ask.within(ALL.also(event=once)), "event")) if once else {}
    return (id for id, n in found if max(n, whole.get(id, 0)) >= least)


def case_of(home: Home, ask: Counter, id: str) -> Case | None:
    """The case that one event makes, however few tell it; those too few tell of are not named."""
    found = _candidate(home, ask, id, ALL.also(**values_of(home, ask.store, id)))
    if found is None:
        return None
    kin = kin_of(home, found.event, found.documents)
    found = replace(found, event=of_affair(found.event, kin), kin=(*kin,))
    return _build(home, ask, found, named=found.told_by_enough(ask.least))


def values_of(home: Home, store: Store, id: str) -> dict[str, tuple[str, ...]]:
    """Values that select the documents of an event: a single document bears none, and goes by its group."""
    own: dict[str, tuple[str, ...]] = {"event": (id,)}
    if store.count(Filter(where=own)):
        return own
    _, documents = documents_read(home, store, id)
    return {"group": tuple(sorted({document.group for document in documents}))} if documents else own


def _candidate(home: Home, ask: Counter, id: str, cut: Cut) -> Candidate | None:
    """``None`` where nobody is negative about it in the scope."""
    asked, negative = ask.within(cut), ask.within(NEGATIVE.also(**cut.where))
    found = ask.store.search(negative, limit=CHARGES, sort=Sort.OLDEST)
    negatives = sorted(found.documents, key=told_order)
    if not negatives:
        return None
    event, documents = documents_read(home, ask.store, id)
    # What accuses others alone brings another charge.
    accused = set(event.accused)
    charges = [one for one in negatives if not accused or accused & accused_in(one)] or negatives
    lead, charge = charges[0], most_telling(charges)
    reach, texts = reach_of(documents), (*documents, lead)
    told = ask.store.count(asked)
    signed = tells_publisher(lead) or ask.is_signed(asked)
    return Candidate(
        id=id,
        cut=cut,
        event=event,
        told=told,
        texts=told if signed else texts_of(ask, cut, id),
        first=negatives[0],
        lead=lead,
        charge=charge,
        quoted=quoted_of(charge or lead, charges),
        documents=documents,
        reach=reach,
        independent=max(reach.independent, independent_of(ask, id) if reach.read < event.documents else 0),
        signed=signed,
        named=bool(reach.named or lead.judgement.hosts)
        or any(map(nicknames, texts))
        or bool({*event.parties, *brands_of(asked, ask)}.difference(*map(imitated, texts)))
        or bool(ask.store.terms(asked, "hosts", limit=1))
        or (not signed and any(unlisted(one.raw.content) for one in texts)),
        bare=not signed and is_bare(texts),
        aimed=not ask.subjects or any(accused_in(one).intersection(ask.subjects) for one in texts),
    )


def _build(home: Home, ask: Counter, found: Candidate, *, named: bool) -> Case:
    """The case; where it is not to be *named*, no one is, in any of its texts."""
    event, documents = found.event, found.documents
    names, subjects = naming.known_names(home), ask.subjects if found.aimed else ()
    side = tuple(dict.fromkeys((*side_of_event(home, event), *subjects)))
    before = next((one for one in documents if one.judgement.polarity is Polarity.NEG), found.lead)
    by_id = {document.id: document for document in documents}
    elsewhere = [step.document for step in event.steps if step.document not in by_id]
    cited = by_id | {document.id: document for document in ask.store.get(elsewhere)}
    # Of an event against several the status is that of those whom its first charge accuses.
    first = (accused_in(one).intersection(side) for one in (found.first, before))
    aimed_at = set(subjects) or next(filter(None, first), set(side))
    own = naming.names_of(aimed_at, names)
    steps = of_parties(event.steps, own) if own else event.steps
    status = event.status if "status" in event.confirmed else standing(steps)
    known, cut = know(documents), found.cut
    if not named:
        ask = replace(ask, leads=dict.fromkeys(_masked(found), event.parties))
    told = ask.count(
        f"case.{found.id[:12]}.documents", "监测期内该事件信息", ask.within(cut), known=found.told
    )
    parties = accused_by_half(ask, side, cut) if named else ()
    issues = issues_of(documents)
    said = Saying(ask, event.parties, frozenset(parties), named)
    title = clean(event.title)
    if said.names_others(title, found.lead, documents):
        title = title_of_issues(issues, documents)
    told_of = tuple(told_steps(event.steps, own, cited, said))
    silent = all(one.other for one in told_of)
    shown = found.lead if named else found.quoted
    beside = [f"其他被指方：{event.status.value}"] if event.steps and not steps else []
    beside += [] if found.aimed else [MENTIONED]
    quoted, missing = quoting.excerpt(shown, partial(said.words, shown)), lacking(shown)
    if missing and not named and quoted not in UNTOLD:
        quoted += f"（{missing}）"
    opening = Quote(said.reference(shown), said.where(shown), quoted)
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
        engagement=_reached(found, told, "engagement", measure_of(documents), found.reach.engagement),
        status=status.value,
        opening=opening,
        sources=tuple(sources_of(documents, said)),
        claims=tuple(
            said.quote(by_id[c.document], c.sentence)
            for c in known.claims[:CLAIMS]
            if c.sentence not in f"{title}\n{clean(event.title)}\n{clean(shown.raw.title)}"
        ),
        notes=tuple(dict.fromkeys(n.note for c in known.claims[:CLAIMS] for n in c.computed if n.note)),
        lacking=missing if named else "",
        told=told_of,
        accuses=any(map(accused_in, (*documents, found.lead))) or bool(issues and not found.named),
        partly=not found.whole,
        unsure=silent and bool(ask.store.count(_answering(cut))),
        unread=silent and not is_read(home, event),
        aimed_at=tuple(party for party in parties if party in accused_in(found.first)),
        begun=began(event, found.first, documents),
        answered_before=answered_before(event, found.first, documents),
        kin=tuple(_kin_told(home, ask, found, said)),
        beside="；".join(beside),
        since="" if shown is found.first else reference(found.first).published,
        bare=found.bare,
        nobody_answers=found.nobody_answers,
        masked=() if named else _masked(found),
    )


def _masked(found: Candidate) -> tuple[str, ...]:
    """The events, and the groups of single documents, of a lead and of its whole affair: they name nobody."""
    groups = (one.group for one in (*found.documents, found.lead))
    return tuple(dict.fromkeys((found.id, *(one.id for one in found.kin), *groups)))


def _kin_told(home: Home, ask: Counter, found: Candidate, said: Saying) -> Iterator[Quote]:
    """The title of the first text of each other event of its affair."""
    for document in first_documents(home, ask.store, [one.id for one in found.kin]).values():
        yield said.quote(document, document.raw.title or document.raw.text, 60)


def _reached(found: Candidate, told: Fact, name: str, label: str, value: int | None) -> Fact:
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
