"""Signing in and out."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from fengping.web.accounts import book, throttle, unsent
from fengping.web.accounts.door import DEVICE, SESSION, Filled, check_token, write_down
from fengping.web.desk import AtDesk
from fengping.web.rendering import address, language, render, translate

router = APIRouter()


def page(
    request: Request, fields: Mapping[str, str], *, refused: str = "", lost: bool = False, status: int = 200
) -> Response:
    """The form, with what is to happen after it; *lost* where something was sent and not taken."""
    values = {
        "fields": fields,
        "refused": refused,
        "lost": lost,
        "self_with": functools.partial(address, "/login", {"to": fields["to"]}),
    }
    return render(request, "login", values, here="", status=status)


@router.get("/login")
def form(request: Request, to: str = "/") -> Response:
    """The form."""
    return page(request, unsent.kept({"to": to}))


@router.post("/login", dependencies=[Depends(check_token)])
def login(
    request: Request,
    desk: AtDesk,
    sent: Filled,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Checks the password and opens a session; after five wrong ones each further one waits."""
    state, salt = desk.state(), desk.home.salt
    secret = book.hash_of(state, name)
    device = throttle.device_of(salt, name, request.cookies.get(DEVICE, ""), secret)
    budgets = throttle.budgets(name, request.client.host if request.client else "", device)
    fields = unsent.kept(sent)
    if wait := throttle.take(state, budgets, desk.now()):
        seconds = round(wait.total_seconds()) + 1
        said = translate("试得太多了，{n} 秒后再试。", language(request), n=seconds)
        return page(request, fields, refused=said, status=429)
    account = book.check(state, name, password)
    if account is None:
        write_down(desk, name, "login refused", name)
        said = translate("名字或密码不对。", language(request))
        return page(request, fields, refused=said, status=401)
    throttle.passed(state, budgets)
    write_down(desk, account.name, "login", account.name)
    answer: Response = RedirectResponse(fields["to"], 303)
    if fields["again"]:
        values = fields | {"pairs": unsent.pairs(fields["typed"])}
        answer = render(request, "again", values, here="")
    known = throttle.device_cookie(salt, name, device or secrets.token_hex(16), secret)
    for cookie, value, life, path in (
        (SESSION, book.begin(state, account, desk.now()), book.LIFE, "/"),
        (DEVICE, known, throttle.DEVICE_LIFE, "/login"),
    ):
        answer.set_cookie(
            cookie,
            value,
            max_age=int(life.total_seconds()),
            path=path,
            httponly=True,
            samesite="lax",  # a link in a mail opens; forms carry a token of their own
            secure=request.url.scheme == "https",
        )
    return answer


@router.post("/logout", dependencies=[Depends(check_token)])
def logout(request: Request, desk: AtDesk) -> Response:
    """Ends the session."""
    book.end(desk.state(), request.cookies.get(SESSION, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(SESSION)
    return answer
