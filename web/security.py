"""Headers and hosts: what a browser may load from here, and by which names this server may be called."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # a form whose session has ended leads back to its page
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


_STRANGERS = (
    "This console has no accounts, and a proxy hands on what others ask of it. Make one with: fengping "
    "account add NAME --role admin, and name the proxy's address with --name or serve.public_url.\n"
)
_FORWARDED = {
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-real-ip",
    b"via",
}
"""Headers of what a proxy hands on."""


class Guard:
    """Refuses requests under a foreign name (DNS rebinding) and sets the headers of every answer.

    Without *accounts* it also refuses what a proxy hands on: strangers could stand behind it.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, accounts: bool) -> None:
        self.app = app
        self.hosts = {host.lower() for host in hosts}
        self.accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if self._name(scope) not in self.hosts:
            refused = PlainTextResponse("This name is not served here.\n", status_code=421)
            await refused(scope, receive, guarded)
            return
        if not self.accounts and any(name in _FORWARDED for name, _ in scope["headers"]):
            refused = PlainTextResponse(_STRANGERS, status_code=403)
            await refused(scope, receive, guarded)
            return
        await self.app(scope, receive, guarded)

    @staticmethod
    def _name(scope: Scope) -> str:
        """The Host header without its port."""
        given = next((value for name, value in scope["headers"] if name == b"host"), b"")
        text = given.decode("latin-1").lower()
        head, colon, port = text.rpartition(":")
        return head if colon and port.isdigit() else text
