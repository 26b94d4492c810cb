"""交叉表: accused hosts by complaint class, in a window; each cell leads to its documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from fengping.errors import StoreError, UsageError
from fengping.indexer import Store
from fengping.models import Polarity
from fengping.services.search import Asked, build_filter
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import Question
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import address, render
from fengping.web.showing import issue_names

router = APIRouter()
ROWS = 25


def _table(desk: Desk, store: Store, asked: Asked) -> list[tuple[str, int, dict[str, int]]]:
    """Hosts with their negatives and those of each class."""
    where = build_filter(desk.home, store, asked)
    negative = replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})
    rows = []
    for name, count in store.terms(negative, "negative_hosts", limit=ROWS):
        own = replace(negative, where={**negative.where, "negative_hosts": (name,)})
        rows.append((name, count, dict(store.terms(own, "issues", limit=20))))
    return rows


@router.get("/crosstab")
def crosstab(request: Request, desk: AtDesk, asked: Question) -> Response:
    """The page."""
    values: dict[str, Any] = {"rows": [], "names": issue_names(), "refused": None, "codes": []}
    try:
        with desk.store() as store:
            values["rows"] = _table(desk, store, asked)
    except UsageError as error:
        values["refused"] = error
    except StoreError as error:
        values["fault"] = error
    values["codes"] = [code for code in issue_names() if any(code in found for _, _, found in values["rows"])]
    values["twins"] = [
        (kind.upper(), address(f"/crosstab.{kind}", request.query_params)) for kind in ("json", "csv")
    ]
    return render(request, "crosstab", values, here="/crosstab")


@router.get("/crosstab.json")
def as_record(desk: AtDesk, asked: Question) -> Response:
    """The same as JSON."""
    with desk.store() as store:
        rows = _table(desk, store, asked)
    return as_json([{"host": name, "negative": count, "classes": found} for name, count, found in rows])


@router.get("/crosstab.csv")
def as_table(desk: AtDesk, asked: Question) -> Response:
    """The same as a table."""
    with desk.store() as store:
        rows = _table(desk, store, asked)
    codes = list(issue_names())
    return as_csv(
        ("host", "negative", *codes),
        [(name, n, *(found.get(c, 0) for c in codes)) for name, n, found in rows],
        "crosstab",
    )
