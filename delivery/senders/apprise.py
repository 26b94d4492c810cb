"""Everything else by Apprise (an extra): Telegram, ntfy, Bark, Slack and a hundred more."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from fengping.delivery.message import Severity
from fengping.delivery.secrets import Reference
from fengping.delivery.senders.channel import Channel, Office, digest
from fengping.delivery.verdict import Outcome, Parcel, Verdict
from fengping.errors import install

_OWN = {"dingtalk": "dingtalk", "wecombot": "wecom", "feishu": "feishu", "lark": "feishu", "mailto": "mail",
        "mailtos": "mail"}  # fmt: skip
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}


class AppriseChannel(Channel):
    """A URL in Apprise's notation. Its yes is Apprise's, which some services' refusals pass as."""

    registered_as: ClassVar[str] = "apprise"
    url: Reference

    def robot(self, name: str, office: Office) -> str:
        return digest(self.kind, office.secrets.address(self.url))

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        url = office.secrets.address(self.url)
        scheme = url.partition(":")[0].lower()
        if own := _OWN.get(scheme):
            return Verdict(
                Outcome.UNREACHED,
                f"{scheme}:// is no channel of Apprise here: use the kind {own!r}",
                True,
            )
        try:
            import apprise
        except ImportError:
            return Verdict(Outcome.UNREACHED, f"Apprise is missing. {install('apprise')}")
        there = apprise.Apprise()
        if not there.add(url):
            return Verdict(Outcome.UNREACHED, "Apprise does not understand the URL", True)
        with _Listening() as heard:
            message = parcel.message
            yes = there.notify(
                body="\n".join([*message.markdown_lines, *([message.link] if message.link else [])]),
                title=message.title,
                notify_type=apprise.NotifyType(_TYPES[message.severity]),
                body_format=apprise.NotifyFormat.MARKDOWN,
            )
        words = " ".join(heard.words) or ("sent" if yes else "no reason given")
        return Verdict(Outcome.ACCEPTED if yes else Outcome.REFUSED, f"Apprise: {words}")


class _Listening(logging.Handler):
    """The words that Apprise writes to its log while it sends, its only ones about a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())

    def __enter__(self) -> _Listening:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: Any) -> None:
        logging.getLogger("apprise").removeHandler(self)
