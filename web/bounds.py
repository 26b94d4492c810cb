"""A bound on the body of a request, counted while it comes, whatever its head says."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 32_000_000
"""Bytes of one request."""


class Bounds:
    """Ends a request whose body is larger than :data:`LARGEST` with 413."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self.app = app
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.largest:
                # Whoever reads the body lets this pass, and it becomes an answer like any refusal.
                raise HTTPException(413, f"One request has at most {self.largest:,} bytes.")
            return message

        await self.app(scope, counted if scope["type"] == "http" else receive, send)
