"""``correct queue`` and ``correct --agreement``: what to label next, and how well the judge does on what was
labelled."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from fengping.cli.terminal import remark, write_json, write_table
from fengping.clock import local, parse_window
from fengping.home import Home
from fengping.indexer import Filter
from fengping.services import accuracy, counting

_YEAR = timedelta(days=365)
_SHOWN = 60
"""Characters of a text in the table."""


def queue(
    home: Home, since: str | None, until: str | None, most: int, now: datetime, *, as_json: bool
) -> None:
    """Documents whose labels narrow the count of negatives most, and the count as it stands."""
    first, end = parse_window(since, until)
    where = Filter(since=first, until=end)
    negatives = counting.count_negatives(home, where)
    _show(counting.questions(home, where, most, now), as_json)
    remark(f"Negatives: {negatives}")
    if negatives.estimated is None:
        remark("No estimate: a kind of source in this window has too few labelled documents.")
    if negatives.unjudged:
        remark(f"{negatives.unjudged:,} documents in other languages are not judged.")


def check(home: Home, now: datetime, *, as_json: bool) -> None:
    """The documents of this month's self-check, and what the checks of a year say of the judge."""
    asked = counting.questions(home, counting.check_window(now), counting.CHECKED, now, check=True)
    _show(asked, as_json)
    found = counting.self_check(home, now - _YEAR)
    for name, share, reach in (
        ("precision", found.precision, found.precision_reach),
        ("recall", found.recall, found.recall_reach),
    ):
        if share is not None:
            remark(f"Since {local(found.since):%Y-%m}: {name} of negatives {share:.2f} ± {reach:.2f}")
    remark(f"{found.answered:,} answered, {found.waiting:,} waiting.")


def agreement(home: Home, *, as_json: bool) -> None:
    """The share of corrected values, by field, that the home's judge gives by itself."""
    figures = accuracy.measure_home(home)
    if as_json:
        write_json([asdict(figure) for figure in figures])
    else:
        write_table(("figure", "agreement", "n"), [(f.name, f.shown, f.n) for f in figures])
    if home.heads.exists():
        remark("This home's heads were fitted to corrections: agreement with those is memory.")


def _show(asked: list[counting.Question], as_json: bool) -> None:
    if as_json:
        write_json([one.document.to_record() for one in asked])
        return
    rows = [
        (one.document.id, f"{one.probability:.2f}", one.document.raw.content.replace("\n", " ")[:_SHOWN])
        for one in asked
    ]
    write_table(("id", "negative", "text"), rows, title="Label with: fengping correct ID --polarity …")
