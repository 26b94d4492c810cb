"""Labelled events of a file, beside which rules are tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from fengping.alerts.backtest import Incident
from fengping.clock import parse_moment
from fengping.errors import FengpingError, UsageError


def read_events(path: Path) -> list[Incident]:
    """Labelled events: ``{"key", "at", "title"?, "until"?, "documents"?}`` a line.

    Raises :class:`UsageError` naming the first line that is none.
    """
    return list(_events(path))


def _events(path: Path) -> Iterator[Incident]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            until = row.get("until")
            yield Incident(
                str(row["key"]), parse_moment(str(row["at"])), str(row.get("title", "")),
                frozenset(map(str, row.get("documents", ()))), parse_moment(str(until)) if until else None,
            )  # fmt: skip
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, FengpingError):
            raise UsageError(
                f"Line {number} of {path} is no event.",
                remedy='Write {"key": "某主播", "at": "2020-11-11T20:00", "title": "…"}.',
            ) from None
