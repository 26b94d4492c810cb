"""``fengping.client`` against a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from tests.trends.conftest import NOW, filled

from fengping.client import Client
from fengping.errors import StoreDown, UsageError
from fengping.home import Home
from fengping.state import State
from fengping.web import serving
from fengping.web.accounts import tokens

__all__ = ["filled"]


@pytest.fixture
def client(filled: Home) -> Iterator[Client]:
    token = tokens.add(State.open(filled), "crm", "correct", NOW)
    bound = serving.bind(filled, "127.0.0.1", 0)
    server = uvicorn.Server(bound.config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]})
    thread.start()
    with Client(bound.url, token=token) as made:
        yield made
    server.should_exit = True
    thread.join()


def test_questions_and_pages_and_documents_handed_in(client: Client) -> None:
    assert len({one["id"] for one in client.documents("host:林小禾", limit=20)}) == 84
    assert len(client.trend("玉镯", since="2020-11-16", until="2020-11-29")) == 14
    assert client.crosstab()[0]["of_row"]["n"] == 84
    assert len(client.search("玉镯", limit=5)) == 5
    sent = client.send("客服", [{"text": "假货", "post_id": "1"}])
    assert [one["status"] for one in sent] == ["new"]
    with pytest.raises(UsageError, match="400: Unclosed bracket"):
        client.search("(退货")


def test_rows_become_a_table(client: Client) -> None:
    pytest.importorskip("pandas")
    table = client.crosstab().to_pandas()
    assert {"hosts", "issues", "count", "of_row.share"} <= set(table.columns)


def test_where_nobody_answers_is_told() -> None:
    with Client("http://127.0.0.1:9", timeout=2) as nobody, pytest.raises(StoreDown, match="does not answer"):
        nobody.trend()
