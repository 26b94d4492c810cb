"""``alerts silence``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.alerts.rules.rule import parse_duration
from fengping.cli.alerts import Lines
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import iso, now
from fengping.errors import UsageError
from fengping.services import alert
from fengping.services.silencing import unseen


def silence(
    context: typer.Context,
    matcher: Annotated[
        list[str] | None, typer.Argument(help="key=NAME, rule=NAME, class=C03; all given must hold.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Author.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Reason.")] = "",
    lasting: Annotated[str, typer.Option("--for", help="Time it lasts: 30m, 24h, 7d.")] = "24h",
    until_doubled: Annotated[
        bool, typer.Option("--until-doubled", help="Ends also when the count has doubled.")
    ] = False,
    end: Annotated[int, typer.Option("--end", help="End the silence of this number.")] = 0,
    as_json: Lines = False,
) -> None:
    """Silences alarms that match, or lists silences when none is named. Recovery is told all the same."""
    home, moment = open_home(context), now()
    if end:
        alert.end_silence(home, end, moment)
        stdout.print(f"Silence {end} ended.", highlight=False)
        return
    if matcher:
        try:
            span = parse_duration(lasting)
        except ValueError as error:
            raise UsageError(f"--for: {error}.") from None
        number = alert.silence(
            home, matcher, moment, by=by, reason=reason, lasting=span, until_doubled=until_doubled
        )
        stdout.print(f"Silence {number} holds until {iso(moment + span)}.", highlight=False)
        for sentence in unseen(home, matcher):
            remark(sentence, style="yellow")
        return
    rows = [
        one.to_record() | {
            "begins_at": iso(one.begins_at), "ends_at": iso(one.ends_at), "ended_at": iso(one.ended_at),
            "holds": one.holds(moment),
        }
        for one in alert.silenced(home)
    ]  # fmt: skip
    if as_json:
        for row in rows:
            write_json(row)
        return
    columns = ("id", "matcher", "author", "reason", "ends_at", "until_doubled", "holds")
    for row in rows:
        row["matcher"] = " ".join(f"{name}={one}" for name, ones in row["matcher"].items() for one in ones)
    write_table(columns, [[row[name] for name in columns] for row in rows])
