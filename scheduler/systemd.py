"""The service manager's side: ready, alive, ending (``sd_notify``)."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


def sd_notify(*lines: str) -> None:
    """Sends lines such as ``READY=1`` to the socket that systemd names; does nothing where it names none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A service manager that does not listen must not end the service.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.connect("\0" + address[1:] if address.startswith("@") else address)
        out.sendall("\n".join(lines).encode())


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Within, SIGTERM and SIGINT set *stop* instead of ending the process."""

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
