"""A state database that is restarted: whoever waits for the schedule goes on waiting, and takes it over."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests import postgres
from tests.scheduler.test_roles import wait_for
from tests.servers import needed

from fengping.home import Home
from fengping.scheduler.lease import Lease, held
from fengping.state import State

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    with needed(), postgres.served() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, server: postgres.Server) -> Home:
    root = tmp_path / "home"
    (root / "sources").mkdir(parents=True)
    (root / "fengping.toml").write_text(f'state = "{postgres.database(server.url)}"\n', encoding="utf-8")
    return Home.open(root)


def test_a_connection_that_a_restart_ended_is_replaced(home: Home, server: postgres.Server) -> None:
    state = State.open(home)
    assert state.schema() > 0
    server.stop()
    server.start()
    assert state.schema() > 0


def test_a_standby_outlives_a_restart_and_takes_over(
    home: Home, server: postgres.Server, tmp_path: Path
) -> None:
    state, log = State.open(home), tmp_path / "log"
    leader = Lease(state, "here:1:x", time.monotonic)
    assert leader.take(datetime.now(UTC)) is None
    program = (
        "import sys; from fengping.scheduler import service; from fengping.scheduler.roles import Role; "
        "from fengping.home import Home; from pathlib import Path; "
        "service.serve(Home.open(Path(sys.argv[1])), roles=frozenset({Role.INDEX}))"
    )
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-c", program, str(home.root)], stdout=out, stderr=subprocess.STDOUT
        ) as standby,
    ):
        try:
            said = lambda: log.read_text(encoding="utf-8")  # noqa: E731
            wait_for(lambda: leader.renew(datetime.now(UTC)) and "waiting for its end" in said(), standby)
            server.stop()
            wait_for(lambda: "the state database is away" in said(), standby)
            time.sleep(5)
            server.start()
            assert leader.renew(datetime.now(UTC))
            leader.release()
            wait_for(lambda: (one := held(state)) is not None and f":{standby.pid}:" in one.holder, standby)
            assert said().count("the state database is away") == 1
        finally:
            standby.terminate()
