"""Errors on their way out: ``problem+json`` (RFC 9457) from the API, a page with the remedy elsewhere."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from fengping.errors import FengpingError, HomeBusy, StoreDown, UsageError
from fengping.visible import visible
from fengping.web.accounts import unsent
from fengping.web.pages.login import page
from fengping.web.rendering import address, render

_STATUS: tuple[tuple[type[FengpingError], int], ...] = (
    (UsageError, 400),
    (StoreDown, 503),
    (HomeBusy, 409),
    (FengpingError, 500),
)
_TITLES = {
    400: "The question cannot be understood",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not allowed here",
    409: "Somebody else is at work",
    422: "The question cannot be understood",
    429: "Too many tries or calls",
    503: "The store does not answer",
}
_FORM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence, and the remedy."},
        "remedy": {"type": "string"},
    },
}
DECLARED: dict[int | str, dict[str, Any]] = {
    code: {"description": title, "content": {"application/problem+json": {"schema": _FORM}}}
    for code, title in _TITLES.items()
}
"""The refusals of the API as its description tells them."""


def problem(status: int, detail: str, **more: Any) -> Response:
    """One error as ``application/problem+json``."""
    title = _TITLES.get(status, "Something went wrong")
    body = {"type": "about:blank", "title": title, "status": status, "detail": visible(detail)} | more
    return Response(orjson.dumps(body), status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Puts every kind of error into its form."""

    @app.exception_handler(FengpingError)
    def _told(request: Request, error: FengpingError) -> Response:
        status = next(code for kind, code in _STATUS if isinstance(error, kind))
        return _answer(request, status, error.message, error.remedy, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        return _answer(request, 422, f"{place}: {first['msg']}.", place=place.partition(".")[0])

    @app.exception_handler(OverflowError)
    def _beyond(request: Request, _error: OverflowError) -> Response:
        return _answer(request, 400, "A number or a date is larger than can be counted with.")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401 and not _is_data(request):
            fields = await unsent.asked(request)
            if request.method in ("GET", "HEAD"):
                return RedirectResponse(address("/login", to=fields["to"]), 303)
            return page(request, fields, lost=True, status=401)
        answer = _answer(request, error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def _is_data(request: Request) -> bool:
    """True if the answer is for a program and not for a reader."""
    path = request.url.path
    return path.startswith("/api/") or path.endswith((".json", ".csv", "/metrics"))


def _answer(
    request: Request,
    status: int,
    detail: str,
    remedy: str = "",
    error: FengpingError | None = None,
    *,
    place: str = "",
) -> Response:
    """The refusal; of a parameter at *place* the page leads to its own address without that one."""
    if _is_data(request):
        return problem(status, f"{detail} {remedy}".strip(), remedy=visible(remedy))
    filled = request.method == "POST"
    values = {"detail": error or detail, "code": status, "filled": filled, "place": place}
    return render(request, "problem", values, status=status, here="")
