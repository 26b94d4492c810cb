"""An analyst's corrections: who said what about which document, when; kept apart from the index.

The pipeline applies them to every document it puts, so they outlive reindexing and better models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from fengping.analysis import kind_of
from fengping.clock import day_of
from fengping.erasure import rows_of
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.indexer.search.protocol import Store
from fengping.models import Act, Document, Judgement, Polarity, Role
from fengping.reading import SELLERS
from fengping.state import Moment, State, metadata

if TYPE_CHECKING:
    from fengping.analysis import Judge

LISTS = tuple(
    f"{way}_{name}"
    for name in ("hosts", "targets", "issues", "accused", "signals", "facets")
    for way in ("add", "remove")
)

corrections = Table(
    "corrections",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("document_id", String(32), nullable=False, index=True),
    Column("made_at", Moment, nullable=False),
    Column("by", String(128), nullable=False),
    Column("note", Text, nullable=False),
    Column("polarity", String(8)),
    Column("relevant", Boolean),
    Column("consumer", Boolean),
    Column("act", String(16)),
    *(Column(name, Text, nullable=False) for name in LISTS),
    Column("judged", String(8)),
    Column("judged_relevant", Boolean),
    Column("drawn", Boolean, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String(128)),
)


@dataclass(frozen=True, slots=True)
class Correction:
    """An analyst's changes to one document; fields left empty stay as judged."""

    document_id: str
    by: str
    made_at: datetime
    note: str = ""
    polarity: Polarity | None = None
    relevant: bool | None = None
    consumer: bool | None = None
    act: Act | None = None
    add_hosts: tuple[str, ...] = ()
    remove_hosts: tuple[str, ...] = ()
    add_targets: tuple[str, ...] = ()
    """Hosts the negative is directed at (``negative_hosts``)."""
    remove_targets: tuple[str, ...] = ()
    add_issues: tuple[str, ...] = ()
    remove_issues: tuple[str, ...] = ()
    add_accused: tuple[str, ...] = ()
    """Parties of any kind that the text charges."""
    remove_accused: tuple[str, ...] = ()
    add_signals: tuple[str, ...] = ()
    remove_signals: tuple[str, ...] = ()
    add_facets: tuple[str, ...] = ()
    remove_facets: tuple[str, ...] = ()
    judged: str | None = None
    """The machine's own polarity when it was made, empty where it gave none; None where that was not kept."""
    judged_relevant: bool | None = None
    """The machine's own word on relevance; None where that was not kept."""
    drawn: bool = False
    """True if it answers a document that was drawn at random."""
    number: int = 0
    """Order in which corrections were made; 0 before it is kept."""
    undone_at: datetime | None = None
    undone_by: str = ""


def apply(judgement: Judgement, correction: Correction) -> Judgement:
    """The judgement as corrected. Applying the same correction again changes nothing.

    A polarity that is set is certain, so ``negative`` becomes 0 or 1. What is not negative has no
    complaint classes and nobody it is directed at, unless the same correction adds them.
    """
    polarity = correction.polarity or judgement.polarity
    certain = correction.polarity is not None
    calm = certain and polarity is not Polarity.NEG
    hosts = _edited(
        judgement.hosts, (*correction.add_hosts, *correction.add_targets), correction.remove_hosts
    )
    parties = _parties(judgement, correction, hosts, calm=calm)
    issues = _edited(() if calm else judgement.issues, correction.add_issues, correction.remove_issues)
    gone = {f"host:{name}" for name in judgement.hosts if name not in hosts}
    gone |= {f"issue:{code}" for code in judgement.issues if code not in issues}
    gone |= {f"signal:{name}" for name in correction.remove_signals}
    for field in ("negative_hosts", "negative_brands"):
        left = parties[field] or ()
        gone |= {f"{field[:-1]}:{name}" for name in getattr(judgement, field) or () if name not in left}
    if certain:
        gone |= {f"polarity:{other.value}" for other in Polarity if other is not polarity}
    if correction.act is not None:
        gone |= {f"act:{other.value}" for other in Act if other is not correction.act}
    return replace(
        judgement,
        polarity=polarity,
        negative=float(polarity is Polarity.NEG) if certain else judgement.negative,
        positive=float(polarity is Polarity.POS) if certain else judgement.positive,
        relevant=judgement.relevant if correction.relevant is None else correction.relevant,
        consumer=judgement.consumer if correction.consumer is None else correction.consumer,
        act=correction.act or judgement.act,
        hosts=hosts,
        issues=issues,
        signals=_signals(judgement.signals, correction),
        facets=_edited_or_none(judgement.facets, correction.add_facets, correction.remove_facets),
        **parties,
        evidence=tuple(e for e in judgement.evidence if e.label not in gone),
    )


def _parties(
    judgement: Judgement, correction: Correction, hosts: tuple[str, ...], *, calm: bool
) -> dict[str, Any]:
    """The fields that name parties, as corrected. Who is no host, brand or party that was read is private."""
    read = judgement.reading.parties if judgement.reading else ()
    sellers = {*(judgement.brands or ()), *(party.name for party in read if party.kind in SELLERS)}
    known = {*hosts, *sellers, *(party.name for party in read)}
    added = correction.add_accused
    charged = (*correction.add_targets, *added)
    cleared = (*correction.remove_targets, *correction.remove_hosts, *correction.remove_accused)
    targets = (*correction.add_targets, *(name for name in added if name in hosts))
    brands = [name for name in added if name in sellers]
    accused = judgement.accused
    if accused is None and charged:  # no encoder read it
        accused = (*judgement.negative_hosts, *(judgement.negative_brands or ()))

    def left(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return () if calm and values else values

    charges = {
        "negative_hosts": _edited(left(judgement.negative_hosts) or (), targets, cleared),
        "negative_brands": _edited_or_none(left(judgement.negative_brands), brands, cleared),
        "accused": _edited_or_none(left(accused), charged, cleared),
    }
    now = {name for names in charges.values() for name in names or ()}
    before = judgement.roles or {}
    roles = {name: role for name, role in before.items() if role is not Role.ACCUSED or name in now}
    roles |= {name: Role.ACCUSED for name in charged if name in now}
    return {
        **charges,
        "roles": judgement.roles if roles == before else roles,
        "parties": _edited_or_none(judgement.parties, charged, ()),
        "people": _edited_or_none(judgement.people, [name for name in added if name not in known], ()),
    }


def _signals(values: tuple[str, ...] | None, correction: Correction) -> tuple[str, ...] | None:
    """The signals as corrected: a form brings its kind, and a kind takes its forms away."""
    added = [name for one in correction.add_signals for name in dict.fromkeys((one.partition(".")[0], one))]
    gone = set(correction.remove_signals)
    removed = [one for one in (*(values or ()), *added) if gone & {one, one.partition(".")[0]}]
    return _edited_or_none(values, added, removed)


def apply_all(document: Document, made: Sequence[Correction]) -> Document:
    """The document with corrections applied in the order they were made."""
    judgement = document.judgement
    for correction in made:
        judgement = apply(judgement, correction)
    return replace(document, judgement=judgement, corrected_by=made[-1].by if made else "")


def revert(document: Document, made: Sequence[Correction]) -> Document:
    """The document as near to what the machine said as *made* tell, all in force and in their order: without
    judging again, so a changed act stays, and a host whom marks of its text name."""
    judged = document.judgement
    marked = {mark.label.partition(":")[2] for mark in judged.evidence if mark.label.startswith("host:")}
    hosts, targets, issues = judged.hosts, judged.negative_hosts, judged.issues
    accused, signals, facets = judged.accused, judged.signals, judged.facets
    polarity, relevant, consumer = judged.polarity, judged.relevant, judged.consumer
    for one in reversed(made):
        unnamed = [name for name in (*one.add_hosts, *one.add_targets) if name not in marked]
        hosts = _edited(hosts, one.remove_hosts, unnamed)
        targets = _edited(targets, one.remove_targets, one.add_targets)
        issues = _edited(issues, one.remove_issues, one.add_issues)
        charged, cleared = (*one.add_targets, *one.add_accused), (*one.remove_targets, *one.remove_accused)
        accused = _edited_or_none(accused, cleared, charged)
        signals = _edited_or_none(signals, one.remove_signals, one.add_signals)
        facets = _edited_or_none(facets, one.remove_facets, one.add_facets)
        if one.judged is not None:
            polarity = Polarity(one.judged) if one.judged else None
        if one.judged_relevant is not None:
            relevant = one.judged_relevant
        if one.consumer is not None:
            consumer = not one.consumer
    return document.with_judgement(
        hosts=hosts, negative_hosts=targets, issues=issues, polarity=polarity, relevant=relevant,
        consumer=consumer, accused=accused, signals=signals, facets=facets,
    )  # fmt: skip


def _edited_or_none(
    values: tuple[str, ...] | None, added: Sequence[str], removed: Iterable[str]
) -> tuple[str, ...] | None:
    """The same of values that may not have been judged, and then stay so where nothing is added."""
    return _edited(values or (), added, removed) if values is not None or added else None


def _edited(values: tuple[str, ...], added: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    doomed = set(removed)
    return tuple(value for value in dict.fromkeys((*values, *added)) if value not in doomed)


def keep(connection: Connection, correction: Correction) -> int:
    """Writes a correction down; its number, or that of the last in force where this says the same by the same
    hand.

    A button pressed twice makes one record, which is taken back at once. An answer to a draw counts for
    the accuracy, and is no repetition of one that was none.
    """
    standing = in_force(connection, [correction.document_id]).get(correction.document_id, [])
    if standing and _same(standing[-1], correction):
        return standing[-1].number
    values = {name: "\n".join(getattr(correction, name)) for name in LISTS}
    made = connection.execute(
        insert(corrections).values(
            document_id=correction.document_id,
            made_at=correction.made_at,
            by=correction.by,
            note=correction.note,
            polarity=correction.polarity,
            relevant=correction.relevant,
            consumer=correction.consumer,
            act=correction.act,
            judged=correction.judged,
            judged_relevant=correction.judged_relevant,
            drawn=correction.drawn,
            **values,
        )
    ).inserted_primary_key
    assert made is not None
    changes.add(connection, What.CORRECTED, [correction.document_id], pending=True)
    return int(made[0])


def _same(last: Correction, new: Correction) -> bool:
    """True if *new* says nothing that *last* does not, by the same hand."""
    said = ("by", "polarity", "relevant", "consumer", "act", *LISTS)
    return last.drawn >= new.drawn and all(getattr(last, name) == getattr(new, name) for name in said)


def undo(connection: Connection, document_id: str, *, by: str, at: datetime) -> Correction | None:
    """Takes the latest correction of a document back and returns it; it stays on record as undone."""
    standing = in_force(connection, [document_id]).get(document_id, [])
    if not standing:
        return None
    last = standing[-1]
    connection.execute(
        update(corrections).where(corrections.c.number == last.number).values(undone_at=at, undone_by=by)
    )
    changes.add(connection, What.UNDONE, [document_id], pending=True)
    return replace(last, undone_at=at, undone_by=by)


def in_force(connection: Connection, ids: Sequence[str]) -> dict[str, list[Correction]]:
    """Corrections not undone of *ids*, by document, in the order they were made."""
    found: dict[str, list[Correction]] = defaultdict(list)
    asked = select(corrections).where(corrections.c.undone_at.is_(None)).order_by(corrections.c.number)
    for row in rows_of(connection, asked, corrections.c.document_id, ids):
        found[row.document_id].append(_from_row(row))
    return dict(found)


def everything(connection: Connection) -> list[Correction]:
    """Every correction ever made, the undone included, in order."""
    return [_from_row(row) for row in connection.execute(select(corrections).order_by(corrections.c.number))]


def settle(state: State, store: Store, load: Callable[[], Judge]) -> int:
    """Brings stored documents up to date with corrections made or undone since the last call.

    The caller holds the right to write the index. *load* gives the judge, needed to judge a document
    anew when a correction of it was undone. Returns the number of documents changed. A document that is
    not in the store is skipped: the pipeline corrects it when it puts it.
    """
    with state.begin() as connection:
        waiting = changes.waiting(connection, What.CORRECTED, What.UNDONE)
        ids = list(dict.fromkeys(one.document for one in waiting))
        standing = in_force(connection, ids)
    undone = {one.document for one in waiting if one.what == What.UNDONE}
    documents = store.get(ids)
    if any(document.id in undone for document in documents):
        judge = load()
        documents = [
            judge_again(document, judge) if document.id in undone else document for document in documents
        ]
    if documents:
        corrected = [apply_all(document, standing.get(document.id, [])) for document in documents]
        store.put(corrected, [document.id for document in corrected], keep_events=True)
    with state.begin() as connection:
        # What was made or undone since has rows of its own, which wait.
        changes.finish(connection, waiting)
    return len(documents)


def judge_again(document: Document, judge: Judge) -> Document:
    """The document as the machine alone judges it."""
    published = document.raw.published_at
    day = day_of(published) if published else None
    [judgement] = judge.judge([document.raw.content], [day], [kind_of(document.raw)])
    return replace(document, judgement=judgement)


def _from_row(row: Row[tuple[object, ...]]) -> Correction:
    values = row._asdict()
    values |= {name: tuple(filter(None, values[name].split("\n"))) for name in LISTS}
    values["polarity"] = Polarity(values["polarity"]) if values["polarity"] else None
    values["act"] = Act(values["act"]) if values["act"] else None
    values["undone_by"] = values["undone_by"] or ""
    return Correction(**values)
