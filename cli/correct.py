"""``correct``: an analyst's word against the machine's, kept with name and reason."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table
from fengping.models import Polarity

if TYPE_CHECKING:
    from fengping.home import Home
    from fengping.indexer.corrections import Correction
    from fengping.state import State


@app.command()
def correct(
    context: typer.Context,
    document_id: Annotated[str, typer.Argument(metavar="[ID]", help="The document's id.")] = "",
    polarity: Annotated[Polarity | None, typer.Option(help="What the document is.")] = None,
    relevant: Annotated[
        bool | None, typer.Option("--relevant/--not-relevant", help="About livestream selling or not.")
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
    by: Annotated[str, typer.Option(help="Who corrects; the login name when not given.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the document's latest correction back.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show corrections, of ID or all.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Corrects how a document was judged; outlives reindexing and better models."""
    from fengping.errors import UsageError
    from fengping.state import State

    home = open_home(context)
    state = State.open(home)
    if listed:
        _list(state, document_id, as_json)
        return
    if not document_id:
        raise UsageError(
            "Missing document ID.", remedy="fengping search --json shows ids; --list shows corrections."
        )
    changes = {
        "polarity": polarity,
        "relevant": relevant,
        "add_hosts": _hosts(home, add_host),
        "remove_hosts": _hosts(home, remove_host),
        "add_targets": _hosts(home, add_target),
        "remove_targets": _hosts(home, remove_target),
        "add_issues": _issues(add_class),
        "remove_issues": _issues(not_class),
    }
    by = by or getpass.getuser()
    given = any(change not in (None, ()) for change in changes.values())
    if undo and given:
        raise UsageError("--undo cannot be combined with changes.", remedy="Leave out --undo or the changes.")
    if undo:
        _undo(state, document_id, by)
    elif given:
        _keep(home, state, document_id, by, note, changes)
    else:
        raise UsageError("Missing changes.", remedy="Name at least one, for instance --polarity neu.")
    _settle(home, state, document_id, as_json)


def _keep(home: Home, state: State, document_id: str, by: str, note: str, changes: dict[str, Any]) -> None:
    from fengping.clock import now
    from fengping.errors import UsageError
    from fengping.indexer import corrections
    from fengping.indexer.search.backends.opening import open_store

    for kind in ("hosts", "targets", "issues"):
        if both := set(changes[f"add_{kind}"]) & set(changes[f"remove_{kind}"]):
            raise UsageError(f"{min(both)} is both added and taken away.", remedy="Leave one of them out.")
    if not open_store(home).get([document_id]):
        raise UsageError(
            f"The store has no document {document_id!r}.", remedy="fengping search --json shows ids."
        )
    made = corrections.Correction(document_id, by, now(), note, **changes)
    with state.begin() as connection:
        corrections.keep(connection, made)


def _undo(state: State, document_id: str, by: str) -> None:
    from fengping.clock import now
    from fengping.errors import UsageError
    from fengping.indexer import corrections

    with state.begin() as connection:
        undone = corrections.undo(connection, document_id, by=by, at=now())
    if undone is None:
        raise UsageError(
            f"No correction of {document_id!r} is in force.", remedy="fengping correct --list shows all."
        )


def _settle(home: Home, state: State, document_id: str, as_json: bool) -> None:
    """Brings the store up to date, or leaves it to the indexer that is at work, and shows the document."""
    from fengping.errors import HomeBusy
    from fengping.indexer import corrections
    from fengping.indexer.pipeline import run as pipeline
    from fengping.indexer.pipeline.locks import index_lock
    from fengping.indexer.search.backends.opening import open_store

    store = open_store(home)
    try:
        with index_lock(home):
            corrections.settle(state, store, lambda: pipeline.load_judge(home))
    except HomeBusy:
        stderr.print("The correction is kept; the indexer at work puts it into the store when it ends.")
        return
    for document in store.get([document_id]):
        record = document.to_record()
        names = (
            "id",
            "polarity",
            "negative",
            "relevant",
            "hosts",
            "negative_hosts",
            "issues",
            "corrected_by",
        )
        if as_json:
            write_json({name: record[name] for name in names})
        else:
            write_table(("field", "now"), [(name, _shown(record[name])) for name in names])


def _list(state: State, document_id: str, as_json: bool) -> None:
    from fengping.indexer import corrections

    with state.begin() as connection:
        found = [c for c in corrections.everything(connection) if document_id in ("", c.document_id)]
    if as_json:
        write_json([_record(correction) for correction in found])
        return
    write_table(
        ("made", "id", "by", "what", "note", "undone"),
        [(_when(c), c.document_id, c.by, _what(c), c.note, c.undone_by) for c in found],
    )


def _record(correction: Correction) -> dict[str, Any]:
    from fengping.clock import iso

    times = {"made_at": iso(correction.made_at), "undone_at": iso(correction.undone_at)}
    return asdict(correction) | times


def _when(correction: Correction) -> str:
    from fengping.clock import local

    return f"{local(correction.made_at):%Y-%m-%d %H:%M}"


def _what(correction: Correction) -> str:
    parts = [correction.polarity.value] if correction.polarity else []
    if correction.relevant is not None:
        parts.append("relevant" if correction.relevant else "not relevant")
    for sign, name in (("+", "add"), ("−", "remove")):
        for kind, mark in (("hosts", ""), ("targets", "→"), ("issues", "")):
            parts += [f"{sign}{mark}{value}" for value in getattr(correction, f"{name}_{kind}")]
    return " ".join(parts)


def _hosts(home: Home, names: list[str] | None) -> tuple[str, ...]:
    """Canonical names; raises :class:`ConfigError` for one that the registry does not know."""
    if not names:
        return ()
    from fengping.analysis.hosts.registry import HostRegistry
    from fengping.indexer.pipeline.run import registries

    registry = HostRegistry.load((*registries(home), *home.config.analysis.hosts))
    return tuple(registry.find(name).name for name in names)


def _issues(codes: list[str] | None) -> tuple[str, ...]:
    if not codes:
        return ()
    from fengping.analysis.complaints.classes import IssueRules
    from fengping.errors import UsageError, did_you_mean

    known = IssueRules.load().names
    for code in codes:
        if code.upper() not in known:
            raise UsageError(f"Unknown complaint class {code!r}.", remedy=did_you_mean(code.upper(), known))
    return tuple(code.upper() for code in codes)


def _shown(value: Any) -> str:
    return "，".join(value) if isinstance(value, list) else str(value)
