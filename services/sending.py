"""A report on its way to its readers: the digest as body, the files attached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson
from markupsafe import escape as html

from fengping.delivery import Attachment, Message, Outbox, deliver_due, escape
from fengping.delivery.closing import SEALED
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.reports import Report, Written
from fengping.reports.wording import plain

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Files that go along."""
PAGES = {"host": "hosts", "event": "events"}
"""Pages about what a report is about."""
NOTHING = "监测期内没有监测范围内的信息。"
UNREVIEWED = "本报告由系统按计划自动生成，未经审阅签发。"


def message_of(
    key: str, title: str, digest: Sequence[str], files: Mapping[str, Path], link: str = ""
) -> Message:
    """The mail of a report; chats get the digest alone. *link*: its page of the console."""
    attachments = tuple(
        Attachment(files[name].name, files[name].read_bytes(), type_)
        for name, type_ in TYPES.items()
        if name in files and files[name].exists()
    )
    return Message(
        key, title, tuple(escape(line) for line in digest), html=_page(title, digest, bool(attachments)),
        plain="\n".join([title, *digest]), attachments=attachments, link=link,
    )  # fmt: skip


def send(home: Home, made: Report, written: Written, to: Sequence[str], now: datetime) -> int:
    """Hands a report that nobody reviewed to *to*, once for its days and scope; how many messages were made.

    One that was made anew goes to those who had none of it. A report that lacks one of its files goes to
    nobody: raises what kept that file from being written.
    """
    for error in written.missing.values():
        raise error
    whole = made.facts.get("total")
    empty = whole is None or not whole.value
    if empty and not home.config.report.send_empty:
        return 0
    digest = [NOTHING] if empty else [*map(plain, made.digest), UNREVIEWED]
    key = f"report:{made.name}:{made.window.first}:{made.window.last}"
    link = home.config.serve.link(*_place(made))
    message = message_of(key, made.title, digest, written.paths, link)
    count = hand_over(home, message, to, now, once=True)
    deliver_due(home, now)
    return count


def hand_over(home: Home, message: Message, to: Sequence[str], now: datetime, *, once: bool = False) -> int:
    """Puts *message* into the outbox for *to*; how many letters were made.

    *once*: who got another content under its key gets none, and who did not gets this one. Raises
    :class:`Failed` where no route takes it: nobody would get it, and nobody hear of that.
    """
    outbox = Outbox.open(home)
    receivers = outbox.book.receivers(to, message, now)
    if not receivers.places and not receivers.dropped:
        raise Failed(
            f"{message.subject} reaches nobody: no route of {', '.join(to)} takes a report.",
            remedy="Give one no severity and no match in delivery.toml, or name channels or recipients.",
        )
    if once and (told := outbox.under(message.key)):
        known = {(one.channel, one.address) for one in told if one.status != "dead"}
        places = {place: at for place, at in receivers.places.items() if place not in known}
        own = _of_its_own(message)
        revived = 0
        for one in outbox.of(own.key):
            place = one.channel, one.address
            if place in places and one.status == "dead" and one.reply != SEALED:
                with suppress(UsageError):  # another process was faster, or it was sealed just now
                    outbox.revive(one.id, places[place], of=("dead",))
                    revived += 1
        return revived + outbox.post(own, replace(receivers, places=places), now)
    return outbox.post(message, receivers, now)


def _of_its_own(message: Message) -> Message:
    """The same under a key that its content gives: the outbox keeps one content a key."""
    content = hashlib.sha256(orjson.dumps(message.to_record())).hexdigest()
    return replace(message, key=f"{message.key}:{content[:12]}")


def _place(made: Report) -> tuple[str, ...]:
    """The page of the console about the same: of the host or the event, else of the reports."""
    return (PAGES[made.about], made.focus) if made.about else ("reports",)


def _page(title: str, digest: Sequence[str], attached: bool) -> str:
    items = "".join(f"<li>{html(line)}</li>" for line in digest)
    return f"<h1>{html(title)}</h1><ul>{items}</ul>{'<p>全文见附件。</p>' if attached else ''}"
