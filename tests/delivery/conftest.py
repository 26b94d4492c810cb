"""Homes on SQLite and PostgreSQL, and a way to write ``delivery.toml``."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

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
    """``postgresql+psycopg://…`` of a server that the tests start; skipped where there is none."""
    binaries = shutil.which("initdb"), shutil.which("postgres")
    if None in binaries:
        pytest.skip("no PostgreSQL (initdb, postgres) on PATH")
    pytest.importorskip("psycopg")
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="fengping-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if user:
        shutil.chown(folder, user)
    try:
        subprocess.run(
            [str(binaries[0]), "-D", str(folder / "data"), "-U", "tests", "-A", "trust", "-N", "-E", "UTF8"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        server = subprocess.Popen(
            [str(binaries[1]), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder), "-F",
             "-c", "listen_addresses=127.0.0.1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder,
        )  # fmt: skip
        try:
            _wait_for(port)
            yield f"postgresql+psycopg://tests@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for the engines' open connections
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="tests", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("the PostgreSQL server does not answer")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_home(request: pytest.FixtureRequest, home: Home) -> Home:
    """A home whose state stands in SQLite, then one with it in PostgreSQL."""
    if request.param == "sqlite":
        return home
    import psycopg

    server = request.getfixturevalue("postgres_server")
    name = f"state_{uuid.uuid4().hex}"
    address = server.replace("+psycopg", "") + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    (home.root / "fengping.toml").write_text(f'state = "{server}/{name}"\n', encoding="utf-8")
    return Home.open(home.root)
