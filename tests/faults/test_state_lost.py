"""A lost state database is named by every command, with what is missing; none begins a new one unasked."""

from __future__ import annotations

import json

import pytest
from tests import postgres
from tests.commands import fengping
from tests.faults.test_journal_damage import NOW, write_segments
from tests.web.conftest import client_of

from fengping.errors import Damaged
from fengping.home import Home
from fengping.services import indexing
from fengping.services.home import doctor, make_home
from fengping.state import State
from fengping.web import serving

LOST = "its corrections, accounts, acknowledgements and audit log are missing"


def lose(home: Home) -> None:
    State.open(home).engine.dispose()  # of this process's connections to the file
    for path in home.var.glob("state.db*"):
        path.unlink()


def test_every_command_says_so_and_only_begin_anew_makes_a_new_one(home: Home) -> None:
    write_segments(home, 1)
    indexing.index(home, NOW)
    lose(home)
    for command in ("index", "status", "serve", "run", "crawl"):
        done = fengping(home, command)
        assert (done.returncode, LOST in done.stderr) == (1, True), f"{command}: {done.stderr}"
        assert "fengping restore" in done.stderr and "--begin-anew" in done.stderr
    found = {one.name: one for one in doctor(home)}["state database"]
    assert not found.ok and LOST in found.found
    with pytest.raises(Damaged, match=LOST):
        serving.bind(home, "127.0.0.1", 0)
    assert "审计记录都不在了" in client_of(home).get("/audit").text
    assert not list(home.var.glob("state.db*"))
    make_home(home)
    done = fengping(home, "index", "--begin-anew", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["lines"] > 0
    assert {one.name: one.ok for one in doctor(home)}["state database"]


@pytest.mark.long
def test_an_empty_database_of_a_server_is_a_lost_one(home: Home, postgres_server: str) -> None:
    for url in (postgres.database(postgres_server) for _ in range(2)):
        home.config_file.write_text(f'state = "{url}"\n', encoding="utf-8")
        home = Home.open(home.root)
        if not (home.var / "state-begun").exists():
            State.open(home)
            State.open(home)
            continue
        with pytest.raises(Damaged, match=LOST):
            State.open(home)
        State.open(home, anew=True)
        State.open(home)


def test_a_home_that_never_had_one_is_indexed(home: Home) -> None:
    make_home(home)
    write_segments(home, 1)
    assert indexing.index(home, NOW).finished


def test_also_where_the_last_version_began_it_or_an_empty_file_stands_there(home: Home) -> None:
    write_segments(home, 1)
    indexing.index(home, NOW)
    (home.var / "state-begun").unlink()
    lose(home)
    (home.var / "state.db").touch()
    with pytest.raises(Damaged, match=LOST):
        State.open(home)
