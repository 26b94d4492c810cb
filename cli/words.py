"""``words``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import AsJson, Host, Issue, Platform, Query, Since, Tone, Until, asked
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.services.pictures import Bars
from fengping.services.search import describe
from fengping.services.tables import Sheet
from fengping.services.trends.words import Words, rising


def words(
    context: typer.Context,
    query: Query = "",
    since: Since = None,
    until: Until = None,
    against: Annotated[
        str, typer.Option("--against", help="previous (as many weeks earlier) or year (52 weeks).")
    ] = "previous",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000)] = 20,
    at_least: Annotated[int, typer.Option("--at-least", min=1, help="Documents that contain it.")] = 3,
    names: Annotated[bool, typer.Option(help="Also names that no registry knows; reads texts.")] = True,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    png: Png = None,
) -> None:
    """Shows words that rise against the period before, and rising names that no registry knows."""
    question = asked(query, since, until, host, issue, polarity, platform)
    found = rising(open_home(context), question, against=against, limit=limit, at_least=at_least, names=names)
    views.understood(found.where)
    remark(f"Against: {describe(found.against)}", style="dim")
    picture = Bars(describe(found.where), [(one.word, one.now.count) for one in found.words])
    sheets = _sheets(found)
    save(sheets, picture, csv, xlsx, png)
    if as_json:
        write_json(found.to_record())
        return
    for sheet in sheets:
        if sheet.rows:
            write_table(sheet.columns, [[_shown(cell) for cell in row] for row in sheet.rows])
    if not found.n_before:
        remark("The period before holds no document, so nothing can be said to rise.")
    elif not found.words:
        remark("No word rises by more than chance.")


def _sheets(found: Words) -> list[Sheet]:
    notes = [f"Query: {describe(found.where)}; n = {found.n:,}.",
             f"Against: {describe(found.against)}; n = {found.n_before:,}."]  # fmt: skip
    rows = [
        (
            one.word,
            one.now.count,
            found.n,
            one.now.value,
            one.before.count,
            found.n_before,
            one.before.value,
            one.z,
        )
        for one in found.words
    ]
    columns = ("word", "now", "n now", "share now", "before", "n before", "share before", "z")
    names = [
        (one.name, one.now, one.before, str(one.first_seen or ""), "、".join(one.beside), one.sample)
        for one in found.names
    ]
    return [
        Sheet("words", columns, rows, notes),
        Sheet("names", ("name", "now", "before", "first seen", "beside", "sample"), names),
    ]


def _shown(cell: object) -> object:
    return "–" if cell is None else f"{cell:.3g}" if isinstance(cell, float) else cell
