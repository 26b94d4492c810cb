"""Tools about what a home knows beside counts: dates, hosts, events, report figures, alarms, sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field

from fengping import events as room
from fengping.alerts.match import ALL
from fengping.analysis.hosts import load_names
from fengping.clock import day_of, iso, parse_window
from fengping.indexer.search.query.values import class_names
from fengping.services import alert, events, report, source
from fengping.services.dates import resolve
from fengping.services.hosts import load_registry
from fengping.services.report import Wanted
from fengping.services.trends.campaigns import campaign_of
from fengping.services.trends.phases import timeline
from fengping.web.mcp.answers import FREE, ROWS, answer, begin, fenced
from fengping.web.mcp.base import Day, Desk, Next, told

_KINDS = "daily, weekly, monthly, double11, 618, holiday or custom"
"""Kinds of report that need no name of a host or an event."""
_LISTS = ("platforms.toml", "regulators.toml")
_PARTS = ("id", "first_at", "last_at", "documents", "charges", "publishers", "status")


@dataclass(frozen=True)
class Knowing:
    """The tools, over one desk."""

    desk: Desk

    @told
    def resolve_dates(
        self, text: Annotated[str, Field(description="上周, last 7 days, 2020-11, 2020年双11 …")]
    ) -> str:
        """Says which days a window in words means, by this server's clock in Chinese time."""
        today = day_of(self.desk.clock())
        found = resolve(text, today)
        row = {
            "since": found.first.isoformat(), "until": found.last.isoformat(), "days": found.days,
            "campaign": campaign_of(found.first, found.last),
        }  # fmt: skip
        return answer([row], untrusted=False, today=today.isoformat())

    @told
    def hosts(
        self, name: Annotated[str, Field(description="A name, alias or part of one; empty lists all.")] = "",
        next: Next = None,
    ) -> str:  # fmt: skip
        """Lists hosts of the registry with the names under which they are found."""
        offset, registry = begin(next), load_registry(self.desk.home)
        found = [
            host.model_dump(by_alias=True, mode="json", exclude_defaults=True)
            for host in registry.hosts
            if not name or any(name in known for known in (host.name, *host.sure()))
        ]
        rows = found[offset : offset + ROWS]
        return answer(
            rows, offset=offset, more=len(found) > offset + len(rows), untrusted=False, n=len(found),
            link=self.desk.link("hosts"),
        )  # fmt: skip

    @told
    def events(
        self, query: Annotated[str, Field(description="Stands in the title or a party's name.")] = "",
        since: Day = None, until: Day = None,
        id: Annotated[str, Field(description="One event, with its course and phases.")] = "",
        next: Next = None,
    ) -> str:  # fmt: skip
        """Lists happenings, those told by most publishers first, each with its status and evidence.

        未证实 means that nobody has proved it: say so wherever you name it.
        """
        desk, offset = self.desk, begin(next)
        if id:
            found = timeline(desk.home, id)
            event = room.as_record(events.find(desk.home, id))
            days, known = found.to_record(), self._names()
            return answer(
                days["days"][offset:], offset=offset, event=_event(event, known, desk), phases=days["phases"],
                undated=found.undated, link=desk.link(f"events/{found.id}"),
            )  # fmt: skip
        begins, ends = parse_window(since or None, until or None)
        asked = room.Asked(text=query, since=begins, until=ends)
        listed = events.listed(desk.home, asked, limit=ROWS + 1, offset=offset)
        known = self._names() if listed else set()
        return answer(
            [_event(room.as_record(one), known, desk) for one in listed[:ROWS]], offset=offset,
            more=len(listed) > ROWS, coverage=desk.coverage(begins, ends), link=desk.link("events"),
        )  # fmt: skip

    @told
    def report_figures(
        self, kind: Annotated[str, Field(description=_KINDS)] = "weekly",
        first: Day = None, last: Day = None, next: Next = None,
    ) -> str:  # fmt: skip
        """Gives the figures of a report as it would be printed now: id, value, n, and the query of each."""
        desk, offset = self.desk, begin(next)
        made = report.build(desk.home, Wanted(kind, first or None, last or None), desk.clock())
        facts = orjson.loads(_report_json(made))["facts"]
        strange = _strange(facts)
        rows = [
            {key: _told(fact[key], strange) for key in ("id", "label", "value", "unit", "n", "query")}
            | {"documents": len(fact["documents"])}
            for fact in facts[offset : offset + ROWS]
        ]
        return answer(
            rows, offset=offset, more=len(facts) > offset + len(rows), title=made.title, n=len(facts),
            coverage=desk.coverage(made.window.since, made.window.until), link=desk.link("reports"),
        )  # fmt: skip

    @told
    def alerts(self, next: Next = None) -> str:
        """Lists the latest alarms, newest first: rule, key, count, documents, who takes care."""
        offset = begin(next)
        found = alert.listed(self.desk.home, ROWS + 1, offset)
        known = self._names() if found else ()
        rows = []
        for row in found[:ROWS]:
            strange = {name: row[name] for name in ("name", "key") if row[name] not in known}
            strange = {name: fenced(value, 120) for name, value in strange.items()}
            rows.append(row | strange | {"message": fenced(row["message"], 300)})
        return answer(rows, offset=offset, more=len(found) > ROWS, link=self.desk.link("alerts"))

    @told
    def source_health(self, next: Next = None) -> str:
        """Says for each enabled source whether it works: state, reason, last day with its new documents."""
        offset, desk = begin(next), self.desk
        found = source.standings(desk.home, desk.clock(), ())
        rows = [self._source(one) for one in found[offset:]]
        return answer(rows, offset=offset, untrusted=False, n=len(found), link=desk.link("sources"))

    def _names(self) -> set[str]:
        """Keys of alarms that are in a list of this home; any other may be a stranger's words."""
        home, registry = self.desk.home, load_registry(self.desk.home)
        lists = registry.hosts, registry.brands, *(load_names(file).name for file in _LISTS)
        sources = (one.source.name for one in source.listing(home).sources)
        return {ALL, *class_names(), *sources, *(one.name for names in lists for one in names)}

    def _source(self, one: Any) -> dict[str, Any]:
        row = {
            "source": one.source, "state": one.verdict.state.value, "reason": one.verdict.reason,
            "since": iso(one.since),
        }  # fmt: skip
        if known := source.last_day(one):
            last, usual = known
            row |= {"last_day": last.day.isoformat(), "documents": last.documents, "usual": str(usual)}
        return row


def _event(record: dict[str, Any], known: set[str], desk: Desk) -> dict[str, Any]:
    """*known*: names that are in a list of the home; any other was read from texts."""
    row = {name: record[name] for name in _PARTS}
    for name in ("parties", "accused"):
        row[name] = [one if one in known else fenced(one, 80) for one in record[name]]
    return row | {
        "title": fenced(record["title"], 120),
        "steps": [
            {name: step[name] for name in ("status", "at", "document") if name in step}
            for step in record["steps"]
        ],
        "link": desk.link(f"events/{record['id']}"),
    }


def _strange(facts: Sequence[dict[str, Any]]) -> set[str]:
    """Values of free fields by which figures are counted: a region as an import has it."""
    asked = [fact["query"].get("where", {}) for fact in facts if isinstance(fact["query"], dict)]
    return {value for where in asked for field in FREE & where.keys() for value in where[field] if value}


def _told(value: Any, strange: set[str]) -> Any:
    """*value*, fenced as text where it holds something *strange*."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return fenced(text) if any(one in text for one in strange) else value


def _report_json(made: Any) -> bytes:
    from fengping.reports.render.json import render_json

    return render_json(made)
