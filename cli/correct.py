"""``correct``."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import Annotated, Any

import typer

from fengping.cli.options import AsJson, Since, Until
from fengping.cli.queue import agreement, check, queue
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import iso, local, now
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.corrections import Correction
from fengping.models import Act, Polarity
from fengping.services import correct as services
from fengping.services.correct import Changes

QUEUE = "queue"
"""Asked for in place of an id; no id is so short."""
_SHOWN = (
    "id", "polarity", "negative", "relevant", "consumer", "act", "hosts", "negative_hosts", "issues",
    "accused", "signals", "facets", "corrected_by",
)  # fmt: skip
_MARKS = {"hosts": "", "targets": "→", "issues": "", "accused": "→", "signals": "", "facets": ""}
"""What stands before a value of a correction, by the kind of value."""


def correct(
    context: typer.Context,
    document_id: Annotated[
        str, typer.Argument(metavar="[ID|queue]", help="The document's id; queue: what to label next.")
    ] = "",
    polarity: Annotated[Polarity | None, typer.Option(help="What the document is.")] = None,
    relevant: Annotated[
        bool | None, typer.Option("--relevant/--not-relevant", help="About livestream selling or not.")
    ] = None,
    consumer: Annotated[
        bool | None,
        typer.Option("--consumer/--not-consumer", help="About buying, goods, services or rights, or not."),
    ] = None,
    act: Annotated[
        Act | None, typer.Option(help="What it does; a promotion, rule or response is no complaint.")
    ] = None,
    add_host: Annotated[list[str] | None, typer.Option(help="A host it names. Repeatable.")] = None,
    remove_host: Annotated[list[str] | None, typer.Option(help="A host it does not name.")] = None,
    add_target: Annotated[
        list[str] | None, typer.Option(help="A host the negative is directed at. Repeatable.")
    ] = None,
    remove_target: Annotated[
        list[str] | None, typer.Option(help="A host it names, whom the negative is not directed at.")
    ] = None,
    add_class: Annotated[list[str] | None, typer.Option(help="A complaint class, C01–C14.")] = None,
    not_class: Annotated[list[str] | None, typer.Option(help="A complaint class it is not of.")] = None,
    accuse: Annotated[
        list[str] | None, typer.Option(help="A party of any name that the text charges. Repeatable.")
    ] = None,
    not_accused: Annotated[
        list[str] | None, typer.Option(help="A party that the text does not charge.")
    ] = None,
    add_signal: Annotated[
        list[str] | None, typer.Option(help="What a clause tells: charge, answer.apologise, official.fine …")
    ] = None,
    not_signal: Annotated[list[str] | None, typer.Option(help="What no clause tells.")] = None,
    add_facet: Annotated[list[str] | None, typer.Option(help="A facet of its matter, e.g. 私域.")] = None,
    not_facet: Annotated[list[str] | None, typer.Option(help="A facet that it has not.")] = None,
    by: Annotated[str, typer.Option(help="Who corrects; the login name when not given.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the document's latest correction back.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show corrections, of ID or all.")] = False,
    agreeing: Annotated[
        bool, typer.Option("--agreement", help="Judge corrected documents anew and compare.")
    ] = False,
    most: Annotated[int, typer.Option(min=1, help="queue: documents to ask for.")] = 20,
    since: Since = None,
    until: Until = None,
    checked: Annotated[
        bool, typer.Option("--check", help="queue: the monthly self-check, 200 of the last thirty days.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Corrects how a document was judged; outlives reindexing and better models.

    ``correct queue`` asks for the documents whose labels narrow the count of negatives most.
    """
    home = open_home(context)
    if document_id == QUEUE:
        if checked:
            check(home, now(), as_json=as_json)
        else:
            queue(home, since, until, most, now(), as_json=as_json)
        return
    if agreeing:
        agreement(home, as_json=as_json)
        return
    if listed:
        _list(services.listed(home, document_id), as_json)
        return
    if not document_id:
        raise UsageError(
            "Missing document ID.", remedy="fengping search --json shows ids; --list shows corrections."
        )
    changes = Changes(
        polarity, relevant, consumer, act,
        tuple(add_host or ()), tuple(remove_host or ()),
        tuple(add_target or ()), tuple(remove_target or ()),
        tuple(add_class or ()), tuple(not_class or ()),
        tuple(accuse or ()), tuple(not_accused or ()),
        tuple(add_signal or ()), tuple(not_signal or ()),
        tuple(add_facet or ()), tuple(not_facet or ()),
    )  # fmt: skip
    _show(_settle(home, document_id, changes, undo, by or getpass.getuser(), note), as_json)


def _settle(home: Home, document: str, changes: Changes, undo: bool, by: str, note: str) -> services.Settled:
    if undo and changes:
        raise UsageError("--undo cannot be combined with changes.", remedy="Leave out --undo or the changes.")
    if undo:
        return services.undo(home, document, by=by, now=now())
    return services.correct(home, document, changes, by=by, note=note, now=now())


def _show(settled: services.Settled, as_json: bool) -> None:
    if settled.waiting:
        remark("The correction is kept; the indexer at work puts it into the store when it ends.")
    if settled.document is None:
        return
    record = settled.document.to_record()
    if as_json:
        write_json({name: record[name] for name in _SHOWN})
    else:
        write_table(("field", "now"), [(name, _plain(record[name])) for name in _SHOWN])


def _list(found: list[Correction], as_json: bool) -> None:
    if as_json:
        write_json(
            [asdict(one) | {"made_at": iso(one.made_at), "undone_at": iso(one.undone_at)} for one in found]
        )
        return
    rows = [
        (f"{local(c.made_at):%Y-%m-%d %H:%M}", c.document_id, c.by, _what(c), c.note, c.undone_by)
        for c in found
    ]
    write_table(("made", "id", "by", "what", "note", "undone"), rows)


def _what(correction: Correction) -> str:
    parts = [correction.polarity.value] if correction.polarity else []
    if correction.relevant is not None:
        parts.append("relevant" if correction.relevant else "not relevant")
    if correction.consumer is not None:
        parts.append("consumer" if correction.consumer else "not consumer")
    parts += [correction.act.value] if correction.act else []
    for sign, name in (("+", "add"), ("−", "remove")):
        for kind, mark in _MARKS.items():
            parts += [f"{sign}{mark}{value}" for value in getattr(correction, f"{name}_{kind}")]
    return " ".join(parts)


def _plain(value: Any) -> str:
    return "，".join(value) if isinstance(value, list) else str(value)
