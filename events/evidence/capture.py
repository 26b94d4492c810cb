"""One address as it answers now: the response as received, as WARC, and a picture of the whole page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from fengping.chromium import find_chromium, launch_arguments
from fengping.clock import iso
from fengping.config import CrawlConfig
from fengping.errors import NotInstalled

if TYPE_CHECKING:
    import httpx

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


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the web: the hosts that may be asked, and the proxy that asks."""

    allows: Callable[[str], bool]
    """True for a host that may be asked."""
    proxy: str = ""
    """``http://HOST:PORT``; empty for none."""
    user: str = ""
    password: str = ""

    def check(self, url: str) -> None:
        """Raises :class:`Refused` for an address that is none of the web, or whose host may not be asked."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise Refused("It has no address on the web.")
        if not self.allows(parts.hostname or ""):
            raise Refused(f"{parts.hostname} is no public address (crawl.allow_private).")


def fetcher(config: CrawlConfig, way: Way) -> Fetch:
    """Fetches politely: named, and only what robots.txt allows, each address of a redirect included."""
    import httpx

    def check(request: httpx.Request) -> None:
        way.check(str(request.url))

    def fetch(url: str) -> Response:
        agent = f"{config.user_agent} {config.contact}".strip()
        auth = (way.user, way.password) if way.user else None
        proxy = httpx.Proxy(way.proxy, auth=auth) if way.proxy else None
        try:
            with httpx.Client(
                headers={"User-Agent": agent}, timeout=_SECONDS, event_hooks={"request": [check]},
                proxy=proxy,
            ) as client:  # fmt: skip
                for _ in range(_HOPS):
                    if config.obey_robots and not _allowed(client, url, agent):
                        raise Refused("robots.txt forbids it.")
                    answer = _get(client, url)
                    if isinstance(answer, Response):
                        return answer
                    url = answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Refused(f"{NO_ANSWER}: {error or type(error).__name__}.") from error
        raise Refused(f"It leads on more than {_HOPS} times.")

    return fetch


def _allowed(client: httpx.Client, url: str, agent: str) -> bool:
    from protego import Protego

    parts = urlsplit(url)
    robots = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
    answer = client.get(robots, follow_redirects=True)
    return answer.status_code != 200 or bool(Protego.parse(answer.text).can_fetch(url, agent))


def _get(client: httpx.Client, url: str) -> Response | str:
    """The answer, or the address that a redirect leads to."""
    import httpx

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
        whole = httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body))
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
    import httpx
    from warcio.archiveiterator import ArchiveIterator

    for found in ArchiveIterator(BytesIO(record)):
        head, body = found.http_headers, found.raw_stream.read()
        return httpx.Response(int(head.get_statuscode()), headers=head.headers, content=body).text
    return ""


def picture(url: str, way: Way) -> bytes:
    """A picture of the whole page as Chromium shows it. Raises :class:`Refused` where it cannot."""
    from playwright.sync_api import Error, ProxySettings, Route, sync_playwright

    known: dict[str, bool] = {}

    def pass_on(route: Route) -> None:
        host = urlsplit(route.request.url).hostname or ""
        if host not in known:
            known[host] = not host or way.allows(host)
        route.continue_() if known[host] else route.abort()

    proxy = ProxySettings(server=way.proxy, username=way.user, password=way.password) if way.proxy else None
    try:
        way.check(url)
        program = find_chromium()
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=program, args=launch_arguments(), proxy=proxy)
            try:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.route("**/*", pass_on)
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
