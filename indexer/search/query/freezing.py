"""A query whose relative times (``since:-1d``) are written as what they are at a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fengping.indexer.search.query.lexer import spans
from fengping.indexer.search.query.scalars import absolute
from fengping.indexer.search.query.words import SAVED_NAMES


def frozen(query: str, now: datetime, saved: Callable[[str], str]) -> str:
    """*query* with its times fixed at *now*; a saved one that holds relative times is written out.

    *saved* gives the text of a saved query. Raises :class:`UsageError` for what is no query.
    """
    pieces = spans(query)
    for at, (lexeme, begin, end) in reversed(list(enumerate(pieces))):
        before = pieces[at - 1] if at else None
        if lexeme.kind == "time":
            name, _, text = lexeme.text.partition(":")
            fixed = absolute(text, now)
            query = query if fixed == text else f"{query[:begin]}{name}:{fixed}{query[end:]}"
        elif before and before[0].kind == "field" and before[0].text in SAVED_NAMES:
            text = saved(lexeme.text)
            fixed = frozen(text, now, saved)
            query = query if fixed == text else f"{query[: before[1]]}({fixed}){query[end:]}"
    return query
