"""The beginning of an event, beside the first negative of a window: by its own texts, answers told apart."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.clock import day_of, exactly
from fengping.events import Event
from fengping.models import Act, Document, Precision


def began(event: Event, first: Document, told: Sequence[Document]) -> str:
    """The day on which *event* began, by the earliest of its documents *told* that is no answer, where that
    was before its *first* negative of the window; on the day of that the time, as far as it is known."""
    found = [one for one in told if one.judgement.act is not Act.RESPONSE]
    # Documents that are not read, and other events of its affair, are known by the time of the first.
    read = min((one.raw.published_at for one in told if one.raw.published_at), default=event.first_at)
    further = bool(event.first_at and read and event.first_at < read)
    return _before(event, first, found, all_read=len(told) >= event.documents and not further)


def answered_before(event: Event, first: Document, told: Sequence[Document]) -> str:
    """The day, or the time, of an answer before all of that: a charge which the system does not hold."""
    answers = [one for one in told if one.judgement.act is Act.RESPONSE]
    found = _before(event, first, answers, all_read=True)
    return "" if found and began(event, first, told) else found


def _before(event: Event, first: Document, told: Sequence[Document], *, all_read: bool) -> str:
    then = first.raw.published_at
    dated = ((one.raw.published_at, one.raw.precision) for one in told)
    known = [(at, precision) for at, precision in dated if at]
    if event.first_at and not all_read:
        known.append((event.first_at, Precision.DAY))
    if then is None or not known:
        return ""
    at, precision = min(known, key=lambda one: (one[0], one[1] is Precision.DAY))
    if at >= then:
        return ""
    return exactly(at, precision if day_of(at) == day_of(then) else Precision.DAY)
