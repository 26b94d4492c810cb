"""The common part of chat robots: a secret URL, a text with a foot, an answer judged by its code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from fengping.delivery.cut import fit, utf8
from fengping.delivery.message import Message, Severity, escape
from fengping.delivery.secrets import Reference
from fengping.delivery.senders.channel import Channel, Office, digest, trust, web_address
from fengping.delivery.senders.http import Answer, judge_status, post
from fengping.delivery.verdict import Outcome, Verdict

_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|~])")
_RULE, _CELLS = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*"), re.compile(r"[^\s|](?:[^|]*[^\s|])?")
_WIDER = 0xFEE0  # from an ASCII mark to its full-width twin


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a service; one that stands nowhere is tried again, so that nothing is dropped."""

    names: tuple[str, ...]
    """The field that holds the code, the first that is there."""
    words: tuple[str, ...]
    """The field that holds its words."""
    rate: Collection[int]
    """Too many messages: the robot wants to be left alone."""
    final: Collection[int]
    """It would be refused again."""
    rest: float
    """Seconds it wants to be left alone."""
    hurried: tuple[str, ...] = (
        "too fast",
        "too many",
        "frequency",
        "freq out",
        "over limit",
        "限流",
    )
    """Words of a refusal for haste, under whichever code."""


class Robot(Channel):
    """A robot of a chat group, behind a URL that is itself the secret."""

    url: Reference
    per_minute: int = 18
    mention: tuple[str, ...] = ()
    """People whom a critical message calls, as the service names them."""
    ca_file: str = ""
    """Certificates to trust beside the usual ones, for a gateway within the house."""

    def robot(self, name: str, office: Office) -> str:
        return digest(self.kind, web_address(self.url, office))

    def hand_over(self, url: str, content: bytes, office: Office, codes: Codes, now: datetime) -> Verdict:
        """Posts the request and judges the answer by *codes*."""
        office.secrets.remember(url)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = post(url, content, headers, self.timeout, trust(self.ca_file, office))
        return answer if isinstance(answer, Verdict) else judge(answer, codes, now)

    def called(self, message: Message) -> tuple[str, ...]:
        """The people whom this message calls."""
        return self.mention if message.severity is Severity.CRITICAL else ()


def judge(answer: Answer, codes: Codes, now: datetime) -> Verdict:
    """A refusal with HTTP 200 is a refusal; an answer that is not the service's own is none. Haste is told by
    the service's own words, under whatever status."""
    body = answer.json() or {}
    code = next((body[name] for name in codes.names if name in body), None)
    words = " ".join(str(body[name]) for name in codes.words if name in body).lower()
    if code in codes.rate or any(hurry in words for hurry in codes.hurried):
        return Verdict(Outcome.REFUSED, answer.text[:300], wait=codes.rest)
    if (verdict := judge_status(answer, now)) is not None:
        return verdict
    if type(code) is int and code == 0:
        return Verdict(Outcome.ACCEPTED, answer.text[:300])
    if code is None:
        return Verdict(Outcome.REFUSED, f"not the service's own answer: {answer.words}")
    return Verdict(Outcome.REFUSED, answer.text[:300], final=code in codes.final)


def compose(
    message: Message,
    limit: int,
    *,
    heading: bool = True,
    keyword: str = "",
    joiner: str = "\n",
    size: Callable[[str], int] = utf8,
    mention: str = "<@",
) -> str:
    """The text of a message for a robot: heading, lines, what was left out, link and number.

    Chats know neither escapes nor tables: an escaped mark becomes its full-width twin, a row a line. A
    subject is plain text, and may hold a title that was collected: no mark of it opens anything.
    *mention* opens the mark by which the service calls people, which collected text must not do.
    """
    title = _widened(escape(message.title)) if heading else message.title
    lines = [*([f"### {title}"] if heading else []), *map(_widened, message.markdown_lines)]
    lines = [line.replace(mention, "＜" + mention[1:]) for line in lines if not _RULE.fullmatch(line)]
    lines = [" · ".join(_CELLS.findall(line)) if line.startswith("|") else line for line in lines]
    foot = [*([f"[查看全部]({message.link})"] if message.link else []), f"编号 {message.id[:8]}"]
    if message.actions:
        foot.insert(0, " ".join(f"[{name}]({address})" for name, address in message.actions.items()))
    if keyword and keyword not in title:
        foot.append(keyword)
    return fit(lines, foot, limit, size=size, joiner=joiner)


def _widened(line: str) -> str:
    return _ESCAPED.sub(lambda mark: chr(ord(mark[1]) + _WIDER), line)


def sign(key: bytes, text: bytes) -> str:
    """Base64 of the HMAC-SHA256 of *text*."""
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def encode(request: dict[str, Any]) -> bytes:
    """A request as JSON, Chinese as UTF-8 and not as six bytes a character."""
    return orjson.dumps(request)
