"""``compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.courses import pairs_picture, pairs_sheet, pairs_table, percent
from fengping.cli.options import Against, AsJson, Since, Until, asked
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.clock import now
from fengping.errors import UsageError
from fengping.services import search as services
from fengping.services.trends.beside import Beside, beside
from fengping.services.trends.periods import Against as Period


def compare(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The one search.")],
    other: Annotated[
        str | None, typer.Argument(help="The other; the same in another window if left out.")
    ] = None,
    since: Since = None,
    until: Until = None,
    with_since: Annotated[str | None, typer.Option("--with-since", help="--since of the other.")] = None,
    with_until: Annotated[str | None, typer.Option("--with-until", help="--until of the other.")] = None,
    against: Against = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Also hour, day or week beside each other, by weekday.")
    ] = None,
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    png: Png = None,
) -> None:
    """Two searches, or two windows of one search, side by side."""
    home = open_home(context)
    one = asked(query, since, until)
    second = None
    if against is None:
        if other is None and with_since is None and with_until is None:
            raise UsageError(
                "Missing second query.", remedy="Give a second query, --with-since or --against previous."
            )
        second = asked(query if other is None else other, with_since or since, with_until or until)
    elif other is not None or with_since or with_until:
        raise UsageError(
            "--against compares one query with itself.", remedy="Leave the second query and window out."
        )
    period = against or Period.PREVIOUS
    found = services.compare(home, one, second, against=period)
    pairs = None
    if by or csv or xlsx or png:
        pairs = beside(home, one, second, now(), by=by or "day", against=period)
        save([pairs_sheet(pairs)], pairs_picture(pairs), csv, xlsx, png)
    for number, aside in zip(found.undated, found.asides, strict=True):
        views.tell_undated(number)
        views.tell_aside(aside)
    titles = [services.describe(where) for where in found.wheres]
    if as_json:
        sides = found.to_rows()
        write_json({"sides": sides, **pairs.to_record()} if pairs and by else sides)
        return
    stdout.print(views.comparison(titles, found.sides, found.both, found.changes))
    if pairs and by:
        _show_pairs(pairs)


def _show_pairs(pairs: Beside) -> None:
    stdout.print(pairs_table(pairs))
    one, other = pairs.voice
    stdout.print(f"Share of voice {one} : {other}; change {percent(pairs.change, signed=True)}.")
    if not pairs.comparable:
        remark("No change is told where a window has gaps in collection or is not over.")
    if pairs.shifted_days:
        remark(f"The other course was moved by {pairs.shifted_days} days, to stand on the same weekdays.")
