"""One address as it answers now: the response as received, as WARC, and a picture of the whole page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

from fengping.chromium import find_chromium, launch_arguments
from fengping.clock import iso
from fengping.config import CrawlConfig
from fengping.errors import NotInstalled

if TYPE_CHECKING:
    import httpx2

LARGEST = 20 << 20
"""Bytes of a response that are kept."""
_SECONDS = 30
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
    answer = client.get(robots, follow_redirects=True)
    return answer.status_code != 200 or bool(Protego.parse(answer.text).can_fetch(url, agent))


def _get(client: httpx2.Client, url: str) -> Response | str:
    """The answer, or the address that a redirect leads to."""
    import httpx2

    with client.stream("GET", url) as answer:
        if answer.next_request is not None:
            return str(answer.next_request.url)
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > LARGEST:
                raise Refused(f"The response is larger than {LARGEST >> 20} MB.")
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw
        )
        whole = httpx2.Response(answer.status_code, headers=answer.headers, content=bytes(body))
        return Response(answer.status_code, answer.reason_phrase, headers, bytes(body), whole.text)


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
    import httpx2
    from warcio.archiveiterator import ArchiveIterator

    for found in ArchiveIterator(BytesIO(record)):
        head, body = found.http_headers, found.raw_stream.read()
        return httpx2.Response(int(head.get_statuscode()), headers=head.headers, content=body).text
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
