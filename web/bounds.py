"""A bound on the body of a request, counted while it comes, whatever its head says."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fengping.web.problems import problem

LARGEST = 32_000_000
"""Bytes of one request."""


class _TooLarge(Exception):
    """More came than is taken."""


class Bounds:
    """Ends a request whose body is larger than :data:`LARGEST` with 413."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.largest:
                raise _TooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except _TooLarge:
            refused = problem(413, f"One request has at most {self.largest:,} bytes.")
            await refused(scope, receive, send)
