"""The command that lists what an alarm counted: the rule's selection, narrowed to its key and times."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta

from fengping.alerts.matches import Match
from fengping.alerts.rules.rule import Rule
from fengping.clock import local
from fengping.indexer.search import And, Expression, Keyword, Not, Or, render

PAGE = 20
"""Documents that ``search`` shows without ``--limit``."""
_AFTER = timedelta(seconds=1)


def command(rule: Rule, key: str, listed: Sequence[Match], now: datetime) -> str:
    """``fengping search …`` that finds *listed*, the documents counted for *key* between the first and the
    last of them; without any, those of the timeframe before *now*."""
    first = listed[0].at if listed else now - rule.timeframe + _AFTER
    last = listed[-1].at if listed else now
    limit = f" --limit {len(listed)}" if len(listed) > PAGE else ""
    return (
        f"fengping search {shlex.quote(query(rule, key))} --since {_exactly(first)} "
        f"--until {_exactly(_next(last))}{limit}"
    )


def query(rule: Rule, key: str) -> str:
    """The documents that count for *key*, in the query language, which knows no ``min_engagement``."""
    chosen = rule.counted()
    where = dict(chosen.where)
    if rule.key_field:
        where[rule.key_field] = (key,)
    parts: list[Expression] = [chosen.text] if chosen.text else []
    parts += [_any_of(name, values) for name, values in where.items()]
    parts += [Not(Keyword(name, value)) for name, values in chosen.exclude.items() for value in values]
    return render(And(tuple(parts)) if len(parts) > 1 else next(iter(parts), None))


def _any_of(name: str, values: Sequence[str]) -> Expression:
    words = tuple(Keyword(name, value) for value in values)
    return words[0] if len(words) == 1 else Or(words)


def _next(moment: datetime) -> datetime:
    """The end of a window that holds *moment* and nothing later."""
    return moment + (timedelta(microseconds=1) if moment.microsecond else _AFTER)


def _exactly(moment: datetime) -> str:
    return local(moment).replace(tzinfo=None).isoformat()
