"""设置: the configuration with its secrets masked, and the accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from fengping.errors import FengpingError, UsageError
from fengping.visible import SECRET, masked
from fengping.web.accounts import book, throttle
from fengping.web.accounts.door import SESSION, Admin, Reader, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AT_START, ENGINES, AtDesk
from fengping.web.notices import go
from fengping.web.pages import channels, routing
from fengping.web.rendering import language, render, translate

router = APIRouter()
ROLES = {"reader": "读者", "analyst": "分析员", "admin": "管理员"}
"""Words for what an account may do."""


@router.get("/settings")
def settings(request: Request, desk: AtDesk) -> Response:
    """The page."""
    values: dict[str, Any] = {
        "rows": [
            (key, value, key.startswith(AT_START))
            for key, value in _flat(desk.home.config.model_dump(mode="json"))
        ],
        "accounts": book.everyone(desk.state()),
        "roles": ROLES,
        "facts": {},
        "beyond": desk.accounts,
        "home": desk.home.root.name,
        "waits": desk.waits,
        "all_waits": any(key in ENGINES for key in desk.waits),
    }
    values |= channels.listing(desk) | routing.listing(desk)
    try:
        with desk.store() as store:
            values["facts"] = {name: masked(str(value)) for name, value in store.facts().items()}
    except FengpingError as error:
        values["fault"] = error
    return render(request, "settings", values, here="/settings")


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif any(word in name for word in SECRET) and value and "$" not in str(value):
            yield f"{before}{name}", "***"
        else:
            said = [masked(str(one)) for one in value] if isinstance(value, list) else masked(str(value))
            yield f"{before}{name}", ", ".join(said) if isinstance(said, list) else said


@router.get("/settings.json")
def as_record(desk: AtDesk) -> Response:
    """The configuration as JSON, secrets masked."""
    return as_json(dict(_flat(desk.home.config.model_dump(mode="json"))))


@router.get("/settings.csv")
def as_table(desk: AtDesk) -> Response:
    """The same as a table."""
    return as_csv(("key", "value"), _flat(desk.home.config.model_dump(mode="json")), "settings")


@router.post("/settings/accounts")
def add_account(
    request: Request,
    desk: AtDesk,
    by: Admin,
    name: Annotated[str, Form()],
    password: Annotated[str, Form()],
    role: Annotated[str, Form()] = "",
) -> Response:
    """Makes an account, or gives it another password and, where one is chosen, another role."""
    role = role or next((a.role for a in book.everyone(desk.state()) if a.name == name.strip()), "")
    if not role:
        raise UsageError("A new account needs a role.", remedy="Choose one for it.")
    if role != book.ROLES[-1]:
        book.check_admin_remains(desk.state(), name.strip())
    made = book.add(desk.state(), name.strip(), password, role, desk.now())
    write_down(desk, by, "account", made.name, made.role)
    return go(request, "/settings", f"{made.name} · {translate(ROLES[made.role], language(request))}")


@router.post("/settings/accounts/remove")
def remove_account(request: Request, desk: AtDesk, by: Admin, name: Annotated[str, Form()]) -> Response:
    """Takes an account away and ends its sessions."""
    book.check_admin_remains(desk.state(), name)
    book.remove(desk.state(), name)
    write_down(desk, by, "remove account", name)
    return go(request, "/settings", translate("已移除 {name}。", language(request), name=name))


@router.post("/settings/password")
def change_password(
    request: Request,
    desk: AtDesk,
    by: Reader,
    old: Annotated[str, Form(max_length=1024)],
    new: Annotated[str, Form(max_length=1024)],
    again: Annotated[str, Form(max_length=1024)],
) -> Response:
    """Gives one's own account another password; the old one is tried as rarely as at the sign-in."""
    budget = throttle.own_budget(by)
    if wait := throttle.take(desk.state(), budget, desk.now()):
        raise HTTPException(429, f"Too many tries: wait {round(wait.total_seconds()) + 1} seconds.")
    if book.check(desk.state(), by, old) is None:
        raise UsageError("The old password is wrong.", remedy="An admin can set another one.")
    throttle.passed(desk.state(), budget)
    if new != again:
        raise UsageError("The two new passwords differ.", remedy="Write the same one twice.")
    book.change_password(desk.state(), by, new, request.cookies.get(SESSION, ""))
    write_down(desk, by, "password", by)
    return go(request, "/settings", translate("密码已改，别处的登录都已结束。", language(request)))
