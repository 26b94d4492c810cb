"""The state database while several processes use it: none takes the log of another away."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tests import postgres

from fengping.errors import Clash
from fengping.home import Home
from fengping.state import State, read_meta, write_meta

PASSING_BY = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
connection.close()
"""


def test_a_row_that_another_process_wrote_first_ends_in_a_sentence(home: Home) -> None:
    with State.open(home).begin() as connection:
        write_meta(connection, "样例", "甲")
    same = text("INSERT INTO meta VALUES ('样例', '乙')")
    said = "Another process wrote the same into the state database"
    with pytest.raises(Clash, match=said), State.open(home).begin() as connection:
        connection.execute(same)
    with pytest.raises(IntegrityError), State.open(home).begin() as connection:
        connection.execute(text("INSERT INTO meta VALUES ('无值', NULL)"))  # a mistake of a program


def test_opening_the_state_again_gives_no_lock_away(home: Home) -> None:
    state = State.open(home)
    with state.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE own (n INTEGER)")
    State.open(home)  # as every request of the console does, while connections are kept
    database = home.var / "state.db"
    subprocess.run([sys.executable, "-c", PASSING_BY, str(database)], check=True)
    # A process that takes itself for the last one deletes the log when it goes.
    assert database.with_name("state.db-wal").exists()
    with state.begin() as connection:
        connection.exec_driver_sql("INSERT INTO own VALUES (1)")
    assert state.url


@pytest.mark.long
def test_two_that_write_the_same_value_at_once_both_write_it(home: Home, postgres_server: str) -> None:
    url = postgres.database(postgres_server)
    (home.root / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
    state = State.open(Home.open(home.root))

    def write(value: str) -> None:
        with state.begin() as connection:
            write_meta(connection, "told", value)

    for value in ("first", "later"):
        with ThreadPoolExecutor(1) as threads:
            with state.begin() as connection:
                write_meta(connection, "told", "meanwhile")
                writing = threads.submit(write, value)
                wait([writing], timeout=1)  # for the one that is at work here
            writing.result()
        with state.begin() as connection:
            assert read_meta(connection, "told") == value
