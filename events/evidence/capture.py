"""One address as it answers now: the response as received, as WARC, and a picture of the whole page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from fengping.chromium import find_chromium, launch_arguments
from fengping.clock import iso
from fengping.config import CrawlConfig
from fengping.errors import NotInstalled

if TYPE_CHECKING:
    import httpx2

LARGEST = 20 << 20
"""Bytes of a response that are kept, and characters of its text that are looked at."""
_LARGEST_ROBOTS = 500 << 10
"""Characters of robots.txt that count; RFC 9309 asks for as many."""
_BLOCK = 1 << 12
_SECONDS = 30
"""Seconds for each step, such as the next part of a response."""
_SECONDS_IN_ALL = 300
"""Seconds for a whole response."""
_HOPS = 5
"""Addresses asked for one document, with those of redirects."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of a server, raw."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """As it came, not unpacked."""
    text: str

    @property
    def date(self) -> str:
        """The server's own time."""
        return {name.lower(): value for name, value in self.headers}.get("date", "")


_Part = TypeVar("_Part", bytes, str)
Fetch = Callable[[str], Response]
Picture = Callable[[str], bytes]


NO_ANSWER = "No answer"
"""Begin of the reason where an address may answer another time."""


class Refused(Exception):
    """The address could not be kept; the message says why."""


class Way(Protocol):
    """The way to the web: a proxy that refuses hosts without a public address."""

    url: str
    """``http://127.0.0.1:PORT``"""

    @property
    def refused(self) -> Mapping[str, int]:
        """Hosts that were refused."""

    def fault(self, url: str) -> OSError | None:
        """Why the last connection to the host of *url* failed."""


def fetcher(config: CrawlConfig, way: Way) -> Fetch:
    """Fetches politely: named, and only what robots.txt allows, each address of a redirect included."""
    import httpx2

    def fetch(url: str) -> Response:
        agent = f"{config.user_agent} {config.contact}".strip()
        headers = {"User-Agent": agent, "Connection": "close"}
        asked = [url]
        hooks = {"request": [lambda request: asked.append(str(request.url))]}
        try:
            with httpx2.Client(headers=headers, timeout=_SECONDS, event_hooks=hooks, proxy=way.url) as client:
                for _ in range(_HOPS):
                    if urlsplit(url).scheme not in {"http", "https"}:
                        raise Refused("It has no address on the web.")
                    if config.obey_robots and not _allowed(client, url, agent):
                        raise Refused("robots.txt forbids it.")
                    answer = _get(client, url)
                    if isinstance(answer, Response):
                        return answer
                    url = answer
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            if (host := urlsplit(asked[-1]).hostname) in way.refused:
                raise Refused(f"{host} is no public address (crawl.allow_private).") from error
            reason = way.fault(asked[-1]) or error or type(error).__name__
            raise Refused(f"{NO_ANSWER}: {reason}.") from error
        raise Refused(f"It leads on more than {_HOPS} times.")

    return fetch


def _allowed(client: httpx2.Client, url: str, agent: str) -> bool:
    from protego import Protego

    parts = urlsplit(url)
    robots = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
    with client.stream("GET", robots, follow_redirects=True) as answer:
        if answer.status_code != 200:
            return True
        return bool(Protego.parse(_beginning(answer, _LARGEST_ROBOTS)).can_fetch(url, agent))


def _get(client: httpx2.Client, url: str) -> Response | str:
    """The answer, or the address that a redirect leads to."""

    with client.stream("GET", url) as answer:
        if answer.next_request is not None:
            return str(answer.next_request.url)
        body = bytearray()
        for part in _in_time(answer.iter_raw()):
            body += part
            if len(body) > LARGEST:
                raise Refused(f"The response is larger than {LARGEST >> 20} MB.")
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw
        )
        text = _unpacked(answer.status_code, headers, bytes(body))
        return Response(answer.status_code, answer.reason_phrase, headers, bytes(body), text)


def _unpacked(status: int, headers: Sequence[tuple[str, str]], body: bytes) -> str:
    """The text of a body. It is unpacked bit by bit: packed, gigabytes may look like a small page."""
    import httpx2

    parts = (body[at : at + _BLOCK] for at in range(0, len(body), _BLOCK))
    return _beginning(httpx2.Response(status, headers=list(headers), content=parts), LARGEST)


def _beginning(answer: httpx2.Response, most: int) -> str:
    """The first *most* characters of an answer."""
    text = StringIO()
    for part in _in_time(answer.iter_text()):
        text.write(part)
        if text.tell() >= most:
            break
    return text.getvalue()[:most]


def _in_time(parts: Iterable[_Part]) -> Iterator[_Part]:
    """*parts*. Raises :class:`Refused` where they drip for too long."""
    begun = time.monotonic()
    for part in parts:
        if time.monotonic() - begun > _SECONDS_IN_ALL:
            raise Refused(f"{NO_ANSWER}: it took longer than {_SECONDS_IN_ALL} seconds.")
        yield part


def warc(url: str, response: Response, at: datetime) -> bytes:
    """The response as one gzipped WARC record."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders(
        f"{response.status} {response.reason}", list(response.headers), protocol="HTTP/1.1"
    )
    record = writer.create_warc_record(
        url, "response", payload=BytesIO(response.body), http_headers=headers,
        warc_headers_dict={"WARC-Date": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
    )  # fmt: skip
    writer.write_record(record)
    return out.getvalue()


def text_of(record: bytes) -> str:
    """The text of the response in a record that :func:`warc` made."""
    from warcio.archiveiterator import ArchiveIterator

    for found in ArchiveIterator(BytesIO(record)):
        head = found.http_headers
        return _unpacked(int(head.get_statuscode()), head.headers, found.raw_stream.read())
    return ""


def picture(url: str, way: Way) -> bytes:
    """A picture of the whole page as Chromium shows it. Raises :class:`Refused` where it cannot."""
    from playwright.sync_api import Error, sync_playwright

    try:
        program = find_chromium()
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=program, args=launch_arguments(way.url))
            try:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto(url, wait_until="load", timeout=_SECONDS * 1000)
                return page.screenshot(full_page=True, type="png")
            finally:
                browser.close()
    except (Error, NotInstalled) as error:
        raise Refused(f"No picture: {str(error).splitlines()[0]}") from error


def about(url: str, response: Response, at: datetime) -> dict[str, object]:
    """Metadata kept beside the response: address, both clocks, status, headers."""
    return {
        "url": url, "at": iso(at), "server_date": response.date, "status": response.status,
        "headers": [list(header) for header in response.headers],
    }  # fmt: skip
