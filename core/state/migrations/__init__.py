"""Numbered migrations of the state database: a list of functions, each run once, in order.

A room declares its tables on :data:`fengping.state.metadata`, for its queries. What stands on disk is made
here: a module with ``up(connection)`` that repeats the tables (or columns) it adds, as they are on that day,
appended to :data:`MIGRATIONS`. Its place in the list is its number; one that shipped is never changed.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from fengping.state.migrations import (
    addresses,
    alarms,
    baseline,
    between_machines,
    change_log,
    console,
    corrected_act,
    corrected_parties,
    delivery,
    deployment,
    drawn,
    edition_holds,
    edition_sums,
    editions,
    event_accused,
    event_key,
    event_parties,
    event_steps,
    events,
    events_again,
    evidence,
    forgotten,
    forgotten_seen,
    guesses,
    import_files,
    import_runs,
    import_terms,
    imported_again,
    journal_segments,
    judged_anew,
    judged_before,
    large_counts,
    last_records,
    last_word,
    long_journals,
    machine_troubles,
    meant_at,
    probes,
    queries,
    schedule,
    signatures,
    stated,
    tagging,
    tokens,
    troubles_over,
    unjudged,
    watches,
)

Migration = Callable[[Connection], None]

MIGRATIONS: tuple[Migration, ...] = (
    baseline.up,
    baseline.up,  # homes of schema 1 hold only those of its tables that some command had asked for
    delivery.up,
    queries.up,
    import_files.up,
    events.up,
    evidence.up,
    drawn.up,
    alarms.up,
    console.up,
    tagging.up,
    editions.up,
    tokens.up,
    schedule.up,
    import_runs.up,
    deployment.up,
    judged_anew.up,
    event_accused.up,
    judged_before.up,
    long_journals.up,
    forgotten.up,
    between_machines.up,
    corrected_act.up,
    troubles_over.up,
    stated.up,
    edition_sums.up,
    edition_holds.up,
    event_parties.up,
    machine_troubles.up,
    large_counts.up,
    last_records.up,
    meant_at.up,
    imported_again.up,
    events_again.up,
    import_terms.up,
    forgotten_seen.up,
    addresses.up,
    unjudged.up,
    probes.up,
    guesses.up,
    journal_segments.up,
    signatures.up,
    change_log.up,
    corrected_parties.up,
    last_word.up,
    event_key.up,
    watches.up,
    event_steps.up,
)

LATEST = len(MIGRATIONS)
"""The schema that this version reads and writes."""


def migrate(connection: Connection, found: int) -> None:
    """Brings a database of schema *found* up to :data:`LATEST`, within the caller's transaction."""
    for up in MIGRATIONS[found:]:
        up(connection)
