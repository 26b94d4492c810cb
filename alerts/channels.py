"""Channels of alarms: a name with an address, ``stdout``, ``file`` or ``webhook:…``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import httpx
import orjson

from fengping.errors import Failed

FILE = "alerts.jsonl"
"""File of the ``file`` channel."""


class NotDelivered(Failed):
    """A channel did not take the message; it stays in the outbox and is tried at the next check."""


def send(channel: str, message: dict[str, Any], folder: Path) -> None:
    """Delivers *message* (keys ``rule, key, fired_at, count, evidence, text``) to one channel.

    ``file`` appends a JSON line to :data:`FILE` in *folder*; ``webhook`` posts the same JSON.
    Raises :class:`NotDelivered` with the reason; an address from the environment is never in it.
    """
    kind, _, address = channel.partition(":")
    if kind == "stdout":
        sys.stdout.write(message["text"] + "\n")
    elif kind == "file":
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("ab") as file:
            file.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))
    else:
        _post(address, message)


def _post(address: str, message: dict[str, Any]) -> None:
    shown = address
    if address.startswith("$"):
        shown, address = f"the webhook in {address}", os.environ.get(address[1:], "")
        if not address:
            raise NotDelivered(f"{shown} is not set.", remedy="Set the variable to the webhook's URL.")
    try:
        answer = httpx.post(address, content=orjson.dumps(message), timeout=10.0,
                            headers={"Content-Type": "application/json"})  # fmt: skip
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(f"{shown} cannot be reached ({type(error).__name__}).") from error
    if answer.is_error:
        raise NotDelivered(f"{shown} answered {answer.status_code}.")
