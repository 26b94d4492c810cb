"""A state database that is away, slow or reached by a wrong address: told in time, in the words for it."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from contextlib import ExitStack

import pytest
import redis
from sqlalchemy import text
from tests import postgres
from tests.commands import fengping

from fengping.errors import StoreDown, StoreError
from fengping.home import Home
from fengping.spiders.cluster import connect
from fengping.state import State

AWAY = "postgresql+psycopg://me@127.0.0.1:9/one"
RULE = 'name = "mine"\nkind = "any"\nquery = "query:mine"\n'


def home_with(home: Home, state: str) -> Home:
    home.config_file.write_text(f'state = "{state}"\n', encoding="utf-8")
    return Home.open(home.root)


@pytest.mark.slow
@pytest.mark.long
def test_a_server_or_a_machine_that_is_gone_is_given_up_after_seconds(
    home: Home, postgres_server: str
) -> None:
    url = f"{postgres.database(postgres_server)}?keepalives_idle=7"
    with State.open(home_with(home, url)).begin() as connection:
        made = connection.connection.dbapi_connection
        assert made is not None
        asked = made.info.get_parameters()
        names = ("connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval")
        assert [asked[name] for name in names] == ["10", "20000", "7", "5"]
        for name, value in (("keepalives_idle", "7"), ("keepalives_count", "3"), ("user_timeout", "20000")):
            assert connection.scalar(text(f"SHOW tcp_{name}")) == value


@pytest.mark.slow
@pytest.mark.long
def test_a_servers_patience_is_what_the_address_and_the_environment_say(
    home: Home, postgres_server: str, environ: MutableMapping[str, str]
) -> None:
    environ["PGCONNECT_TIMEOUT"] = "45"
    url = f"{postgres.database(postgres_server)}?tcp_user_timeout=60000&keepalives_interval=9"
    with State.open(home_with(home, url)).begin() as connection:
        made = connection.connection.dbapi_connection
        assert made is not None
        asked = made.info.get_parameters()
        assert asked.get("connect_timeout", "45") == "45" and asked["tcp_user_timeout"] == "60000"
        for name, value in (("user_timeout", "60000"), ("keepalives_interval", "9")):
            assert connection.scalar(text(f"SHOW tcp_{name}")) == value


def test_a_process_whose_connections_all_wait_is_told_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State.open(home)
    monkeypatch.setattr(state.engine.pool, "_timeout", 0.1)
    with ExitStack() as held, pytest.raises(StoreDown, match=r"cannot be opened: all connections .* wait"):
        for _ in range(16):
            held.enter_context(state.begin())


def test_what_a_wrong_address_is_told_as_is_no_full_disk(home: Home) -> None:
    with pytest.raises(StoreDown, match=r"weak sslmode .*Check the path or the server"):
        State.open(home_with(home, f"{AWAY}?sslmode=prefer&sslrootcert=system"))


def test_doctor_makes_its_other_checks_while_the_database_is_away(home: Home) -> None:
    home_with(home, AWAY)
    home.alerts.mkdir(exist_ok=True)
    (home.alerts / "mine.toml").write_text(RULE, encoding="utf-8")
    done = fengping(home, "doctor", "--json")
    assert done.returncode == 1
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert "cannot be opened" in found["files"]["found"] and found["free disk"]["ok"]


def test_a_certificate_that_has_run_out_is_called_so() -> None:
    said = "certificate verify failed: certificate has expired"
    expected = r"certificate of Redis at .* has run out .*Renew it on the server"
    with pytest.raises(StoreError, match=expected) as told:
        raise connect("rediss://127.0.0.1:9/0").explained(redis.ConnectionError(said))
    assert "the file that FENGPING_REDIS_CA names" in str(told.value) and "clock is right" in str(told.value)
