"""The value that is told: one message with its key, in words that every channel can show."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fengping.errors import UsageError

EDITION = "edition:"
"""Beginning of the keys of editions: such a message goes with all that was signed, or not at all."""

REPORT = "report:"
"""Beginning of the keys of reports that nobody signed."""

WHOLE = (EDITION, REPORT)
"""Beginnings of the keys of what goes with all its files, or not at all."""


class Severity(StrEnum):
    """The urgency of a message; where many wait, the more urgent goes first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def urgency(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along with a mail or into a folder."""

    name: str
    content: bytes
    type: str = "application/octet-stream"

    def __post_init__(self) -> None:
        if not self.name or re.search(r"[/\\\x00-\x1f]", self.name) or self.name in {".", ".."}:
            raise UsageError(f"{self.name!r} is no name for an attachment.")

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell. *key* names it for ever: the same key enqueued twice is told once.

    ``lines`` are the summary, ``body`` the rest in Markdown; each list item of it is one entry that
    a short channel may leave out, counted. ``plain`` and ``html`` replace what would be made of them.
    Collected text belongs through :func:`escape` before it stands in ``lines`` or ``body``.
    """

    key: str
    subject: str
    lines: tuple[str, ...] = ()
    body: str = ""
    plain: str = ""
    html: str = ""
    link: str = ""
    """The page that shows everything, for channels that had to leave something out."""
    actions: Mapping[str, str] = field(default_factory=dict)
    """Addresses by what a reader does there, as a chat shows them beside the link."""
    severity: Severity = Severity.INFO
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names and values that routes match on: ``{"host": ("某主播",), "class": ("C03",)}``."""
    thread: str = ""
    """Messages of one thread stand below each other in a mailbox."""
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if not self.key.strip() or not self.subject.strip():
            raise UsageError("A message needs a key and a subject.")

    @property
    def id(self) -> str:
        """The key as 32 hexadecimal digits, sent along everywhere so that a receiver can tell a repeat."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    @property
    def title(self) -> str:
        """The subject as one line."""
        return " ".join(self.subject.split())

    @property
    def markdown_lines(self) -> list[str]:
        """Summary, body and the names of attachments, line by line."""
        lines = [*self.lines, *self.body.splitlines()]
        if self.attachments:
            lines.append("附件：" + "、".join(attachment.name for attachment in self.attachments))
        return lines

    def text(self) -> str:
        """Everything as plain text, for a terminal, a file or the plain half of a mail."""
        lines = [self.plain or "\n".join([self.title, *(_plain(line) for line in self.markdown_lines)])]
        if self.link:
            lines.append(self.link)
        lines += [f"{name} {address}" for name, address in self.actions.items()]
        return "\n".join(lines)

    def to_record(self) -> dict[str, Any]:
        """JSON of everything but the attachments' bytes, which :meth:`from_record` takes apart from it."""
        return {
            "key": self.key, "id": self.id, "subject": self.subject, "lines": list(self.lines),
            "body": self.body, "plain": self.plain, "html": self.html, "link": self.link,
            "actions": dict(self.actions), "severity": self.severity.value, "thread": self.thread,
            "labels": {name: list(values) for name, values in self.labels.items()},
            "attachments": [
                {"name": a.name, "type": a.type, "digest": a.digest, "size": len(a.content)}
                for a in self.attachments
            ],
        }  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any], contents: Mapping[str, bytes]) -> Message:
        return cls(
            key=record["key"], subject=record["subject"], lines=tuple(record["lines"]), body=record["body"],
            plain=record["plain"], html=record["html"], link=record["link"], thread=record["thread"],
            actions=record.get("actions", {}), severity=Severity(record["severity"]),
            labels={name: tuple(values) for name, values in record["labels"].items()},
            attachments=tuple(
                Attachment(a["name"], contents[a["digest"]], a["type"]) for a in record["attachments"]
            ),
        )  # fmt: skip


def escape(text: str) -> str:
    """Collected text for use within Markdown: one line, no marks, no mention of anybody."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _plain(line: str) -> str:
    line = re.sub(r"^#{1,6}\s+", "", line)
    line = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\((\S+?)\)", r"\1 \2", line)
    line = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"\1", line)
    return re.sub(r"\\([\\`*_\[\]<>#|~])", r"\1", line)
