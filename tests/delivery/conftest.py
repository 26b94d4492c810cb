"""Homes on SQLite and PostgreSQL, and a way to write ``delivery.toml``."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from tests.postgres import Unavailable, running

from fengping.home import Home

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def book(home: Home) -> Callable[[str], Home]:
    """Writes *text* as the home's ``delivery.toml``."""

    def write(text: str) -> Home:
        (home.root / "delivery.toml").write_text(text, encoding="utf-8")
        return home

    return write


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """``postgresql+psycopg://…/`` of a server that the tests start; skipped where there is none."""
    try:
        with running() as url:
            yield url
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_home(request: pytest.FixtureRequest, home: Home) -> Home:
    """A home whose state stands in SQLite, then one with it in PostgreSQL."""
    if request.param == "sqlite":
        return home
    server = request.getfixturevalue("postgres_server")
    name = f"state_{uuid.uuid4().hex}"
    address = server.replace("+psycopg", "") + "postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    (home.root / "fengping.toml").write_text(f'state = "{server}{name}"\n', encoding="utf-8")
    return Home.open(home.root)
