"""交叉表: accused hosts, or brands, by complaint class, in a window; each cell leads to its documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from fengping.errors import StoreError, UsageError
from fengping.indexer import Store
from fengping.models import Polarity
from fengping.services.search import Asked, build_filter
from fengping.services.trends.crosstab import narrowed as narrowed_filter
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import Question
from fengping.web.desk import AtDesk, Desk
from fengping.web.narrowing import chips, conditions, narrowed
from fengping.web.rendering import address, render
from fengping.web.showing import issue_names

router = APIRouter()
ROWS = 25
ACCUSED = {
    "hosts": ("negative_hosts", "accused", "被指主播"),
    "brands": ("negative_brands", "accused_brand", "被指品牌"),
}
"""Rows by choice: the field, the parameter that selects a value of it, and the word."""
Of = Annotated[Literal["hosts", "brands"], Query(description="Whom rows are of.")]


def _table(desk: Desk, store: Store, asked: Asked, of: str) -> list[tuple[str, int, dict[str, int]]]:
    """The accused with their negatives and those of each class."""
    where = build_filter(desk.home, store, asked)
    negative = replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})
    rows, field = [], ACCUSED[of][0]
    for name, count in store.terms(negative, field, limit=ROWS):
        own = narrowed_filter(negative, field, name)
        rows.append((name, count, dict(store.terms(own, "issues", limit=20))))
    return rows


@router.get("/crosstab")
def crosstab(request: Request, desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The page."""
    values: dict[str, Any] = {"rows": [], "names": issue_names(), "refused": None, "codes": []}
    _, param, word = ACCUSED[of]
    kept = conditions(request)

    def cell(name: str, code: str = "") -> str:
        """The address of the documents of a figure."""
        own = narrowed(kept | {"polarity": ["neg"]}, **{param: name})
        return address("/search", narrowed(own, issue=code) if code else own)

    values |= {
        "cell": cell,
        "kept": kept,
        "chips": chips("/crosstab", kept | {"of": [of]}),
        "of": of,
        "param": param,
        "word": word,
        "choices": {key: one[2] for key, one in ACCUSED.items()},
    }
    try:
        with desk.store() as store:
            values["rows"] = _table(desk, store, asked, of)
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
def as_record(desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The same as JSON."""
    with desk.store() as store:
        rows = _table(desk, store, asked, of)
    return as_json(
        [{of.removesuffix("s"): name, "negative": count, "classes": found} for name, count, found in rows]
    )


@router.get("/crosstab.csv")
def as_table(desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The same as a table."""
    with desk.store() as store:
        rows = _table(desk, store, asked, of)
    codes = list(issue_names())
    return as_csv(
        (of.removesuffix("s"), "negative", *codes),
        [(name, n, *(found.get(c, 0) for c in codes)) for name, n, found in rows],
        "crosstab",
    )
