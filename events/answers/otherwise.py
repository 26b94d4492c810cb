"""Answers that a party gave lately, to whatever matter: told beside a charge that none of them fits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from fengping.events.answers import parties as naming
from fengping.events.answers.linking import ANSWER_DAYS
from fengping.events.answers.sides import charge_of
from fengping.events.answers.status import ANSWERS
from fengping.events.answers.verdicts import read_answer
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search import Or, Term
from fengping.models import Act, Document

_READ = 20
"""Responses that name the party and are looked at, the newest."""


def other_answer(
    home: Home, store: Store, parties: Collection[str], now: datetime, told: Collection[str] = ()
) -> Document | None:
    """The latest document of the thirty days before *now* in which one of *parties* answers anything; none of
    those with the ids *told*."""
    known = naming.known_names(home)
    names = naming.names_of(parties, known)
    if not names:
        return None
    asked = Filter(
        text=Or(tuple(map(Term, names))), since=now - timedelta(days=ANSWER_DAYS), until=now,
        where={"act": (Act.RESPONSE.value,)},
    )  # fmt: skip
    anything = charge_of(parties, (), (), known)
    for document in store.search(asked, limit=_READ, sort=Sort.NEWEST).documents:
        said = read_answer(document, anything).said
        if document.id not in told and any(one.act in ANSWERS for one in said):
            return document
    return None
