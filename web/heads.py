"""A bound on the time that the head of a request takes, however slowly its bytes come."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Heads(H11Protocol):
    """Closes a connection whose request head is not whole :attr:`seconds` after it began."""

    seconds: ClassVar[float] = 10.0
    _waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._rest()

    def _wait(self) -> None:
        """Between two requests no byte comes, and the time for keeping a connection counts."""
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._waits is None:
            self._waits = self.loop.call_later(self.seconds, self.timeout_keep_alive_handler)

    def _rest(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None
