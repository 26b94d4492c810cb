"""Candidates of one affair taken together: one case or lead, with the beginning and the status of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fengping.events.building.candidates import told_order
from fengping.events.knowing import of_affair
from fengping.events.knowing.affairs import Affairs
from fengping.events.knowing.reach import reach_of
from fengping.home import Home
from fengping.reports.facts.candidate import Candidate
from fengping.reports.facts.counter import Counter
from fengping.reports.scope import ALL


def by_affair(
    home: Home, ask: Counter, enough: Sequence[Candidate], few: Sequence[Candidate], min_publishers: int
) -> tuple[list[Candidate], list[Candidate]]:
    """One candidate for each affair, the best ranked, with the others counted in; each with the beginning and
    the history of its whole affair. Of *few* those that enough publishers tell of together are *enough*."""
    left = {one.id: one for one in (*enough, *few)}
    begun = [one.event.first_at for one in left.values() if one.event.first_at]
    ended = [one.event.last_at for one in left.values() if one.event.last_at]
    if not (begun and ended):
        return list(enough), list(few)
    affairs = Affairs(home, min(begun), max(ended))
    kin = {id: affairs.kin(one.event, one.documents) for id, one in left.items()}
    ids = {id: {other.id for other in others} for id, others in kin.items()}
    found: dict[str, Candidate] = {}
    for id in kin:
        if (one := left.pop(id, None)) is None:
            continue
        taken = [left.pop(other) for other in list(left) if other in ids[id] or id in ids[other]]
        all_ = {other.id: other for other in (*kin[id], *(each.event for each in taken))}
        one = replace(one, event=of_affair(one.event, [*all_.values()]), kin=(*all_.values(),))
        found[id] = _together(ask, one, taken) if taken else one
    told = [found[one.id] for one in enough if one.id in found]
    left_few = [found[one.id] for one in few if one.id in found]
    together = [one for one in left_few if one.told_by_enough(min_publishers)]
    if together:
        told = sorted([*told, *together], key=lambda one: one.rank)
    return told, [one for one in left_few if one not in together]


def _together(ask: Counter, one: Candidate, others: Sequence[Candidate]) -> Candidate:
    """*one* with the documents of *others*, where all of each are read; it alone where not."""
    all_ = (one, *others)
    if not all(each.whole for each in all_):
        return one
    documents = sorted({d.id: d for each in all_ for d in each.documents}.values(), key=told_order)
    cut = ALL.also(group=tuple(sorted({document.group for document in documents})))
    reach = reach_of(documents)
    return replace(
        one,
        cut=cut,
        event=replace(one.event, documents=len(documents), publishers=reach.publishers),
        told=ask.store.count(ask.within(cut)),
        texts=sum(each.texts for each in all_),
        first=min((each.first for each in all_), key=told_order),
        lead=min((each.lead for each in all_), key=told_order),
        charge=one.charge or next((each.charge for each in others if each.charge), None),
        documents=documents,
        reach=reach,
        independent=reach.independent,
        named=any(each.named for each in all_),
        bare=all(each.bare for each in all_),
        aimed=any(each.aimed for each in all_),
    )
