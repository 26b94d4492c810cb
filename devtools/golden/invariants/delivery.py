"""Fates of messages against stand-in channels that accept, refuse, fail, hang, and are not there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.delivery.servers import Answer, Request, Web, as_json

from devtools.golden.homes import Homes
from devtools.golden.running import NOW, at_moment
from fengping.delivery import Message, Outbox, Severity, deliver_due, retry
from fengping.home import Home

HANG = 0.6
CHANNEL = '[channels.{name}]\nkind = "webhook"\nurl = "{url}"\ntimeout = {timeout}\n'
ROUNDS = tuple(timedelta(hours=hours) for hours in (0, 1, 7, 24, 72, 200))
"""Moments of delivery, the last of them long after messages are given up."""


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    """The fate of each message after each delivery; then that of dead letters which are tried again."""
    home = Home.open(homes.empty("delivery"))
    with ExitStack() as stack:
        stack.enter_context(at_moment())
        webs = {name: stack.enter_context(Web(answer).running()) for name, answer in ANSWERS.items()}
        _channels(home.root, {name: web.url for name, web in webs.items()})
        outbox = Outbox.open(home)
        for n, severity in enumerate((Severity.CRITICAL, Severity.INFO)):
            message = Message(key=f"golden {n}", subject=f"消息{n}", severity=severity, lines=("一行。",))
            yield f"places of message {n}", outbox.enqueue(message, [*ANSWERS, "absent", "file"], NOW)
            yield f"places of message {n}, again", outbox.enqueue(message, [*ANSWERS, "absent", "file"], NOW)
        for later in ROUNDS:
            counts = deliver_due(home, NOW + later)
            yield f"delivery after {later}", {
                "accepted": counts.accepted, "failed": counts.failed, "dead": counts.dead,
                "waiting": counts.waiting, **_fates(outbox),
            }  # fmt: skip
        webs["refusing"].answer = accepting
        dead = [letter for letter in outbox.dead() if letter.channel == "refusing"]
        for letter in dead:
            retry(home, letter.id, NOW + ROUNDS[-1])
        counts = deliver_due(home, NOW + ROUNDS[-1])
        yield "dead letters tried again", {"accepted": counts.accepted, **_fates(outbox)}
        yield "outcomes", _outcomes(outbox)
        yield (
            "taken by the accepting channel",
            [request.json["subject"] for request in webs["accepting"].seen],
        )


def _channels(root: Path, urls: dict[str, str]) -> None:
    tables = [
        CHANNEL.format(name=name, url=f"{url}/", timeout=HANG / 2 if name == "hanging" else 10)
        for name, url in urls.items()
    ]
    # Port 9 of this machine: nobody listens there.
    tables.append(CHANNEL.format(name="absent", url="http://127.0.0.1:9/", timeout=5))
    (root / "delivery.toml").write_text("\n".join(tables), encoding="utf-8")


def _fates(outbox: Outbox) -> dict[str, str]:
    """Statuses of the letters of each channel."""
    found: dict[str, list[str]] = {}
    for n in range(2):
        for letter in outbox.of(f"golden {n}"):
            found.setdefault(letter.channel, []).append(letter.status)
    return {channel: " ".join(statuses) for channel, statuses in sorted(found.items())}


def _outcomes(outbox: Outbox) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for attempt in reversed(outbox.attempts(None)):
        found.setdefault(attempt.channel, []).append(attempt.outcome.value)
    return {channel: " ".join(outcomes) for channel, outcomes in sorted(found.items())}


def accepting(request: Request) -> Answer:
    return as_json({})


def hanging(request: Request) -> Answer:
    time.sleep(HANG)
    return as_json({})


ANSWERS = {
    "accepting": accepting,
    "refusing": lambda request: as_json({"error": "no such robot"}, 404),
    "failing": lambda request: as_json({"error": "down"}, 503),
    "limiting": lambda request: as_json({"error": "too fast"}, 429, **{"Retry-After": "7200"}),
    "hanging": hanging,
}
