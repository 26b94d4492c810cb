"""The application over one home: every router found in its folder, guarded, measured, its errors in form."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from fengping import __version__
from fengping.clock import now
from fengping.home import Home
from fengping.web import api, metrics, pages, problems
from fengping.web.accounts import door
from fengping.web.asked import only_known
from fengping.web.bounds import Bounds
from fengping.web.desk import Clock, Desk
from fengping.web.rendering import FOLDER
from fengping.web.security import LOOPBACK, Guard


def make_app(
    home: Home, *, hosts: Collection[str] = LOOPBACK, accounts: bool = False, clock: Clock = now
) -> FastAPI:
    """The console and API of *home*, called by the names *hosts*; with *accounts* no stranger comes in."""
    desk = Desk(home, clock, accounts=accounts)

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="fengping",
        version=__version__,
        lifespan=alive,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(door.admit)],
    )
    app.state.desk = desk
    app.state.reads = door.reads(home.config.serve, accounts=accounts)
    app.state.metrics = CollectorRegistry()
    app.state.metrics.register(metrics.Gauges(desk))
    problems.install(app)
    for router in _routers(api.__name__, api.__path__):
        asked = [Depends(only_known)]
        app.include_router(router, prefix=metrics.PREFIX, dependencies=asked, responses=problems.DECLARED)
    app.include_router(metrics.router)
    for router in _routers(pages.__name__, pages.__path__):
        app.include_router(router, include_in_schema=False)
    # As a route of our own it is behind the door, as FastAPI's is not.
    app.add_api_route("/openapi.json", lambda: app.openapi(), include_in_schema=False)
    app.mount("/static", _Files(directory=FOLDER / "static"))
    app.add_middleware(Bounds)
    app.add_middleware(metrics.Metrics, registry=app.state.metrics)
    app.add_middleware(Guard, hosts=tuple(hosts), accounts=accounts)
    return app


def _routers(package: str, path: Collection[str]) -> Iterator[APIRouter]:
    """The ``router`` of each module of a package, by name."""
    for found in sorted(pkgutil.iter_modules(list(path)), key=lambda one: one.name):
        router = getattr(importlib.import_module(f"{package}.{found.name}"), "router", None)
        if isinstance(router, APIRouter):
            yield router


class _Files(StaticFiles):
    """Files whose address names their content, and so may be kept."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        answer = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        scope: Scope = arguments[2]  # type: ignore[assignment]
        kept = "max-age=31536000, immutable" if b"v=" in scope["query_string"] else "no-cache"
        answer.headers["cache-control"] = f"public, {kept}"
        return answer
