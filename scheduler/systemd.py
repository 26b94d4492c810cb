"""The service manager's side: ready, alive, ending (``sd_notify``)."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
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
def on_signals(act: Callable[[], object], *numbers: signal.Signals) -> Iterator[None]:
    """Within, each of these signals calls *act* instead of ending the process."""

    def heard(_number: int, _frame: FrameType | None) -> None:
        act()

    before = {number: signal.signal(number, heard) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
