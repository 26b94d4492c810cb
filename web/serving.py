"""Listening: an address is taken, and refused where strangers could reach it and there are no accounts."""

from __future__ import annotations

import gc
import socket
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from fengping.errors import StoreDown, UsageError
from fengping.home import Home
from fengping.state import State
from fengping.web.accounts import book
from fengping.web.app import make_app
from fengping.web.heads import Heads
from fengping.web.security import LOOPBACK

_EVERY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
"""All addresses of a machine at once, each with the one that this machine opens it by."""
TLS = "Others reach it without TLS, and passwords go unencrypted: put a proxy with TLS in front."


@dataclass(frozen=True)
class Bound:
    """An application on a socket that listens already."""

    app: FastAPI
    socket: socket.socket
    url: str
    said: str
    """A sentence for whoever opens it to others; empty where nobody else reaches it."""
    proxies: Sequence[str]
    """Addresses whose word is taken for who asks, and whether over TLS."""

    def run(self) -> None:
        """Answers until a signal ends it."""
        settle()
        uvicorn.Server(self.config()).run(sockets=[self.socket])

    def config(self) -> uvicorn.Config:
        """How it answers."""
        return uvicorn.Config(
            self.app,
            http=Heads,
            log_level="warning",
            server_header=False,
            access_log=False,
            forwarded_allow_ips=list(self.proxies),
        )


def settle() -> None:
    """Takes what is loaded by now out of garbage collections: a full one holds an answer up."""
    gc.collect()
    gc.freeze()


def bind(home: Home, host: str, port: int, names: Sequence[str] = ()) -> Bound:
    """Takes *host*:*port* for the console of *home*.

    Raises :class:`UsageError` for an address or a name beyond this machine, ``serve.public_url`` among them,
    while the home has no account, and for an address that cannot be had.
    """
    serve = home.config.serve
    outside = [*names, *filter(None, [urlsplit(serve.public_url).hostname])]
    reached = next((one for one in (host, *outside) if not _is_loopback(one)), None)
    with nullcontext() if reached else suppress(StoreDown):  # its pages say that it is away
        accounts = book.everyone(State.open(home))
    if reached and not accounts:
        raise UsageError(
            f"Others reach this console by {reached}, and this home has no account.",
            remedy="Make one with: fengping account add NAME --role admin",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small pieces at once; else each answer waits 40 ms to be sent.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(
            f"{host}:{port} cannot be had: {getattr(error, 'strerror', None) or error}.",
            remedy="Choose another with --port, or end the program that holds it.",
        ) from None
    listening.listen(128)
    shown = f"[{host}]" if ":" in host else host
    app = make_app(home, hosts=(*LOOPBACK, shown, *outside), accounts=reached is not None)
    return Bound(
        app,
        listening,
        f"http://{_opened(shown, outside)}:{listening.getsockname()[1]}/",
        "" if _is_loopback(host) or serve.public_url.startswith("https:") else TLS,
        serve.proxies,
    )


def _opened(host: str, names: Sequence[str]) -> str:
    """A name to open it by: that of all addresses at once is none, and others than its own are refused."""
    if host not in _EVERY:
        return host
    return names[0] if names else _EVERY[host]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
