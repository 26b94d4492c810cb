"""The address of a page with its times fixed: whoever opens it later finds the same documents."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from fengping.services import queries
from fengping.services.search import Asked
from fengping.web.desk import Desk
from fengping.web.rendering import address, state_of


def frozen(request: Request, desk: Desk, *texts: str, **window: Any) -> str:
    """The page's address with its *window*, and with days that the queries in *texts* count back as dates."""
    params = state_of(request)
    for name in texts:
        params[name] = [queries.fixed(desk.home, text, desk.now()) for text in params.get(name, [])]
    return address(request.url.path, params, **window)


def window_of(given: Asked, asked: Asked) -> dict[str, Any]:
    """The window of *asked*, which is that of *given* or else some days back from the newest document."""
    days = {} if given.since or given.until else {"days": None}
    return {"since": asked.since, "until": asked.until, **days}
