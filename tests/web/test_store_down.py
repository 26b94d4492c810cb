"""A store that does not answer: every page says so, nothing is lost, and the next request recovers."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from fastapi.testclient import TestClient
from tests.meanwhile import failing
from tests.web.conftest import documents, token_of

from fengping.errors import StoreDown
from fengping.home import Home
from fengping.web.desk import Desk

ONE = documents()[0].id
PAGES = (
    "/", "/search?q=退款", "/hosts", "/crosstab", "/words", "/peaks",
    "/alerts", "/alerts/rule?name=x&kind=any",
    "/registry?name=羽绒哥", "/correct", "/events", "/sources", "/reports", "/settings", "/jobs",
    f"/documents/{ONE}", "/compare?one=a&other=b",
)  # fmt: skip


def store_down() -> AbstractContextManager[None]:
    """Has the store of every console answer nothing."""
    return failing(Desk, "store", StoreDown("The store does not answer.", remedy="Start it."))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_that_the_store_is_down_and_recovers(client: TestClient, page: str) -> None:
    needless = page in ("/alerts", "/events", "/sources", "/reports", "/jobs")
    with store_down():
        answer = client.get(page)
        assert answer.status_code in (200, 503)
        assert needless or "The store does not answer." in answer.text
    assert "The store does not answer." not in client.get(page).text


def test_a_form_that_meets_a_store_that_is_down_writes_nothing(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "name": "x", "kind": "any"}
    with store_down():
        assert client.post("/alerts/rule", data=form).status_code == 400
        assert client.post("/marks", data=form | {"id": ONE, "tags": "甲"}).status_code == 503
    assert not list(stocked.alerts.glob("*.toml"))
    assert client.post("/alerts/rule", data=form).status_code == 200
