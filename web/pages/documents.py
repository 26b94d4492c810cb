"""One document: its whole text with what made each label, its versions, its group, what was corrected."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from fengping import events
from fengping.errors import FengpingError
from fengping.indexer import Filter, Store
from fengping.indexer.search import parse
from fengping.models import Document
from fengping.services import correct, evidence, tagging
from fengping.services.history import history
from fengping.services.lookup import lookup
from fengping.web.answers import as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import render
from fengping.web.showing import ACTS, issue_names, pieces, row

router = APIRouter()


def stored(store: Store, identity: str) -> Document:
    """The document of that id; 404 where there is none."""
    found = store.get([identity])
    if not found:
        raise HTTPException(404, f"There is no document {identity}.")
    return found[0]


@router.get("/documents/{identity}.json")
def as_record(desk: AtDesk, identity: str) -> Response:
    """The document as JSON."""
    with desk.store() as store:
        return as_json(stored(store, identity).to_record())


@router.get("/documents/{identity}")
def document(request: Request, desk: AtDesk, identity: str, q: str = "") -> Response:
    """The page."""
    with desk.store() as store:
        found = stored(store, identity)
        text = None
        if q:
            try:
                text = parse(q, lookup(desk.home, desk.now(), store))
            except FengpingError:
                text = None  # a query that was edited by hand marks nothing
        copies = store.count(Filter(where={"group": (found.group,)}))
        author = (
            store.search(Filter(where={"author_id": (found.raw.author_id,)}), limit=4).documents
            if found.raw.author_id
            else ()
        )
    values: dict[str, Any] = {
        "d": found,
        "pieces": pieces(found, text),
        "copies": copies,
        "names": issue_names(),
        "acts": ACTS,
        "author": [row(one) for one in author if one.id != identity],
        "corrections": correct.listed(desk.home, identity),
        "twins": (("JSON", f"/documents/{identity}.json"),),
        **_known(desk, identity),
    }
    return render(request, "document", values, here="/search")


def _known(desk: Desk, identity: str) -> dict[str, Any]:
    """Event, versions, notes and evidence, where they can be had."""
    known: dict[str, Any] = {"event": None, "versions": [], "held": False, "notes": []}
    try:
        known["held"] = evidence.is_held(desk.home, identity)
        known["notes"] = tagging.notes(desk.home, [identity])
        known["event"] = events.event_of(desk.home, identity)
        told = history(desk.home, identity)
        known["versions"] = [(one, told.changed(number)) for number, one in enumerate(told.versions)]
    except FengpingError as error:
        known["fault"] = error
    return known
