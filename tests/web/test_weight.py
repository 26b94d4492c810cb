"""Every page is light: at most 130 kB and five requests with its style and script, all of this server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import NOW
from tests.web.furnished import places

from devtools.bench.serve.pages import LIMIT, MOST, weight
from fengping.home import Home
from fengping.web import make_app

LOADS = r'<(?:link rel="(?:icon|stylesheet|preload)"|script|img|iframe)[^>]* (?:href|src)="([^"]+)"'


@pytest.fixture
def client(furnished: Home) -> Iterator[TestClient]:
    app = make_app(furnished, clock=lambda: NOW)
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


def test_no_page_is_heavier_than_it_may_be(client: TestClient, furnished: Home) -> None:
    heavy, foreign, known = [], [], (200, 404)
    for listed in places(furnished, client.app).values():
        for place in listed:
            page = client.get(place)
            assert page.status_code in known, place
            total, requests = weight(client, page)
            if total > LIMIT or requests > MOST:
                heavy.append((place, total, requests))
            foreign += [(place, one) for one in re.findall(LOADS, page.text) if not re.match(r"/(?!/)", one)]
    assert not heavy and not foreign


def test_what_a_page_loads_is_counted_with_it(client: TestClient) -> None:
    page = client.get("/keys")
    total, requests = weight(client, page)
    style = re.search(r'href="(/static/desk.css[^"]*)"', page.text)
    script = re.search(r'src="(/static/desk.js[^"]*)"', page.text)
    assert style and script and requests == 4
    loaded = [client.get(found[1]).content for found in (style, script)]
    assert total > len(page.content) + sum(map(len, loaded))
