"""Mail by SMTP: STARTTLS or TLS, login, plain text and HTML, attachments; one mail an address."""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from fengping.clock import local
from fengping.delivery.mail_page import page
from fengping.delivery.message import WHOLE, Attachment, Message
from fengping.delivery.secrets import Reference
from fengping.delivery.senders.channel import Channel, Office, trust
from fengping.delivery.verdict import Outcome, Parcel, Verdict
from fengping.errors import UsageError


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", parseaddr(value)[1]):
        raise ValueError(f"{value!r} is no mail address")
    return value


Address = Annotated[str, AfterValidator(_address)]


class Mail(Channel):
    """A mail server. A server's yes means that it took the mail, not that it was read."""

    registered_as: ClassVar[str] = "mail"
    server: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0: 587 with STARTTLS, 465 with TLS, 25 without."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Address
    """``风评 <monitor@example.cn>``"""
    user: str = ""
    password: Reference | None = None
    to: tuple[Address, ...] = ()
    """Addresses of what is sent to the channel itself; ``NAME:address`` names another."""
    subject_prefix: str = ""
    most_bytes: Annotated[int, Field(gt=0)] = 15_000_000
    """Attachments beyond it stay away, and the mail says so."""
    ca_file: str = ""
    timeout: Annotated[float, Field(gt=0, le=300)] = 60.0

    def addresses(self, address: str) -> Iterator[str]:
        if address:
            try:
                yield parseaddr(_address(address))[1]
            except ValueError as error:
                raise UsageError(f"{error}.") from None
        elif not self.to:
            raise UsageError(
                "This mail channel names nobody.",
                remedy='Add to = ["a@example.cn"], or write NAME:a@example.cn.',
            )
        else:
            yield from (parseaddr(one)[1] for one in self.to)

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        if parcel.message.key.startswith(WHOLE) and (left := self._attachments(parcel.message)[1]):
            named = ", ".join(one.name for one in left)
            said = f"not sent cut: {named} is over most_bytes ({self.most_bytes:,})"
            return Verdict(Outcome.REFUSED, said, True, whole=False)
        mail = self.compose(parcel)
        password = office.secrets.read(self.password) if self.password else ""
        begun = False
        try:
            with self._connected(office) as smtp:
                if self.security == "starttls":
                    smtp.starttls(context=trust(self.ca_file, office))
                if self.user:
                    smtp.login(self.user, password)
                begun = True
                smtp.sendmail(parseaddr(self.sender)[1], [parcel.address], mail.as_bytes(policy=SMTP))
                return Verdict(Outcome.ACCEPTED, f"{self.server} took it")
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return _judge(error, begun)

    @contextmanager
    def _connected(self, office: Office) -> Iterator[smtplib.SMTP]:
        """A connection that is shut, whatever it waits for, when the attempt's time is over."""
        port = self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]
        if self.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self.timeout, context=trust(self.ca_file, office))
        else:
            smtp = smtplib.SMTP(timeout=self.timeout)
        over = threading.Timer(self.timeout, _shut, [smtp])
        over.daemon = True
        over.start()
        try:
            smtp._host = self.server  # type: ignore[attr-defined]  # connect() alone does not tell TLS the name
            code, words = smtp.connect(self.server, port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            over.cancel()
            smtp.close()

    def compose(self, parcel: Parcel) -> EmailMessage:
        """The mail as it goes out; the same message gives the same ``Message-ID`` for ever."""
        message = parcel.message
        name, sender = parseaddr(self.sender)
        domain = sender.rpartition("@")[2]
        taken, left = self._attachments(message)
        remark = "；".join(
            f"附件 {one.name}（{len(one.content) / 1e6:.1f} MB）未附：上限 {self.most_bytes / 1e6:g} MB"
            for one in left
        )
        mail = EmailMessage()
        mail["Subject"] = f"{self.subject_prefix}{message.title}"
        mail["From"] = formataddr((name, sender)) if name else sender
        mail["To"] = parcel.address
        mail["Date"] = format_datetime(local(parcel.now))
        mail["Message-ID"] = f"<{message.id}.{_short(parcel.address)}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Fengping-Id"] = message.id
        if message.thread:
            mail["References"] = f"<thread.{_short(message.thread)}@{domain}>"
        mail.set_content(message.text() + (f"\n{remark}" if remark else "") + "\n")
        mail.add_alternative(page(message, remark), subtype="html")
        for one in taken:
            main, _, sub = one.type.partition("/")
            mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
        return mail

    def _attachments(self, message: Message) -> tuple[list[Attachment], list[Attachment]]:
        taken: list[Attachment] = []
        left: list[Attachment] = []
        for one in message.attachments:
            fits = sum(len(other.content) for other in [*taken, one]) <= self.most_bytes
            (taken if fits else left).append(one)
        return taken, left


def _shut(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None:
        with suppress(OSError):
            # The plain method: that of a TLS socket would first take the TLS away from the thread that reads.
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _judge(error: Exception, begun: bool) -> Verdict:
    """The meaning of the server's refusal, or of its silence, for the next attempt."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return Verdict(Outcome.REFUSED, f"{code} {_text(answer)}", code >= 500, whole=False)
    if isinstance(error, smtplib.SMTPResponseException):
        final = error.smtp_code >= 500
        return Verdict(Outcome.REFUSED, f"{error.smtp_code} {_text(error.smtp_error)}", final)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Verdict(Outcome.UNREACHED, str(error))
    if isinstance(error, UnicodeError):
        return Verdict(
            Outcome.UNREACHED, "login or address has letters that SMTP does not carry", whole=False
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict(Outcome.UNREACHED, f"its certificate is not valid ({error.verify_message})")
    words = f"{type(error).__name__}: {error}"
    if begun:
        return Verdict(Outcome.UNKNOWN, f"no complete answer ({words})")
    return Verdict(Outcome.UNREACHED, f"no connection ({words})")


def _text(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
