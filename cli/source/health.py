"""``source health``."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from fengping.cli.options import AsJson, At
from fengping.cli.runs import NO_SOURCE
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import USUAL_DAYS, iso, now, parse_moment
from fengping.services import source
from fengping.services.source import Notified
from fengping.spiders.health import Day, Health, Standing

NUMBERS = (
    "runs", "failed", "requests", "pages", "items", "documents", "empty", "undated", "blocked",
    "robots_denied",
)  # fmt: skip
LOST = ("failed", "empty", "undated", "blocked", "robots_denied")


def health(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Which sources; all enabled ones if none.")
    ] = None,
    days: Annotated[bool, typer.Option("--days", help="A row for each day instead of the last.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Remember the states and tell each change (crawl.notify).")
    ] = False,
    at: At = None,
    as_json: AsJson = False,
    counts: Annotated[
        bool, typer.Option("--counts", help="One JSON object: sources by state, and changes told.")
    ] = False,
) -> None:
    """Show the health of the sources: ok, degraded, failing or silent, with the counts it rests on."""
    home = open_home(context)
    moment = parse_moment(at) if at else now()
    told = source.notify(home, moment, now()) if notify else Notified(())
    if told.refused:
        remark(told.refused, style="yellow")
    found = source.standings(home, moment, names or ())
    if as_json:
        record: dict[str, Any] = {"sources": [_record(standing) for standing in found]}
        write_json(record | ({"notices": [one.to_record() for one in told.notices]} if notify else {}))
        return
    if counts:
        states = Counter(standing.verdict.state.value for standing in found)
        write_json({one.value: states[one.value] for one in Health} | {"notices": len(told.notices)})
        for notice in told.notices:
            remark(notice.sentence)
        return
    for notice in told.notices:
        stdout.print(notice.sentence, style="green" if notice.recovery else "yellow", highlight=False)
    if days:
        write_table(("source", "day", *NUMBERS), [_row(s.source, day) for s in found for day in s.days])
    elif not notify:
        _show(found)


def _row(name: str, day: Day) -> tuple[Any, ...]:
    return (name, day.day, *(getattr(day, number) for number in NUMBERS))


def _record(standing: Standing) -> dict[str, Any]:
    return {
        "source": standing.source,
        "state": standing.verdict.state.value,
        "reason": standing.verdict.reason,
        "since": iso(standing.since),
        "usual": {
            number: {"mean": round(normal.mean, 2), "sigma": round(normal.sigma, 2), "days": normal.days}
            for number, normal in source.usual_of(standing, NUMBERS).items()
        },
        "days": [
            {"day": day.day.isoformat(), **{number: getattr(day, number) for number in NUMBERS}}
            for day in standing.days[-USUAL_DAYS - 1 :]
        ],
    }


def _show(found: list[Standing]) -> None:
    if not found:
        remark(NO_SOURCE)
        return
    rows, remarks = [], []
    for standing in found:
        cells: tuple[Any, ...] = ("", 0, "", 0, "")
        said = [standing.verdict.reason] if standing.verdict.reason else []
        if known := source.last_day(standing):
            last, normal = known
            read = f"{last.requests}/{last.pages}/{last.items}"
            cells = (last.day, last.runs, read, last.documents, str(normal))
            said += [f"{n} {name}" for name in LOST if (n := getattr(last, name))]
        rows.append((standing.source, standing.verdict.state.value, *cells))
        if said:
            remarks.append(f"{standing.source} {standing.verdict.state.value}: {' · '.join(said)}")
    write_table(("source", "state", "last day", "runs", "requests/pages/items", "new", "usual"), rows)
    for sentence in remarks:
        stdout.print(sentence, style="yellow", highlight=False, soft_wrap=True)
