"""Numbers that nothing counts, told to a reviewer, and the reason why an event makes no case of a report."""

from __future__ import annotations

from contextlib import closing

from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Sort, open_store
from fengping.reports import Report, Scope
from fengping.reports.archive import Editions, untraced_in
from fengping.reports.facts.cases import values_of
from fengping.reports.facts.counter import Counter
from fengping.reports.scope import ANSWERS, NEGATIVE
from fengping.services.edition_files import drafted_report


def untraced(home: Home, number: str) -> tuple[str, ...]:
    """Numbers that a reviewer's changes bring into an edition and that the report does not hold."""
    archive = Editions(home)
    edition = archive.find(number)
    made = [] if edition.sealed else archive.edits_in(edition)
    return untraced_in(drafted_report(archive, edition), made) if made else ()


def no_case(home: Home, number: str, made: Report, event: str) -> UsageError:
    """The refusal to take *event* as a case of an edition: nobody complains of it there, or what is negative
    is all judged an answer to a charge."""
    with closing(open_store(home)) as store:
        ask = Counter(store, made.window, Scope(where=values_of(home, store, event), consumer=False))
        charges = store.count(ask.within(NEGATIVE))
        answers = store.search(ask.within(ANSWERS), limit=1, sort=Sort.OLDEST)
    if answers.total and not charges:
        return UsageError(
            f"{number} cannot take the event {event} as a case: what is negative about it in its days,"
            f" {answers.total} in all, is judged an answer to a charge.",
            remedy="Where one complains, correct its act, and draft anew: the first is"
            f" {answers.documents[0].id}.",
        )
    return UsageError(
        f"{number} cannot take the event {event} as a case: nobody complains of it in its days and scope.",
        remedy="fengping affairs list shows others.",
    )
