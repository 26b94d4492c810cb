"""Sources that fail say by what: in the verdict, in the notice, and in the last line of a crawl."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator

import pytest
from tests.commands import fengping
from tests.site.homes import CONFIG, list_source, make_home
from tests.site.server import Handler, Reply, Site, list_page, serve

from fengping.clock import now
from fengping.home import Home
from fengping.scheduler import watchman
from fengping.scheduler.troubles import Look
from fengping.spiders.health import check
from fengping.spiders.run.causes import causes
from fengping.state import State

pytestmark = pytest.mark.slow

CAUSES = {
    "name": "failed: 1 pages whose host's name does not resolve",
    "shut": "failed: 1 pages whose host refused the connection",
    "cipher": "failed: 1 pages whose certificate or encryption failed",
    "cut": "failed: 1 pages on which the connection broke off",
    "slow": "failed: 1 pages that did not come in time",
    "fault": "failed: 1 pages answered by a fault of the server (5xx)",
    "door": "blocked on 1 of 1 pages: 1 pages answered by 403",
    "often": "blocked on 1 of 1 pages: 1 pages answered by 429",
    "wall": "blocked on 1 of 1 pages: 1 pages on which a captcha or a refusal stood",
    "rebuilt": "failed: 1 lists on which the selector or path matches nothing",
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, list[str]]]:
    """A home whose sources all failed, each by another cause; what the crawl said."""
    with serve() as site:
        fill(site)
        addresses = {
            "name": "http://no-such-host.invalid/list",
            "shut": "http://127.0.0.1:9/list",
            "cipher": f"https://127.0.0.1:{site.port}/list",
        }
        sources = {name: list_source(addresses.get(name, site.url(f"/{name}"))) for name in CAUSES}
        home = make_home(tmp_path_factory.mktemp("failed"), CONFIG + "timeout = 2\n", **sources)
        done = fengping(home, "crawl", "--processes", "4")
        assert done.returncode == 1
        yield home, done.stderr.strip().splitlines()


def fill(site: Site) -> None:
    site.pages |= {
        "/cut": cut,
        "/slow": Reply("late", wait=30),
        "/fault": Reply("error", 500),
        "/door": Reply("no", 403),
        "/often": Reply("no", 429),
        "/wall": Reply("<html><head><title>安全验证</title></head><body>请完成验证</body></html>"),
        "/rebuilt": Reply(list_page({}).replace("news", "fresh")),
    }


def cut(handler: Handler) -> Reply:
    handler.wfile = io.BytesIO()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return Reply()


def test_a_notice_names_the_cause(failed: tuple[Home, list[str]]) -> None:
    home, _ = failed
    told = {notice.source: notice.reason for notice in check(home, now())}
    wrong = {name: told.get(name) for name, cause in CAUSES.items() if not told.get(name, "").endswith(cause)}
    assert not wrong
    seen = [trouble.sentence for trouble in watchman.found(Look(home, State.open(home), now()))]
    assert [one for one in seen if one.startswith("name is failing") and one.endswith("does not resolve.")]


def test_a_crawl_ends_with_the_causes_of_all(failed: tuple[Home, list[str]]) -> None:
    _, said = failed
    assert said[-1].startswith("10 of 10 sources failed: 1 pages whose host's name does not resolve, ")
    for cause in CAUSES.values():
        assert cause.removeprefix("failed: ").rpartition("pages: ")[2] in said[-1]


def test_the_most_frequent_comes_first_and_the_rest_is_counted() -> None:
    counts = {"unreachable": 9, "no_host": 7, "tls": 2, "timeout": 3, "http_error": 4, "blocked": 2}
    assert causes(counts) == [
        "7 pages whose host's name does not resolve",
        "4 pages ended in errors",
        "3 pages that did not come in time",
        "2 pages whose certificate or encryption failed",
        "blocked on 2 pages",
    ]
    assert causes({"stored": 3}) == []
