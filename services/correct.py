"""An analyst's word against the machine's: checked, kept with name and reason, put into the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from fengping.errors import HomeBusy, UsageError
from fengping.home import Home
from fengping.indexer import Store, corrections, index_lock
from fengping.indexer.corrections import Correction
from fengping.indexer.pipeline import models
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search import Lookup
from fengping.models import Act, Document, Polarity
from fengping.services.lookup import lookup
from fengping.services.stores import writing_store
from fengping.state import State

UNRELATED = "none"
"""A label: the document is not about livestream selling."""


@dataclass(frozen=True)
class Changes:
    """Changes to a document's judgement; an empty field stays as judged."""

    polarity: Polarity | None = None
    relevant: bool | None = None
    consumer: bool | None = None
    act: Act | None = None
    add_hosts: Sequence[str] = ()
    remove_hosts: Sequence[str] = ()
    add_targets: Sequence[str] = ()
    """Hosts the negative is directed at."""
    remove_targets: Sequence[str] = ()
    add_issues: Sequence[str] = ()
    remove_issues: Sequence[str] = ()
    add_accused: Sequence[str] = ()
    """Parties of any kind that the text charges."""
    remove_accused: Sequence[str] = ()
    add_signals: Sequence[str] = ()
    remove_signals: Sequence[str] = ()
    add_facets: Sequence[str] = ()
    remove_facets: Sequence[str] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) not in (None, (), []) for field in fields(self))


@dataclass(frozen=True)
class Settled:
    """Outcome of a correction."""

    correction: Correction
    """The one that was made, or taken back."""
    document: Document | None
    """The document as the store shows it now, where it does."""
    waiting: bool = False
    """An indexer is at work, which puts the correction into the store when it ends."""


def correct(
    home: Home,
    document_id: str,
    changes: Changes,
    *,
    by: str,
    note: str,
    now: datetime,
    drawn: bool = False,
    store: Store | None = None,
) -> Settled:
    """Keeps *changes* beside the machine's own judgement, and brings the store up to date.

    *drawn* says that the document was drawn at random, whatever its judgement. Raises :class:`UsageError`
    for an unknown document, host or class, and where nothing is changed or a value is both added and taken
    away.
    """
    with writing_store(home, store) as opened:
        known = lookup(home, now, opened)  # a name that the document bears may have left the registry
        made = checked(home, document_id, changes, by=by, note=note, now=now, known=known)
        found = opened.get([document_id])
        if not found:
            raise UsageError(
                f"The store has no document {document_id!r}.", remedy="fengping search --json shows ids."
            )
        state = State.open(home)
        judged, relevant = _judged(home, state, found[0])
        made = replace(made, judged=judged, judged_relevant=relevant, drawn=drawn)
        with state.begin() as connection:
            made = replace(made, number=corrections.keep(connection, made))
        return _settle(home, state, opened, made)


def undo(
    home: Home,
    document_id: str,
    *,
    by: str,
    now: datetime,
    store: Store | None = None,
    number: int | None = None,
) -> Settled:
    """Takes a document's latest correction back; raises :class:`UsageError` where none is in force, and where
    it is not the one of that *number*."""
    state = State.open(home)
    with state.begin() as connection:
        undone = corrections.undo(connection, document_id, by=by, at=now)
        if undone and number is not None and undone.number < number:
            raise UsageError(
                "This correction was taken back already.", remedy="Look at the document again: it is so."
            )
        if undone and number not in (None, undone.number):
            raise UsageError(
                f"It was corrected again meanwhile, by {undone.by}; nothing was taken back.",
                remedy="Look at it again, and correct it where it is wrong.",
            )
    if undone is None:
        raise UsageError(
            f"No correction of {document_id!r} is in force.", remedy="fengping correct --list shows all."
        )
    with writing_store(home, store) as opened:
        return _settle(home, state, opened, undone)


def listed(home: Home, document_id: str = "") -> list[Correction]:
    """Every correction ever made, of one document or of all, those taken back included."""
    with State.open(home).begin() as connection:
        return [one for one in corrections.everything(connection) if document_id in ("", one.document_id)]


def in_force(home: Home, document_id: str) -> list[Correction]:
    """Corrections of a document that nobody took back, in the order they were made."""
    with State.open(home).begin() as connection:
        return corrections.in_force(connection, [document_id]).get(document_id, [])


def label_of(made: Iterable[Correction]) -> str:
    """The last label that corrections give: a polarity, or :data:`UNRELATED`; empty where there is none."""
    tone, unrelated = "", False
    for one in made:
        tone = one.polarity or tone
        if one.relevant is not None or one.polarity:
            unrelated = one.relevant is False
    return UNRELATED if unrelated else tone


def all_in_force(home: Home) -> list[Correction]:
    """Every correction that nobody took back, in the order they were made."""
    return [made for made in listed(home) if made.undone_at is None]


def corrected_ids(home: Home) -> list[str]:
    """Ids of documents with a correction in force."""
    return [made.document_id for made in all_in_force(home)]


def checked(
    home: Home, document_id: str, changes: Changes, *, by: str, note: str, now: datetime,
    known: Lookup | None = None,
) -> Correction:  # fmt: skip
    """*changes* as a correction with canonical names; raises as :func:`correct`."""
    if not changes:
        raise UsageError("Missing changes.", remedy="Name at least one, for instance --polarity neu.")
    pairs: dict[str, Any] = {}
    known = known or Lookup(home)
    for kind in ("hosts", "targets", "issues", "accused", "signals", "facets"):
        field = "negative_hosts" if kind == "targets" else kind
        added, removed = (
            tuple(known.value(field, name) for name in getattr(changes, f"{way}_{kind}"))
            for way in ("add", "remove")
        )
        if both := set(added) & set(removed):
            raise UsageError(f"{min(both)} is both added and taken away.", remedy="Leave one of them out.")
        pairs |= {f"add_{kind}": added, f"remove_{kind}": removed}
    for way in ("add", "remove"):  # a host who is charged is a target
        hosts = tuple(name for name in pairs[f"{way}_accused"] if known.knows("hosts", name))
        pairs[f"{way}_targets"] = tuple(dict.fromkeys((*pairs[f"{way}_targets"], *hosts)))
        pairs[f"{way}_accused"] = tuple(name for name in pairs[f"{way}_accused"] if name not in hosts)
    return Correction(
        document_id, by, now, note, polarity=changes.polarity, relevant=changes.relevant,
        consumer=changes.consumer, act=changes.act, **pairs,
    )  # fmt: skip


def _judged(home: Home, state: State, document: Document) -> tuple[str, bool]:
    """The machine's own polarity and relevance: as kept, as stored, or judged again where neither is so."""
    with state.begin() as connection:
        made = corrections.in_force(connection, [document.id]).get(document.id, [])
    for one in reversed(made):
        if one.judged is not None and one.judged_relevant is not None:
            return one.judged, one.judged_relevant
    if document.corrected_by:
        document = corrections.judge_again(document, pipeline.load_judge(home, reading=True))
    polarity = document.judgement.polarity
    return polarity.value if polarity else "", document.judgement.relevant


def _settle(home: Home, state: State, store: Store, made: Correction) -> Settled:
    """Brings the store up to date, or leaves it to the indexer that is at work, or judges as all do."""
    try:
        models.check(home, state)
        with index_lock(home) as tenure:
            store.fence(tenure.token)
            corrections.settle(tenure.state(state), store, lambda: pipeline.load_judge(home, reading=True))
    except (HomeBusy, models.OtherJudge):
        return Settled(made, None, waiting=True)
    with suppress(HomeBusy):  # an update at work takes it in, or the next one
        from fengping.events.building.restating import restate

        restate(home, store, [made.document_id])
    return Settled(made, next(iter(store.get([made.document_id])), None))
