"""One POST within one limit, whether the other side drips, closes, redirects or shows a wrong certificate."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import orjson

from fengping.delivery.verdict import Outcome, Verdict

if TYPE_CHECKING:
    import aiohttp

MOST = 65_536  # bytes of an answer that are read
_LATER = {408, 425, 429}
_MOVED = {301, 308}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def words(self) -> str:
        return f"HTTP {self.status} {self.text[:300]}".strip()

    def json(self) -> dict[str, object] | None:
        """The answer as a JSON object, or ``None``."""
        try:
            value = orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None


def post(
    url: str, content: bytes, headers: Mapping[str, str], limit: float, context: ssl.SSLContext
) -> Answer | Verdict:
    """The answer to a POST, or the verdict where no complete answer came within *limit* seconds.

    *url* goes out exactly as it is written. Redirects are not followed.
    """
    return asyncio.run(_post(url, content, headers, limit, context))


async def _post(
    url: str, content: bytes, headers: Mapping[str, str], limit: float, context: ssl.SSLContext
) -> Answer | Verdict:
    import aiohttp
    from yarl import URL

    timeout = aiohttp.ClientTimeout(total=limit, sock_connect=limit * 0.8)
    headers = {"User-Agent": "fengping", **headers}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.post(URL(url, encoded=True), data=content, headers=headers, allow_redirects=False,
                         ssl=context) as response,
        ):  # fmt: skip
            body = await _read(response)
            return Answer(response.status, response.headers, body.decode("utf-8", "replace"))
    except aiohttp.ClientConnectorCertificateError as error:
        return Verdict(Outcome.UNREACHED, f"its certificate is not valid ({error.certificate_error})")
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return Verdict(Outcome.UNREACHED, f"no connection ({_cause(error)})")
    except (aiohttp.InvalidURL, ValueError) as error:
        return Verdict(Outcome.UNREACHED, f"no address to send to ({type(error).__name__})")
    except OSError as error:
        if isinstance(error, TimeoutError):
            return Verdict(Outcome.UNKNOWN, f"no complete answer within {limit:g} seconds")
        return Verdict(Outcome.UNKNOWN, f"the connection broke ({_cause(error)})")
    except aiohttp.ClientError as error:
        return Verdict(Outcome.UNKNOWN, f"no complete answer ({_cause(error)})")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for part in response.content.iter_any():
        body += part
        if len(body) >= MOST:
            break
    return body[:MOST]


_CONTEXT = re.compile(r" ssl:(?:<[^>]*>|\w+)")
"""A part of the client's errors that says nothing to a reader, and another thing each time."""


def _cause(error: BaseException) -> str:
    words = _CONTEXT.sub("", str(error))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def judge_status(answer: Answer, now: datetime) -> Verdict | None:
    """The verdict that the status alone gives; ``None`` for 2xx, of which the body has to be asked."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        to = answer.headers.get("Location", "nowhere")
        return Verdict(Outcome.REFUSED, f"HTTP {status}: a redirect to {to} is no delivery", status in _MOVED)
    final = 400 <= status < 500 and status not in _LATER
    return Verdict(Outcome.REFUSED, answer.words, final, wait=_retry_after(answer, now))


def _retry_after(answer: Answer, now: datetime) -> float:
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return min(float(value), 3600.0)
    try:
        return min(max((parsedate_to_datetime(value) - now).total_seconds(), 0.0), 3600.0)
    except (ValueError, TypeError):
        return 60.0 if answer.status == 429 else 0.0
