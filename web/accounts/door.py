"""The door: who is let in, and who may write."""

from __future__ import annotations

import getpass
import secrets
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import ImmutableMultiDict

from fengping.config import ServeConfig
from fengping.web.accounts import book
from fengping.web.accounts.tokens import Bucket, bearer, token_of
from fengping.web.bounds import LARGEST
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import TOKEN

SESSION, DEVICE = "fp_session", "fp_device"
OPEN = "/login", "/claim/"
"""Beginnings of paths that need no account: a link of an alarm is signed."""
_API, _METRICS = "/api/", "/metrics"
MAX_FORM = 1_000_000


def admit(request: Request, desk: AtDesk) -> None:
    """Lets a request in; raises 401 where nobody is signed in but has to be, 429 for too many questions."""
    asker = _asker(request, desk)
    if request.method == "GET" and request.url.path.startswith(_API):
        cast(Bucket, request.app.state.reads).check(asker)


def reads(config: ServeConfig, *, accounts: bool) -> Bucket:
    """The limit on questions to the API; a minute's worth may come at once."""
    limit = config.reads_per_minute if accounts else config.reads_per_minute_here
    return Bucket(limit, limit)


def _asker(request: Request, desk: Desk) -> str:
    """The one who asks, known by a token or an account; empty for whoever is on this machine."""
    if not desk.accounts or request.url.path.startswith(OPEN):
        return ""
    if given := bearer(request):
        known = token_of(desk.state(), given)
        if known is None:
            raise HTTPException(401, "This token is not known here.")
        if not request.url.path.startswith((_API, _METRICS)):
            raise HTTPException(403, "Tokens are for the API.")
        return f"token:{known.name}"
    token = request.cookies.get(SESSION, "")
    account = book.account_of(desk.state(), token, desk.now()) if token else None
    if account is None:
        raise HTTPException(401, "Sign in first.")
    request.state.account = account
    return f"account:{account.name}"


def who(request: Request) -> str:
    """The name under which what is written stands: the account, else this machine's user."""
    account = getattr(request.state, "account", None)
    return account.name if account else getpass.getuser()


async def check_token(request: Request, largest: int = MAX_FORM) -> None:
    """Raises 403 for a form that this console did not hand to this browser."""
    if int(request.headers.get("content-length") or 0) > largest:
        raise HTTPException(413, "The form is too large.")
    form = await request.form()
    given, kept = str(form.get("token", "")), request.cookies.get(TOKEN, "")
    if _is_foreign(request) or not kept or not secrets.compare_digest(given.encode(), kept.encode()):
        raise HTTPException(403, "This form has run out. Load the page again and send it once more.")


def _is_foreign(request: Request) -> bool:
    """True for a form that a page of another site sends, as the browser says. One that names neither its
    site nor its origin is no browser of today: the token decides."""
    if site := request.headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    public = cast(Desk, request.app.state.desk).home.config.serve.public_url
    own = {urlsplit(public).netloc, request.headers.get("host", "")} - {""}
    return origin is not None and origin.partition("://")[2] not in own


async def _filled(request: Request) -> ImmutableMultiDict[str, str]:
    form = await request.form()
    return ImmutableMultiDict([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


Filled = Annotated[ImmutableMultiDict[str, str], Depends(_filled)]
"""The words of a form whose fields depend on what is chosen in it."""


def _writer(role: str, largest: int = MAX_FORM) -> object:
    async def check(request: Request, desk: AtDesk) -> str:
        account = getattr(request.state, "account", None)
        if account is not None and not account.may(role):
            raise HTTPException(403, f"Your account may not do this; it needs the role {role}.")
        await check_token(request, largest)
        return who(request)

    return Depends(check)


Reader = Annotated[str, _writer("reader")]
"""Name of anybody who is let in, with a form of ours."""
Analyst = Annotated[str, _writer("analyst")]
"""Name of the one who writes, checked to be an analyst with a form of ours."""
LargeForm = Annotated[str, _writer("analyst", LARGEST)]
"""The same for a form that brings a file."""
Admin = Annotated[str, _writer("admin")]


def write_down(desk: Desk, by: str, act: str, target: str, detail: str = "") -> None:
    """Puts a line into the audit log."""
    book.note(desk.state(), by, act, target, detail, desk.now())
