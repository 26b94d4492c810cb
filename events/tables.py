"""Tables of events in the state database: members, summaries, answers, and what was set by hand."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from fengping.state import Moment, metadata

members = Table(
    "event_members",
    metadata,
    Column("document", String(32), primary_key=True),
    Column("event", String(16), nullable=False, index=True),
    Column("published_at", Moment),
    Column("part", Integer, nullable=False),
    Column("parties", String(255), nullable=False),
    Column("publisher", String(16), nullable=False),
    Column("matter", String(64), nullable=False),
)
"""A document's event. ``parties`` and ``matter``, complaint classes of a charge, joined by ``|``;
``publisher`` a hash of who is responsible for it."""

events = Table(
    "events",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("founder", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("first_at", Moment),
    Column("last_at", Moment, index=True),
    Column("documents", Integer, nullable=False),
    Column("charges", Integer, nullable=False, index=True),
    Column("trade", Integer, nullable=False),
    Column("publishers", Integer, nullable=False),
    Column("parties", String(255), nullable=False),
    Column("accused", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("history", Text, nullable=False),
    Column("matter", String(64), nullable=False),
    Column("closed", Text, nullable=False),
    Column("confirmed", String(64), nullable=False),
)
"""One row an event; ``history`` is JSON: the steps of its status with their evidence. ``parties``: whom it
speaks of, the accused before others; ``accused``: those of whom its documents are judged to complain.
``closed``: why a person closed it; ``confirmed``: which of its values a person gave."""

parties = Table(
    "event_parties",
    metadata,
    Column("party", String(255), primary_key=True),
    Column("event", String(16), primary_key=True, index=True),
)
"""Each of the parties that an event speaks of, by which its events are found."""

OWN = (events.c.id, parties.c.event)
"""The columns that name the event of its own rows: these are written and go together."""

aliases = Table(
    "event_aliases",
    metadata,
    Column("old", String(16), primary_key=True),
    Column("new", String(16), nullable=False),
)
"""An id that was given to readers goes on meaning the event that took its documents over."""

answers = Table(
    "event_answers",
    metadata,
    Column("event", String(16), primary_key=True),
    Column("document", String(32), primary_key=True, index=True),
)
"""Documents outside an event that answer its charge: same party, same matter, within thirty days."""

hands = Table(
    "event_hands",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("document", String(32), nullable=False, index=True),
    Column("anchor", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("value", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("undone_by", String(64), nullable=False),
    Column("undone_at", Moment),
)
"""What persons decided, by documents and not by ids of events; kinds: :class:`.by_hand.Kind`. The last word
on a document holds."""

progress = Table(
    "event_progress",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("sketches", Integer, nullable=False),
    Column("links", BigInteger, nullable=False),
)
"""The committed length of the files, which are of this store."""

Index("event_members_parties", members.c.parties, members.c.published_at)

holds = Table(
    "evidence_holds",
    metadata,
    Column("document", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("why", String(255), nullable=False),
    Column("looks", Integer, nullable=False),
)
"""Documents kept as evidence: not to be forgotten before they are released."""

anchors = Table(
    "evidence_anchors",
    metadata,
    Column("machine", String(6), primary_key=True),
    Column("archive", String(64), nullable=False),
    Column("length", Integer, nullable=False),
    Column("head", String(64), nullable=False),
)
"""Number and hash of the line that each machine added last to an archive of evidence, which the hash of its
first line names. ``machine`` is empty where the state is a file: such a home has one archive."""
