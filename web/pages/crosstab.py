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
from fengping.web.asking import FIELDS, Question, chosen
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.narrowing import chips, narrowed, within
from fengping.web.rendering import PLACES, address, render, state_of
from fengping.web.showing import issue_names

router = APIRouter()
ROWS = 25
LONGEST = 1_000
"""Rows of the page, and of a file."""
_ALL = 100_000
ACCUSED = {
    "hosts": ("negative_hosts", "accused", "被指主播"),
    "brands": ("negative_brands", "accused_brand", "被指品牌"),
}
"""Rows by choice: the field, the parameter that selects a value of it, and the word."""
Of = Annotated[Literal["hosts", "brands"], Query(description="Whom rows are of.")]


def _table(
    desk: Desk, store: Store, asked: Asked, of: str, most: int
) -> tuple[list[tuple[str, int, dict[str, int]]], int]:
    """The *most* accused with their negatives and those of each class, and how many are left out."""
    where = build_filter(desk.home, store, asked)
    negative = replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})
    rows, field = [], ACCUSED[of][0]
    accused = store.terms(negative, field, limit=_ALL)
    for name, count in accused[:most]:
        own = narrowed_filter(negative, field, name)
        rows.append((name, count, dict(store.terms(own, "issues", limit=20))))
    return rows, len(accused) - len(rows)


@router.get("/crosstab")
def crosstab(request: Request, desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The page."""
    # An address of another page may bring its days along.
    for name in state_of(request):
        chosen(name, ("q", "since", "until", "of", "days", *FIELDS, *PLACES), "condition")
    values: dict[str, Any] = {"rows": [], "names": issue_names(), "refused": None, "codes": []}
    _, param, word = ACCUSED[of]
    values |= {
        "of": of,
        "word": word,
        "choices": {key: one[2] for key, one in ACCUSED.items()},
    }
    try:
        with desk.store() as store:
            values["rows"], values["left_out"] = _table(desk, store, asked, of, ROWS)
        values["frozen"] = frozen(request, desk, "q")
    except UsageError as error:
        values["refused"] = error
    except StoreError as error:
        values["fault"] = error
    values["codes"] = [code for code in issue_names() if any(code in found for _, _, found in values["rows"])]
    params = {name: given for name, given in state_of(request).items() if name != "polarity"}

    def cell(name: str, code: str = "") -> str:
        """The address of the documents of a figure."""
        own = within(narrowed(params) | {"polarity": ["neg"]}, **{param: name})
        return address("/search", within(own, issue=code) if code else own)

    values |= {"cell": cell, "chips": chips("/crosstab", params)}
    values["twins"] = [(kind.upper(), address(f"/crosstab.{kind}", params)) for kind in ("json", "csv")]
    return render(request, "crosstab", values, here="/crosstab")


@router.get("/crosstab.json")
def as_record(desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The same as JSON."""
    with desk.store() as store:
        rows, left_out = _table(desk, store, asked, of, LONGEST)
    key = of.removesuffix("s")
    return as_json([{key: name, "negative": n, "classes": found} for name, n, found in rows], left_out)


@router.get("/crosstab.csv")
def as_table(desk: AtDesk, asked: Question, of: Of = "hosts") -> Response:
    """The same as a table."""
    with desk.store() as store:
        rows, left_out = _table(desk, store, asked, of, LONGEST)
    codes = list(issue_names())
    return as_csv(
        (of.removesuffix("s"), "negative", *codes),
        [(name, n, *(found.get(c, 0) for c in codes)) for name, n, found in rows],
        "crosstab",
        left_out,
    )
