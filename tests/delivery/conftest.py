"""Homes on SQLite and PostgreSQL, and a way to write ``delivery.toml``."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime

import pytest
from tests import postgres

from fengping.home import Home

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_proxy(environ: MutableMapping[str, str]) -> None:
    environ["NO_PROXY"] = "127.0.0.1"


@pytest.fixture
def book(home: Home) -> Callable[[str], Home]:
    """Writes *text* as the home's ``delivery.toml``."""

    def write(text: str) -> Home:
        (home.root / "delivery.toml").write_text(text, encoding="utf-8")
        return home

    return write


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def any_home(request: pytest.FixtureRequest, home: Home) -> Home:
    """A home whose state stands in SQLite, then one with it in PostgreSQL."""
    if request.param == "sqlite":
        return home
    url = postgres.database(request.getfixturevalue("postgres_server"))
    (home.root / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
    return Home.open(home.root)
