"""The change log: nothing lost and nothing passed that may come yet, on SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests import postgres

from fengping.home import Home
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.state import State

READER = "reader"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    url = "sqlite:var/state.db"
    if request.param == "postgresql":
        url = postgres.database(request.getfixturevalue("postgres_server"))
    (tmp_path / "fengping.toml").write_text(f'state = "{url}"\n', encoding="utf-8")
    return State.open(Home.open(tmp_path))


def log(state: State, *ids: str, pending: bool = False) -> None:
    with state.begin() as connection:
        changes.add(connection, What.JUDGED, ids, pending=pending)


def finish(state: State) -> None:
    """As the next run of the indexer does for one that died."""
    with state.begin() as connection:
        changes.finish(connection, changes.waiting(connection, What.JUDGED))


def take(state: State, consumer: str = READER) -> list[str]:
    """Documents that a consumer reads, and is done with."""
    reading = changes.read(state, consumer)
    with state.begin() as connection:
        changes.passed(connection, consumer, reading.until)
    return [one.document for one in reading.changes]


def held(state: State) -> int:
    with state.begin() as connection:
        changes.compact(connection)
        return len(connection.execute(select(changes.changes)).all())


def test_a_row_is_read_when_the_document_was_written_and_not_before(state: State) -> None:
    take(state)
    with changes.changing(state, What.JUDGED, ["a"]):
        log(state, "b")
        assert take(state) == ["b"]
    assert (take(state), take(state)) == (["a"], [])


def test_what_a_writer_that_died_had_begun_is_finished_by_the_next(state: State) -> None:
    take(state)
    with suppress(RuntimeError), changes.changing(state, What.JUDGED, ["a", "b"]):
        raise RuntimeError("killed")
    log(state, "c")
    assert take(state) == ["c"]
    finish(state)
    assert take(state) == ["a", "b"]


def test_a_row_added_while_others_are_finished_waits(state: State) -> None:
    take(state)
    log(state, "a", pending=True)
    with state.begin() as connection:
        found = changes.waiting(connection, What.JUDGED)
    log(state, "a", pending=True)
    with state.begin() as connection:
        changes.finish(connection, found)
    assert take(state) == ["a"]
    finish(state)
    assert take(state) == ["a"]


def test_a_number_that_may_yet_be_committed_is_not_passed(state: State) -> None:
    """PostgreSQL gives numbers out when rows are added: the first of these is committed last."""
    if not state.is_shared:
        pytest.skip("SQLite has one writer")
    log(state, "a")
    take(state)
    with ExitStack() as open_yet:
        slow = open_yet.enter_context(state.begin())
        changes.add(slow, What.JUDGED, ["slow"])
        log(state, "b")
        assert take(state) == []
    log(state, "c")
    assert take(state) == ["slow", "b", "c"]


def test_a_number_that_nobody_will_commit_is_passed(state: State) -> None:
    take(state)
    with suppress(RuntimeError), state.begin() as connection:
        changes.add(connection, What.JUDGED, ["a"])
        raise RuntimeError("rolled back")
    log(state, "b")
    assert take(state) == ["b"]


def test_who_dies_amid_a_reading_gets_it_again(state: State) -> None:
    assert changes.read(state, READER).snapshot
    assert changes.read(state, READER).snapshot, "the first was not read to its end"
    take(state)
    log(state, "a")
    first, again = changes.read(state, READER), changes.read(state, READER)
    assert (first.snapshot, first.died, again.died) == (False, False, True)
    assert first.changes == again.changes
    with state.begin() as connection:
        assert changes.unread(connection, READER) is None
    assert take(state) == ["a"]
    with state.begin() as connection:
        assert changes.unread(connection, READER) == []


def test_rows_go_when_all_consumers_have_passed_them(state: State) -> None:
    log(state, "before")
    assert held(state) == 0, "a new consumer begins with a snapshot"
    take(state)
    take(state, "other")
    log(state, "a", "b")
    log(state, "c", pending=True)
    take(state)
    assert held(state) == 3
    changes.read(state, "third")
    take(state, "other")
    assert held(state) == 3, "the third reads what the store holds, and needs what changes meanwhile"
    take(state, "third")
    assert held(state) == 1
    finish(state)
    assert take(state) == take(state, "other") == ["c"]
    take(state, "third")
    assert held(state) == 0
    log(state, "d")
    assert take(state) == ["d"], "a number is given once"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["log", "begin", "finish", "read", "die", "other", "compact"])))
def test_whatever_the_order_each_consumer_gets_each_row(steps: list[str], tmp_path: Path) -> None:
    (tmp_path / "fengping.toml").write_text("", encoding="utf-8")
    state = State.open(Home.open(tmp_path))
    with state.begin() as connection:  # as a new home
        connection.execute(changes.changes.delete())
        connection.execute(changes.offsets.delete())
    got: dict[str, set[str]] = {READER: set(), "other": set()}
    for consumer in got:
        take(state, consumer)
    for number, step in enumerate([*steps, "finish", "read", "other"]):
        match step:
            case "log" | "begin":
                log(state, str(number), pending=step == "begin")
            case "finish":
                finish(state)
            case "die":
                changes.read(state, READER)
            case "compact":
                held(state)
            case _:
                consumer = READER if step == "read" else "other"
                found = take(state, consumer)
                assert not got[consumer].intersection(found)
                got[consumer].update(found)
    made = {str(number) for number, step in enumerate(steps) if step in ("log", "begin")}
    assert got == dict.fromkeys(got, made)
    assert held(state) == 0
