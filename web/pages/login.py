"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from fengping.web.accounts import book
from fengping.web.accounts.door import SESSION, check_token, write_down
from fengping.web.desk import AtDesk
from fengping.web.rendering import language, render, translate

router = APIRouter()


def _inside(to: str) -> str:
    """An address of this console; its first page for any other."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


@router.get("/login")
def form(request: Request, desk: AtDesk, to: str = "/") -> Response:
    """The form."""
    return render(request, "login", {"to": _inside(to), "refused": ""}, here="")


@router.post("/login", dependencies=[Depends(check_token)])
def login(
    request: Request,
    desk: AtDesk,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1024)],
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Checks the password and opens a session; after five wrong ones each further one waits."""
    throttle = request.app.state.throttle
    keys = (f"name {name}", f"address {request.client.host if request.client else ''}")
    values = {"to": _inside(to), "refused": ""}
    if wait := throttle.wait(*keys):
        said = translate("试得太多了，{n} 秒后再试。", language(request), n=round(wait) + 1)
        return render(request, "login", values | {"refused": said}, here="", status=429)
    account = book.check(desk.state(), name, password)
    if account is None:
        throttle.failed(*keys)
        write_down(desk, name, "login refused", name)
        said = translate("名字或密码不对。", language(request))
        return render(request, "login", values | {"refused": said}, here="", status=401)
    throttle.passed(*keys)
    write_down(desk, account.name, "login", account.name)
    answer = RedirectResponse(_inside(to), 303)
    answer.set_cookie(
        SESSION,
        book.begin(desk.state(), account, desk.now()),
        max_age=int(book.LIFE.total_seconds()),
        httponly=True,
        samesite="strict",
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
