"""An alarm answered by the link of its message, without an account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from fengping.alerts.feedback import Verdict
from fengping.alerts.ledger import Kept
from fengping.alerts.manners import ACTIONS
from fengping.errors import UsageError
from fengping.services import claiming
from fengping.web.accounts.door import check_token, write_down
from fengping.web.desk import AtDesk
from fengping.web.notices import go
from fengping.web.rendering import render

router = APIRouter()


@router.get("/claim/{seal}")
def form(request: Request, desk: AtDesk, seal: str) -> Response:
    """The first line of the alarm, and the three answers. A chat that looks at the link answers nothing."""
    return _page(request, claiming.opened(desk.home, seal, desk.now()), request.query_params.get("as", ""))


@router.post("/claim/{seal}", dependencies=[Depends(check_token)])
def answer(
    request: Request,
    desk: AtDesk,
    seal: str,
    verdict: Annotated[Verdict, Form()],
    by: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Keeps one answer."""
    kept = claiming.opened(desk.home, seal, desk.now())
    try:
        claiming.answer(desk.home, kept.id, verdict, by, desk.now())
    except UsageError as error:
        return _page(request, kept, verdict.value, error, status=409)
    write_down(desk, f"{by.strip()} (link)", f"alarm {verdict.value}", f"firing {kept.id}")
    return go(request, f"/claim/{seal}", "已记下。")


def _page(
    request: Request, kept: Kept, chosen: str, refused: UsageError | None = None, status: int = 200
) -> Response:
    values = {
        "subject": kept.message.partition("\n")[0], "kept": kept, "chosen": chosen, "refused": refused,
        "actions": ACTIONS,
    }  # fmt: skip
    return render(request, "claim", values, here="", status=status)
