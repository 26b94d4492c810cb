"""The operator's notices: sentences about the schedule itself, handed to delivery."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from fengping.delivery import Message, Outbox, Severity, escape
from fengping.home import Home
from fengping.sentences import plain
from fengping.services.unheard import OPERATION

_PARTS = re.compile(r"((?:- )?(?:已恢复：|触发中：)?)(.*?)((?:（[^（）]*）)?)", re.DOTALL)
"""A line of a notice: marks before its sentence, the sentence, and the time that stands behind it."""


def tell(
    home: Home,
    key: str,
    subject: str,
    lines: Sequence[str],
    now: datetime,
    severity: Severity = Severity.WARNING,
    beside: Sequence[str] = (),
    without: Collection[tuple[str, str]] = (),
) -> None:
    """Enqueues a notice to ``schedule.notify`` and the names *beside*; the same *key* is told once.

    *without*: channels and addresses that are told the same by another message.

    Raises :class:`ConfigError` for a bad ``delivery.toml``, :class:`UsageError` for an unknown name.
    """
    message = Message(
        _key(key), f"风评 {in_chinese(subject)}", tuple(escape(in_chinese(line)) for line in lines),
        severity=severity, labels=OPERATION, thread="operation",
        link=home.config.serve.link("jobs"),
    )  # fmt: skip
    outbox = Outbox.open(home)
    to = outbox.book.receivers((*home.config.schedule.notify, *beside), message, now)
    outbox.post(message, replace(to, places={p: at for p, at in to.places.items() if p not in without}), now)


def in_chinese(line: str) -> str:
    """*line* as the console says it; where a part of it has no Chinese, the original stands behind."""
    found = _PARTS.fullmatch(line)
    assert found
    return f"{found[1]}{plain(found[2], '需要人工处理', lang='zh')}{found[3]}" if found[2] else line


def places(home: Home, key: str) -> list[str]:
    """The channels and addresses that got the notice of *key*, as names."""
    outbox = Outbox.open(home)
    return [
        f"{one.channel}:{one.address}" if one.address else one.channel
        for one in outbox.of(_key(key))
        if one.channel in outbox.book.channels
    ]


def _key(key: str) -> str:
    return f"operation {key}"
