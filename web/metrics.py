"""``/metrics``: counts and times of requests, and the home's own figures, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fengping.clock import now
from fengping.scheduler.metrics import figures
from fengping.web.desk import AtDesk, Desk

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "/api/v1"
router = APIRouter(tags=["operation"])


class Gauges(Collector):
    """Figures of the home, read when they are asked for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def collect(self) -> Iterator[Metric]:
        return figures(self.desk.home, self.desk.store, now())


class Metrics:
    """Counts requests by route and status, and measures how long each takes."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self.requests = Counter("fengping_requests", "Answers.", ("route", "status"), registry=registry)
        self.seconds = Histogram("fengping_request_seconds", "Time to answer.", ("route",), registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), "500"

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, seen)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            if scope["path"].startswith(PREFIX) and not route.startswith(PREFIX):
                route = f"{PREFIX}{route}"  # a router under a prefix knows its own part alone
            self.requests.labels(route, status).inc()
            self.seconds.labels(route).observe(time.perf_counter() - began)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, desk: AtDesk) -> Response:
    """Everything that is measured."""
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE)
