"""``source health`` and ``source add``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.common import open_home, stderr, stdout, write_json, write_table
from fengping.cli.source import source

if TYPE_CHECKING:
    from datetime import datetime

    from fengping.home import Home
    from fengping.spiders.health import Day, Notice, Standing
    from fengping.spiders.source_dev.guessing import Guess

AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]
NUMBERS = (
    "runs", "failed", "requests", "pages", "items", "documents", "empty", "undated", "blocked",
    "robots_denied",
)  # fmt: skip
SHOWN = 10
"""Entries of a guessed source that are shown before it is written."""
LOST = ("failed", "empty", "undated", "blocked", "robots_denied")


@source.command()
def health(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Which sources; all enabled ones if none.")
    ] = None,
    days: Annotated[bool, typer.Option("--days", help="A row for each day instead of the last.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Remember the states and tell each change (crawl.notify).")
    ] = False,
    at: Annotated[str | None, typer.Option("--at", help="The moment to judge at; now without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the health of the sources: ok, degraded, failing or silent, with the counts it rests on."""
    from fengping.clock import now, parse_moment
    from fengping.spiders.health import standings

    home = open_home(context)
    moment = parse_moment(at) if at else now()
    told = _notify(home, moment) if notify else []
    found = standings(home, moment, names or ())
    if as_json:
        record: dict[str, Any] = {"sources": [_record(standing) for standing in found]}
        write_json(record | ({"notices": [notice.to_record() for notice in told]} if notify else {}))
        return
    for notice in told:
        stdout.print(notice.sentence, style="green" if notice.recovery else "yellow", highlight=False)
    if days:
        write_table(("source", "day", *NUMBERS), [_row(s.source, day) for s in found for day in s.days])
    elif not notify:
        _show(found)


def _notify(home: Home, moment: datetime) -> list[Notice]:
    """New notices; those that wait are handed to the channels, what one refuses waits on."""
    from fengping.alerts.channels import NotDelivered, send
    from fengping.spiders.health import check, told, untold

    made = check(home, moment)
    for number, notice in untold(home).items():
        record = notice.to_record()
        message = {
            "rule": "source health", "key": notice.source, "fired_at": record["at"], "count": 1,
            "evidence": [], "text": notice.sentence,
        }  # fmt: skip
        try:
            for channel in home.config.crawl.notify:
                send(channel, message, home.var / "alerts")
        except NotDelivered as error:
            stderr.print(f"{error} The notice waits for the next time.", style="yellow", highlight=False)
            break
        told(home, number, moment)
    return made


def _row(name: str, day: Day) -> tuple[Any, ...]:
    return (name, day.day, *(getattr(day, number) for number in NUMBERS))


def _record(standing: Standing) -> dict[str, Any]:
    from fengping.clock import iso
    from fengping.spiders.health import BASELINE_DAYS

    return {
        "source": standing.source,
        "state": standing.verdict.state.value,
        "reason": standing.verdict.reason,
        "since": iso(standing.since),
        "usual": _usual(standing),
        "days": [
            {"day": day.day.isoformat(), **{number: getattr(day, number) for number in NUMBERS}}
            for day in standing.days[-BASELINE_DAYS - 1 :]
        ],
    }


def _usual(standing: Standing) -> dict[str, Any]:
    """Mean and σ of each number over the 28 days before the last day with a run."""
    from operator import attrgetter

    from fengping.spiders.health import usual

    active = [day for day in standing.days if day.runs]
    made = {}
    for number in NUMBERS if active else ():
        normal = usual(active, active[-1].day, attrgetter(number))
        made[number] = {"mean": round(normal.mean, 2), "sigma": round(normal.sigma, 2), "days": normal.days}
    return made


def _show(found: list[Standing]) -> None:
    from operator import attrgetter

    from fengping.spiders.health import usual

    if not found:
        stderr.print("No source is enabled. Put one into sources/, or name shipped ones in crawl.sources.")
        return
    rows, remarks = [], []
    for standing in found:
        active = [day for day in standing.days if day.runs]
        cells: tuple[Any, ...] = ("", 0, "", 0, "")
        said = [standing.verdict.reason] if standing.verdict.reason else []
        if active:
            last = active[-1]
            normal = usual(active, last.day, attrgetter("documents"))
            read = f"{last.requests}/{last.pages}/{last.items}"
            cells = (last.day, last.runs, read, last.documents, str(normal))
            said += [f"{n} {name}" for name in LOST if (n := getattr(last, name))]
        rows.append((standing.source, standing.verdict.state.value, *cells))
        if said:
            remarks.append(f"{standing.source} {standing.verdict.state.value}: {' · '.join(said)}")
    write_table(("source", "state", "last day", "runs", "requests/pages/items", "new", "usual"), rows)
    for remark in remarks:
        stdout.print(remark, style="yellow", highlight=False, soft_wrap=True)


@source.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a list page or a JSON response.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the source; its host without it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Guesses kind and selectors of a new source, shows what it would take, writes sources/NAME.toml."""
    import re

    from fengping.clock import now
    from fengping.errors import UsageError
    from fengping.spiders.source_dev.fetching import fetch
    from fengping.spiders.source_dev.guessing import guess
    from fengping.spiders.source_dev.guessing.writing import to_toml
    from fengping.spiders.sources.model import NAME

    home = open_home(context)
    chosen = name or _name_of(url)
    if re.match(NAME, chosen) is None:
        raise UsageError(
            f"{chosen!r} is not a valid source name.",
            remedy="Choose one of small letters, digits, - and _ with --name.",
        )
    path = home.sources / f"{chosen}.toml"
    if path.exists():
        raise UsageError(f"{path} is there already.", remedy="Choose another name with --name.")
    made = guess(fetch(home, url), now(), chosen, lambda feed: fetch(home, feed))
    text = to_toml(made.data)
    if not as_json:
        _show_guess(made, text)
        yes = yes or typer.confirm(f"Write {path}?", err=True)
    if yes:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if as_json:
        write_json(_guess_record(made, chosen, text) | {"written": str(path) if yes else None})
    elif yes:
        stderr.print(f"Written. Add title and licence, then: fengping crawl {chosen}", highlight=False)
    else:
        raise typer.Exit(1)


def _name_of(url: str) -> str:
    """A name from the host: ``news.example.com`` becomes ``news-example``."""
    import re
    from urllib.parse import urlsplit

    try:
        host = (urlsplit(url).hostname or "source").removeprefix("www.").removeprefix("m.")
    except ValueError:
        # That it is no address is told where it is fetched.
        host = "source"
    labels = host.split(".")
    kept = labels if host.replace(".", "").isdigit() else labels[: max(1, len(labels) - 1)]
    return re.sub(r"[^a-z0-9-]", "-", "-".join(kept))[:64]


def _show_guess(made: Guess, text: str) -> None:
    from fengping.clock import iso

    stdout.print(text, highlight=False, markup=False, soft_wrap=True)
    rows = [
        (entry.title or entry.text[:40], iso(entry.published_at) or "no time in the list", entry.url)
        for entry in made.entries[:SHOWN]
    ]
    more = f", of {len(made.entries)}" if len(made.entries) > SHOWN else ""
    write_table(("title", "time", "link"), rows, title=f"{made.how}: {len(rows)} entries{more}")
    for doubt in made.doubts:
        stdout.print(f"Not sure: {doubt}", style="yellow", highlight=False, soft_wrap=True)


def _guess_record(made: Guess, name: str, text: str) -> dict[str, Any]:
    from fengping.clock import iso

    return {
        "name": name,
        "how": made.how,
        "kind": made.data["kind"],
        "toml": text,
        "doubts": list(made.doubts),
        "entries": [
            {"title": e.title, "url": e.url, "published_at": iso(e.published_at), "text": e.text}
            for e in made.entries
        ],
    }
