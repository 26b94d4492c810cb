"""Tables of a host's profile as files: its events with its answers, classes, platforms, words and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from fastapi import APIRouter, Response

from fengping import events
from fengping.clock import iso
from fengping.errors import UsageError
from fengping.events import as_record
from fengping.services import events as event_services
from fengping.services.naming import audited
from fengping.services.profile import Profile
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.pages.hosts import LONGEST_COURSE, SHORTER, Period, days_left_out, profile_of
from fengping.web.showing import issue_names

router = APIRouter()
MOST = 10_000
"""Rows of a file."""
Table = Literal["events", "classes", "platforms", "words", "names"]
EVENT_COLUMNS = ("id", "title", "first_at", "last_at", "documents", "charges", "publishers", "status")
ANSWER_COLUMNS = ("answered_at", "answer", "answer_document")
NAME_COLUMNS = ("name", "documents", "looked", "counted", "refused")
TABLES: dict[str, tuple[Sequence[str], Callable[[Profile], Sequence[Sequence[Any]]]]] = {
    "classes": (
        ("class", "name", "documents", "share", "usual"),
        lambda p: [(c, issue_names().get(c, ""), n, n / (p.counted.accused or 1), u) for c, n, u in p.issues],
    ),
    "platforms": (("platform", "documents", "negative"), lambda p: p.platforms),
    "words": (("word", "documents"), lambda p: p.words),
}


@router.get("/hosts/{name}/{table}.json")
def as_list(desk: AtDesk, name: str, table: Table, period: Period) -> Response:
    """A table of the profile as JSON."""
    columns, rows, left_out = _rows(desk, name, table, period)
    return as_json([dict(zip(columns, row, strict=True)) for row in rows], left_out)


@router.get("/hosts/{name}/{table}.csv")
def as_table(desk: AtDesk, name: str, table: Table, period: Period) -> Response:
    """A table of the profile."""
    columns, rows, left_out = _rows(desk, name, table, period)
    return as_csv(columns, rows, table, left_out, "Ask for a shorter period.")


def _rows(
    desk: Desk, name: str, table: Table, period: Period
) -> tuple[Sequence[str], Sequence[Sequence[Any]], int]:
    """Columns, rows, and how many are left out."""
    with desk.store() as store:
        found = profile_of(desk, store, name, period, whole=table in ("platforms", "words"))
        if days_left_out(found, period):
            raise UsageError(f"A profile covers {LONGEST_COURSE} days at most.", remedy=SHORTER)
        if table == "names":
            tried = audited(desk.home, store, name, found.since, found.until)
            refusals = ["; ".join(f"{why} {n}" for why, n in one.refused.items()) for one in tried]
            names = [
                (one.name, one.documents, one.looked, one.counted, why)
                for one, why in zip(tried, refusals, strict=True)
            ]
            return NAME_COLUMNS, names, 0
    if table != "events":
        columns, rows = TABLES[table]
        every = rows(found)
        return columns, every[:MOST], max(0, len(every) - MOST)
    asked = events.Asked(party=name, since=found.since, until=found.until)
    listed = event_services.listed(desk.home, asked, limit=MOST)
    answers = event_services.answers(desk.home, listed, name)
    rows_of = []
    for record in map(as_record, listed):
        answer = answers.get(record["id"])
        told = (iso(answer.at), answer.sentence, answer.document) if answer else ("", "", "")
        rows_of.append([*(record[key] for key in EVENT_COLUMNS), *told])
    left_out = event_services.count(desk.home, asked) - len(listed)
    return (*EVENT_COLUMNS, *ANSWER_COLUMNS), rows_of, left_out
