"""The operator's notices: sentences about the schedule itself, handed to delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fengping.delivery import Message, Outbox, Severity, escape
from fengping.home import Home

LABELS = {"about": ("operation",)}


def tell(
    home: Home,
    key: str,
    subject: str,
    lines: Sequence[str],
    now: datetime,
    severity: Severity = Severity.WARNING,
) -> None:
    """Enqueues a notice to ``schedule.notify``; the same *key* is told once.

    Raises :class:`ConfigError` for a bad ``delivery.toml``, :class:`UsageError` for an unknown name.
    """
    message = Message(
        f"operation {key}", f"风评 {subject}", tuple(escape(line) for line in lines),
        severity=severity, labels=LABELS, thread="operation",
        link=home.config.serve.link("jobs"),
    )  # fmt: skip
    Outbox.open(home).enqueue(message, home.config.schedule.notify, now)
