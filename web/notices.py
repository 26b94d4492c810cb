"""Notices that a form leaves for the page it leads to: in a signed cookie, shown once, in no address."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import unquote, urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse

from fengping.errors import ConfigError
from fengping.privacy import seal

COOKIE = "fp_notice"
LASTS = 60
"""Seconds for which a notice waits for its page."""
LONGEST = 700
"""Characters of a notice: a browser keeps four kilobytes of a cookie."""


def go(request: Request, link: str, said: str = "") -> RedirectResponse:
    """The way to *link*, a page of this console, on which *said* is shown once."""
    answer = RedirectResponse(link, 303)
    if said:
        shown = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
        text = base64.urlsafe_b64encode(shown.encode()).decode()
        seal = _seal(request, unquote(urlsplit(link).path), text)
        answer.set_cookie(COOKIE, f"{seal}.{text}", max_age=LASTS, httponly=True, samesite="strict")
    return answer


def waiting(request: Request) -> str:
    """The notice that waits for the page asked for; nothing for one that this console did not leave there."""
    seal, _, text = request.cookies.get(COOKIE, "").partition(".")
    known = _seal(request, request.scope["path"], text) if text else ""
    if not known or not hmac.compare_digest(seal.encode(), known.encode()):
        return ""
    return base64.urlsafe_b64decode(text).decode()


def _seal(request: Request, path: str, text: str) -> str:
    """The seal of a notice; none where the home's secret is damaged, as doctor tells."""
    try:
        salt: bytes = request.app.state.desk.home.salt
    except ConfigError:
        return ""
    return seal(salt, "notice", path, text)[:32]
