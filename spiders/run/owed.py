"""Entries that a run met and could not fetch: noted with what the list said, for it may have moved on."""

from __future__ import annotations

from fengping.spiders.extraction.documents import from_entry
from fengping.spiders.extraction.listing import needs_link
from fengping.spiders.run.context import Run
from fengping.spiders.run.statuses import UNSETTLED
from fengping.spiders.seen import Seen
from fengping.spiders.seen.stated import Stated

MAX_OWED = 500
"""Entries that one run notes, those met first; more are taken up only while a list shows them."""


def note_owed(run: Run) -> None:
    """Remembers what *run* met for the first time and leaves to the next one.

    A run of a window, a sample and one of several machines note nothing: who asked for it asks again, and a
    shared frontier keeps what is open by itself.
    """
    if run.window.given or run.job.sample or run.frontier is not None or not needs_link(run.source):
        return
    left = {key: entry for key, entry in run.asked.items() if run.ledger.ends.get(entry.url) in UNSETTLED}
    known, now = run.memory.get(left), run.now()
    fresh = [entry for key, entry in left.items() if key not in known]
    mask = run.home.config.crawl.mask_nicknames
    for entry in fresh[:MAX_OWED]:
        # No name of a person is kept of what may never become a document.
        stated = Stated.of(from_entry(run.source, entry, now, run.home.salt, mask=mask), names=False)
        status = run.ledger.ends[entry.url]
        assert status is not None
        run.memory.mark(Seen(entry.key, entry.url, status, now, now, visits=0, next_visit=now, stated=stated))
    if len(fresh) > MAX_OWED:
        run.ledger.signal(
            f"{run.source.name}: {len(fresh):,} entries were met and not fetched; the first {MAX_OWED} are "
            "asked for by the next runs, the others only while a list shows them"
        )
