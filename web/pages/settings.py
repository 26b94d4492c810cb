"""设置: the configuration with its secrets masked, and the accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from fengping.errors import FengpingError
from fengping.visible import masked
from fengping.web.accounts import book
from fengping.web.accounts.door import Admin, write_down
from fengping.web.desk import AtDesk
from fengping.web.notices import go
from fengping.web.pages import channels, routing
from fengping.web.rendering import language, render, translate

router = APIRouter()
ROLES = {"reader": "读者", "analyst": "分析员", "admin": "管理员"}
"""Words for what an account may do."""
_SECRET = ("password", "secret", "token", "key", "sign")


@router.get("/settings")
def settings(request: Request, desk: AtDesk) -> Response:
    """The page."""
    values: dict[str, Any] = {
        "rows": list(_flat(desk.home.config.model_dump(mode="json"))),
        "accounts": book.everyone(desk.state()),
        "roles": ROLES,
        "facts": {},
        "beyond": desk.accounts,
        "home": desk.home.root.name,
        "waits": desk.waits,
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
        elif any(word in name for word in _SECRET) and value and "$" not in str(value):
            yield f"{before}{name}", "***"
        else:
            said = [masked(str(one)) for one in value] if isinstance(value, list) else masked(str(value))
            yield f"{before}{name}", ", ".join(said) if isinstance(said, list) else said


@router.post("/settings/accounts")
def add_account(
    request: Request,
    desk: AtDesk,
    by: Admin,
    name: Annotated[str, Form()],
    password: Annotated[str, Form()],
    role: Annotated[str, Form()],
) -> Response:
    """Makes an account, or gives it another password and role."""
    made = book.add(desk.state(), name.strip(), password, role, desk.now())
    write_down(desk, by, "account", made.name, made.role)
    return go(request, "/settings", f"{made.name} · {translate(ROLES[made.role], language(request))}")
