"""A ``fengping.toml`` that is changed while the console runs: taken up, or said to wait for a start."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.web.conftest import HOST, client_of, token_of

from fengping.home import Home
from fengping.state import State
from fengping.web.accounts import book

WAITS = "重启 fengping serve 后才生效"


@pytest.fixture
def page(client: TestClient, stocked: Home) -> Callable[[str], str]:
    """The page of settings once the file says something else."""

    def settings(text: str) -> str:
        stocked.config_file.write_text(text, encoding="utf-8")
        return client.get("/settings").text

    return settings


def test_what_is_changed_holds_at_the_next_request(page: Callable[[str], str]) -> None:
    said = page('[report]\ntitle = "夜班周报"\n')
    assert "夜班周报" in said and WAITS not in said
    assert "早班周报" in page('[report]\ntitle = "早班周报"\n')
    # One that cannot be used changes nothing.
    assert "早班周报" in page('[report]\ntitel = "x"\n')
    assert "早班周报" not in page("")


def test_links_lead_to_another_address_at_once_and_its_name_waits(
    page: Callable[[str], str],
) -> None:
    said = page('[serve]\npublic_url = "https://desk.example.org"\n')
    assert "https://desk.example.org" in said and WAITS in said and "<code>serve.public_url</code>" in said
    assert "<code>serve.reads_per_minute</code>" in page("[serve]\nreads_per_minute = 7\n")
    assert WAITS not in page("")


def test_another_engine_waits_for_a_start_with_all_else(
    page: Callable[[str], str], client: TestClient
) -> None:
    said = page('store = "tantivy:var/other"\n[report]\ntitle = "夜班周报"\n')
    assert WAITS in said and "<code>store</code>" in said and "夜班周报" not in said
    assert HOST in client.get("/search", params={"q": "假货"}).text


def test_each_key_says_if_it_waits_for_a_start(page: Callable[[str], str]) -> None:
    rows = html.fromstring(page("")).xpath("//tr[td/code]")
    marked = {row.xpath("string(td/code)"): row.xpath("string(td[last()])") for row in rows}
    assert marked["store"] == marked["serve.proxies"] == marked["kafka.replicas"] == "重启后"
    assert marked["serve.public_url"] == "主机名重启后"
    assert marked["report.title"] == marked["schedule.index_every_minutes"] == marked["crawl.delay"] == ""
    assert "<code>serve.proxies</code>" in page('[serve]\nproxies = ["10.0.0.2"]\n')
    assert "别的改动也不生效" in page('store = "tantivy:var/other"\n')


def test_a_click_that_writes_the_file_leaves_the_engines_for_the_next_start(stocked: Home) -> None:
    with client_of(stocked) as client:
        form = {"token": token_of(client), "on": "1"}
        was = stocked.config.state
        stocked.config_file.write_text('state = "sqlite:var/other.db"\n', encoding="utf-8")
        for place, names in (("/jobs/pause", ("index", "alerts")), ("/source/switch", ("ccn", "cctv"))):
            for name in names:
                assert client.post(place, data=form | {"name": name}).status_code == 200
        assert client.app.state.desk.home.config.state == was  # type: ignore[attr-defined]
        said = client.get("/settings").text
    assert WAITS in said and "<code>state</code>" in said
    assert not (stocked.var / "other.db").exists()
    _, lines = book.written(State.open(stocked), 9)
    assert [line.target for line in reversed(lines)] == ["index", "alerts", "ccn", "cctv"]
    written = tomllib.loads(stocked.config_file.read_text("utf-8"))  # the second click beside the first
    assert written["schedule"]["paused"] == ["index", "alerts"]
    assert {"ccn", "cctv"} <= {*written["crawl"]["sources"]}
